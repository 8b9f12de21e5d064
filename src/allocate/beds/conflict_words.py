"""What cannot all be met, in words: what a rule asks and what there is, and what gives.

Only rules about bookings can stand in each other's way: whatever is booked, each winter can be
met, for people can always wait.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from allocate.beds.axes import SOURCES
from allocate.beds.instance import Instance
from allocate.beds.prices import booking_prices
from allocate.beds.review import broken
from allocate.beds.solution import Solution
from allocate.labels import RATINGS
from allocate.units import as_pounds, joined, with_unit
from allocate.verdict import Review

LOOKED_AT_LAST: tuple[str, ...] = ()  # no rule of this model makes a trial slow
NAMED = 4
Said = tuple[dict[str, Any], str]


def told(instance: Instance, rule: str, about: str) -> str:
    """Name the group that one of those a rule is about belongs to: here each stands for itself."""
    return about


def conflict_words(
    instance: Instance, rule: str, about: Sequence[str]
) -> tuple[Mapping[str, Any], str]:
    """Say what a rule asks and what there is: numbers by name, and a sentence.

    Parameters
    ----------
    instance
        The question.
    rule
        Its id, ``pins`` for what a person has decided.
    about
        Whom or what, by the names that the review gives.
    """
    return ASKS[rule](instance, about)


def falls_short(instance: Instance, rule: str, about: Sequence[str]) -> list[str]:
    """Of what a rule asks more than there is, looked at beside the pins alone."""
    pinned = _cheapest_pins(instance)
    short = broken(instance, pinned)
    return [name for name in about if (rule, name) in short]


def heart_words(instance: Instance, members: Collection[tuple[str, str]], *, smallest: bool) -> str:
    """Say which rules of a conflict fall short by themselves; empty if none or all do."""
    short = sorted({rule for rule, name in members if falls_short(instance, rule, [name])})
    if not short or len(short) == len({rule for rule, _ in members}):
        return ""
    return f"what has to be booked is more than {joined(short)} allows."


def also_short(instance: Instance, members: Collection[tuple[str, str]]) -> list[str]:
    """Say which other hard rules fall short of what has to be booked."""
    found = broken(instance, _cheapest_pins(instance))
    return [
        f"{name} in {rule}."
        for rule, name in found
        if rule != "pins" and (rule, name) not in members
    ]


def _cheapest_pins(instance: Instance) -> Solution:
    """Book what pins ask for, and no more: the fewest beds for the fewest weeks on offer."""
    offers = instance.offers
    step = int(instance.parameters["booking_step_weeks"])
    offer, first, last = offers.windows(step)
    least = float(instance.rules["minimum_block"].value or 1)
    weeks = float(instance.rules["minimum_block"].options["weeks"])
    rows = []
    for o in np.flatnonzero(offers.must):
        mine = np.flatnonzero(offer == o)
        long = mine[(last - first + 1)[mine] >= weeks]
        mine = long if len(long) else mine
        if len(mine):
            k = mine[int(np.argmin((last - first)[mine]))]
            beds = min(max(int(offers.least[o]), int(least)), int(offers.most[o]))
            rows.append((int(o), int(first[k]), int(last[k]), beds))
    table = np.array(rows, dtype=np.int64).reshape(-1, 4)
    return Solution(*table.T)


def _pins(instance: Instance, about: Sequence[str]) -> Said:
    named = joined([f"{name}" for name in about[:NAMED]])
    return {"pins": len(about)}, f"A person has decided: {named}."


def _within_offer(instance: Instance, about: Sequence[str]) -> Said:
    homes = instance.homes
    beds = {name: int(homes.admittable[homes.ids.index(name)]) for name in about}
    said = joined([f"{name} can admit to {with_unit(str(n), 'beds')}" for name, n in beds.items()])
    return {"admittable": beds}, f"{said}."


def _minimum_block(instance: Instance, about: Sequence[str]) -> Said:
    setting = instance.rules["minimum_block"]
    least, weeks = int(float(setting.value or 1)), int(float(setting.options["weeks"]))
    offers = instance.offers
    most = {name: int(offers.most[offers.ids.index(name)]) for name in about}
    offered = joined([f"{name} is for at most {n}" for name, n in list(most.items())[:NAMED]])
    text = f"A booking has at least {with_unit(str(least), 'beds')} for {weeks} weeks; {offered}."
    return {"beds": least, "weeks": weeks, "offered": most}, text


def _spot(instance: Instance, about: Sequence[str]) -> Said:
    axes, least = instance.axes, instance.winters.beds.min(axis=0)
    found = {
        f"{zone} {care}": int(least[z, g].min())
        for z, zone in enumerate(axes.zones)
        for g, care in enumerate(axes.care)
    }
    vacant = {name: found[name] for name in about}
    said = joined([f"{name} {n}" for name, n in vacant.items()])
    return {"vacant": vacant}, f"Vacant beds that bookings may take, in the scarcest week: {said}."


def _choice_breadth(instance: Instance, about: Sequence[str]) -> Said:
    least = int(float(instance.rules["choice_breadth"].value or 1))
    text = f"Where beds are booked they are in at least {least} homes: {joined(list(about))}."
    return {"homes": least}, text


def _quality_floor(instance: Instance, about: Sequence[str]) -> Said:
    offers, homes = instance.offers, instance.homes
    floor = str(instance.rules["quality_floor"].value)
    ratings = {
        name: RATINGS[homes.rating[offers.home[offers.ids.index(name)]]]
        for name in dict.fromkeys(about)
    }
    said = joined([f"{name} is {rating}" for name, rating in list(ratings.items())[:NAMED]])
    return {"floor": floor, "ratings": ratings}, f"Homes are rated at least {floor}; {said}."


def _fee_floor(instance: Instance, about: Sequence[str]) -> Said:
    offers, floor = instance.offers, instance.rules["fee_floor"].value
    rates = {name: int(offers.rate[offers.ids.index(name)]) / 100 for name in dict.fromkeys(about)}
    said = joined([f"{name} asks £{rate:,.2f}" for name, rate in list(rates.items())[:NAMED]])
    return {"floor": floor, "rates": rates}, f"Nothing is booked below £{floor:,.2f}; {said}."


def _owner_limit(instance: Instance, about: Sequence[str]) -> Said:
    share = float(instance.rules["owner_limit"].value or 0)
    text = f"No owner holds more than {share:.0%} of all bed-weeks: {joined(list(about[:NAMED]))}."
    return {"share": share}, text


def _sites_limit(instance: Instance, about: Sequence[str]) -> Said:
    most = int(float(instance.rules["sites_limit"].value or 0))
    return {"homes": most}, f"Beds are booked in at most {with_unit(str(most), 'homes')}."


def _within_budget(instance: Instance, about: Sequence[str]) -> Said:
    budget = {name: int(instance.payers.budget[SOURCES.index(name)]) / 100 for name in about}
    said = joined([f"{name} has £{pounds:,.2f}" for name, pounds in budget.items()])
    numbers: dict[str, Any] = {"budget": budget}
    text = f"{said}."
    plan = _cheapest_pins(instance)
    if len(plan.offer):
        need, lift = _costs(instance, plan)
        numbers["needed_pounds"] = {name: need[SOURCES.index(name)] / 100 for name in about}
        costs = joined([f"{name} {as_pounds(need[SOURCES.index(name)])}" for name in about])
        text += f" What has to be booked costs at least: {costs}"
        text += f", {as_pounds(lift)} of it for the fee floor." if lift else "."
    return numbers, text


def _costs(instance: Instance, plan: Solution) -> tuple[list[int], int]:
    """Pence by source of some bookings, and what of all of it the fee floor adds."""
    offers = instance.offers
    each = booking_prices(offers, instance.payers, plan.offer, plan.first, plan.last)
    need = (each * plan.beds[None, :]).sum(axis=1)
    need[0] += offers.fixed[plan.offer].sum()
    raised = (offers.rate - offers.rate_before)[plan.offer]
    return need.tolist(), int((raised * plan.beds * (plan.last - plan.first + 1)).sum())


ASKS: dict[str, Callable[[Instance, Sequence[str]], Said]] = {
    "pins": _pins,
    "within_offer": _within_offer,
    "minimum_block": _minimum_block,
    "spot_within_vacancy": _spot,
    "choice_breadth": _choice_breadth,
    "quality_floor": _quality_floor,
    "fee_floor": _fee_floor,
    "owner_limit": _owner_limit,
    "sites_limit": _sites_limit,
    "within_budget": _within_budget,
}

GIVES = {
    "within_offer": "Ask for more beds that can be admitted to",
    "minimum_block": "Accept smaller bookings",
    "spot_within_vacancy": "Find more vacant beds, or offers that are extra",
    "choice_breadth": "Accept fewer homes",
    "quality_floor": "Accept beds in homes below the floor",
    "fee_floor": "Book below the floor",
    "owner_limit": "Let an owner hold more",
    "sites_limit": "Accept more homes",
    "within_budget": "Raise the budget",
}


def way_out_words(
    instance: Instance, solution: Solution, rule: str, gives: Sequence[tuple[str, Fraction]]
) -> str:
    """Say what gives in a way out.

    Parameters
    ----------
    instance, solution
        The question, and the plan of this way out.
    rule
        The rule that gives.
    gives
        Whom it is about and by how much, in the rule's unit, largest first.
    """
    money = rule == "within_budget"
    each = [
        f"{name} +{as_pounds(float(by) * 100)}" if money else f"{name} {float(by):g}"
        for name, by in gives[:NAMED]
    ]
    return f"{GIVES[rule]}: {', '.join(each)}"


def doubtful(instance: Instance, solution: Solution) -> bool:
    """Whether a way out is one that nobody should take first: here none is."""
    return False


def plan_words(
    instance: Instance, solution: Solution, review: Review, proven: Collection[str]
) -> str:
    """Say in one sentence what a plan of bookings means."""
    need, _ = _costs(instance, solution)
    beds = int(solution.beds.sum())
    return (
        f"Then {with_unit(f'{beds:,}', 'beds')} are booked for {as_pounds(sum(need))}, as little "
        "as has to be; solve again with that change to see what is best."
    )
