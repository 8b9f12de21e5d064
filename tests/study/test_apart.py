"""How far apart two answers are: only what is proven of both is said of the best."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allocate.study.apart import Apart, apart, rank


def level(name: str, objective: float, bound: float | None, unit: str = "points") -> dict[str, Any]:
    """A level as ``result.json`` has it."""
    return {"name": name, "objective": objective, "bound": bound, "unit": unit}


def test_two_closed_levels_differ_exactly() -> None:
    """Where both bounds are reached the difference is a figure."""
    (one,) = apart([level("cash", 100, 100)], [level("cash", 70, 70)])
    assert (one.low, one.high, one.sure) == (-30, -30, "exact")
    assert str(one) == "30 points less"


def test_gaps_that_overlap_give_a_range() -> None:
    """Where a gap is open, the difference is between the outermost values that are possible."""
    (one,) = apart([level("cash", 100, 95)], [level("cash", 70, 60)])
    assert (one.low, one.high, one.sure) == (-40, -25, "range proven")
    assert str(one) == "between 25 and 40 points less"


def test_a_question_that_allows_more_is_never_worse() -> None:
    """Leaving a rule out cannot cost, whatever the two plans say."""
    (one,) = apart([level("cash", 100, 95)], [level("cash", 101, 90)], -1)
    assert (one.low, one.high) == (-10, 0)
    assert str(one) == "at most 10 points less, perhaps the same"


def test_a_level_after_an_open_one_is_of_the_plans_only() -> None:
    """Plans that do as well before are other plans where the level before is open."""
    before = [level("waiting", 10, 9), level("cash", 5, 5)]
    after = [level("waiting", 10, 10), level("cash", 3, 3)]
    _, cash = apart(before, after)
    assert (cash.low, cash.high, cash.sure) == (None, None, "of the plans found")
    assert str(cash) == "2 points less in the plans found"


def test_a_level_without_a_bound_is_proven_from_one_side() -> None:
    """An unknown bound is no bound, but a plan is a plan."""
    (one,) = apart([level("cash", 100, None)], [level("cash", 70, 70)])
    assert (one.low, one.high, one.differs) == (-30, None, False)
    (one,) = apart([level("cash", 100, 95)], [level("cash", 70, None)])
    assert (one.low, one.high, one.sure) == (None, -25, "one side proven")
    assert str(one) == "at least 25 points less"


def test_pounds_are_rounded_outward() -> None:
    """A range in whole pounds holds the exact one."""
    one = Apart("cash", "pounds a year", Fraction(1), Fraction("1000.4"), Fraction("1000.6"))
    assert str(one) == "between £1,000 and £1,001 a year more"


def test_what_differs_first_ranks_first() -> None:
    """An earlier level outweighs any later one."""
    first = apart([level("a", 1, 1), level("b", 0, 0)], [level("a", 2, 2), level("b", 0, 0)])
    second = apart([level("a", 1, 1), level("b", 0, 0)], [level("a", 1, 1), level("b", 99, 99)])
    assert rank(first) < rank(second)


@given(st.data())
def test_the_range_holds_the_difference_of_the_best(data: pytest.FixtureRequest | Any) -> None:
    """Whatever was found and proven, the true difference is in the range."""
    numbers = st.integers(-50, 50)
    best = [data.draw(st.tuples(numbers, numbers)) for _ in range(3)]
    closed = True
    before, after = [], []
    for number, (one, other) in enumerate(best):
        rows = []
        for value in (one, other):
            above, below = data.draw(st.integers(0, 3)), data.draw(st.integers(0, 3))
            rows.append(level(str(number), value + above, value - below))
        before.append(rows[0])
        after.append(rows[1])
    for found, (one, other), a, b in zip(apart(before, after), best, before, after, strict=True):
        assert (found.low is not None) is closed
        if found.low is not None and found.high is not None:
            assert found.low <= other - one <= found.high
        closed &= a["objective"] == a["bound"] and b["objective"] == b["bound"]
