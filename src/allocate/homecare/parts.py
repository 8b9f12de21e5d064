"""What a plan of home care is made of: people, rounds, and rules that are short."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import numpy as np

from allocate.homecare.instance import Instance
from allocate.homecare.packages import WAIT_STEPS
from allocate.homecare.solution import Solution, cash_of, change_shares
from allocate.parts import ENDS, GONE, MOVES, NEW, SAME, STARTS, Part, Steps
from allocate.units import THOUSAND
from allocate.verdict import Review

WAITS = "waits"
STEPS: Steps = {
    "package": {
        NEW: "people only in {b}",
        GONE: "people only in {a}",
        STARTS: "people who wait in {a} and are placed in {b}",
        ENDS: "people who are placed in {a} and wait in {b}",
        MOVES: "people whom another provider has",
        SAME: "as before, but with other hours, rates, distances or weights",
    },
    "round": {NEW: "rounds only in {b}", GONE: "rounds only in {a}"},
}
UNITS = {"people": "people", "hours": "carer-hours a week"}  # counted beside the terms


def parts(instance: Instance, solution: Solution, review: Review) -> Iterator[Part]:
    """Yield the parts of a plan; of each term they add up to what the review counts.

    Parameters
    ----------
    instance, solution, review
        The question, the plan and its review.
    """
    yield from _people(instance, solution)
    packages, providers, areas = instance.packages, instance.providers, instance.areas
    given = solution.provider
    held = given >= 0
    for k, a in sorted(set(zip(given[held].tolist(), packages.area[held].tolist(), strict=True))):
        groups = {"provider": providers.ids[k], "area": areas.ids[a]}
        name = f"{providers.ids[k]} {areas.ids[a]}"
        yield Part("round", name, name, {"rounds": Fraction(1)}, groups)
    for rule, found in review.rules.items():
        setting = instance.rules[rule]
        if setting.mode == "soft":
            points = Fraction(str(setting.price)) * found.short_by
            yield Part("rule", rule, rule, {"shortfalls": points})


def _people(instance: Instance, solution: Solution) -> Iterator[Part]:
    packages, providers, given = instance.packages, instance.providers, solution.provider
    cash = cash_of(instance, given, instance.rate)
    minutes = instance.travel[given, packages.place] * packages.visits
    travel = np.where(given >= 0, minutes, 0)
    changes, waits = change_shares(instance, given), packages.wait_steps
    for p, name in enumerate(packages.ids):
        k = int(given[p])
        amounts = {
            "people": Fraction(1),
            "hours": Fraction(int(packages.minutes[p]), 60),
            "waiting": Fraction(int(waits[p]) if k < 0 else 0, WAIT_STEPS),
            "changes": Fraction(int(changes[p]), THOUSAND),
            "cash": Fraction(int(cash[p]), 100),
            "travel": Fraction(int(travel[p])),
        }
        groups = {
            "area": instance.areas.ids[packages.area[p]],
            "provider": providers.ids[k] if k >= 0 else WAITS,
        }
        yield Part("package", name, providers.ids[k] if k >= 0 else "", amounts, groups)
