"""Where each provider works and how long it travels: as stated, or derived from present work."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from allocate.units import Ints

if TYPE_CHECKING:
    from allocate.homecare.assume import Assumptions
    from allocate.homecare.instance import Packages
    from allocate.tables import Tables


def build_reach(
    tables: Tables,
    packages: Packages,
    providers: tuple[str, ...],
    places: tuple[str, ...],
    parameters: Mapping[str, Any],
    assume: Assumptions,
) -> tuple[NDArray[np.bool_], Ints]:
    """Return reach and travel minutes for one visit, both (K, L).

    Without a reach table a provider reaches every place of the areas in which it works now.
    """
    works = np.zeros((len(providers), len(places)), dtype=bool)
    held = packages.provider >= 0
    works[packages.provider[held], packages.place[held]] = True
    travel = _straight_line(tables, packages, providers, places, works, parameters, assume)
    frame = tables["reach"]
    if not tables.has("reach"):
        assume.note("reach", "place_id", len(providers), "all places of the areas it works in now")
        area = np.full(len(places), -1)
        area[packages.place] = packages.area
        area_of = tables["place_areas"]["area_id"].to_numpy()
        same = area_of[:, None] == area_of[None, :]
        return (works.astype(int) @ same.astype(int)) > 0, travel
    reach = np.zeros_like(works)
    who = np.array([providers.index(item) for item in frame["provider_id"]], dtype=np.int64)
    where = np.array([places.index(item) for item in frame["place_id"]], dtype=np.int64)
    reach[who, where] = True
    stated = frame["travel_minutes_per_visit"].notna().to_numpy()
    minutes = frame["travel_minutes_per_visit"].to_numpy()[stated].astype(np.int64)
    travel[who[stated], where[stated]] = minutes
    missing = int((~stated).sum())
    assume.note("reach", "travel_minutes_per_visit", missing, "straight line at the stated speed")
    return reach, travel


def _straight_line(
    tables: Tables,
    packages: Packages,
    providers: tuple[str, ...],
    places: tuple[str, ...],
    works: NDArray[np.bool_],
    parameters: Mapping[str, Any],
    assume: Assumptions,
) -> Ints:
    """Minutes along the straight line from base to centroid, rounded half up, (K, L).

    A provider without a base starts from the middle of its present work, by hours; a pair of which
    either end is unknown takes no time, and that is noted.
    """
    frame = tables["places"].set_index("place_id").reindex(list(places))
    centroid = frame[["easting_m", "northing_m"]].to_numpy(dtype=float)
    base = np.array(tables["providers"][["base_easting_m", "base_northing_m"]], dtype=float)
    unknown = np.isnan(base).any(axis=1)
    hours = np.zeros(works.shape)
    held = packages.provider >= 0
    np.add.at(hours, (packages.provider[held], packages.place[held]), packages.minutes[held])
    hours[:, np.isnan(centroid).any(axis=1)] = 0
    weight = hours.sum(axis=1)
    middle = hours @ np.nan_to_num(centroid) / np.maximum(weight, 1)[:, None]
    found = unknown & (weight > 0)
    base[found] = middle[found]
    assume.note("providers", "base_easting_m", int(found.sum()), "the middle of its present work")
    metres = np.linalg.norm(base[:, None, :] - centroid[None, :, :], axis=2)
    lost = np.isnan(metres)
    if lost.all():
        assume.note("places", "easting_m", len(places), "no travel counted: no position is known")
    elif lost.any():
        count = int(lost.any(axis=1).sum())
        assume.note("providers", "base_easting_m", count, "no travel counted to places unknown")
    speed = float(parameters["travel_speed_kmh"]) * 1000 / 60
    return np.floor(np.nan_to_num(metres) / speed + 0.5).astype(np.int64)
