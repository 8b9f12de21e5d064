"""An answer as a workbook: what it says, how sure it is, its rules, and every table."""

from __future__ import annotations

from collections.abc import Iterator
from math import isfinite
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from allocate.files.form import put
from allocate.files.sheet import letter
from allocate.report.numeric import is_filled, is_numeric
from allocate.result import Result

HEAD = "1F6F54"  # colour of headings
MOST_ROWS = 20_000  # of a sheet, some seconds of writing; a longer table is left to its CSV
WIDEST, LOOKED_AT = 60, 200  # characters of a column, and rows looked at for its width


def write_book(result: Result, rules: pd.DataFrame, note: str, path: Path) -> None:
    """Write an answer as a workbook of values, without formulas.

    Parameters
    ----------
    result
        The answer.
    rules
        Every rule, a row each.
    note
        Who it is for.
    path
        The file.
    """
    from openpyxl import Workbook

    book = Workbook()
    front: Any = book.active
    front.title = "Summary"
    _front(front, result, note)
    for name, frame in _sheets(result, rules):
        if len(frame) > MOST_ROWS:
            put(front.cell(front.max_row + 1, 1), f"{name}: {len(frame):,} rows, in {name}.csv.")
        elif len(frame):
            _sheet(book.create_sheet(name), frame)
    book.save(path)


def _front(sheet: Any, result: Result, note: str) -> None:
    """Write the summary, line by line, in letters of one width."""
    from openpyxl.styles import Font

    lines = result.summary.split("\n")
    for row, line in enumerate([lines[0], note, "", *lines[1:]], start=1):
        cell = put(sheet.cell(row, 1), line)
        title = bool(line) and not line.startswith(" ") and row != 2
        cell.font = Font(bold=title, name="Consolas" if not title else "Calibri")
    sheet.column_dimensions["A"].width = 160
    sheet.sheet_view.showGridLines = False


def _sheets(result: Result, rules: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    """Name each sheet, and what it holds."""
    record = result.record
    keys = ["name", "objective", "unit", "bound", "gap", "proof", "why_stopped"]
    yield "levels", pd.DataFrame(record["levels"], columns=keys)
    yield "rules", rules
    for name in ("terms", "parameters"):
        rows = [{"id": key, **words} for key, words in record[name].items()]
        yield name, pd.DataFrame(rows)
    yield from result.tables.items()
    yield "assumptions", result.assumed


def _sheet(sheet: Any, frame: pd.DataFrame) -> None:
    """Write a table: numbers as numbers, all else as text that is never a formula."""
    from openpyxl.styles import Font, PatternFill

    for at, name in enumerate(frame.columns, start=1):
        column = frame[name]
        head = put(sheet.cell(1, at), str(name))
        head.font = Font(bold=True, color="FFFFFF")
        head.fill = PatternFill("solid", fgColor=HEAD)
        numeric = is_numeric(column)
        for row, cell in enumerate(column, start=2):
            if is_filled(cell):
                _write(sheet.cell(row, at), cell, numeric=numeric)
        longest = max(len(str(cell)) for cell in [name, *column.head(LOOKED_AT)])
        sheet.column_dimensions[letter(at)].width = min(WIDEST, longest + 3)
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = sheet.dimensions


def _write(place: Any, cell: Any, *, numeric: bool) -> None:
    """Write a number as one where a workbook can hold it, and all else as text."""
    if numeric and isinstance(cell, str):
        cell = float(cell) if "." in cell else int(cell)
    if isinstance(cell, int | float | np.number) and not isinstance(cell, bool) and isfinite(cell):
        place.value = cell
    else:
        put(place, str(cell))
