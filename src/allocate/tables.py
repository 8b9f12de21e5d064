"""A case: its tables as typed and as values, checked whole against the card."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd

from allocate.card import Card, Table, read_card
from allocate.cells import convert
from allocate.check import key_faults, reference_faults, value_faults
from allocate.errors import BadInput, Fault, nearest
from allocate.files.canonical import digest
from allocate.files.columns import Columns, cut, plain
from allocate.files.csvs import read_csv
from allocate.files.ids import with_zeros
from allocate.files.origin import Origin
from allocate.files.reading import read_book
from allocate.files.sheet import Book, Sheet
from allocate.files.workbook import is_workbook, read_workbook

READ_ME = ("read_me", "readme")  # sheets that speak to people


@dataclass(frozen=True)
class Tables:
    """A checked case.

    Parameters
    ----------
    name
        Name of the case.
    folder
        Where it was read: a folder, a workbook, or the descriptor of a data package.
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
    notes
        What was repaired, left out or read although it is hidden, for the reader to be told.
    origin
        How its faults name a place.
    """

    name: str
    folder: Path
    card: Card
    typed: Mapping[str, pd.DataFrame]
    values: Mapping[str, pd.DataFrame]
    ignored: tuple[str, ...] = ()
    hashes: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    origin: Origin = field(default_factory=Origin)

    def __getitem__(self, table: str) -> pd.DataFrame:
        """Return the values of a table; an absent one has no rows."""
        return self.values[table]

    def has(self, table: str) -> bool:
        """Whether the case has rows in this table."""
        return len(self.values[table]) > 0

    def replace(self, typed: Mapping[str, pd.DataFrame]) -> Tables:
        """Return the case with other cells, checked again whole."""
        return _checked(self, typed)


def read(where: str | Path, model: str = "homecare") -> Tables:
    """Read a case and check it against the model's card.

    Parameters
    ----------
    where
        A folder with one ``<table>.csv`` a table, a workbook with a sheet a table, or a data
        package: its folder or its ``datapackage.json``.
    model
        Model whose card says which tables there are.

    Returns
    -------
    Tables
        The case, the same whatever form it was read from.

    Raises
    ------
    BadInput
        With every fault of every table.
    """
    card, book = read_card(model), read_book(Path(where))
    found, ignored, faults = _found(book, card)
    typed = {key: columns.frame for key, columns in found.items()}
    repaired, ambiguous = with_zeros(card, typed)
    faults += [fault for columns in found.values() for fault in columns.faults]
    doubts = [*(doubt for columns in found.values() for doubt in columns.doubts), *ambiguous]
    broken = {key for key, columns in found.items() if columns.broken}
    origin = _origin(book, found)
    cut_notes = [note for columns in found.values() for note in columns.notes]
    case = Tables(
        name=book.name,
        folder=book.path,
        card=card,
        typed={},
        values={},
        ignored=tuple(ignored),
        notes=tuple(origin.words(note) for note in (*book.notes, *cut_notes, *repaired)),
        origin=origin,
    )
    with origin.telling():
        case = _checked(case, typed, faults, doubts, broken)
    kept = {key: values for key, values in case.values.items() if len(values)}
    return replace(case, hashes={key: digest(kept[key], card.tables[key]) for key in kept})


def with_table(tables: Tables, table: str, path: Path) -> Tables:
    """Return the case with one table read from a file elsewhere, checked again whole.

    Parameters
    ----------
    tables
        The case.
    table
        Which table it is.
    path
        A CSV file, or a workbook with a sheet of the table's name or with one sheet.

    Raises
    ------
    BadInput
        With every fault of that file, under its name.
    """
    if not path.is_file():
        fault = Fault(path.name, "", "no such file", "Name a CSV file or a workbook")
        raise BadInput(path.name, [fault])
    sheet = _sheet(path, table) if is_workbook(path) else read_csv(path, path.name, table)
    columns = cut(sheet, table, tables.card.tables[table])
    if faults := [*columns.faults, *columns.doubts]:
        raise BadInput(path.name, faults)
    letters = {key: found for key, found in tables.origin.letters.items() if key != table}
    if sheet.lettered:
        letters[table] = columns.letters
    sources = {**tables.origin.sources, table: columns.source}
    origin = replace(tables.origin, sources=sources, letters=letters)
    with origin.telling():
        try:
            return replace(tables, origin=origin).replace({**tables.typed, table: columns.frame})
        except BadInput as error:
            raise BadInput(path.name, error.faults) from None


def _sheet(path: Path, table: str) -> Sheet:
    """Find the sheet of a table in a workbook that holds little else."""
    book = read_workbook(path)
    named = [sheet for sheet in book.sheets if plain(sheet.name) == table]
    if book.faults or len(named or book.sheets) != 1:
        problem = f'has no one sheet "{table}"'
        fault = Fault(path.name, "", problem, f'Call the sheet "{table}", or save it as CSV')
        raise BadInput(path.name, [*book.faults, fault])
    return (named or list(book.sheets))[0]


def _found(book: Book, card: Card) -> tuple[dict[str, Columns], list[str], list[Fault]]:
    """Find the card's tables among the sheets; return them, what is not read, and the faults."""
    sources: dict[str, str] = {}
    found: dict[str, Columns] = {}
    ignored, faults = list(book.ignored), list(book.faults)
    for sheet in book.sheets:
        key = plain(sheet.name)
        if key in sources:
            problem = f"is the same table as {sources[key]}"
            faults.append(Fault(sheet.source, "", problem, "Keep one of the two"))
        elif key in card.tables:
            found[key] = cut(sheet, key, card.tables[key])
        elif key not in READ_ME and sheet.rows:
            close = nearest(key, card.tables)
            ignored.append(f"{sheet.source}: no table of this model{close}")
        sources.setdefault(key, sheet.source)
    found = {key: found[key] for key in card.tables if key in found}
    ignored += [item for columns in found.values() for item in columns.ignored]
    return found, ignored, faults


