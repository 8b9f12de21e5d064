"""Each fault of a case or scenario is found, and told so that a person can put it right."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from helpers.cases import FAULTS, CommandLine, Run, copy_case, edit

NAMES = sorted(path.parent.name for path in FAULTS.glob("*/expected.txt"))


def laid_out(fault: Path, folder: Path) -> Path:
    """Lay a fault over ok_small; return the scenario or case folder to ask about."""
    folder.mkdir()
    case = copy_case(folder / "case", fault)
    for scenario in fault.glob("*.toml"):
        shutil.copy(scenario, folder)
    return folder / "scenario.toml" if (fault / "scenario.toml").exists() else case


def assert_refused(run: Run) -> None:
    """The command ends with 2 and a message, and answers nothing."""
    assert "Traceback" not in run.err
    assert run.code == 2, run.out + run.err
    assert run.out == ""
    assert " fault" in run.err.splitlines()[0]


@pytest.mark.parametrize("command", ["check", "solve"])
@pytest.mark.parametrize("name", NAMES)
def test_fault_is_told(name: str, command: str, tmp_path: Path, allocate: CommandLine) -> None:
    """A broken case or scenario is refused with the file, the line, the cell and a remedy."""
    where = laid_out(FAULTS / name, tmp_path / "question")
    run = allocate(command, where)
    assert_refused(run)
    for fragment in (FAULTS / name / "expected.txt").read_text(encoding="utf-8").splitlines():
        assert fragment in run.err, f"{fragment!r} is not in:\n{run.err}"


@pytest.mark.parametrize("name", NAMES)
def test_fault_has_a_remedy(name: str, tmp_path: Path, allocate: CommandLine) -> None:
    """Each line of a message is a problem and what to do, as two sentences."""
    run = allocate("check", laid_out(FAULTS / name, tmp_path / "question"))
    assert_refused(run)
    for line in run.err.splitlines()[1:]:
        assert line.endswith("."), line
        assert ": " in line
        assert ". " in line.partition(": ")[2], f"no remedy: {line}"


def test_refused_case_writes_no_folder(tmp_path: Path, allocate: CommandLine) -> None:
    """A refused question leaves no result folder behind."""
    case = laid_out(FAULTS / "negative_hours", tmp_path / "question")
    run = allocate("solve", case, "--out", tmp_path / "result")
    assert_refused(run)
    assert not (tmp_path / "result").exists()


def test_five_faults_of_cells_at_once(tmp_path: Path, allocate: CommandLine) -> None:
    """Five different faults in three files are told in one go."""
    case = copy_case(tmp_path / "case")
    edit(case, "packages", "P3,W02,14,", "P3,W02,-14,")
    edit(case, "packages", "P4,W02,5.25,", "P5,W02,5.25,")
    edit(case, "packages", "P6,W03,", "P6,W003,")
    edit(case, "providers", "2021-03-11", "3/4/21")
    edit(case, "referrals", "accepted", "acepted")
    run = allocate("check", case)
    assert_refused(run)
    assert run.err.startswith("5 faults in ")
    for fragment in (
        'packages.csv line 4, hours_per_week = "-14": must be',
        'packages.csv line 6, package_id = "P5": the key stands already in line 5',
        'packages.csv line 7, place_id = "W003": no such id in place_areas.csv (closest: "W03")',
        'providers.csv line 2, rating_date = "3/4/21": is not a date',
        'referrals.csv line 2, answer = "acepted": must be one of accepted, declined, no answer',
    ):
        assert fragment in run.err


def test_faults_of_headings_and_cells_at_once(tmp_path: Path, allocate: CommandLine) -> None:
    """A missing column of one file does not hide a bad cell of another."""
    case = copy_case(tmp_path / "case")
    edit(case, "rates", "rate_pounds_per_hour", "rate")
    edit(case, "packages", "P3,W02,14,", "P3,W02,-14,")
    run = allocate("check", case)
    assert_refused(run)
    assert "rates.csv: column rate_pounds_per_hour is missing" in run.err
    assert 'packages.csv line 4, hours_per_week = "-14"' in run.err


def test_a_table_read_in_part_is_checked_as_far_as_it_goes(
    tmp_path: Path, allocate: CommandLine
) -> None:
    """A missing column, a row with a cell too many and an open quote hide no other fault."""
    case = copy_case(tmp_path / "case")
    edit(case, "packages", "hours_per_week", "hours")
    edit(case, "packages", ",H1,3,,,No,", ",H1,9,,,No,")
    edit(case, "providers", "Alder Care", "Alder, Care")
    edit(case, "providers", "Requires improvement", "Poor")
    edit(case, "places", "Elm Green,E08000000,330000", "Elm Green,E08000000,-1")
    edit(case, "places", "The Quay", '"The Quay')
    run = allocate("check", case)
    assert_refused(run)
    assert run.err.startswith("6 faults in ")
    for fragment in (
        "packages.csv: column hours_per_week is missing",
        'packages.csv line 2, priority = "9"',
        "providers.csv line 2: has 16 cells under 15 headings",
        'providers.csv line 4, cqc_rating = "Poor"',
        'places.csv line 2, easting_m = "-1"',
        "places.csv line 4: a quote opens here and does not close",
    ):
        assert fragment in run.err


def test_faults_between_tables_at_once(tmp_path: Path, allocate: CommandLine) -> None:
    """Tables that do not fit together in five ways are told in one go."""
    case = copy_case(tmp_path / "case")
    edit(case, "parameters", "paid_share", "paid_shares")
    edit(case, "packages", "P3,W02,14,1,21,placed,H1,", "P3,W02,14,1,21,placed,,")
    edit(case, "areas", "river,H1,", "river,H1;H2,")
    edit(case, "rates", ",,20.00", "H1,,20.00")
    edit(case, "pins", "P4,H3", "P44,H3")
    run = allocate("check", case)
    assert_refused(run)
    for fragment in (
        'parameter_id = "paid_shares": no such parameter',
        'status = "placed": no provider is named',
        "names 2 leads where leads_per_area allows 1",
        "no rate covers H2 in W01",
        'id = "P44": no such id (closest: "P4")',
    ):
        assert fragment in run.err


def test_many_faults_of_one_kind_are_counted(tmp_path: Path, allocate: CommandLine) -> None:
    """Of a fault that stands in each of 30 rows some are shown and the rest counted."""
    case = copy_case(tmp_path / "case")
    path = case / "packages.csv"
    head = path.read_text(encoding="utf-8").splitlines()[0]
    rows = [f"P{number},W01,-1" + "," * 14 for number in range(30)]
    path.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    run = allocate("check", case)
    assert_refused(run)
    assert run.err.startswith("30 faults in ")
    assert 'packages.csv line 2, hours_per_week = "-1"' in run.err
    assert "packages.csv: and 22 more of the same kind" in run.err
    assert len(run.err.splitlines()) == 10


def test_area_in_parts_is_a_note(tmp_path: Path, allocate: CommandLine) -> None:
    """An area whose places do not touch is told and is no fault."""
    case = copy_case(tmp_path / "case")
    edit(case, "borders", "W01,W02,1200\n", "")
    run = allocate("check", case)
    assert run.code == 0
    assert "no fault found" in run.out
    assert "North of the river is not connected: 2 parts" in run.out


def test_bridge_joins_an_area(tmp_path: Path, allocate: CommandLine) -> None:
    """Places that only a bridge joins are connected."""
    case = copy_case(tmp_path / "case")
    edit(case, "borders", "W01,W02,1200\n", "")
    (case / "crossings.csv").write_text("place_a,place_b,name\nW01,W02,Old Bridge\n")
    run = allocate("check", case)
    assert run.code == 0
    assert "not connected" not in run.out


def test_unknown_columns_and_tables_are_listed(tmp_path: Path, allocate: CommandLine) -> None:
    """Columns and tables that the model does not know are read over, and said to be."""
    case = copy_case(tmp_path / "case")
    edit(case, "packages", "household_id,", "household_id,Social worker,")
    text = (case / "packages.csv").read_text(encoding="utf-8")
    rows = [line.split(",") for line in text.splitlines()]
    assert all(len(row) in (17, 18) for row in rows)
    filled = [row if len(row) == 18 else [*row[:12], "Jo", *row[12:]] for row in rows]
    (case / "packages.csv").write_text("\n".join(",".join(row) for row in filled) + "\n")
    (case / "package.csv").write_text("a,b\n1,2\n")
    run = allocate("check", case)
    assert run.code == 0, run.err
    assert "Not read" in run.out
    assert "packages.csv: column social_worker" in run.out
    assert 'package.csv: no table of this model (closest: "packages")' in run.out
