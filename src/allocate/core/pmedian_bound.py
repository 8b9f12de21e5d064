"""A bound for the capacitated p-median problem: a price for each point, and what prices prove.

Let each point pay a price to be served. Then each median serves whom it gains most by within its
capacity, which is a knapsack, and the p medians that gain most are open: the Lagrangian bound
(J. M. Mulvey & M. P. Beck, European Journal of Operational Research 18, 1984). It is that of
choosing from all clusters there are. Prices climb by the subgradient method (B. T. Polyak, 1969).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from allocate.units import Floats, Ints, ceil_div

Bools = NDArray[np.bool_]

STEPS, PATIENCE, SHRINK, LEAST = 4000, 30, 0.8, 1e-3
WORK = 10**10  # cells of knapsacks that all steps may look at: some ten seconds
DIGITS = 16  # binary digits of a price behind the point
NEVER = 1 << 60
AHEAD = 0.03  # of the bound: how far off a plan is thought to be where none is known


@dataclass(frozen=True)
class PointPrices:
    """Prices of points, and what they prove.

    Parameters
    ----------
    price
        Of each point in steps of cost, (n,).
    medians
        Different sets of medians that bounds came from, the best first, each (p,).
    """

    price: Floats
    medians: list[Ints]


def point_prices(
    cost: Ints, demand: Ints, capacity: int, medians: int, goal: float | None = None
) -> PointPrices:
    """Find prices that give nearly the best bound.

    Parameters
    ----------
    cost
        Of serving each point from each median, (n, n).
    demand
        Of each point, at most the capacity, (n,).
    capacity, medians
        Demand that a median serves, and how many medians there are.
    goal
        What a plan costs; None where none is known.
    """
    steps = int(min(STEPS, 1 + WORK // max(1, cost.size * capacity)))
    first = np.sort(cost, axis=1)[:, min(1, len(cost) - 1)].astype(np.float64)
    price, sets, used = _climb(
        cost, demand, capacity, medians, -1.0 if goal is None else float(goal), steps, first
    )
    different = dict.fromkeys(tuple(sorted(chosen)) for chosen in sets[:used][::-1].tolist())
    return PointPrices(price, [np.array(chosen) for chosen in different])


@njit(cache=True)
def _gain(value: Floats, demand: Ints, room: int, own: int, taken: Bools, best: Floats) -> float:
    """Fill a knapsack with the points that are worth most, apart from one.

    ``taken`` is who is taken with what room, (n, capacity + 1); ``best`` is space, (capacity + 1,).
    """
    for left in range(room + 1):
        best[left] = 0.0
    for i in range(len(value)):
        wanted = i != own and value[i] > 0
        for left in range(room, -1, -1):
            taken[i, left] = False
            if wanted and left >= demand[i]:
                with_it = best[left - demand[i]] + value[i]
                if with_it > best[left]:
                    best[left] = with_it
                    taken[i, left] = True
    return best[room]


@njit(cache=True)
def _climb(
    cost: Ints, demand: Ints, capacity: int, medians: int, goal: float, steps: int, first: Floats
) -> tuple[Floats, Ints, int]:
    """Climb to the top of the bound by steps along its slope."""
    n = len(demand)
    price, best = first.copy(), first.copy()
    gain, value, slope = np.zeros(n), np.zeros(n), np.zeros(n)
    taken, space = np.zeros((n, n, capacity + 1), dtype=np.bool_), np.zeros(capacity + 1)
    sets = np.zeros((steps + 1, medians), dtype=np.int64)
    used = 0
    top, scale, stalled = -np.inf, 1.0, 0
    for _ in range(steps):
        bound = 0.0
        for j in range(n):
            for i in range(n):
                value[i] = price[i] - cost[i, j]
            room = capacity - demand[j]
            gain[j] = value[j] + _gain(value, demand, room, j, taken[j], space)
            bound += price[j]
            slope[j] = 1.0
        for k in range(medians):
            most = 0
            for j in range(n):
                if gain[j] > gain[most]:
                    most = j
            bound -= gain[most]
            gain[most] = -np.inf
            sets[used, k] = most
            slope[most] -= 1
            left = capacity - demand[most]
            for i in range(n - 1, -1, -1):
                if taken[most, i, left]:
                    slope[i] -= 1
                    left -= demand[i]
        stalled = 0 if bound > top + 1e-6 * abs(top) else stalled + 1
        if bound > top:
            top = bound
            best[:] = price
            used += 1
        if stalled == PATIENCE:
            scale, stalled = scale * SHRINK, 0
            price[:] = best
            if scale < LEAST:
                break
            continue
        norm = 0.0
        for i in range(n):
            norm += slope[i] * slope[i]
        if norm == 0:
            break
        ahead = goal if goal >= 0 else top + AHEAD * abs(top) + 1
        step = scale * max(ahead - bound, 1e-4 * abs(top) + 1e-4) / norm
        for i in range(n):
            price[i] += step * slope[i]
    return best, sets, used


def point_bounds(cost: Ints, demand: Ints, capacity: int, medians: int, price: Floats) -> Ints:
    """Return what prices prove of each pair of a point and a median, in whole numbers alone.

    Parameters
    ----------
    cost, demand, capacity, medians
        As in ``point_prices``.
    price
        Of each point, (n,).

    Returns
    -------
    Ints
        No plan that serves the point from the median costs less, (n, n); a very large number
        where the two do not fit. No plan at all costs less than the least of them.
    """
    scale = 1 << DIGITS
    whole = np.rint(price * scale).astype(np.int64)
    with_pair = _with_pairs(cost * scale - whole[:, None], demand, capacity)
    alone = with_pair.diagonal()  # a median serves itself: no more than that is asked
    order = np.argsort(alone, kind="stable")
    chosen, last = order[:medians], order[medians - 1]
    least = int(whole.sum() + alone[chosen].sum())
    # A median that is not among the best takes the place of the last of them.
    instead = np.full(len(demand), -int(alone[last]), dtype=np.int64)
    instead[chosen] = -alone[chosen]
    found = ceil_div(least + with_pair + instead, scale)
    found[with_pair >= NEVER] = NEVER
    return found


@njit(cache=True)
def _with_pairs(reduced: Ints, demand: Ints, capacity: int) -> Ints:
    """What each median comes to at least that serves a point, (n, n): two knapsacks side by side.

    One of the points before it, one of those after it.
    """
    n = len(demand)
    found = np.full((n, n), NEVER, dtype=np.int64)
    before = np.zeros((n + 1, capacity + 1), dtype=np.int64)
    after = np.zeros(capacity + 1, dtype=np.int64)
    for j in range(n):
        room = capacity - demand[j]
        if room < 0:
            continue
        for i in range(n):
            wanted = i != j and reduced[i, j] < 0
            for left in range(room + 1):
                before[i + 1, left] = before[i, left]
                if wanted and left >= demand[i]:
                    with_it = before[i, left - demand[i]] + reduced[i, j]
                    before[i + 1, left] = min(before[i, left], with_it)
        found[j, j] = before[n, room] + reduced[j, j]
        for left in range(room + 1):
            after[left] = 0
        for i in range(n - 1, -1, -1):
            if i == j:
                continue
            if demand[i] <= room:
                least = NEVER
                for left in range(room - demand[i] + 1):
                    least = min(least, before[i, left] + after[room - demand[i] - left])
                found[i, j] = least + reduced[i, j] + reduced[j, j]
            if reduced[i, j] < 0:
                for left in range(room, demand[i] - 1, -1):
                    after[left] = min(after[left], after[left - demand[i]] + reduced[i, j])
    return found
