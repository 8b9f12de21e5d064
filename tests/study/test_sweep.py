"""A sweep from the command line: one table, the same whoever solved the cases."""

from __future__ import annotations

import errno
import os
import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import tomli_w

from allocate.result import Result
from allocate.study import task
from allocate.study.scenario import Question
from helpers.cases import OK_SMALL, CommandLine, copy_case
from helpers.studies import CROWDED

SHARES = "rules.lead_accepts_share.value = 0.5..0.7 step 0.1"
SEEDS = "limits.seed = 1, 2"
FILES = ("table.csv", "table.parquet", "columns.csv", "summary.txt", "sweep.toml")


def files(folder: Path) -> dict[str, bytes]:
    """What a sweep wrote beside its cases."""
    return {name: (folder / name).read_bytes() for name in FILES}


def table(folder: Path) -> pd.DataFrame:
    """The table of a sweep."""
    return pd.read_csv(folder / "table.csv", dtype={"case": str}, keep_default_na=False)


def test_grid_and_its_table(allocate: CommandLine, tmp_path: Path) -> None:
    """Each combination is a row with its values, its levels and its parent's hash."""
    words = ["--over", SHARES, "--over", SEEDS, "--out", tmp_path / "s", "--cores", 1, "--quiet"]
    run = allocate("sweep", OK_SMALL, *words)
    assert run.code == 0, run.err
    assert "6 answered, every level proven" in run.out
    rows = table(tmp_path / "s")
    assert rows["rules.lead_accepts_share.value"].tolist() == [0.5, 0.5, 0.6, 0.6, 0.7, 0.7]
    assert rows["limits.seed"].tolist() == [1, 2] * 3
    assert rows["start"].tolist() == ["2", "4", "4", "", "6", "4"]
    hashes = dict(zip(rows["case"], rows["hash"], strict=True))
    assert rows["start_hash"].tolist() == [hashes.get(start, "") for start in rows["start"]]
    assert rows["shortfalls"].is_monotonic_increasing
    parquet = pd.read_parquet(tmp_path / "s" / "table.parquet")
    assert list(parquet) == list(rows)
    assert parquet["cash"].tolist() == rows["cash"].tolist()
    told = pd.read_csv(tmp_path / "s" / "columns.csv", keep_default_na=False)
    assert told["column"].tolist() == list(rows)
    assert dict(zip(told["column"], told["unit"], strict=True))["cash"] == "pounds a year"


def test_sweep_repeats_to_the_same_bytes(allocate: CommandLine, tmp_path: Path) -> None:
    """Processes, and a sweep that goes on where another was, write what one process writes."""
    words = ["sweep", OK_SMALL, "--over", SHARES, "--quiet"]
    assert allocate(*words, "--out", tmp_path / "one", "--cores", 1).code == 0
    assert allocate(*words, "--out", tmp_path / "two", "--cores", 2).code == 0
    assert files(tmp_path / "one") == files(tmp_path / "two")
    before = files(tmp_path / "two")
    assert allocate(*words, "--out", tmp_path / "two", "--cores", 1).code == 0
    assert files(tmp_path / "two") == before


def test_several_scenarios_are_an_axis(allocate: CommandLine, tmp_path: Path) -> None:
    """Two cases stand side by side in one table."""
    other = copy_case(tmp_path / "other")
    words = ["--out", tmp_path / "s", "--cores", 1, "--quiet"]
    assert allocate("sweep", OK_SMALL, other, *words).code == 0
    rows = table(tmp_path / "s")
    assert rows["scenario"].tolist() == [str(OK_SMALL), str(other)]
    assert rows["cash"].nunique() == 1


