"""A plunge for a plan: settle what the linear program over patterns has whole, and what is nearest.

Over and over; what leads nowhere is closed instead, a few times (a diving heuristic with limited
backtracking, as in Sadykov et al. 2019).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from allocate.core.patterns import Priced
from allocate.core.residual import Residual
from allocate.core.structure import Bools, Structure, best_of
from allocate.units import Floats, Ints

FAILURES = 10  # of a look for a plan
WHOLE = 1e-6  # what the linear program calls whole


class Plunge:
    """One look for a plan.

    Parameters
    ----------
    residual
        What is plunged into.
    structure
        Of its program.
    enough
        A plan that costs so much is not looked for.
    stop
        Asked again and again.
    """

    def __init__(
        self,
        residual: Residual,
        structure: Structure,
        enough: float,
        stop: Callable[[], bool],
    ) -> None:
        self.residual, self.structure = residual, structure
        self.enough, self.stop = enough, stop
        self._alternative = residual.places(structure.alternative)
        self._option = residual.places(structure.option)

    def plan(self, priced: Priced, bounds: tuple[Ints, Ints]) -> Ints | None:
        """Return a plan, which may break rows that are not known, or None.

        Parameters
        ----------
        priced
            What is known between these bounds.
        bounds
            Of the residual's open columns.
        """
        rest, failures = self.residual, 0
        while priced.values is not None and failures <= FAILURES and not self.stop():
            values = priced.values
            open_ = self._still(self._alternative, *bounds)
            if not len(open_):
                open_ = self._still(self._option, *bounds)
                if not priced.short and whole(values[open_]).all():
                    return self.complete(values)
            if not len(open_):
                return None
            near = np.where(whole(values[open_]), 0.0, values[open_])
            nearest = open_[np.argmax(near)]
            settled = bounds[0].copy()
            settled[open_[values[open_] > 1 - WHOLE]] = 1
            settled[nearest] = 1
            drawn = rest.patterns.draw_in(settled, bounds[1])
            found = None if drawn is None else self._relax(*drawn, priced)
            if drawn is None or found is None or found.values is None:
                failures += 1
                closed = bounds[1].copy()
                closed[nearest] = bounds[0][nearest]
                drawn = rest.patterns.draw_in(bounds[0], closed)
                found = None if drawn is None else self._relax(*drawn, priced)
                if drawn is None or found is None:
                    return None
            bounds, priced = drawn, found
        return None

    def _relax(self, lower: Ints, upper: Ints, priced: Priced) -> Priced:
        return self.residual.patterns.relax(lower, upper, priced.prices, self.enough, self.stop)

    def _still(self, column: Ints, lower: Ints, upper: Ints) -> Ints:
        """Of some columns, those that are open between bounds."""
        column = column[column >= 0]
        return column[upper[column] > lower[column]]

    def complete(self, values: Floats) -> Ints:
        """Complete whole options and alternatives to a plan."""
        s, part = self.structure, self.residual.part
        every = part.flat.lower.astype(float)
        every[part.column] += values
        chosen = best_of(s.start, every[s.option])
        blocks = np.searchsorted(s.block, np.arange(len(s.target) + 1))
        led = best_of(blocks, every[s.alternative]) if len(s.target) else blocks[:0]
        return s.values(chosen, led)


def whole(values: Floats) -> Bools:
    """Which values the linear program calls whole."""
    return np.abs(values - np.rint(values)) <= WHOLE
