"""What no plan can go below, package by package: the bound that plain arithmetic proves.

Each package costs at least its cheapest option, whatever becomes of the others. The sum is counted
here from the question alone, without the program, so that it can stand as a certificate.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import lcm

import numpy as np

from allocate.homecare.instance import Instance
from allocate.homecare.labels import HANDED_BACK, PLACED, WAITING
from allocate.homecare.packages import WAIT_STEPS
from allocate.study.scenario import LevelWords
from allocate.units import THOUSAND, Ints, yearly_cash

# Steps in one unit of each term that packages add up to; the others count as nought here.
PER = {"waiting": WAIT_STEPS, "changes": THOUSAND, "cash": 100, "travel": 1}


def least(instance: Instance, levels: Sequence[LevelWords]) -> tuple[Fraction, ...]:
    """Return the least that each level can come to, in its unit.

    Parameters
    ----------
    instance
        The question.
    levels
        The objective.
    """
    weights = []
    for level in levels:
        exact = {t: Fraction(str(w)) / PER[t] for t, w in level.terms.items() if t in PER}
        per = lcm(*(weight.denominator for weight in exact.values()))
        weights.append(({term: int(weight * per) for term, weight in exact.items()}, per))
    totals = [0] * len(levels)
    wait_steps = instance.packages.wait_steps
    for package in range(len(instance.packages.ids)):
        options = _options(instance, package, int(wait_steps[package]))
        for number, (terms, _) in enumerate(weights):
            costs = sum((weight * options[t] for t, weight in terms.items()), np.zeros(1, np.int64))
            totals[number] += int(costs.min())
    return tuple(Fraction(total, per) for total, (_, per) in zip(totals, weights, strict=True))


def _options(instance: Instance, package: int, wait_steps: int) -> dict[str, Ints]:
    """Each term's steps for every provider that may have a package, and for waiting if it may."""
    packages, providers, rules = instance.packages, instance.providers, instance.rules
    place, area = packages.place[package], packages.area[package]
    status, present = packages.status[package], packages.provider[package]
    may = instance.reach[:, place] & ~providers.suspended & ~instance.closed[:, area]
    held = rules["moves_limit"].mode == "hard" and rules["moves_limit"].value == 0
    held |= rules["locked_stay"].mode == "hard" and bool(packages.locked[package])
    if status == PLACED:
        may = may & (not held)
        may[present] = True
    who = np.flatnonzero(may)
    followed = packages.transfer[package]
    each = 0 if status == WAITING else THOUSAND if status == PLACED else THOUSAND - followed
    change = each * (who != present)
    rate = instance.rate[who, place]
    steps = {
        "waiting": np.zeros(len(who), dtype=np.int64),
        "changes": change,
        "cash": yearly_cash(packages.minutes[package], rate, instance.paid_share),
        "travel": instance.travel[who, place] * packages.visits[package],
    }
    if status != PLACED or rules["placed_once"].mode != "hard":
        left = {
            "waiting": wait_steps,
            "changes": THOUSAND - followed if status == HANDED_BACK else 0,
            "cash": 0,
            "travel": 0,
        }
        steps = {term: np.append(amounts, left[term]) for term, amounts in steps.items()}
    return steps
