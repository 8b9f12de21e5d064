"""The totals of a case by name, and what papers claim of them."""

from __future__ import annotations

import tempfile
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from allocate.asked import Asked, prepare
from allocate.claims import read_claims
from allocate.homecare.figures import figures
from allocate.tables import with_table
from helpers.cases import OK_SMALL, CommandLine, copy_case
from helpers.tiny import examples, tiny_question

HEAD = "figure,area_id,value,unit,tolerance,source,as_at,note\n"
ADDED = (
    *("people_placed", "hours_placed", "cash_placed", "double_handed"),
    *("people_waiting", "hours_waiting", "people_handed_back", "hours_handed_back"),
)


def amounts(asked: Asked) -> dict[tuple[str, str], Fraction | None]:
    """Every figure of a case by name and area."""
    return {(f.name, f.area_id): f.amount for f in figures(asked.instance)}


def claimed(case: Path, *rows: str) -> Path:
    """Put claims into a case."""
    (case / "claims.csv").write_text(HEAD + "".join(f"{row}\n" for row in rows), encoding="utf-8")
    return case


def line_of(text: str, *words: str) -> str:
    """The one printed line that has all these words."""
    (line,) = [line for line in text.splitlines() if all(word in line for word in words)]
    return line


def test_figures_can_be_counted_by_hand() -> None:
    """The totals of a small case are those of its tables."""
    found = amounts(prepare(OK_SMALL))
    assert found["people_placed", ""] == 4
    assert found["hours_placed", ""] == Fraction("50.5")  # 10.5 + 7 x 2 + 14 + 12
    assert found["cash_placed", ""] == Fraction("50031.07")
    assert found["hours_a_person", ""] == Fraction("12.625")
    assert found["double_handed", ""] == 1
    assert found["largest_share", ""] == Fraction(26, 1) / Fraction("50.5")  # H2 has 14 and 12
    assert found["people_waiting", ""] == 2
    assert found["hours_waiting", ""] == Fraction("8.75")
    assert found["room_hours", ""] == Fraction("54.5")  # 40 - 24.5, 45 - 26, and 20
    assert (found["providers", ""], found["owners", ""], found["areas", ""]) == (3, 3, 2)
    assert found["new_work_budget", ""] == 40_000


def test_figures_of_an_area() -> None:
    """An area's totals are those of its packages; what is not there is none, not nought."""
    found = amounts(prepare(OK_SMALL))
    assert found["hours_placed", "North"] == Fraction("38.5")
    assert found["providers_at_work", "North"] == 2
    assert found["largest_share", "South"] == 1
    assert found["new_work_budget", "North"] == 40_000
    assert found["new_work_budget", "South"] is None


@examples(12)
@given(st.integers(0, 10_000))
def test_areas_add_up_to_the_whole(seed: int) -> None:
    """Whatever the case, people, hours and cash of the areas are those of the whole."""
    with tempfile.TemporaryDirectory() as folder:
        found = amounts(tiny_question(seed, Path(folder)))
    for name in ADDED:
        areas = [amount or 0 for (n, area), amount in found.items() if n == name and area]
        assert sum(areas) == found[name, ""]


def test_claims_beside_figures(allocate: CommandLine, tmp_path: Path) -> None:
    """A claim within its tolerance is as claimed, one outside it is to be looked at."""
    case = claimed(
        copy_case(tmp_path / "case"),
        'people_placed,,4,people,,"Paper, 1.2",2021,',
        "hours_placed,,51,carer-hours a week,0.5,Paper 1.3,2021,",
        "hours_waiting,,9,,0.2,Paper 1.4,2021,An old list",
        "hours_placed,South,12.5,,0.49,Paper 1.5,2021,",
    )
    run = allocate("check", case, "--figures")
    assert run.code == 0
    assert "as claimed" in line_of(run.out, "people_placed", "Paper, 1.2")
    assert line_of(run.out, "Paper 1.3").split()[1:6] == ["all", "50.5", "51", "-0.5", "as"]
    assert "LOOK AT THIS" in line_of(run.out, "hours_waiting", "8.75", "-0.25", "carer-hours")
    assert "LOOK AT THIS" in line_of(run.out, "hours_placed  ", "South", "-0.5")
    assert "hours_waiting, Paper 1.4: An old list" in run.out
    assert "Claims: 2 of 4 within their tolerance." in run.out
    assert "Claims: 2 of 4 within their tolerance." in allocate("check", case).out


