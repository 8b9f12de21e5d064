"""Partitions that cut few edges: choosing from all lots there may be, by column generation.

The linear program that chooses from known lots prices cells, and lots that would pay at these
prices join them, until none would. What the most a lot can gain leaves of the prices is a bound at
every step (A. Mehrotra, E. L. Johnson & G. L. Nemhauser, Management Science 44, 1998); prices
between the last ones and those of the best bound make it rise sooner (P. Wentges, International
Transactions in Operational Research 4, 1997). Annealing finds plans, and lots for a start; the best
plan that known lots make is chosen exactly.
"""

from __future__ import annotations

import time
from math import ceil, inf

import numpy as np

from allocate.core.annealing import anneal, grown
from allocate.core.lot_choice import LotChoice
from allocate.core.lot_pricing import LotPricing
from allocate.core.partition import Partition
from allocate.units import Floats, Ints

STEPS = 2000  # moves of annealing a cell at each temperature
EARLY_SHARE, STALLED = 0.4, 16  # of the time for annealing, and runs that find nothing better
AGAIN, WARM = 0.5, 0.5  # how often a run begins with the best plan, and with what heat
CHOICE_SHARE, PRICING_SHARE = 0.1, 0.4  # of the time, for one exact choice or lot
SMOOTH = 0.5  # how far prices stay at those of the best bound
JOINED = 300  # lots that join at once
VAIN, OFTEN = 3, 8  # searches that find no lot, or that find some, before one is looked for exactly
GAIN = 0.5  # above the most that a lot gains, others join too
DEAR = 10.0  # what a cell may pay at first, in what an edge weighs
HAIR = 1e-4  # what floats of the bound are trusted to


def solve_cuts(
    partition: Partition, weight: Ints, *, seconds: float, seed: int
) -> tuple[Ints | None, float]:
    """Part cells into lots so that edges between lots weigh least.

    Parameters
    ----------
    partition
        Cells and limits; its cost is by cuts.
    weight
        Of each edge, whole and never negative, (E,).
    seconds, seed
        When to stop, and the seed of everything random.

    Returns
    -------
    tuple
        Lot of each cell, (n,), or None where no plan was found; and a bound that no plan goes
        below: ``inf`` where it is proven that there is none.
    """
    began = time.monotonic()
    if not partition.shares_fit():
        return None, inf
    search = _Search(partition, weight, seed, began + seconds)
    search.anneal(began + EARLY_SHARE * seconds)
    search.choose(CHOICE_SHARE * seconds)
    search.generate(began + (1 - CHOICE_SHARE) * seconds, PRICING_SHARE * seconds)
    search.choose(CHOICE_SHARE * seconds)
    return search.best, search.bound if search.best is None else min(search.bound, search.value)


class _Search:
    """The best plan and the best bound so far."""

    def __init__(self, partition: Partition, weight: Ints, seed: int, ends: float) -> None:
        self._partition, self._ends = partition, ends
        self._rng = np.random.default_rng(seed)
        self._pricing = LotPricing(partition, weight)
        self._choice = LotChoice(partition, self._pricing)
        self._dear = DEAR * max(1.0, float(weight.sum()) / max(1, len(weight)))
        self._centre: Floats | None = None
        self.best: Ints | None = None
        self.value, self.bound, self._proven = inf, 0.0, -inf

    def met(self, lots: Ints | None) -> None:
        """Take a plan if it is better."""
        if lots is None:
            return
        self._choice.add_plan(lots)
        value = self._partition.total(lots)
        if value is not None and value < self.value:
            self.best, self.value = lots, value

    def anneal(self, ends: float) -> None:
        """Find plans, and keep the lots met on the way."""
        stalled = 0
        while time.monotonic() < ends and stalled < STALLED and self.value > self.bound:
            before = self.value
            count = int(self._rng.integers(self._partition.least, self._partition.most + 1))
            again = self.best is not None and self._rng.random() < AGAIN
            start = self.best if again else grown(self._partition, count, self._rng)
            if start is None:
                return
            steps = STEPS * self._partition.cells
            self.met(
                anneal(
                    *(self._partition, start),
                    steps=steps,
                    rng=self._rng,
                    ends=ends,
                    met=self._choice.add_plan,
                    warmth=WARM if again else 1.0,
                )
            )
            stalled = 0 if self.value < before or self.best is None else stalled + 1

    def choose(self, seconds: float) -> None:
        """Choose the best plan that known lots make."""
        if self.value > self.bound:
            self.met(self._choice.whole(min(seconds, self._ends - time.monotonic())))

    def generate(self, until: float, seconds: float) -> None:
        """Let lots that pay join, until none does or the bound is what the plan costs."""
        vain = joined = 0
        while time.monotonic() < until and self.value > self.bound:
            now = self._choice.relaxed(self._dear)
            starts = self._starts(now.part)
            found = self._join(now.price, now.lot, starts)
            vain, joined = (0, joined + 1) if found else (vain + 1, joined)
            if vain < VAIN and joined < OFTEN:
                continue
            joined = 0
            centre = now.price if self._centre is None else self._centre
            price = SMOOTH * centre + (1 - SMOOTH) * now.price
            ends = min(until, time.monotonic() + seconds)
            least, lot = self._pricing.best(price, ends)
            if least == inf:
                self.bound = inf
                return
            if self._raise(price, least):
                self._centre = price
            new = self._join(price, least + GAIN, starts if lot is None else lot[None])
            new += 0 if lot is None else self._choice.add(lot[None])
            if not new and lot is not None and np.allclose(price, now.price):
                if now.value <= self._proven + HAIR and not now.bare:
                    return
                self._dear *= 2
            elif not new:
                self._centre = now.price

    def _starts(self, part: Floats) -> np.ndarray:
        """Lots to begin a search for others with: those that count most, and some at random."""
        member = self._choice.member[np.argsort(-part)[: 2 * self._partition.most]]
        lots = grown(self._partition, self._partition.most, self._rng)
        if lots is None:
            return member
        return np.concatenate([member, lots == np.arange(self._partition.most)[:, None]])

    def _join(self, price: Floats, below: float, starts: np.ndarray) -> int:
        """Look for lots that gain; says how many join."""
        found = self._pricing.likely(price, below, starts, self._rng)
        if not len(found):
            return 0
        paid = self._pricing.half_cut(found) - found @ price
        return self._choice.add(found[np.argsort(paid, kind="stable")[:JOINED]])

    def _raise(self, price: Floats, least: float) -> bool:
        """Count what prices prove; says whether that is more than before."""
        number = self._partition.most if least < 0 else self._partition.least
        proven = float(price.sum()) + number * least
        if proven <= self._proven:
            return False
        self._proven = proven
        self.bound = max(self.bound, ceil(proven - HAIR))
        return True
