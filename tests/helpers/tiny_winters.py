"""Random tiny winters, small enough to look at every booking; drawn from a seed."""

from __future__ import annotations

import csv
import json
import random
from pathlib import Path
from typing import Any

Row = dict[str, Any]

ZONES = ("north", "south")
CARE = ("plain", "nursing")


def write(seed: int, folder: Path) -> Path:
    """Draw a case, write it with its scenario, and return the path of the scenario."""
    rng = random.Random(f"winter {seed}")
    case = folder / "case"
    case.mkdir(parents=True, exist_ok=True)
    for name, rows in _tables(rng).items():
        if not rows:
            continue
        heading = list(dict.fromkeys(column for row in rows for column in row))
        with (case / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, heading, restval="")
            writer.writeheader()
            writer.writerows(rows)
    path = folder / "tiny.toml"
    path.write_text(_scenario(rng), encoding="utf-8")
    return path


def _tables(rng: random.Random) -> dict[str, list[Row]]:
    weeks = rng.choice((3, 4, 5))
    zones = ZONES[: rng.choice((1, 2))]
    care = CARE[: rng.choice((1, 1, 2))]
    samples = ["W1", "W2", "W3"][: rng.choice((1, 2, 3))]
    homes: list[Row] = [
        {
            "home_id": f"H{n}",
            "owner_id": rng.choice(("", "G1")),
            "zone_id": zones[n % len(zones)],
            "beds": 9,
            "cqc_rating": rng.choice(("Good", "Good", "Inadequate", "")),
            "admittable": rng.choice(("", 2, 3)),
            "accepts_council_rate": rng.choice(("", "Yes", "No")),
            "admissions_per_week": rng.choice(("", "", 1)),
        }
        for n in range(max(2, len(zones)))
    ]
    offers: list[Row] = []
    for n in range(rng.choice((1, 2, 2, 3))):
        first = rng.choice((1, 1, 2))
        offers.append(
            {
                "offer_id": f"O{n}",
                "home_id": rng.choice(homes)["home_id"],
                "care_type": rng.choice(care),
                "min_beds": 1,
                "max_beds": rng.choice((1, 2)),
                "first_week": first,
                "last_week": weeks,
                "min_weeks": rng.choice((1, 2)),
                "rate_pounds_per_bed_week": rng.choice((300, 412.35, 777)),
                "rate_includes_fnc": rng.choice(("", "Yes", "No")),
                "fixed_pounds": rng.choice((0, 0, 150.5)),
                "turnaround_days": rng.choice((0, 2)),
                "usable_share": rng.choice((1, 0.9)),
                "extra": rng.choice(("Yes", "No")),
            }
        )
    spot = [
        {
            "sample_id": "",
            "zone_id": zone,
            "care_type": kind,
            "beds": rng.choice((0, 1, 2)),
            "rate_pounds_per_bed_week": rng.choice((900, 1050.5)),
        }
        for zone in zones
        for kind in care
    ]
    arrivals = [
        {
            "sample_id": sample,
            "week": week,
            "zone_id": zone,
            "care_type": kind,
            "people": rng.choice((0, 0, 1, 2)),
        }
        for sample in samples
        for week in range(1, weeks + 1)
        for zone in zones
        for kind in care
    ]
    stays = [
        {"care_type": kind, "weeks_since_admission": week, "share_still_there": share}
        for kind in care
        for week, share in enumerate(rng.choice(((1, 1), (1, 0.7, 0.25), (1,), (1, 1, 0.5))))
    ]
    tables: dict[str, list[Row]] = {
        "homes": homes,
        "zones": [{"zone_id": zone} for zone in zones],
        "zone_pairs": [{"zone_a": "north", "zone_b": "south", "km": 7}] if len(zones) > 1 else [],
        "weeks": [
            {"week": week, "starts": f"2025-12-{1 + 7 * (week - 1):02d}"}
            for week in range(1, weeks)
        ]
        + [{"week": weeks, "starts": f"2025-12-{1 + 7 * (weeks - 1):02d}"}],
        "block_offers": offers,
        "spot": spot,
        "arrivals": arrivals,
        "stays": stays,
    }
    if rng.random() < 0.6:
        tables["exits"] = [
            {"care_type": kind, "exit": way, "share": share}
            for kind in care
            for way, share in (("home", 0.6), ("care home", 0.4))
        ]
    if rng.random() < 0.7:
        tables["choice"] = [
            {
                "zone_id": one,
                "home_zone_id": other,
                "care_type": "",
                "placement": placement,
                "acceptance": rng.choice((0, 0.25, 0.333, 0.8, 1)),
            }
            for placement in ("interim", "permanent")
            for one in zones
            for other in zones
        ]
    if rng.random() < 0.5:
        tables["payers"] = [
            {"source": "grant", "share": 0.35, "ends": "2025-12-14", "weeks_of_stay": 1},
            {"source": "council", "share": 0.65},
        ]
    if rng.random() < 0.4:
        tables["closures"] = [
            {
                "sample_id": rng.choice(("", samples[0])),
                "home_id": "H0",
                "first_week": 1,
                "last_week": 2,
                "share_lost": rng.choice((1, 0.5)),
                "still_paid": rng.choice(("Yes", "No")),
            }
        ]
    if rng.random() < 0.4:
        tables["alternatives"] = [
            {
                "need": care[0],
                "service": "home care",
                "capacity_per_week": rng.choice((0.5, 1)),
                "rate_pounds_per_week": 350,
                "weight_weeks": rng.choice((0, 1.5)),
                "suits_share": rng.choice((0.5, 1)),
            }
        ]
    if rng.random() < 0.4:
        tables["backlog"] = [{"zone_id": "north", "care_type": care[0], "people": 2}]
    if rng.random() < 0.3:
        tables["occupied"] = [{"zone_id": "north", "care_type": care[0], "people": 1}]
    if rng.random() < 0.4:
        tables["budgets"] = [{"source": "council", "budget_pounds": rng.choice((900, 5000))}]
    return tables


