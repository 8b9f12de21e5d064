"""The possible winters: who comes, which beds are vacant, which homes close."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd

from allocate.assume import Assumptions
from allocate.beds.axes import Axes, spread
from allocate.beds.homes import Homes
from allocate.beds.offers import Offers
from allocate.beds.sampler import Shape, draw_arrivals, draw_outbreaks
from allocate.beds.samples import positions_of, samples, unknown
from allocate.beds.stays import Stays
from allocate.beds.vacancies import vacancies
from allocate.errors import Fault
from allocate.tables import Tables
from allocate.units import THOUSAND, Floats, Ints, thousandths


@dataclass(frozen=True)
class Closure:
    """Booked beds of a home that cannot be used for some weeks of a winter."""

    winter: int
    home: int
    first: int
    last: int
    lost: int  # thousandths
    paid: bool


@dataclass(frozen=True)
class Winters:
    """Possible winters, (S,).

    Parameters
    ----------
    ids
        Labels.
    weight
        Whole weights; the probability of a winter is its weight over their sum.
    arrivals
        People who come, (S, Z, G, T).
    beds
        Vacant beds that the council can buy, people there from the start taken off, (S, Z, G, T).
    closures
        What closes.
    """

    ids: tuple[str, ...]
    weight: Ints
    arrivals: Ints
    beds: Ints
    closures: tuple[Closure, ...]

    @property
    def chance(self) -> tuple[Fraction, ...]:
        """Probability of each winter."""
        total = int(self.weight.sum())
        return tuple(Fraction(int(weight), total) for weight in self.weight)

    def only(self, winters: Ints) -> Winters:
        """Return some of the winters, equally likely among themselves as before."""
        place = {int(s): at for at, s in enumerate(winters)}
        kept = [replace(c, winter=place[c.winter]) for c in self.closures if c.winter in place]
        return Winters(
            tuple(self.ids[s] for s in winters),
            self.weight[winters],
            self.arrivals[winters],
            self.beds[winters],
            tuple(kept),
        )

    def average(self) -> Winters:
        """Return the one winter that is the mean of all, people rounded to whole ones by week.

        What is rounded off is carried to the next week, so that the sum over the winter is right.
        """
        chance = self.weight / self.weight.sum()
        so_far = np.rint(np.cumsum(np.tensordot(chance, self.arrivals, 1), axis=-1))
        people = np.diff(so_far, axis=-1, prepend=0).astype(np.int64)
        beds = np.floor(np.tensordot(chance, self.beds, 1) + 1e-9).astype(np.int64)
        lost: dict[tuple[int, int], float] = {}
        for c in self.closures:
            for week in range(c.first, c.last + 1):
                at = (c.home, week)
                lost[at] = lost.get(at, 0.0) + float(chance[c.winter]) * c.lost
        closed = tuple(Closure(0, h, t, t, round(x), True) for (h, t), x in lost.items())
        return Winters(("mean",), np.array([1]), people[None], beds[None], closed)


def build_winters(
    tables: Tables,
    axes: Axes,
    homes: Homes,
    offers: Offers,
    stays: Stays,
    parameters: Mapping[str, Any],
    assume: Assumptions,
) -> tuple[Winters, Floats | None, list[Fault]]:
    """Build the winters: given row by row, or drawn from the forecast.

    Returns
    -------
    tuple
        The winters, the forecast by week if they were drawn from it, and the faults.
    """
    faults: list[Fault] = []
    mean = None
    if tables.has("forecast"):
        mean, wrong = weekly_mean(tables, axes)
        faults += wrong
    ids, weight, wrong = samples(tables, parameters, assume)
    faults += wrong
    if tables.has("arrivals"):
        arrivals, wrong = _arrivals(tables, axes, ids)
        faults += wrong
    elif mean is None:
        problem = "there is neither a table of arrivals nor a forecast"
        remedy = "Add arrivals.csv, or forecast.csv as in the Better Care Fund template"
        faults.append(Fault("arrivals.csv", "", problem, remedy))
        arrivals = np.zeros((len(ids), *axes.shape), dtype=np.int64)
    else:
        seed = int(parameters["winter_seed"])
        arrivals = draw_arrivals(mean, Shape.of(parameters), len(ids), seed)
        text = f"{len(ids)} winters drawn from the forecast, seed {seed}"
        assume.note("arrivals", "people", [text], "drawn", "see the parameters of the draw")
    beds, wrong = vacancies(tables, axes, homes, stays, parameters, ids, arrivals, assume)
    faults += wrong
    closures, wrong = _closures(tables, homes, ids)
    faults += wrong
    if not tables.has("arrivals"):
        seed = int(parameters["winter_seed"])
        closures += _outbreaks(offers, axes, Shape.of(parameters), len(ids), seed)
    drawn_from = None if tables.has("arrivals") else mean
    return Winters(ids, weight, arrivals, beds, tuple(closures)), drawn_from, faults


def fresh_winters(
    old: Winters, mean: Floats, offers: Offers, axes: Axes, shape: Shape, count: int, seed: int
) -> Winters:
    """Draw other winters from the same forecast; vacancies are those of the old ones in turn."""
    arrivals = draw_arrivals(mean, shape, count, seed)
    beds = old.beds[np.arange(count) % len(old.ids)]
    ids = tuple(f"F{s + 1:04d}" for s in range(count))
    closures = _outbreaks(offers, axes, shape, count, seed)
    return Winters(ids, np.ones(count, dtype=np.int64), arrivals, beds, tuple(closures))


def weekly_mean(tables: Tables, axes: Axes) -> tuple[Floats, list[Fault]]:
    """Spread the forecast's months evenly over their days, and add the days up by week."""
    mean = np.zeros(axes.shape)
    frame, faults = tables["forecast"], []
    weeks = axes.days()
    helped = frame["discharges"] * frame["share_helped"].fillna(1.0)
    zones, care = axes.zone(frame["zone_id"]), axes.care_type(frame["care_type"])
    for row, (month, people) in enumerate(zip(frame["month"], helped, strict=True)):
        length = monthrange(month.year, month.month)[1]
        for t, days in enumerate(weeks):
            inside = sum(d.year == month.year and d.month == month.month for d in days)
            mean[zones[row], care[row], t] += people * inside / length
    known = {(month.year, month.month) for month in frame["month"]}
    for month in sorted({(d.year, d.month) for days in weeks for d in days} - known):
        problem = f"nothing is said of {month[1]:02d}/{month[0]}, which is part of the winter"
        faults.append(Fault("forecast.csv", "", problem, "Add the month, with 0 if nobody comes"))
    return mean, faults


