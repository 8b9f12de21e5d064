"""A bound for partitions by centres: prices of cells and of balance, and what they prove.

Each cell pays a price to be in a lot, and each centre charges for what its lot comes to above the
lower limit's worth and below the upper one's. Then every centre takes exactly the cells that gain,
and the centres that gain most are open: the Lagrangian bound of the model of Hess (H. Validi, A.
Buchanan & E. Lykhovyd, Operations Research 70, 2022). Prices climb by the subgradient method.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import floor

import numpy as np
from numba import njit

from allocate.core.partition import Partition
from allocate.units import Floats, Ints

PATIENCE, SHRINK, LEAST = 40, 0.85, 1e-3
PAIRS = 3 * 10**9  # that all steps may look at: some seconds
STEPS = 4000
AHEAD = 0.05  # of the bound: how far off a plan is thought to be where none is known
ROUNDING = 1e-11  # of all that is added up, more than rounding of floats can come to


@dataclass(frozen=True)
class CentrePrices:
    """Prices that prove a bound.

    Parameters
    ----------
    cell
        What each cell pays to be in a lot, (n,).
    balance
        What each centre charges for a unit of size, less what it pays for one, (n,).
    centres
        Centres that the best bound came from, best first.
    """

    cell: Floats
    balance: Floats
    centres: Ints


def centre_prices(
    partition: Partition, way: Ints, goal: float | None, start: CentrePrices | None = None
) -> CentrePrices:
    """Find prices that give nearly the best bound.

    Parameters
    ----------
    partition
        Cells and limits.
    way
        Of each cell to each centre, (n, n).
    goal
        What a plan costs; None where none is known.
    start
        Prices to begin with.
    """
    n = partition.cells
    steps = int(min(STEPS, 1 + PAIRS // max(1, n * n)))
    unit = max(1.0, float(partition.size.mean()))
    cell = np.sort(way, axis=1)[:, min(n - 1, n // (2 * partition.most))].astype(np.float64)
    balance = np.zeros(n)
    if start is not None:
        cell, balance = start.cell.copy(), start.balance * unit
    cell, balance, chosen = _climb(
        np.ascontiguousarray(way.T).astype(np.float64),
        partition.size / unit,
        np.array([partition.lower / unit, partition.upper / unit]),
        *(partition.least, partition.most, -np.inf if goal is None else goal, steps),
        *(cell, balance),
    )
    return CentrePrices(cell, balance / unit, chosen)


@njit(cache=True)
def _climb(
    way: Floats,
    size: Floats,
    limits: Floats,
    least: int,
    most: int,
    goal: float,
    steps: int,
    cell: Floats,
    balance: Floats,
) -> tuple[Floats, Floats, Ints]:
    """Climb to the top of the bound by steps along its slope; ``way`` centre by centre."""
    n = len(size)
    best_cell, best_balance = cell.copy(), balance.copy()
    gain, load = np.zeros(n), np.zeros(n)
    chosen, best_chosen = np.zeros(most, dtype=np.int64), np.zeros(most, dtype=np.int64)
    slope, count, best_count = np.zeros(n), 0, 0
    top, scale, stalled = -np.inf, 1.0, 0
    for _ in range(steps):
        bound = 0.0
        for j in range(n):
            total, amount = 0.0, 0.0
            charge = balance[j]
            for i in range(n):
                paid = way[j, i] - cell[i] + charge * size[i]
                if paid < 0 or i == j:
                    total += paid
                    amount += size[i]
            limit = limits[1] if charge > 0 else limits[0]
            gain[j], load[j] = total - charge * limit, amount
            bound += cell[j]
            slope[j] = 1.0
        count = 0
        while count < most:
            at = 0
            for j in range(n):
                if gain[j] < gain[at]:
                    at = j
            if count >= least and gain[at] >= 0:
                break
            bound += gain[at]
            gain[at] = np.inf
            chosen[count] = at
            count += 1
        stalled = 0 if bound > top + 1e-6 * abs(top) else stalled + 1
        if bound > top:
            top, best_count = bound, count
            best_cell[:] = cell
            best_balance[:] = balance
            best_chosen[:] = chosen
        if stalled == PATIENCE:
            scale, stalled = scale * SHRINK, 0
            cell[:] = best_cell
            balance[:] = best_balance
            if scale < LEAST:
                break
            continue
        norm = 0.0
        for at in range(count):
            j = chosen[at]
            for i in range(n):
                if i == j or way[j, i] - cell[i] + balance[j] * size[i] < 0:
                    slope[i] -= 1
        for i in range(n):
            norm += slope[i] * slope[i]
        for at in range(count):
            norm += _out(load[chosen[at]], balance[chosen[at]], limits) ** 2
        if norm == 0:
            break
        ahead = top + AHEAD * abs(top) + 1 if goal == -np.inf else goal
        step = scale * max(ahead - bound, 1e-4 * abs(top) + 1e-4) / norm
        for i in range(n):
            cell[i] += step * slope[i]
        for at in range(count):
            j = chosen[at]
            out = _out(load[j], balance[j], limits)
            moved = balance[j] + step * out
            # Each limit has a price of its own; a step may not lead from one beyond the other.
            balance[j] = 0.0 if moved * balance[j] < 0 else moved
    return best_cell, best_balance, best_chosen[:best_count]


@njit(cache=True)
def _out(load: float, charge: float, limits: Floats) -> float:
    """How far a load lies beyond the limit that is charged for."""
    if charge > 0:
        return load - limits[1]
    if charge < 0:
        return load - limits[0]
    return max(0.0, load - limits[1]) - max(0.0, limits[0] - load)


def assignment_bounds(partition: Partition, way: Ints, prices: CentrePrices) -> Floats:
    """Return what prices prove of each pair of a cell and a centre.

    Parameters
    ----------
    partition, way, prices
        As in ``centre_prices``.

    Returns
    -------
    NDArray
        No plan with the cell in the lot of the centre costs less, (n, n), whole numbers. No plan
        at all costs less than the least of them.
    """
    size, charge = partition.size.astype(np.float64), prices.balance
    paid = way - prices.cell[:, None] + size[:, None] * charge
    own = paid.diagonal().copy()
    limit = np.where(charge > 0, partition.upper, partition.lower)
    taken = np.minimum(paid, 0)
    np.fill_diagonal(taken, own)
    gain = taken.sum(axis=0) - charge * limit
    order = np.argsort(gain, kind="stable")
    count = int(np.clip((gain < 0).sum(), partition.least, partition.most))
    chosen, last = order[:count], gain[order[count - 1]]
    least = prices.cell.sum() + gain[chosen].sum()
    instead = gain - max(last, 0.0) if count < partition.most else gain - last
    instead[chosen] = 0.0
    extra = np.maximum(paid, 0)
    np.fill_diagonal(extra, 0.0)
    added = np.abs(prices.cell).sum() + np.abs(paid).sum() + np.abs(charge * limit).sum()
    found = least + instead + extra - ROUNDING * added
    return np.ceil(found)


def proven(bounds: Floats) -> int:
    """Return what no plan goes below."""
    return floor(bounds.min())
