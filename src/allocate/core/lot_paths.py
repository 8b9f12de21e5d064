"""Lots that gain most at prices of cells, by dynamic programming over the diagram of all lots.

Sizes are counted in steps, rounded, within limits as much wider as rounding can be wrong: so what
is left of a path costs no more than the table says, which is what a bound needs (state space
relaxation: N. Christofides, A. Mingozzi & P. Toth, Networks 11, 1981). Paths are then followed with
their true sizes, and the table says which can still gain.
"""

# ruff: noqa: ANN001, ANN202 (loops are compiled, and typed as Numba has it)
# mypy: disable-error-code="no-untyped-def"

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor

import numpy as np
from numba import njit

from allocate.core.lot_diagram import LotDiagram
from allocate.core.partition import Bools, Partition
from allocate.units import Floats, Ints

ENTRIES = 6 * 10**7  # of the table
STEPS = 20000  # of a lot's size at most, about
LENGTHS = 400  # of steps that are tried
ROUNDING = 2.0**-24  # what a number of the table is wrong by at most, relatively


@dataclass(frozen=True)
class Steps:
    """Sizes counted in steps.

    Parameters
    ----------
    size
        Of each cell, (n,).
    lower, upper
        Between which every lot of allowed size comes to.
    """

    size: Ints
    lower: int
    upper: int


def in_steps(size: Ints, lower: int, upper: int, count: int) -> Steps:
    """Count sizes in steps, about so many in a lot; of several lengths the one least wrong."""
    if upper <= count:
        return Steps(size, max(0, lower), upper)
    best: tuple[float, Steps] | None = None
    for step in np.linspace(upper / count, 1.1 * upper / count, LENGTHS):
        counted = np.rint(size / step).astype(np.int64)
        wrong = size - counted * step
        # Limits of the steps, each safe against floats by a thousandth of one.
        low = max(0, ceil((lower - _most(wrong, size, upper)) / step - 1e-3))
        high = floor((upper + _most(-wrong, size, upper)) / step + 1e-3)
        room = (high - low) * step
        if best is None or room < best[0]:
            best = room, Steps(counted, low, high)
    assert best is not None
    return best[1]


def _most(wrong: Floats, size: Ints, upper: int) -> float:
    """What rounding can come to at most in cells of so large a lot: parts of cells count."""
    gains = np.flatnonzero(wrong > 0)
    order = gains[np.argsort(size[gains] / wrong[gains])]
    before = np.cumsum(size[order]) - size[order]
    share = np.clip((upper - before) / np.maximum(1, size[order]), 0, 1)
    return float(wrong[order] @ share)


