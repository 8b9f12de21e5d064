"""The assignment engine in its worker, against trying every plan and on a generated borough."""

from __future__ import annotations

import time
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

import pytest

from allocate.core.levels import solve_levels
from allocate.core.outcome import ASKED, CLOSED, IMPOSSIBLE, Outcome, Watch
from allocate.core.program import Program
from allocate.result import Result
from allocate.solving import solve
from benchmarks.homecare.written import write_generated
from helpers.assignments import best, draw, program
from helpers.compiled import have_loops_compiled

ENGINE = "allocate.core.engine"
LONG = 120.0  # seconds: the first program waits for loops to be compiled


def run(made: Program) -> Outcome:
    return solve_levels(
        made, ENGINE, seconds=LONG, gap=0.0, seed=1, watch=Watch(), method="allocate"
    )


def faults(seeds: Iterable[int]) -> list[str]:
    """Small programs whose answer is not the best, or not proven to be."""
    return [fault for seed in seeds if (fault := _fault(seed))]


def _fault(seed: int) -> str:
    small = draw(seed)
    made, least = program(small), best(small)
    outcome = run(made)
    if least is None:
        denied = outcome.values is None and outcome.why == IMPOSSIBLE
        return "" if denied else f"{seed}: {outcome.why} where nothing keeps every row"
    if outcome.values is None:
        return f"{seed}: no plan, {outcome.why}; there is one of {least}"
    value = tuple(int(level.coef @ outcome.values) for level in made.levels)
    bound = tuple(level.bound for level in outcome.levels)
    kept = made.flat().holds(outcome.values)
    fine = kept and value == least == bound and outcome.why == CLOSED
    return "" if fine else f"{seed}: {value} and {bound}, {outcome.why}; the best is {least}"


def test_small_programs_are_solved_to_the_end() -> None:
    """Every plan is the best of all, and proven to be."""
    assert faults(range(80)) == []


@pytest.mark.slow
@pytest.mark.parametrize("first", range(1_000, 11_000, 1_000))
def test_ten_thousand_small_programs(first: int) -> None:
    """The same of many more, and of one where prices grow without end (6961)."""
    assert faults(range(first, first + 1_000)) == []


def test_what_is_drawn_is_of_every_kind() -> None:
    """What is tried against all plans has every part, and is not all impossible or all free."""
    drawn = [draw(seed) for seed in range(150)]
    values = [best(small) for small in drawn]
    kinds = {
        "impossible": sum(value is None for value in values),
        "hard": sum(small.over == 0 for small in drawn),
        "soft": sum(small.over > 0 for small in drawn),
        "leads": sum(len(small.target) > 0 for small in drawn),
        "hard targets": sum(small.short == 0 and small.target.any() for small in drawn),
        "growth": sum(bool(small.newly.any()) for small in drawn),
        "sure leads": sum(bool(small.sure.any()) for small in drawn),
        "limited leads": sum(small.most_led is not None for small in drawn),
        "money": sum(small.spent is not None for small in drawn),
        "later level": sum(small.later is not None for small in drawn),
        "households": sum(small.together is not None for small in drawn),
        "rounds": sum(small.least is not None for small in drawn),
    }
    assert {kind for kind, count in kinds.items() if count < 5} == set()
    assert kinds["impossible"] < 50


def test_the_answer_says_whose_it_is() -> None:
    """A program without groups goes to HiGHS at once; one of groups and capacities is its own."""
    made = Program()
    columns = made.columns("some", 2, upper=9)
    made.require("sum", "share", [(0, columns, [2, 3])], low=7, rows=1)
    made.level("cost", columns * 0 + [2, 4], Fraction(1))
    outcome = run(made)
    assert (outcome.method, outcome.levels[0].objective, outcome.levels[0].bound) == ("highs", 8, 8)
    assert run(program(draw(0))).method == "allocate"


@pytest.fixture(scope="module")
def borough(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A generated borough of 300 packages; the engine has compiled its loops before."""
    have_loops_compiled()
    return write_generated("borough-300", 1, tmp_path_factory.mktemp("generated") / "borough")


def checked(result: Result) -> None:
    """A reviewed plan of the engine's own, and a bound that is not above it."""
    assert result.record["method"] == "allocate"
    assert result.record["review"] == {"passed": True, "faults": []}
    assert len(result.tables["allocation"]) == 300
    (level,) = result.levels
    assert level.bound is not None
    assert level.fixed is not None
    assert level.fixed <= level.bound <= level.objective


def test_a_borough_is_solved_within_its_time(borough: Path) -> None:
    """In four seconds plan and bound are less than a twentieth apart."""
    result = solve(borough, method="allocate", seconds=4)
    checked(result)
    assert result.status in ("feasible", "optimal")
    (level,) = result.levels
    assert level.objective - level.bound < Fraction(1, 20) * (level.objective - level.fixed)


def test_a_wish_to_stop_leaves_a_plan(borough: Path) -> None:
    """What is at hand when somebody asks is reviewed and told, with the bound so far."""
    watch = Stopping(1.0)
    result = solve(borough, method="allocate", seconds=60, gap=0.0, watch=watch)
    checked(result)
    assert result.status == "feasible"
    assert result.levels[0].why_stopped == ASKED
    assert result.levels[0].seconds < 30


class Stopping(Watch):
    """Asks to stop some seconds after there is a plan to be told of."""

    def __init__(self, after: float) -> None:
        super().__init__(report=self._hear)
        self._after, self._ends = after, float("inf")

    def _hear(self, name: str, best: float | None, bound: float | None, seconds: float) -> None:
        if best is not None:
            self._ends = min(self._ends, time.monotonic() + self._after)

    @property
    def stop(self) -> bool:
        """Whether that time has come."""
        return time.monotonic() >= self._ends

    @stop.setter
    def stop(self, wish: bool) -> None:
        """Nobody else asks."""
