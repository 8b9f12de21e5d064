"""The lots of the benchmark: what regions come to, counted by our rules, whoever drew them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from allocate.core.partition import CentreCost, Partition
from benchmarks.lots.exported import measured
from benchmarks.lots.families import NAMES, SPOPT
from benchmarks.lots.regions import WAYS
from benchmarks.table import lines


def grid(side: int) -> Partition:
    """A square of cells of ten people each, 1 km apart, to be halved within a tenth of equal."""
    at = np.arange(side * side).reshape(side, side)
    pairs = [(at[:, :-1], at[:, 1:]), (at[:-1], at[1:])]
    edges = np.concatenate([np.column_stack([a.ravel(), b.ravel()]) for a, b in pairs])
    east, north = (1000.0 * index.ravel() for index in np.indices(at.shape))
    apart = np.hypot(east[:, None] - east, north[:, None] - north)
    size = np.full(at.size, 10)
    way = np.rint(10 * apart).astype(np.int64)
    equal = int(size.sum()) // 2
    limits = (equal * 9 // 10, equal * 11 // 10)
    return Partition(size, edges, *limits, 2, 2, CentreCost(way))


def test_regions_are_measured_by_hand() -> None:
    """Four cells, three of them in one lot: two people in ten too many, and 20 km of walking."""
    asked = grid(2)
    found = measured(asked, np.array([0, 0, 0, 1]))
    assert (found["lots"], found["person_km"], found["furthest"]) == (2, 20.0, 0.5)
    assert len(found["faults"]) == 2
    assert measured(replace(asked, lower=10, upper=30), np.array([0, 0, 0, 1]))["faults"] == []


def test_what_breaks_rules_is_shown_but_is_no_plan() -> None:
    """Its way stands in the table of lots; nobody is measured against it."""
    level = {"name": "travel", "bound": None, "base": 0, "gap": None, "seconds": 1.0}
    found = measured(grid(2), np.array([0, 0, 0, 1]))
    row: dict[str, Any] = {
        "case": NAMES[0],
        "method": SPOPT[0],
        "status": "breaks rules",
        "seconds": {"solve": 1.0},
        "drawn": found,
        "levels": [{**level, "objective": None, "trace": [(1.0, None, None)]}],
    }
    told = "\n".join(lines([row], 10))
    assert f"| {NAMES[0]} | {SPOPT[0]} | 1.0 | 2 | 20 | 50.0% | 2 |" in told
    assert f"| {SPOPT[0]} | 1 | 0 | 0 |" in told


@pytest.mark.parametrize("way", SPOPT)
def test_spopt_draws_connected_regions(way: str) -> None:
    """Each of its ways answers on a small square, in one piece each."""
    pytest.importorskip("spopt", reason="spopt is installed for the benchmark alone")
    from benchmarks.lots.regions import solve

    asked = grid(4)
    east, north = (1000 * index.ravel() for index in np.indices((4, 4)))
    data = {
        "size": asked.size,
        "edges": asked.edges,
        "east": east,
        "north": north,
        "lots": np.array(2),
        "lower": np.array(asked.lower),
    }
    found = solve(data, way)
    lots = np.array(found["lots"])
    faults = replace(asked, lower=0, upper=1000, least=1, most=16).faults(lots - lots.min())
    assert faults == []
    assert set(WAYS) == set(SPOPT)
