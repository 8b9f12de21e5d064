"""Past referrals played again: the room that was shown, and what it could have been used for."""

from __future__ import annotations

from pathlib import Path

import pytest

from allocate.asked import prepare
from allocate.core.outcome import Watch
from allocate.homecare.history import Past, past
from allocate.study.backtest import HAPPENED, PLAN, backtest
from helpers.cases import CommandLine, copy_case

EXAMPLE = Path("models/homecare/example")
REFERRALS = """date,place_id,hours,offered_to,answer,reason
2021-07-02,W1,3.5,ALDER,accepted,
2021-06-03,W3,7,CEDAR,accepted,
2021-06-10,W3,7,BIRCH,declined,no carers
2021-06-11,W3,,BIRCH,declined,hours not known
"""


@pytest.fixture
def case(tmp_path: Path) -> Path:
    """The example with three past referrals that say enough, and one that does not."""
    folder = copy_case(tmp_path / "case", base=EXAMPLE)
    (folder / "referrals.csv").write_text(REFERRALS, encoding="utf-8")
    return folder


def read(case: Path) -> Past:
    """The past of a case."""
    asked = prepare(case)
    found = past(asked.tables, asked.instance)
    assert found is not None
    return found


def test_referrals_are_played_by_date(case: Path) -> None:
    """What says no hours is left out; months are counted from the first."""
    found = read(case)
    assert [day.isoformat() for day in found.days] == ["2021-06-03", "2021-06-10", "2021-07-02"]
    assert found.month.tolist() == [0, 0, 1]
    assert found.taken.tolist() == [2, -1, 0]


def test_room_is_what_was_taken_and_what_is_left(case: Path) -> None:
    """By hand: 11, 8 and 11 hours are left today; CEDAR took 7 in June, ALDER 3.5 in July."""
    found = read(case)
    assert (found.room(0) / 60).tolist() == [11, 8, 18]
    assert (found.room(1) / 60).tolist() == [14.5, 8, 18]


def test_the_plan_stands_beside_what_happened(case: Path) -> None:
    """The person whom BIRCH declined could have been placed; hours and people add up."""
    found = backtest(case, seconds=20, watch=Watch())
    months = found.tables["months"].set_index(["by", "who"])
    june, july = "2021-07-01", "2021-08-01"
    assert months["people_placed"].loc[june].to_dict() == {PLAN: 2, HAPPENED: 1}
    assert months["hours_placed"].loc[july].to_dict() == {PLAN: 17.5, HAPPENED: 10.5}
    assert (months["people_placed"] + months["people_not_placed"] == months["referrals"]).all()
    assert months.loc[(july, HAPPENED), "with_the_lead"] == 1, "ALDER leads North"
    people = found.tables["people"]
    assert people["accepted_by"].tolist() == ["CEDAR", "", "ALDER"]
    assert (people["planned_with"] != "").all()


def test_a_case_without_a_past_is_refused(allocate: CommandLine, tmp_path: Path) -> None:
    """The message says which columns are needed."""
    run = allocate("backtest", EXAMPLE, "--out", tmp_path / "b", "--quiet")
    assert run.code == 2
    assert "has no past referrals" in run.err
