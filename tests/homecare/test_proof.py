"""The proof of a bound by prices: it promises nothing false, and all that the relaxation does."""

from __future__ import annotations

import random
import tempfile
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, reject
from hypothesis import strategies as st

from allocate.asked import prepare
from allocate.errors import BadInput
from allocate.homecare import blocks
from allocate.homecare.instance import Instance
from allocate.homecare.proof import proven
from allocate.homecare.row_prices import Prices
from helpers import tiny
from helpers.proofs import (
    CASH,
    NONE,
    POINTS,
    Solved,
    any_prices,
    as_case,
    best,
    drawn,
    exact,
    from_relaxation,
    mixed,
    written,
)
from helpers.tiny import examples

SEEDS = st.integers(min_value=0, max_value=2**32 - 1)


# Two people need an hour a week each. An hour a week costs £365 a year with K1 and £730 with K2.
SOLVED = (
    Solved(
        "K1 has room for one: what a minute of it saves is a 60th of £365",
        best=1095,
        without=730,
        prices=Prices(60, {"within_capacity": {("K1",): 365}}),
        weights=CASH,
        rules={},
        capacity=(1, 10),
    ),
    Solved(
        "the same, but an hour too much costs 100 points: no hour is worth more than that",
        best=830,
        without=730,
        prices=Prices(60, {"within_capacity": {("K1",): 365}}),
        weights=POINTS,
        rules={"within_capacity": {"mode": "soft", "price": 100}},
        capacity=(1, 10),
    ),
    Solved(
        "K1 has room only as lead, and as lead is short of the one that it does not reach",
        best=1460,
        without=1095,
        prices=Prices(
            60,
            {
                "within_capacity": {("K1",): 365},
                "appointed_only_as_lead": {("K1",): 365 * 60},
                "lead_accepts_share": {("A1", "K1"): 500 * 60},
            },
        ),
        weights=POINTS,
        rules={"lead_accepts_share": {"mode": "soft", "value": 1, "price": 500}},
        capacity=(0, 10),
        growth=1,
        reach="K1 L1, K2 L1, K2 L2",
    ),
    Solved(
        "one owner may have half of the hours",
        best=1095,
        without=730,
        prices=Prices(60, {"share_limit": {("K1",): 365}}),
        weights=CASH,
        rules={"share_limit": {"mode": "hard", "value": 0.5}},
    ),
    Solved(
        "each lead is short of the referral that only the other can take",
        best=1595,
        without=1095,
        prices=Prices(1, {"lead_accepts_share": {("A1", "K1"): 500, ("A1", "K2"): 500}}),
        weights=POINTS,
        rules={"lead_accepts_share": {"mode": "soft", "value": 1, "price": 500}},
        reach="K1 L1, K2 L2",
    ),
    Solved(
        "only K2 may lead, and has to take both, at £365 more for each",
        best=1460,
        without=730,
        prices=Prices(1, {"lead_accepts_share": {("A1", "K2"): 365}}),
        weights=CASH,
        rules={"lead_accepts_share": {"mode": "hard", "value": 1}},
        can_lead="No",
    ),
    Solved(
        "two may lead, but K2 alone can, which does not reach one of the referrals",
        best=1595,
        without=1095,
        prices=Prices(1, {"lead_accepts_share": {("A1", "K1"): 900, ("A1", "K2"): 500}}),
        weights=POINTS,
        rules={
            "lead_accepts_share": {"mode": "soft", "value": 1, "price": 500},
            "leads_per_area": {"mode": "hard", "minimum": 0, "maximum": 2},
        },
        reach="K1 L1, K2 L2",
        can_lead="No",
    ),
    Solved(
        "a round costs 100 points, whoever makes it",
        best=830,
        without=730,
        prices=Prices(1, {"active": {("P1", "K1"): 50, ("P2", "K1"): 50}}),
        weights=CASH | {"rounds": 100.0},
        rules={},
    ),
    Solved(
        "the same, where nobody could do more than two hours in that round",
        best=830,
        without=730,
        prices=Prices(6, {"round_capacity": {("K1", "A1"): 5}}),
        weights=CASH | {"rounds": 100.0},
        rules={},
        capacity=(2, 10),
    ),
    Solved(
        "a round is four hours, and each that is missing costs 100 points",
        best=930,
        without=730,
        prices=Prices(
            6,
            {
                "viable_round": {("K1", "A1"): 10},
                "active": {("P1", "K1"): 1200, ("P2", "K1"): 1200},
            },
        ),
        weights=POINTS,
        rules={"viable_round": {"mode": "soft", "value": 4, "price": 100}},
    ),
    Solved(
        "there is money for one person with K1, 365 x £364 in pence; the other waits",
        best=1365,
        without=730,
        prices=Prices(365 * 36400, {"within_budget": {("A1",): 635}}),
        weights={"cash": 1.0, "waiting": 1000.0},
        rules={"within_budget": {"mode": "hard"}},
        budget=364,
    ),
    Solved(
        "one of two people may be moved, which saves £365",
        best=1095,
        without=730,
        prices=Prices(1, {"moves_limit": {(): 365}}),
        weights=CASH,
        rules={"moves_limit": {"mode": "hard", "value": 1}},
        present="K2",
    ),
    Solved(
        "a household is with K2, as K1 does not reach one of the two",
        best=1460,
        without=1460,
        prices=NONE,
        weights=CASH,
        rules={"household_together": {"mode": "hard"}},
        reach="K1 L1, K2 L1, K2 L2",
    ),
    Solved(
        "the same by hours, at a price beyond what an hour that is missing costs",
        best=1595,
        without=1095,
        prices=Prices(6, {"lead_accepts_share": {("A1", "K1"): 100, ("A1", "K2"): 100}}),
        weights=POINTS,
        rules={"lead_accepts_share": {"mode": "soft", "value": 1, "price": 500, "by": "hours"}},
        reach="K1 L1, K2 L2",
    ),
    Solved(
        "both may lead, and all that they take counts at the higher of their prices",
        best=1095,
        without=1095,
        prices=Prices(1, {"lead_accepts_share": {("A1", "K1"): 500, ("A1", "K2"): 20}}),
        weights=POINTS,
        rules={
            "lead_accepts_share": {"mode": "soft", "value": 1, "price": 500},
            "leads_per_area": {"mode": "hard", "minimum": 0, "maximum": 2},
        },
        reach="K1 L1, K2 L2",
    ),
    Solved(
        "K1 has room only as lead, and may lead beside K2",
        best=1095,
        without=1095,
        prices=Prices(
            60,
            {
                "within_capacity": {("K1",): 365},
                "appointed_only_as_lead": {("K1",): 365 * 60},
            },
        ),
        weights=CASH,
        rules={"leads_per_area": {"mode": "hard", "minimum": 0, "maximum": 2}},
        capacity=(0, 10),
        growth=1,
        reach="K1 L1, K2 L1, K2 L2",
    ),
    Solved(
        "both need an hour in the morning, when K1 has one",
        best=1095,
        without=730,
        prices=Prices(60, {"within_bands": {("K1", "morning"): 365}}),
        weights=CASH,
        rules={},
        morning=1,
    ),
    Solved(
        "the same, where K1 would have another hour as lead",
        best=730,
        without=730,
        prices=Prices(60, {"within_bands": {("K1", "morning"): 365}}),
        weights=CASH,
        rules={},
        morning=1,
        growth=1,
    ),
    Solved(
        "one of a household waits, as that is cheaper, and the more urgent one does not",
        best=665,
        without=665,
        prices=NONE,
        weights={"cash": 1.0, "waiting": 300.0},
        rules={"household_together": {"mode": "hard"}},
        priority="1",
    ),
)


