"""Sefton's 22 wards: every plan of two to eight lots, and the tightest balance of six."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from allocate.asked import prepare
from allocate.card import shipped
from allocate.lots.conflict_words import conflict_words
from allocate.lots.instance import Instance
from allocate.lots.review import review
from allocate.lots.solution import Solution
from allocate.lots.standing import all_plans, standings, tightest_balance
from allocate.study.scenario_file import question_of

SEFTON = shipped("scenarios", "cases", "sefton")
COUNTS = {2: 10, 3: 225, 4: 997, 5: 802, 6: 1_433, 7: 638, 8: 591}


def asked(least: int, most: int, **rules: Mapping[str, Any]) -> Instance:
    """Sefton's wards, cut into so many lots."""
    number = {"number_of_lots": {"minimum": least, "maximum": most}}
    written = {"model": "lots", "rules": {**number, **rules}}
    found: Instance = prepare(question_of("wards", written, SEFTON)).instance
    return found


def test_every_plan_of_two_to_eight_lots() -> None:
    """Within 25% of equal there are so many plans, and the best of each is one that it ranks."""
    instance = asked(2, 8)
    plans, cost = all_plans(instance, 8)
    best = Solution(plans.cells(plans.best(cost)[0][0]))
    found = standings(instance, best)
    assert {one.number: one.plans for one in found} == COUNTS
    assert found[-1].rank == 1
    assert review(instance, best, ()).passed


def test_six_lots_within_15_percent_have_none() -> None:
    """No six lots are within 15% of equal; the tightest are named, and keep their own balance."""
    instance = asked(6, 6, balanced={"value": 0.15})
    plans, _ = all_plans(instance, 6)
    found = tightest_balance(instance, 6)
    assert plans.count == 0
    assert found is not None
    off, plan = found
    assert 0.15 < off < 0.16
    numbers, words = conflict_words(instance, "balanced", ["lots"])
    assert "The tightest balance that 6 lots can have is 15.9%" in words
    assert numbers["tightest_6_lots"] == float(off)
    up = float(-(-off * 1000 // 1)) / 1000
    assert review(asked(6, 6, balanced={"value": up}), plan, ()).passed
    assert all_plans(asked(6, 6, balanced={"value": up - 0.001}), 6)[0].count == 0