def _origin(book: Book, found: Mapping[str, Columns]) -> Origin:
    """How faults of this case name a place."""
    if is_workbook(book.path):
        sources = {key: columns.source for key, columns in found.items()}
        letters = {key: columns.letters for key, columns in found.items()}
        return Origin(book.path.name, sources, letters)
    other = {key: c.source for key, c in found.items() if c.source != f"{key}.csv"}
    return Origin(sources=other)


def _checked(
    case: Tables,
    typed: Mapping[str, pd.DataFrame],
    faults: Sequence[Fault] = (),
    doubts: Sequence[Fault] = (),
    broken: Set[str] = frozenset(),
) -> Tables:
    """Convert and check all tables, and raise all faults at once.

    A cell in doubt has its fault already: nothing more is said of it. A table that could not be
    read whole is broken: ids that point into it are not checked.
    """
    doubted = {(fault.place, _column(fault)) for fault in doubts}
    faults = [*faults, *doubts]
    wrong: list[Fault] = []
    cells = {key: typed.get(key, pd.DataFrame(dtype="object")) for key in case.card.tables}
    values: dict[str, pd.DataFrame] = {}
    for key, table in case.card.tables.items():
        if table.required and cells[key].empty and key not in broken:
            state, do = ("has no rows", "Fill it in") if key in typed else ("is missing", "Add it")
            faults.append(Fault(f"{key}.csv", "", f"the table {state}", f"{do}: {table.title}"))
        values[key], unreadable = _converted(key, table, cells[key])
        wrong += unreadable
    for key, table in case.card.tables.items():
        wrong += value_faults(key, table, values[key], cells[key])
        if all(table.column(n).constraints.required <= (n in cells[key]) for n in table.primaryKey):
            wrong += key_faults(key, table, values[key])
        wrong += reference_faults(key, table, values, broken)
    faults += [fault for fault in wrong if (fault.place, _column(fault)) not in doubted]
    if faults:
        raise BadInput(str(case.folder), faults)
    return replace(case, typed=cells, values=values)


def _column(fault: Fault) -> str:
    return fault.value.partition(" = ")[0]


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
