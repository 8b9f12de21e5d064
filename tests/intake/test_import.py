"""The command, its files, and the extract that ships with the project."""

from __future__ import annotations

import csv
import subprocess
import sys
from collections import Counter
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest

from allocate.card import shipped
from allocate.intake.importing import import_extract
from allocate.intake.mapping import Columns, Map, Reading
from allocate.intake.summary import render
from helpers.cases import CommandLine
from helpers.extracts import MAP, SALT, Council

EXTRACTS = shipped("scenarios", "extracts")
SEFTON = shipped("scenarios", "cases", "sefton")


def rows(path: Path) -> list[dict[str, str]]:
    """Rows of a CSV file."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def sefton(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The case that the shipped extract gives."""
    folder = tmp_path_factory.mktemp("sefton")
    (folder / "salt").write_text(SALT, encoding="utf-8")
    imported = import_extract(
        EXTRACTS / "sefton_lines.csv",
        EXTRACTS / "sefton_map.toml",
        places=EXTRACTS / "places",
        salt=folder / "salt",
        on=date(2021, 11, 28),
    )
    imported.write(folder / "case")
    return folder / "case"


def test_the_shipped_extract_gives_the_packages_of_the_case(sefton: Path) -> None:
    """Taken apart into lines and imported again, every package of `sefton` is there."""

    def told(folder: Path) -> Counter[tuple[str, ...]]:
        columns = ("place_id", "carers", "visits_per_week", "status", "provider_id")
        more = ("days_waiting", "needs")
        return Counter(
            (
                f"{float(row['hours_per_week']):.3f}",
                row["priority"] or "3",
                *(row[column] for column in columns),
                *(";".join(sorted(row[column].split(";"))) for column in more),
            )
            for row in rows(folder / "packages.csv")
        )

    assert told(sefton) == told(SEFTON)


def test_the_shipped_extract_in_words(sefton: Path) -> None:
    """The summary has the totals of the council's paper, and counts every line."""
    summary = (sefton / "import/summary.txt").read_text(encoding="utf-8")
    for words in (
        "The map says: synthetic",
        "People placed: 1,585, 19,154 carer-hours a week",
        "Yearly cash of these: £15,792,783",
        "Waiting: 130 people, 1,558 carer-hours",
        "Providers: 38",
        "1,612 lines became a package each",
        "206 lines made 103 more packages",
        "second carer of another line's visits",
        "by postcode sector",
        "placed by ward names of vintage: EX04",
        "names: Client Name",
    ):
        assert words in summary
    assert len(rows(sefton / "import/lines.csv")) == 2_412
    assert "2,412 lines in all" in summary


def test_one_line_and_one_package_are_said_as_such(council: Council) -> None:
    """The counts are words that hold for one line too."""
    alone = council.import_lines(council.line())
    assert "1 line became a package\n" in alone.summary
    both = council.import_lines(council.line(), council.line(Hours_pw="3"))
    assert "2 lines made 1 package\n" in both.summary
    third = council.line(Client_ID="2")
    more = council.import_lines(council.line(), council.line(Hours_pw="3"), third)
    assert "2 lines made 1 more package\n" in more.summary


def test_no_invented_person_is_in_the_case(sefton: Path) -> None:
    """Nothing that says who somebody is leaves the extract, not even a postcode."""
    written = "\n".join(file.read_text(encoding="utf-8") for file in sefton.rglob("*.*"))
    with (EXTRACTS / "sefton_lines.csv").open(encoding="cp1252", newline="") as file:
        lines = list(csv.reader(file))[4:-1]
    for text in ("Testperson", "Example Street", "01632", "999 0", "Invented-"):
        assert text not in written
    numbers = {line[0] for line in lines} | {line[8] for line in lines}
    cells = {cell for table in sefton.glob("*.csv") for row in rows(table) for cell in row.values()}
    assert not cells & numbers
    assert not cells & {line[6] for line in lines if line[6]}


def test_the_shipped_extract_is_what_its_generator_writes(tmp_path: Path) -> None:
    """The generator writes the same bytes each time."""
    generator = EXTRACTS / "generate.py"
    subprocess.run([sys.executable, str(generator), str(tmp_path)], check=True)
    for path in [tmp_path / "sefton_lines.csv", *sorted((tmp_path / "places").iterdir())]:
        assert path.read_bytes() == (EXTRACTS / path.relative_to(tmp_path)).read_bytes()


def test_the_command_writes_a_case_that_check_reads(
    council: Council, allocate: CommandLine
) -> None:
    """Import and check agree, and the case is answered."""
    extract = council.lay_out([council.line(), council.line(Client_ID="2", Status="Waiting")])
    out = council.folder / "case"
    words = ("--map", council.folder / "map.toml", "--salt", council.folder / "salt")
    run = allocate("import", extract, *words, "--out", out, "--on", "2024-03-04")
    assert run.code == 0, run.err
    assert {item.name for item in out.iterdir()} == {
        *("packages.csv", "providers.csv", "rates.csv", "sources.csv", "places.csv"),
        *("place_areas.csv", "import"),
    }
    assert f"Next: allocate check {out}" in run.out
    checked = allocate("check", out)
    assert checked.code == 0, checked.err
    for line in ("Waiting: 1 person, 7 carer-hours", "People placed: 1, 7 carer-hours a week"):
        assert line in checked.out
        assert line in run.out
    again = allocate("import", extract, *words, "--out", out)
    assert again.code == 2
    assert "exists already" in again.err


