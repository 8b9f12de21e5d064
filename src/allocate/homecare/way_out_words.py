"""A way out of what cannot all be met, as a commissioner would say it: what gives, and the cost."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from fractions import Fraction

import numpy as np

from allocate.homecare.conflict_facts import Facts, in_hours, listed, number, people
from allocate.homecare.instance import Instance
from allocate.homecare.labels import HANDED_BACK, PLACED
from allocate.homecare.packages import by_provider
from allocate.homecare.solution import Solution
from allocate.units import THOUSAND, Ints, as_percent, as_pounds, ceil_div, thousandths
from allocate.verdict import Review

Given = Sequence[tuple[str, Fraction]]


def way_out_words(instance: Instance, solution: Solution, rule: str, gives: Given) -> str:
    """Say what gives, as a request or a decision.

    Parameters
    ----------
    instance, solution
        The question, and the plan of this way out.
    rule
        The rule that gives.
    gives
        Whom it is about and by how much, in the rule's unit, largest first.
    """
    return WORDS[rule](instance, solution, gives)


def plan_words(
    instance: Instance, solution: Solution, review: Review, proven: Collection[str]
) -> str:
    """Say in one sentence what a plan means for people and money.

    Parameters
    ----------
    instance, solution
        The question and the plan.
    review
        What was counted of it.
    proven
        Terms of which it is proven that no plan of this way out does better.
    """
    packages = instance.packages
    waits = solution.provider < 0
    minutes = packages.minutes[waits].sum()
    forced = (packages.status == HANDED_BACK).any()
    moved = (packages.status == PLACED) & ~waits & (solution.provider != packages.provider)
    most, unsure, whose = "", "", ""
    if waits.any() and "waiting" not in proven:
        most, unsure, whose = "at most ", " (not proven; it may be far fewer)", "in that plan "
    elif not {"changes", "cash"} <= {*proven}:
        whose = "in the best plan found "
    return (
        f"Then {most}{_count(int(waits.sum()), 'waits', 'wait')} for {in_hours(minutes)} a week"
        f"{unsure}; {whose}{_count(int(moved.sum()), 'is', 'are')} moved by our choice"
        + (f", {float(review.terms['changes']):,.1f} change carers in all" if forced else "")
        + f"; all care placed costs {as_pounds(int(review.terms['cash'] * 100))} a year."
    ).replace("nobody waits for 0 hours a week", "nobody waits") + _new_leads(instance, solution)


def doubtful(instance: Instance, solution: Solution) -> bool:
    """Whether a plan appoints a provider that has more work now than it can staff.

    Parameters
    ----------
    instance, solution
        The question and the plan.
    """
    over = _over(instance)
    return any(over[k] > 0 for _, k in _appointed(instance, solution))


def _appointed(instance: Instance, solution: Solution) -> list[tuple[int, int]]:
    """Area and provider of each lead that is new there."""
    stay = instance.areas.leads
    return [(a, k) for a, leads in enumerate(solution.leads) for k in leads if k not in stay[a]]


def _over(instance: Instance) -> Ints:
    """Minutes that each provider has now beyond what it can staff, (K,)."""
    return Facts(instance).held - instance.providers.capacity


def _new_leads(instance: Instance, solution: Solution) -> str:
    """Name all new leads of a plan, and warn of those that cannot staff what they have."""
    over, said = _over(instance), []
    for a, k in _appointed(instance, solution):
        text = f"{instance.providers.ids[k]} in {instance.areas.names[a]}"
        if over[k] > 0:
            text += f" (which has {in_hours(over[k])} a week more now than it can staff)"
        said.append(text)
    last = " For that, this way stands last." if doubtful(instance, solution) else ""
    return f" New leads: {', '.join(said)}.{last}" if said else ""


def _count(count: int, one: str, many: str) -> str:
    if count == 0:
        return f"nobody {one}"
    return f"{people(count)} {one if count == 1 else many}"


def _hours(amount: Fraction) -> str:
    return in_hours(int(amount * 60))


def _each(gives: Given, text: Callable[[str, Fraction], str]) -> str:
    """Say one thing of each, a few of them by name."""
    return listed([text(name, amount) for name, amount in gives])


def _within_capacity(_: Instance, __: Solution, gives: Given) -> str:
    said = _each(gives, lambda name, by: f"{name} +{_hours(by)} a week")
    return f"Ask for a fresh capacity return: {said}"


def _within_bands(_: Instance, __: Solution, gives: Given) -> str:
    said = _each(gives, lambda name, by: f"{name} +{_hours(by)} a week")
    return f"Ask for a fresh return by time of day: {said}"


def _leads_per_area(instance: Instance, solution: Solution, gives: Given) -> str:
    def text(name: str, _: Fraction) -> str:
        a = instance.areas.ids.index(name)
        leads = [instance.providers.ids[k] for k in solution.leads[a]]
        where = instance.areas.names[a]
        if not leads:
            return f"let {where} have no lead"
        return f"let {where} have {number(len(leads), 'lead')} ({', '.join(leads)}){because(a)}"

    taken = by_provider(solution.provider, instance.packages.load, len(instance.providers.ids))
    grows = (instance.providers.growth > 0) & (taken > instance.providers.capacity)

    def because(a: int) -> str:
        grown = [
            f"{instance.providers.ids[k]}'s {in_hours(instance.providers.growth[k])} of growth"
            for here, k in _appointed(instance, solution)
            if here == a and grows[k]
        ]
        return f", because {' and '.join(grown)} then count" if grown else ""

    said = _each(gives, text)
    return said[0].upper() + said[1:]


def _leads_limit(instance: Instance, _: Solution, gives: Given) -> str:
    limit = int(float(instance.rules["leads_limit"].value or 0))
    return "Let " + _each(
        gives, lambda name, by: f"owner {name} lead {limit + int(by)} areas instead of {limit}"
    )


def _share_limit(instance: Instance, _: Solution, gives: Given) -> str:
    total = int(instance.packages.minutes.sum())
    share = thousandths(instance.rules["share_limit"].value)
    limit = total * share // THOUSAND

    def text(name: str, by: Fraction) -> str:
        needed = ceil_div((limit + int(by * 60)) * THOUSAND, total)
        return (
            f"owner {name} hold {as_percent(needed / THOUSAND)} of all hours instead of "
            f"{as_percent(share / THOUSAND)} ({_hours(by)} more)"
        )

    return "Let " + _each(gives, text)


def _lead_accepts_share(instance: Instance, _: Solution, gives: Given) -> str:
    packages, setting = instance.packages, instance.rules["lead_accepts_share"]
    by_hours = setting.options["by"] == "hours"
    share = thousandths(setting.value)

    def text(name: str, by: Fraction) -> str:
        a = instance.areas.ids.index(name)
        here = packages.referral & (packages.area == a)
        total = int(packages.minutes[here].sum()) if by_hours else int(here.sum())
        target = ceil_div(total * share, THOUSAND)
        left = target - int(by * (60 if by_hours else 1))
        fewer = _hours(by) if by_hours else number(int(by), "referral")
        if left <= 0:
            return f"ask nothing of the lead in {instance.areas.names[a]} ({fewer} fewer)"
        kept = left * THOUSAND // total / THOUSAND  # down: that share asks for no more than is left
        lead = f"the lead in {instance.areas.names[a]}"
        return f"accept {as_percent(kept)} from {lead} ({fewer} fewer)"

    said = _each(gives, text)
    return f"{said[0].upper()}{said[1:]}, instead of {as_percent(share / THOUSAND)}"


def _lead_first(_: Instance, __: Solution, gives: Given) -> str:
    said = _each(gives, lambda name, by: f"{_hours(by)} a week past {name}")
    return f"Let work pass the lead by: {said}"


def _quality_floor(instance: Instance, _: Solution, gives: Given) -> str:
    floor = instance.rules["quality_floor"].value
    who = listed([name for name, _ in gives])
    return f"Let {people(len(gives))} be with a provider rated below {floor}: {who}"


def _choice_kept(_: Instance, __: Solution, gives: Given) -> str:
    who = listed([name for name, _ in gives])
    return f"Ask {people(len(gives))} about another provider than they asked for: {who}"


def _household_together(_: Instance, __: Solution, gives: Given) -> str:
    return "Allow " + _each(gives, lambda name, by: f"{1 + int(by)} providers in the {name}")


def _moves_limit(instance: Instance, _: Solution, gives: Given) -> str:
    limit = int(float(instance.rules["moves_limit"].value or 0))
    moved = limit + sum(int(by) for _, by in gives)
    than = f" instead of {limit:,}" if limit else ""
    return f"Let {people(moved)}{than} be moved to another provider"


def _viable_round(instance: Instance, _: Solution, gives: Given) -> str:
    least = Fraction(str(instance.rules["viable_round"].value))
    return "Let small rounds go on: " + _each(
        gives, lambda name, by: f"{name} with {_hours(least - by)} instead of {_hours(least)}"
    )


def _within_budget(instance: Instance, _: Solution, gives: Given) -> str:
    def text(name: str, by: Fraction) -> str:
        a = instance.areas.ids.index(name)
        weeks = int(instance.areas.weeks[a])
        pounds = ceil_div(int(by * 100), 100) * 100
        yearly = as_pounds(int(np.ceil(float(by) * 100 * 365 / (7 * weeks))))
        return (
            f"{instance.areas.names[a]} by {as_pounds(pounds)} over {weeks} weeks ({yearly} a year)"
        )

    return f"Raise the money for new work: {_each(gives, text)}"


def _rate_floor(instance: Instance, _: Solution, gives: Given) -> str:
    floor = float(instance.rules["rate_floor"].value or 0)
    total = sum((by for _, by in gives), Fraction())
    who = listed([name for name, _ in gives])
    return f"Let {_hours(total)} a week be paid less than £{floor:,.2f}: {who}"


def _step_in(_: Instance, __: Solution, gives: Given) -> str:
    said = _each(gives, lambda name, by: f"{_hours(by)} a week of owner {name}'s")
    return f"Accept that nobody could take over, if it failed: {said}"


WORDS: dict[str, Callable[[Instance, Solution, Given], str]] = {
    "within_capacity": _within_capacity,
    "within_bands": _within_bands,
    "leads_per_area": _leads_per_area,
    "leads_limit": _leads_limit,
    "share_limit": _share_limit,
    "lead_accepts_share": _lead_accepts_share,
    "lead_first": _lead_first,
    "quality_floor": _quality_floor,
    "choice_kept": _choice_kept,
    "household_together": _household_together,
    "moves_limit": _moves_limit,
    "viable_round": _viable_round,
    "within_budget": _within_budget,
    "rate_floor": _rate_floor,
    "step_in": _step_in,
}
