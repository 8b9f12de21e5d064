"""Why a package is with its provider: every other one, and what bars it or what it would change."""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from allocate.answered import Answered
from allocate.explanation import Claim, Explanation
from allocate.homecare.differences import claim, difference, moves, rank
from allocate.homecare.instance import Instance
from allocate.homecare.labels import HANDED_BACK, PLACED, called
from allocate.homecare.near import near, restricts
from allocate.homecare.pairs import bars
from allocate.homecare.reasons import pinned_elsewhere, reasons_against
from allocate.homecare.solution import Solution, cash_of, spare
from allocate.study.scenario import Change
from allocate.units import as_hours, as_pounds
from allocate.variants import Variant, Variants

SHOWN = 6  # other providers that are printed, best first


def explain_package(variants: Variants, package: int) -> Explanation:
    """Explain one package.

    Parameters
    ----------
    variants
        Asks the answer again with changes.
    package
        Its position.
    """
    instance, solution = variants.answered.asked.instance, variants.answered.solution
    others = np.flatnonzero(np.arange(len(instance.providers.ids)) != solution.provider[package])
    reasons = {
        k: pinned_elsewhere(instance, package, k) + reasons_against(instance, package, k)
        for k in others.tolist()
    }
    possible = _likely_first(instance, package, [k for k, found in reasons.items() if not found])
    open_lines, claims, shut = _possible(variants, package, possible)
    barred = {k: "; ".join(found) for k, found in reasons.items() if found}
    claims += [_barred(instance, package, k, why) for k, why in barred.items()]
    name = instance.packages.ids[package]
    return Explanation(
        f"Package {name}: why it is where it is",
        [
            ("Where it is", _where(variants.answered, package)),
            ("Who else could have it, and what that would change", open_lines),
            ("Who cannot have it, and why", _grouped(instance, barred | shut)),
        ],
        claims,
    )


def pin(instance: Instance, package: int, provider: int) -> Change:
    """Return the change that puts a package with a provider."""
    row = {
        "table": "package-provider",
        "id": instance.packages.ids[package],
        "other_id": instance.providers.ids[provider],
        "must_or_never": "must",
    }
    return Change(table="pins", add=[row])


def _likely_first(instance: Instance, package: int, providers: list[int]) -> list[int]:
    """Order providers by what they cost, then by how far they travel: the time may run out."""
    place = instance.packages.place[package]
    return sorted(providers, key=lambda k: (instance.rate[k, place], instance.travel[k, place], k))


def _possible(
    variants: Variants, package: int, providers: list[int]
) -> tuple[list[str], list[Claim], dict[int, str]]:
    """Ask of each provider what it would change if it had the package.

    Returns
    -------
    tuple
        A line for each that could, the claims, and for each that could not why.
    """
    answered = variants.answered
    instance, solution = answered.asked.instance, answered.solution
    levels = answered.asked.question.levels
    asked = [_variant(instance, solution, package, k) for k in providers]
    lines, claims, shut = [], [], {}
    found = zip(providers, variants.ask(asked, "other providers"), strict=True)
    for k, varied in sorted(found, key=lambda pair: rank(pair[1])):
        name = called(instance.providers.names, instance.providers.ids, k)
        if varied is None:
            lines.append(f"{name}: not looked at in the time given")
            continue
        said = difference(varied, levels)
        if varied.compared.impossible:
            shut[k] = f"{said}{_why_none(instance, package, k)}"
            claims.append(claim(varied, levels, f"{name}: {shut[k]}"))
            continue
        others = moves(instance, solution, varied, package) or "nobody else moves"
        text = f"{name}: {said}" + (f" ({others})" if varied.solution is not None else "")
        lines.append(text)
        claims.append(claim(varied, levels, text))
    more = len(lines) - SHOWN
    if more > 0:
        lines = [*lines[:SHOWN], f"{more} more could: --out FILE lists them all."]
    return lines or ["Nobody."], claims, shut


def _variant(instance: Instance, solution: Solution, package: int, provider: int) -> Variant:
    """Put the package with a provider; those who may have to make room are free to move."""
    packages, given = instance.packages, solution.provider
    free = (given == provider) | (given < 0)
    # Somebody else of the area may go to the lead in this one's place.
    free |= packages.referral & (packages.area == packages.area[package])
    free[package] = True
    if packages.household[package] >= 0:
        free |= packages.household == packages.household[package]
    return Variant(
        (pin(instance, package, provider),),
        lambda draft: near(draft, solution, free),
        restricts(instance),
    )


