"""What an hour costs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from allocate.assume import Assumptions
from allocate.errors import Fault
from allocate.homecare.labels import PLACED, Bools, positions
from allocate.homecare.packages import Packages
from allocate.study.scenario import Setting
from allocate.tables import Tables
from allocate.units import Ints, pence


def build_rates(
    tables: Tables,
    providers: tuple[str, ...],
    places: tuple[str, ...],
    parameters: Mapping[str, Any],
    assume: Assumptions,
) -> Ints:
    """Pence a carer-hour, -1 where no row gives one, (K, L): the most specific row wins."""
    rate = np.full((len(providers), len(places)), -1, dtype=np.int64)
    if parameters["rate_pounds_per_hour"] is not None:
        rate[:] = pence(parameters["rate_pounds_per_hour"])
        if not tables.has("rates"):
            pounds = parameters["rate_pounds_per_hour"]
            text = "one rate for everyone, everywhere"
            assume.note("rates", "rate_pounds_per_hour", ["everyone"], pounds, text)
    frame = tables["rates"]
    who, where = positions(frame["provider_id"], providers), positions(frame["place_id"], places)
    price = pence(frame["rate_pounds_per_hour"])
    specific = (who >= 0) * 2 + (where >= 0)
    pair = specific == 3
    for row in np.argsort(specific, kind="stable")[: int((~pair).sum())]:
        here = slice(None) if where[row] < 0 else where[row]
        rate[slice(None) if who[row] < 0 else who[row], here] = price[row]
    rate[who[pair], where[pair]] = price[pair]
    return rate


def build_flow_rate(
    tables: Tables, parameters: Mapping[str, Any], floor: Setting, assume: Assumptions
) -> int:
    """Return what work yet to start costs: the general rate, or the mean of all."""
    frame = tables["rates"]
    rows = frame[(frame["provider_id"] == "") & (frame["place_id"] == "")]
    if rows.empty and parameters["rate_pounds_per_hour"] is not None:
        pounds = float(parameters["rate_pounds_per_hour"])
    else:
        pounds = float((frame if rows.empty else rows)["rate_pounds_per_hour"].mean())
        if rows.empty:
            weeks = pd.concat([tables["starts"], tables["ends"]])
            ids = [f"{row.area_id} week {row.week:g}" for row in weeks.itertuples()]
            text, unit = "the mean of all rows of rates", "pounds a carer-hour"
            assume.note("starts and ends", "rate", ids, round(pounds, 2), text, unit=unit)
    rate = np.array([0 if np.isnan(pounds) else pence(pounds)], dtype=np.int64)
    return int(raised(rate, floor)[0])


def raised(rate: Ints, setting: Setting) -> Ints:
    """Pay at least the floor, where the rule raises."""
    if setting.mode != "raise" or setting.value is None:
        return rate
    return np.where(rate >= 0, np.maximum(rate, pence(setting.value)), rate)


def unpriced(
    rate: Ints,
    reach: Bools,
    packages: Packages,
    providers: tuple[str, ...],
    places: tuple[str, ...],
) -> list[Fault]:
    """Find pairs that could be used and have no rate."""
    if np.all(rate < 0):
        remedy = (
            "Put a row into parameters.csv, with parameter_id rate_pounds_per_hour and the rate as "
            "its value, or fill in rates.csv"
        )
        return [Fault("parameters.csv", "", "no rate is given", remedy)]
    needed = reach.copy()
    placed = packages.status == PLACED
    needed[packages.provider[placed], packages.place[placed]] = True
    missing = np.argwhere(needed & (rate < 0))
    remedy = (
        "Add a row to rates.csv with provider_id and place_id empty, "
        "or set the parameter rate_pounds_per_hour"
    )
    return [
        Fault("rates.csv", "", f"no rate covers {providers[k]} in {places[place]}", remedy)
        for k, place in missing.tolist()
    ]
