"""Branch and price on options, below a value: patterns bound each node, and close what is too dear.

Best bound first. Of what the linear program over patterns has in parts, options that no pattern
settles come first: to leave a group out altogether costs something, whichever agent it would have
gone to, while to keep it from one agent only hands it to another (Savelsbergh 1997; Barnhart et al.
1998). Now and then a node is plunged from for a plan (``plunge.py``).
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from math import inf

import numpy as np

from allocate.core.patterns import Priced
from allocate.core.plunge import WHOLE, Plunge
from allocate.core.residual import Residual
from allocate.core.structure import Structure
from allocate.units import Floats, Ints

HAIR = 1e-4  # a bound so far above a whole step is above it
PLUNGED = 16  # nodes before the first plunge; twice as many before each next one


@dataclass(order=True)
class Branch:
    """Bounds of open columns, those of the column branched on, and what is proven."""

    bound: float
    number: int
    lower: Ints = field(compare=False)
    upper: Ints = field(compare=False)
    prices: Floats | None = field(compare=False)
    column: int = field(compare=False, default=-1)
    least: int = field(compare=False, default=0)
    most: int = field(compare=False, default=0)


class OptionTree:
    """All plans of a residual that cost less than a value.

    Parameters
    ----------
    residual
        Priced; none of its alternatives is open.
    structure
        Of its program.
    below
        What no plan that is looked for costs.
    keep
        Called with each plan that is found.
    late
        Whether to stop, asked again and again.

    Attributes
    ----------
    branches
        That are open, a heap.
    nodes
        That were looked at.
    """

    def __init__(
        self,
        residual: Residual,
        structure: Structure,
        below: float,
        keep: Callable[[Ints | None], None],
        late: Callable[[], bool],
    ) -> None:
        self.residual, self.structure = residual, structure
        self.below, self.keep, self.late = below, keep, late
        option = residual.places(structure.option)
        self._option = option[option >= 0]
        self._loose = np.intersect1d(self._option, residual.patterns.loose)
        self._whole = residual.part.flat.whole[residual.part.column]
        first = residual.priced
        self.branches = [Branch(first.bound, 0, residual.lower, residual.upper, first.prices)]
        self._number = 0
        self._closed = inf
        self.nodes = 0

    def bound(self) -> float:
        """What is proven of all these plans; the value where there are none."""
        first = self.branches[0].bound if self.branches else inf
        return min(first, self._closed, self.below)

    def step(self) -> None:
        """Look at the branch of the least bound."""
        self._look(heapq.heappop(self.branches))

    def lower(self, below: float) -> None:
        """Look for cheaper plans only: there is one of that value."""
        self.below = min(self.below, below)
        if self.branches and self.branches[0].bound >= self._enough():
            self.branches.clear()

    def _enough(self) -> float:
        """A bound from which on a branch is no use."""
        return self.below - 1 + HAIR

    def _look(self, branch: Branch) -> None:
        """Bound a branch, close what no plan below the value has, and branch on."""
        patterns = self.residual.patterns
        bounds = self._bounds(branch)
        self.nodes += 1
        while bounds is not None:
            priced = patterns.relax(*bounds, branch.prices, self._enough(), self.late)
            if priced.bound >= self._enough():
                return
            if self.late():
                heapq.heappush(self.branches, branch)
                return
            if priced.prices is None or priced.values is None:
                self._closed = min(self._closed, priced.bound)  # not priced to the end
                return
            known, bounds = bounds, patterns.tighten(*bounds, priced.prices, self.below)
            if bounds is None:
                return
            column = self._column(priced.values, *bounds)
            if column is not None:
                self._branch(priced, bounds, column)
                return
            if np.array_equal(known, bounds):
                self._closed = min(self._closed, priced.bound)
                self.keep(self._plunge().complete(priced.values))
                self.keep(self.residual.plan(priced.values))
                return

    def _bounds(self, branch: Branch) -> tuple[Ints, Ints] | None:
        """Settle what a branch settles; None where no plan is left."""
        if branch.column < 0:
            return branch.lower, branch.upper
        lower, upper = branch.lower.copy(), branch.upper.copy()
        lower[branch.column], upper[branch.column] = branch.least, branch.most
        return self.residual.patterns.draw_in(lower, upper)

    def _column(self, values: Floats, lower: Ints, upper: Ints) -> int | None:
        """The open column that is least whole: of loose options, of all, or else of any kind."""
        parted = np.where(self._whole & (upper > lower), np.abs(values - np.rint(values)), 0.0)
        for among in (self._loose, self._option):
            if np.any(parted[among] > WHOLE):
                return int(among[np.argmax(parted[among])])
        return int(np.argmax(parted)) if np.any(parted > WHOLE) else None

    def _branch(self, priced: Priced, bounds: tuple[Ints, Ints], column: int) -> None:
        """Branch on a column; plunge from here, now and then."""
        assert priced.values is not None
        lower, upper = bounds
        below = int(np.floor(priced.values[column]))
        for least, most in ((below + 1, int(upper[column])), (int(lower[column]), below)):
            self._number -= 1  # of equal bounds the newest comes first
            branch = Branch(
                priced.bound, self._number, lower, upper, priced.prices, column, least, most
            )
            heapq.heappush(self.branches, branch)
        if self.nodes >= PLUNGED and self.nodes & (self.nodes - 1) == 0 and not self.late():
            self.keep(self._plunge().plan(priced, bounds))

    def _plunge(self) -> Plunge:
        return Plunge(self.residual, self.structure, self._enough(), self.late)
