"""Rows that every choice of things keeps and a linear program's half choices break.

Cliques: of things that all exclude each other at most one is chosen. Half sums: rows of whole
numbers added up and halved, rounded down (A. Caprara, M. Fischetti, {0, 1/2}-Chvatal-Gomory cuts,
1996), found by elimination over even and odd (A. Koster, A. Zymolka, M. Kutschka, Algorithms to
separate {0, 1/2}-Chvatal-Gomory cuts, 2009); odd holes of things are among them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy import sparse

from allocate.units import Floats, Ints

Bools = NDArray[np.bool_]

BROKEN = 1e-3  # a row that is broken by less is not worth its place
SOME = 0.1  # two things that are chosen by less together start no clique
HALVES = 150  # half sums of a round, at most


@dataclass(frozen=True)
class Cut:
    """A row ``sum of amount x thing <= most``."""

    thing: Ints
    amount: Ints
    most: int


@njit(cache=True)
def widened(exclude: Bools, clique: Ints, order: Ints) -> Ints:
    """Add things to a clique, as they come, until none is left that excludes all of it."""
    members = np.empty(len(exclude), dtype=np.int64)
    size = len(clique)
    members[:size] = clique
    for v in order:
        fits = True
        for a in range(size):
            if not exclude[v, members[a]]:
                fits = False
                break
        if fits:
            members[size] = v
            size += 1
    return np.sort(members[:size])


@njit(cache=True)
def _broken_cliques(exclude: Bools, values: Floats, some: Ints, order: Ints) -> list[Ints]:
    found = [np.zeros(0, dtype=np.int64)]
    for a in range(len(some)):
        for b in range(a + 1, len(some)):
            i, j = some[a], some[b]
            if not exclude[i, j] or values[i] + values[j] < SOME:
                continue
            clique = widened(exclude, np.array([i, j]), some)
            if values[clique].sum() > 1 + BROKEN:
                found.append(widened(exclude, clique, order))
    return found[1:]


def cliques(exclude: Bools, values: Floats, reduced: Floats) -> list[Cut]:
    """Find cliques that a solution of the linear program breaks, each as wide as can be.

    Parameters
    ----------
    exclude
        Which things exclude each other, (n, n).
    values, reduced
        How much of each thing is chosen, and its reduced cost, (n,).
    """
    some = np.flatnonzero(values > BROKEN)
    some = some[np.argsort(-values[some], kind="stable")]
    found = _broken_cliques(exclude, values, some, np.argsort(reduced, kind="stable"))
    different = {tuple(clique.tolist()) for clique in found}
    return [Cut(np.array(one), np.ones(len(one), dtype=np.int64), 1) for one in sorted(different)]


@njit(cache=True)
def _odd(parity: Bools, odd: Bools, slack: Floats, values: Floats, used: Bools) -> list[int]:
    """Add rows up until some are odd on the right, even on the left but for little, and tight."""
    rows, columns = parity.shape
    waits = np.ones(rows, dtype=np.bool_)
    found = [0]
    for column in range(columns):
        pivot = -1
        for r in range(rows):
            if waits[r] and parity[r, column] and (pivot < 0 or slack[r] < slack[pivot]):
                pivot = r
        if pivot < 0:
            continue
        waits[pivot] = False
        for r in range(rows):
            if not waits[r] or not parity[r, column]:
                continue
            parity[r] ^= parity[pivot]
            used[r] ^= used[pivot]
            odd[r] ^= odd[pivot]
            slack[r] += slack[pivot]
            if slack[r] >= 1:
                waits[r] = False
            elif odd[r] and slack[r] + (parity[r] * values).sum() < 1 - 2 * BROKEN:
                waits[r] = False
                found.append(r)
    return found[1:]


def half_sums(matrix: Any, most: Ints, values: Floats) -> list[Cut]:
    """Find half sums of rows that a solution of the linear program breaks.

    Parameters
    ----------
    matrix, most
        Rows: whole numbers, sparse (rows, n), and what each comes to at most, (rows,).
    values
        How much of each thing is chosen, (n,).
    """
    some = np.flatnonzero((values > BROKEN) & (values < 1 - BROKEN))
    some = some[np.argsort(-values[some], kind="stable")]
    slack = np.maximum(most - matrix @ values, 0.0)
    tight = np.flatnonzero(slack < SOME)
    parity = matrix[tight][:, some].toarray() % 2 == 1
    used = np.eye(len(tight), dtype=bool)
    rows = _odd(parity, most[tight] % 2 == 1, slack[tight], values[some], used)
    cuts = []
    for row in rows[:HALVES]:
        together = sparse.csr_matrix(used[row].astype(np.int64)) @ matrix[tight]
        amount = together.toarray().ravel() // 2
        limit = int(most[tight][used[row]].sum()) // 2
        if amount @ values > limit + BROKEN:
            things = np.flatnonzero(amount)
            cuts.append(Cut(things, amount[things], limit))
    return cuts
