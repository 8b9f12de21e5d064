"""Cells as typed become values: forgiving where the meaning is plain, refusing the ambiguous."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pandas as pd

from allocate.card import Column

YES = {"yes", "y", "true", "1"}
NO = {"no", "n", "false", "0"}
NUMBER = re.compile(r"-?(\d+|\d{1,3}(,\d{3})+|\d{1,3}( \d{3})+)(\.\d+)?$|-?\.\d+$")
UK_DATE = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})$")
ISO_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[T ]00:00(:00)?)?$")

MISSING: dict[str, Any] = {
    "string": "",
    "integer": float("nan"),
    "number": float("nan"),
    "boolean": None,
    "date": None,
    "list": (),
}


class Unreadable(ValueError):
    """A cell whose meaning is not plain; the message says what was expected."""


def number(text: str) -> float:
    """Read a number: a pound sign and thousands in threes are understood, nothing else is.

    Raises
    ------
    Unreadable
        Where the meaning is not plain, as in ``1,5``.
    """
    plain = text.replace("£", "").strip().replace("- ", "-")
    if not NUMBER.match(plain):
        raise Unreadable("is not a plain number|Write digits only, such as 12.5")
    return float(plain.replace(",", "").replace(" ", ""))


def _integer(text: str) -> float:
    value = number(text)
    if value != int(value):
        raise Unreadable("is not a whole number|Write a whole number")
    return value


def _boolean(text: str) -> bool:
    word = text.casefold()
    if word not in YES | NO:
        raise Unreadable("is neither Yes nor No|Write Yes or No")
    return word in YES


def _date(text: str) -> date:
    try:
        if found := UK_DATE.match(text):
            return date(int(found[3]), int(found[2]), int(found[1]))
        if found := ISO_DATE.match(text):
            return date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        pass
    raise Unreadable("is not a date|Write dd/mm/yyyy")


def _list(text: str) -> tuple[str, ...]:
    items = tuple(item for item in (part.strip() for part in text.split(";")) if item)
    if len(set(items)) < len(items):
        raise Unreadable("names the same thing twice|Name each once")
    return items


READERS: dict[str, Callable[[str], Any]] = {
    "string": str,
    "integer": _integer,
    "number": number,
    "boolean": _boolean,
    "date": _date,
    "list": _list,
}


def word(text: str, column: Column) -> str:
    """Return the enumerated word that a cell means, or the cell itself where it means none."""
    known = {item.casefold(): item for item in column.constraints.enum or ()}
    known |= {alias.casefold(): item for alias, item in column.aliases.items()}
    return known.get(text.casefold(), text)


def convert(texts: pd.Series[str], column: Column) -> tuple[pd.Series[Any], dict[str, str]]:
    """Convert a column of cells as typed.

    Parameters
    ----------
    texts
        Cells as typed, stripped.
    column
        The column's words in the card.

    Returns
    -------
    tuple
        The values, unreadable ones missing; and for each unreadable text ``problem|remedy``.
    """
    reader = READERS[column.type]
    values: dict[str, Any] = {"": MISSING[column.type]}
    unreadable: dict[str, str] = {}
    for text in texts.unique():
        if text == "":
            continue
        try:
            values[text] = reader(word(text, column) if column.constraints.enum else text)
        except Unreadable as error:
            values[text] = MISSING[column.type]
            unreadable[text] = str(error)
    converted = [values[text] for text in texts]
    kind = "float64" if column.type in ("integer", "number") else "object"
    return pd.Series(converted, index=texts.index, dtype=kind), unreadable
