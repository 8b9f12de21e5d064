"""The solver core on programs of a few columns: levels, gaps, kinds, and plans that are refused."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from allocate.core.kept import keep, span
from allocate.core.levels import solve_levels
from allocate.core.outcome import (
    ASKED,
    CLOCK,
    CLOSED,
    IMPOSSIBLE,
    Answer,
    Outcome,
    Problem,
    Watch,
)
from allocate.core.program import Program
from allocate.core.reduced import reduce
from allocate.core.worker import borrowed
from allocate.errors import SolverFailed

METHODS = ["highs", "cpsat", "scip", "pulp"]


def knapsack(*, room: int = 5) -> Program:
    """Three items of which each is packed or left; what is left costs 7, 5 and 4."""
    program = Program()
    packed = program.columns("packed", 3)
    left = program.columns("left", 3)
    rows = np.arange(3)
    program.require("one", "choose", [(rows, packed, 1), (rows, left, 1)], low=1, high=1, rows=3)
    program.require("room", "pack", [(0, packed, [4, 3, 2])], high=room, rows=1)
    program.level("left", np.array([0, 0, 0, 7, 5, 4]), Fraction(1))
    program.level("weight", np.array([4, 3, 2, 0, 0, 0]), Fraction(1))
    return program


def run(program: Program, method: str = "highs", watch: Watch | None = None) -> Outcome:
    return solve_levels(
        program,
        f"allocate.core.{method}",
        seconds=10,
        gap=0.0,
        seed=1,
        watch=watch or Watch(),
        method=method,
    )


@pytest.mark.parametrize("method", METHODS)
def test_levels_are_kept_in_order(method: str) -> None:
    """Items 2 and 3 fit and leave 7: no later level may unpack them to weigh less."""
    outcome = run(knapsack(), method)
    assert outcome.values is not None
    assert outcome.values.tolist() == [0, 1, 1, 1, 0, 0]
    first, second = outcome.levels
    assert (first.objective, first.bound, first.fixed) == (7, 7, 0)
    assert (second.objective, second.bound) == (5, 5)
    assert outcome.why == CLOSED


@pytest.mark.parametrize("method", METHODS)
def test_what_is_impossible_is_said(method: str) -> None:
    """A program without a plan ends as impossible, without a bound."""
    program = knapsack()
    program.require("all", "share", [(0, [0, 1, 2], 1)], low=3, rows=1)
    outcome = run(program, method)
    assert outcome.values is None
    assert outcome.why == IMPOSSIBLE
    assert outcome.levels[0].bound is None


def test_nothing_to_decide_needs_no_solver() -> None:
    """Where everything fits the first level is nought and the second is fixed by it."""
    outcome = run(knapsack(room=9))
    assert [level.objective for level in outcome.levels] == [0, 9]


def test_a_stop_keeps_the_plan_of_the_levels_done() -> None:
    """A stop during the second level keeps the first level's plan and says why."""
    watch = Watch()

    def stop_at_the_second(level: str, *_: object) -> None:
        watch.stop = watch.stop or level == "weight"

    watch.report = stop_at_the_second
    outcome = run(knapsack(), watch=watch)
    assert outcome.values is not None
    assert outcome.levels[0].objective == 7
    assert outcome.why in (ASKED, CLOSED)


def test_the_cheapest_of_a_group_is_fixed() -> None:
    """What every plan bears is taken out, and the costs are divided by their common divisor."""
    program = knapsack()
    program.level("both", np.array([6, 4, 8, 2, 8, 8]), Fraction(1))
    reduced = reduce(program, program.levels[2])
    assert reduced.fixed == 2 + 4 + 8
    assert reduced.step == 4
    assert reduced.cost.tolist() == [1, 0, 0, 0, 1, 0]


def test_dear_columns_are_closed() -> None:
    """A whole column dearer than the value of its level can be in no plan that keeps the level."""
    flat = keep(knapsack().flat(), np.array([0, 0, 0, 7, 5, 4]), 5)
    assert flat.upper.tolist() == [1, 1, 1, 0, 1, 1]
    assert flat.high[-1] == 5
    closed = keep(knapsack().flat(), np.array([0, 0, 0, 7, 5, 4]), 0)
    assert closed.upper.tolist() == [1, 1, 1, 0, 0, 0]
    assert len(closed.high) == len(knapsack().flat().high)


