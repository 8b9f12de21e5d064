"""Every lot as a path: all of them, what they cost at least, and plans proven from them."""

from __future__ import annotations

from dataclasses import replace
from math import inf

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allocate.core import lot_paths
from allocate.core.frontier import narrow_order, open_cells
from allocate.core.lot_diagram import diagram_of
from allocate.core.lot_paths import LotPaths, in_steps
from allocate.core.partition import Bools, CutCost, Partition
from helpers.partitions import planar

ALL = 10**6
NONE = np.zeros((0, 2), dtype=np.int64)


def every_lot(partition: Partition) -> Bools:
    """Every set of cells that is a lot, by trying all."""
    n = partition.cells
    sets = (np.arange(1, 2**n)[:, None] >> np.arange(n) & 1).astype(bool)
    size = sets @ partition.size
    a, b = partition.together.T
    fits = (size >= partition.lower) & (size <= partition.upper)
    sets = sets[fits & (sets[:, a] == sets[:, b]).all(axis=1)]
    if partition.contiguous:
        whole = [nx.is_connected(partition.graph.subgraph(np.flatnonzero(s))) for s in sets]
        sets = sets[np.array(whole, dtype=bool)]
    return sets


def rows(member: Bools) -> set[bytes]:
    """Lots to compare."""
    return {row.tobytes() for row in member}


@given(
    seed=st.integers(0, 10**6),
    cells=st.integers(3, 9),
    contiguous=st.booleans(),
    together=st.booleans(),
    steps=st.sampled_from([5, 20, 10**4]),
)
@settings(max_examples=15, deadline=None)
def test_paths_are_the_lots(
    seed: int, cells: int, contiguous: bool, together: bool, steps: int
) -> None:
    """Those that gain are all listed, however coarse the steps; none costs less than the bound."""
    rng = np.random.default_rng(seed)
    pair = np.sort(rng.choice(cells, 2, replace=False))[None] if together else NONE
    partition = replace(
        planar(seed, cells),
        size=rng.integers(0, 1000, cells),
        lower=400,
        upper=1500,
        contiguous=contiguous,
        together=pair,
    )
    assert isinstance(partition.cost, CutCost)
    diagram = diagram_of(partition, ALL)
    assert diagram is not None
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lot_paths, "STEPS", steps)
        paths = LotPaths(partition, diagram)
    lots, price = every_lot(partition), rng.uniform(-1, 6, cells)
    a, b = partition.edges.T
    cut = np.concatenate([partition.cost.weight / 2, np.full(len(pair), inf)])
    joined = np.concatenate([rng.uniform(0, 1, len(a)), np.zeros(len(pair))])
    paid = (lots[:, a] != lots[:, b]) @ cut[: len(a)] - lots @ price
    paid += (lots[:, a] & lots[:, b]) @ joined[: len(a)]
    least = paths.least(price, cut, joined)
    assert least <= paid.min(initial=inf)
    if steps > partition.upper and len(lots):
        assert least == pytest.approx(paid.min(), abs=1e-2)
    for value in (least, *np.quantile(paid, [0.3, 1]) + 1e-9) if len(lots) else ():
        found, whole = paths.below(value, ALL, ALL, ALL)
        assert whole
        assert rows(found) == rows(lots[paid <= value])
        some, whole = paths.below(value, 1, 2, ALL)
        assert rows(some) <= rows(found)
        assert not whole or len(some) == len(found)


@given(seed=st.integers(0, 10**6), count=st.integers(2, 60))
@settings(max_examples=30, deadline=None)
def test_steps_leave_no_lot_out(seed: int, count: int) -> None:
    """Whatever sets of cells have an allowed size, they have an allowed number of steps."""
    rng = np.random.default_rng(seed)
    size = rng.integers(0, 500, 8)
    lower, upper = np.sort(rng.integers(1, 2000, 2)).tolist()
    steps = in_steps(size, lower, upper, count)
    sets = np.arange(2**8)[:, None] >> np.arange(8) & 1
    fits = (sets @ size >= lower) & (sets @ size <= upper)
    counted = sets[fits] @ steps.size
    assert np.all((counted >= steps.lower) & (counted <= steps.upper))


def test_a_ladder_has_two_open_cells() -> None:
    """Of a ladder two cells are open at a time, from whichever end; a crossing has its states."""
    rungs = np.array([(2 * i, 2 * i + 1) for i in range(20)])
    sides = np.array([(i, i + 2) for i in range(38)])
    pairs = np.concatenate([rungs, sides])
    order = narrow_order(40, pairs)
    assert sorted(order) == list(range(40))
    assert max(len(each) for each in open_cells(order, pairs)) == 2
    ones = np.ones(40, dtype=np.int64)
    weight = np.ones(len(pairs), dtype=np.int64)
    ladder = Partition(ones, pairs, 10, 10, 4, 4, CutCost(weight))
    assert diagram_of(ladder, 3) is None
    diagram = diagram_of(ladder, ALL)
    assert diagram is not None
    # Not begun, begun or whole: of two cells neither, one, the other, both joined or apart.
    assert np.diff(diagram.first).max() <= 6
