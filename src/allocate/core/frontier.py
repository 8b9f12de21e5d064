"""Cells in an order that keeps few of them open: a cell is open until all beside it have come.

What has come can then be told by its open cells alone, which is what dynamic programming over a
graph lives on (frontiers: D. E. Knuth, The Art of Computer Programming 4A, 2011, 7.1.4, exercise
225; vertex separation: N. G. Kinnersley, Information Processing Letters 42, 1992).
"""

from __future__ import annotations

from allocate.units import Ints

TRIED = 10**4  # cells to begin with, times cells


def narrow_order(cells: int, pairs: Ints) -> list[int]:
    """Order cells so that few are open at a time: greedily from many a cell, the best kept.

    Parameters
    ----------
    cells
        How many there are.
    pairs
        Those that are beside each other, (P, 2).
    """
    beside: list[set[int]] = [set() for _ in range(cells)]
    for a, b in pairs.tolist():
        beside[a].add(b)
        beside[b].add(a)
    tried = range(0, cells, max(1, cells * cells // TRIED))
    orders = [_from(beside, start) for start in tried]
    return min(orders, key=lambda order: sum(2 ** len(each) for each in open_cells(order, pairs)))


def open_cells(order: list[int], pairs: Ints) -> list[list[int]]:
    """List, after each cell has come, those open in the order in which they came."""
    at = {cell: place for place, cell in enumerate(order)}
    last = list(range(len(order)))
    for a, b in pairs.tolist():
        last[at[a]] = max(last[at[a]], at[b])
        last[at[b]] = max(last[at[b]], at[a])
    open_now: list[int] = []
    told = []
    for place, cell in enumerate(order):
        open_now = [each for each in [*open_now, cell] if last[at[each]] > place]
        told.append(open_now)
    return told


def _from(beside: list[set[int]], start: int) -> list[int]:
    """Take cell after cell, always one that leaves the fewest open; the longest open are closed."""
    came = {start: 0}
    rest = [set(each) - {start} for each in beside]  # neighbours that have not come
    todo = set(range(len(beside))) - {start}
    while todo:
        near = {cell for each in came for cell in rest[each]} or todo

        def leaves(cell: int) -> tuple[int, int, int]:
            closed = sum(rest[each] == {cell} for each in beside[cell] if each in came)
            oldest = min((came[each] for each in beside[cell] if each in came), default=0)
            return bool(rest[cell]) - closed, oldest, cell

        chosen = min(near, key=leaves)
        came[chosen] = len(came)
        todo.remove(chosen)
        for each in beside[chosen]:
            rest[each].discard(chosen)
    return list(came)
