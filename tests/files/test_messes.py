"""What people do to workbooks: repaired where the meaning is plain, else refused by address."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from allocate.errors import BadInput
from allocate.files import workbook
from allocate.files.workbook import read_workbook
from allocate.tables import Tables, read
from helpers.books import as_book, with_cached
from helpers.cases import OK_SMALL, CommandLine

BASE = read(OK_SMALL)


def saved(book: Workbook, folder: Path) -> Path:
    """Save a workbook as case.xlsx."""
    path = folder / "case.xlsx"
    book.save(path)
    return path


def refused(path: Path) -> str:
    """The message of a case that cannot be read."""
    with pytest.raises(BadInput) as error:
        read(path)
    return str(error.value)


def assert_repaired(path: Path, *notes: str) -> Tables:
    """The case says what ok_small says, and each repair is told."""
    tables = read(path)
    assert tables.hashes == BASE.hashes
    assert len(tables.notes) == len(notes), tables.notes
    for note, told in zip(notes, tables.notes, strict=True):
        assert note in told
    return tables


# -------------------------------------------------------------------------------- what is typed


@pytest.mark.parametrize(
    ("value", "number_format", "text"),
    [
        (12.5, "General", "12.5"),
        (12.0, "General", "12"),
        (-3, "General", "-3"),
        (0, "General", "0"),
        (0.1 + 0.2, "General", "0.3"),
        (1e-7, "General", "0.0000001"),
        (123456789012345, "General", "123456789012345"),
        (0.85, "0%", "0.85"),
        (16.68, "£#,##0.00", "16.68"),
        (7, "000", "007"),
        (7, '"P"0000', "P0007"),
        (1234, "000", "1234"),
        (True, "General", "Yes"),
        (False, "General", "No"),
        (date(2021, 4, 3), "dd/mm/yyyy", "2021-04-03"),
        (datetime(2021, 4, 3), "dd/mm/yyyy", "2021-04-03"),
        (datetime(2021, 4, 3, 9, 30), "dd/mm/yyyy hh:mm", "2021-04-03 09:30:00"),
        (time(9, 30), "hh:mm", "09:30"),
        (timedelta(hours=30, minutes=5), "[h]:mm", "30:05"),
        ("  NA ", "General", "NA"),
        ("007", "@", "007"),
        ("'007", "General", "007"),
        ("'s Care", "General", "'s Care"),
        ("two\u00a0words", "General", "two words"),
    ],
)
def test_cells_as_typed(value: Any, number_format: str, text: str, tmp_path: Path) -> None:
    """Each kind of cell becomes the text that a person would type."""
    book = Workbook()
    cell = book.active["B2"]
    cell.value, cell.number_format = value, number_format
    (sheet,) = read_workbook(saved(book, tmp_path)).sheets
    assert sheet.rows == ((2, ["", text]),)
    assert not sheet.doubts


def test_dates_of_the_old_macintosh(tmp_path: Path) -> None:
    """A workbook that counts days from 1904 has the dates that it shows."""
    book = as_book(OK_SMALL)
    book.epoch = datetime(1904, 1, 1)
    assert_repaired(saved(book, tmp_path))


# ------------------------------------------------------------------------------------- repaired


def test_title_rows_and_blank_rows(tmp_path: Path) -> None:
    """Titles above the heading, merged or not, blank rows and a blank first column are no data."""
    book = as_book(OK_SMALL)
    sheet = book["packages"]
    sheet.insert_rows(1, 3)
    sheet["A1"] = "Packages, as of Monday"
    sheet.merge_cells("A1:F1")
    sheet["B2"] = "Draft"
    sheet.insert_rows(6, 2)
    book["rates"].insert_cols(1)
    assert_repaired(saved(book, tmp_path), "packages: rows 1 to 2 above the heading left out")


def test_headings_merged_over_two_rows(tmp_path: Path) -> None:
    """A heading that is merged with the empty cell below it is the heading."""
    book = as_book(OK_SMALL)
    sheet = book["rates"]
    sheet.insert_rows(2)
    for column in "ABC":
        sheet.merge_cells(f"{column}1:{column}2")
    assert_repaired(saved(book, tmp_path))


def test_empty_columns_and_formatted_cells(tmp_path: Path) -> None:
    """Columns and rows that are formatted and empty are nothing, however far away."""
    book = as_book(OK_SMALL)
    book["packages"]["XFD1048576"].number_format = "0.00"
    for row in range(1, 400):
        book["rates"].cell(row, 9).number_format = "0.00"
    assert_repaired(saved(book, tmp_path))


def test_sheets_by_any_spelling_and_others(tmp_path: Path) -> None:
    """Sheets are found in any case and with spaces; strangers are listed, a Read me is not."""
    book = as_book(OK_SMALL)
    book["place_areas"].title = "Place Areas"
    book["packages"].title = "x"
    book["x"].title = "PACKAGES"
    book.create_sheet("Read me").append(["Hello"])
    book.create_sheet("Package").append(["Hello"])
    book.create_sheet("Sheet1")
    book.create_sheet("crossings")
    tables = assert_repaired(saved(book, tmp_path))
    assert tables.ignored == ('case.xlsx Package: no table of this model (closest: "packages")',)


def test_two_sheets_of_one_table(tmp_path: Path) -> None:
    """Two sheets that are one table are refused by their names."""
    book = as_book(OK_SMALL)
    book.copy_worksheet(book["packages"]).title = "Packages "
    told = refused(saved(book, tmp_path))
    assert "case.xlsx Packages : is the same table as case.xlsx packages" in told


def test_hidden_is_read_and_said(tmp_path: Path) -> None:
    """Hidden rows, columns and sheets are read all the same, and counted."""
    book = as_book(OK_SMALL)
    sheet = book["packages"]
    sheet.row_dimensions[3].hidden = sheet.row_dimensions[5].hidden = True
    sheet.auto_filter.ref = "A1:Q7"
    sheet.row_dimensions[500].hidden = True
    book["places"].column_dimensions["F"].hidden = True
    book["reach"].sheet_state = "hidden"
    assert_repaired(
        saved(book, tmp_path),
        "case.xlsx places: 1 hidden column is read too (F)",
        "case.xlsx packages: 2 hidden rows are read too, some by a filter (3, 5)",
        "case.xlsx reach: the sheet is hidden, and read all the same",
    )


def test_notes_stand_in_the_answer(tmp_path: Path, allocate: CommandLine) -> None:
    """What was repaired is printed by check and by solve."""
    book = as_book(OK_SMALL)
    book["reach"].sheet_state = "hidden"
    path = saved(book, tmp_path)
    for command in ("check", "solve"):
        assert "the sheet is hidden, and read all the same" in allocate(command, path).out


@pytest.mark.parametrize("label", ["Total", "GRAND TOTAL", "Totals:"])
def test_labelled_totals(label: str, tmp_path: Path) -> None:
    """Last rows that say Total and hold nothing else but numbers are left out, and said."""
    book = as_book(OK_SMALL)
    book["packages"].append([label, None, 52.25, 6])
    book["packages"].append([None])
    book["packages"].append(["Grand total", None, "=SUM(C2:C7)"])
    assert_repaired(
        saved(book, tmp_path),
        "the sheet packages row 8 is a total, and left out",
        "the sheet packages row 10 is a total, and left out",
    )


@pytest.mark.parametrize("cell", ["=SUM(C2:C7)", "=SUBTOTAL(9,C2:C7)", 52.25])
def test_totals_without_a_label(cell: Any, tmp_path: Path) -> None:
    """A last row without an id, whose cells add up those above, is left out, and said."""
    book = as_book(OK_SMALL)
    book["packages"].append([None, None, cell])
    assert_repaired(saved(book, tmp_path), "the sheet packages row 8 is a total, and left out")


def test_numbers_as_text_and_apostrophes(tmp_path: Path) -> None:
    """Numbers that are text are numbers; an apostrophe before one is left out, and said."""
    book = as_book(OK_SMALL)
    book["packages"]["C2"] = "10.50"
    book["rates"]["C2"] = "£20.00"
    book["packages"]["C3"] = "'7"
    assert_repaired(saved(book, tmp_path), "an apostrophe before a number is left out (C3)")


def test_formulas_are_read_by_their_values(tmp_path: Path) -> None:
    """The value that Excel kept beside a formula is the cell."""
    book = as_book(OK_SMALL)
    book["packages"]["C2"] = "=21/2"
    book["packages"]["A3"] = '="P"&2'
    book["places"]["B2"] = '=""'
    path = saved(book, tmp_path)
    assert "formula whose value was not saved" in refused(path)
    with_cached(path, "packages", {"C2": 10.5, "A3": "P2"})
    with_cached(path, "places", {"B2": ""})
    tables = read(path)
    assert tables.hashes["packages"] == BASE.hashes["packages"]
    assert tables["places"]["name"].iloc[0] == ""


def zeroed(folder: Path, ids: tuple[str, ...] = ("007", "008", "009")) -> Workbook:
    """ok_small with places called by numbers that begin with noughts, as text."""
    book = as_book(OK_SMALL)
    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.value in ("W01", "W02", "W03"):
                    cell.value = ids[int(str(cell.value)[-1]) - 1]
    return book


def test_noughts_that_are_shown(tmp_path: Path) -> None:
    """An id that is a number shown as 007 is 007."""
    book = zeroed(tmp_path)
    book["packages"]["B2"], book["packages"]["B2"].number_format = 7, "000"
    tables = read(saved(book, tmp_path))
    assert tables["packages"]["place_id"].iloc[0] == "007"
    assert "numbers shown with leading zeros are read with them (B2)" in tables.notes[0]


def test_noughts_that_are_lost(tmp_path: Path) -> None:
    """An id that lost its noughts has them back where only one id can be meant."""
    book = zeroed(tmp_path)
    book["packages"]["B2"], book["reach"]["B2"], book["reach"]["B4"] = 7, 7, "7"
    tables = read(saved(book, tmp_path))
    assert tables["packages"]["place_id"].iloc[0] == "007"
    assert set(tables["reach"]["place_id"]) == {"007", "008", "009"}
    told = "place_id 7 is read as 007, as place_areas has it (rows: "
    assert tables.notes == (f"the sheet packages: {told}1)", f"the sheet reach: {told}2)")


def test_noughts_that_could_be_two(tmp_path: Path) -> None:
    """An id that lost its noughts and may be two is refused by its address."""
    book = zeroed(tmp_path, ("007", "07", "009"))
    book["packages"]["B2"] = 7
    told = refused(saved(book, tmp_path))
    assert told.startswith("1 fault")
    assert 'case.xlsx packages!B2, place_id = "7": could be 007 or 07' in told


# -------------------------------------------------------------------------------------- refused


def merged(book: Workbook) -> None:
    """Merge cells down an id column."""
    book["packages"].merge_cells("B2:B4")


def merged_across(book: Workbook) -> None:
    """Merge two cells of a row."""
    book["places"].merge_cells("D3:E3")


def uncached(book: Workbook) -> None:
    """Leave a formula without its value."""
    book["rates"]["C3"] = "=43/2"


def error(book: Workbook) -> None:
    """Leave an error in a cell."""
    book["packages"]["C5"] = "#REF!"


def missing(book: Workbook) -> None:
    """Leave a look-up that found nothing in an id."""
    book["packages"]["A5"] = "#N/A"


def long_id(book: Workbook) -> None:
    """Type an id with more digits than a workbook keeps."""
    book["packages"]["A5"] = 1234567890123456


def cut_short(book: Workbook) -> None:
    """Paste an id that a spreadsheet has cut short."""
    book["packages"]["A5"] = "1.23E+15"


def total_with_id(book: Workbook) -> None:
    """Call a package Total."""
    book["packages"]["A5"] = "Total"


def total_in_the_end(book: Workbook) -> None:
    """Call a package with a place and a status Total."""
    book["packages"]["A7"] = "Total"


def sum_for_everyone(book: Workbook) -> None:
    """Add up rates in the row that would be the rate for everyone."""
    book["rates"].append([None, None, "=SUM(C2:C3)"])


def bad_text(book: Workbook) -> None:
    """Type words where a number belongs."""
    book["packages"]["C5"] = "five"


def american(book: Workbook) -> None:
    """Type a date month first."""
    book["packages"]["P2"] = "12/25/2020"


def no_place(book: Workbook) -> None:
    """Name a place that is none."""
    book["packages"]["B7"] = "W9"


def twice(book: Workbook) -> None:
    """Give two packages one id."""
    book["packages"]["A7"] = "P1"


def duration(book: Workbook) -> None:
    """Type hours as a time."""
    book["packages"]["C5"] = timedelta(hours=5, minutes=15)


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (merged, 'case.xlsx packages!B2, place_id = "W01": is merged with its neighbours (B2:B4)'),
        (merged_across, 'case.xlsx places!D3, easting_m = "332000": is merged'),
        (uncached, 'case.xlsx rates!C3, rate_pounds_per_hour = "=43/2": is a formula whose value'),
        (error, 'case.xlsx packages!C5, hours_per_week = "#REF!": is an error'),
        (missing, 'case.xlsx packages!A5, package_id = "#N/A": is an error'),
        (long_id, 'packages!A5, package_id = "1.23456789012346e+15": is a number of more than 15'),
        (cut_short, 'case.xlsx packages!A5, package_id = "1.23E+15": is a long number'),
        (total_with_id, 'case.xlsx packages row 5, "Total": looks like a total'),
        (total_in_the_end, 'case.xlsx packages row 7, "Total": looks like a total'),
        (sum_for_everyone, 'case.xlsx rates row 4, "=SUM(C2:C3)": looks like a total'),
        (bad_text, 'case.xlsx packages!C5, hours_per_week = "five": is not a plain number'),
        (american, 'case.xlsx packages!P2, start_date = "12/25/2020": is not a date'),
        (no_place, 'packages!B7, place_id = "W9": no such id in the sheet place_areas'),
        (twice, 'case.xlsx packages!A7, package_id = "P1": the key stands already in row 2'),
        (duration, 'case.xlsx packages!C5, hours_per_week = "5:15": is not a plain number'),
    ],
)
def test_refused_by_address(
    spoil: Callable[[Workbook], None], told: str, tmp_path: Path, allocate: CommandLine
) -> None:
    """What is not plain is refused with the address of its cell and a remedy, and ends with 2."""
    book = as_book(OK_SMALL)
    spoil(book)
    run = allocate("check", saved(book, tmp_path))
    assert run.code == 2
    assert "Traceback" not in run.err
    assert told in run.err
    assert ".csv" not in run.err
    assert all(line.endswith(".") for line in run.err.splitlines()[1:])


def test_all_faults_at_once(tmp_path: Path) -> None:
    """Faults of several sheets are told together, each once."""
    book = as_book(OK_SMALL)
    for spoil in (bad_text, american, no_place, uncached):
        spoil(book)
    book["areas"]["C2"] = "H9"
    told = refused(saved(book, tmp_path))
    assert told.startswith("5 faults")
    for address in ("packages!C5", "packages!P2", "packages!B7", "rates!C3", "areas!C2"):
        assert told.count(f"case.xlsx {address}") == 1


def test_doubts_outside_the_table_do_not_matter(tmp_path: Path) -> None:
    """An error in a column of one's own is no fault of the case."""
    book = as_book(OK_SMALL)
    book["packages"]["R1"], book["packages"]["R2"] = "My sums", "#DIV/0!"
    book["packages"]["T3"] = "a note"
    tables = read(saved(book, tmp_path))
    assert tables.hashes == BASE.hashes
    assert tables.ignored == (
        "case.xlsx packages: column my_sums",
        "case.xlsx packages: column T, which has no heading",
    )


