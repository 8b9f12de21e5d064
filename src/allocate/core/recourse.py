"""The recourse of each sample as a linear program, solved from where it was left. Loads highspy."""

from __future__ import annotations

from math import log2
from typing import Any

import highspy
import numpy as np

from allocate.core.highs import QUIET, rows_and_columns
from allocate.core.program import FREE
from allocate.core.two_stage import TwoStage
from allocate.units import Floats

MIDDLING = 1e6  # what prices should come to, for a solver's tolerances to mean something
# Only right-hand sides change, so that each sample's last basis stays dual feasible.
DUAL_SIMPLEX = QUIET | {"solver": "simplex", "simplex_strategy": 1, "presolve": "off"}


class Recourse:
    """One linear program whose right-hand sides change from sample to sample.

    Parameters
    ----------
    two_stage
        Whose recourse it is.
    """

    def __init__(self, two_stage: TwoStage) -> None:
        self._equal = two_stage.equal
        self._rows = np.arange(len(self._equal), dtype=np.int32)
        self._basis: list[Any] = [None] * two_stage.samples
        self._solver = highspy.Highs()
        for name, value in DUAL_SIMPLEX.items():
            self._solver.setOptionValue(name, value)
        largest = float(two_stage.price.max(initial=1))
        self._unit = 2.0 ** max(0, round(log2(max(largest, 1.0) / MIDDLING)))
        upper = np.where(two_stage.upper >= FREE, highspy.kHighsInf, two_stage.upper.astype(float))
        low = np.zeros(len(self._equal))
        self._solver.passModel(
            rows_and_columns(
                two_stage.matrix,
                two_stage.price / self._unit,
                np.zeros(len(upper)),
                upper,
                low,
                np.where(self._equal, low, highspy.kHighsInf),
            )
        )

    def solve(self, s: int, rhs: Floats, like: int) -> float:
        """Solve a sample from its last basis and return its cost.

        Parameters
        ----------
        s
            Sample.
        rhs
            Right-hand sides less what is booked, (rows,).
        like
            Sample from whose last basis to begin where this one has none yet.

        Raises
        ------
        ValueError
            Where the sample cannot be met.
        """
        high = np.where(self._equal, rhs, highspy.kHighsInf)
        self._solver.changeRowsBounds(len(rhs), self._rows, rhs, high)
        basis = self._basis[s] or self._basis[like]
        if basis is not None:
            self._solver.setBasis(basis)
        self._solver.run()
        if self._solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            raise ValueError(f"sample {s} cannot be met whatever is paid")
        self._basis[s] = self._solver.getBasis()
        return self._solver.getInfo().objective_function_value * self._unit

    def dual(self) -> Floats:
        """Return the dual vector of the sample solved last, (rows,)."""
        return np.asarray(self._solver.getSolution().row_dual) * self._unit

    def flow(self) -> Floats:
        """Return the columns of the sample solved last, (columns,)."""
        return np.asarray(self._solver.getSolution().col_value)