def _arrivals(tables: Tables, axes: Axes, ids: tuple[str, ...]) -> tuple[Ints, list[Fault]]:
    frame = tables["arrivals"]
    people = np.zeros((len(ids), *axes.shape), dtype=np.int64)
    winter = positions_of(frame, ids)
    faults = unknown("arrivals", frame, winter, ids)
    keep = winter >= -1
    week = frame["week"].to_numpy(dtype=np.int64) - 1
    at = (winter, axes.zone(frame["zone_id"]), axes.care_type(frame["care_type"]), week)
    inside = keep & (week < len(axes.starts)) & (at[2] >= 0)
    spread(people, frame["people"].to_numpy(dtype=np.int64)[inside], *(p[inside] for p in at))
    faults += _uneven(frame, ids)
    return people, faults


def _uneven(frame: pd.DataFrame, ids: tuple[str, ...]) -> list[Fault]:
    """Find winters that say something of other weeks than the rest do."""
    weeks = {s: frozenset(frame["week"][frame["sample_id"] == s]) for s in ids}
    longest = max(weeks.values(), key=len)
    if (frame["sample_id"] == "").any():
        return []
    faults = []
    for sample, found in weeks.items():
        if found != longest:
            lines = frame.index[frame["sample_id"] == sample]
            place = f"arrivals.csv {lines[-1]}" if len(lines) else "arrivals.csv"
            missing = sorted(longest - found)
            problem = f"has rows for {len(found)} weeks where other winters have {len(longest)}" + (
                f": week {int(missing[0])} is missing" if missing else ""
            )
            remedy = "Add the weeks, with 0 people if nobody comes"
            faults.append(Fault(place, f'sample_id = "{sample}"', problem, remedy))
    return faults


def _closures(
    tables: Tables, homes: Homes, ids: tuple[str, ...]
) -> tuple[list[Closure], list[Fault]]:
    frame = tables["closures"]
    winter = positions_of(frame, ids)
    faults = unknown("closures", frame, winter, ids)
    found = []
    for row, (line, cells) in enumerate(frame.iterrows()):
        first, last = int(cells["first_week"]) - 1, int(cells["last_week"]) - 1
        if last < first:
            problem = f"is before first_week, which is {first + 1}"
            cell = f'last_week = "{last + 1}"'
            faults.append(Fault(f"closures.csv {line}", cell, problem, "Correct one of the two"))
        share = 1.0 if np.isnan(cells["share_lost"]) else cells["share_lost"]
        hit = range(len(ids)) if winter[row] == -1 else [int(winter[row])]
        home = homes.ids.index(cells["home_id"])
        paid = cells["still_paid"] is not False
        found += [Closure(s, home, first, last, thousandths(share), paid) for s in hit]
    return found, faults


def _outbreaks(offers: Offers, axes: Axes, shape: Shape, count: int, seed: int) -> list[Closure]:
    """Draw outbreaks in the homes that offer beds."""
    homes = np.unique(offers.home)
    drawn = draw_outbreaks(len(homes), len(axes.starts), shape, count, seed)
    return [Closure(s, int(homes[h]), a, b, THOUSAND, True) for s, h, a, b in drawn.tolist()]
