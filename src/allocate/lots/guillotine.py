"""The best way to cut a box of services into lots, one straight cut after the other.

Every cut parts the authorities, the groups or the services of a box in two. The best way to cut
each box comes from the best of its parts, small boxes first: 10^8 cuts for millions of boxes (two-
dimensional ones: P. C. Gilmore & R. E. Gomory, Operations Research 13, 1965). Most good plans are
made so, but not all plans are.
"""

# ruff: noqa: ANN001, ANN202 (loops are compiled, and typed as Numba has it)
# mypy: disable-error-code="no-untyped-def"

from __future__ import annotations

import numpy as np
from numba import njit

from allocate.units import Floats, Ints

WHOLE, EMPTY = 0, -1  # a box that is a lot itself, and one of no cells
HALVINGS = 12  # of what a lot more costs, until there are as many as may be


def cut_plan(cost: Floats, least: int, most: int) -> Ints:
    """Cut all cells into boxes that cost least.

    Parameters
    ----------
    cost
        Of each box, told by its sets along three axes; infinite where it may be no lot, and not a
        number where it has no cells.
    least, most
        Number of lots.

    Returns
    -------
    NDArray
        Positions of the lots among all boxes, in a row; none where no cuts were found that make
        as many lots as there may be.
    """
    low, high, price = 0.0, np.inf, 0.0
    best, value = np.zeros(0, dtype=np.int64), np.inf
    for _ in range(HALVINGS):
        lots = _lots(cost, _cuts(cost + price))
        count, worth = len(lots), float(cost.ravel()[lots].sum())
        if least <= count <= most and worth < value:
            best, value = lots, worth
        low, high = (price, high) if count > most else (low, price)
        if high == 0 or not np.isfinite(worth):
            break
        price = (low + high) / 2 if np.isfinite(high) else 4 * max(low, worth / count, 1.0)
    return best


def _lots(cost: Floats, cuts: Ints) -> Ints:
    """Follow the cuts from the box of everything."""
    open_ = [tuple(size - 1 for size in cost.shape)]
    found = []
    while open_:
        box = open_.pop()
        cut = int(cuts[box])
        if cut == EMPTY:
            continue
        if cut == WHOLE:
            found.append(int(np.ravel_multi_index(box, cost.shape)))
            continue
        axis, part = divmod(cut - 1, max(cost.shape))
        for piece in (part, box[axis] ^ part):
            open_.append((*box[:axis], piece, *box[axis + 1 :]))
    return np.array(sorted(found), dtype=np.int64)


@njit(cache=True)
def _cuts(cost):
    """The first cut of each box: its axis times the longest, and the part, from one."""
    least = np.zeros(cost.shape)
    cuts = np.zeros(cost.shape, dtype=np.int64)
    wide = max(cost.shape)
    for a in range(1, cost.shape[0]):
        for b in range(1, cost.shape[1]):
            for c in range(1, cost.shape[2]):
                own = cost[a, b, c]
                if np.isnan(own):
                    cuts[a, b, c] = EMPTY
                    continue
                best, cut = own, WHOLE
                # Each pair of parts once: the one with the highest bit names it.
                part = (a - 1) & a
                while part > a ^ part:
                    other = least[part, b, c] + least[a ^ part, b, c]
                    if other < best:
                        best, cut = other, 1 + part
                    part = (part - 1) & a
                part = (b - 1) & b
                while part > b ^ part:
                    other = least[a, part, c] + least[a, b ^ part, c]
                    if other < best:
                        best, cut = other, 1 + wide + part
                    part = (part - 1) & b
                part = (c - 1) & c
                while part > c ^ part:
                    other = least[a, b, part] + least[a, b, c ^ part]
                    if other < best:
                        best, cut = other, 1 + 2 * wide + part
                    part = (part - 1) & c
                least[a, b, c] = best
                cuts[a, b, c] = cut
    return cuts
