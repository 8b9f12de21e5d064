"""Public auctions: read, solved, recounted and written."""

from __future__ import annotations

import json
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from allocate.core.conflicts import conflicts, dominated
from allocate.core.packing_cuts import cliques, half_sums
from allocate.core.set_packing import solve_set_packing
from allocate.errors import BadInput, ReviewFailed
from allocate.public import wdp
from allocate.public.wdp import read_wdp, solve_file
from allocate.units import Ints
from helpers.cases import CommandLine

# Three goods; the dummy 3 makes bids 0 and 2 exclude each other, so that 1 and 2 win.
SMALL = """% an auction
goods 3
bids 4
dummy 1

0\t5.5\t0\t3\t#
1\t3.25\t1\t2\t#
2\t6\t0\t3\t#
3\t2\t2\t#
"""


def auction(folder: Path, text: str = SMALL) -> Path:
    """An auction as a file."""
    path = folder / "small.txt"
    path.write_text(text, encoding="ascii")
    return path


def test_a_file_is_solved_and_written(allocate: CommandLine, tmp_path: Path) -> None:
    """The command writes the winning bids, and says that no answer is above the bound."""
    out = tmp_path / "small.json"
    run = allocate(
        *("bench", "file", auction(tmp_path), "--family", "wdp"),
        *("--seconds", "20", "--seed", "1", "--out", out),
    )
    assert (run.code, run.err) == (0, "")
    assert "small.txt: 9.25, and no answer is above 9.25" in run.out
    record = json.loads(out.read_text(encoding="utf-8"))
    assert (record["objective"], record["bound"], record["answer"]) == (9.25, 9.25, [1, 2])


@pytest.mark.parametrize(
    ("was", "now", "told"),
    [
        ("3.25\t", "-3.25\t", "line 7.*has a negative price"),
        ("1\t2\t#", "1\t1\t#", "line 7.*lists a good twice"),
        ("1\t2\t#", "1\t4\t#", "line 7.*no whole number below 4"),
        ("1\t2\t#", "1\t2", "line 7.*no # at its end"),
        ("\n1\t3", "\n0\t3", "line 7.*is the id of line 6 too"),
        ("bids 4", "bids 5", "has 4 lines of bids, where 5 belong"),
        ("goods 3\n", "", "how many goods"),
        ("bids 4", "bids four", "line 3.*does not say how many bids"),
        ("3.25\t", "x\t", "line 7.*a price that is no number"),
    ],
)
def test_a_broken_file_is_refused(tmp_path: Path, was: str, now: str, told: str) -> None:
    """Each thing that can be wrong with a file is named with its line."""
    assert was in SMALL
    with pytest.raises(BadInput, match=told):
        read_wdp(auction(tmp_path, SMALL.replace(was, now, 1)))


def test_a_wrong_answer_is_not_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer that sells a good twice, or is above its bound, is refused by the recount."""
    path = auction(tmp_path)
    for found, bound in (([0, 2], 46.0), ([1, 2], 36.0)):
        answer = np.array(found), bound
        monkeypatch.setattr(wdp, "solve_set_packing", lambda *_, a=answer, **__: a)
        with pytest.raises(ReviewFailed):
            solve_file(path, 1, 1)


def best_by_hand(holds: Ints, prices: Ints) -> int:
    """The most that bids come to of which no two hold the same, by trying all."""
    n = len(prices)
    return max(
        int(prices[list(some)].sum())
        for size in range(n + 1)
        for some in combinations(range(n), size)
        if np.all(holds[list(some)].sum(axis=0) <= 1)
    )


@st.composite
def auctions(draw: st.DrawFn) -> tuple[Ints, Ints]:
    """Up to nine bids for up to six goods."""
    bids, goods = draw(st.integers(1, 9)), draw(st.integers(1, 6))
    row = st.sets(st.integers(0, goods - 1), min_size=1, max_size=3)
    holds = np.zeros((bids, goods), dtype=np.int64)
    for bid, held in enumerate(draw(st.lists(row, min_size=bids, max_size=bids))):
        holds[bid, list(held)] = 1
    prices = draw(st.lists(st.integers(0, 9), min_size=bids, max_size=bids))
    return holds, np.array(prices)


@given(auctions())
@settings(max_examples=40, deadline=None)
def test_small_auctions_agree_with_trying_all(auction: tuple[Ints, Ints]) -> None:
    """The best is found and proven."""
    holds, prices = auction
    found, bound = solve_set_packing(sparse.csr_matrix(holds), prices, seconds=20, seed=1)
    assert np.all(holds[found].sum(axis=0) <= 1)
    assert prices[found].sum() == best_by_hand(holds, prices) == round(bound)


@given(auctions())
@settings(max_examples=60, deadline=None)
def test_what_is_dominated_is_not_needed(auction: tuple[Ints, Ints]) -> None:
    """Without the bids that are dominated the best is as good."""
    holds, prices = auction
    left = ~dominated(conflicts(sparse.csr_matrix(holds)), prices)
    assert best_by_hand(holds[left], prices[left]) == best_by_hand(holds, prices)


@given(auctions(), st.integers(0, 2**31))
@settings(max_examples=100, deadline=None)
def test_cuts_are_kept_by_every_choice(auction: tuple[Ints, Ints], seed: int) -> None:
    """No choice breaks a row that is found, and the half choice that it was found for does."""
    holds, prices = auction
    values = np.random.default_rng(seed).integers(0, 3, len(prices)) / 2
    matrix = sparse.csr_matrix(holds.T)
    cuts = cliques(conflicts(sparse.csr_matrix(holds)), values, -prices.astype(float))
    cuts += half_sums(matrix, np.ones(holds.shape[1], dtype=np.int64), values)
    for size in range(len(prices) + 1):
        for some in combinations(range(len(prices)), size):
            if np.any(holds[list(some)].sum(axis=0) > 1):
                continue
            chosen = np.zeros(len(prices), dtype=np.int64)
            chosen[list(some)] = 1
            assert all(chosen[cut.thing] @ cut.amount <= cut.most for cut in cuts)
    assert all(values[cut.thing] @ cut.amount > cut.most for cut in cuts)


def test_a_ring_of_bids_is_decided() -> None:
    """Odd holes, which no clique cuts, are settled by half sums and the search."""
    goods = 45
    holds = np.zeros((goods, goods), dtype=np.int64)
    for bid in range(goods):
        holds[bid, [bid, (bid + 1) % goods]] = 1
    prices = np.random.default_rng(3).integers(90, 110, goods)
    found, bound = solve_set_packing(sparse.csr_matrix(holds), prices, seconds=60, seed=1)
    assert prices[found].sum() == round(bound)
    # The ring cut open at bid 0: the most without it and with it, whether the last bid is in.
    without, with_it = [0, -(10**9)], [-(10**9), int(prices[0])]
    for bid in range(1, goods):
        worth = int(prices[bid])
        without = [max(without), without[0] + worth]
        last = bid == goods - 1
        with_it = [max(with_it), -(10**9) if last else with_it[0] + worth]
    assert prices[found].sum() == max(*without, *with_it)
