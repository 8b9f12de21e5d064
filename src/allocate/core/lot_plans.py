"""All plans that listed lots make: counted, ranked, and the best of them.

The lowest cell that no lot covers yet decides which lots may come next, so that each plan is met
once, its lots in the order of their lowest cells. Plans that cover the same cells are one state:
states and lots form a graph, and plans are its paths (exact cover by dynamic programming).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numba import njit

from allocate.core.connected_lots import (
    ConnectedLots,
    Masks,
    TooMany,
    can_be_shared_out,
    cells_as_bits,
    list_lots,
)
from allocate.core.partition import Partition, in_order
from allocate.units import Ints

NEVER = 1 << 60  # what it costs to end a plan that cannot be ended
MOST_ARCS = 2 * 10**7
AT_ONCE = 10**7  # pairs of a state and a lot that are looked at together


@dataclass(frozen=True)
class Step:
    """From states to states by one lot more.

    Parameters
    ----------
    start
        Where the arcs of each state begin, (states + 1,).
    lot, to
        Lot of each arc, and the state that it leads to, (arcs,).
    """

    start: Ints
    lot: Ints
    to: Ints


@dataclass(frozen=True)
class LotPlans:
    """All plans of listed lots.

    Parameters
    ----------
    lots
        The lots.
    full
        Position of the state that covers all, after each number of lots from nought; -1 where no
        plan has so many.
    steps
        From nought lots to one, and so on.
    counts
        Plans with each number of lots that has any.
    """

    lots: ConnectedLots
    full: tuple[int, ...]
    steps: tuple[Step, ...]
    counts: dict[int, int]

    @property
    def count(self) -> int:
        """Number of plans."""
        return sum(self.counts.values())

    def best(self, cost: Ints, count: int = 1) -> tuple[list[Ints], Ints]:
        """Find the cheapest plans.

        A part of a plan is kept only if few others can end better: at each step it stands for the
        best plan that it leads to, and all these differ.

        Parameters
        ----------
        cost
            Of each lot, whole and never negative, (S,).
        count
            How many plans.

        Returns
        -------
        tuple
            Lots of each plan, positions in the list, and what each costs, cheapest first.
        """
        rest = self._rest(cost)
        plans = np.zeros((1, 0), dtype=np.int64)
        paid, state = np.zeros(1, dtype=np.int64), np.zeros(1, dtype=np.int64)
        ended: list[tuple[int, Ints]] = []
        for at, step in enumerate(self.steps):
            arcs = step.start[state + 1] - step.start[state]
            of = np.repeat(np.arange(len(state)), arcs)
            arc = np.arange(len(of)) - np.repeat(np.cumsum(arcs) - arcs, arcs)
            arc += step.start[state][of]
            paid, state = paid[of] + cost[step.lot[arc]], step.to[arc]
            plans = np.column_stack([plans[of], step.lot[arc]])
            value = paid + rest[at + 1][state]
            kept = value < NEVER
            kept[np.argsort(value, kind="stable")[count:]] = False
            plans, paid, state = plans[kept], paid[kept], state[kept]
            done = state == self.full[at + 1]
            ended += zip(paid[done].tolist(), plans[done], strict=True)
            plans, paid, state = plans[~done], paid[~done], state[~done]
        ended.sort(key=lambda plan: plan[0])
        cheapest = ended[:count]
        return [plan for _, plan in cheapest], np.array([paid for paid, _ in cheapest], np.int64)

    def every(self, most: int = 10**6) -> list[Ints]:
        """List all plans, each the positions of its lots.

        Raises
        ------
        TooMany
            Where there are more than somebody is ready to list.
        """
        if self.count > most:
            raise TooMany(f"there are {self.count:,} plans, more than {most:,}")
        return self.best(np.zeros(len(self.lots.mask), dtype=np.int64), max(1, self.count))[0]

    def rank(self, cost: Ints, value: int) -> int:
        """Say which place a plan of some cost takes among all: 1 where none is cheaper.

        Parameters
        ----------
        cost
            Of each lot, whole and never negative, (S,).
        value
            What the plan costs.
        """
        rest = self._rest(cost)
        offset = np.cumsum([0, *(len(each) for each in rest)])
        starts = [step.start[:-1] for step in self.steps]
        if not starts:
            return 1
        before = np.cumsum([0, *(len(step.lot) for step in self.steps)])
        start = np.concatenate([s + b for s, b in zip(starts, before, strict=False)])
        # States of the last layer have no arcs.
        start = np.append(start, np.full(len(rest[-1]) + 1, before[-1]))
        lot = np.concatenate([step.lot for step in self.steps])
        to = np.concatenate([step.to + b for step, b in zip(self.steps, offset[1:], strict=False)])
        return 1 + int(_cheaper(start, to, cost[lot], np.concatenate(rest), value))

    def cells(self, plan: Ints) -> Ints:
        """Number the lots of a plan in the order of their first cells: lot of each cell, (n,)."""
        n = len(self.lots.start) - 1
        bit = (self.lots.mask[plan][:, None] >> cells_as_bits(n)) & np.uint64(1)
        return in_order(bit.argmax(axis=0))

    def _rest(self, cost: Ints) -> list[Ints]:
        """What it costs at least to end a plan from each state, for each number of lots."""
        if len(cost) and int(cost.max()) * max(1, len(self.steps)) >= NEVER:
            raise ValueError("Costs of lots are too large to add up.")
        layers = [1, *(int(step.to.max(initial=-1)) + 1 for step in self.steps)]
        rest = [np.full(states, NEVER, dtype=np.int64) for states in layers]
        for at in range(len(layers) - 1, -1, -1):
            if self.full[at] >= 0:
                rest[at][self.full[at]] = 0
            if at < len(self.steps):
                step = self.steps[at]
                state = np.repeat(np.arange(layers[at]), np.diff(step.start))
                np.minimum.at(rest[at], state, cost[step.lot] + rest[at + 1][step.to])
        return rest


@njit(cache=True)
def _cheaper(start: Ints, to: Ints, cost: Ints, rest: Ints, value: int) -> int:
    """Count paths that cost less than a value."""
    found = 0
    state = np.zeros(len(rest) + 1, dtype=np.int64)
    arc = np.zeros(len(rest) + 1, dtype=np.int64)
    paid = np.zeros(len(rest) + 1, dtype=np.int64)
    arc[0] = start[0]
    depth = 0 if rest[0] < value else -1
    while depth >= 0:
        here = state[depth]
        if arc[depth] == start[here + 1]:
            depth -= 1
            continue
        at = arc[depth]
        arc[depth] += 1
        now = paid[depth] + cost[at]
        there = to[at]
        if now + rest[there] >= value:
            continue
        if start[there] == start[there + 1]:
            found += 1
        else:
            depth += 1
            state[depth], arc[depth], paid[depth] = there, start[there], now
    return found


def plans_of(partition: Partition, lots: ConnectedLots) -> LotPlans:
    """Find all plans of listed lots, and count them.

    Parameters
    ----------
    partition
        Cells and limits.
    lots
        Some or all of its lots.

    Raises
    ------
    TooMany
        Where parts of plans are too many to hold.
    """
    whole = (np.uint64(1) << np.uint64(partition.cells)) - np.uint64(1)
    state = np.zeros(1, dtype=np.uint64)
    ways = np.ones(1, dtype=object)  # whole numbers of any length
    full, steps, counts, held = [-1], [], {}, 0
    for number in range(1, partition.most + 1):
        of, lot, reached = _arcs(state, lots)
        held += len(of)
        if held > MOST_ARCS:
            raise TooMany(f"there are more than {MOST_ARCS:,} parts of plans")
        met, to = np.unique(reached, return_inverse=True)
        keep = can_be_shared_out(partition, met, number)
        place = np.cumsum(keep) - 1
        ok = keep[to]
        of, lot, to, met = of[ok], lot[ok], place[to[ok]], met[keep]
        steps.append(Step(np.searchsorted(of, np.arange(len(state) + 1)), lot, to))
        came = np.zeros(len(met), dtype=object)
        np.add.at(came, to, ways[of])
        state, ways = met, came
        at = np.flatnonzero(state == whole)
        full.append(int(at[0]) if len(at) else -1)
        if len(at):
            counts[number] = int(ways[at[0]])
        if not len(state):
            break
    return LotPlans(lots, tuple(full), tuple(steps), counts)


def _arcs(state: Masks, lots: ConnectedLots) -> tuple[Ints, Ints, Masks]:
    """All ways to add a lot: from which state, by which lot, what is covered then."""
    lowest = np.log2(((~state) & (state + np.uint64(1))).astype(np.float64)).astype(np.int64)
    found: list[tuple[Ints, Ints, Masks]] = []
    for cell in np.unique(lowest[lowest < len(lots.start) - 1]):
        own = np.flatnonzero(lowest == cell)
        first, last = lots.start[cell], lots.start[cell + 1]
        mask = lots.mask[first:last]
        for some in np.array_split(own, 1 + len(own) * len(mask) // AT_ONCE):
            i, j = np.nonzero((state[some][:, None] & mask) == 0)
            found.append((some[i], first + j, state[some[i]] | mask[j]))
    of, lot, reached = (
        np.concatenate([part[i] for part in found] or [np.zeros(0, dtype)])
        for i, dtype in enumerate((np.int64, np.int64, np.uint64))
    )
    order = np.argsort(of, kind="stable")
    return of[order].astype(np.int64), lot[order].astype(np.int64), reached[order]


def tightest(partition: Partition) -> int | None:
    """Say by how much both limits of size have to give at least, for any plan to exist.

    Parameters
    ----------
    partition
        Of at most 63 cells.

    Returns
    -------
    int | None
        Steps of size: the lower limit goes down by so much and the upper one up; None where no
        plan exists however wide they are.
    """
    wide = max(1, (partition.upper - partition.lower) // 2)
    while True:
        eased = eased_by(partition, wide)
        lots = list_lots(eased)
        if plans_of(eased, lots).count:
            break
        if eased.lower <= 0 and eased.upper >= int(partition.size.sum()):
            return None
        wide *= 2
    short = np.maximum(partition.lower - lots.size, lots.size - partition.upper)
    needs = np.unique(np.maximum(short, 0))
    low, high = 0, len(needs) - 1
    while low < high:
        middle = (low + high) // 2
        limit = int(needs[middle])
        some = plans_of(eased_by(partition, limit), lots.chosen(short <= limit))
        low, high = (low, middle) if some.count else (middle + 1, high)
    return int(needs[low])


def eased_by(partition: Partition, by: int) -> Partition:
    """Return the same partition with both limits of size eased."""
    return replace(partition, lower=max(0, partition.lower - by), upper=partition.upper + by)
