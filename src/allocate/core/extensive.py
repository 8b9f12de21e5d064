"""A program of two stages as one large one, for general solvers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from allocate.core.flows import Flows, Planned
from allocate.core.outcome import Problem
from allocate.core.two_stage import TwoStage
from allocate.core.two_stage_outcome import TwoStageAnswer, TwoStageProblem
from allocate.core.worker import Found, Worker, borrowed
from allocate.units import Ints

FLOWS = "allocate.core.flows"


def solve_extensive(
    problem: TwoStageProblem, worker: Worker, found: Found, stop: Callable[[], bool]
) -> TwoStageAnswer:
    """Solve all samples at once.

    Parameters
    ----------
    problem
        What to solve.
    worker
        A general solver.
    found
        Called with (best, bound) whenever either improves.
    stop
        Asked again and again.
    """
    flat, cost, times = problem.two_stage.flat()
    # What no decision changes is no part of what a gap is measured on.
    still = flat.lower == flat.upper
    fixed = int(cost[still] @ flat.lower[still])

    def steps(value: float | None) -> float | None:
        return None if value is None else (value + fixed) / times

    answer = worker.solve(
        Problem(flat, np.where(still, 0, cost), None, problem.seconds, problem.gap, problem.seed),
        lambda best, bound: found(steps(best), steps(bound)),
        stop,
    )
    values = None if answer.values is None else answer.values[: problem.two_stage.first.size]
    flows = None if values is None else recourse_of(problem.two_stage, values)
    return TwoStageAnswer(
        values,
        (answer.bound + fixed) / times,
        answer.why,
        timed=answer.timed,
        recourse=None if flows is None else flows.cost,
        flows=None if flows is None else flows.values,
    )


def recourse_of(two_stage: TwoStage, values: Ints) -> Flows:
    """Meet every sample at least cost, the first stage being decided; in a worker.

    Parameters
    ----------
    two_stage
        The program.
    values
        First stage, (first columns,).
    """
    bare = replace(two_stage.first, labels={}, families=[])
    planned: Any = Planned(replace(two_stage, first=bare), values)
    with borrowed(FLOWS) as worker:
        answer: Any = worker.solve(planned, lambda *_: None, lambda: False)
    assert isinstance(answer, Flows)
    return answer
