"""Bounds by packing: nothing false is promised, and more is proven where rooms stay unfilled."""

from __future__ import annotations

import random
import tempfile
from dataclasses import replace
from itertools import chain, combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, reject
from hypothesis import strategies as st

from allocate.asked import prepare
from allocate.errors import BadInput
from allocate.homecare import blocks, packing
from allocate.homecare.instance import Instance
from allocate.homecare.knapsack import most_worth
from allocate.homecare.packing_prices import PACKED, PACKING
from allocate.homecare.proof import proven
from allocate.homecare.row_prices import Prices
from helpers import tiny
from helpers.proofs import (
    CASH,
    POINTS,
    Solved,
    any_prices,
    best,
    drawn,
    exact,
    from_relaxation,
    mixed,
    written,
)
from helpers.tiny import examples

SEEDS = st.integers(min_value=0, max_value=2**32 - 1)
HALF_TOO_MUCH: dict[str, Any] = {"capacity": (1.5, 10)}
ROOM_AS_LEAD: dict[str, Any] = {"capacity": (0.5, 10), "growth": 1}
ALL_TO_THE_LEAD = {"lead_accepts_share": {"mode": "soft", "value": 1, "price": 500}}


def either(price: int) -> dict[tuple[str, ...], int]:
    """Both providers named for the area."""
    return {("A1", "K1"): price, ("A1", "K2"): price}


def earning(placed: int, leads: dict[tuple[str, ...], int], **others: Any) -> Prices:
    """Prices at which each of two people earns so much, in pounds."""
    rows = {"placed_once": {("P1",): placed, ("P2",): placed}, "leads_per_area": leads}
    return Prices(1, rows | others)


# Two people need an hour a week each. An hour a week costs £365 a year with K1 and £730 with K2.
# ``without`` is what the same prices prove if nobody packs.
BEST = (
    Solved(
        "K1 has an hour and a half, of which the half is of no use",
        best=1095,
        without=730,
        prices=earning(730, either(0)),
        weights=CASH,
        rules={},
        **HALF_TOO_MUCH,
    ),
    Solved(
        "the same where nobody has to lead: growth is there for the asking",
        best=1095,
        without=730,
        prices=earning(730, {}),
        weights=CASH,
        rules={"leads_per_area": {"mode": "off"}},
        **ROOM_AS_LEAD,
    ),
    Solved(
        "K1 has room for one only as lead, which is worth the £365 that it saves",
        best=1095,
        without=730,
        prices=earning(730, either(-300)),
        weights=CASH,
        rules={},
        **ROOM_AS_LEAD,
    ),
    Solved(
        "K2 is not thought to lead, and prices on capacity prove that with it the plan is dearer",
        best=1095,
        without=912.5,
        prices=Prices(
            60,
            {
                "placed_once": {("P1",): 730 * 60, ("P2",): 730 * 60},
                "leads_per_area": {("A1", "K1"): 7},
                "within_capacity": {("K1",): 365},
                "appointed_only_as_lead": {("K1",): 365 * 60},
            },
        ),
        weights=CASH,
        rules={},
        **ROOM_AS_LEAD,
    ),
    Solved(
        "K1 as lead has room for one of those that K2 as lead would take",
        best=1460,
        without=730,
        prices=earning(730, either(100), lead_accepts_share={("A1", "K1"): 500, ("A1", "K2"): 365}),
        weights=POINTS,
        rules=ALL_TO_THE_LEAD,
        **ROOM_AS_LEAD,
    ),
    Solved(
        "K2 leads and has room for one: the other costs 500 points, whatever price is set on it",
        best=1595,
        without=1460,
        prices=earning(365, {("A1", "K2"): 7}, lead_accepts_share={("A1", "K2"): 900}),
        weights=POINTS,
        rules=ALL_TO_THE_LEAD,
        can_lead="No",
        capacity=(10, 1.5),
    ),
    Solved(
        "waiting costs £500, and nobody is worth more",
        best=865,
        without=730,
        prices=earning(500, either(0)),
        weights={"cash": 1.0, "waiting": 500.0},
        rules={},
        **HALF_TOO_MUCH,
    ),
)
LESS = (
    (
        765,
        Solved(
            "either who waits earns £100 more than that costs",
            best=865,
            without=730,
            prices=earning(600, either(0)),
            weights={"cash": 1.0, "waiting": 500.0},
            rules={},
            **HALF_TOO_MUCH,
        ),
    ),
    (
        995,
        Solved(
            "leading earns £100, and both take it",
            best=1095,
            without=730,
            prices=earning(730, either(100)),
            weights=CASH,
            rules={},
            **ROOM_AS_LEAD,
        ),
    ),
    (
        730,
        Solved(
            "K1 is not thought to lead, but may: nothing stands but what is proven without packing",
            best=1095,
            without=730,
            prices=earning(730, {("A1", "K2"): 7}),
            weights=CASH,
            rules={},
            **ROOM_AS_LEAD,
        ),
    ),
    (
        1035,
        Solved(
            "an hour in the morning costs £60 with K1, who as lead would have two, and needs one",
            best=1095,
            without=730,
            prices=earning(730, either(-300), within_bands={("K1", "morning"): 1}),
            weights=CASH,
            rules={},
            morning=1,
            **ROOM_AS_LEAD,
        ),
    ),
)


