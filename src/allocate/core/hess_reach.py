"""Pairs of a cell and a centre that no lot can have: to hang together it would be too large.

A way through open cells from the centre to the cell is part of the lot; where the least such way
comes to more than a lot may, the pair is shut, and so is a centre whose open cells are too few for
a lot (H. Validi, A. Buchanan & E. Lykhovyd, Operations Research 70, 2022).
"""

# ruff: noqa: ANN001, ANN202 (loops are compiled, and typed as Numba has it)
# mypy: disable-error-code="no-untyped-def"

from __future__ import annotations

import numpy as np
from numba import njit

from allocate.core.partition import Bools, Partition


def reachable(partition: Partition, open_: Bools) -> Bools:
    """Return the open pairs that a lot of the centre may have, of cells and centres, (n, n)."""
    edges = partition.edges
    if not partition.contiguous:
        n = partition.cells
        edges = np.stack(np.triu_indices(n, 1), axis=1)
    both = np.concatenate([edges, edges[:, ::-1]])
    both = both[np.argsort(both[:, 0], kind="stable")]
    start = np.searchsorted(both[:, 0], np.arange(partition.cells + 1))
    found: Bools = _reach(
        *(start, both[:, 1], partition.size, partition.lower, partition.upper),
        np.ascontiguousarray(open_.T),
    ).T
    for a, b in partition.together.tolist():
        found[[a, b]] &= found[a] & found[b]
    return found & found.diagonal()


@njit(cache=True)
def _reach(start, beside, size, lower, upper, open_):
    """Find the least ways from each centre, by rows of centres."""
    n = len(size)
    found = np.zeros((n, n), dtype=np.bool_)
    way = np.zeros(n, dtype=np.int64)
    queue, waits = np.zeros(n + 1, dtype=np.int64), np.zeros(n, dtype=np.bool_)
    for centre in range(n):
        if not open_[centre, centre] or size[centre] > upper:
            continue
        way[:] = upper + 1
        way[centre] = size[centre]
        queue[0], head, tail = centre, 0, 1
        while head != tail:
            u = queue[head]
            head = (head + 1) % (n + 1)
            waits[u] = False
            for at in range(start[u], start[u + 1]):
                v = beside[at]
                then = way[u] + size[v]
                if open_[centre, v] and then < way[v]:
                    way[v] = then
                    if not waits[v]:
                        waits[v] = True
                        queue[tail] = v
                        tail = (tail + 1) % (n + 1)
        amount = 0
        for v in range(n):
            if way[v] <= upper:
                amount += size[v]
        if amount >= lower:
            for v in range(n):
                found[centre, v] = way[v] <= upper
    return found
