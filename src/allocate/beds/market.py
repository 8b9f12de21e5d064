"""What stands beside booked beds: beds bought one by one, alternatives, and what people accept."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from allocate.assume import Assumptions
from allocate.beds.axes import Axes, spread
from allocate.beds.offers import raised
from allocate.errors import Fault
from allocate.study.scenario import Setting
from allocate.tables import Tables
from allocate.units import THOUSAND, Ints, pence

NO_RATE = -1


@dataclass(frozen=True)
class Alternatives:
    """Services that may stand in for a bed, (N,).

    Parameters
    ----------
    names
        Services.
    need
        Care type of the people whom it may help.
    capacity
        Thousandths of a person who can start in a week.
    rate
        Pence for a person and week.
    weight
        Thousandths of a week waited that one person counts for.
    suits
        Thousandths of the people whom it suits.
    """

    names: tuple[str, ...]
    need: Ints
    capacity: Ints
    rate: Ints
    weight: Ints
    suits: Ints


@dataclass(frozen=True)
class Market:
    """Everything beside booked beds that is the same in all winters.

    Parameters
    ----------
    rate, rate_before
        Pence a bed-week of a bed bought one by one, with and without the fee floor; ``NO_RATE``
        where none is sold, (Z, G, T).
    interim, permanent
        Thousandths of the people of a zone who accept a booked bed in a zone, for some weeks and
        for good, (Z, Z, G).
    km
        Between zones, (Z, Z).
    alternatives
        What may stand in for a bed.
    """

    rate: Ints
    rate_before: Ints
    interim: Ints
    permanent: Ints
    km: Ints
    alternatives: Alternatives

    def price(self, zone: int, care: int, week: int) -> int:
        """Pence a week of a bed in a zone; of the dearest zone where none is sold there."""
        here = int(self.rate[zone, care, week])
        return here if here != NO_RATE else int(self.rate[:, care, week].max())


def build_market(
    tables: Tables, axes: Axes, floor: Setting, assume: Assumptions
) -> tuple[Market, list[Fault]]:
    """Build what stands beside booked beds."""
    before, faults = _rates(tables, axes)
    interim = _accepted(tables, axes, "interim", assume)
    permanent = _accepted(tables, axes, "permanent", assume)
    market = Market(
        rate=raised(before, floor),
        rate_before=before,
        interim=interim,
        permanent=permanent,
        km=_distances(tables, axes, assume),
        alternatives=_alternatives(tables, axes, assume),
    )
    return market, faults


def _rates(tables: Tables, axes: Axes) -> tuple[Ints, list[Fault]]:
    """Read prices from the rows that hold in all winters; find rows with a price too many."""
    frame, rates = tables["spot"], np.full(axes.shape, NO_RATE, dtype=np.int64)
    priced = frame["rate_pounds_per_bed_week"].notna()
    general = frame["sample_id"] == ""
    faults = []
    for line in frame.index[general & ~priced]:
        problem = "is missing: a row for every winter has the price"
        cell = 'rate_pounds_per_bed_week = ""'
        faults.append(Fault(f"spot.csv {line}", cell, problem, "Fill it in"))
    for line in frame.index[~general & priced]:
        cell = f'rate_pounds_per_bed_week = "{frame["rate_pounds_per_bed_week"][line]:g}"'
        problem = "prices do not differ from winter to winter"
        remedy = "Empty the cell; the row without a winter has the price"
        faults.append(Fault(f"spot.csv {line}", cell, problem, remedy))
    rows = frame[general & priced]
    week = rows["week"].fillna(0).to_numpy(dtype=np.int64) - 1
    at = axes.zone(rows["zone_id"]), axes.care_type(rows["care_type"]), week
    spread(rates, pence(rows["rate_pounds_per_bed_week"]), *at)
    for g, care in enumerate(axes.care):
        missing = np.flatnonzero((rates[:, g] == NO_RATE).all(axis=0))
        if len(missing):
            problem = f"no price of a bed for {care} in week {missing[0] + 1}"
            remedy = "Add a row with sample_id and week empty"
            faults.append(Fault("spot.csv", "", problem, remedy))
    return rates, faults


def _accepted(tables: Tables, axes: Axes, placement: str, assume: Assumptions) -> Ints:
    """Read acceptance; what is not stated is whole in a person's own zone and nil elsewhere."""
    zones, care, _ = axes.shape
    table = np.zeros((zones, zones, care), dtype=np.int64)
    table[np.arange(zones), np.arange(zones)] = THOUSAND
    frame = tables["choice"]
    rows = frame[frame["placement"] == placement]
    stated = np.zeros((zones, zones, care), dtype=bool)
    at = (
        axes.zone(rows["zone_id"]),
        axes.zone(rows["home_zone_id"]),
        axes.care_type(rows["care_type"]),
    )
    spread(table, np.rint(rows["acceptance"].to_numpy(dtype=float) * THOUSAND).astype(int), *at)
    spread(stated, np.ones(len(rows), dtype=bool), *at)
    home = np.flatnonzero(~axes.out_of_area)
    left = [(i, j) for i in home for j in home if not stated[i, j].all()]
    text = f"{placement}: everybody accepts their own zone, nobody another"
    ids = [f"{axes.zones[i]} to {axes.zones[j]}" for i, j in left]
    assume.note("choice", "acceptance", ids, [int(i == j) for i, j in left], text)
    return table


def _distances(tables: Tables, axes: Axes, assume: Assumptions) -> Ints:
    size = len(axes.zones)
    km = np.full((size, size), -1, dtype=np.int64)
    np.fill_diagonal(km, 0)
    frame = tables["zone_pairs"]
    one, other = axes.zone(frame["zone_a"]), axes.zone(frame["zone_b"])
    km[one, other] = km[other, one] = frame["km"].to_numpy(dtype=np.int64)
    left = [f"{axes.zones[i]} to {axes.zones[j]}" for i, j in np.argwhere(km < 0) if i < j]
    assume.note("zone_pairs", "km", left, 0, "not counted as any distance")
    return np.maximum(km, 0)


def _alternatives(tables: Tables, axes: Axes, assume: Assumptions) -> Alternatives:
    frame = tables["alternatives"]
    weight = assume.filled("alternatives", "weight_weeks", 0, "as good as a bed")
    suits = assume.filled("alternatives", "suits_share", 1, "it suits everybody")

    def steps(values: pd.Series[float] | np.ndarray) -> Ints:
        return np.rint(np.asarray(values, dtype=float) * THOUSAND).astype(np.int64)

    return Alternatives(
        names=tuple(frame["service"]),
        need=axes.care_type(frame["need"]),
        capacity=steps(frame["capacity_per_week"]),
        rate=pence(frame["rate_pounds_per_week"]),
        weight=steps(weight),
        suits=steps(suits),
    )
