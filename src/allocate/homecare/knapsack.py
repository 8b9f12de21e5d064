"""A knapsack, packed exactly in whole numbers: the most that things are worth that fit together.

Things are taken by worth for their load until one does not fit, and what that one earns for a
minute becomes the price of room: G. B. Dantzig, "Discrete-variable extremum problems", Operations
Research 5 (1957). At this price every plan is worth at most what is counted below, and a thing that
would lower this under a plan in hand is settled; few are left in doubt: E. Balas & E. Zemel, "An
algorithm for large zero-one knapsack problems", Operations Research 28 (1980). Among those every
room is looked at (dynamic programming).
"""

from __future__ import annotations

import numpy as np

from allocate.homecare.whole import Whole, kind_for
from allocate.units import Ints

FINE = 10  # binary digits of the price of room behind the point


def most_worth(worth: Whole, load: Ints, room: int) -> int:
    """Return the most that things are worth together which fit into a room.

    Parameters
    ----------
    worth
        Of each thing, whole and of any sign, (N,).
    load
        What each thing takes of the room, never negative, (N,).
    room
        How much there is; where it is negative, nothing fits.
    """
    fits = (worth > 0) & (load <= room)
    worth, load = worth[fits], load[fits]
    light = load == 0
    always = sum(worth[light].tolist())
    worth, load = worth[~light], load[~light]
    if not len(load) or int(load.sum()) <= room:
        return always + sum(worth.tolist())
    return always + _packed(worth, load, room)


def _packed(worth: Whole, load: Ints, room: int) -> int:
    """The same where each thing fits and is worth something, takes room, and not all fit."""
    # No number below is beyond this, but sums, which are Python's.
    largest = (int(worth.max()) << FINE) * (int(load.max()) // int(load.min()) + 1)
    fine = worth.astype(kind_for(largest)) << FINE
    order = np.argsort(-(fine // load), kind="stable")
    worth, load, fine = worth[order], load[order], fine[order]
    critical = int(np.searchsorted(np.cumsum(load), room, side="right"))
    price = int(fine[critical]) // int(load[critical])
    reduced = fine - load.astype(fine.dtype) * price
    at_most = price * room + sum(reduced[reduced > 0].tolist())
    in_hand = _taken_in_turn(worth, load, room)
    # A plan that goes against a thing's reduced worth is worth less by that much: only where it may
    # still beat the plan in hand, by a whole step, does the thing have to be looked at.
    doubt = np.abs(reduced) <= at_most - ((in_hand + 1) << FINE)
    sure = (reduced > 0) & ~doubt
    left = room - int(load[sure].sum())
    if left < 0 or not doubt.any():
        return in_hand
    return max(in_hand, sum(worth[sure].tolist()) + _room_by_room(worth[doubt], load[doubt], left))


def _taken_in_turn(worth: Whole, load: Ints, room: int) -> int:
    """What things are worth that are taken in turn, each that still fits."""
    found, first = 0, 0
    while first < len(load):
        here = np.cumsum(load[first:]) <= room
        count = len(here) if here.all() else int(here.argmin())
        found += sum(worth[first : first + count].tolist())
        room -= int(load[first : first + count].sum())
        fits = load[first + count :] <= room
        if not fits.any():
            break
        first += count + int(fits.argmax())
    return found


def _room_by_room(worth: Whole, load: Ints, room: int) -> int:
    """The most that things are worth, by dynamic programming over the room that they take."""
    step = int(np.gcd.reduce(load))
    load = load // step
    size = min(room // step, int(load.sum()))
    best = np.zeros(size + 1, dtype=kind_for(sum(worth.tolist())))
    for value, width in zip(worth.tolist(), load.tolist(), strict=True):
        if width <= size:
            best[width:] = np.maximum(best[width:], best[: size + 1 - width] + value)
    return int(best[size])
