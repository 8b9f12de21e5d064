"""Workbooks read cell by cell as text: repaired where the meaning is plain, else in doubt.

Formulas are read by the value that Excel kept beside them; nothing is calculated here, and no macro
is run. The order of the work is: is it a workbook at all, is it small enough, then sheet by sheet.
"""

from __future__ import annotations

import re
import warnings
import zipfile
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from allocate.errors import BadInput, Fault
from allocate.files.sheet import Book, Cell, Doubt, Sheet, at, letter, tidy

ENDINGS = (".xlsx", ".xlsm")
MEGABYTE = 1_000_000
FILE_LIMIT = 50 * MEGABYTE
UNPACKED_LIMIT = 500 * MEGABYTE
CELL_LIMIT = 1_500_000
LISTED = 6  # addresses named in a note before it says "and more"
LONGEST = 10**15  # a workbook keeps 15 digits of a number

SAVE_AS = "Open it in Excel and save it as an Excel workbook (.xlsx)"
TEXT = "@"  # the number format of cells that hold text whatever is typed
ZEROS = re.compile(r'(?:"([^"]*)")?(0{2,})(?:"([^"]*)")?$')
APOSTROPHE = re.compile(r"['\u2018\u2019\u00b4`](?=-?[\d£.])")
SUM = re.compile(r"=?\s*(SUM|SUBTOTAL|AGGREGATE)\(", re.IGNORECASE)


def is_workbook(path: Path) -> bool:
    """Whether a path has a workbook's ending, its own or an older one's."""
    return path.suffix.casefold() in (*ENDINGS, ".xls", ".xlsb", ".ods")


def read_workbook(path: Path) -> Book:
    """Read every sheet of a workbook as text.

    Numbers are written with no digit more than they need and dates as yyyy-mm-dd; Yes and No stand
    for true and false. A number shown with leading zeros keeps them.

    Parameters
    ----------
    path
        An .xlsx or .xlsm file.

    Returns
    -------
    Book
        Its sheets, hidden ones too, with notes and doubts.

    Raises
    ------
    BadInput
        Where the file is no workbook, is locked by a password, damaged or too large.
    """
    path = Path(path)
    _check_file(path)
    from openpyxl import load_workbook  # costs 0.2 s: loaded only where there is one to read

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl speaks of extensions that no table needs
        try:
            book = load_workbook(path, read_only=True, data_only=True)
            try:
                sheets = _sheets(path, book)
            finally:
                book.close()
        except BadInput:
            raise
        except Exception as error:  # a damaged file breaks openpyxl in any way it likes
            problem = f"is damaged: {type(error).__name__}"
            raise _refused(path, problem, f"{SAVE_AS} under another name") from error
    notes: tuple[str, ...] = ()
    if path.suffix.casefold() == ".xlsm":
        notes = (f"{path.name}: macros are neither run nor read",)
    return Book(path.stem, path, sheets, notes)


def _refused(path: Path, problem: str, remedy: str) -> BadInput:
    return BadInput(str(path), [Fault(str(path), "", problem, remedy)])


def _check_file(path: Path) -> None:
    """Refuse what is no workbook or too large, before anything is unpacked."""
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            head = file.read(8)
            old = (
                b"E\0n\0c\0r\0y\0p\0t\0e\0d\0P" in file.read() if head[:2] == b"\xd0\xcf" else None
            )
    except OSError as error:
        raise _refused(
            path, f"cannot be read: {error.strerror}", "Close or free the file"
        ) from error
    if size == 0:
        raise _refused(path, "is empty", "Name the file that holds the data")
    if size > FILE_LIMIT:
        problem = f"has {size / MEGABYTE:,.0f} MB; at most {FILE_LIMIT // MEGABYTE} MB are read"
        raise _refused(path, problem, "Take out pictures and sheets that the case does not need")
    if old is not None:
        if old:
            raise _refused(path, "is locked by a password", "Save a copy without the password")
        raise _refused(path, "is a workbook of Excel 97 to 2003 (.xls)", SAVE_AS)
    if not head.startswith(b"PK"):
        problem = "is not a workbook, whatever its ending says"
        remedy = "If it is a CSV file, put it into a folder as <table>.csv; if not, " + (
            SAVE_AS[0].lower() + SAVE_AS[1:]
        )
        raise _refused(path, problem, remedy)
    _check_archive(path)


