"""What care costs in every lot there might be, under every lead, at prices on what is scarce.

With a price on each provider's capacity, each package has its own cheapest provider, and whoever
leads a lot is given a credit for each referral of the lot that it takes. So what a lot costs under
a lead is a sum over its places: one table, places by leads, prices every lot, and what lots cost
bounds every plan from below (Geoffrion 1974, as in ``allocate.homecare.proof``). Prices are found
once, by steps along what is over or under capacity (M. Held, P. Wolfe & H. P. Crowder, Mathematical
Programming 6, 1974); any prices that are not negative give a bound.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from allocate.homecare.charges import Charges
from allocate.homecare.instance import Instance as Care
from allocate.homecare.pairs import build_pairs
from allocate.homecare.row_prices import Prices
from allocate.labels import Bools, positions
from allocate.units import Floats, Ints

STEPS = 150  # of the search for prices
HALVED = 15  # steps without a better bound before they get smaller


@dataclass(frozen=True)
class CarePrices:
    """What places cost under each lead, in points.

    Parameters
    ----------
    cost
        Points of each place if a provider leads its lot, the growth of the lead aside, (L, K).
    free
        Points that growth of a newly appointed lead is worth, (K,).
    may_lead
        Whether a provider may lead, and works in a place, (K, L).
    room
        Points of all capacity, at its prices.
    owner
        Owner of each provider, (K,).
    """

    cost: Floats
    free: Floats
    may_lead: Bools
    room: float
    owner: Ints

    def by_lead(self, member: Bools) -> Floats:
        """Points of each lot under each lead, infinite where it may not lead there, (N, K)."""
        points = member @ self.cost - self.free[None, :]
        reaches: NDArray[np.int64] = member.astype(np.int64) @ self.may_lead.T.astype(np.int64)
        return np.where(reaches > 0, points, np.inf)


def care_costs(care: Care, cells: Sequence[str], weights: Mapping[str, Fraction]) -> CareCosts:
    """Lift capacity into the objective of a home care question.

    Parameters
    ----------
    care
        The question with each place as an area of its own.
    cells
        Labels of the places, in the order in which they are to be priced.
    weights
        Points for one unit of each term.
    """
    pairs = build_pairs(care)
    charges = Charges(care, weights, Prices(1, {}))
    per = charges.scale.per
    may = care.providers.can_lead & ~care.providers.suspended
    lead = charges.scale.units.get("lead_accepts_share", 0) / per
    return CareCosts(
        package=pairs.package,
        provider=pairs.provider,
        pay=charges.places(pairs).astype(float) / per,
        wait=np.where(charges.may_wait, charges.waits().astype(float) / per, np.inf),
        load=care.packages.load.astype(float),
        place=positions(care.places, cells)[care.packages.place],
        credit=charges.counts.astype(float) * lead,
        share=float(care.rules["lead_accepts_share"].value or 0),
        capacity=care.providers.capacity.astype(float),
        growth=care.providers.growth.astype(float),
        may_lead=care.reach[:, positions(cells, care.places)] & may[:, None],
        owner=care.providers.owner,
    )


@dataclass(frozen=True)
class CareCosts:
    """The home care question with capacity lifted into the objective.

    Parameters
    ----------
    package, provider, pay
        Pairs, and points of each, (E,).
    wait, load, place, credit
        Points of leaving each package waiting, minutes it takes, its place, and points that a lead
        is credited for taking it, (P,).
    share
        Of referrals that leads take.
    capacity, growth
        Minutes a week, (K,).
    may_lead
        Whether a provider may lead, and works in a place, (K, L).
    owner
        Owner of each provider, (K,).
    """

    package: Ints
    provider: Ints
    pay: Floats
    wait: Floats
    load: Floats
    place: Ints
    credit: Floats
    share: float
    capacity: Floats
    growth: Floats
    may_lead: Bools
    owner: Ints

    def priced_for(self, lots: Ints) -> CarePrices:
        """Find prices that suit a plan of lots, and price every place with them.

        Parameters
        ----------
        lots
            Lot of each place, (L,).
        """
        price = self._climb(lots)
        cost, _ = self._places(price)
        free, room = price * self.growth, float(price @ self.capacity)
        return CarePrices(cost, free, self.may_lead, room, self.owner)

    def _cheapest(self, price: Floats) -> tuple[Floats, Floats, Ints]:
        """Points of each pair; and of each package its cheapest way and who that is, -1: waits."""
        paid = self.pay + price[self.provider] * self.load[self.package]
        order = np.lexsort((-paid, self.package))  # of one package the cheapest comes last
        best, who = self.wait.copy(), np.full(len(self.wait), -1, dtype=np.int64)
        least, by = np.full(len(self.wait), np.inf), who.copy()
        least[self.package[order]] = paid[order]
        by[self.package[order]] = self.provider[order]
        better = least < best
        best[better], who[better] = least[better], by[better]
        return paid, best, who

    def _places(self, price: Floats) -> tuple[Floats, Ints]:
        """Points of each place under each lead, (L, K), and who has a package if nobody leads."""
        paid, best, who = self._cheapest(price)
        places, leads = self.may_lead.shape[1], self.may_lead.shape[0]
        charged: Floats = best + self.share * self.credit
        base: Floats = np.bincount(self.place, charged, places).astype(np.float64)
        gain = np.minimum(paid - self.credit[self.package] - best[self.package], 0.0)
        cost: Floats = np.tile(base[:, None], (1, leads))
        np.add.at(cost, (self.place[self.package], self.provider), gain)
        return cost, who

    def _climb(self, areas: Ints) -> Floats:
        """Find prices at which a plan of lots has a high bound, (K,)."""
        member = np.unique(areas)[:, None] == areas[None, :]
        reaches = (member.astype(np.int64) @ self.may_lead.T.astype(np.int64)) > 0
        price = np.zeros(len(self.capacity))
        best_price, best, scale, idle = price, -np.inf, 1.0, 0
        for _ in range(STEPS):
            cost, who = self._places(price)
            points = np.where(reaches, member @ cost - price * self.growth, np.inf)
            leads = points.argmin(axis=1)
            value = float(points.min(axis=1).sum() - price @ self.capacity)
            over = self._over(price, leads, areas, who)
            idle = 0 if value > best else idle + 1
            if value > best:
                best, best_price = value, price
            if idle == HALVED:
                scale, idle, price = scale / 2, 0, best_price
                continue
            norm = float(over @ over)
            if not norm:
                break
            step = scale * 0.01 * max(abs(best), 1.0) / norm
            price = np.maximum(0.0, price + step * over)
        return best_price

    def _over(self, price: Floats, leads: Ints, areas: Ints, who: Ints) -> Floats:
        """Minutes that each provider is given beyond what it can staff, (K,)."""
        paid, best, _ = self._cheapest(price)
        lead = leads[np.unique(areas, return_inverse=True)[1]][self.place]  # of each package
        mine = self.provider == lead[self.package]
        takes = mine & (paid - self.credit[self.package] < best[self.package])
        given = who.copy()
        given[self.package[takes]] = self.provider[takes]
        placed = given >= 0
        load = np.bincount(given[placed], self.load[placed], len(self.capacity))
        grown = np.zeros_like(load)
        grown[np.unique(leads)] = self.growth[np.unique(leads)]
        over: Floats = load - self.capacity - grown
        return over
