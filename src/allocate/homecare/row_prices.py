"""Prices on the rows of rules, and everything that a plan is charged for, as whole numbers.

A price is what one step of a row is charged. Steps are those of the rules: minutes, people or
referrals, and 365ths of a penny for budgets.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import gcd, lcm

import numpy as np

from allocate.homecare.areas import NO_LIMIT
from allocate.homecare.instance import Instance
from allocate.homecare.labels import BANDS, Bools
from allocate.homecare.lead_choice import LeadChoice
from allocate.homecare.packages import WAIT_STEPS
from allocate.homecare.whole import Whole
from allocate.units import THOUSAND, Ints

# Steps in one unit of each term; shortfalls have the steps of their rules.
TERM_STEPS = {"waiting": WAIT_STEPS, "changes": THOUSAND, "cash": 100, "travel": 1, "rounds": 1}
# Steps in one unit of each rule that is short by whole steps; step_in may be short by parts of one.
RULE_STEPS = {
    "placed_once": 1,
    "within_capacity": 60,
    "within_bands": 60,
    "share_limit": 60,
    "lead_accepts_share": 1,
    "quality_floor": 1,
    "needs_met": 1,
    "choice_kept": 1,
    "locked_stay": 1,
    "moves_limit": 1,
    "viable_round": 60,
    "within_budget": 100 * 365,
    "rate_floor": 60,
    "leads_per_area": 1,
    "leads_limit": 1,
    "household_together": 1,
    "lead_first": 60,
}
# Rows that say what a column means, and hold in every plan.
MEANINGS = ("appointed_only_as_lead", "lead_is_appointed", "active")


@dataclass(frozen=True)
class Prices:
    """Prices on rows of rules; a row that is not named has none.

    Parameters
    ----------
    scale
        Prices are whole numbers over this.
    rows
        By rule, then by what the row is about. Each price is in units of the sum for one step of
        the row, times ``scale``, and never negative but where the rule is an equation.

        ======================== ===================== =================================
        rule                     labels                step
        ======================== ===================== =================================
        within_capacity          provider              minute
        within_bands             provider, band        minute
        share_limit              owner                 minute
        lead_accepts_share       area, provider        referral, or minute if by hours
        viable_round             provider, area        minute
        round_capacity           provider, area        minute
        within_budget            area                  365th of a penny
        moves_limit              none                  person
        appointed_only_as_lead   provider              appointed <= leads of new areas
        lead_is_appointed        area, provider        lead <= appointed
        active                   package, provider     assigned <= active in the area
        placed_once              package               placed or waiting: any sign
        leads_per_area           area, provider        lead: any sign
        ======================== ===================== =================================

        ``lead_accepts_share`` is priced for each provider that may lead the area.
        ``round_capacity`` follows from ``within_capacity``: what a provider is given in an area is
        at most its capacity and growth where it is active, and nought elsewhere. Prices on
        ``placed_once`` and ``leads_per_area`` stand together, see ``packing_prices``: an area has
        one price, named with each provider that the proof takes for a possible lead of it.
    """

    scale: int
    rows: Mapping[str, Mapping[tuple[str, ...], int]]

    def without(self, *rules: str) -> Prices:
        """Return the prices on all other rules."""
        kept = {rule: held for rule, held in self.rows.items() if rule not in rules}
        return Prices(self.scale, kept)


@dataclass(frozen=True)
class Scale:
    """One denominator for everything charged.

    Parameters
    ----------
    per
        Steps in one unit of the sum.
    terms
        What one step of each term counts.
    units
        What one step that a soft rule is short by counts.
    """

    per: int
    terms: Mapping[str, int]
    units: Mapping[str, int]


def scale_of(instance: Instance, weights: Mapping[str, Fraction], prices: Prices) -> Scale:
    """Bring weights and prices over one denominator.

    Raises
    ------
    ValueError
        Where a weight is negative, or the prices' scale is not positive.
    """
    if prices.scale <= 0 or any(weight < 0 for weight in weights.values()):
        raise ValueError("The scale of prices has to be positive, and no weight negative.")
    terms = {t: Fraction(weights.get(t, 0)) / steps for t, steps in TERM_STEPS.items()}
    short, units = Fraction(weights.get("shortfalls", 0)), {}
    for rule, steps in RULE_STEPS.items():
        setting = instance.rules[rule]
        if setting.mode == "soft":
            by_hours = setting.options.get("by") == "hours"
            units[rule] = short * Fraction(str(setting.price)) / (60 if by_hours else steps)
    exact = [*terms.values(), *units.values()]
    per = lcm(prices.scale, *(number.denominator for number in exact))
    return Scale(
        per,
        {term: int(number * per) for term, number in terms.items()},
        {rule: int(number * per) for rule, number in units.items()},
    )


def grain(instance: Instance, weights: Mapping[str, Fraction]) -> Fraction | None:
    """Of what the sum of every plan is a whole multiple.

    Parameters
    ----------
    instance, weights
        As for ``scale_of``.

    Returns
    -------
    Fraction or None
        In units of the sum; None where nothing counts, or a soft rule that may be short by parts
        of a step.
    """
    soft = {rule for rule, setting in instance.rules.items() if setting.mode == "soft"}
    if weights.get("shortfalls") and not soft <= set(RULE_STEPS):
        return None
    scale, packages = scale_of(instance, weights, Prices(1, {})), instance.packages
    # Waiting and changes are counted in steps far finer than most cases use.
    used = {"waiting": packages.wait_steps, "changes": THOUSAND - packages.transfer}
    coarser = {term: int(np.gcd.reduce(amounts)) for term, amounts in used.items()}
    terms = (number * coarser.get(term, 1) for term, number in scale.terms.items())
    return Fraction(gcd(*terms, *scale.units.values()), scale.per) or None


@dataclass(frozen=True)
class PricedRows:
    """Prices over the common denominator.

    Parameters
    ----------
    tables
        One table of Python's integers a rule, its axes as in the labels of ``Prices``.
    active
        Pairs with a price, each package x K + provider in order, and their prices.
    """

    tables: Mapping[str, Whole]
    active: tuple[Ints, Whole]


def priced_rows(instance: Instance, leads: LeadChoice, prices: Prices, scale: Scale) -> PricedRows:
    """Read prices into tables.

    No step of a soft rule is charged more than the price at which the rule may be broken: beyond
    it a plan would rather be short, so that a higher price proves no more. Prices on rows that the
    question does not have, such as of a provider that may not lead an area, are left out.

    Raises
    ------
    ValueError
        Where a price is negative, on a rule that does not bind, or about what the case lacks.
    """
    factor = scale.per // prices.scale
    tables, exist = {}, _rows_that_exist(instance, leads)
    for rule, exists in exist.items():
        tables[rule] = np.zeros(exists.shape, dtype=object)
        at, amounts = _read(instance, rule, prices)
        most = scale.units.get(rule, amounts * factor)
        tables[rule][at] = np.minimum(amounts * factor, most) * exists[at]
    if unknown := set(prices.rows) - set(exist) - {"active"}:
        raise ValueError(f"No price can be on {', '.join(sorted(unknown))}.")
    (package, provider), amounts = _read(instance, "active", prices)
    key = package * len(instance.providers.ids) + provider
    order = np.argsort(key)
    return PricedRows(tables, (key[order], amounts[order] * factor))


def _rows_that_exist(instance: Instance, leads: LeadChoice) -> dict[str, Bools]:
    """Which rows each rule has."""
    providers, areas = instance.providers, instance.areas
    size, everywhere = len(providers.ids), len(areas.ids)
    return {
        "within_capacity": np.ones(size, dtype=bool),
        "within_bands": providers.bands >= 0,
        "share_limit": np.ones(len(providers.owners), dtype=bool),
        "lead_accepts_share": leads.possible,
        "viable_round": np.ones((size, everywhere), dtype=bool),
        "round_capacity": np.ones((size, everywhere), dtype=bool),
        "within_budget": areas.budget != NO_LIMIT,
        "moves_limit": np.ones(1, dtype=bool),
        "appointed_only_as_lead": leads.newly.any(axis=0),
        "lead_is_appointed": leads.newly,
    }


def _read(instance: Instance, rule: str, prices: Prices) -> tuple[tuple[Ints, ...], Whole]:
    """Positions of the rows that a rule's prices are on, one array an axis, and the prices."""
    rows = {labels: price for labels, price in prices.rows.get(rule, {}).items() if price}
    if any(price < 0 for price in rows.values()):
        raise ValueError(f"A price on {rule} is negative.")
    if rows and not _binds(instance, rule):
        raise ValueError(f"A price is on {rule}, which does not bind.")
    return positions_of(instance, rule, rows), np.array(list(rows.values()), dtype=object)


