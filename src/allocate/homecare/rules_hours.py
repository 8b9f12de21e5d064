"""The rules about hours and money as rows of the program: room, shares, rounds and budgets."""

from __future__ import annotations

from typing import Any

import numpy as np

from allocate.homecare.areas import NO_LIMIT
from allocate.homecare.formulation import Draft
from allocate.homecare.labels import BANDS, WAITING, each, named
from allocate.units import THOUSAND, Ints, ceil_div, thousandths


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