def _check_archive(path: Path) -> None:
    """Refuse an archive that is no workbook or unpacks to too much."""
    try:
        with zipfile.ZipFile(path) as archive:
            unpacked = {item.filename: item.file_size for item in archive.infolist()}
    except (zipfile.BadZipFile, NotImplementedError) as error:
        remedy = "Copy it again, or open it in Excel and save it anew"
        raise _refused(path, "is damaged: it ends too soon or is torn", remedy) from error
    if "xl/workbook.bin" in unpacked:
        raise _refused(path, "is a binary workbook (.xlsb)", SAVE_AS)
    if "content.xml" in unpacked:
        raise _refused(path, "is an OpenDocument file (.ods)", SAVE_AS)
    if "[Content_Types].xml" not in unpacked or not any(n.startswith("xl/") for n in unpacked):
        raise _refused(path, "is not a workbook, whatever its ending says", SAVE_AS)
    if (total := sum(unpacked.values())) > UNPACKED_LIMIT:
        most = UNPACKED_LIMIT // MEGABYTE
        problem = f"unpacks to {total / MEGABYTE:,.0f} MB; at most {most} MB are read"
        raise _refused(path, problem, "Delete what lies outside the tables, and save it anew")


def _sheets(path: Path, book: Any) -> tuple[Sheet, ...]:
    left = CELL_LIMIT
    sheets = []
    for worksheet in book.worksheets:
        reading = _Reading(f"{path.name} {worksheet.title}", worksheet)
        for count in reading.run():
            left -= count
            if left < 0:
                problem = f"has more than {CELL_LIMIT:,} cells, empty but formatted ones included"
                remedy = "Delete the empty rows and columns around the tables, and save it anew"
                raise _refused(path, problem, remedy)
        sheets.append(reading.sheet())
    return tuple(sheets)


