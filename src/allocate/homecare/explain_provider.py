"""What a provider holds, what it has left, what an hour more would do, and what decides most."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import numpy as np

from allocate.answered import Answered
from allocate.explanation import Claim, Explanation
from allocate.homecare.differences import (
    at_least,
    at_most,
    claim,
    difference,
    quantity,
    rank,
    same_before,
)
from allocate.homecare.instance import Instance
from allocate.homecare.labels import BANDS, called
from allocate.homecare.lead_variants import chosen_lead, lead_pin, leads_as_they_are, set_hours
from allocate.homecare.near import near, restricts
from allocate.homecare.solution import Solution, spare
from allocate.homecare.tipping import leant_on
from allocate.study.scenario import Change
from allocate.units import as_hours, minutes, with_unit
from allocate.variants import Variant, Variants, Varied

HOUR = 60
FALL = 10  # of a hundred: by how much each figure of its return is let fall


def explain_provider(variants: Variants, provider: int) -> Explanation:
    """Explain one provider; the leads stay as they are throughout.

    Parameters
    ----------
    variants
        Asks the answer again with changes.
    provider
        Its position.
    """
    answered = variants.answered
    instance, solution = answered.asked.instance, answered.solution
    levels = answered.asked.question.levels
    pages = list(_pages(answered, provider))
    asked = [_one_more(instance, solution, provider), *(variant for _, variant in pages)]
    found = variants.ask(asked, "changes of its return")
    worth, claims = _worth(found[0], answered)
    lines = []
    told = zip((words for words, _ in pages), found[1:], strict=True)
    for words, varied in sorted(told, key=lambda pair: rank(pair[1]), reverse=True):
        if varied is None:
            lines.append(f"{words}: not looked at in the time given")
            continue
        text = f"{words}: {difference(varied, levels)}"
        lines.append(text)
        claims.append(claim(varied, levels, text))
    name = called(instance.providers.names, instance.providers.ids, provider)
    return Explanation(
        f"{name}: what it holds, and what rests on it",
        [
            ("What it holds in this plan", _holds(instance, solution, provider)),
            ("What it has left", _left(instance, solution, provider)),
            ("What one more hour a week of its capacity is worth, the leads as they are", worth),
            ("What of its own figures decides most, the leads as they are", lines),
        ],
        claims,
    )


def _one_more(instance: Instance, solution: Solution, provider: int) -> Variant:
    """Give a provider one more hour a week."""
    more = int(instance.providers.stated_capacity[provider]) + HOUR
    change = set_hours(instance, provider, "capacity_hours", more)
    return _variant(instance, solution, provider, [change], restricts=False)


def _pages(answered: Answered, provider: int) -> Iterator[tuple[str, Variant]]:
    """Let each figure of the provider's return fall by a tenth, then each lead role, in turn."""
    instance, solution = answered.asked.instance, answered.solution
    providers, areas = instance.providers, instance.areas
    figures = [
        ("providers", "capacity_hours", "capacity", int(providers.stated_capacity[provider])),
        (
            "providers",
            "growth_hours",
            "growth if appointed",
            int(providers.stated_growth[provider]),
        ),
    ]
    bands = answered.asked.tables["provider_bands"].set_index("provider_id")
    if instance.rules["within_bands"].binds and providers.ids[provider] in bands.index:
        stated = bands.loc[providers.ids[provider]]
        for band in BANDS:
            hours = float(stated[f"{band}_hours"])
            words = f"hours at {band}"
            if hours > 0:
                column = f"{band}_hours"
                figures.append(("provider_bands", column, words, int(minutes(hours))))
    for table, column, words, stated_minutes in figures:
        if stated_minutes:
            fallen = stated_minutes * (100 - FALL) // 100
            now, then = as_hours(stated_minutes), as_hours(fallen)
            change = set_hours(instance, provider, column, fallen, table)
            variant = _variant(instance, solution, provider, [change], restricts(instance))
            yield f"{words} {FALL}% lower, {then} hours instead of {now}", variant
    for area, leads in enumerate(solution.leads):
        if provider in leads and chosen_lead(instance, solution, area) == provider:
            never = lead_pin(instance, area, provider, "never")
            change = Change(table="pins", add=[never])
            variant = _variant(instance, solution, provider, [change], restricts(instance), area)
            yield f"not leading {areas.names[area]}", variant


