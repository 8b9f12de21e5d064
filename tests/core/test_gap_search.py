"""Generalised assignment: bounds, teams and whole runs against trying everything."""

from __future__ import annotations

from itertools import product
from math import inf

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allocate.core import team as one_team
from allocate.core.gap import solve_gap
from allocate.core.gap_bound import pair_bounds, prices, reduce
from allocate.core.gap_highs import prove
from allocate.core.team import share_anew

SEEDS = st.integers(0, 10**6)
MANY = 10**7  # nodes: no tree here has as many


def tiny(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Costs and weights of up to 7 jobs with up to 3 agents, job by job, and capacities."""
    rng = np.random.default_rng(seed)
    agents, jobs = int(rng.integers(1, 4)), int(rng.integers(1, 8))
    weights = rng.integers(0, 10, (jobs, agents))
    capacities = rng.integers(10, 6 * jobs + 11, agents) // agents + 9
    return rng.integers(0, 30, (jobs, agents)), weights, capacities


def loads(weights: np.ndarray, plan: np.ndarray) -> np.ndarray:
    """What each agent carries."""
    taken = weights[np.arange(len(plan)), plan]
    return np.bincount(plan, taken, weights.shape[1]).astype(np.int64)


def cost(costs: np.ndarray, plan: np.ndarray) -> int:
    """What a plan costs."""
    return int(costs[np.arange(len(plan)), plan].sum())


def plans(weights: np.ndarray, capacities: np.ndarray) -> list[np.ndarray]:
    """All plans within capacities."""
    jobs, agents = weights.shape
    every = (np.array(plan) for plan in product(range(agents), repeat=jobs))
    return [plan for plan in every if np.all(loads(weights, plan) <= capacities)]


def hard(seed: int, agents: int, jobs: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Costs that fall as weights rise, agent by agent, and capacities for four fifths."""
    rng = np.random.default_rng(seed)
    weights = rng.integers(1, 101, (agents, jobs))
    costs = 111 - weights + rng.integers(-10, 11, (agents, jobs))
    return costs, weights, 8 * weights.sum(axis=1) // (10 * agents)


def test_prices_prove_what_is_solved_by_hand() -> None:
    """Two jobs of weight 1 want the agent of capacity 1: one pays 3 more, and prices show it."""
    costs, weights = np.array([[1, 4], [1, 4]]), np.ones((2, 2), dtype=np.int64)
    capacities = np.array([1, 2])
    price = prices(costs, weights, capacities)
    assert price.tolist() == pytest.approx([3, 0], abs=0.01)
    assert pair_bounds(costs, weights, capacities, price).min() == 5
    assert pair_bounds(costs, weights, capacities, np.zeros(2)).min() == 2
    assert reduce(costs, weights, capacities, np.array([2.0, 0.0])).tolist() == [[0, 1], [0, 1]]


@given(SEEDS, st.lists(st.floats(0, 1e12), min_size=3, max_size=3))
@settings(max_examples=60, deadline=None)
def test_no_prices_prove_more_than_holds(seed: int, price: list[float]) -> None:
    """Whatever the prices are, even absurd ones, no plan costs less than they prove."""
    costs, weights, capacities = tiny(seed)
    best = min((cost(costs, plan) for plan in plans(weights, capacities)), default=inf)
    for some in (np.array(price[: len(capacities)]), prices(costs, weights, capacities)):
        assert pair_bounds(costs, weights, capacities, some).min() <= best


@given(SEEDS, st.integers(0, 40), st.sampled_from((0.0, 1.0, 50.0)))
@settings(max_examples=120, deadline=None)
def test_a_team_finds_the_best_of_all_its_plans(seed: int, more: int, asked: float) -> None:
    """Others stay; of all other plans of the team within the goal the cheapest is found, or none.

    That holds from any prices.
    """
    costs, weights, capacities = tiny(seed)
    every = plans(weights, capacities)
    if not every:
        return
    plan = every[seed % len(every)].copy()
    team = np.random.default_rng(seed).permutation(len(capacities))[: 1 + seed % 3]
    inside = np.isin(plan, team)
    others = [
        cost(costs, other)
        for other in every
        if np.all(other[~inside] == plan[~inside])
        and np.all(np.isin(other[inside], team))
        and np.any(other != plan)
    ]
    goal = cost(costs, plan) - 1 + (more if seed % 2 else 0)
    kept = plan.copy()
    load = loads(weights, plan)
    outside = int(costs[np.flatnonzero(~inside), plan[~inside]].sum())
    found, nodes = share_anew(
        *(costs, weights, capacities, np.full(len(capacities), asked), plan, load, team),
        *(goal - outside, 1.0, MANY),
    )
    assert nodes <= MANY
    assert found == (min(others, default=inf) <= goal)
    assert cost(costs, plan) == (min(others) if found else cost(costs, kept))
    assert np.array_equal(load, loads(weights, plan))
    assert np.all(load <= capacities)


@given(SEEDS)
@settings(max_examples=60, deadline=None)
def test_a_run_proves_the_best_plan_of_a_tiny_instance(seed: int) -> None:
    """Plan, bound and optimum are one; where there is no plan, that is proven."""
    costs, weights, capacities = tiny(seed)
    best = min((cost(costs, plan) for plan in plans(weights, capacities)), default=inf)
    plan, bound = solve_gap(costs.T, weights.T, capacities, seconds=20, seed=1)
    assert bound == best
    assert (plan is None) == (best == inf)
    if plan is not None:
        assert np.all(loads(weights, plan) <= capacities)
        assert cost(costs, plan) == best
        worked, proven = solve_gap(costs.T, weights.T, capacities, seconds=20, seed=1, work=50)
        assert worked is not None
        assert cost(costs, worked) == proven == best


def test_wide_capacities_are_no_other_problem() -> None:
    """All weights times a large number: tables then hold many rooms in one entry."""
    costs, weights, capacities = hard(4, 3, 12)
    narrow, bound = solve_gap(costs, weights, capacities, seconds=20, seed=1)
    assert narrow is not None
    wide, proven = solve_gap(costs, 9973 * weights, 9973 * capacities + 5, seconds=20, seed=1)
    assert wide is not None
    assert cost(costs.T, wide) == cost(costs.T, narrow) == bound == proven


def test_the_largest_numbers_are_reckoned_with_exactly() -> None:
    """Costs and weights of a thousand million; only more jobs of them than these are refused."""
    costs, weights = np.array([[10**9, 1], [10**9 - 7, 5]]), np.full((2, 2), 10**9)
    plan, bound = solve_gap(costs, weights, np.array([10**9, 10**9]), seconds=20, seed=1)
    assert plan is not None
    assert plan.tolist() == [1, 0]
    assert bound == 10**9 - 6
    assert one_team.fine(np.broadcast_to(10**9, (10**5, 2)))
    assert not one_team.fine(np.broadcast_to(10**9, (10**7, 2)))


@given(SEEDS)
@settings(max_examples=20, deadline=None)
def test_the_best_plan_is_among_open_pairs_and_proven(seed: int) -> None:
    """No plan has a pair whose bound it is below, and HiGHS proves the best from any plan."""
    costs, weights, capacities = tiny(seed)
    every = plans(weights, capacities)
    if not every:
        return
    price = prices(costs, weights, capacities)
    plan = every[seed % len(every)]
    bounds = pair_bounds(costs, weights, capacities, price)
    pairs = bounds <= cost(costs, plan)
    best = min(cost(costs, other) for other in every)
    for other in every:
        assert (bounds[np.arange(len(other)), other] <= cost(costs, other)).all()
    found = prove(costs.T, weights.T, capacities, pairs, plan, seconds=20, seed=1)
    assert found is not None
    assert cost(costs, found) == best


def test_a_run_ended_by_work_replays_and_more_work_is_no_worse() -> None:
    """Same seed and work, same plan; the bound stays below, capacities hold."""
    costs, weights, capacities = hard(1, 10, 60)
    found = []
    for work in (1, 6, 6):
        plan, bound = solve_gap(costs, weights, capacities, seconds=600, seed=3, work=work)
        assert plan is not None
        assert np.all(loads(weights.T, plan) <= capacities)
        assert bound <= cost(costs.T, plan)
        found.append(plan.tolist())
    assert found[1] == found[2]
    assert cost(costs.T, np.array(found[1])) <= cost(costs.T, np.array(found[0]))


def test_a_hard_instance_comes_near_its_bound() -> None:
    """Of capacity next to nothing stays empty: within 1 % of what is proven after six rounds."""
    costs, weights, capacities = hard(2, 10, 100)
    plan, bound = solve_gap(costs, weights, capacities, seconds=600, seed=1, work=6)
    assert plan is not None
    assert cost(costs.T, plan) <= 1.01 * bound
