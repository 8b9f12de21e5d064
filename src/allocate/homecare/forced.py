"""The choice of one answer forced into another: what that would change, or what forbids it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from allocate.answered import Answered
from allocate.card import read_card
from allocate.figure import written
from allocate.homecare.differences import difference, moves
from allocate.homecare.instance import Instance
from allocate.homecare.labels import called
from allocate.homecare.lead_variants import lead_pin
from allocate.homecare.near import near, restricts
from allocate.homecare.reasons import (
    lead_pinned_elsewhere,
    pinned_elsewhere,
    reasons_against,
    reasons_against_lead,
)
from allocate.study.scenario import Change
from allocate.units import with_unit
from allocate.variants import Variant, Variants, Varied


@dataclass(frozen=True)
class Forced:
    """What came of forcing a choice.

    Parameters
    ----------
    choice
        What was forced, in words.
    against
        What forbids it, as it stands.
    lifted
        Whether the lead who stays was let go all the same, to see what it would mean.
    lines
        What it would change.
    impossible
        Whether no plan keeps every hard rule then.
    changes
        What to add to the scenario to see for oneself.
    """

    choice: str
    against: Sequence[str]
    lifted: bool = False
    lines: Sequence[str] = ()
    impossible: bool = False
    changes: tuple[Change, ...] = field(default=())


def force_lead(variants: Variants, area: int, provider: int) -> Forced:
    """Let a provider lead an area of an answer; all other leads may be others then.

    Parameters
    ----------
    variants
        Asks the answer again with changes.
    area, provider
        Positions.
    """
    answered = variants.answered
    instance: Instance = answered.asked.instance
    name = called(instance.providers.names, instance.providers.ids, provider)
    choice = f"{name} leads {called(instance.areas.names, instance.areas.ids, area)}"
    against = lead_pinned_elsewhere(instance, area, provider)
    against += reasons_against_lead(instance, area, provider)
    stays = instance.areas.leads[area]
    lifted = bool(stays) and len(against) == 1 and "leads_per_area" in against[0]
    if against and not lifted:
        return Forced(choice, against)
    changes = [Change(table="pins", add=[lead_pin(instance, area, provider, "must")])]
    if lifted:
        who = ", ".join(called(instance.providers.names, instance.providers.ids, k) for k in stays)
        against = [f"{who} is named as its lead in areas.csv, and stays (leads_per_area)"]
        where = {"area_id": instance.areas.ids[area]}
        changes.append(Change(table="areas", where=where, set={"lead_id": ""}))
    return _asked(variants, choice, against, tuple(changes), lifted)


def force_package(variants: Variants, package: int, provider: int) -> Forced:
    """Give a package of an answer to a provider.

    Parameters
    ----------
    variants
        Asks the answer again with changes.
    package, provider
        Positions.
    """
    instance: Instance = variants.answered.asked.instance
    label = instance.packages.ids[package]
    name = called(instance.providers.names, instance.providers.ids, provider)
    choice = f"{name} has package {label}"
    against = pinned_elsewhere(instance, package, provider)
    against += reasons_against(instance, package, provider)
    if against:
        return Forced(choice, against)
    row = {
        "table": "package-provider",
        "id": label,
        "other_id": instance.providers.ids[provider],
        "must_or_never": "must",
    }
    return _asked(variants, choice, (), (Change(table="pins", add=[row]),), lifted=False)


def _asked(
    variants: Variants,
    choice: str,
    against: Sequence[str],
    changes: tuple[Change, ...],
    lifted: bool,
) -> Forced:
    """Ask the answer again with a choice forced, everything else free."""
    answered = variants.answered
    instance, solution = answered.asked.instance, answered.solution
    everyone = np.ones(len(instance.packages.ids), dtype=bool)
    everywhere = np.ones(len(instance.areas.ids), dtype=bool)
    variant = Variant(
        changes,
        lambda draft: near(draft, solution, everyone, everywhere, thorough=True),
        restricts(instance) and not lifted,
    )
    (varied,) = variants.ask([variant], choice)
    if varied is None:
        return Forced(choice, against, lifted, ["Not settled in the time given."], False, changes)
    lines = list(_lines(answered, varied))
    return Forced(choice, against, lifted, lines, varied.compared.impossible, changes)


def _lines(answered: Answered, varied: Varied) -> Iterator[str]:
    """Say what a forced choice would change: levels as proven, then the plan that was found."""
    levels = answered.asked.question.levels
    yield f"{difference(varied, levels)}."
    if varied.solution is None:
        return
    instance: Instance = answered.asked.instance
    review = answered.asked.model.review(instance, varied.solution, levels)
    card = read_card("homecare")
    for term, amount in review.terms.items():
        apart = amount - answered.review.terms[term]
        if apart:
            unit = card.terms[term].unit
            text = written(abs(apart), unit)
            text = text + unit.removeprefix("pounds") if "pounds" in unit else with_unit(text, unit)
            yield f"In the plan found, {term}: {text} {'more' if apart > 0 else 'less'}."
    for rule, measured in review.rules.items():
        before = answered.review.rules[rule].short_by
        if measured.short_by != before:
            unit = card.rules[rule].unit_for(instance.rules[rule].options)
            yield (
                f"{card.rules[rule].title} [{rule}]: short by "
                f"{with_unit(written(measured.short_by, ''), unit)}, in place of "
                f"{written(before, '')}."
            )
    for area, (now, then) in enumerate(
        zip(answered.solution.leads, varied.solution.leads, strict=True)
    ):
        if now != then:
            ids = instance.providers.ids
            led = [" and ".join(ids[k] for k in some) or "nobody" for some in (then, now)]
            yield f"{instance.areas.ids[area]} is led by {led[0]}, in place of {led[1]}."
    if moved := moves(instance, answered.solution, varied):
        yield f"Others who would be elsewhere: {moved}."
