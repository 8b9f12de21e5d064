"""A lead or a provider forced into an answer: what to pin for it, or what forbids it."""

from __future__ import annotations

import numpy as np

from allocate.answered import Answered
from allocate.choices import Forcing
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


def force_lead(answered: Answered, area: int, provider: int) -> Forcing:
    """Let a provider lead an area of an answer; all other leads may be others then.

    Parameters
    ----------
    answered
        The answer.
    area, provider
        Positions.
    """
    instance: Instance = answered.asked.instance
    providers = instance.providers
    name = called(providers.names, providers.ids, provider)
    choice = f"{name} leads {called(instance.areas.names, instance.areas.ids, area)}"
    against = [
        f"it {reason}"
        for reason in (
            *lead_pinned_elsewhere(instance, area, provider),
            *reasons_against_lead(instance, area, provider),
        )
    ]
    stays = instance.areas.leads[area]
    lifted = bool(stays) and len(against) == 1 and "leads_per_area" in against[0]
    if against and not lifted:
        return Forcing(choice, against)
    changes = [Change(table="pins", add=[lead_pin(instance, area, provider, "must")])]
    if lifted:
        who = ", ".join(called(providers.names, providers.ids, k) for k in stays)
        against = [f"{who} is named as its lead in areas.csv, and stays (leads_per_area)"]
        where = {"area_id": instance.areas.ids[area]}
        changes.append(Change(table="areas", where=where, set={"lead_id": ""}))
    words = "Were that lead let go, and this one appointed:" if lifted else ""
    return _forcing(answered, choice, against, tuple(changes), words)


def force_package(answered: Answered, package: int, provider: int) -> Forcing:
    """Give a package of an answer to a provider.

    Parameters
    ----------
    answered
        The answer.
    package, provider
        Positions.
    """
    instance: Instance = answered.asked.instance
    label = instance.packages.ids[package]
    name = called(instance.providers.names, instance.providers.ids, provider)
    choice = f"{name} has package {label}"
    against = pinned_elsewhere(instance, package, provider)
    against += reasons_against(instance, package, provider)
    if against:
        return Forcing(choice, [f"it {reason}" for reason in against])
    row = {
        "table": "package-provider",
        "id": label,
        "other_id": instance.providers.ids[provider],
        "must_or_never": "must",
    }
    return _forcing(answered, choice, [], (Change(table="pins", add=[row]),), "")


def _forcing(
    answered: Answered, choice: str, against: list[str], changes: tuple[Change, ...], lifted: str
) -> Forcing:
    """Leave everything else free."""
    instance, solution = answered.asked.instance, answered.solution
    everyone = np.ones(len(instance.packages.ids), dtype=bool)
    everywhere = np.ones(len(instance.areas.ids), dtype=bool)
    return Forcing(
        choice,
        against,
        changes,
        lifted,
        restricts(instance) and not lifted,
        lambda draft: near(draft, solution, everyone, everywhere, thorough=True),
    )
