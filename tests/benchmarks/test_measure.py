"""Means, gaps and integrals, by hand and by what has to hold for all."""

from __future__ import annotations

from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.measure import distance, gaps, integral, relative_gap, shifted_geometric_mean

amounts = st.lists(st.floats(0, 1e4), min_size=1, max_size=20)


def test_shifted_geometric_mean_by_hand() -> None:
    """With a shift of one, 0 and 3 have the mean sqrt(1 x 4) - 1."""
    assert shifted_geometric_mean([0, 3], 1) == pytest.approx(1)
    assert shifted_geometric_mean([1, 9], 0) == pytest.approx(3)
    assert shifted_geometric_mean([2, 8], 10) == pytest.approx(sqrt(12 * 18) - 10)


@given(amounts, st.floats(0.01, 100))
def test_the_mean_lies_among_the_values(values: list[float], shift: float) -> None:
    """A mean is no smaller than the smallest value, and no larger than the plain mean."""
    mean = shifted_geometric_mean(values, shift)
    assert min(values) - 1e-6 <= mean <= sum(values) / len(values) + 1e-6


@pytest.mark.parametrize(
    ("value", "reference", "expected"),
    [(110, 100, 10 / 110), (100, 100, 0), (90, 100, 0.1), (0, 0, 0), (5, 0, 1), (-1, 1, 1)],
)
def test_distance_is_relative_to_the_larger(
    value: float, reference: float, expected: float
) -> None:
    """A distance is between nought and one, and one where the signs differ."""
    assert distance(value, reference) == pytest.approx(expected)


def test_no_value_is_as_far_as_can_be() -> None:
    """Where no plan is known, the distance is the whole."""
    assert distance(None, 100) == 1


def test_an_integral_is_the_area_under_its_steps() -> None:
    """One whole until second 2, half until 6, a tenth until the end at 10."""
    assert integral([(2, 0.5), (6, 0.1)], 10) == pytest.approx(2 + 2 + 0.4)
    assert integral([], 10) == 10
    assert integral([(0, 0)], 10) == 0


def test_what_comes_after_the_end_does_not_count() -> None:
    """A plan that comes when time is up has no area of its own."""
    assert integral([(2, 0.5), (11, 0)], 10) == pytest.approx(2 + 4)


@given(st.lists(st.tuples(st.floats(0, 20), st.floats(0, 1)), max_size=10), st.floats(0.1, 15))
def test_an_integral_is_never_above_its_end(steps: list[tuple[float, float]], end: float) -> None:
    """However the gap moves, the area lies between nought and the time."""
    assert -1e-9 <= integral(sorted(steps), end) <= end + 1e-9


def test_a_trace_becomes_two_lines() -> None:
    """Plans and bounds are told apart, the fixed part is left out, and what is unknown is no step.

    A bound above the reference by a solver's rounding is no further away than the reference.
    """
    trace = [(1.0, None, 100.0), (2.0, 140.0, 110.0), (3.0, 120.0, 121.0)]
    primal, dual = gaps(trace, reference=120.0, base=100.0)
    assert primal == [(2.0, 0.5), (3.0, 0.0)]
    assert dual == [(1.0, 1.0), (2.0, 0.5), (3.0, 0.0)]


def test_the_gap_is_of_what_can_be_decided() -> None:
    """The fixed part is taken from the plan; a gap is never over less than one unit."""
    assert relative_gap(120, 110, 100) == pytest.approx(0.5)
    assert relative_gap(100.25, 100, 100) == pytest.approx(0.25)
    assert relative_gap(None, 100, 0) == 1
    assert relative_gap(100, None, 0) == 1
