"""Lots that would pay: the pricing problem of choosing from all lots there may be.

Each cell pays a price to be in a lot, and a lot costs half of each edge that it cuts. The lot that
gains most is a mixed-integer program of one lot; good ones are found by annealing one lot alone.
"""

# ruff: noqa: ANN001, ANN202, NPY002 (loops are compiled, and typed and random as Numba has it)
# mypy: disable-error-code="no-untyped-def"

from __future__ import annotations

import time
from dataclasses import dataclass, field
from math import inf, isfinite
from typing import Any

import numpy as np
from numba import njit
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from allocate.core.annealing import Annealing, _stays
from allocate.core.partition import Bools, Partition
from allocate.core.separators import pieces, separator
from allocate.units import Floats, Ints

TRIES = 4000  # moves of one lot at each of the temperatures
HEATS = (1.0, 0.5, 0.25, 0.12, 0.06, 0.03)
SURE = 1e-5  # what floats of a solver are trusted to
SOLVED, INFEASIBLE = 0, 2  # as scipy says it
OVER = 10.0  # of a lot's whole size out of balance, in what a usual edge weighs
KEPT = 400  # lots that one search keeps
ROUNDS = 20  # of looking for a connected lot


@dataclass
class LotPricing:
    """The lot that gains most, over prices of cells.

    Parameters
    ----------
    partition
        Cells and limits; its cost is by cuts.
    weight
        Of each edge, (E,).
    """

    partition: Partition
    weight: Ints
    _separators: list[tuple[int, int, list[int]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._loops = Annealing(self.partition)
        self._matrix, self._low, self._high, self._cost = self._program()

    def half_cut(self, member: Bools) -> Floats:
        """Half of what each lot cuts, (S,), of lots (S, n)."""
        a, b = self.partition.edges.T
        return (member[:, a] != member[:, b]) @ self.weight / 2

    def likely(self, price: Floats, below: float, lots: Bools, rng: np.random.Generator) -> Bools:
        """Find lots that gain, starting from some lots, (S, n) from (T, n)."""
        loops, partition = self._loops, self.partition
        scale = loops.scale()
        usual = max(1.0, float(partition.size.sum()) / partition.most)
        found = []
        for lot in lots:
            found.append(
                _search(
                    *(loops.start, loops.beside, loops.weight, partition.size),
                    *(partition.lower, partition.upper, partition.contiguous),
                    *(price, below, lot.astype(np.int64), scale, OVER * scale / usual),
                    int(rng.integers(1 << 31)),
                )
            )
        return np.unique(np.concatenate(found), axis=0) if found else lots[:0]

    def best(self, price: Floats, ends: float) -> tuple[float, Bools | None]:
        """Bound what any lot costs less its prices, and find the one that gains most.

        Parameters
        ----------
        price
            Of each cell, (n,).
        ends
            Time of ``time.monotonic`` at which to end.

        Returns
        -------
        tuple
            The bound, ``inf`` where there is no lot at all, and the lot, (n,), or None.
        """
        n = self.partition.cells
        cost = self._cost.copy()
        cost[:n] -= price
        bound = -inf
        for _ in range(ROUNDS):
            left = ends - time.monotonic()
            if left <= 0:
                break
            matrix, high = self._with_separators()
            low = np.concatenate([self._low, np.full(len(self._separators), -inf)])
            found: Any = milp(
                cost,
                integrality=(np.arange(len(cost)) < n).astype(np.uint8),
                bounds=Bounds(0, 1),
                constraints=LinearConstraint(matrix, low, np.concatenate([self._high, high])),
                options={"time_limit": left, "mip_rel_gap": 1e-6},
            )
            if found.status == INFEASIBLE:
                return inf, None
            dual = found.get("mip_dual_bound")
            if dual is not None and isfinite(dual):
                bound = max(bound, float(dual) - SURE)
            if found.x is None:
                break
            member = found.x[:n] > 0.5
            if not self._separate(member):
                return bound, member
            if found.status != SOLVED:
                break
        return bound, None

    def _program(self) -> tuple[Any, Floats, Floats, Floats]:
        """Cells of a lot and the edges that it cuts; rows, their limits and costs."""
        partition = self.partition
        n, edges = partition.cells, len(partition.edges)
        each = np.arange(edges)
        rows, columns, values = [], [], []
        for way, (one, other) in enumerate(((0, 1), (1, 0))):
            rows += [way * edges + each] * 3
            columns += [partition.edges[:, one], partition.edges[:, other], n + each]
            values += [np.ones(edges), -np.ones(edges), -np.ones(edges)]
        rows.append(np.full(n, 2 * edges))
        columns.append(np.arange(n))
        values.append(partition.size.astype(float))
        for at, (a, b) in enumerate(partition.together.tolist()):
            rows.append(np.full(2, 2 * edges + 1 + at))
            columns.append(np.array([a, b]))
            values.append(np.array([1.0, -1.0]))
        pairs = len(partition.together)
        matrix = sparse.csr_matrix(
            (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))),
            shape=(2 * edges + 1 + pairs, n + edges),
        )
        low = np.concatenate([np.full(2 * edges, -inf), [partition.lower], np.zeros(pairs)])
        high = np.concatenate([np.zeros(2 * edges), [partition.upper], np.zeros(pairs)])
        cost = np.concatenate([np.zeros(n), self.weight / 2])
        return matrix, low, high, cost

    def _with_separators(self) -> tuple[Any, Floats]:
        """Rows with those that say: two cells of a lot, or one of each set between them too."""
        rows = sparse.lil_matrix((len(self._separators), self._matrix.shape[1]))
        for at, (a, b, between) in enumerate(self._separators):
            rows[at, [a, b]] = 1.0
            rows[at, between] = -1.0
        high = np.ones(len(self._separators))
        return sparse.vstack([self._matrix, rows.tocsr()], format="csr"), high

    def _separate(self, member: Bools) -> bool:
        """Add separators that a lot in pieces breaks; says whether it is in pieces."""
        if not self.partition.contiguous:
            return False
        graph, size = self.partition.graph, self.partition.size
        parts = pieces(graph, np.flatnonzero(member).tolist())
        heads = [max(part, key=lambda cell: (size[cell], cell)) for part in parts]
        main = max(range(len(parts)), key=lambda at: len(parts[at]))
        for at, part in enumerate(parts):
            if at != main:
                for piece, a, b in (
                    (part, heads[at], heads[main]),
                    (parts[main], heads[main], heads[at]),
                ):
                    self._separators.append((a, b, separator(graph, piece, b)))
        return len(parts) > 1


