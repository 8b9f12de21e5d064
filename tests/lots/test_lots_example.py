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
from allocate.result import OPTIMAL
from allocate.solving import solve
from allocate.study.scenario import question_of, read_scenario
from allocate.tables import read

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
