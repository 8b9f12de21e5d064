"""Prices under which every provider packs: on what each package earns, and on leading an area."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from allocate.homecare.charges import Charges
from allocate.homecare.labels import Bools
from allocate.homecare.row_prices import Prices, positions_of
from allocate.homecare.whole import Whole, kind_for

PACKING = ("placed_once", "leads_per_area")
# Rules that each provider keeps by itself when it packs, so that they have no price then.
PACKED = ("within_capacity", "appointed_only_as_lead", "lead_is_appointed")
ROUNDS = ("viable_round", "round_capacity")


@dataclass(frozen=True)
class PackingPrices:
    """Prices over the common denominator.

    Parameters
    ----------
    placed
        What it earns that a package is placed or waits, of any sign, (P,).
    lead
        What it earns to lead an area, of any sign, (A,).
    named
        Possible leads of whom a plan is thought to take its leads, (A, K).
    closed
        The other possible leads of areas that exactly one provider leads, (A, K).
    """

    placed: Whole
    lead: Whole
    named: Bools
    closed: Bools

    @cached_property
    def sole(self) -> Bools:
        """Who alone is named of an area, (A, K)."""
        return self.named & (self.named.sum(axis=1) == 1)[:, None]


def packing_prices(charges: Charges, prices: Prices) -> PackingPrices:
    """Read prices under which every provider packs.

    Parameters
    ----------
    charges
        On the options of packages, at all prices but those on ``PACKING`` and ``PACKED``.
    prices
        All of them.

    Raises
    ------
    ValueError
        Where packing proves nothing under these prices, or they are about what the case lacks.
    """
    _refuse_what_is_not_packed(charges)
    if PACKING[0] not in prices.rows:
        raise ValueError("Prices on leads_per_area stand only beside prices on placed_once.")
    factor = charges.scale.per // prices.scale
    rows = prices.rows[PACKING[0]]
    placed = np.zeros(len(charges.instance.packages.ids), dtype=object)
    placed[positions_of(charges.instance, PACKING[0], rows)] = [
        price * factor for price in rows.values()
    ]
    most = charges.beyond + max(map(abs, placed.tolist()), default=0)
    lead, named = _read_leads(charges, prices.rows.get(PACKING[1], {}), factor)
    may = charges.leads.possible & charges.leads.single[:, None]
    return PackingPrices(placed.astype(kind_for(most)), lead, named, may & ~named)


def _refuse_what_is_not_packed(charges: Charges) -> None:
    """Refuse a question, or prices, for which what a provider has is more than a knapsack."""
    rows, leads = charges.rows, charges.leads
    if not charges.instance.strict("within_capacity"):
        raise ValueError("Providers pack only where within_capacity is hard.")
    if len(rows.active[0]) or any(rows.tables[rule].any() for rule in ROUNDS):
        raise ValueError("Where providers pack, no price can be on rounds.")
    if charges.accepts[~leads.single].any():
        raise ValueError("A price on lead_accepts_share is where several may lead, or nobody.")


def _read_leads(
    charges: Charges, rows: Mapping[tuple[str, ...], int], factor: int
) -> tuple[Whole, Bools]:
    """Read what it earns to lead each area, and who is named for it: (A,) and (A, K)."""
    leads = charges.leads
    may = leads.possible & leads.single[:, None]
    area, provider = positions_of(charges.instance, PACKING[1], rows)
    if not may[area, provider].all():
        raise ValueError("A price on leads_per_area names who cannot be the one lead of the area.")
    named = np.zeros_like(may)
    named[area, provider] = True
    if (may.any(axis=1) & ~named.any(axis=1)).any():
        raise ValueError("A price on leads_per_area is missing: nobody is named of an area.")
    lead = np.zeros(len(may), dtype=object)
    lead[area] = told = np.array([price * factor for price in rows.values()], dtype=object)
    if (lead[area] != told).any():
        raise ValueError("Prices on leads_per_area differ within an area.")
    return lead, named
