"""The record itself: a table that is only ever appended to, each row chained to the last by hash.

Kept by SQLAlchemy: in a SQLite file, or in a PostgreSQL database given by its URL.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from sqlalchemy import (
    DDL,
    Boolean,
    Column,
    Connection,
    Engine,
    Float,
    Integer,
    MetaData,
    Table,
    Text,
    create_engine,
    event,
    insert,
    select,
)
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

from allocate.errors import AllocateError, BadInput, Fault
from allocate.ledger.entry import COLUMNS, Entry

PATIENCE = 5  # seconds to wait for somebody else's lock
SQLITE, POSTGRESQL = "sqlite", "postgresql"
KINDS = {"str": Text, "int | None": Integer, "float | None": Float, "bool | None": Boolean}
UNTOUCHED = "a record of runs is only appended to"

metadata = MetaData()
runs = Table(
    "runs",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    *(
        Column(field.name, KINDS[str(field.type)], unique=field.name == "token")
        for field in fields(Entry)
    ),
    Column("previous", Text, nullable=False),
    Column("hash", Text, nullable=False),
)
for verb in ("UPDATE", "DELETE"):
    sqlite = f"""CREATE TRIGGER runs_no_{verb.lower()} BEFORE {verb} ON runs
        BEGIN SELECT RAISE(ABORT, '{UNTOUCHED}'); END"""
    made = DDL(sqlite).execute_if(dialect=SQLITE)  # type: ignore[no-untyped-call]
    event.listen(runs, "after_create", made)
postgresql = f"""CREATE FUNCTION runs_untouched() RETURNS trigger LANGUAGE plpgsql
    AS $$ BEGIN RAISE EXCEPTION '{UNTOUCHED}'; END $$;
    CREATE TRIGGER runs_untouched BEFORE UPDATE OR DELETE OR TRUNCATE ON runs
    EXECUTE FUNCTION runs_untouched()"""
made = DDL(postgresql).execute_if(dialect=POSTGRESQL)  # type: ignore[no-untyped-call]
event.listen(runs, "after_create", made)


class RecordClosed(AllocateError):
    """The record cannot be reached, or somebody holds its lock."""


@dataclass(frozen=True)
class Row:
    """An entry in its place.

    Parameters
    ----------
    number
        Its number; from 1, without a gap.
    entry
        What it says.
    previous, hash
        Hash of the row before, empty for the first, and of this one.
    """

    number: int
    entry: Entry
    previous: str
    hash: str


class Ledger:
    """A record of runs.

    Parameters
    ----------
    where
        A SQLite file, made where there is none, or the URL of a database; a password in it is
        never told.

    Raises
    ------
    BadInput
        For a URL that cannot be understood, or a database of no known kind.
    """

    def __init__(self, where: str) -> None:
        self.where = where
        try:
            url = make_url(where) if "://" in where else make_url(f"{SQLITE}:///{where}")
            kind = url.get_backend_name()
            if kind not in (SQLITE, POSTGRESQL):
                raise ArgumentError(f"{kind} is no kind of database that is known here")
            if url.drivername == POSTGRESQL:
                url = url.set(drivername=f"{POSTGRESQL}+psycopg")
            given = {"timeout": PATIENCE} if kind == SQLITE else {}
            self._engine: Engine = create_engine(url, connect_args=given)
        except (ArgumentError, NoSuchModuleError, ImportError) as error:
            problem = f"is no place for a record: {str(error).splitlines()[0]}"
            remedy = "Name a file, or sqlite:///FILE, or postgresql://USER@HOST/DATABASE"
            fault = Fault("--record", f'"{where}"', problem, remedy)
            raise BadInput("the command line", [fault]) from error
        self.name = where if "://" not in where else url.render_as_string(hide_password=True)
        self.sqlite = self._engine.dialect.name == SQLITE
        if self.sqlite:
            event.listen(self._engine, "connect", _by_hand)
            event.listen(self._engine, "begin", _at_once)
            self._file = Path(str(url.database))

    def append(self, entries: Sequence[Entry]) -> list[int]:
        """Append entries that the record does not have yet, all or none; return their numbers.

        Raises
        ------
        RecordClosed
            Where the record cannot be reached or stays locked.
        """
        if self.sqlite:
            self._file.parent.mkdir(parents=True, exist_ok=True)
        with self._connected() as connection:
            self._make(connection)
            if not self.sqlite:
                connection.exec_driver_sql("LOCK TABLE runs IN EXCLUSIVE MODE")
            last = connection.execute(
                select(runs.c.number, runs.c.hash).order_by(runs.c.number.desc()).limit(1)
            ).first()
            number, previous = (0, "") if last is None else (last[0], last[1])
            numbers = []
            for entry in entries:
                known = connection.execute(select(runs.c.number).where(runs.c.token == entry.token))
                if (found := known.first()) is not None:
                    numbers.append(int(found[0]))
                    continue
                number += 1
                row = {name: getattr(entry, name) for name in COLUMNS}
                digest = entry.hashed(previous)
                row |= {"number": number, "previous": previous, "hash": digest}
                connection.execute(insert(runs).values(row))
                numbers.append(number)
                previous = digest
            return numbers

    def rows(self) -> list[Row]:
        """Return all rows in order.

        Raises
        ------
        BadInput
            Where there is no such record.
        RecordClosed
            Where it cannot be reached or stays locked.
        """
        if self.sqlite and not self._file.exists():
            problem, remedy = "no such record", "Name it with --record, or solve something first"
            raise BadInput("--record", [Fault(self.name, "", problem, remedy)])
        with self._connected() as connection:
            self._make(connection)
            found = connection.execute(select(runs).order_by(runs.c.number)).mappings()
            return [
                Row(
                    row["number"],
                    Entry(**{name: row[name] for name in COLUMNS}),
                    row["previous"],
                    row["hash"],
                )
                for row in found
            ]

    def run(self, number: int) -> Row:
        """Return the row of a run.

        Raises
        ------
        BadInput
            Where there is none.
        """
        rows = self.rows()
        if not 1 <= number <= len(rows):
            problem = f"no such run; the last is {len(rows)}"
            fault = Fault(self.name, f"run {number}", problem, "`allocate runs` lists them")
            raise BadInput("the record", [fault])
        return rows[number - 1]

    def _make(self, connection: Connection) -> None:
        """Make the table where there is none; a race for it is settled by a lock."""
        if not self.sqlite:
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{PATIENCE}s'")
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(hashtext('allocate runs'))")
        metadata.create_all(connection)

    @contextmanager
    def _connected(self) -> Iterator[Connection]:
        try:
            with self._engine.begin() as connection:
                yield connection
        except (SQLAlchemyError, OSError) as error:
            reason = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
            raise RecordClosed(f"The record {self.name} cannot be used: {reason}") from error


def broken(rows: Sequence[Row]) -> list[str]:
    """Say where the chain of a record does not hold; empty where it does."""
    found = []
    previous = ""
    for place, row in enumerate(rows, start=1):
        if row.number != place:
            found.append(f"Run {place} is missing: the next is run {row.number}.")
            break
        if row.previous != previous:
            found.append(f"Run {row.number} does not follow the run before it.")
        if row.entry.hashed(row.previous) != row.hash:
            found.append(f"Run {row.number} is not what was recorded: its hash is another.")
        previous = row.hash
    return found


def _by_hand(connection: Any, _: Any) -> None:
    """Have SQLite begin transactions only when it is told to."""
    connection.isolation_level = None


def _at_once(connection: Connection) -> None:
    """Take the lock of a SQLite file at the beginning: who reads the last row, writes the next."""
    connection.exec_driver_sql("BEGIN IMMEDIATE")
