"""When to begin to empty booked beds: by hand, from how long people stay."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from allocate.asked import prepare
from allocate.beds.emptying import emptying, weeks_ahead
from allocate.beds.instance import Instance
from allocate.beds.solution import Solution
from allocate.beds.stays import Stays

OK_WINTER = Path(__file__).resolve().parents[1] / "cases" / "ok_winter"


@pytest.fixture(scope="module")
def instance() -> Instance:
    """A winter in which half of those admitted are there a week on, a tenth two weeks on."""
    found: Instance = prepare(OK_WINTER).instance
    care = len(found.axes.care)
    there = np.tile(np.array([1000, 500, 100]), (care, 1))
    return replace(found, stays=Stays(there, np.zeros(care, dtype=np.int64)))


def booked(last: int, beds: int) -> Solution:
    """One booking of the first offer, from the first week on."""
    one = np.array([0])
    return Solution(one, one, np.array([last]), np.array([beds]))


def test_few_are_left_two_weeks_on(instance: Instance) -> None:
    """By hand: of those found in beds 600 in 1,600 are there a week on, 100 in 1,600 two."""
    assert weeks_ahead(instance, 0) == 2


def test_the_week_is_counted_from_the_end(instance: Instance) -> None:
    """Beds booked to the end of week 5 are filled up to week 3, and nobody new comes in week 4."""
    row = emptying(instance, booked(4, 3))[1]
    assert "week 5," in row
    assert "week 4," in row


def test_a_booking_shorter_than_stays_says_so(instance: Instance) -> None:
    """Where stays are longer than the booking there is no week in which to begin."""
    assert "stays are longer" in emptying(instance, booked(0, 3))[1]


def test_without_bookings_there_is_nothing_to_empty(instance: Instance) -> None:
    """No booking, no table."""
    none = np.zeros(0, dtype=np.int64)
    assert emptying(instance, Solution(none, none, none, none)) == ["Nothing is booked."]