def positions_of(
    instance: Instance, rule: str, rows: Collection[tuple[str, ...]]
) -> tuple[Ints, ...]:
    """Find what rows are about, one array an axis of the rule's labels.

    Raises
    ------
    ValueError
        Where the case does not have it.
    """
    axes = _axes(instance)[rule]
    # Packages are many, and seldom priced one by one.
    known = [{label: at for at, label in enumerate(axis)} for axis in axes if rows]
    try:
        found = [
            [at[label] for at, label in zip(known, labels or ("all",), strict=True)]
            for labels in rows
        ]
    except (KeyError, ValueError) as missing:
        raise ValueError(f"A price on {rule} is about what the case does not have.") from missing
    return tuple(np.array(found, dtype=np.int64).reshape(len(rows), len(axes)).T)


def _axes(instance: Instance) -> dict[str, tuple[tuple[str, ...], ...]]:
    """What the labels of each rule's rows are of."""
    providers, areas = instance.providers.ids, instance.areas.ids
    return {
        "within_capacity": (providers,),
        "within_bands": (providers, BANDS),
        "share_limit": (instance.providers.owners,),
        "lead_accepts_share": (areas, providers),
        "viable_round": (providers, areas),
        "round_capacity": (providers, areas),
        "within_budget": (areas,),
        "moves_limit": (("all",),),
        "appointed_only_as_lead": (providers,),
        "lead_is_appointed": (areas, providers),
        "active": (instance.packages.ids, providers),
        "placed_once": (instance.packages.ids,),
        "leads_per_area": (areas, providers),
    }


def _binds(instance: Instance, rule: str) -> bool:
    """Whether every plan keeps a rule's rows, or pays for what they are short by."""
    if rule == "round_capacity":
        return instance.strict("within_capacity")
    if rule in MEANINGS:
        return True
    return instance.strict(rule) or instance.rules[rule].mode == "soft"
