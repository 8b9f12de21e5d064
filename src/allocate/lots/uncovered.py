"""Hours that nobody can take when an owner hands everything back, by weeks of notice."""

from __future__ import annotations

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import maximum_flow

from allocate.homecare.instance import Instance as Care
from allocate.homecare.solution import Solution as Placed
from allocate.homecare.solution import spare
from allocate.labels import Bools
from allocate.units import THOUSAND, Ints

NOTICE = (0, 4, 13, 26)  # weeks


def uncovered(care: Care, placed: Placed, hire: int) -> Ints:
    """Carer-minutes a week of each owner that others cannot take, (owners, weeks of notice).

    Others take hours of a place where they reach it, up to what they have left, what they can add
    for a few weeks, and what they hire in each week of notice. None of the staff of the owner that
    leaves is counted on.

    Parameters
    ----------
    care, placed
        The home care question, and who has each package.
    hire
        Thousandths of its capacity that a provider can add for good in a week.
    """
    providers = care.providers
    left = np.maximum(spare(care, placed), 0) + providers.surge
    left[providers.suspended] = 0
    hours = held(care, placed)
    found = np.zeros((len(providers.owners), len(NOTICE)), dtype=np.int64)
    for column, weeks in enumerate(NOTICE):
        room = left + np.where(
            providers.suspended, 0, providers.capacity * hire * weeks // THOUSAND
        )
        for owner in range(len(providers.owners)):
            others = np.flatnonzero((providers.owner != owner) & (room > 0))
            need = hours[owner]
            covered = _flow(need, care.reach[others], room[others])
            found[owner, column] = int(need.sum()) - covered
    return found


def held(care: Care, placed: Placed) -> Ints:
    """Carer-minutes a week that each owner has in each place, (owners, L)."""
    given = placed.provider >= 0
    hours = np.zeros((len(care.providers.owners), len(care.places)), dtype=np.int64)
    owner = care.providers.owner[placed.provider[given]]
    np.add.at(hours, (owner, care.packages.place[given]), care.packages.minutes[given])
    return hours


def _flow(need: Ints, reach: Bools, room: Ints) -> int:
    """The most of the hours of places that some providers can take."""
    places, takers = len(need), len(room)
    if not takers or not need.any():
        return 0
    taker, place = np.nonzero(reach)
    size = places + takers + 2
    tail = np.concatenate(
        [np.zeros(places, dtype=np.int64), 1 + place, 1 + places + np.arange(takers)]
    )
    head = np.concatenate([1 + np.arange(places), 1 + places + taker, np.full(takers, size - 1)])
    most = np.concatenate([need, need[place], room]).astype(np.int32)
    graph = sparse.csr_array((most, (tail, head)), shape=(size, size))
    return int(maximum_flow(graph, 0, size - 1).flow_value)
