"""The form of a partition: three ways to tell its cost, one answer."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allocate.core.partition import CentreCost, CutCost, LotCost, Partition
from allocate.core.program import Program
from helpers.partitions import by_highs, every_plan, planar


@given(seed=st.integers(0, 10**6), cells=st.integers(4, 7), way=st.sampled_from(["cut", "centre"]))
@settings(max_examples=12, deadline=None)
def test_the_reference_agrees_with_trying_everything(seed: int, cells: int, way: str) -> None:
    """The program's best plan costs what the best of all plans costs, connected or not."""
    partition = planar(seed, cells)
    rng = np.random.default_rng(seed)
    cost = CentreCost(rng.integers(0, 20, (cells, cells))) if way == "centre" else partition.cost
    contiguous = bool(rng.integers(2))
    pair = rng.integers(0, cells, (1, 2))
    partition = Partition(
        *(partition.size, partition.edges, partition.lower, partition.upper),
        *(partition.least, partition.most, cost, pair, contiguous),
    )
    plans = every_plan(partition)
    found = by_highs(partition)
    if not plans:
        assert found is None
        return
    assert found is not None
    assert partition.faults(found) == []
    assert partition.total(found) == min(partition.total(plan) for plan in plans)


def test_listed_lots_are_chosen_with_what_else_is_decided() -> None:
    """Two ways to halve a path of four, of which the side program charges for one lot."""
    member = np.array([[1, 1, 0, 0], [0, 0, 1, 1], [1, 0, 0, 0], [0, 1, 1, 1]], dtype=bool)
    path = np.array([[0, 1], [1, 2], [2, 3]])
    cost = np.array([1, 1, 2, 2])
    plain = Partition(np.ones(4, dtype=np.int64), path, 1, 3, 2, 2, LotCost(member, cost))
    found = by_highs(plain)
    assert found is not None
    assert found.tolist() == [0, 0, 1, 1]
    assert plain.total(found) == len(cost) - 2
    side = Program()
    lot = side.columns("lot", 4)
    tax = side.columns("tax", 1)
    side.require("taxed", "link", [(0, lot[0], 1), (0, tax, -1)], high=0, rows=1)
    side.level("cost", np.array([0, 0, 0, 0, 5]), Fraction(1))
    taxed = Partition(np.ones(4, dtype=np.int64), path, 1, 3, 2, 2, LotCost(member, cost, side))
    found = by_highs(taxed)
    assert found is not None
    assert found.tolist() == [0, 1, 1, 1]


@pytest.mark.parametrize(
    ("lots", "told"),
    [
        ([0, 0, 1, 1], []),
        ([0, 0, 1, 0], ["lot 0 is not connected"]),
        ([0, 0, 0, 0], ["there are 1 lots, not 2 to 2", "lot 0 comes to 4, not 1 to 3"]),
        ([0, 0, 2, 2], ["a lot has no cells"]),
        ([0, 0, 1], ["not every cell has a lot"]),
        ([0, 1, 1, 1], ["cells 0 and 1 are apart"]),
    ],
)
def test_faults_are_told(lots: list[int], told: list[str]) -> None:
    """Each rule that a plan breaks is named."""
    path = np.array([[0, 1], [1, 2], [2, 3]])
    cost = CutCost(np.ones(3, dtype=np.int64))
    partition = Partition(
        np.ones(4, dtype=np.int64), path, 1, 3, 2, 2, cost, together=np.array([[0, 1]])
    )
    assert partition.faults(np.array(lots)) == told


def test_islands_are_told() -> None:
    """Cells that no edge joins are islands, the largest first."""
    cost = CutCost(np.ones(1, dtype=np.int64))
    edges = np.array([[1, 2]])
    assert Partition(np.ones(3, dtype=np.int64), edges, 1, 3, 1, 2, cost).islands() == [[1, 2], [0]]
