"""What each rule about leads asks in a conflict, and what there is."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from allocate.homecare.conflict_facts import (
    NAMED,
    Facts,
    Numbers,
    Told,
    hours,
    in_hours,
    listed,
    number,
)
from allocate.homecare.pairs import open_pairs
from allocate.units import THOUSAND, Ints, as_hours, as_percent, ceil_div, thousandths


def leads_per_area(facts: Facts, about: Sequence[str]) -> Told:
    """Say how many leads an area has to have, who leads it and who may."""
    instance = facts.instance
    options = instance.rules["leads_per_area"].options
    least, most = int(options["minimum"]), int(options["maximum"])
    asked = f"{least}" if least == most else f"{least} to {most}"
    sentences, numbers = [], {}
    for name in about[:NAMED]:
        a = instance.areas.ids.index(name)
        stay, may = facts.leads(a)
        text = f"{facts.area(a)} has to have {asked} lead{'' if most == 1 else 's'}; "
        ids = instance.providers.ids
        if stay:
            text += f"{listed([ids[k] for k in stay])} leads it and stays"
        if stay and may and len(stay) < most:
            text += f", and {len(may)} more may lead it: {listed([ids[k] for k in may])}"
        elif not stay:
            text += f"{number(len(may), 'provider')} may lead it: {listed([ids[k] for k in may])}"
            text = text.replace(
                "0 providers may lead it: ", f"nobody may lead it ({_why_no_lead(facts, a)})"
            )
        sentences.append(f"{text}.")
        numbers = {"minimum": least, "maximum": most, "may_lead": len(stay) + len(may)}
    return (numbers if len(about) == 1 else {}), " ".join(sentences)


def _why_no_lead(facts: Facts, a: int) -> str:
    """Count who may not lead an area, by the first reason that holds."""
    instance = facts.instance
    providers, left = instance.providers, np.ones(len(instance.providers.ids), dtype=bool)
    reaches = instance.reach[:, instance.area_of_place == a].any(axis=1)
    said = []
    for reason, against in (
        ("do not work there", ~reaches),
        ("may not lead", ~providers.can_lead),
        ("take no new work", providers.suspended),
        ("have given the role or its packages up", instance.areas.ended[a] | instance.closed[:, a]),
        ("are pinned away", instance.pins.lead_never[a]),
    ):
        count = int((left & against).sum())
        left &= ~against
        if count:
            said.append(f"{count} {reason}")
    return f"of {len(left)} providers {', '.join(said)}"


def leads_limit(facts: Facts, about: Sequence[str]) -> Told:
    """Say how many areas an owner may lead, and which it leads now."""
    instance = facts.instance
    limit = int(float(instance.rules["leads_limit"].value or 0))
    owner_of = instance.providers.owner
    sentences, stays = [], 0
    for name in about[:NAMED]:
        owner = instance.providers.owners.index(name)
        leads = [
            instance.areas.ids[a]
            for a, stay in enumerate(instance.areas.leads)
            if any(owner_of[k] == owner for k in stay)
        ]
        stays = len(leads)
        now = f"leads {listed(leads)} now and stays there" if leads else "leads none now"
        sentences.append(
            f"{facts.owned(owner)} may lead {number(limit, 'area')} at most; it {now}."
        )
    numbers = {"limit": limit, "leads_now": stays if len(about) == 1 else None}
    return numbers, " ".join(sentences)


def lead_accepts_share(facts: Facts, about: Sequence[str]) -> Told:
    """Say what areas ask of their leads, and how much the nearest could take."""
    sentences: list[str] = []
    numbers: Numbers = {}
    for name in about[:NAMED]:
        numbers, text = _asked_of_lead(facts, facts.instance.areas.ids.index(name))
        sentences.append(text)
    return (numbers if len(about) == 1 else {}), " ".join(sentences)


def _asked_of_lead(facts: Facts, a: int) -> Told:
    """Say what an area asks of its lead, and how much the nearest could take."""
    instance = facts.instance
    packages, setting = instance.packages, instance.rules["lead_accepts_share"]
    by_hours = setting.options["by"] == "hours"
    share = thousandths(setting.value)
    here = np.flatnonzero(packages.referral & (packages.area == a))
    counts = packages.minutes[here] if by_hours else np.ones_like(here)
    target = ceil_div(int(counts.sum()) * share, THOUSAND)
    need = _least_load(packages.load[here], counts, target)
    shown = as_hours if by_hours else (lambda count: f"{count:,}")
    unit = "hours of referrals" if by_hours else "referrals"
    text = (
        f"{facts.area(a)} asks its lead to take {as_percent(share / THOUSAND)} of its {unit}, "
        f"{shown(target)} of {shown(int(counts.sum()))}: at least {as_hours(need)} "
        "carer-hours a week."
    )
    stay, may = facts.leads(a)
    could = open_pairs(instance)[here]
    best: tuple[int, int, int, bool] | None = None
    for k, new in [*((k, False) for k in stay), *((k, True) for k in may)]:
        room = facts.room(k, new=new)
        takes = _most_taken(packages.load[here][could[:, k]], counts[could[:, k]], room)
        if best is None or (takes, room) > best[:2]:
            best = (takes, room, k, new)
    unit_of = "hours" if by_hours else "referrals"
    numbers = {
        "asked": hours(target) if by_hours else target,
        "referrals": hours(int(counts.sum())) if by_hours else int(counts.sum()),
        "needs_hours": hours(need),
        "unit": unit_of,
        "closest": None,
        "room_hours": None,
        "could_take": None,
    }
    if best is None:
        return numbers, f"{text} Nobody leads it or may lead it."
    takes, room, k, new = best
    if room < 0:
        has = f"holds {as_hours(-room)} hours more than it can staff"
    else:
        has = f"has room for {in_hours(room)} beside the people it has now"
        has += ", its growth counted" if new and instance.providers.growth[k] else ""
    who = "Its lead" if stay and not new else "The one who may lead it and comes closest"
    name = facts.provider(k).removesuffix(",")
    text += f" {who}, {name}, {has}, and could take {shown(takes)} at most."
    numbers |= {
        "closest": instance.providers.ids[k],
        "room_hours": hours(room),
        "could_take": hours(takes) if by_hours else takes,
    }
    return numbers, text


def _least_load(load: Ints, counts: Ints, target: int) -> int:
    """Return the least capacity that so much can be met with: lightest first, the last in part."""
    total = met = 0
    for each in np.argsort(load / counts, kind="stable") if len(load) else ():
        if met >= target:
            break
        part = min(int(counts[each]), target - met)
        total += ceil_div(int(load[each]) * part, int(counts[each]))
        met += part
    return total


def _most_taken(load: Ints, counts: Ints, room: int) -> int:
    """Return the most that fits into some room: lightest first, the last in part."""
    taken = 0
    for each in np.argsort(load / counts, kind="stable") if len(load) else ():
        fits = min(Fraction(1), Fraction(max(0, room), max(1, int(load[each]))))
        part = int(int(counts[each]) * fits) if load[each] else int(counts[each])
        taken += part
        room -= int(load[each])
    return taken


def lead_first(facts: Facts, about: Sequence[str]) -> Told:
    """Say what comes to a lead before anybody else is given work."""
    instance = facts.instance
    packages = instance.packages
    endings = {a: f" in {name}" for a, name in enumerate(instance.areas.ids)}
    areas = sorted(
        {
            max((a for a in endings if name.endswith(endings[a])), key=lambda a: len(endings[a]))
            for name in about
        }
    )
    sentences, numbers = [], {}
    for a in areas:
        here = packages.referral & (packages.area == a)
        sentences.append(
            f"In {facts.area(a)} nobody else is given work while the lead has room and could have "
            f"had it; its referrals, {here.sum():,}, come to "
            f"{in_hours(packages.minutes[here].sum())} a week."
        )
        numbers = {"referrals": int(here.sum()), "hours": hours(packages.minutes[here].sum())}
    return (numbers if len(areas) == 1 else {}), " ".join(sentences)
