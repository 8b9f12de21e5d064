"""The plan split back to homes: who is in which home's booked beds, week by week.

The program knows the beds of a zone and care type together. Nobody moves who need not: those in a
bed stay in that home; newcomers go to homes with room, those whose booking lasts longest first;
only those whose beds end or close move on, to other booked beds of the zone where there is room. As
many as are in all booked beds together always fit, so the split is exact.
"""

from __future__ import annotations

import numpy as np

from allocate.beds.instance import Instance
from allocate.beds.recount import Recount
from allocate.beds.solution import UNIT, Solution
from allocate.beds.winters import Closure
from allocate.beds.yields import lost_weeks, usable
from allocate.units import THOUSAND, Ints

PARTS = UNIT * THOUSAND  # of a person


def filled(instance: Instance, solution: Solution) -> tuple[Ints, Ints]:
    """Split people in booked beds over the bookings.

    Returns
    -------
    tuple
        People in the beds of each booking, in thousandths of parts of a person, (S, N, T); and
        those of them who came from another home's booking that week, (S, T).
    """
    recount = Recount(instance, solution)
    inside = recount.in_booked()
    samples, weeks = len(instance.winters.ids), len(instance.axes.starts)
    room = _room(instance, solution)
    people = np.zeros((samples, len(solution.offer), weeks), dtype=np.int64)
    moved = np.zeros((samples, weeks), dtype=np.int64)
    offers = instance.offers
    arrive = recount.admitted()
    for z, g in np.ndindex(instance.axes.shape[:2]):
        mine = [
            n for n, o in enumerate(solution.offer) if (offers.zone[o], offers.care[o]) == (z, g)
        ]
        # Those that last longest first: newcomers should not have to move.
        mine.sort(key=lambda n: (-int(solution.last[n]), int(solution.offer[n])))
        for t in range(weeks):
            total = inside[:, z, g, t]
            before = people[:, mine, t - 1] if t else np.zeros((samples, len(mine)), dtype=np.int64)
            stayed = np.maximum(total - arrive[:, z, g, t], 0)
            held = before.sum(axis=1)
            # Of those there before, as many stay in each home as in all, rounded down.
            keep = _share(before, stayed, held)
            keep = np.minimum(keep, room[:, mine, t])
            left = total - keep.sum(axis=1)
            newcomers = np.minimum(arrive[:, z, g, t], total)
            moved[:, t] += np.maximum(left - newcomers, 0)
            for at, n in enumerate(mine):
                more = np.minimum(left, room[:, n, t] - keep[:, at])
                people[:, n, t] = keep[:, at] + more
                left = left - more
    return people, moved


def _share(before: Ints, stayed: Ints, held: Ints) -> Ints:
    """Part of those held in each home who stay: the same part in all, rounded down."""
    part = np.minimum(stayed, held) / np.maximum(held, 1)
    return np.minimum(np.floor(before * part[:, None]).astype(np.int64), before)


def _room(instance: Instance, solution: Solution) -> Ints:
    """Beds of each booking that can be used, in thousandths of parts of a person, (S, N, T)."""
    samples, weeks = len(instance.winters.ids), len(instance.axes.starts)
    room = np.zeros((samples, len(solution.offer), weeks), dtype=np.int64)
    closures: list[list[Closure]] = [[] for _ in range(samples)]
    for closure in instance.winters.closures:
        closures[closure.winter].append(closure)
    lost = [lost_weeks(found) for found in closures]
    for n, (o, a, b, beds) in enumerate(
        zip(solution.offer, solution.first, solution.last, solution.beds, strict=True)
    ):
        home = int(instance.offers.home[o])
        whole = usable(instance, int(o)) * int(beds) * UNIT
        room[:, n, a : b + 1] = whole
        for s, weeks_lost in enumerate(lost):
            for (h, t), share in weeks_lost.items():
                if h == home and a <= t <= b:
                    room[s, n, t] = usable(instance, int(o), share) * int(beds) * UNIT
    return room
