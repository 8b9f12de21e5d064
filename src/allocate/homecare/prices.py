"""No level and no priced sum may make it pay to leave people waiting."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from allocate.errors import Fault
from allocate.homecare.instance import Instance
from allocate.homecare.packages import WAIT_STEPS
from allocate.homecare.pairs import build_pairs
from allocate.study.scenario import Question


def price_faults(instance: Instance, question: Question) -> list[Fault]:
    """Find people whom the first level to weigh money or travel would rather leave waiting.

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
    place = f"{question.name} [objective]"
    remedy = "Raise the price of waiting, or set allow_waiting_to_save = true"
    for level in question.levels:
        price = {term: Fraction(str(weight)) for term, weight in level.terms.items()}
        worst = _worst(instance, price)
        if worst is not None:
            name, cost, worth = worst
            problem = (
                f"leaving {name} waiting would save: it costs {cost:,.2f} to place "
                f"and {worth:,.2f} to leave waiting"
            )
            faults.append(Fault(place, level.name, problem, remedy))
        if faults or price.get("waiting"):
            break  # from here on no plan may leave more people waiting
    return faults


def _worst(instance: Instance, price: dict[str, Fraction]) -> tuple[str, float, float] | None:
    """Return the referral whose cheapest place costs most beyond its price of waiting."""
    packages, pairs = instance.packages, build_pairs(instance)
    cost = float(price.get("cash", 0)) * pairs.cash / 100
    cost = cost + float(price.get("travel", 0)) * pairs.travel
    cheapest = np.full(len(packages.ids), np.inf)
    np.minimum.at(cheapest, pairs.package, cost)
    worth = float(price.get("waiting", 0)) * packages.wait_steps / WAIT_STEPS
    kept = instance.rules["placed_once"]
    may_wait = packages.referral | (kept.mode != "hard")
    may_wait &= ~instance.pins.pinned
    if kept.mode == "soft":  # whoever is placed is kept at a price, if shortfalls are counted
        worth = worth + np.where(
            packages.referral, 0.0, float(price.get("shortfalls", 0)) * kept.price
        )
    regret = np.where(may_wait & np.isfinite(cheapest), cheapest - worth, -np.inf)
    if not len(regret) or regret.max() <= 0:
        return None
    one = int(regret.argmax())
    return packages.ids[one], float(cheapest[one]), float(worth[one])
