"""A home care answer in the words of a commissioner."""

from __future__ import annotations

from typing import Any

import numpy as np

from allocate.columns import table
from allocate.homecare.instance import Instance
from allocate.homecare.labels import HANDED_BACK, PLACED, WAITING, called
from allocate.homecare.packages import by_provider
from allocate.homecare.plan import Plan
from allocate.homecare.review_hours import budget_use
from allocate.homecare.solution import Solution, cash_of, change_shares, passes_on, spare
from allocate.rule_words import rule_lines
from allocate.units import THOUSAND, Ints, as_hours, as_percent, as_pounds, with_unit
from allocate.verdict import Review

Section = tuple[str, list[str]]


def summarise(instance: Instance, solution: Solution, review: Review) -> list[Section]:
    """Say the answer in plain words.

    Parameters
    ----------
    instance, solution
        The question and the plan.
    review
        What the independent check measured.

    Returns
    -------
    list of (title, lines)
        Leads, hours by area, people who change carers, money, rules.
    """
    back = [("What is handed back", list(instance.handed_back))] if instance.handed_back else []
    return [
        *back,
        ("Who leads each area", _leads(instance, solution)),
        ("Hours a week, placed and waiting", _hours(instance, solution)),
        ("People who change carers", _changes(instance, solution)),
        ("Money, gross", _money(instance, solution)),
        (
            "Rules that bind, and rules that are short",
            rule_lines("homecare", instance.rules, review) or ["No rule is short."],
        ),
    ]


def _leads(instance: Instance, solution: Solution) -> list[str]:
    packages, providers, areas = instance.packages, instance.providers, instance.areas
    setting = instance.rules["lead_accepts_share"]
    used = by_provider(solution.provider, packages.load, len(providers.ids))
    lines = []
    for area, leads in enumerate(solution.leads):
        here = packages.referral & (packages.area == area)
        taken = np.isin(solution.provider, leads) & here
        names = []
        for lead in leads:
            new = "" if lead in areas.leads[area] else f" (chosen{_growth(instance, lead, used)})"
            names.append(called(providers.names, providers.ids, lead) + new)
        share = f", {taken.sum() / here.sum():.0%}" if here.any() else ""
        given = f"given {taken.sum():,} of {with_unit(f'{here.sum():,}', 'referrals')}{share}"
        if not here.any():
            given = "no referrals, so nothing tells one lead from another"
        elif not taken.any() and leads:
            room = sum(max(0, int(providers.capacity[k] - used[k])) for k in leads)
            given += f", with room for {with_unit(as_hours(room), 'hours')}"
        lines.append(f"{areas.names[area]}: {'; '.join(names) or 'no lead'}: {given}")
    if setting.mode != "off":
        of = "the hours of referrals" if setting.options["by"] == "hours" else "referrals"
        lines.append(f"Asked of each lead: {as_percent(float(setting.value or 0))} of {of}.")
    return lines


def _growth(instance: Instance, lead: int, load: Ints) -> str:
    """Say how much of a new lead's promised growth the plan leans on."""
    providers = instance.providers
    used = max(0, int(load[lead] - providers.capacity[lead]))
    if not used:
        return ""
    weeks = int(providers.ramp[lead])
    ramp = f", over {with_unit(str(weeks), 'weeks')}" if weeks >= 0 else ""
    counted, says = int(providers.growth[lead]), int(providers.stated_growth[lead])
    of = f" counted (of {as_hours(says)} promised)" if says != counted else ""
    return f", needs {as_hours(used)} of {as_hours(counted)} hours of growth{of}{ramp}"


def _hours(instance: Instance, solution: Solution) -> list[str]:
    packages, areas = instance.packages, instance.areas
    placed = solution.provider >= 0
    head = ["area", "placed", "of it referrals", "waiting", "people waiting"]

    def row(name: str, here: Any) -> list[str]:
        minutes = packages.minutes
        referrals, waiting = here & placed & packages.referral, here & ~placed
        return [
            name,
            as_hours(minutes[here & placed].sum()),
            as_hours(minutes[referrals].sum()),
            as_hours(minutes[waiting].sum()),
            f"{waiting.sum():,}",
        ]

    rows = [row(name, packages.area == area) for area, name in enumerate(areas.names)]
    lines = table(head, [*rows, row("all", np.ones_like(placed))])
    if not placed.all():
        smallest = as_hours(packages.load[~placed].min())
        lines.append(
            f"The smallest package that waits takes {smallest} hours; {_room(instance, solution)}."
        )
    return lines


def _room(instance: Instance, solution: Solution) -> str:
    """Say how much room is left, and where most."""
    providers, room = instance.providers, spare(instance, solution)
    room[providers.suspended] = 0
    most = int(room.argmax())
    left = as_hours(np.maximum(room, 0).sum())
    return f"providers have {left} hours left, at most {as_hours(max(0, room[most]))} with one"


def _changes(instance: Instance, solution: Solution) -> list[str]:
    packages = instance.packages
    shares = change_shares(instance, solution.provider)
    by_choice = int((shares[packages.status == PLACED] > 0).sum())
    back = packages.status == HANDED_BACK
    passed_on = passes_on(instance, solution.provider)
    lines = [f"By our choice: {with_unit(f'{by_choice:,}', 'people')}."]
    if back.any():
        kept = packages.transfer[passed_on].sum() / THOUSAND
        lines.append(
            f"Forced by hand-backs: {_another_or_wait(int(passed_on.sum()))}; "
            f"carers of {kept:,.0f} of them follow the work."
        )
        lines.append(
            f"Counted as {shares.sum() / THOUSAND:,.1f} people who change carers: "
            "where a share of the staff follows, a person counts for the rest."
        )
        waiting = int((back & (solution.provider < 0)).sum())
        if waiting:
            are = "is" if waiting == 1 else "are"
            lines.append(f"Of those, {waiting:,} {are} without a provider in this plan.")
    return lines


def _another_or_wait(count: int) -> str:
    if count == 1:
        return "1 person has another provider or waits"
    return f"{count:,} people have another provider or wait"


def _money(instance: Instance, solution: Solution) -> list[str]:
    packages, given = instance.packages, solution.provider
    cash = cash_of(instance, given, instance.rate)
    new = cash[packages.status == WAITING].sum()
    lines = [
        f"All care placed: {as_pounds(cash.sum())} a year, "
        f"of it {as_pounds(new)} for people who were waiting."
    ]
    before = cash_of(instance, given, instance.rate_before).sum()
    if before != cash.sum():
        extra = as_pounds(cash.sum() - before)
        lines.append(f"Raising rates to the floor costs {extra} a year of that.")
    for area, (spent, budget) in budget_use(Plan(instance, solution)).items():
        weeks = int(instance.areas.weeks[area])
        text = f"{as_pounds(spent)} of {as_pounds(budget)} over {weeks} weeks"
        over = spent - budget
        if over > 0:
            yearly = over * 365 / (7 * weeks)
            text += f", over by {as_pounds(over)} ({as_pounds(yearly)} a year)"
        lines.append(f"New work in {instance.areas.names[area]}: {text}")
    return lines
