"""All methods for partitions agree where they overlap."""

from __future__ import annotations

import time
from dataclasses import replace
from math import inf

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allocate.core.annealing import anneal, grown
from allocate.core.cut_districts import solve_cuts
from allocate.core.hess import solve_centres
from allocate.core.hess_bound import CentrePrices, assignment_bounds
from allocate.core.lot_pricing import LotPricing
from allocate.core.partition import CentreCost, CutCost, LotCost, Partition
from allocate.core.partitioning import solve_partition
from allocate.core.separators import separator
from helpers.partitions import every_plan, planar


def with_centres(partition: Partition, seed: int) -> Partition:
    """The same cells with ways to centres for a cost."""
    n = partition.cells
    way = np.random.default_rng(seed).integers(0, 30, (n, n))
    np.fill_diagonal(way, 0)
    return replace(partition, cost=CentreCost(way))


@given(
    seed=st.integers(0, 10**6),
    cells=st.integers(4, 8),
    contiguous=st.booleans(),
    centres=st.booleans(),
)
@settings(max_examples=8, deadline=None)
def test_every_method_agrees_with_trying_everything(
    seed: int, cells: int, contiguous: bool, centres: bool
) -> None:
    """Listing all lots and prices find the best plan; column generation bounds it and finds one."""
    partition = replace(planar(seed, cells), contiguous=contiguous)
    partition = with_centres(partition, seed) if centres else partition
    values = [partition.total(plan) for plan in every_plan(partition)]
    listed = solve_partition(partition, seconds=20, seed=1)
    cost = partition.cost
    if isinstance(cost, CentreCost):
        found, bound = solve_centres(partition, cost.way, seconds=20, seed=1)
    else:
        assert isinstance(cost, CutCost)
        found, bound = solve_cuts(partition, cost.weight, seconds=20, seed=1)
    least = min(values, default=inf)
    assert listed.bound == least
    assert bound == least if isinstance(cost, CentreCost) else bound <= least
    for lots in (listed.lots, found):
        if lots is None:
            assert not values
            continue
        assert partition.faults(lots) == []
        total = partition.total(lots)
        assert total == least or (lots is found and isinstance(cost, CutCost) and total > least)


@given(seed=st.integers(0, 10**6), cells=st.integers(3, 7))
@settings(max_examples=30, deadline=None)
def test_no_plan_goes_below_what_prices_prove(seed: int, cells: int) -> None:
    """Whatever the prices, a plan with a pair costs no less than is proven of the pair."""
    partition = with_centres(planar(seed, cells), seed)
    assert isinstance(partition.cost, CentreCost)
    way, rng = partition.cost.way, np.random.default_rng(seed)
    prices = CentrePrices(rng.uniform(0, 30, cells), rng.uniform(-2, 2, cells), np.zeros(0, int))
    bounds = assignment_bounds(partition, way, prices)
    for plan in every_plan(partition):
        total = partition.total(plan)
        assert total is not None
        best = [
            members[way[np.ix_(members, members)].sum(axis=0).argmin()]
            for lot in range(int(plan.max()) + 1)
            for members in [np.flatnonzero(plan == lot)]
        ]
        assert (bounds[np.arange(cells), np.array(best)[plan]] <= total).all()


@given(seed=st.integers(0, 10**6), cells=st.integers(3, 9))
@settings(max_examples=15, deadline=None)
def test_the_lot_that_gains_most_is_found(seed: int, cells: int) -> None:
    """Exact pricing agrees with trying all sets of cells."""
    partition = planar(seed, cells)
    assert isinstance(partition.cost, CutCost)
    pricing = LotPricing(partition, partition.cost.weight)
    price = np.random.default_rng(seed).uniform(-1, 6, cells)
    sets = (np.arange(1, 2**cells)[:, None] >> np.arange(cells) & 1).astype(bool)
    size = sets @ partition.size
    fits = (size >= partition.lower) & (size <= partition.upper)
    lots = [s for s in sets[fits] if nx.is_connected(partition.graph.subgraph(np.flatnonzero(s)))]
    bound, lot = pricing.best(price, time.monotonic() + 20)
    if not lots:
        assert bound == inf
        return
    least = (pricing.half_cut(np.array(lots)) - np.array(lots) @ price).min()
    assert lot is not None
    assert pricing.half_cut(lot[None])[0] - lot @ price == pytest.approx(least, abs=1e-4)
    assert least - 1e-3 <= bound <= least + 1e-9


