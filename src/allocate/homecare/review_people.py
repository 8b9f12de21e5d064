"""The rules about single people and households, measured on a plan."""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction

from allocate.homecare.labels import PLACED, RATINGS
from allocate.homecare.plan import Plan
from allocate.verdict import Measured


def placed_once(plan: Plan) -> Measured:
    """People who lose their place."""
    left = [p for p in range(plan.size) if plan.status(p) == PLACED and plan.given[p] < 0]
    return Measured.of((plan.packages.ids[p], 1) for p in left)


def quality_floor(plan: Plan) -> Measured:
    """People with a provider that is rated below the floor."""
    scope = _in_scope(plan, "quality_floor")
    return Measured.of((plan.packages.ids[p], 1) for p in scope if below_floor(plan, plan.given[p]))


def below_floor(plan: Plan, k: int) -> bool:
    """Whether a provider is rated below the floor."""
    worst = RATINGS.index(str(plan.instance.rules["quality_floor"].value))
    return bool(plan.providers.rating[k] > worst)


def needs_met(plan: Plan) -> Measured:
    """People whose special needs their provider does not meet."""
    needs, meets = plan.packages.needs, plan.providers.needs
    scope = _in_scope(plan, "needs_met")
    unmet = [p for p in scope if (needs[p] & ~meets[plan.given[p]]).any()]
    return Measured.of((plan.packages.ids[p], 1) for p in unmet)


def _in_scope(plan: Plan, rule: str) -> list[int]:
    every = plan.instance.rules[rule].options["applies_to"] == "all"
    return [p for p in plan.held if every or plan.is_new(p)]


def choice_kept(plan: Plan) -> Measured:
    """People newly placed with another provider than they asked for."""
    asked = plan.packages.choice
    other = [p for p in plan.held if asked[p] >= 0 and asked[p] != plan.given[p]]
    return Measured.of((plan.packages.ids[p], 1) for p in other if plan.is_new(p))


def household_together(plan: Plan) -> Measured:
    """Providers that households have beyond one."""
    homes: dict[int, set[int]] = defaultdict(set)
    for p in plan.held:
        if plan.packages.household[p] >= 0:
            homes[int(plan.packages.household[p])].add(plan.given[p])
    first = {int(home): p for p, home in reversed(list(enumerate(plan.packages.household)))}
    return Measured.of(
        (f"household of {plan.packages.ids[first[home]]}", len(providers) - 1)
        for home, providers in homes.items()
    )


def locked_stay(plan: Plan) -> Measured:
    """Locked people who are moved."""
    moved = [p for p in range(plan.size) if plan.moved(p) and plan.packages.locked[p]]
    return Measured.of((plan.packages.ids[p], 1) for p in moved)


def moves_limit(plan: Plan) -> Measured:
    """People moved by choice beyond the limit."""
    moves = sum(plan.moved(p) for p in range(plan.size))
    return Measured.with_slack([("people moved", moves - int(plan.value("moves_limit")))])


def rate_floor(plan: Plan) -> Measured:
    """Hours newly placed below the floor."""
    low = [p for p in plan.held if plan.is_new(p) and below_rate(plan, plan.given[p], p)]
    return Measured.of(((plan.packages.ids[p], plan.minutes(p)) for p in low), 60)


def below_rate(plan: Plan, k: int, p: int) -> bool:
    """Whether a provider is paid less than the floor where a package is."""
    setting = plan.instance.rules["rate_floor"]
    if setting.value is None or setting.mode == "raise":
        return False
    rate = int(plan.instance.rate[k, plan.packages.place[p]])
    return rate < Fraction(str(setting.value)) * 100
