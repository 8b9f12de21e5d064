"""Amounts with their units, as a person writes them."""

from __future__ import annotations

import pytest

from allocate.units import as_duration, with_unit


@pytest.mark.parametrize(
    ("amount", "unit", "written"),
    [
        ("1", "packages", "1 package"),
        ("1", "people", "1 person"),
        ("1", "points", "1 point"),
        ("1", "carer-hours a week", "1 carer-hour a week"),
        ("1", "weighted hours a week", "1 weighted hour a week"),
        ("1", "provider-area pairs", "1 provider-area pair"),
        ("0", "people", "0 people"),
        ("1.5", "points", "1.5 points"),
        ("1,001", "packages", "1,001 packages"),
    ],
)
def test_one_of_a_unit_is_no_plural(amount: str, unit: str, written: str) -> None:
    """Exactly one is said without the plural, and every other amount with it."""
    assert with_unit(amount, unit) == written


@pytest.mark.parametrize(
    ("seconds", "written"),
    [(0.4, "0 s"), (89, "89 s"), (90, "2 min"), (5399, "90 min"), (5400, "1.5 h")],
)
def test_times_are_as_fine_as_a_reader_wants(seconds: float, written: str) -> None:
    """A time left is told in seconds, minutes or hours."""
    assert as_duration(seconds) == written
