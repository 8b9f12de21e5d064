"""From a sheet to the columns of a table: its heading found, its rows cut out, still as text.

Places are named ``<table>.csv line <row>`` here; ``origin`` translates them on their way out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from allocate.card import Table
from allocate.errors import Fault, nearest
from allocate.files.sheet import Sheet, letter
from allocate.files.totals import Row, split_totals

HEADING_WITHIN = 30  # rows: what stands above the heading is a title, not a table
CUT_SHORT = re.compile(r"\d(\.\d+)?E\+\d{2,}$")


@dataclass(frozen=True)
class Columns:
    """A table as typed, cut out of its sheet.

    Parameters
    ----------
    source
        What a message calls the sheet.
    frame
        Cells as typed: the columns that the card knows, index ``line 14``.
    letters
        Letter of each of these columns.
    ignored
        What the card does not know, in words.
    notes
        What was left out, in words.
    faults
        What is wrong with headings and rows.
    doubts
        A fault for each cell whose meaning is not plain.
    """

    source: str
    frame: pd.DataFrame
    letters: dict[str, str]
    ignored: tuple[str, ...]
    notes: tuple[str, ...]
    faults: tuple[Fault, ...]
    doubts: tuple[Fault, ...]

    @property
    def broken(self) -> bool:
        """Whether some ids of the table may be missing."""
        ids = f"{next(iter(self.frame), '')} = "
        return bool(self.faults) or any(doubt.value.startswith(ids) for doubt in self.doubts)


def plain(heading: str) -> str:
    """Write a heading or name as the card does: small letters, underscores for spaces."""
    return "_".join(heading.casefold().split())


def cut(sheet: Sheet, key: str, table: Table) -> Columns:
    """Find a table's heading in a sheet, and its cells below.

    Parameters
    ----------
    sheet
        Cells as typed.
    key
        Name of the table.
    table
        Its words in the card.
    """
    start = _heading(sheet, table)
    header = [plain(cell) for cell in sheet.rows[start][1]] if sheet.rows else []
    known = {name: header.index(name) for name in table.names if header.count(name) == 1}
    below = sheet.rows[start + 1 :]
    file = f"{key}.csv"
    rows, overfull = _rows(sheet, file, below, len(header), known)
    rows, notes, wrong = split_totals(rows, file, table)
    index = [f"line {row.number}" for row in rows]
    texts = [[row.cells.get(name, "") for name in known] for row in rows]
    return Columns(
        source=sheet.source,
        frame=pd.DataFrame(texts, columns=list(known), index=index, dtype="object"),
        letters={name: letter(at + 1) for name, at in known.items()},
        ignored=tuple(_ignored(sheet, header, table, below)),
        notes=(*sheet.notes, *_above(sheet, start), *notes),
        faults=(*sheet.faults, *_header_faults(sheet, file, header, table), *overfull, *wrong),
        doubts=tuple(_doubts(sheet, file, table, known, rows)),
    )


def _heading(sheet: Sheet, table: Table) -> int:
    """Position of the row that names the most columns; the first where none names any."""
    known = set(table.names)
    named = [
        len({plain(cell) for cell in cells} & known) for _, cells in sheet.rows[:HEADING_WITHIN]
    ]
    return named.index(max(named)) if named else 0


def _rows(
    sheet: Sheet,
    file: str,
    below: tuple[tuple[int, list[str]], ...],
    width: int,
    known: dict[str, int],
) -> tuple[list[Row], list[Fault]]:
    """Cut rows into the columns of the card; a CSV row wider than its heading is a fault."""
    rows: list[Row] = []
    faults: list[Fault] = []
    for number, cells in below:
        if not sheet.lettered and any(cells[width:]):
            problem = f"has {len(cells)} cells under {width} headings"
            remedy = "Put text with commas in quotes"
            faults.append(Fault(f"{file} line {number}", "", problem, remedy))
        elif any(cells[:width]):
            found = {name: cells[at] for name, at in known.items() if at < len(cells) and cells[at]}
            sums = {name for name, at in known.items() if (number, at + 1) in sheet.sums}
            rows.append(Row(number, next(cell for cell in cells if cell), found, sums))
    return rows, faults


def _header_faults(sheet: Sheet, file: str, header: list[str], table: Table) -> Iterator[Fault]:
    for name in sorted({name for name in header if name and header.count(name) > 1}):
        yield Fault(file, f"column {name}", "stands twice in the heading", "Keep one of them")
    if not header and (sheet.faults or sheet.lettered):
        return  # nothing could be read, which has its own fault; or an empty sheet, which is none
    strangers = [name for name in header if name not in table.names]
    for column in table.fields:
        if column.constraints.required and column.name not in header:
            close = nearest(column.name, strangers)
            problem = f"column {column.name} is missing{close}"
            yield Fault(file, "", problem, f"Add it: {column.title}")


def _doubts(
    sheet: Sheet, file: str, table: Table, known: dict[str, int], rows: list[Row]
) -> Iterator[Fault]:
    """Yield a fault for each cell of the table whose meaning is not plain."""
    keys = {*table.primaryKey, *(reference.field for reference in table.foreignKeys)}
    for row in rows:
        for name, text in row.cells.items():
            place = f"{file} line {row.number}"
            if doubt := sheet.doubts.get((row.number, known[name] + 1)):
                value = f'{name} = "{doubt.text}"'
                yield Fault(place, value, doubt.problem, doubt.remedy)
            elif name in keys and "E+" in text and CUT_SHORT.match(text):
                problem = "is a long number that a spreadsheet has cut short"
                remedy = "Format the column as Text, and type or paste the ids again"
                yield Fault(place, f'{name} = "{text}"', problem, remedy)


def _ignored(
    sheet: Sheet, header: list[str], table: Table, below: tuple[tuple[int, list[str]], ...]
) -> Iterator[str]:
    for name in header:
        if name and name not in table.names:
            yield f"{sheet.source}: column {name}"
    width = max((len(cells) for _, cells in below), default=0)
    headed = [*header, *[""] * (width - len(header))]
    for at, name in enumerate(headed):
        if not name and any(at < len(cells) and cells[at] for _, cells in below):
            which = letter(at + 1) if sheet.lettered else at + 1
            yield f"{sheet.source}: column {which}, which has no heading"


def _above(sheet: Sheet, start: int) -> Iterator[str]:
    if start:
        rows = "row" if start == 1 else "rows"
        first, last = sheet.rows[0][0], sheet.rows[start - 1][0]
        span = f"{first}" if first == last else f"{first} to {last}"
        yield f"{sheet.source}: {rows} {span} above the heading left out"
