"""The answer as tables."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np
import pandas as pd

from allocate.beds.axes import SOURCES
from allocate.beds.filled import PARTS, filled
from allocate.beds.instance import Instance
from allocate.beds.prices import booking_prices
from allocate.beds.solution import UNIT, Flows, Solution
from allocate.beds.weekly import Beside, Weekly
from allocate.units import Ints

DIGITS = 8  # of a person: as fine as people are counted
BOOKED, BOUGHT, HELPED = "block", "spot", "alternative"
WAITING, MOVED = "waiting", "moved"


def answer_tables(instance: Instance, solution: Solution) -> dict[str, pd.DataFrame]:
    """Return the answer as tables, by file name without its ending."""
    tables = {"bookings": bookings(instance, solution), "payments": payments(instance, solution)}
    if solution.flows is None:
        return tables
    return tables | {
        "samples": samples(instance, solution),
        "weeks": weeks(instance, solution),
        "homes_filled": homes_filled(instance, solution),
        "flows": flows(instance, solution.flows),
    }


def bookings(instance: Instance, solution: Solution) -> pd.DataFrame:
    """Return ``bookings.csv``: one row a booking, with its cash by source."""
    axes, offers, homes = instance.axes, instance.offers, instance.homes
    each = booking_prices(offers, instance.payers, solution.offer, solution.first, solution.last)
    cash = each * solution.beds[None, :]
    cash[0] += offers.fixed[solution.offer]
    rows = []
    for n, o in enumerate(solution.offer.tolist()):
        a, b, home = int(solution.first[n]), int(solution.last[n]), int(offers.home[o])
        rows.append(
            {
                "offer_id": offers.ids[o],
                "home_id": homes.ids[home],
                "care_type": axes.care[offers.care[o]],
                "beds": int(solution.beds[n]),
                "first_week": a + 1,
                "last_week": b + 1,
                "starts": axes.starts[a].isoformat(),
                "ends": (axes.starts[b] + timedelta(days=6)).isoformat(),
                "cash_pounds": money(int(cash[:, n].sum())),
                **{f"{s.lower()}_pounds": money(int(cash[p, n])) for p, s in enumerate(SOURCES)},
                "rate_pounds_per_bed_week": money(int(offers.rate[o])),
                "home_name": homes.names[home],
                "zone_id": axes.zones[offers.zone[o]],
            }
        )
    columns = [
        *("offer_id", "home_id", "care_type", "beds", "first_week", "last_week", "starts", "ends"),
        "cash_pounds",
        *(f"{source.lower()}_pounds" for source in SOURCES),
        *("rate_pounds_per_bed_week", "home_name", "zone_id"),
    ]
    return pd.DataFrame(rows, columns=columns)


def payments(instance: Instance, solution: Solution) -> pd.DataFrame:
    """Return ``payments.csv``: what falls due to each home in each week, by source."""
    axes, offers, payers = instance.axes, instance.offers, instance.payers
    rows = []
    for n, o in enumerate(solution.offer.tolist()):
        a, b, beds = int(solution.first[n]), int(solution.last[n]), int(solution.beds[n])
        due = np.zeros(len(SOURCES), dtype=np.int64)
        for t in range(a, b + 1):
            # What is due up to a week is rounded, so that the weeks add up to the booking.
            upto = booking_prices(offers, payers, np.array([o]), np.array([a]), np.array([t]))[:, 0]
            week = (upto - due) * beds
            due = upto
            week[0] += int(offers.fixed[o]) if t == a else 0
            rows.append(
                (
                    offers.ids[o],
                    instance.homes.ids[offers.home[o]],
                    t + 1,
                    axes.starts[t].isoformat(),
                    beds,
                    *(money(int(x)) for x in week),
                )
            )
    columns = ["offer_id", "home_id", "week", "starts", "beds"]
    return pd.DataFrame(rows, columns=[*columns, *(f"{s.lower()}_pounds" for s in SOURCES)])


def samples(instance: Instance, solution: Solution) -> pd.DataFrame:
    """Return ``samples.csv``: one row a possible winter, with each term."""
    found = Beside.of(instance, solution)
    nights = 7 * float(instance.parameters["hospital_bed_day_pounds"])
    rows = []
    for s, label in enumerate(instance.winters.ids):
        waits = float(found.within[s])
        rows.append(
            {
                "sample_id": label,
                "probability": f"{float(found.chance[s]):.9g}",
                "people_coming": int(instance.winters.arrivals[s].sum()),
                "cash": f"{sum(float(x) for x in found.cash[s]) / 100:.2f}",
                **{
                    f"{source.lower()}_pounds": f"{float(found.cash[s][p]) / 100:.2f}"
                    for p, source in enumerate(SOURCES)
                },
                **{
                    term: _written(float(found.terms[term][s]))
                    for term in ("waiting", "substitutes", "moved", "moves_on", "distance", "voids")
                },
                "person_weeks_waiting": _written(waits),
                "hospital_pounds_not_in_cash": f"{waits * nights:.2f}",
            }
        )
    return pd.DataFrame(rows)


def weeks(instance: Instance, solution: Solution) -> pd.DataFrame:
    """Return ``weeks.csv``: by week, zone and care type, means and what one in twenty exceeds."""
    axes, weekly = instance.axes, Weekly.of(instance, solution)
    tables = {
        "booked_beds_usable": weekly.mean(weekly.room),
        "in_booked_beds": weekly.mean(weekly.inside),
        "voids": weekly.mean(weekly.room - weekly.inside),
        "voids_1_in_20": weekly.high(weekly.room - weekly.inside),
        "in_spot_beds": weekly.mean(weekly.bought),
        "in_spot_beds_1_in_20": weekly.high(weekly.bought),
        "start_with_alternative": weekly.mean(weekly.helped),
        "people_coming": weekly.mean(instance.winters.arrivals.astype(float)),
        "waiting": weekly.mean(weekly.waiting),
        "waiting_1_in_20": weekly.high(weekly.waiting),
    }
    rows = [
        {
            "week": t + 1,
            "starts": axes.starts[t].isoformat(),
            "zone_id": axes.zones[z],
            "care_type": axes.care[g],
            **{name: _written(float(table[z, g, t])) for name, table in tables.items()},
        }
        for t in range(len(axes.starts))
        for z in range(len(axes.zones))
        for g in range(len(axes.care))
        if any(table[z, g].any() for table in tables.values())
    ]
    columns = ["week", "starts", "zone_id", "care_type", *tables]
    return pd.DataFrame(rows, columns=columns)


def homes_filled(instance: Instance, solution: Solution) -> pd.DataFrame:
    """Return ``homes_filled.csv``: people in each booking's beds, week by week."""
    people, _ = filled(instance, solution)
    inside = people / float(PARTS)
    chance = np.array([float(c) for c in instance.winters.chance])
    rows = []
    for n, o in enumerate(solution.offer.tolist()):
        for t in range(int(solution.first[n]), int(solution.last[n]) + 1):
            mean = float(chance @ inside[:, n, t])
            beds = int(solution.beds[n])
            rows.append(
                (
                    instance.offers.ids[o],
                    instance.homes.ids[instance.offers.home[o]],
                    t + 1,
                    beds,
                    _written(mean),
                    _written(beds - mean),
                )
            )
    columns = ["offer_id", "home_id", "week", "beds", "people_mean", "empty_mean"]
    return pd.DataFrame(rows, columns=columns)


