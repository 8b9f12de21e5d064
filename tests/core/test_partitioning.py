"""All methods for partitions agree where they overlap."""

from __future__ import annotations

import time
from dataclasses import replace
from itertools import pairwise
from math import inf

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allocate.core import cut_districts
from allocate.core.annealing import anneal
from allocate.core.cut_districts import solve_cuts
from allocate.core.growing import grown
from allocate.core.hess import solve_centres
from allocate.core.hess_bound import CentrePrices, assignment_bounds
from allocate.core.hess_reach import reachable
from allocate.core.lot_pricing import LotPricing
from allocate.core.merged import merged
from allocate.core.partition import CentreCost, CutCost, LotCost, Partition
from allocate.core.partitioning import solve_partition
from allocate.core.plan_search import PlanSearch, part_of
from allocate.core.pursuit import Pursuit
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
    together=st.integers(0, 1),
)
@settings(max_examples=6, deadline=None)
def test_every_method_agrees_with_trying_everything(
    seed: int, cells: int, contiguous: bool, centres: bool, together: int
) -> None:
    """Listing all lots, prices of centres, and column generation find the best plan, proven."""
    pairs = np.random.default_rng(seed).integers(0, cells, (together, 2))
    partition = replace(planar(seed, cells), contiguous=contiguous, together=pairs)
    partition = with_centres(partition, seed) if centres else partition
    values = [partition.total(plan) for plan in every_plan(partition)]
    listed, found = Pursuit(partition, 90), Pursuit(partition, 90)
    solve_partition(listed, 1)
    cost = partition.cost
    if isinstance(cost, CentreCost):
        solve_centres(found, cost.way, 1)
    else:
        assert isinstance(cost, CutCost)
        solve_cuts(found, cost.weight, 1)
    least = min(values, default=inf)
    assert listed.bound == least
    assert found.bound == least
    for pursuit in (listed, found):
        if pursuit.best is None:
            assert not values
            continue
        assert partition.faults(pursuit.best) == []
        total = partition.total(pursuit.best)
        assert total == pursuit.value == least


@given(seed=st.integers(0, 10**6), cells=st.integers(4, 8), contiguous=st.booleans())
@settings(max_examples=2, deadline=None)
def test_a_graph_too_wide_for_paths_is_bounded(seed: int, cells: int, contiguous: bool) -> None:
    """Lots are priced one by one there: the bound holds, and the plan is one."""
    partition = replace(planar(seed, cells), contiguous=contiguous)
    assert isinstance(partition.cost, CutCost)
    found = Pursuit(partition, 90)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cut_districts, "STATES", 0)
        solve_cuts(found, partition.cost.weight, 1)
    values = [partition.total(plan) for plan in every_plan(partition)]
    assert found.bound <= min(values, default=inf) <= found.value
    assert (found.best is None) == (not values)
    assert found.best is None or partition.faults(found.best) == []


@given(seed=st.integers(0, 10**6), cells=st.integers(3, 7))
@settings(max_examples=30, deadline=None)
def test_no_plan_goes_below_what_prices_prove(seed: int, cells: int) -> None:
    """Whatever the prices, a plan with a pair costs no less than is proven of the pair."""
    partition = with_centres(planar(seed, cells), seed)
    assert isinstance(partition.cost, CentreCost)
    way, rng = partition.cost.way, np.random.default_rng(seed)
    prices = CentrePrices(rng.uniform(0, 30, cells), rng.uniform(-2, 2, cells), np.zeros(0, int))
    bounds = assignment_bounds(partition, way, np.ones((cells, cells), dtype=bool), prices)
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
        over=lambda: False,
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
    apart = Pursuit(replace(partition, lower=12, upper=14), 5)
    assert solve_partition(apart, 1) == "islands"
    assert (apart.best, apart.bound) == (None, inf)
    assert [share[1:] for share in partition.shares()] == [(4, 4), (3, 3)]
    assert partition.shares_fit()
    assert not replace(partition, least=8, most=8).shares_fit()


def test_listed_lots_are_a_program() -> None:
    """Lots with costs of their own are refused here."""
    listed = LotCost(np.ones((1, 1), dtype=bool), np.ones(1, dtype=np.int64))
    partition = Partition(np.ones(1, np.int64), np.zeros((0, 2), np.int64), 1, 1, 1, 1, listed)
    with pytest.raises(ValueError, match="solved as a program"):
        solve_partition(Pursuit(partition, 1), 1)


def test_cells_that_touch_nothing_are_lots_of_their_own() -> None:
    """Without any edge there is one plan, and it cuts nothing."""
    ones, none = np.ones(3, np.int64), np.zeros(0, np.int64)
    partition = Partition(ones, np.zeros((0, 2), np.int64), 1, 1, 3, 3, CutCost(none))
    found = Pursuit(partition, 10)
    solve_cuts(found, none, 1)
    assert found.best is not None
    assert (found.best.tolist(), found.bound) == ([0, 1, 2], 0)


