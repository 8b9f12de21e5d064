"""A case: its tables as typed and as values, checked whole against the card."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from allocate.card import Card, Table, read_card
from allocate.cells import convert
from allocate.check import key_faults, reference_faults, value_faults
from allocate.errors import BadInput, Fault, nearest
from allocate.files.canonical import digest


@dataclass(frozen=True)
class Tables:
    """A checked case.

    Parameters
    ----------
    name
        Name of the case.
    folder
        Where it was read.
    card
        The model's words.
    typed
        Cells as typed by table: text, columns of the file, index ``line 14``.
    values
        Converted cells by table: every column of the card, same index.
    ignored
        Columns and files that the card does not know, for the reader to be told.
    hashes
        SHA-256 of what each table of the case says, before any change.
    """

    name: str
    folder: Path
    card: Card
    typed: Mapping[str, pd.DataFrame]
    values: Mapping[str, pd.DataFrame]
    ignored: tuple[str, ...] = ()
    hashes: Mapping[str, str] = field(default_factory=dict)

    def __getitem__(self, table: str) -> pd.DataFrame:
        """Return the values of a table; an absent one has no rows."""
        return self.values[table]

    def has(self, table: str) -> bool:
        """Whether the case has rows in this table."""
        return len(self.values[table]) > 0

    def replace(self, typed: Mapping[str, pd.DataFrame]) -> Tables:
        """Return the case with other cells, checked again whole."""
        return _checked(self.name, self.folder, self.card, typed, self.ignored, self.hashes)


def read(folder: str | Path, model: str = "homecare") -> Tables:
    """Read a case folder of CSV files and check it against the model's card.

    Parameters
    ----------
    folder
        Folder with one ``<table>.csv`` a table.
    model
        Model whose card says which tables there are.

    Returns
    -------
    Tables
        The case.

    Raises
    ------
    BadInput
        With every fault of every file.
    """
    folder = Path(folder)
    card = read_card(model)
    if not folder.is_dir():
        raise BadInput(str(folder), [Fault(str(folder), "", "no such folder", "Name a case")])
    typed: dict[str, pd.DataFrame] = {}
    ignored: list[str] = []
    faults: list[Fault] = []
    files: dict[str, Path] = {}
    for path in sorted(p for p in folder.glob("*.[cC][sS][vV]") if p.is_file()):
        first = files.setdefault(path.stem.casefold(), path)
        if first != path:
            problem = f"is the same table as {first.name}"
            faults.append(Fault(path.name, "", problem, "Keep one of the two files"))
    for stem in sorted(files.keys() - card.tables.keys()):
        ignored.append(f"{files[stem].name}: no table of this model{nearest(stem, card.tables)}")
    for table in (name for name in card.tables if name in files):
        try:
            raw = files[table].read_bytes()
        except OSError as error:
            problem, remedy = f"cannot be read: {error.strerror}", "Close or free the file"
            faults.append(Fault(files[table].name, "", problem, remedy))
            typed[table] = pd.DataFrame()
            continue
        typed[table], unknown, wrong = _parse(raw, table, card.tables[table])
        faults += wrong
        ignored += [f"{table}.csv: column {name}" for name in unknown]
    name = folder.resolve().name
    return _checked(name, folder, card, typed, tuple(ignored), None, faults)


def with_table(tables: Tables, table: str, path: Path) -> Tables:
    """Return the case with one table read from a CSV file elsewhere, checked again whole.

    Raises
    ------
    BadInput
        With every fault, under the name of that file.
    """
    try:
        typed, _, faults = _parse(path.read_bytes(), table, tables.card.tables[table])
    except OSError as error:
        problem, remedy = f"cannot be read: {error.strerror}", "Name a CSV file"
        raise BadInput(str(path), [Fault(str(path), "", problem, remedy)]) from error
    if faults:
        raise BadInput(str(path), faults)
    try:
        return tables.replace({**tables.typed, table: typed})
    except BadInput as error:
        raise BadInput(str(path), error.faults) from error


def _text(raw: bytes) -> str:
    """Decode a file as Excel or anything newer saved it."""
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return raw.decode("utf-16", errors="replace")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace")


def _parse(raw: bytes, name: str, table: Table) -> tuple[pd.DataFrame, list[str], list[Fault]]:
    """Split a file into cells; return them, the unknown columns and what is wrong."""
    file = f"{name}.csv"
    faults: list[Fault] = []
    read_rows = _rows(raw, file, faults)
    headings = next((cells for _, cells in read_rows if any(cells)), [])
    header = [_plain(cell) for cell in headings]
    faults += _header_faults(file, header, table)
    rows: list[list[str]] = []
    lines: list[str] = []
    for line, cells in read_rows:
        stripped = [cell.replace("\u00a0", " ").strip() for cell in cells]
        if not any(stripped):
            continue
        if any(stripped[len(header) :]):
            problem = f"has {len(stripped)} cells under {len(header)} headings"
            faults.append(Fault(f"{file} {line}", "", problem, "Put text with commas in quotes"))
        rows.append((stripped + [""] * len(header))[: len(header)])
        lines.append(line)
    if faults:
        return pd.DataFrame(), [], faults
    frame = pd.DataFrame(rows, columns=header, index=lines, dtype="object")
    unknown = [column for column in header if column and column not in table.names]
    return frame[[column for column in header if column in table.names]], unknown, []


def _rows(raw: bytes, file: str, faults: list[Fault]) -> Iterator[tuple[str, list[str]]]:
    """Read rows with the line that each begins on; a quote that never closes is a fault."""
    reader = csv.reader(io.StringIO(_text(raw), newline=""), strict=True)
    start = 1
    try:
        for cells in reader:
            yield f"line {start}", cells
            start = reader.line_num + 1
    except csv.Error:
        problem = "a quote opens here and does not close, or stands inside a cell"
        remedy = "Close it, or write two for one that is meant"
        faults.append(Fault(f"{file} line {start}", "", problem, remedy))


def _plain(heading: str) -> str:
    return heading.replace("\u00a0", " ").strip().casefold().replace(" ", "_")


def _header_faults(file: str, header: list[str], table: Table) -> list[Fault]:
    for mark, name in ((";", "semicolons"), ("\t", "tabs")):
        if len(header) == 1 and mark in header[0]:
            problem = f"is separated by {name}, not by commas"
            return [Fault(file, "", problem, "Save it as CSV, comma delimited")]
    faults = [
        Fault(file, f"column {name}", "stands twice in the heading", "Keep one of them")
        for name in sorted({name for name in header if name and header.count(name) > 1})
    ]
    strangers = [name for name in header if name not in table.names]
    for column in table.fields:
        if column.constraints.required and column.name not in header:
            close = nearest(column.name, strangers)
            remedy = f"Add it: {column.title}"
            faults.append(Fault(file, "", f"column {column.name} is missing{close}", remedy))
    return faults


def _checked(
    name: str,
    folder: Path,
    card: Card,
    typed: Mapping[str, pd.DataFrame],
    ignored: tuple[str, ...],
    hashes: Mapping[str, str] | None,
    faults: Sequence[Fault] = (),
) -> Tables:
    """Convert and check all tables, and raise all faults at once.

    A table that could not be split into cells has its fault already: nothing more is said of it,
    nor of ids that point into it.
    """
    broken = {fault.place.casefold().partition(".csv")[0] for fault in faults}
    faults = list(faults)
    values: dict[str, pd.DataFrame] = {}
    for key, table in card.tables.items():
        frame = typed.get(key, pd.DataFrame(dtype="object"))
        if table.required and frame.empty and key not in broken:
            state = "has no rows" if key in typed else "is missing"
            faults.append(Fault(f"{key}.csv", "", f"the table {state}", f"Add it: {table.title}"))
        values[key], wrong = _converted(key, table, frame)
        faults += wrong
    cells = {key: typed.get(key, pd.DataFrame(dtype="object")) for key in card.tables}
    for key, table in card.tables.items():
        faults += value_faults(key, table, values[key], cells[key])
        faults += key_faults(key, table, values[key])
        faults += reference_faults(key, table, values, broken)
    if faults:
        raise BadInput(str(folder), faults)
    if hashes is None:
        hashes = {key: digest(values[key], card.tables[key]) for key in values if len(values[key])}
    return Tables(name, folder, card, cells, values, ignored, hashes)


def _converted(key: str, table: Table, frame: pd.DataFrame) -> tuple[pd.DataFrame, list[Fault]]:
    faults: list[Fault] = []
    columns: dict[str, pd.Series[Any]] = {}
    blank = pd.Series([""] * len(frame), index=frame.index, dtype="object")
    for column in table.fields:
        texts = frame.get(column.name, blank)
        columns[column.name], unreadable = convert(texts, column)
        for line in texts.index[texts.isin(list(unreadable))]:
            problem, remedy = unreadable[texts[line]].split("|")
            cell = f'{column.name} = "{texts[line]}"'
            faults.append(Fault(f"{key}.csv {line}", cell, problem, remedy))
    return pd.DataFrame(columns, index=frame.index), faults