@njit(cache=True)
def _search(
    start, beside, weight, size, lower, upper, contiguous,
    price, below, lot, scale, over_price, seed,
):  # fmt: skip
    """Anneal one lot; returns lots that gain, (S, n)."""
    np.random.seed(seed)
    n = len(size)
    kept = np.zeros((KEPT, n), dtype=np.bool_)
    value = np.zeros(KEPT)
    count = 0
    amount, cells, cost = 0, 0, 0.0
    for v in range(n):
        if lot[v]:
            amount += size[v]
            cells += 1
            cost -= price[v]
            for at in range(start[v], start[v + 1]):
                if not lot[beside[at]]:
                    cost += weight[at] / 2
    stamp, queue, mark = np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.int64), 0
    for warmth in HEATS:
        heat = warmth * scale
        for _ in range(TRIES):
            v = np.random.randint(n)
            within = 0.0
            without = 0.0
            touching = False
            for at in range(start[v], start[v + 1]):
                if lot[beside[at]]:
                    within += weight[at] / 2
                    touching = True
                else:
                    without += weight[at] / 2
            s = size[v]
            if lot[v]:
                if cells == 1:
                    continue
                change, then = within - without + price[v], amount - s
            else:
                if contiguous and not touching:
                    continue
                change, then = without - within - price[v], amount + s
            now_over = max(0, amount - upper, lower - amount)
            then_over = max(0, then - upper, lower - then)
            total = change + over_price * (then_over - now_over)
            if total > 0 and np.random.random() >= np.exp(-total / heat):
                continue
            if contiguous and lot[v]:
                mark += 1
                if not _stays(start, beside, lot, v, stamp, queue, mark):
                    continue
            cells += -1 if lot[v] else 1
            lot[v] = 1 - lot[v]
            amount = then
            cost += change
            if then_over == 0 and cost < below - 1e-6:
                at = count
                if count == KEPT:
                    at = 0
                    for other in range(KEPT):
                        if value[other] > value[at]:
                            at = other
                    if value[at] <= cost:
                        continue
                else:
                    count += 1
                value[at] = cost
                for u in range(n):
                    kept[at, u] = lot[u] == 1
    return kept[:count]
