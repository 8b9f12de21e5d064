"""Ordered levels: each is minimised in turn, and no later one may worsen an earlier one.

Before a level goes to a solver, what no decision changes is taken out of it: of each group of
columns of which exactly one is chosen, the cheapest is a cost that every plan bears. The solver then
sees the part that can be decided, so its relative gap is the gap that is reported, and every column
dearer than the value of an earlier level is ruled out.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from math import ceil, gcd, inf, isfinite

import numpy as np
from scipy import sparse

from allocate.core.outcome import (
    CLOSED,
    IMPOSSIBLE,
    Answer,
    LevelOutcome,
    Outcome,
    Problem,
    Watch,
)
from allocate.core.program import FREE, Flat, Level, Program, ints
from allocate.core.worker import Worker
from allocate.units import Ints


@dataclass(frozen=True)
class Reduced:
    """A level without what every plan bears: ``coef . x = cost . x * step + fixed - constant``.

    Parameters
    ----------
    cost
        Shape (columns,), never negative, divided by ``step``.
    step
        Greatest common divisor of the costs.
    fixed
        Whole steps of the level that no decision changes, its constant included.
    """

    cost: Ints
    step: int
    fixed: int


def reduce(program: Program, level: Level) -> Reduced:
    """Take out of a level what no decision changes.

    Raises
    ------
    ValueError
        Where a column outside every group could lower the level without end.
    """
    lower, upper, _ = program.bounds()
    cost = level.coef.copy()
    fixed = level.constant
    grouped = np.zeros(program.size, dtype=bool)
    for row, col in program.groups():
        open_ = upper[col] > 0
        least = np.full(int(row.max(initial=-1)) + 1, FREE, dtype=np.int64)
        np.minimum.at(least, row[open_], cost[col[open_]])
        least[least == FREE] = 0
        cost[col] -= least[row]
        cost[col[~open_]] = 0
        fixed += int(least.sum())
        grouped[col] = True
    if np.any(cost[~grouped] < 0):
        raise ValueError(f"The level {level.name} has a column of negative cost outside a group.")
    fixed += int(cost @ lower)
    step = gcd(*np.unique(cost).tolist()) or 1
    return Reduced(cost // step, step, fixed - int((cost // step) @ lower) * step)


def solve_levels(
    program: Program,
    module: str,
    *,
    seconds: float,
    gap: float,
    seed: int,
    watch: Watch,
    method: str,
    start: Ints | None = None,
) -> Outcome:
    """Solve a program level by level with one warm worker.

    Parameters
    ----------
    program
        Columns, rows and levels.
    module
        Solver module that the worker loads.
    seconds, gap, seed
        Limits for the whole run; each level may use an even share of the time left, and what it
        saves passes to the next.
    watch
        Progress out, the wish to stop in.
    method
        Name of the engine, for the result.
    start
        A plan to start from.

    Returns
    -------
    Outcome
        The last plan and the levels reached.
    """
    began = time.monotonic()
    flat = program.flat()
    values = start if start is not None and flat.holds(start) else None
    done: list[LevelOutcome] = []
    with Worker(module) as worker:
        for number, level in enumerate(program.levels):
            reduced = reduce(program, level)
            left = max(0.5, seconds - (time.monotonic() - began))
            share = left / (len(program.levels) - number)
            problem = Problem(flat, reduced.cost, values, share, gap, seed)
            outcome, values = _solve_level(worker, problem, level, reduced, watch)
            done.append(outcome)
            if values is None or watch.stop:
                break
            flat = keep(flat, reduced.cost, int(reduced.cost @ values))
    last = next((level for level in done if level.why != CLOSED), done[-1])
    return Outcome(values, tuple(done), last.why, method)


def _solve_level(
    worker: Worker, problem: Problem, level: Level, reduced: Reduced, watch: Watch
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

    answer = _answer(worker, problem, found, lambda: watch.stop)
    seconds = time.monotonic() - began
    if answer.values is None:
        why = answer.why
        return _level_outcome(reduced, None, answer, why, seconds, trace), None
    plan = _best(problem, answer.values)
    return _level_outcome(reduced, int(reduced.cost @ plan), answer, answer.why, seconds, trace), plan


def _answer(
    worker: Worker,
    problem: Problem,
    found: Callable[[float | None, float | None], None],
    stop: Callable[[], bool],
) -> Answer:
    """Ask the solver, unless the plan in hand is as cheap as any plan can be."""
    if problem.start is not None and int(problem.cost @ problem.start) == int(
        problem.cost @ problem.flat.lower
    ):
        found(float(problem.cost @ problem.start), float(problem.cost @ problem.flat.lower))
        return Answer(problem.start, float(problem.cost @ problem.flat.lower), CLOSED)
    return worker.solve(problem, found, stop)


def _best(problem: Problem, values: Ints) -> Ints:
    """Keep the plan in hand where the solver's, made whole, is dearer or breaks a row."""
    start = problem.start
    if start is None:
        return values
    cheaper = problem.cost @ values <= problem.cost @ start
    return values if cheaper and problem.flat.holds(values) else start


def _level_outcome(
    reduced: Reduced,
    objective: int | None,
    answer: Answer,
    why: str,
    seconds: float,
    trace: list[tuple[float, float, float]],
) -> LevelOutcome:
    bound: int | None = None
    if isfinite(answer.bound):
        # Whole objectives: any fraction above a bound lifts it to the next step; a hair below a
        # step is a solver's rounding.
        bound = max(0, ceil(answer.bound - 1e-6 - 1e-9 * abs(answer.bound)))
    elif why != IMPOSSIBLE:
        bound = 0  # costs are never negative
    if objective is not None and bound is not None:
        bound = min(bound, objective)
    return LevelOutcome(
        objective=0 if objective is None else objective * reduced.step + reduced.fixed,
        fixed=reduced.fixed,
        bound=None if bound is None else bound * reduced.step + reduced.fixed,
        why=why,
        proof="arithmetic" if bound == 0 else "solver's word",
        seconds=seconds,
        trace=tuple(trace),
    )


def keep(flat: Flat, cost: Ints, value: int) -> Flat:
    """Return the rows with one more: the level just solved is not worsened.

    A whole column that alone costs more than the level's value is closed instead; where the value
    is nought that is all there is to say.
    """
    upper = flat.upper.copy()
    dear = flat.whole & (cost > value) & (flat.lower == 0)
    upper[dear] = 0
    left = np.where(dear, 0, cost)
    if value == 0:
        upper[left > 0] = flat.lower[left > 0]
        return replace(flat, upper=upper)
    if not np.any(left):
        return replace(flat, upper=upper)
    row = sparse.csr_matrix(left[None, :])
    return replace(
        flat,
        matrix=sparse.vstack([flat.matrix, row], format="csr"),
        low=np.append(flat.low, ints(-FREE)),
        high=np.append(flat.high, ints(value)),
        upper=upper,
    )
