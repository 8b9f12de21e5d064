"""Better plans near a plan: most groups are held where they are, the rest solved together.

The idea is that of relaxation-induced neighbourhoods (Danna, Rothberg & Le Pape 2005) in a large
neighbourhood search (Shaw 1998): what the relaxation breaks is let go, then some of what it would
do otherwise, then anything, by chance. As many groups are let go as are soon searched to the end.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from allocate.core.outcome import CLOCK, Answer, Problem
from allocate.core.program import Flat, Program, ints
from allocate.core.worker import Worker
from allocate.units import Ints

ROUND_SECONDS = 1.0  # for one neighbourhood
FIRST_LOOSE = 130  # groups that the first one lets go besides those that the relaxation breaks
LARGER, SMALLER = 1.3, 0.7  # the same for the next, where one is searched to the end or is not


class Neighbourhoods:
    """Looks for better plans of a program, one neighbourhood after another.

    Parameters
    ----------
    program
        Its groups are what is held or let go.
    worker
        A solver process.
    seed
        Of what is let go by chance.
    """

    def __init__(self, program: Program, worker: Worker, seed: int) -> None:
        self._worker, self._seed = worker, seed
        self._random = np.random.default_rng(seed)
        row, col = next(program.groups(), (ints([]), ints([])))
        order = np.argsort(row, kind="stable")
        self._group, self._column = row[order], col[order]
        self._size = int(self._group.max(initial=-1)) + 1

    def relax(self, flat: Flat, cost: Ints, seconds: float, stop: Callable[[], bool]) -> Answer:
        """Solve with no column whole: a bound, and a guide for ``improve``."""
        relaxed = replace(flat, whole=np.zeros_like(flat.whole))
        problem = Problem(relaxed, cost, None, seconds, 0.0, self._seed)
        return self._worker.solve(problem, lambda *_: None, stop)

    def improve(
        self,
        flat: Flat,
        cost: Ints,
        plan: Ints | None,
        relaxed: Answer,
        *,
        seconds: float,
        enough: int,
        stop: Callable[[], bool],
    ) -> Ints | None:
        """Return the best plan found in the time.

        Parameters
        ----------
        flat, cost
            Rows and what to minimise.
        plan
            The plan to start from; None to start from the relaxation.
        relaxed
            What ``relax`` returned.
        seconds
            Time for all neighbourhoods together.
        enough
            A plan as cheap as this ends the search.
        stop
            Asked again and again; once it says True the search ends.
        """
        ends, loose = time.monotonic() + seconds, float(FIRST_LOOSE)
        while (left := ends - time.monotonic()) > 0 and not stop():
            if relaxed.broken is None or (plan is not None and int(cost @ plan) <= enough):
                break
            near = self._around(flat, plan, relaxed, int(loose))
            start = plan if plan is not None and near.holds(plan) else None
            share = min(ROUND_SECONDS, left)
            problem = Problem(near, cost, start, share, 0.0, self._seed, enough)
            answer = self._worker.solve(problem, lambda *_: None, stop)
            found = answer.values
            better = found is not None and (plan is None or int(cost @ found) <= int(cost @ plan))
            if found is not None and better and flat.holds(found):
                plan = found
            if answer.why != CLOCK and loose >= self._size:
                break  # nothing was held, and it was searched to the end
            loose *= SMALLER if answer.why == CLOCK else LARGER
        return plan

    def _around(self, flat: Flat, plan: Ints | None, relaxed: Answer, loose: int) -> Flat:
        """Hold most groups where the plan puts them, or the relaxation where there is none."""
        assert relaxed.values is not None
        assert relaxed.broken is not None
        guide = relaxed.values if plan is None else plan
        chosen = guide[self._column] == 1
        movable = self._where((flat.upper[self._column] > 0) & ~chosen)
        apart = self._where(chosen & (relaxed.values[self._column] == 0))
        free = self._where(relaxed.broken[self._column])
        for choice, most in ((apart & movable, loose // 2), (movable, loose)):
            picked = self._random.permutation(np.flatnonzero(choice & ~free))[: max(0, most)]
            free[picked] = True
            loose -= len(picked)
        held = self._column[chosen & ~free[self._group]]
        lower = flat.lower.copy()
        lower[held] = np.minimum(1, flat.upper[held])
        return replace(flat, lower=lower)

    def _where(self, entries: np.ndarray) -> np.ndarray:
        """Groups with an entry that holds."""
        groups = np.zeros(self._size, dtype=bool)
        groups[self._group[entries]] = True
        return groups
