"""The generalised assignment problem, solved by HiGHS with a clock."""

from __future__ import annotations

from math import inf

from allocate.core.gap_program import gap_program
from allocate.core.levels import solve_levels
from allocate.core.outcome import IMPOSSIBLE, Watch
from allocate.units import Ints


def solve_gap(
    costs: Ints, weights: Ints, capacities: Ints, *, seconds: float, seed: int
) -> tuple[Ints | None, float]:
    """Assign each job to an agent within capacities, at the least cost.

    Parameters
    ----------
    costs, weights
        Of each job with each agent, whole and never negative, (m, n).
    capacities
        Of each agent, (m,).
    seconds, seed
        When to stop, and the seed of everything random.

    Returns
    -------
    tuple
        Agent of each job, (n,), or None where no plan was found; and a bound that no plan goes
        below: ``inf`` where it is proven that there is none.
    """
    outcome = solve_levels(
        gap_program(costs, weights, capacities),
        "allocate.core.highs",
        seconds=seconds,
        gap=0.0,
        seed=seed,
        watch=Watch(),
        method="highs",
    )
    level = outcome.levels[0]
    bound = inf if level.why == IMPOSSIBLE else -inf if level.bound is None else level.bound
    if outcome.values is None:
        return None, bound
    return outcome.values.reshape(costs.shape[::-1]).argmax(axis=1), bound
