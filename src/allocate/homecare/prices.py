"""A priced sum must not make it pay to leave people waiting."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from allocate.errors import Fault
from allocate.homecare.formulation import WAIT_STEPS
from allocate.homecare.instance import Instance
from allocate.homecare.pairs import build_pairs
from allocate.study.scenario import Question


def price_faults(instance: Instance, question: Question) -> list[Fault]:
    """Find referrals that a priced sum would rather leave waiting than place.

    Parameters
    ----------
    instance
        The question's arrays.
    question
        Its prices.

    Returns
    -------
    list of Fault
        One, naming the dearest referral, unless the scenario allows waiting to save.
    """
    if question.allow_waiting_to_save:
        return []
    faults = []
    for level in question.levels:
        if "cash" not in level.terms and not question.priced:
            continue
        price = {term: Fraction(str(weight)) for term, weight in level.terms.items()}
        worst = _worst(instance, price)
        if worst is None:
            continue
        name, cost, worth = worst
        if not question.priced and "waiting" not in level.terms:
            continue  # an earlier level keeps waiting where it is
        problem = (
            f"leaving {name} waiting would save: it costs {cost:,.2f} to place "
            f"and {worth:,.2f} to leave waiting"
        )
        remedy = "Raise the price of waiting, or set allow_waiting_to_save = true"
        faults.append(Fault(f"{question.name} [objective]", level.name, problem, remedy))
    return faults


def _worst(instance: Instance, price: dict[str, Fraction]) -> tuple[str, float, float] | None:
    """Return the referral whose cheapest place costs most beyond its price of waiting."""
    packages, pairs = instance.packages, build_pairs(instance)
    cost = float(price.get("cash", 0)) * pairs.cash / 100
    cost = cost + float(price.get("travel", 0)) * pairs.travel
    cheapest = np.full(len(packages.ids), np.inf)
    np.minimum.at(cheapest, pairs.package, cost)
    weighted = packages.minutes * packages.weight * (28 + packages.days)
    worth = float(price.get("waiting", 0)) * weighted / WAIT_STEPS
    regret = np.where(packages.referral & np.isfinite(cheapest), cheapest - worth, -np.inf)
    if not len(regret) or regret.max() <= 0:
        return None
    one = int(regret.argmax())
    return packages.ids[one], float(cheapest[one]), float(worth[one])