def test_a_missing_column_does_not_hide_other_faults(tmp_path: Path) -> None:
    """A sheet without a needed column still has its cells looked at."""
    book = as_book(OK_SMALL)
    book["packages"]["B1"] = "place"
    bad_text(book)
    told = refused(saved(book, tmp_path))
    assert told.startswith("2 faults")
    assert 'packages: column place_id is missing (closest: "place")' in told
    assert "packages!C5" in told


def test_rules_between_tables_name_cells(tmp_path: Path, allocate: CommandLine) -> None:
    """Faults that only the model finds name the sheet and cell too."""
    book = as_book(OK_SMALL)
    book["pins"]["B2"] = "P44"
    book["parameters"]["A2"] = "paid_shares"
    run = allocate("check", saved(book, tmp_path))
    assert 'case.xlsx pins!B2, id = "P44"' in run.err
    assert 'case.xlsx parameters!A2, parameter_id = "paid_shares"' in run.err


def test_many_faults_of_a_sheet_are_counted(tmp_path: Path) -> None:
    """Of one fault in many cells some are shown and the rest counted by sheet."""
    book = as_book(OK_SMALL)
    for number in range(30):
        book["packages"].append([f"X{number}", "W01", -1])
    told = refused(saved(book, tmp_path))
    assert "case.xlsx packages: and 22 more of the same kind" in told


