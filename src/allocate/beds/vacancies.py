"""Vacant beds that the council can buy one by one, and who is in such beds from the start."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from allocate.assume import Assumptions
from allocate.beds.axes import Axes, spread
from allocate.beds.homes import UNKNOWN, Homes
from allocate.beds.samples import positions_of, unknown
from allocate.beds.stays import Stays
from allocate.errors import Fault
from allocate.tables import Tables
from allocate.units import THOUSAND, Ints, thousandths


def vacancies(
    tables: Tables,
    axes: Axes,
    homes: Homes,
    stays: Stays,
    parameters: Mapping[str, Any],
    ids: tuple[str, ...],
    arrivals: Ints,
    assume: Assumptions,
) -> tuple[Ints, list[Fault]]:
    """Vacant beds that the council can buy: stated, or the council's share of the homes' own.

    Returns
    -------
    tuple
        Beds by winter, zone, care type and week, people there from the start taken off, (S, Z, G,
        T); and the faults.
    """
    frame = tables["spot"]
    winter = positions_of(frame, ids)
    faults = unknown("spot", frame, winter, ids)
    derived = _derived_beds(axes, homes, parameters, arrivals)
    zone, care = axes.zone(frame["zone_id"]), axes.care_type(frame["care_type"])
    week = frame["week"].fillna(0).to_numpy(dtype=np.int64) - 1
    stated = frame["beds"].notna().to_numpy()
    # An empty cell in a row of one winter says nothing; one in a general row is derived.
    says = (winter >= -1) & (stated | (winter == -1)) & (care >= 0)
    amounts = np.where(stated, frame["beds"].fillna(0), derived[zone, care]).astype(np.int64)
    beds = np.zeros((len(ids), *axes.shape), dtype=np.int64)
    at = (winter, zone, care, week)
    spread(beds, amounts[says], *(p[says] for p in at))
    share = thousandths(parameters["council_share"]) / THOUSAND
    labels = [f"{frame['zone_id'][n]} {frame['care_type'][n]}" for n in frame.index[~stated]]
    text = f"{share:.0%} of the vacancies at the council's rate, shared by care type as people come"
    assume.note("spot", "beds", labels, amounts[~stated], text)
    return np.maximum(beds - _there(tables, axes, stays), 0), faults


def _derived_beds(axes: Axes, homes: Homes, parameters: Mapping[str, Any], arrivals: Ints) -> Ints:
    """Beds by zone and care type from the homes' vacancies, (Z, G)."""
    open_ = homes.at_council_rate & ~homes.suspended & (homes.admittable != UNKNOWN)
    vacant = np.bincount(
        homes.zone[open_], weights=homes.admittable[open_], minlength=len(axes.zones)
    ).astype(np.int64)
    ours = vacant * thousandths(parameters["council_share"]) // THOUSAND
    people = arrivals.sum(axis=(0, 1, 3))
    if people.sum() == 0:
        people = np.ones_like(people)
    return ours[:, None] * people[None, :] // people.sum()


def _there(tables: Tables, axes: Axes, stays: Stays) -> Ints:
    """People in beds from the start who are still there, rounded up to whole beds, (Z, G, T)."""
    there = np.zeros(axes.shape, dtype=np.int64)
    for z, g, people in started(tables, axes):
        for t in range(min(len(axes.starts), stays.weeks)):
            left = people * stays.left(g, t)
            there[z, g, t] = -(-left.numerator // left.denominator)
    return there


def started(tables: Tables, axes: Axes) -> list[tuple[int, int, int]]:
    """List who is in a bed when the winter begins: zone, care type, people."""
    frame = tables["occupied"]
    zone, care = axes.zone(frame["zone_id"]), axes.care_type(frame["care_type"])
    return [(int(z), int(g), int(n)) for z, g, n in zip(zone, care, frame["people"], strict=True)]
