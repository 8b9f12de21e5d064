"""Invented boroughs of any size and shape, written as case folders."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd


def write_borough(
    folder: Path,
    *,
    packages: int,
    providers: int,
    areas: int,
    places: int,
    waiting: float = 0.08,
    spare: float = 0.06,
    locked: float = 0.03,
    seed: int = 1,
) -> Path:
    """Write a case in which places lie on a line and each provider works along a stretch of it.

    Parameters
    ----------
    folder
        Where to.
    packages, providers, areas, places
        How many.
    waiting, locked
        Share of packages that wait, and of placed ones that are locked.
    spare
        Room of each provider above its present work.
    seed
        Of everything random.
    """
    rng = np.random.default_rng(seed)
    folder.mkdir(parents=True, exist_ok=True)
    place = rng.integers(0, places, packages)
    quarters = rng.gamma(2.0, 16.0, packages).astype(int) + 6
    waits = rng.random(packages) < waiting
    home = np.sort(rng.integers(0, places, providers))
    home[0] = 0
    provider = np.abs(place[:, None] - home[None, :] + rng.normal(0, 2, (1, providers))).argmin(1)
    hours = np.bincount(provider[~waits], weights=quarters[~waits] / 4, minlength=providers)
    capacity = np.ceil(hours * (1 + spare) * 4) / 4 + 1

    def write(table: str, **columns: object) -> None:
        pd.DataFrame(columns).to_csv(folder / f"{table}.csv", index=False)

    write(
        "packages",
        package_id=[f"P{i}" for i in range(packages)],
        place_id=[f"L{i}" for i in place],
        hours_per_week=quarters / 4,
        visits_per_week=7,
        status=np.where(waits, "waiting", "placed"),
        provider_id=["" if wait else f"K{k}" for wait, k in zip(waits, provider, strict=True)],
        priority=rng.integers(1, 4, packages),
        days_waiting=np.where(waits, rng.integers(0, 90, packages), 0),
        locked=np.where(~waits & (rng.random(packages) < locked), "Yes", "No"),
    )
    write(
        "providers",
        provider_id=[f"K{k}" for k in range(providers)],
        cqc_rating="Good",
        can_lead=np.where(hours >= np.quantile(hours, 0.6), "Yes", "No"),
        capacity_hours=capacity,
        growth_hours=np.ceil(hours * 0.1),
    )
    reaches = np.abs(np.arange(places)[None, :] - home[:, None]) <= max(3, places // 3)
    who, where = np.nonzero(reaches)
    write(
        "reach",
        provider_id=[f"K{k}" for k in who],
        place_id=[f"L{i}" for i in where],
        travel_minutes_per_visit=3 + 2 * np.abs(where - home[who]),
    )
    write(
        "place_areas",
        place_id=[f"L{i}" for i in range(places)],
        area_id=[f"A{i * areas // places}" for i in range(places)],
    )
    write("rates", provider_id=[""], place_id=[""], rate_pounds_per_hour=[18.5])
    return folder
