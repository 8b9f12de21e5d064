"""Care homes as arrays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from allocate.assume import Assumptions
from allocate.beds.axes import Axes
from allocate.errors import Fault
from allocate.labels import RATINGS, Bools, positions
from allocate.tables import Tables
from allocate.units import THOUSAND, Ints, thousandths

UNKNOWN = -1


@dataclass(frozen=True)
class Homes:
    """Care homes, (H,).

    Parameters
    ----------
    ids, names
        Labels.
    owner, owners
        Position of the owner, and the owners.
    zone, beds
        Zone it stands in, and registered beds.
    rating
        Position in ``RATINGS``, not yet rated standing where the parameter puts it.
    suspended, at_council_rate
        Takes nobody new; takes people at the council's rate.
    admittable
        Vacant beds that somebody could move into, ``UNKNOWN`` where that is not stated.
    pace
        Most people admitted in a week, ``UNKNOWN`` where there is no limit.
    """

    ids: tuple[str, ...]
    names: tuple[str, ...]
    owner: Ints
    owners: tuple[str, ...]
    zone: Ints
    beds: Ints
    rating: Ints
    suspended: Bools
    at_council_rate: Bools
    admittable: Ints
    pace: Ints


def build_homes(
    tables: Tables, axes: Axes, parameters: Mapping[str, Any], assume: Assumptions
) -> tuple[Homes, list[Fault]]:
    """Build the homes; a vacancy factor is taken here, rounded down to whole beds."""
    frame = tables["homes"]
    ids = tuple(frame["home_id"])
    owner = frame["owner_id"].where(frame["owner_id"] != "", frame["home_id"])
    assume.blank("homes", "owner_id", ids, "the home itself")
    owners = tuple(sorted(owner.unique()))
    unrated = str(parameters["not_yet_rated_as"])
    rating = frame["cqc_rating"].replace({"": unrated, "not yet rated": unrated})
    assume.blank("homes", "cqc_rating", unrated, f"not yet rated, taken as {unrated}")
    stated = frame["admittable"].fillna(UNKNOWN).to_numpy(dtype=np.int64)
    factor = thousandths(parameters["vacancy_factor"])
    homes = Homes(
        ids=ids,
        names=tuple(frame["name"].where(frame["name"] != "", frame["home_id"])),
        owner=positions(owner, owners),
        owners=owners,
        zone=axes.zone(frame["zone_id"]),
        beds=frame["beds"].to_numpy(dtype=np.int64),
        rating=positions(rating, RATINGS),
        suspended=frame["suspended"].eq(True).to_numpy(dtype=bool),
        at_council_rate=~frame["accepts_council_rate"].eq(False).to_numpy(dtype=bool),
        admittable=np.where(stated < 0, UNKNOWN, stated * factor // THOUSAND),
        pace=frame["admissions_per_week"].fillna(UNKNOWN).to_numpy(dtype=np.int64),
    )
    faults = [
        Fault(
            f"homes.csv {line}",
            f'admittable = "{int(row["admittable"])}"',
            f"the home has {int(row['beds'])} beds",
            "Correct the number of vacant beds, or of beds",
        )
        for line, row in frame[frame["admittable"] > frame["beds"]].iterrows()
    ]
    return homes, faults
