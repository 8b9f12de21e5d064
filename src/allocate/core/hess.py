"""Partitions by centres: annealing finds plans, prices bound them, HiGHS settles what is open.

Prices of cells and of balance prove of most pairs of a cell and a centre that no plan better than
the one in hand has them (H. Validi, A. Buchanan & E. Lykhovyd, Operations Research 70, 2022). What
is shut leaves other cells out of reach, and lets prices climb further, round by round.
"""

from __future__ import annotations

from math import inf

import numpy as np

from allocate.core.hess_bound import CentrePrices, assignment_bounds, centre_prices
from allocate.core.hess_program import settle
from allocate.core.hess_reach import reachable
from allocate.core.plan_search import PlanSearch
from allocate.core.pursuit import Pursuit
from allocate.units import Ints

SEARCH_SHARE = 0.4  # of the time: more is HiGHS's, where so few pairs are open that it may settle
FEW, MOST_OPEN = 3000, 30_000  # open pairs: that HiGHS settles in seconds, or at all
ROUNDS = 2, 12  # of search between two bounds: while the plan improves, and when it does not
STALLED = 6  # long searches that find nothing better


def solve_centres(pursuit: Pursuit, way: Ints, seed: int) -> None:
    """Part cells into lots, each around a centre, at the least cost.

    Parameters
    ----------
    pursuit
        What is parted, and when to end; the best plan and the bound are left in it, an infinite
        bound where it is proven that there is no plan.
    way
        Of each cell to each centre, whole and never negative, (n, n).
    seed
        Of everything random.
    """
    partition = pursuit.partition
    if not partition.shares_fit():
        pursuit.proved(inf)
        return
    search, bound = PlanSearch(pursuit, seed), _Bound(pursuit, way)
    search.first()
    while not pursuit.over():
        many = bound.raise_()
        done = search.stalled >= STALLED or pursuit.spent > SEARCH_SHARE
        if pursuit.over():
            return
        if many <= FEW or (many <= MOST_OPEN and done):
            settle(pursuit, way, bound.open, seed)
            return
        search.run(ROUNDS[search.stalled > 0], bound.centres)


class _Bound:
    """Prices, and the pairs that a plan better than the best one may have."""

    def __init__(self, pursuit: Pursuit, way: Ints) -> None:
        self._pursuit, self._way = pursuit, way
        n = pursuit.partition.cells
        self.open = reachable(pursuit.partition, np.ones((n, n), dtype=bool))
        self._prices: CentrePrices | None = None
        self._at: tuple[float, int] | None = None

    @property
    def centres(self) -> Ints | None:
        """Centres that the bound would open, where they are as many as lots may be."""
        prices, partition = self._prices, self._pursuit.partition
        if prices is None or not partition.least <= len(prices.centres) <= partition.most:
            return None
        return prices.centres

    def raise_(self) -> int:
        """Let prices climb and shut pairs, where there is news; says how many are open."""
        pursuit, partition = self._pursuit, self._pursuit.partition
        while self._at != (pursuit.value, int(self.open.sum())) and not pursuit.over():
            self._at = pursuit.value, int(self.open.sum())
            if not self._coverable():
                pursuit.proved(inf)
                break
            goal = None if pursuit.best is None else pursuit.value
            self._prices = centre_prices(partition, self._way, self.open, goal, self._prices)
            found = assignment_bounds(partition, self._way, self.open, self._prices)
            pursuit.proved(float(found.min()))
            self.open = reachable(partition, self.open & (found < pursuit.value))
        return int(self.open.sum())

    def _coverable(self) -> bool:
        """Whether each cell has a centre still, and there are centres enough."""
        return bool(self.open.any(axis=1).all()) and (
            int(self.open.diagonal().sum()) >= self._pursuit.partition.least
        )
