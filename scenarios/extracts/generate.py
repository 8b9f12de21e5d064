"""Writes the synthetic extract `sefton_lines.csv` and the places folder that goes with it.

    python generate.py [FOLDER]

The lines are those of the synthetic case `sefton`, taken apart as a social care system would show
them, with the mess that such extracts have. SOURCES.md says what is invented: all people are. The
same seed writes the same bytes.
"""

from __future__ import annotations

import csv
import shutil
import sys
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path

import numpy as np

Draws = np.random.Generator
Row = dict[str, str]

HERE = Path(__file__).resolve().parent
CASE = HERE.parent / "cases" / "sefton"
SEED = 20211128
ON = date(2021, 11, 28)
RATE = "16.68"

HEADINGS = (
    *("LAS ID", "Client Name", "Date of Birth", "NHS No", "Telephone", "Address", "Post Code"),
    *("Ward", "CPLI ID", "Service Type", "Provider Ref", "Provider Name", "Call Time"),
    *("Visits pw", "Planned Hrs pw", "Start Date", "End Date", "Status", "Date Requested"),
    *("Priority", "Hourly Rate", "Weekly Cost", "Household ID", "Needs", "Allocated Team"),
)
TITLES = (
    "Care Package Line Items - Home Care and Other Community Services",
    "Synthetic data: no row is a real person. Run on 28/11/2021",
)

# Real postcode districts, roughly where the wards are; sectors and units are invented. No real unit
# holds the letters C, I, K, M, O or V, so none of these can be anybody's address.
DISTRICT_OF = {
    "Ainsdale": "PR8",
    "Birkdale": "PR8",
    "Blundellsands": "L23",
    "Cambridge": "PR9",
    "Church": "L22",
    "Derby": "L20",
    "Duke's": "PR8",
    "Ford": "L21",
    "Harington": "L37",
    "Kew": "PR8",
    "Linacre": "L20",
    "Litherland": "L21",
    "Manor": "L23",
    "Meols": "PR9",
    "Molyneux": "L10",
    "Netherton and Orrell": "L30",
    "Norwood": "PR9",
    "Park": "L31",
    "Ravenmeols": "L37",
    "St Oswald": "L30",
    "Sudell": "L31",
    "Victoria": "L23",
}
NEVER_USED = "CIKMOV"
UNITS = [a + b for a in NEVER_USED for b in NEVER_USED]
LISTED_UNITS = 12  # of each ward's sector in lookup.csv; the others show the fall-back to sectors

# Ward names as older systems have them. The two of vintage EX04 are invented.
SPELLINGS = {
    "St Oswald": "St. Oswald",
    "Netherton and Orrell": "Netherton & Orrell",
    "Duke's": "Dukes Ward",
}
OLD_WARDS = {"Example Old Shore": "Harington", "Example Old Docks": "Linacre"}
LEGAL = (" Ltd", " Limited", " LTD.", "  ltd", "")
TEAMS = ("North Locality", "Central Locality", "South Locality")
OTHER_SERVICES = ("Day Care", "Meals", "Telecare", "Direct Payment", "Residential Respite")
SERVICES = ("Home Care", "Home Care", "Home Care", "Domiciliary Care (Spot)")
CALLS = ("Morning", "Lunch", "Tea", "Bed")
PRIORITIES = {"1": "Urgent", "2": "High", "3": "Standard", "": "Standard"}


