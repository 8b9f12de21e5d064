"""What each rule of a conflict asks and what there is, in the numbers that a commissioner has.

The numbers come from the question alone, never from a solver, so that anybody can count them again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from allocate.homecare.conflict_facts import (
    NAMED,
    Facts,
    hours,
    in_hours,
    listed,
    number,
    people,
)
from allocate.homecare.instance import Instance
from allocate.homecare.labels import BANDS, PLACED, RATINGS, WAITING, Bools
from allocate.homecare.packages import by_provider
from allocate.homecare.pairs import open_pairs
from allocate.units import (
    THOUSAND,
    Ints,
    as_hours,
    as_percent,
    as_pounds,
    ceil_div,
    thousandths,
    yearly_cash,
)

Numbers = Mapping[str, float | int | str | None]
Told = tuple[Numbers, str]


def conflict_words(instance: Instance, rule: str, about: Sequence[str]) -> Told:
    """Say what a rule asks of those it is about, what there is, and who comes closest.

    Parameters
    ----------
    instance
        The question.
    rule
        Its id, ``pins`` for a pin.
    about
        Whom or what, as the review names them.

    Returns
    -------
    tuple
        The numbers by name, hours in hours and money in pounds; and a sentence or two.
    """
    return WORDS[rule](Facts(instance), list(about))


def _placed_once(facts: Facts, about: Sequence[str]) -> Told:
    packages = facts.instance.packages
    chosen = facts.chosen(about)
    load = int(packages.load[chosen].sum())
    numbers = {"people": len(chosen), "hours": hours(load)}
    holders = sorted(set(packages.provider[chosen].tolist()))
    if len(holders) > 1:
        words = f"The {len(chosen):,} people placed now each keep a provider"
    elif len(chosen) <= NAMED:
        words = f"{listed(about)}, now with {facts.provider(holders[0]).removesuffix(',')},"
        words += f" {'keeps' if len(chosen) == 1 else 'keep'} a provider"
    else:
        who = facts.provider(holders[0])
        words = f"The {len(chosen):,} people whom {who} has now each keep a provider"
    return numbers, f"{words}: {in_hours(load)} a week."


def _within_capacity(facts: Facts, about: Sequence[str]) -> Told:
    providers = facts.instance.providers
    sentences = []
    numbers: dict[str, float] = {}
    for name in about[:NAMED]:
        k = providers.ids.index(name)
        can, held = int(providers.capacity[k]), int(facts.held[k])
        count = int((facts.instance.packages.present == k).sum())
        text = f"{facts.provider(k)} can staff {in_hours(can)} a week; "
        over = "more than it can" if held > can else f"which leaves {as_hours(can - held)}"
        takes = f"it has now take{'s' if count == 1 else ''} {as_hours(held)}, {over}"
        text += f"the {people(count)} {takes}" if count else "it has nobody now"
        if providers.growth[k] and facts.may_be_appointed(k):
            text += f" (and {as_hours(providers.growth[k])} more if newly appointed lead)"
        sentences.append(f"{text}.")
        numbers = {
            "capacity_hours": hours(can),
            "held_hours": hours(held),
            "growth_hours": hours(providers.growth[k]),
        }
    if len(about) == 1:
        return numbers, sentences[0]
    chosen = [providers.ids.index(name) for name in about]
    totals = {
        "capacity_hours": hours(providers.capacity[chosen].sum()),
        "held_hours": hours(facts.held[chosen].sum()),
        "growth_hours": hours(providers.growth[chosen].sum()),
    }
    more = f" And {len(about) - NAMED} more providers." if len(about) > NAMED else ""
    return totals, " ".join(sentences) + more


def _within_bands(facts: Facts, about: Sequence[str]) -> Told:
    instance = facts.instance
    packages, providers = instance.packages, instance.providers
    sentences, numbers = [], {}
    for name in about[:NAMED]:
        label, _, band = name.rpartition(" ")
        k, at = providers.ids.index(label), BANDS.index(band)
        can = int(providers.bands[k, at])
        load = packages.band_load[:, at]
        held = int(by_provider(packages.present, load, len(providers.ids))[k])
        where = {"morning": "in the morning", "lunch": "at lunch", "tea": "at tea"}
        when = where.get(band, "at bedtime")
        sentences.append(
            f"{facts.provider(k)} can staff {in_hours(can)} a week {when}; "
            f"the people it has now take {as_hours(held)}."
        )
        numbers = {"capacity_hours": hours(can), "held_hours": hours(held)}
    return (numbers if len(about) == 1 else {}), " ".join(sentences)


def _leads_per_area(facts: Facts, about: Sequence[str]) -> Told:
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


def _leads_limit(facts: Facts, about: Sequence[str]) -> Told:
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


def _share_limit(facts: Facts, about: Sequence[str]) -> Told:
    instance = facts.instance
    packages, providers = instance.packages, instance.providers
    total = int(packages.minutes.sum())
    share = thousandths(instance.rules["share_limit"].value)
    limit = total * share // THOUSAND
    held = by_provider(packages.present, packages.minutes, len(providers.ids))
    sentences, numbers = [], {}
    for name in about[:NAMED]:
        owner = providers.owners.index(name)
        now = int(held[providers.owner == owner].sum())
        sentences.append(
            f"{facts.owned(owner)} may hold {as_percent(share / THOUSAND)} of "
            f"{as_hours(total)} hours, {as_hours(limit)}; the people it has now take "
            f"{as_hours(now)}."
        )
        numbers = {"limit_hours": hours(limit), "held_hours": hours(now)}
    return (numbers if len(about) == 1 else {"limit_hours": hours(limit)}), " ".join(sentences)


def _lead_accepts_share(facts: Facts, about: Sequence[str]) -> Told:
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


def _lead_first(facts: Facts, about: Sequence[str]) -> Told:
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


def _of_package(facts: Facts, package: int, fits: Bools, what: str) -> Told:
    """Say of one package how many of those who could have it keep the rule."""
    could = facts.possible(np.array([package]))[0]
    good = np.flatnonzero(could & fits)
    ids = facts.instance.providers.ids
    who = f": {listed([ids[k] for k in good])}" if len(good) else ""
    count = f"{len(good) or 'none'} of the {number(int(could.sum()), 'provider')}"
    numbers = {"could_have_it": int(could.sum()), "keep_the_rule": len(good)}
    return numbers, f"{count} that could have it {what}{who}"


def _needs_met(facts: Facts, about: Sequence[str]) -> Told:
    packages, providers = facts.instance.packages, facts.instance.providers
    chosen = facts.chosen(about)
    if len(chosen) <= NAMED:
        parts: list[str] = []
        numbers: Numbers = {}
        for p in chosen.tolist():
            meets = ~(packages.needs[p] & ~providers.needs).any(axis=1)
            wanted = [packages.need_names[need] for need in np.flatnonzero(packages.needs[p])]
            numbers, text = _of_package(facts, p, meets, "can meet that")
            parts.append(f"{packages.ids[p]} needs {' and '.join(wanted)}; {text}.")
        return (numbers if len(chosen) == 1 else {}), " ".join(parts)
    needy = chosen[packages.needs[chosen].any(axis=1)]
    lacks = (packages.needs[needy][:, None, :] & ~providers.needs[None, :, :]).any(axis=2)
    met = (facts.possible(needy) & ~lacks).sum(axis=1)
    fewest = int(met.min()) if len(met) else 0
    return {"people": len(needy), "fewest_that_meet": fewest}, (
        f"{len(needy):,} of these {people(len(chosen))} have special needs; for one of them only "
        f"{number(fewest, 'provider')} could have it and meet all."
    )


def _quality_floor(facts: Facts, about: Sequence[str]) -> Told:
    instance = facts.instance
    floor = str(instance.rules["quality_floor"].value)
    good = instance.providers.rating <= RATINGS.index(floor)
    return _of_packages(facts, about, good, f"are rated {floor} or better")


def _of_packages(facts: Facts, about: Sequence[str], fits: Bools, what: str) -> Told:
    """Say of a few packages, or of many together, how many providers keep the rule."""
    chosen = facts.chosen(about)
    if len(chosen) <= NAMED:
        each = [_of_package(facts, p, fits, what) for p in chosen.tolist()]
        ids = facts.instance.packages.ids
        texts = [f"{ids[p]}: {text}." for p, (_, text) in zip(chosen, each, strict=True)]
        return (each[0][0] if len(each) == 1 else {}), " ".join(texts)
    could = facts.possible(chosen).any(axis=0)
    numbers = {
        "people": len(chosen),
        "could_have_them": int(could.sum()),
        "keep_the_rule": int((could & fits).sum()),
    }
    return numbers, (
        f"Of {could.sum()} providers that could have one of these {len(chosen):,} people, "
        f"{(could & fits).sum()} {what}."
    )


def _choice_kept(facts: Facts, about: Sequence[str]) -> Told:
    instance = facts.instance
    packages, providers = instance.packages, instance.providers
    chosen = [p for p in facts.chosen(about).tolist() if packages.choice[p] >= 0]
    texts = []
    for p in chosen[:NAMED]:
        k = int(packages.choice[p])
        why = ""
        if not instance.reach[k, packages.place[p]]:
            why = ", which does not work there"
        elif providers.suspended[k]:
            why = ", which takes no new work"
        elif instance.closed[k, packages.area[p]]:
            why = ", which has handed the area's packages back"
        else:
            left = facts.room(k, new=False)
            why = f", which has {in_hours(max(0, left))} of room beside the people it has now"
            why += f": this takes {as_hours(packages.load[p])}"
        texts.append(f"{packages.ids[p]} asked for {providers.ids[k]}{why}.")
    more = f" And {len(chosen) - NAMED} more." if len(chosen) > NAMED else ""
    return {"people": len(chosen)}, " ".join(texts) + more


def _household_together(facts: Facts, about: Sequence[str]) -> Told:
    packages = facts.instance.packages
    texts, numbers = [], {}
    for name in about[:NAMED]:
        home = packages.household[packages.at[name.removeprefix("household of ")]]
        members = np.flatnonzero(packages.household == home)
        could = facts.possible(members).all(axis=0)
        load = packages.load[members].sum()
        texts.append(
            f"{' and '.join(packages.ids[p] for p in members)} are one household, "
            f"{in_hours(load)} a week; {number(int(could.sum()), 'provider')} could have all."
        )
        numbers = {"people": len(members), "hours": hours(load), "could_have_all": int(could.sum())}
    return (numbers if len(about) == 1 else {}), " ".join(texts)


def _locked_stay(facts: Facts, about: Sequence[str]) -> Told:
    packages = facts.instance.packages
    chosen = facts.chosen(about)
    load = packages.load[chosen].sum()
    holders = sorted({facts.instance.providers.ids[packages.provider[p]] for p in chosen.tolist()})
    who = listed(about) if len(chosen) <= NAMED else people(len(chosen))
    verb = "is" if len(chosen) == 1 else "are"
    return (
        {"people": len(chosen), "hours": hours(load)},
        f"{who} {verb} locked with {listed(holders)}: {in_hours(load)} a week.",
    )


def _moves_limit(facts: Facts, _: Sequence[str]) -> Told:
    limit = int(float(facts.instance.rules["moves_limit"].value or 0))
    placed = int((facts.instance.packages.status == PLACED).sum())
    if limit == 0:
        text = f"None of the {placed:,} people who have a provider is moved by choice."
    else:
        text = (
            f"Of the {placed:,} people who have a provider, {limit:,} at most are moved by choice."
        )
    return {"limit": limit, "people": placed}, text


def _viable_round(facts: Facts, about: Sequence[str]) -> Told:
    instance = facts.instance
    packages = instance.packages
    least = round(float(instance.rules["viable_round"].value or 0) * 60)
    texts, numbers = [], {}
    for name in about[:NAMED]:
        k, a = next(
            (k, a)
            for k, provider in enumerate(instance.providers.ids)
            for a, area in enumerate(instance.areas.ids)
            if name == f"{provider} in {area}"
        )
        there = (packages.present == k) & (packages.area == a)
        has = packages.minutes[there].sum()
        texts.append(
            f"{facts.provider(k)} has {in_hours(has)} a week in {facts.area(a)} now; "
            f"a round there has to have {as_hours(least)}."
        )
        numbers = {"asked_hours": hours(least), "held_hours": hours(has)}
    more = f" And {len(about) - NAMED} more rounds." if len(about) > NAMED else ""
    return (numbers if len(about) == 1 else {}), " ".join(texts) + more


def _within_budget(facts: Facts, about: Sequence[str]) -> Told:
    instance = facts.instance
    packages, areas = instance.packages, instance.areas
    texts, numbers = [], {}
    for name in about[:NAMED]:
        a = areas.ids.index(name)
        new = np.flatnonzero((packages.status == WAITING) & (packages.area == a))
        could = facts.possible(new)
        rate = np.where(could, instance.rate[:, packages.place[new]].T, np.iinfo(np.int64).max)
        rate = np.where(could.any(axis=1), rate.min(axis=1, initial=np.iinfo(np.int64).max), 0)
        cash = int(yearly_cash(packages.minutes[new], rate, instance.paid_share).sum())
        weeks = int(areas.weeks[a])
        all_new = ceil_div(cash * 7 * weeks, 365)
        flow = ceil_div(int(instance.budget_flow[a]), 365)
        drawn = f", of which expected starts and ends draw {as_pounds(flow)}" if flow else ""
        texts.append(
            f"{facts.area(a)} has {as_pounds(areas.budget[a])} for new work over {weeks} weeks"
            f"{drawn}; to place all who wait there, {people(len(new))}, costs "
            f"{as_pounds(all_new)} at least."
        )
        numbers = {
            "budget_pounds": int(areas.budget[a]) / 100,
            "flow_pounds": flow / 100,
            "all_waiting_pounds": all_new / 100,
        }
    return (numbers if len(about) == 1 else {}), " ".join(texts)


def _rate_floor(facts: Facts, about: Sequence[str]) -> Told:
    instance = facts.instance
    pounds = float(instance.rules["rate_floor"].value or 0)
    place = instance.packages.place[facts.chosen(about)]
    paid = np.all(instance.rate[:, place] >= round(pounds * 100), axis=1)
    return _of_packages(facts, about, paid, f"are paid £{pounds:,.2f} an hour or more")


def _step_in(facts: Facts, about: Sequence[str]) -> Told:
    instance = facts.instance
    packages, providers = instance.packages, instance.providers
    share = thousandths(instance.rules["step_in"].value)
    spare = np.maximum(0, providers.capacity + providers.surge - facts.held)
    texts, numbers = [], {}
    for name in about[:NAMED]:
        owner = providers.owners.index(name)
        held = np.isin(packages.present, np.flatnonzero(providers.owner == owner))
        work = packages.minutes[held].sum()
        places = np.isin(instance.area_of_place, np.unique(packages.area[held]))
        others = instance.reach[:, places].any(axis=1) & (providers.owner != owner)
        asked = ceil_div(int(work) * share, THOUSAND)
        texts.append(
            f"If {facts.owned(owner)[0].lower()}{facts.owned(owner)[1:]} failed, others would have "
            f"to take over {in_hours(asked)} of what it has now; those that reach its areas "
            f"have {in_hours(spare[others].sum())} of room and surge."
        )
        numbers = {"asked_hours": hours(asked), "room_hours": hours(spare[others].sum())}
    return (numbers if len(about) == 1 else {}), " ".join(texts)


def _pins(_: Facts, about: Sequence[str]) -> Told:
    what = "; ".join(about)
    return {}, f"Pinned: {what}. A person decided that, and only a person can undo it."


WORDS: dict[str, Callable[[Facts, Sequence[str]], Any]] = {
    "placed_once": _placed_once,
    "within_capacity": _within_capacity,
    "within_bands": _within_bands,
    "leads_per_area": _leads_per_area,
    "leads_limit": _leads_limit,
    "share_limit": _share_limit,
    "lead_accepts_share": _lead_accepts_share,
    "lead_first": _lead_first,
    "quality_floor": _quality_floor,
    "needs_met": _needs_met,
    "choice_kept": _choice_kept,
    "household_together": _household_together,
    "locked_stay": _locked_stay,
    "moves_limit": _moves_limit,
    "viable_round": _viable_round,
    "within_budget": _within_budget,
    "rate_floor": _rate_floor,
    "step_in": _step_in,
    "pins": _pins,
}
