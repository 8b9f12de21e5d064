"""Why a provider may not have a package, or may not lead an area: each reason as "it ..."."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from allocate.homecare.instance import Instance
from allocate.homecare.labels import PLACED, RATINGS
from allocate.homecare.pairs import PAIR_RULES, bars, list_pairs


def reasons_against(instance: Instance, package: int, provider: int) -> list[str]:
    """Say why a package may not go to a provider; empty where nothing speaks against it."""
    packages, providers = instance.packages, instance.providers
    here = packages.status[package] == PLACED and packages.provider[package] == provider
    reasons = []
    if not here:
        if not instance.reach[provider, packages.place[package]]:
            reasons.append("does not work in that place (reach)")
        if providers.suspended[provider]:
            reasons.append("takes no new work (suspended)")
        if instance.closed[provider, packages.area[package]]:
            reasons.append("has handed back that area's packages")
    pair = list_pairs(instance, np.array([package]), np.array([provider]))
    for rule in PAIR_RULES:
        if bars(instance, rule) and pair.breaks[rule][0]:
            reasons.append(f"{WORDS[rule](instance, package, provider)} ({rule})")
    return reasons


def _quality_floor(instance: Instance, _: int, provider: int) -> str:
    rating = RATINGS[instance.providers.rating[provider]]
    return f"is rated {rating}, below {instance.rules['quality_floor'].value}"


def _needs_met(instance: Instance, package: int, provider: int) -> str:
    packages = instance.packages
    lacks = packages.needs[package] & ~instance.providers.needs[provider]
    return f"does not meet {' and '.join(np.array(packages.need_names)[lacks])}"


def _choice_kept(instance: Instance, package: int, _: int) -> str:
    asked_for = instance.providers.ids[instance.packages.choice[package]]
    return f"is not the provider asked for, {asked_for}"


def _locked_stay(*_: object) -> str:
    return "would take a locked package from its provider"


def _moves_limit(*_: object) -> str:
    return "would take somebody from another provider by our choice, and nobody may be moved"


def _rate_floor(instance: Instance, *_: int) -> str:
    return f"is paid less there than £{float(instance.rules['rate_floor'].value or 0):.2f} an hour"


# What each pair rule has against a pair, in its own numbers.
WORDS: dict[str, Callable[[Instance, int, int], str]] = {
    "quality_floor": _quality_floor,
    "needs_met": _needs_met,
    "choice_kept": _choice_kept,
    "locked_stay": _locked_stay,
    "moves_limit": _moves_limit,
    "rate_floor": _rate_floor,
}


def reasons_against_lead(instance: Instance, area: int, provider: int) -> list[str]:
    """Say why a provider may not lead an area; empty where nothing speaks against it."""
    providers, areas = instance.providers, instance.areas
    reasons = []
    if not providers.can_lead[provider]:
        reasons.append("may not lead (can_lead)")
    if providers.suspended[provider]:
        reasons.append("takes no new work (suspended)")
    if not instance.reach[provider, instance.area_of_place == area].any():
        reasons.append("does not work in that area (reach)")
    if instance.closed[provider, area]:
        reasons.append("has handed back that area's packages")
    if areas.ended[area, provider]:
        reasons.append("has given the lead role up")
    setting = instance.rules["leads_per_area"]
    full = len(areas.leads[area]) >= int(setting.options["maximum"])
    if setting.mode == "hard" and full and provider not in areas.leads[area]:
        reasons.append("comes too late: the area's lead stays (leads_per_area)")
    return reasons


def pinned_elsewhere(instance: Instance, package: int, provider: int) -> list[str]:
    """Say which pin keeps a package from a provider."""
    pins, ids = instance.pins, instance.providers.ids
    reasons = []
    if pins.never[package, provider]:
        reasons.append("is barred by a pin")
    must = pins.must[package].copy()
    must[provider] = False
    reasons += [f"is not where a pin puts it, {ids[k]}" for k in np.flatnonzero(must)]
    return reasons


def lead_pinned_elsewhere(instance: Instance, area: int, provider: int) -> list[str]:
    """Say which pin keeps a provider from leading an area."""
    return ["is barred by a pin"] if instance.pins.lead_never[area, provider] else []
