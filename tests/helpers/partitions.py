"""Small partitions, and their plans by other means."""

from __future__ import annotations

from itertools import product

import networkx as nx
import numpy as np

from allocate.core.levels import solve_levels
from allocate.core.outcome import Watch
from allocate.core.partition import CutCost, Partition, in_order
from allocate.units import Ints


def planar(seed: int, cells: int) -> Partition:
    """A random connected piece of a grid, to be cut by edges into two or three lots."""
    rng = np.random.default_rng(seed)
    graph = nx.grid_2d_graph(4, 4)
    kept = {(int(rng.integers(4)), int(rng.integers(4)))}
    while len(kept) < cells:
        border = sorted({b for a in kept for b in graph[a]} - kept)
        kept.add(border[int(rng.integers(len(border)))])
    place = {cell: at for at, cell in enumerate(sorted(kept))}
    edges = np.array([[place[a], place[b]] for a, b in graph.subgraph(kept).edges])
    size = rng.integers(1, 6, cells)
    whole = int(size.sum())
    return Partition(
        size,
        edges.reshape(-1, 2).astype(np.int64),
        lower=whole // 5,
        upper=whole // 2,
        least=2,
        most=3,
        cost=CutCost(rng.integers(1, 5, len(edges))),
    )


def every_plan(partition: Partition) -> list[Ints]:
    """All plans, by trying all labels."""
    tried = product(range(partition.most), repeat=partition.cells)
    plans = {tuple(in_order(np.array(lots)).tolist()) for lots in tried}
    return [np.array(p) for p in sorted(plans) if not partition.faults(np.array(p))]


def by_highs(partition: Partition) -> Ints | None:
    """The best plan by the reference."""
    outcome = solve_levels(
        partition.program(),
        "allocate.core.highs",
        seconds=20,
        gap=0.0,
        seed=1,
        watch=Watch(),
        method="highs",
    )
    return None if outcome.values is None else partition.lots(outcome.values)
