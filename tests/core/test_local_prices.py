"""Prices part by part: they prove, never less than before, and all where parts share nothing."""

from __future__ import annotations

from fractions import Fraction
from math import inf

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from allocate.core import local_prices
from allocate.core.bound import Relaxation
from allocate.core.field import find_agents
from allocate.core.local_prices import LocalPrices
from allocate.core.outcome import Problem
from allocate.core.program import Program
from allocate.core.proof import prove
from allocate.core.reduced import reduce
from allocate.core.sifting import Sifted, sift
from allocate.core.structure import read
from helpers.assignments import best, draw, program


def priced(made: Program, sweeps: int) -> tuple[list[float], Relaxation, Sifted, Problem] | None:
    """Bounds before and after each sweep, and what is known then."""
    problem = Problem(made.flat(), reduce(made, made.levels[0]).cost, None, 60.0, 0.0, 1)
    structure = read(problem.flat)
    agents = None if structure is None else find_agents(structure)
    if structure is None or agents is None:
        return None
    relaxation = Relaxation(structure, problem.cost)
    none = relaxation.nothing()
    local = LocalPrices(relaxation, agents, problem, none, relaxation.relax(none).choice)
    bounds = [local.sifted.relaxed.bound]
    for turn in range(sweeps):
        local.sweep(turn, until=inf, stop=lambda: False)
        bounds.append(local.sifted.relaxed.bound)
    return bounds, relaxation, local.sifted, problem


@given(st.integers(0, 10**6), st.integers(1, 3))
@settings(max_examples=25, deadline=None)
def test_a_sweep_never_proves_less_nor_too_much(seed: int, largest: int) -> None:
    """Of small programs of every kind, with parts of one agent or of all."""
    small = draw(seed)
    made, least = program(small), best(small)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(local_prices, "LARGEST", largest)
        found = priced(made, 3)
    assume(found is not None)
    bounds, relaxation, sifted, _ = found
    assume(np.isfinite(bounds[0]))  # else a target cannot be met, whoever leads
    assert bounds == sorted(bounds)
    assert sifted.relaxed.bound == relaxation.relax(sifted.prices).bound
    reduced = reduce(made, made.levels[0])
    proven = prove(relaxation, sifted.prices, sifted.relaxed).bound
    assert least is None or proven * reduced.step + reduced.fixed <= least[0]
    s = relaxation.structure
    shares = np.add.reduceat(sifted.share, s.start[:-1])
    assert shares == pytest.approx(np.ones(len(shares)), abs=1e-6)
    assert np.all(s.block[sifted.led] == np.arange(len(s.target)))


def towns(shared: bool) -> Program:
    """Two towns of three agents and 30 groups each; where they share, some may go across."""
    rng = np.random.default_rng(4)
    group = np.repeat(np.arange(60), 3)
    agent = np.tile(np.arange(3), 60) + 3 * (group >= 30)
    if shared:
        group, agent = np.append(group, np.arange(25, 35)), np.append(agent, [3] * 5 + [2] * 5)
    weight = rng.integers(5, 30, 60)
    made = Program()
    assign = made.columns("assign", len(group))
    made.require("placed_once", "choose", [(group, assign, 1)], low=1, high=1, rows=60)
    load = np.array([weight[:30].sum()] * 3 + [weight[30:].sum()] * 3)
    made.require(
        "within_capacity", "pack", [(agent, assign, weight[group])], high=load // 3 + 4, rows=6
    )
    made.level("cost", rng.integers(100, 900, len(group)) * weight[group], Fraction(1))
    return made


def test_parts_that_share_nothing_prove_what_the_whole_does(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """In one sweep."""
    monkeypatch.setattr(local_prices, "LARGEST", 3)
    bounds, whole = swept(towns(shared=False), 1)
    assert bounds[0] < 0.99 * whole
    assert bounds[1] == pytest.approx(whole, rel=1e-9)


def test_parts_that_share_prove_more_and_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """And never more than the whole does, or what is left out of a part would count for nothing."""
    monkeypatch.setattr(local_prices, "LARGEST", 3)
    bounds, whole = swept(towns(shared=True), 4)
    assert bounds[0] < bounds[1] <= bounds[-1] <= whole * (1 + 1e-9)


def swept(made: Program, sweeps: int) -> tuple[list[float], float]:
    """Bounds before and after each sweep, and what the linear program of the whole proves."""
    found = priced(made, sweeps)
    assert found is not None
    bounds, relaxation, _, problem = found
    whole = sift(relaxation, relaxation.nothing(), problem, until=inf, stop=lambda: False)
    return bounds, whole.relaxed.bound
