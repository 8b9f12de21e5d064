"""A program of two stages as one large one, handed to a general solver."""

from __future__ import annotations

import time
from fractions import Fraction
from math import floor, isfinite

import numpy as np

from allocate.core.flows import Flows, Planned
from allocate.core.outcome import CLOSED, IMPOSSIBLE, LevelOutcome, Outcome, Problem, Watch
from allocate.core.two_stage import TwoStage
from allocate.core.worker import borrowed
from allocate.units import Ints

FLOWS = "allocate.core.flows"
EXACT = 1 << 20  # what each sample costs is told in these parts of a step


def solve_extensive(
    two_stage: TwoStage,
    module: str,
    *,
    seconds: float,
    gap: float,
    seed: int,
    watch: Watch,
    method: str,
) -> Outcome:
    """Solve all samples at once.

    Parameters
    ----------
    two_stage
        The program.
    module
        Solver module that the worker loads.
    seconds, gap, seed
        Limits.
    watch
        Progress out, the wish to stop in.
    method
        Name of the engine, for the result.
    """
    began = time.monotonic()
    level = two_stage.first.levels[0]
    flat, cost, times = two_stage.flat()
    # What no decision changes is taken out, so that the gap is one of what can be decided.
    still = flat.lower == flat.upper
    fixed = int(cost[still] @ flat.lower[still])
    cost = np.where(still, 0, cost)
    trace: list[tuple[float, float, float]] = []

    def in_units(steps: float) -> float:
        return float((steps + fixed) / times / float(level.per))

    def found(best: float | None, bound: float | None) -> None:
        shown = None if best is None else in_units(best)
        proven = None if bound is None or not isfinite(bound) else in_units(bound)
        spent = time.monotonic() - began
        if shown is not None and proven is not None:
            trace.append((round(spent, 3), shown, proven))
        watch.report(level.name, shown, proven, spent)

    problem = Problem(flat, cost, None, seconds, gap, seed)
    with borrowed(module) as worker:
        answer = worker.solve(problem, found, lambda: watch.stop)
    if answer.values is None:
        outcome = LevelOutcome(0, fixed, None, answer.why, time.monotonic() - began)
        return Outcome(None, (outcome,), answer.why, method)
    values = answer.values[: two_stage.first.size]
    flows = recourse_of(two_stage, values, watch)
    total = two_stage.total(values, exact_costs(flows))
    bound = None
    if isfinite(answer.bound):  # a hair above the plan is rounding
        bound = min(Fraction(floor(answer.bound) + fixed, times), total)
    why = answer.why
    outcome = LevelOutcome(
        objective=total,
        fixed=Fraction(fixed, times),
        bound=bound,
        why=why,
        seconds=time.monotonic() - began,
        timed=why not in (CLOSED, IMPOSSIBLE),
        trace=tuple(trace),
        by=method,
    )
    return Outcome(values, (outcome,), why, method, flows.values)


def recourse_of(two_stage: TwoStage, values: Ints, watch: Watch) -> Flows:
    """Meet every sample at least cost, the first stage being decided; in a worker.

    Parameters
    ----------
    two_stage
        The program.
    values
        First stage, (first columns,).
    watch
        The wish to stop is not heard: without this a plan is worth nothing.
    """
    del watch
    with borrowed(FLOWS) as worker:
        planned: object = Planned(two_stage, values)
        answer: object = worker.solve(planned, lambda *_: None, lambda: False)  # type: ignore[arg-type]
    assert isinstance(answer, Flows)
    return answer


def exact_costs(flows: Flows) -> list[Fraction]:
    """What each sample costs, as fractions of a step."""
    return [Fraction(round(cost * EXACT), EXACT) for cost in flows.cost.tolist()]