@pytest.mark.parametrize(
    ("proves", "case"),
    [*((case.best, case) for case in BEST), *LESS],
    ids=[case.about for case in (*BEST, *(case for _, case in LESS))],
)
def test_packing_proves_what_was_worked_out(proves: int, case: Solved, tmp_path: Path) -> None:
    """By hand: what the best plan costs, what packing proves of it, and what is proven without."""
    instance, weights = written(case, tmp_path), exact(case.weights)
    assert best(instance, case.weights) == case.best
    assert proven(instance, weights, case.prices) == proves
    assert proven(instance, weights, case.prices.without(*PACKING)) == case.without


def test_a_room_that_cannot_be_filled_is_beyond_prices_on_capacity(tmp_path: Path) -> None:
    """By hand: K1 would take one and a half people, £912.50; nobody is taken by halves, £1,095."""
    case = BEST[0]
    instance = written(case, tmp_path)
    relaxation = from_relaxation(instance, case.weights)
    assert relaxation is not None
    # No prices on rows alone prove more than the relaxation is worth.
    assert relaxation.value == pytest.approx(912.5)
    assert float(proven(instance, exact(case.weights), relaxation.prices)) == pytest.approx(912.5)
    assert proven(instance, exact(case.weights), case.prices) == 1095


@given(
    st.lists(st.tuples(st.integers(-10, 60), st.integers(0, 30)), max_size=8),
    st.integers(-1, 120),
    st.sampled_from((1, 10**9, 10**30)),
    st.booleans(),
)
@examples(400)
def test_a_knapsack_is_packed_exactly(
    things: list[tuple[int, int]], room: int, unit: int, alike: bool
) -> None:
    """No set of things that fits is worth more, and one is worth as much, whatever the size."""
    if alike:  # what is worth much also takes much: nearly all are in doubt
        things = [(2 * load + worth % 3, load) for worth, load in things]
    sets = chain.from_iterable(combinations(things, size) for size in range(len(things) + 1))
    fitting = [chosen for chosen in sets if sum(load for _, load in chosen) <= room]
    expected = max((sum(worth for worth, _ in chosen) for chosen in fitting), default=0)
    worth = np.array([worth * unit for worth, _ in things], dtype=object)
    worth = worth if unit > 2**62 else worth.astype(np.int64)
    load = np.array([load for _, load in things], dtype=np.int64)
    assert most_worth(worth, load, room) == expected * unit


