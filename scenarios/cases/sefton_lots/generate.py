"""Writes the synthetic tables of the case `sefton_lots` from those of `sefton`.

    python generate.py [FOLDER]

Bidders are the invented providers of `sefton` that may lead. Each asks for a ward the hours there
at the rate of the case, 0.6% more for each minute that a visit there is further than its nearest
one, and takes something off large lots. The same tables give the same bytes; nothing is drawn.
"""

from __future__ import annotations

import csv
import shutil
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
SEFTON = HERE.parent / "sefton"
COPIED = ("places", "borders", "place_areas", "areas", "providers", "packages", "parameters")
RATE, PAID, WEEKS = 16.68, 0.948, 365 / 7
A_MINUTE = 0.006  # on the price, for each minute of travel beyond the nearest ward
SCALE = ((2_000_000, 1.5), (4_000_000, 3.0), (8_000_000, 4.5))  # pounds a year, per cent off


def rows(table: str) -> list[dict[str, str]]:
    """Read a table of `sefton`."""
    with (SEFTON / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write(folder: Path, table: str, head: str, lines: list[str]) -> None:
    """Write a table."""
    (folder / f"{table}.csv").write_text("\n".join([head, *lines]) + "\n", encoding="utf-8")


def main(folder: Path) -> None:
    """Write the case."""
    folder.mkdir(exist_ok=True)
    for table in COPIED:
        shutil.copy(SEFTON / f"{table}.csv", folder / f"{table}.csv")
    hours: dict[str, float] = {}
    for row in rows("packages"):
        planned = float(row["hours_per_week"]) * int(row["carers"] or 1)
        hours[row["place_id"]] = hours.get(row["place_id"], 0.0) + planned
    lead = [
        row for row in rows("providers") if row["can_lead"] == "Yes" and row["suspended"] != "Yes"
    ]
    travel: dict[str, dict[str, float]] = {}
    for row in rows("reach"):
        minutes = float(row["travel_minutes_per_visit"] or 0)
        travel.setdefault(row["provider_id"], {})[row["place_id"]] = minutes
    bidders, reach, prices, scale = [], [], [], []
    for row in lead:
        name = row["provider_id"]
        small = "Yes" if float(row["capacity_hours"]) < 500 else "No"
        bidders.append(f"{name},{row['name']},{row['owner_id']},{small},{row['cqc_rating']}")
        near = min(travel[name].values())
        for place, minutes in sorted(travel[name].items()):
            reach.append(f"{name},{place}")
            yearly = hours.get(place, 0.0) * RATE * PAID * WEEKS * (1 + A_MINUTE * (minutes - near))
            prices.append(f"{name},{place},{yearly:.2f}")
        scale += [f"{name},{value},{percent}" for value, percent in SCALE]
    write(folder, "bidders", "bidder_id,name,owner_id,sme,cqc_rating", bidders)
    write(folder, "bidder_reach", "bidder_id,cell_id", reach)
    write(folder, "cell_prices", "bidder_id,cell_id,price_pounds_per_year", prices)
    write(folder, "scale", "bidder_id,value_from_pounds,percent", scale)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE)
