"""CSV files split into cells, as Excel or anything newer saved them."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator
from pathlib import Path

from allocate.errors import Fault
from allocate.files.sheet import Sheet, tidy


def read_csv(path: Path, source: str, name: str, delimiter: str = ",", encoding: str = "") -> Sheet:
    """Read a CSV file; one that cannot be opened is a sheet with a fault and no rows.

    Parameters
    ----------
    path
        The file.
    source
        What messages call it.
    name
        Name of its table.
    delimiter
        What stands between cells.
    encoding
        How its text is written; empty: UTF-8, or UTF-16 where it says so, else Excel's cp1252.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        problem, remedy = f"cannot be read: {error.strerror}", "Close or free the file"
        return Sheet(source, name, (), faults=(Fault(source, "", problem, remedy),))
    return split(raw, source, name, delimiter, encoding)


def split(raw: bytes, source: str, name: str, delimiter: str = ",", encoding: str = "") -> Sheet:
    """Split the bytes of a CSV file into cells; the rest as in ``read_csv``."""
    faults: list[Fault] = []
    rows = tuple(_rows(_text(raw, encoding), source, delimiter, faults))
    heading = rows[0][1] if rows else []
    for mark, called in ((";", "semicolons"), ("\t", "tabs")):
        if len(heading) == 1 and mark in heading[0]:
            problem = f"is separated by {called}, not by commas"
            faults = [Fault(source, "", problem, "Save it as CSV, comma delimited")]
            rows = ()
    return Sheet(source, name, rows, faults=tuple(faults))


def _text(raw: bytes, encoding: str) -> str:
    if encoding and codecs.lookup(encoding).name != "utf-8":
        return raw.decode(encoding, errors="replace").removeprefix("\ufeff")
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return raw.decode("utf-16", errors="replace")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace")


def _rows(
    text: str, source: str, delimiter: str, faults: list[Fault]
) -> Iterator[tuple[int, list[str]]]:
    """Yield rows that hold anything, each with the line that it begins on.

    A quote that never closes is a fault; what stands before it is read.
    """
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    start = 1
    try:
        for cells in reader:
            stripped = [tidy(cell) for cell in cells]
            if any(stripped):
                yield start, stripped
            start = reader.line_num + 1
    except csv.Error:
        problem = "a quote opens here and does not close, or stands inside a cell"
        remedy = "Close it, or write two for one that is meant"
        faults.append(Fault(f"{source} line {start}", "", problem, remedy))
