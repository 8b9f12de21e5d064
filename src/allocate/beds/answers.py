"""The answer as tables, and a plan read back from them."""

from __future__ import annotations

from collections.abc import Mapping
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
from allocate.cells import Unreadable, number
from allocate.errors import BadInput, Fault, nearest
from allocate.units import Ints

DIGITS = 8  # of a person: as fine as people are counted
BOOKED, BOUGHT, HELPED = "block", "spot", "alternative"
WAITING, MOVED = "waiting", "moved"
REMEDY = "A file was changed since: solve again, and ask of that result"


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


def read_plan(instance: Instance, tables: Mapping[str, pd.DataFrame], where: str) -> Solution:
    """Read a plan back from its answer tables.

    Parameters
    ----------
    instance
        The question.
    tables
        ``bookings`` and ``flows``, cells as text.
    where
        The result folder, for messages.

    Raises
    ------
    BadInput
        Where a table is missing or says what the case does not have.
    """
    faults: list[Fault] = []
    for name, columns in (
        ("bookings", ("offer_id", "beds", "first_week", "last_week")),
        ("flows", ("sample_id", "week", "zone_id", "care_type", "to", "place", "people")),
    ):
        for column in columns:
            if column not in tables.get(name, ()):
                problem = f"is missing, or has no column {column}"
                faults.append(Fault(f"{name}.csv", "", problem, REMEDY))
    if faults:
        raise BadInput(where, faults)
    booked = tables["bookings"]
    reader = _Reader(faults)
    offer = reader.positions("bookings", booked, "offer_id", instance.offers.ids)
    first, last = (reader.whole("bookings", booked, c) - 1 for c in ("first_week", "last_week"))
    beds = reader.whole("bookings", booked, "beds")
    found = _read_flows(instance, tables["flows"], reader)
    weeks_ = len(instance.axes.starts)
    if not faults and len(beds) and (min(first.min(), last.min()) < 0 or last.max() >= weeks_):
        faults.append(Fault("bookings.csv", "", f"the winter has {weeks_} weeks", REMEDY))
    if faults:
        raise BadInput(where, faults)
    return Solution(offer, first, last, beds, found)


class _Reader:
    """Reads columns of answer tables; what cannot be read becomes a fault."""

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = faults

    def positions(
        self, table: str, frame: pd.DataFrame, column: str, known: tuple[str, ...]
    ) -> Ints:
        """Positions of labels; one that is unknown is a fault, and stands first."""
        at = {label: n for n, label in enumerate(known)}
        for stranger in sorted(set(frame[column]) - set(known)):
            problem = f"is not of this case{nearest(stranger, known)}"
            self.faults.append(Fault(f"{table}.csv", f'{column} = "{stranger}"', problem, REMEDY))
        return np.array([at.get(label, 0) for label in frame[column]], dtype=np.int64)

    def whole(self, table: str, frame: pd.DataFrame, column: str, per: int = 1) -> Ints:
        """Numbers as whole parts of which ``per`` make one."""
        values = np.zeros(len(frame), dtype=np.int64)
        for row, text in enumerate(frame[column]):
            try:
                head, _, tail = str(text).partition(".")
                number(str(text))
                values[row] = (
                    int(head or 0) * per + int((tail + "0" * DIGITS)[:DIGITS]) * per // UNIT
                )
            except (Unreadable, ValueError):
                cell = f'{column} = "{text}"'
                self.faults.append(Fault(f"{table}.csv", cell, "is not a number", REMEDY))
        return values


def _read_flows(instance: Instance, frame: pd.DataFrame, reader: _Reader) -> Flows:
    axes, others = instance.axes, instance.market.alternatives
    zones, care, weeks_ = axes.shape
    size = len(instance.winters.ids)
    found = Flows(
        np.zeros((size, zones, zones, care, weeks_), dtype=np.int64),
        np.zeros((size, zones, zones, care, weeks_), dtype=np.int64),
        np.zeros((size, zones, len(others.names), weeks_), dtype=np.int64),
        np.zeros((size, zones, care, weeks_), dtype=np.int64),
        np.zeros((size, zones, care, weeks_), dtype=np.int64),
    )
    s = reader.positions("flows", frame, "sample_id", instance.winters.ids)
    i = reader.positions("flows", frame, "zone_id", axes.zones)
    g = reader.positions("flows", frame, "care_type", axes.care)
    kinds = (BOOKED, BOUGHT, HELPED, WAITING, MOVED)
    kind = reader.positions("flows", frame, "to", kinds)
    t = reader.whole("flows", frame, "week") - 1
    people = reader.whole("flows", frame, "people", UNIT)
    if len(t) and (t.min() < 0 or t.max() >= weeks_):
        reader.faults.append(Fault("flows.csv", "", f"the winter has {weeks_} weeks", REMEDY))
        return found
    for number_, name in enumerate(kinds):
        mine = kind == number_
        rows = frame[mine]
        at = s[mine], i[mine]
        if name in (BOOKED, BOUGHT):
            j = reader.positions("flows", rows, "place", axes.zones)
            table = found.booked if name == BOOKED else found.bought
            np.add.at(table, (*at, j, g[mine], t[mine]), people[mine])
        elif name == HELPED:
            n = _services(instance, rows, g[mine], reader)
            np.add.at(found.helped, (*at, n, t[mine]), people[mine])
        else:
            table = found.waiting if name == WAITING else found.moved
            np.add.at(table, (*at, g[mine], t[mine]), people[mine])
    return found


def _services(instance: Instance, rows: pd.DataFrame, care: Ints, reader: _Reader) -> Ints:
    """Position of each row's alternative: its service, for those who need that care."""
    others = instance.market.alternatives
    pairs = zip(others.names, others.need.tolist(), strict=True)
    known = {pair: n for n, pair in enumerate(pairs)}
    found = [known.get((name, g), -1) for name, g in zip(rows["place"], care.tolist(), strict=True)]
    for name in sorted({n for n, at in zip(rows["place"], found, strict=True) if at < 0}):
        cell = f'place = "{name}"'
        reader.faults.append(Fault("flows.csv", cell, "is no alternative of this case", REMEDY))
    return np.array([max(at, 0) for at in found], dtype=np.int64)


def money(pence: int) -> str:
    """Write pence as pounds."""
    return f"{'-' if pence < 0 else ''}{abs(pence) // 100}.{abs(pence) % 100:02d}"


def _written(value: float) -> str:
    return f"{value:.6f}".rstrip("0").rstrip(".") if abs(value) > 5e-7 else "0"
