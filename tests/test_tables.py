"""Reading is forgiving where the meaning is plain, and each value arrives as it was meant."""

from __future__ import annotations

import hashlib
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from allocate.errors import BadInput
from allocate.files.canonical import text
from allocate.solving import solve
from allocate.tables import Tables, read
from helpers.cases import OK_SMALL, copy_case, edit


def cell(tables: Tables, table: str, line: int, column: str) -> object:
    """The value that stands in a line of a file."""
    return tables[table].loc[f"line {line}", column]


def rewritten(folder: Path, table: str, encoding: str, newline: str = "\n") -> None:
    """Save a table again in another encoding."""
    path = folder / f"{table}.csv"
    path.write_bytes(path.read_text(encoding="utf-8").replace("\n", newline).encode(encoding))


@pytest.fixture
def case(tmp_path: Path) -> Path:
    """A copy of ok_small to edit."""
    return copy_case(tmp_path / "case")


def test_ok_small_reads() -> None:
    """The base case has the rows and types that the card promises."""
    tables = read(OK_SMALL)
    assert tables.name == "ok_small"
    assert [len(tables[name]) for name in ("packages", "providers", "places")] == [6, 3, 3]
    assert cell(tables, "packages", 2, "hours_per_week") == 10.5
    assert cell(tables, "packages", 3, "locked") is True
    assert cell(tables, "providers", 2, "needs") == ("dementia", "peg feeding")
    assert cell(tables, "providers", 2, "rating_date") == date(2021, 3, 11)
    assert not tables.has("crossings")
    assert tables.ignored == ()


def test_hashes_are_of_what_the_tables_say(case: Path) -> None:
    """Order of columns, spelling of numbers and empty columns leave a table's hash as it is."""
    before = read(case).hashes
    edit(case, "rates", ",,20.00", ",,£20.0")
    frame = pd.read_csv(case / "packages.csv", dtype=str, keep_default_na=False)
    frame = frame.assign(end_date="")[[*reversed(frame.columns)]]
    frame.to_csv(case / "packages.csv", index=False)
    assert read(case).hashes == before
    edit(case, "rates", ",,£20.0", ",,20.01")
    assert read(case).hashes != before
    assert set(before) == {path.stem for path in OK_SMALL.glob("*.csv")}


def test_canonical_tables_read_back_the_same(case: Path) -> None:
    """A case written in the one way reads back with the same hashes."""
    tables = read(case)
    for name in tables.hashes:
        written = text(tables[name], tables.card.tables[name])
        assert hashlib.sha256(written.encode()).hexdigest() == tables.hashes[name]
        (case / f"{name}.csv").write_text(written, encoding="utf-8")
    assert read(case).hashes == tables.hashes


@pytest.mark.parametrize("encoding", ["cp1252", "utf-8", "utf-8-sig"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_encodings(case: Path, encoding: str, newline: str) -> None:
    """Excel's cp1252, UTF-8 and a byte-order mark read alike, with either line ending."""
    edit(case, "providers", "Alder Care", "Café Soins – “Alder”")
    edit(case, "rates", ",,20.00", ",,£20.00")
    for table in ("providers", "rates", "packages"):
        rewritten(case, table, encoding, newline)
    tables = read(case)
    assert cell(tables, "providers", 2, "name") == "Café Soins – “Alder”"
    assert cell(tables, "rates", 2, "rate_pounds_per_hour") == 20.0
    assert tables["packages"].equals(read(OK_SMALL)["packages"])


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ('"1,234.5"', 1234.5),
        ('"12,345"', 12345.0),
        ("£40", 40.0),
        ('"£1,250.25"', 1250.25),
        ("  40  ", 40.0),
        ("\u00a040\u00a0", 40.0),
        ("40.0", 40.0),
        (".5", 0.5),
        ("0", 0.0),
        ("1\u00a0250", 1250.0),
    ],
)
def test_plain_numbers(case: Path, typed: str, meant: float) -> None:
    """Pounds, thousands commas and stray spaces do not change a number."""
    edit(case, "providers", ",Yes,40,", f",Yes,{typed},")
    assert cell(read(case), "providers", 2, "capacity_hours") == meant


