"""One level, minimised by a worker: its deciding columns first, and what is proven of it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from math import ceil, inf, isfinite

import numpy as np

from allocate.core.kept import span
from allocate.core.outcome import (
    ASKED,
    CLOCK,
    CLOSED,
    IMPOSSIBLE,
    Answer,
    LevelOutcome,
    Problem,
    Watch,
)
from allocate.core.program import Level
from allocate.core.reduced import Reduced
from allocate.core.worker import Found, Worker
from allocate.errors import SolverFailed
from allocate.units import Ints

TIGHTER = 0.99  # solvers are asked for this much of the gap, so that rounding cannot reopen it
FLOAT = 1e-8  # what solvers print of an objective is no surer than this
# The two steps that settle deciding columns end by this gap; the share of the level's time is there
# for the case that they do not, and then the run may not repeat.
DECIDE_GAP = 0.01
DECIDE_SHARE = 0.35


def solve_level(
    worker: Worker,
    problem: Problem,
    level: Level,
    reduced: Reduced,
    deciding: Ints,
    watch: Watch,
) -> tuple[LevelOutcome, Ints | None]:
    """Minimise one level; return what is proven and the plan.

    Parameters
    ----------
    worker, problem
        Who is asked, and what.
    level, reduced
        The level, and what the problem has of it.
    deciding
        Columns that are settled first; none where the worker needs no such help.
    watch
        Progress out, the wish to stop in.
    """
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

    answer = answer_to(worker, problem, deciding, found, lambda: watch.stop)
    seconds = time.monotonic() - began
    return outcome_of(reduced, level, problem, answer, seconds, trace), answer.values


def answer_to(
    worker: Worker, problem: Problem, deciding: Ints, found: Found, stop: Callable[[], bool]
) -> Answer:
    """Solve a problem: nothing to do, or the deciding columns first, then the whole.

    The whole is solved last and from the best plan so far; its bound is the one that is reported,
    unless the relaxation of the first step proves that plan already.

    Raises
    ------
    SolverFailed
        Where a plan breaks a row.
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
    plan = better(problem, answer.values)
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
    return replace(problem, start=better(problem, plan.values)), answer.bound, timed


def better(problem: Problem, values: Ints | None) -> Ints | None:
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


def outcome_of(
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
