"""Writes the synthetic tables of the case `sefton_winter`.

    python generate.py [FOLDER]

Homes, owners, ratings, vacancies, offers and prices are invented, and calibrated to what SOURCES.md
names. forecast.csv and the fitted rows of parameters.csv come from fit_winter.py and are copied.
The same seed writes the same bytes.
"""

from __future__ import annotations

import csv
import shutil
import sys
from datetime import date, timedelta
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
SEED = 20251103  # the first day of the winter
FITTED = ("forecast.csv", "parameters.csv", "claims.csv")

HOMES = {"north": 86, "south": 36}
BEDS = 3_626
VACANT_SHARE = 0.10  # of registered beds
ADMITTABLE_SHARE = 10.8 / 14.0  # of vacant beds: England, July 2025
COUNCIL_RATE_SHARE = 0.55  # of homes take people at the council's rate
NURSING_SHARE = 0.35  # of homes

# Pounds a bed-week of a block: Sefton's rates of 2022/23 lifted by the uplifts that DHSC published
# for 2023/24 and 2024/25 (10.1% and 6.3%; nursing 9.6% and 6.1%), 5% for 2025/26, and about 7% for
# a bed that is held ready.
BLOCK = {
    "residential": 740.0,
    "residential dementia": 835.0,
    "nursing": 755.0,
    "nursing dementia": 840.0,
}
SPOT_ABOVE_BLOCK = 110.0  # Herefordshire 2024: a block saved about £112 a bed-week against spot
STAYS = {
    "residential": (1, 0.98, 0.93, 0.84, 0.55, 0.32, 0.14, 0.05),
    "residential dementia": (1, 0.98, 0.95, 0.88, 0.64, 0.4, 0.2, 0.08),
    "nursing": (1, 0.96, 0.9, 0.82, 0.6, 0.38, 0.18, 0.07),
    "nursing dementia": (1, 0.97, 0.93, 0.87, 0.68, 0.45, 0.25, 0.1),
}
EXITS = {
    "residential": {"home": 0.5, "care home": 0.4, "hospital": 0.06, "died": 0.04},
    "residential dementia": {"home": 0.25, "care home": 0.63, "hospital": 0.06, "died": 0.06},
    "nursing": {"home": 0.3, "care home": 0.5, "hospital": 0.1, "died": 0.1},
    "nursing dementia": {"home": 0.12, "care home": 0.68, "hospital": 0.1, "died": 0.1},
}
WEEKS, FIRST = 20, date(2025, 11, 3)
RATINGS = ("Outstanding", "Good", "Requires improvement", "Inadequate")


