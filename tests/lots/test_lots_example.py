"""The example solved by hand: every solver finds it, and the review agrees without any solver."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from allocate.errors import BadInput
from allocate.lots import instance as instances
from allocate.lots.instance import Instance, build
from allocate.lots.review import review
from allocate.lots.solution import Solution
from allocate.lots.standing import standings
from allocate.registry import METHODS
from allocate.result import INFEASIBLE, OPTIMAL
from allocate.solving import solve
from allocate.study.scenario_file import question_of, read_scenario
from allocate.tables import read
from helpers import tiny_lots
from helpers.cases import CommandLine, copy_case

EXAMPLE = Path(__file__).resolve().parents[2] / "models" / "lots" / "example"
EXPECTED: dict[str, Any] = tomllib.loads((EXAMPLE / "expected.toml").read_text(encoding="utf-8"))
QUESTION = read_scenario(EXAMPLE)
ROWS = Solution(np.array([0, 0, 0, 1, 1, 1]))


def instance() -> Instance:
    """The example as arrays."""
    return build(read(EXAMPLE, "lots"), QUESTION)


@pytest.mark.parametrize("method", METHODS)
def test_every_method_finds_the_rows(method: str) -> None:
    """Each solver draws the two rows, and proves it."""
    result = solve(EXAMPLE, method=method, seconds=60)
    assert result.status == OPTIMAL
    lots = result.tables["lots"]
    assert dict(zip(lots["cell_id"], lots["lot_id"], strict=True)) == EXPECTED["lots"]
    for level, expected in zip(result.levels, EXPECTED["levels"], strict=True):
        assert (level.name, level.objective) == (expected["name"], expected["objective"])
        assert level.bound == level.objective
    assert "number 1" in result.summary


def test_review_counts_the_rows() -> None:
    """The review finds every term and rule as it is by hand."""
    found = review(instance(), ROWS, QUESTION.levels)
    assert found.passed
    assert {term: float(amount) for term, amount in found.terms.items()} == EXPECTED["terms"]
    short = {rule: float(found.rules[rule].short_by) for rule in EXPECTED["short_by"]}
    assert short == EXPECTED["short_by"]


def test_every_plan_is_counted() -> None:
    """Three plans keep the rules; the rows lie closest together; equal lots exist."""
    (found,) = standings(instance(), ROWS)
    assert (found.plans, found.rank) == (EXPECTED["plans"], EXPECTED["rank"])
    assert found.tightest is not None
    assert found.tightest[0] == 0


@pytest.mark.parametrize(
    ("lots", "rule"),
    [
        ([0, 1, 0, 1, 0, 1], "connected"),  # three and three, but in a chequered way
        ([0, 0, 0, 0, 1, 1], "balanced"),  # four and two
        ([0, 0, 1, 0, 1, 2], "number_of_lots"),
    ],
)
def test_review_refuses(lots: list[int], rule: str) -> None:
    """A plan that breaks a hard rule is told by that rule."""
    found = review(instance(), Solution(np.array(lots)), QUESTION.levels)
    assert any(fault.startswith(f"{rule} is hard") for fault in found.faults)


def test_without_the_bridge_one_plan_is_gone() -> None:
    """Where no crossing joins Cedar and Fern, no lot has both without Elm and Beech between."""
    case = instance()
    bridge = [list(pair) for pair in case.cells.edges.tolist()].index([2, 5])
    edges = np.delete(case.cells.edges, bridge, axis=0)
    apart = replace(case, cells=replace(case.cells, edges=edges))
    (found,) = standings(apart, ROWS)
    assert found.plans == 1


def test_rows_are_drawn_by_centres_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there are too many places to list lots of, the engine of centres finds the same."""
    monkeypatch.setattr(instances, "MOST_CELLS", 3)
    written = {"model": "lots", "objective": {"levels": ["travel"]}}
    for method in ("allocate", "highs"):
        result = solve(question_of("centres", written, EXAMPLE), method=method, seconds=30)
        lots = result.tables["lots"]
        assert dict(zip(lots["cell_id"], lots["lot_id"], strict=True)) == EXPECTED["lots"]
        assert result.levels[0].objective == result.levels[0].bound == 400


def test_by_centres_only_distance_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """What such an engine cannot be asked is told, each with a remedy."""
    monkeypatch.setattr(instances, "MOST_CELLS", 3)
    written = {
        "model": "lots",
        "rules": {"balanced": {"mode": "soft"}, "number_of_lots": {"minimum": 2, "maximum": 3}},
    }
    with pytest.raises(BadInput) as refused:
        solve(question_of("centres", written, EXAMPLE))
    assert len(refused.value.faults) == 3


def test_cells_pinned_to_one_label_share_a_lot(tmp_path: Path) -> None:
    """Ash and Beech pinned to one label are in one lot in every plan."""
    case = copy_case(tmp_path / "case", base=EXAMPLE)
    for name in ("README.md", "expected.toml"):
        (case / name).unlink()
    rows = ["table,id,other_id,must_or_never", "cell-lot,A,x,must", "cell-lot,B,x,must"]
    (case / "pins.csv").write_text("\n".join(rows), encoding="utf-8")
    question = read_scenario(case)
    (found,) = standings(build(read(case, "lots"), question), ROWS)
    assert found.plans == 2  # the rows, and Ash Beech Dale beside Cedar Elm Fern


def test_a_place_is_explained(tmp_path: Path, allocate: CommandLine) -> None:
    """A place is told with its lot and the lots of those it touches; nothing else is known."""
    solve(EXAMPLE, method="highs").write(tmp_path / "result")
    run = allocate("explain", tmp_path / "result", "--cell", "Fern", "--quiet")
    assert run.code == 0, run.err
    assert "Fern is in L2" in run.out
    assert "It touches Cedar, which is in L1" in run.out
    assert allocate("explain", tmp_path / "result", "--home", "Fern").code == 2


def test_islands_that_are_no_whole_number_of_lots(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where a river parts the map so that no lots fit, that is proven, and the parts are told."""
    monkeypatch.setattr(instances, "MOST_CELLS", 3)
    tables = {
        "places": "place_id,easting_m,northing_m,population_75_plus\n"
        "A,0,0,10\nB,1,0,10\nC,9,0,3\nD,9,1,3\n",
        "borders": "place_a,place_b\nA,B\nC,D",
    }
    case = tiny_lots.write(tmp_path / "case", tables)
    rules = {"number_of_lots": {"minimum": 2, "maximum": 2}, "balanced": {"value": 0.1}}
    written = {"model": "lots", "objective": {"levels": ["travel"]}, "rules": rules}
    result = solve(question_of("river", written, case))
    assert result.status == INFEASIBLE
    assert "C, D come to 6: no whole number of lots." in result.summary
