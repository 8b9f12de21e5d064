"""Pins: what a person has decided, and the faults of pins that contradict the data or a rule."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Self

import numpy as np

from allocate.errors import Fault, nearest
from allocate.homecare.labels import Bools

if TYPE_CHECKING:
    from allocate.homecare.instance import Instance
    from allocate.tables import Tables


@dataclass(frozen=True)
class Pins:
    """Pinned pairs.

    Parameters
    ----------
    must, never
        Package to provider, (P, K).
    lead_must, lead_never
        Area to provider, (A, K).
    """

    must: Bools
    never: Bools
    lead_must: Bools
    lead_never: Bools

    @cached_property
    def pinned(self) -> Bools:
        """Packages that must have some provider, (P,); known once all pins have been read."""
        return np.asarray(self.must.any(axis=1))

    @classmethod
    def none(
        cls, packages: tuple[str, ...], areas: tuple[str, ...], providers: tuple[str, ...]
    ) -> Self:
        """No pin at all."""
        pairs, leads = (len(packages), len(providers)), (len(areas), len(providers))
        return cls(*(np.zeros(shape, dtype=bool) for shape in (pairs, pairs, leads, leads)))


def build_pins(tables: Tables, instance: Instance) -> tuple[Pins, list[Fault]]:
    """Read the pins of packages and leads, and find those that cannot hold."""
    pins = instance.pins
    faults: list[Fault] = []
    known = {
        "package-provider": (instance.packages.ids, pins.must, pins.never),
        "area-lead": (instance.areas.ids, pins.lead_must, pins.lead_never),
    }
    for line, row in tables["pins"].iterrows():
        if row["table"] not in known:
            continue  # pins of the other models
        ids, must, never = known[row["table"]]
        place = f"pins.csv {line}"
        for column, value, labels in (
            ("id", row["id"], ids),
            ("other_id", row["other_id"], instance.providers.ids),
        ):
            if value not in labels:
                problem = f"no such id{nearest(value, labels)}"
                faults.append(Fault(place, f'{column} = "{value}"', problem, "Correct the id"))
        if row["id"] in ids and row["other_id"] in instance.providers.ids:
            one, other = ids.index(row["id"]), instance.providers.ids.index(row["other_id"])
            chosen = must if row["must_or_never"] == "must" else never
            chosen[one, other] = True
            faults += _against(instance, row["table"], one, other, place, row["must_or_never"])
    return pins, faults + _contradictions(tables, pins, instance)


def _against(
    instance: Instance, table: str, one: int, other: int, place: str, word: str
) -> list[Fault]:
    """Find a pin that a hard rule or the data bar."""
    # Here and not above: reasons need an instance, and an instance holds pins.
    from allocate.homecare.reasons import reasons_against, reasons_against_lead

    if table == "package-provider":
        barred = reasons_against(instance, one, other)
        here = instance.packages.provider[one] == other and not instance.packages.referral[one]
        if word == "never":
            locked = instance.packages.locked[one] and instance.rules["locked_stay"].mode == "hard"
            barred = (
                ["holds it, and the package is locked (locked_stay)"] if here and locked else []
            )
    else:
        barred = reasons_against_lead(instance, one, other) if word == "must" else []
        if word == "never" and other in instance.areas.leads[one]:
            barred = ["leads it already and stays (areas.csv)"]
    return [
        Fault(
            place,
            f'must_or_never = "{word}"',
            f"the pin cannot hold: {instance.providers.ids[other]} {reason}",
            "Remove the pin",
        )
        for reason in barred
    ]


def _contradictions(tables: Tables, pins: Pins, instance: Instance) -> list[Fault]:
    """Find pins that cannot hold together, and name their lines."""
    setting = instance.rules["leads_per_area"]
    most = (
        int(setting.options["maximum"]) if setting.mode == "hard" else len(instance.providers.ids)
    )
    known = (
        ("package-provider", instance.packages.ids, pins.must, pins.never, 1),
        ("area-lead", instance.areas.ids, pins.lead_must, pins.lead_never, most),
    )
    frame = tables["pins"]
    faults: list[Fault] = []
    if frame.empty:
        return faults
    for table, ids, must, never, limit in known:
        for one in np.flatnonzero((must & never).any(axis=1) | (must.sum(axis=1) > limit)):
            lines = frame.index[(frame["table"] == table) & (frame["id"] == ids[one])]
            limited = f", leads_per_area allows {limit}" if table == "area-lead" else ""
            problem = f"pins contradict each other: see {' and '.join(lines[:-1])}{limited}"
            place, cell = f"pins.csv {lines[-1]}", f'id = "{ids[one]}"'
            faults.append(Fault(place, cell, problem, "Keep one of them"))
    return faults
