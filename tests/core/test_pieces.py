"""Work in pieces: all of it once, in order, and the same sums with any number of threads."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from allocate.core import pieces
from allocate.core.bound import Relaxation, anneal
from allocate.core.pieces import cut, do
from allocate.core.structure import read
from helpers.assignments import draw, program


@given(st.lists(st.integers(0, 9), min_size=1, max_size=40), st.integers(1, 30))
def test_pieces_are_all_runs_in_order(sizes: list[int], size: int) -> None:
    """Every run is in one piece, and no piece but one of a long run is much above the size."""
    start = np.append(0, np.cumsum(sizes)).astype(np.int64)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pieces, "SIZE", size)
        found = cut(start)
    assert [i for piece in found for i in range(piece.start, piece.stop)] == list(range(len(sizes)))
    assert all(start[piece.stop] - start[piece.start] <= 2 * size + 9 for piece in found)


def test_what_comes_of_pieces_is_in_their_order() -> None:
    """With one thread as with three."""
    assert do(lambda x: x * x, range(7), 1) == do(lambda x: x * x, range(7), 3)
    assert do(str, range(3), 3) == ["0", "1", "2"]


def test_prices_do_not_depend_on_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same floats to the last digit, where the work is cut into many pieces."""
    monkeypatch.setattr(pieces, "SIZE", 3)
    made = program(draw(5))
    structure = read(made.flat())
    assert structure is not None
    cost = np.maximum(made.levels[0].coef, 0)
    relaxations = [Relaxation(structure, cost, threads) for threads in (1, 3)]
    assert len(relaxations[0].pieces) > 2
    prices = [anneal(relaxation).resource.tolist() for relaxation in relaxations]
    bounds = [one.relax(anneal(one)).bound for one in relaxations]
    assert prices[0] == prices[1]
    assert bounds[0] == bounds[1]
