"""Generalised assignment by HiGHS: the whole of it, or the proof that a plan is the best."""

from __future__ import annotations

from math import inf

import numpy as np

from allocate.core.gap_program import gap_program
from allocate.core.levels import solve_levels
from allocate.core.outcome import CLOSED, IMPOSSIBLE, Problem, Watch
from allocate.core.worker import borrowed
from allocate.units import Ints

MODULE = "allocate.core.highs"


def by_highs(
    costs: Ints, weights: Ints, capacities: Ints, *, seconds: float, seed: int
) -> tuple[Ints | None, float]:
    """Solve an instance from nothing.

    Parameters
    ----------
    costs, weights
        Of each job with each agent, (m, n).
    capacities
        Of each agent, (m,).
    seconds, seed
        Limits.

    Returns
    -------
    tuple
        Agent of each job, (n,), or None; and a bound, ``inf`` where there is no plan.
    """
    outcome = solve_levels(
        gap_program(costs, weights, capacities),
        MODULE,
        seconds=max(0.0, seconds),
        gap=0.0,
        seed=seed,
        watch=Watch(),
        method="highs",
    )
    level = outcome.levels[0]
    bound = inf if level.why == IMPOSSIBLE else -inf if level.bound is None else float(level.bound)
    if outcome.values is None:
        return None, bound
    return outcome.values.reshape(costs.shape[::-1]).argmax(axis=1), bound


def prove(
    costs: Ints,
    weights: Ints,
    capacities: Ints,
    pairs: np.ndarray,
    plan: Ints,
    *,
    seconds: float,
    seed: int,
) -> Ints | None:
    """Return a plan that is proven to be the best, or None where that takes longer.

    Parameters
    ----------
    costs, weights
        Of each job with each agent, (m, n).
    capacities
        Of each agent, (m,).
    pairs
        Which pairs of a job and an agent the best plan may have, (n, m).
    plan
        Agent of each job, within capacities and open pairs, (n,).
    seconds, seed
        Limits.
    """
    shut = np.where(pairs.T, weights, capacities[:, None] + 1)
    program = gap_program(costs, shut, capacities)
    start = np.zeros(pairs.shape, dtype=np.int64)
    start[np.arange(len(plan)), plan] = 1
    problem = Problem(
        program.flat(), program.levels[0].coef, start.ravel(), seconds, gap=0.0, seed=seed
    )
    with borrowed(MODULE) as worker:
        answer = worker.solve(problem, lambda *_: None, lambda: False)
    if answer.why != CLOSED or answer.values is None:
        return None
    return answer.values.reshape(pairs.shape).argmax(axis=1)
