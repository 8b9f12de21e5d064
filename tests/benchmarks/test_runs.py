"""The registry of cases, the rows of a run, its table, its picture and the ledger."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from allocate import registry
from allocate.errors import SolverFailed
from allocate.public.gap import read_gap
from allocate.study.scenario_file import read_scenario
from benchmarks import ledger
from benchmarks.__main__ import main
from benchmarks.alone import Recorder, run_alone
from benchmarks.cases import CASES, FAMILIES
from benchmarks.picture import picture
from benchmarks.runs import best_known, record
from benchmarks.table import lines
from helpers.cases import Run

ROOT = Path(__file__).parents[2]
Command = Callable[..., Run]
QUICK = {"seconds": 5.0, "gap": None, "seed": 1}


def row(case: str, method: str, best: float | None, bound: float | None, **more: Any) -> Any:
    """A row of a run, made by hand: a level without a fixed part."""
    trace = [(1.0, None, bound), (2.0, best, bound)]
    level = {"name": "cost", "objective": best, "bound": bound, "base": 0, "trace": trace}
    spent = {"read": 0.5, "check": 0.25, "build": 1.0, "solve": 3.0, "review": 0.0}
    kept = {"status": "feasible", "seconds": spent, "levels": [level], "memory_mib": 100}
    return {"case": case, "method": method, **kept, **more}


ROWS = [
    row("one", "highs", 110.0, 99.0),
    row("one", "scip", 100.0, 99.0),
    row("one", "pulp", None, None, status="failed", why="broke down", levels=[], seconds={}),
]


@pytest.fixture
def benchmark(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """The benchmark's command line, run in this process."""

    def run(*words: str) -> Run:
        monkeypatch.setattr(sys, "argv", ["benchmarks", *words])
        code: Any = 0
        try:
            main()
        except SystemExit as ended:
            code = ended.code
        return Run(code, *capsys.readouterr())

    return run


def test_every_family_has_cases_of_its_name_or_kind() -> None:
    """The registry holds the generated families, the shipped scenarios and the made instances."""
    assert {*FAMILIES} >= {"borough", "borough-full", "region", "england", "sefton", "gap-made"}
    assert all(CASES[name].family == name for name in ("borough", "region", "england"))
    assert len([case for case in CASES.values() if case.family == "borough"]) == 3


def test_every_small_case_can_be_read(tmp_path: Path) -> None:
    """What a case puts into a folder is a scenario or an instance that can be read."""
    for case in CASES.values():
        if "england" in case.name or case.name == "region":
            continue
        where = case.placed(tmp_path, 1)
        if case.public == "gap":
            assert read_gap(Path(where)).costs.size > 0
        elif case.public:
            assert Path(where).is_file()
        else:
            assert read_scenario(where).levels


def test_a_run_prints_its_rows_and_keeps_them(benchmark: Command, tmp_path: Path) -> None:
    """Two cases, each in its own process, are two rows with phases, memory and a trace."""
    out, drawn = tmp_path / "run.json", tmp_path / "run.svg"
    done = benchmark(
        *("run", "--case", "borough-300,c05100-made", "--methods", "highs"),
        *("--seconds", "2", "--gap", "0.5", "--out", str(out), "--picture", str(drawn)),
    )
    assert done.code == 0, done.err
    assert "| borough-300 | highs | optimal |" in done.out
    assert "| c05100-made | highs | optimal |" in done.out
    kept = json.loads(out.read_text(encoding="utf-8"))
    assert kept["command"].startswith("python -m benchmarks run --case borough-300,c05100-made")
    assert str(out) not in kept["command"]
    for found in kept["rows"]:
        (level,) = found["levels"]
        assert level["bound"] <= level["objective"]
        assert level["trace"][-1] == [level["seconds"], level["objective"], level["bound"]]
        assert found["seconds"]["solve"] > 0
        if Path("/proc/self/status").exists():
            assert found["memory_mib"] > 50
            assert 0 < found["cores"] <= 0.1 + (os.cpu_count() or 1)
    assert "</svg>" in drawn.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (("run", "--case", "borrough"), '(closest: "borough")'),
        (("run", "--family", "boroughs"), '(closest: "borough")'),
        (("run", "--case", "borough", "--methods", "hihgs"), '(closest: "highs")'),
        (("generate", "bborough", "--out", "x"), '(closest: "borough")'),
    ],
)
def test_an_unknown_name_is_told_with_those_there_are(
    benchmark: Command, words: tuple[str, ...], named: str
) -> None:
    """A misspelt case, family or method ends at once, with the nearest name."""
    done = benchmark(*words)
    assert done.code == 2
    assert named in done.err


def test_a_method_that_breaks_down_is_a_row(monkeypatch: pytest.MonkeyPatch) -> None:
    """A failure is told and takes no other row with it."""

    def broken(name: str) -> str:
        raise SolverFailed(f"{name} is not there")

    monkeypatch.setattr(registry, "method_module", broken)
    found = run_alone("borough", public="", method="highs", **QUICK)
    assert (found["status"], found["why"]) == ("failed", "highs is not there")
    assert any("failed: broke down" in line for line in lines(ROWS, 10))


