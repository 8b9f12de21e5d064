"""Branch and price on small programs of two levels: who answers, and how a run repeats."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from allocate.core.levels import solve_levels
from allocate.core.outcome import ASKED, CLOSED, IMPOSSIBLE, WORKED, Outcome, Watch
from allocate.core.program import Program
from helpers.assignments import best, draw, program

ENGINE = "allocate.core.engine"
# Drawn with a second level, and solved by nobody but our engine.
LATER = [seed for seed in range(150) if draw(seed).later is not None and draw(seed).least is None]


def run(made: Program, *, work: int | None = None, watch: Watch | None = None) -> Outcome:
    return solve_levels(
        made,
        ENGINE,
        seconds=60,
        gap=0.0,
        seed=1,
        watch=watch or Watch(),
        method="allocate",
        work=work,
    )


@pytest.mark.parametrize("seed", LATER[:12])
def test_work_ends_a_search_and_it_repeats(seed: int) -> None:
    """After one node a level that is not closed says so; its bound holds, and so does the plan."""
    made, least = program(draw(seed)), best(draw(seed))
    first, second = run(made, work=1), run(made, work=1)
    assert [(level.objective, level.bound, level.why) for level in first.levels] == [
        (level.objective, level.bound, level.why) for level in second.levels
    ]
    if first.values is None or second.values is None:
        assert least is None or first.why == WORKED
        return
    assert np.array_equal(first.values, second.values)
    assert made.flat().holds(first.values)
    assert least is not None
    assert first.levels[0].bound is not None
    assert first.levels[0].bound <= least[0] <= first.levels[0].objective
    assert {level.why for level in first.levels} <= {CLOSED, WORKED, IMPOSSIBLE}


def test_what_is_not_its_kind_goes_to_highs_with_all_levels() -> None:
    """Two levels of columns that are in no group are solved, and the answer says by whom."""
    made = Program()
    columns = made.columns("some", 2, upper=9)
    made.require("sum", "share", [(0, columns, [2, 3])], low=7, rows=1)
    made.level("cost", np.array([2, 4]), Fraction(1))
    made.level("many", np.array([1, 1]), Fraction(1))
    outcome = run(made)
    assert outcome.method == "highs"
    assert [(level.objective, level.bound) for level in outcome.levels] == [(8, 8), (3, 3)]


def test_what_is_of_its_kind_is_its_own() -> None:
    """Groups and capacities of two levels are branched on and priced by our engine."""
    outcome = run(program(draw(LATER[0])))
    assert "allocate" in outcome.method


def test_a_wish_to_stop_is_heard() -> None:
    """Whoever asks at the first news gets what there is, and no level after it."""
    watch = Watch()

    def ask(*_: object) -> None:
        watch.stop = True

    watch.report = ask
    made = program(draw(LATER[1]))
    outcome = run(made, watch=watch)
    assert outcome.why in (ASKED, CLOSED)
    assert outcome.values is None or made.flat().holds(outcome.values)
