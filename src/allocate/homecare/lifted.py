"""What no plan can go below once all the rules are lifted that tie packages to each other.

Each package has its own cheapest option then, at the prices of what it takes: A. M. Geoffrion,
"Lagrangean relaxation for integer programming", Mathematical Programming Study 2 (1974).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from allocate.homecare.blocks import blocks, pairs_of
from allocate.homecare.charges import Charges
from allocate.homecare.lead_choice import LeadChoice
from allocate.homecare.pairs import Pairs
from allocate.homecare.whole import Whole, summed, sums
from allocate.units import Ints


@dataclass(frozen=True)
class Lifted:
    """The bound, and how it hangs on who leads.

    Parameters
    ----------
    total
        No plan comes to less, in steps of the charges.
    more
        Nor to less than so much above ``total`` if this provider leads this area, where exactly one
        of those possible does; elsewhere nought, (A, K).
    """

    total: int
    more: Whole


def lifted(charges: Charges) -> Lifted:
    """Count what no plan can go below.

    Parameters
    ----------
    charges
        On the options of packages.
    """
    packages, gains = _packages(charges)
    lead = _leads(charges, gains)
    rest = _appointments(charges) + _rounds(charges) - charges.limits
    return Lifted(packages + _areas(charges, lead) + rest, _more(charges.leads, lead))


@dataclass(frozen=True)
class _Options:
    """Options of groups of packages: a provider, what it costs, and what it costs if it leads."""

    group: Ints
    provider: Ints
    cost: Whole
    cost_if_lead: Whole


@dataclass(frozen=True)
class _Waits:
    """What waiting comes to: of each package, of those of a group that may, and who may not."""

    each: Whole
    together: Whole
    must_not: Ints


def _packages(charges: Charges) -> tuple[int, Whole]:
    """Sum of what each group costs at least, and what that falls by if a provider leads, (A, K)."""
    instance, group = charges.instance, charges.group
    waits = _waits(charges)
    least = np.where(waits.must_not == 0, waits.together, charges.beyond).astype(charges.kind)
    shape = (len(instance.areas.ids), len(instance.providers.ids))
    gains = np.zeros(shape[0] * shape[1], dtype=object)
    for block in blocks(group):
        for options in _options(charges, waits, block):
            np.minimum.at(least, options.group, options.cost)
            fall = np.minimum(options.cost_if_lead - least[options.group], 0)
            falls = np.flatnonzero(fall)
            at = instance.packages.area[options.group[falls]] * shape[1] + options.provider[falls]
            gains += sums(at, fall[falls], len(gains))
    # A group without any option is one that no plan can serve.
    heads = np.flatnonzero((group == np.arange(len(group))) & (least < charges.beyond))
    return summed(least[heads]), gains.reshape(shape)


def _waits(charges: Charges) -> _Waits:
    """Count what waiting comes to."""
    each, may = charges.waits(), charges.may_wait
    together, must_not = np.zeros_like(each), np.zeros(len(each), dtype=np.int64)
    np.add.at(together, charges.group[may], each[may])
    np.add.at(must_not, charges.group[~may], 1)
    return _Waits(each, together, must_not)


def _options(charges: Charges, waits: _Waits, block: Ints) -> Iterator[_Options]:
    """List the options of a block's packages but waiting: first of those alone, then of groups."""
    pairs = pairs_of(charges.instance, block)
    credit = charges.credits(pairs)
    single = charges.leads.single[charges.instance.packages.area[pairs.package]]
    cost = charges.places(pairs) - np.where(single, 0, credit)
    cost_if_lead = cost - np.where(single, credit, 0)
    group = charges.group[pairs.package]
    shared = np.bincount(charges.group)[group] > 1
    yield _Options(group[~shared], pairs.provider[~shared], cost[~shared], cost_if_lead[~shared])
    if shared.any():
        yield _together(charges, waits, pairs.only(shared), cost[shared], cost_if_lead[shared])


def _together(
    charges: Charges, waits: _Waits, pairs: Pairs, cost: Whole, cost_if_lead: Whole
) -> _Options:
    """Join the pairs of a group with one provider; members that may wait do so where it is cheaper.

    A provider serves a group only if it may have every member that must not wait.
    """
    may, wait = charges.may_wait[pairs.package], waits.each[pairs.package]
    size = len(charges.instance.providers.ids)
    both, at = np.unique(charges.group[pairs.package] * size + pairs.provider, return_inverse=True)
    group = both // size
    served = np.zeros(len(both), dtype=np.int64)
    np.add.at(served, at[~may], 1)
    serves = served == waits.must_not[group]

    def joint(costs: Whole) -> Whole:
        total = waits.together[group]
        np.add.at(total, at, np.where(may, np.minimum(costs - wait, 0), costs))
        return total[serves]

    return _Options(group[serves], both[serves] % size, joint(cost), joint(cost_if_lead))


def _leads(charges: Charges, gains: Whole) -> Whole:
    """What it comes to if each provider leads each area, (A, K)."""
    rows, leads = charges.rows.tables, charges.leads
    column = rows["lead_is_appointed"] - rows["appointed_only_as_lead"] * leads.newly
    return column + np.where(leads.single[:, None], gains + charges.due, 0)


def _areas(charges: Charges, lead: Whole) -> int:
    """Sum of what the choice of leads comes to in each area, at least."""
    leads = charges.leads
    found = int(charges.due[~leads.single].max(axis=1, initial=0).sum())
    for area, costs in enumerate(lead):
        found += sum(costs[leads.sure[area]])
        others = sorted(costs[leads.possible[area] & ~leads.sure[area]])
        fewest, most = leads.fewest[area], leads.most[area]
        found += sum(others[:fewest]) + sum(min(cost, 0) for cost in others[fewest:most])
    return found


def _more(leads: LeadChoice, lead: Whole) -> Whole:
    """How much more it comes to with each lead than with the cheapest of its area, (A, K)."""
    more = np.zeros_like(lead)
    for area in np.flatnonzero(leads.single & leads.possible.any(axis=1)):
        costs = lead[area, leads.possible[area]]
        more[area, leads.possible[area]] = costs - costs.min()
    return more


def _growth(charges: Charges) -> Whole:
    """Minutes that each provider can grow by in some plan, (K,)."""
    return charges.instance.providers.growth * charges.leads.newly.any(axis=0)


def _appointments(charges: Charges) -> int:
    """Sum of what it comes to at least that each provider is newly appointed or not."""
    rows, providers = charges.rows.tables, charges.instance.providers
    column = rows["appointed_only_as_lead"] - rows["lead_is_appointed"].sum(axis=0)
    column = column - rows["within_capacity"] * providers.growth
    column = column - (rows["within_bands"] * providers.band_growth).sum(axis=1)
    return int(np.minimum(column, 0)[charges.leads.newly.any(axis=0)].sum())


def _rounds(charges: Charges) -> int:
    """Sum of what it comes to at least that each provider is active in each area or not."""
    instance, rows = charges.instance, charges.rows.tables
    size, areas = len(instance.providers.ids), len(instance.areas.ids)
    keys, prices = charges.rows.active
    at = keys % size * areas + instance.packages.area[keys // size]
    links = sums(at, prices, size * areas).reshape(size, areas)
    least = int(Fraction(str(instance.rules["viable_round"].value)) * 60)
    room = instance.providers.capacity + _growth(charges)
    column = rows["viable_round"] * least - rows["round_capacity"] * room[:, None] - links
    return int(np.minimum(column + charges.scale.terms["rounds"], 0).sum())