def test_what_every_plan_costs_needs_no_row() -> None:
    """A group's options that cost the same leave nothing to decide, and no row to keep."""
    flat, cost = knapsack().flat(), np.array([7, 5, 4, 7, 5, 4])
    assert span(flat, cost) == (16, 16)
    assert len(keep(flat, cost, 16).high) == len(flat.high)
    assert span(flat, np.array([0, 0, 0, 7, 5, 4])) == (0, 16)
    closed = replace(flat, upper=np.array([1, 1, 0, 1, 1, 1]))
    assert span(closed, np.array([0, 0, 0, 7, 5, 4])) == (4, 16)


@pytest.mark.parametrize(
    ("kind", "entries", "bounds"),
    [
        ("choose", [(0, [0, 1], [1, 2])], {"high": 1}),  # a weight that is not 1
        ("choose", [(0, [0, 1], 1)], {"high": 2}),  # two may be chosen
        ("pack", [(0, [0, 1], 1)], {"low": 1, "high": 2}),  # a floor as well
        ("pack", [(0, [0, 1], 1)], {}),  # no ceiling
        ("share", [(0, [0, 1], 1)], {"low": 1, "high": 2}),  # a ceiling as well
        ("link", [(0, [0, 1], [1, -2])], {"high": 0}),  # a weight that is not 1 or -1
    ],
)
def test_rows_are_of_their_kind(kind: str, entries: list, bounds: dict) -> None:
    """Rows that are not of the kind declared are refused on entry."""
    with pytest.raises(ValueError, match="not of the kind"):
        knapsack().require("wrong", kind, entries, rows=1, **bounds)


def test_a_block_is_named_once() -> None:
    """Two blocks of columns cannot have one name."""
    with pytest.raises(ValueError, match="exist already"):
        knapsack().columns("left", 2)


def test_holds_is_exact() -> None:
    """A plan one step over is refused, however close."""
    flat = knapsack().flat()
    assert flat.holds(np.array([0, 1, 1, 1, 0, 0]))
    assert not flat.holds(np.array([1, 0, 1, 0, 1, 0]))
    assert not flat.holds(np.array([0, 1, 1, 0, 0, 0]))


def test_a_solver_that_breaks_down_is_named() -> None:
    """A solver that cannot be loaded is a message that says what to do, not a traceback."""
    with pytest.raises(SolverFailed, match=r"nothing failed.*--method"):
        run(knapsack(), "nothing")


class Liar:
    """A worker that answers whatever it is told to."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    def solve(self, *_: object) -> Answer:
        """Answer without looking."""
        return self.answer


def lied_to(monkeypatch: pytest.MonkeyPatch, answer: Answer) -> Outcome:
    """Solve with a solver that says what it likes."""

    @contextmanager
    def borrowed(_: str) -> Iterator[Liar]:
        yield Liar(answer)

    monkeypatch.setattr("allocate.core.levels.borrowed", borrowed)
    program = knapsack()
    del program.levels[1]
    return run(program)


def test_a_bound_above_the_plan_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A solver that claims a bound above its own plan is not believed in either."""
    with pytest.raises(SolverFailed, match="one of the two is wrong"):
        lied_to(monkeypatch, Answer(np.array([0, 1, 1, 1, 0, 0]), 8.0, CLOSED))


def test_a_gap_is_closed_by_arithmetic_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """A solver that calls a gap closed which is not leaves the level open."""
    outcome = lied_to(monkeypatch, Answer(np.array([1, 0, 0, 0, 1, 1]), 7.0, CLOSED))
    assert (outcome.levels[0].objective, outcome.levels[0].bound) == (9, 7)
    assert outcome.levels[0].why != CLOSED


