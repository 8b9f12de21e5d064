"""Questions, weights and prices for proofs: solved by hand, or drawn."""

from __future__ import annotations

import random
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from allocate.asked import prepare
from allocate.homecare.formulation import formulate
from allocate.homecare.instance import Instance
from allocate.homecare.labels import BANDS
from allocate.homecare.row_prices import Prices
from allocate.study.scenario import LevelWords
from helpers import brute, tiny
from helpers.duals import Relaxed, relaxed

NONE = Prices(1, {})
CASH = {"cash": 1.0, "waiting": 10_000.0}  # so dear that nobody waits
POINTS = CASH | {"shortfalls": 1.0}


@dataclass(frozen=True)
class Solved:
    """A case solved by hand, and prices that prove it."""

    about: str
    best: int
    without: float
    prices: Prices
    weights: dict[str, float]
    rules: dict[str, dict[str, Any]]
    capacity: tuple[float, float] = (10, 10)
    growth: float = 0
    reach: str = "K1 L1, K1 L2, K2 L1, K2 L2"
    can_lead: str = "Yes"
    budget: float | str = ""
    present: str = ""
    priority: str = "3"
    morning: float | str = ""


def as_case(case: Solved) -> tiny.Case:
    """The tables and the scenario of a case solved by hand."""
    packages = [
        {
            "package_id": f"P{n}",
            "place_id": f"L{n}",
            "hours_per_week": 1,
            "status": "placed" if case.present else "waiting",
            "provider_id": case.present,
            "household_id": "H1",
            "priority": priority,
        }
        for n, priority in ((1, case.priority), (2, "3"))
    ]
    providers = [
        {
            "provider_id": name,
            "cqc_rating": "Good",
            "can_lead": can_lead,
            "capacity_hours": capacity,
            "growth_hours": case.growth,
        }
        for name, can_lead, capacity in zip(
            ("K1", "K2"), (case.can_lead, "Yes"), case.capacity, strict=True
        )
    ]
    reach = [pair.split() for pair in case.reach.split(", ")]
    area = {"area_id": "A1", "lead_id": "", "new_work_budget_pounds": case.budget}
    tables = {
        "package_bands": [{"package_id": f"P{n}", "morning_hours": 1} for n in (1, 2)],
        "provider_bands": [{"provider_id": "K1", "morning_hours": case.morning}],
        "packages": packages,
        "providers": providers,
        "place_areas": [{"place_id": f"L{n}", "area_id": "A1"} for n in (1, 2)],
        "areas": [area | {"budget_weeks": 52}],
        "reach": [{"provider_id": k, "place_id": place} for k, place in reach],
        "rates": [
            {"provider_id": "K1", "place_id": "", "rate_pounds_per_hour": 7},
            {"provider_id": "K2", "place_id": "", "rate_pounds_per_hour": 14},
        ],
    }
    off = ("lead_accepts_share", "household_together", "moves_limit", "within_budget", "rate_floor")
    scenario = {
        "objective": {"priced": case.weights, "allow_waiting_to_save": True},
        "parameters": {"growth_haircut": 1},
        "rules": {rule: {"mode": "off"} for rule in off} | case.rules,
    }
    return tiny.Case(tables, scenario)


def written(case: Solved, folder: Path) -> Instance:
    """Write a case solved by hand and make it ready."""
    return prepare(as_case(case).write(folder)).instance


def exact(weights: dict[str, float]) -> dict[str, Fraction]:
    """Weights as they are written."""
    return {term: Fraction(str(weight)) for term, weight in weights.items()}


def best(instance: Instance, weights: dict[str, float]) -> Fraction | None:
    """The least that any plan comes to; None where there is none."""
    found = brute.best_plan(instance, [LevelWords(name="sum", terms=weights)])
    return None if found is None else found.levels[0]


def drawn(rng: random.Random) -> dict[str, float]:
    """Weights of the terms, drawn."""
    chosen = {term: rng.choice((0.0, 0.001, 0.5, 1.0, 30.25)) for term in tiny.TERMS}
    return chosen | {"waiting": rng.choice((0.0, 1.0, 30.0))}


def from_relaxation(instance: Instance, weights: dict[str, float]) -> Relaxed | None:
    """Solve the relaxation of a weighted sum; None where it has no plan."""
    return relaxed(formulate(instance, [LevelWords(name="sum", terms=weights)]))


def any_prices(instance: Instance, rng: random.Random) -> Prices:
    """Prices on rows of every rule that binds, drawn: a third of them none, few of them large."""
    packages, providers = instance.packages.ids, instance.providers.ids
    areas, rules = instance.areas.ids, instance.rules
    in_area = [(a, k) for a in areas for k in providers]
    rows: dict[str, list[tuple[str, ...]]] = {
        "within_capacity": [(k,) for k in providers],
        "within_bands": [(k, band) for k in providers for band in BANDS],
        "share_limit": [(owner,) for owner in instance.providers.owners],
        "lead_accepts_share": in_area,
        "viable_round": [(k, a) for a, k in in_area],
        "within_budget": [(a,) for a in areas],
        "moves_limit": [()],
    }
    rows = {rule: labels for rule, labels in rows.items() if rules[rule].binds}
    rows["appointed_only_as_lead"] = [(k,) for k in providers]
    rows["lead_is_appointed"] = in_area
    rows["active"] = [(p, k) for p in packages for k in providers]
    if rules["within_capacity"].mode == "hard":
        rows["round_capacity"] = [(k, a) for a, k in in_area]
    size = {rule: rng.choice((0, 1, 30, 1000)) for rule in rows}
    return Prices(
        1000,
        {
            rule: {
                label: rng.randint(0, 2) * rng.randint(0, 1000) * size[rule] // 60
                for label in labels
            }
            for rule, labels in rows.items()
        },
    )


def mixed(one: Prices, other: Prices, rng: random.Random) -> Prices:
    """The prices of a relaxation, each as it is, left out, halved or doubled, with some others."""
    rows = {
        rule: {label: price * rng.choice((0, 1, 2, 2, 2, 4)) // 2 for label, price in held.items()}
        for rule, held in one.rows.items()
    }
    factor = one.scale // other.scale
    for rule, held in other.rows.items():
        if rule not in rows or rng.random() < 0.2:
            rows[rule] = {label: price * factor for label, price in held.items()}
    return Prices(one.scale, rows)
