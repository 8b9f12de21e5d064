"""Set packing: things that hold goods, the best of them of which no two hold the same.

Things in whose place another can be chosen are left out, the rest falls into parts that have
nothing to do with each other, and each part is searched: by our own tree over cliques and half sums
where few things exclude each other, by HiGHS over cliques where most do.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from math import inf
from typing import Any

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from allocate.core.conflicts import Bools, conflicts, dominated
from allocate.core.outcome import Answer, Problem
from allocate.core.packing_cuts import widened
from allocate.core.program import FREE, Flat
from allocate.core.swaps import good_independent
from allocate.core.worker import borrowed
from allocate.units import Ints

TREE, GENERAL = "allocate.core.packing_tree", "allocate.core.highs"
DENSE = 0.3  # of all pairs: where more exclude each other, HiGHS is quicker than the tree
EXCHANGES = 30_000


def solve_set_packing(holds: Any, prices: Ints, *, seconds: float, seed: int) -> tuple[Ints, float]:
    """Choose things worth most.

    Parameters
    ----------
    holds
        What each thing holds, sparse 0-1 whole numbers (n, goods).
    prices
        What each is worth, whole and not negative, (n,).
    seconds, seed
        When to stop, and the seed of everything random.

    Returns
    -------
    tuple
        Positions of the things chosen; and a bound that no choice goes above.
    """
    ends = time.monotonic() + seconds
    exclude = conflicts(holds)
    left = np.flatnonzero(~dominated(exclude.copy(), prices))
    exclude, goods = exclude[np.ix_(left, left)], holds[left]
    graph: Any = sparse.csr_matrix(exclude)
    count, part = connected_components(graph, directed=False)
    parts = sorted((np.flatnonzero(part == p) for p in range(count)), key=len)
    chosen, bound = [], 0.0
    for number, of in enumerate(parts):
        share = (ends - time.monotonic()) / (len(parts) - number)
        worth = prices[left[of]]
        found, most = _part(exclude[np.ix_(of, of)], goods[of], worth, share, seed)
        chosen.append(left[of][found])
        bound += most
    return np.sort(np.concatenate([np.zeros(0, dtype=np.int64), *chosen])), bound


def _part(
    exclude: Bools, goods: Any, prices: Ints, seconds: float, seed: int
) -> tuple[Ints, float]:
    """Choose from a part; returns positions in it, and a bound."""
    if len(prices) == 1:
        return np.zeros(1, dtype=np.int64), float(prices[0])
    start = np.concatenate([[0], np.cumsum(exclude.sum(axis=1))])
    other = np.nonzero(exclude)[1]
    plan = good_independent(start, other, prices, np.random.default_rng(seed), EXCHANGES)
    problem = Problem(
        _program(exclude, goods, prices), -prices, plan.astype(np.int64), seconds, 0.0, seed
    )
    module = GENERAL if exclude.mean() > DENSE else TREE
    with borrowed(module) as worker:
        answer: Answer = worker.solve(problem, lambda *_: None, lambda: False)
    values = problem.start if answer.values is None else answer.values
    assert values is not None
    known = answer.bound if answer.bound > -inf else -float(prices.sum())
    return np.flatnonzero(values), -known


def _program(exclude: Bools, goods: Any, prices: Ints) -> Flat:
    """A row for each good, widened to a clique: at most one of its things is chosen."""
    order = np.argsort(-prices, kind="stable")
    cliques = sorted({tuple(widened(exclude, each, order).tolist()) for each in _holders(goods)})
    sizes = [len(clique) for clique in cliques]
    columns = np.concatenate([np.array(clique) for clique in cliques])
    ones = np.ones(len(columns), dtype=np.int64)
    rows = sparse.csr_matrix(
        (ones, columns, np.cumsum([0, *sizes])), shape=(len(cliques), len(prices))
    )
    return Flat(
        matrix=rows,
        low=np.full(len(cliques), -FREE),
        high=np.ones(len(cliques), dtype=np.int64),
        lower=np.zeros(len(prices), dtype=np.int64),
        upper=np.ones(len(prices), dtype=np.int64),
        whole=np.ones(len(prices), dtype=bool),
    )


def _holders(goods: Any) -> Iterator[Ints]:
    """Things that hold each good that any does."""
    columns = goods.tocsc()
    for first, last in zip(columns.indptr[:-1], columns.indptr[1:], strict=True):
        if last > first:
            yield np.sort(columns.indices[first:last]).astype(np.int64)