def read(table: str) -> list[Row]:
    """Rows of a table of the case."""
    with (CASE / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def draw(rng: Draws, items: Sequence[str]) -> str:
    """One of some things."""
    return items[int(rng.random() * len(items))]


def postcodes(places: Iterable[Row]) -> dict[str, list[str]]:
    """Invented postcodes by ward: one sector a ward, in the district that the ward is in."""
    used: dict[str, int] = {}
    codes = {}
    for place in places:
        district = DISTRICT_OF[place["name"]]
        used[district] = used.get(district, 0) + 1
        codes[place["place_id"]] = [f"{district} {used[district]}{unit}" for unit in UNITS]
    return codes


def british(day: date) -> str:
    """A date as the system writes it."""
    return f"{day:%d/%m/%Y}"


class Lines:
    """Draws the lines of people one after another."""

    def __init__(self, rng: Draws) -> None:
        self.rng = rng
        self.places = read("places")
        self.codes = postcodes(self.places)
        self.name_of = {place["place_id"]: place["name"] for place in self.places}
        self.provider_of = {row["provider_id"]: row["name"] for row in read("providers")}
        self.count = 0

    def person(self, number: int, place_id: str) -> Row:
        """Cells that say who somebody is, all of them invented."""
        rng, ward = self.rng, self.name_of[place_id]
        code = draw(rng, self.codes[place_id])
        if rng.random() < 0.1:
            code = code.replace(" ", "").lower()
        old = [name for name, now in OLD_WARDS.items() if now == ward]
        shown = old[0] if old and rng.random() < 0.3 else SPELLINGS.get(ward, ward)
        # One in twenty has no postcode on record, and one in twenty no ward.
        blank = {0: "postcode", 1: "ward"}.get(int(rng.random() * 20))
        return {
            "LAS ID": str(7_000_000 + number * 37),
            "Client Name": f"Invented-{number:04d}, Testperson",
            "Date of Birth": british(date(1901, 1, 1) + timedelta(days=number)),
            "NHS No": f"999 {number // 1000:03d} {number % 1000:03d}0",
            "Telephone": f"01632 960{number % 1000:03d}",
            "Address": f"{number} Example Street, Nowhere",
            "Post Code": "" if blank == "postcode" else code,
            "Ward": "" if blank == "ward" else shown,
            "Allocated Team": draw(rng, TEAMS),
        }

    def provider(self, provider_id: str) -> Row:
        """A provider as different people typed it; now and then without its code."""
        name = self.provider_of[provider_id] + draw(self.rng, LEGAL)
        if self.rng.random() < 0.1:
            name = name.upper()
        missing = self.rng.random() < 0.03
        return {"Provider Ref": "" if missing else provider_id, "Provider Name": name}

    def line(self, cells: Row, **more: str) -> Row:
        """One line with a number of its own."""
        self.count += 1
        return {**cells, "CPLI ID": f"CP{500_000 + self.count * 3}", **more}

    def of_package(self, number: int, package: Row) -> Iterator[Row]:
        """Lines of one package: a line a call or two, each twice where two carers come."""
        rng = self.rng
        start = date.fromisoformat(package["start_date"]) if package["start_date"] else ON
        waits = package["status"] == "waiting"
        cells = {
            **self.person(number, package["place_id"]),
            "Service Type": draw(rng, SERVICES),
            "Start Date": "" if waits else british(start),
            "Status": "Awaiting Provider" if waits else "Active",
            "Priority": PRIORITIES[package["priority"]],
            "Household ID": package["household_id"].replace("HH", "60100"),
            "Needs": package["needs"].replace(";", "; ").title(),
        }
        if waits:
            asked = ON - timedelta(days=int(package["days_waiting"] or 0))
            cells["Date Requested"] = british(asked)
        else:
            cells |= self.provider(package["provider_id"])
        minutes = round(float(package["hours_per_week"]) * 60)
        for call, (visits, part) in enumerate(self.calls(int(package["visits_per_week"]), minutes)):
            shown = {
                "Visits pw": str(visits),
                "Planned Hrs pw": f"{part / 60:.2f}",
                "Call Time": CALLS[call],
            }
            if not waits:
                shown |= {"Hourly Rate": f"£{RATE}", "Weekly Cost": self.cost(part)}
            for _ in range(int(package["carers"])):
                yield self.line(cells | shown)

    def calls(self, visits: int, minutes: int) -> list[tuple[int, int]]:
        """Visits and minutes of each line: a tenth of the longer packages stand on two lines."""
        if visits < 14 or self.rng.random() > 0.1:
            return [(visits, minutes)]
        first = minutes // 2 - minutes // 2 % 5  # some are no quarter of an hour: 7.33, 2.08
        return [(visits // 2, first), (visits - visits // 2, minutes - first)]

    def cost(self, minutes: int) -> str:
        """A week's cost of one carer, in pounds."""
        return f"{round(minutes * 1668 / 60) / 100:.2f}"

    def left_out(self, first: int) -> Iterator[Row]:
        """Lines that are no present home care: ended, suspended, to come, other services."""
        wards, providers = list(self.name_of), list(self.provider_of)
        kinds = ("ended",) * 70 + ("past",) * 20 + ("suspended",) * 25 + ("to come",) * 12
        kinds += ("other",) * 60 + ("no hours",) * 6
        for number, kind in enumerate(kinds, start=first):
            start = ON - timedelta(days=100 + int(self.rng.random() * 900))
            cells = {
                **self.person(number, draw(self.rng, wards)),
                **self.provider(draw(self.rng, providers)),
                "Service Type": "Home Care",
                "Visits pw": "7",
                "Planned Hrs pw": "3.50",
                "Start Date": british(start),
                "Status": "Active",
                "Hourly Rate": f"£{RATE}",
                "Weekly Cost": "58.38",
            }
            changes = {
                "ended": {"Status": "Ended", "End Date": british(start + timedelta(days=60))},
                "past": {"End Date": british(ON - timedelta(days=3))},
                "suspended": {"Status": "Suspended - Hospital"},
                "to come": {"Start Date": british(ON + timedelta(days=9))},
                "other": {"Service Type": draw(self.rng, OTHER_SERVICES)},
                "no hours": {"Planned Hrs pw": "0.00", "Visits pw": "0", "Weekly Cost": "0.00"},
            }
            yield self.line(cells, **changes[kind])


def lines(rng: Draws) -> list[Row]:
    """All lines, in the order of people's numbers as far as the system keeps one."""
    source = Lines(rng)
    packages = read("packages")
    rows = [
        line
        for n, package in enumerate(packages, start=1)
        for line in source.of_package(n, package)
    ]
    rows += source.left_out(len(packages) + 1)
    # A few lines pay another rate than their provider's: an old agreement.
    for row in [row for row in rows if row["Status"] == "Active" and "Call Time" in row][
        100:900:100
    ]:
        row["Hourly Rate"] = "£17.40"
    rows += [dict(row) for row in rows[40:440:50]]  # exported twice, number and all
    return [rows[i] for i in np.argsort(rng.random(len(rows)), kind="stable")]


def write_lines(path: Path, rows: Sequence[Row]) -> None:
    """Write the extract as Excel saves one: two title rows, cp1252, a total below."""
    with path.open("w", encoding="cp1252", newline="") as file:
        writer = csv.writer(file, lineterminator="\r\n")
        for title in TITLES:
            writer.writerow([title, *[""] * (len(HEADINGS) - 1)])
        writer.writerow([""] * len(HEADINGS))
        writer.writerow(HEADINGS)
        writer.writerows([row.get(heading, "") for heading in HEADINGS] for row in rows)
        writer.writerow([f"Total lines: {len(rows)}", *[""] * (len(HEADINGS) - 1)])


def write_places(folder: Path) -> None:
    """Write the look-up, and copy the tables of the case that it leads to."""
    folder.mkdir(exist_ok=True)
    for table in ("places", "place_areas", "borders", "areas"):
        shutil.copyfile(CASE / f"{table}.csv", folder / f"{table}.csv")
    places = read("places")
    id_of = {place["name"]: place["place_id"] for place in places}
    with (folder / "lookup.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("key", "key_kind", "place_id", "vintage", "note"))
        for place_id, codes in postcodes(places).items():
            for code in codes[:LISTED_UNITS]:
                writer.writerow((code, "postcode", place_id, "EX21", "invented unit"))
        for now, old in SPELLINGS.items():
            writer.writerow((old, "ward", id_of[now], "WD13", "another spelling"))
        for old, now in OLD_WARDS.items():
            writer.writerow((old, "ward", id_of[now], "EX04", "invented old ward"))
    with (folder / "sources.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        rows = [row for row in read("sources") if row["table"] in ("places", "borders")]
        rows += [row for row in read("sources") if row["table"] in ("areas", "place_areas")]
        writer.writerow(rows[0])
        writer.writerows(row.values() for row in rows)


def main(folder: Path) -> None:
    """Write the extract and its places."""
    folder.mkdir(parents=True, exist_ok=True)
    write_lines(folder / "sefton_lines.csv", lines(np.random.default_rng(SEED)))
    write_places(folder / "places")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE)
