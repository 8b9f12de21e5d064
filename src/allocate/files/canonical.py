"""A table written in one way only, whatever it was read from: what hashes and copies rest on."""

from __future__ import annotations

import csv
import hashlib
import io
from datetime import date
from typing import Any

import pandas as pd

from allocate.card import Table


def cell(value: Any) -> str:
    """Write a value as a person would type it: no digit more than it needs, dates as ISO."""
    if value is None or (isinstance(value, float) and value != value):
        return ""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, tuple):
        return ";".join(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def text(values: pd.DataFrame, table: Table) -> str:
    """Write a table's values as CSV: required columns and those that hold anything.

    Parameters
    ----------
    values
        Converted cells.
    table
        The table's words, whose order of columns is kept.
    """
    written = {name: [cell(value) for value in values[name]] for name in table.names}
    kept = [
        column.name
        for column in table.fields
        if column.constraints.required or any(written[column.name])
    ]
    lines = io.StringIO()
    writer = csv.writer(lines, lineterminator="\n")
    writer.writerow(kept)
    writer.writerows(zip(*(written[name] for name in kept), strict=True))
    return lines.getvalue()


def digest(values: pd.DataFrame, table: Table) -> str:
    """SHA-256 of what a table says, the same for a CSV file, a sheet or a data package."""
    return hashlib.sha256(text(values, table).encode()).hexdigest()
