"""A form of one page that people fill in: an Excel sheet, protected but for its answers.

A second sheet says which cell answers which question, so that whoever reads the form back needs to
know nothing of where things stand on the page.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from allocate.errors import BadInput, Fault
from allocate.files.sheet import Doubt, at, letter
from allocate.files.workbook import read_workbook

PAGE, KEY = "Form", "For the council"
STAMP, ANSWER = "stamp", "answer"
YES_NO = ("Yes", "No")
# Three blocks side by side: a label over two columns, and its answer.
WIDTHS = (11, 17, 8) * 3
LAST = len(WIDTHS)
ANSWER_COLUMN, MARK_COLUMN = 5, 6  # of a question that has a row to itself
ADDRESS = re.compile(r"[A-Z]{1,2}[1-9]\d{0,3}")
LEAVE = "The council's program reads this sheet. Please leave it as it is."


@dataclass(frozen=True)
class Question:
    """One question, or a heading between questions where it has no key.

    Parameters
    ----------
    key
        What the answer is filed under.
    text
        The question in plain words, with its unit.
    value
        What stands in the answer cell already.
    kind
        ``number``, ``whole``, ``choice`` or ``text``.
    choices
        What a choice may be.
    mark
        How the value is known, or a hint; printed beside the answer.
    """

    key: str
    text: str
    value: str = ""
    kind: str = "text"
    choices: tuple[str, ...] = YES_NO
    mark: str = ""


@dataclass(frozen=True)
class Group:
    """Questions under one heading; in a grid, three abreast and read down, marks left out."""

    title: str
    questions: tuple[Question, ...]
    note: str = ""
    grid: bool = False


@dataclass(frozen=True)
class Form:
    """A form: what it is, whose it is, what it asks.

    Parameters
    ----------
    title, intro
        Printed at the top.
    stamp
        What the reader needs to know it again by: kind of form, version, whose.
    groups
        The questions.
    """

    title: str
    intro: tuple[str, ...]
    stamp: Mapping[str, str]
    groups: tuple[Group, ...]

    @property
    def values(self) -> dict[str, str]:
        """What stands in each answer cell before anybody fills the form in."""
        return {q.key: q.value for group in self.groups for q in group.questions if q.key}


@dataclass(frozen=True)
class Answer:
    """An answer as typed, the cell it stands in, and what makes it unreadable, if anything."""

    text: str
    place: str
    doubt: Doubt | None = None


@dataclass(frozen=True)
class Returned:
    """A form that came back."""

    file: str
    stamp: Mapping[str, str]
    answers: Mapping[str, Answer]


# ------------------------------------------------------------------------------------- writing


def write_form(form: Form, path: Path) -> None:
    """Write a form as a workbook that prints on one page of A4."""
    from openpyxl import Workbook  # costs 0.2 s: loaded only where there is a form to write

    book = Workbook()
    sheet: Any = book.active
    sheet.title = PAGE
    key = book.create_sheet(KEY)
    for column, width in enumerate(WIDTHS, start=1):
        sheet.column_dimensions[letter(column)].width = width
    page = _Page(sheet, key)
    page.head(form)
    for group in form.groups:
        page.group(group)
    page.file(form.stamp)
    _protect(sheet, page.row)
    _protect(key, key.max_row)
    book.save(path)


def _protect(sheet: Any, last: int) -> None:
    """Lock a sheet, without a password, and fit it to one page of A4."""
    sheet.protection.sheet = True
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.orientation = sheet.ORIENTATION_PORTRAIT
    sheet.page_setup.fitToWidth = sheet.page_setup.fitToHeight = 1
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_area = f"A1:{at(last, max(LAST, sheet.max_column))}"
    for side in ("left", "right", "top", "bottom"):
        setattr(sheet.page_margins, side, 0.4)


class _Page:
    """The page while it is laid out, row by row, and the sheet that says where answers stand."""

    def __init__(self, sheet: Any, key: Any) -> None:
        from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side

        self.sheet, self.key, self.row = sheet, key, 0
        self.cells: list[tuple[str, str]] = []
        self.checks: dict[tuple[str, ...], Any] = {}
        self.lists = 4  # the next free column of the key sheet
        thin = Side(style="thin", color="808080")
        self.bold, self.title = Font(bold=True), Font(bold=True, size=14)
        self.white, self.grey = Font(bold=True, color="FFFFFF"), Font(italic=True, color="595959")
        self.bar = PatternFill("solid", fgColor="1F3864")
        self.yellow = PatternFill("solid", fgColor="FFF8D6")
        self.box = Border(left=thin, right=thin, top=thin, bottom=thin)
        self.wrap = Alignment(wrap_text=True, vertical="center")
        self.open = Protection(locked=False)

    def head(self, form: Form) -> None:
        """Lay out the title and what is said before the questions."""
        self._line(form.title, self.title)
        self.sheet.row_dimensions[self.row].height = 22
        for line in form.intro:
            self._line(line)

    def group(self, group: Group) -> None:
        """Lay out the questions of a group."""
        self._line(group.title, self.white, self.bar)
        if group.note:
            self._line(group.note, self.grey)
        if group.grid:
            self._grid(group.questions)
        else:
            for question in group.questions:
                self._alone(question)

    def _line(self, text: str, font: Any = None, fill: Any = None) -> None:
        self.row += 1
        cell = self._label(self.row, 1, LAST, text, font)
        if fill is not None:
            cell.fill = fill
        self._height(text, sum(WIDTHS))

    def _alone(self, question: Question) -> None:
        if not question.key:
            return self._line(question.text, self.bold)
        self.row += 1
        self._label(self.row, 1, ANSWER_COLUMN - 1, question.text)
        self._answer(self.row, ANSWER_COLUMN, question)
        self._label(self.row, MARK_COLUMN, LAST, question.mark, self.grey)
        longest = max(question.text, question.mark, key=len)
        return self._height(longest, sum(WIDTHS[: ANSWER_COLUMN - 1]))

    def _grid(self, questions: Sequence[Question]) -> None:
        deep = -(-len(questions) // 3)
        for number, question in enumerate(questions):
            block, down = divmod(number, deep)
            row, column = self.row + 1 + down, block * 3 + 1
            if question.key:
                self._label(row, column, column + 1, question.text)
                self._answer(row, column + 2, question)
            else:
                self._label(row, column, column + 2, question.text, self.bold)
        for down in range(deep):
            self.row += 1
            longest = max((q.text for q in questions[down::deep]), key=len)
            self._height(longest, WIDTHS[0] + WIDTHS[1])

    def _label(self, row: int, first: int, last: int, text: str, font: Any = None) -> Any:
        cell = put(self.sheet.cell(row, first), text)
        cell.alignment = self.wrap
        if font is not None:
            cell.font = font
        self.sheet.merge_cells(start_row=row, end_row=row, start_column=first, end_column=last)
        return cell

    def _answer(self, row: int, column: int, question: Question) -> None:
        cell = self.sheet.cell(row, column)
        if question.kind in ("number", "whole") and question.value:
            cell.value = float(question.value)
            cell.number_format = "General"
        else:
            put(cell, question.value)
        cell.fill, cell.border, cell.protection = self.yellow, self.box, self.open
        cell.alignment = self.wrap
        self.cells.append((question.key, at(row, column)))
        if question.kind != "text":
            self._check(question).add(cell)

    def _check(self, question: Question) -> Any:
        """Return the validation that a question's cell keeps to; questions alike share one."""
        from openpyxl.worksheet.datavalidation import DataValidation

        wanted = (question.kind, *(question.choices if question.kind == "choice" else ()))
        if wanted not in self.checks:
            if question.kind == "choice":
                check = DataValidation("list", self._listed(question.choices), allow_blank=True)
                check.error = "Please choose from the list."
            else:
                whole = question.kind == "whole"
                check = DataValidation("whole" if whole else "decimal", "0", "100000")
                check.operator, check.allow_blank = "between", True
                check.error = "Please write a number."
            check.showErrorMessage = True
            self.sheet.add_data_validation(check)
            self.checks[wanted] = check
        return self.checks[wanted]

    def _listed(self, choices: Sequence[str]) -> str:
        """Return a list as a validation knows it: Yes and No in words, others as cells."""
        if tuple(choices) == YES_NO:
            return '"Yes,No"'
        self.lists += 1
        for row, choice in enumerate(choices, start=1):
            put(self.key.cell(row, self.lists), choice)
        name = letter(self.lists)
        return f"='{KEY}'!${name}$1:${name}${len(choices)}"

    def _height(self, text: str, width: int) -> None:
        """Make a row high enough for its text: merged cells do not grow by themselves."""
        self.sheet.row_dimensions[self.row].height = 15 * -(-max(len(text), 1) // int(width * 1.05))

    def file(self, stamp: Mapping[str, str]) -> None:
        """Write down what the form is, and which cell answers which question."""
        put(self.key.cell(1, 1), LEAVE)
        rows = [(STAMP, name, value) for name, value in stamp.items()]
        rows += [(ANSWER, key, address) for key, address in self.cells]
        for row, cells in enumerate(rows, start=2):
            for column, text in enumerate(cells, start=1):
                put(self.key.cell(row, column), text)


def put(cell: Any, text: str) -> Any:
    """Write text into a cell as text: never as a formula, and without what a workbook forbids."""
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    cell.value = ILLEGAL_CHARACTERS_RE.sub("", text)
    if text:
        cell.data_type = "s"
    return cell


# ------------------------------------------------------------------------------------- reading


def read_form(path: Path) -> Returned:
    """Read a form that came back.

    Parameters
    ----------
    path
        The workbook.

    Raises
    ------
    BadInput
        Where it is no workbook, or none of these forms.
    """
    from openpyxl.utils.cell import coordinate_to_tuple

    sheets = {sheet.name: sheet for sheet in read_workbook(path).sheets}
    page, key = sheets.get(PAGE), sheets.get(KEY)
    filed = [cells for _, cells in key.rows if len(cells) >= 3] if key else []
    places = {name: where for kind, name, where, *_ in filed if kind == ANSWER}
    if page is None or not places or not all(map(ADDRESS.fullmatch, places.values())):
        problem = f'has no sheets "{PAGE}" and "{KEY}" as they were sent'
        remedy = "Ask for the form that was sent, filled in; nothing else can be read"
        raise BadInput(str(path), [Fault(path.name, "", problem, remedy)])
    texts = dict(page.rows)
    answers = {}
    for name, where in places.items():
        row, column = coordinate_to_tuple(where)
        cells = texts.get(row, [])
        text = cells[column - 1] if column <= len(cells) else ""
        answers[name] = Answer(text, page.place(row, column), page.doubts.get((row, column)))
    stamp = {name: value for kind, name, value, *_ in filed if kind == STAMP}
    return Returned(path.name, stamp, answers)
