"""A table as typed, whatever it was read from: rows of text, and where each of them stands."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from pathlib import Path

from allocate.errors import Fault

Cell = tuple[int, int]  # row and column, both from 1


@dataclass(frozen=True)
class Doubt:
    """A cell whose meaning is not plain: the cell as typed, what is wrong, what to do."""

    text: str
    problem: str
    remedy: str


@dataclass(frozen=True)
class Sheet:
    """One table as typed.

    Parameters
    ----------
    source
        What a message calls it: ``packages.csv`` or ``case.xlsx packages``.
    name
        Its own name: the file's without its ending, or the sheet's.
    rows
        Number and cells of each row that holds anything; cells are text, stripped, from the first
        column on, and rows may be of unequal length.
    lettered
        Whether columns are known by letters, as in a workbook.
    doubts
        Cells that cannot be read. Whoever reads the sheet asks about the cells that matter to it.
    sums
        Cells that are sums of others, by formula.
    notes
        What was repaired, or read although it is hidden, a sentence each.
    faults
        Why the sheet could not be split into cells, or not to its end.
    """

    source: str
    name: str
    rows: tuple[tuple[int, list[str]], ...]
    lettered: bool = False
    doubts: Mapping[Cell, Doubt] = field(default_factory=dict)
    sums: Set[Cell] = frozenset()
    notes: tuple[str, ...] = ()
    faults: tuple[Fault, ...] = ()

    def place(self, row: int, column: int | None = None) -> str:
        """Where a row or cell stands: ``packages.csv line 14``, ``case.xlsx packages!C14``."""
        if not self.lettered:
            return f"{self.source} line {row}"
        return f"{self.source} row {row}" if column is None else f"{self.source}!{at(row, column)}"


@dataclass(frozen=True)
class Book:
    """Everything that was read of a case or file, before anybody asks what it means.

    Parameters
    ----------
    name
        What the case is called: the same whatever form it comes in.
    path
        Where it was read.
    sheets
        Its tables as typed, in order.
    notes
        What was repaired or left out in the whole.
    ignored
        What was not read at all.
    faults
        What is wrong with the whole: a file that cannot be opened, a table that is there twice.
    """

    name: str
    path: Path
    sheets: tuple[Sheet, ...]
    notes: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    faults: tuple[Fault, ...] = ()


def tidy(text: str) -> str:
    """Write a cell's text without what nobody can see: stray spaces, two kinds of line ends."""
    return text.replace("\u00a0", " ").replace("\r\n", "\n").replace("\r", "\n").strip()


def letter(column: int) -> str:
    """Name a column as a workbook does: 1 is A, 27 is AA."""
    name = ""
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(ord("A") + rest) + name
    return name


def at(row: int, column: int) -> str:
    """Address of a cell: ``C14``."""
    return f"{letter(column)}{row}"
