"""Every plan of lots bounded at once, and the few that are worth placing everybody in."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment

from allocate.core.connected_lots import list_lots
from allocate.core.lot_plans import eased_by, plans_of, tightest
from allocate.core.partition import Partition
from allocate.labels import Bools
from allocate.lots.candidates import allowed, candidates_of, partition
from allocate.lots.care_prices import CarePrices
from allocate.lots.designs import Design
from allocate.lots.instance import Instance
from allocate.lots.solution import Solution
from allocate.units import Floats

LOOKED_AT = 200  # plans, best by the sum of their lots, of which leads are matched
BARRED = 1e12  # points of a lot under a lead that may not lead it
CENTS = 100  # lots are priced in these parts of a point, rounded down


@dataclass(frozen=True)
class Survivor:
    """A plan of lots that may be the best of its design.

    Parameters
    ----------
    lots
        The plan.
    bound
        It comes to no fewer points, whoever leads.
    leads
        Who leads each lot at that bound.
    """

    lots: Solution
    bound: float
    leads: tuple[int, ...]


@dataclass(frozen=True)
class Survivors:
    """The plans of a design that are worth solving.

    Parameters
    ----------
    plans
        How many plans there are.
    least
        None of them comes to fewer points.
    best
        The most promising, by bound.
    eased
        Share of an equal lot by which balance had to give, where no plan keeps it; None else.
    """

    plans: int
    least: float
    best: tuple[Survivor, ...]
    eased: float | None


def survivors(instance: Instance, prices: CarePrices, design: Design, most: int) -> Survivors:
    """Bound every plan of a design, and keep the most promising.

    Parameters
    ----------
    instance
        The lots question; hard rules on lots hold.
    prices
        Points of each cell under each lead, cells in the order of the lots question.
    design
        How many lots, and how many an owner may lead.
    most
        How many plans to keep.
    """
    if design.lots is None:
        plan = Solution(instance.cells.area)
        points = _leads(instance, prices, plan.lot == np.arange(plan.lots)[:, None])
        only = _matched(plan, points, prices, design)
        return Survivors(1, only.bound, (only,), None)
    asked, eased = _partition(instance, design.lots)
    lots = list_lots(asked)
    found = candidates_of(instance, lots.member(), design.lots)
    keep = allowed(instance, found) if eased is None else np.ones(len(found.number), dtype=bool)
    lots = lots.chosen(keep)
    plans = plans_of(asked, lots)
    points = _leads(instance, prices, lots.member())
    least = points.min(axis=1)
    shift = float(np.floor(min(0.0, least[np.isfinite(least)].min(initial=0.0))))
    cost = np.floor((np.where(np.isfinite(least), least, BARRED) - shift) * CENTS).astype(np.int64)
    chosen, worth = plans.best(cost, LOOKED_AT)
    floor = float(worth[0]) / CENTS + design.lots * shift - prices.room
    listed = [
        _matched(Solution(plans.cells(plan)), points[np.sort(plan)], prices, design)
        for plan in chosen
    ]
    listed.sort(key=lambda one: one.bound)
    return Survivors(plans.count, floor, tuple(listed[:most]), eased)


def _partition(instance: Instance, number: int) -> tuple[Partition, float | None]:
    """The cells and their rules; where no plan keeps the balance, the tightest that exists."""
    asked = partition(instance, number)
    if plans_of(asked, list_lots(asked)).count:
        return asked, None
    by = tightest(asked) or 0
    eased = eased_by(asked, by)
    return eased, eased.upper * number / max(1, int(instance.size.sum())) - 1


def _leads(instance: Instance, prices: CarePrices, member: Bools) -> Floats:
    """Points of each lot under each lead, what managing it costs among them, (N, K)."""
    return prices.by_lead(member) + instance.lot_cost / 100


def _matched(plan: Solution, points: Floats, prices: CarePrices, design: Design) -> Survivor:
    """Bound a plan: its lots under leads of whom no owner has more than its share.

    Parameters
    ----------
    plan
        The plan, its lots in the order of their first cells.
    points
        Of its lots under each lead, (lots, K).
    prices, design
        What lots cost, and how many an owner may lead.
    """
    seats: list[int] = []
    for owner in np.unique(prices.owner):
        mine = np.flatnonzero(prices.owner == owner)
        # Of one owner's providers any may lead: each lot has its best of them in each seat.
        seats += [int(mine[0])] * (design.owner_limit or plan.lots)
    best = {
        int(owner): np.flatnonzero(prices.owner == owner)[
            points[:, prices.owner == owner].argmin(axis=1)
        ]
        for owner in np.unique(prices.owner)
    }
    rows = np.arange(plan.lots)
    cost = np.stack([points[rows, best[int(prices.owner[seat])]] for seat in seats], axis=1)
    lot, seat = linear_sum_assignment(np.where(np.isfinite(cost), cost, BARRED))
    leads = tuple(
        int(best[int(prices.owner[seats[s]])][at]) for at, s in zip(lot, seat, strict=True)
    )
    return Survivor(plan, float(cost[lot, seat].sum()) - prices.room, leads)
