"""Forms filled in as a provider would, and read cell by cell."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from openpyxl import load_workbook


def addresses(path: Path) -> dict[str, str]:
    """The cell of each answer, by the key of its question."""
    book = load_workbook(path)
    rows = book["For the council"].iter_rows(min_row=2, max_col=3, values_only=True)
    return {str(key): str(cell) for kind, key, cell in rows if kind == "answer"}


def fill(form: Path, back: Path, **answers: Any) -> Path:
    """Copy a form with answers typed in, by key (underscores stand for spaces after ``place``)."""
    book, where = load_workbook(form), addresses(form)
    for key, value in answers.items():
        book["Form"][where.get(key) or where[key.replace("_", " ", 1)]] = value
    back.parent.mkdir(exist_ok=True)
    book.save(back)
    return back


def stamp(sent: Path, back: Path, **stamps: str) -> Path:
    """Copy a form with other words for what it is and whose."""
    book = load_workbook(sent)
    for row in book["For the council"].iter_rows(min_row=2, max_col=3):
        if row[1].value in stamps:
            row[2].value = stamps[str(row[1].value)]
    back.parent.mkdir(exist_ok=True)
    book.save(back)
    return back
