"""Dual vectors of a recourse, in whole numbers and exactly feasible, each good for every sample.

Prices are equal over samples, so a vector that is dual feasible bounds the recourse of every sample
at every booking. Floats of a solver are rounded to whole numbers over a scale; what rounding breaks
is put right by a step towards a vector that has room in every column, and counted without rounding.
"""

from __future__ import annotations

from math import frexp
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import linprog

from allocate.core.program import FREE
from allocate.core.two_stage import TwoStage
from allocate.units import Floats, Ints

FINEST = 30  # binary digits after the point, at most
LARGEST, MACHINE = 54, 62  # binary digits of the largest sum that is planned for, and that there is
ROOMY = 1e7  # room, in steps of the scale, with which nothing worth mention is lost


class DualVectors:
    """Makes dual vectors exact, and says what they prove.

    Parameters
    ----------
    two_stage
        Whose recourse they are of.
    """

    def __init__(self, two_stage: TwoStage) -> None:
        self._price, self._equal = two_stage.price, two_stage.equal
        self._columns = two_stage.matrix.T.tocsr()
        self._free = two_stage.upper >= FREE
        self._capped = np.flatnonzero(~self._free)
        self._upper = two_stage.upper[self._capped]
        self._size = np.asarray(abs(self._columns).sum(axis=1)).ravel()
        self._largest = max(1, int(self._size.max(initial=1)))
        digits = frexp(float(self._price.max(initial=1)) * self._largest)[1]
        self.scale = 1 << int(np.clip(LARGEST - digits, 0, FINEST))
        self._inner, self._room = self._interior()

    def _interior(self) -> tuple[Floats, float]:
        """Find a vector with room in every column without upper bound, and how much it has."""
        rows, free = len(self._equal), np.flatnonzero(self._free)
        size = np.maximum(self._size[free], 1)
        room = float((self._price[free] / size).min(initial=ROOMY))
        if room * self.scale >= ROOMY:  # no price at all is a vector with room enough
            return np.zeros(rows), room
        found: Any = linprog(
            np.append(np.zeros(rows), -1.0),
            A_ub=sparse.hstack([self._columns[free], size[:, None]], format="csr"),
            b_ub=self._price[free],
            bounds=[*((None, None) if e else (0, None) for e in self._equal), (0, ROOMY)],
        )
        return (found.x[:-1], found.x[-1]) if found.status == 0 else (np.zeros(rows), 0.0)

    def exact(self, vectors: Floats) -> tuple[Ints, NDArray[np.bool_]]:
        """Round vectors and make them dual feasible.

        Parameters
        ----------
        vectors
            Nearly feasible, (vectors, rows).

        Returns
        -------
        tuple
            Whole numbers over the scale, (vectors, rows), and which of them are feasible: all,
            unless no vector has room in some column or sums are too large.
        """
        signed = np.where(self._equal, vectors, np.maximum(vectors, 0.0))
        whole = np.rint(signed * self.scale).astype(np.int64)
        short = self._short(whole)
        step = np.zeros(len(whole))
        for _ in range(3):
            broken = short > 0
            if self._room <= 0 or not broken.any():
                break
            # A step mends what is broken and what rounding after it may break again.
            step += np.where(broken, (short + 1.0) / (self._room * self.scale), 0.0)
            step = np.minimum(step, 1.0)
            mixed = signed[broken] + step[broken, None] * (self._inner - signed[broken])
            whole[broken] = np.rint(mixed * self.scale).astype(np.int64)
            short = self._short(whole)
        fits = np.abs(whole).max(axis=1, initial=0) < 2.0**MACHINE / self._largest
        return whole, fits & (short <= 0)

    def _short(self, whole: Ints) -> Floats:
        """By how much each vector breaks columns without upper bound, relative to their size."""
        reduced = self._reduced(whole)[self._free]
        relative = -reduced / np.maximum(self._size[self._free], 1)[:, None]
        return relative.max(axis=0, initial=0.0)

    def _reduced(self, whole: Ints) -> Ints:
        """Reduced prices over the scale, (columns, vectors)."""
        return (self._price * self.scale)[:, None] - self._columns @ whole.T

    def charge(self, whole: Ints) -> list[int]:
        """What columns at their upper bounds take off each vector, exactly, over the scale."""
        if not len(self._capped):
            return [0] * len(whole)
        beyond = np.maximum(0, -self._reduced(whole)[self._capped])
        return [int(each) for each in self._upper.astype(object) @ beyond.astype(object)]