def _variant(
    instance: Instance,
    solution: Solution,
    provider: int,
    changes: list[Change],
    restricts: bool,
    area: int | None = None,
) -> Variant:
    """Change something of a provider; its referrals, and those that wait, are free to move."""
    given = solution.provider
    free = (given == provider) | (given < 0)
    here = np.zeros(len(instance.areas.ids), dtype=bool)
    if area is not None:
        here[area] = True
        free |= instance.packages.referral & (instance.packages.area == area)
    rows = leads_as_they_are(instance, solution, area, provider)
    pins = [Change(table="pins", add=rows)] if rows else []
    return Variant((*changes, *pins), lambda draft: near(draft, solution, free, here), restricts)


def _worth(varied: Varied | None, answered: Answered) -> tuple[list[str], list[Claim]]:
    """Say what one more hour would do: at which level, by how much at least and at most.

    An answer that is not proven could do better without the hour: only what is below its bound is
    the hour's doing.
    """
    if varied is None:
        return ["Not looked at in the time given."], []
    levels, found = answered.asked.question.levels, varied.compared
    if found.level is None:
        text = "Nothing: no plan is better on any level with it."
    else:
        level, known = levels[found.level], answered.known[found.level]
        before = same_before(levels, found.level)
        most = -(found.low or Fraction())
        least = Fraction()
        if found.high is not None and known.bound is not None:
            least = known.bound - known.value - found.high
        if least <= 0:
            text = f"{level.name}: {at_most(level, most)} less, perhaps none{before}"
        elif least == most:
            text = f"{level.name}: {quantity(level, most)} less{before}"
        else:
            amounts = f"{at_least(level, least)} and {at_most(level, most)}"
            text = f"{level.name}: {amounts} less{before}"
    return [text], [claim(varied, levels, f"One more hour: {text}")]


def _holds(instance: Instance, solution: Solution, provider: int) -> list[str]:
    """Say what a provider has, by area, and what it leads."""
    packages, areas = instance.packages, instance.areas
    held = solution.provider == provider
    count = with_unit(f"{held.sum():,}", "packages")
    lines = [
        f"{count}, {as_hours(packages.minutes[held].sum())} carer-hours a week; "
        f"{(held & packages.referral).sum():,} of them placed by this plan."
    ]
    for area, name in enumerate(areas.names):
        here = held & (packages.area == area)
        leads = ", which it leads" if provider in solution.leads[area] else ""
        if here.any() or leads:
            hours = as_hours(packages.minutes[here].sum())
            count = with_unit(f"{here.sum():,}", "packages")
            lines.append(f"{name}{leads}: {count}, {hours} hours.")
    return lines


def _left(instance: Instance, solution: Solution, provider: int) -> list[str]:
    """Say what a provider can staff, what of its growth is used, and what is left."""
    providers = instance.providers
    left = int(spare(instance, solution)[provider])
    lines = [f"It can staff {as_hours(providers.capacity[provider])} hours a week now."]
    leant = leant_on(instance, solution, provider)
    if leant.column == "growth_hours":
        counted, says = providers.growth[provider], as_hours(leant.stated)
        used = max(0, int(counted) - max(0, left))
        lines.append(
            f"The plan needs {as_hours(used)} of the {as_hours(counted)} hours of growth counted "
            f"(of {says} promised)."
        )
    over = f"It is overfull by {as_hours(-left)} hours." if left < 0 else ""
    return [*lines, over or f"{as_hours(left)} hours are left."]
