"""The heart of a conflict: which of its rules ask for more than there is, looked at alone."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

from allocate.homecare.conflict_facts import Facts, hours, in_hours
from allocate.homecare.conflict_words import conflict_words
from allocate.homecare.instance import Instance

Name = tuple[str, str]  # a rule's id, and whom or what it is about
MOST = 3  # sentences, before it is said how many more there are
FEW = 20  # of one rule, that are looked at one by one; larger groups are never the heart


def _too_few_accepted(has: Mapping[str, Any]) -> bool:
    return has["could_take"] is None or bool(has["could_take"] < has["asked"])


def _overfull(has: Mapping[str, Any]) -> bool:
    return bool(has["held_hours"] > has.get("capacity_hours", has.get("limit_hours")))


def _nobody_fits(has: Mapping[str, Any]) -> bool:
    return bool(has["keep_the_rule"] == 0)


# Rules that can be seen to fall short by their own numbers; all others fail only with others.
SHORT: Mapping[str, Callable[[Mapping[str, Any]], bool]] = {
    "lead_accepts_share": _too_few_accepted,
    "within_capacity": _overfull,
    "within_bands": _overfull,
    "share_limit": _overfull,
    "leads_per_area": lambda has: bool(has["may_lead"] < has["minimum"]),
    "household_together": lambda has: bool(has["could_have_all"] == 0),
    "needs_met": _nobody_fits,
    "quality_floor": _nobody_fits,
    "rate_floor": _nobody_fits,
}


def falls_short(instance: Instance, rule: str, about: Sequence[str]) -> list[str]:
    """Of whom a rule asks more than there is, as things stand.

    Parameters
    ----------
    instance
        The question.
    rule
        Its id.
    about
        Whom or what it is about, as the review names them.
    """
    if rule not in SHORT or len(about) > FEW:
        return []
    if rule == "lead_accepts_share" and not _one_lead(instance):
        return []
    return [name for name in about if SHORT[rule](conflict_words(instance, rule, [name])[0])]


def _one_lead(instance: Instance) -> bool:
    """Whether one lead has to meet what an area asks; several are not added up here."""
    setting = instance.rules["leads_per_area"]
    return setting.mode == "hard" and int(setting.options["maximum"]) == 1


def heart_words(instance: Instance, members: Collection[Name], *, smallest: bool) -> str:
    """Say which rules of a set fall short by themselves, and why others stand beside them.

    Parameters
    ----------
    instance
        The question.
    members
        All that the set is about.
    smallest
        Whether no member can be spared, for certain.

    Returns
    -------
    str
        Some sentences; empty where no rule falls short by itself, or all do.
    """
    by_rule: dict[str, list[str]] = {}
    for rule, about in members:
        by_rule.setdefault(rule, []).append(about)
    short = [
        (rule, name)
        for rule, about in by_rule.items()
        for name in falls_short(instance, rule, about)
    ]
    if not short or len(short) == len(members):
        return ""
    said = [_sentence(instance, *name) for name in short[:MOST]]
    if len(short) > MOST:
        said.append(f"And {len(short) - MOST} more like these.")
    if smallest and len(short) == 1:
        said += _others(instance, short[0], members)
    return " ".join(said)


def also_short(instance: Instance, members: Collection[Name]) -> list[str]:
    """Say which hard rules fall short by themselves as well, though no set names them.

    Parameters
    ----------
    instance
        The question.
    members
        All that the sets are about.
    """
    checked: Mapping[str, Sequence[str]] = {
        "lead_accepts_share": instance.areas.ids,
        "leads_per_area": instance.areas.ids,
        "within_capacity": instance.providers.ids,
        "share_limit": instance.providers.owners,
    }
    return [
        _sentence(instance, rule, about)
        for rule, names in checked.items()
        if instance.rules[rule].mode == "hard"
        for about in names
        if (rule, about) not in members and falls_short(instance, rule, [about])
    ]


def _sentence(instance: Instance, rule: str, about: str) -> str:
    """Say one rule in its own words; what is asked of a lead is said shorter."""
    has, text = conflict_words(instance, rule, [about])
    if rule != "lead_accepts_share" or has["closest"] is None:
        return text
    a = instance.areas.ids.index(about)
    area, who, room = instance.areas.names[a], has["closest"], float(str(has["room_hours"]))
    needs = float(str(has["needs_hours"]))
    lead = f"its lead {who}" if _stays(instance, a, str(who)) else f"its lead; {who} comes closest"
    if room < 0:
        there = f"has {_plain(-room)} more than it can staff"
    elif room < needs:
        there = f"has room for {_plain(room)}"
    else:
        there = f"could take {has['could_take']} of {has['asked']} {has['unit']}"
    asked = f"{_plain(needs)} {'hour' if needs == 1 else 'hours'}"
    joined = ", which" if _stays(instance, a, str(who)) else " and"
    return f"{area} asks {asked} of {lead}{joined} {there}."


def _plain(amount: float) -> str:
    return f"{amount:,.2f}".rstrip("0").rstrip(".")


def _stays(instance: Instance, a: int, provider: str) -> bool:
    return instance.providers.ids.index(provider) in instance.areas.leads[a]


def _others(instance: Instance, short: Name, members: Collection[Name]) -> Iterator[str]:
    """Say that other areas stand here because a lead would grow if it were appointed there.

    Without growth what is asked of a lead that stays, its capacity and its area's one lead are
    impossible by their numbers. So in a smallest set all else is there to keep it from growing.
    """
    rule, about = short
    if rule != "lead_accepts_share":
        return
    has, _ = conflict_words(instance, rule, [about])
    a, who = instance.areas.ids.index(about), str(has["closest"])
    if who not in instance.providers.ids or not _stays(instance, a, who):
        return
    k = instance.providers.ids.index(who)
    growth = int(instance.providers.growth[k])
    beside = {("within_capacity", who), ("leads_per_area", about)} <= {*members}
    elsewhere = any(r in ("leads_per_area", rule) and name != about for r, name in members)
    enough = float(str(has["room_hours"])) + hours(growth) >= float(str(has["needs_hours"]))
    grows = growth > 0 and enough and Facts(instance).may_be_appointed(k)
    if beside and elsewhere and grows:
        yield (
            f"Other areas stand here because {who} would have {in_hours(growth)} more, "
            "but only if newly appointed to lead another area."
        )