def test_a_date_that_is_none(allocate: CommandLine, council: Council) -> None:
    """--on takes a date."""
    extract = council.lay_out([council.line()])
    map_file = council.folder / "map.toml"
    run = allocate("import", extract, "--map", map_file, "--out", "never", "--on", "today")
    assert run.code == 2
    assert '--on, "today": is no date. Write dd/mm/yyyy.' in run.err


@pytest.mark.parametrize(
    ("mark", "encoding"), [(";", "cp1252"), ("\t", "utf-16"), (",", "utf-8-sig")]
)
def test_files_as_excel_saves_them(council: Council, mark: str, encoding: str) -> None:
    """Semicolons, tabs, Excel's encodings and title rows are understood."""
    path = council.lay_out([council.line(Rate="£20")])
    with path.open(encoding="utf-8", newline="") as file:
        cells = list(csv.reader(file))
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file, delimiter=mark)
        writer.writerow(["Care lines", *[""] * (len(cells[0]) - 1)])
        writer.writerows(cells)
    case = council.run(path)
    assert case.package["hours_per_week"] == "7"
    assert "1 title row above the headings was left out" in case.summary


MOSAIC_MAP = """
[columns]
person = "Person ID"
provider = "Organisation Name"
service = "Element Type"
ward = "Ward"
frequency = "Frequency"
carers = "No of Carers"
start = "Actual Start Date"
end = "Actual End Date"
weekly_cost = "Gross Weekly Cost"

[reading]
double_handed = "one line with a number of carers"

[services]
home_care = ["PS - Home Care"]
other = ["PS - Telecare"]
"""


def mosaic(path: Path) -> None:
    """A workbook in the shape of another system: a cover sheet, titles, true dates and numbers."""
    book = openpyxl.Workbook()
    cover = book.active
    assert cover is not None
    cover.title = "Cover"
    cover.append(["Purchased services"])
    sheet = book.create_sheet("Data")
    sheet.append(["Purchased services, all teams"])
    sheet.append([])
    sheet.append(
        [
            *("Person ID", "Full Name", "Element Type", "Organisation Name", "Ward", "Frequency"),
            *("No of Carers", "Actual Start Date", "Actual End Date", "Gross Weekly Cost"),
        ]
    )
    start = datetime(2023, 2, 1)
    home, alder = "PS - Home Care", "Alder Care"
    sheet.append([1, "Quackenbush", home, alder, "Northend", "7 x 30 min", 2, start, None, 140])
    sheet.append([1, "Quackenbush", home, alder, "Northend", "7 x 60 min", 2, start, None, 280.0])
    sheet.append([2, "Quackenbush", home, alder, "W2", "14 x 45 min", 1, start, None, 210])
    ended = datetime(2023, 9, 1)
    sheet.append([3, "Quackenbush", home, alder, "W2", "7 x 30 min", 1, start, ended, 70])
    sheet.append([2, "Quackenbush", "PS - Telecare", alder, "W2", "", "", start, None, 5.5])
    book.save(path)


def test_a_workbook_in_another_shape(council: Council) -> None:
    """A workbook is read from the sheet that has the headings, by its true dates and numbers."""
    council.map_text = MOSAIC_MAP
    council.lay_out([])
    path = council.folder / "lines.xlsx"
    mosaic(path)
    case = council.run(path)
    told = [
        (row["hours_per_week"], row["carers"], row["visits_per_week"], row["place_id"])
        for row in case.table("packages")
    ]
    assert sorted(told) == [("10.5", "1", "14", "W2"), ("10.5", "2", "14", "W1")]
    assert case.table("rates")[0]["rate_pounds_per_hour"] == "20.00"
    assert "sheet Data was read; not read: Cover" in case.summary
    assert "names: Full Name" in case.summary


def test_a_cell_in_doubt_is_a_fault_where_it_matters(council: Council) -> None:
    """A cell of a workbook that cannot be read is told; one of a column not used is not."""
    council.map_text = MOSAIC_MAP
    council.lay_out([])
    path = council.folder / "lines.xlsx"
    mosaic(path)
    book = openpyxl.load_workbook(path)
    book["Data"]["F5"] = "#REF!"
    book["Data"]["F5"].data_type = "e"
    book["Data"]["B4"] = "#N/A"
    book["Data"]["B4"].data_type = "e"
    book.save(path)
    with pytest.raises(Exception, match=r'Data row 5, Frequency = "#REF!": is an error') as refused:
        council.run(path)
    assert str(refused.value).startswith("1 fault in lines.xlsx")


def test_a_summary_says_what_is_not_mapped(council: Council) -> None:
    """What the map leaves open is said: every service home care, no line numbers."""
    council.map_text = MAP.replace('service = "Service Type"\n', "").replace(
        'line = "Line ID"\n', ""
    )
    case = council.import_lines(council.line())
    assert "every line is taken as home care" in case.summary
    assert "a line exported twice looks like a second carer" in case.summary
    assert render(case.imported.story, ()) == case.summary


def test_every_key_of_the_map_is_explained() -> None:
    """The page beside the shipped map names every column, setting and list that a map may have."""
    page = (EXTRACTS / "README.md").read_text(encoding="utf-8")
    for key in (*Columns.model_fields, *Reading.model_fields):
        assert f"`{key}`" in page, key
    for section in set(Map.model_fields) - {"columns", "reading", "salt_fingerprint"}:
        assert f"`[{section}]`" in page, section
