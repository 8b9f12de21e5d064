"""The forms that go out: one page, locked but for its answers, filled with what the case says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from allocate.files.form import Form, Group, Question, read_form, write_form
from allocate.returning import file_names, write_forms
from helpers.cases import OK_SMALL, CommandLine, copy_case, edit
from helpers.forms import addresses


@pytest.fixture(scope="module")
def forms(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The forms of ok_small."""
    folder = tmp_path_factory.mktemp("sent") / "forms"
    said = write_forms(OK_SMALL, folder)
    assert "3 forms written" in said[0]
    return folder


def page(path: Path) -> Any:
    """The page that a provider sees."""
    return load_workbook(path)["Form"]


def text_of(path: Path) -> str:
    """All that is printed on the page."""
    cells = (cell.value for row in page(path).iter_rows() for cell in row)
    return "\n".join(str(cell) for cell in cells if cell is not None)


@pytest.mark.parametrize("command", ["write", "read"])
def test_help_gives_an_example(allocate: CommandLine, command: str) -> None:
    """Each of the two commands shows how it is typed."""
    run = allocate("returns", command, "--help")
    assert run.code == 0
    assert f"Example:  allocate returns {command} " in run.out


def test_one_form_a_provider(forms: Path) -> None:
    """Each provider has a workbook of its own, named by its id, and nothing lies beside them."""
    assert {path.name for path in forms.iterdir()} == {"H1.xlsx", "H2.xlsx", "H3.xlsx"}


def test_form_holds_what_the_case_says(forms: Path) -> None:
    """Answer cells hold the case's capacity, growth, lead, needs and places."""
    where, sheet = addresses(forms / "H1.xlsx"), page(forms / "H1.xlsx")
    held = {key: sheet[cell].value for key, cell in where.items()}
    assert held["capacity_hours"] == 40
    assert held["growth_hours"] == 5
    assert held["growth_ramp_weeks"] == 8
    assert held["can_lead"] == "Yes"
    assert (held["need dementia"], held["need peg feeding"]) == ("Yes", "Yes")
    assert [held[f"place W0{n}"] for n in (1, 2, 3)] == ["Yes", "Yes", "No"]
    assert [held[f"{band}_hours"] for band in ("morning", "lunch", "tea", "bed")] == [None] * 4
    assert held["role"] is None
    assert "You have 2 people and 24.5 carer-hours a week" in text_of(forms / "H1.xlsx")


def test_form_says_how_a_value_is_known(forms: Path) -> None:
    """What was assumed is marked so beside the answer, and what was said or is unknown as well."""
    assert "we assumed this" in text_of(forms / "H3.xlsx")
    assert "we assumed this" not in text_of(forms / "H1.xlsx")
    assert "you told us this" in text_of(forms / "H1.xlsx")
    assert "not known to us" in text_of(forms / "H3.xlsx")  # its growth


def test_derived_capacity_and_reach_are_marked(allocate: CommandLine, tmp_path: Path) -> None:
    """A capacity that is derived stands in the form and is marked, as are derived places."""
    case = copy_case(tmp_path / "case")
    edit(case, "providers", "No,Yes,45,", "No,Yes,,")
    (case / "reach.csv").unlink()
    allocate("returns", "write", case, "--out", tmp_path / "forms")
    form = tmp_path / "forms" / "H2.xlsx"
    assert page(form)[addresses(form)["capacity_hours"]].value == 27.3  # 26 hours and 5%
    assert text_of(form).count("we assumed this") == 2
    held = [page(form)[addresses(form)[f"place W0{n}"]].value for n in (1, 2, 3)]
    assert held == ["Yes", "Yes", "Yes"]


def test_only_answers_can_be_typed_over(forms: Path) -> None:
    """The sheet is protected; its open cells are exactly those that hold answers."""
    book = load_workbook(forms / "H1.xlsx")
    sheet = book["Form"]
    assert sheet.protection.sheet
    assert book["For the council"].protection.sheet
    unlocked = {
        cell.coordinate for row in sheet.iter_rows() for cell in row if not cell.protection.locked
    }
    assert unlocked == set(addresses(forms / "H1.xlsx").values())


def test_answers_are_chosen_from_lists(forms: Path) -> None:
    """Yes and No are a list, hours and weeks are numbers, the base is a place."""
    where, sheet = addresses(forms / "H1.xlsx"), page(forms / "H1.xlsx")

    def check(key: str) -> Any:
        (found,) = [v for v in sheet.data_validations.dataValidation if where[key] in v.sqref]
        return found

    assert check("can_lead").formula1 == '"Yes,No"'
    assert check("place W03") is not None
    assert check("capacity_hours").type == "decimal"
    assert check("growth_ramp_weeks").type == "whole"
    column, rows = check("base").formula1.partition("!")[2].replace("$", "").split(":")
    listed = load_workbook(forms / "H1.xlsx")["For the council"][f"{column}:{rows}"]
    assert [row[0].value for row in listed] == ["Elm Green", "Mill Lane", "The Quay"]


def test_form_prints_on_one_page(forms: Path) -> None:
    """The form is fitted to one page of A4."""
    sheet = page(forms / "H1.xlsx")
    assert sheet.page_setup.paperSize == int(sheet.PAPERSIZE_A4)
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (1, 1)


def test_names_are_never_formulas(allocate: CommandLine, tmp_path: Path) -> None:
    """A name that begins as a formula does is printed as it is."""
    case = copy_case(tmp_path / "case")
    edit(case, "areas", "North of the river", "=1+1")
    allocate("returns", "write", case, "--out", tmp_path / "forms")
    sheet = page(tmp_path / "forms" / "H1.xlsx")
    (cell,) = [cell for row in sheet.iter_rows() for cell in row if cell.value == "=1+1"]
    assert cell.data_type == "s"


def test_folder_that_exists_is_left_alone(allocate: CommandLine, tmp_path: Path) -> None:
    """Forms are not written over anything."""
    (tmp_path / "forms").mkdir()
    run = allocate("returns", "write", OK_SMALL, "--out", tmp_path / "forms")
    assert run.code == 2
    assert "exists already" in run.err
    assert not list((tmp_path / "forms").iterdir())


def test_file_names_are_safe_and_apart() -> None:
    """Ids that no file can be called by get names that can, no two alike in any capitals."""
    names = file_names(("a/b", "A-B", "con:1", "..", "x"))
    assert names == ["a-b.xlsx", "A-B-2.xlsx", "con-1.xlsx", "provider.xlsx", "x.xlsx"]


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    """A form that nobody touched reads back as what was written, whatever the kind of question."""
    questions = (
        Question("hours", "Hours?", "12.5", "number"),
        Question("", "A heading"),
        Question("weeks", "Weeks?", "8", "whole"),
        Question("place 007", "There?", "No", "choice"),
        Question("why", "Why?", "=because", "text"),
        Question("empty", "Nothing?"),
    )
    groups = (Group("Alone", questions[:3]), Group("Abreast", questions[3:], "A note", grid=True))
    form = Form("Title", ("Once.",), {"form": "test", "provider_id": "007"}, groups)
    write_form(form, tmp_path / "form.xlsx")
    back = read_form(tmp_path / "form.xlsx")
    assert back.stamp == {"form": "test", "provider_id": "007"}
    assert {key: answer.text for key, answer in back.answers.items()} == form.values
    assert back.answers["hours"].place == "form.xlsx Form!E4"
