"""No price may make it pay to leave people waiting."""

from __future__ import annotations

from fractions import Fraction

from allocate.beds.instance import Instance
from allocate.errors import Fault
from allocate.study.scenario import Question

PENCE = 100


def price_faults(instance: Instance, question: Question) -> list[Fault]:
    """Find weeks in which buying a bed a week later would save more than waiting counts for.

    Somebody who waits is bought a bed in the end, so what is saved is the difference between the
    price of a stay that begins now and of one that begins a week later.

    Parameters
    ----------
    instance
        The question's arrays.
    question
        Its prices.

    Returns
    -------
    list of Fault
        One, naming the zone, care type and week of the largest saving, unless the scenario allows
        waiting to save.
    """
    if question.allow_waiting_to_save or len(question.levels) != 1:
        return []
    terms = question.levels[0].terms
    waiting = Fraction(str(terms.get("waiting", 0)))
    cash = Fraction(str(terms.get("cash", 0))) / PENCE
    price = instance.prices.spot.sum(axis=0)
    worst = max(
        (
            (cash * int(price[z, g, t] - price[z, g, t + 1]), z, g, t)
            for z, g, t in _weeks(instance)
        ),
        default=None,
    )
    if worst is None or worst[0] <= waiting:
        return []
    saved, z, g, t = worst
    axes = instance.axes
    problem = (
        f"leaving people waiting would save: a stay in {axes.zone_names[z]}, {axes.care[g]}, that "
        f"begins after week {t + 1} costs {float(saved):,.2f} points less, and a week of waiting "
        f"counts for {float(waiting):,.2f}"
    )
    remedy = "Raise the price of waiting, or set allow_waiting_to_save = true"
    return [Fault(f"{question.name} [objective]", "waiting", problem, remedy)]


def _weeks(instance: Instance) -> list[tuple[int, int, int]]:
    """Zones of the borough, care types, and weeks that another one follows."""
    zones, care, weeks = instance.axes.shape
    return [
        (z, g, t)
        for z in range(zones)
        if not instance.axes.out_of_area[z]
        for g in range(care)
        for t in range(weeks - 1)
    ]
