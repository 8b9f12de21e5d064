"""The page and the workbook beside an answer: what they show, and what they leave to the files."""

from __future__ import annotations

import re
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pandas as pd
import pytest
from openpyxl import load_workbook

import allocate
from allocate.report import book
from allocate.report.html import prose
from allocate.report.pages import INSIDE, answer_page
from allocate.result import PAGES, Result

EXAMPLE = Path(__file__).resolve().parents[1] / "models" / "homecare" / "example"
TYPED = pd.DataFrame(
    {
        "area_id": ["007", "12"],
        "area_name": ["=1+1", "<b>North</b>"],
        "hours": ["2.50", ""],
        "people": [3, 4],
        "share": [1e-05, float("nan")],
        "odd": [Fraction(3), float("inf")],
    }
)


@pytest.fixture(scope="module")
def answer() -> Result:
    """The example, answered."""
    return allocate.solve(EXAMPLE, seconds=30)


def opened(result: Result, folder: Path) -> dict[str, list[tuple[object, ...]]]:
    """Rows of each sheet of the workbook, without empty cells at their ends."""
    path = result.write(folder / "result", pages=True) / "workbook.xlsx"
    sheets = load_workbook(path)
    return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in sheets}


def test_pages_come_only_where_they_are_asked_for(answer: Result, tmp_path: Path) -> None:
    """The folder is the same but for the two of them."""
    plain = {path.name for path in answer.write(tmp_path / "plain").iterdir()}
    both = {path.name for path in answer.write(tmp_path / "pages", pages=True).iterdir()}
    assert both - plain == set(PAGES)


def test_the_page_says_what_the_summary_says(answer: Result) -> None:
    """Every line of the summary is on the page, and no row of a single person."""
    page = answer_page(answer)
    words = re.sub(r"<[^>]+>", "", page)
    for line in answer.summary.split("\n"):
        assert line.strip() in words
    assert INSIDE in words
    assert "<td>ALDER</td>" in page
    assert not [name for name in answer.tables["allocation"]["package_id"] if f">{name}<" in page]


def test_the_same_answer_gives_the_same_page(answer: Result) -> None:
    """Nothing on it depends on the clock."""
    assert answer_page(answer) == answer_page(replace(answer))


def test_nothing_on_the_page_is_markup_of_the_case(answer: Result) -> None:
    """A name is text, whatever it holds."""
    summary = answer.summary.replace("Who leads", "<script>Who leads")
    page = answer_page(replace(answer, summary=summary, tables={"areas": TYPED}))
    assert "<b>North" not in page
    assert "<script>" not in page
    assert "&lt;b&gt;North&lt;/b&gt;" in page


def test_rules_are_told_with_what_they_are_short_by(answer: Result) -> None:
    """A row for each rule that is not off, with its unit."""
    page = answer_page(answer)
    on = [rule for rule, found in answer.record["rules"].items() if found["mode"] != "off"]
    rows = page.split("<h2>Every rule</h2>")[1].split("</table>")[0].count("<tr>") - 1
    assert rows == len(on)
    assert "<td>4 packages</td>" in page


def test_the_workbook_has_every_table(answer: Result, tmp_path: Path) -> None:
    """Numbers are numbers, and every row is there."""
    sheets = opened(answer, tmp_path)
    assert list(sheets) == [
        *("Summary", "levels", "rules", "terms", "parameters", "allocation", "leads"),
        "assumptions",
    ]
    allocation = sheets["allocation"]
    assert len(allocation) == 1 + len(answer.tables["allocation"])
    row = dict(zip(allocation[0], allocation[1], strict=True))
    assert (row["package_id"], row["hours_per_week"]) == ("P1", 7)
    assert sheets["Summary"][1] == (INSIDE,)
    values = {row[0]: row[1] for row in sheets["levels"][1:]}
    assert values == {level.name: level.objective for level in answer.levels}


def test_text_stays_text_in_the_workbook(answer: Result, tmp_path: Path) -> None:
    """An id keeps its noughts, and no name becomes a formula."""
    sheets = opened(replace(answer, tables={"areas": TYPED}), tmp_path)
    assert sheets["areas"][1:] == [
        ("007", "=1+1", 2.5, 3, 1e-05, "3"),
        ("12", "<b>North</b>", None, 4, None, "inf"),
    ]
    path = tmp_path / "result" / "workbook.xlsx"
    assert load_workbook(path)["areas"]["B2"].data_type == "s"


def test_a_table_too_long_for_a_sheet_is_left_to_its_file(
    answer: Result, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first sheet says where it is."""
    monkeypatch.setattr(book, "MOST_ROWS", 6)
    sheets = opened(answer, tmp_path)
    assert "allocation" not in sheets
    assert ("allocation: 7 rows, in allocation.csv.",) in sheets["Summary"]


def test_an_answer_without_a_plan_has_its_pages(answer: Result, tmp_path: Path) -> None:
    """What cannot all be met is told as well."""
    record = {**answer.record, "levels": [], "terms": {}}
    sheets = opened(replace(answer, record=record, levels=(), tables={}), tmp_path)
    assert list(sheets) == ["Summary", "rules", "parameters", "assumptions"]
    page = (tmp_path / "result" / "report.html").read_text(encoding="utf-8")
    assert "Every rule" not in page


def test_sentences_fit_the_page_and_columns_stand_as_they_are() -> None:
    """Lines with columns keep their spaces; a line below another is moved in."""
    assert prose("A & B", ["It is so.", "  Below it.", "x    1", "yy  22"]).split("\n") == [
        "<h2>A &amp; B</h2>",
        "<p>It is so.</p>",
        '<p class="below">Below it.</p>',
        '<pre class="wide">x    1',
        "yy  22</pre>",
    ]
