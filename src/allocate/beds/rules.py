"""The rules of the winter beds model, one function each, named as in the card.

A rule about bookings adds rows to the first stage; rules about winters are in ``rules_winters.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from allocate.beds.axes import SOURCES
from allocate.beds.formulation import Draft
from allocate.beds.homes import UNKNOWN
from allocate.beds.payers import NO_LIMIT
from allocate.beds.prices import booking_prices
from allocate.beds.rules_winters import (
    MANY,
    admission_pace,
    at_most,
    choice_respected,
    everyone_counted,
    last_admission,
    occupancy_within_booked,
    spot_within_vacancy,
)
from allocate.core.program import FREE, Short
from allocate.labels import RATINGS, each
from allocate.units import THOUSAND, Ints, pence, thousandths


def within_offer(draft: Draft) -> None:
    """The bookings of a home that are not extra stay within its admittable beds."""
    homes, offers = draft.instance.homes, draft.instance.offers
    counted = ~offers.extra[draft.offer] & (homes.admittable[draft.home] != UNKNOWN)
    entries: list[tuple[int, int]] = []
    limit: list[int] = []
    about: list[str] = []
    for home in np.unique(draft.home[counted]):
        mine = np.flatnonzero(counted & (draft.home == home))
        for windows in _together(draft, mine):
            entries += [(len(limit), int(k)) for k in windows]
            limit.append(int(homes.admittable[home]))
            about.append(homes.ids[home])
    at_most(draft, "within_offer", entries, np.array(limit, dtype=np.int64), about)


def _together(draft: Draft, windows: Ints) -> list[tuple[int, ...]]:
    """Sets of windows that share a week; one that is part of another is left out."""
    found: list[set[int]] = []
    for week in sorted({int(week) for week in draft.first_week[windows]}):
        here = set(np.intersect1d(draft.covering(week), windows).tolist())
        found = [other for other in found if not other <= here] + [here]
    return [tuple(sorted(one)) for one in found]


def minimum_block(draft: Draft) -> None:
    """Each booking has at least so many beds and weeks."""
    setting = draft.instance.rules["minimum_block"]
    least, weeks = int(float(setting.value or 1)), int(float(setting.options["weeks"]))
    rows = np.arange(len(draft.offer))
    about = [draft.instance.offers.ids[o] for o in draft.offer]
    entries: list[Any] = [(rows, draft.beds, 1), (rows, draft.book, -least)]
    slack = draft.slack("minimum_block", np.full(len(rows), least), 1, about)
    if slack is not None:
        entries.append((rows, slack, 1))
    draft.first.require(
        "minimum_block", "share", entries, low=0, rows=len(rows), labels=each(about)
    )
    _charge_beds(draft, "minimum_block", np.flatnonzero(draft.weeks < weeks))


def _charge_beds(draft: Draft, rule: str, windows: Ints) -> None:
    """Close some windows, or count each bed booked in them where the rule may be broken."""
    about = [draft.instance.offers.ids[o] for o in draft.offer[windows]]
    if draft.instance.strict(rule):
        draft.first.require(
            rule,
            "pack",
            [(np.arange(len(windows)), draft.beds[windows], 1)],
            high=0,
            rows=len(windows),
            labels=each(about),
        )
    else:
        columns = draft.beds[windows]
        draft.shorts.append(Short(rule, columns, np.ones_like(columns), 1, about))


def quality_floor(draft: Draft) -> None:
    """Beds are booked only in homes of the minimum rating."""
    worst = RATINGS.index(str(draft.instance.rules["quality_floor"].value))
    below = draft.instance.homes.rating[draft.home] > worst
    _charge_beds(draft, "quality_floor", np.flatnonzero(below))


def fee_floor(draft: Draft) -> None:
    """Nothing is booked below the floor; where the rule raises, rates are raised already."""
    setting = draft.instance.rules["fee_floor"]
    below = draft.instance.offers.rate[draft.offer] < pence(setting.value or 0)
    _charge_beds(draft, "fee_floor", np.flatnonzero(below))


def choice_breadth(draft: Draft) -> None:
    """Where beds are booked in a zone for a care type, they are in several homes."""
    first, least = draft.first, int(float(draft.instance.rules["choice_breadth"].value or 1))
    cells, cell = np.unique(draft.cell, return_inverse=True)
    size = len(draft.instance.homes.ids)
    both, site = np.unique(cell * size + draft.home, return_inverse=True)
    about = [draft.cell_name(c) for c in cells]
    any_ = first.columns("cell_booked", len(cells), labels=each(about))
    here = first.columns("home_booked_for_care", len(both))
    rows = np.arange(len(draft.offer))
    first.require(
        "cell_booked",
        "link",
        [(rows, draft.book, 1), (rows, any_[cell], -1)],
        high=0,
        rows=len(rows),
    )
    first.require(
        "home_booked_for_care",
        "link",
        [(np.arange(len(both)), here, 1), (site, draft.book, -1)],
        high=0,
        rows=len(both),
    )
    row = both // size
    entries: list[Any] = [(row, here, 1), (np.arange(len(cells)), any_, -least)]
    slack = draft.slack("choice_breadth", np.full(len(cells), least), 1, about)
    if slack is not None:
        entries.append((np.arange(len(cells)), slack, 1))
    first.require("choice_breadth", "share", entries, low=0, rows=len(cells), labels=each(about))


def owner_limit(draft: Draft) -> None:
    """The homes of one owner hold at most a share of all bed-weeks booked."""
    share = thousandths(draft.instance.rules["owner_limit"].value)
    homes = draft.instance.homes
    owners, mine = np.unique(homes.owner[draft.home], return_inverse=True)
    every = np.arange(len(draft.offer))
    row, window = (x.ravel() for x in np.meshgrid(np.arange(len(owners)), every, indexing="ij"))
    held = np.where(mine[window] == row, THOUSAND - share, -share) * draft.weeks[window]
    about = [homes.owners[o] for o in owners]
    entries: list[Any] = [(row, draft.beds[window], held)]
    slack = draft.slack("owner_limit", np.full(len(owners), MANY), THOUSAND, about)
    if slack is not None:
        entries.append((np.arange(len(owners)), slack, -1))
    draft.first.require(
        "owner_limit", "pack", entries, high=0, rows=len(owners), labels=each(about)
    )


def sites_limit(draft: Draft) -> None:
    """Beds are booked in at most so many homes."""
    first, most = draft.first, int(float(draft.instance.rules["sites_limit"].value or 0))
    sites, site = np.unique(draft.home, return_inverse=True)
    booked = first.columns("home_booked", len(sites))
    rows = np.arange(len(draft.offer))
    first.require(
        "home_booked",
        "link",
        [(rows, draft.book, 1), (rows, booked[site], -1)],
        high=0,
        rows=len(rows),
    )
    entries: list[Any] = [(0, booked, 1)]
    slack = draft.slack("sites_limit", np.array([len(sites)]), 1, ["homes booked"])
    if slack is not None:
        entries.append((0, slack, -1))
    first.require("sites_limit", "pack", entries, high=most, rows=1, labels=each(["all"]))


def within_budget(draft: Draft) -> None:
    """What is booked stays within the money of each source; or what each winter costs in all."""
    instance = draft.instance
    payers, setting = instance.payers, instance.rules["within_budget"]
    paid = booking_prices(instance.offers, payers, draft.offer, draft.first_week, draft.last_week)
    fixed = instance.offers.fixed[draft.offer]
    limited = np.flatnonzero(payers.budget != NO_LIMIT)
    about = [SOURCES[p] for p in limited]
    entries: list[Any] = []
    for row, p in enumerate(limited):
        entries.append((row, draft.beds, paid[p]))
        if p == 0:
            entries.append((row, draft.book, fixed))
    money = payers.budget[limited]
    if setting.options["of"] == "winter":
        money = money - instance.started[limited]
    slack = draft.slack("within_budget", np.full(len(limited), FREE >> 8), 100, about)
    if slack is not None:
        entries.append((np.arange(len(limited)), slack, -1))
    entries = entries or [(0, np.zeros(0, dtype=np.int64), 1)]
    draft.first.require(
        "within_budget", "pack", entries, high=money, rows=len(limited), labels=each(about)
    )
    if setting.options["of"] == "winter" and draft.winter is not None:
        _winter_budget(draft, limited)


def _winter_budget(draft: Draft, limited: Ints) -> None:
    """What people cost a source in a winter stays within what bookings leave of its money.

    Stays of those who still wait at the end begin after the winter: so each winter can be met.
    """
    winter, instance = draft.winter, draft.instance
    assert winter is not None
    prices = instance.prices
    for p in limited.tolist():
        entries: list[tuple[Ints, Any]] = []
        for block, table in (
            (winter.booked, prices.booked[p]),
            (winter.bought, prices.spot[p][None].repeat(len(instance.axes.zones), 0)),
            (winter.moved, prices.moved[p]),
        ):
            if len(block.about):
                entries.append((block.columns, -table[tuple(block.about.T)]))
        if len(winter.helped.about):
            _, n, _, t = winter.helped.about.T
            entries.append((winter.helped.columns, -prices.alternative[p][n, t]))
        money = int(instance.payers.budget[p] - instance.started[p])
        winter.row(entries, -money, [(("cash", p, 0, 0), -1)])


def tail_risk(_: Draft) -> None:
    """Bad winters count for more: a weight of the program's objective, and no row."""


