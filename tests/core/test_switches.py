"""Switches: rows of the network, by hand and for all whole switches, and the bound they make."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, linprog, milp

from allocate.core.network import Flows, separate
from allocate.core.outcome import CLOSED, Answer, Problem
from allocate.core.program import FREE, Program, ints
from allocate.core.reduced import reduce
from allocate.core.structure import read
from allocate.core.switch_proof import prove_switched
from allocate.core.switches import find_switches
from allocate.core.worker import Worker, borrowed
from allocate.units import Ints
from helpers.assignments import best, draw, program

Floats = NDArray[np.float64]
NONE = ints([])


def network(capacity: list[int], demand: list[int], arcs: list[tuple[int, int]]) -> Flows:
    """A network without options: columns are switches, flows, and what each region lacks."""
    count, regions = len(arcs), len(demand)
    agent, region = (ints(ends) for ends in zip(*arcs, strict=True))
    return Flows(
        switch=np.arange(count),
        flow=np.arange(count, 2 * count),
        agent=agent,
        region=region,
        capacity=ints(capacity),
        demand=ints(demand),
        option=NONE,
        arc=NONE,
        weight=NONE,
        loose=np.arange(2 * count, 2 * count + regions),
        loose_region=np.arange(regions),
        loose_weight=ints(demand),
    )


def rows(f: Flows) -> tuple[Floats, Floats]:
    """All that a plan keeps, as ``matrix @ x <= high`` with every column from nought."""
    count, regions, agents = len(f.flow), len(f.demand), len(f.capacity)
    matrix = np.zeros((count + regions + agents, 2 * count + regions))
    for arc in range(count):
        most = min(f.capacity[f.agent[arc]], f.demand[f.region[arc]])
        matrix[arc, [f.flow[arc], f.switch[arc]]] = 1, -most
        matrix[count + f.region[arc], f.flow[arc]] = -1
        matrix[count + regions + f.agent[arc], f.flow[arc]] = 1
    matrix[count + f.loose_region, f.loose] = -f.loose_weight
    return matrix, np.concatenate([np.zeros(count), -f.demand, f.capacity]).astype(float)


def ends(f: Flows) -> Floats:
    """The most of each column."""
    most = np.minimum(f.capacity[f.agent], f.demand[f.region])
    return np.concatenate([np.ones(len(most)), most, np.ones(len(f.demand))])


def test_two_that_are_both_needed() -> None:
    """By hand: 26 are wanted, and neither of 17 and 16 is enough; the third may do it alone."""
    f = network([17, 16, 30], [26], [(0, 0), (1, 0), (2, 0)])
    values = np.array([1.0, 9 / 16, 0.0, 17.0, 9.0, 0.0, 0.0])
    (row,) = separate(f, values)
    at = dict(zip(row.column.tolist(), row.amount.tolist(), strict=True))
    assert at[1] == pytest.approx(row.low)
    assert at[2] >= row.low
    assert 0 not in at


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6))
def test_rows_hold_for_whole_switches(seed: int) -> None:
    """No plan with whole switches breaks a row that cuts off a linear program's solution."""
    rng = np.random.default_rng(seed)
    agents, regions = int(rng.integers(2, 5)), int(rng.integers(1, 3))
    arcs = [(k, a) for k in range(agents) for a in range(regions) if rng.random() < 0.8]
    arcs = arcs or [(0, 0)]
    capacity = rng.integers(3, 30, agents)
    demand = rng.integers(1, 2 + int(1.2 * capacity.sum()) // regions, regions)
    f = network(capacity.tolist(), demand.tolist(), arcs)
    matrix, high = rows(f)
    count = len(arcs)
    cost = np.concatenate([rng.integers(5, 40, count), rng.integers(0, 4, count), [900] * regions])
    relaxed = linprog(cost, matrix, high, bounds=np.column_stack([0 * ends(f), ends(f)]))
    for row in separate(f, relaxed.x):
        assert row.amount @ relaxed.x[row.column] < row.low
        least = np.zeros(len(cost))
        least[row.column] = row.amount
        for whole in product((0.0, 1.0), repeat=count):
            bounds = np.column_stack([0 * ends(f), ends(f)])
            bounds[:count] = np.array(whole)[:, None]
            found = linprog(least, matrix, high, bounds=bounds)
            assert found.fun >= row.low - 1e-6


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    """A process that settles switches."""
    with borrowed("helpers.settled") as found:
        yield found


def drawn(seed: int) -> tuple[Program, int | None]:
    """A small program with rounds, and the best of all plans."""
    rng = np.random.default_rng(seed)
    small = replace(draw(seed), later=None, together=None)
    small = replace(small, least=int(rng.integers(1, 12)), round_cost=int(rng.integers(5, 60)))
    least = best(small)
    return program(small), None if least is None else least[0]


def relaxed(problem: Problem) -> float:
    """The least cost by another solver, with switches and alternatives whole; infinite if none."""
    flat = problem.flat
    structure = read(flat)
    assert structure is not None
    whole = np.zeros(len(flat.whole))
    whole[find_switches(structure).switch] = 1
    whole[structure.alternative] = 1
    low = np.where(flat.low <= -FREE, -np.inf, flat.low)
    high = np.where(flat.high >= FREE, np.inf, flat.high)
    found = milp(
        problem.cost,
        constraints=LinearConstraint(flat.matrix, low, high),
        bounds=Bounds(flat.lower, flat.upper),
        integrality=whole,
    )
    return float(found.fun) if found.status == 0 else np.inf


def settled(worker: Worker, made: Program) -> tuple[Problem, int, Answer]:
    """Settle the switches of a program, without the part of its cost that is fixed."""
    reduced = reduce(made, made.levels[0])
    problem = Problem(made.flat(), reduced.cost, None, 60.0, 0.0, 1)
    return problem, reduced.step, worker.solve(problem, lambda *_: None, lambda: False)


def test_the_bound_is_that_of_split_options(worker: Worker) -> None:
    """As good as another solver's with split options, but for credits, which are tighter here."""
    faults, tried = [], 0
    for seed in range(120):
        made, least = drawn(seed)
        problem, step, answer = settled(worker, made)
        if answer.why != CLOSED:
            continue
        tried += 1
        known = reduce(made, made.levels[0]).fixed
        value = np.inf if least is None else (least - known) / step
        other = relaxed(problem)
        if answer.bound > value + 1e-6 or answer.bound < other - max(0.5, 0.01 * other):
            faults.append((seed, answer.bound, other, value))
    assert faults == []
    assert tried > 40


def two_rounds() -> tuple[Program, Ints]:
    """Two people at two agents, each cheaper elsewhere, and rounds of 10; with their switches."""
    made = Program()
    option = made.columns("assign", 4)
    made.require("placed_once", "choose", [([0, 0, 1, 1], option, 1)], low=1, high=1, rows=2)
    made.require("within_capacity", "pack", [([0, 1, 0, 1], option, 3)], high=6, rows=2)
    active = made.columns("active", 2)
    links = [(np.arange(4), option, 1), (np.arange(4), active[[0, 1, 0, 1]], -1)]
    made.require("active", "link", links, high=0, rows=4)
    least = [([0, 1, 0, 1], option, 3), ([0, 1], active, -2)]
    made.require("viable_round", "share", least, low=0, rows=2)
    made.level("cost", ints([0, 4, 5, 0, 10, 10]), Fraction(1))
    return made, active


def test_switches_of_a_dive_are_whole(worker: Worker) -> None:
    """What a dive returns has switches that are on where their options are in use."""
    made, active = two_rounds()
    _, _, answer = settled(worker, made)
    assert answer.values is not None
    assert answer.values[active].sum() == 1  # one round saves 10, and costs 4 or 5
    assert answer.bound == pytest.approx(14)


def test_no_prices_of_switches_prove_more_than_holds() -> None:
    """Any prices on rows of resources, links and least amounts, however absurd."""
    tried = 0
    for seed in range(80):
        made, least = drawn(seed)
        structure = read(made.flat())
        if structure is None or least is None:
            continue
        reduced = reduce(made, made.levels[0])
        problem = Problem(made.flat(), reduced.cost, None, 60.0, 0.0, 1)
        switches = np.unique(find_switches(structure).switch)
        price = np.random.default_rng(seed).normal(0, 40, len(problem.flat.low))
        proof = prove_switched(structure, problem, switches, price)
        assert proof.bound * reduced.step + reduced.fixed <= least
        tried += len(switches) > 0 and np.isin(proof.row, structure.rest).any()
    assert tried > 20


def test_prices_of_switches_prove_what_the_linear_program_does() -> None:
    """Two people at two agents, each cheaper elsewhere, and two rounds of 10, by hand.

    The second agent takes both for 4 and its round. With 4 and 5 on the links of the first agent
    and 10 on that of the dearer person at the second, the people cost 4 and 10, and no round pays.
    """
    made, active = two_rounds()
    structure = read(made.flat())
    assert structure is not None
    problem = Problem(made.flat(), made.levels[0].coef, None, 60.0, 0.0, 1)
    price = np.zeros(len(problem.flat.low))
    first = int(np.flatnonzero(problem.flat.family == 2)[0])
    price[first : first + 4] = [-4, 0, -5, -10]
    assert prove_switched(structure, problem, active, price).bound == 14
    assert prove_switched(structure, problem, active, 0 * price).bound == 0
