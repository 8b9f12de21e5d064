"""Rows of totals at the end of a table: left out where they are plain, else refused."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from math import isclose

from allocate.card import Table
from allocate.cells import Unreadable, number
from allocate.errors import Fault

LABEL = re.compile(r"((grand|sub)[ -]?)?totals?:?$|sum:?$", re.IGNORECASE)


@dataclass(frozen=True)
class Row:
    """A row under a heading.

    Parameters
    ----------
    number
        Its number in the sheet.
    first
        Its first cell that is not empty, in whatever column.
    cells
        Cells that are not empty, by column of the card.
    sums
        Columns whose cell is a sum by formula.
    """

    number: int
    first: str
    cells: Mapping[str, str]
    sums: Set[str]


def split_totals(
    rows: Sequence[Row], file: str, table: Table
) -> tuple[list[Row], list[str], list[Fault]]:
    """Leave out rows of totals at the end; refuse what might be one and might not.

    Parameters
    ----------
    rows
        All rows under the heading.
    file
        Name of the table, for messages.
    table
        Its words.

    Returns
    -------
    tuple
        The rows that remain, what was left out in words, and the faults.
    """
    kept = list(rows)
    notes: list[str] = []
    while kept and _is_total(kept[-1], kept[:-1], table):
        row = kept.pop()
        notes.insert(0, f"{file} line {row.number} is a total, and left out")
    doubtful = [row for row in kept if LABEL.match(row.first)]
    if len(kept) > 1 and kept[-1] not in doubtful and _only_sums(kept[-1], table):
        doubtful.append(kept[-1])
    faults = [
        Fault(
            f"{file} line {row.number}",
            f'"{row.first}"',
            "looks like a total, and might be a row of the table",
            "Take the row out, or write out what it is",
        )
        for row in doubtful
    ]
    return kept, notes, faults


def _is_total(row: Row, above: Sequence[Row], table: Table) -> bool:
    """Whether a last row is plainly the sum of those above."""
    if LABEL.match(row.first):
        label = next((name for name, cell in row.cells.items() if cell == row.first), "")
        rest = [name for name in row.cells if name != label]
        return all(name in row.sums or _amount(row.cells[name]) is not None for name in rest)
    # A key that may be empty means something where it is, as in rates: empty is everyone.
    open_key = any(not table.column(name).constraints.required for name in table.primaryKey)
    if len(above) < 1 + (not row.sums) or open_key or any(map(row.cells.get, table.primaryKey)):
        return False
    if _only_sums(row, table):
        return True
    keyed = bool(table.primaryKey and row.cells)
    return keyed and all(_adds_up(name, cell, above) for name, cell in row.cells.items())


def _only_sums(row: Row, table: Table) -> bool:
    """Whether a row has no key, and formulas that add up in all its cells."""
    keyless = not any(map(row.cells.get, table.primaryKey))
    return keyless and bool(row.cells) and set(row.cells) == set(row.sums)


def _amount(cell: str) -> float | None:
    try:
        return number(cell)
    except Unreadable:
        return None


def _adds_up(name: str, cell: str, above: Sequence[Row]) -> bool:
    """Whether a cell is the sum of its column."""
    amounts = [_amount(row.cells.get(name, "0")) for row in above]
    total = _amount(cell)
    known = [amount for amount in amounts if amount is not None]
    return total is not None and len(known) == len(amounts) and isclose(total, sum(known))
