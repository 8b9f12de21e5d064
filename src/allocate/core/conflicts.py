"""Which things exclude each other, and which of them no best choice needs."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from allocate.units import Ints

Bools = NDArray[np.bool_]


def conflicts(holds: Any) -> Bools:
    """Return which things exclude each other: two that hold one good.

    Parameters
    ----------
    holds
        What each thing holds, sparse 0-1 (n, goods).

    Returns
    -------
    array
        Symmetric, with an empty diagonal, (n, n).
    """
    exclude: Bools = (holds @ holds.T).toarray() > 0
    np.fill_diagonal(exclude, False)
    return exclude


@njit(cache=True)
def dominated(exclude: Bools, prices: Ints) -> Bools:
    """Find things in whose place another can always be chosen, (n,).

    Thing j is dominated by i where the two exclude each other, i excludes nothing that j does not,
    and i is worth as much: put in the place of j it never costs anything.

    Parameters
    ----------
    exclude
        Which things exclude each other, (n, n).
    prices
        What each is worth, (n,).
    """
    n = len(prices)
    gone = np.zeros(n, dtype=np.bool_)
    count = np.zeros(n, dtype=np.int64)
    for i in range(n):
        for k in range(n):
            count[i] += exclude[i, k]
    found = True
    while found:
        found = False
        for i in range(n):
            for j in range(n):
                if gone[i] or gone[j] or not exclude[i, j]:
                    continue
                if prices[i] < prices[j] or count[i] > count[j]:
                    continue
                less = True
                for k in range(n):
                    if exclude[i, k] and k != j and not exclude[j, k]:
                        less = False
                        break
                if less:
                    gone[j] = found = True
                    for k in range(n):
                        if exclude[j, k]:
                            exclude[k, j] = False
                            count[k] -= 1
    return gone