def test_a_row_says_phases_gaps_and_integrals() -> None:
    """By hand: 110 against a bound of 99 and a best of 100; unknown for 2 of 10 seconds."""
    cells = [cell.strip() for cell in lines(ROWS, 10)[2].split("|")[1:-1]]
    assert cells[:8] == ["one", "highs", "feasible", "0.8", "1.0", "3.0", "0.0", "100"]
    assert cells[8:12] == ["110", "10.000%", "10.000%", "9.091%"]
    assert cells[12:] == ["2.73", "1.09"]


def test_a_row_says_where_more_than_one_core_was_busy() -> None:
    """Beside the method, whose means take in all its rows."""
    several = lines([{**ROWS[0], "cores": 1.94}], 10)
    assert several[2].startswith("| one | highs on 1.9 cores | feasible |")
    assert several[-1].startswith("| highs | 1 | 1 |")
    assert lines([{**ROWS[0], "cores": 1.2}], 10)[2].startswith("| one | highs | feasible |")


def test_means_are_told_by_method() -> None:
    """Each method has a line; one without a plan counts as far away as can be."""
    means = lines(ROWS, 10)[-3:]
    assert means[0] == "| highs | 1 | 1 | 0 | 3.00 | 10.000% | 9.091% |"
    assert means[2] == "| pulp | 1 | 0 | 0 | 0.00 | 100% | 100% |"


def test_a_warm_row_is_set_beside_its_cold_one() -> None:
    """By hand: the cold run is 10% apart after 2 s, the warm one after 1 s; another has no pair."""
    warm = row("one", "highs, warm", 110.0, 99.0)
    warm["levels"][0]["trace"] = [(1.0, 110.0, 99.0), (2.0, 105.0, 99.0)]
    table = lines([*ROWS, warm], 10)
    assert table[-2:] == [
        "| one | highs | 10.000% | 2.00 | 1.00 | 50% |",
        "| one | highs | 20.000% | 2.00 | 1.00 | 50% |",
    ]
    assert not any(line.startswith("| case | method | gap |") for line in lines(ROWS, 10))


def test_the_best_known_is_the_published_one_or_the_best_of_the_run() -> None:
    """Where nobody published a value, the best row is what the others are measured by."""
    assert best_known(ROWS) == {"one": 100.0}


def test_levels_are_told_one_by_one() -> None:
    """A scenario of several levels shows each with its gap, and no integral."""
    level = {"name": "waiting", "objective": 12.5, "bound": 12.5, "base": 0, "trace": []}
    last = {"name": "cash", "objective": 2e6, "bound": 1e6, "base": 0, "trace": []}
    table = lines([row("two", "highs", 1, 1, levels=[level, last])], 10)
    assert "waiting 12.5; cash 2,000,000 (gap 50.000%) | 50.000% | – | – | – | – |" in table[2]


def test_the_recorder_keeps_what_improves() -> None:
    """Points that say nothing new are left out, and a long trace is thinned to its ends."""
    recorder = Recorder()
    for number in range(1000):
        recorder.hear("cost", 1000.0 - number // 2, 0.0, float(number))
    trace = recorder.thinned("cost")
    assert len(recorder.traces["cost"]) == 500
    assert len(trace) <= 202
    assert trace[-1] == (998.0, 501.0, 0.0)


def test_the_picture_draws_a_plan_and_a_bound_for_each_row() -> None:
    """The picture is well-formed and has a whole and a broken line for each row with a level."""
    drawn = ElementTree.fromstring(picture(ROWS, 10))
    found = [node for node in drawn.iter() if node.tag.endswith("polyline")]
    assert len(found) == 4
    assert [("stroke-dasharray" in node.attrib) for node in found] == [False, True] * 2
    for node in found:
        for corner in node.attrib["points"].split():
            x, y = map(float, corner.split(","))
            assert 0 <= x <= 420
            assert 0 <= y <= 240


def test_the_ledger_replaces_only_itself(tmp_path: Path) -> None:
    """What stands around the ledger stays, and writing it again changes nothing."""
    page, kept = tmp_path / "README.md", tmp_path / "kept"
    ledger.keep("hand", record("python -m benchmarks run --case one", rows=ROWS, seconds=10), kept)
    page.write_text(f"before\n{ledger.START}\nold\n{ledger.END}\nafter\n", encoding="utf-8")
    ledger.update(page, kept)
    once = page.read_text(encoding="utf-8")
    ledger.update(page, kept)
    assert page.read_text(encoding="utf-8") == once
    assert once.startswith("before\n")
    assert once.endswith("\nafter\n")
    assert "old" not in once
    assert "    python -m benchmarks run --case one\n" in once
    assert "| one | scip | feasible |" in once


def test_the_page_holds_the_runs_that_are_kept() -> None:
    """The ledger in the README is what the kept runs say, and each kept run names its command."""
    page = (ROOT / "benchmarks" / "README.md").read_text(encoding="utf-8")
    assert f"{ledger.START}\n\n{ledger.ledger()}{ledger.END}" in page
