"""Lots that may be drawn: every connected set of cells within its limits of size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from math import inf

import numpy as np

from allocate.core.connected_lots import TooMany, list_lots
from allocate.core.lot_plans import eased_by, tightest
from allocate.core.partition import CentreCost, Partition
from allocate.core.program import MOST, ints
from allocate.errors import BadInput, Fault
from allocate.labels import Bools
from allocate.lots.boxes import priced_boxes
from allocate.lots.instance import Instance
from allocate.study.scenario import LevelWords
from allocate.units import THOUSAND, Ints, ceil_div, thousandths

ANY = 0  # a lot that may be part of a plan with any number of lots


@dataclass(frozen=True)
class Candidates:
    """Lots that may be drawn, (N,).

    Parameters
    ----------
    member
        Cells of each, (N, C).
    number
        Into how many lots the plan that it is part of cuts everything; ``ANY`` where that does not
        matter.
    breaks
        What each is short by of the rules about single lots, in whole steps.
    left_out
        What a plan with a lot that is not listed comes to at least, in units of the objective.
    plan
        Lots of a plan that is known, as far as one is.
    """

    member: Bools
    number: Ints
    breaks: dict[str, Ints]
    left_out: float = inf
    plan: Ints = field(default_factory=lambda: ints([]))

    def chosen(self, keep: Bools) -> Candidates:
        """Return some of them."""
        breaks = {rule: steps[keep] for rule, steps in self.breaks.items()}
        return Candidates(self.member[keep], self.number[keep], breaks)


def limits(instance: Instance, number: int) -> tuple[int, int]:
    """Least and largest size of a lot of a plan with so many lots, in steps."""
    if number == ANY:
        return 0, int(instance.size.sum())
    total, share = int(instance.size.sum()), thousandths(instance.rules["balanced"].value)
    least = ceil_div((THOUSAND - share) * total, THOUSAND * number)
    return max(0, int(least)), (THOUSAND + share) * total // (THOUSAND * number)


def partition(instance: Instance, number: int) -> Partition:
    """Write the cells and the hard rules on lots as a partition into so many lots.

    Parameters
    ----------
    instance
        The question, on places.
    number
        How many lots.
    """
    rules = instance.rules
    bound = rules["balanced"].mode == "hard"
    least, most = limits(instance, number) if bound else (0, int(instance.size.sum()))
    together = instance.cells.together if rules["kept_together"].mode == "hard" else ()
    pairs = [(group[0], other) for group in together for other in group[1:]]
    return Partition(
        size=instance.size,
        edges=instance.cells.edges,
        lower=least,
        upper=most,
        least=number,
        most=number,
        cost=CentreCost(instance.cells.residents[:, None] * instance.cells.metres),
        together=np.array(pairs, dtype=np.int64).reshape(-1, 2),
    )


def candidates_of(instance: Instance, member: Bools, number: int) -> Candidates:
    """Measure some lots of plans with so many."""
    numbers = np.full(len(member), number)
    return Candidates(member, numbers, breaks(instance, member, numbers))


def bent(instance: Instance, number: int) -> Partition:
    """Return what lots there are once rules may be broken.

    Where balance can give until every other hard rule is kept, no lot beyond that is needed: it
    lists all that keep the balance, and enough to show that without it there is a plan.
    """
    asked = partition(instance, number)
    loose = replace(asked, lower=0, upper=int(instance.size.sum()), together=asked.together[:0])
    if any(instance.rules[rule].mode == "hard" for rule in ("value_limits", "enough_bidders")):
        return loose
    by = tightest(asked)
    return loose if by is None else replace(eased_by(asked, by), together=loose.together)


def build_candidates(instance: Instance, levels: Sequence[LevelWords]) -> Candidates:
    """List the lots that may be drawn; what a hard rule speaks against is left out.

    Parameters
    ----------
    instance
        The question.
    levels
        The objective: of a service list only boxes that a best plan can have are listed.
    """
    if instance.given is not None:
        member = instance.given == np.arange(len(instance.lots))[:, None]
        return candidates_of(instance, member, len(instance.lots))
    if instance.cells.table == "cells":
        weights = {term: Fraction(str(weight)) for term, weight in levels[0].terms.items()}
        priced = priced_boxes(instance, weights)
        boxes, plan, rest = priced.boxes()
        found = candidates_of(instance, priced.axes.member(boxes), ANY)
        return replace(found, left_out=rest, plan=plan)
    listed = bent if instance.bends else partition
    try:
        parts = [list_lots(listed(instance, number)).member() for number in instance.numbers]
    except TooMany as many:
        fault = Fault("places.csv", "", str(many), "Draw lots of larger places, such as wards")
        raise BadInput("places.csv", [fault]) from many
    member = np.concatenate(parts)
    number = np.repeat(np.array(instance.numbers), [len(part) for part in parts])
    found = Candidates(member, number, breaks(instance, member, number))
    return found.chosen(allowed(instance, found))


def allowed(instance: Instance, found: Candidates) -> Bools:
    """Which lots no hard rule speaks against, (N,)."""
    keep = np.ones(len(found.number), dtype=bool)
    for rule, steps in found.breaks.items():
        if instance.strict(rule):
            keep &= steps == 0
    return keep


def breaks(instance: Instance, member: Bools, number: Ints) -> dict[str, Ints]:
    """What some lots are short by of each rule about single lots, in whole steps."""
    size = member @ instance.size
    low, high = np.array([limits(instance, int(n)) for n in number]).reshape(-1, 2).T
    value = member @ instance.cells.value
    options = instance.rules["value_limits"].options
    floor, ceiling = (round(float(options[key]) * 100) for key in ("least", "most"))
    cut = np.zeros(len(number), dtype=np.int64)
    for group in instance.cells.together:
        has = member[:, list(group)]
        cut += has.any(axis=1) & ~has.all(axis=1)
    wanted = int(float(instance.rules["enough_bidders"].value or 0))
    return {
        "balanced": np.maximum(0, np.maximum(low - size, size - high)),
        "value_limits": np.maximum(0, floor - value) + np.maximum(0, value - ceiling),
        "enough_bidders": np.maximum(0, wanted - owners_who_could_bid(instance, member)),
        "kept_together": cut,
    }


def owners_who_could_bid(instance: Instance, member: Bools) -> Ints:
    """How many owners reach enough of each lot, (N,)."""
    bidders = instance.bidders
    worth = instance.cells.value if instance.cells.value.any() else np.ones_like(instance.size)
    share = thousandths(instance.rules["enough_bidders"].options["reaches"])
    whole = member @ worth
    could = np.zeros((len(bidders.owners), len(member)), dtype=bool)
    for k, owner in enumerate(bidders.owner.tolist()):
        could[owner] |= (member[:, bidders.reach[k]] @ worth[bidders.reach[k]]) * THOUSAND >= (
            share * whole
        )
    count: Ints = could.sum(axis=0)
    return count


def distances(instance: Instance, candidates: Candidates) -> Ints:
    """Person-metres from the places of each lot to its best middle, (N,)."""
    member = candidates.member
    way = member.astype(np.int64) @ (instance.cells.residents[:, None] * instance.cells.metres)
    least: Ints = np.where(member, way, MOST).min(axis=1, initial=MOST)
    return least
