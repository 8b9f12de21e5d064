"""Partitions that cut few edges: choosing from all lots there may be, by column generation.

The linear program that chooses from known lots prices cells, and lots that would pay at these
prices join them, until none would. What the most a lot can gain leaves of the prices is a bound at
every step (A. Mehrotra, E. L. Johnson & G. L. Nemhauser, Management Science 44, 1998); prices
between the last ones and those of the best bound make it rise sooner (P. Wentges, International
Transactions in Operational Research 4, 1997). Annealing finds plans, and lots for a start; the best
plan that known lots make is chosen exactly.

Lots of a graph that few cells at a time divide, such as one of counties, are priced exactly, as
paths (``path_search.py``). Of other graphs, lots that must be connected are priced as if they need
not be at first: that is far easier, and its bound holds for them.
"""

from __future__ import annotations

import time
from dataclasses import replace
from math import ceil, inf

import numpy as np

from allocate.core.growing import grown
from allocate.core.lot_choice import LotChoice
from allocate.core.lot_diagram import diagram_of
from allocate.core.lot_pricing import LotPricing
from allocate.core.partition import Bools, Partition
from allocate.core.path_search import PathSearch
from allocate.core.plan_search import PlanSearch
from allocate.core.pursuit import Pursuit
from allocate.units import Floats, Ints

EARLY_SHARE, SHORT_SHARE = 0.4, 0.15  # of the time for annealing, and where paths follow it
STALLED = 16  # runs that find nothing better
CHOICE_SHARE, PRICING_SHARE = 0.1, 0.4  # of the time, for one exact choice or lot
LOOSE_SHARE = 0.7  # of the time, when lots are made to be connected at the latest
SMOOTH = 0.5  # how far prices stay at those of the best bound
JOINED = 300  # lots that join at once
VAIN, OFTEN = 3, 8  # searches that find no lot, or that find some, before one is looked for exactly
GAIN = 0.5  # above the most that a lot gains, others join too
DEAR = 10.0  # what a cell may pay at first, in what an edge weighs
STATES = 3 * 10**5  # of the diagram of all lots
HAIR = 1e-4  # what floats of the bound are trusted to


def solve_cuts(pursuit: Pursuit, weight: Ints, seed: int) -> None:
    """Part cells into lots so that edges between lots weigh least.

    Parameters
    ----------
    pursuit
        What is parted, its cost by cuts, and when to end; the best plan and the bound are left in
        it, an infinite bound where it is proven that there is no plan.
    weight
        Of each edge, whole and never negative, (E,).
    seed
        Of everything random.
    """
    if not pursuit.partition.shares_fit():
        pursuit.proved(inf)
        return
    search = _Search(pursuit, pursuit.partition, weight, seed)
    search.anneal(SHORT_SHARE)
    diagram = diagram_of(pursuit.partition, STATES)
    if diagram is not None:
        PathSearch(pursuit, weight, diagram).close(search.known)
        return
    search.anneal(EARLY_SHARE)
    search.choose()
    if pursuit.partition.contiguous:
        loose = _Search(pursuit, replace(pursuit.partition, contiguous=False), weight, seed)
        loose.generate(search.known, LOOSE_SHARE)
        search.centred(loose)
    search.generate(search.known, 1 - CHOICE_SHARE)
    search.choose()


class _Search:
    """Lots known so far, and prices that bound what they cost."""

    def __init__(self, pursuit: Pursuit, partition: Partition, weight: Ints, seed: int) -> None:
        self._pursuit, self._partition = pursuit, partition
        self._rng = np.random.default_rng(seed)
        self._pricing = LotPricing(self._partition, weight)
        self._choice = LotChoice(self._partition, self._pricing)
        self._plans = PlanSearch(pursuit, seed, self._choice.add_plan)
        self._most = int(weight.sum())  # that a plan can cost
        self._dear = DEAR * max(1.0, float(weight.sum()) / max(1, len(weight)))
        self._centre: Floats | None = None
        self._proven = -inf

    @property
    def known(self) -> Bools:
        """Lots known so far, (S, n)."""
        return self._choice.member

    def centred(self, other: _Search) -> None:
        """Begin with the prices of another search."""
        self._centre, self._dear = other._centre, other._dear

    def anneal(self, until: float) -> None:
        """Find plans, and keep the lots met on the way, until a share of the time has passed.

        For a first plan it may be the largest share.
        """
        pursuit = self._pursuit
        while not pursuit.over() and self._plans.stalled < STALLED:
            if pursuit.spent >= (EARLY_SHARE if pursuit.best is None else until):
                break
            self._plans.run(1, None)
        if self._pursuit.best is not None:
            self._choice.add_plan(self._pursuit.best)

    def choose(self) -> None:
        """Choose the best plan that known lots make."""
        pursuit = self._pursuit
        if not pursuit.over():
            pursuit.met(self._choice.whole(min(CHOICE_SHARE * pursuit.seconds, pursuit.left))[0])

    def generate(self, known: Bools, until: float) -> None:
        """Let lots that pay join, until none does or the bound is what the plan costs.

        Parameters
        ----------
        known
            Lots to begin with, (S, n).
        until
            Share of the time that has passed when it ends.
        """
        pursuit = self._pursuit
        self._choice.add(known)
        vain = joined = 0
        while not pursuit.over() and pursuit.spent < until:
            now = self._choice.relaxed(self._dear)
            starts = self._starts(now.part)
            found = self._join(now.price, now.lot, starts)
            vain, joined = (0, joined + 1) if found else (vain + 1, joined)
            if vain < VAIN and joined < OFTEN:
                continue
            joined = 0
            centre = now.price if self._centre is None else self._centre
            price = SMOOTH * centre + (1 - SMOOTH) * now.price
            rest = min(until - pursuit.spent, PRICING_SHARE) * pursuit.seconds
            ends = time.monotonic() + rest
            least, lot = self._pricing.best(price, ends)
            if least == inf:
                pursuit.proved(inf)
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
        bound = ceil(proven - HAIR)
        self._pursuit.proved(bound if bound <= self._most else inf)
        return True