def packed_question(seed: int, folder: Path, *, counted: bool = False) -> Instance:
    """A tiny question in which providers pack; ``counted`` if all that binds is counted in full."""
    case = tiny.generate(seed)
    rules = case.scenario["rules"]
    rules["within_capacity"] = {"mode": "hard"}
    rules["leads_per_area"] = {"mode": "hard"}
    if seed % 2:
        rules["lead_accepts_share"] = {"mode": "soft", "value": 0.9, "price": 30}
    for row in case.tables["areas"]:
        row["lead_id"] = "" if seed % 3 == 0 else row["lead_id"].split(";")[0]
    if counted:
        left_out = ("leads_limit", "lead_first", "step_in", "household_together", "viable_round")
        rules |= {rule: {"mode": "off"} for rule in left_out}
        case.scenario["objective"] = {}
    elif seed % 5 == 0:
        rules["leads_per_area"] = rules["lead_accepts_share"] = {"mode": "off"}
    try:
        return prepare(case.write(folder)).instance
    except BadInput:
        reject()


def some_leads(leads: Prices, instance: Instance, rng: random.Random) -> Prices:
    """Name some of the possible leads of each area, often all, at a price of its own."""
    if instance.rules["leads_per_area"].mode != "hard":
        return leads.without("leads_per_area")
    every = leads.rows["leads_per_area"]
    kept: dict[tuple[str, ...], int] = {}
    for area in {area for area, _ in every}:
        here = [label for label in every if label[0] == area]
        price = rng.choice((every[here[0]], 0, rng.randint(-2000, 2000) * leads.scale))
        kept |= dict.fromkeys(rng.sample(here, rng.randint(1, len(here))), price)
    return replace(leads, rows=leads.rows | {"leads_per_area": kept})


