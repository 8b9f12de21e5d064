"""Keys and values of a sweep, as they are typed; and the grid that they make."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as settings_of_test
from hypothesis import strategies as st

from allocate.errors import BadInput
from allocate.study.axis import Axis, question_at, read_axis
from allocate.study.grid import parent, points, settings
from helpers.cases import OK_SMALL


@pytest.mark.parametrize(
    ("text", "key", "values"),
    [
        ("rules.x.value = 0.5..0.7 step 0.05", "rules.x.value", (0.5, 0.55, 0.6, 0.65, 0.7)),
        ("limits.seed=1..4", "limits.seed", (1, 2, 3, 4)),
        ("a = 1..2 step 0.4", "a", (1.0, 1.4, 1.8)),  # the last value is not reached
        ("a = -2 .. 2 step 2", "a", (-2, 0, 2)),
        ("rules.step_in.mode = report, soft", "rules.step_in.mode", ("report", "soft")),
        ('case = "one, two", "three"', "case", ("one, two", "three")),
        ("a.b-c = 1, 2.5, true", "a.b-c", (1, 2.5, True)),
        ('objective.levels = ["waiting"], ["cash"]', "objective.levels", (["waiting"], ["cash"])),
    ],
)
def test_axes_as_typed(text: str, key: str, values: tuple[Any, ...]) -> None:
    """Ranges are exact and have both ends; words need no quotes."""
    assert read_axis(text) == Axis(key, values)


def test_keys_that_move_together() -> None:
    """One value of each at a time, in every combination with another axis."""
    pair = read_axis("limits.seed = 1..3 with rules.x.value = 0.7, 0.8, 0.8")
    assert pair.keys == ("limits.seed", "rules.x.value")
    axes = [pair, Axis("case", ("one", "two"))]
    assert [settings(axes, point) for point in points(axes)][2:4] == [
        [("limits.seed", 2), ("rules.x.value", 0.8), ("case", "one")],
        [("limits.seed", 2), ("rules.x.value", 0.8), ("case", "two")],
    ]
    assert read_axis("text = come with me, go").values == ("come with me", "go")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a = 1, 2 with b = 1, 2, 3", "a has 2, b has 3"),
        ("a = 1, 1 with b = 2, 2", "has one value twice"),
        ("rules.x.value", "has no KEY = VALUES"),
        ("rules. = 1", "has no KEY = VALUES"),
        ("a =", "has no values"),
        ("a = 1..0", "goes nowhere"),
        ("a = 0..1 step 0", "goes nowhere"),
        ("a = x..y", "is no range of numbers"),
        ("a = 0..nan", "is no range of numbers"),
        ("a = 0..1 step 0.00001", "at most 10,000 cases"),
        ("a = 1, 2, 1", "has one value twice"),
    ],
)
def test_axes_that_make_no_sense(text: str, problem: str) -> None:
    """A mistyped axis is told with what was typed and how it is written."""
    with pytest.raises(BadInput, match=problem) as told:
        read_axis(text)
    assert f'--over, "{text}"' in str(told.value)


def test_values_go_where_they_belong() -> None:
    """Rules, parameters, limits, changes of the scenario and one more change are all reached."""
    changed = question_at(
        OK_SMALL,
        [
            ("rules.lead_accepts_share.value", 0.7),
            ("parameters.growth_haircut", 0.5),
            ("limits.seed", 9),
            ("scale.packages.hours_per_week", 1.2),
        ],
    )
    assert changed.rules["lead_accepts_share"].value == 0.7
    assert changed.parameters["growth_haircut"] == 0.5
    assert changed.limits.seed == 9
    assert (changed.changes[0].table, changed.changes[0].scale) == (
        "packages",
        {"hours_per_week": 1.2},
    )
    assert changed.text.endswith("scale.packages.hours_per_week = 1.2.")


def test_values_of_a_change_of_the_scenario() -> None:
    """A change is named by its number, and the scenario's other changes stay."""
    asked = question_at("leads_hand_back", [("change.1.because", "So."), ("change.1.drop", False)])
    assert [change.because for change in asked.changes] == ["So."]
    assert len(asked.changes[0].add) == 6


@pytest.mark.parametrize(
    ("key", "problem"),
    [
        ("change.2.scale.hours", "names no change of leads_hand_back, which has 1"),
        ("change.1.because.x", "because is no table of keys"),
        ("change.1.scael", "Extra inputs are not permitted"),
        ("rules.lead_acepts_share.value", "no such rule"),
        ("limit.seed", "no such key"),
    ],
)
def test_keys_that_are_none(key: str, problem: str) -> None:
    """A key that the scenario does not know is told as in a file."""
    with pytest.raises(BadInput, match=problem):
        question_at("leads_hand_back", [(key, 1)])


@settings_of_test(deadline=None)
@given(st.lists(st.integers(1, 9), min_size=1, max_size=3))
def test_every_point_has_its_way_to_the_root(lengths: list[int]) -> None:
    """Parents are points of the grid one axis away, and lead to one root in few steps."""
    axes = [Axis(str(n), tuple(range(length))) for n, length in enumerate(lengths)]
    grid = points(axes)
    assert len(grid) == len(set(grid))
    roots = set()
    for point in grid:
        steps, above = 0, parent(axes, point)
        while above is not None:
            assert above in grid
            assert sum(a != b for a, b in zip(point, above, strict=True)) == 1
            point, above, steps = above, parent(axes, above), steps + 1
        roots.add(point)
        assert steps <= sum(length.bit_length() - 1 for length in lengths)
    assert len(roots) == 1


def test_a_grid_is_refused_whole() -> None:
    """Keys given twice and grids that are too large are told together."""
    many = [Axis(key, tuple(range(200))) for key in ("a", "b", "a")]
    with pytest.raises(BadInput) as told:
        points(many)
    assert '"a": is given twice' in str(told.value)
    assert "8,000,000 cases" in str(told.value)
