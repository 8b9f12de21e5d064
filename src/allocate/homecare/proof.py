"""A bound that prices prove: no plan costs less, whatever it is.

Whoever lifts a rule and charges what a plan takes of it, at any price that is not negative, less
what the rule allows, never charges a plan that keeps the rule more than it costs. With all the
rules lifted that tie packages to each other, each package has its own cheapest option, and the sum
of these is a bound: A. M. Geoffrion, "Lagrangean relaxation for integer programming", Mathematical
Programming Study 2 (1974). It is counted here in whole numbers from the question alone, without the
program, so that it can stand as a certificate; where the prices come from does not matter.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from allocate.homecare.charges import Charges
from allocate.homecare.instance import Instance
from allocate.homecare.labels import PLACED
from allocate.homecare.pairs import Pairs, kept_pairs, open_at
from allocate.homecare.row_prices import Prices, Whole
from allocate.units import THOUSAND, Ints, ceil_div, thousandths

BLOCK = 1 << 16  # packages looked at together: enough to be fast, few enough to keep memory low
HALF = 32  # bits of a number that are added up apart, so that no sum overflows


def proven(instance: Instance, weights: Mapping[str, Fraction], prices: Prices) -> Fraction:
    """Prove a bound on a weighted sum of terms.

    Parameters
    ----------
    instance
        The question.
    weights
        Weight of each term for one unit of it, never negative; a term that is not named has none.
    prices
        Prices on the rows of rules.

    Returns
    -------
    Fraction
        In units of the sum. No plan that keeps every hard rule comes to less. Where no plan does,
        the number says nothing.

    Raises
    ------
    ValueError
        Where a price or weight is negative, or a price is on a rule that does not bind or about
        what the case does not have.

    Notes
    -----
    What is kept as it stands, and not priced: which provider may have a package, who may wait, that
    the packages of one household and area go together, how many leads an area has at least and at
    most, and that a provider is appointed or not, active in an area or not. The program has
    in common with it only the lists of pairs and of candidates for lead that data, pins and pair
    rules leave.

    Where exactly one provider leads an area in every plan, the bound is the least over all who may:
    each is credited with its own price for the referrals that it takes, and charged that price for
    the area's target. Elsewhere every possible lead is credited, all at the highest of their prices
    in the area, as if it led: that is no less than the leads of any plan are given.
    """
    charges = Charges(instance, weights, prices)
    packages, gains = _packages(charges)
    total = packages + _areas(charges, gains) + _appointments(charges) + _rounds(charges)
    return Fraction(total - _limits(charges), charges.scale.per)


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
    for block in _blocks(group):
        for options in _options(charges, waits, block):
            np.minimum.at(least, options.group, options.cost)
            fall = np.minimum(options.cost_if_lead - least[options.group], 0)
            falls = np.flatnonzero(fall)
            at = instance.packages.area[options.group[falls]] * shape[1] + options.provider[falls]
            gains += _sums(at, fall[falls], len(gains))
    # A group without any option is one that no plan can serve.
    heads = np.flatnonzero((group == np.arange(len(group))) & (least < charges.beyond))
    return int(_sums(np.zeros_like(heads), least[heads], 1)[0]), gains.reshape(shape)


def _waits(charges: Charges) -> _Waits:
    """Count what waiting comes to."""
    each, may = charges.waits(), charges.may_wait
    together, must_not = np.zeros_like(each), np.zeros(len(each), dtype=np.int64)
    np.add.at(together, charges.group[may], each[may])
    np.add.at(must_not, charges.group[~may], 1)
    return _Waits(each, together, must_not)


def _blocks(group: Ints) -> Iterator[Ints]:
    """Cut the packages into blocks, none of them through a group."""
    order = np.argsort(group, kind="stable")
    cuts = np.searchsorted(group[order], group[order][::BLOCK])
    return iter(np.split(order, np.unique(cuts)[1:]))


def _options(charges: Charges, waits: _Waits, block: Ints) -> Iterator[_Options]:
    """List the options of a block's packages but waiting: first of those alone, then of groups."""
    pairs = _pairs(charges.instance, block)
    credit = charges.credits(pairs)
    single = charges.leads.single[charges.instance.packages.area[pairs.package]]
    cost = charges.places(pairs) - np.where(single, 0, credit)
    cost_if_lead = cost - np.where(single, credit, 0)
    group = charges.group[pairs.package]
    shared = np.bincount(charges.group)[group] > 1
    yield _Options(group[~shared], pairs.provider[~shared], cost[~shared], cost_if_lead[~shared])
    if shared.any():
        yield _together(charges, waits, pairs.only(shared), cost[shared], cost_if_lead[shared])


def _pairs(instance: Instance, block: Ints) -> Pairs:
    """List the pairs of some packages that data, pins and hard rules leave."""
    packages = instance.packages
    allowed = open_at(instance)[packages.place[block]]
    placed = np.flatnonzero(packages.status[block] == PLACED)
    allowed[placed, packages.provider[block[placed]]] = True
    row, provider = np.nonzero(allowed)
    return kept_pairs(instance, block[row], provider)


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


def _sums(at: Ints, amounts: Whole, size: int) -> Whole:
    """Add amounts up by position, in Python's integers: (size,)."""
    upper, lower = np.zeros(size, dtype=amounts.dtype), np.zeros(size, dtype=amounts.dtype)
    np.add.at(upper, at, amounts >> HALF)
    np.add.at(lower, at, amounts & ((1 << HALF) - 1))
    return upper.astype(object) * (1 << HALF) + lower.astype(object)


def _areas(charges: Charges, gains: Whole) -> int:
    """Sum of what the choice of leads comes to in each area, at least."""
    rows, leads = charges.rows.tables, charges.leads
    column = rows["lead_is_appointed"] - rows["appointed_only_as_lead"] * leads.newly
    due = charges.accepts * _targets(charges)[:, None]
    chosen = column + np.where(leads.single[:, None], gains + due, 0)
    total = int(due[~leads.single].max(axis=1, initial=0).sum())
    for area, costs in enumerate(chosen):
        total += sum(costs[leads.sure[area]])
        others = sorted(costs[leads.possible[area] & ~leads.sure[area]])
        fewest, most = leads.fewest[area], leads.most[area]
        total += sum(others[:fewest]) + sum(min(cost, 0) for cost in others[fewest:most])
    return total


def _targets(charges: Charges) -> Whole:
    """Count what the leads of each area have to accept of its referrals, (A,)."""
    instance = charges.instance
    referrals = _sums(instance.packages.area, charges.counts, len(instance.areas.ids))
    share = thousandths(instance.rules["lead_accepts_share"].value)
    return ceil_div(referrals * share, THOUSAND)


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
    links = _sums(at, prices, size * areas).reshape(size, areas)
    least = int(Fraction(str(instance.rules["viable_round"].value)) * 60)
    room = instance.providers.capacity + _growth(charges)
    column = rows["viable_round"] * least - rows["round_capacity"] * room[:, None] - links
    return int(np.minimum(column + charges.scale.terms["rounds"], 0).sum())


def _limits(charges: Charges) -> int:
    """Sum of what the rules allow, at their prices."""
    instance, rows = charges.instance, charges.rows.tables
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
