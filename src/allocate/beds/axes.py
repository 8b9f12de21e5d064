"""Zones, care types and weeks: what every array of this model is laid out along."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from allocate.errors import Fault, nearest
from allocate.labels import Bools, positions
from allocate.tables import Tables
from allocate.units import Ints

SOURCES = ("council", "NHS", "grant")


@dataclass(frozen=True)
class Axes:
    """Labels of the axes; in shapes Z, G, T and P stand for their lengths.

    Parameters
    ----------
    zones, zone_names
        Ids of zones, and what they are called, (Z,).
    out_of_area
        Zones outside the borough: nobody is counted there, and nothing is booked, (Z,).
    care
        Care types, (G,).
    starts
        First day of each week, (T,).
    """

    zones: tuple[str, ...]
    zone_names: tuple[str, ...]
    out_of_area: Bools
    care: tuple[str, ...]
    starts: tuple[date, ...]

    @property
    def shape(self) -> tuple[int, int, int]:
        """Lengths of zones, care types and weeks."""
        return len(self.zones), len(self.care), len(self.starts)

    def zone(self, labels: Any) -> Ints:
        """Positions of zones."""
        return positions(labels, self.zones)

    def care_type(self, labels: Any) -> Ints:
        """Positions of care types, -1 where a label is empty."""
        return positions(labels, self.care)

    def week_of(self, day: date) -> int:
        """Position of the first week that begins after a day; the number of weeks if none does."""
        return sum(start <= day for start in self.starts)

    def days(self) -> list[list[date]]:
        """List the days of each week."""
        return [[start + timedelta(days=n) for n in range(7)] for start in self.starts]


def build_axes(tables: Tables) -> tuple[Axes, list[Fault]]:
    """Read zones, care types and weeks; care types are those of which there is a stay."""
    zones, weeks = tables["zones"], tables["weeks"].sort_values("week")
    care = tuple(dict.fromkeys(tables["stays"]["care_type"]))
    axes = Axes(
        zones=tuple(zones["zone_id"]),
        zone_names=tuple(zones["name"].where(zones["name"] != "", zones["zone_id"])),
        out_of_area=zones["out_of_area"].eq(True).to_numpy(dtype=bool),
        care=care,
        starts=tuple(weeks["starts"]),
    )
    return axes, [*_week_faults(weeks), *_care_faults(tables, care), *_range_faults(tables, axes)]


def _week_faults(weeks: pd.DataFrame) -> list[Fault]:
    faults = []
    before: tuple[int, date] | None = None
    for line, row in weeks.iterrows():
        week, starts = int(row["week"]), row["starts"]
        place, cell = f"weeks.csv {line}", f'week = "{week}"'
        expected = 1 if before is None else before[0] + 1
        if week != expected:
            problem = f"week {expected} is missing before it"
            faults.append(Fault(place, cell, problem, "Number the weeks from 1 without a gap"))
        elif before is not None and (starts - before[1]).days != 7:
            problem = f"begins on {starts:%d/%m/%Y}, not 7 days after the week before"
            faults.append(Fault(place, cell, problem, "Correct the date"))
        before = week, starts
    return faults


def _care_faults(tables: Tables, care: tuple[str, ...]) -> list[Fault]:
    """Find care types without a row of stays."""
    faults = []
    for name, table in tables.card.tables.items():
        for column in ("care_type", "need"):
            if column not in table.names:
                continue
            for line, label in tables[name][column].items():
                if label and label not in care:
                    problem = f"no such care type in stays.csv{nearest(label, care)}"
                    remedy = "Correct the word, or add how long such stays are to stays.csv"
                    place = f"{name}.csv {line}"
                    faults.append(Fault(place, f'{column} = "{label}"', problem, remedy))
    return faults


def _range_faults(tables: Tables, axes: Axes) -> list[Fault]:
    """Find weeks beyond the winter, people outside the borough, and zones that nobody is in."""
    faults, last = [], len(axes.starts)
    for name in ("spot", "arrivals", "closures", "block_offers"):
        for column in ("week", "first_week", "last_week"):
            if column not in tables.card.tables[name].names:
                continue
            for line, week in tables[name][column].dropna().items():
                if week > last:
                    problem = f"the winter has {last} weeks"
                    remedy = "Correct the week, or add the weeks to weeks.csv"
                    place = f"{name}.csv {line}"
                    faults.append(Fault(place, f'{column} = "{int(week)}"', problem, remedy))
    outside = {zone for zone, out in zip(axes.zones, axes.out_of_area, strict=True) if out}
    for name in ("arrivals", "forecast", "backlog"):
        for line, zone in tables[name]["zone_id"].items():
            if zone in outside:
                problem = "is out of area, and people are counted in zones of the borough only"
                place, cell = f"{name}.csv {line}", f'zone_id = "{zone}"'
                faults.append(Fault(place, cell, problem, "Correct the zone"))
    homes = set(tables["homes"]["zone_id"])
    for line, row in tables["zones"].iterrows():
        if row["zone_id"] not in homes and row["zone_id"] not in outside:
            problem = "no home of homes.csv stands in it"
            remedy = "Add its homes, or mark it out_of_area"
            cell = f'zone_id = "{row["zone_id"]}"'
            faults.append(Fault(f"zones.csv {line}", cell, problem, remedy))
    return faults


def spread(table: Ints, rows: Any, *at: Any) -> None:
    """Put values into an array where -1 in a position means everywhere.

    Parameters
    ----------
    table
        Array to fill, of as many axes as there are positions.
    rows
        Values, one a row; rows with more positions given win over those with fewer.
    at
        Positions along each axis, one a row.
    """
    where = np.column_stack([np.asarray(axis, dtype=np.int64) for axis in at])
    order = np.argsort((where >= 0).sum(axis=1), kind="stable")
    for row in order.tolist():
        index = tuple(slice(None) if p < 0 else p for p in where[row].tolist())
        table[index] = np.asarray(rows)[row]
