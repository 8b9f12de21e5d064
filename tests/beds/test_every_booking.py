"""On tiny random winters every method agrees with all bookings looked at one by one."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, strategies

from allocate.asked import prepare
from allocate.result import INFEASIBLE, OPTIMAL
from allocate.solving import solve
from helpers.every_booking import best_bookings
from helpers.tiny import examples
from helpers.tiny_winters import write

BOTH = pytest.mark.parametrize("method", ["allocate", "highs"])


@BOTH
@given(seed=strategies.integers(0, 10_000))
@examples(4)
def test_the_best_of_all_bookings_is_found(method: str, seed: int) -> None:
    """The value is that of the best booking there is, and no bound is above it."""
    assert_best(method, seed)


@pytest.mark.slow
@BOTH
@given(seed=strategies.integers(10_001, 1_000_000))
@examples(60)
def test_the_best_is_found_in_many_more(method: str, seed: int) -> None:
    """The same for many more cases."""
    assert_best(method, seed)


def assert_best(method: str, seed: int) -> None:
    """Solve a drawn case, and look at every booking of it."""
    with TemporaryDirectory() as folder:
        where = write(seed, Path(folder))
        best = best_bookings(prepare(where).instance)
        result = solve(where, method=method)
    if best is None:
        assert result.status == INFEASIBLE
        return
    assert result.status == OPTIMAL
    level = result.levels[0]
    near = 5e-5 * max(1.0, best.value) + 0.05
    assert abs(float(level.objective) - best.value) <= near
    assert level.bound is not None
    assert float(level.bound) <= best.value + near
