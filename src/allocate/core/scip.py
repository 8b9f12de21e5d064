"""SCIP, through ortools. Loaded only inside a worker."""

from __future__ import annotations

from typing import Any

import numpy as np
from ortools.linear_solver.python import model_builder_helper as helper

from allocate.core.interrupt import interrupting
from allocate.core.outcome import ASKED, CLOCK, CLOSED, IMPOSSIBLE, Answer, Problem, Report, Stopped
from allocate.core.program import FREE


def solve(problem: Problem, report: Report, stopped: Stopped) -> Answer:
    """Minimise with SCIP, one thread; it streams nothing, so its first word is its last.

    Parameters
    ----------
    problem
        What to solve.
    report
        Not called: ortools gives no callback for SCIP.
    stopped
        Asked ten times a second.
    """
    model = _model(problem)
    solver = helper.ModelSolverHelper("scip")
    solver.set_time_limit_in_seconds(problem.seconds)
    solver.set_solver_specific_parameters(
        f"limits/gap = {problem.gap}\nlimits/absgap = 0.999\n"
        f"randomization/randomseedshift = {problem.seed}\nparallel/maxnthreads = 1\n"
    )
    with interrupting(solver.interrupt_solve, stopped):
        solver.solve(model)
    status = solver.status()
    if status == helper.SolveStatus.INFEASIBLE:
        return Answer(None, float("inf"), IMPOSSIBLE)
    if not solver.has_solution():
        return Answer(None, float("-inf"), ASKED if stopped() else CLOCK)
    values = np.rint(solver.variable_values()).astype(np.int64)
    bound = solver.best_objective_bound()
    if status == helper.SolveStatus.OPTIMAL:
        return Answer(values, bound, CLOSED)
    return Answer(values, bound, ASKED if stopped() else CLOCK)


def _model(problem: Problem) -> Any:
    flat = problem.flat
    model: Any = helper.ModelBuilderHelper()  # its stubs name the arrays' types wrongly
    model.fill_model_from_sparse_data(
        flat.lower.astype(float),
        flat.upper.astype(float),
        problem.cost.astype(float),
        np.where(flat.low <= -FREE, -np.inf, flat.low.astype(float)),
        np.where(flat.high >= FREE, np.inf, flat.high.astype(float)),
        flat.matrix.astype(float),
    )
    for column in np.flatnonzero(flat.whole).tolist():
        model.set_var_integrality(column, True)
    if problem.start is not None:
        for column, value in enumerate(problem.start.tolist()):
            model.add_hint(column, float(value))
    return model