@pytest.mark.parametrize("case", SOLVED, ids=lambda case: case.about)
def test_prices_prove_the_best_plan(case: Solved, tmp_path: Path) -> None:
    """By hand: the prices prove what the best plan costs, and without them less is proven."""
    instance, weights = written(case, tmp_path), exact(case.weights)
    assert best(instance, case.weights) == case.best
    assert proven(instance, weights, case.prices) == case.best
    assert proven(instance, weights, NONE) == case.without


def test_a_household_in_two_areas_is_credited_in_each(tmp_path: Path) -> None:
    """By hand: K2 leads A2 and takes its referral, so the other of the household is left alone."""
    weights = {"cash": 1.0, "waiting": 100.0, "shortfalls": 1.0}
    rules: dict[str, dict[str, Any]] = {
        "household_together": {"mode": "hard"},
        "lead_accepts_share": {"mode": "soft", "value": 1, "price": 500},
        "placed_once": {"mode": "off"},
    }
    case = as_case(Solved("", 830, 465, NONE, weights, rules))
    here, there = case.tables["packages"]
    here |= {"status": "placed", "provider_id": "K1"}
    there |= {"priority": "1"}
    case.tables["place_areas"][1]["area_id"] = "A2"
    case.tables["areas"] = [
        {"area_id": "A1", "lead_id": "K1"},
        {"area_id": "A2", "lead_id": "K2"},
    ]
    instance = prepare(case.write(tmp_path)).instance
    prices = Prices(1, {"lead_accepts_share": {("A2", "K2"): 500}})
    assert best(instance, weights) == 100 + 730
    assert proven(instance, exact(weights), prices) == 100 + 730
    assert proven(instance, exact(weights), NONE) == 100 + 365


