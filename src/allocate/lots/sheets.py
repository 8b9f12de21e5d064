"""Lot sheets for market engagement: what is in each lot, and nothing about who does it now.

No provider is named and no rate is given. Somebody might be known by a count of few people, so none
is printed, nor what it could be worked out from: hours and value of a lot with few people; a count
whose rest is of few; shares of which any is of few. Where one lot alone of a column is hidden, the
next smallest is hidden too, because totals are known elsewhere (A. Hundepool et al., Statistical
Disclosure Control, 2012).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from allocate.labels import Bools, positions
from allocate.tables import Tables
from allocate.units import Ints, minutes

BANDS = ("morning", "lunch", "tea", "bed")
VISITS = {"up_to_30": (0, 30), "31_to_45": (30, 45), "over_45": (45, 1 << 30)}  # minutes
YEAR = pd.Timedelta(days=365)
HIDDEN = "not printed"


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
    bands
        Planned minutes a week in each of ``BANDS``, (P, 4); none where they are not stated.
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
    bands: Ints
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
        bands=_bands(tables, tuple(frame["package_id"])),
        double=carers > 1,
        waits=((status == "waiting") | nobody).to_numpy(dtype=bool),
        began=began,
        ended=ended,
    )


def _bands(tables: Tables, packages: tuple[str, ...]) -> Ints:
    """Planned minutes of each package by time of day, (P, 4)."""
    found, frame = np.zeros((len(packages), len(BANDS)), dtype=np.int64), tables["package_bands"]
    at = positions(frame["package_id"], packages)
    for column, band in enumerate(BANDS):
        np.add.at(found[:, column], at[at >= 0], minutes(frame[f"{band}_hours"].fillna(0))[at >= 0])
    return found


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
    here = mine == np.arange(len(lots))[:, None]
    people = here.sum(axis=1)
    few = (people > 0) & (people < fewest)
    shown = ~(few | _beside(few, people))
    hours = [f"{int(work.minutes[row].sum()) / 60:.0f}" for row in here]
    pounds = [str(int(value[lot == at].sum()) // 100_000 * 1000) for at in range(len(lots))]

    def counted(chosen: Bools) -> list[str]:
        return _counts((here & chosen).sum(axis=1), people, fewest)

    doubles = np.stack([work.double, ~work.double], axis=1)
    lengths = [(work.visit > low) & (work.visit <= high) for low, high in VISITS.values()]
    visits = np.stack(lengths, axis=1) * work.visits[:, None]
    columns: dict[str, Sequence[str]] = {
        "lot_id": lots,
        "packages": _counts(people, people, fewest),
        "hours_per_week": _where(shown, hours),
        "double_handed_share": _shares(here, doubles, fewest)[0],
    }
    for name, share in zip(VISITS, _shares(here, visits, fewest), strict=True):
        columns[f"visits_{name}_minutes_share"] = share
    for name, share in zip(BANDS, _shares(here, work.bands, fewest), strict=True):
        columns[f"{name}_hours_share"] = share
    columns |= {
        "people_waiting": counted(work.waits),
        "started_in_a_year": counted(work.began),
        "ended_in_a_year": counted(work.ended),
        "indicative_value_pounds_per_year": _where(shown, pounds),
    }
    return pd.DataFrame(columns)


def _where(shown: Bools, texts: Sequence[str]) -> list[str]:
    return [text if told else HIDDEN for told, text in zip(shown, texts, strict=True)]


def _beside(hidden: Bools, amount: Ints) -> Bools:
    """Which lot is hidden too, (lots,): the smallest other one, where one alone is hidden."""
    also = np.zeros(len(hidden), dtype=bool)
    others = np.flatnonzero(~hidden & (amount > 0))
    if hidden.sum() == 1 and len(others):
        also[others[amount[others].argmin()]] = True
    return also


def _counts(found: Ints, people: Ints, fewest: int) -> list[str]:
    """Tell how many people of each lot something holds of, (lots,) of as many people."""
    few = (found > 0) & (found < fewest)
    rest = people - found
    hidden = few | ((rest > 0) & (rest < fewest))
    also = _beside(hidden, found)
    return [
        f"fewer than {fewest}" if little else HIDDEN if shut else str(count)
        for count, little, shut in zip(found.tolist(), few, hidden | also, strict=True)
    ]


def _shares(here: Bools, parts: Ints | Bools, fewest: int) -> list[list[str]]:
    """Tell shares of each part, parts by lots, of amounts of each package and part, (P, parts).

    A lot's shares are told together or not at all: any of them is what the others leave.
    """
    people = here.astype(np.int64) @ (parts > 0).astype(np.int64)
    amount = here.astype(np.int64) @ parts.astype(np.int64)
    whole = amount.sum(axis=1)
    hidden: Bools = np.any((people > 0) & (people < fewest), axis=1)

    def told(part: int, lot: int) -> str:
        if not whole[lot]:
            return ""
        return HIDDEN if hidden[lot] else f"{amount[lot, part] / whole[lot]:.2f}"

    return [[told(part, lot) for lot in range(len(here))] for part in range(parts.shape[1])]
