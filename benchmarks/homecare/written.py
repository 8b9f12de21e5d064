"""A generated case written as the folder of CSV files that a council would have."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

from allocate.files.target import written_whole
from benchmarks.homecare.families import SIZES, family_of, scenario
from benchmarks.homecare.recipe import PLACES, Ints, Made, make

Columns = dict[str, Sequence[object]]
OURS = ("synthetic", "", "", "MIT")
READ_ME = """\
# {name}: a synthetic case

Written by `python -m benchmarks generate {name} --seed {seed}`; the same seed writes the same
bytes. No row is a real person, provider or place. {packages:,} packages, {providers:,} providers,
{areas:,} areas, capacity {spare:.2%} above demand.

- `{name}.toml`: the question. `allocate solve {name}.toml`
- `{name}-case/`: the case.
- `witness/`: a plan that keeps every rule, so that one exists; nobody says that it is good.
"""


def write_generated(name: str, seed: int, folder: Path) -> Path:
    """Make a case and write it with its question and a plan; return the question's file.

    Parameters
    ----------
    name
        Such as ``borough`` or ``region``.
    seed
        Of everything random.
    folder
        Where to; it may not exist.
    """
    made = make(SIZES[family_of(name)][name], seed)
    case = f"{name}-case"
    with written_whole(folder) as unfinished:
        for table, columns in tables(made).items():
            _write(unfinished / case / f"{table}.csv", columns)
        for table, columns in witness(made).items():
            _write(unfinished / "witness" / f"{table}.csv", columns)
        text = READ_ME.format(
            name=name,
            seed=seed,
            packages=made.shape.packages,
            providers=made.shape.providers,
            areas=len(made.lead),
            spare=made.capacity.sum() / made.demand.sum() - 1,
        )
        _text(unfinished / "README.md", text)
        _text(unfinished / f"{name}.toml", scenario(name, case, seed, made))
    return folder / f"{name}.toml"


def tables(made: Made) -> dict[str, Columns]:
    """Return the tables of a case, cells as a council would type them."""
    place, area = _ids("W", len(made.place_area)), _ids("A", len(made.lead))
    provider, package = _ids("H", made.shape.providers), _ids("P", made.shape.packages)
    authority = _ids("B", made.shape.authorities)
    sources = ("areas", "packages", "place_areas", "places", "providers", "rates", "reach")
    rate = [f"{pence // 100}.{pence % 100:02d}" for pence in made.rate.tolist()]
    here, there = _at(provider, made.reach_provider), _at(place, made.reach_place)
    return {
        "areas": {"area_id": area, "name": [f"Invented Area {one[1:]}" for one in area]},
        "places": {
            "place_id": place,
            "name": [f"Invented Place {one[1:]}" for one in place],
            "authority_id": [authority[i // PLACES] for i in range(len(place))],
            "easting_m": made.place_at[:, 0].tolist(),
            "northing_m": made.place_at[:, 1].tolist(),
        },
        "place_areas": {"place_id": place, "area_id": _at(area, made.place_area)},
        "providers": {
            "provider_id": provider,
            "name": [f"Example Care {one[1:]}" for one in provider],
            "owner_id": [f"O{owner:05d}" for owner in made.owner.tolist()],
            "cqc_rating": ["Good"] * len(provider),
            "can_lead": ["Yes" if may else "No" for may in made.can_lead.tolist()],
            "capacity_hours": _hours(made.capacity),
            "growth_hours": ["0"] * len(provider),
            "base_easting_m": made.base_at[:, 0].tolist(),
            "base_northing_m": made.base_at[:, 1].tolist(),
        },
        "packages": {
            "package_id": package,
            "place_id": _at(place, made.place),
            "hours_per_week": _hours(made.quarters),
            "carers": made.carers.tolist(),
            "visits_per_week": made.visits.tolist(),
            "status": ["waiting" if waits else "placed" for waits in made.waiting.tolist()],
            "provider_id": [
                "" if waits else provider[k]
                for waits, k in zip(made.waiting.tolist(), made.witness.tolist(), strict=True)
            ],
            "priority": made.priority.tolist(),
            "days_waiting": made.days.tolist(),
        },
        "reach": {
            "provider_id": here,
            "place_id": there,
            "travel_minutes_per_visit": made.travel.tolist(),
        },
        "rates": {"provider_id": here, "place_id": there, "rate_pounds_per_hour": rate},
        "sources": {
            "table": sources,
            **{
                heading: [cell] * len(sources)
                for heading, cell in zip(
                    ("nature", "publisher", "vintage", "licence"), OURS, strict=True
                )
            },
        },
    }


def witness(made: Made) -> dict[str, Columns]:
    """Return the plan that keeps every rule, as answer tables."""
    area, provider = _ids("A", len(made.lead)), _ids("H", made.shape.providers)
    return {
        "allocation": {
            "package_id": _ids("P", made.shape.packages),
            "provider_id": _at(provider, made.witness),
        },
        "leads": {
            "area_id": area,
            "rank": [1] * len(area),
            "provider_id": _at(provider, made.lead),
        },
    }


def _ids(letter: str, size: int) -> list[str]:
    digits = len(str(size))
    return [f"{letter}{number:0{digits}d}" for number in range(1, size + 1)]


def _at(labels: Sequence[str], positions: Ints) -> list[str]:
    return [labels[at] for at in positions.tolist()]


def _hours(quarters: Ints) -> list[str]:
    return [f"{one // 4}.{25 * (one % 4):02d}" for one in quarters.tolist()]


def _write(path: Path, columns: Columns) -> None:
    path.parent.mkdir(exist_ok=True)
    rows: Iterable[Sequence[object]] = zip(*columns.values(), strict=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)


def _text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")