def bend_pins(draft: Draft) -> None:
    """Count the pins that are not kept: each has a column that is 1 where it is not."""
    offers, first = draft.instance.offers, draft.first
    kept = np.flatnonzero(offers.must)
    about = [f"{offers.ids[o]} must be booked" for o in kept]
    slack = first.columns("short_pins", len(kept))
    draft.shorts.append(Short("pins", slack, np.ones_like(slack), 1, about))
    row = np.searchsorted(kept, draft.offer)
    mine = np.flatnonzero(offers.must[draft.offer])
    first.require(
        "pins",
        "share",
        [(row[mine], draft.book[mine], 1), (np.arange(len(kept)), slack, 1)],
        low=1,
        rows=len(kept),
    )
    barred = np.flatnonzero(offers.never[draft.offer])
    about = [f"{offers.ids[o]} never" for o in draft.offer[barred]]
    columns = draft.book[barred]
    draft.shorts.append(Short("pins", columns, np.ones_like(columns), 1, about))


RULES: dict[str, Callable[[Draft], None]] = {
    rule.__name__: rule
    for rule in (
        within_offer,
        minimum_block,
        occupancy_within_booked,
        spot_within_vacancy,
        everyone_counted,
        choice_respected,
        choice_breadth,
        quality_floor,
        fee_floor,
        owner_limit,
        sites_limit,
        admission_pace,
        last_admission,
        within_budget,
        tail_risk,
    )
}
