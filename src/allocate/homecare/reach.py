"""Where each provider works and how long it travels: as stated, or derived from present work."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from allocate.assume import STATED, Assumptions
from allocate.homecare.labels import Bools, positions
from allocate.homecare.packages import Packages
from allocate.tables import Tables
from allocate.units import Ints


def build_reach(
    tables: Tables,
    packages: Packages,
    providers: tuple[str, ...],
    places: tuple[str, ...],
    parameters: Mapping[str, Any],
    assume: Assumptions,
) -> tuple[Bools, Ints]:
    """Return reach and travel minutes for one visit, both (K, L).

    Without a reach table a provider reaches every place of the areas in which it works now.
    Travel that is not stated is taken along the straight line at the stated speed.
    """
    work = np.zeros((len(providers), len(places)))
    held = packages.provider >= 0
    np.add.at(work, (packages.provider[held], packages.place[held]), packages.minutes[held])
    if tables.has("reach"):
        reach, travel = _stated(tables, providers, places)
        rows = tables["reach"]
        said = Counter(rows["provider_id"][rows["basis"] == "assumed"])
        count = list(said.values())
        assume.note("reach", "place_id", list(said), count, STATED, cells=count, unit="places")
    else:
        area = tables["place_areas"]["area_id"].to_numpy()
        same = area[:, None] == area[None, :]
        reach, travel = (work @ same) > 0, np.full(work.shape, np.nan)
        text = "all places of the areas it works in now"
        assume.note("reach", "place_id", providers, reach.sum(axis=1), text, unit="places")
    derived = (reach | (work > 0)) & np.isnan(travel)
    if derived.any():
        speed = float(parameters["travel_speed_kmh"])
        line = _straight_line(tables, providers, work, places, derived, speed, assume)
        travel = np.where(np.isnan(travel), line, travel)
    return reach, np.nan_to_num(travel).astype(np.int64)


def _stated(
    tables: Tables, providers: tuple[str, ...], places: tuple[str, ...]
) -> tuple[Bools, NDArray[np.float64]]:
    """Reach and travel of the reach table; travel that it leaves out is not a number."""
    frame = tables["reach"]
    who = positions(frame["provider_id"], providers)
    where = positions(frame["place_id"], places)
    reach = np.zeros((len(providers), len(places)), dtype=bool)
    reach[who, where] = True
    travel = np.full(reach.shape, np.nan)
    travel[who, where] = frame["travel_minutes_per_visit"].to_numpy(dtype=float)
    return reach, travel


def _straight_line(
    tables: Tables,
    providers: tuple[str, ...],
    work: NDArray[np.float64],
    places: tuple[str, ...],
    derived: Bools,
    speed: float,
    assume: Assumptions,
) -> NDArray[np.float64]:
    """Whole minutes from base to centroid, half up, (K, L), and what was assumed for them.

    A provider without a base starts from the middle of its present work, by hours; a pair of which
    either end is unknown takes no time.
    """
    frame = tables["places"].set_index("place_id").reindex(list(places))
    centroid = frame[["easting_m", "northing_m"]].to_numpy(dtype=float)
    base = np.array(tables["providers"][["base_easting_m", "base_northing_m"]], dtype=float)
    work = np.where(np.isnan(centroid).any(axis=1), 0, work)
    weight = work.sum(axis=1)
    found = np.isnan(base).any(axis=1) & (weight > 0)
    base[found] = (work @ np.nan_to_num(centroid) / np.maximum(weight, 1)[:, None])[found]
    metres = np.linalg.norm(base[:, None, :] - centroid[None, :, :], axis=2)
    lost = np.isnan(metres)
    minutes = np.floor(np.nan_to_num(metres) / (speed * 1000 / 60) + 0.5)
    from_work = found & (derived & ~lost).any(axis=1)
    for axis, column in enumerate(("base_easting_m", "base_northing_m")):
        middle = np.round(base[:, axis])
        assume.where("providers", column, from_work, middle, "the middle of its present work")
    along = f"straight line at {speed:g} km an hour"
    _note_travel(providers, minutes, derived & ~lost, along, assume)
    unknown = "no travel counted: a position is not known"
    _note_travel(providers, minutes, derived & lost, unknown, assume)
    return minutes


def _note_travel(
    providers: tuple[str, ...],
    minutes: NDArray[np.float64],
    chosen: Bools,
    text: str,
    assume: Assumptions,
) -> None:
    """Note the travel of the chosen pairs by provider: from the least to the most minutes."""
    who = np.flatnonzero(chosen.any(axis=1))
    spans = [(int(minutes[k, chosen[k]].min()), int(minutes[k, chosen[k]].max())) for k in who]
    assume.note(
        "reach",
        "travel_minutes_per_visit",
        [providers[k] for k in who],
        [str(low) if low == high else f"{low} to {high}" for low, high in spans],
        text,
        cells=chosen[who].sum(axis=1),
    )
