"""All ways to deal each place to one holding that cost no more than a limit, by branch and bound.

Every holding has a worth, by prices of places, and holders choose one each or none: what that comes
to at least bounds every choice below a node. Branching is on the place that fewest holdings can
still take. Whole numbers throughout, so what is found to be the least is the least.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from allocate.units import Ints

Bools = NDArray[np.bool_]


class Deal(NamedTuple):
    """What there is to choose from.

    Parameters
    ----------
    member, holder
        Places of each holding, (N, R), and who holds it, (N,).
    worth, cost
        Of each by prices, and what it costs, (N,).
    needed
        Holders that have to have something, (H,).
    side, low, high
        What each holding comes to in each side row, (N, S), and bounds, (S,).
    """

    member: Bools
    holder: Ints
    worth: Ints
    cost: Ints
    needed: Bools
    side: Ints
    low: Ints
    high: Ints


def deal(
    what: Deal, paid: int, limit: int, *, ties: bool, most: int, work: int
) -> tuple[list[Ints], int, bool]:
    """Find choices that cost no more than a limit; as better ones are found, no more than those.

    Parameters
    ----------
    what
        Holdings to choose from.
    paid
        What prices of places and side rows come to: a choice costs at least that less its worth.
    limit
        What a choice may cost.
    ties
        Whether choices that cost as little as the best are listed too.
    most, work
        Choices listed, and holdings looked at in all nodes, at most.

    Returns
    -------
    tuple
        Choices, each as positions of holdings; what they cost; and whether nothing was cut short.
    """
    listed = np.full((most if ties else 1, what.member.shape[1]), -1, dtype=np.int64)
    count, cost, whole = _search(what, paid, limit, ties, work, listed)
    return [row[row >= 0] for row in listed[:count]], int(cost), bool(whole)


@njit(cache=True)
def _search(
    what: Deal, paid: int, limit: int, ties: bool, work: int, listed: Ints
) -> tuple[int, int, bool]:
    """Branch without recursion: what is alive, and who may take the next place, by depth."""
    size, places = what.member.shape
    alive = np.empty((places + 1, size), dtype=np.int64)
    takers = np.empty((places + 1, size), dtype=np.int64)
    living = np.zeros(places + 1, dtype=np.int64)
    waiting = np.zeros(places + 1, dtype=np.int64)
    turn = np.zeros(places + 1, dtype=np.int64)
    least = np.full(places + 1, paid)
    covered = np.zeros((places + 1, places), dtype=np.bool_)
    held = np.zeros(len(what.needed), dtype=np.bool_)
    chosen = np.full(places, -1, dtype=np.int64)
    alive[0] = np.arange(size)
    living[0] = size
    depth, count, cost, new = 0, 0, limit, True
    while True:
        if new:
            work -= 1 + living[depth]
            if work <= 0:
                return count, cost, False
            living[depth], waiting[depth] = _look(
                what,
                alive[depth],
                living[depth],
                takers[depth],
                covered[depth],
                held,
                least[depth],
                limit,
            )
            turn[depth], new = 0, False
            if np.all(covered[depth]):
                found = _cost(what, chosen[:depth], held, limit)
                waiting[depth] = 0
                if found >= 0:
                    if found < cost or count == 0:
                        count = 0
                    cost, limit = found, found if ties else found - 1
                    if count == len(listed):
                        return count, cost, False
                    listed[count] = -1
                    listed[count, :depth] = chosen[:depth]
                    count += 1
        if turn[depth] == waiting[depth]:
            if depth == 0:
                return count, cost, True
            depth -= 1
            held[what.holder[chosen[depth]]] = False
            turn[depth] += 1
            continue
        taken = takers[depth, turn[depth]]
        chosen[depth] = taken
        held[what.holder[taken]] = True
        living[depth + 1] = _left(what, alive[depth, : living[depth]], taken, alive[depth + 1])
        covered[depth + 1] = covered[depth] | what.member[taken]
        least[depth + 1] = least[depth] - what.worth[taken]
        depth, new = depth + 1, True


@njit(cache=True)
def _look(
    what: Deal,
    alive: Ints,
    living: int,
    takers: Ints,
    covered: Bools,
    held: Bools,
    least: int,
    limit: int,
) -> tuple[int, int]:
    """Bound a node; leave out what cannot be in a choice below it, and list who takes a place.

    Returns how many holdings are left, and how many of them may take the place with fewest takers.
    """
    top = np.zeros(len(held), dtype=np.int64)
    some = np.zeros(len(held), dtype=np.bool_)
    for n in alive[:living]:
        h = what.holder[n]
        if what.worth[n] > top[h] or (what.needed[h] and not some[h]):
            top[h] = what.worth[n]
        some[h] = True
    bound = least
    for h in range(len(held)):
        if not held[h]:
            if what.needed[h] and not some[h]:
                return 0, 0
            bound -= top[h]
    left = 0
    count = np.zeros(len(covered), dtype=np.int64)
    for n in alive[:living]:
        if bound + top[what.holder[n]] - what.worth[n] <= limit:
            alive[left] = n
            left += 1
            count += what.member[n]
    place = -1
    for j in range(len(covered)):
        if not covered[j] and (place < 0 or count[j] < count[place]):
            place = j
    if place < 0 or bound > limit:
        return left, 0
    number = 0
    for n in alive[:left]:
        if what.member[n, place]:
            takers[number] = n
            number += 1
    behind = top[what.holder[takers[:number]]] - what.worth[takers[:number]]
    takers[:number] = takers[:number][np.argsort(behind, kind="mergesort")]
    return left, number


@njit(cache=True)
def _left(what: Deal, alive: Ints, taken: int, left: Ints) -> int:
    """List what can still be chosen beside a holding; returns how many."""
    number = 0
    for n in alive:
        if what.holder[n] == what.holder[taken]:
            continue
        free = True
        for j in range(what.member.shape[1]):
            if what.member[n, j] and what.member[taken, j]:
                free = False
                break
        if free:
            left[number] = n
            number += 1
    return number


@njit(cache=True)
def _cost(what: Deal, chosen: Ints, held: Bools, limit: int) -> int:
    """What a choice costs; -1 where it breaks a side row, or costs more than the limit."""
    for h in range(len(held)):
        if what.needed[h] and not held[h]:
            return -1
    cost = what.cost[chosen].sum()
    for s in range(len(what.low)):
        total = 0
        for n in chosen:
            total += what.side[n, s]
        if total < what.low[s] or total > what.high[s]:
            return -1
    return cost if cost <= limit else -1
