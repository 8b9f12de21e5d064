"""Bounds drawn in against every whole point between them."""

from __future__ import annotations

from itertools import product

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from allocate.core.compact import Bounds, compact
from allocate.core.program import FREE, Flat

COLUMNS = 4
ENTRY = st.lists(st.integers(-3, 3), min_size=COLUMNS, max_size=COLUMNS)
ROWS = st.lists(
    st.tuples(ENTRY, st.integers(-6, 6) | st.none(), st.integers(0, 6) | st.none()),
    min_size=1,
    max_size=4,
)
BOX = st.lists(st.tuples(st.integers(-2, 1), st.integers(0, 2)), min_size=COLUMNS, max_size=COLUMNS)


def flat(rows: list, box: list) -> Flat:
    """A program of whole columns; None is no bound, and a row's high is so far above its low."""
    low = np.array([-FREE if one is None else one for _, one, _ in rows])
    above = [FREE if more is None else (one or 0) + more for _, one, more in rows]
    lower = np.array([least for least, _ in box])
    return Flat(
        matrix=sparse.csr_matrix(np.array([entries for entries, _, _ in rows])),
        low=low,
        high=np.array(above),
        lower=lower,
        upper=lower + np.array([width for _, width in box]),
        whole=np.ones(COLUMNS, dtype=bool),
    )


def points(made: Flat) -> list[np.ndarray]:
    """Every whole point that keeps all rows and bounds."""
    box = product(*(range(a, b + 1) for a, b in zip(made.lower, made.upper, strict=True)))
    return [point for each in box if made.holds(point := np.array(each))]


@given(rows=ROWS, box=BOX)
def test_no_plan_is_lost(rows: list, box: list) -> None:
    """What keeps all rows is between the bounds drawn in; without any such bounds there is none."""
    made = flat(rows, box)
    drawn = Bounds(made.matrix, made.low, made.high).draw_in(made.lower, made.upper)
    kept = points(made)
    if drawn is None:
        assert kept == []
        return
    assert all(np.all(drawn[0] <= point) and np.all(point <= drawn[1]) for point in kept)


@given(rows=ROWS, box=BOX)
def test_what_is_left_says_the_same(rows: list, box: list) -> None:
    """Open columns and the rows over them allow what the program allows between its bounds."""
    made = flat(rows, box)
    part = compact(made, (made.lower, made.upper))
    spans = product(*(range(width + 1) for width in part.span))
    allowed = 0
    for each in spans:
        activity = part.matrix @ np.array(each, dtype=np.int64)
        allowed += bool(np.all(activity >= part.low) and np.all(activity <= part.high))
    # A row without open columns that settled ones break is not there: nothing could mend it.
    settled = made.matrix @ made.lower
    closed = np.asarray(abs(made.matrix[:, part.column]).sum(axis=1)).ravel() == 0
    if not np.any(closed & ((settled < made.low) | (settled > made.high))):
        assert allowed == len(points(made))


def test_a_row_closes_what_does_not_fit() -> None:
    """Of columns that weigh 3 and 2, in a row of 2, the first cannot be had, and the row goes."""
    made = flat([([3, 2, 0, 0], None, 2)], [(0, 1)] * COLUMNS)
    drawn = Bounds(made.matrix, made.low, made.high).draw_in(made.lower, made.upper)
    assert drawn is not None
    assert drawn[1].tolist() == [0, 1, 1, 1]
    assert compact(made, drawn).matrix.shape == (0, 3)
