"""A bound for partitions by centres: prices of cells and of balance, and what they prove.

Each cell pays a price to be in a lot, and each centre charges for what its lot comes to above the
lower limit's worth and below the upper one's. Then every centre takes exactly the cells that gain,
and the centres that gain most are open: the Lagrangian bound of the model of Hess (H. Validi, A.
Buchanan & E. Lykhovyd, Operations Research 70, 2022). Prices climb by the subgradient method.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit

from allocate.core.partition import Bools, Partition
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
    partition: Partition,
    way: Ints,
    open_: Bools,
    goal: float | None,
    start: CentrePrices | None = None,
) -> CentrePrices:
    """Find prices that give nearly the best bound.

    Parameters
    ----------
    partition
        Cells and limits.
    way
        Of each cell to each centre, (n, n).
    open_
        Which pairs of a cell and a centre a plan may have, (n, n): each centre that has any has
        itself, and there are enough of them.
    goal
        What a plan costs; None where none is known.
    start
        Prices to begin with.
    """
    n = partition.cells
    centre, cell = np.nonzero(open_.T)
    steps = int(min(STEPS, 1 + PAIRS // max(1, len(cell))))
    unit = max(1.0, float(partition.size.mean()))
    price = np.sort(way, axis=1)[:, min(n - 1, n // (2 * partition.most))].astype(np.float64)
    balance = np.zeros(n)
    if start is not None:
        price, balance = start.cell.copy(), start.balance * unit
    price, balance, chosen = _climb(
        np.searchsorted(centre, np.arange(n + 1)),
        cell,
        way[cell, centre].astype(np.float64),
        partition.size / unit,
        np.array([partition.lower / unit, partition.upper / unit]),
        partition.least,
        partition.most,
        -np.inf if goal is None else goal,
        steps,
        price,
        balance,
    )
    return CentrePrices(price, balance / unit, chosen)


@njit(cache=True)
def _climb(
    first: Ints,
    cells: Ints,
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
    """Climb to the top of the bound by steps along its slope; pairs stand centre by centre."""
    n = len(size)
    best_cell, best_balance = cell.copy(), balance.copy()
    gain, load = np.zeros(n), np.zeros(n)
    chosen, best_chosen = np.zeros(most, dtype=np.int64), np.zeros(most, dtype=np.int64)
    slope, count, best_count = np.zeros(n), 0, 0
    top, scale, stalled = -np.inf, 1.0, 0
    for _ in range(steps):
        bound = 0.0
        for j in range(n):
            bound += cell[j]
            slope[j] = 1.0
            if first[j] == first[j + 1]:
                gain[j] = np.inf
                continue
            total, amount = 0.0, 0.0
            charge = balance[j]
            for at in range(first[j], first[j + 1]):
                i = cells[at]
                paid = way[at] - cell[i] + charge * size[i]
                if paid < 0 or i == j:
                    total += paid
                    amount += size[i]
            limit = limits[1] if charge > 0 else limits[0]
            gain[j], load[j] = total - charge * limit, amount
        count = 0
        while count < most:
            at = 0
            for j in range(n):
                if gain[j] < gain[at]:
                    at = j
            if gain[at] == np.inf or (count >= least and gain[at] >= 0):
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
        for c in range(count):
            j = chosen[c]
            for at in range(first[j], first[j + 1]):
                i = cells[at]
                if i == j or way[at] - cell[i] + balance[j] * size[i] < 0:
                    slope[i] -= 1
        for i in range(n):
            norm += slope[i] * slope[i]
        for c in range(count):
            norm += _out(load[chosen[c]], balance[chosen[c]], limits) ** 2
        if norm == 0:
            break
        ahead = top + AHEAD * abs(top) + 1 if goal == -np.inf else goal
        step = scale * max(ahead - bound, 1e-4 * abs(top) + 1e-4) / norm
        for i in range(n):
            cell[i] += step * slope[i]
        for c in range(count):
            j = chosen[c]
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


def assignment_bounds(
    partition: Partition, way: Ints, open_: Bools, prices: CentrePrices
) -> Floats:
    """Return what prices prove of each pair of a cell and a centre.

    Parameters
    ----------
    partition, way, open_, prices
        As in ``centre_prices``.

    Returns
    -------
    NDArray
        No plan of open pairs with the cell in the lot of the centre costs less, (n, n), whole
        numbers, infinite where there is none. No plan of open pairs at all costs less than the
        least of them.
    """
    size, charge = partition.size.astype(np.float64), prices.balance
    paid = np.where(open_, way - prices.cell[:, None] + size[:, None] * charge, 0.0)
    own = paid.diagonal().copy()
    limit = np.where(charge > 0, partition.upper, partition.lower)
    taken = np.minimum(paid, 0)
    np.fill_diagonal(taken, own)
    gain = np.where(open_.diagonal(), taken.sum(axis=0) - charge * limit, np.inf)
    order = np.argsort(gain, kind="stable")
    count = int(np.clip((gain < 0).sum(), partition.least, partition.most))
    chosen, last = order[:count], gain[order[count - 1]]
    if last == np.inf:
        return np.full(open_.shape, np.inf)
    least = prices.cell.sum() + gain[chosen].sum()
    instead = gain - max(last, 0.0) if count < partition.most else gain - last
    instead[chosen] = 0.0
    extra = np.maximum(paid, 0)
    np.fill_diagonal(extra, 0.0)
    added = np.abs(prices.cell).sum() + np.abs(paid).sum() + np.abs(charge * limit).sum()
    found = np.ceil(least + instead + extra - ROUNDING * added)
    return np.where(open_, found, np.inf)