def flows(instance: Instance, found: Flows) -> pd.DataFrame:
    """Return ``flows.csv``: where people go, winter by winter; nought is left out."""
    axes, others = instance.axes, instance.market.alternatives
    parts = []
    for kind, table in ((BOOKED, found.booked), (BOUGHT, found.bought)):
        s, i, j, g, t = np.nonzero(table)
        parts.append(_rows(instance, kind, s, t, i, g, table[s, i, j, g, t], axes.zones, j))
    s, i, n, t = np.nonzero(found.helped)
    g = others.need[n] if len(others.names) else n
    parts.append(_rows(instance, HELPED, s, t, i, g, found.helped[s, i, n, t], others.names, n))
    for kind, table in ((WAITING, found.waiting), (MOVED, found.moved)):
        s, i, g, t = np.nonzero(table)
        where = axes.zones if kind == MOVED else ("",)
        at = i if kind == MOVED else np.zeros_like(i)
        parts.append(_rows(instance, kind, s, t, i, g, table[s, i, g, t], where, at))
    frame = pd.concat(parts, ignore_index=True)
    return frame.sort_values(["s", "week"], kind="stable").drop(columns="s").reset_index(drop=True)


def _rows(
    instance: Instance,
    kind: str,
    s: Ints,
    t: Ints,
    i: Ints,
    g: Ints,
    amount: Ints,
    places: tuple[str, ...],
    at: Ints,
) -> pd.DataFrame:
    def labels(names: tuple[str, ...], positions: Ints) -> Any:
        return np.array([*names, ""], dtype=object)[positions]

    axes = instance.axes
    return pd.DataFrame(
        {
            "s": s,
            "sample_id": labels(instance.winters.ids, s),
            "week": t + 1,
            "zone_id": labels(axes.zones, i),
            "care_type": labels(axes.care, g),
            "to": kind,
            "place": labels(places, at),
            "people": [f"{x // UNIT}.{x % UNIT:0{DIGITS}d}" for x in amount.tolist()],
        }
    )


def money(pence: int) -> str:
    """Write pence as pounds."""
    return f"{'-' if pence < 0 else ''}{abs(pence) // 100}.{abs(pence) % 100:02d}"


def _written(value: float) -> str:
    return f"{value:.6f}".rstrip("0").rstrip(".") if abs(value) > 5e-7 else "0"