class _Reading:
    """The reading of one sheet: its text, and what is odd about it."""

    def __init__(self, source: str, worksheet: Any) -> None:
        self.source, self.worksheet, self.book = source, worksheet, worksheet.parent
        self.rows: list[tuple[int, list[str]]] = []
        self.doubts: dict[Cell, Doubt] = {}
        self.sums: set[Cell] = set()
        self.padded: list[str] = []
        self.quoted: list[str] = []
        self.formats: dict[int, str] = {}
        self.shared_sums: set[str] = set()
        self.parser: Any = None

    def run(self) -> Iterator[int]:
        """Read all rows; yield the number of cells of each, so that the caller can stop."""
        # openpyxl's read-only sheets leave out what is hidden or merged, and show formulas or
        # values but not both. Its parser, which they use, has all of it in one pass.
        from openpyxl.worksheet._reader import FORMULA_TAG, WorkSheetParser

        formula_of: dict[int, Any] = {}

        class Parser(WorkSheetParser):
            def parse_cell(self, element: Any) -> Any:
                cell = super().parse_cell(element)
                formula = element.find(FORMULA_TAG)
                if formula is not None:
                    formula_of[cell["column"]] = formula
                return cell

        with self.worksheet._get_source() as source:
            self.parser = Parser(
                source,
                self.worksheet._shared_strings,
                data_only=True,
                epoch=self.book.epoch,
                date_formats=self.book._date_formats,
                timedelta_formats=self.book._timedelta_formats,
            )
            for number, cells in self.parser.parse():
                self._row(number, cells, formula_of)
                formula_of.clear()
                yield len(cells)

    def _row(self, number: int, cells: list[dict[str, Any]], formulas: dict[int, Any]) -> None:
        texts: list[str] = []
        for cell in cells:
            column = cell["column"]
            formula = formulas.get(column)
            text = self._text(number, column, cell, formula)
            if text:
                texts += [""] * (column - len(texts))
                texts[column - 1] = text
        if texts:
            self.rows.append((number, texts))

    def _text(self, row: int, column: int, cell: dict[str, Any], formula: Any) -> str:
        """Write a cell as text; note what is in doubt."""
        value, kind = cell["value"], cell["data_type"]
        if formula is not None:
            self._formula(row, column, formula)
            if value is None and kind not in ("s", "str"):  # text may well be empty
                problem = "is a formula whose value was not saved with it"
                remedy = "Open the workbook in Excel, let it calculate, and save it"
                self.doubts[row, column] = Doubt(f"={formula.text or ''}", problem, remedy)
                return f"={formula.text or ''}"
        if value is None:
            return ""
        if kind == "e":
            problem = "is an error in the workbook"
            self.doubts[row, column] = Doubt(
                value, problem, "Correct the formula, or type the value"
            )
            return str(value)
        if isinstance(value, str):
            return self._plain(row, column, value, cell["style_id"])
        if isinstance(value, bool | date | time | timedelta):
            return _spelled(value)
        return self._number(row, column, value, self._format(cell["style_id"]))

    def _formula(self, row: int, column: int, formula: Any) -> None:
        text, group = formula.text or "", formula.get("si", "")
        if SUM.match(text):
            self.sums.add((row, column))
            self.shared_sums.add(group)
        elif not text and group in self.shared_sums - {""}:
            self.sums.add((row, column))

    def _plain(self, row: int, column: int, text: str, style: int) -> str:
        text = tidy(text.replace("_x000D_", "\r"))
        if APOSTROPHE.match(text) and self._format(style) != TEXT:
            self.quoted.append(at(row, column))
            return text[1:].strip()
        return text

    def _number(self, row: int, column: int, value: float, shown: str) -> str:
        text = _digits(value)
        if abs(value) >= LONGEST:
            problem = "is a number of more than 15 digits, of which a workbook keeps only 15"
            remedy = "Format the column as Text, and type or paste the ids again"
            self.doubts[row, column] = Doubt(f"{value:.15g}", problem, remedy)
        zeros = ZEROS.match(shown)
        if zeros and text.isdigit():
            before, width, after = zeros.group(1) or "", len(zeros.group(2)), zeros.group(3) or ""
            padded = f"{before}{text.zfill(width)}{after}"
            if padded != text:
                self.padded.append(at(row, column))
            return padded
        return text

    def _format(self, style: int) -> str:
        """The number format of a style."""
        if style not in self.formats:
            from openpyxl.cell.read_only import ReadOnlyCell

            cell: Any = ReadOnlyCell(self.worksheet, 1, 1, None, "n", style)
            self.formats[style] = str(cell.number_format)
        return self.formats[style]

    def sheet(self) -> Sheet:
        """Return the sheet, with what was said on the way."""
        self._merged()
        return Sheet(
            source=self.source,
            name=self.worksheet.title,
            rows=tuple(self.rows),
            lettered=True,
            doubts=self.doubts,
            sums=self.sums,
            notes=tuple(f"{self.source}: {note}" for note in self._notes()),
        )

    def _merged(self) -> None:
        """Put merged cells in doubt: the value of the first is not known to be that of the rest."""
        ranges = self.parser.merged_cells.mergeCell if self.parser.merged_cells else ()
        filled = dict(self.rows)
        width = max((len(cells) for cells in filled.values()), default=0)
        for merged in ranges:
            left, top, right, _ = merged.bounds
            cells = filled.get(top, [])
            text = cells[left - 1] if left <= len(cells) else ""
            if not text:
                continue
            problem = (
                f"is merged with its neighbours ({merged.coord}), so it is not plain whose it is"
            )
            for column in range(left, min(right, width) + 1):
                remedy = "Unmerge the cells, and fill in each of them"
                self.doubts[top, column] = Doubt(text, problem, remedy)

    def _notes(self) -> Iterator[str]:
        if self.worksheet.sheet_state != "visible":
            yield "the sheet is hidden, and read all the same"
        dimensions = self.parser.row_dimensions
        hidden = [
            str(number)
            for number, _ in self.rows
            if dimensions.get(str(number), {}).get("hidden") in ("1", "true")
        ]
        if hidden:
            by = ", some by a filter" if getattr(self.parser, "auto_filter", None) else ""
            noun = "hidden row is" if len(hidden) == 1 else "hidden rows are"
            yield f"{len(hidden)} {noun} read too{by} ({_listed(hidden)})"
        if columns := self._hidden_columns():
            noun = "hidden column is" if len(columns) == 1 else "hidden columns are"
            yield f"{len(columns)} {noun} read too ({_listed(columns)})"
        if self.padded:
            yield f"numbers shown with leading zeros are read with them ({_listed(self.padded)})"
        if self.quoted:
            yield f"an apostrophe before a number is left out ({_listed(self.quoted)})"

    def _hidden_columns(self) -> list[str]:
        width = max((len(cells) for _, cells in self.rows), default=0)
        return [
            letter(column)
            for words in self.parser.column_dimensions.values()
            if words.get("hidden") in ("1", "true")
            for column in range(int(words["min"]), min(int(words["max"]), width) + 1)
        ]


def _listed(items: Iterable[str]) -> str:
    items = list(items)
    more = f" and {len(items) - LISTED} more" if len(items) > LISTED else ""
    return ", ".join(items[:LISTED]) + more


def _digits(value: float) -> str:
    """Write a number as a person would type it: 15 digits are all that a workbook keeps."""
    if isinstance(value, int):
        return str(value)
    return format(Decimal(f"{value or 0:.15g}").normalize(), "f")


def _spelled(value: bool | date | time | timedelta) -> str:
    """Write what is neither text nor number."""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, datetime):
        midnight = value.time() == time()
        return value.date().isoformat() if midnight else value.isoformat(" ", "seconds")
    if isinstance(value, timedelta):
        minutes, seconds = divmod(round(value.total_seconds()), 60)
        clock = f"{minutes // 60}:{minutes % 60:02d}"
        return f"{clock}:{seconds:02d}" if seconds else clock
    if isinstance(value, time):
        return value.strftime("%H:%M:%S" if value.second else "%H:%M")
    return value.isoformat()
