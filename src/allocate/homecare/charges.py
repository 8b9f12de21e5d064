"""What each option of a package is charged: its part of the sum, and the prices of what it takes.

All is in whole steps. Numbers of 64 bits are used where none can overflow, else Python's own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np

from allocate.homecare.instance import Instance
from allocate.homecare.labels import HANDED_BACK, PLACED, WAITING, Bools
from allocate.homecare.lead_choice import lead_choice
from allocate.homecare.pairs import Pairs
from allocate.homecare.row_prices import Prices, priced_rows, scale_of
from allocate.homecare.whole import Whole, kind_for, sums
from allocate.units import THOUSAND, Ints, ceil_div, thousandths, yearly_cash

# Rules that a pair may break at a price; the others are about more than one package.
PAIR_CHARGES = ("quality_floor", "needs_met", "choice_kept", "locked_stay", "rate_floor")


class Charges:
    """Charges on the options of packages.

    Parameters
    ----------
    instance
        The question.
    weights
        Weight of each term in the sum, for a unit of it.
    prices
        Prices on rows.

    Attributes
    ----------
    leads
        What may be chosen of leads.
    scale, rows
        Weights and prices as whole numbers.
    may_wait
        Packages that the rules let wait, (P,).
    group
        Packages that go to one provider together, by the position of the first of them, (P,).
    """

    def __init__(self, instance: Instance, weights: Mapping[str, Fraction], prices: Prices) -> None:
        self.instance = instance
        self.leads = lead_choice(instance)
        self.scale = scale_of(instance, weights, prices)
        self.rows = priced_rows(instance, self.leads, prices, self.scale)
        self.group = _groups(instance)
        packages = instance.packages
        self.may_wait = packages.referral | (not instance.strict("placed_once"))
        if not instance.bends:
            self.may_wait &= ~instance.pins.pinned

    @cached_property
    def counts(self) -> Ints:
        """What each package counts among its area's referrals, (P,)."""
        packages = self.instance.packages
        by_hours = self.instance.rules["lead_accepts_share"].options["by"] == "hours"
        return np.where(packages.referral, packages.minutes if by_hours else 1, 0)

    @cached_property
    def accepts(self) -> Whole:
        """Credit for each referral that a possible lead takes, (A, K).

        Where several may lead at once the row is one for all of them, and has one price.
        """
        by_lead = self.rows.tables["lead_accepts_share"]
        together = np.where(self.leads.possible, by_lead.max(axis=1, keepdims=True), 0)
        return np.where(self.leads.single[:, None], by_lead, together)

    @cached_property
    def due(self) -> Whole:
        """Charge for what the leads of an area have to accept of its referrals, (A, K)."""
        areas = len(self.instance.areas.ids)
        referrals = sums(self.instance.packages.area, self.counts, areas)
        share = thousandths(self.instance.rules["lead_accepts_share"].value)
        return self.accepts * ceil_div(referrals * share, THOUSAND)[:, None]

    @cached_property
    def limits(self) -> int:
        """Sum of what the rules allow, at their prices."""
        instance, rows = self.instance, self.rows.tables
        providers, areas, rules = instance.providers, instance.areas, instance.rules
        hours = int(instance.packages.minutes.sum()) * thousandths(rules["share_limit"].value)
        limits = {
            "within_capacity": providers.capacity,
            "within_bands": providers.bands,
            "share_limit": np.array(hours // THOUSAND, dtype=object),
            "within_budget": 365 * areas.budget.astype(object) - instance.budget_flow,
            "moves_limit": np.array(int(float(rules["moves_limit"].value or 0)), dtype=object),
        }
        return sum(int((rows[rule] * limit).sum()) for rule, limit in limits.items())

    @cached_property
    def cash(self) -> Whole:
        """Charge for a penny a year of each package: the term, and the budget of its area, (P,)."""
        packages, areas = self.instance.packages, self.instance.areas
        drawn = self.rows.tables["within_budget"] * (7 * areas.weeks.astype(object))
        new = packages.status == WAITING
        return self.scale.terms["cash"] + drawn[packages.area] * new

    @cached_property
    def load(self) -> Whole:
        """Charge for a minute of a provider's own capacity in each area, (K, A)."""
        rows = self.rows.tables
        return rows["within_capacity"][:, None] + rows["round_capacity"]

    @cached_property
    def minutes(self) -> Whole:
        """Charge for a minute of care in each area, (K, A): shares of owners, less rounds."""
        rows, owner = self.rows.tables, self.instance.providers.owner
        return rows["share_limit"][owner][:, None] - rows["viable_round"]

    @cached_property
    def beyond(self) -> int:
        """More than any option of a group can come to."""
        return 4 * int(np.bincount(self.group).max(initial=1)) * sum(self._most())

    @cached_property
    def kind(self) -> np.dtype[Any]:
        """The numbers to count in: of 64 bits where nothing can overflow them."""
        return kind_for(self.beyond)

    def _most(self) -> Iterator[int]:
        """The most that each part of a charge can come to."""
        instance, packages, terms = self.instance, self.instance.packages, self.scale.terms
        minutes, visits = _largest(packages.minutes), _largest(packages.visits)
        cash = yearly_cash(minutes, _largest(instance.rate), instance.paid_share)
        yield _largest(self.cash) * max(int(cash), 1)
        yield terms["travel"] * _largest(instance.travel) * visits
        yield terms["changes"] * THOUSAND
        yield terms["waiting"] * _largest(packages.wait_steps)
        yield (_largest(self.load) + _largest(self.minutes)) * minutes
        yield _largest(self.rows.tables["within_bands"]) * _largest(packages.bands) * 4
        yield _largest(self.rows.tables["moves_limit"]) + _largest(self.rows.active[1])
        yield _largest(self.accepts) * minutes
        yield sum(self.scale.units.values()) * minutes

    def waits(self) -> Whole:
        """Charge for leaving each package waiting, whether it may or not, (P,)."""
        packages, terms, units = self.instance.packages, self.scale.terms, self.scale.units
        changed = (THOUSAND - packages.transfer) * (packages.status == HANDED_BACK)
        placed = packages.status == PLACED
        return (
            self._times(packages.wait_steps, terms["waiting"])
            + self._times(changed, terms["changes"])
            + self._times(placed, units.get("placed_once", 0))
        )

    def places(self, pairs: Pairs) -> Whole:
        """Charge for each pair, no credit given for leads, (E,)."""
        packages, terms = self.instance.packages, self.scale.terms
        package, provider = pairs.package, pairs.provider
        area = packages.area[package]
        known = packages.status[package] != WAITING
        changed = np.where(pairs.stays | ~known, 0, (THOUSAND - packages.transfer)[package])
        charge = self.cash.astype(self.kind)[package] * pairs.cash
        charge += self._times(pairs.travel, terms["travel"])
        charge += self._times(changed, terms["changes"])
        charge += self.load.astype(self.kind)[provider, area] * packages.load[package]
        charge += self.minutes.astype(self.kind)[provider, area] * packages.minutes[package]
        by_band = self.rows.tables["within_bands"].astype(self.kind)
        for band in np.flatnonzero(by_band.any(axis=0)):
            charge += by_band[provider, band] * packages.band_load[package, band]
        charge += self._times(pairs.breaks["moves_limit"], self.rows.tables["moves_limit"].item())
        for rule in PAIR_CHARGES:
            steps = packages.minutes[package] if rule == "rate_floor" else 1
            charge += self._times(pairs.breaks[rule] * steps, self.scale.units.get(rule, 0))
        return charge + self._links(pairs)

    def credits(self, pairs: Pairs) -> Whole:
        """Credit for each pair if its provider leads the area, (E,)."""
        area = self.instance.packages.area[pairs.package]
        return self.accepts.astype(self.kind)[area, pairs.provider] * self.counts[pairs.package]

    def _links(self, pairs: Pairs) -> Whole:
        """Price of each pair's row under ``active``, (E,)."""
        keys, prices = self.rows.active
        charge = np.zeros(len(pairs.package), dtype=self.kind)
        if len(keys):
            key = pairs.package * len(self.instance.providers.ids) + pairs.provider
            at = np.minimum(np.searchsorted(keys, key), len(keys) - 1)
            found = keys[at] == key
            charge[found] = prices[at[found]]
        return charge

    def _times(self, amounts: Ints | Bools, price: int) -> Whole:
        """Multiply amounts by one price."""
        return amounts * np.array(price, dtype=self.kind)


def _largest(numbers: Whole) -> int:
    """The largest of some numbers without their signs, at least 1."""
    return max(1, int(np.abs(numbers).max(initial=0)))


def _groups(instance: Instance) -> Ints:
    """First package of each one's household; itself where none has to stay together, (P,).

    Referrals are credited area by area, so a household in two areas is taken for two households.
    """
    packages = instance.packages
    group = np.arange(len(packages.ids))
    if instance.strict("household_together"):
        members = np.flatnonzero(packages.household >= 0)
        home = packages.household * len(instance.areas.ids) + packages.area
        _, first, at = np.unique(home[members], return_index=True, return_inverse=True)
        group[members] = members[first[at]]
    return group
