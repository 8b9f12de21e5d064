"""The first stage with cuts in place of the recourse: linear, or with whole columns. Loads highspy.

Columns are those of the first stage, what is booked, and the terms that cuts bound from below.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import highspy
import numpy as np
from scipy import sparse

from allocate.core.cuts import Cut
from allocate.core.highs import QUIET, rows_and_columns
from allocate.core.program import FREE
from allocate.core.two_stage import TwoStage
from allocate.units import Floats, Ints


@dataclass(frozen=True)
class Relaxed:
    """The linear master solved.

    Parameters
    ----------
    value
        In steps of cost.
    values, terms
        First stage, (N,), and what cuts bound, (terms,).
    rows, cuts
        Dual prices of the first stage's rows and of the cuts.
    reduced
        Reduced costs of the first stage's columns, (N,).
    """

    value: float
    values: Floats
    terms: Floats
    rows: Floats
    cuts: Floats
    reduced: Floats


class Master:
    """The first stage and its cuts.

    Parameters
    ----------
    two_stage
        Whose first stage it is.
    common
        What bookings yield in the first sample, sparse (Z, N).
    terms
        How many terms cuts bound.
    unit
        Steps of cost in one unit of the solver, so that its numbers are of middling size.
    """

    def __init__(self, two_stage: TwoStage, common: Any, terms: int, unit: float) -> None:
        flat = two_stage.first.flat()
        self._flat, self._unit, self.cuts = flat, unit, list[Cut]()
        self._size, self._things, self._terms = two_stage.first.size, common.shape[0], terms
        infinity, nothing = highspy.kHighsInf, np.zeros(common.shape[0])
        blocks: Any = [
            [flat.matrix, None, sparse.csr_matrix((len(flat.low), terms))],
            [common, -sparse.eye_array(self._things), None],
        ]
        rows: Any = sparse.block_array(blocks, format="csr")
        self._fixed = rows.shape[0]
        ends = np.full(terms, infinity)
        self._model = rows_and_columns(
            rows,
            np.concatenate([two_stage.cost / unit, nothing, np.ones(terms)]),
            np.concatenate([flat.lower, nothing - infinity, np.zeros(terms)]),
            np.concatenate([flat.upper, nothing + infinity, ends]),
            np.concatenate([np.where(flat.low <= -FREE, -infinity, flat.low), nothing]),
            np.concatenate([np.where(flat.high >= FREE, infinity, flat.high), nothing]),
        )
        self._solver = self._new({"presolve": "off"})

    def _new(self, options: dict[str, Any]) -> Any:
        """Return a solver with the model as it was before there were cuts."""
        solver = highspy.Highs()
        for name, value in (QUIET | options).items():
            if solver.setOptionValue(name, value) != highspy.HighsStatus.kOk:
                raise ValueError(f"HiGHS refuses {name} = {value}")
        solver.passModel(self._model)
        return solver

    def add(self, cuts: list[Cut]) -> None:
        """Add cuts."""
        for cut in cuts:
            self._append(self._solver, cut)
        self.cuts += cuts

    def _append(self, solver: Any, cut: Cut) -> None:
        own, slope = np.flatnonzero(cut.own), np.flatnonzero(cut.slope)
        columns: list[Any] = [own, self._size + slope, [self._size + self._things + cut.term]]
        entries = np.concatenate([cut.own[own] / self._unit, cut.slope[slope] / self._unit, [1.0]])
        solver.addRow(
            cut.constant / self._unit,
            highspy.kHighsInf,
            len(entries),
            np.concatenate(columns).astype(np.int32),
            entries,
        )

    def relaxed(self) -> Relaxed | None:
        """Solve the linear master; None where no first stage keeps its own rows."""
        if self._solver.run() == highspy.HighsStatus.kError:
            self._afresh()
        status = self._solver.getModelStatus()
        if status == highspy.HighsModelStatus.kInfeasible:
            return None
        if status != highspy.HighsModelStatus.kOptimal:
            raise ValueError(f"the master ended with {status}")
        found = self._solver.getSolution()
        values, dual = np.asarray(found.col_value), np.asarray(found.row_dual)
        return Relaxed(
            self._solver.getInfo().objective_function_value * self._unit,
            np.clip(values[: self._size], self._flat.lower, self._flat.upper),
            values[self._size + self._things :] * self._unit,
            dual[: len(self._flat.low)] * self._unit,
            np.maximum(dual[self._fixed :], 0.0),
            np.asarray(found.col_dual)[: self._size] * self._unit,
        )

    def _afresh(self) -> None:
        """Solve the linear master with presolve: simplex alone broke down on its numbers."""
        self._solver.clearSolver()
        self._solver.setOptionValue("presolve", "on")
        self._solver.run()
        self._solver.setOptionValue("presolve", "off")

    def whole(
        self,
        within: tuple[Floats, Floats],
        near: tuple[Floats, Floats],
        start: Ints | None,
        *,
        cuts: list[Cut],
        options: dict[str, Any],
        stopped: Callable[[], bool],
    ) -> tuple[Ints | None, float]:
        """Solve the master with whole columns, within narrower bounds.

        Parameters
        ----------
        within
            Bounds of the first stage's columns, (N,) each.
        near
            Bounds of what is booked, (Z,) each.
        start
            A first stage to start from, or None.
        cuts
            Those that count.
        options
            Of the solver, such as its limits.
        stopped
            Asked again and again whether to end.

        Returns
        -------
        tuple
            The best first stage, or None; and what none within these bounds goes below, on the
            solver's word.
        """
        solver = self._new(options)
        for cut in cuts:
            self._append(solver, cut)
        columns = np.arange(self._size, dtype=np.int32)
        solver.changeColsBounds(self._size, columns, *(each.astype(float) for each in within))
        things = np.arange(self._size, self._size + self._things, dtype=np.int32)
        solver.changeColsBounds(self._things, things, *near)
        whole = np.flatnonzero(self._flat.whole).astype(np.int32)
        kind = np.full(len(whole), int(highspy.HighsVarType.kInteger), dtype=np.uint8)
        solver.changeColsIntegrality(len(whole), whole, kind)
        if start is not None:
            solver.setSolution(len(columns), columns, start.astype(float))

        def interrupt(event: Any) -> None:
            if stopped():
                event.interrupt()

        for point in (solver.cbMipInterrupt, solver.cbSimplexInterrupt):
            point.subscribe(interrupt)
        solver.run()
        status, known = solver.getModelStatus(), highspy.HighsModelStatus
        if status == known.kInfeasible:
            return None, np.inf
        info = solver.getInfo()
        values = None
        if info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible:
            values = np.rint(solver.getSolution().col_value[: self._size]).astype(np.int64)
        return values, info.mip_dual_bound * self._unit
