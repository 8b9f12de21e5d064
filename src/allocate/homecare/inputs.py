"""Inputs that may decide who leads, each at several values, and the leads held as they are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from allocate.asked import Asked
from allocate.homecare.instance import Instance
from allocate.homecare.labels import PLACED, WAITING
from allocate.homecare.lead_variants import leads_as_they_are
from allocate.homecare.packages import by_provider
from allocate.homecare.settled import appointed
from allocate.homecare.solution import Solution
from allocate.inputs import Floors, Point, with_changes, with_parameter
from allocate.study.scenario import Change, Question

HAIRCUTS = (0.7, 1.0)
SHARES = (0.8, 1.0)
ARRIVALS = (0.9, 1.1)
ROOM = (1.05,)
RATES = (1.1,)


def points(asked: Asked, solution: Solution) -> list[Point]:
    """List the inputs of a question, each at values on both sides of what it is now."""
    question, instance = asked.question, asked.instance
    packages = instance.packages
    listed = []
    haircut = float(instance.parameters["growth_haircut"])
    if len(appointed(instance, solution)):
        listed += [
            Point("share of promised growth counted on", f"{haircut:g}", value, other)
            for value in HAIRCUTS
            if value != haircut
            for other in [with_parameter(question, "growth_haircut", value)]
        ]
    setting = question.rules["lead_accepts_share"]
    if setting.binds:
        share = float(setting.value or 0)
        listed += [
            Point("share of referrals that leads accept", f"{share:g}", value, other)
            for value in SHARES
            if value != share
            for rule in [replace(setting, value=value)]
            for other in [replace(question, rules={**question.rules, "lead_accepts_share": rule})]
        ]
    if (packages.status == WAITING).any():
        listed += _scaled(asked, "hours of people who wait", ARRIVALS, _arrivals)
    listed += _scaled(asked, "capacity of every provider", ROOM, _capacity)
    for k in appointed(instance, solution).tolist():
        words = f"rate of {instance.providers.ids[k]}, newly lead"
        listed += _scaled(asked, words, RATES, partial(_rate, provider=k))
    return listed


def _scaled(
    asked: Asked,
    words: str,
    factors: tuple[float, ...],
    change: Callable[[Asked, float], Change | None],
) -> Iterator[Point]:
    for factor in factors:
        if (made := change(asked, factor)) is not None:
            yield Point(words, "1 times", factor, with_changes(asked.question, made))


def _arrivals(asked: Asked, factor: float) -> Change | None:
    frame = asked.tables["packages"]
    if not (frame["status"] == "waiting").any() or (frame["status"] == "").any():
        return None
    where = {"status": "waiting"}
    return Change(table="packages", where=where, scale={"hours_per_week": factor})


def _capacity(_: Asked, factor: float) -> Change:
    where: dict[str, Any] = {"capacity_hours": {"minimum": 0}}
    return Change(table="providers", where=where, scale={"capacity_hours": factor})


def _rate(asked: Asked, factor: float, provider: int) -> Change | None:
    """Return the change that pays one provider more everywhere; None where rates are by place."""
    label, frame = asked.instance.providers.ids[provider], asked.tables["rates"]
    mine = frame[frame["provider_id"] == label]
    general = frame[(frame["provider_id"] == "") & (frame["place_id"] == "")]
    if len(mine):
        where = {"provider_id": label}
        return Change(table="rates", where=where, scale={"rate_pounds_per_hour": factor})
    if (frame["place_id"] != "").any() or general.empty:
        return None
    rate = round(float(general["rate_pounds_per_hour"].iloc[0]) * factor, 2)
    return Change(table="rates", add=[{"provider_id": label, "rate_pounds_per_hour": rate}])


def held(asked: Asked, solution: Solution, question: Question) -> Question:
    """Return a question in which every lead that an answer chose stays."""
    rows = leads_as_they_are(asked.instance, solution)
    return with_changes(question, Change(table="pins", add=rows)) if rows else question


def floors(instance: Instance) -> Floors:
    """Least that capacity can be: the work that a provider has now, for that it delivers."""
    packages, ids = instance.packages, instance.providers.ids
    now = np.where(packages.status == PLACED, packages.provider, -1)
    busy = by_provider(now, packages.minutes, len(ids)).tolist()
    return {
        ("providers", "capacity_hours", label): work / 60
        for label, work in zip(ids, busy, strict=True)
    }
