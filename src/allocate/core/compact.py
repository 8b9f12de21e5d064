"""A program without what is settled: open columns, and rows that still say something.

Bounds are drawn in row by row until nothing moves (Savelsbergh 1994).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from allocate.core.program import FREE, Flat
from allocate.units import Floats, Ints

PASSES = 30  # over all rows, at most
NEVER = 1e18  # a bound that there is not
HAIR = 1e-6  # sums of whole numbers are no further off


class Bounds:
    """Draws in the bounds of whole columns as far as single rows see.

    Parameters
    ----------
    matrix, low, high
        Rows, as in a ``Flat``.
    """

    def __init__(self, matrix: Any, low: Ints, high: Ints) -> None:
        entries = matrix.tocoo()
        some = entries.data != 0
        self._row, self._column = entries.row[some], entries.col[some]
        self._amount = entries.data[some].astype(float)
        self._plus = self._amount > 0
        self._low = np.where(low <= -FREE, -NEVER, low)
        self._high = np.where(high >= FREE, NEVER, high)

    def draw_in(self, lower: Ints, upper: Ints) -> tuple[Ints, Ints] | None:
        """Return bounds no wider than these; None where no plan is between them.

        Parameters
        ----------
        lower, upper
            Of all columns, (columns,).
        """
        below, above = lower.astype(float), upper.astype(float)
        for _ in range(PASSES):
            found = self._once(below, above)
            if found is None:
                return None
            done = np.array_equal(found[0], below) and np.array_equal(found[1], above)
            below, above = found
            if done:
                break
        return below.astype(np.int64), above.astype(np.int64)

    def _once(self, below: Floats, above: Floats) -> tuple[Floats, Floats] | None:
        size = len(self._low)
        ends = self._amount * below[self._column], self._amount * above[self._column]
        least, most = np.where(self._plus, *ends), np.where(self._plus, *ends[::-1])
        smallest = np.bincount(self._row, least, minlength=size)
        largest = np.bincount(self._row, most, minlength=size)
        if np.any(smallest > self._high + HAIR) or np.any(largest < self._low - HAIR):
            return None
        tells = (largest > self._high) | (smallest < self._low)
        at = np.flatnonzero(tells[self._row])
        row, column, amount = self._row[at], self._column[at], self._amount[at]
        over = (self._high[row] - smallest[row] + least[at]) / amount
        under = (self._low[row] - largest[row] + most[at]) / amount
        plus = self._plus[at]
        below, above = below.copy(), above.copy()
        np.minimum.at(above, column, np.floor(np.where(plus, over, under) + HAIR))
        np.maximum.at(below, column, np.ceil(np.where(plus, under, over) - HAIR))
        return None if np.any(below > above) else (below, above)


@dataclass(frozen=True)
class Compact:
    """What is open of a program; columns are counted from their lower bounds.

    Parameters
    ----------
    flat
        The program with its bounds drawn in.
    column, span
        Columns that are open, and how far each may rise, (n,).
    matrix, low, high
        Rows that these columns could break, over these columns alone, (r, n) and (r,).
    row
        Where these rows are in ``flat``, (r,).
    """

    flat: Flat
    column: Ints
    span: Ints
    matrix: Any
    low: Ints
    high: Ints
    row: Ints


def compact(flat: Flat, bounds: tuple[Ints, Ints]) -> Compact:
    """Leave out what is settled.

    Parameters
    ----------
    flat
        A program.
    bounds
        Of its columns, drawn in.
    """
    lower, upper = bounds
    column = np.flatnonzero(upper > lower)
    span = (upper - lower)[column]
    matrix = flat.matrix[:, column].tocsr()
    settled = flat.matrix @ lower
    low = np.where(flat.low <= -FREE, -FREE, flat.low - settled)
    high = np.where(flat.high >= FREE, FREE, flat.high - settled)
    binds = (matrix.maximum(0) @ span > high) | (matrix.minimum(0) @ span < low)
    row = np.flatnonzero(binds)
    drawn = Flat(**{**flat.__dict__, "lower": lower, "upper": upper})
    return Compact(drawn, column, span, matrix[row], low[row], high[row], row)
