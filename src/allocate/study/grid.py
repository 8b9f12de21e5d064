"""The grid of a sweep: every combination of its axes, and the fixed parent of each.

An axis is halved again and again: its middle value is the root, the middle of each half starts
from it, and so on. So a parent is near its children, and most cases have their turn early: many
can be solved at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from itertools import product
from math import prod
from typing import Any

from allocate.errors import BadInput, Fault
from allocate.study.axis import MOST, Axis

Point = tuple[int, ...]  # the place of a case on each axis


def points(axes: Sequence[Axis]) -> list[Point]:
    """Return every point of a grid, the last axis turning fastest.

    Raises
    ------
    BadInput
        Where an axis stands twice, or there are too many points.
    """
    keys = [key for axis in axes for key in axis.keys]
    faults = [
        Fault("--over", f'"{key}"', "is given twice", "Put all its values into one --over")
        for key in sorted({key for key in keys if keys.count(key) > 1})
    ]
    count = prod(len(axis.values) for axis in axes)
    if count > MOST:
        problem = f"{count:,} cases, and a sweep has at most {MOST:,}"
        faults.append(Fault("--over", "", problem, "Take fewer values"))
    if faults:
        raise BadInput("the command line", faults)
    return list(product(*(range(len(axis.values)) for axis in axes)))


def settings(axes: Sequence[Axis], point: Point) -> list[tuple[str, Any]]:
    """Return the keys and values of a point."""
    return [pair for axis, place in zip(axes, point, strict=True) for pair in axis.at(place)]


def parent(axes: Sequence[Axis], point: Point) -> Point | None:
    """Return the point that a point starts from, one axis away; None for the root."""
    halved = [_halves(len(axis.values))[place] for axis, place in zip(axes, point, strict=True)]
    deepest = max(range(len(point)), key=lambda axis: (halved[axis][0], axis), default=None)
    if deepest is None or halved[deepest][0] == 0:
        return None
    return (*point[:deepest], halved[deepest][1], *point[deepest + 1 :])


@cache
def _halves(count: int) -> dict[int, tuple[int, int]]:
    """Depth and parent of each of so many places, halved again and again."""
    return {place: (depth, above) for place, depth, above in _halved(0, count, 0, -1)}


def _halved(first: int, end: int, depth: int, above: int) -> Iterator[tuple[int, int, int]]:
    """Yield place, depth and parent of the places from ``first`` up to ``end``."""
    if first < end:
        middle = (first + end) // 2
        yield middle, depth, above
        yield from _halved(first, middle, depth + 1, middle)
        yield from _halved(middle + 1, end, depth + 1, middle)
