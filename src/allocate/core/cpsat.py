"""CP-SAT, through ortools. Loaded only inside a worker."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
from ortools.sat.python import cp_model

from allocate.core.interrupt import interrupting
from allocate.core.outcome import ASKED, CLOCK, CLOSED, IMPOSSIBLE, Answer, Problem, Report, Stopped
from allocate.core.program import FREE

HIGHEST = np.iinfo(np.int64).max


def solve(problem: Problem, report: Report, stopped: Stopped) -> Answer:
    """Minimise with CP-SAT, every column whole, one worker, so that a run repeats.

    Parameters
    ----------
    problem
        What to solve. CP-SAT knows whole columns only: where a program has others, its answer
        would be that of the program with all of them whole.
    report
        Called with each better plan and bound.
    stopped
        Asked ten times a second.
    """
    model = cp_model.CpModel()
    _fill(model.proto, problem)
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = problem.seconds
    solver.parameters.relative_gap_limit = problem.gap
    solver.parameters.random_seed = problem.seed
    solver.parameters.num_workers = 1
    solver.best_bound_callback = lambda bound: report(None, None, bound)
    with interrupting(solver.stop_search, stopped):
        status = solver.solve(model, _Plans(report))
    if status == cp_model.INFEASIBLE:
        return Answer(None, float("inf"), IMPOSSIBLE)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return Answer(None, float("-inf"), ASKED if stopped() else CLOCK)
    values = np.array(solver.response_proto.solution, dtype=np.int64)
    bound = solver.best_objective_bound
    if status == cp_model.OPTIMAL:
        return Answer(values, bound, CLOSED)
    return Answer(values, bound, ASKED if stopped() else CLOCK)


def _fill(proto: Any, problem: Problem) -> None:
    flat = problem.flat
    for lower, upper in zip(flat.lower.tolist(), flat.upper.tolist(), strict=True):
        proto.variables.add().domain.extend([lower, upper])
    low = np.where(flat.low <= -FREE, -HIGHEST, flat.low).tolist()
    high = np.where(flat.high >= FREE, HIGHEST, flat.high).tolist()
    starts = flat.matrix.indptr.tolist()
    for row, (start, end) in enumerate(pairwise(starts)):
        linear = proto.constraints.add().linear
        linear.vars.extend(flat.matrix.indices[start:end].astype(np.int32))
        linear.coeffs.extend(flat.matrix.data[start:end])
        linear.domain.extend([low[row], high[row]])
    costly = np.flatnonzero(problem.cost)
    proto.objective.vars.extend(costly.astype(np.int32))
    proto.objective.coeffs.extend(problem.cost[costly])
    if problem.start is not None:
        proto.solution_hint.vars.extend(np.arange(len(problem.start), dtype=np.int32))
        proto.solution_hint.values.extend(problem.start)


class _Plans(cp_model.CpSolverSolutionCallback):  # type: ignore[misc]
    """Streams each better plan."""

    def __init__(self, report: Report) -> None:
        super().__init__()
        self._report = report

    def on_solution_callback(self) -> None:
        """Report a better plan."""
        values = np.array(self.response_proto.solution, dtype=np.int64)
        self._report(values, self.objective_value, self.best_objective_bound)
