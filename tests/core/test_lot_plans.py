"""Connected lots and the plans they make: listed, counted, ranked."""

from __future__ import annotations

import csv
from dataclasses import replace
from math import ceil, floor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allocate.core.connected_lots import TooMany, list_lots
from allocate.core.lot_plans import eased_by, plans_of, tightest
from allocate.core.partition import CutCost, Partition
from helpers.partitions import every_plan, planar

SHARED = Path(__file__).parents[3] / "shared" / "data"


@given(
    seed=st.integers(0, 10**6),
    cells=st.integers(3, 8),
    contiguous=st.booleans(),
    together=st.booleans(),
)
@settings(max_examples=40, deadline=None)
def test_plans_are_those_of_trying_everything(
    seed: int, cells: int, contiguous: bool, together: bool
) -> None:
    """Every plan is found once; values, counts, order and ranks are those of all plans sorted."""
    rng = np.random.default_rng(seed)
    partition = replace(
        planar(seed, cells),
        contiguous=contiguous,
        together=rng.integers(0, cells, (int(together), 2)),
        least=int(rng.integers(1, 3)),
    )
    lots = list_lots(partition)
    plans = plans_of(partition, lots)
    known = {tuple(plan.tolist()) for plan in every_plan(partition)}
    found = [tuple(plans.cells(plan).tolist()) for plan in plans.every()]
    assert len(found) == len(known) == plans.count
    assert set(found) == known
    cost = rng.integers(0, 20, len(lots.mask))
    values = sorted(int(cost[plan].sum()) for plan in plans.every())
    best, paid = plans.best(cost, 4)
    assert paid.tolist() == values[:4]
    assert [int(cost[plan].sum()) for plan in best] == paid.tolist()
    for value in values:
        assert plans.rank(cost, value) == 1 + sum(other < value for other in values)


@given(seed=st.integers(0, 10**6), cells=st.integers(3, 7))
@settings(max_examples=25, deadline=None)
def test_the_tightest_balance_is_the_first_with_a_plan(seed: int, cells: int) -> None:
    """Eased by so much there is a plan, and by one less there is none."""
    partition = planar(seed, cells)
    middle = int(partition.size.sum()) // 2
    partition = replace(partition, lower=middle, upper=middle, least=2, most=2)
    by = tightest(partition)
    assert by is not None
    assert every_plan(eased_by(partition, by)) != []
    assert by == 0 or every_plan(eased_by(partition, by - 1)) == []


def test_islands_without_a_lot_of_their_own_have_no_plan() -> None:
    """Three islands are no two lots, however unequal they may be."""
    cells = Partition(
        *(np.array([3, 3, 3]), np.zeros((0, 2), np.int64), 4, 5, 2, 2),
        CutCost(np.zeros(0, np.int64)),
    )
    assert len(list_lots(cells).mask) == 0
    assert tightest(cells) is None


def test_too_much_is_told() -> None:
    """A list that nobody is ready for is refused, not cut short."""
    n = 30
    path = np.column_stack([np.arange(n - 1), np.arange(1, n)])
    ones = np.ones(n, np.int64)
    partition = Partition(ones, path, 1, n, 1, n, CutCost(ones[1:]))
    with pytest.raises(TooMany, match="more than 100 connected lots"):
        list_lots(partition, 100)
    plans = plans_of(partition, list_lots(partition))
    assert plans.count == 2 ** (n - 1)
    with pytest.raises(TooMany, match="536,870,912 plans"):
        plans.every()
    long = replace(partition, size=np.ones(64, np.int64))
    with pytest.raises(TooMany, match="64 cells"):
        list_lots(long)


def sefton(share: float, lots: int) -> Partition:
    """Wards of Sefton by people of 75 and over, so many lots within a share of equal."""
    population = SHARED / "pop" / "lcr_ward17_population_mid2020_bestfit.csv"
    borders = SHARED / "geo" / "lcr_wards_wd13_adjacency.csv"
    if not population.exists():
        pytest.skip("the public data are not here")
    with population.open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["ltla_name"] == "Sefton"]
    place = {row["ward17_code"]: at for at, row in enumerate(rows)}
    with borders.open(encoding="utf-8") as file:
        pairs = [(row["code_a"], row["code_b"]) for row in csv.DictReader(file)]
    edges = np.array([[place[a], place[b]] for a, b in pairs if a in place and b in place])
    size = np.array([int(row["p_75plus"]) for row in rows])
    mean = int(size.sum()) / lots
    limits = ceil(mean * (1 - share)), floor(mean * (1 + share))
    return Partition(size, edges, *limits, lots, lots, CutCost(np.ones(len(edges), np.int64)))


@pytest.mark.parametrize(
    ("lots", "plans"), [(2, 10), (3, 225), (4, 997), (5, 802), (6, 1433), (7, 638), (8, 591)]
)
def test_sefton_has_so_many_plans(lots: int, plans: int) -> None:
    """The counts of plans within 25% of equal, each plan checked by the form's own recount."""
    partition = sefton(0.25, lots)
    found = plans_of(partition, list_lots(partition))
    assert found.counts == {lots: plans}
    assert [p for p in found.every() if partition.faults(found.cells(p))] == []


def test_six_lots_of_sefton_are_not_within_15_percent() -> None:
    """There is none, and the tightest balance is named: within 15.9% of equal."""
    partition = sefton(0.15, 6)
    assert plans_of(partition, list_lots(partition)).count == 0
    by = tightest(partition)
    assert by is not None
    mean = int(partition.size.sum()) / 6
    eased = eased_by(partition, by)
    assert max(mean - eased.lower, eased.upper - mean) / mean == pytest.approx(0.1588, abs=5e-4)