def main(folder: Path) -> None:
    """Write every table."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in FITTED:
        if folder != HERE and (HERE / name).exists():
            shutil.copy(HERE / name, folder / name)
    draws = np.random.default_rng(SEED)
    homes = make_homes(draws)
    offers = make_offers(draws, homes)
    write(folder, "homes", homes)
    write(folder, "block_offers", offers)
    write(
        folder,
        "zones",
        [
            {"zone_id": "north", "name": "Formby, Ainsdale and Southport", "out_of_area": "No"},
            {"zone_id": "south", "name": "Bootle, Crosby and Maghull", "out_of_area": "No"},
            {"zone_id": "away", "name": "out of borough", "out_of_area": "Yes"},
        ],
    )
    write(
        folder,
        "zone_pairs",
        [
            {"zone_a": "north", "zone_b": "south", "km": 20},
            {"zone_a": "north", "zone_b": "away", "km": 30},
            {"zone_a": "south", "zone_b": "away", "km": 12},
        ],
    )
    weeks = [
        {"week": n + 1, "starts": (FIRST + timedelta(days=7 * n)).isoformat()} for n in range(WEEKS)
    ]
    write(folder, "weeks", weeks)
    write(folder, "spot", make_spot())
    write(folder, "backlog", make_backlog())
    write(folder, "occupied", make_occupied())
    write(
        folder,
        "stays",
        [
            {"care_type": care, "weeks_since_admission": week, "share_still_there": share}
            for care, shares in STAYS.items()
            for week, share in enumerate(shares)
        ],
    )
    write(
        folder,
        "exits",
        [
            {"care_type": care, "exit": way, "share": share}
            for care, ways in EXITS.items()
            for way, share in ways.items()
        ],
    )
    write(folder, "choice", make_choice())
    write(
        folder,
        "payers",
        [
            {"source": "grant", "care_type": "", "share": 0.5, "ends": "2026-03-31",
             "weeks_of_stay": 4},
            {"source": "NHS", "care_type": "", "share": 0.2, "ends": "", "weeks_of_stay": 6},
            {"source": "council", "care_type": "", "share": 0.3, "ends": "", "weeks_of_stay": ""},
        ],
    )  # fmt: skip
    write(
        folder,
        "budgets",
        [
            {"source": "council", "budget_pounds": 2_000_000},
            {"source": "grant", "budget_pounds": 900_000},
        ],
    )
    write(
        folder,
        "alternatives",
        [
            {"need": "residential", "service": "home care", "capacity_per_week": 1.5,
             "rate_pounds_per_week": 600, "weight_weeks": 0.5, "suits_share": 0.25},
            {"need": "residential", "service": "extra care", "capacity_per_week": 0.2,
             "rate_pounds_per_week": 420, "weight_weeks": 0, "suits_share": 0.2},
        ],
    )  # fmt: skip
    write(folder, "sources", make_sources())


def write(folder: Path, table: str, rows: list[dict[str, object]]) -> None:
    """Write a table."""
    with (folder / f"{table}.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def make_homes(draws: np.random.Generator) -> list[dict[str, object]]:
    """Homes with sizes that add up to the borough's beds, and vacancies to a tenth of them."""
    count = sum(HOMES.values())
    nursing = draws.random(count) < NURSING_SHARE
    size = draws.lognormal(np.where(nursing, 3.65, 3.05), 0.4)
    beds = shared_out(size / size.sum() * BEDS)
    beds = np.maximum(beds, 6)
    beds[beds.argmax()] -= beds.sum() - BEDS
    vacant = round(BEDS * VACANT_SHARE * ADMITTABLE_SHARE)
    part = draws.gamma(1.2, 1.0, count) * beds
    admittable = np.minimum(shared_out(part / part.sum() * vacant), beds)
    admittable[admittable.argmin()] += vacant - admittable.sum()
    rating = draws.choice(RATINGS, size=count, p=(0.05, 0.74, 0.19, 0.02))
    groups = [f"G{n:02d}" for n in range(1, 13)]
    rows: list[dict[str, object]] = []
    number = 0
    for zone, homes in HOMES.items():
        for _ in range(homes):
            letter = zone[0].upper()
            owner = str(draws.choice(groups)) if draws.random() < 0.45 else ""
            pace = 1 if beds[number] < 25 else 2 if beds[number] < 60 else 3
            rows.append(
                {
                    "home_id": f"{letter}{number + 1:03d}",
                    "name": f"Home {letter}{number + 1:03d}",
                    "owner_id": owner,
                    "zone_id": zone,
                    "beds": int(beds[number]),
                    "cqc_rating": str(rating[number]),
                    "suspended": "Yes" if rating[number] == "Inadequate" else "No",
                    "admittable": int(admittable[number]),
                    "accepts_council_rate": "Yes" if draws.random() < COUNCIL_RATE_SHARE else "No",
                    "admissions_per_week": pace,
                    "on_framework": "Yes" if draws.random() < 0.8 else "No",
                    "_nursing": bool(nursing[number]),
                }
            )
            number += 1
    return rows


def shared_out(parts: np.ndarray) -> np.ndarray:
    """Round parts to whole numbers that add up to the same."""
    whole = np.floor(parts).astype(int)
    left = round(parts.sum()) - whole.sum()
    whole[np.argsort(-(parts - whole))[:left]] += 1
    return whole


