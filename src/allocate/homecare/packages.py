"""Care packages as arrays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from allocate.assume import Assumptions
from allocate.errors import Fault
from allocate.homecare.labels import (
    BANDS,
    HANDED_BACK,
    PLACED,
    STATUSES,
    WAITING,
    Bools,
    all_needs,
    area_positions,
    needs_table,
    positions,
)
from allocate.tables import Tables
from allocate.units import THOUSAND, Ints, ceil_div, minutes, thousandths

WAIT_STEPS = 60 * THOUSAND * 28  # a weighted hour in minutes x thousandths of weight x days


def by_provider(provider: Ints, amounts: Ints, size: int) -> Ints:
    """Add up amounts by provider, those of nobody (-1) left out, (size,)."""
    total = np.zeros(size, dtype=np.int64)
    held = provider >= 0
    np.add.at(total, provider[held], amounts[held])
    return total


@dataclass(frozen=True)
class Packages:
    """Care packages, P of them.

    Parameters
    ----------
    ids
        Labels.
    place, area
        Positions, (P,).
    minutes
        Carer-minutes a week: planned time times carers, (P,).
    planned
        Planned minutes a week, (P,).
    visits
        Visits a week, (P,).
    status
        ``PLACED``, ``WAITING`` or ``HANDED_BACK``, (P,).
    provider
        Present or last provider, -1 where there is none, (P,).
    weight
        Priority weight, thousandths, (P,).
    days
        Days waited, (P,).
    choice
        Provider asked for, or -1, (P,).
    locked
        Never moved, (P,).
    household
        Household, or -1, (P,).
    needs
        Special needs, (P, N).
    need_names
        What each of them is called, N.
    transfer
        Share of staff that follows a handed-back package, thousandths, (P,).
    bands
        Carer-minutes by time of day, (P, 4).
    """

    ids: tuple[str, ...]
    place: Ints
    area: Ints
    minutes: Ints
    planned: Ints
    visits: Ints
    status: Ints
    provider: Ints
    weight: Ints
    days: Ints
    choice: Ints
    locked: Bools
    household: Ints
    needs: Bools
    need_names: tuple[str, ...]
    transfer: Ints
    bands: Ints

    @cached_property
    def at(self) -> dict[str, int]:
        """Position of each label."""
        return {label: p for p, label in enumerate(self.ids)}

    @property
    def referral(self) -> Bools:
        """Packages to be placed: waiting or handed back, (P,)."""
        return self.status != PLACED

    @property
    def load(self) -> Ints:
        """Carer-minutes that a package takes of a provider's own capacity, (P,).

        Of a handed-back package the share of staff that follows it brings its own capacity.
        """
        return ceil_div(self.minutes * (THOUSAND - self.transfer), THOUSAND)

    @property
    def present(self) -> Ints:
        """Provider of each package that is placed now, else -1, (P,)."""
        return np.where(self.status == PLACED, self.provider, -1)

    @property
    def wait_steps(self) -> Ints:
        """What each package counts in the term waiting if it waits, in ``WAIT_STEPS``, (P,)."""
        return self.minutes * self.weight * (28 + self.days)

    @property
    def band_load(self) -> Ints:
        """The same by time of day, (P, 4)."""
        return ceil_div(self.bands * (THOUSAND - self.transfer)[:, None], THOUSAND)


def build_packages(
    tables: Tables, parameters: Mapping[str, Any], assume: Assumptions
) -> tuple[Packages, list[Fault]]:
    """Build the packages, and find those that are placed with nobody."""
    frame = tables["packages"]
    provider = positions(frame["provider_id"], tables["providers"]["provider_id"])
    status = frame["status"].where(
        frame["status"] != "", np.where(provider >= 0, "placed", "waiting")
    )
    named = "placed where a provider is named, else waiting"
    assume.blank("packages", "status", status.to_numpy(dtype=object), named)
    homeless = (status == "placed") & (provider < 0)
    faults = [
        Fault(
            f"packages.csv {line}",
            'status = "placed"',
            "no provider is named",
            "Name the provider, or set status to waiting",
        )
        for line in status.index[homeless]
    ]
    status = status.mask(homeless, "waiting")
    carers = assume.filled("packages", "carers", 1, "one carer a visit")
    planned = minutes(frame["hours_per_week"])
    each = float(parameters["assumed_visit_minutes"])
    visits = assume.filled(
        "packages", "visits_per_week", np.ceil(planned / each), f"visits of {each:g} minutes"
    )
    priority = frame["priority"].where(frame["priority"] != "", "3")
    assume.blank("packages", "priority", "3", "3 (routine)")
    weights = {key: thousandths(parameters[f"priority_weight_{key}"]) for key in ("1", "2", "3")}
    referral = (status != "placed").to_numpy()
    days = assume.filled("packages", "days_waiting", 0, "not counted as waited at all", referral)
    area_of = dict(zip(tables["place_areas"]["place_id"], area_positions(tables), strict=True))
    household = frame["household_id"]
    code = positions(status, STATUSES)
    transfer = thousandths(parameters["staff_transfer_share"])
    packages = Packages(
        ids=tuple(frame["package_id"]),
        place=positions(frame["place_id"], tables["place_areas"]["place_id"]),
        area=frame["place_id"].map(area_of).to_numpy(dtype=np.int64),
        minutes=planned * carers.astype(np.int64),
        planned=planned,
        visits=visits.astype(np.int64),
        status=code,
        provider=np.where(code == WAITING, -1, provider),
        weight=np.array([weights[key] for key in priority], dtype=np.int64),
        days=days.astype(np.int64),
        choice=positions(frame["choice_id"], tables["providers"]["provider_id"]),
        locked=frame["locked"].eq(True).to_numpy(dtype=bool),
        household=np.where(household == "", -1, positions(household, household.unique())),
        needs=needs_table(frame["needs"], all_needs(tables)),
        need_names=tuple(all_needs(tables)),
        transfer=np.where(code == HANDED_BACK, transfer, 0),
        bands=_package_bands(tables) * carers.astype(np.int64)[:, None],
    )
    return packages, faults


def _package_bands(tables: Tables) -> Ints:
    frame = tables["package_bands"].set_index("package_id")
    frame = frame.reindex(tables["packages"]["package_id"]).fillna(0)
    return np.column_stack([minutes(frame[f"{band}_hours"]) for band in BANDS])
