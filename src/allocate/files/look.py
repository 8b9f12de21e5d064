"""A case as a workbook made to be filled in: one sheet a table, ids as text, lists to choose from.

The same workbook, empty, is the template; what is filled in is read back as it stands.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from allocate.card import Card, Column, Table
from allocate.files.canonical import cell as canonical
from allocate.files.sheet import letter
from allocate.files.workbook import TEXT

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

    from allocate.tables import Tables

PARAMETERS = "parameters"
LAST_ROW = 20_000  # how far down lists to choose from reach
NEEDED, USEFUL = "1F6F54", "8A8F98"  # colours of tabs and headings
FORMATS = {"integer": "0", "number": "General", "date": "dd/mm/yyyy"}
LONGEST_LIST = 250  # characters that a workbook takes for a list to choose from
EARLIEST_YEAR = 1901  # a workbook counts days from 1900, and that year wrongly
UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")

HOW = (
    "One sheet a table, one row a thing. Leave a cell empty where you do not know: what is left "
    "out is derived where it can be, and every answer lists it as assumed.",
    "Point at a heading to read what belongs under it. Green tabs are needed for a first answer; "
    "grey ones add to it when it matters.",
    "Ids are text, so that 007 stays 007. Dates are dd/mm/yyyy. Several things in one cell are "
    "separated by a semicolon. Columns and sheets of your own are left aside and listed.",
    "Use ids that name nobody: no name of a person is needed anywhere.",
)


def write_workbook(path: Path, card: Card, tables: Tables | None, lines: Sequence[str]) -> None:
    """Write a workbook with a sheet for every table of a card.

    Parameters
    ----------
    path
        Where to.
    card
        The model's words.
    tables
        The case that fills it; None for a template.
    lines
        What the first sheet says of the case.
    """
    from openpyxl import Workbook

    book = Workbook()
    front: Any = book.active
    front.title = "Read me"
    _read_me(front, card, lines)
    for name in in_order(card):
        sheet: Any = book.create_sheet(name)
        rows = _fill(sheet, card.tables[name], tables[name] if tables is not None else None)
        if tables is None and name == PARAMETERS:
            for row, key in enumerate(open_parameters(card), start=2):
                sheet.cell(row, 1, key).number_format = TEXT
        _dress(sheet, card, name, rows)
    book.save(path)


def is_needed(card: Card, name: str) -> bool:
    """Whether a first answer needs rows in a table."""
    return card.tables[name].required or (name == PARAMETERS and bool(open_parameters(card)))


def open_parameters(card: Card) -> list[str]:
    """Parameters that the card leaves to the case."""
    return [key for key, parameter in card.parameters.items() if parameter.default is None]


def in_order(card: Card) -> list[str]:
    """Tables of a card, those that a first answer needs first."""
    return sorted(card.tables, key=lambda name: not is_needed(card, name))


def needed(card: Card) -> list[str]:
    """Say what a first answer needs, a line each."""
    lines = [
        f"{name}: {', '.join(c.name for c in table.fields if c.constraints.required)}"
        for name, table in card.tables.items()
        if table.required
    ]
    rows = [f"a row for {key} ({card.parameters[key].title})" for key in open_parameters(card)]
    return [*lines, *(f"{PARAMETERS}: {row}" for row in rows)]


def _read_me(sheet: Worksheet, card: Card, lines: Sequence[str]) -> None:
    from openpyxl.styles import Alignment, Font
    from openpyxl.worksheet.hyperlink import Hyperlink

    bold, wrapped = Font(bold=True), Alignment(wrap_text=True, vertical="top")
    sheet.append([card.title])
    sheet["A1"].font = Font(bold=True, size=14)
    for line in (*lines, "", *HOW, "", "What a first answer needs:", *needed(card), ""):
        sheet.append([_safe(line)])
    sheet.append(["Sheet", "Needed", "What it holds"])
    for cell in sheet[sheet.max_row]:
        cell.font = bold
    for name in in_order(card):
        table = card.tables[name]
        sheet.append([name, "Yes" if is_needed(card, name) else "", table.title])
        cell = sheet.cell(sheet.max_row, 1)
        cell.hyperlink = Hyperlink(ref=cell.coordinate, location=f"'{name}'!A1")
    for column, width in (("A", 30), ("B", 10), ("C", 100)):
        sheet.column_dimensions[column].width = width
    for row in range(2, len(lines) + len(HOW) + len(needed(card)) + 6):
        sheet.merge_cells(start_row=row, end_row=row, start_column=1, end_column=3)
        sheet.cell(row, 1).alignment = wrapped
        text = str(sheet.cell(row, 1).value or "")
        sheet.row_dimensions[row].height = 15 * (1 + len(text) // 130)


def _fill(sheet: Worksheet, table: Table, values: Any) -> int:
    """Write heading and cells; return the number of rows below the heading."""
    sheet.append(list(table.names))
    if values is None:
        return 0
    for at, column in enumerate(table.fields, start=1):
        for row, value in enumerate(values[column.name], start=2):
            if canonical(value) != "":
                _write(sheet.cell(row, at), value, column)
    return len(values)


def _write(cell: Any, value: Any, column: Column) -> None:
    """Write a value so that it reads back as the same; a number stays one wherever it can."""
    text = canonical(value)
    if column.type in ("integer", "number") and float(f"{float(text):.15g}") == float(text):
        cell.value = int(text) if text.lstrip("-").isdigit() else float(text)
    elif column.type == "date" and value.year >= EARLIEST_YEAR:
        cell.value = value
    else:
        cell.value = _safe(text)
        cell.data_type = "s"  # text that begins with = is no formula
    cell.number_format = FORMATS.get(column.type, TEXT) if cell.data_type != "s" else TEXT


def _safe(text: str) -> str:
    return UNWRITABLE.sub(" ", text)


def _dress(sheet: Worksheet, card: Card, name: str, rows: int) -> None:
    """Give a sheet its headings, widths, formats and lists to choose from."""
    from openpyxl.comments import Comment
    from openpyxl.styles import Alignment, Font, PatternFill

    table = card.tables[name]
    sheet.sheet_properties.tabColor = NEEDED if is_needed(card, name) else USEFUL
    sheet.freeze_panes = "B2"
    last = max(LAST_ROW, rows + 1)
    for at, column in enumerate(table.fields, start=1):
        head = sheet.cell(1, at)
        head.font = Font(bold=True, color="FFFFFF")
        head.fill = PatternFill("solid", fgColor=NEEDED if column.constraints.required else USEFUL)
        head.alignment = Alignment(vertical="center")
        head.number_format = TEXT
        head.comment = Comment(_words(column), "allocate", height=120, width=320)
        words = sheet.column_dimensions[letter(at)]
        words.width = max(12, len(column.name) + 3)
        words.number_format = FORMATS.get(column.type, TEXT)
        if choice := _choice(card, table, column):
            choice.add(f"{letter(at)}2:{letter(at)}{last}")
            sheet.add_data_validation(choice)


def _words(column: Column) -> str:
    """What belongs under a heading."""
    limits = column.constraints
    said = [column.title, "Needed in every row" if limits.required else ""]
    said += [f"Unit: {column.unit}" if column.unit else ""]
    said += [f"One of: {', '.join(limits.enum)}" if limits.enum else ""]
    said += ["Several are separated by ;" if column.type == "list" else ""]
    said += ["Yes or No" if column.type == "boolean" else ""]
    return ".\n".join(item for item in said if item) + "."


def _choice(card: Card, table: Table, column: Column) -> Any:
    """Return the list to choose a cell from, or None: a warning where other words are read too."""
    from openpyxl.worksheet.datavalidation import DataValidation

    options = ("Yes", "No") if column.type == "boolean" else column.constraints.enum
    if options and len(",".join(options)) <= LONGEST_LIST:
        choice = DataValidation("list", formula1=f'"{",".join(options)}"', allow_blank=True)
        choice.errorStyle = "warning" if column.aliases else "stop"
        choice.showErrorMessage = True
        choice.error = f"One of: {', '.join(options)}"
        return choice
    for reference in table.foreignKeys:
        if reference.field == column.name:
            ids = f"{reference.table}!$A$2:$A${LAST_ROW}"
            choice = DataValidation("list", formula1=ids, allow_blank=True)
            # What a list names, or a table that may be left out, cannot be held to one cell there.
            choice.showErrorMessage = card.tables[reference.table].required and (
                column.type != "list"
            )
            choice.errorStyle = "warning"
            choice.error = f"No such id in the sheet {reference.table}"
            return choice
    return None
