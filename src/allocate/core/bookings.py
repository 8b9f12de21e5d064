"""What the first stage of a two-stage program can book one by one, and what that leads to.

A booking is an amount, most often with a switch that is on where the amount is above nought. Both
are found from the rows: ``amount <= most x switch``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from allocate.core.program import Flat
from allocate.core.recourse_parts import Part
from allocate.core.two_stage import TwoStage
from allocate.units import Floats, Ints

Halves = NDArray[np.float32]
NONE = -1  # in place of a column or of a booking


@dataclass(frozen=True)
class Bookings:
    """Amounts that can be changed one by one, (K,), and the rows that bind them.

    Parameters
    ----------
    amount, switch
        Columns; a booking without a switch has its amount's column again.
    has_switch
        Whether it has one.
    most
        Largest amounts.
    part
        The only part of the recourse that a booking matters to.
    start, row, at_amount, at_switch
        Rows that each booking is in, booking by booking from ``start`` on, and the coefficients of
        its two columns there.
    low, high
        Bounds of all rows.
    """

    amount: Ints
    switch: Ints
    has_switch: NDArray[np.bool_]
    most: Ints
    part: Ints
    start: Ints
    row: Ints
    at_amount: Ints
    at_switch: Ints
    low: Ints
    high: Ints


def bookings_of(two_stage: TwoStage, parts: list[Part]) -> Bookings:
    """Find what can be booked one by one: what matters to one part of the recourse alone.

    Parameters
    ----------
    two_stage
        The program.
    parts
        Its recourse taken apart.
    """
    flat = two_stage.first.flat()
    switch = _switches(flat)
    touched = np.zeros((len(parts), two_stage.first.size), dtype=bool)
    for p, part in enumerate(parts):
        for booked in part.program.booked:
            touched[p, booked.indices] = True
    reached = touched.copy()
    has = switch != NONE
    reached[:, has] |= touched[:, switch[has]]
    is_switch = np.isin(np.arange(len(switch)), switch)
    free = flat.whole & (flat.lower == 0) & (flat.upper > 0) & ~is_switch
    amount = np.flatnonzero(free & (reached.sum(axis=0) == 1))
    columns, start, row, of_amount, of_switch = flat.matrix.tocsc(), [0], [], [], []
    for a, b in zip(amount.tolist(), switch[amount].tolist(), strict=True):
        coef: dict[int, list[int]] = {}
        for at, column in enumerate((a, b)):
            if column != NONE:
                inside = slice(columns.indptr[column], columns.indptr[column + 1])
                for r, c in zip(columns.indices[inside], columns.data[inside], strict=True):
                    coef.setdefault(int(r), [0, 0])[at] = int(c)
        row += list(coef)
        of_amount += [pair[0] for pair in coef.values()]
        of_switch += [pair[1] for pair in coef.values()]
        start.append(len(row))
    return Bookings(
        amount=amount,
        switch=np.where(switch[amount] == NONE, amount, switch[amount]),
        has_switch=switch[amount] != NONE,
        most=flat.upper[amount],
        part=reached[:, amount].argmax(axis=0),
        start=np.array(start),
        row=np.array(row, dtype=np.int64),
        at_amount=np.array(of_amount, dtype=np.int64),
        at_switch=np.array(of_switch, dtype=np.int64),
        low=flat.low,
        high=flat.high,
    )


def _switches(flat: Flat) -> Ints:
    """The switch of each column, (N,): on wherever the column is above nought."""
    rows, found = flat.matrix.tocsr(), np.full(len(flat.upper), NONE)
    for r in np.flatnonzero((np.diff(rows.indptr) == 2) & (flat.high == 0)):
        inside = slice(rows.indptr[r], rows.indptr[r + 1])
        (a, b), (x, y) = rows.indices[inside], rows.data[inside]
        if x < 0 < y:
            a, b, x, y = b, a, y, x
        if x > 0 > y and flat.upper[b] == 1 and found[a] == NONE:
            found[a] = b
    return found


@njit(cache=True)
def holds(
    changes: Ints,
    sums: Ints,
    start: Ints,
    row: Ints,
    at_amount: Ints,
    at_switch: Ints,
    low: Ints,
    high: Ints,
) -> Ints:
    """Say which changes of one or two bookings keep every row.

    Parameters
    ----------
    changes
        A booking, by how much its amount changes, and its switch; and the same of a second one, or
        ``NONE``: (changes, 6).
    sums
        What the rows come to now.
    start, row, at_amount, at_switch, low, high
        As in ``Bookings``.

    Returns
    -------
    Ints
        1 where every row holds, else 0, (changes,).
    """
    kept = np.ones(len(changes), dtype=np.int64)
    now = sums.copy()
    for m in range(len(changes)):
        for k, more, on in (changes[m, :3], changes[m, 3:]):
            if k >= 0:
                for e in range(start[k], start[k + 1]):
                    now[row[e]] += at_amount[e] * more + at_switch[e] * on
        for k in (changes[m, 0], changes[m, 3]):
            if k >= 0:
                for e in range(start[k], start[k + 1]):
                    if now[row[e]] < low[row[e]] or now[row[e]] > high[row[e]]:
                        kept[m] = 0
        for k in (changes[m, 0], changes[m, 3]):
            if k >= 0:
                for e in range(start[k], start[k + 1]):
                    now[row[e]] = sums[row[e]]
    return kept


@njit(cache=True)
def worth(
    changes: Ints, bound: Floats, by_amount: Halves, by_switch: Halves, count: Floats
) -> Floats:
    """Bound the recourse after changes of one or two bookings of a part.

    Parameters
    ----------
    changes
        As in ``holds``; bookings by position in the part.
    bound
        What each of some vectors bounds each sample by now, (samples, vectors).
    by_amount, by_switch
        How much less that is with one more of an amount or with a switch on, (bookings, samples,
        vectors).
    count
        What each sample counts for.

    Returns
    -------
    Floats
        The bounds added up, (changes,).
    """
    total = np.zeros(len(changes))
    samples, vectors = bound.shape
    for m in range(len(changes)):
        a, x, u, b, y, v = changes[m]
        for s in range(samples):
            best = -np.inf
            for j in range(vectors):
                value = bound[s, j] - x * by_amount[a, s, j] - u * by_switch[a, s, j]
                if b >= 0:
                    value -= y * by_amount[b, s, j] + v * by_switch[b, s, j]
                best = max(best, value)
            total[m] += count[s] * best
    return total