def test_claims_out_of_tolerance_are_always_told(allocate: CommandLine, tmp_path: Path) -> None:
    """Without --figures too, each claim that is out of tolerance is told, and no other."""
    case = claimed(
        copy_case(tmp_path / "case"),
        "people_placed,,4,,,Paper 1.2,,",
        "hours_placed,,59.5,,,Paper 1.3,,",
        "hours_placed,South,12,,,Paper 1.4,,",
        "hours_waiting,,8,,0.2,Paper 1.5,,",
        "new_work_budget,South,5000,,,Paper 1.6,,",
    )
    lines = allocate("check", case).out.splitlines()
    start = lines.index("Claims: 2 of 5 within their tolerance.")
    assert lines[start + 1 : start + 5] == [
        "  hours_placed: 50.5 here, 59.5 in Paper 1.3: 9 less. LOOK AT THIS",
        "  hours_waiting: 8.75 here, 8 in Paper 1.5: 0.75 more. LOOK AT THIS",
        "  new_work_budget of South: none here, £5,000 in Paper 1.6. LOOK AT THIS",
        "Add --figures to see every total beside what is claimed of it.",
    ]


def test_claims_that_contradict_each_other(allocate: CommandLine, tmp_path: Path) -> None:
    """Two claims of which one has to be wrong are both printed, and said to be at odds."""
    case = claimed(
        copy_case(tmp_path / "case"),
        "people_placed,,4,,,Paper A,,",
        "people_placed,,6,,1,Paper B,,",
        "people_placed,,5,,1,Paper C,,",
    )
    run = allocate("check", case, "--figures")
    assert "people_placed: 4 (Paper A) against 6 (Paper B)" in run.out
    assert run.out.count(" against ") == 1


def test_case_without_claims_says_so(allocate: CommandLine) -> None:
    """Without claims the totals are printed, and that there was nothing to hold them against."""
    run = allocate("check", OK_SMALL, "--figures")
    assert run.code == 0
    assert "50.5" in line_of(run.out, "hours_placed")
    assert "There is nothing to hold these totals against" in run.out


def test_claims_from_another_file(allocate: CommandLine, tmp_path: Path) -> None:
    """A table of claims may stand anywhere, and is printed without more ado."""
    path = tmp_path / "paper.csv"
    path.write_text(HEAD + "providers,,4,,,Paper,,\n")
    run = allocate("check", OK_SMALL, "--claims", path)
    assert "LOOK AT THIS" in line_of(run.out, "providers ", "Paper")


# Faults of the card are told together, and those of figures once the card has none.
WRONG = (
    (
        ("people_placed,,four,,,Paper,,", 'line 2, value = "four": is not a plain number'),
        ("people_placed,,4,,,,,", 'line 3, source = "": is missing'),
        ("people_placed,,4,,-1,A paper,,", 'line 4, tolerance = "-1": must be at least 0'),
    ),
    (
        ("people_place,,4,,,Paper,,", 'line 2, figure = "people_place": no such figure (closest: '),
        ("owner,,4,,,Paper,,", 'line 3, figure = "owner": no such figure (closest: "owners"). Use'),
        ("providers,North,4,,,Paper,,", 'line 4, figure = "providers": is not counted for area'),
        ("cash_placed,,50,£m,,Paper,,", 'line 5, unit = "£m": the figure is counted in pounds a'),
        ("people_placed,West,4,,,Paper,,", 'line 6, figure = "people_placed": is not counted for'),
    ),
)