def make_offers(
    draws: np.random.Generator, homes: list[dict[str, object]]
) -> list[dict[str, object]]:
    """About half of the homes offer beds of one kind or two."""
    rows: list[dict[str, object]] = []
    for home in homes:
        nursing = bool(home.pop("_nursing"))
        if home["suspended"] == "Yes" or draws.random() < 0.45:
            continue
        kinds = ["residential", "residential dementia"]
        kinds = ["nursing", "nursing dementia", "residential"] if nursing else kinds
        chosen = draws.choice(kinds, size=1 + int(draws.random() < 0.4), replace=False)
        for care in sorted(str(kind) for kind in chosen):
            extra = draws.random() < 0.25
            vacant = int(str(home["admittable"]))
            most = int(draws.integers(3, 9)) if extra else min(vacant, int(draws.integers(2, 9)))
            if most < 2:
                continue
            late = draws.random() < 0.3
            rate = BLOCK[care] * float(draws.normal(1.0, 0.05)) * (1.06 if extra else 1.0)
            rows.append(
                {
                    "offer_id": f"{home['home_id']}-{len(rows) + 1:03d}",
                    "home_id": home["home_id"],
                    "care_type": care,
                    "min_beds": int(draws.integers(1, 3)),
                    "max_beds": most,
                    "first_week": 9 if late else 1,
                    "last_week": WEEKS,
                    "min_weeks": 8,
                    "rate_pounds_per_bed_week": f"{rate:.2f}",
                    "rate_includes_fnc": "No" if care.startswith("nursing") else "",
                    "fixed_pounds": int(draws.choice([0, 0, 500, 1000])),
                    "turnaround_days": int(draws.integers(1, 4)),
                    "usable_share": 1 if draws.random() < 0.8 else 0.95,
                    "extra": "Yes" if extra else "No",
                }
            )
    return rows


def make_spot() -> list[dict[str, object]]:
    """Beds bought one by one: from the homes' vacancies, dearer out of borough, few there."""
    rows: list[dict[str, object]] = []
    for zone, dearer in (("north", 0), ("south", 0), ("away", 90)):
        for care, block in BLOCK.items():
            nursing = 254.06 if care.startswith("nursing") else 0
            price = block + SPOT_ABOVE_BLOCK + dearer + nursing
            rows.append(
                {
                    "sample_id": "",
                    "zone_id": zone,
                    "care_type": care,
                    "week": "",
                    "beds": 3 if zone == "away" else "",
                    "rate_pounds_per_bed_week": f"{price:.2f}",
                }
            )
    return rows


def make_backlog() -> list[dict[str, object]]:
    """People who wait for a bed at the start: see SOURCES.md."""
    people = {"north": (4, 3, 2, 2), "south": (3, 2, 2, 1)}
    return [
        {"zone_id": zone, "care_type": care, "people": count}
        for zone, counts in people.items()
        for care, count in zip(BLOCK, counts, strict=True)
    ]


def make_occupied() -> list[dict[str, object]]:
    """People in interim beds at the start."""
    people = {"north": (5, 4, 3, 2), "south": (3, 3, 2, 2)}
    return [
        {"zone_id": zone, "care_type": care, "people": count}
        for zone, counts in people.items()
        for care, count in zip(BLOCK, counts, strict=True)
    ]


def make_choice() -> list[dict[str, object]]:
    """Acceptance of booked beds."""
    accepted = {"interim": (0.75, 0.3), "permanent": (0.5, 0.12)}
    return [
        {
            "zone_id": zone,
            "home_zone_id": other,
            "care_type": "",
            "placement": placement,
            "acceptance": own if zone == other else away,
        }
        for placement, (own, away) in accepted.items()
        for zone in HOMES
        for other in HOMES
    ]


def make_sources() -> list[dict[str, object]]:
    """What each table is."""
    nature = {
        "homes": "synthetic",
        "block_offers": "synthetic",
        "spot": "illustrative",
        "stays": "illustrative",
        "exits": "illustrative",
        "choice": "illustrative",
        "payers": "illustrative",
        "budgets": "illustrative",
        "alternatives": "illustrative",
        "backlog": "illustrative",
        "occupied": "illustrative",
        "forecast": "illustrative",
    }
    return [
        {"table": table, "nature": kind, "publisher": "", "vintage": "", "licence": "MIT"}
        for table, kind in nature.items()
    ]


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else HERE)
