"""The example solved by hand: every solver finds it, and the review agrees without any solver."""

from __future__ import annotations

import tomllib
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from allocate.homecare.instance import Instance, build
from allocate.homecare.review import review
from allocate.homecare.solution import Solution
from allocate.registry import METHODS
from allocate.result import OPTIMAL
from allocate.solving import solve
from allocate.study.scenario_file import read_scenario
from allocate.tables import read

EXAMPLE = Path(__file__).resolve().parents[2] / "models" / "homecare" / "example"
EXPECTED: dict[str, Any] = tomllib.loads((EXAMPLE / "expected.toml").read_text(encoding="utf-8"))
QUESTION = read_scenario(EXAMPLE)


def exact(number: float) -> Fraction:
    """A number as it is written."""
    return Fraction(str(number))


def instance() -> Instance:
    """The example as arrays."""
    return build(read(EXAMPLE), QUESTION)


def plan(case: Instance, providers: dict[str, str], leads: dict[str, list[str]]) -> Solution:
    """A plan written with labels."""
    position = {label: number for number, label in enumerate(case.providers.ids)} | {"": -1}
    return Solution(
        np.array([position[providers[package]] for package in case.packages.ids], dtype=np.int64),
        tuple(tuple(position[lead] for lead in leads[area]) for area in case.areas.ids),
    )


@pytest.mark.parametrize("method", METHODS)
def test_every_solver_finds_the_plan_found_by_hand(method: str) -> None:
    """Each level's value and proven bound, each provider and each lead are those expected."""
    result = solve(EXAMPLE, gap=0, seconds=30, method=method)
    assert result.status == OPTIMAL
    found = [(level.name, level.objective, level.bound, level.unit) for level in result.levels]
    assert found == [
        (level["name"], exact(level["objective"]), exact(level["objective"]), level["unit"])
        for level in EXPECTED["levels"]
    ]
    allocation, leads = result.tables["allocation"], result.tables["leads"]
    providers = dict(zip(allocation["package_id"], allocation["provider_id"], strict=True))
    assert providers == EXPECTED["providers"]
    assert leads.groupby("area_id")["provider_id"].agg(list).to_dict() == EXPECTED["leads"]


def test_review_passes_the_plan_found_by_hand() -> None:
    """The review counts the same levels and the same shortfalls, and finds no fault."""
    case = instance()
    solution = plan(case, EXPECTED["providers"], EXPECTED["leads"])
    found = review(case, solution, QUESTION.levels)
    assert found.faults == ()
    assert list(found.levels) == [exact(level["objective"]) for level in EXPECTED["levels"]]
    short_by = {rule: measured.short_by for rule, measured in found.rules.items()}
    assert short_by == {rule: exact(amount) for rule, amount in EXPECTED["short_by"].items()}


@pytest.mark.parametrize(
    ("changed", "leads", "level", "value"),
    [
        ({"P2": "", "P5": "CEDAR"}, {}, "waiting", 14),  # P2 waits in place of P5
        ({"P4": "", "P5": "ALDER"}, {}, "waiting", 17.5),  # P4 waits in place of P5
        (  # nobody grows, so P3 waits, and P7 finds no room at BIRCH beside P5
            {"P3": "", "P5": "BIRCH", "P7": "CEDAR"},
            {"S": ["CEDAR"]},
            "waiting",
            84,
        ),
        ({"P6": "CEDAR"}, {}, "shortfalls", 5),  # the lead of North takes neither of two
        ({"P2": "ALDER", "P4": "CEDAR"}, {}, "changes", 1),  # P2 loses its carers
        ({"P7": "CEDAR"}, {}, "cash", 44347.5),  # an hour at CEDAR costs a pound more
        ({"P6": "BIRCH", "P7": "ALDER"}, {}, "travel", 686),  # each has the longer way
    ],
)
def test_every_level_decides(
    changed: dict[str, str], leads: dict[str, list[str]], level: str, value: float
) -> None:
    """Each plan beside the best is worse on the level that the hand solution names."""
    case = instance()
    solution = plan(case, EXPECTED["providers"] | changed, EXPECTED["leads"] | leads)
    found = review(case, solution, QUESTION.levels)
    assert found.faults == ()
    names = [words["name"] for words in EXPECTED["levels"]]
    best = [exact(words["objective"]) for words in EXPECTED["levels"]]
    at = names.index(level)
    assert list(found.levels[:at]) == best[:at]
    assert found.levels[at] == exact(value)
    assert found.levels[at] > best[at]
