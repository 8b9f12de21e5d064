"""Branching on who leads: the bound of each part of the choice, until none is left below the plan.

Prices look at each block by itself, so a bound at one set of prices mixes alternatives that no plan
has together. Here the choice is split, one block at a time, into its cheapest alternative and all
the others, and the prices of each part climb on from those of the whole (branch and bound with
Lagrangian bounds, Fisher 1981). The part with the least bound is split first; the least of all
parts left is the bound, and each part's prices are its proof.
"""

from __future__ import annotations

import heapq
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from math import inf

import numpy as np
from numpy.typing import NDArray

from allocate.core.bound import Prices, Relaxation, Relaxed, climb
from allocate.units import Ints

STEPS = 60  # of the climb in each part


@dataclass(order=True)
class Part:
    """Some alternatives of each block, with the prices that bound them.

    Parameters
    ----------
    bound
        No plan with these alternatives costs less.
    number
        Tells parts apart.
    allowed
        Alternatives that are left, (A,).
    prices, relaxed
        Prices and what comes of them.
    """

    bound: float
    number: int
    allowed: NDArray[np.bool_] = field(compare=False)
    prices: Prices = field(compare=False)
    relaxed: Relaxed = field(compare=False)


class Branching:
    """The parts into which the choice of alternatives is split so far.

    Parameters
    ----------
    relaxation
        What is bounded.
    prices
        Of the whole.
    """

    def __init__(self, relaxation: Relaxation, prices: Prices) -> None:
        self._relaxation = relaxation
        allowed = np.ones(len(relaxation.structure.alternative), dtype=np.bool_)
        relaxed = relaxation.relax(prices)
        self.open = [Part(relaxed.bound, 0, allowed, prices, relaxed)]
        self.settled: list[Part] = []  # one alternative a block: nothing is left to split
        self._count = 0

    @property
    def parts(self) -> list[Part]:
        """All parts, the least bound first."""
        return sorted([*self.open, *self.settled])

    @property
    def bound(self) -> float:
        """The least bound of all parts."""
        return min((part.bound for part in (*self.open, *self.settled)), default=inf)

    def split(
        self, value: float, *, until: float, stop: Callable[[], bool], enough: int = 1 << 30
    ) -> None:
        """Split parts until the least cannot be split.

        Parameters
        ----------
        value
            Cost of the best plan: parts whose bound reaches it are left alone.
        until, stop, enough
            When to end: a time, a wish, or so many parts.
        """
        while self.open and len(self.open) < enough and time.monotonic() < until and not stop():
            least = heapq.heappop(self.open)
            floor = min((part.bound for part in self.settled), default=inf)
            if least.bound >= min(value, floor):
                heapq.heappush(self.open, least)
                return
            block = self._widest(least)
            if block is None:
                self.settled.append(least)
                continue
            for allowed in self._halves(least, block):
                part = self._part(least, allowed, value)
                if len(np.flatnonzero(allowed)) == len(self._relaxation.structure.target):
                    self.settled.append(part)
                else:
                    heapq.heappush(self.open, part)

    def _widest(self, part: Part) -> int | None:
        """The block whose cheapest alternative is closest to its next, among those with several."""
        block = self._relaxation.structure.block
        best, least = None, inf
        for b in range(len(self._relaxation.structure.target)):
            values = np.sort(part.relaxed.value[(block == b) & part.allowed])
            if len(values) > 1 and values[1] - values[0] < least:
                best, least = b, float(values[1] - values[0])
        return best

    def _halves(self, part: Part, block: int) -> list[NDArray[np.bool_]]:
        """The cheapest alternative of a block, and all others."""
        mine = self._relaxation.structure.block == block
        one = part.allowed & ~mine
        one[part.relaxed.led[block]] = True
        rest = part.allowed.copy()
        rest[part.relaxed.led[block]] = False
        return [one, rest]

    def _part(self, parent: Part, allowed: NDArray[np.bool_], value: float) -> Part:
        """Climb on from a part's prices with fewer alternatives."""
        relaxation = self._relaxation
        relaxation.allowed = allowed
        prices, relaxed = climb(
            relaxation, parent.prices, steps=STEPS, enough=value, known=value, reach=REACH
        )
        relaxation.allowed = np.ones_like(allowed)
        self._count += 1
        bound = max(relaxed.bound, parent.bound)
        return Part(bound, self._count, allowed, prices, relaxed)


REACH = 0.02  # how far above the parent's bound the first target of a part is


def vector(part: Part) -> Ints:
    """Return the cheapest alternative of each block of a part."""
    return part.relaxed.led