# ------------------------------------------------------------------------------- not a workbook


def csv_renamed(path: Path) -> None:
    """A CSV file with a workbook's ending."""
    path.write_text("package_id,place_id\nP1,W01\n")


def old_workbook(path: Path) -> None:
    """The first bytes of an .xls file."""
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))


def locked(path: Path) -> None:
    """What a workbook with a password begins with."""
    name = "EncryptedPackage".encode("utf-16-le")
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + name)


def torn(path: Path) -> None:
    """A workbook that was copied in part."""
    as_book(OK_SMALL).save(path)
    path.write_bytes(path.read_bytes()[:3000])


def garbled(path: Path) -> None:
    """A workbook with a sheet that is no XML."""
    as_book(OK_SMALL).save(path)
    with zipfile.ZipFile(path) as archive:
        parts = {item: archive.read(item) for item in archive.namelist()}
    parts["xl/worksheets/sheet2.xml"] = b"<worksheet><sheetData><row"
    with zipfile.ZipFile(path, "w") as archive:
        for item, content in parts.items():
            archive.writestr(item, content)


def archive(path: Path) -> None:
    """A zip file that holds no workbook."""
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("packages.csv", "package_id\n")


def open_document(path: Path) -> None:
    """What an .ods file holds."""
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("content.xml", "<office/>")


