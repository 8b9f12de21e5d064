"""Lots that may be drawn: every connected set of cells within its limits of size."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from allocate.labels import Bools
from allocate.lots.instance import Instance
from allocate.units import THOUSAND, Ints, ceil_div, thousandths


@dataclass(frozen=True)
class Candidates:
    """Lots that may be drawn, (N,).

    Parameters
    ----------
    member
        Cells of each, (N, C).
    number
        Into how many lots the plan that it is part of cuts everything.
    breaks
        What each is short by of the rules about single lots, in whole steps.
    """

    member: Bools
    number: Ints
    breaks: dict[str, Ints]

    def chosen(self, keep: Bools) -> Candidates:
        """Return some of them."""
        breaks = {rule: steps[keep] for rule, steps in self.breaks.items()}
        return Candidates(self.member[keep], self.number[keep], breaks)


def limits(instance: Instance, number: int) -> tuple[int, int]:
    """Least and largest size of a lot of a plan with so many lots, in steps."""
    total, share = int(instance.size.sum()), thousandths(instance.rules["balanced"].value)
    least = ceil_div((THOUSAND - share) * total, THOUSAND * number)
    return max(0, int(least)), (THOUSAND + share) * total // (THOUSAND * number)


def build_candidates(instance: Instance) -> Candidates:
    """List the lots that may be drawn; what a hard rule speaks against is left out."""
    size = instance.size
    bound = instance.strict("balanced")
    parts = []
    for number in instance.numbers:
        least, most = limits(instance, number) if bound else (0, int(size.sum()))
        member = np.array(
            list(connected_sets(size.tolist(), instance.cells.edges, least, most)), dtype=np.int64
        )
        parts.append(_unpacked(member, len(size)))
    member = np.concatenate(parts)
    number = np.repeat(np.array(instance.numbers), [len(part) for part in parts])
    found = Candidates(member, number, breaks(instance, member, number))
    keep = np.ones(len(number), dtype=bool)
    for rule, steps in found.breaks.items():
        if instance.strict(rule):
            keep &= steps == 0
    return found.chosen(keep)


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
    return could.sum(axis=0)


def connected_sets(size: Sequence[int], edges: Ints, least: int, most: int) -> Iterator[int]:
    """List every connected set of cells of a size within limits once, as bits.

    Each set grows from its lowest cell by cells that no smaller choice has passed over.
    """
    touch = [0] * len(size)
    for a, b in edges.tolist():
        touch[a] |= 1 << b
        touch[b] |= 1 << a

    def grown(chosen: int, has: int, open_: int, barred: int) -> Iterator[int]:
        if has >= least:
            yield chosen
        while open_:
            cell = (open_ & -open_).bit_length() - 1
            bit = 1 << cell
            open_ ^= bit
            barred |= bit
            if has + size[cell] <= most:
                more = touch[cell] & ~barred & ~chosen
                yield from grown(chosen | bit, has + size[cell], open_ | more, barred)

    for root in range(len(size)):
        if size[root] <= most:
            barred = (2 << root) - 1
            yield from grown(1 << root, size[root], touch[root] & ~barred, barred)


def _unpacked(sets: Ints, cells: int) -> Bools:
    """Write sets of bits as rows, (N, cells)."""
    return (sets.reshape(-1, 1) >> np.arange(cells) & 1).astype(bool)
