"""Exact prices: the linear program over few columns, checked against all of them.

Near the right prices few options of a group are near its cheapest. The linear program over those
alone has duals; the bound at them looks at every option, and tells which were missing (sifting,
Bixby et al. 1992).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy import sparse

from allocate.core.bound import Prices, Relaxation, Relaxed
from allocate.core.highs import linear
from allocate.core.outcome import Problem
from allocate.core.program import FREE
from allocate.core.structure import Bools, Structure, best_of
from allocate.units import Floats, Ints

ROUNDS = 4
CLOSE = 1e-7  # relative: the bound is as good as the linear program's value
NEAR = 3.0  # times the mean cost of a group: options of a larger regret are left out at first


@dataclass(frozen=True)
class Sifted:
    """Prices and what comes of them, with the solution of the linear program.

    Parameters
    ----------
    prices, relaxed
        The best found.
    share
        Value of each option, (J,); None where no linear program was solved.
    led
        Alternative of each block that has the largest value in it, (B,).
    """

    prices: Prices
    relaxed: Relaxed
    share: Floats | None
    led: Ints


def sift(
    relaxation: Relaxation,
    prices: Prices,
    problem: Problem,
    *,
    until: float,
    stop: Callable[[], bool],
    most: float | None = None,
) -> Sifted:
    """Solve linear programs over near options until the bound meets their value.

    Parameters
    ----------
    relaxation, prices
        Where to start from.
    problem
        The rows, and limits.
    until
        Time of ``time.monotonic`` at which to stop.
    stop
        Asked again and again.
    most
        Options of a larger regret are left out at first; as ``near`` has it, if not given.
    """
    s = relaxation.structure
    now = relaxation.relax(prices)
    best = Sifted(prices, now, None, now.led)
    tight = tightened(s, problem)
    core = np.zeros(len(s.option), dtype=bool)
    for _ in range(ROUNDS):
        if stop() or time.monotonic() > until:
            break
        regret = now.reduced - now.reduced[now.choice][s.group]
        core |= regret <= (near(relaxation, best.relaxed.bound) if most is None else most)
        kept = np.ones(len(tight.cost), dtype=bool)
        kept[s.option[~core]] = False
        left = max(0.1, until - time.monotonic())
        found = linear(replace(only(tight, kept), seconds=left), stop)
        if found is None:
            if core.all():
                break
            core[:] = True  # what is near is too little to keep every row
            continue
        at = relaxation.nothing()
        at.resource = np.maximum(-found.prices[s.resource], 0.0)
        values = np.zeros(len(kept))
        values[kept] = found.values
        at.growth = _growth_prices(relaxation, at.resource, values)
        now = relaxation.relax(at)
        led = _leading(s, values)
        if now.bound > best.relaxed.bound:
            best = Sifted(at, now, values[s.option], led)
        elif best.share is None:
            best = replace(best, share=values[s.option], led=led)
        if found.value - now.bound <= CLOSE * max(abs(found.value), 1.0):
            break
    return best


def near(relaxation: Relaxation, bound: float) -> float:
    """Return how much regret an option may have, at first, where the bound is so high."""
    return NEAR * max(bound, 1.0) / (len(relaxation.structure.start) - 1)


def only(problem: Problem, kept: Bools) -> Problem:
    """Return some columns of a problem; the others are nought, as options nobody has to take."""
    flat = problem.flat
    return replace(
        problem,
        cost=problem.cost[kept],
        flat=replace(
            flat,
            matrix=flat.matrix[:, kept],
            lower=flat.lower[kept],
            upper=flat.upper[kept],
            whole=flat.whole[kept],
        ),
    )


def tightened(s: Structure, problem: Problem) -> Problem:
    """The linear program in which credits are no more than option and alternative each allow.

    One column and two rows a credit, where the program has one row for all of an alternative's:
    both say the same once alternatives are whole, and this says more before.
    """
    flat = problem.flat
    size, count = flat.matrix.shape[1], len(s.credit)
    whose = np.repeat(np.arange(len(s.alternative)), np.diff(s.credit_start))
    row, own = np.arange(count), size + np.arange(count)
    counted = np.flatnonzero(s.given >= 0)
    at = np.full(len(s.given), -1)
    at[counted] = np.arange(len(counted))
    used = at[whose] >= 0
    more = [
        ((at[counted], s.given[counted], 1), (at[whose][used], own[used], -s.credit[used])),
        ((row, own, 1), (row, s.option[s.credit_option], -1)),
        ((row, own, 1), (row, s.alternative[whose], -1)),
    ]
    sizes = (len(counted), count, count)
    blocks = [_rows(parts, rows, size + count) for parts, rows in zip(more, sizes, strict=True)]
    wider = sparse.hstack([flat.matrix, sparse.csr_matrix((flat.matrix.shape[0], count))])
    new = sum(sizes)
    return replace(
        problem,
        start=None,
        cost=np.append(problem.cost, np.zeros(count, dtype=np.int64)),
        flat=replace(
            flat,
            matrix=sparse.vstack([wider, *blocks], format="csr"),
            low=np.append(flat.low, np.full(new, -FREE)),
            high=np.append(flat.high, np.zeros(new, dtype=np.int64)),
            lower=np.append(flat.lower, np.zeros(count, dtype=np.int64)),
            upper=np.append(flat.upper, np.ones(count, dtype=np.int64)),
            whole=np.zeros(size + count, dtype=bool),
        ),
    )


def _rows(parts: Sequence[tuple[Any, Any, Any]], rows: int, columns: int) -> Any:
    """Rows from entries (row, column, amount)."""
    row, col, amount = (
        np.concatenate([np.broadcast_to(part[i], np.shape(part[0])) for part in parts])
        for i in range(3)
    )
    return sparse.csr_matrix((amount, (row, col)), shape=(rows, columns))


def _leading(s: Structure, values: Floats) -> Ints:
    """The alternative of each block with the largest value."""
    start = np.searchsorted(s.block, np.arange(len(s.target) + 1))
    return best_of(start, values[s.alternative]) if len(s.target) else start[:0]


def _growth_prices(relaxation: Relaxation, price: Floats, values: Floats) -> Floats:
    """Price growth at what it saves, shared by the alternatives that bring it."""
    if not len(relaxation.growers):
        return np.zeros(0)
    s = relaxation.structure
    saves = np.maximum(-(s.use[relaxation.growers] @ price), 0.0)
    brought = relaxation.grower_of
    leads = values[s.alternative]
    times = np.bincount(brought[brought >= 0], leads[brought >= 0], minlength=len(saves))
    return saves / np.maximum(times, 1.0)