@dataclass
class LotPaths:
    """The lots of a partition, as paths.

    Parameters
    ----------
    partition
        Sizes and their limits.
    diagram
        Its states.
    """

    partition: Partition
    diagram: LotDiagram

    def __post_init__(self) -> None:
        sizes = self.partition.size
        count = max(1, min(STEPS, ENTRIES // len(self.diagram.out)))
        self._steps = in_steps(sizes, self.partition.lower, self.partition.upper, count)
        self._table = np.zeros((0, 0), dtype=np.float32)

    def least(self, price: Floats, cut: Floats, joined: Floats) -> float:
        """Bound what a lot costs less its prices, and keep what is needed to list lots.

        Parameters
        ----------
        price
            Of each cell, (n,).
        cut, joined
            What a pair of cells costs where one is in the lot, or both are, (P,); ``inf`` where
            that must not be.

        Returns
        -------
        float
            The bound, ``inf`` where there is no lot.
        """
        diagram, steps = self.diagram, self._steps
        if not len(self._table):
            self._table = np.zeros((len(diagram.out), steps.upper + 1), dtype=np.float32)
        self._asked = price[diagram.order], cut, joined
        _fill(
            *(diagram.first, diagram.out, diagram.into, diagram.inside, diagram.ends),
            *(diagram.start, diagram.place, diagram.pair, steps.size[diagram.order]),
            *(steps.lower, *self._asked, self._table),
        )
        finite = sum(float(np.abs(each[np.isfinite(each)]).sum()) for each in self._asked)
        self._wrong = 2 * len(price) * ROUNDING * finite
        return float(self._table[0, 0]) - self._wrong

    def below(self, value: float, each: int, most: int, looked: int) -> tuple[Bools, bool]:
        """List lots that cost less their prices at most a value, after ``least``.

        Parameters
        ----------
        value
            The value.
        each
            Lots at most that begin with the same cell.
        most
            Lots at most.
        looked
            States that are looked at, at most.

        Returns
        -------
        tuple
            Lots, (S, n), and whether they are all.
        """
        diagram, partition, steps = self.diagram, self.partition, self._steps
        found, whole = _follow(
            *(diagram.first, diagram.out, diagram.into, diagram.inside, diagram.ends),
            *(diagram.start, diagram.place, diagram.pair, steps.size[diagram.order]),
            *(partition.size[diagram.order], partition.lower, partition.upper),
            *(*self._asked, self._table, self._wrong, value, each, most, looked),
        )
        member = np.zeros(found.shape, dtype=np.bool_)
        member[:, diagram.order] = found
        return member, bool(whole)


@njit(cache=True)
def _step_costs(t, state, inside, start, place, pair, cut, joined):
    """What pairs with the cell that comes t-th cost where it is not in the lot, and where it is."""
    without, within = 0.0, 0.0
    for at in range(start[t], start[t + 1]):
        if inside[state] >> place[at] & 1:
            without += cut[pair[at]]
            within += joined[pair[at]]
        else:
            within += cut[pair[at]]
    return without, within


@njit(cache=True)
def _fill(
    first, out, into, inside, ends, start, place, pair, size, lower, price, cut, joined, table
):
    """Fill the table: of each state, and what it has come to, the least that the rest costs."""
    n, width = len(size), table.shape[1]
    for state in range(first[n], first[n + 1]):
        for b in range(width):
            table[state, b] = 0.0 if ends[state] and b >= lower else np.inf
    for t in range(n - 1, -1, -1):
        s = size[t]
        for state in range(first[t], first[t + 1]):
            without, within = _step_costs(t, state, inside, start, place, pair, cut, joined)
            row = table[state]
            if out[state] >= 0 and without < np.inf:
                other = table[out[state]]
                add = np.float32(without)
                for b in range(width):
                    row[b] = other[b] + add
            else:
                for b in range(width):
                    row[b] = np.inf
            if into[state] >= 0 and within < np.inf:
                other = table[into[state]]
                add = np.float32(within - price[t])
                for b in range(width - s):
                    row[b] = min(row[b], other[b + s] + add)


@njit(cache=True)
def _follow(
    first, out, into, inside, ends, start, place, pair, size, true_size, lower, upper,
    price, cut, joined, table, wrong, value, each, most, limit,
):  # fmt: skip
    """Follow paths that can still cost so little, depth first; returns lots, cells as they come."""
    n, width = len(size), table.shape[1]
    found = np.zeros((min(most, 1024), n), dtype=np.bool_)
    count, whole = 0, True
    lot = np.zeros(n, dtype=np.bool_)
    state, tried = np.zeros(n + 1, dtype=np.int64), np.zeros(n + 1, dtype=np.int64)
    steps, amount = np.zeros(n + 1, dtype=np.int64), np.zeros(n + 1, dtype=np.int64)
    cost = np.zeros(n + 1)
    begun, of_one = -1, 0  # the first cell of the lot, and lots that begin with it
    t, looked = 0, 0
    while t >= 0:
        looked += 1
        if looked > limit:
            return found[:count], False
        if t == n:
            if lower <= amount[n] <= upper and ends[state[n]] and cost[n] <= value:
                if count == most:
                    return found[:count], False
                if count == len(found):
                    larger = np.zeros((min(most, 2 * count), n), dtype=np.bool_)
                    larger[:count] = found
                    found = larger
                found[count] = lot
                count += 1
                of_one += 1
            t -= 1
            continue
        if t > begun >= 0 and of_one >= each:
            whole = False
            t = begun
        if tried[t] == 2:
            if t == begun:
                begun = -1
            lot[t] = False
            tried[t] = 0
            t -= 1
            continue
        here = state[t]
        # The cell is tried in the lot first: lots begin with early cells before late ones.
        taken = tried[t] == 0
        tried[t] += 1
        without, within = _step_costs(t, here, inside, start, place, pair, cut, joined)
        to = into[here] if taken else out[here]
        if not taken and t == begun:
            begun = -1
        lot[t] = False
        if to < 0:
            continue
        then_steps = steps[t] + (size[t] if taken else 0)
        then_amount = amount[t] + (true_size[t] if taken else 0)
        then_cost = cost[t] + (within - price[t] if taken else without)
        if then_steps >= width or then_amount > upper:
            continue
        if then_cost + table[to, then_steps] > value + wrong:
            continue
        if taken and begun < 0:
            begun, of_one = t, 0
        lot[t] = taken
        state[t + 1], steps[t + 1] = to, then_steps
        amount[t + 1], cost[t + 1] = then_amount, then_cost
        tried[t + 1] = 0
        t += 1
    return found[:count], whole
