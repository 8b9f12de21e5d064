"""A guess: what an earlier answer knew, put onto the columns and rows of another program.

Nothing of it is trusted: its plan counts where it keeps every row here, and its prices prove what
they prove here.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from allocate.core.program import Flat
from allocate.core.structure import Structure, best_of, read
from allocate.units import Floats, Ints


@dataclass(frozen=True)
class Guess:
    """What an earlier answer knew of a level.

    Parameters
    ----------
    chosen
        Columns that were 1 in its plan, as far as there are such columns here, (N,).
    row, column
        Its prices on rows, (rows,), and on columns, (columns,); nought where it had none. In units
        of the level, or in steps of its cost once ``in_steps`` has been asked.
    """

    chosen: Ints
    row: Floats
    column: Floats

    def in_steps(self, each: float, paid: Ints) -> Guess:
        """Return it in steps, of which ``each`` make a unit.

        Parameters
        ----------
        each
            Steps in a unit.
        paid
            Steps that each row of this program pays anyhow, (rows,); later rows have no price.
        """
        row = np.zeros(len(paid))
        row[: len(self.row)] = self.row * each
        row[row != 0] -= paid[row != 0]
        return replace(self, row=row, column=self.column * each)

    def lay_over(self, s: Structure, choice: Ints, led: Ints) -> tuple[Ints, Ints]:
        """Lay the earlier plan over another, which stands where the earlier one says nothing.

        Parameters
        ----------
        s
            Of the program.
        choice, led
            Option of each group, (G,), and alternative of each block, (B,), as in ``s.values``.
        """
        known = np.zeros(s.flat.matrix.shape[1], dtype=bool)
        known[self.chosen] = True
        blocks = np.searchsorted(s.block, np.arange(len(s.target) + 1)).astype(np.int64)
        return (
            _laid(known[s.option], s.start, choice),
            _laid(known[s.alternative], blocks, led) if len(led) else led,
        )

    def plan(self, flat: Flat) -> Ints | None:
        """Return all columns of the earlier plan, None where it no longer keeps every row.

        Groups that it says nothing of have what they have as things are.

        Parameters
        ----------
        flat
            The program.
        """
        s = read(flat)
        if s is None:
            return None
        present = np.zeros(len(flat.lower))
        present[flat.present] = 1.0
        blocks = np.searchsorted(s.block, np.arange(len(s.target))).astype(np.int64)
        values = s.values(*self.lay_over(s, best_of(s.start, present[s.option]), blocks))
        return values if flat.holds(values) else None


def _laid(known: NDArray[np.bool_], start: Ints, otherwise: Ints) -> Ints:
    """The known member of each group, else the other one."""
    found = best_of(start, known.astype(float))
    return np.where(known[found], found, otherwise)
