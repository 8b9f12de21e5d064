"""Plans of a partition by simulated annealing: cells on a border change their lot.

A cell moves to a lot that touches it, if what it leaves stays connected. Lots may come to too much
or too little on the way, at a price that rises while no plan is met and falls while one is, so that
the search goes along the limits (strategic oscillation: F. Glover, Decision Sciences 8, 1977;
annealing: S. Kirkpatrick, C. D. Gelatt & M. P. Vecchi, Science 220, 1983).
"""

# ruff: noqa: ANN001, ANN202, NPY002 (loops are compiled, and typed and random as Numba has it)
# mypy: disable-error-code="no-untyped-def"

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numba import njit

from allocate.core.partition import CentreCost, CutCost, Partition, in_order
from allocate.units import Ints

STAGES = 60  # from hot to cold
HOT, COLD = 0.5, 0.01  # temperatures, in what a usual move costs
PRICES = (10.0, 40.0)  # of a lot's whole size out of balance, in what a usual move costs
HARDER, SOFTER = 1.3, 0.9  # what a unit out of balance costs more, or less, after a stage
SWAPS = 0.6  # how often two cells change places
ANYWHERE = 0.3  # how often a cell moves to any lot, where lots need not be connected


@dataclass
class Annealing:
    """Arrays of a partition as loops want them.

    Parameters
    ----------
    partition
        Its cost is by centres or by cuts.
    """

    partition: Partition

    def __post_init__(self) -> None:
        partition = self.partition
        both = np.concatenate([partition.edges, partition.edges[:, ::-1]])
        weight = np.zeros(len(both))
        self.way = np.zeros((0, 0))
        if isinstance(partition.cost, CutCost):
            weight = np.tile(partition.cost.weight, 2).astype(np.float64)
        elif isinstance(partition.cost, CentreCost):
            self.way = partition.cost.way.astype(np.float64)
        order = np.lexsort((both[:, 1], both[:, 0]))
        self.beside, self.weight = both[order, 1], weight[order]
        self.start = np.searchsorted(both[order, 0], np.arange(partition.cells + 1))

    def centres(self, lots: Ints) -> Ints:
        """Best centre of each lot, (lots,); of no meaning where cost is by cuts."""
        count = int(lots.max()) + 1
        found = np.zeros(count, dtype=np.int64)
        if len(self.way):
            for lot in range(count):
                cells = np.flatnonzero(lots == lot)
                found[lot] = cells[self.way[np.ix_(cells, cells)].sum(axis=0).argmin()]
        return found

    def scale(self) -> float:
        """What a usual move costs."""
        if len(self.way):
            usual = min(self.partition.cells - 1, self.partition.cells // self.partition.most)
            return max(1.0, float(np.sort(self.way, axis=1)[:, usual].mean()))
        return max(1.0, float(self.weight.sum()) / max(1, len(self.weight)))


def anneal(
    partition: Partition,
    lots: Ints,
    *,
    steps: int,
    rng: np.random.Generator,
    over: Callable[[], bool],
    met: Callable[[Ints], None] = lambda _: None,
    warmth: float = 1.0,
) -> Ints | None:
    """Look for a good plan from any parting of the cells into connected lots.

    Parameters
    ----------
    partition
        Its cost is by centres or by cuts.
    lots
        Lot of each cell, connected but not necessarily of allowed size, (n,).
    steps
        Moves that are tried at each of the temperatures.
    rng
        Random numbers.
    over
        Asked before each stage; where it says so, the search ends.
    met
        Called with the parting of the cells after each stage, whatever it keeps.
    warmth
        How hot it begins, as a share of what is usual.

    Returns
    -------
    NDArray | None
        The best plan met, (n,).
    """
    loops = Annealing(partition)
    scale = loops.scale()
    mean = float(partition.size.sum()) / (int(lots.max()) + 1)
    price = float(np.exp(rng.uniform(*np.log(PRICES)))) * scale / max(1.0, mean)
    sound = not partition.faults(lots)
    lots, best = lots.copy(), lots.copy()
    best_cost = float(partition.total(lots) or 0) if sound else np.inf
    hot = max(HOT * warmth, COLD)
    for stage in range(STAGES):
        if over():
            break
        heat = scale * hot * (COLD / hot) ** (stage / (STAGES - 1))
        centres = loops.centres(lots)
        cost, kept = _stage(
            *(loops.start, loops.beside, loops.weight, loops.way, partition.size),
            *(partition.lower, partition.upper, partition.contiguous),
            *(lots, centres, best, best_cost, heat, price, steps, int(rng.integers(1 << 31))),
        )
        if cost < best_cost:
            best_cost = float(partition.total(best) or 0)
        met(lots)
        price *= SOFTER if kept > 0.3 else HARDER if kept < 0.05 else 1.0
    return in_order(best) if best_cost < np.inf else None


@njit(cache=True)
def _stage(
    start, beside, weight, way, size, lower, upper, contiguous,
    lots, centres, best, best_cost, heat, price, steps, seed,
):  # fmt: skip
    """Try moves at one temperature; says the best cost and how often all lots were in balance."""
    np.random.seed(seed)
    n, count = len(size), len(centres)
    amount, cells = np.zeros(count, dtype=np.int64), np.zeros(count, dtype=np.int64)
    cost = 0.0
    for v in range(n):
        amount[lots[v]] += size[v]
        cells[lots[v]] += 1
        if len(way):
            cost += way[v, centres[lots[v]]]
        for at in range(start[v], start[v + 1]):
            if lots[beside[at]] != lots[v]:
                cost += weight[at] / 2
    over = 0
    for lot in range(count):
        over += max(0, amount[lot] - upper, lower - amount[lot])
    stamp, queue = np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.int64)
    marks, kept = 0, 0
    for _ in range(steps):
        if over == 0:
            kept += 1
        v = np.random.randint(n)
        own = lots[v]
        degree = start[v + 1] - start[v]
        if not contiguous and (degree == 0 or np.random.random() < ANYWHERE):
            other = np.random.randint(count)
        elif degree > 0:
            other = lots[beside[start[v] + np.random.randint(degree)]]
        else:
            continue
        if other == own or cells[own] == 1 or (len(way) > 0 and centres[own] == v):
            continue
        # One cell moves, or two change places: lots of few large cells stay in balance so.
        w = np.random.randint(n) if np.random.random() < SWAPS else -1
        if w >= 0 and (lots[w] != other or (len(way) > 0 and centres[other] == w)):
            continue
        more = _moved(start, beside, weight, way, centres, lots, v, other)
        s = size[v]
        lots[v] = other
        if w >= 0:
            more += _moved(start, beside, weight, way, centres, lots, w, own)
            s -= size[w]
            lots[w] = own
        before = max(0, amount[own] - upper, lower - amount[own]) + max(
            0, amount[other] - upper, lower - amount[other]
        )
        after = max(0, amount[own] - s - upper, lower - amount[own] + s) + max(
            0, amount[other] + s - upper, lower - amount[other] - s
        )
        change = more + price * (after - before)
        taken = change <= 0 or np.random.random() < np.exp(-change / heat)
        if taken and contiguous:
            marks += 2
            if w >= 0:
                taken = _whole(start, beside, lots, w, cells[own], stamp, queue, marks) and _whole(
                    start, beside, lots, v, cells[other], stamp, queue, marks + 1
                )
            else:
                lots[v] = own
                taken = _stays(start, beside, lots, v, stamp, queue, marks)
                lots[v] = other
        if not taken:
            lots[v] = own
            if w >= 0:
                lots[w] = other
            continue
        amount[own] -= s
        amount[other] += s
        if w < 0:
            cells[own] -= 1
            cells[other] += 1
        cost += more
        over += after - before
        if over == 0 and cost < best_cost - 1e-9:
            best_cost = cost
            best[:] = lots
    return best_cost, kept / steps


