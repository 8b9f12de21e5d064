"""HiGHS, through highspy: the default solver. Loaded only inside a worker."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import highspy
import numpy as np

from allocate.core.outcome import (
    ASKED,
    CLOCK,
    CLOSED,
    IMPOSSIBLE,
    REACHED,
    Answer,
    Problem,
    Report,
    Stopped,
)
from allocate.core.program import FREE
from allocate.units import Floats

FRACTION = 1e-6  # what a solver calls whole
QUIET = {"output_flag": False, "threads": 1}  # one thread, so that a run repeats
# Where plans below a value are looked for the tree finds them, if any: heuristics cost more, but
# where all such plans cost the same.
TREE = {
    "mip_heuristic_effort": 0.0,
    "mip_heuristic_run_feasibility_jump": False,
    "mip_heuristic_run_rens": False,
    "mip_heuristic_run_rins": False,
    "mip_heuristic_run_root_reduced_cost": False,
    "mip_heuristic_run_shifting": False,
    "mip_heuristic_run_zi_round": False,
}


def solve(problem: Problem, report: Report, stopped: Stopped) -> Answer:
    """Minimise with HiGHS's branch and cut, one thread, so that a run repeats.

    Parameters
    ----------
    problem
        What to solve.
    report
        Called with each better plan and bound.
    stopped
        Asked at every interrupt that HiGHS offers.
    """
    solver = highspy.Highs()
    options = QUIET | {
        "random_seed": problem.seed,
        "time_limit": problem.seconds,
        "mip_rel_gap": problem.gap,
        "mip_abs_gap": 0.999,  # objectives are whole: less than one step apart is equal
        "mip_feasibility_tolerance": 1e-7,
    }
    if problem.target is not None:
        options["objective_target"] = problem.target + 0.5
    if problem.below is not None:
        options["objective_bound"] = problem.below - 0.5
        if np.any(problem.cost[problem.flat.upper > problem.flat.lower]):
            options |= TREE
    if problem.nodes is not None:
        options["mip_max_nodes"] = problem.nodes
    for name, value in options.items():
        if solver.setOptionValue(name, value) != highspy.HighsStatus.kOk:
            raise ValueError(f"HiGHS refuses {name} = {value}")
    solver.passModel(_model(problem))
    if problem.start is not None:
        solution = highspy.HighsSolution()
        solution.col_value = problem.start.astype(float).tolist()
        solver.setSolution(solution)
    listen(solver, report, stopped)
    solver.run()
    return _answer(solver, stopped)


@dataclass(frozen=True)
class Linear:
    """A linear program solved: value, columns, and the dual price of each row."""

    value: float
    values: Floats
    prices: Floats


def linear(problem: Problem, stopped: Stopped) -> Linear | None:
    """Solve a problem with no column whole; None where that did not come to an end.

    Parameters
    ----------
    problem
        What to solve.
    stopped
        Asked at every interrupt that HiGHS offers.
    """
    solver = highspy.Highs()
    options = QUIET | {"random_seed": problem.seed, "time_limit": problem.seconds}
    for name, value in options.items():
        solver.setOptionValue(name, value)
    solver.passModel(_model(problem))
    listen(solver, lambda *_: None, stopped)
    solver.run()
    if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return None
    found = solver.getSolution()
    value = solver.getInfo().objective_function_value
    return Linear(value, np.asarray(found.col_value), np.asarray(found.row_dual))


def _model(problem: Problem) -> Any:
    flat = problem.flat
    infinity = highspy.kHighsInf
    model = rows_and_columns(
        flat.matrix,
        problem.cost.astype(float),
        flat.lower.astype(float),
        flat.upper.astype(float),
        np.where(flat.low <= -FREE, -infinity, flat.low.astype(float)),
        np.where(flat.high >= FREE, infinity, flat.high.astype(float)),
    )
    kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
    model.integrality_ = [kinds[int(whole)] for whole in flat.whole]
    return model


def rows_and_columns(
    matrix: Any, cost: Floats, lower: Floats, upper: Floats, low: Floats, high: Floats
) -> Any:
    """Build HiGHS's model: a matrix by rows, costs and bounds of columns, bounds of rows."""
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = matrix.shape[1], matrix.shape[0]
    model.col_cost_, model.col_lower_, model.col_upper_ = cost, lower, upper
    model.row_lower_, model.row_upper_ = low, high
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.num_col_, model.a_matrix_.num_row_ = model.num_col_, model.num_row_
    model.a_matrix_.start_ = matrix.indptr.astype(np.int32)
    model.a_matrix_.index_ = matrix.indices.astype(np.int32)
    model.a_matrix_.value_ = matrix.data.astype(float)
    return model


def listen(solver: highspy.Highs, report: Report, stopped: Stopped) -> None:
    """Report what a solver finds, and interrupt it where somebody asks."""

    def improved(event: Any) -> None:
        out = event.data_out
        report(np.asarray(out.mip_solution), out.objective_function_value, out.mip_dual_bound)

    def progress(event: Any) -> None:
        out = event.data_out
        best = out.mip_primal_bound
        report(None, best if best < highspy.kHighsInf else None, out.mip_dual_bound)

    def interrupt(event: Any) -> None:
        if stopped():
            event.interrupt()

    solver.cbMipImprovingSolution += improved
    solver.cbMipLogging += progress
    for point in (solver.cbMipInterrupt, solver.cbSimplexInterrupt, solver.cbIpmInterrupt):
        point.subscribe(interrupt)


def _answer(solver: highspy.Highs, stopped: Stopped) -> Answer:
    status = solver.getModelStatus()
    known = highspy.HighsModelStatus
    info = solver.getInfo()
    if status in (known.kInfeasible, known.kUnboundedOrInfeasible):
        return Answer(None, float("inf"), IMPOSSIBLE)
    values = broken = None
    if info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible:
        exact = np.asarray(solver.getSolution().col_value)
        values = np.rint(exact).astype(np.int64)
        broken = np.abs(exact - values) > FRACTION
    if status == known.kOptimal:
        # A program without whole columns has no MIP bound: its optimum is its own bound.
        bound = info.mip_dual_bound if info.mip_node_count >= 0 else info.objective_function_value
        return Answer(values, bound, CLOSED, broken=broken)
    if status == known.kObjectiveTarget:
        return Answer(values, info.mip_dual_bound, REACHED)
    why = ASKED if stopped() else CLOCK
    return Answer(values, info.mip_dual_bound, why)