def binary(path: Path) -> None:
    """What an .xlsb file holds."""
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("xl/workbook.bin", b"")


def nothing(path: Path) -> None:
    """An empty file."""
    path.write_bytes(b"")


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (csv_renamed, "is not a workbook, whatever its ending says. If it is a CSV file"),
        (old_workbook, "is a workbook of Excel 97 to 2003 (.xls). Open it in Excel and save it"),
        (locked, "is locked by a password. Save a copy without the password"),
        (torn, "is damaged: it ends too soon"),
        (garbled, "is damaged: "),
        (archive, "is not a workbook, whatever its ending says. Open it in Excel"),
        (open_document, "is an OpenDocument file (.ods). Open it in Excel"),
        (binary, "is a binary workbook (.xlsb). Open it in Excel"),
        (nothing, "is empty. Name the file that holds the data"),
    ],
)
@pytest.mark.parametrize("name", ["case.xlsx", "case.xls"])
def test_no_workbook(
    make: Callable[[Path], None], told: str, name: str, tmp_path: Path, allocate: CommandLine
) -> None:
    """A file that is no workbook is refused with what it is and what to do, and ends with 2."""
    make(tmp_path / "case.xlsx")
    (tmp_path / "case.xlsx").rename(tmp_path / name)
    run = allocate("check", tmp_path / name)
    assert run.code == 2
    assert "Traceback" not in run.err
    assert f"{name}: {told}" in run.err


