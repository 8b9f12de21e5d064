"""Past referrals played again: what the room that providers showed could have been used for.

What providers took is what they had room for; what they have left today they are taken to have had
all along. Packages that have ended since are in no table, so the stock of then is left aside, and
with it the room that it took.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from allocate.files.canonical import cell
from allocate.homecare.instance import Instance
from allocate.homecare.settled import spare_now
from allocate.tables import Tables
from allocate.units import Ints, minutes

ACCEPTED = "accepted"
TAKEN = ("placed", "waiting")


@dataclass(frozen=True)
class Past:
    """Past referrals, R of them, by date.

    Parameters
    ----------
    tables, instance
        The case as it is today.
    ids
        Made for the packages that they were about.
    month
        Month of each, counted from the first, (R,).
    first
        First day of the first month.
    minutes
        Carer-minutes a week, (R,).
    place
        Position of each place, (R,).
    taken
        Provider that accepted, -1 where nobody did, (R,).
    """

    tables: Tables
    instance: Instance
    ids: tuple[str, ...]
    days: tuple[date, ...]
    month: Ints
    first: date
    minutes: Ints
    place: Ints
    taken: Ints

    @property
    def months(self) -> int:
        """How many months there are."""
        return int(self.month.max(initial=0)) + 1

    def case(self, month: int, given: Ints) -> Tables:
        """Return the case of a month: its referrals, those that wait still, and the room so far.

        Parameters
        ----------
        month
            Counted from 0.
        given
            Provider of each referral so far, -1 where it waits or is yet to come, (R,).
        """
        typed = {name: frame.copy() for name, frame in self.tables.typed.items()}
        for name in ("handbacks", "pins", "package_bands", "provider_bands", "starts", "ends"):
            typed[name] = typed[name].iloc[:0]
        typed["packages"] = self._packages(month, given)
        providers = self.tables.typed["providers"].copy()
        providers["capacity_hours"] = [f"{m / 60:.9f}" for m in self.room(month).tolist()]
        providers["growth_hours"] = ""
        typed["providers"] = providers
        typed["reach"] = self._reach()
        return self.tables.replace(typed)

    def room(self, month: int) -> Ints:
        """Carer-minutes a week that each provider took by then, and has left today, (K,)."""
        shown = np.maximum(spare_now(self.instance), 0)
        so_far = (self.month <= month) & (self.taken >= 0)
        np.add.at(shown, self.taken[so_far], self.minutes[so_far])
        return shown

    def _packages(self, month: int, given: Ints) -> pd.DataFrame:
        ids, places = self.instance.providers.ids, self.instance.places
        end = end_of(self.first, month)
        here = np.flatnonzero(self.month <= month).tolist()
        rows = [
            {
                "package_id": self.ids[r],
                "place_id": places[self.place[r]],
                "hours_per_week": f"{self.minutes[r] / 60:.9f}",
                "status": TAKEN[int(given[r] < 0)],
                "provider_id": ids[given[r]] if given[r] >= 0 else "",
                "days_waiting": cell((end - self.days[r]).days) if given[r] < 0 else "",
            }
            for r in here
        ]
        names = list(self.tables.card.tables["packages"].names)
        index = [f"(referral {r + 1})" for r in here]
        frame = pd.DataFrame(rows, index=index, dtype="object")
        return frame.reindex(columns=names, fill_value="")

    def _reach(self) -> pd.DataFrame:
        """Where each provider works, and wherever it took somebody."""
        reach = self.instance.reach.copy()
        took = self.taken >= 0
        reach[self.taken[took], self.place[took]] = True
        provider, place = np.nonzero(reach)
        travel = np.maximum(self.instance.travel[provider, place], 0)
        return pd.DataFrame(
            {
                "provider_id": [self.instance.providers.ids[k] for k in provider],
                "place_id": [self.instance.places[p] for p in place],
                "travel_minutes_per_visit": [str(t) for t in travel],
            },
            index=[f"(reach {n})" for n in range(len(provider))],
        )


def past(tables: Tables, instance: Instance) -> Past | None:
    """Read the referrals of a case; None where it has none that say when, where and how much."""
    frame = tables["referrals"]
    known = frame["date"].map(lambda day: isinstance(day, date)) & frame["hours"].gt(0)
    frame = frame[known & frame["place_id"].isin(instance.places)].sort_values(
        "date", kind="stable"
    )
    if frame.empty:
        return None
    days = tuple(frame["date"])
    first = days[0].replace(day=1)
    offered = [_position(k, instance) for k in frame["offered_to"]]
    accepted = frame["answer"].eq(ACCEPTED).to_numpy()
    return Past(
        tables=tables,
        instance=instance,
        ids=tuple(f"R{number:05}" for number in range(1, len(frame) + 1)),
        days=days,
        month=np.array([_months(first, day) for day in days], dtype=np.int64),
        first=first,
        minutes=minutes(frame["hours"]),
        place=np.array([instance.places.index(p) for p in frame["place_id"]], dtype=np.int64),
        taken=np.where(accepted, np.array(offered, dtype=np.int64), -1),
    )


def end_of(first: date, month: int) -> date:
    """Return the first day after a month, counted from 0."""
    return _first_days(first, month + 1)


def _first_days(first: date, month: int) -> date:
    years, months = divmod(first.month - 1 + month, 12)
    return date(first.year + years, months + 1, 1)


def _months(first: date, day: date) -> int:
    return (day.year - first.year) * 12 + day.month - first.month


def _position(provider: str, instance: Instance) -> int:
    ids = instance.providers.ids
    return ids.index(provider) if provider in ids else -1


def by_lead(past: Past, given: Ints) -> Ints:
    """Whether each referral is with a lead of its area, 0 or 1, (R,)."""
    leads = past.instance.areas.leads
    area = past.instance.area_of_place[past.place]
    pairs = zip(area.tolist(), given.tolist(), strict=True)
    return np.array([int(k in leads[a]) for a, k in pairs], dtype=np.int64)


def travel_of(past: Past, given: Ints, visit_minutes: int) -> Iterator[int]:
    """Minutes a week that each placed referral is travelled for, at an assumed length of visit."""
    for r in np.flatnonzero(given >= 0).tolist():
        visits = max(1, -(-int(past.minutes[r]) // visit_minutes))
        yield visits * max(int(past.instance.travel[given[r], past.place[r]]), 0)
