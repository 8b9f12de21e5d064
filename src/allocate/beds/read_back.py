"""A plan read back from the tables of its answer."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from allocate.beds.answers import BOOKED, BOUGHT, DIGITS, HELPED, MOVED, WAITING
from allocate.beds.instance import Instance
from allocate.beds.solution import UNIT, Flows, Solution
from allocate.cells import Unreadable, number
from allocate.errors import BadInput, Fault, nearest
from allocate.units import Ints

REMEDY = "A file was changed since: solve again, and ask of that result"


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
