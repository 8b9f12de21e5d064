"""The rules about leads as rows of the program: how many, what they are given, who comes first."""

from __future__ import annotations

from typing import Any

import numpy as np

from allocate.core.program import Short
from allocate.homecare.formulation import Draft
from allocate.homecare.labels import named
from allocate.units import THOUSAND, Ints, ceil_div, thousandths


def leads_per_area(draft: Draft) -> None:
    """Each area has from minimum to maximum leads."""
    size = len(draft.instance.areas.ids)
    options = draft.instance.rules["leads_per_area"].options
    least, most = int(options["minimum"]), int(options["maximum"])
    names = draft.of_areas()
    ids = draft.instance.areas.ids
    below = draft.slack("leads_per_area", np.full(size, least), 1, ids, "_below")
    above = draft.slack("leads_per_area", np.full(size, len(draft.lead)), 1, ids, "_above")
    entries = [(draft.lead_area, draft.lead, 1)]
    if below is not None and above is not None:
        areas = np.arange(size)
        entries += [(areas, below, 1), (areas, above, -1)]
    draft.program.chosen_as["lead"] = "leads_per_area"
    draft.program.require(
        "leads_per_area", "free", entries, low=least, high=most, rows=size, labels=names
    )


def leads_limit(draft: Draft) -> None:
    """The providers of one owner lead at most so many areas."""
    instance = draft.instance
    size = len(instance.areas.ids)
    owner = instance.providers.owner[draft.lead_provider]
    led, at = np.unique(owner * size + draft.lead_area, return_inverse=True)
    labels = instance.providers.owners
    names = named((labels, led // size), (instance.areas.ids, led % size))
    columns = draft.program.columns("led_by_owner", len(led), labels=names)
    rows = np.arange(len(draft.lead))
    draft.program.require(
        "led_by_owner",
        "link",
        [(rows, draft.lead, 1), (rows, columns[at], -1)],
        high=0,
        rows=len(rows),
        labels=draft.of_leads(rows),
    )
    limit = int(float(instance.rules["leads_limit"].value or 0))
    owners, row = np.unique(led // size, return_inverse=True)
    entries: list[Any] = [(row, columns, 1)]
    names = named((labels, owners))
    about = [instance.providers.owners[owner] for owner in owners]
    slack = draft.slack("leads_limit", np.full(len(owners), size), 1, about)
    if slack is not None:
        entries.append((np.arange(len(owners)), slack, -1))
    draft.program.require(
        "leads_limit", "pack", entries, high=limit, rows=len(owners), labels=names
    )


def lead_accepts_share(draft: Draft) -> None:
    """The leads of an area are given at least a share of its referrals."""
    packages, setting = draft.instance.packages, draft.instance.rules["lead_accepts_share"]
    hours = setting.options["by"] == "hours"
    counts = packages.minutes if hours else np.ones_like(packages.minutes)
    size = len(draft.instance.areas.ids)
    referrals = np.bincount(
        packages.area[packages.referral], weights=counts[packages.referral], minlength=size
    ).astype(np.int64)
    target = ceil_div(referrals * thousandths(setting.value), THOUSAND)
    entries: list[Any] = [(draft.lead_area, _given_to_leads(draft, counts), 1)]
    draft.program.priced_as["lead"] = "lead_accepts_share"
    names = draft.of_areas()
    ids = draft.instance.areas.ids
    slack = draft.slack("lead_accepts_share", target, 60 if hours else 1, ids)
    if slack is not None:
        entries.append((np.arange(size), slack, 1))
    draft.program.require(
        "lead_accepts_share", "share", entries, low=target, rows=size, labels=names
    )


def _given_to_leads(draft: Draft, counts: Ints) -> Ints:
    """Column by possible lead: what it is given of its area's referrals while it leads.

    One column and two rows a lead, not a column and two rows a pair: weaker in the relaxation, but
    the same once leads are whole, and the relaxation is then small enough to be solved for each.
    """
    size = len(draft.lead)
    pair, led = draft.led_pairs
    counted = counts[draft.pairs.package[pair]]
    most = np.bincount(led, weights=counted, minlength=size).astype(np.int64)
    rows = np.arange(size)
    names = draft.of_leads(rows)
    given = draft.program.columns("given_to_lead", size, upper=most, labels=names)
    draft.program.require(
        "given_to_lead",
        "pack",
        [(rows, given, 1), (led, draft.assign[pair], -counted)],
        high=0,
        rows=size,
        labels=names,
    )
    draft.program.require(
        "given_as_lead",
        "pack",
        [(rows, given, 1), (rows, draft.lead, -most)],
        high=0,
        rows=size,
        labels=names,
    )
    return given


def lead_first(draft: Draft) -> None:
    """Referral hours that pass a lead by, up to the room it has left.

    For each possible lead, ``passed >= min(given elsewhere, room)`` where it leads: one 0-1 column
    says which of the two is the smaller.
    """
    instance, pairs, program = draft.instance, draft.pairs, draft.program
    packages, providers = instance.packages, instance.providers
    pair, led, _ = draft.accepted
    # What a lead might have had is a fact of the question as asked, whatever is bent.
    might = ~pairs.barred[pair]
    pair, led = pair[might], led[might]
    size = len(draft.lead)
    minutes = packages.minutes[pairs.package[pair]]
    could = np.bincount(led, weights=minutes, minlength=size).astype(np.int64)
    growth = np.where(draft.appointed >= 0, providers.growth, 0)
    room = (providers.capacity + growth)[draft.lead_provider]
    most = np.minimum(could, room)
    upper = most if draft.soft("lead_first") else np.zeros_like(most)
    rows = np.arange(size)
    names = draft.of_leads(rows)
    passed = program.columns("passed_by", size, upper=upper, labels=names)
    if draft.soft("lead_first"):
        about = [
            f"{providers.ids[k]} in {instance.areas.ids[a]}"
            for a, k in zip(draft.lead_area, draft.lead_provider, strict=True)
        ]
        draft.shorts.append(Short("lead_first", passed, np.ones_like(passed), 60, about))
    full = program.columns("lead_has_no_room", size, labels=names)

    # given elsewhere = could take - left waiting - accepted by any lead of the area
    taken_row, taken_col, taken_minutes = _taken_by_leads(draft)
    program.require(
        "lead_first",
        "free",
        [
            (rows, passed, -1),
            (led, draft.wait[pairs.package[pair]], -minutes),
            (taken_row, taken_col, -taken_minutes),
            (rows, draft.lead, could),
            (rows, full, -could),
        ],
        high=0,
        rows=size,
        labels=names,
    )
    load = packages.load[pairs.package]
    holder, mine = np.nonzero(draft.lead_provider[:, None] == pairs.provider[None, :])
    grows = np.flatnonzero(draft.appointed[draft.lead_provider] >= 0)
    grower = draft.lead_provider[grows]
    # room - passed <= room x (1 - leads) + room x (1 - full)
    program.require(
        "lead_first",
        "free",
        [
            (rows, passed, -1),
            (holder, draft.assign[mine], -load[mine]),
            (grows, draft.appointed[grower], growth[grower]),
            (rows, draft.lead, room),
            (rows, full, room),
        ],
        high=2 * room - providers.capacity[draft.lead_provider],
        rows=size,
        labels=names,
    )


def _taken_by_leads(draft: Draft) -> tuple[Ints, Ints, Ints]:
    """For each possible lead, the referrals it might have had and any lead of its area accepts."""
    pair, led, accepted = draft.accepted
    package = draft.pairs.package[pair]
    might = np.flatnonzero(~draft.pairs.barred[pair])
    order = might[np.argsort(package[might], kind="stable")]
    first = np.searchsorted(package[order], package, side="left")
    last = np.searchsorted(package[order], package, side="right")
    # Each entry is joined to every possible lead of the same package: positions first to last.
    count = last - first
    start = np.repeat(first - np.concatenate([[0], np.cumsum(count)[:-1]]), count)
    row = led[order[start + np.arange(int(count.sum()))]]
    minutes = draft.instance.packages.minutes[package]
    return row, np.repeat(accepted, count), np.repeat(minutes, count)
