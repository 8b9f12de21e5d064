"""Designs side by side, on a case small enough to count by hand."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from allocate.asked import prepare
from allocate.core.outcome import Watch
from allocate.designing import _Study, best_of
from allocate.lots.design_row import DesignRow
from allocate.lots.designs import Design
from allocate.lots.solution import Solution
from allocate.result import FEASIBLE, Result
from allocate.solving import solve
from allocate.study.scenario import Change
from allocate.study.scenario_file import question_of
from helpers.cases import OK_SMALL

DESIGNS: list[dict[str, Any]] = [
    {"design_id": "nothing", "let": False},
    {"design_id": "as_now"},
    {"design_id": "one", "lots": 1},
    {"design_id": "two", "lots": 2},
    {"design_id": "apart", "lots": 2, "owner_limit": 1},
]


def question(*changes: Change) -> Any:
    """The designs of the small case; balance lets any two lots be."""
    written = {
        "model": "lots",
        "rules": {"balanced": {"value": 1.0}},
        "parameters": {"design_seconds": 5},
        "change": [
            change.model_dump(exclude_defaults=True)
            for change in (Change(table="designs", add=DESIGNS), *changes)
        ],
    }
    return question_of("designs", written, OK_SMALL)


@pytest.fixture(scope="module")
def result() -> Result:
    """The designs, solved."""
    return solve(question(), method="highs")


def row(result: Result, design: str) -> Any:
    """A row of ``designs.csv``."""
    frame = result.tables["designs"].set_index("design_id")
    return frame.loc[design]


def test_every_design_is_answered(result: Result) -> None:
    """Each design has its line, in the order asked for, and none is the answer."""
    assert result.status == FEASIBLE
    assert list(result.tables["designs"]["design_id"]) == [d["design_id"] for d in DESIGNS]
    assert "do nothing" in result.summary


def test_doing_nothing_by_hand(result: Result) -> None:
    """P4 and P6 wait; H1 has 24.5 hours and H2 26, and either could be covered by the others."""
    found = row(result, "nothing")
    assert (found["hours_waiting"], found["people_waiting"]) == (8.75, 2)
    assert found["hhi"] == pytest.approx((24.5**2 + 26**2) / 50.5**2 * 10_000, abs=1e-3)
    assert found["uncovered_hours_0_weeks"] == 0
    assert found["people_changing_carers"] == 0
    # 50.5 carer-hours at 20.00, 95% of them paid
    assert found["care_pounds_per_year"] == pytest.approx(50.5 * 20 * 0.95 * 365 / 7, abs=0.05)


def test_nobody_takes_what_nobody_reaches() -> None:
    """Without H3 nobody but H2 reaches The Quay: its 12 hours there are left when it leaves."""
    closed = Change(table="providers", where={"provider_id": "H3"}, set={"suspended": True})
    study = _Study(prepare(question(closed)), Watch(), "highs", 1)
    rows = [study._row(one) for one in study._tries(study.instance.designs[0])]
    assert rows[0] is not None
    owners = list(study.care.providers.owners)
    assert (rows[0].uncovered[owners.index("O2")] == 12 * 60).all()
    # H2 has 19 hours left and 4.5 for a while, one fewer than H1's 24.5; in four weeks it hires.
    assert rows[0].uncovered[owners.index("O1")].tolist() == [60, 0, 0, 0]


def test_owner_limit_is_kept(result: Result) -> None:
    """Where an owner may lead one lot, two lots have two leads."""
    leads = result.tables["design_leads"]
    apart = leads[leads["design_id"] == "apart"]
    assert sorted(apart["provider_id"]) == ["H1", "H2"]


def test_every_plan_costs_what_its_bound_says_at_least() -> None:
    """Each plan, placed exactly under whoever leads best, comes to no less than its bound."""
    study = _Study(prepare(question()), Watch(), "highs", 1)
    for lots in ([0, 0, 0], [0, 1, 1], [0, 0, 1], [0, 1, 2]):
        plan = Solution(np.array(lots))
        member = plan.lot == np.arange(plan.lots)[:, None]
        asked = study._question("plan", [f"L{lot + 1}" for lot in lots], None)
        found = solve(asked, gap=0.0, method="highs", seconds=20)
        assert found.levels
        for prices in (study._priced_for(None), study._priced_for(plan)):
            bound = prices.by_lead(member).min(axis=1).sum() - prices.room
            assert float(found.levels[0].objective) >= bound - 1e-6
    assert [row["points"] >= row["bound_points"] for row in _lines(study)] == [True] * 4


def _lines(study: _Study) -> list[dict[str, float]]:
    rows, failed = study.rows()
    assert not failed
    return [
        {"points": float(row.points), "bound_points": row.bound}
        for row in rows
        if row.bound is not None
    ]


def test_a_looser_design_comes_to_no_more_than_a_stricter_one(result: Result) -> None:
    """Two lots led by anybody may be led apart."""
    assert row(result, "two")["points"] <= row(result, "apart")["points"]


def found(design: Design, points: int) -> DesignRow:
    """A plan of a design that comes to so many points."""
    nobody = np.zeros(0, dtype=np.int64)
    return DesignRow(*(design, None, (), nobody, 1.0, Fraction(points), 7, "", {}, nobody, nobody))


def test_the_plan_of_a_stricter_design_is_taken_where_it_is_better() -> None:
    """One lot each beats what was found without a limit; of other lots, or looser, none counts."""
    free, two, one = (Design(str(limit), 3, limit, True) for limit in (None, 2, 1))
    others = [found(two, 9), found(one, 8), found(Design("four", 4, 1, True), 5)]
    mine = found(free, 10)
    best = best_of([mine], [mine, *others])
    assert (best.design, best.points, best.bound) == (free, 8, 1.0)
    assert best.sure.endswith(
        "The plan found for 3 lots, at most 1 an owner is the best of it, too."
    )
    assert best_of([others[0]], [mine, *others]).points == 8
    assert best_of([others[1]], [mine, others[0], others[1]]) is others[1]
