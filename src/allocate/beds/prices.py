"""What one person's stay costs, by source of money, from the week of admission on.

A stay is priced once, when it begins: the sum over its weeks of the share who are still there times
the price of the week. After the last week of the winter the price of that week goes on. Who goes to
live in a care home is priced at beds bought one by one, paid by the council, up to the last week.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from allocate.beds.axes import SOURCES, Axes
from allocate.beds.market import Market
from allocate.beds.offers import FNC_ON_TOP, FNC_WITHIN, Offers
from allocate.beds.payers import COUNCIL, NHS, Payers
from allocate.beds.stays import Stays
from allocate.units import THOUSAND, Ints

EXACT = THOUSAND * THOUSAND  # shares of people times shares of payers


@dataclass(frozen=True)
class Prices:
    """Pence by source of money.

    Parameters
    ----------
    spot
        A stay in a bed bought one by one, by zone, care type and week of admission, (P, Z, G, T).
    booked
        What a stay in a booked bed costs beside the booking: weeks after the last one, and living
        in a care home for good, by the person's zone and the bed's, (P, Z, Z, G, T).
    moved
        A week in a bed moved to, (P, Z, G, T).
    alternative
        A person helped by an alternative, (P, N, T).
    """

    spot: Ints
    booked: Ints
    moved: Ints
    alternative: Ints


def build_prices(axes: Axes, stays: Stays, market: Market, payers: Payers) -> Prices:
    """Price every stay there can be."""
    zones, _, weeks = axes.shape
    counted = _Counter(stays, market, payers, weeks)
    spot = np.zeros((len(SOURCES), *axes.shape), dtype=np.int64)
    booked = np.zeros((len(SOURCES), zones, *axes.shape), dtype=np.int64)
    moved = np.zeros_like(spot)
    for z, g, t in np.ndindex(axes.shape):
        good = counted.for_good(z, g, t)
        spot[:, z, g, t] = _rounded(counted.weeks_in_bed(z, g, t, 0), good)
        price = market.price(z, g, t)
        moved[:, z, g, t] = _rounded([THOUSAND * x for x in payers.split(price, g, t)], 0)
        after = counted.weeks_in_bed(z, g, t, weeks - t)
        for i in range(zones):
            stay = int(market.permanent[i, z, g])
            elsewhere = counted.for_good(i, g, t)
            mixed = (stay * good + (THOUSAND - stay) * elsewhere + THOUSAND // 2) // THOUSAND
            booked[:, i, z, g, t] = _rounded(after, mixed)
    return Prices(spot, booked, moved, _alternatives(market, counted, weeks))


class _Counter:
    """Adds up the weeks of stays, in millionths of a penny."""

    def __init__(self, stays: Stays, market: Market, payers: Payers, weeks: int) -> None:
        self.stays, self.market, self.payers, self.weeks = stays, market, payers, weeks

    def weeks_in_bed(self, zone: int, care: int, week: int, since: int) -> list[int]:
        """Price of a bed, for the weeks of a stay from ``since`` weeks after admission."""
        return self._added(
            care, week, since, lambda t: self.market.price(zone, care, min(t, self.weeks - 1))
        )

    def _added(self, care: int, week: int, since: int, price: Callable[[int], int]) -> list[int]:
        total = [0] * len(SOURCES)
        for w in range(since, self.stays.weeks):
            at = min(week + w, self.weeks - 1)
            there = int(self.stays.there[care, w])
            parts = self.payers.split(price(at), care, at, w)
            total = [sum_ + there * part for sum_, part in zip(total, parts, strict=True)]
        return total

    def helped(self, service: int, week: int) -> list[int]:
        """Price of an alternative, for all weeks in which the person would have been in a bed."""
        alternatives = self.market.alternatives
        return self._added(
            int(alternatives.need[service]), week, 0, lambda _: int(alternatives.rate[service])
        )

    def for_good(self, zone: int, care: int, week: int) -> int:
        """Price of living in a care home, for the weeks of the winter after the stay ends."""
        total = 0
        for t in range(week + 1, self.weeks):
            there = int(self.stays.there[care, t - week]) if t - week < self.stays.weeks else 0
            gone = (THOUSAND - there) * int(self.stays.for_good[care])
            total += gone * self.market.price(zone, care, t)
        return total


def _rounded(parts: list[int], council: int) -> list[int]:
    """Round half up to the penny, what only the council pays added."""
    added = [part + (council if p == COUNCIL else 0) for p, part in enumerate(parts)]
    return [(2 * part + EXACT) // (2 * EXACT) for part in added]


def _alternatives(market: Market, counted: _Counter, weeks: int) -> Ints:
    table = np.zeros((len(SOURCES), len(market.alternatives.names), weeks), dtype=np.int64)
    for n in range(len(market.alternatives.names)):
        for t in range(weeks):
            table[:, n, t] = _rounded(counted.helped(n, t), 0)
    return table


def booking_prices(offers: Offers, payers: Payers, offer: Ints, first: Ints, last: Ints) -> Ints:
    """Pence that one bed of each window costs each source, (P, K).

    Funded nursing care is the NHS's; the rest of the rate is shared out week by week and rounded
    half up once for the window, what is left of it being the council's.
    """
    table = np.zeros((len(SOURCES), len(offer)), dtype=np.int64)
    for k, (o, a, b) in enumerate(zip(offer.tolist(), first.tolist(), last.tolist(), strict=True)):
        rate, weeks = int(offers.rate[o]), b - a + 1
        within = min(payers.fnc, rate) if offers.fnc[o] == FNC_WITHIN else 0
        nursing = payers.fnc if offers.fnc[o] == FNC_ON_TOP else within
        parts = [0] * len(SOURCES)
        for t in range(a, b + 1):
            shares = payers.split(rate - within, int(offers.care[o]), t)
            parts = [x + y for x, y in zip(parts, shares, strict=True)]
        each = [(2 * part + THOUSAND) // (2 * THOUSAND) for part in parts]
        each[COUNCIL] = (rate - within) * weeks - sum(each) + each[COUNCIL]
        each[NHS] += nursing * weeks
        table[:, k] = each
    return table
