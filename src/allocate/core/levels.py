"""Ordered levels: each is minimised in turn, and no later one may worsen an earlier one.

Before a level goes to a solver, what no decision changes is taken out of it: of each group of
columns of which exactly one is chosen, the cheapest is a cost that every plan bears. The solver
then sees the part that can be decided, so its relative gap is the gap that is reported, and every
column dearer than the value of an earlier level is ruled out.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import ceil, inf, isfinite

import numpy as np
from scipy import sparse

from allocate.core.guess import Guess
from allocate.core.neighbourhoods import Neighbourhoods
from allocate.core.outcome import (
    ASKED,
    CLOCK,
    CLOSED,
    DECLINED,
    IMPOSSIBLE,
    Answer,
    LevelOutcome,
    Outcome,
    Problem,
    Watch,
)
from allocate.core.program import FREE, Flat, Level, Program, ints
from allocate.core.worker import Found, Worker, borrowed
from allocate.errors import SolverFailed
from allocate.units import Ints

ENGINE = "allocate.core.engine"  # needs none of the help that general solvers are given here
MANY_COLUMNS = 1_000_000  # that is work for every core
LEVEL_SHARE = 0.5
TIGHTER = 0.99  # solvers are asked for this much of the gap, so that rounding cannot reopen it
FLOAT = 1e-8  # what solvers print of an objective is no surer than this
GIVEN_BACK = 0.05  # of the time: less than that is not worth another search
REST_SHARE = 0.3  # of a level's time, for a first plan without resting columns
REST_LONGER = 0.75  # the same where they are given and there is a plan already
# The two steps that settle deciding columns end by this gap; the share of the level's time is there
# for the case that they do not, and then the run may not repeat.
DECIDE_GAP = 0.01
DECIDE_SHARE = 0.35


@dataclass(frozen=True)
class Reduced:
    """A level without what every plan bears: ``coef . x = cost . x * step + fixed``.

    Parameters
    ----------
    cost
        Shape (columns,), never negative, divided by ``step``.
    step
        Greatest common divisor of the costs.
    fixed
        Whole steps of the level that no decision changes.
    taken
        Of these, what each column of a group no longer costs, (columns,).
    """

    cost: Ints
    step: int
    fixed: int
    taken: Ints


def reduce(program: Program, level: Level) -> Reduced:
    """Take out of a level what no decision changes.

    Raises
    ------
    ValueError
        Where a column outside every group could lower the level without end.
    """
    _, upper, _ = program.bounds()
    cost, taken = level.coef.copy(), np.zeros_like(level.coef)
    fixed = 0
    grouped = np.zeros(program.size, dtype=bool)
    for row, col in program.groups():
        open_ = upper[col] > 0
        least = np.full(int(row.max(initial=-1)) + 1, FREE, dtype=np.int64)
        np.minimum.at(least, row[open_], cost[col[open_]])
        least[least == FREE] = 0
        taken[col] = least[row]
        cost[col] -= least[row]
        cost[col[~open_]] = 0
        fixed += int(least.sum())
        grouped[col] = True
    if np.any(cost[~grouped] < 0):
        raise ValueError(f"The level {level.name} has a column of negative cost outside a group.")
    step = int(np.gcd.reduce(cost)) or 1
    return Reduced(cost // step, step, fixed, taken)


def solve_levels(
    program: Program,
    module: str,
    *,
    seconds: float,
    gap: float,
    seed: int,
    watch: Watch,
    method: str,
    work: int | None = None,
    level_share: float = LEVEL_SHARE,
    resting: Ints | None = None,
    guesses: Sequence[Guess] = (),
) -> Outcome:
    """Solve a program level by level with one warm worker.

    Parameters
    ----------
    program
        Columns, rows and levels.
    module
        Solver module that the worker loads.
    seconds, gap, seed
        Limits for the whole run.
    watch
        Progress out, the wish to stop in.
    method
        Name of the engine, for the result.
    work
        Runs of the search of our engine, where it is asked, after which it stops.
    level_share
        Part of the time left that each level may use; the last one has all of it.
    resting
        Columns so many that a solver finds poor plans among them. Each level after the first is
        solved with those at rest that are nought in the plan at hand; then, from there, as a whole.
    guesses
        What an earlier answer knew of each level, or nothing.

    Returns
    -------
    Outcome
        The last plan and the levels reached.
    """
    with borrowed(module) as worker:
        limits = Limits(seconds, gap, seed, level_share, resting, work, guesses)
        run = _Run(program, worker, limits, watch)
        run.solve_from(0)
        run.search_again()
    why = next((level.why for level in run.done if level.why != CLOSED), CLOSED)
    if why == CLOSED and len(run.done) < len(program.levels):
        why = ASKED
    # Where nothing had to be solved, whoever would have been asked answered.
    asked = "highs" if module == ENGINE and not run.ours else method
    by = dict.fromkeys(level.by or asked for level in run.done)
    return Outcome(run.values, tuple(run.done), why, ", ".join(by) or asked)


@dataclass(frozen=True)
class Limits:
    """Limits of a run, the part of the time left for each level but the last, and where from."""

    seconds: float
    gap: float
    seed: int
    level_share: float
    resting: Ints | None = None
    work: int | None = None
    guesses: Sequence[Guess] = ()


class _Run:
    """A run over all levels: the rows before each, what each came to, and the plan."""

    def __init__(self, program: Program, worker: Worker, limits: Limits, watch: Watch) -> None:
        self.program, self.worker, self.limits, self.watch = program, worker, limits, watch
        self.ours = getattr(worker, "module", "") == ENGINE
        self.flats: list[Flat] = [program.flat()]
        self.done: list[LevelOutcome] = []
        self.values = limits.guesses[0].plan(self.flats[0]) if limits.guesses else None
        self._ends = time.monotonic() + limits.seconds

    @property
    def left(self) -> float:
        """Seconds left; never so few that a solver could not even begin."""
        return max(0.5, self._ends - time.monotonic())

    def solve_from(self, first: int) -> None:
        """Solve the levels from one on, each from the best plan so far."""
        del self.done[first:], self.flats[first + 1 :]
        for number, level in enumerate(self.program.levels[first:], start=first):
            reduced = reduce(self.program, level)
            outcome, found = self._solve(number, reduced)
            if outcome.why == DECLINED:
                self.ours = False
                outcome, found = self._solve(number, reduced)
            self.done.append(outcome)
            if found is None:
                return
            self.values = found
            if self.watch.stop:
                return
            self.flats.append(keep(self.flats[number], reduced.cost, int(reduced.cost @ found)))

    def _solve(self, number: int, reduced: Reduced) -> tuple[LevelOutcome, Ints | None]:
        """Solve a level; a general solver has help with it that our engine does not need."""
        level, limits = self.program.levels[number], self.limits
        last = number + 1 == len(self.program.levels)
        problem = Problem(
            self.flats[number],
            reduced.cost,
            self.values,
            self.left * (1.0 if last else limits.level_share),
            limits.gap,
            limits.seed,
            threads=os.cpu_count() or 1 if self.program.size > MANY_COLUMNS else 1,
            ours=self.ours,
            ordered=len(self.program.levels) > 1,
            work=limits.work,
            guess=self._guess(number, reduced),
        )
        problem, timed = (problem, False) if self.ours else self._rested(problem)
        deciding = ints([]) if self.ours else self.program.deciding
        outcome, found = _solve_level(self.worker, problem, level, reduced, deciding, self.watch)
        if found is None and outcome.why == CLOCK:
            # No plan yet: nothing is worth more than the time that was kept for later levels.
            problem = replace(problem, seconds=self.left)
            outcome, found = _solve_level(
                self.worker, problem, level, reduced, ints([]), self.watch
            )
        return replace(outcome, timed=outcome.timed or timed), found

    def _guess(self, number: int, reduced: Reduced) -> Guess | None:
        """What an earlier answer knew of a level; its plan is of use to the first alone."""
        if not self.ours or not self.limits.guesses:
            return None
        guess, level = self.limits.guesses[number], self.program.levels[number]
        each = float(level.per / reduced.step)
        guess = guess.in_steps(each, self._paid(number, reduced))
        return guess if number == 0 else replace(guess, chosen=ints([]))

    def _paid(self, number: int, reduced: Reduced) -> Ints:
        """Steps that rows of groups pay whatever is chosen: they are out of the cost, (rows,)."""
        at, paid = self.program.group_rows(), np.zeros(len(self.flats[number].low), dtype=np.int64)
        paid[at[at >= 0]] = reduced.taken[at >= 0] // reduced.step
        return paid

    def search_again(self) -> None:
        """Use time that is left over for the first level that is not closed, then for the next."""
        least = self.limits.seconds * GIVEN_BACK
        number = 0
        while number < len(self.done) and self.left > least and not self.watch.stop:
            if self.done[number].why == CLOCK and self._search(number):
                self.solve_from(number + 1)
            number += 1

    def _search(self, number: int) -> bool:
        """Search for a better plan of a level; return whether there is one."""
        level, known, plan = self.program.levels[number], self.done[number], self.values
        if plan is None or known.bound is None:
            return False
        reduced, flat = reduce(self.program, level), self.flats[number]
        search = Neighbourhoods(self.program, self.worker, self.limits.seed)
        relaxed = search.relax(flat, reduced.cost, self.left, lambda: self.watch.stop)
        proven = (known.bound - reduced.fixed) // reduced.step
        found = search.improve(
            flat,
            reduced.cost,
            plan,
            relaxed,
            seconds=self.left * self.limits.level_share,
            enough=proven,
            stop=lambda: self.watch.stop,
        )
        if found is None or int(reduced.cost @ found) >= int(reduced.cost @ plan):
            return False
        problem = Problem(flat, reduced.cost, found, 0.0, self.limits.gap, self.limits.seed)
        answer = Answer(found, float(proven), CLOCK, True)
        best = float((int(reduced.cost @ found) * reduced.step + reduced.fixed) / level.per)
        trace = [*known.trace, (known.seconds, best, float(known.bound / level.per))]
        self.watch.report(level.name, best, float(known.bound / level.per), known.seconds)
        self.values = found
        self.done[number] = _level_outcome(reduced, level, problem, answer, known.seconds, trace)
        del self.flats[number + 1 :]
        self.flats.append(keep(flat, reduced.cost, int(reduced.cost @ found)))
        return True

    def _rested(self, problem: Problem) -> tuple[Problem, bool]:
        """Find a plan with the resting columns at nought, or as the plan at hand has them.

        Columns that rest by the program's own wish do so for a first plan only; those that the run
        is given, in every level that starts from a plan. That plan is left out of it: from a poor
        one a solver searches around it, and finds less.

        Returns the problem with the better plan to start from, and whether the clock had a say.
        """
        given, start = self.limits.resting, problem.start
        if (start is None) is not (given is None):
            return problem, False
        resting = self.program.resting if given is None else given
        unused = resting if start is None else resting[start[resting] == 0]
        upper = problem.flat.upper.copy()
        if not np.any(upper[unused]):
            return problem, False
        upper[unused] = problem.flat.lower[unused]
        began = time.monotonic()
        still = replace(
            problem,
            flat=replace(problem.flat, upper=upper),
            start=None,
            seconds=problem.seconds * (REST_SHARE if given is None else REST_LONGER),
        )
        answer = _answer(
            self.worker, still, self.program.deciding, lambda *_: None, lambda: self.watch.stop
        )
        left = max(0.5, problem.seconds - (time.monotonic() - began))
        plan = _better(problem, answer.values)
        return replace(problem, start=plan, seconds=left), answer.timed or answer.why == CLOCK


def _solve_level(
    worker: Worker,
    problem: Problem,
    level: Level,
    reduced: Reduced,
    deciding: Ints,
    watch: Watch,
) -> tuple[LevelOutcome, Ints | None]:
    """Minimise one level; return what is proven and the plan."""
    began = time.monotonic()
    trace: list[tuple[float, float, float]] = []
    best, bound = inf, 0.0

    def in_units(steps: float) -> float:
        return float((steps * reduced.step + reduced.fixed) / level.per)

    def found(objective: float | None, proven: float | None) -> None:
        nonlocal best, bound
        seconds = time.monotonic() - began
        best = min(best, inf if objective is None else objective)
        if proven is not None and isfinite(proven):
            bound = max(bound, proven)
        shown = None if best == inf else in_units(best)
        if best < inf:
            trace.append((round(seconds, 3), in_units(best), in_units(bound)))
        watch.report(level.name, shown, in_units(bound), seconds)

    answer = _answer(worker, problem, deciding, found, lambda: watch.stop)
    seconds = time.monotonic() - began
    return _level_outcome(reduced, level, problem, answer, seconds, trace), answer.values


def _answer(
    worker: Worker, problem: Problem, deciding: Ints, found: Found, stop: Callable[[], bool]
) -> Answer:
    """Solve a problem: nothing to do, or the deciding columns first, then the whole.

    The whole is solved last and from the best plan so far; its bound is the one that is reported,
    unless the relaxation of the first step proves that plan already.
    """
    least, _ = span(problem.flat, problem.cost)
    if problem.start is not None and int(problem.cost @ problem.start) == least:
        found(float(least), float(least))
        return Answer(problem.start, float(least), CLOSED)
    began = time.monotonic()
    proven, timed = -inf, False
    if len(deciding):
        problem, proven, timed = _decide_first(worker, problem, deciding, found, stop)
        if problem.start is not None:
            value = int(problem.cost @ problem.start)
            if value - whole_bound(proven) <= problem.gap * max(1, value):
                return Answer(problem.start, proven, CLOSED, timed)
        if stop():
            return Answer(problem.start, proven, ASKED)
    left = max(0.5, problem.seconds - (time.monotonic() - began))
    tighter = replace(problem, seconds=left, gap=problem.gap * TIGHTER)
    answer = worker.solve(tighter, found, stop)
    plan = _better(problem, answer.values)
    if answer.values is not None and plan is None:
        raise SolverFailed("The solver returned a plan that breaks a row. Try another --method.")
    if answer.why == IMPOSSIBLE and plan is not None:
        # A solver that denies a plan which keeps every row exactly is not believed on the bound.
        return Answer(plan, proven, CLOCK)
    return replace(answer, values=plan, bound=max(answer.bound, proven), timed=timed)


def _decide_first(
    worker: Worker, problem: Problem, deciding: Ints, found: Found, stop: Callable[[], bool]
) -> tuple[Problem, float, bool]:
    """Settle the deciding columns with all others relaxed, then find a plan that goes with them.

    Returns
    -------
    tuple
        The problem with the best plan so far to start from, the bound of the relaxation, and
        whether the clock had a say.
    """
    flat = problem.flat
    few = np.zeros_like(flat.whole)
    few[deciding] = True
    relaxed = replace(
        problem, flat=replace(flat, whole=few), start=None, gap=max(problem.gap, DECIDE_GAP)
    )
    # The relaxation's plan is none of ours: only its bound is shown.
    answer = worker.solve(
        replace(relaxed, seconds=problem.seconds * DECIDE_SHARE),
        lambda _, bound: found(None, bound),
        stop,
    )
    if answer.values is None or stop():
        bound = answer.bound if answer.why != IMPOSSIBLE else -inf
        return problem, bound, answer.why == CLOCK
    lower, upper = flat.lower.copy(), flat.upper.copy()
    lower[deciding] = upper[deciding] = answer.values[deciding]
    settled = replace(flat, lower=lower, upper=upper)
    start = problem.start if problem.start is not None and settled.holds(problem.start) else None
    plan = worker.solve(
        replace(
            problem,
            flat=settled,
            start=start,
            gap=max(problem.gap, DECIDE_GAP),
            seconds=problem.seconds * DECIDE_SHARE,
        ),
        lambda best, _: found(best, None),
        stop,
    )
    timed = CLOCK in (answer.why, plan.why)
    return replace(problem, start=_better(problem, plan.values)), answer.bound, timed


def _better(problem: Problem, values: Ints | None) -> Ints | None:
    """Return the cheaper of the plan in hand and a new one that keeps every row exactly."""
    if values is None or not problem.flat.holds(values):
        return problem.start
    if problem.start is None or problem.cost @ values <= problem.cost @ problem.start:
        return values
    return problem.start


def whole_bound(bound: float) -> int:
    """Lift a bound on a whole, never negative objective to the next whole step.

    A hair below a step is a solver's rounding.
    """
    return max(0, ceil(bound - 1e-6 - 1e-11 * abs(bound))) if isfinite(bound) else 0


def _level_outcome(
    reduced: Reduced,
    level: Level,
    problem: Problem,
    answer: Answer,
    seconds: float,
    trace: list[tuple[float, float, float]],
) -> LevelOutcome:
    """Turn costs without the fixed part back into steps of the level.

    Whether the gap is closed is worked out here, from the plan kept and the bound, whatever the
    solver says.

    Raises
    ------
    SolverFailed
        Where the bound is above the plan: one of the two is wrong.
    """
    why = answer.why
    objective, bound = 0, None
    if why != IMPOSSIBLE:
        bound = whole_bound(answer.bound)
    if answer.values is not None:
        objective, bound = int(problem.cost @ answer.values), bound or 0
        if bound > objective:
            raise SolverFailed(
                f"The solver claims the bound {bound} above a plan of {objective} in the level "
                f"{level.name}: one of the two is wrong. Try another --method"
            )
        unit = float(level.per) / reduced.step
        closed = objective - bound <= max(problem.gap * max(objective, unit), FLOAT * objective)
        why = CLOSED if closed else CLOCK if why == CLOSED else why
    return LevelOutcome(
        objective=objective * reduced.step + reduced.fixed,
        fixed=reduced.fixed,
        bound=None if bound is None else bound * reduced.step + reduced.fixed,
        why=why,
        seconds=seconds,
        timed=answer.timed or why in (CLOCK, ASKED),
        trace=tuple(trace),
        by=answer.by,
        proof=answer.proof,
    )


def span(flat: Flat, cost: Ints) -> tuple[int, int]:
    """Return the least and the most that columns can cost, each group by itself.

    Parameters
    ----------
    flat
        Its rows are left out, but for those that choose exactly one column of a group.
    cost
        Never negative, (columns,).
    """
    family = np.flatnonzero([kind == "choose" for kind in flat.kinds])
    rows = np.flatnonzero(np.isin(flat.family, family))
    rows = rows[flat.low[rows] == 1]
    groups = flat.matrix[rows].tocoo()
    low, high = (cost * bound for bound in (flat.lower, flat.upper))
    alone = np.ones(len(cost), dtype=bool)
    alone[groups.col] = False
    least, most = np.full(len(rows), FREE), np.zeros(len(rows), dtype=np.int64)
    open_ = flat.upper[groups.col] > 0
    row, column = groups.row[open_], groups.col[open_]
    np.minimum.at(least, row, cost[column])
    np.maximum.at(most, row, cost[column])
    least[least == FREE] = 0
    return int(low[alone].sum() + least.sum()), int(high[alone].sum() + most.sum())


def keep(flat: Flat, cost: Ints, value: int) -> Flat:
    """Return the rows with one more: the level just solved is not worsened.

    A whole column that alone costs more than the level's value is closed instead; where no plan can
    cost more than the value that is all there is to say.
    """
    upper = flat.upper.copy()
    dear = flat.whole & (cost > value) & (flat.lower == 0)
    upper[dear] = 0
    left = np.where(dear, 0, cost)
    if value == 0:
        upper[left > 0] = flat.lower[left > 0]
        return replace(flat, upper=upper)
    if span(replace(flat, upper=upper), left)[1] <= value:
        return replace(flat, upper=upper)
    row = sparse.csr_matrix(left[None, :])
    return replace(
        flat,
        matrix=sparse.vstack([flat.matrix, row], format="csr"),
        low=np.append(flat.low, ints(-FREE)),
        high=np.append(flat.high, ints(value)),
        upper=upper,
    )
