"""Offers of beds, and the windows of weeks for which each can be booked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from allocate.assume import Assumptions
from allocate.beds.axes import Axes
from allocate.beds.homes import UNKNOWN, Homes
from allocate.errors import Fault, nearest
from allocate.labels import Bools, positions
from allocate.study.scenario import Setting
from allocate.tables import Tables
from allocate.units import THOUSAND, Ints, pence

FNC_WITHIN, FNC_ON_TOP = 1, 2  # nought: no nursing bed


@dataclass(frozen=True)
class Offers:
    """Offers, (O,); weeks are counted from nought.

    Parameters
    ----------
    ids
        Labels.
    home, care, zone
        Positions.
    least, most
        Beds of a booking.
    first, last
        Weeks on offer, both included.
    min_weeks
        Fewest weeks of a booking.
    rate, rate_before
        Pence a bed-week that the council's side pays, with and without the fee floor.
    fixed
        Pence for the booking, once.
    fnc
        Whether NHS-funded nursing care is none, within the rate, or on top of it.
    turnaround, usable
        Thousandths of a day between two people; usable share in thousandths.
    extra
        Beyond the zone's vacancies.
    pace
        Thousandths of a person that the home admits by this offer in a week; ``UNKNOWN``: no limit.
    must, never
        Pins.
    """

    ids: tuple[str, ...]
    home: Ints
    care: Ints
    zone: Ints
    least: Ints
    most: Ints
    first: Ints
    last: Ints
    min_weeks: Ints
    rate: Ints
    rate_before: Ints
    fixed: Ints
    fnc: Ints
    turnaround: Ints
    usable: Ints
    extra: Bools
    pace: Ints
    must: Bools
    never: Bools

    def windows(self, step: int) -> tuple[Ints, Ints, Ints]:
        """List what can be booked: offer, first and last week of each window, (K,).

        Parameters
        ----------
        step
            Weeks between two possible first weeks, and between two possible last weeks.
        """
        found = [
            (o, a, b)
            for o in range(len(self.ids))
            for a in range(self.first[o], self.last[o] + 1, step)
            for b in range(self.last[o], a + int(self.min_weeks[o]) - 2, -step)
        ]
        table = np.array(found, dtype=np.int64).reshape(-1, 3)
        return table[:, 0], table[:, 1], table[:, 2]


def build_offers(
    tables: Tables,
    axes: Axes,
    homes: Homes,
    floor: Setting,
    parameters: Mapping[str, Any],
    assume: Assumptions,
) -> tuple[Offers, list[Fault]]:
    """Build the offers and find those that contradict themselves or their home."""
    frame, weeks = tables["block_offers"], len(axes.starts)
    ids = tuple(frame["offer_id"])
    home = positions(frame["home_id"], homes.ids)
    first = assume.filled("block_offers", "first_week", 1, "on offer from the first week")
    last = assume.filled("block_offers", "last_week", weeks, "on offer to the last week")
    span = np.maximum(last - first + 1, 1)
    min_weeks = assume.filled("block_offers", "min_weeks", span, "all weeks on offer or none")
    least = frame["min_beds"].fillna(1).to_numpy(dtype=np.int64)
    rate = pence(frame["rate_pounds_per_bed_week"])
    shared = np.bincount(home, minlength=len(homes.ids))[home]
    pace = homes.pace[home]
    nursing = frame["rate_includes_fnc"]
    fnc = np.where(nursing.eq(True), FNC_WITHIN, np.where(nursing.eq(False), FNC_ON_TOP, 0))
    offers = Offers(
        ids=ids,
        home=home,
        care=axes.care_type(frame["care_type"]),
        zone=homes.zone[home],
        least=least,
        most=frame["max_beds"].to_numpy(dtype=np.int64),
        first=first.astype(np.int64) - 1,
        last=last.astype(np.int64) - 1,
        min_weeks=min_weeks.astype(np.int64),
        rate=raised(rate, floor),
        rate_before=rate,
        fixed=pence(frame["fixed_pounds"].fillna(0)),
        fnc=fnc.astype(np.int64),
        turnaround=np.rint(frame["turnaround_days"].fillna(0) * THOUSAND).to_numpy(dtype=np.int64),
        usable=np.rint(frame["usable_share"].fillna(1) * THOUSAND).to_numpy(dtype=np.int64),
        extra=frame["extra"].eq(True).to_numpy(dtype=bool),
        pace=np.where(pace < 0, UNKNOWN, pace * THOUSAND // np.maximum(shared, 1)),
        must=np.zeros(len(ids), dtype=bool),
        never=np.zeros(len(ids), dtype=bool),
    )
    faults = [*_against_themselves(frame, offers, homes), *_pins(tables, offers)]
    outside = axes.out_of_area[offers.zone]
    for line in frame.index[outside]:
        cell = f'home_id = "{frame["home_id"][line]}"'
        problem = "stands out of area, where beds are bought one by one only"
        faults.append(Fault(f"block_offers.csv {line}", cell, problem, "Remove the offer"))
    return offers, faults


def raised(rate: Ints, setting: Setting) -> Ints:
    """Pay at least the floor, where the rule raises; no rate stays none."""
    if setting.mode != "raise" or setting.value is None:
        return rate
    return np.where(rate >= 0, np.maximum(rate, pence(setting.value)), rate)


def _against_themselves(frame: pd.DataFrame, offers: Offers, homes: Homes) -> list[Fault]:
    faults = []
    for o, line in enumerate(frame.index):
        place, beds = f"block_offers.csv {line}", int(homes.beds[offers.home[o]])
        span = int(offers.last[o] - offers.first[o]) + 1
        if offers.least[o] > offers.most[o]:
            problem = f"is below min_beds, which is {offers.least[o]}"
            cell = f'max_beds = "{offers.most[o]}"'
            faults.append(Fault(place, cell, problem, "Correct one of the two"))
        if offers.most[o] > beds:
            problem = f"more beds are offered than the home has, which is {beds}"
            cell = f'max_beds = "{offers.most[o]}"'
            faults.append(Fault(place, cell, problem, "Correct the offer, or the home's beds"))
        if span < 1:
            problem = f"is before first_week, which is {offers.first[o] + 1}"
            cell = f'last_week = "{offers.last[o] + 1}"'
            faults.append(Fault(place, cell, problem, "Correct one of the two"))
        elif offers.min_weeks[o] > span:
            problem = f"the offer is for {span} weeks only"
            cell = f'min_weeks = "{offers.min_weeks[o]}"'
            faults.append(Fault(place, cell, problem, "Correct min_weeks, or the weeks on offer"))
    return faults


def _pins(tables: Tables, offers: Offers) -> list[Fault]:
    """Put pins into the offers; find those that name none, or contradict each other."""
    faults = []
    for line, row in tables["pins"].iterrows():
        if row["table"] != "offer":
            continue  # pins of the other models
        place, cell = f"pins.csv {line}", f'id = "{row["id"]}"'
        if row["id"] not in offers.ids:
            problem = f"no such offer{nearest(row['id'], offers.ids)}"
            faults.append(Fault(place, cell, problem, "Correct the id"))
            continue
        o = offers.ids.index(row["id"])
        chosen = offers.must if row["must_or_never"] == "must" else offers.never
        chosen[o] = True
        if offers.must[o] and offers.never[o]:
            problem = "one pin says must and another never"
            faults.append(Fault(place, cell, problem, "Keep one of them"))
    return faults
