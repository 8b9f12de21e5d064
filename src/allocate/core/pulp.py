"""CBC, or any solver that PuLP knows: a second opinion. Loaded only inside a worker."""

from __future__ import annotations

import os
from itertools import pairwise

import numpy as np
import pulp

from allocate.core.outcome import CLOCK, CLOSED, IMPOSSIBLE, Answer, Problem, Report, Stopped
from allocate.core.program import FREE

SOLVER = "ALLOCATE_PULP_SOLVER"


def solve(problem: Problem, report: Report, stopped: Stopped) -> Answer:
    """Minimise with CBC, or with the solver that the variable ``ALLOCATE_PULP_SOLVER`` names.

    Parameters
    ----------
    problem
        What to solve.
    report
        Not called: PuLP gives no callback.
    stopped
        Not asked: CBC ends at its time limit.

    Notes
    -----
    PuLP passes no bound on. One is claimed only where the solver says that the plan is optimal
    within the gap; else nothing is known.
    """
    if not _empty_rows_hold(problem):
        return Answer(None, float("inf"), IMPOSSIBLE)
    model, columns = _model(problem)
    status = model.solve(_solver(problem))
    if status == pulp.LpStatusInfeasible:
        return Answer(None, float("inf"), IMPOSSIBLE)
    if model.sol_status not in (pulp.LpSolutionOptimal, pulp.LpSolutionIntegerFeasible):
        return Answer(None, float("-inf"), CLOCK)
    # A column that stands in no row and costs nothing is never handed over: any value will do.
    found = [c.lowBound if c.value() is None else c.value() for c in columns]
    values = np.rint(found).astype(np.int64)
    if model.sol_status != pulp.LpSolutionOptimal:
        return Answer(values, float("-inf"), CLOCK)
    # The solver's own objective, not that of the rounded values: where columns are relaxed the two
    # differ, and only the first bounds anything.
    objective = float(pulp.value(model.objective) or 0.0)
    return Answer(values, objective - max(problem.gap * abs(objective), 0.999), CLOSED)


def _empty_rows_hold(problem: Problem) -> bool:
    """Whether the rows without an entry allow nought: CBC cannot be handed them."""
    flat = problem.flat
    empty = np.diff(flat.matrix.indptr) == 0
    return bool(np.all((flat.low[empty] <= 0) & (flat.high[empty] >= 0)))


def _solver(problem: Problem) -> pulp.LpSolver:
    name = os.environ.get(SOLVER, "")
    if name:
        return pulp.getSolver(name, msg=False, timeLimit=problem.seconds, gapRel=problem.gap)
    return pulp.PULP_CBC_CMD(
        msg=False,
        timeLimit=problem.seconds,
        gapRel=problem.gap,
        gapAbs=0.999,
        warmStart=problem.start is not None,
        threads=1,
        options=[f"randomCbcSeed {problem.seed}", f"randomSeed {problem.seed}"],
    )


def _model(problem: Problem) -> tuple[pulp.LpProblem, list[pulp.LpVariable]]:
    flat = problem.flat
    kinds = (pulp.LpContinuous, pulp.LpInteger)
    columns = [
        pulp.LpVariable(f"x{number}", lower, upper, kinds[int(whole)])
        for number, (lower, upper, whole) in enumerate(
            zip(flat.lower.tolist(), flat.upper.tolist(), flat.whole, strict=True)
        )
    ]
    model = pulp.LpProblem("allocate", pulp.LpMinimize)
    model += pulp.LpAffineExpression(
        (columns[number], int(problem.cost[number])) for number in np.flatnonzero(problem.cost)
    )
    starts = flat.matrix.indptr.tolist()
    for row, (start, end) in enumerate(pairwise(starts)):
        if start == end:
            continue
        terms = pulp.LpAffineExpression(
            (columns[column], int(value))
            for column, value in zip(
                flat.matrix.indices[start:end], flat.matrix.data[start:end], strict=True
            )
        )
        low, high = int(flat.low[row]), int(flat.high[row])
        if low == high:
            model += terms == low
            continue
        if low > -FREE:
            model += terms >= low
        if high < FREE:
            model += terms <= high
    if problem.start is not None:
        for column, value in zip(columns, problem.start.tolist(), strict=True):
            column.setInitialValue(value, check=False)
    return model, columns