@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize("own", [True, False])
def test_claims_that_cannot_be_understood(
    allocate: CommandLine, tmp_path: Path, wrong: tuple[tuple[str, str], ...], own: bool
) -> None:
    """Claims that cannot be held against a figure are faults, in a case or a file of its own."""
    case = copy_case(tmp_path / "case")
    rows = "".join(f"{row}\n" for row, _ in wrong)
    file = case / "claims.csv" if own else tmp_path / "paper.csv"
    file.write_text(HEAD + rows, encoding="utf-8")
    run = allocate("check", case, *([] if own else ["--claims", file]))
    assert run.code == 2
    assert run.out == ""
    # Where the file was named, the fault is its own and not the case's.
    assert run.err.startswith(f"{len(wrong)} faults in {case if own else file.name}\n")
    for _, said in wrong:
        assert f"  {file.name} {said}" in run.err


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_claims_file_that_is_not_there(allocate: CommandLine, tmp_path: Path, form: str) -> None:
    """A file of claims that does not exist is told as such, by its own name in any case."""
    allocate("export", OK_SMALL, "--to", tmp_path / "case.xlsx")
    for case in (OK_SMALL, tmp_path / "case.xlsx"):
        run = allocate("check", case, "--claims", tmp_path / f"no ne.{form}")
        assert run.code == 2
        assert f"no ne.{form}: no such file" in run.err


def write_book(path: Path, sheets: dict[str, list[list[object]]]) -> Path:
    """Save rows as the sheets of a workbook."""
    book = Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def test_claims_in_a_workbook(allocate: CommandLine, tmp_path: Path) -> None:
    """Claims may stand in a workbook, on its one sheet or one called claims; faults name cells."""
    heading: list[object] = [*HEAD.strip().split(",")]
    rows = [heading, ["providers", "", 4, "", "", "Paper", "", ""]]
    book = write_book(tmp_path / "paper.xlsx", {"Sheet1": rows})
    run = allocate("check", OK_SMALL, "--claims", book)
    assert "LOOK AT THIS" in line_of(run.out, "providers ", "Paper")
    wrong = [heading, ["provider", "", 4, "", "", "Paper", "", ""]]
    book = write_book(tmp_path / "two.xlsx", {"Notes": [["x"]], "Claims": wrong})
    run = allocate("check", OK_SMALL, "--claims", book)
    assert 'two.xlsx Claims!A2, figure = "provider": no such figure' in run.err
    book = write_book(tmp_path / "which.xlsx", {"One": rows, "Two": rows})
    run = allocate("check", OK_SMALL, "--claims", book)
    assert 'which.xlsx: has no one sheet "claims"' in run.err


def test_faults_of_claims_beside_a_workbook(allocate: CommandLine, tmp_path: Path) -> None:
    """A case in a workbook has claims from a CSV file, whose lines keep their name."""
    allocate("export", OK_SMALL, "--to", tmp_path / "case.xlsx")
    path = tmp_path / "paper.csv"
    path.write_text(HEAD + "people_place,,4,,,Paper,,\n", encoding="utf-8")
    run = allocate("check", tmp_path / "case.xlsx", "--claims", path)
    assert 'paper.csv line 2, figure = "people_place": no such figure' in run.err


@examples(6)
@given(st.integers(0, 10_000))
def test_a_case_keeps_to_its_own_figures(seed: int) -> None:
    """Whatever the case, claims made of its own totals are all within a thousandth."""
    with tempfile.TemporaryDirectory() as folder:
        asked = tiny_question(seed, Path(folder))
        found = figures(asked.instance)
        path = Path(folder) / "own.csv"
        rows = [
            f"{f.name},{f.area_id},{float(f.amount):.9f},{f.unit},0.001,itself,,\n"
            for f in found
            if f.amount is not None
        ]
        path.write_text(HEAD + "".join(rows))
        claims = read_claims(with_table(asked.tables, "claims", path), found, asked.base)
    assert len(claims) == len(rows)
    assert all(claim.kept for claim in claims)


def test_sefton_is_held_against_the_papers(allocate: CommandLine) -> None:
    """The Sefton case keeps to the paper but where the papers are at odds with themselves."""
    run = allocate("check", "sefton", "--figures")
    assert run.code == 0
    assert "as claimed" in line_of(run.out, "hours_placed  ", "What will it cost (A)")
    assert "LOOK AT THIS" in line_of(run.out, "hours_placed  ", "19,020", "134")
    assert "LOOK AT THIS" in line_of(run.out, "cash_an_hour  ", "£16.68")
    assert "Claims: 11 of 13 within their tolerance." in run.out
    assert "hours_placed: 19,154 (" in run.out
    assert "cash_an_hour: £15.82 (" in run.out
