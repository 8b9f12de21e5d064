"""The generalised assignment problem: prices bound it, and small teams of agents solve it.

A bound comes from prices on capacity, a first plan from penalties on overloads, better ones from a
few agents at a time that share their jobs in the best way there is. Where all agents can be such a
team the plan is proven to be the best. HiGHS is asked where no first plan is found.
"""

from __future__ import annotations

import time
from math import inf

import numpy as np

from allocate.core.gap_bound import Floats, prices, proven_bound
from allocate.core.gap_few import fine
from allocate.core.gap_program import gap_program
from allocate.core.gap_search import Search, seeded
from allocate.core.gap_start import relieve, start
from allocate.core.levels import solve_levels
from allocate.core.outcome import IMPOSSIBLE, Watch
from allocate.units import Ints

CLOSEST = 8  # agents that a job may go to in the first plan
TRIES, ROUNDS = 50, 20  # times that penalties rise in a round, and rounds
START_SHARE = 0.25  # of the time, for a first plan
# After 1, 2, 4, ... rounds the plan is tried to be proven: nodes for that by rounds so far, and how
# many are surely looked at in a second.
WHOLE_NODES, SLOWEST = 50_000, 4_000_000


def solve_gap(
    costs: Ints,
    weights: Ints,
    capacities: Ints,
    *,
    seconds: float,
    seed: int,
    work: int | None = None,
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
    work
        Rounds after which to stop; a run that ends by them replays to the same answer.

    Returns
    -------
    tuple
        Agent of each job, (n,), or None where no plan was found; and a bound that no plan goes
        below: ``inf`` where it is proven that there is none.
    """
    ends = time.monotonic() + seconds
    cost, weight = np.ascontiguousarray(costs.T), np.ascontiguousarray(weights.T)
    if not np.all((weight <= capacities).any(axis=1)):
        return None, inf
    if not fine(cost, weight):
        return _by_highs(costs, weights, capacities, ends - time.monotonic(), seed)
    seeded(seed)
    price = prices(cost, weight, capacities)
    plan = _first(cost, weight, capacities, price, time.monotonic() + START_SHARE * seconds)
    if plan is None:
        return _by_highs(costs, weights, capacities, ends - time.monotonic(), seed)
    price = prices(cost, weight, capacities, int(cost[np.arange(len(plan)), plan].sum()))
    bound = proven_bound(cost, weight, capacities, price)
    search = Search(cost, weight, capacities, price, plan, bound)
    bound = _improve(search, bound, ends, work)
    return search.best, bound


def _improve(search: Search, bound: int, ends: float, work: int | None) -> int:
    """Search until the clock or the work is over or the plan is proven; returns what is proven."""
    rounds = 0
    while search.cost() > bound and time.monotonic() < ends and rounds != work:
        search.go()
        rounds += 1
        limit = WHOLE_NODES * rounds
        in_time = work is not None or limit < SLOWEST * (ends - time.monotonic())
        if rounds & (rounds - 1) == 0 and in_time and search.whole(limit):
            return search.cost()
    return bound


def _first(
    cost: Ints, weight: Ints, capacities: Ints, price: Floats, ends: float
) -> Ints | None:
    """Find a plan within capacities, of costs and weights (n, m)."""
    charged = cost + price * weight
    charged[weight > capacities] = np.inf
    reduced = charged - charged.min(axis=1, keepdims=True)
    near = np.argsort(reduced, axis=1, kind="stable")[:, :CLOSEST].copy()
    fits = np.take_along_axis(weight, near, axis=1) <= capacities[near]
    near = np.where(fits, near, near[:, :1])
    plan, load, penalty = start(reduced, weight, capacities, near)
    for _ in range(ROUNDS):
        if relieve(reduced, weight, capacities, near, plan, load, penalty, TRIES):
            return plan
        if time.monotonic() > ends:
            break
    return None


def _by_highs(
    costs: Ints, weights: Ints, capacities: Ints, seconds: float, seed: int
) -> tuple[Ints | None, float]:
    """Ask HiGHS."""
    outcome = solve_levels(
        gap_program(costs, weights, capacities),
        "allocate.core.highs",
        seconds=max(0.0, seconds),
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
