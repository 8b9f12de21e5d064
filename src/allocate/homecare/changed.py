"""What a return changes, and what is odd about it, in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from allocate.cells import Unreadable, number
from allocate.homecare.answers import Said, same
from allocate.homecare.asking import Forms, band_key
from allocate.homecare.labels import BANDS
from allocate.units import as_hours

FAR_MORE = 1.1  # times of day that add up to more than this much of the capacity are asked about
WORDS = {
    "capacity_hours": "hours a week it can staff",
    "growth_hours": "hours of growth if lead",
    "growth_ramp_weeks": "weeks to grow",
    "can_lead": "may lead",
    "needs": "special needs",
    "reach": "places it works in",
    "base": "where its rounds start",
    **{band_key(band): f"most hours a week, {band}" for band in BANDS},
}


@dataclass(frozen=True)
class Change:
    """One value that a return changed.

    Parameters
    ----------
    provider, what
        Whose, and which.
    was, now
        The value before and after, as text.
    difference
        The same as a difference, or what was added and taken away.
    size
        Hours a week, up or down; nought for what is not counted in hours.
    """

    provider: str
    what: str
    was: str
    now: str
    difference: str
    size: float = 0.0


def changes(said: Said, forms: Forms) -> Iterator[Change]:
    """List what a return changes.

    Parameters
    ----------
    said
        The return.
    forms
        What was asked, and so what the case said before.
    """
    instance, provider = forms.instance, forms.instance.providers.ids[said.k]
    sent = forms.form(said.k).values
    for key, answer in {**said.cells, **said.bands}.items():
        if key in sent and not same(sent[key], answer.text):
            was = sent[key] + _assumed(forms, "providers", key, provider)
            step, difference = _step(sent[key], answer.text)
            size = abs(step) if key.endswith("_hours") else 0.0
            now = answer.text
            yield Change(provider, WORDS[key], was or "not known", now, difference, size)
    if said.needs is not None:
        met = instance.providers.needs[said.k]
        had = [need for number, need in enumerate(forms.needs) if met[number]]
        was = _assumed(forms, "providers", "needs", provider)
        yield from _listed(provider, "needs", had, list(said.needs), was)
    reach = instance.reach[said.k]
    had = [name for name, reached in zip(forms.places, reach, strict=True) if reached]
    has = [forms.places[p] for p in said.reached(reach)]
    was = _assumed(forms, "reach", "place_id", provider)
    yield from _listed(provider, "reach", had, has, was)
    if said.base:
        yield Change(provider, WORDS["base"], "as we had it", said.base, "")


def _assumed(forms: Forms, table: str, column: str, provider: str) -> str:
    return " (assumed)" if (table, column, provider) in forms.assumed else ""


def _step(was: str, now: str) -> tuple[float, str]:
    """Return by how much a number went up, and the same in words; nothing for a word."""
    try:
        step = number(now) - number(was)
    except Unreadable:
        return 0.0, ""
    return step, f"{'+' if step > 0 else '-'}{as_hours(abs(step) * 60)}"


def _listed(
    provider: str, key: str, had: list[str], has: list[str], assumed: str
) -> Iterator[Change]:
    """Say of a list what was added and what was taken away."""
    steps = [f"+{item}" for item in has if item not in had]
    steps += [f"-{item}" for item in had if item not in has]
    if steps:
        was = f"{len(had)}{assumed}"
        yield Change(provider, WORDS[key], was, str(len(has)), ", ".join(steps))


def oddities(said: Said, forms: Forms) -> Iterator[str]:
    """Say what a provider can hardly mean: questions to ask it, and no faults."""
    instance, provider = forms.instance, forms.instance.providers.ids[said.k]
    mine = instance.packages.present == said.k
    leads = [
        name
        for name, lead in zip(instance.areas.names, instance.areas.leads, strict=True)
        if said.k in lead
    ]
    if leads and "can_lead" in said.cells and same(said.cells["can_lead"].text, "No"):
        yield f"{provider} says that it may not lead, and leads {', '.join(leads)} now"
    here = instance.packages.place[mine]
    for position in sorted(set(here.tolist()) - set(said.reached(instance.reach[said.k]))):
        if position in said.works:
            count, place = int((here == position).sum()), said.works[position][1]
            yield (
                f"{provider} says that it does not work in {forms.places[position]}, "
                f"where it has {count:,} of its packages ({place})"
            )
    yield from _hours(said, provider, int(instance.packages.minutes[mine].sum()))


def _hours(said: Said, provider: str, held: int) -> Iterator[str]:
    """Hold the capacity that was said against present work and the times of day."""
    try:
        capacity = number(said.cells["capacity_hours"].text)
        bands = sum(number(answer.text) for answer in said.bands.values())
    except (KeyError, Unreadable):
        return  # not said, or a fault that is told elsewhere
    staffed, place = as_hours(capacity * 60), said.cells["capacity_hours"].place
    if round(capacity * 60) < held:
        yield (
            f"{provider} says that it can staff {staffed} hours a week, "
            f"and holds {as_hours(held)} now ({place})"
        )
    if bands > capacity * FAR_MORE:
        yield (
            f"{provider} has times of day that add up to {as_hours(bands * 60)} hours a week, "
            f"far more than the {staffed} that it can staff ({place})"
        )
