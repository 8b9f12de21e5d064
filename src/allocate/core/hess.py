"""Partitions by centres: prices bound them, annealing finds plans, HiGHS settles what is open.

Prices of cells and of balance prove of most pairs of a cell and a centre that no plan as good as
the one in hand has them (H. Validi, A. Buchanan & E. Lykhovyd, Operations Research 70, 2022). HiGHS
decides about the others; a lot in pieces is answered with separators that no connected lot breaks,
until all lots are connected (E. Oehrlein & J.-H. Haunert, Journal of Spatial Information Science
15, 2017).
"""

from __future__ import annotations

import time
from fractions import Fraction
from math import ceil, inf

import networkx as nx
import numpy as np
from scipy import sparse

from allocate.core.annealing import anneal, grown
from allocate.core.hess_bound import CentrePrices, assignment_bounds, centre_prices, proven
from allocate.core.outcome import CLOSED, IMPOSSIBLE, Problem
from allocate.core.partition import Bools, Partition, in_order
from allocate.core.program import FREE, Flat, Program
from allocate.core.separators import pieces, separator
from allocate.core.worker import borrowed
from allocate.units import Ints

HIGHS = "allocate.core.highs"
EARLY_SHARE, SEARCH_SHARE = 0.3, 0.95  # of the time: before HiGHS is asked, and where it never is
RUNS, LONG = 2, 6  # of annealing between two bounds, where few pairs or many are open
FEW = 1500  # pairs that HiGHS decides about in seconds
STEPS = 2000  # moves of annealing a cell at each temperature
STALLED = 8  # runs of annealing that find nothing better
MOST_OPEN = 30_000  # pairs that HiGHS is asked about
AGAIN, WARM = 0.5, 0.3  # how often a run begins with the best plan, and with how much of the heat


def solve_centres(
    partition: Partition, way: Ints, *, seconds: float, seed: int
) -> tuple[Ints | None, float]:
    """Part cells into lots, each around a centre, at the least cost.

    Parameters
    ----------
    partition
        Cells and limits; its cost is by centres.
    way
        Of each cell to each centre, whole and never negative, (n, n).
    seconds, seed
        When to stop, and the seed of everything random.

    Returns
    -------
    tuple
        Lot of each cell, (n,), or None where no plan was found; and a bound that no plan goes
        below: ``inf`` where it is proven that there is none.
    """
    began = time.monotonic()
    if not partition.shares_fit():
        return None, inf
    search = _Search(partition, way, seed)
    early = began + EARLY_SHARE * seconds
    while True:
        search.run(early, RUNS)
        bounds = search.bounds()
        if (
            search.open(bounds).sum() <= FEW
            or search.stalled >= STALLED
            or time.monotonic() > early
        ):
            break
    while (
        search.open(bounds).sum() > MOST_OPEN and time.monotonic() < began + SEARCH_SHARE * seconds
    ):
        search.run(began + SEARCH_SHARE * seconds, LONG)
        bounds = search.bounds()
    bound, open_ = proven(bounds), search.open(bounds)
    if bound >= search.value:
        return search.best, search.value
    left = began + seconds - time.monotonic()
    if open_.sum() > MOST_OPEN or left <= 0:
        return search.best, bound
    found, least = _settle(partition, way, open_, left, seed)
    if found is not None and (partition.total(found) or 0) < search.value:
        search.met(found)
    if search.best is None:
        return None, inf if least == inf else max(bound, least)
    return search.best, min(max(bound, least), search.value)


class _Search:
    """The best plan so far, and prices to bound it by."""

    def __init__(self, partition: Partition, way: Ints, seed: int) -> None:
        self._partition, self._way = partition, way
        self._rng = np.random.default_rng(seed)
        self.best: Ints | None = None
        self.value: float = inf
        self.stalled = 0
        self._prices: CentrePrices = centre_prices(partition, way, None)
        self._bounds = assignment_bounds(partition, way, self._prices)

    def met(self, lots: Ints) -> None:
        """Take a plan if it is better."""
        value = self._partition.total(lots)
        if value is not None and value < self.value:
            self.best, self.value = lots, value

    def run(self, ends: float, runs: int) -> None:
        """Anneal so many times, or until time is up."""
        partition, rng = self._partition, self._rng
        for _ in range(runs):
            if time.monotonic() > ends:
                return
            count = int(rng.integers(partition.least, partition.most + 1))
            again = self.best is not None and rng.random() < AGAIN
            seeds = self._prices.centres if len(self._prices.centres) == count else None
            start = self.best if again else grown(partition, count, rng, seeds)
            if start is None:
                start = grown(partition, count, rng)
            if start is None:
                return
            before = self.value
            found = anneal(
                partition,
                start,
                steps=STEPS * partition.cells,
                rng=rng,
                ends=ends,
                warmth=WARM if again else 1.0,
            )
            if found is not None:
                self.met(found)
            self.stalled = 0 if self.value < before else self.stalled + 1

    def bounds(self) -> np.ndarray:
        """What all prices so far prove of each pair."""
        goal = None if self.best is None else self.value
        self._prices = centre_prices(self._partition, self._way, goal, self._prices)
        found = assignment_bounds(self._partition, self._way, self._prices)
        self._bounds = np.maximum(self._bounds, found)
        return self._bounds

    def open(self, bounds: np.ndarray) -> Bools:
        """Pairs that a better plan than the best so far may have."""
        return _reachable(self._partition, bounds < self.value)


def _reachable(partition: Partition, open_: Bools) -> Bools:
    """Leave out cells that no connected lot of the centre has, and lots that are too small."""
    found = open_ & open_.diagonal()
    for centre in np.flatnonzero(found.diagonal()):
        if partition.contiguous:
            own = partition.graph.subgraph(np.flatnonzero(found[:, centre]).tolist())
            met = list(nx.node_connected_component(own, int(centre)))
            found[:, centre] = False
            found[met, centre] = True
        if partition.size[found[:, centre]].sum() < partition.lower:
            found[:, centre] = False
    return found


def _settle(
    partition: Partition, way: Ints, open_: Bools, seconds: float, seed: int
) -> tuple[Ints | None, float]:
    """Find the best plan among open pairs, and what no plan among them goes below."""
    ends = time.monotonic() + seconds
    cell, centre = np.nonzero(open_)
    program = _program(partition, way, cell, centre)
    column = np.full(open_.shape, -1)
    column[cell, centre] = np.arange(len(cell))
    flat, bound = program.flat(), -inf
    while True:
        left = ends - time.monotonic()
        if left <= 0:
            return None, bound
        problem = Problem(flat, program.levels[0].coef, None, left, gap=0.0, seed=seed)
        with borrowed(HIGHS) as worker:
            answer = worker.solve(problem, lambda *_: None, lambda: False)
        if answer.why == IMPOSSIBLE:
            return None, inf
        bound = max(bound, ceil(answer.bound - 1e-6) if answer.bound > -inf else -inf)
        if answer.values is None:
            return None, bound
        chosen = np.flatnonzero(answer.values)
        of = np.empty(partition.cells, dtype=np.int64)
        of[cell[chosen]] = centre[chosen]
        broken = _broken(partition, of, column) if partition.contiguous else []
        if not broken:
            lots = in_order(of)
            return lots, float(partition.total(lots) or 0) if answer.why == CLOSED else bound
        if answer.why != CLOSED:
            return None, bound
        flat = _with_rows(flat, broken)


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