def _scenario(rng: random.Random) -> str:
    rules: dict[str, dict[str, Any]] = {
        "tail_risk": {"mode": rng.choice(("soft", "off")), "value": rng.choice((0.05, 0.5))},
        "last_admission": {"mode": rng.choice(("hard", "report")), "value": rng.choice((0, 1, 2))},
        "admission_pace": {"mode": rng.choice(("hard", "report"))},
        "choice_respected": {"mode": rng.choice(("hard", "hard", "report"))},
        "choice_breadth": {"mode": rng.choice(("report", "soft", "hard"))},
        "minimum_block": {"mode": rng.choice(("hard", "soft")), "value": rng.choice((1, 2))},
        "owner_limit": {"mode": rng.choice(("report", "soft")), "value": 0.5},
        "sites_limit": {"mode": rng.choice(("report", "soft", "hard")), "value": 1},
        "quality_floor": {"mode": rng.choice(("hard", "soft"))},
        "within_budget": {
            "mode": rng.choice(("hard", "report")),
            "of": rng.choice(("bookings", "bookings", "winter")),
        },
    }
    if rng.random() < 0.3:
        rules["fee_floor"] = {"mode": rng.choice(("raise", "hard")), "value": 400}
    lines = ['case = "case"', 'model = "beds"', "", "[limits]", "seconds = 30.0", "gap = 0.00002"]
    lines += ["", "[objective]", "allow_waiting_to_save = true", "", "[parameters]"]
    lines += [f"booking_step_weeks = {rng.choice((1, 2))}", f"tail_weeks = {rng.choice((0, 2))}"]
    for rule, setting in rules.items():
        lines += ["", f"[rules.{rule}]"]
        lines += [f"{key} = {json.dumps(value)}" for key, value in setting.items()]
    return "\n".join(lines) + "\n"