@njit(cache=True)
def _moved(start, beside, weight, way, centres, lots, v, other):
    """What a plan costs more if a cell goes to another lot."""
    own = lots[v]
    more = way[v, centres[other]] - way[v, centres[own]] if len(way) else 0.0
    for at in range(start[v], start[v + 1]):
        lot = lots[beside[at]]
        if lot == own:
            more += weight[at]
        elif lot == other:
            more -= weight[at]
    return more


@njit(cache=True)
def _spread(start, beside, lots, v, stamp, queue, mark):
    """Mark the cells of a lot that one hangs together with, past no marked one; count them."""
    stamp[v] = mark
    queue[0] = v
    head, tail = 0, 1
    while head < tail:
        u = queue[head]
        head += 1
        for at in range(start[u], start[u + 1]):
            w = beside[at]
            if lots[w] == lots[v] and stamp[w] != mark:
                stamp[w] = mark
                queue[tail] = w
                tail += 1
    return tail


@njit(cache=True)
def _whole(start, beside, lots, v, count, stamp, queue, mark):
    """Whether the lot of a cell is connected, so many cells in all."""
    return _spread(start, beside, lots, v, stamp, queue, mark) == count


@njit(cache=True)
def _stays(start, beside, lots, v, stamp, queue, mark):
    """Whether the lot of a cell stays connected without it."""
    own = lots[v]
    wanted, first = 0, -1
    for at in range(start[v], start[v + 1]):
        if lots[beside[at]] == own:
            wanted += 1
            first = beside[at]
    if wanted <= 1:
        return wanted == 1
    stamp[v] = mark
    _spread(start, beside, lots, first, stamp, queue, mark)
    for at in range(start[v], start[v + 1]):
        if lots[beside[at]] == own and stamp[beside[at]] != mark:
            return False
    return True
