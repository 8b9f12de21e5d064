"""The solver-free review of a home care plan: the rules once more, in words a person can check.

It sees the question and the plan, never the program, and works through packages and providers in
plain loops and sums. It is the specification: where it and the formulation disagree, no answer is
returned.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction

import numpy as np

from allocate.errors import ReviewFailed
from allocate.homecare import review_hours, review_leads, review_people
from allocate.homecare.instance import Instance
from allocate.homecare.labels import HANDED_BACK
from allocate.homecare.least import least
from allocate.homecare.plan import Plan
from allocate.homecare.solution import Solution
from allocate.study.scenario import LevelWords
from allocate.units import THOUSAND
from allocate.verdict import Measured, Review

MEASURES: dict[str, Callable[[Plan], Measured]] = {
    measure.__name__: measure
    for measure in (
        review_people.placed_once,
        review_hours.within_capacity,
        review_hours.within_bands,
        review_leads.leads_per_area,
        review_leads.leads_limit,
        review_hours.share_limit,
        review_leads.lead_accepts_share,
        review_leads.lead_first,
        review_people.quality_floor,
        review_people.needs_met,
        review_people.choice_kept,
        review_people.household_together,
        review_people.locked_stay,
        review_people.moves_limit,
        review_hours.viable_round,
        review_hours.within_budget,
        review_people.rate_floor,
        review_hours.step_in,
    )
}


def review(instance: Instance, solution: Solution, levels: Sequence[LevelWords]) -> Review:
    """Measure every rule, recount every term, and say what does not hold.

    Parameters
    ----------
    instance
        The question.
    solution
        The plan.
    levels
        The objective, to be recounted.

    Returns
    -------
    Review
        Faults are broken hard rules and placements that the data do not allow.
    """
    plan = Plan(instance, solution)
    measured = {rule: MEASURES[rule](plan) for rule in instance.rules}
    faults = list(_impossible(plan))
    for rule, setting in instance.rules.items():
        if setting.mode == "hard" and measured[rule].short_by > 0:
            faults.append(f"{rule} is hard and short by {float(measured[rule].short_by):g}")
    terms = _terms(plan, measured)
    totals = tuple(
        sum(
            (Fraction(str(weight)) * terms[term] for term, weight in level.terms.items()),
            Fraction(),
        )
        for level in levels
    )
    return Review(measured, terms, totals, least(instance, levels), tuple(faults))


def broken(instance: Instance, solution: Solution) -> dict[tuple[str, str], Fraction]:
    """Name the hard rules and pins that a plan does not keep, and what each is short by.

    Parameters
    ----------
    instance
        The question as asked.
    solution
        The plan, which may break any of them.

    Returns
    -------
    dict
        By rule, ``pins`` for a pin, and whom or what it is about.

    Raises
    ------
    ReviewFailed
        Where the plan does what the data do not allow.
    """
    plan = Plan(instance, solution)
    if faults := list(_against_data(plan)):
        raise ReviewFailed("\n  ".join(["The review rejects a plan:", *faults]))
    short = {
        (rule, name): amount
        for rule, setting in instance.rules.items()
        if setting.mode == "hard"
        for name, amount in MEASURES[rule](plan).where
    }
    return short | {("pins", name): Fraction(1) for name, _ in _against_pins(plan)}


def _impossible(plan: Plan) -> Iterable[str]:
    """Find placements that data or pins do not allow, whatever the rules say."""
    yield from _against_data(plan)
    for _, text in _against_pins(plan):
        yield text


def _against_data(plan: Plan) -> Iterable[str]:
    """Find placements that the data do not allow."""
    instance, packages = plan.instance, plan.packages
    for p in plan.held:
        k, name = plan.given[p], packages.ids[p]
        if plan.is_new(p):
            if not instance.reach[k, packages.place[p]]:
                yield f"{name} is placed where {plan.providers.ids[k]} does not work"
            if plan.providers.suspended[k]:
                yield f"{name} is placed with {plan.providers.ids[k]}, which takes no new work"
            if instance.closed[k, plan.area(p)]:
                yield f"{name} is placed with {plan.providers.ids[k]}, which handed the area back"
    for a, leads in enumerate(plan.leads):
        for k in leads:
            stays = k in instance.areas.leads[a] or instance.pins.lead_must[a, k]
            reaches = bool(instance.reach[k, instance.area_of_place == a].any())
            may = plan.providers.can_lead[k] and not plan.providers.suspended[k] and reaches
            barred = instance.areas.ended[a, k] or instance.closed[k, a]
            if not stays and (not may or barred):
                yield f"{plan.providers.ids[k]} may not lead {instance.areas.ids[a]}"
        for k in instance.areas.leads[a]:
            if k not in leads:
                yield f"{plan.providers.ids[k]} no longer leads {instance.areas.ids[a]}"


def _against_pins(plan: Plan) -> Iterable[tuple[str, str]]:
    """Name the pins that a plan does not keep, and say what is wrong."""
    pins, packages, areas = plan.instance.pins, plan.packages.ids, plan.instance.areas.ids
    providers = plan.providers.ids
    for p, k in np.argwhere(pins.never).tolist():
        if plan.given[p] == k:
            yield f"{packages[p]} never {providers[k]}", f"{packages[p]} is placed against a pin"
    for p, k in np.argwhere(pins.must).tolist():
        if plan.given[p] != k:
            yield (
                f"{packages[p]} must have {providers[k]}",
                f"{packages[p]} is not where a pin puts it",
            )
    for a, k in np.argwhere(pins.lead_never).tolist():
        if k in plan.leads[a] and k not in plan.instance.areas.leads[a]:
            yield f"{areas[a]} never {providers[k]}", f"{providers[k]} may not lead {areas[a]}"
    for a, k in np.argwhere(pins.lead_must).tolist():
        if k not in plan.leads[a]:
            yield (
                f"{areas[a]} must have {providers[k]}",
                f"{providers[k]} no longer leads {areas[a]}",
            )


def _terms(plan: Plan, measured: dict[str, Measured]) -> dict[str, Fraction]:
    """Recount every term in its unit."""
    packages = plan.packages
    waiting = Fraction()
    changes = Fraction()
    cash = travel = 0
    for p in range(plan.size):
        k = plan.given[p]
        followed = Fraction(int(packages.transfer[p]), THOUSAND)
        if k < 0:
            weight = Fraction(int(packages.weight[p]), THOUSAND)
            hours = Fraction(plan.minutes(p), 60)
            waiting += hours * weight * (1 + Fraction(int(packages.days[p]), 28))
        else:
            cash += plan.cash(p)
            travel += int(plan.instance.travel[k, packages.place[p]]) * int(packages.visits[p])
        if plan.moved(p):
            changes += 1
        if plan.status(p) == HANDED_BACK and not plan.here(p):
            changes += 1 - followed
    rules = plan.instance.rules
    short = sum(
        (
            Fraction(str(rules[rule].price)) * found.short_by
            for rule, found in measured.items()
            if rules[rule].mode == "soft"
        ),
        Fraction(),
    )
    return {
        "waiting": waiting,
        "shortfalls": short,
        "changes": changes,
        "cash": Fraction(cash, 100),
        "travel": Fraction(travel),
        "rounds": Fraction(len(plan.round)),
    }
