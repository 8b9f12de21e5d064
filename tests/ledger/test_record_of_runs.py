"""Runs from the command line: recorded, listed, replayed, compared, and their data purged."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

import allocate as allocate_package
from allocate.card import shipped
from allocate.errors import ReviewFailed
from allocate.ledger.entry import COLUMNS
from allocate.ledger.ledger import Ledger
from allocate.ledger.purge import due
from allocate.ledger.replay import replay
from allocate.result import PAGES
from helpers.cases import OK_SMALL, CommandLine, copy_case, edit, write_scenario

CASE = 'case = "case"\n'


@pytest.fixture
def where(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A record that every command of a test finds by the environment."""
    monkeypatch.setenv("ALLOCATE_RECORD", str(tmp_path / "record.sqlite"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    return str(tmp_path / "record.sqlite")


def test_a_solve_from_python_is_recorded(tmp_path: Path, where: str) -> None:
    """As one from the command line is, with where its result lies; and not where refused."""
    allocate_package.solve(OK_SMALL, seed=7, out=tmp_path / "r")
    allocate_package.solve(OK_SMALL, seed=8, record="none")
    (run,) = Ledger(where).rows()
    assert (run.entry.kind, run.entry.asked, run.entry.seed) == ("solve", str(OK_SMALL), 7)
    assert run.entry.folder == str(tmp_path / "r")


def test_a_solve_from_python_waits_for_a_locked_record(tmp_path: Path, where: str) -> None:
    """It warns, and the answer stands."""
    allocate_package.solve(OK_SMALL)
    with sqlite3.connect(where) as locked:
        locked.execute("BEGIN EXCLUSIVE")
        with pytest.warns(UserWarning, match="waits"):
            assert allocate_package.solve(OK_SMALL).status == "optimal"


def test_every_solve_is_recorded(allocate: CommandLine, tmp_path: Path, where: str) -> None:
    """Who, when, what, of which data, how far proven, and where it lies."""
    run = allocate("solve", OK_SMALL, "--out", tmp_path / "r", "--seed", 7, "--quiet")
    assert "Recorded as run 1." in run.out
    entry = Ledger(where).run(1).entry
    found = json.loads((tmp_path / "r" / "result.json").read_text(encoding="utf-8"))
    assert (entry.kind, entry.asked, entry.scenario, entry.seed) == (
        "solve", str(OK_SMALL), "ok_small", 7,
    )  # fmt: skip
    assert entry.read("inputs") == found["inputs"]
    assert entry.read("versions") == found["versions"]
    assert (entry.status, entry.verdict, entry.replayable) == ("optimal", "review passed", True)
    assert (entry.objective, entry.bound) == (found["objective"], found["bound"])
    assert entry.folder == str(tmp_path / "r")
    assert set(entry.read("files")) == {
        path.name for path in (tmp_path / "r").iterdir() if path.is_file()
    } - {"result.json", *PAGES}
    assert entry.at[:4].isdigit()
    assert entry.who
    listed = allocate("runs").out
    assert "ok_small" in listed
    assert str(tmp_path / "r") in listed
    assert "the chain of hashes holds" in allocate("runs", "--check").out
    allocate("runs", "--out", tmp_path / "runs.csv")
    assert list(pd.read_csv(tmp_path / "runs.csv")) == ["run", *COLUMNS, "previous", "hash"]


def test_locked_record_breaks_no_solve(
    allocate: CommandLine, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer is given, its entry is said to wait, and the next run takes it in."""
    monkeypatch.setattr("allocate.ledger.ledger.PATIENCE", 0.2)
    allocate("solve", OK_SMALL, "--quiet")
    with sqlite3.connect(where, isolation_level=None) as file:
        file.execute("BEGIN EXCLUSIVE")
        run = allocate("solve", OK_SMALL, "--quiet", "--seed", 2)
        assert run.code == 0
        assert "How sure this is" in run.out
        assert "Its entry waits" in run.out
    assert "Recorded as run 3." in allocate("solve", OK_SMALL, "--quiet", "--seed", 3).out
    assert [row.entry.seed for row in Ledger(where).rows()] == [1, 2, 3]


def test_none_records_nothing(allocate: CommandLine, tmp_path: Path, where: str) -> None:
    """Whoever wants no record has none."""
    run = allocate("solve", OK_SMALL, "--record", "none", "--quiet")
    assert "Recorded" not in run.out
    assert not Path(where).exists()
    assert allocate("runs", "--record", "none").code == 2
    assert "no such record" in allocate("runs").err


def test_no_row_of_a_person_is_in_it(allocate: CommandLine, tmp_path: Path, where: str) -> None:
    """Ids of people stand in the data only, also where a scenario adds some or cannot be met."""
    person = (
        '[[change]]\ntable = "packages"\nadd = [{ package_id = "SECRET1", place_id = "W01", '
        'hours_per_week = 100, carers = 1, status = "waiting" }]\n'
    )
    crowded = '[rules.share_limit]\nmode = "hard"\nvalue = 0.1\n[rules.moves_limit]\n'
    crowded += 'mode = "hard"\nvalue = 0\n'
    path = write_scenario(tmp_path, CASE + person)
    case = tmp_path / "case"
    for old, new in (("P1,W01", "SECRET2,W01"), ("P2,W01", "SECRET3,W01")):
        text = (case / "packages.csv").read_text(encoding="utf-8")
        if old in text:
            edit(case, "packages", old, new)
    assert allocate("solve", path, "--out", tmp_path / "r", "--quiet").code == 0
    worse = write_scenario(tmp_path, CASE + person + crowded, "worse")
    allocate("solve", worse, "--out", tmp_path / "w", "--quiet")
    assert "SECRET1" in (tmp_path / "r" / "allocation.csv").read_text(encoding="utf-8")
    assert b"SECRET" not in Path(where).read_bytes()
    with sqlite3.connect(where) as file:
        dump = "\n".join(file.iterdump())
    ids = pd.read_csv(case / "packages.csv")["package_id"]
    assert not [item for item in ids if f'"{item}"' in dump]


def test_replay_gives_the_same_bytes(allocate: CommandLine, tmp_path: Path, where: str) -> None:
    """A run is done again from what was asked, or from its result; both come to the same."""
    case = copy_case(tmp_path / "case")
    allocate("solve", case, "--out", tmp_path / "r", "--quiet")
    again = allocate("replay", 1, "--out", tmp_path / "again", "--quiet")
    assert again.code == 0
    assert "the same bytes in all" in again.out
    for path in (tmp_path / "r").glob("*.csv"):
        assert (tmp_path / "again" / path.name).read_bytes() == path.read_bytes()
    shutil.rmtree(case)
    assert allocate("replay", 1, "--quiet").code == 0


def test_replay_from_a_start(allocate: CommandLine, tmp_path: Path, where: str) -> None:
    """What a run started from is part of it; without those very files there is no replay."""
    allocate("solve", OK_SMALL, "--out", tmp_path / "r", "--quiet")
    path = write_scenario(tmp_path, CASE + "[rules.lead_accepts_share]\nvalue = 0.5\n")
    allocate("solve", path, "--start", tmp_path / "r", "--out", tmp_path / "s", "--quiet")
    assert allocate("replay", 2, "--quiet").code == 0
    leads = tmp_path / "r" / "leads.csv"
    leads.write_text(leads.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    run = allocate("replay", 2, "--quiet")
    assert run.code == 1
    assert "what it started from is not to be had any more" in run.out
    assert "was changed since" in run.out


def test_replay_says_why_not(allocate: CommandLine, tmp_path: Path, where: str) -> None:
    """A case that changed, a run by the clock, and a program that changed are each named."""
    case = copy_case(tmp_path / "case")
    allocate("solve", case, "--quiet")
    (row,) = Ledger(where).rows()
    edit(case, "packages", "P4,W02,5.25,1", "P4,W02,6,1")
    run = allocate("replay", 1, "--quiet")
    assert run.code == 1
    assert "the case was changed since: packages" in run.out
    timed = replay(replace(row, entry=replace(row.entry, replayable=False)))
    assert "the clock had a say in it" in timed.words
    edit(case, "packages", "P4,W02,6,1", "P4,W02,5.25,1")
    files = row.entry.files.replace('"leads.csv":"', '"leads.csv":"0')
    other = replace(row.entry, program="another", files=files)
    found = replay(replace(row, entry=other))
    assert not found.same
    assert "leads.csv came out otherwise" in found.words
    assert "the files of allocate itself are others" in found.words


def test_failed_run_is_recorded(
    allocate: CommandLine, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run without an answer stands in the record too, and what was told of it does not."""

    def fails(*_: object, **__: object) -> None:
        raise ReviewFailed("P1 has two providers")

    monkeypatch.setattr("allocate.recorded.answer", fails)
    assert allocate("solve", OK_SMALL, "--quiet").code == 3
    entry = Ledger(where).run(1).entry
    assert (entry.status, entry.why_stopped) == ("failed", "ReviewFailed")
    assert "two providers" not in str(entry)
    assert "it failed (ReviewFailed)" in allocate("replay", 1).out


def test_unknown_run(allocate: CommandLine, where: str) -> None:
    """A number that no run has ends with 2."""
    allocate("solve", OK_SMALL, "--quiet")
    run = allocate("replay", 2)
    assert run.code == 2
    assert "no such run; the last is 1" in run.err


def test_cases_of_a_sweep_are_runs(allocate: CommandLine, tmp_path: Path, where: str) -> None:
    """Each case is recorded once, also if the sweep is asked again, and can be replayed."""
    words = ["sweep", OK_SMALL, "--over", "rules.lead_accepts_share.value = 0.5, 0.6, 0.7"]
    words += ["--out", str(tmp_path / "s"), "--cores", "1", "--quiet"]
    assert "Recorded up to run 3." in allocate(*words).out
    allocate(*words)
    rows = Ledger(where).rows()
    assert [row.entry.kind for row in rows] == ["sweep"] * 3
    assert [bool(row.entry.start_folder) for row in rows] == [False, True, True]
    assert allocate("replay", 3, "--quiet").code == 0


def test_diff(allocate: CommandLine, tmp_path: Path, where: str) -> None:
    """Two runs differ in rules, data, limits and answer, and in nothing else."""
    case = copy_case(tmp_path / "case")
    allocate("solve", case, "--quiet")
    edit(case, "packages", "P4,W02,5.25,1", "P4,W02,6,1")
    path = write_scenario(
        tmp_path, CASE + "[rules.lead_accepts_share]\nvalue = 0.5\n[limits]\nseed = 3\n"
    )
    allocate("solve", path, "--quiet")
    lines = allocate("diff", 1, 2).out.splitlines()
    assert "  table packages: differs" in lines
    assert "  rule lead_accepts_share, value: 0.9 -> 0.5" in lines
    assert "  limit seed: 1 -> 3" in lines
    assert any(line.startswith("  level cash: ") for line in lines)
    assert not [line for line in lines if line.startswith("  package")]
    assert allocate("diff", 1, 1).out.splitlines()[1] == "  The same question, data and answer."


def test_purge_takes_data_and_leaves_the_record(
    allocate: CommandLine, tmp_path: Path, where: str
) -> None:
    """Data past their date go when that is asked for; what else lies there stays."""
    case = copy_case(tmp_path / "case")
    words = ["solve", case, "--quiet", "--out"]
    allocate(*words, tmp_path / "old", "--keep-until", "31/03/2020")
    allocate(*words, tmp_path / "mine", "--keep-until", "31/03/2020")
    allocate(*words, tmp_path / "new", "--keep-until", "31/03/2999")
    (tmp_path / "mine" / "notes.txt").write_text("keep")
    listed = allocate("purge")
    assert listed.out.count("Due: ") == 2
    assert "Nothing was removed" in listed.out
    assert (tmp_path / "old" / "allocation.csv").exists()
    run = allocate("purge", "--yes")
    assert run.code == 0
    assert "Left there, as the run did not write it: notes.txt" in run.out
    assert not (tmp_path / "old").exists()
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["notes.txt"]
    assert (tmp_path / "new" / "allocation.csv").exists()
    rows = Ledger(where).rows()
    assert [(row.entry.kind, row.entry.about) for row in rows[3:]] == [("purge", 1), ("purge", 2)]
    assert allocate("runs", "--check").code == 0
    assert "No data are past their date." in allocate("purge", "--yes").out
    assert "it took away the data of run 1" in allocate("replay", 4).out
    shutil.rmtree(case)
    assert "cannot be replayed: run 4 of " in allocate("replay", 1).out


def test_purge_by_date_spares_what_another_run_wrote(
    allocate: CommandLine, tmp_path: Path, where: str
) -> None:
    """A folder that holds another answer by now is not that run's to take away."""
    allocate("solve", OK_SMALL, "--out", tmp_path / "r", "--quiet")
    (row,) = Ledger(where).rows()
    assert [kept.folder for kept in due([row], date.today(), date(2999, 1, 1))] == [tmp_path / "r"]
    shutil.rmtree(tmp_path / "r")
    allocate("solve", "models/homecare/example", "--out", tmp_path / "r", "--quiet")
    assert due([row], date.today(), date(2999, 1, 1)) == []


@pytest.mark.slow
def test_replay_from_a_clean_clone(allocate: CommandLine, tmp_path: Path, where: str) -> None:
    """Elsewhere, with nothing but the program, its cases and the record, the bytes are the same."""
    allocate("solve", "models/homecare/example", "--out", tmp_path / "r", "--quiet")
    shutil.rmtree(tmp_path / "r")
    home = shipped("models").parent
    for tree in ("src", "models"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(home / tree, tmp_path / "clone" / tree, ignore=ignored)
    done = subprocess.run(
        [sys.executable, "-m", "allocate.cli", "replay", "1", "--quiet"],
        cwd=tmp_path / "clone",
        env=dict(os.environ, PYTHONPATH=str(tmp_path / "clone" / "src")),
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "the same bytes in all" in done.stdout