def _why_none(instance: Instance, package: int, provider: int) -> str:
    """Say why no plan gives a package to a provider, where people who may not be moved are why."""
    packages, providers, rules = instance.packages, instance.providers, instance.rules
    stays = packages.present >= 0
    if not bars(instance, "moves_limit"):
        stays &= packages.locked & bars(instance, "locked_stay")
    mates = packages.household == packages.household[package]
    mates &= stays & (packages.present != provider) & (packages.household >= 0)
    if mates.any() and rules["household_together"].mode == "hard":
        mate = int(np.flatnonzero(mates)[0])
        with_ = providers.ids[packages.present[mate]]
        return (
            f": {packages.ids[mate]} of the same household is with {with_} and may not be moved "
            "(household_together)"
        )
    held = int(packages.load[stays & (packages.present == provider)].sum())
    room = int(providers.capacity[provider] + providers.growth[provider]) - held
    if rules["within_capacity"].mode == "hard" and packages.load[package] > room:
        can, has = as_hours(providers.capacity[provider]), as_hours(held)
        full = f": it can staff {can} hours and holds {has} of people who may not be moved"
        return f"{full} (within_capacity)"
    return ""


def _barred(instance: Instance, package: int, provider: int, why: str) -> Claim:
    text = f"{instance.providers.ids[provider]} {why}"
    return Claim(text, (pin(instance, package, provider),), "barred")


def _grouped(instance: Instance, reasons: dict[int, str]) -> list[str]:
    """Group the providers that cannot have a package by what is in the way."""
    groups: dict[str, list[str]] = defaultdict(list)
    for k, why in sorted(reasons.items()):
        groups[why].append(instance.providers.ids[k])
    order = sorted(groups, key=lambda why: (-len(groups[why]), why))
    return [f"{', '.join(groups[why])}: {why}" for why in order] or ["Nobody."]


def _where(answered: Answered, package: int) -> list[str]:
    """Say what the package is, who has it, and on what terms."""
    instance, solution = answered.asked.instance, answered.solution
    packages, providers, areas = instance.packages, instance.providers, instance.areas
    given, last = int(solution.provider[package]), int(packages.provider[package])
    area, place = int(packages.area[package]), instance.places[packages.place[package]]
    named = answered.asked.tables["places"].set_index("place_id")["name"]
    place = str(named.get(place, "")) or place
    hours = as_hours(packages.minutes[package])
    lines = [f"{hours} carer-hours a week in {place}, {areas.names[area]}."]
    if packages.status[package] == PLACED:
        lines.append(f"It has a provider, {called(providers.names, providers.ids, last)}.")
    elif packages.status[package] == HANDED_BACK:
        by = f" by {called(providers.names, providers.ids, last)}" if last >= 0 else ""
        lines.append(f"It was handed back{by}.")
    else:
        days = int(packages.days[package])
        lines.append(f"It was waiting, for {days} day{'' if days == 1 else 's'} so far.")
    if given < 0:
        return [*lines, "In this plan it waits.", _room_for(instance, solution, package)]
    led = ", which leads the area" if given in solution.leads[area] else ""
    cash = cash_of(instance, solution.provider, instance.rate)[package]
    return [
        *lines,
        f"In this plan {called(providers.names, providers.ids, given, within=True)} has it{led}: "
        f"{as_pounds(cash)} a year, {_minutes(instance, package, given)} minutes of travel a week.",
    ]


def _minutes(instance: Instance, package: int, provider: int) -> int:
    place = instance.packages.place[package]
    return int(instance.travel[provider, place] * instance.packages.visits[package])


def _room_for(instance: Instance, solution: Solution, package: int) -> str:
    """Say who has most room of those that may have a package that waits."""
    open_to = [
        k for k in range(len(instance.providers.ids)) if not reasons_against(instance, package, k)
    ]
    if not open_to:
        return "Nobody may have it: see below."
    room = spare(instance, solution)
    best = max(open_to, key=lambda k: int(room[k]))
    takes, most = as_hours(instance.packages.load[package]), as_hours(max(0, int(room[best])))
    name = instance.providers.ids[best]
    return f"It takes {takes} hours; of those that may have it {name} has most room, {most} hours."
