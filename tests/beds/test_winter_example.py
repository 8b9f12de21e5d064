"""The example solved by hand: every solver finds it, and the review agrees without any solver."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from allocate.beds.instance import Instance, build
from allocate.beds.review import review
from allocate.beds.solution import UNIT, Flows, Solution
from allocate.errors import BadInput
from allocate.registry import METHODS, WHOLE_ONLY
from allocate.result import OPTIMAL
from allocate.solving import solve
from allocate.study.scenario_file import read_scenario
from allocate.tables import read

EXAMPLE = Path(__file__).resolve().parents[2] / "models" / "beds" / "example"
EXPECTED: dict[str, Any] = tomllib.loads((EXAMPLE / "expected.toml").read_text(encoding="utf-8"))
QUESTION = read_scenario(EXAMPLE)
MILD, SEVERE = 0, 1


def exact(number: float) -> Fraction:
    """A number as it is written."""
    return Fraction(str(number))


def instance() -> Instance:
    """The example as arrays."""
    return build(read(EXAMPLE, "beds"), QUESTION)


def plan(
    bookings: dict[str, int], booked: dict[int, int], bought: dict[int, int], waits: list[int]
) -> Solution:
    """A plan by hand: beds by offer, then the severe winter: people by week, and who waits."""
    shape = (2, 1, 1, 6)
    flows = Flows(
        np.zeros((2, 1, 1, 1, 6), dtype=np.int64),
        np.zeros((2, 1, 1, 1, 6), dtype=np.int64),
        np.zeros((2, 1, 0, 6), dtype=np.int64),
        np.zeros(shape, dtype=np.int64),
        np.zeros(shape, dtype=np.int64),
    )
    for table, people in ((flows.booked, booked), (flows.bought, bought)):
        for week, count in people.items():
            table[SEVERE, 0, 0, 0, week - 1] = count * UNIT
    flows.waiting[SEVERE, 0, 0] = np.array(waits) * UNIT
    beds = np.array(list(bookings.values()), dtype=np.int64)
    offers = np.array(["AB".index(offer) for offer in bookings], dtype=np.int64)
    return Solution(offers, np.zeros_like(beds), np.full_like(beds, 5), beds, flows)


NOBODY = [0] * 6
BEST = plan({"A": 2}, {1: 2, 3: 2}, {1: 1, 3: 1}, NOBODY)


@pytest.mark.parametrize("method", [name for name in METHODS if name not in WHOLE_ONLY])
def test_every_solver_finds_the_plan_found_by_hand(method: str) -> None:
    """Value, proven bound, bookings and terms are those expected."""
    result = solve(EXAMPLE, gap=0, seconds=30, method=method)
    assert result.status == OPTIMAL
    level = EXPECTED["levels"][0]
    found = result.levels[0]
    assert (found.name, found.unit) == (level["name"], level["unit"])
    assert found.objective == exact(level["objective"])
    assert found.bound is not None
    assert level["objective"] - 0.01 <= found.bound <= level["objective"]
    rows = result.tables["bookings"][["offer_id", "beds", "first_week", "last_week"]]
    assert {row[0]: list(row[1:]) for row in rows.itertuples(index=False)} == EXPECTED["bookings"]
    terms = {term: item["amount"] for term, item in result.record["terms"].items()}
    assert terms == EXPECTED["terms"]


@pytest.mark.parametrize("method", WHOLE_ONLY)
def test_a_solver_of_whole_numbers_is_refused(method: str) -> None:
    """A method that cannot have people in parts is refused, and the others are named."""
    with pytest.raises(BadInput, match="Use one of: allocate, highs"):
        solve(EXAMPLE, method=method)


def test_review_passes_the_plan_found_by_hand() -> None:
    """The review counts the same sum, terms and shortfalls, and finds no fault."""
    found = review(instance(), BEST, QUESTION.levels)
    assert found.faults == ()
    assert list(found.levels) == [exact(level["objective"]) for level in EXPECTED["levels"]]
    assert found.terms == {term: exact(amount) for term, amount in EXPECTED["terms"].items()}
    short_by = {rule: measured.short_by for rule, measured in found.rules.items()}
    assert short_by == {rule: exact(amount) for rule, amount in EXPECTED["short_by"].items()}


@pytest.mark.parametrize(
    ("other", "value"),
    [
        (plan({}, {}, {1: 1, 3: 1, 5: 1}, [2, 2, 4, 4, 3, 3]), 33600),  # nothing is booked
        (plan({"A": 1}, {1: 1, 3: 1}, {1: 1, 3: 1, 5: 1}, [1, 1, 2, 2, 1, 1]), 19100),
        (plan({"A": 1, "B": 1}, {1: 2, 3: 2}, {1: 1, 3: 1}, NOBODY), 9400),  # 600 dearer
        (plan({"A": 2, "B": 1}, {1: 3, 3: 3}, {}, NOBODY), 9600),  # nothing has to be bought
    ],
)
def test_every_other_plan_costs_what_the_hand_says(other: Solution, value: float) -> None:
    """Each plan beside the best is worth what the page works out, and keeps every rule."""
    found = review(instance(), other, QUESTION.levels)
    assert found.faults == ()
    assert found.levels[0] == exact(value)


@pytest.mark.parametrize(
    ("table", "at", "rule"),
    [
        ("booked", (SEVERE, 0, 0, 0, 0), "everyone_counted"),  # one more than came
        ("bought", (SEVERE, 0, 0, 0, 0), "spot_within_vacancy"),  # two in one bed
        ("waiting", (SEVERE, 0, 0, 2), "everyone_counted"),  # somebody waits who is placed
        ("booked", (MILD, 0, 0, 0, 0), "everyone_counted"),  # somebody is placed who never came
    ],
)
def test_review_catches_tampering(table: str, at: tuple[int, ...], rule: str) -> None:
    """One person more anywhere breaks a rule, and the review says which."""
    assert BEST.flows is not None
    changed = getattr(BEST.flows, table).copy()
    changed[at] += UNIT
    other = replace(BEST, flows=replace(BEST.flows, **{table: changed}))
    found = review(instance(), other, QUESTION.levels)
    assert found.rules[rule].short_by > 0
    assert any(fault.startswith(f"{rule} is hard") for fault in found.faults)


@pytest.mark.parametrize(
    ("bookings", "fault"),
    [
        ({"A": 3}, "A is booked with 3 beds"),  # of two on offer
        ({"A": 2, "B": 0}, "B is booked with 0 beds"),
    ],
)
def test_review_refuses_what_is_not_on_offer(bookings: dict[str, int], fault: str) -> None:
    """A booking that no offer is for is a fault, whatever the rules say."""
    found = review(instance(), plan(bookings, {}, {}, NOBODY), QUESTION.levels)
    assert any(text.startswith(fault) for text in found.faults)


def test_a_person_too_early_is_in_the_way() -> None:
    """A bed holds one person: two admitted to one bed break occupancy_within_booked."""
    crowded = plan({"A": 1}, {1: 2, 3: 2}, {1: 1, 3: 1}, NOBODY)
    found = review(instance(), crowded, QUESTION.levels)
    assert found.rules["occupancy_within_booked"].short_by == 4  # one too many for four weeks


def test_nobody_is_admitted_just_before_the_end() -> None:
    """Two weeks before the end a bed takes nobody: last_admission is short by one person."""
    late = plan({"A": 2}, {1: 2, 3: 1, 5: 1}, {1: 1, 3: 1}, [0, 0, 1, 1, 0, 0])
    found = review(instance(), late, QUESTION.levels)
    assert found.rules["last_admission"].short_by == 1
