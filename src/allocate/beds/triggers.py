"""When to do more: how many people waiting, in which week, make another booking worth its price.

For each week, winters in which at least so many people wait are looked at alone. One bed more from
the week after on would be taken by one of those who would accept it, and by another each time a
stay is over; what they would have waited otherwise, at the price of waiting, is what the bed is
worth. The point is the smallest number waiting from which that is more than the bed costs, over
those winters. It needs no solver, and it says too little rather than too much: nothing else is
moved to make use of the bed. Only beds beyond the zone's vacancies are options: people wait because
the others are in use, booked or not.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from allocate.beds.instance import Instance
from allocate.beds.solution import Solution
from allocate.beds.weekly import Weekly
from allocate.beds.yields import usable
from allocate.labels import RATINGS
from allocate.units import THOUSAND

FEW_WINTERS = 0.02  # of all probability: of fewer nothing is said


@dataclass(frozen=True)
class Trigger:
    """A point at which to take an option.

    Parameters
    ----------
    week
        Position of the week at whose end people are counted.
    care
        Care type.
    waiting
        People waiting from which the option is worth its price.
    chance
        How often that happens.
    offer
        The option; its rate is that of the bed.
    worth, cost
        Points that one more bed saves in those winters, and pounds that it costs.
    """

    week: int
    care: int
    waiting: int
    chance: float
    offer: int
    worth: float
    cost: float


def triggers(instance: Instance, solution: Solution, weekly: Weekly) -> list[Trigger]:
    """Find trigger points, every other week, for each care type.

    Parameters
    ----------
    instance, solution
        The question and the plan.
    weekly
        People in each winter.
    """
    weight = instance.levels[0].terms.get("waiting", 0.0)
    found = []
    for g in range(len(instance.axes.care)):
        waiting = weekly.waiting[:, :, g].sum(axis=1)
        accept = instance.market.interim[:, :, g] / THOUSAND
        for t in range(1, len(instance.axes.starts) - 1, 2):
            option = _cheapest(instance, solution, g, t + 1)
            if option is None:
                continue
            offer, cost = option
            would = np.tensordot(
                weekly.waiting[:, :, g], accept[:, instance.offers.zone[offer]], (1, 0)
            )
            trigger = _point(instance, weekly.chance, waiting, would, g, t, offer, cost, weight)
            if trigger is not None:
                found.append(trigger)
    return found


def _cheapest(
    instance: Instance, solution: Solution, care: int, week: int
) -> tuple[int, float] | None:
    """The cheapest offer of beds beyond the vacancies that is not booked; pounds of one bed."""
    offers, last = instance.offers, len(instance.axes.starts) - 1
    floor = instance.rules["quality_floor"]
    worst = RATINGS.index(str(floor.value))
    best: tuple[int, float] | None = None
    for o in range(len(offers.ids)):
        home = offers.home[o]
        if o in solution.offer or offers.care[o] != care or offers.never[o] or not offers.extra[o]:
            continue
        if offers.first[o] > week or offers.last[o] < last or instance.homes.suspended[home]:
            continue
        if floor.mode == "hard" and instance.homes.rating[home] > worst:
            continue
        share = usable(instance, o)
        if share == 0:
            continue
        pounds = float(offers.rate[o]) / 100 * (last - week + 1) * THOUSAND / share
        if best is None or pounds < best[1]:
            best = o, pounds
    return best


def _point(
    instance: Instance,
    chance: NDArray[np.float64],
    waiting: NDArray[np.float64],
    would: NDArray[np.float64],
    care: int,
    week: int,
    offer: int,
    cost: float,
    weight: float,
) -> Trigger | None:
    """The smallest number waiting from which a bed is worth its price, by who would take it."""
    later = would[:, week + 1 :]
    stay = max(Fraction(1), instance.stays.mean(care))
    taken = 1 + np.floor(np.arange(later.shape[1]) / float(stay))
    saved = np.minimum(later, taken[None, :]).sum(axis=1) * weight
    for people in range(1, int(np.ceil(waiting[:, week].max(initial=0))) + 1):
        such = waiting[:, week] >= people - 1e-6
        often = float(chance[such].sum())
        if often < FEW_WINTERS:
            return None
        worth = float((chance[such] * saved[such]).sum() / often)
        if worth > cost:
            return Trigger(week, care, people, often, offer, worth, cost)
    return None
