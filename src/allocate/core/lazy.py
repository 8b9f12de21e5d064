"""A linear program that is solved again and again, and looks only at what it has needed so far.

Most rows never bind and most columns stay at nought. So rows wait until they are broken, and
columns until they would pay: the program that is solved is small, and stays warm. What it comes to
is lowered by what columns that wait might save, so that it is a bound on the whole.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import inf
from typing import Any

import highspy
import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from allocate.core.highs import QUIET, listen, rows_and_columns
from allocate.core.network import Row
from allocate.core.program import FREE, Flat
from allocate.units import Floats, Ints

Bools = NDArray[np.bool_]
BROKEN = 1e-3  # a row that is broken by more is looked at
WORTH = 1e-5  # relative: columns that might save more, together, are looked at
ROUNDS = 50  # of looking for rows and columns, at most


@dataclass(frozen=True)
class Solved:
    """A linear program solved.

    Parameters
    ----------
    value
        No plan costs less; infinite where there is none.
    values, reduced
        Each column, and what it costs at the prices, (columns,).
    """

    value: float
    values: Floats
    reduced: Floats


class Lazy:
    """The linear program; its columns are whole numbers or parts of them alike.

    Parameters
    ----------
    flat, cost
        Rows and columns.
    group
        Group of each column of which exactly one is chosen, -1 for all others, (columns,): only
        columns of groups ever wait.
    waits
        Rows that wait until they are broken, (rows,).
    ends
        Time of ``time.monotonic`` at which to end.
    stopped
        Asked again and again.
    """

    def __init__(
        self,
        flat: Flat,
        cost: Floats,
        group: Ints,
        waits: Bools,
        *,
        ends: float,
        stopped: Callable[[], bool],
    ) -> None:
        self._matrix, self._cost, self._group = flat.matrix, cost, group
        self._low = np.where(flat.low <= -FREE, -inf, flat.low.astype(float))
        self._high = np.where(flat.high >= FREE, inf, flat.high.astype(float))
        self.lower, self.upper = flat.lower.astype(float), flat.upper.astype(float)
        self._ends, self._stopped = ends, stopped
        self._row = np.flatnonzero(~waits)
        self._column = np.arange(len(cost))
        self._pass()

    def _pass(self) -> None:
        """Hand what is looked at to a new solver."""
        rows, columns = self._row, self._column
        self._seen = np.isin(np.arange(self._matrix.shape[0]), rows)
        self._place = np.full(len(self._cost), -1, dtype=np.int32)
        self._place[columns] = np.arange(len(columns), dtype=np.int32)
        self._solver = highspy.Highs()
        for name, value in QUIET.items():
            self._solver.setOptionValue(name, value)
        self._solver.passModel(
            rows_and_columns(
                self._matrix[rows][:, columns],
                self._cost[columns],
                self.lower[columns],
                self.upper[columns],
                self._low[rows],
                self._high[rows],
            )
        )
        listen(self._solver, lambda *_: None, self._stopped)

    def add(self, rows: Sequence[Row]) -> None:
        """Add rows that are looked at from now on."""
        first, count = self._matrix.shape[0], len(rows)
        ends = np.cumsum([0, *(len(row.column) for row in rows)])
        column, amount = (
            np.concatenate([getattr(row, part) for row in rows]) for part in ("column", "amount")
        )
        more = sparse.csr_matrix((amount, column, ends), shape=(count, len(self._cost)))
        self._matrix = sparse.vstack([self._matrix, more], format="csr")
        self._low = np.append(self._low, [row.low for row in rows])
        self._high = np.append(self._high, np.full(count, inf))
        self._seen = np.append(self._seen, np.zeros(count, dtype=bool))
        self._look_at_rows(first + np.arange(count))

    def thin(self, solved: Solved, most: float) -> None:
        """Let columns of groups wait that cost more than so much, and rows that do not bind."""
        basis = self._solver.getBasis()
        basic = highspy.HighsBasisStatus.kBasic
        of_column, of_row = list(basis.col_status), list(basis.row_status)
        waits = (self._group >= 0) & (solved.reduced > most)
        columns = [i for i, c in enumerate(self._column) if not waits[c] or of_column[i] == basic]
        rows = [i for i, status in enumerate(of_row) if status != basic]
        self._column, self._row = self._column[columns], self._row[rows]
        self._pass()
        start = highspy.HighsBasis()
        start.col_status = [of_column[i] for i in columns]
        start.row_status = [of_row[i] for i in rows]
        self._solver.setBasis(start)

    def limit(self, columns: Ints, lower: Floats, upper: Floats) -> None:
        """Give some columns, none of which ever waits, other bounds."""
        self.lower[columns], self.upper[columns] = lower, upper
        self._solver.changeColsBounds(len(columns), self._place[columns], lower, upper)

    def limit_rows(self, rows: Ints, high: Floats) -> None:
        """Give some rows other upper limits."""
        self._high[rows] = high
        place = np.full(self._matrix.shape[0], -1, dtype=np.int32)
        place[self._row] = np.arange(len(self._row), dtype=np.int32)
        seen = rows[place[rows] >= 0]
        self._solver.changeRowsBounds(len(seen), place[seen], self._low[seen], self._high[seen])

    def solve(self, most: float = inf) -> Solved | None:
        """Solve; None where time is up or somebody asks.

        Parameters
        ----------
        most
            Whether it comes to more than this is all that matters.
        """
        self._solver.setOptionValue("objective_bound", most)
        known = highspy.HighsModelStatus
        for _ in range(ROUNDS):
            status = self._run()
            if status == known.kInfeasible:
                if len(self._column) == len(self._cost):
                    return Solved(inf, np.zeros(0), np.zeros(0))
                self._look_at_columns(np.flatnonzero(self._place < 0))
                continue
            if status not in (known.kOptimal, known.kObjectiveBound):
                return None
            values, reduced = self._found()
            value = self._solver.getInfo().objective_function_value
            saved = self._saved(reduced)
            if value - saved > most:
                return Solved(value - saved, values, reduced)
            activity = self._matrix @ values
            broken = np.maximum(activity - self._high, self._low - activity) > BROKEN
            broken &= ~self._seen
            if broken.any():
                self._look_at_rows(np.flatnonzero(broken))
                continue
            if saved <= WORTH * max(1.0, abs(value)):
                return Solved(value - saved, values, reduced)
            self._look_at_columns(np.flatnonzero((self._place < 0) & (reduced < 0)))
        return None

    def attempt(self, column: int, value: float, steps: int) -> float:
        """Return about what the program comes to with a column at some value.

        Parameters
        ----------
        column, value
            What is tried; it is put back as it was.
        steps
            Of the simplex method, at most.
        """
        solver, place = self._solver, int(self._place[column])
        basis = solver.getBasis()
        solver.setOptionValue("simplex_iteration_limit", steps)
        solver.changeColBounds(place, value, value)
        status = self._run()
        found = solver.getInfo().objective_function_value
        solver.setOptionValue("simplex_iteration_limit", highspy.kHighsIInf)
        solver.changeColBounds(place, self.lower[column], self.upper[column])
        solver.setBasis(basis)
        return inf if status == highspy.HighsModelStatus.kInfeasible else float(found)

    def _run(self) -> Any:
        if self._stopped():
            return None
        left = max(0.01, self._ends - time.monotonic())
        self._solver.setOptionValue("time_limit", self._solver.getRunTime() + left)
        self._solver.run()
        return self._solver.getModelStatus()

    def _found(self) -> tuple[Floats, Floats]:
        """Each column, and its reduced cost, also of those that wait."""
        found = self._solver.getSolution()
        values = np.zeros(len(self._cost))
        values[self._column] = found.col_value
        price = np.zeros(self._matrix.shape[0])
        price[self._row] = found.row_dual
        return values, self._cost - self._matrix.T @ price

    def _saved(self, reduced: Floats) -> float:
        """What columns that wait might save at most: one of each group may be chosen."""
        pays = (self._place < 0) & (reduced < 0)
        least = np.zeros(int(self._group.max(initial=-1)) + 1)
        np.minimum.at(least, self._group[pays], reduced[pays])
        return float(-least.sum())

    def _look_at_rows(self, rows: Ints) -> None:
        part = self._matrix[rows][:, self._column]
        self._solver.addRows(len(rows), self._low[rows], self._high[rows], *_entries(part))
        self._row = np.append(self._row, rows)
        self._seen[rows] = True

    def _look_at_columns(self, columns: Ints) -> None:
        part = self._matrix[self._row][:, columns].tocsc()
        limits = self._cost[columns], self.lower[columns], self.upper[columns]
        self._solver.addCols(len(columns), *limits, *_entries(part))
        self._place[columns] = np.arange(len(columns), dtype=np.int32) + len(self._column)
        self._column = np.append(self._column, columns)


def _entries(part: Any) -> tuple[int, NDArray[np.int32], NDArray[np.int32], Floats]:
    """Entries of some rows or columns as HiGHS takes them: how many, starts, places, amounts."""
    starts, places = part.indptr[:-1].astype(np.int32), part.indices.astype(np.int32)
    return part.nnz, starts, places, part.data.astype(np.float64)