@pytest.mark.parametrize(
    "typed", ["1,5", "1,50", "12,34", "1.2.3", "1e3", "12 5", "--3", "5-6", "ten", "1,2345", "½"]
)
def test_ambiguous_numbers_are_refused(case: Path, typed: str) -> None:
    """A number that could be read in two ways, or in none, is a fault that shows it as typed."""
    edit(case, "providers", ",Yes,40,", f',Yes,"{typed}",')
    with pytest.raises(BadInput) as refused:
        read(case)
    assert f'providers.csv line 2, capacity_hours = "{typed}"' in str(refused.value)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("03/04/2021", date(2021, 4, 3)),
        ("3/4/2021", date(2021, 4, 3)),
        ("03-04-2021", date(2021, 4, 3)),
        ("03.04.2021", date(2021, 4, 3)),
        ("2021-04-03", date(2021, 4, 3)),
        ("2021-04-03 00:00:00", date(2021, 4, 3)),
        (" 25/12/2020 ", date(2020, 12, 25)),
    ],
)
def test_dates_are_day_first(case: Path, typed: str, meant: date) -> None:
    """dd/mm/yyyy and ISO dates are read; the day stands first."""
    edit(case, "providers", "2021-03-11", typed)
    assert cell(read(case), "providers", 2, "rating_date") == meant


@pytest.mark.parametrize("typed", ["3/4/21", "12/25/2020", "31/02/2021", "April 2021", "44000"])
def test_ambiguous_dates_are_refused(case: Path, typed: str) -> None:
    """Two-digit years, months first and serial numbers are faults."""
    edit(case, "providers", "2021-03-11", typed)
    with pytest.raises(BadInput, match="is not a date"):
        read(case)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        *[(word, True) for word in ("Yes", "y", "TRUE", "1", "YES ")],
        *[(word, False) for word in ("No", "n", "FALSE", "0")],
        ("", None),
    ],
)
def test_yes_and_no(case: Path, typed: str, meant: bool | None) -> None:
    """Yes and No in the ways people and spreadsheets write them."""
    edit(case, "packages", ",H1,3,,,No,", f",H1,3,,,{typed},")
    assert cell(read(case), "packages", 2, "locked") is meant


def test_headings_in_any_case_with_spaces(case: Path) -> None:
    """Headings may be capitalised, and have spaces for underscores and around them."""
    edit(
        case,
        "packages",
        "package_id,place_id,hours_per_week",
        " Package ID , PLACE_ID,Hours per week",
    )
    edit(case, "packages", "days_waiting", "Days\u00a0waiting")
    tables = read(case)
    assert tables.ignored == ()
    assert tables["packages"].equals(read(OK_SMALL)["packages"])


def test_columns_in_any_order(case: Path) -> None:
    """The order of columns means nothing."""
    path = case / "rates.csv"
    rows = [line.split(",") for line in path.read_text().splitlines()]
    path.write_text("\n".join(",".join(reversed(row)) for row in rows) + "\n")
    assert read(case)["rates"].equals(read(OK_SMALL)["rates"])


def test_words_in_any_case(case: Path) -> None:
    """Words of a list are read in any case, and by their other names."""
    edit(case, "packages", "P1,W01,10.5,1,14,placed,H1,3", "P1,W01,10.5,1,14,PLACED,H1,Urgent")
    edit(case, "providers", "Requires improvement", "requires Improvement")
    tables = read(case)
    assert cell(tables, "packages", 2, "status") == "placed"
    assert cell(tables, "packages", 2, "priority") == "1"
    assert cell(tables, "providers", 4, "cqc_rating") == "Requires improvement"


@pytest.mark.parametrize("name", ["NA", "007", "null", "nan", "None", "1e5", "TRUE", "-", "N/A"])
def test_ids_survive_as_text(case: Path, name: str) -> None:
    """Ids that look like a missing value, a number or a truth stay the text that they are."""
    for table in ("providers", "packages", "reach", "areas", "rates", "pins", "referrals"):
        path = case / f"{table}.csv"
        path.write_text(path.read_text().replace("H3", name).replace("W03", f"{name}!"))
    for table in ("places", "place_areas", "borders"):
        path = case / f"{table}.csv"
        path.write_text(path.read_text().replace("W03", f"{name}!"))
    edit(case, "packages", "P5,", f"{name},")
    edit(case, "packages", "placed,H2,3,,,No,,,home", f"placed,{name},3,,,No,{name},,home")
    tables = read(case)
    assert list(tables["providers"]["provider_id"]) == ["H1", "H2", name]
    for column in ("package_id", "provider_id", "household_id"):
        assert cell(tables, "packages", 6, column) == name
    answer = solve(case, seconds=20).tables["allocation"].set_index("package_id")
    assert answer.loc[name, "provider_id"] == name
    assert answer.loc[name, "place_id"] == f"{name}!"


