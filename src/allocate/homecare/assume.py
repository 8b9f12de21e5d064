"""What was derived or assumed because a table does not say it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from allocate.tables import Tables


@dataclass(frozen=True)
class Assumption:
    """One kind of derived value.

    Parameters
    ----------
    table, column
        What is missing.
    count
        In how many rows.
    text
        What was taken instead.
    """

    table: str
    column: str
    count: int
    text: str

    def __str__(self) -> str:
        rows = "row" if self.count == 1 else "rows"
        return f"{self.table}.{self.column}, {self.count:,} {rows}: {self.text}"


class Assumptions:
    """Collects assumptions while an instance is built."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._listed: list[Assumption] = []

    def note(self, table: str, column: str, count: int, text: str) -> None:
        """Note an assumption that holds for so many rows, if for any."""
        if count:
            self._listed.append(Assumption(table, column, int(count), text))

    def blank(self, table: str, column: str, text: str) -> None:
        """Note what was taken where cells are empty."""
        cells = self._tables[table][column]
        self.note(table, column, int((cells.isna() | (cells == "")).sum()), text)

    def filled(self, table: str, column: str, value: Any, text: str, matters: Any = True) -> Any:
        """Return a column of numbers with the empty cells filled, and note it.

        Parameters
        ----------
        table, column
            Column of numbers.
        value
            What stands for an empty cell: one number, or one a row.
        text
            What was taken, in words.
        matters
            Rows of which the value can change an answer; others are filled and not counted.
        """
        cells = self._tables[table][column].to_numpy(dtype=float)
        missing = np.isnan(cells)
        self.note(table, column, int((missing & matters).sum()), text)
        return np.where(missing, value, cells)

    def listed(self) -> tuple[Assumption, ...]:
        """All that were noted."""
        return tuple(self._listed)
