"""Check a case without solving it: the totals that a reader knows, and what was assumed."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from allocate.homecare.instance import Instance
from allocate.homecare.labels import HANDED_BACK, PLACED, WAITING
from allocate.homecare.solution import cash_of
from allocate.homecare.words import table
from allocate.report.text import not_real
from allocate.solving import prepare
from allocate.tables import Tables
from allocate.units import as_hours, as_pounds


def figures(where: str | Path) -> list[str]:
    """Return the totals of a case or scenario as lines.

    Parameters
    ----------
    where
        A scenario file, the name of a shipped scenario, or a case folder.

    Raises
    ------
    BadInput
        With every fault found.
    """
    _, tables, built = prepare(where)
    instance: Instance = built
    packages = instance.packages
    placed = packages.status == PLACED
    present = np.where(placed, packages.provider, -1)
    lines = [
        f"Case {tables.name}: no fault found.",
        *not_real(tables),
        "",
        f"Providers: {len(instance.providers.ids):,}, of {len(instance.providers.owners):,} owners",
        f"People placed: {placed.sum():,}, {_hours(instance, placed)} carer-hours a week",
        f"Yearly cash of these: {as_pounds(cash_of(instance, present, instance.rate).sum())}",
    ]
    back = packages.status == HANDED_BACK
    if back.any():
        lines.append(f"Handed back: {back.sum():,} people, {_hours(instance, back)} carer-hours")
    waiting = packages.status == WAITING
    lines += [f"Waiting: {waiting.sum():,} people, {_hours(instance, waiting)} carer-hours", ""]
    lines += _by_area(instance) + _history(tables)
    for title, listed in (
        ("Take note", instance.warnings),
        ("Assumed, because the tables do not say", [str(item) for item in instance.assumptions]),
        ("Not read", tables.ignored),
    ):
        if listed:
            lines += ["", f"{title}:", *(f"  {item}" for item in listed)]
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
