"""The record of runs: appended to, chained, and never in the way of an answer."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy

from allocate.errors import BadInput
from allocate.ledger import ledger as module
from allocate.ledger.entry import Entry, blank
from allocate.ledger.keeping import Recorder, home, place_of
from allocate.ledger.ledger import Ledger, RecordClosed, broken
from helpers import postgresql


@pytest.fixture(scope="module")
def postgres() -> Iterator[str]:
    """The URL of a PostgreSQL database."""
    if postgresql.binaries() is None:
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    with postgresql.server() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty record of either kind."""
    if request.param == "sqlite":
        return str(tmp_path / "deep" / "record.sqlite")
    url: str = request.getfixturevalue("postgres")
    with sqlalchemy.create_engine(url.replace("://", "+psycopg://")).begin() as connection:
        connection.exec_driver_sql(
            "DROP TABLE IF EXISTS runs; DROP FUNCTION IF EXISTS runs_untouched"
        )
    return url


@pytest.fixture(autouse=True)
def at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Entries that wait do so in a home folder of the test's own."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))


def entry(number: int = 1) -> Entry:
    """An entry with something of every kind in it."""
    return blank(
        "solve", question=f"Question {number}, é?", scenario="as_is", seed=number,
        objective=0.1 + number, bound=-1e-9, replayable=True, rules='{"a":{"value":0.5}}',
    )  # fmt: skip


def test_entries_come_back_as_they_were(where: str) -> None:
    """Every column is read as it was written, and the chain holds."""
    entries = [entry(number) for number in (1, 2, 3)]
    assert Ledger(where).append(entries[:2]) == [1, 2]
    assert Ledger(where).append(entries[2:]) == [3]
    rows = Ledger(where).rows()
    assert [row.entry for row in rows] == entries
    assert [row.previous for row in rows] == ["", rows[0].hash, rows[1].hash]
    assert broken(rows) == []
    assert Ledger(where).run(2).entry.read("rules") == {"a": {"value": 0.5}}


def test_an_entry_is_taken_in_once(where: str) -> None:
    """The same entry has the same number however often it comes."""
    one, other = entry(1), entry(2)
    assert Ledger(where).append([one, one, other]) == [1, 1, 2]
    assert Ledger(where).append([other]) == [2]
    assert len(Ledger(where).rows()) == 2


@pytest.mark.parametrize("change", ["UPDATE runs SET status = 'optimal'", "DELETE FROM runs"])
def test_rows_cannot_be_changed(where: str, change: str) -> None:
    """The database itself refuses to change or take away a row."""
    ledger = Ledger(where)
    ledger.append([entry()])
    with pytest.raises(sqlalchemy.exc.DatabaseError, match="only appended to"):  # noqa: SIM117
        with ledger._engine.begin() as connection:
            connection.exec_driver_sql(change)
    assert len(ledger.rows()) == 1


def test_chain_shows_what_was_done_behind_its_back() -> None:
    """A changed, a missing and a replaced row are each found."""
    rows = []
    previous = ""
    for number in (1, 2, 3):
        made = entry(number)
        rows.append(module.Row(number, made, previous, made.hashed(previous)))
        previous = rows[-1].hash
    assert broken(rows) == []
    changed = replace(rows[1], entry=replace(rows[1].entry, objective=0.0))
    assert broken([rows[0], changed, rows[2]]) == [
        "Run 2 is not what was recorded: its hash is another."
    ]
    again = replace(changed, hash=changed.entry.hashed(changed.previous))
    assert broken([rows[0], again, rows[2]]) == ["Run 3 does not follow the run before it."]
    assert broken([rows[0], rows[2]]) == ["Run 2 is missing: the next is run 3."]


def test_many_append_at_once(where: str) -> None:
    """Writers from all sides get a place each, and the chain holds."""
    threads = [
        threading.Thread(target=lambda n=n: Ledger(where).append([entry(n)])) for n in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    rows = Ledger(where).rows()
    assert [row.number for row in rows] == list(range(1, 9))
    assert {row.entry.seed for row in rows} == set(range(8))
    assert broken(rows) == []


def test_locked_record_lets_entries_wait(where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A record locked by another process costs nothing: the next run takes the entry in."""
    monkeypatch.setattr(module, "PATIENCE", 0.2 if "://" not in where else 1)
    Ledger(where).append([entry(1)])
    with _locked(where):
        recorder = Recorder(where)
        recorder.keep([entry(2)])
        assert "Its entry waits" in recorder.words()
        assert "lock" in recorder.words()
    recorder.keep([entry(4)])  # of the same sweep: it does not try again
    recorder = Recorder(where)
    recorder.keep([entry(3)])
    assert recorder.words() == "Recorded as run 4."
    seeds = [row.entry.seed for row in Ledger(where).rows()]
    assert (seeds[0], sorted(seeds[1:3]), seeds[3]) == (1, [2, 4], 3)  # waited in the same second
    assert not list(home().rglob("*.json"))


def _locked(where: str) -> sqlalchemy.Connection | sqlite3.Connection:
    """Hold the record's lock as another process would."""
    if "://" in where:
        held = sqlalchemy.create_engine(where.replace("://", "+psycopg://")).connect()
        held.exec_driver_sql("LOCK TABLE runs IN ACCESS EXCLUSIVE MODE")
        return held
    file = sqlite3.connect(where, isolation_level=None)
    file.execute("BEGIN EXCLUSIVE")
    return file


def test_server_that_is_not_there_lets_entries_wait() -> None:
    """A database that cannot be reached costs nothing either."""
    recorder = Recorder("postgresql://nobody:secret@127.0.0.1:1/none")
    recorder.keep([entry()])
    assert "cannot be used" in recorder.words()
    assert "secret" not in recorder.words()
    assert len(list(home().rglob("*.json"))) == 1


def test_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    """Where nothing can be put aside, that is said too, and nothing is raised."""
    (tmp_path / "home").write_text("no folder")
    (tmp_path / "file").write_text("no folder")
    recorder = Recorder(str(tmp_path / "file" / "record.sqlite"))
    recorder.keep([entry()])
    assert "could not be put aside either" in recorder.words()


@pytest.mark.parametrize("name", ["mysql://host/db", "postgresql+none://x", "://"])
def test_places_that_are_none(name: str) -> None:
    """A mistyped URL is told before anything is solved."""
    with pytest.raises(BadInput, match="is no place for a record"):
        Recorder(name)


def test_file_that_is_no_record(tmp_path: Path) -> None:
    """A file of something else is said to be none."""
    (tmp_path / "text").write_text("hello " * 200)
    with pytest.raises(RecordClosed, match="not a database"):
        Ledger(str(tmp_path / "text")).rows()


def test_account_without_a_home_has_a_record(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody's solve ends because there is no home folder."""

    def nowhere() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", nowhere)
    monkeypatch.delenv("ALLOCATE_RECORD")
    assert place_of(None) == str(home() / "record.sqlite")


def test_where_the_record_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """As given, else by the environment, else in the home folder."""
    assert place_of("x") == "x"
    assert place_of(None) is None  # as the tests' environment has it
    monkeypatch.delenv("ALLOCATE_RECORD")
    assert place_of(None) == str(home() / "record.sqlite")
    assert place_of("none") is None
