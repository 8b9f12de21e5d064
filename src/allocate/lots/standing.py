"""Where a plan stands among all plans: how many there are, and how many lie closer together."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
import pandas as pd

from allocate.core.connected_lots import MOST_CELLS, TooMany, list_lots
from allocate.core.lot_plans import LotPlans, eased_by, plans_of, tightest
from allocate.lots.candidates import allowed, candidates_of, distances, partition
from allocate.lots.instance import Instance
from allocate.lots.solution import Solution
from allocate.units import Ints

SHOWN = 100  # plans of each number of lots that are listed


@dataclass(frozen=True)
class Standing:
    """All plans of one number of lots that keep every hard rule on lots.

    Parameters
    ----------
    number
        How many lots.
    plans
        How many plans there are.
    least
        Person-metres of the one whose places lie closest together; None where there is none.
    rank
        Place of the plan at hand among them by that; None where it has another number of lots.
    tightest
        Largest share by which a lot differs from an equal one in the plan of like lots that is
        best at that, and the plan; None where no plan hangs together.
    """

    number: int
    plans: int
    least: int | None
    rank: int | None
    tightest: tuple[Fraction, Solution] | None


def can_be_counted(instance: Instance) -> bool:
    """Whether all plans of a question can be listed: few places, and lots to be drawn."""
    return (
        instance.given is None
        and instance.cells.table == "places"
        and len(instance.cells.ids) <= MOST_CELLS
    )


def standings(instance: Instance, solution: Solution) -> list[Standing]:
    """Count all plans of each number of lots that is allowed.

    Parameters
    ----------
    instance
        The question, of which all plans can be counted.
    solution
        The plan at hand.
    """
    found = []
    for number in instance.numbers:
        try:
            found.append(_standing(instance, solution, number))
        except TooMany:
            continue
    return found


def _standing(instance: Instance, solution: Solution, number: int) -> Standing:
    plans, cost = all_plans(instance, number)
    least = int(plans.best(cost)[1][0]) if plans.count else None
    rank = None
    if number == solution.lots:
        way = instance.cells.residents[:, None] * instance.cells.metres
        here = sum(int(way[np.ix_(cells, cells)].sum(axis=0).min()) for cells in solution.members())
        rank = plans.rank(cost, here)
    return Standing(number, plans.count, least, rank, tightest_balance(instance, number))


def all_plans(instance: Instance, number: int) -> tuple[LotPlans, Ints]:
    """Return all plans that keep the hard rules on lots, and person-metres of each lot."""
    asked = partition(instance, number)
    lots = list_lots(asked)
    found = candidates_of(instance, lots.member(), number)
    keep = allowed(instance, found)
    return plans_of(asked, lots.chosen(keep)), distances(instance, found.chosen(keep))


def tightest_balance(instance: Instance, number: int) -> tuple[Fraction, Solution] | None:
    """Find the plan of so many lots whose lots are most alike, and how far the worst is off.

    Hard rules that keep places together hold; of plans alike, that whose places lie closest.
    """
    total = int(instance.size.sum())
    asked = partition(instance, number)
    equal = replace(asked, lower=-(-total // number), upper=total // number)
    by = tightest(equal)
    if by is None or not total:
        return None
    eased = eased_by(equal, by)
    lots = list_lots(eased)
    plans = plans_of(eased, lots)
    cost = distances(instance, candidates_of(instance, lots.member(), number))
    plan = Solution(plans.cells(plans.best(cost)[0][0]))
    worst = max(
        abs(Fraction(int(instance.size[cells].sum()) * number, total) - 1)
        for cells in plan.members()
    )
    return worst, plan


def ranked(instance: Instance, most: int = SHOWN) -> pd.DataFrame:
    """Return ``plans.csv``: of each number of lots the plans whose places lie closest, by rank.

    Parameters
    ----------
    instance
        The question, of which all plans can be counted.
    most
        How many of each number.
    """
    rows = []
    for number in instance.numbers:
        try:
            plans, cost = all_plans(instance, number)
        except TooMany:
            continue
        listed, paid = plans.best(cost, most)
        for rank, (plan, metres) in enumerate(zip(listed, paid.tolist(), strict=True), start=1):
            found = Solution(plans.cells(plan))
            sizes = [int(instance.size[cells].sum()) for cells in found.members()]
            worst = max(abs(size * number / max(1, sum(sizes)) - 1) for size in sizes)
            lots = "; ".join(
                " ".join(instance.cells.ids[i] for i in cells) for cells in found.members()
            )
            rows.append((number, rank, plans.count, metres / 1000, round(worst, 4), lots))
    columns = ["lots", "rank", "of_plans", "person_km", "worst_off_equal_share", "cells_by_lot"]
    return pd.DataFrame(rows, columns=columns)
