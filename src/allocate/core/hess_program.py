"""The model of Hess over the pairs that are still open, settled by HiGHS.

A lot in pieces is answered with separators that no connected lot breaks, until all lots are
connected (E. Oehrlein & J.-H. Haunert, Journal of Spatial Information Science 15, 2017).
"""

from __future__ import annotations

from fractions import Fraction
from math import ceil, inf

import numpy as np
from scipy import sparse

from allocate.core.outcome import CLOSED, IMPOSSIBLE, Problem
from allocate.core.partition import Bools, Partition, in_order
from allocate.core.program import FREE, Flat, Program
from allocate.core.pursuit import Pursuit
from allocate.core.separators import pieces, separator
from allocate.core.worker import borrowed
from allocate.units import Ints

HIGHS = "allocate.core.highs"


def settle(pursuit: Pursuit, way: Ints, open_: Bools, seed: int) -> None:
    """Find the best plan among open pairs, and what no plan among them goes below.

    Parameters
    ----------
    pursuit
        What is parted; no plan better than the best so far has other pairs.
    way, open_
        Of each cell to each centre, and which of these pairs are open, (n, n).
    seed
        Of the solver.
    """
    partition = pursuit.partition
    cell, centre = np.nonzero(open_)
    program = _program(partition, way, cell, centre)
    column = np.full(open_.shape, -1)
    column[cell, centre] = np.arange(len(cell))
    flat = program.flat()

    def proved(_: float | None, bound: float | None) -> None:
        if bound is not None and bound < inf:
            pursuit.proved(whole(bound))

    while not pursuit.over():
        problem = Problem(flat, program.levels[0].coef, None, pursuit.left, gap=0.0, seed=seed)
        with borrowed(HIGHS) as worker:
            answer = worker.solve(problem, proved, pursuit.over)
        if answer.why == IMPOSSIBLE:
            pursuit.proved(inf)
            return
        proved(None, answer.bound)
        if answer.values is None:
            return
        chosen = np.flatnonzero(answer.values)
        of = np.empty(partition.cells, dtype=np.int64)
        of[cell[chosen]] = centre[chosen]
        broken = _broken(partition, of, column) if partition.contiguous else []
        if not broken:
            lots = in_order(of)
            if answer.why == CLOSED:
                pursuit.proved(float(partition.total(lots) or 0))
            pursuit.met(lots)
            return
        if answer.why != CLOSED:
            return
        flat = _with_rows(flat, broken)


def whole(bound: float) -> float:
    """Lift a bound of floats to a whole step."""
    return float(ceil(bound - 1e-6 - 1e-11 * abs(bound))) if bound > -inf else bound


def _program(partition: Partition, way: Ints, cell: Ints, centre: Ints) -> Program:
    """Write the model of Hess over open pairs."""
    n = partition.cells
    program = Program()
    column = program.columns("assign", len(cell))
    own = np.full(n, -1)
    own[centre[cell == centre]] = column[cell == centre]
    others = np.flatnonzero(cell != centre)
    row = np.arange(len(others))
    program.require("each_cell_once", "choose", [(cell, column, 1)], low=1, high=1, rows=n)
    program.require(
        "assigned_to_centres",
        "link",
        [(row, column[others], 1), (row, own[centre[others]], -1)],
        high=0,
        rows=len(others),
    )
    size, at = partition.size[cell], np.flatnonzero(own >= 0)
    for name, sign, limit in (
        ("balanced_below", 1, partition.upper),
        ("balanced_above", -1, partition.lower),
    ):
        entries = [(centre, column, sign * size), (at, own[at], -sign * limit)]
        program.require(name, "free", entries, high=0, rows=n)
    program.require(
        "number_of_lots",
        "free",
        [(0, own[at], 1)],
        low=partition.least,
        high=partition.most,
        rows=1,
    )
    if partition.contiguous:
        _neighbours(program, partition, cell, centre)
    a, b = partition.together.T
    for one, other in zip(a.tolist(), b.tolist(), strict=True):
        entries = [
            (centre[cell == one], column[cell == one], 1),
            (centre[cell == other], column[cell == other], -1),
        ]
        program.require(f"kept_together_{one}_{other}", "free", entries, low=0, high=0, rows=n)
    program.level("way", way[cell, centre], Fraction(1))
    return program


def _neighbours(program: Program, partition: Partition, cell: Ints, centre: Ints) -> None:
    """Each cell has a neighbour in its lot, if it does not touch the centre."""
    n = partition.cells
    edges = np.concatenate([partition.edges, partition.edges[:, ::-1]])
    touches = sparse.csr_matrix((np.ones(len(edges), bool), edges.T), shape=(n, n))
    column = sparse.csr_matrix((1 + np.arange(len(cell)), (cell, centre)), shape=(n, n)).tocsc()
    far = (cell != centre) & ~np.asarray(touches[cell, centre], dtype=bool).ravel()
    row, entries = 0, []
    for j in np.unique(centre):
        mine = np.flatnonzero(far & (centre == j))
        of = np.zeros(n, dtype=np.int64)
        of[column.indices[column.indptr[j] : column.indptr[j + 1]]] = column.data[
            column.indptr[j] : column.indptr[j + 1]
        ]
        at, beside = touches[cell[mine]].nonzero()
        there = of[beside] > 0
        entries += [
            (row + np.arange(len(mine)), mine, 1),
            (row + at[there], of[beside[there]] - 1, -1),
        ]
        row += len(mine)
    program.require("beside_its_lot", "link", entries, high=0, rows=row)


def _broken(partition: Partition, of: Ints, column: Ints) -> list[tuple[Ints, Ints]]:
    """Rows that a plan breaks whose lots are in pieces: columns and amounts, at most nought.

    Each cell of a piece without the centre needs one of those that part the piece from the centre;
    that holds of every centre, and is said of all that it may be.
    """
    rows = []
    graph = partition.graph
    for centre in np.unique(of).tolist():
        for piece in pieces(graph, np.flatnonzero(of == centre).tolist()):
            if centre in piece:
                continue
            between = separator(graph, piece, centre)
            for cell in piece:
                columns = column[[cell, *between], centre]
                amounts = np.array([1, *[-1] * len(between)])
                rows.append((columns[columns >= 0], amounts[columns >= 0]))
    return rows


def _with_rows(flat: Flat, rows: list[tuple[Ints, Ints]]) -> Flat:
    """Return a program with rows more, each at most nought."""
    starts = np.cumsum([0, *(len(columns) for columns, _ in rows)])
    columns, amounts = (np.concatenate([row[at] for row in rows]) for at in (0, 1))
    more = sparse.csr_matrix((amounts, columns, starts), shape=(len(rows), flat.matrix.shape[1]))
    return Flat(
        matrix=sparse.vstack([flat.matrix, more], format="csr"),
        low=np.append(flat.low, np.full(len(rows), -FREE)),
        high=np.append(flat.high, np.zeros(len(rows), dtype=np.int64)),
        lower=flat.lower,
        upper=flat.upper,
        whole=flat.whole,
    )
