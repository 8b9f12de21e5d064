"""An extract as read: one heading row, and the lines under it, as text."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from allocate.errors import BadInput, Fault
from allocate.files.csvs import split
from allocate.files.sheet import Doubt, Sheet
from allocate.files.workbook import is_workbook, read_workbook

MOST_BYTES = 50_000_000
TITLE_ROWS = 30  # the heading is looked for in so many rows


@dataclass(frozen=True)
class Row:
    """One line of an extract.

    Parameters
    ----------
    number
        Row of the file that it begins on, from 1.
    place
        Where it stands, for a message: ``extract.csv line 14``.
    cells
        Text by heading.
    doubts
        Cells of a workbook that cannot be read, by heading.
    """

    number: int
    place: str
    cells: Mapping[str, str]
    doubts: Mapping[str, Doubt] = field(default_factory=dict)


@dataclass(frozen=True)
class Extract:
    """A file of lines.

    Parameters
    ----------
    name
        Name of the file.
    headings
        Headings as typed, those that stand twice with a number after them.
    twice
        Headings that stand more than once.
    rows
        Lines that hold anything.
    notes
        What was repaired on the way.
    """

    name: str
    headings: tuple[str, ...]
    rows: tuple[Row, ...]
    twice: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def column(self, heading: str) -> list[str]:
        """Cells of a column that hold anything, as typed."""
        return [row.cells[heading] for row in self.rows if row.cells[heading]]


def folded(text: str) -> str:
    """Fold a heading or word so that capitals, dots, dashes and spaces make no difference."""
    kept = "".join(c if c.isalnum() else " " for c in text.replace("'", "").casefold())
    return " ".join(kept.split())


def read_extract(path: Path, wanted: Collection[str]) -> Extract:
    """Read a CSV file or workbook; of a workbook the sheet that has most of the headings.

    Parameters
    ----------
    path
        The file.
    wanted
        Headings that tell the heading row from the title rows above it.

    Raises
    ------
    BadInput
        Where the file cannot be read as lines under headings.
    """
    known = {folded(word) for word in wanted}
    if is_workbook(path):
        book = read_workbook(path)
        sheets, notes = [sheet for sheet in book.sheets if sheet.rows], [*book.notes]
    else:
        sheets, notes = [sheet for sheet in [_read_csv(path)] if sheet.rows], []
    if not sheets:
        raise _refused(path, "holds nothing", "Export it again, with its headings")
    sheet = max(sheets, key=lambda sheet: _likeness(sheet, _heading_row(sheet, known), known))
    notes += sheet.notes
    if len(sheets) > 1:
        others = ", ".join(other.name for other in sheets if other is not sheet)
        notes.append(f"sheet {sheet.name} was read; not read: {others}")
    return _under_headings(path, sheet, _heading_row(sheet, known), notes)


def _under_headings(path: Path, sheet: Sheet, top: int, notes: list[str]) -> Extract:
    """Put the cells of a sheet under its headings."""
    headings, twice = _headings(sheet.rows[top][1])
    faults: list[Fault] = list(sheet.faults)
    rows = []
    for number, cells in sheet.rows[top + 1 :]:
        if any(cells[len(headings) :]):
            problem = f"has {len(cells)} cells under {len(headings)} headings"
            remedy = "Put text that holds the separator in quotes"
            faults.append(Fault(sheet.place(number), "", problem, remedy))
        filled = [*cells, *[""] * len(headings)]
        rows.append(
            Row(
                number,
                sheet.place(number),
                {h: _tidy(c) for h, c in zip(headings, filled, strict=False) if h},
                {
                    h: sheet.doubts[number, column]
                    for column, h in enumerate(headings, start=1)
                    if h and (number, column) in sheet.doubts
                },
            )
        )
    if faults:
        raise BadInput(str(path), faults)
    if top:
        above = (
            "title row above the headings was" if top == 1 else "title rows above the headings were"
        )
        notes.append(f"{top} {above} left out")
    named = tuple(heading for heading in headings if heading)
    return Extract(path.name, named, tuple(rows), twice, tuple(notes))


def _tidy(cell: str) -> str:
    return " ".join(cell.split())


def _read_csv(path: Path) -> Sheet:
    """Read a CSV file, whatever separates its cells."""
    try:
        if path.stat().st_size > MOST_BYTES:
            problem = f"is larger than {MOST_BYTES / 1e6:.0f} MB"
            raise _refused(path, problem, "Export fewer columns, or the lines of one month")
        raw = path.read_bytes()
    except OSError as error:
        remedy = "Check the name, and close the file in Excel"
        raise _refused(path, f"cannot be read: {error.strerror}", remedy) from error
    if raw.startswith((b"PK", b"\xd0\xcf", b"%PDF")):
        raise _refused(path, "is not a CSV file", "Name a workbook .xlsx, or save it as CSV UTF-8")
    top = raw.replace(b"\0", b"").splitlines()[:TITLE_ROWS]
    mark = max(b",;\t|", key=lambda mark: max((line.count(mark) for line in top), default=0))
    return split(raw, path.name, path.stem, chr(mark))


def _likeness(sheet: Sheet, at: int, wanted: Collection[str]) -> tuple[int, int, int]:
    """How much a row looks like the headings wanted: by words, then by width, then by order."""
    cells = [folded(cell) for cell in sheet.rows[at][1] if cell]
    return sum(cell in wanted for cell in cells), len(cells), -at


def _heading_row(sheet: Sheet, wanted: Collection[str]) -> int:
    rows: Iterable[int] = range(min(len(sheet.rows), TITLE_ROWS))
    return max(rows, key=lambda at: _likeness(sheet, at, wanted))


def _headings(cells: Sequence[str]) -> tuple[list[str], tuple[str, ...]]:
    """Name the columns; a heading that stands again gets a number, so that no cell is lost."""
    last = max((at for at, cell in enumerate(cells) if cell), default=-1)
    seen: dict[str, int] = {}
    headings = []
    for cell in cells[: last + 1]:
        seen[cell] = seen.get(cell, 0) + 1
        headings.append(cell if seen[cell] == 1 or not cell else f"{cell} ({seen[cell]})")
    return headings, tuple(cell for cell, count in seen.items() if cell and count > 1)


def _refused(path: Path, problem: str, remedy: str) -> BadInput:
    return BadInput(str(path), [Fault(str(path), "", problem, remedy)])
