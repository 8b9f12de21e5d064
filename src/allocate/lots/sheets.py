"""Lot sheets for market engagement: what is in each lot, and nothing about who does it now.

No provider is named and no rate is given. Counts of few people are not printed, because somebody
might be known by them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from allocate.labels import Bools, positions
from allocate.tables import Tables
from allocate.units import Ints, minutes

BANDS = ("morning", "lunch", "tea", "bed")
YEAR = pd.Timedelta(days=365)


@dataclass(frozen=True)
class Work:
    """Packages as a lot sheet tells of them, (P,).

    Parameters
    ----------
    cell
        Place of each.
    minutes, visits
        Carer-minutes and visits a week; visits 0 where they are not stated.
    visit
        Minutes of one visit, 0 where visits are not stated.
    double
        Whether two carers or more come.
    waits
        Whether it waits for a provider.
    began, ended
        Whether it began, and ended, in the year before the last date that the case knows.
    """

    cell: Ints
    minutes: Ints
    visits: Ints
    visit: Ints
    double: Bools
    waits: Bools
    began: Bools
    ended: Bools


def build_work(tables: Tables, cells: Sequence[str]) -> Work:
    """Read the packages of a case; none where it has no packages."""
    frame = tables["packages"]
    carers = frame["carers"].fillna(1).to_numpy(dtype=np.int64)
    planned = minutes(frame["hours_per_week"])
    visits = frame["visits_per_week"].fillna(0).to_numpy(dtype=np.int64)
    status = frame["status"].where(frame["status"] != "", "placed")
    nobody = (frame["status"] == "") & (frame["provider_id"] == "")
    dates = [pd.to_datetime(frame[column]) for column in ("start_date", "end_date")]
    last = max((d.max() for d in dates if d.notna().any()), default=pd.Timestamp.max)
    began, ended = ((d > last - YEAR).to_numpy(dtype=bool) for d in dates)
    return Work(
        cell=positions(frame["place_id"], cells),
        minutes=planned * carers,
        visits=visits,
        visit=np.where(visits > 0, np.rint(planned / np.maximum(visits, 1)), 0).astype(np.int64),
        double=carers > 1,
        waits=((status == "waiting") | nobody).to_numpy(dtype=bool),
        began=began,
        ended=ended,
    )


def sheets(work: Work, lots: Sequence[str], lot: Ints, value: Ints, fewest: int) -> pd.DataFrame:
    """Return ``lot_sheets.csv``: one row a lot.

    Parameters
    ----------
    work
        The packages.
    lots, lot
        Labels of lots, and the lot of each cell, (C,).
    value
        Pence a year of each cell, (C,).
    fewest
        Counts below this are told as fewer than it.
    """
    mine = np.where(work.cell >= 0, lot[work.cell], -1)
    return pd.DataFrame(
        [
            {
                "lot_id": label,
                **_sheet(work, mine == number, fewest),
                "indicative_value_pounds_per_year": round(
                    int(value[lot == number].sum()) / 100, -3
                ),
            }
            for number, label in enumerate(lots)
        ]
    )


def _sheet(work: Work, here: Bools, fewest: int) -> Mapping[str, str | float]:
    def count(chosen: Bools) -> str:
        found = int((here & chosen).sum())
        return f"fewer than {fewest}" if 0 < found < fewest else str(found)

    everyone = np.ones_like(here)
    enough = int(here.sum()) >= fewest
    known = here & (work.visits > 0)
    share = int((here & work.double).sum()) / max(1, int(here.sum()))
    few = 0 < int((here & work.double).sum()) < fewest
    weights = np.maximum(work.visits, 1)

    def part(chosen: Bools) -> str:
        total = int(weights[known].sum())
        return f"{int(weights[known & chosen].sum()) / total:.2f}" if enough and total else ""

    return {
        "packages": count(everyone),
        "hours_per_week": round(int(work.minutes[here].sum()) / 60, 1) if enough else "",
        "double_handed_share": f"{share:.2f}" if enough and not few else "",
        "visits_up_to_30_minutes_share": part(work.visit <= 30),
        "visits_31_to_45_minutes_share": part((work.visit > 30) & (work.visit <= 45)),
        "visits_over_45_minutes_share": part(work.visit > 45),
        "people_waiting": count(work.waits),
        "started_in_a_year": count(work.began),
        "ended_in_a_year": count(work.ended),
    }
