"""All best choices of some columns: plans that are as good as a best one on every level."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from scipy import sparse

from allocate.core.kept import keep
from allocate.core.outcome import CLOSED, IMPOSSIBLE, Answer, Problem
from allocate.core.program import FREE, Flat, Program, ints
from allocate.core.worker import borrowed
from allocate.units import Ints


def all_best(
    program: Program,
    values: Ints,
    chosen: Ints,
    module: str,
    *,
    seconds: float,
    seed: int,
    most: int,
    stop: Callable[[], bool],
) -> tuple[list[Ints], bool]:
    """List plans that are as good as a best one on every level, and choose otherwise.

    Each plan found is forbidden by a row, ``sum of what it does not choose - sum of what it chooses
    >= 1 - number that it chooses``, until the best that is left is worse on the last level.

    Parameters
    ----------
    program, values
        The program, and a best plan of it, (columns,).
    chosen
        0-1 columns by which plans are told apart.
    module
        Solver module that a worker loads.
    seconds, seed
        Limits.
    most
        Plans, at most.
    stop
        Asked again and again.

    Returns
    -------
    tuple
        Plans, the one given first; and whether it is proven that there are no others.
    """
    ends = time.monotonic() + seconds
    flat = program.flat()
    *before, last = program.levels
    for level in before:
        flat = keep(flat, level.coef, int(level.coef @ values))
    best, found = int(last.coef @ values), [values]
    with borrowed(module) as worker:
        while len(found) < most and time.monotonic() < ends and not stop():
            left = ends - time.monotonic()
            problem = Problem(_without(flat, found, chosen), last.coef, None, left, 0.0, seed)
            answer: Answer = worker.solve(problem, lambda *_: None, stop)
            if answer.values is None:
                return found, answer.why == IMPOSSIBLE
            if not problem.flat.holds(answer.values) or last.coef @ answer.values > best:
                return found, answer.why == CLOSED
            found.append(answer.values)
    return found, False


def _without(flat: Flat, plans: Sequence[Ints], chosen: Ints) -> Flat:
    """Forbid plans by their choices."""
    rows = np.zeros((len(plans), flat.matrix.shape[1]), dtype=np.int64)
    for row, values in zip(rows, plans, strict=True):
        row[chosen] = 1 - 2 * values[chosen]
    low = ints([1 - int(values[chosen].sum()) for values in plans])
    return replace(
        flat,
        matrix=sparse.vstack([flat.matrix, sparse.csr_matrix(rows)], format="csr"),
        low=np.append(flat.low, low),
        high=np.append(flat.high, np.full(len(plans), FREE)),
    )
