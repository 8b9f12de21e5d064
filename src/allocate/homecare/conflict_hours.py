"""What each rule about hours and money asks in a conflict, and what there is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from allocate.homecare.conflict_facts import NAMED, Facts, Told, hours, in_hours, people
from allocate.homecare.labels import BANDS, WAITING
from allocate.homecare.packages import by_provider
from allocate.units import (
    THOUSAND,
    as_hours,
    as_percent,
    as_pounds,
    ceil_div,
    thousandths,
    yearly_cash,
)


def within_capacity(facts: Facts, about: Sequence[str]) -> Told:
    """Say what providers can staff, and what the people they have now take."""
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


def within_bands(facts: Facts, about: Sequence[str]) -> Told:
    """Say the same of a band of the day."""
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


def share_limit(facts: Facts, about: Sequence[str]) -> Told:
    """Say how many hours an owner may hold, and what its people take now."""
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


def viable_round(facts: Facts, about: Sequence[str]) -> Told:
    """Say what a round has now, and what it has to have."""
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


def within_budget(facts: Facts, about: Sequence[str]) -> Told:
    """Say what an area has for new work, and what placing all who wait costs."""
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


def step_in(facts: Facts, about: Sequence[str]) -> Told:
    """Say what others would have to take over, and the room that they have."""
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
