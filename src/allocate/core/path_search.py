"""Partitions that cut few edges, proven: lots are priced exactly as paths of a diagram.

Column generation ends with prices at which no lot gains. A plan that is better than the best one
has only lots that cost little more than these prices, and where all such lots can be listed, the
best of the plans that they make is the best of all (R. Baldacci, N. Christofides & A. Mingozzi,
Mathematical Programming 115, 2008).
"""

from __future__ import annotations

from math import ceil, inf

import numpy as np

from allocate.core.lot_choice import LotChoice
from allocate.core.lot_diagram import LotDiagram
from allocate.core.lot_paths import LotPaths
from allocate.core.lot_pricing import LotPricing
from allocate.core.partition import Bools
from allocate.core.pursuit import Pursuit
from allocate.units import Floats, Ints

SMOOTH = 0.7  # how far prices stay at those of the best bound
SHARES = (0.3, 0.6, 1.0)  # of the way to what known lots cost, up to which others are looked for
WINDOW = 0.5  # above the least that a lot may cost, in what an edge weighs
EACH, JOINED = 5, 1000  # lots that join at once: that begin with the same cell, and in all
FEW, MANY = 4 * 10**6, 4 * 10**8  # states that are looked at for lots that join, and for all
A_SECOND = 3 * 10**7  # states that are looked at in a second, or more
LISTED = 2 * 10**5  # lots from which the best plan is chosen at last
LAST_SHARE = 0.8  # of the time, when known lots make a plan at the latest
CHOICE_SHARE = 0.1  # of the time, for one choice from known lots
DEAR = 30.0  # what a cell may pay at first, in what an edge weighs
SURE = 1e-6  # what floats of prices are trusted to
HAIR = 1e-4  # what floats of the bound are trusted to


class PathSearch:
    """Prices, and the lots known so far.

    Parameters
    ----------
    pursuit
        What is parted, its cost by cuts; plans and bounds go there.
    weight
        Of each edge, (E,).
    diagram
        Of all lots.
    """

    def __init__(self, pursuit: Pursuit, weight: Ints, diagram: LotDiagram) -> None:
        self._pursuit, self._partition = pursuit, pursuit.partition
        self._paths = LotPaths(self._partition, diagram)
        self._pricing = LotPricing(self._partition, weight)
        self._choice = LotChoice(self._partition, self._pricing)
        together = len(self._partition.together)
        self._cut = np.concatenate([weight / 2, np.full(together, inf)])
        self._joined = np.zeros(len(self._cut))
        self._most = int(weight.sum())  # that a plan can cost
        self._edge = max(1.0, self._most / max(1, len(weight)))
        self._dear = DEAR * self._edge
        self._proven, self._least = -inf, -inf
        self._centre: Floats | None = None

    def close(self, known: Bools) -> None:
        """Find the best plan and prove it, as far as time allows, from some lots, (S, n)."""
        pursuit = self._pursuit
        self._choice.add(known)
        self._generate()
        if not pursuit.over():
            seconds = min(CHOICE_SHARE * pursuit.seconds, pursuit.left)
            pursuit.met(self._choice.whole(seconds)[0])
        if self._centre is not None:
            self._choose_from_all(self._centre, self._least)

    def _generate(self) -> None:
        """Let lots that gain join until none does, or others are left too little time."""
        while not self._pursuit.over() and self._pursuit.spent < LAST_SHARE:
            now = self._choice.relaxed(self._dear)
            centre = now.price if self._centre is None else self._centre
            price = SMOOTH * centre + (1 - SMOOTH) * now.price
            if (
                self._join(price, now.lot, WINDOW * self._edge, FEW)
                or self._join(now.price, now.lot, 0, FEW)
                or self._join(now.price, now.lot, 0, MANY)
            ):
                continue
            if not now.bare:
                return
            self._dear *= 2

    def _join(self, price: Floats, lot: float, window: float, looked: int) -> int:
        """Look for lots that gain, where known ones cost so much; says how many join.

        At prices of which none gains, those within a window above the least are looked for.
        """
        least = self._paths.least(price, self._cut, self._joined)
        room, joined = max(lot - SURE - least, window), 0
        for share in SHARES:
            below = least + share * room
            found, whole = self._paths.below(below, EACH, JOINED, self._few(looked))
            if whole:
                paid = self._pricing.half_cut(found) - found @ price
                self._raise(price, min(below, paid.min(initial=inf)))
            joined = self._choice.add(found)
            if joined:
                break
        self._raise(price, least)
        return joined

    def _few(self, looked: int) -> int:
        """So many states, or as many as can be looked at in the time left."""
        return min(looked, int(A_SECOND * max(0.0, self._pursuit.left)))

    def _raise(self, price: Floats, least: float) -> None:
        """Count what prices prove, where no lot costs less than so much."""
        proven = float(price.sum()) + self._number(least) * least
        if proven <= self._proven:
            return
        self._proven, self._least, self._centre = proven, least, price
        bound = ceil(proven - HAIR)
        self._pursuit.proved(bound if bound <= self._most else inf)

    def _number(self, least: float) -> int:
        """How many lots prove the least."""
        return self._partition.most if least < 0 else self._partition.least

    def _choose_from_all(self, price: Floats, least: float) -> None:
        """Choose from all lots that a plan which costs so much may have, and costs more, and so on.

        Parameters
        ----------
        price, least
            Of each cell, (n,), and what no lot costs less than at these prices.
        """
        pursuit = self._pursuit
        self._paths.least(price, self._cut, self._joined)
        others = float(price.sum()) + (self._number(least) - 1) * least
        target = ceil(self._proven - HAIR)
        while not pursuit.over() and target <= self._most:
            most = self._few(MANY)
            found, whole = self._paths.below(target - others + HAIR, LISTED, LISTED, most)
            if not whole:
                return
            choice = LotChoice(self._partition, self._pricing)
            choice.add(found)
            plan, bound = choice.whole(pursuit.left, target)
            pursuit.met(plan)
            if bound < inf:
                pursuit.proved(bound if bound == -inf else ceil(bound - HAIR))
                return
            pursuit.proved(target + 1)
            target += ceil(self._edge)
        if target > self._most:
            pursuit.proved(inf)
