"""The capacitated p-median problem: prices bound it, and HiGHS settles what they leave open.

Prices of points name medians; who goes to them is a generalised assignment, and each cluster then
takes its best member as its median, until nothing changes. What a pair of a point and a median
costs at least, above the best plan, shuts it. HiGHS decides the rest.
"""

from __future__ import annotations

import time
from fractions import Fraction
from math import inf

import numpy as np

from allocate.core.gap import solve_gap
from allocate.core.outcome import CLOSED, Problem
from allocate.core.pmedian_bound import NEVER, point_bounds, point_prices
from allocate.core.program import Program
from allocate.core.worker import borrowed
from allocate.units import Ints

HIGHS = "allocate.core.highs"
SETS = 12  # of medians, tried for a plan
ROUNDS = 20  # of assigning points and choosing medians, at most
SECONDS = 1.0  # for assigning points once
WORK = 3  # rounds of searching for an assignment
EARLY_SHARE = 0.3  # of the time, for prices and first plans


def solve_pmedian(
    cost: Ints, demand: Ints, capacity: int, medians: int, *, seconds: float, seed: int
) -> tuple[Ints | None, float]:
    """Choose medians, and one for each point, within capacities and at the least cost.

    Parameters
    ----------
    cost
        Of serving each point from each median, whole and never negative, nothing from itself,
        (n, n).
    demand
        Of each point, whole and never negative, (n,).
    capacity, medians
        Demand that a median serves, its own among it, and how many medians there are.
    seconds, seed
        When to stop, and the seed of everything random.

    Returns
    -------
    tuple
        Median of each point, (n,), or None where no plan was found; and a bound that no plan goes
        below: ``inf`` where it is proven that there is none.
    """
    ends = time.monotonic() + seconds
    n = len(demand)
    if medians > n or demand.max() > capacity or demand.sum() > medians * capacity:
        return None, inf
    early = time.monotonic() + EARLY_SHARE * seconds
    first = point_prices(cost, demand, capacity, medians)
    plan = _first(cost, demand, capacity, first.medians, early, seed)
    value = NEVER - 1 if plan is None else total(cost, plan)
    goal = None if plan is None else value
    second = point_prices(cost, demand, capacity, medians, goal)
    pairs = np.maximum(
        *(point_bounds(cost, demand, capacity, medians, p.price) for p in (first, second))
    )
    bound = int(pairs.min())
    if bound >= value:
        return plan, value
    found, proven = _settle(
        cost, demand, capacity, medians, pairs < value, ends - time.monotonic(), seed
    )
    if found is not None and total(cost, found) < value:
        plan, value = found, total(cost, found)
    return plan, inf if plan is None and proven == inf else min(max(bound, proven), value)


def total(cost: Ints, plan: Ints) -> int:
    """Add up what a plan costs: median of each point, (n,)."""
    return int(cost[np.arange(len(plan)), plan].sum())


def _first(
    cost: Ints, demand: Ints, capacity: int, sets: list[Ints], ends: float, seed: int
) -> Ints | None:
    """Find a plan from sets of medians, the best first."""
    best: Ints | None = None
    for medians in sets[:SETS]:
        chosen = medians
        for _ in range(ROUNDS):
            left = min(SECONDS, ends - time.monotonic())
            if left <= 0:
                return best
            weights = np.tile(demand, (len(chosen), 1))
            capacities = np.full(len(chosen), capacity)
            assigned, _ = solve_gap(
                cost[:, chosen].T, weights, capacities, seconds=left, seed=seed, work=WORK
            )
            if assigned is None:
                break
            plan = _centred(cost, assigned, len(chosen))
            if best is None or total(cost, plan) < total(cost, best):
                best = plan
            again = np.unique(plan)
            if np.array_equal(again, chosen):
                break
            chosen = again
    return best


def _centred(cost: Ints, cluster: Ints, count: int) -> Ints:
    """Choose each cluster's best member as its median; an empty one takes whom it saves most."""
    plan = np.empty(len(cluster), dtype=np.int64)
    for each in range(count):
        members = np.flatnonzero(cluster == each)
        if len(members):
            within = cost[np.ix_(members, members)].sum(axis=0)
            plan[members] = members[within.argmin()]
    for _ in range(count - len(np.unique(plan))):
        paid = cost[np.arange(len(plan)), plan]
        alone = int(np.where(plan == np.arange(len(plan)), -1, paid).argmax())
        plan[alone] = alone
    return plan


def _settle(
    cost: Ints,
    demand: Ints,
    capacity: int,
    medians: int,
    pairs: np.ndarray,
    seconds: float,
    seed: int,
) -> tuple[Ints | None, float]:
    """Find the best plan among open pairs, and what no plan among them goes below."""
    n = len(demand)
    point, at = np.nonzero(pairs & pairs.diagonal())
    if seconds <= 0:
        return None, -inf
    program = Program()
    column = program.columns("serve", len(point))
    own = np.full(n, -1)
    own[at[point == at]] = column[point == at]
    others = np.flatnonzero(point != at)
    program.require("served", "choose", [(point, column, 1)], low=1, high=1, rows=n)
    program.require(
        "within_capacity",
        "free",
        [(at, column, demand[point]), (np.flatnonzero(own >= 0), own[own >= 0], -capacity)],
        high=0,
        rows=n,
    )
    program.require(
        "by_medians",
        "link",
        [
            (np.arange(len(others)), column[others], 1),
            (np.arange(len(others)), own[at[others]], -1),
        ],
        high=0,
        rows=len(others),
    )
    program.require("medians", "free", [(0, own[own >= 0], 1)], low=medians, high=medians, rows=1)
    program.level("cost", cost[point, at], Fraction(1))
    problem = Problem(program.flat(), program.levels[0].coef, None, seconds, gap=0.0, seed=seed)
    with borrowed(HIGHS) as worker:
        answer = worker.solve(problem, lambda *_: None, lambda: False)
    if answer.values is None:
        return None, answer.bound
    chosen = np.flatnonzero(answer.values)
    found = np.empty(n, dtype=np.int64)
    found[point[chosen]] = at[chosen]
    return found, float(total(cost, found)) if answer.why == CLOSED else answer.bound
