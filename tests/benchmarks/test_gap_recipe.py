"""Types C, D and E: what the recipe says of them, here and in the public files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from allocate.public.gap import GapInstance, read_gap
from benchmarks.gap.recipe import TYPES, make, write
from benchmarks.public.known import folder, known

PUBLIC = {item.name: item for item in known("gap")}


def made(kind: str) -> GapInstance:
    """An instance of a type, large enough for its statistics to be firm."""
    return GapInstance(f"{kind}201600", *make(kind, 20, 1600, 1))


def public(kind: str) -> GapInstance:
    """A public instance of a type."""
    if not PUBLIC:
        pytest.skip(f"the public instances are not in {folder('gap')}")
    return read_gap(PUBLIC[f"{kind}15900"].file)


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("source", [made, public], ids=["made", "public"])
def test_capacities_are_eight_tenths_of_the_mean_weight(source: object, kind: str) -> None:
    """An agent can carry 0.8 of its share of all weights, rounded down."""
    found: GapInstance = source(kind)  # type: ignore[operator]
    agents = len(found.capacities)
    assert np.array_equal(found.capacities, np.floor(0.8 * found.weights.sum(axis=1) / agents))


@pytest.mark.parametrize("source", [made, public], ids=["made", "public"])
def test_type_c_is_even_and_unrelated(source: object) -> None:
    """Weights are even from 5 to 25, costs from 10 to 50, and neither tells of the other."""
    found: GapInstance = source("c")  # type: ignore[operator]
    assert (found.weights.min(), found.weights.max()) == (5, 25)
    assert (found.costs.min(), found.costs.max()) == (10, 50)
    assert found.weights.mean() == pytest.approx(15, abs=0.2)
    assert found.costs.mean() == pytest.approx(30, abs=0.3)
    assert abs(related(found)) < 0.03


@pytest.mark.parametrize("source", [made, public], ids=["made", "public"])
def test_type_d_costs_what_it_does_not_weigh(source: object) -> None:
    """Cost and weight add up to 111, ten more or less, evenly."""
    found: GapInstance = source("d")  # type: ignore[operator]
    total = found.costs + found.weights
    assert (found.weights.min(), found.weights.max()) == (1, 100)
    assert (total.min(), total.max()) == (101, 121)
    assert total.mean() == pytest.approx(111, abs=0.2)
    assert related(found) < -0.97


@pytest.mark.parametrize("source", [made, public], ids=["made", "public"])
def test_type_e_has_few_heavy_jobs(source: object) -> None:
    """Weights fall off with a mean of 10.5; the cost is a thousandth part turned over, or less."""
    found: GapInstance = source("e")  # type: ignore[operator]
    less = 1000 // found.weights - found.costs
    assert found.weights.min() == 1
    assert found.weights.mean() == pytest.approx(10.5, abs=0.25)
    assert (found.weights == 1).mean() == pytest.approx(1 - np.exp(-0.1), abs=0.01)
    assert found.costs.min() >= 0
    assert (less.min(), less.max()) == (0, 10)
    assert less.mean() == pytest.approx(5.45, abs=0.1)


def related(found: GapInstance) -> float:
    """Correlation of weights and costs."""
    return float(np.corrcoef(found.weights.ravel(), found.costs.ravel())[0, 1])


def test_the_same_seed_makes_the_same_instance() -> None:
    """An instance is made again from type, sizes and seed."""
    for one, again, other in zip(
        make("e", 5, 50, 7), make("e", 5, 50, 7), make("e", 5, 50, 8), strict=True
    ):
        assert np.array_equal(one, again)
        assert not np.array_equal(one, other)


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    """A made instance goes through the public format unharmed."""
    costs, weights, capacities = make("d", 3, 17, 1)
    read = read_gap(write(tmp_path / "new" / "d0317", costs, weights, capacities))
    assert np.array_equal(read.costs, costs)
    assert np.array_equal(read.weights, weights)
    assert np.array_equal(read.capacities, capacities)


def test_an_unknown_type_is_refused() -> None:
    """There is no type Z."""
    with pytest.raises(ValueError, match="No type z"):
        make("z", 2, 4, 1)
