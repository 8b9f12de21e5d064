"""What each rule about single people and households asks in a conflict, and what there is."""

from __future__ import annotations

from collections.abc import Sequence

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
    people,
)
from allocate.homecare.labels import PLACED, RATINGS, Bools
from allocate.units import as_hours


def placed_once(facts: Facts, about: Sequence[str]) -> Told:
    """Say how many keep a provider, and what they take."""
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


def needs_met(facts: Facts, about: Sequence[str]) -> Told:
    """Say what people need, and how many of those who could have them meet it."""
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


def quality_floor(facts: Facts, about: Sequence[str]) -> Told:
    """Say how many of those who could have people are rated well enough."""
    instance = facts.instance
    floor = str(instance.rules["quality_floor"].value)
    good = instance.providers.rating <= RATINGS.index(floor)
    return _of_packages(facts, about, good, f"are rated {floor} or better")


def rate_floor(facts: Facts, about: Sequence[str]) -> Told:
    """Say how many of those who could have people are paid the floor."""
    instance = facts.instance
    pounds = float(instance.rules["rate_floor"].value or 0)
    place = instance.packages.place[facts.chosen(about)]
    paid = np.all(instance.rate[:, place] >= round(pounds * 100), axis=1)
    return _of_packages(facts, about, paid, f"are paid £{pounds:,.2f} an hour or more")


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


def _of_package(facts: Facts, package: int, fits: Bools, what: str) -> Told:
    """Say of one package how many of those who could have it keep the rule."""
    could = facts.possible(np.array([package]))[0]
    good = np.flatnonzero(could & fits)
    ids = facts.instance.providers.ids
    who = f": {listed([ids[k] for k in good])}" if len(good) else ""
    count = f"{len(good) or 'none'} of the {number(int(could.sum()), 'provider')}"
    numbers = {"could_have_it": int(could.sum()), "keep_the_rule": len(good)}
    return numbers, f"{count} that could have it {what}{who}"


def choice_kept(facts: Facts, about: Sequence[str]) -> Told:
    """Say whom people asked for, and what stands against it."""
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


def household_together(facts: Facts, about: Sequence[str]) -> Told:
    """Say who is one household, and how many could have all of it."""
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


def locked_stay(facts: Facts, about: Sequence[str]) -> Told:
    """Say who is locked with whom."""
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


def moves_limit(facts: Facts, _: Sequence[str]) -> Told:
    """Say how many people may be moved by choice."""
    limit = int(float(facts.instance.rules["moves_limit"].value or 0))
    placed = int((facts.instance.packages.status == PLACED).sum())
    if limit == 0:
        text = f"None of the {placed:,} people who have a provider is moved by choice."
    else:
        text = (
            f"Of the {placed:,} people who have a provider, {limit:,} at most are moved by choice."
        )
    return {"limit": limit, "people": placed}, text
