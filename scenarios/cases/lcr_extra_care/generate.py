"""Writes the synthetic tables of the case `lcr_extra_care`.

    python generate.py [FOLDER]

Schemes, providers, bids, scores and the notice are invented, and calibrated to what SOURCES.md
names. The same seed writes the same bytes.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd

HERE = Path(__file__).resolve().parent
SEED = 20180308  # the day of the paper

# Schemes of each authority and their units: two with 94 in Sefton, twelve with 632 in all three.
SCHEMES = (
    *(("Sefton", units) for units in (51, 43)),
    *(("Knowsley", units) for units in (60, 54, 42)),
    *(("Liverpool", units) for units in (72, 64, 58, 54, 50, 46, 38)),
)
PROVIDERS = ("Alder", "Beech", "Cedar", "Elm", "Hazel", "Rowan")  # names of trees, of no firm
NOW = (0, 1, 2, 2, 3, 0, 4, 4, 5, 1, 3, 5)  # who works in each scheme
DAY_HOURS = 6.2  # a week for each unit
DAY_RATE, NIGHT_RATE = 15.40, 112.0
WEEKS = 365 / 7

NOTICE = (
    ("price_weight", "50"),
    ("quality_weight", "50"),
    ("full_score", "100"),
    ("score_formula", "linear"),
    ("packages", "Yes"),
    ("alternatives", "Yes"),
    ("discounts", "Yes"),
    ("award_limit", "4"),
    ("winners_minimum", "3"),
    ("quality_floor", "Requires improvement"),
    ("tie_break", "quality;price;drawn"),
)


def write(folder: Path, name: str, header: str, rows: list[tuple[object, ...]]) -> None:
    """Write a table."""
    table = pd.DataFrame(rows, columns=header.split(","), dtype=object)
    table.to_csv(folder / f"{name}.csv", index=False, lineterminator="\n")


def hours(scheme: int) -> float:
    """Hours by day that a scheme needs in a week, to the quarter."""
    return round(SCHEMES[scheme][1] * DAY_HOURS * 4) / 4


def value(scheme: int) -> float:
    """Pounds a year of a scheme at the rates taken: hours by day, and support every night."""
    return round((hours(scheme) * DAY_RATE + 7 * NIGHT_RATE) * WEEKS, 2)


def bids(folder: Path) -> None:
    """Write an offer of whoever works in a scheme now, bids of others, and some packages."""
    rng = np.random.default_rng(SEED)
    rows: list[tuple[object, ...]] = []
    members: list[tuple[object, ...]] = []

    def bid(name: str, k: int, schemes: list[int], factor: float, group: str = "") -> None:
        day = round(DAY_RATE * factor, 2)
        night = round(NIGHT_RATE * factor * float(rng.uniform(0.97, 1.03)), 2)
        needed = sum(hours(s) for s in schemes)
        score = round(float(np.clip(70 + 3 * (k % 3) + rng.normal(0, 6), 40, 95)), 1)
        rows.append((name, f"P{k + 1}", day, needed, night, 7 * len(schemes), score, group))
        members.extend((name, f"S{s + 1:02d}") for s in schemes)

    for s, k in enumerate(NOW):
        bid(f"now-S{s + 1:02d}", k, [s], float(rng.uniform(1.00, 1.06)))
    for s, now in enumerate(NOW):
        others = [k for k in range(6) if k != now]
        for k in sorted(int(k) for k in rng.choice(others, 3, replace=False)):
            bid(f"new-S{s + 1:02d}-P{k + 1}", k, [s], float(rng.uniform(0.95, 1.06)))
    packages = ([0, 1], [2, 3, 4], [5, 6], [7, 8, 9], [10, 11], [3, 4], [5, 9, 11])
    for number, schemes in enumerate(packages, start=1):
        k = int(rng.integers(6))
        base = float(rng.uniform(0.94, 1.0))
        bid(f"package-{number}", k, schemes, base, f"alternative-{number}")
        bid(f"package-{number}-waking", k, schemes, base + 0.02, f"alternative-{number}")
    header = (
        "bid_id,bidder_id,day_rate_pounds_per_hour,day_hours_per_week,night_rate_pounds,"
        "nights_per_week,score,alternative_group"
    )
    write(folder, "bids", header, rows)
    write(folder, "bid_lots", "bid_id,lot_id", members)


def main(folder: Path) -> None:
    """Write every table."""
    folder.mkdir(parents=True, exist_ok=True)
    listed = [
        (f"E{s + 1:02d}", f"Scheme {s + 1} ({units} units)", authority, "extra care", "55 and over")
        for s, (authority, units) in enumerate(SCHEMES)
    ]
    header = "cell_id,name,authority_id,service,client_group,value_pounds_per_year"
    rows = [(*cell, f"{value(s):.2f}") for s, cell in enumerate(listed)]
    write(folder, "cells", header, list(rows))
    write(folder, "lots", "lot_id,cell_id", [(f"S{s + 1:02d}", f"E{s + 1:02d}") for s in range(12)])
    bidders = [
        (
            f"P{k + 1}",
            name,
            "No",
            "Good",
            ";".join(f"E{s + 1:02d}" for s in range(12) if NOW[s] == k),
        )
        for k, name in enumerate(PROVIDERS)
    ]
    write(folder, "bidders", "bidder_id,name,sme,cqc_rating,incumbent_cells", list(bidders))
    bids(folder)
    tiers = [("P1", 3, "2.5", "all"), ("P4", 2, "1.5", "all")]
    write(folder, "discounts", "bidder_id,lots_from,percent,on", list(tiers))
    write(folder, "notice", "key,value", list(NOTICE))
    tables = ("cells", "lots", "bidders", "bids", "bid_lots", "discounts", "notice")
    write(
        folder,
        "sources",
        "table,nature,publisher,vintage,licence",
        [(table, "synthetic", "", "", "MIT") for table in tables],
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE)
