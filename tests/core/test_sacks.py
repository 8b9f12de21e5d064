"""Knapsacks against trying every set of items."""

from __future__ import annotations

from itertools import product

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from allocate.core.sacks import fill, forced

ITEMS = st.lists(st.tuples(st.integers(1, 9), st.integers(-5, 20)), min_size=1, max_size=7)


def best(items: list[tuple[int, int]], room: int, at: int, inside: bool | None) -> float:
    """The most that a sack is worth, with one item in it or out of it, if that is asked."""
    found = [-np.inf]
    for taken in product([False, True], repeat=len(items)):
        chosen = [item for item, t in zip(items, taken, strict=True) if t]
        if sum(weight for weight, _ in chosen) <= room and inside in (None, taken[at]):
            found.append(float(sum(worth for _, worth in chosen)))
    return max(found)


@settings(deadline=None)  # the first example waits for loops to be compiled
@given(ITEMS, st.integers(0, 25), ITEMS, st.integers(0, 25))
def test_sacks_hold_what_is_worth_most(
    one: list[tuple[int, int]], small: int, two: list[tuple[int, int]], large: int
) -> None:
    """Two sacks beside each other: what each is worth, free and with each item forced."""
    first = np.array([0, len(one), len(one) + len(two)])
    weight, worth = np.array(one + two).T
    worth = worth.astype(float)
    room = np.array([small, large])
    chosen = np.zeros(len(weight), dtype=bool)
    total = fill(first, weight, worth, room, chosen)
    inside, outside = np.empty(len(weight)), np.empty(len(weight))
    forced(first, weight, worth, room, inside, outside)
    for k, items in enumerate((one, two)):
        mine = slice(first[k], first[k + 1])
        assert total[k] == worth[mine][chosen[mine]].sum() == best(items, room[k], 0, None)
        assert weight[mine][chosen[mine]].sum() <= room[k]
        for at in range(len(items)):
            assert inside[mine][at] == best(items, room[k], at, True)
            assert outside[mine][at] == best(items, room[k], at, False)
