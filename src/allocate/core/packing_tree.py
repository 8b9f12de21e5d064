"""Things of which no two exclude each other, by a linear program and branch and bound.

Loaded only inside a worker. The linear program has a row for each clique that is known, learns of
more (``packing_cuts.py``), and things that no better choice has are left out by their reduced costs
before the search begins.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from math import ceil, inf, isinf
from typing import Any

import numpy as np
from scipy import sparse

from allocate.core.branching import Leaf, Tree
from allocate.core.conflicts import conflicts
from allocate.core.lazy import Lazy, Solved
from allocate.core.network import Row
from allocate.core.outcome import ASKED, CLOCK, CLOSED, Answer, Problem, Report, Stopped
from allocate.core.packing_cuts import Cut, cliques, half_sums
from allocate.units import Ints

HALF_ROUNDS = 8  # of half sums: more rows slow the search down by more than they bring
ROUNDS = 40
HAIR = 1e-3  # of a step
STEP = 0.999  # values are whole: less than one step apart is equal


def solve(problem: Problem, report: Report, stopped: Stopped) -> Answer:
    """Choose things worth most.

    Parameters
    ----------
    problem
        ``flat`` has a 0-1 column for each thing, and rows of cliques that say all that excludes;
        the cost of a column is what it is worth, negative; ``start`` is a choice that excludes
        nothing.
    report
        Called with each better bound.
    stopped
        Asked again and again.
    """
    flat, start = problem.flat, problem.start
    assert start is not None
    ends = time.monotonic() + problem.seconds
    rows, count = flat.matrix.shape
    scale = float(max(1, np.abs(problem.cost).max()))
    cost = problem.cost / scale
    lazy = Lazy(
        flat, cost, np.full(count, -1), np.zeros(rows, dtype=bool), ends=ends, stopped=stopped
    )
    found = [Leaf(float(cost @ start), start.astype(float))]
    step = STEP / scale
    root = _closed(lazy, problem, found[-1].value, step)
    bound = -inf if root is None else root.value
    if root is not None and bound < found[-1].value - step:
        left = root.reduced <= found[-1].value - bound
        shut = np.flatnonzero(~left)
        lazy.limit(shut, np.zeros(len(shut)), np.zeros(len(shut)))
        tree = Tree(
            lazy,
            np.flatnonzero(left),
            found,
            gap=step / abs(found[-1].value),
            most=inf,
            until=ends,
            report=lambda least: report(None, None, _whole(least, scale)),
            stopped=stopped,
        )
        tree.run()
        bound = max(bound, tree.bound)
    values = np.rint(found[-1].values).astype(np.int64)
    best = int(problem.cost @ values)
    least = min(best, _whole(bound, scale))
    why = CLOSED if least == best else ASKED if stopped() else CLOCK
    return Answer(values, least, why, timed=why != CLOSED)


def _whole(bound: float, scale: float) -> float:
    """The least whole value that is not below a bound; a hair above one is rounding."""
    return bound if isinf(bound) else ceil(bound * scale - HAIR)


def _closed(lazy: Lazy, problem: Problem, best: float, step: float) -> Solved | None:
    """Solve the linear program with more and more rows; None where time is up."""
    exclude = conflicts(problem.flat.matrix.T)
    matrix, most = problem.flat.matrix, problem.flat.high
    solved, halves = lazy.solve(), 0
    for _ in range(ROUNDS):
        if solved is None or solved.value >= best - step:
            break
        cuts = cliques(exclude, solved.values, solved.reduced)
        if not cuts and halves < HALF_ROUNDS:
            cuts, halves = half_sums(matrix, most, solved.values), halves + 1
        if not cuts:
            break
        matrix, most = _with(matrix, most, cuts)
        lazy.add([Row(cut.thing, -cut.amount.astype(float), -cut.most, 0.0) for cut in cuts])
        more = lazy.solve()
        if more is not None:
            lazy.thin(more, inf)
        solved = more
    return solved


def _with(matrix: Any, most: Ints, cuts: Sequence[Cut]) -> tuple[Any, Ints]:
    """Add rows to a matrix."""
    ends = np.cumsum([0, *(len(cut.thing) for cut in cuts)])
    thing, amount = (
        np.concatenate([getattr(cut, part) for cut in cuts]) for part in ("thing", "amount")
    )
    rows = sparse.csr_matrix((amount, thing, ends), shape=(len(cuts), matrix.shape[1]))
    together = sparse.vstack([matrix, rows], format="csr")
    return together, np.append(most, [cut.most for cut in cuts])
