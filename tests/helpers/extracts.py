"""Small extracts to try things on: lines in, the case that comes out."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from allocate.intake.importing import Imported, import_extract
from allocate.intake.summary import line_rows, render

ON = date(2024, 3, 4)
Cells = Mapping[str, str]

MAP = """
[columns]
person = "Client ID"
line = "Line ID"
provider = "Provider Name"
provider_code = "Provider Ref"
service = "Service Type"
postcode = "Post Code"
ward = "Ward"
hours = "Hours pw"
visits = "Visits pw"
times = "Call Time"
start = "Start Date"
end = "End Date"
status = "Status"
suspended = "Suspended"
rate = "Rate"
priority = "Priority"
requested = "Requested"
needs = "Needs"
household = "Household"

[reading]
double_handed = "two lines"

[services]
home_care = ["Home Care"]
other = ["Day Care", "Meals"]

[statuses]
active = ["Active"]
waiting = ["Waiting"]
ended = ["Ended"]
suspended = ["Suspended"]

[needs]
dementia = ["Dementia"]
none = ["N/A"]
"""

LINE = {
    "Client ID": "1001",
    "Forename": "Ermintrude",
    "Surname": "Quackenbush",
    "Date of Birth": "17/05/1931",
    "NHS No": "999 123 4560",
    "Tel": "01632 960123",
    "Line ID": "",
    "Provider Name": "Alder Care Ltd",
    "Provider Ref": "AC1",
    "Service Type": "Home Care",
    "Post Code": "ZZ1 1CK",
    "Ward": "Northend",
    "Hours pw": "7",
    "Visits pw": "14",
    "Call Time": "Morning",
    "Start Date": "01/02/2023",
    "End Date": "",
    "Status": "Active",
    "Suspended": "",
    "Rate": "£20.00",
    "Priority": "",
    "Requested": "",
    "Needs": "",
    "Household": "",
    "Notes": "Key safe 4711, ask for Hildegard",
}
# Texts of LINE that may stand in no output.
PRIVATE = (
    *("Ermintrude", "Quackenbush", "17/05/1931", "1931-05-17", "999 123", "9991234560"),
    *("01632", "4711", "Hildegard", "ZZ1 1CK", "ZZ11CK"),
)
PLACES = {
    "place_areas": "place_id,area_id\nW1,North\nW2,South\n",
    "places": "place_id,name,easting_m,northing_m\nW1,Northend,300000,400000\n"
    "W2,St Oswald's,303000,400000\n",
    "lookup": "key,key_kind,place_id,vintage,note\n"
    "ZZ1 1CK,postcode,W1,EX24,invented\nZZ1 1CM,postcode,W1,EX24,invented\n"
    "ZZ2 1CK,postcode,W1,EX24,invented\nZZ2 2CK,postcode,W2,EX24,invented\n"
    "ZZ3 1CK,postcode,W2,EX24,invented\n"
    "Old Market,ward,W2,EX04,invented\nHarbour,ward,W1,EX04,invented\n"
    "Harbour,ward,W2,EX14,invented\nTwinned,ward,W1,EX04,split\nTwinned,ward,W2,EX04,split\n",
}
SALT = "0123456789abcdef0123456789abcdef"


@dataclass
class Council:
    """A folder with an extract, a map, places and a salt.

    Parameters
    ----------
    folder
        Where everything stands.
    map_text
        The map as written.
    """

    folder: Path
    map_text: str = MAP
    places: dict[str, str] = field(default_factory=lambda: dict(PLACES))

    def line(self, **changes: str) -> dict[str, str]:
        """A line of home care by Alder Care in Northend, but for some cells.

        Underscores in a name stand for spaces.
        """
        return LINE | {key.replace("_", " "): value for key, value in changes.items()}

    def lay_out(self, lines: Iterable[Cells], name: str = "lines.csv") -> Path:
        """Write everything; lines without a number get one."""
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / name
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(LINE))
            writer.writeheader()
            for number, line in enumerate(lines, start=1):
                writer.writerow({**line, "Line ID": line["Line ID"] or f"L{number}"})
        self.lay_out_rest()
        return path

    def lay_out_rest(self) -> None:
        """Write all but the extract."""
        (self.folder / "map.toml").write_text(self.map_text, encoding="utf-8")
        (self.folder / "places").mkdir(exist_ok=True)
        for table, text in self.places.items():
            (self.folder / "places" / f"{table}.csv").write_text(text, encoding="utf-8")
        salt = self.folder / "salt"
        if not salt.exists():
            salt.write_text(SALT, encoding="utf-8")

    def run(self, extract: Path, on: date = ON) -> Case:
        """Import an extract that is laid out, and write nothing."""
        folder = self.folder
        imported = import_extract(
            extract, folder / "map.toml", places=folder / "places", salt=folder / "salt", on=on
        )
        return Case(imported, render(imported.story, ()))

    def import_lines(self, *lines: Cells) -> Case:
        """Lay lines out and import them."""
        return self.run(self.lay_out(lines))


@dataclass(frozen=True)
class Case:
    """What an import made, and said."""

    imported: Imported
    summary: str

    def table(self, name: str) -> list[dict[str, str]]:
        """Rows of a table that the import makes."""
        return list(csv.DictReader(io.StringIO(self.imported.tables[name])))

    @property
    def package(self) -> dict[str, str]:
        """The only package."""
        (row,) = self.table("packages")
        return row

    @property
    def fates(self) -> list[str]:
        """What became of each line, in the order of the extract."""
        return [row[3] for row in line_rows(self.imported.story, self.imported.id_of)]