def joined(one: Prices, other: Prices) -> Prices:
    """The prices of both over one denominator."""
    scale = one.scale * other.scale
    rows = {
        rule: {label: price * (scale // prices.scale) for label, price in held.items()}
        for prices in (one, other)
        for rule, held in prices.rows.items()
    }
    return Prices(scale, rows)


def without_rounds(prices: Prices) -> Prices:
    """The prices that packing allows."""
    return prices.without("active", "viable_round", "round_capacity")


@given(SEEDS)
@examples(60)
def test_packing_proves_nothing_too_much(seed: int) -> None:
    """Whatever the prices and whoever is named, no plan costs less than is proven."""
    rng = random.Random(f"packing {seed}")
    weights = drawn(rng)
    with tempfile.TemporaryDirectory() as folder:
        instance = packed_question(seed, Path(folder))
    reached = best(instance, weights)
    if reached is None:
        return
    relaxation = from_relaxation(instance, weights)
    assert relaxation is not None
    for _ in range(4):
        others = without_rounds(any_prices(instance, rng))
        near = without_rounds(mixed(relaxation.prices, others, rng))
        placed = relaxation.packing.rows["placed_once"]
        if rng.random() < 0.5:
            factor = [rng.choice((-1, 0, 1, 2, 3, 4)) for _ in placed]
            placed = {at: p * f // 2 for (at, p), f in zip(placed.items(), factor, strict=True)}
        rows = relaxation.packing.rows | {"placed_once": placed}
        packed = some_leads(replace(relaxation.packing, rows=rows), instance, rng)
        for prices in (others, near, without_rounds(relaxation.prices)):
            assert proven(instance, exact(weights), joined(prices, packed)) <= reached


@given(SEEDS)
@examples(30)
def test_packing_at_the_prices_of_the_relaxation_proves_its_value(seed: int) -> None:
    """With nothing on capacity, packing proves what the linear relaxation promises, or more."""
    weights = drawn(random.Random(f"packed relaxation {seed}")) | {"rounds": 0.0}
    with tempfile.TemporaryDirectory() as folder:
        instance = packed_question(seed, Path(folder), counted=True)
    relaxation = from_relaxation(instance, weights)
    if relaxation is None:
        return
    prices = joined(relaxation.prices.without(*PACKED), relaxation.packing)
    found = float(proven(instance, exact(weights), prices))
    assert found >= relaxation.value - 1e-6 * max(1, abs(relaxation.value))


@given(SEEDS)
@examples(25)
def test_the_sum_is_exact_whatever_its_size(seed: int) -> None:
    """Neither numbers beyond 64 bits nor the size of a block make any difference."""
    rng = random.Random(f"exact packing {seed}")
    weights = drawn(rng)
    with tempfile.TemporaryDirectory() as folder:
        instance = packed_question(seed, Path(folder), counted=True)
    relaxation = from_relaxation(instance, weights)
    if relaxation is None:
        return
    packed = some_leads(relaxation.packing, instance, rng)
    prices = joined(without_rounds(relaxation.prices), packed)
    found = proven(instance, exact(weights), prices)
    assert proven(instance, exact(weights), joined(prices, Prices(10**40, {}))) == found
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocks, "BLOCK", 1)
        assert proven(instance, exact(weights), prices) == found


@pytest.mark.parametrize(
    ("rows", "because"),
    [
        ({"leads_per_area": either(0)}, "only beside prices on placed_once"),
        ({"placed_once": {}, "leads_per_area": {}}, "nobody is named"),
        ({"placed_once": {}}, "nobody is named"),
        ({"placed_once": {}, "leads_per_area": either(0) | {("A1", "K2"): 1}}, "differ"),
        ({"placed_once": {}, "leads_per_area": {("A1", "K9"): 0}}, "does not have"),
        ({"placed_once": {("P9",): 0}, "leads_per_area": either(0)}, "does not have"),
    ],
)
def test_prices_under_which_nothing_is_packed_are_refused(
    rows: dict[str, dict[tuple[str, ...], int]], because: str, tmp_path: Path
) -> None:
    """Prices that would make the sum no bound, or that are about nothing, are named."""
    instance = written(BEST[0], tmp_path)
    with pytest.raises(ValueError, match=because):
        proven(instance, {}, Prices(1, rows))


@pytest.mark.parametrize(
    ("rules", "rows", "because"),
    [
        ({"within_capacity": {"mode": "soft", "price": 100}}, {}, "within_capacity is hard"),
        ({}, {"active": {("P1", "K1"): 1}}, "no price can be on rounds"),
        ({}, {"round_capacity": {("K1", "A1"): 1}}, "no price can be on rounds"),
        (
            {
                "leads_per_area": {"mode": "off"},
                "lead_accepts_share": {"mode": "hard", "value": 1},
            },
            {"lead_accepts_share": {("A1", "K1"): 1}},
            "where several may lead",
        ),
        ({"leads_per_area": {"mode": "off"}}, {}, "cannot be the one lead"),
        ({"leads_per_area": {"mode": "hard", "maximum": 2}}, {}, "cannot be the one lead"),
    ],
)
def test_where_providers_have_more_to_do_than_pack_is_refused(
    rules: dict[str, Any], rows: dict[str, Any], because: str, tmp_path: Path
) -> None:
    """What a provider does has to be a knapsack for each choice of areas that it leads."""
    instance = written(replace(BEST[0], rules=rules), tmp_path)
    with pytest.raises(ValueError, match=because):
        proven(instance, {}, earning(0, either(0), **rows))


def test_who_may_not_lead_cannot_be_named(tmp_path: Path) -> None:
    """A price on an area names providers that the question leaves for it."""
    instance = written(replace(BEST[0], can_lead="No"), tmp_path)
    with pytest.raises(ValueError, match="cannot be the one lead"):
        proven(instance, {}, earning(0, either(0)))


def test_too_many_areas_to_choose_from_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every set of areas is looked at, or none; where one alone is named there is no choice."""
    instance = written(BEST[0], tmp_path)
    monkeypatch.setattr(packing, "MOST_AREAS", 0)
    with pytest.raises(ValueError, match="one of several leads"):
        proven(instance, {}, earning(0, either(0)))
    assert proven(instance, {}, earning(0, {("A1", "K1"): 0})) == 0
