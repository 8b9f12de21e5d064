"""Figures that may be off: which they are, how they are drawn, and how answers go with them."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from allocate.asked import prepare
from allocate.homecare.inputs import floors
from allocate.inputs import Uncertain, set_to, uncertain
from allocate.study.case import Case, Done
from allocate.study.scenario_file import read_scenario
from allocate.study.sensitivity import drawn, matters, noise, order
from helpers.cases import OK_SMALL, copy_case

FIGURE = Uncertain("providers", "capacity_hours", "H1", "assumed", 10.0, 8.0, 12.0, 60)
QUESTION = read_scenario(OK_SMALL)


def done(*levels: tuple[float, float], status: str = "optimal") -> Done:
    """What came of a question, made up: value and bound of each level."""
    rows = [
        {"name": str(n), "unit": "points", "objective": value, "bound": bound, "fixed": 0}
        for n, (value, bound) in enumerate(levels)
    ]
    return Done(Case("x", QUESTION), "", status, None, {"levels": rows} if rows else {})


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (done((5, 5)), done((4, 4)), 1),
        (done((5, 3)), done((4, 4)), None),  # the first may come to 3
        (done((5, 5), (9, 8)), done((5, 5), (7, 7)), 1),  # even its bound is above
        (done((5, 4), (9, 9)), done((5, 5), (7, 7)), None),  # the first level is not settled
        (done((5, 5)), done((5, 5)), 0),
        (done(status="infeasible"), done((9, 9)), 1),
        (done(status="infeasible"), done(status="infeasible"), 0),
        (done(status="stopped"), done((9, 9)), None),
    ],
)
def test_which_answer_is_worse_is_proven_or_not_said(
    one: Done, other: Done, expected: int | None
) -> None:
    """By the first level that tells, as between plans."""
    assert order(one, other) == expected
    assert order(other, one) == (None if expected is None else -expected)


def test_an_answer_that_follows_a_figure() -> None:
    """By hand: the more, the better; once two gaps overlap, one pair of six says nothing."""
    shares = np.array([[0.1], [0.4], [0.6], [0.9]])
    flipped = np.array([True, False, False, False])
    sure = [done((value, value)) for value in (8, 6, 4, 2)]
    (found,) = matters([FIGURE], shares, sure, flipped)
    assert (found.low, found.high, found.flips) == (-1, -1, -1)
    open_ = [sure[0], done((6, 3)), sure[2], sure[3]]
    (found,) = matters([FIGURE], shares, open_, flipped)
    assert (found.low, found.high) == pytest.approx((-1, -4 / 6))
    assert found.plans == -1


@settings(deadline=None, max_examples=50)
@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=3, max_size=7))
def test_the_range_holds_whatever_the_best_plans_are(ends: list[tuple[int, int]]) -> None:
    """Any values between bound and plan have a rank correlation within the range."""
    ranges = [(max(pair), min(pair)) for pair in ends]
    shares = np.arange(len(ranges))[:, None] / len(ranges)
    flipped = np.zeros(len(ranges), dtype=bool)
    (found,) = matters([FIGURE], shares, [done(one) for one in ranges], flipped)
    for side in (0, 1):
        values = [one[side] for one in ranges]
        pairs = list(combinations(range(len(values)), 2))
        tau = sum(int(np.sign(values[j] - values[i])) for i, j in pairs) / len(pairs)
        assert found.low - 1e-9 <= tau <= found.high + 1e-9


def test_chance_is_not_taken_for_a_cause() -> None:
    """For one figure the threshold is that of Kendall's test, and more figures raise it."""
    draws, figures = 24, 1
    tau = noise(figures, draws)
    spread = np.sqrt(2 * (2 * draws + 5) / (9 * draws * (draws - 1)))
    assert 2 * stats.norm.sf(tau / spread) == pytest.approx(0.05)
    assert noise(30, draws) > tau


def test_each_figure_takes_each_part_of_its_range_once() -> None:
    """A Latin hypercube, the same for the same seed."""
    shares = drawn([FIGURE, FIGURE], 8, 3)
    assert sorted((shares[:, 0] * 8).astype(int)) == sorted((shares[:, 1] * 8).astype(int))
    assert sorted((shares[:, 0] * 8).astype(int)) == list(range(8))
    assert np.array_equal(shares, drawn([FIGURE, FIGURE], 8, 3))
    assert not np.array_equal(shares, drawn([FIGURE, FIGURE], 8, 4))


def test_what_is_recorded_is_not_doubted(tmp_path: Path) -> None:
    """An assumed figure may be a fifth off, one a provider said a tenth, never below its work."""
    case = copy_case(tmp_path / "case")
    path = case / "providers.csv"
    one, other, rest = path.read_text(encoding="utf-8").split("provider said")
    path.write_text(f"{one}provider said{other}recorded{rest}", encoding="utf-8")
    asked = prepare(case)
    frame = asked.tables["providers"]
    least = floors(asked.instance)
    found = {one.name: one for one in uncertain(asked, least)}
    spreads = {"assumed": 0.2, "provider said": 0.1}
    assert set(spreads) < set(frame["basis"])
    for row in frame.itertuples():
        name, spread = f"capacity_hours of {row.provider_id}", spreads.get(row.basis)
        if spread is None or np.isnan(row.capacity_hours):
            assert name not in found
            continue
        busy = least["providers", "capacity_hours", row.provider_id]
        low = max(row.capacity_hours * (1 - spread), min(busy, row.capacity_hours))
        assert found[name].low == pytest.approx(low)
        assert found[name].high == pytest.approx(row.capacity_hours * (1 + spread))
    one = next(one for one in found.values() if one.column == "capacity_hours")
    moved = prepare(set_to(asked, [(one, one.at(1.0))]))
    k = moved.instance.providers.ids.index(one.id)
    assert moved.instance.providers.stated_capacity[k] == round(one.at(1.0) * 60)
