"""The generalised assignment problem: prices bound it, and small teams of agents solve it.

A bound comes from prices on capacity, a first plan from penalties on overloads, better ones from a
few agents at a time that share their jobs in the best way there is. Where all agents can be such a
team the plan is proven to be the best. HiGHS is asked where no first plan is found, and for the
proof where the prices leave few pairs of a job and an agent open.
"""

from __future__ import annotations

import time
from math import inf

import numpy as np

from allocate.core.gap_bound import pair_bounds, prices, reduce
from allocate.core.gap_highs import by_highs, prove
from allocate.core.gap_start import relieve, start
from allocate.core.team import fine
from allocate.core.teams import Teams, seeded
from allocate.units import Floats, Ints

CLOSEST = 8  # agents that a job may go to in the first plan
TRIES, ROUNDS = 20, 10  # times that penalties rise in a round, and rounds
SEARCH_SHARE, PROVE_SHARE = 0.05, 0.15  # of the time: for the search before HiGHS, and for HiGHS
PAIRS = 3000  # that HiGHS may be asked to prove something about
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
    plan, price = None, np.zeros(len(capacities))
    if fine(cost):
        seeded(seed % (1 << 32))
        price = prices(cost, weight, capacities)
        plan = _first(cost, weight, capacities, price, time.monotonic() + START_SHARE * seconds)
    if plan is None:
        left = ends - time.monotonic()
        return by_highs(costs, weights, capacities, seconds=left, seed=seed)
    price = prices(cost, weight, capacities, int(cost[np.arange(len(plan)), plan].sum()))
    pairs = pair_bounds(cost, weight, capacities, price)
    bound = int(pairs.min())
    search = Teams(cost, weight, capacities, price, plan, bound)
    if work is None:
        soon = min(ends, time.monotonic() + SEARCH_SHARE * seconds)
        proven = _improve(search, bound, soon, None)
        share = min(PROVE_SHARE * seconds, ends - time.monotonic())
        left_open = pairs <= search.cost()
        if proven < search.cost() and left_open.sum() <= PAIRS and share > 0:
            best = prove(
                costs, weights, capacities, left_open, search.best, seconds=share, seed=seed
            )
            if best is not None:
                return best, int(cost[np.arange(len(best)), best].sum())
        bound = max(bound, proven)
    proven = _improve(search, bound, ends, work)
    return search.best, proven


def _improve(search: Teams, bound: int, ends: float, work: int | None) -> int:
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


def _first(cost: Ints, weight: Ints, capacities: Ints, price: Floats, ends: float) -> Ints | None:
    """Find a plan within capacities, of costs and weights (n, m)."""
    reduced = reduce(cost, weight, capacities, price)
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