def test_spaces_around_ids(case: Path) -> None:
    """Spaces, also those that do not break, are no part of an id."""
    edit(case, "packages", "P5,W03,", "\u00a0P5 , W03\u00a0,")
    tables = read(case)
    assert cell(tables, "packages", 6, "package_id") == "P5"
    assert cell(tables, "packages", 6, "place_id") == "W03"


def test_blank_lines_are_skipped_and_counted(case: Path) -> None:
    """Empty rows are no rows, and the lines after them keep their numbers."""
    edit(case, "packages", "P3,W02,14,", f"\n{',' * 16}\n  ,\nP3,W02,-14,")
    with pytest.raises(BadInput) as refused:
        read(case)
    assert 'packages.csv line 7, hours_per_week = "-14"' in str(refused.value)
    assert len(refused.value.faults) == 1


def test_blank_lines_before_the_heading(case: Path) -> None:
    """Empty lines above the heading are skipped as well."""
    path = case / "packages.csv"
    path.write_text(f"\n{',' * 16}\n" + path.read_text())
    tables = read(case)
    assert len(tables["packages"]) == 6
    assert cell(tables, "packages", 4, "package_id") == "P1"


def test_two_files_of_one_table_are_refused(case: Path) -> None:
    """Packages.CSV beside packages.csv: neither is dropped in silence."""
    (case / "Packages.CSV").write_text((case / "packages.csv").read_text())
    if len(list(case.glob("[pP]ackages.*"))) < 2:
        pytest.skip("this file system does not tell the two names apart")
    with pytest.raises(BadInput) as refused:
        read(case)
    assert "Packages.CSV" in str(refused.value)


def test_short_rows_are_filled(case: Path) -> None:
    """A row that ends early has empty cells."""
    edit(case, "packages", "P1,W01,10.5,1,14,placed,H1,3,,,No,,,home care,council,2020-01-06,",
         "P1,W01,10.5,1,14,placed,H1")  # fmt: skip
    tables = read(case)
    assert cell(tables, "packages", 2, "priority") == ""
    assert cell(tables, "packages", 2, "locked") is None


def test_quoted_newlines_keep_line_numbers(case: Path) -> None:
    """A cell over three lines moves the numbers of the rows below, as an editor shows them."""
    edit(case, "packages", "P2,W01,7,2,14,placed,H2,3,,,Yes,,dementia,home care",
         'P2,W01,7,2,14,placed,H2,3,,,Yes,,dementia,"home\ncare,\nnights"')  # fmt: skip
    edit(case, "packages", "P3,W02,14,", "P3,W02,-14,")
    with pytest.raises(BadInput) as refused:
        read(case)
    assert 'packages.csv line 6, hours_per_week = "-14"' in str(refused.value)
    edit(case, "packages", "P3,W02,-14,", "P3,W02,14,")
    assert cell(read(case), "packages", 3, "service") == "home\ncare,\nnights"


def test_semicolon_lists(case: Path) -> None:
    """Items of a list stand between semicolons; empty ones and spaces do not count."""
    edit(case, "providers", "dementia;peg feeding", " dementia ; peg feeding;;bsl; ")
    tables = read(case)
    assert cell(tables, "providers", 2, "needs") == ("dementia", "peg feeding", "bsl")
    assert cell(tables, "providers", 4, "needs") == ()


def test_file_names_in_any_case(case: Path) -> None:
    """A table may be called PACKAGES.CSV."""
    (case / "packages.csv").rename(case / "PACKAGES.CSV")
    assert len(read(case)["packages"]) == 6


def test_cells_as_typed_are_kept(case: Path) -> None:
    """Beside each value the case keeps the cell as typed."""
    edit(case, "providers", ",Yes,40,", ',Yes,"£1,040.50",')
    tables = read(case)
    assert tables.typed["providers"].loc["line 2", "capacity_hours"] == "£1,040.50"
    assert cell(tables, "providers", 2, "capacity_hours") == 1040.5


def minimal(folder: Path) -> Path:
    """Three sheets and one rate: what a first answer needs, and no more."""
    folder.mkdir()
    (folder / "packages.csv").write_text(
        "package_id,place_id,hours_per_week,provider_id\n"
        "P1,W01,10.5,H1\nP2,W01,14,H2\nP3,W02,7,H2\nP4,W02,5.25,\n"
    )
    (folder / "providers.csv").write_text("provider_id\nH1\nH2\n")
    (folder / "place_areas.csv").write_text("place_id,area_id\nW01,North\nW02,South\n")
    (folder / "parameters.csv").write_text(
        "parameter_id,value\nrate_pounds_per_hour,£20.00\nassumed_headroom,0.5\n"
    )
    return folder


