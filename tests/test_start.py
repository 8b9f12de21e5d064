"""A question starts from an earlier answer: what it does, what it says of it, what it refuses."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from allocate import registry
from allocate.errors import BadInput
from allocate.result import Result
from allocate.solving import solve
from allocate.start import Start, read_start
from benchmarks.homecare.changed import write_changed
from helpers.cases import CommandLine

EXAMPLE = "models/homecare/example"


@pytest.fixture(scope="module")
def borough(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A generated borough of 300 packages, and one of its wards moved."""
    folder = tmp_path_factory.mktemp("generated")
    write_changed("borough-300-ward", 1, folder / "borough")
    return folder / "borough"


@pytest.fixture(scope="module")
def answer(borough: Path) -> Result:
    """The answer to the question before anything changed."""
    return solve(borough / "borough-300.toml", work=6, gap=0.0, seconds=60)


@pytest.fixture(scope="module")
def folder(answer: Result, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same as a folder."""
    return answer.write(tmp_path_factory.mktemp("answer") / "result")


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The answer to the small example, of ordered levels."""
    return solve(EXAMPLE, gap=0, seconds=30).write(tmp_path_factory.mktemp("example") / "result")


def changed(borough: Path, name: str, text: str) -> Path:
    """Write a question that changes the borough."""
    path = borough / f"{name}.toml"
    path.write_text(f'question = "{name}"\nextends = "borough-300"\n{text}', encoding="utf-8")
    return path


def damaged(folder: Path, out: Path, name: str, change: Callable[[Any], None]) -> Path:
    """Copy a result and change one of its JSON files."""
    shutil.copytree(folder, out)
    content = json.loads((out / name).read_text(encoding="utf-8"))
    change(content)
    (out / name).write_text(json.dumps(content), encoding="utf-8")
    return out


# ------------------------------------------------------------------------------------- what it does


def test_an_unchanged_question_ends_no_worse(borough: Path, answer: Result, folder: Path) -> None:
    """With a single run of the search, plan and bound are at least as good as those at hand."""
    again = solve(borough / "borough-300.toml", work=1, gap=0.0, seconds=60, start=folder)
    (level,), (before,) = again.levels, answer.levels
    assert level.objective <= before.objective
    assert level.bound is not None
    assert before.bound is not None
    assert level.bound >= before.bound
    first = level.trace[0]
    assert first[1] == float(before.objective), "the plan at hand is there at once"
    bounds = [bound for _, _, bound in level.trace]
    assert bounds[1] > 0.999 * float(before.bound), "and so is its bound"


CHANGES = {
    "provider_gone": '[[change]]\ntable = "handbacks"\nadd = [{ provider_id = "H03", '
    'kind = "leaves" }]\n',
    "less_room": '[[change]]\ntable = "providers"\nwhere = { provider_id = "H02" }\n'
    "scale = { capacity_hours = 0.8 }\n",
    "people_come_and_go": '[[change]]\ntable = "packages"\nwhere = { package_id = ["P001", "P002"] '
    '}\ndrop = true\n[[change]]\ntable = "packages"\nadd = [{ package_id = "NEW", '
    'place_id = "W01", hours_per_week = 7, carers = 1, visits_per_week = 7 }]\n',
    "other_rules": '[rules.lead_accepts_share]\nmode = "hard"\nvalue = 0.5\n'
    '[rules.share_limit]\nmode = "hard"\nvalue = 0.9\n',
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_changed_question_is_answered_and_reviewed(
    borough: Path, folder: Path, name: str
) -> None:
    """Who is gone is dropped, who is new is placed, and the bound holds for the cold run's plan."""
    path = changed(borough, name, CHANGES[name])
    warm = solve(path, work=4, gap=0.0, seconds=60, start=folder)
    cold = solve(path, work=4, gap=0.0, seconds=60)
    for one, other in ((warm, cold), (cold, warm)):
        assert one.record["review"] == {"passed": True, "faults": []}
        assert one.levels[0].bound is not None
        assert one.levels[0].bound <= other.levels[0].objective


def test_a_moved_ward_starts_from_the_old_prices(borough: Path, folder: Path) -> None:
    """The first bound, at the old prices, is within a hundredth of the last one."""
    warm = solve(borough / "borough-300-ward.toml", work=1, gap=0.0, seconds=60, start=folder)
    (level,) = warm.levels
    assert level.fixed is not None
    assert level.bound is not None
    first = level.trace[1][2]  # the one before is that every plan bears what is fixed
    assert float(level.bound) - first < 0.01 * float(level.bound - level.fixed)


def test_a_result_is_as_good_a_start_as_its_folder(
    borough: Path, answer: Result, folder: Path
) -> None:
    """A sweep hands its parent's result on: the same start, the same bytes; and that repeats."""
    path = borough / "borough-300-ward.toml"
    runs = [
        solve(path, work=3, gap=0.0, seconds=60, seed=5, start=start)
        for start in (folder, answer, folder)
    ]
    assert runs[0].record["replayable"] is True
    assert runs[0].texts() == runs[1].texts() == runs[2].texts()
    assert runs[0].record["start"] == runs[1].record["start"]


def test_a_plan_that_is_no_plan_is_not_believed(
    borough: Path, folder: Path, tmp_path: Path
) -> None:
    """Everybody with one provider, and prices out of thin air, do no harm."""
    out = tmp_path / "forged"
    shutil.copytree(folder, out)
    rows = (out / "allocation.csv").read_text(encoding="utf-8").splitlines()
    people = [row.split(",")[0] for row in rows[1:]]
    table = "".join(f"{one},H01\n" for one in people)
    (out / "allocation.csv").write_text(f"package_id,provider_id\n{table}", encoding="utf-8")
    certificate = json.loads((out / "certificate.json").read_text(encoding="utf-8"))
    for row in certificate["levels"][0]["prices"]["within_capacity"]:
        row[-1] *= -1000
    (out / "certificate.json").write_text(json.dumps(certificate), encoding="utf-8")
    path = borough / "borough-300.toml"
    forged, cold = (solve(path, work=2, gap=0.0, seconds=60, start=s) for s in (out, None))
    assert forged.record["review"]["passed"] is True
    assert forged.levels[0].bound is not None
    assert forged.levels[0].bound <= cold.levels[0].objective


@pytest.mark.parametrize("method", ["allocate", "highs", "scip", "cp-sat", "pulp"])
def test_ordered_levels_start_from_a_plan_too(example: Path, method: str) -> None:
    """Whoever solves the hand-solved example again ends with its values."""
    again = solve(EXAMPLE, gap=0, seconds=30, method=method, start=example)
    assert [float(level.objective) for level in again.levels] == [10.5, 4, 0, 44165, 595]


# ------------------------------------------------------------------------------- what it says of it


def test_the_record_names_the_start(allocate: CommandLine, example: Path, tmp_path: Path) -> None:
    """The hashes are those of the files, and the summary has a line."""
    out = tmp_path / "out"
    run = allocate("solve", EXAMPLE, "--start", example, "--out", out, "--quiet")
    assert run.code == 0, run.err
    assert "started from an earlier answer, example" in run.out
    told = json.loads((out / "result.json").read_text(encoding="utf-8"))["start"]
    assert (told["scenario"], told["case"]) == ("example", "example")
    assert set(told["files"]) == {"allocation.csv", "leads.csv", "certificate.json"}
    for name, sha in told["files"].items():
        assert hashlib.sha256((example / name).read_bytes()).hexdigest() == sha


def test_a_cold_run_says_nothing_of_a_start(example: Path) -> None:
    """There is none in the record, and no line in the summary."""
    assert json.loads((example / "result.json").read_text(encoding="utf-8"))["start"] is None
    assert "earlier answer" not in (example / "summary.txt").read_text(encoding="utf-8")


# ---------------------------------------------------------------------------------- what it refuses


def other_model(record: dict[str, Any]) -> None:
    """Say that the answer is of another model."""
    record["model"] = "winterbeds"


def no_plan(record: dict[str, Any]) -> None:
    """Take the levels out, as of what cannot all be met."""
    record["levels"] = []


def no_scale(certificate: dict[str, Any]) -> None:
    """Leave out what prices are divided by."""
    del certificate["levels"][0]["scale"]


@pytest.mark.parametrize(
    ("name", "change", "said"),
    [
        ("result.json", other_model, "answers a question of another model; this one is of home"),
        ("result.json", no_plan, "has no plan to start from"),
        ("certificate.json", no_scale, "certificate.json: is missing or damaged"),
    ],
)
def test_what_is_damaged_is_told(
    allocate: CommandLine,
    example: Path,
    tmp_path: Path,
    name: str,
    change: Callable[[Any], None],
    said: str,
) -> None:
    """One message, and no plan."""
    out = tmp_path / "damaged"
    damaged(example, out, name, change)
    run = allocate("solve", EXAMPLE, "--start", out, "--quiet")
    assert run.code == 2
    assert run.err.startswith("1 fault in")
    assert said in run.err


def test_a_folder_that_is_no_result_is_told(allocate: CommandLine, tmp_path: Path) -> None:
    """The remedy says what to name."""
    run = allocate("solve", EXAMPLE, "--start", tmp_path, "--quiet")
    assert run.code == 2
    assert "is no result folder" in run.err
    assert "allocate solve --out" in run.err


def test_all_that_is_missing_is_told_at_once(example: Path, tmp_path: Path) -> None:
    """A table that is gone, a column, and half a certificate are three faults."""
    out = tmp_path / "torn"
    shutil.copytree(example, out)
    (out / "allocation.csv").unlink()
    (out / "leads.csv").write_text("area_id\nA1\n", encoding="utf-8")
    (out / "certificate.json").write_text("[1, 2", encoding="utf-8")
    with pytest.raises(BadInput) as told:
        read_start(out, "homecare")
    assert [fault.place for fault in told.value.faults] == [
        "allocation.csv",
        "leads.csv",
        "certificate.json",
    ]


def test_program_of_a_form_that_starts_from_nothing() -> None:
    """Lots drawn by centres take no start, and say so by taking none rather than by failing."""
    draft: Any = SimpleNamespace(program=object())
    assert Start({}, {}, {}).guesses(registry.model("lots"), draft) == []
