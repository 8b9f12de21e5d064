"""Partings of the cells to begin a search with: lots grown from seeds, whatever they come to."""

from __future__ import annotations

import numpy as np

from allocate.core.partition import Partition
from allocate.units import Ints


def grown(
    partition: Partition, count: int, rng: np.random.Generator, seeds: Ints | None = None
) -> Ints | None:
    """Part the cells into so many connected lots at random, the smallest growing first.

    Parameters
    ----------
    partition
        The cells.
    count
        Number of lots.
    rng
        Random numbers.
    seeds
        Cells to grow from, (count,), one or more on each island; drawn where there are none.

    Returns
    -------
    NDArray | None
        Lot of each cell, (n,); None where there are more islands than lots.
    """
    islands = partition.islands() if partition.contiguous else [list(range(partition.cells))]
    if len(islands) > count or count > partition.cells:
        return None
    chosen = _seeds(partition, islands, count, rng) if seeds is None else seeds
    lots = np.full(partition.cells, -1, dtype=np.int64)
    lots[chosen] = np.arange(count)
    amount = partition.size[chosen].tolist()
    beside = partition.graph.adj if partition.contiguous else dict.fromkeys(islands[0], islands[0])
    border = [list(beside[cell]) for cell in chosen.tolist()]
    growing = set(range(count))
    while growing:
        lot = min(growing, key=lambda each: amount[each])
        if not border[lot]:
            growing.remove(lot)
            continue
        at = int(rng.integers(len(border[lot])))
        border[lot][at], border[lot][-1] = border[lot][-1], border[lot][at]
        cell = border[lot].pop()
        if lots[cell] < 0:
            lots[cell] = lot
            amount[lot] += int(partition.size[cell])
            border[lot] += [other for other in beside[cell] if lots[other] < 0]
    return lots if lots.min() >= 0 else None


def _seeds(
    partition: Partition, islands: list[list[int]], count: int, rng: np.random.Generator
) -> Ints:
    """Draw cells on each island, more on larger ones."""
    whole = max(1, int(partition.size.sum()))
    share = np.array([partition.size[i].sum() / whole * count for i in islands], dtype=float)
    own, room = np.ones(len(islands), dtype=np.int64), np.array([len(i) for i in islands])
    for _ in range(count - len(islands)):
        own[np.where(own < room, share / own, -1).argmax()] += 1
    drawn = [rng.choice(i, size=o, replace=False) for i, o in zip(islands, own, strict=True)]
    return np.concatenate(drawn).astype(np.int64)
