"""Halving finds sets that are impossible and of which nothing can be left out."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from hypothesis import given
from hypothesis import strategies as st

from allocate.core.smallest import smallest

ITEMS = list(range(12))
CAUSES = st.lists(
    st.frozensets(st.sampled_from(ITEMS), min_size=1, max_size=5), min_size=1, max_size=4
)


def judged(causes: Sequence[frozenset[int]]) -> Callable[[Sequence[int]], bool]:
    """Impossible is whatever holds one of the causes."""
    return lambda some: any(cause <= set(some) for cause in causes)


@given(CAUSES, st.integers(min_value=0, max_value=3))
def test_it_is_impossible_and_nothing_can_be_left_out(
    causes: list[frozenset[int]], beside: int
) -> None:
    """What is found holds a cause, and without any one of it there is none."""
    impossible = judged(causes)
    found = smallest(ITEMS[beside:], impossible, ITEMS[:beside])
    assert impossible(found)
    for one in found:
        assert not impossible([other for other in found if other != one])


def test_earlier_items_are_named() -> None:
    """Of two causes the one that comes first is told."""
    assert smallest(ITEMS, judged([frozenset({8, 9}), frozenset({1, 2})])) == [1, 2]


@given(CAUSES, st.integers(min_value=0, max_value=30))
def test_want_of_proof_keeps_more_and_never_less(
    causes: list[frozenset[int]], answered: int
) -> None:
    """Where proof runs out after some questions, what is found is still impossible."""
    left = answered

    def impossible(some: Sequence[int]) -> bool:
        nonlocal left
        left -= 1
        return left >= 0 and judged(causes)(some)

    assert judged(causes)(smallest(ITEMS, impossible))


def test_items_that_are_looked_at_last_go_too() -> None:
    """What stands beside the others is left out where it is not needed."""
    assert smallest([1, 2, 3], judged([frozenset({3})]), beside=[0]) == [3]