def any_question(seed: int, folder: Path) -> Instance:
    """A tiny question; in every third one everybody is of one household, and leads are asked."""
    case = tiny.generate(seed)
    if seed % 3 == 0:
        for row in case.tables["packages"]:
            row["household_id"] = "H1"
        case.scenario["rules"] |= {
            "household_together": {"mode": "hard"},
            "lead_accepts_share": {"mode": "soft", "value": 0.9, "price": 30},
        }
    try:
        return prepare(case.write(folder)).instance
    except BadInput:
        reject()


@given(SEEDS)
@examples(60)
def test_no_prices_prove_too_much(seed: int) -> None:
    """Whatever the prices, no plan costs less than they prove: near the best, and anywhere."""
    rng = random.Random(f"prices {seed}")
    weights = drawn(rng)
    with tempfile.TemporaryDirectory() as folder:
        instance = any_question(seed, Path(folder))
    reached = best(instance, weights)
    if reached is None:
        return
    relaxation = from_relaxation(instance, weights)
    assert relaxation is not None
    for _ in range(4):
        others = any_prices(instance, rng)
        near = mixed(relaxation.prices, others, rng)
        for prices in (others, near, relaxation.prices):
            assert proven(instance, exact(weights), prices) <= reached


def counted_question(seed: int, folder: Path) -> Instance:
    """A tiny question in which only rules bind that the proof counts in full.

    Each area has one lead, and the members of a household live in one place.
    """
    case = tiny.generate(seed)
    rules = case.scenario["rules"]
    rules |= {rule: {"mode": "off"} for rule in ("leads_limit", "lead_first", "step_in")}
    rules["leads_per_area"] = {"mode": "hard"}
    if rules.get("household_together", {}).get("mode") == "soft":
        rules["household_together"]["mode"] = "hard"
    for row in case.tables["areas"]:
        row["lead_id"] = row["lead_id"].split(";")[0]
    for row in case.tables["packages"]:
        row["household_id"] = row["household_id"] and row["household_id"] + row["place_id"]
    case.scenario["objective"] = {}
    try:
        return prepare(case.write(folder)).instance
    except BadInput:
        reject()


def reaches(seed: int, weights: dict[str, float]) -> tuple[Instance, Prices] | None:
    """Check that the prices of a relaxation prove its value, and return them."""
    with tempfile.TemporaryDirectory() as folder:
        instance = counted_question(seed, Path(folder))
    relaxation = from_relaxation(instance, weights)
    if relaxation is None:
        return None
    found = float(proven(instance, exact(weights), relaxation.prices))
    assert found >= relaxation.value - 1e-6 * max(1, abs(relaxation.value))
    return instance, relaxation.prices


