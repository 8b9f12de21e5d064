"""What was derived or assumed: which rows, what was taken for each, and why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from allocate.files.canonical import cell
from allocate.tables import Tables

STATED = "stated as assumed"
COLUMNS = ("table", "id", "column", "value", "unit", "why")


@dataclass(frozen=True)
class Assumption:
    """One kind of derived or assumed value.

    Parameters
    ----------
    table, column, unit
        What was taken: a column of the card and its unit.
    text
        Why it was taken, or what it is, in words.
    ids
        The rows it was taken for.
    values
        What was taken for each of them.
    cells
        How many cells each of them stands for; empty: one each.
    """

    table: str
    column: str
    unit: str
    text: str
    ids: tuple[str, ...]
    values: tuple[Any, ...]
    cells: tuple[int, ...] = ()

    @property
    def count(self) -> int:
        """How many cells were assumed."""
        return sum(self.cells) if self.cells else len(self.ids)

    def __str__(self) -> str:
        rows = "row" if self.count == 1 else "rows"
        return f"{self.table}.{self.column}, {self.count:,} {rows}: {self.text}"

    def rows(self) -> Iterator[tuple[str, ...]]:
        """One row of ``assumptions.csv`` for each id."""
        cells = self.cells or (1,) * len(self.ids)
        for item, value, count in zip(self.ids, self.values, cells, strict=True):
            why = f"{self.text} ({count:,} cells)" if count > 1 else self.text
            yield self.table, item, self.column, _written(value), self.unit, why


def _written(value: Any) -> str:
    """Write a value as a cell; three decimals of an hour say which minute is meant."""
    return cell(round(float(value), 3) if isinstance(value, float) else value)


def as_table(assumptions: Sequence[Assumption]) -> pd.DataFrame:
    """Return ``assumptions.csv``: one row for each id of each assumption."""
    rows = [row for item in assumptions for row in item.rows()]
    return pd.DataFrame(rows, columns=list(COLUMNS), dtype="object")


class Assumptions:
    """Collects assumptions while an instance is built."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._listed: list[Assumption] = []

    def note(
        self,
        table: str,
        column: str,
        ids: Sequence[str],
        values: Any,
        text: str,
        *,
        cells: Sequence[int] = (),
        unit: str | None = None,
    ) -> None:
        """Note what was taken for these rows, if there are any.

        Parameters
        ----------
        table, column
            What is missing.
        ids
            Rows for which it was taken.
        values
            What was taken: one value for all, or one a row.
        text
            The same in words.
        cells
            How many cells each row stands for; empty: one each.
        unit
            Unit of the values; left out: that of the card.
        """
        if not len(ids):
            return
        if unit is None:
            unit = self._tables.card.tables[table].column(column).unit
        each = [values] * len(ids) if isinstance(values, str | int | float) else list(values)
        counts = tuple(int(count) for count in cells)
        noted = Assumption(table, column, unit, text, tuple(ids), tuple(each), counts)
        self._listed.append(noted)

    def where(self, table: str, column: str, chosen: Any, values: Any, text: str) -> None:
        """Note what was taken in the chosen rows of a table that is there.

        Parameters
        ----------
        table, column
            Where.
        chosen
            Which rows, (rows,).
        values
            What was taken: one value for all, or one a row of the table.
        text
            The same in words.
        """
        ids = self._tables[table].iloc[:, 0].to_numpy()
        each = np.broadcast_to(np.asarray(values, dtype=object), ids.shape)
        mask = np.asarray(chosen, dtype=bool)
        self.note(table, column, ids[mask], each[mask], text)

    def blank(self, table: str, column: str, values: Any, text: str) -> None:
        """Note what was taken where cells are empty."""
        cells = self._tables[table][column]
        self.where(table, column, cells.isna() | (cells == ""), values, text)

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
            Rows of which the value can change an answer; others are filled and not noted.
        """
        cells = self._tables[table][column].to_numpy(dtype=float)
        missing = np.isnan(cells)
        self.where(table, column, missing & matters, value, text)
        return np.where(missing, value, cells)

    def stated(self, table: str, columns: Sequence[str], but: Sequence[str] = ()) -> None:
        """Note the cells of rows whose ``basis`` says that they are assumed.

        Parameters
        ----------
        table
            A table with a column ``basis``.
        columns
            Columns that the basis speaks of.
        but
            Ids of rows that something else stands in place of.
        """
        frame = self._tables[table]
        assumed = (frame["basis"] == "assumed") & ~frame.iloc[:, 0].isin(list(but))
        for column in columns:
            cells = frame[column]
            given = ~(cells.isna() | cells.isin([""]) | cells.map(lambda value: value == ()))
            self.where(table, column, assumed & given, cells.to_numpy(dtype=object), STATED)

    def listed(self) -> tuple[Assumption, ...]:
        """All that were noted."""
        return tuple(self._listed)
