"""Knapsacks: of the items of each sack, those worth most that fit, and what it costs to be forced.

By dynamic programming over whole weights (Bellman 1957; Martello & Toth 1990). Loops are compiled.
"""

# ruff: noqa: ANN001, ANN201, ANN202 (loops are compiled, and typed as they are used)
# mypy: disable-error-code=no-untyped-def
from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True)
def fill(first, weight, worth, room, chosen):
    """Mark the items worth most together in each sack; return what they are worth.

    Parameters
    ----------
    first
        Items of sack k are first[k] to first[k + 1], (K + 1,).
    weight, worth
        Of each item, (n,); what is worth nothing is left out.
    room
        Of each sack, (K,).
    chosen
        Marked here, (n,).
    """
    total = np.zeros(len(room))
    for k in range(len(room)):
        items = np.empty(first[k + 1] - first[k], np.int64)
        size = 0
        for i in range(first[k], first[k + 1]):
            if worth[i] > 0 and weight[i] <= room[k]:
                items[size] = i
                size += 1
        best = np.zeros(room[k] + 1)
        taken = np.zeros((size, room[k] + 1), np.bool_)
        for t in range(size):
            w, v = weight[items[t]], worth[items[t]]
            for c in range(room[k], w - 1, -1):
                if best[c - w] + v > best[c]:
                    best[c] = best[c - w] + v
                    taken[t, c] = True
        total[k] = best[room[k]]
        c = room[k]
        for t in range(size - 1, -1, -1):
            if taken[t, c]:
                chosen[items[t]] = True
                c -= weight[items[t]]
    return total


@njit(cache=True)
def forced(first, weight, worth, room, inside, outside):
    """Find what each sack is worth with each of its items in it, and without.

    Parameters
    ----------
    first, weight, worth, room
        As in ``fill``; what is worth less than nothing is only ever in a sack by force.
    inside, outside
        Filled in here, (n,): what an item's sack is worth at most.
    """
    for k in range(len(room)):
        start, size = first[k], first[k + 1] - first[k]
        before = np.zeros((size + 1, room[k] + 1))
        for t in range(size):
            w, v = weight[start + t], worth[start + t]
            for c in range(room[k] + 1):
                before[t + 1, c] = before[t, c]
                if v > 0 and c >= w:
                    before[t + 1, c] = max(before[t, c], before[t, c - w] + v)
        after = np.zeros(room[k] + 1)
        for t in range(size - 1, -1, -1):
            w, v = weight[start + t], worth[start + t]
            outside[start + t] = _together(before[t], after, room[k])
            inside[start + t] = _together(before[t], after, room[k] - w) + v
            if v > 0:
                for c in range(room[k], w - 1, -1):
                    after[c] = max(after[c], after[c - w] + v)


@njit(cache=True)
def _together(before, after, room):
    """Share room between the items before one and those after it."""
    best = -np.inf
    for c in range(room + 1):
        best = max(best, before[c] + after[room - c])
    return best