@given(SEEDS)
@examples(30)
def test_prices_of_the_relaxation_prove_its_value(seed: int) -> None:
    """What the linear relaxation promises is proven, to a millionth."""
    reaches(seed, drawn(random.Random(f"relaxation {seed}")))


# Where a relaxation needs the price of a rule, hard (h) or soft (s), or of what a column means.
NEEDED = (
    *(("within_capacity", seed) for seed in (3, 29)),  # h, s
    *(("within_bands", seed) for seed in (4, 17)),  # h, s
    *(("share_limit", seed) for seed in (36, 27)),  # h, s
    *(("lead_accepts_share", seed) for seed in (176, 8)),  # h, s
    *(("viable_round", seed) for seed in (163, 16)),  # h, s
    *(("within_budget", seed) for seed in (206, 351)),  # h, s
    *(("appointed_only_as_lead", 47), ("active", 4)),
)


@pytest.mark.parametrize(("rule", "seed"), NEEDED)
def test_each_rule_is_credited(rule: str, seed: int) -> None:
    """Without the prices of one rule less is proven than the relaxation promises."""
    weights = {"waiting": 30.0, "shortfalls": 10.0, "changes": 1.0, "cash": 0.001, "rounds": 3.0}
    found = reaches(seed, weights | {"travel": 0.01})
    assert found is not None
    instance, prices = found
    less = replace(prices, rows={r: held for r, held in prices.rows.items() if r != rule})
    assert proven(instance, exact(weights), less) < proven(instance, exact(weights), prices)


@given(SEEDS)
@examples(25)
def test_the_sum_is_exact_whatever_its_size(seed: int) -> None:
    """Neither numbers beyond 64 bits nor the size of a block make any difference."""
    rng = random.Random(f"exact {seed}")
    weights = exact(drawn(rng))
    with tempfile.TemporaryDirectory() as folder:
        instance = tiny.tiny_question(seed, Path(folder)).instance
    prices = any_prices(instance, rng)
    found = proven(instance, weights, prices)
    fine = 10**40
    rows = {
        rule: {label: price * fine for label, price in held.items()}
        for rule, held in prices.rows.items()
    }
    assert proven(instance, weights, Prices(prices.scale * fine, rows)) == found
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocks, "BLOCK", 1)
        assert proven(instance, weights, prices) == found


@pytest.mark.parametrize(
    ("weights", "prices", "because"),
    [
        ({"cash": -1}, NONE, "no weight negative"),
        ({}, Prices(0, {}), "scale"),
        ({}, Prices(1, {"within_capacity": {("K1",): -1}}), "within_capacity is negative"),
        ({}, Prices(1, {"within_budget": {("A1",): 1}}), "within_budget, which does not bind"),
        ({}, Prices(1, {"within_capacity": {("K9",): 1}}), "does not have"),
        ({}, Prices(1, {"within_capacity": {("K1", "A1"): 1}}), "does not have"),
        ({}, Prices(1, {"leads_limit": {("K1",): 1}}), "No price can be on leads_limit"),
    ],
)
def test_what_proves_nothing_is_refused(
    weights: dict[str, int], prices: Prices, because: str, tmp_path: Path
) -> None:
    """Prices that would make the sum no bound, or that are about nothing, are named."""
    instance = written(SOLVED[0], tmp_path)
    with pytest.raises(ValueError, match=because):
        proven(instance, {term: Fraction(weight) for term, weight in weights.items()}, prices)


def test_a_round_has_room_only_where_capacity_is_hard(tmp_path: Path) -> None:
    """A row that follows from another is refused where that may be broken, for all the case."""
    soft = next(case for case in SOLVED if case.rules.get("within_capacity"))
    prices = Prices(1, {"round_capacity": {("K1", "A1"): 1}})
    with pytest.raises(ValueError, match="round_capacity, which does not bind"):
        proven(written(soft, tmp_path / "soft"), {}, prices)
    hard = written(SOLVED[0], tmp_path / "hard")
    assert proven(hard, {}, prices) <= 0
    with pytest.raises(ValueError, match="does not bind"):
        proven(hard.bent(soft=True), {}, prices)
