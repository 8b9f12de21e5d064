"""Each rule of home care as rows of the program: one function a rule, named by its id.

A function is called where its rule binds. A hard rule adds rows; a soft one adds the same rows with
a column that counts what they are short by. Rules about single pairs of a package and a provider
are kept by leaving pairs out (``pairs.py``) or, when soft, by counting them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from allocate.core.program import Short
from allocate.homecare.areas import NO_LIMIT
from allocate.homecare.formulation import Draft
from allocate.homecare.labels import BANDS, PLACED, WAITING, each, named
from allocate.units import THOUSAND, Ints, ceil_div, thousandths


def placed_once(draft: Draft) -> None:
    """Placed packages keep a provider: hard by bounds, soft by counting those left waiting."""
    if draft.soft("placed_once"):
        packages = draft.instance.packages
        placed = np.flatnonzero(packages.status == PLACED)
        about = [packages.ids[p] for p in placed]
        counts = np.ones_like(placed)
        draft.shorts.append(Short("placed_once", draft.wait[placed], counts, 1, about))


def _room(draft: Draft, rule: str, load: Ints, limit: Ints, growth: Ints, band: str = "") -> None:
    """``load <= limit + growth x appointed (+ short)`` for each provider with a limit."""
    provider = draft.pairs.provider
    held = np.bincount(provider, weights=load, minlength=len(limit)).astype(np.int64)
    rows = np.full(len(limit), -1, dtype=np.int64)
    limited = np.flatnonzero((limit >= 0) & (held > 0))
    rows[limited] = np.arange(len(limited))
    counted = rows[provider] >= 0
    grows = limited[draft.appointed[limited] >= 0]
    entries: list[Any] = [
        (rows[provider[counted]], draft.assign[counted], load[counted]),
        (rows[grows], draft.appointed[grows], -growth[grows]),
    ]
    whose = (draft.instance.providers.ids, limited)
    names = named(whose, ([band], np.zeros_like(limited))) if band else named(whose)
    about = [" ".join(label) for label in names()]
    slack = draft.slack(rule, held[limited], 60, about, f"_{band}" if band else "")
    if slack is not None:
        entries.append((np.arange(len(limited)), slack, -1))
    draft.program.require(
        rule, "pack", entries, high=limit[limited], rows=len(limited), labels=names
    )


def within_capacity(draft: Draft) -> None:
    """Weekly carer-minutes given to a provider stay within what it can staff."""
    providers = draft.instance.providers
    load = draft.instance.packages.load[draft.pairs.package]
    _room(draft, "within_capacity", load, providers.capacity, providers.growth)


def within_bands(draft: Draft) -> None:
    """The same in each band of the day, for providers that state their bands."""
    packages, providers = draft.instance.packages, draft.instance.providers
    for band, name in enumerate(BANDS):
        load = packages.band_load[draft.pairs.package, band]
        limit, growth = providers.bands[:, band], providers.band_growth[:, band]
        _room(draft, "within_bands", load, limit, growth, name)


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


def share_limit(draft: Draft) -> None:
    """The providers of one owner hold at most a share of all hours in scope."""
    instance, pairs = draft.instance, draft.pairs
    total = int(instance.packages.minutes.sum())
    limit = total * thousandths(instance.rules["share_limit"].value) // THOUSAND
    size = len(instance.providers.owners)
    entries: list[Any] = [
        (
            instance.providers.owner[pairs.provider],
            draft.assign,
            instance.packages.minutes[pairs.package],
        )
    ]
    owners = instance.providers.owners
    slack = draft.slack("share_limit", np.full(size, total), 60, instance.providers.owners)
    if slack is not None:
        entries.append((np.arange(size), slack, -1))
    draft.program.require(
        "share_limit", "pack", entries, high=limit, rows=size, labels=each(owners)
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


def quality_floor(draft: Draft) -> None:
    """New work goes to providers of the minimum rating."""
    draft.charge_pairs("quality_floor")


def needs_met(draft: Draft) -> None:
    """Special needs are met."""
    draft.charge_pairs("needs_met")


def choice_kept(draft: Draft) -> None:
    """People who asked for a provider get it."""
    draft.charge_pairs("choice_kept")


def locked_stay(draft: Draft) -> None:
    """Locked packages stay."""
    draft.charge_pairs("locked_stay")


def rate_floor(draft: Draft) -> None:
    """No new placement below the floor; where the rule raises, rates are raised already."""
    draft.charge_pairs("rate_floor", draft.instance.packages.minutes[draft.pairs.package], 60)


def household_together(draft: Draft) -> None:
    """The placed packages of one household have one provider."""
    instance, pairs, program = draft.instance, draft.pairs, draft.program
    household = instance.packages.household
    members = np.bincount(household[household >= 0], minlength=1)
    shared = np.flatnonzero(members > 1)
    home = household[pairs.package]
    entry = np.flatnonzero((home >= 0) & np.isin(home, shared))
    size = len(instance.providers.ids)
    served, at = np.unique(home[entry] * size + pairs.provider[entry], return_inverse=True)
    # A household is called by its first member.
    first = np.zeros(len(members), dtype=np.int64)
    homed = np.flatnonzero(household >= 0)[::-1]
    first[household[homed]] = homed
    ids, providers = instance.packages.ids, instance.providers.ids
    names = named((ids, first[served // size]), (providers, served % size))
    columns = program.columns("serves_household", len(served), labels=names)
    rows = np.arange(len(entry))
    program.require(
        "serves_household",
        "link",
        [(rows, draft.assign[entry], 1), (rows, columns[at], -1)],
        high=0,
        rows=len(rows),
        labels=draft.of_pairs(entry),
    )
    homes, row = np.unique(served // size, return_inverse=True)
    entries: list[Any] = [(row, columns, 1)]
    names = named((ids, first[homes]))
    about = [f"household of {ids[p]}" for p in first[homes]]
    slack = draft.slack("household_together", members[homes] - 1, 1, about)
    if slack is not None:
        entries.append((np.arange(len(homes)), slack, -1))
    program.require("household_together", "pack", entries, high=1, rows=len(homes), labels=names)


def moves_limit(draft: Draft) -> None:
    """At most so many people are moved by choice."""
    moves = np.flatnonzero(draft.pairs.breaks["moves_limit"])
    limit = int(float(draft.instance.rules["moves_limit"].value or 0))
    entries: list[Any] = [(0, draft.assign[moves], 1)]
    people = np.array([len(draft.instance.packages.ids)])
    slack = draft.slack("moves_limit", people, 1, ["people moved"])
    if slack is not None:
        entries.append((0, slack, -1))
    draft.program.require("moves_limit", "pack", entries, high=limit, rows=1, labels=each(["all"]))


def viable_round(draft: Draft) -> None:
    """A provider active in an area has at least so many hours there."""
    provider, area, active = draft.active
    least = round(float(draft.instance.rules["viable_round"].value or 0) * 60)
    size = len(draft.instance.areas.ids)
    row = np.searchsorted(provider * size + area, draft.pairs.provider * size + draft.area)
    rows = np.arange(len(active))
    entries: list[Any] = [
        (row, draft.assign, draft.instance.packages.minutes[draft.pairs.package]),
        (rows, active, -least),
    ]
    names = named((draft.instance.providers.ids, provider), (draft.instance.areas.ids, area))
    ids, areas = draft.instance.providers.ids, draft.instance.areas.ids
    about = [f"{ids[k]} in {areas[a]}" for k, a in zip(provider, area, strict=True)]
    slack = draft.slack("viable_round", np.full(len(active), least), 60, about)
    if slack is not None:
        entries.append((rows, slack, 1))
    draft.program.require("viable_round", "share", entries, low=0, rows=len(active), labels=names)


def within_budget(draft: Draft) -> None:
    """Cash of waiting packages placed, over the budget weeks, stays within the area's money.

    Rows are in 365ths of a penny, so that yearly cash over so many weeks stays whole.
    """
    instance, pairs = draft.instance, draft.pairs
    budget, weeks = instance.areas.budget, instance.areas.weeks
    limited = np.flatnonzero(budget != NO_LIMIT)
    rows = np.full(len(budget), -1, dtype=np.int64)
    rows[limited] = np.arange(len(limited))
    waiting = instance.packages.status[pairs.package] == WAITING
    counted = np.flatnonzero(waiting & (rows[draft.area] >= 0))
    spent = pairs.cash[counted] * 7 * weeks[draft.area[counted]]
    entries: list[Any] = [(rows[draft.area[counted]], draft.assign[counted], spent)]
    money = 365 * budget[limited] - instance.budget_flow[limited]
    most = np.bincount(rows[draft.area[counted]], weights=spent, minlength=len(limited))
    over = ceil_div(most.astype(np.int64) + np.maximum(-money, 0), 365)
    names = named((instance.areas.ids, limited))
    about = [instance.areas.ids[a] for a in limited]
    slack = draft.slack("within_budget", over, 100, about)
    if slack is not None:
        entries.append((np.arange(len(limited)), slack, -365))
    draft.program.require(
        "within_budget", "pack", entries, high=money, rows=len(limited), labels=names
    )


def step_in(draft: Draft) -> None:
    """If an owner fails, others that reach its areas can take over a share of its hours there."""
    instance, pairs, program = draft.instance, draft.pairs, draft.program
    packages, providers = instance.packages, instance.providers
    share = thousandths(instance.rules["step_in"].value)
    areas = len(instance.areas.ids)
    reaches = np.zeros((len(providers.ids), areas), dtype=bool)
    who, where = np.nonzero(instance.reach)
    reaches[who, instance.area_of_place[where]] = True

    cell = providers.owner[pairs.provider] * areas + draft.area
    cells, row = np.unique(cell, return_inverse=True)
    owner, area = cells // areas, cells % areas
    helper, place = np.nonzero(reaches)
    help_cell, help_at = np.nonzero(
        (area[:, None] == place[None, :]) & (owner[:, None] != providers.owner[helper][None, :])
    )
    helper = helper[help_at]
    room = _step_in_room(draft)
    most = (providers.capacity + providers.surge + providers.growth)[helper]
    owners, ids = providers.owners, instance.areas.ids
    names = named((owners, owner), (ids, area))
    transfer = program.columns(
        "step_in",
        len(helper),
        upper=most,
        labels=named((owners, owner[help_cell]), (ids, area[help_cell]), (providers.ids, helper)),
    )

    minutes = packages.minutes[pairs.package]
    held = np.bincount(row, weights=minutes, minlength=len(cells)).astype(np.int64)
    entries: list[Any] = [
        (help_cell, transfer, THOUSAND),
        (row, draft.assign, -share * minutes),
    ]
    slack = draft.slack("step_in", held, 60, [providers.owners[g] for g in owner])
    if slack is not None:
        entries.append((np.arange(len(cells)), slack, THOUSAND))
    program.require("step_in", "share", entries, low=0, rows=len(cells), labels=names)

    pool = owner[help_cell] * len(providers.ids) + helper
    pools, at = np.unique(pool, return_inverse=True)
    program.require(
        "step_in",
        "pack",
        [(at, transfer, 1), (np.arange(len(pools)), room[pools % len(providers.ids)], -1)],
        high=0,
        rows=len(pools),
        labels=named(
            (owners, pools // len(providers.ids)), (providers.ids, pools % len(providers.ids))
        ),
    )


def _step_in_room(draft: Draft) -> Ints:
    """Column by provider: at most its room and surge, and nought where it is overfull, (K,)."""
    instance, program = draft.instance, draft.program
    providers, provider = instance.providers, draft.pairs.provider
    load = instance.packages.load[draft.pairs.package]
    size = len(providers.ids)
    growth = np.where(draft.appointed >= 0, providers.growth, 0)
    limit = providers.capacity + providers.surge
    held = np.bincount(provider, weights=load, minlength=size).astype(np.int64)
    rows = np.arange(size)
    names = draft.of_providers(rows)
    room = program.columns("step_in_room", size, upper=limit + growth, labels=names)
    # Only a provider that may be overfull needs the column that says so.
    may = np.maximum(held - limit, 0)
    may = np.zeros_like(may) if instance.strict("within_capacity") else may
    overfull = program.columns("overfull", size, upper=(may > 0).astype(np.int64), labels=names)
    grows = np.flatnonzero(draft.appointed >= 0)
    program.require(
        "step_in_room",
        "pack",
        [
            (rows, room, 1),
            (provider, draft.assign, load),
            (grows, draft.appointed[grows], -growth[grows]),
            (rows, overfull, -(may + limit + growth)),
        ],
        high=limit,
        rows=size,
        labels=names,
    )
    program.require(
        "step_in_room",
        "pack",
        [(rows, room, 1), (rows, overfull, limit + growth)],
        high=limit + growth,
        rows=size,
        labels=names,
    )
    return room


def bend_pins(draft: Draft) -> None:
    """Count the pins that are not kept: each has a column that is 1 where it is not."""
    pins, program = draft.instance.pins, draft.program
    providers = draft.instance.providers.ids
    for ids, must, never, one, other, columns in (
        (
            draft.instance.packages.ids,
            pins.must,
            pins.never,
            draft.pairs.package,
            draft.pairs.provider,
            draft.assign,
        ),
        (
            draft.instance.areas.ids,
            pins.lead_must,
            pins.lead_never,
            draft.lead_area,
            draft.lead_provider,
            draft.lead,
        ),
    ):
        kept = np.flatnonzero(must[one, other])
        about = [f"{ids[one[i]]} must have {providers[other[i]]}" for i in kept]
        name = "" if ids is draft.instance.packages.ids else "_lead"
        slack = program.columns(f"short_pins{name}", len(kept))
        draft.shorts.append(Short("pins", slack, np.ones_like(slack), 1, about))
        rows = np.arange(len(kept))
        entries = [(rows, columns[kept], 1), (rows, slack, 1)]
        program.require("pins", "share", entries, low=1, rows=len(kept))
        barred = np.flatnonzero(never[one, other])
        about = [f"{ids[one[i]]} never {providers[other[i]]}" for i in barred]
        counts = np.ones_like(barred)
        draft.shorts.append(Short("pins", columns[barred], counts, 1, about))


RULES: dict[str, Callable[[Draft], None]] = {
    rule.__name__: rule
    for rule in (
        placed_once,
        within_capacity,
        within_bands,
        leads_per_area,
        leads_limit,
        share_limit,
        lead_accepts_share,
        lead_first,
        quality_floor,
        needs_met,
        choice_kept,
        household_together,
        locked_stay,
        moves_limit,
        viable_round,
        within_budget,
        rate_floor,
        step_in,
    )
}
