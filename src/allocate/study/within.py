"""Searches among the plans that keep every level within a limit.

A program is written out with a row for each limit, and searched by what it chooses. One of two
stages cannot be: what winters cost is no row of bookings. So there plans are asked to differ by so
many choices, and the best of those is found by its own engine and held against the limit.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from math import floor
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from allocate.answered import Answered
from allocate.choices import Options
from allocate.core.forms import solve_form
from allocate.core.kept import keep
from allocate.core.levels import ENGINE
from allocate.core.outcome import IMPOSSIBLE, Answer, Outcome, Problem, Watch
from allocate.core.program import Flat, Program
from allocate.core.reduced import reduce
from allocate.core.two_stage import TwoStage
from allocate.core.worker import borrowed
from allocate.units import Ints
from allocate.variants import METHOD

ROUGH = 0.05  # relative gap at which a plan is unlike enough
FINER = 0.25  # of the slack, to which a plan of two stages is solved


@dataclass(frozen=True)
class Found:
    """Values of the columns of a plan, and its flows where it has two stages."""

    values: Ints
    flows: NDArray[np.float64] | None = None


class Within(Protocol):
    """A search among the plans within the limits."""

    draft: Any

    @property
    def kinds(self) -> frozenset[str]:
        """Kinds of choices that have columns."""

    @property
    def left(self) -> float:
        """Seconds left."""

    def open_columns(self, kind: str) -> dict[str, Ints]:
        """Columns of each thing of a kind of which something is left to be chosen."""

    def further(self, seconds: float) -> Found | None:
        """Find a plan unlike all before; None where none was found."""

    def without(self, columns: Ints, seconds: float) -> tuple[Found | None, bool]:
        """Find a plan that chooses otherwise than the answer there; and whether that is settled."""


def within(answered: Answered, limits: Sequence[Fraction], seconds: float, watch: Watch) -> Within:
    """Return the search for an answer.

    Parameters
    ----------
    answered
        The answer, of a program or of one of two stages.
    limits
        The most that each level may come to.
    seconds
        For all that is asked.
    watch
        The wish to stop in.
    """
    asked, ends = answered.asked, time.monotonic() + seconds
    draft: Any = asked.model.formulate(asked.instance, asked.question.levels)
    options = asked.model.options(draft, answered.solution)
    if isinstance(draft.program, TwoStage):
        return _Staged(answered, draft, options, limits, ends, watch)
    return _Flat(answered, draft, options, limits, ends, watch)


@dataclass
class _Search:
    """What both searches know."""

    answered: Answered
    draft: Any
    options: Options
    limits: Sequence[Fraction]
    ends: float
    watch: Watch

    @property
    def kinds(self) -> frozenset[str]:
        """Kinds of choices that have columns."""
        return frozenset(self.options.kind)

    @property
    def left(self) -> float:
        """Seconds left."""
        return 0.0 if self.watch.stop else self.ends - time.monotonic()

    @property
    def seed(self) -> int:
        """That of the answer."""
        return int(self.answered.record["seed"])

    def open_columns(self, kind: str) -> dict[str, Ints]:
        """Columns of each thing of a kind of which something is left to be chosen."""
        program = self.draft.program
        lower, upper, _ = (program.first if isinstance(program, TwoStage) else program).bounds()
        return {
            label: columns
            for label, columns in self.options.of(kind).items()
            if np.any(lower[columns] < upper[columns])
        }


@dataclass
class _Flat(_Search):
    """Searches a program with a row for each level."""

    plans: list[Ints] = field(default_factory=list)

    def __post_init__(self) -> None:
        program: Program = self.draft.program
        self.flat = program.flat()
        # A plan with a column that is left out comes to at least so much.
        self.every = program.left_out is None
        for level, limit in zip(program.levels, self.limits, strict=True):
            reduced = reduce(program, level)
            most = floor((limit * level.per - reduced.fixed) / reduced.step)
            self.flat = keep(self.flat, reduced.cost, most)
            self.every |= program.left_out is not None and program.left_out > limit * level.per
        start = self.flat.lower.copy()
        start[self.options.column] = self.options.now
        self.plans.append(start)
        self.chosen = np.unique(self.options.column)
        kinds = self.answered.asked.model.CHOICES
        many = np.array([kinds[kind].many for kind in self.options.kind], dtype=bool)
        self.main = np.unique(self.options.column[~many])

    def further(self, seconds: float) -> Found | None:
        """Find the plan that has least of what those before have."""
        cost, used = np.zeros_like(self.flat.lower), np.sum(self.plans, axis=0)
        cost[self.chosen] = used[self.chosen]
        # One choice of few that differs is worth more than all of many.
        most = (len(self.chosen) - len(self.main)) * len(self.plans) + 1
        cost[self.main] = used[self.main] * most
        cost[self.flat.lower > 0] = 0
        found = self._solve(self.flat, cost, self.plans[-1], seconds).values
        if found is None or any(
            np.array_equal(found[self.chosen], plan[self.chosen]) for plan in self.plans
        ):
            return None
        self.plans.append(found)
        return Found(found)

    def without(self, columns: Ints, seconds: float) -> tuple[Found | None, bool]:
        """Find a plan that has not what the answer has among some columns."""
        upper = self.flat.upper.copy()
        had = columns[self.plans[0][columns] > 0]
        if np.any(self.flat.lower[had] > 0):
            return None, True
        upper[had[:1]] = 0  # of several, any one that differs is another choice
        answer = self._solve(replace(self.flat, upper=upper), np.zeros_like(upper), None, seconds)
        if answer.values is None:
            return None, answer.why == IMPOSSIBLE and self.every
        self.plans.append(answer.values)
        return Found(answer.values), True

    def _solve(self, flat: Flat, cost: Ints, start: Ints | None, seconds: float) -> Answer:
        problem = Problem(flat, cost, start, max(seconds, 0.5), ROUGH, self.seed)
        with borrowed(METHOD) as worker:
            answer: Answer = worker.solve(problem, lambda *_: None, lambda: self.watch.stop)
        if answer.values is not None and not flat.holds(answer.values):
            return replace(answer, values=None)
        return answer


@dataclass
class _Staged(_Search):
    """Searches a program of two stages, plan by plan; plans are told apart by what is booked."""

    used: list[NDArray[np.bool_]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.things = [some for kind in self.kinds for some in self.options.of(kind).values()]
        column = {c: n for n, c in enumerate(self.options.column.tolist())}
        now = self.options.now
        self.used.append(
            np.array([now[[column[c] for c in some.tolist()]].any() for some in self.things])
        )

    def further(self, seconds: float) -> Found | None:
        """Find a plan that differs from each before in as many things as can be had."""
        least = max(int(self.used[0].sum()), 1)
        tries = least.bit_length()
        for _ in range(tries):
            found, _ = self._best(self._apart(least), None, seconds / tries)
            if found is not None:
                self.used.append(np.array([bool(found.values[some].any()) for some in self.things]))
                return found
            least = max(least // 2, 1)
            if self.left <= 0:
                break
        return None

    def without(self, columns: Ints, seconds: float) -> tuple[Found | None, bool]:
        """Find a plan that books nothing there."""
        return self._best(self.draft.program.first, columns, seconds)

    def _apart(self, least: int) -> Program:
        """The bookings with rows after which each plan before differs in so many things."""
        first: Program = self.draft.program.first
        first = replace(first, families=list(first.families))
        row, column, sign, low = [], [], [], []
        for number, used in enumerate(self.used):
            for some, has in zip(self.things, used.tolist(), strict=True):
                row += [number] * len(some)
                column += some.tolist()
                sign += [-1 if has else 1] * len(some)
            low.append(least - int(used.sum()))
        first.require(
            "apart", "free", [(np.array(row), np.array(column), np.array(sign))],
            low=np.array(low), rows=len(low),
        )  # fmt: skip
        return first

    def _best(
        self, first: Program, barred: Ints | None, seconds: float
    ) -> tuple[Found | None, bool]:
        """Find the best of some plans, if it is within the limit; and whether that is settled."""
        if barred is not None:
            lower, upper, _ = first.bounds()
            if np.any(lower[barred] > 0):
                return None, True
            upper[barred] = 0
            first = first.between(upper, first.levels)
        asked, known = self.answered.asked, self.answered.known[0].value
        slack = float((self.limits[0] - known) / max(abs(known), Fraction(1)))
        two_stage: TwoStage = replace(self.draft.program, first=first)
        outcome: Outcome = solve_form(
            two_stage,
            ENGINE,
            seconds=max(seconds, 0.5),
            gap=max(slack * FINER, asked.question.limits.gap),
            seed=self.seed,
            work=None,
            watch=self.watch,
            method="allocate",
        )
        if outcome.values is None:
            return None, outcome.why == IMPOSSIBLE
        found = Found(outcome.values, outcome.flows)
        solution = asked.model.read_solution(self.draft, found.values, found.flows)
        value = asked.model.review(asked.instance, solution, asked.question.levels).levels[0]
        if value <= self.limits[0]:
            return found, True
        bound = outcome.levels[0].bound
        return None, bound is not None and bound / first.levels[0].per > self.limits[0]