@given(seed=st.integers(0, 10**6), cells=st.integers(3, 7), contiguous=st.booleans())
@settings(max_examples=25, deadline=None)
def test_no_plan_has_a_pair_that_is_out_of_reach(seed: int, cells: int, contiguous: bool) -> None:
    """Of whatever is open, no plan loses a pair; and of what is shut, none comes back."""
    partition = replace(planar(seed, cells), contiguous=contiguous)
    open_ = np.random.default_rng(seed).random((cells, cells)) < 0.8
    left = reachable(partition, open_)
    assert not (left & ~open_).any()
    for plan in every_plan(partition):
        for lot in range(int(plan.max()) + 1):
            members = np.flatnonzero(plan == lot)
            for centre in members:
                if open_[members, centre].all():
                    assert left[members, centre].all()


def test_a_way_round_the_water_is_too_long() -> None:
    """On a ring of six cells of which a lot holds three, the cell opposite is out of reach."""
    ring = np.column_stack([np.arange(6), (np.arange(6) + 1) % 6])
    ones = np.ones(6, dtype=np.int64)
    partition = Partition(ones, np.sort(ring), 2, 3, 2, 3, CutCost(ones))
    left = reachable(partition, np.ones((6, 6), dtype=bool))
    assert left[0].tolist() == [True, True, True, False, True, True]


@given(seed=st.integers(0, 10**6), cells=st.integers(8, 14))
@settings(max_examples=10, deadline=None)
def test_lots_parted_again_leave_the_others_alone(seed: int, cells: int) -> None:
    """Some lots of a plan are a question of their own, within the same limits and costs."""
    partition = with_centres(planar(seed, cells), seed)
    found = Pursuit(partition, 5)
    PlanSearch(found, seed).first()
    if found.best is None:
        return
    inside = np.flatnonzero(found.best < 2)
    part = part_of(partition, inside, 2)
    lots = found.best[inside]
    assert part.faults(lots) == []
    outside = sum(
        int(partition.cost.way[np.ix_(cells, cells)].sum(axis=0).min())
        for lot in range(2, int(found.best.max()) + 1)
        for cells in [np.flatnonzero(found.best == lot)]
    )
    assert partition.total(found.best) == part.total(lots) + outside


def test_a_search_ends_at_the_gap_that_is_asked_for() -> None:
    """Each better plan and bound is told, and the last of them are within the gap."""
    partition = with_centres(planar(3, 12), 3)
    told: list[tuple[float, float]] = []
    found = Pursuit(partition, 90, 0.5, told=lambda *pair: told.append(pair))
    assert isinstance(partition.cost, CentreCost)
    solve_centres(found, partition.cost.way, 1)
    assert found.closed
    assert told[-1] == (found.value, found.bound)
    assert all(one[0] >= other[0] and one[1] <= other[1] for one, other in pairwise(told))
    asked = Pursuit(partition, 90, stopped=lambda: True)
    solve_centres(asked, partition.cost.way, 1)
    assert asked.best is None


@given(seed=st.integers(0, 10**6), cells=st.integers(4, 9), centres=st.booleans())
@settings(max_examples=15, deadline=None)
def test_cells_that_stay_together_move_together(seed: int, cells: int, centres: bool) -> None:
    """A plan of groups is one of cells that keeps them, of the same sizes and cuts."""
    rng = np.random.default_rng(seed)
    partition = replace(planar(seed, cells), together=rng.integers(0, cells, (2, 2)))
    partition = with_centres(partition, seed) if centres else partition
    some, group = merged(partition)
    if some.cells == 1:
        return
    lots = rng.integers(0, 2, some.cells)
    lots[0], lots[-1] = 0, 1
    assert some.cells < cells or (partition.together[:, 0] == partition.together[:, 1]).all()
    whole = lots[group]
    assert all(whole[a] == whole[b] for a, b in partition.together.tolist())
    assert np.array_equal(np.bincount(lots, some.size), np.bincount(whole, partition.size))
    least, paid = partition.total(whole), some.total(lots)
    assert least is not None
    assert paid is not None
    assert paid >= least if centres else paid == least
    cells_of = [np.flatnonzero(group == each).tolist() for each in range(some.cells)]
    assert all(nx.is_connected(partition.graph.subgraph(each)) for each in cells_of)


def test_groups_are_kept_where_places_are_many() -> None:
    """On a square of 81 cells, too many to list the lots of, two corners share one of four lots."""
    at = np.arange(81).reshape(9, 9)
    pairs = [(at[:, :-1], at[:, 1:]), (at[:-1], at[1:])]
    edges = np.concatenate([np.column_stack([a.ravel(), b.ravel()]) for a, b in pairs])
    east, north = np.indices((9, 9)).reshape(2, -1)
    way = np.abs(east[:, None] - east) + np.abs(north[:, None] - north)
    ones = np.ones(81, dtype=np.int64)
    corners = np.array([[0, 8]])
    partition = Partition(ones, edges, 15, 25, 4, 4, CentreCost(way), together=corners)
    found = Pursuit(partition, 90, 0.2)
    assert solve_partition(found, 1) == "centres"
    assert found.best is not None
    assert partition.faults(found.best) == []
    assert found.best[0] == found.best[8]