def test_failed_case_is_told_and_mended(
    allocate: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The table has a row for a case that failed; the same command solves it alone."""
    answer = task.answer

    def failing(question: Question, **rest: Any) -> Result:
        if question.limits.seed == 2:
            raise MemoryError("no room")
        return answer(question, **rest)

    monkeypatch.setattr(task, "answer", failing)
    words = ["sweep", OK_SMALL, "--over", "limits.seed = 1..3", "--cores", 1, "--quiet"]
    run = allocate(*words, "--out", tmp_path / "s")
    assert run.code == 3
    assert "1 failed" in run.out
    assert "MemoryError: no room" in run.out
    assert table(tmp_path / "s")["status"].tolist() == ["optimal", "failed", "optimal"]
    monkeypatch.setattr(task, "answer", answer)
    mended = allocate(*words, "--out", tmp_path / "s")
    assert mended.code == 0
    assert table(tmp_path / "s")["status"].tolist() == ["optimal"] * 3


def test_what_cannot_be_met_is_told(allocate: CommandLine, tmp_path: Path) -> None:
    """It is a row like the others, and the summary says how to learn all about it."""
    crowded = tmp_path / "crowded.toml"
    written = {"question": "Nobody has staff?", "case": str(OK_SMALL), **CROWDED}
    crowded.write_text(tomli_w.dumps(written), encoding="utf-8")
    words = ["--cores", 1, "--quiet", "--out", tmp_path / "s"]
    assert allocate("sweep", crowded, *words).code == 0
    summary = (tmp_path / "s" / "summary.txt").read_text(encoding="utf-8")
    assert table(tmp_path / "s")["status"].tolist() == ["infeasible"]
    (command,) = re.findall(r"such as (cases/\S+toml)", summary)
    assert (tmp_path / "s" / command).is_file()


def test_full_disk_at_the_end_is_told_and_mended(
    allocate: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the table cannot be written the cases stand; the same command writes it."""

    def full(*_: Any, **rest: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    words = ["sweep", OK_SMALL, "--over", SEEDS, "--cores", 1, "--quiet", "--out", tmp_path / "s"]
    with monkeypatch.context() as patched:
        patched.setattr(pd.DataFrame, "to_parquet", full)
        run = allocate(*words)
    assert run.code == 2
    assert f"{os.strerror(errno.ENOSPC)}. Make room and run the same command again" in run.err
    monkeypatch.setattr(task, "answer", full)
    assert allocate(*words).code == 0
    assert len(table(tmp_path / "s")) == 2


def test_cut_short_by_the_clock_is_told(
    allocate: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A case that hits its limit is a row like the others, and the summary warns of it."""
    from allocate import registry

    monkeypatch.setattr(registry, "method_module", lambda _: "helpers.sleeper")
    words = ["--over", SEEDS, "--seconds", 0.5, "--cores", 1, "--quiet"]
    run = allocate("sweep", OK_SMALL, *words, "--out", tmp_path / "s")
    assert run.code == 0
    assert "2 cut short by the clock" in run.out
    assert table(tmp_path / "s")["replayable"].tolist() == [False, False]


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (["--over", "rules.lead_accepts_share.value = 0.5, 2"], "must be from 0 to 1"),
        (["--over", "scale.packages.hours = 1, 2"], "packages has no such column"),
        (["--over", "limits.seed"], "has no KEY = VALUES"),
        (["--over", SEEDS, "--method", "gurobi"], "no such method"),
    ],
)
def test_mistakes_are_told_before_anything_runs(
    allocate: CommandLine, tmp_path: Path, words: list[str], problem: str
) -> None:
    """A sweep that makes no sense ends with 2, and no case is solved."""
    run = allocate("sweep", OK_SMALL, *words, "--out", tmp_path / "s", "--quiet")
    assert run.code == 2
    assert problem in run.err
    assert not (tmp_path / "s").exists()


def test_folder_of_something_else_is_refused(allocate: CommandLine, tmp_path: Path) -> None:
    """A folder that holds no sweep stays as it is."""
    (tmp_path / "mine.txt").write_text("keep")
    run = allocate("sweep", OK_SMALL, "--over", SEEDS, "--out", tmp_path, "--quiet")
    assert run.code == 2
    assert "holds no sweep to go on with" in run.err
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
