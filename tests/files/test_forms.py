"""A case means the same whatever form it comes in."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allocate.exporting import export
from allocate.solving import solve
from allocate.tables import Tables, read
from helpers.books import as_package, as_workbook
from helpers.cases import OK_SMALL, CommandLine
from helpers.extracts import Council
from helpers.tiny import generate

ROOT = Path(__file__).resolve().parents[2]
SEFTON = ROOT / "scenarios" / "cases" / "sefton"


def exported_workbook(case: Path, folder: Path) -> Path:
    """A case as the program writes it into a workbook."""
    path = folder / f"{case.name}.xlsx"
    export(case, path)
    return path


def exported_package(case: Path, folder: Path) -> Path:
    """A case as the program writes it into a data package."""
    export(case, folder / case.name)
    return folder / case.name


def typed_workbook(case: Path, folder: Path) -> Path:
    """A case typed into a workbook by hand."""
    return as_workbook(case, folder / f"{case.name}.xlsx")


def typed_package(case: Path, folder: Path) -> Path:
    """A case with a descriptor written by hand, named by it."""
    return as_package(case, folder / case.name)


FORMS = [exported_workbook, exported_package, typed_workbook, typed_package]
Form = Callable[[Path, Path], Path]


def assert_same(one: Tables, other: Tables) -> None:
    """Two cases are equal, whatever rows their cells stand in."""
    assert one.hashes == other.hashes
    assert one.name == other.name
    assert (one.ignored, one.notes) == (other.ignored, other.notes)
    for name, frame in one.values.items():
        assert frame.reset_index(drop=True).equals(other.values[name].reset_index(drop=True)), name


def written(folder: Path) -> dict[str, Any]:
    """The bytes of a result, and its record without what a clock put into it."""
    files: dict[str, Any] = {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name != "result.json"
    }
    record = json.loads((folder / "result.json").read_text(encoding="utf-8"))
    del record["seconds"]
    for level in record["levels"]:
        del level["seconds"], level["trace"]
    return {**files, "result.json": record}


@pytest.mark.parametrize("form", FORMS)
def test_same_result(form: Form, tmp_path: Path) -> None:
    """Every file of a result is the same, byte for byte, whatever its case was read from."""
    (tmp_path / "in").mkdir()
    solve(OK_SMALL).write(tmp_path / "one")
    solve(form(OK_SMALL, tmp_path / "in")).write(tmp_path / "other")
    one, other = written(tmp_path / "one"), written(tmp_path / "other")
    assert {"allocation.csv", "leads.csv", "certificate.json", "summary.txt"} <= set(one)
    assert one == other


@pytest.mark.parametrize("form", [exported_workbook, exported_package])
def test_same_result_from_an_extract(form: Form, tmp_path: Path) -> None:
    """An extract imported anew, and its case in another form, give the same bytes."""
    council = Council(tmp_path / "council")
    lines = [
        council.line(),
        council.line(Client_ID="2", Hours_pw="3.5", Provider_Name="Birch Care", Provider_Ref="H02"),
        council.line(Client_ID="3", Status="Waiting", Provider_Name="", Provider_Ref=""),
        council.line(Client_ID="4", Post_Code="ZZ3 1CK", Ward=""),
    ]
    for place in ("first", "again"):
        council.import_lines(*lines).imported.write(tmp_path / place / "case")
        solve(tmp_path / place / "case").write(tmp_path / place / "result")
    (tmp_path / "in").mkdir()
    solve(form(tmp_path / "first" / "case", tmp_path / "in")).write(tmp_path / "other")
    one = written(tmp_path / "first" / "result")
    assert len(one["allocation.csv"].splitlines()) == 5
    assert one == written(tmp_path / "again" / "result") == written(tmp_path / "other")


@pytest.mark.parametrize("form", [exported_workbook, typed_package])
def test_same_borough(form: Form, tmp_path: Path) -> None:
    """A whole borough reads the same in every form."""
    assert_same(read(SEFTON), read(form(SEFTON, tmp_path)))


@settings(max_examples=4, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_any_case_goes_round(seed: int) -> None:
    """A random case reads the same after it went through each form and back."""
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        generate(seed).write(work)
        case = work / "case"
        before = read(case)
        for form in FORMS:
            place = work / form.__name__
            place.mkdir()
            assert_same(before, read(form(case, place)))


def test_text_that_looks_like_something_else_goes_round(tmp_path: Path) -> None:
    """Ids with noughts, formulas, apostrophes, lines and signs in text survive a workbook."""
    case = tmp_path / "case"
    case.mkdir()
    for path in OK_SMALL.glob("*.csv"):
        (case / path.name).write_text(path.read_text().replace("W01", "007").replace("W02", "7"))
    names = ['"=1+1"', "'12", '"two\r\nlines"', "1.50", "TRUE", "#N/A", "2021-01-01", "½ – é", "-"]
    with (case / "places.csv").open("a", encoding="utf-8", newline="") as file:
        file.writelines(f"X{number},{name},,,,,\r\n" for number, name in enumerate(names))
    export(case, tmp_path / "case.xlsx")
    export(case, tmp_path / "package" / "case")
    before = read(case)
    assert list(before["places"]["name"])[-9:-6] == ["=1+1", "'12", "two\nlines"]
    assert_same(before, read(tmp_path / "case.xlsx"))
    assert_same(before, read(tmp_path / "package" / "case"))


@pytest.mark.parametrize("ending", ["", ".xlsx", "/datapackage.json"])
def test_a_case_has_one_name(ending: str, tmp_path: Path, allocate: CommandLine) -> None:
    """Folder, workbook and descriptor are called the same, from the command line too."""
    form = {"": typed_package, ".xlsx": typed_workbook, "/datapackage.json": typed_package}[ending]
    form(OK_SMALL, tmp_path)
    run = allocate("check", f"{tmp_path}/ok_small{ending}")
    assert run.code == 0, run.err
    assert run.out.startswith("Case ok_small: no fault found.")


def test_a_scenario_names_a_workbook(tmp_path: Path, allocate: CommandLine) -> None:
    """A scenario's case may be a workbook beside it; its faults name the change and the cell."""
    typed_workbook(OK_SMALL, tmp_path)
    path = tmp_path / "asked.toml"
    change = '[[change]]\ntable = "packages"\nset = { hours_per_week = 200 }\n'
    path.write_text('case = "ok_small.xlsx"\n', encoding="utf-8")
    assert allocate("check", path).code == 0
    path.write_text(f'case = "ok_small.xlsx"\n{change}', encoding="utf-8")
    run = allocate("check", path)
    assert run.code == 2
    place = "asked [[change]] 1 makes ok_small.xlsx packages!C4, hours_per_week"
    assert place in run.err


def test_missing_files_are_told(tmp_path: Path, allocate: CommandLine) -> None:
    """A workbook that is not there is a missing file, not an unknown scenario."""
    run = allocate("check", tmp_path / "none.xlsx")
    assert run.code == 2
    assert "none.xlsx: no such file" in run.err
