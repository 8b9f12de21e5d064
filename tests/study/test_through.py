"""A plan through time: growth, notices, people left alone, and the money of each financial year."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from allocate.answered import Answered, read_answer
from allocate.core.outcome import Watch
from allocate.findings import Findings
from allocate.homecare.instance import build
from allocate.homecare.months import Drawn, Flow, start, week_of
from allocate.homecare.solution import Solution
from allocate.solving import solve
from allocate.study.through import Outlook, through
from helpers.cases import CommandLine

EXAMPLE = "models/homecare/example"
OUTLOOK = Outlook(
    months=3,
    begins=date(2022, 3, 1),
    moves=(0,),
    rest_weeks=26,
    turnover=0.0,
    uplift=0.1,
    seed=1,
)
CLOSES = """
case = "{case}"
[[change]]
table = "handbacks"
add = [{{ provider_id = "ALDER", kind = "packages", area_id = "N", notice_weeks = 6 }}]
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The answer where ALDER gives its packages in North up, after six weeks."""
    home = tmp_path_factory.mktemp("answer")
    path = home / "closes.toml"
    path.write_text(CLOSES.format(case=Path(EXAMPLE).resolve().as_posix()), encoding="utf-8")
    return solve(path, gap=0, seconds=30).write(home / "result")


@pytest.fixture(scope="module")
def answered(folder: Path) -> Answered:
    """The same, read back."""
    return read_answer(folder)


def test_twelve_months_are_a_year() -> None:
    """Months end with a week, and twelve of them with week 52."""
    assert [week_of(month) for month in (0, 1, 2, 3, 12, 24)] == [0, 4, 8, 13, 52, 104]


def test_growth_is_all_there_after_its_ramp(answered: Answered) -> None:
    """BIRCH grows by 10 hours over 13 weeks, and by no more after."""
    asked = answered.asked
    state = start(asked.tables, asked.instance, answered.solution, 0)
    state.ramp = np.array([-1, 13, -1])
    hours = []
    for month in (1, 2, 3, 4):
        state.tables = state.begin(month, Flow((), ()))
        hours.append(float(state.tables["providers"]["capacity_hours"].iloc[1]))
    assert hours == pytest.approx([8 + 10 * 4 / 13, 8 + 10 * 8 / 13, 18, 18], abs=0.02)


def test_work_is_handed_back_when_notice_ends(answered: Answered) -> None:
    """Six weeks: in the second month, and until then nobody new goes there."""
    asked = answered.asked
    state = start(asked.tables, asked.instance, answered.solution, 0)
    assert len(state.begin(1, Flow((), ()))["handbacks"]) == 0
    assert len(state.begin(2, Flow((), ()))["handbacks"]) == 1
    reach = state.tables["reach"]
    assert sorted(reach.loc[reach["provider_id"] == "ALDER", "place_id"]) == ["W3"]


def test_nobody_is_moved_twice_within_the_rest(answered: Answered) -> None:
    """Whoever was moved is locked until the rest is over."""
    asked = answered.asked
    state = start(asked.tables, asked.instance, answered.solution, 9)
    tables = state.begin(1, Flow((), ()))
    instance = build(tables, asked.question)
    elsewhere = instance.packages.provider.copy()
    p = instance.packages.at["P1"]
    elsewhere[p] = 2
    moved = state.end(1, tables, instance, Solution(elsewhere, instance.areas.leads))
    assert moved.tolist() == [p]
    locked = [bool((state.begin(m, Flow((), ()))["packages"]["locked"].eq(True)).iloc[p])
              for m in (2, 3, 4)]  # fmt: skip
    assert locked == [True, False, False], "four weeks on it rests, nine weeks on no more"


def test_who_waits_waits_longer(answered: Answered) -> None:
    """Days go on for everybody without care."""
    asked = answered.asked
    state = start(asked.tables, asked.instance, answered.solution, 0)
    packages = state.begin(1, Flow((), ()))["packages"].set_index("package_id")
    assert packages.loc["P3", "days_waiting"] == 14 + 28


def test_who_comes_is_like_who_is_there(answered: Answered) -> None:
    """What is drawn repeats, comes to the turnover, and ends nothing that is not placed."""
    asked = answered.asked
    placed = {"P1": 0, "P2": 1}
    flows = [Drawn(asked.tables, asked.instance, 7, 3.0).flow(1, placed) for _ in range(2)]
    assert flows[0] == flows[1]
    assert flows[0].come
    assert set(flows[0].leave) <= set(placed)
    assert {row["place_id"] for row in flows[0].come} <= {"W1", "W2", "W3"}


def test_expected_starts_count_where_they_are_given(answered: Answered) -> None:
    """A case that says what starts in which week is believed."""
    tables = answered.asked.tables
    starts = pd.DataFrame({"area_id": ["S"], "week": ["6"], "hours": ["7"]}, index=["line 2"])
    typed = dict(tables.typed, starts=starts)
    drawn = Drawn(tables.replace(typed), answered.asked.instance, 1, 0.0)
    assert not drawn.flow(1, {}).come
    assert len(drawn.flow(2, {}).come) == 1


@pytest.fixture(scope="module")
def courses(folder: Path) -> tuple[Findings, Findings]:
    """Three months from March, with rates that rise by a tenth in April and without."""
    level = replace(OUTLOOK, uplift=0.0)
    rising, level_one = (through(folder, o, seconds=60, watch=Watch()) for o in (OUTLOOK, level))
    return rising, level_one


def test_money_falls_into_its_financial_year(courses: tuple[Findings, Findings]) -> None:
    """March has 31 days of four weeks and three days; the rest falls into the next year."""
    months, years = (courses[1].tables[name] for name in ("months", "years"))
    assert years["financial_year"].tolist() == ["2021/22", "2022/23"]
    assert years["cash_pounds"].sum() == pytest.approx(months["cash_pounds"].sum())
    first, second = months["cash_a_year_pounds"].tolist()[:2]
    expected = (first * 28 + second * 3) / 365
    assert years["cash_pounds"].iloc[0] == pytest.approx(expected, abs=0.02)
    assert months["handed_back"].tolist() == [0, 1, 0]
    assert (months["moved_by_choice"] == 0).all()


def test_uplift_raises_what_comes_after_april(courses: tuple[Findings, Findings]) -> None:
    """The same months, dearer by a tenth once April has begun."""
    rising, level = (one.tables["months"]["cash_a_year_pounds"] for one in courses)
    assert (rising / level).round(6).tolist() == [1, 1, 1.1]


@pytest.mark.slow
def test_moves_stand_against_days(allocate: CommandLine, folder: Path, tmp_path: Path) -> None:
    """One course for each number of moves, and a curve of both."""
    words = ["--months", 1, "--moves", "0, 2", "--out", tmp_path / "t", "--quiet"]
    run = allocate("through", folder, *words)
    assert run.code == 0, run.err
    assert "People moved against days waited" in run.out
    assert (tmp_path / "t" / "moved_and_waited.csv").exists()


def test_moves_are_numbers(allocate: CommandLine, folder: Path, tmp_path: Path) -> None:
    """All that are none are told at once."""
    run = allocate("through", folder, "--moves", "0, some, -1", "--out", tmp_path / "t", "--quiet")
    assert run.code == 2
    assert '"some"' in run.err
    assert '"-1"' in run.err
