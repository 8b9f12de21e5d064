"""Totals of a home care case that a reader knows, so that a wrong import is noticed."""

from __future__ import annotations

import numpy as np

from allocate.homecare.instance import Instance
from allocate.homecare.labels import HANDED_BACK, PLACED, WAITING
from allocate.homecare.packages import by_provider
from allocate.homecare.solution import cash_of
from allocate.homecare.words import table
from allocate.tables import Tables
from allocate.units import as_hours, as_pounds


def figures(instance: Instance, tables: Tables) -> list[str]:
    """Return people, hours, cash and capacity by area, and what became of past referrals.

    Parameters
    ----------
    instance
        The question.
    tables
        The case, for what no array holds.
    """
    packages = instance.packages
    placed = packages.status == PLACED
    cash = cash_of(instance, packages.present, instance.rate)
    lines = [
        f"Providers: {len(instance.providers.ids):,}, of {len(instance.providers.owners):,} owners",
        f"People placed: {placed.sum():,}, {_hours(instance, placed)} carer-hours a week",
        f"Yearly cash of these: {as_pounds(cash.sum())}",
    ]
    back = packages.status == HANDED_BACK
    if back.any():
        lines.append(f"Handed back: {back.sum():,} people, {_hours(instance, back)} carer-hours")
    waiting = packages.status == WAITING
    lines += [f"Waiting: {waiting.sum():,} people, {_hours(instance, waiting)} carer-hours"]
    held = by_provider(packages.present, packages.minutes, len(instance.providers.ids))
    room = np.where(instance.providers.suspended, 0, instance.providers.capacity - held)
    room = np.maximum(room, 0)
    most = as_hours(room.max(initial=0))
    lines += [f"Room for more: {as_hours(room.sum())} carer-hours, at most {most} with one", ""]
    lines += _by_area(instance) + _history(tables)
    return lines


def _hours(instance: Instance, chosen: np.ndarray) -> str:
    return as_hours(instance.packages.minutes[chosen].sum())


def _by_area(instance: Instance) -> list[str]:
    packages = instance.packages
    rows = []
    for area, name in enumerate(instance.areas.names):
        here = packages.area == area
        leads = [instance.providers.ids[k] for k in instance.areas.leads[area]]
        cells = [_hours(instance, here & (packages.status == s)) for s in (PLACED, WAITING)]
        rows.append([name, *cells, ";".join(leads) or "to be chosen"])
    return table(["area", "placed hours", "waiting hours", "lead"], rows)


def _history(tables: Tables) -> list[str]:
    """Say how many past referrals each lead accepted."""
    past = tables["referrals"]
    past = past[past["offered_to"] != ""]
    if past.empty:
        return []
    accepted = past["answer"].eq("accepted").groupby(past["offered_to"]).agg(["sum", "size"])
    accepted = accepted[accepted["size"] >= 5].sort_index()
    rows = [
        [str(provider), f"{row['sum']:,}", f"{row['size']:,}", f"{row['sum'] / row['size']:.0%}"]
        for provider, row in accepted.iterrows()
    ]
    head = ["past referrals (5 or more)", "accepted", "offered", "share"]
    return ["", *table(head, rows)] if rows else []
