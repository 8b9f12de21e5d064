"""Partitions solved: three methods behind one door.

Where all connected lots can be listed, plans are counted through and the best is exact. Otherwise
costs by centres go to prices, annealing and HiGHS (``hess.py``), costs by cuts to column generation
(``cut_districts.py``). Lots with costs of their own are a program, with what else is decided.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

import numpy as np

from allocate.core.connected_lots import ConnectedLots, TooMany, list_lots
from allocate.core.cut_districts import solve_cuts
from allocate.core.hess import solve_centres
from allocate.core.lot_plans import plans_of
from allocate.core.partition import CentreCost, CutCost, LotCost, Partition
from allocate.units import Ints

LOOKED_AT, LISTED = 2 * 10**7, 2 * 10**5  # sets of cells, and lots, in a few seconds


@dataclass(frozen=True)
class PartitionAnswer:
    """What was found for a partition.

    Parameters
    ----------
    lots
        Lot of each cell, (n,); None where no plan was found.
    bound
        No plan costs less; ``inf`` where it is proven that there is none.
    method
        How it was found.
    """

    lots: Ints | None
    bound: float
    method: str


def solve_partition(partition: Partition, *, seconds: float, seed: int) -> PartitionAnswer:
    """Part cells into lots at the least cost.

    Parameters
    ----------
    partition
        Its cost is by centres or by cuts.
    seconds, seed
        When to stop, and the seed of everything random.

    Raises
    ------
    ValueError
        Where its lots are listed with costs of their own: that is a program.
    """
    cost = partition.cost
    if isinstance(cost, LotCost):
        raise ValueError("Listed lots are solved as a program.")
    if not partition.shares_fit():
        return PartitionAnswer(None, inf, "islands")
    try:
        return _listed(partition)
    except TooMany:
        pass
    if isinstance(cost, CentreCost):
        lots, bound = solve_centres(partition, cost.way, seconds=seconds, seed=seed)
        return PartitionAnswer(lots, bound, "centres")
    lots, bound = solve_cuts(partition, cost.weight, seconds=seconds, seed=seed)
    return PartitionAnswer(lots, bound, "column generation")


def _listed(partition: Partition) -> PartitionAnswer:
    """Choose the best of all plans."""
    lots = list_lots(partition, LISTED, LOOKED_AT)
    plans = plans_of(partition, lots)
    best, paid = plans.best(lot_costs(partition, lots))
    if not best:
        return PartitionAnswer(None, inf, "every plan")
    twice = 2 if isinstance(partition.cost, CutCost) else 1
    return PartitionAnswer(plans.cells(best[0]), float(paid[0] // twice), "every plan")


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
