"""The question asked again with one thing changed: a rule, a price of waiting, other care."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from allocate.beds.instance import Instance
from allocate.beds.solution import Solution
from allocate.beds.studies import best, evenly_spread
from allocate.beds.weekly import Beside
from allocate.beds.winters import Winters
from allocate.core.again import Again
from allocate.study.scenario import Setting
from allocate.units import THOUSAND

HOME_CARE = "home care"  # the service that spare hours of home care are for
FREE_TO_CHANGE = (
    "minimum_block",
    "choice_breadth",
    "quality_floor",
    "owner_limit",
    "sites_limit",
    "admission_pace",
    "last_admission",
    "within_budget",
)


@dataclass(frozen=True)
class Variant:
    """The question asked again with one thing changed.

    Parameters
    ----------
    name
        What is changed, in words.
    points, bound
        Of the best plan found, and what no plan is below; None where none was found.
    cash, waiting, beds
        Pounds, person-weeks of waiting within a winter, and beds booked.
    """

    name: str
    points: float | None
    bound: float
    cash: float
    waiting: float
    beds: int


def variant(name: str, instance: Instance, again: Again, seconds: float) -> Variant:
    """Solve a changed question."""
    found = best(instance, again, seconds)
    if found is None:
        return Variant(name, None, 0.0, 0.0, 0.0, 0)
    solution, points, bound = found
    beside = Beside.of(instance, solution)
    cash = beside.mean([sum(parts, Fraction()) / 100 for parts in beside.cash])
    return Variant(
        name,
        points,
        bound,
        float(cash),
        float(beside.mean(beside.within)),
        int(solution.beds.sum()),
    )


def without_rules(instance: Instance) -> list[tuple[str, Instance]]:
    """The question with each rule that binds left out, and with each reported one made hard."""
    asked = []
    for rule, setting in instance.rules.items():
        if rule in FREE_TO_CHANGE and setting.binds:
            asked.append((f"without {rule}", _with_rule(instance, rule, mode="report")))
        elif rule in FREE_TO_CHANGE and setting.mode == "report":
            asked.append((f"with {rule} kept", _with_rule(instance, rule, mode="hard")))
    return asked


def _with_rule(instance: Instance, rule: str, **changed: Any) -> Instance:
    setting: Setting = replace(instance.rules[rule], **changed)
    return replace(instance, rules={**instance.rules, rule: setting})


def frontier(instance: Instance, waits: Sequence[float]) -> list[tuple[str, Instance]]:
    """The question at other prices of a week waited: waiting against money."""
    level = instance.levels[0]
    asked = []
    for price in waits:
        terms = {**level.terms, "waiting": price, "substitutes": price}
        changed = level.model_copy(update={"terms": terms})
        name = f"a week waited at {price:,.0f} points"
        asked.append((name, replace(instance, levels=(changed,))))
    return asked


def more_help(instance: Instance, more: int) -> list[tuple[str, Instance]]:
    """The question with more capacity of each alternative."""
    market = instance.market
    asked = []
    for n, name in enumerate(market.alternatives.names):
        capacity = market.alternatives.capacity.copy()
        capacity[n] += more * THOUSAND
        others = replace(market.alternatives, capacity=capacity)
        changed = replace(instance, market=replace(market, alternatives=others))
        asked.append((f"{more} more a week begin with {name}", changed))
    return asked


def hours_at_home(instance: Instance, people: float) -> list[tuple[str, Instance]]:
    """The question with home care for so many people at once, on top of what there is.

    Parameters
    ----------
    instance
        The question.
    people
        Whom spare hours of home care could look after at the same time. Each stays as long as in a
        bed; needs share the hours by the capacity that they have already.
    """
    others = instance.market.alternatives
    mine = [n for n, name in enumerate(others.names) if HOME_CARE in name.lower()]
    if not mine:
        return []
    capacity = others.capacity.copy()
    shares = capacity[mine] / max(int(capacity[mine].sum()), 1)
    for n, share in zip(mine, shares, strict=True):
        stay = float(instance.stays.mean(int(others.need[n])))
        capacity[n] += int(THOUSAND * people * share / stay)
    more = int((capacity - others.capacity).sum()) / THOUSAND
    changed = replace(
        instance, market=replace(instance.market, alternatives=replace(others, capacity=capacity))
    )
    return [(f"{more:,.1f} more a week begin with home care, in its spare hours", changed)]


def fewer_winters(instance: Instance, solution: Solution, count: int) -> Winters:
    """Some of the winters, evenly spread by how bad they are, for studies that solve often."""
    return instance.winters.only(evenly_spread(instance, solution, count))