def test_macros_are_said_to_be_left_alone(tmp_path: Path) -> None:
    """An .xlsm file is read, and its macros are said not to be."""
    saved(as_book(OK_SMALL), tmp_path).rename(tmp_path / "case.xlsm")
    assert_repaired(tmp_path / "case.xlsm", "case.xlsm: macros are neither run nor read")


@pytest.mark.parametrize(
    ("limit", "most", "told"),
    [
        ("FILE_LIMIT", 1000, "MB are read. Take out pictures"),
        ("UNPACKED_LIMIT", 1000, "unpacks to"),
        ("CELL_LIMIT", 50, "has more than 50 cells, empty but formatted ones included"),
    ],
)
def test_limits(
    limit: str, most: int, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A workbook beyond a limit is refused with the limit and what to do."""
    path = saved(as_book(OK_SMALL), tmp_path)
    monkeypatch.setattr(workbook, limit, most)
    assert told in refused(path)


def test_a_file_that_unpacks_without_end_is_not_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A small file that would unpack to more than the limit is refused by its directory."""
    monkeypatch.setattr(workbook, "UNPACKED_LIMIT", 20 * 10**6)
    path = saved(as_book(OK_SMALL), tmp_path)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as file:
        file.writestr("xl/x.xml", bytes(21 * 10**6))
    assert path.stat().st_size < 10**5
    assert "unpacks to 21 MB; at most 20 MB are read" in refused(path)


def test_sheets_for_other_readers(tmp_path: Path) -> None:
    """A sheet without a card has text, places, and every doubt with its address."""
    book = Workbook()
    book.active.title = "Extract"
    for row in (["Ref", "Hours"], ["0012", "#N/A"], ["P2", "=1+1"]):
        book.active.append(row)
    (sheet,) = read_workbook(saved(book, tmp_path)).sheets
    assert sheet.name == "Extract"
    assert sheet.rows[1] == (2, ["0012", "#N/A"])
    assert sheet.place(2, 1) == "case.xlsx Extract!A2"
    assert [sheet.place(*cell) for cell in sorted(sheet.doubts)] == [
        "case.xlsx Extract!B2",
        "case.xlsx Extract!B3",
    ]


def test_template_of_formats_keeps_its_book(tmp_path: Path) -> None:
    """What openpyxl writes back of a case keeps meaning the same."""
    path = saved(as_book(OK_SMALL), tmp_path)
    load_workbook(path).save(path)
    assert_repaired(path)
