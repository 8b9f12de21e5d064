"""Totals of a home care case that a reader knows, so that a wrong import is noticed."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from allocate.columns import table
from allocate.figure import Figure, written
from allocate.homecare.areas import NO_LIMIT
from allocate.homecare.instance import Instance
from allocate.homecare.labels import HANDED_BACK, PLACED, WAITING, Bools
from allocate.homecare.packages import by_provider
from allocate.homecare.solution import cash_of
from allocate.tables import Tables
from allocate.units import Ints, with_unit

PEOPLE, HOURS, POUNDS = "people", "carer-hours a week", "pounds a year"


def figures(instance: Instance) -> tuple[Figure, ...]:
    """Return the named totals: over the whole case, then area by area.

    Parameters
    ----------
    instance
        The question.
    """
    packages, areas = instance.packages, instance.areas
    cash = cash_of(instance, packages.present, instance.rate)
    found = [*_counts(instance), *_scoped(instance, np.ones_like(packages.locked), cash, "")]
    for number, area in enumerate(areas.ids):
        found += _scoped(instance, packages.area == number, cash, area)
        found.append(_budget(areas.budget[[number]], area))
    return tuple(found)


def _counts(instance: Instance) -> list[Figure]:
    """Totals that belong to no area."""
    providers = instance.providers
    room = Fraction(int(_room(instance).sum()), 60)
    return [
        Figure("areas", "Areas", "areas", Fraction(len(instance.areas.ids))),
        Figure("providers", "Providers", "providers", Fraction(len(providers.ids))),
        Figure("owners", "Owners", "owners", Fraction(len(providers.owners))),
        Figure("room_hours", "Room for more", HOURS, room),
        _budget(instance.areas.budget, ""),
    ]


def _budget(budget: Ints, area: str) -> Figure:
    limited = budget[budget != NO_LIMIT]
    amount = Fraction(int(limited.sum()), 100) if len(limited) else None
    return Figure("new_work_budget", "Money for new work", "pounds", amount, area)


def _scoped(instance: Instance, here: Bools, cash: Ints, area: str) -> list[Figure]:
    """Totals over some of the packages: those of an area, or all."""
    packages, size = instance.packages, len(instance.providers.ids)
    placed, waiting, back = (here & (packages.status == s) for s in (PLACED, WAITING, HANDED_BACK))

    def total(chosen: Bools, amounts: Ints, per: int) -> Fraction:
        return Fraction(int(amounts[chosen].sum()), per)

    held = by_provider(packages.present, np.where(here, packages.minutes, 0), size)
    people, hours = Fraction(int(placed.sum())), total(placed, packages.minutes, 60)
    yearly = total(placed, cash, 100)
    double = placed & (packages.minutes > packages.planned)
    share = Fraction(int(held.max(initial=0)), 60) / hours if hours else None
    rows: list[tuple[str, str, str, Fraction | None]] = [
        ("people_placed", "People with a provider", PEOPLE, people),
        ("hours_placed", "Hours with a provider", HOURS, hours),
        ("cash_placed", "Yearly cash of these", POUNDS, yearly),
        ("cash_an_hour", "What an hour of these comes to", "pounds a carer-hour",
         yearly / hours * 7 / 365 if hours else None),
        ("hours_a_person", "Average hours a person", HOURS, hours / people if people else None),
        ("double_handed", "Packages with two carers or more", "packages",
         Fraction(int(double.sum()))),
        ("providers_at_work", "Providers with work", "providers", Fraction(int((held > 0).sum()))),
        ("largest_share", "Largest provider's part of the hours", "share of hours placed", share),
        ("people_waiting", "People waiting", PEOPLE, Fraction(int(waiting.sum()))),
        ("hours_waiting", "Hours waiting", HOURS, total(waiting, packages.minutes, 60)),
        ("people_handed_back", "People handed back", PEOPLE, Fraction(int(back.sum()))),
        ("hours_handed_back", "Hours handed back", HOURS, total(back, packages.minutes, 60)),
    ]  # fmt: skip
    return [Figure(name, title, unit, amount, area) for name, title, unit, amount in rows]


def _room(instance: Instance) -> Ints:
    """Carer-minutes a week that each provider could still take, (K,)."""
    packages, providers = instance.packages, instance.providers
    held = by_provider(packages.present, packages.minutes, len(providers.ids))
    return np.maximum(np.where(providers.suspended, 0, providers.capacity - held), 0)


def overview(instance: Instance, tables: Tables, found: Sequence[Figure]) -> list[str]:
    """Write the totals as lines, with the areas side by side and what became of past referrals.

    Parameters
    ----------
    instance, tables
        The question and its case.
    found
        Its figures.
    """
    by_name = {(figure.name, figure.area_id): str(figure) for figure in found}

    def of(name: str, area: str = "") -> str:
        return by_name[name, area]

    def people_and_hours(status: str) -> str:
        people, hours = of(f"people_{status}"), of(f"hours_{status}")
        return f"{with_unit(people, PEOPLE)}, {with_unit(hours, 'carer-hours')}"

    lines = [
        f"Providers: {of('providers')}, of {with_unit(of('owners'), 'owners')}",
        f"People placed: {of('people_placed')}, {with_unit(of('hours_placed'), HOURS)}",
        f"Yearly cash of these: {of('cash_placed')}",
    ]
    if of("people_handed_back") != "0":
        lines.append(f"Handed back: {people_and_hours('handed_back')}")
    most = written(Fraction(int(_room(instance).max(initial=0)), 60), HOURS)
    lines += [
        f"Waiting: {people_and_hours('waiting')}",
        f"Room for more: {with_unit(of('room_hours'), 'carer-hours')}, at most {most} with one",
        "",
    ]
    columns = ("people_placed", "hours_placed", "cash_placed", "people_waiting", "hours_waiting")
    head = ["area", "people placed", "hours", "cash a year", "people waiting", "hours", "lead"]
    rows = []
    for number, area in enumerate(instance.areas.ids):
        leads = [instance.providers.ids[k] for k in instance.areas.leads[number]]
        cells = [of(column, area) for column in columns]
        rows.append([instance.areas.names[number], *cells, ";".join(leads) or "to be chosen"])
    return [*lines, *table(head, rows), *_history(tables)]


def _history(tables: Tables) -> list[str]:
    """Say how many past referrals each lead accepted."""
    past = tables["referrals"]
    past = past[past["offered_to"] != ""]
    if past.empty:
        return []
    accepted = past["answer"].eq("accepted").groupby(past["offered_to"]).agg(["sum", "size"])
    accepted = accepted[accepted["size"] >= 5].sort_index()
    rows = [
        [str(provider), f"{row['sum']:,}", f"{row['size']:,}", f"{row['sum'] / row['size']:.0%}"]
        for provider, row in accepted.iterrows()
    ]
    head = ["past referrals (5 or more)", "accepted", "offered", "share"]
    return ["", *table(head, rows)] if rows else []