def test_a_plan_that_breaks_a_row_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A plan one step over its capacity is no plan, whatever the solver says."""
    with pytest.raises(SolverFailed, match="breaks a row"):
        lied_to(monkeypatch, Answer(np.array([1, 0, 1, 0, 1, 0]), 5.0, CLOSED))


def test_relaxed_columns_bound_what_they_relax() -> None:
    """CBC's bound of a relaxation is that of the fractions it found, not of their rounding."""
    flat = knapsack(room=3).flat()
    relaxed = replace(flat, whole=np.zeros(6, dtype=bool))
    problem = Problem(relaxed, np.array([0, 0, 0, 7, 5, 4]), None, 10, 0.0, 1)
    with borrowed("allocate.core.pulp") as worker:
        answer = worker.solve(problem, lambda *_: None, lambda: False)
    # By worth for weight the third is packed whole and a quarter of the first: what is left costs
    # 5 and three quarters of 7, where the rounded plan leaves 12.
    assert answer.bound <= 10.25


def test_time_left_over_goes_to_what_is_not_closed() -> None:
    """Where a solver gives up early, better plans are searched for, level after level."""
    outcome = solve_levels(
        knapsack(), "helpers.lazy", seconds=5, gap=0.0, seed=1, watch=Watch(), method="lazy"
    )
    assert outcome.values is not None
    assert outcome.values.tolist() == [0, 1, 1, 1, 0, 0]
    first, second = outcome.levels
    assert (first.objective, first.bound, second.objective) == (7, 0, 5)
    assert first.why == second.why == CLOCK
    assert first.timed
    assert first.trace[-1][1:] == (7.0, 0.0)


@pytest.mark.parametrize("needed", [False, True])
def test_a_first_plan_at_rest_binds_nothing(needed: bool) -> None:
    """Columns at rest are moved where that is better, and where nothing else is possible."""
    program = knapsack()
    program.resting = np.array([1, 2])
    if needed:
        program.require("needed", "share", [(0, [1, 2], 1)], low=2, rows=1)
    outcome = run(program)
    assert outcome.values is not None
    assert outcome.values.tolist() == [0, 1, 1, 1, 0, 0]
    assert [level.objective for level in outcome.levels] == [7, 5]


def test_columns_at_rest_lose_nothing() -> None:
    """What rests at first may still be used: the answer is that of the whole program."""
    program = knapsack()
    outcome = solve_levels(
        program,
        "allocate.core.highs",
        seconds=10,
        gap=0.0,
        seed=1,
        watch=Watch(),
        method="highs",
        resting=np.array([0, 1, 2]),
    )
    assert outcome.values is not None
    assert outcome.values.tolist() == [0, 1, 1, 1, 0, 0]
    assert outcome.why == CLOSED


def test_a_plan_with_columns_at_rest_is_looked_for_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """The whole of a later level starts from the best plan that opens none of these columns."""
    program = Program()
    needed, spare = program.columns("needed", 3), program.columns("spare", 3)
    rows = np.arange(3)
    one = [(rows, needed, 1), (rows, spare, 1)]
    program.require("one", "choose", one, low=1, high=1, rows=3)
    program.level("first", np.array([0, 0, 0, 0, 0, 1]), Fraction(1))
    program.level("second", np.array([5, 5, 0, 1, 1, 0]), Fraction(1))
    asked: list[Problem] = []

    class Worker:
        def solve(self, problem: Problem, *_: object) -> Answer:
            asked.append(problem)
            values = np.array([1, 1, 1, 0, 0, 0])
            return Answer(values, float(problem.cost @ values), CLOSED)

    @contextmanager
    def lent(_: str) -> Iterator[Worker]:
        yield Worker()

    monkeypatch.setattr("allocate.core.levels.borrowed", lent)
    solve_levels(
        program,
        "",
        seconds=10,
        gap=0.0,
        seed=1,
        watch=Watch(),
        method="",
        resting=spare,
    )
    _, rested, whole = asked
    assert rested.flat.upper[spare].tolist() == [0, 0, 0]
    assert rested.start is None
    assert whole.flat.upper[spare].tolist() == [1, 1, 0]
    assert whole.start is not None
