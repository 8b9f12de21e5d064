"""A program between bounds: what patterns prove of it, and how little is open near that bound.

Patterns prove, too, what each column costs at least, so that few can be in a plan near the bound
(Posta, Ferland & Michelon 2012). A general solver soon sees whether any plan of these costs less
than some value. If none does that value is the bound, and the next is further off: the core of the
problem expands only as far as it must (Pisinger 1999; destructive bounds, Klein & Scholl 1999).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import ceil, floor, inf, isfinite

import numpy as np

from allocate.core.bound import Relaxation
from allocate.core.compact import compact
from allocate.core.field import Agents
from allocate.core.outcome import Proof
from allocate.core.patterns import Patterns, Priced
from allocate.core.program import FREE, Flat
from allocate.core.proof import prove
from allocate.core.structure import Structure
from allocate.units import Floats, Ints

FEW = 500  # columns that may be open at first
MORE = 1.5  # times as many each time after, at least
PARTS = 64  # of the way to the best plan: so far goes the first look
ALONE = 1e-4  # of the bound: the same where there is no plan
SMALL = 64  # nodes of a tree
FAR, NEAR = 2.0, 1.25  # times as far goes the next look


class Residual:
    """A program between bounds, with patterns of its own.

    Parameters
    ----------
    flat
        The program, its bounds drawn in.
    cost
        Whole and never negative, (columns,).
    structure, agents
        What is read of it.
    worst
        What it costs to leave out what has to be there: more than any plan.

    Attributes
    ----------
    packed
        Whether a tree bounded by patterns is the way to go on.
    nodes
        Of the last such tree.
    """

    def __init__(
        self, flat: Flat, cost: Ints, structure: Structure, agents: Agents, worst: float
    ) -> None:
        self.part = compact(flat, (flat.lower, flat.upper))
        option = np.zeros(len(cost), dtype=bool)
        option[structure.option] = True
        rows = structure.resource[agents.resource]
        self.patterns = Patterns(self.part, cost, option, rows, worst)
        self.lower, self.upper = np.zeros_like(self.part.span), self.part.span
        self.priced = Priced(-inf, None)
        self._at = np.full(len(cost), -1)
        self._at[self.part.column] = np.arange(len(self.part.column))
        self.packed, self.nodes = self.patterns.everyone, 0
        self._looks = self._open = 0
        self._below: int | None = None

    def places(self, columns: Ints) -> Ints:
        """Places of columns among those that are open, -1 for those that are not."""
        return self._at[columns]

    def price(self, enough: float, stop: Callable[[], bool]) -> Priced:
        """Bound it by patterns; they need prove no more than enough."""
        self.priced = self.patterns.split(self.lower, self.upper)
        if self.priced.bound < enough:
            prices = self.priced.prices
            self.priced = self.patterns.relax(self.lower, self.upper, prices, enough, stop)
            self.packed &= isfinite(self.priced.bound)
        return self.priced

    def further(self, bound: float, enough: float) -> int:
        """Say up to which value to look for plans next: a core that expands as far as it must.

        Each call goes further from the bound of patterns: twice as far, or where the last tree was
        large a quarter, as nearly all of the work is near the last value.

        Parameters
        ----------
        bound
            That is proven; the value is above it.
        enough
            A plan that costs so much is not looked for.
        """
        first = self.priced.bound
        apart = (enough - first) / PARTS if enough < inf else 1.0 + ALONE * first
        if self._below is not None:
            apart = (self._below - first) * (FAR if self.nodes <= SMALL else NEAR)
        self._below = ceil(max(first + apart, floor(bound) + 1))
        return min(self._below, ceil(enough)) if enough < inf else self._below

    def core(self, bound: float, enough: float) -> tuple[int | None, Flat | None]:
        """Say up to which value to look for plans next, and what is open of such plans.

        Each call looks further: half as many columns again are open, or there is no more to open.

        Parameters
        ----------
        bound
            That is proven; the value is above it.
        enough
            A plan that costs so much is not looked for.

        Returns
        -------
        tuple
            The value, None for all plans; and the program with all else closed, None where there is
            no plan below the value.
        """
        while True:
            value = self._value(bound, enough)
            near = self.near(value)
            open_ = 0 if near is None else int(np.count_nonzero(near.upper > near.lower))
            last = value is None or value >= enough
            if last or near is None or open_ >= MORE * self._open:
                self._open = open_
                return value, near

    def _value(self, bound: float, enough: float) -> int | None:
        """The next value up to which few columns are open, further up with each call."""
        most = None if enough == inf else ceil(enough)
        if self.priced.prices is None:
            return most
        proven, having, lacking = self.patterns.regrets(self.lower, self.upper, self.priced.prices)
        away = np.sort(np.maximum(having, lacking))
        count, self._looks = int(FEW * MORE**self._looks), self._looks + 1
        if count >= len(away):
            return most
        value = max(ceil(proven + away[count]), floor(bound) + 1)
        return value if most is None else min(value, most)

    def proof(self, structure: Structure, cost: Ints) -> Proof | None:
        """Count what the plain linear program's prices of scarce rows prove; anybody can do so.

        Parameters
        ----------
        structure, cost
            As at the beginning.
        """
        if self.priced.prices is None:
            return None
        relaxation, scarce = Relaxation(structure, cost), np.zeros(len(self.part.flat.low))
        scarce[self.part.row] = self.patterns.scarcity()
        prices = relaxation.nothing()
        prices.resource[:] = np.maximum(scarce[structure.resource], 0.0)
        proof = prove(relaxation, prices, relaxation.relax(prices))
        return proof if proof.bound < FREE else None

    def near(self, value: int | None) -> Flat | None:
        """Close whatever no plan below a value has; None where there is no such plan."""
        drawn: tuple[Ints, Ints] | None = self.lower, self.upper
        if value is not None and self.priced.prices is not None:
            drawn = self.patterns.tighten(self.lower, self.upper, self.priced.prices, value)
        return None if drawn is None else self.between(*drawn)

    def plan(self, values: Floats) -> Ints:
        """Return all columns where those that are open have whole values, (columns,)."""
        plan = self.part.flat.lower.copy()
        plan[self.part.column] += np.rint(values).astype(np.int64)
        return plan

    def between(self, lower: Ints, upper: Ints) -> Flat:
        """Return the program between bounds of its open columns."""
        flat, column = self.part.flat, self.part.column
        below, above = flat.lower.copy(), flat.lower.copy()
        below[column] += lower
        above[column] += upper
        return replace(flat, lower=below, upper=above)
