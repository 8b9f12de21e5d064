"""Which provider could take which package, and which pair rules speak against it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from allocate.homecare.instance import Instance
from allocate.homecare.labels import PLACED, RATINGS, Bools
from allocate.homecare.pins import Pins
from allocate.units import Ints, pence, yearly_cash

PAIR_RULES = (
    "quality_floor",
    "needs_met",
    "choice_kept",
    "locked_stay",
    "moves_limit",
    "rate_floor",
)


@dataclass(frozen=True)
class Pairs:
    """Pairs of a package and a provider that could have it, E of them.

    Parameters
    ----------
    package, provider
        Positions, (E,).
    stays
        The package is with its present or last provider, (E,).
    breaks
        Pairs that a rule speaks against, by rule, each (E,).
    barred
        Pairs that stand here only because rules and pins are bent, (E,).
    cash
        Pence a year, (E,).
    travel
        Minutes a week, (E,).
    """

    package: Ints
    provider: Ints
    stays: Bools
    breaks: dict[str, Bools]
    barred: Bools
    cash: Ints
    travel: Ints

    def only(self, keep: Bools) -> Pairs:
        """Return the pairs to keep, (E,)."""
        return Pairs(
            package=self.package[keep],
            provider=self.provider[keep],
            stays=self.stays[keep],
            breaks={rule: broken[keep] for rule, broken in self.breaks.items()},
            barred=self.barred[keep],
            cash=self.cash[keep],
            travel=self.travel[keep],
        )


def open_at(instance: Instance) -> Bools:
    """Who may take new work in each place, (L, K): reach, no suspension, no hand-back."""
    closed = instance.closed[:, instance.area_of_place]
    return (instance.reach & ~closed & ~instance.providers.suspended[:, None]).T


def open_pairs(instance: Instance) -> Bools:
    """Pairs that the data allow, (P, K): who may take new work there, and who has the package."""
    packages = instance.packages
    allowed = open_at(instance)[packages.place]
    placed = np.flatnonzero(packages.status == PLACED)
    allowed[placed, packages.provider[placed]] = True
    return allowed


def listed_pairs(instance: Instance, which: Ints | None = None) -> tuple[Ints, Ints]:
    """List the same pairs, package by package, without a table of all packages and providers.

    Parameters
    ----------
    instance
        The question.
    which
        Packages, in the order wanted; all, if not given.
    """
    packages, allowed = instance.packages, open_at(instance)
    which = np.arange(len(packages.ids)) if which is None else which
    place = packages.place[which]
    starts = np.concatenate([[0], np.cumsum(allowed.sum(axis=1))])
    count = np.diff(starts)[place]
    row = np.repeat(np.arange(len(which)), count)
    first = starts[place] - np.cumsum(count) + count
    provider = np.nonzero(allowed)[1][np.arange(len(row)) + np.repeat(first, count)]
    placed = np.flatnonzero(packages.status[which] == PLACED)
    stays = placed[~allowed[place[placed], packages.provider[which[placed]]]]
    row = np.concatenate([row, stays])
    provider = np.concatenate([provider, packages.provider[which[stays]]])
    order = np.lexsort((provider, row)) if len(stays) else slice(None)
    return which[row[order]], provider[order]


def build_pairs(instance: Instance) -> Pairs:
    """List the pairs; those that a pin or a hard pair rule speaks against are left out.

    Where rules are bent they are only marked.
    """
    return kept_pairs(instance, *listed_pairs(instance))


def kept_pairs(instance: Instance, package: Ints, provider: Ints) -> Pairs:
    """List the same among pairs that the data allow, each (E,)."""
    pairs = list_pairs(instance, package, provider)
    pairs.barred[:] = against_pins(instance.pins, pairs.package, pairs.provider)
    for rule, broken in pairs.breaks.items():
        if bars(instance, rule):
            pairs.barred[:] |= broken
    return pairs if instance.bends else pairs.only(~pairs.barred)


def against_pins(pins: Pins, package: Ints, provider: Ints) -> Bools:
    """Whether a pin speaks against each pair, (E,)."""
    elsewhere = pins.pinned[package] & ~pins.must[package, provider]
    return elsewhere | pins.never[package, provider]


def bars(instance: Instance, rule: str) -> bool:
    """Whether a pair rule leaves pairs out.

    A limit of no move at all bars each move; a higher one is a row over them all.
    """
    setting = instance.rules[rule]
    return setting.mode == "hard" and (rule != "moves_limit" or setting.value == 0)


def list_pairs(instance: Instance, package: Ints, provider: Ints) -> Pairs:
    """List pairs as they are asked for, each (E,), with what rules have against them."""
    packages, providers, rules = instance.packages, instance.providers, instance.rules
    stays = packages.provider[package] == provider
    placed = packages.status[package] == PLACED
    new = ~(stays & placed)
    place = packages.place[package]

    def scope(rule: str) -> Bools:
        return new if rules[rule].options["applies_to"] == "new" else np.ones_like(new)

    worst = RATINGS.index(str(rules["quality_floor"].value))
    lacks = (packages.needs[package] & ~providers.needs[provider]).any(axis=1)
    asked = packages.choice[package]
    floor = rules["rate_floor"]
    low = np.zeros_like(new)
    if floor.value is not None and floor.mode != "raise":
        low = instance.rate[provider, place] < pence(floor.value)
    return Pairs(
        package=package,
        provider=provider,
        stays=stays,
        breaks={
            "quality_floor": scope("quality_floor") & (providers.rating[provider] > worst),
            "needs_met": scope("needs_met") & lacks,
            "choice_kept": new & (asked >= 0) & (asked != provider),
            "locked_stay": placed & packages.locked[package] & ~stays,
            "moves_limit": placed & ~stays,
            "rate_floor": new & low,
        },
        barred=np.zeros_like(new),
        cash=yearly_cash(
            packages.minutes[package], instance.rate[provider, place], instance.paid_share
        ),
        travel=instance.travel[provider, place] * packages.visits[package],
    )


def lead_candidates(instance: Instance) -> Bools:
    """Providers that may be chosen lead, (A, K): may lead, not suspended, reach the area."""
    providers, areas = instance.providers, instance.areas
    reaches = np.zeros((len(areas.ids), len(providers.ids)), dtype=bool)
    provider, place = np.nonzero(instance.reach)
    reaches[instance.area_of_place[place], provider] = True
    able = providers.can_lead & ~providers.suspended & ~instance.closed.T
    may = reaches & able & ~areas.ended
    if not instance.bends:
        may &= ~instance.pins.lead_never
    return may | instance.pins.lead_must
