"""Every lot that there may be, as paths through a decision diagram.

Cells come one after the other, each into the lot or not. Two beginnings of a lot are one state
where their open cells are the same and, for lots that must be connected, hang together the same
way (frontier-based search: J. Kawahara, T. Inoue, H. Iwashita & S. Minato, IEICE Transactions
E100-A, 2017). County graphs have a few thousand states; a lot that gains most is a shortest path.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from allocate.core.frontier import narrow_order, open_cells
from allocate.core.partition import Partition
from allocate.units import Ints

State = tuple[int, ...]  # of each open cell the part of the lot it is in from 1, or 0
BEFORE, WITHIN, AFTER = 0, 1, 2  # a lot that is not begun, is begun, or is whole


@dataclass(frozen=True)
class LotDiagram:
    """States layer by layer, the first before any cell has come; they are numbered throughout.

    Parameters
    ----------
    order
        Cells as they come, (n,).
    first
        Number of the first state of each layer, and of all states at the end, (n + 2,).
    out, into
        State that follows where the next cell is not in the lot, or is; -1 where that cannot
        be, (states,).
    inside
        Open cells of each state that are in the lot, a bit each in the order they came,
        (states,).
    ends
        Whether a state of the last layer is a lot, (states,).
    pairs
        Cells beside each other, or to be together, (P, 2).
    start, place, pair
        Of the cell that comes t-th, the pairs whose other cell has come before: ``start[t]`` to
        ``start[t + 1]`` in the place of the other cell among those open, and in the number of the
        pair.
    """

    order: Ints
    first: Ints
    out: Ints
    into: Ints
    inside: Ints
    ends: Ints
    pairs: Ints
    start: Ints
    place: Ints
    pair: Ints


def diagram_of(partition: Partition, most: int) -> LotDiagram | None:
    """List the states of all lots; None where they are more than ``most``.

    Parameters
    ----------
    partition
        Which cells touch, or are to be together, and whether lots are connected. Sizes are not
        looked at.
    most
        States.
    """
    n = partition.cells
    pairs = np.concatenate([partition.edges, partition.together])
    order = narrow_order(n, pairs)
    opens = [[], *open_cells(order, pairs)]
    # Open cells are in the lot or not, each way of them a state.
    if 2 ** max(len(each) for each in opens) > most:
        return None
    beside = _come_before(order, opens, pairs)
    layer: dict[tuple[int, State], int] = {(BEFORE, ()): 0}
    first, inside = [0], [0]
    out: list[int] = []
    into: list[int] = []
    for t in range(n):
        if len(inside) > most:
            return None
        first.append(len(inside))
        left = set(opens[t + 1])
        stay = [place for place, cell in enumerate([*opens[t], order[t]]) if cell in left]
        touching = [place for place, number in beside[t] if number < len(partition.edges)]
        then: dict[tuple[int, State], int] = {}
        for phase, state in layer:
            for taken, follows in ((False, out), (True, into)):
                to = _step(phase, state, taken, touching, stay, partition.contiguous)
                if to is not None and to not in then:
                    then[to] = len(inside)
                    inside.append(sum(1 << place for place, part in enumerate(to[1]) if part))
                follows.append(-1 if to is None else then[to])
        layer = then
    last = len(layer)
    ends = np.zeros(len(inside), dtype=np.int64)
    ends[first[-1] :] = [phase != BEFORE for phase, _ in layer]
    return LotDiagram(
        np.array(order),
        np.array([*first, len(inside)]),
        np.array(out + [-1] * last),
        np.array(into + [-1] * last),
        np.array(inside),
        ends,
        pairs,
        np.cumsum([0, *(len(each) for each in beside)]),
        np.array([place for each in beside for place, _ in each], dtype=np.int64),
        np.array([number for each in beside for _, number in each], dtype=np.int64),
    )


def _come_before(
    order: list[int], opens: list[list[int]], pairs: Ints
) -> list[list[tuple[int, int]]]:
    """List, of each cell as they come, its pairs with those before: the other's place, and number.

    The place is that among the cells open before the cell comes.
    """
    at = {cell: place for place, cell in enumerate(order)}
    beside: list[list[tuple[int, int]]] = [[] for _ in order]
    for number, (a, b) in enumerate(pairs.tolist()):
        early, late = sorted((at[a], at[b]))
        if early < late:
            beside[late].append((opens[late].index(order[early]), number))
    return beside


def _step(
    phase: int, state: State, taken: bool, touching: list[int], stay: list[int], contiguous: bool
) -> tuple[int, State] | None:
    """Say what follows where the next cell is in the lot, or is not; None where nothing can."""
    if not contiguous:
        phase = WITHIN if taken else phase
        state = (*state, int(taken))
        return phase, tuple(state[place] for place in stay)
    if taken and phase == AFTER:
        return None
    if taken:
        phase = WITHIN
        new = max(state, default=0) + 1
        joined = {state[place] for place in touching} - {0}
        state = (*(new if part in joined else part for part in state), new)
    else:
        state = (*state, 0)
    kept = tuple(state[place] for place in stay)
    parts, left = set(state) - {0}, set(kept) - {0}
    if parts != left:
        # A part that has no open cell left is the whole lot, or can never be connected.
        return (AFTER, kept) if len(parts) == 1 else None
    names: dict[int, int] = {0: 0}
    return phase, tuple(names.setdefault(part, len(names)) for part in kept)
