"""Partitions solved: three methods behind one door.

Where all connected lots can be listed, plans are counted through and the best is exact. Otherwise
costs by centres go to prices, annealing and HiGHS (``hess.py``), costs by cuts to column generation
(``cut_districts.py``). Lots with costs of their own are a program, with what else is decided.
"""

from __future__ import annotations

from math import inf

import numpy as np

from allocate.core.connected_lots import ConnectedLots, TooMany, list_lots
from allocate.core.cut_districts import solve_cuts
from allocate.core.hess import solve_centres
from allocate.core.lot_plans import plans_of
from allocate.core.partition import CentreCost, CutCost, LotCost, Partition
from allocate.core.pursuit import Pursuit
from allocate.units import Ints

LOOKED_AT, LISTED = 2 * 10**7, 2 * 10**5  # sets of cells, and lots, in a few seconds


def solve_partition(pursuit: Pursuit, seed: int) -> str:
    """Part cells into lots at the least cost; says how.

    Parameters
    ----------
    pursuit
        What is parted, its cost by centres or by cuts, and when to end. The best plan is left in
        it, and a bound: infinite where it is proven that there is no plan.
    seed
        Of everything random.

    Raises
    ------
    ValueError
        Where its lots are listed with costs of their own: that is a program.
    """
    partition = pursuit.partition
    cost = partition.cost
    if isinstance(cost, LotCost):
        raise ValueError("Listed lots are solved as a program.")
    if not partition.shares_fit():
        pursuit.proved(inf)
        return "islands"
    try:
        return _listed(pursuit)
    except TooMany:
        pass
    if isinstance(cost, CentreCost):
        solve_centres(pursuit, cost.way, seed)
        return "centres"
    solve_cuts(pursuit, cost.weight, seed)
    return "column generation"


def _listed(pursuit: Pursuit) -> str:
    """Choose the best of all plans."""
    partition = pursuit.partition
    lots = list_lots(partition, LISTED, LOOKED_AT)
    plans = plans_of(partition, lots)
    best, _ = plans.best(lot_costs(partition, lots))
    pursuit.met(plans.cells(best[0]) if best else None)
    pursuit.proved(inf)  # there is no better one
    return "every plan"


def lot_costs(partition: Partition, lots: ConnectedLots) -> Ints:
    """Count what each listed lot costs, (S,); cuts are counted at both ends, which is twice."""
    member, cost = lots.member(), partition.cost
    if isinstance(cost, CentreCost):
        whole = member.astype(np.int64) @ cost.way
        return np.where(member, whole, np.iinfo(np.int64).max).min(axis=1)
    if isinstance(cost, CutCost):
        a, b = partition.edges.T
        return (member[:, a] != member[:, b]) @ cost.weight
    return cost.cost