@given(seed=st.integers(0, 10**6), cells=st.integers(4, 12), contiguous=st.booleans())
@settings(max_examples=15, deadline=None)
def test_annealing_keeps_every_rule(seed: int, cells: int, contiguous: bool) -> None:
    """What it returns is a plan, and lots that it meets on the way are connected."""
    partition = replace(planar(seed, cells), contiguous=contiguous)
    rng = np.random.default_rng(seed)
    start = grown(partition, 2, rng)
    assert start is not None
    loose = replace(partition, lower=0, upper=10**6)
    assert loose.faults(start) == []
    met: list[list[str]] = []
    found = anneal(
        *(partition, start),
        steps=500,
        rng=rng,
        ends=time.monotonic() + 20,
        met=lambda lots: met.append(loose.faults(lots)),
    )
    assert not any(met)
    assert found is None or partition.faults(found) == []


@given(seed=st.integers(0, 10**6), cells=st.integers(5, 16))
@settings(max_examples=30, deadline=None)
def test_separators_separate_and_none_is_too_many(seed: int, cells: int) -> None:
    """Without them no way leads to the cell; with any one of them back there is one."""
    graph = planar(seed, cells).graph
    rng = np.random.default_rng(seed)
    piece = {int(rng.integers(cells))}
    apart = [v for v in graph if v not in piece and not piece & set(graph[v])]
    if not apart:
        return
    cell = apart[int(rng.integers(len(apart)))]
    between = separator(graph, piece, cell)
    for back in (None, *between):
        left = graph.subgraph(set(graph) - set(between) | {back} - {None})
        assert nx.has_path(left, next(iter(piece)), cell) is (back is not None)


def test_islands_prove_that_there_is_no_plan() -> None:
    """An island of a lot and a half is none, whatever the method."""
    n = 70
    path = np.column_stack([np.arange(n - 1), np.arange(1, n)])
    edges = path[path[:, 1] != n // 2 + 5]
    ones = np.ones(n, dtype=np.int64)
    partition = Partition(ones, edges, 9, 11, 7, 7, CutCost(np.ones(len(edges), np.int64)))
    assert solve_partition(replace(partition, lower=12, upper=14), seconds=5, seed=1).bound == inf
    assert [share[1:] for share in partition.shares()] == [(4, 4), (3, 3)]
    assert partition.shares_fit()
    assert not replace(partition, least=8, most=8).shares_fit()


def test_listed_lots_are_a_program() -> None:
    """Lots with costs of their own are refused here."""
    listed = LotCost(np.ones((1, 1), dtype=bool), np.ones(1, dtype=np.int64))
    partition = Partition(np.ones(1, np.int64), np.zeros((0, 2), np.int64), 1, 1, 1, 1, listed)
    with pytest.raises(ValueError, match="solved as a program"):
        solve_partition(partition, seconds=1, seed=1)


def test_cells_that_touch_nothing_are_lots_of_their_own() -> None:
    """Without any edge there is one plan, and it cuts nothing."""
    ones, none = np.ones(3, np.int64), np.zeros(0, np.int64)
    partition = Partition(ones, np.zeros((0, 2), np.int64), 1, 1, 3, 3, CutCost(none))
    found, bound = solve_cuts(partition, none, seconds=10, seed=1)
    assert found is not None
    assert (found.tolist(), bound) == ([0, 1, 2], 0)
