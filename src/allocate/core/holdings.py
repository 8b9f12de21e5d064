"""What a holder may hold together: sets of its things that keep every limit, by their worth.

Written over holdings instead of things (G. Dantzig, P. Wolfe, Decomposition principle for linear
programs, Operations Research 8, 1960), a program knows the limits of each holder exactly and not
only on average, so that its linear bound is much nearer to the best choice. Compiled loops; whole
numbers.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from allocate.core.allotment import Allotment, Bools
from allocate.units import Ints

NOTHING = np.zeros(0, dtype=np.int64)
STEPS = 1_000_000  # of a walk through the sets of one holder's things, at most
FAR = 1 << 60  # a thing that is worth less than nothing by so much is left out


def gathered(
    allotment: Allotment,
    holder: int,
    profit: Ints,
    entry: int,
    floor: int,
    *,
    forced: int = -1,
    best: bool = False,
    most: int = 1,
) -> tuple[list[Ints], bool]:
    """List holdings of one holder that are worth at least so much.

    Parameters
    ----------
    allotment, holder
        Whose things.
    profit
        Of each thing, (T,); below ``-FAR`` it is left out.
    entry
        Of holding anything.
    floor
        What a holding is worth at least.
    forced
        A thing that each has; -1: none.
    best
        Whether each has to be worth more than those before it: the last is then the best.
    most
        Holdings, at most.

    Returns
    -------
    tuple
        Holdings, each with things in order; and whether nothing was cut short.
    """
    things = allotment.things[holder]
    things = things[(profit[things] > -FAR) & (things != forced)]
    order = things[np.argsort(-profit[things], kind="stable")]
    bound = _bounds(allotment.member[order], profit[order])
    first = NOTHING if forced < 0 else np.array([forced])
    found, whole = _gather(
        np.concatenate([first, order]),
        len(first),
        profit,
        entry,
        bound,
        allotment.clash,
        allotment.of,
        allotment.amount,
        allotment.most.copy(),
        floor,
        best,
        most,
    )
    return [np.sort(one) for one in found[1:]], whole


@njit(cache=True)
def _bounds(member: Bools, profit: Ints) -> Ints:
    """What things from one on can be worth together at most, things in order of their worth.

    Place by place: each thing brings an equal part of its worth to each of its places, of which the
    greatest counts.
    """
    things, places = member.shape
    greatest = np.zeros(places, dtype=np.int64)
    bound = np.zeros(things + 1, dtype=np.int64)
    total = 0
    for q in range(things - 1, -1, -1):
        if profit[q] <= 0:
            bound[q] = profit[q]
            continue
        size = 0
        for j in range(places):
            size += member[q, j]
        part = -(-profit[q] // size)
        for j in range(places):
            if member[q, j] and part > greatest[j]:
                total += part - greatest[j]
                greatest[j] = part
        bound[q] = total
    return bound


@njit(cache=True)
def _gather(
    order: Ints,
    forced: int,
    profit: Ints,
    entry: int,
    bound: Ints,
    clash: Bools,
    of: Ints,
    amount: Ints,
    room: Ints,
    floor: int,
    best: bool,
    most: int,
) -> tuple[list[Ints], bool]:
    """Walk through all sets of things in order, leaving out what cannot be worth enough."""
    chosen = np.empty(len(order), dtype=np.int64)
    found = [np.zeros(0, dtype=np.int64)]
    worth, depth, q, steps = entry, 0, 0, 0
    while steps < STEPS:
        steps += 1
        alive = q < len(order) and (q < forced or worth + bound[q - forced] >= floor)
        if alive:
            thing = order[q]
            fits = True
            for d in range(depth):
                if clash[thing, order[chosen[d]]]:
                    fits = False
                    break
            if fits:
                for k in range(len(of)):
                    if of[k, thing] >= 0 and amount[k, thing] > room[k, of[k, thing]]:
                        fits = False
                        break
            if fits:
                for k in range(len(of)):
                    if of[k, thing] >= 0:
                        room[k, of[k, thing]] -= amount[k, thing]
                chosen[depth] = q
                depth += 1
                worth += profit[thing]
                if worth >= floor:
                    found.append(order[chosen[:depth]])
                    if best:
                        floor = worth + 1
                    if len(found) > most and not best:
                        steps = STEPS
                        break
            elif q < forced:
                break
            q += 1
            continue
        if depth <= forced:
            break
        depth -= 1
        q = chosen[depth]
        thing = order[q]
        worth -= profit[thing]
        for k in range(len(of)):
            if of[k, thing] >= 0:
                room[k, of[k, thing]] += amount[k, thing]
        q += 1
    return found, steps < STEPS
