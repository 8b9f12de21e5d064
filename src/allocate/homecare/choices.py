"""What a plan of home care decides: who leads each area, and who has each package."""

from __future__ import annotations

import numpy as np

from allocate.answered import Answered
from allocate.choices import Chosen, Forcing, Kind, Options
from allocate.homecare.explain import position
from allocate.homecare.forced import force_lead, force_package
from allocate.homecare.formulation import Draft
from allocate.homecare.instance import Instance
from allocate.homecare.solution import Solution

CHOICES = {
    "area": Kind("Who leads", "nobody", "leads", "area_id", "{provider_id}"),
    "package": Kind("Who has each package", "waits", many=True),
}


def find(instance: Instance, kind: str, label: str) -> str:
    """Return the id of an area or package by its id or name.

    Raises
    ------
    BadInput
        Where the case has no such id, or several of that name.
    """
    at = position(instance, kind, label)
    return (instance.areas if kind == "area" else instance.packages).ids[at]


def chosen(instance: Instance, solution: Solution, kind: str) -> Chosen:
    """Who leads each area, or has each package, by its id."""
    ids = instance.providers.ids
    if kind == "area":
        leads = zip(instance.areas.ids, solution.leads, strict=True)
        return {area: tuple(ids[k] for k in led) for area, led in leads}
    given = zip(instance.packages.ids, solution.provider.tolist(), strict=True)
    return {package: (ids[k],) if k >= 0 else () for package, k in given}


def options(draft: Draft, solution: Solution) -> Options:
    """Columns that choose leads, providers of packages, and who waits."""
    instance, pairs, given = draft.instance, draft.pairs, solution.provider
    areas = np.array(instance.areas.ids, dtype=object)
    packages = np.array(instance.packages.ids, dtype=object)
    led = [
        k in solution.leads[a] for a, k in zip(draft.lead_area, draft.lead_provider, strict=True)
    ]
    return Options(
        ["area"] * len(draft.lead) + ["package"] * (len(draft.assign) + len(draft.wait)),
        [*areas[draft.lead_area], *packages[pairs.package], *packages],
        np.concatenate([draft.lead, draft.assign, draft.wait]),
        np.concatenate(
            [np.array(led, dtype=bool), given[pairs.package] == pairs.provider, given < 0]
        ),
    )


def force(answered: Answered, kind: str, label: str, option: str) -> Forcing:
    """Let a provider lead an area, or have a package; all else may be otherwise then.

    Parameters
    ----------
    answered
        The answer.
    kind, label, option
        ``area`` or ``package``, its id, and a provider; empty for nobody.
    """
    instance = answered.asked.instance
    if not option:
        return Forcing(f"{label}: {CHOICES[kind].nothing}", ["cannot be pinned to nobody"])
    if option not in instance.providers.ids:
        return Forcing(f"{option} is chosen", [f"{option} is no provider of this case"])
    at, k = position(instance, kind, label), instance.providers.ids.index(option)
    return (force_lead if kind == "area" else force_package)(answered, at, k)
