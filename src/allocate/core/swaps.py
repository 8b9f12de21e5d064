"""Good things of which no two exclude each other, by exchanges.

A thing comes in where it is worth more than those it drives out; where none is, a few at random
come in, and the best that was met is come back to (iterated local search; B. Nogueira, R. Pinheiro,
A. Subramanian, A hybrid iterated local search heuristic for the maximum weight independent set
problem, 2018, is of this kind).
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from allocate.units import Ints

Bools = NDArray[np.bool_]
WORSE = 0.02  # how often a worse choice is gone on from
PUSHED = 4  # things that come in at random, at most


@njit(cache=True)
def _enter(v: int, start: Ints, other: Ints, prices: Ints, chosen: Bools, driven: Ints) -> int:
    """Choose a thing and drive out what it excludes; return what is gained."""
    gained = prices[v] - driven[v]
    for a in range(start[v], start[v + 1]):
        u = other[a]
        if chosen[u]:
            chosen[u] = False
            for b in range(start[u], start[u + 1]):
                driven[other[b]] -= prices[u]
    chosen[v] = True
    for a in range(start[v], start[v + 1]):
        driven[other[a]] += prices[v]
    return gained


@njit(cache=True)
def _climb(start: Ints, other: Ints, prices: Ints, chosen: Bools, driven: Ints) -> int:
    """Let in what gains most for each thing that it excludes, until nothing gains.

    Returns what is gained.
    """
    gained = 0
    while True:
        best, pick = 0.0, -1
        for v in range(len(prices)):
            gain = (prices[v] - driven[v]) / (start[v + 1] - start[v] + 1)
            if not chosen[v] and gain > best:
                best, pick = gain, v
        if pick < 0:
            return gained
        gained += _enter(pick, start, other, prices, chosen, driven)


@njit(cache=True)
def good_independent(
    start: Ints, other: Ints, prices: Ints, random: np.random.Generator, rounds: int
) -> Bools:
    """Find good things of which no two exclude each other, (n,).

    Parameters
    ----------
    start, other
        What each thing excludes: ``other[start[i]:start[i + 1]]``.
    prices
        What each is worth, (n,).
    random, rounds
        What is drawn from, and how often.
    """
    n = len(prices)
    chosen = np.zeros(n, dtype=np.bool_)
    driven = np.zeros(n, dtype=np.int64)  # what each would drive out
    value = _climb(start, other, prices, chosen, driven)
    home, home_driven, home_value = chosen.copy(), driven.copy(), value
    best, best_value = chosen.copy(), value
    for _ in range(rounds):
        for _ in range(1 + random.integers(0, PUSHED)):
            v = int(random.integers(0, n))
            if not chosen[v]:
                value += _enter(v, start, other, prices, chosen, driven)
        value += _climb(start, other, prices, chosen, driven)
        if value > best_value:
            best[:], best_value = chosen, value
        if value >= home_value or random.random() < WORSE:
            home[:], home_driven[:], home_value = chosen, driven, value
        else:
            chosen[:], driven[:], value = home, home_driven, home_value
    return best