def test_three_sheets_and_a_rate_are_enough(tmp_path: Path) -> None:
    """Packages, providers, place areas and one rate give an answer; what is derived is listed."""
    result = solve(minimal(tmp_path / "case"), seconds=20)
    assert result.exit_code == 0
    placed = dict(zip(result.tables["allocation"]["package_id"],
                      result.tables["allocation"]["provider_id"], strict=True))  # fmt: skip
    assert placed == {"P1": "H1", "P2": "H2", "P3": "H2", "P4": "H2"}
    # 36.75 hours at £20: each package rounded by itself, 365 / 7 weeks.
    assert result.record["terms"]["cash"]["amount"] == pytest.approx(36.75 * 20 * 365 / 7, abs=0.02)
    listed = "\n".join(result.record["assumptions"])
    for derived in (
        "packages.status, 4 rows",
        "packages.carers, 4 rows: one carer a visit",
        "packages.visits_per_week, 4 rows: visits of 45 minutes",
        "packages.priority, 4 rows: 3 (routine)",
        "providers.capacity_hours, 2 rows: present work plus 50% headroom",
        "providers.growth_hours, 2 rows: no growth",
        "providers.owner_id, 2 rows: the provider itself",
        "providers.cqc_rating, 2 rows: not yet rated, taken as Requires improvement",
        "providers.can_lead, 2 rows: every provider may lead",
        "rates.rate_pounds_per_hour, 1 row: one rate for everyone",
        "reach.place_id, 2 rows: all places of the areas it works in now",
        "areas.lead_id, 2 rows: every lead is to be chosen",
        "no travel counted",
    ):
        assert derived in listed, f"{derived!r} is not in:\n{listed}"
        assert derived in result.summary


def test_three_sheets_without_a_rate_are_refused(tmp_path: Path) -> None:
    """Without any rate the message says where to put one."""
    folder = minimal(tmp_path / "case")
    (folder / "parameters.csv").unlink()
    with pytest.raises(BadInput) as refused:
        solve(folder, seconds=20)
    assert "no rate is given" in str(refused.value)
    assert "rate_pounds_per_hour" in str(refused.value)


def test_titles_and_totals_are_left_out(case: Path) -> None:
    """A title above the heading and a total below the rows are no data, and are told."""
    path = case / "packages.csv"
    path.write_text(f"Packages,as of Monday\n{path.read_text()}Total,,52.25\n")
    tables = read(case)
    assert tables.hashes == read(OK_SMALL).hashes
    assert tables.notes == (
        "packages.csv: row 1 above the heading left out",
        "packages.csv line 9 is a total, and left out",
    )


@pytest.mark.parametrize("row", [",,21.50\n", "H1,,20.50\n,,42.00\n"])
def test_an_empty_key_that_means_everyone_is_no_total(case: Path, row: str) -> None:
    """The rate for everyone stays, wherever it stands and whatever it comes to."""
    path = case / "rates.csv"
    path.write_text(path.read_text().replace(",,20.00\n", "") + row)
    tables = read(case)
    assert tables["rates"]["provider_id"].iloc[-1] == ""
    assert tables.notes == ()


def test_ids_cut_short_by_a_spreadsheet_are_refused(case: Path) -> None:
    """An id that Excel saved as 1.23E+15 has lost its digits; 1e5 may be an id."""
    edit(case, "packages", "P3,W02", "1.23E+15,W02")
    with pytest.raises(BadInput, match=r"line 4, package_id = .* is a long number"):
        read(case)


def test_ids_that_lost_their_noughts(case: Path) -> None:
    """An id of another table that only lacks leading zeros is read with them, and said."""
    for name in ("places", "place_areas", "packages", "reach", "borders", "referrals", "rates"):
        path = case / f"{name}.csv"
        path.write_text(path.read_text().replace("W01", "0101"))
    edit(case, "packages", "P1,0101", "P1,101")
    tables = read(case)
    assert cell(tables, "packages", 2, "place_id") == "0101"
    assert tables.notes == (
        "packages.csv: place_id 101 is read as 0101, as place_areas has it (rows: 1)",
    )
