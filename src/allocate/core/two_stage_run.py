"""A run of the two-stage engine: its limits, its dual vectors, its best plan and bound."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from allocate.core.cuts import Pool
from allocate.core.expectation import Expectation
from allocate.core.outcome import ASKED, CLOCK, WORKED, Report, Stopped
from allocate.core.recourse import Recourse
from allocate.core.two_stage_outcome import TwoStageProblem
from allocate.units import Floats, Ints

SURE = 1e-9  # what floats of a solver are trusted to, relative, and in steps of cost


def met(best: float, bound: float, gap: float) -> bool:
    """Whether a relative gap is reached, as far as floats can tell."""
    return best < np.inf and best - bound <= max(gap, SURE) * best + SURE


class Over(Exception):
    """The time or the work is over, or somebody asked to stop."""


class Run:
    """What all parts of the engine share.

    Parameters
    ----------
    problem
        What is solved.
    report
        Called with each better plan and bound.
    stopped
        Asked again and again.
    """

    def __init__(self, problem: TwoStageProblem, report: Report, stopped: Stopped) -> None:
        self.problem, self.two_stage = problem, problem.two_stage
        self.stopped = stopped
        self._report = report
        self._ends = time.monotonic() + problem.seconds
        self._rounds = 0
        self._programs = Recourse(self.two_stage)
        self.pool = Pool(self.two_stage)
        self.everyone = np.arange(self.two_stage.samples)
        self._expectation = Expectation(self.two_stage, self.everyone)
        self.best, self.bound = np.inf, -np.inf
        self.plan: Ints | None = None
        self.recourse: Floats | None = None

    @property
    def left(self) -> float:
        """Seconds left."""
        return self._ends - time.monotonic()

    @property
    def closed(self) -> bool:
        """Whether the gap that was asked for is reached."""
        return met(self.best, self.bound, self.problem.gap)

    def check(self) -> None:
        """End the run where it has to."""
        if self.stopped() or self.left <= 0:
            raise Over

    def round(self) -> None:
        """Count a round of work, if there may be another."""
        self.check()
        if self._rounds == self.problem.work:
            raise Over
        self._rounds += 1

    def why(self) -> str:
        """Why the run is over."""
        if self.stopped():
            return ASKED
        return WORKED if self._rounds == self.problem.work else CLOCK

    def sweep(self, samples: Ints, point: Any) -> Floats:
        """Cost some samples at a point exactly; their dual vectors go into the pool.

        Returns
        -------
        Floats
            What each of them costs, (samples,).
        """
        like = samples
        if self.pool.size:
            like = np.array(self.pool.found_for)[self.pool.score(point, samples)[1]]
        recourse = np.empty(len(samples))
        vectors = np.empty((len(samples), len(self.two_stage.equal)))
        right = self._right(point)
        for at, s in enumerate(samples):
            self.check()
            recourse[at] = self._programs.solve(int(s), right[s], int(like[at]))
            vectors[at] = self._programs.dual()
        self.pool.add(vectors, samples)
        return recourse

    def _right(self, point: Any) -> Floats:
        """Right-hand sides less what is booked, (samples, rows)."""
        given = np.array([self.two_stage.link @ (b @ point) for b in self.two_stage.booked])
        return self.two_stage.rhs - given[self.two_stage.of_sample].astype(float)

    def offer(self, plan: Ints) -> bool:
        """Cost a plan in every sample, and keep it where it is the best; returns whether it is."""
        recourse = self.sweep(self.everyone, plan)
        value = self._expectation.value(plan, recourse)
        if value >= self.best:
            return False
        self.best, self.plan, self.recourse = value, plan, recourse
        self._report(plan, value, None)
        return True

    def prove(self, bound: float) -> None:
        """Take note of a bound on every plan."""
        if bound > self.bound:
            self.bound = min(bound, self.best)
            self._report(None, None, self.bound)

    def flows(self) -> Floats | None:
        """Columns of the recourse of every sample under the best plan, (samples, columns)."""
        if self.plan is None:
            return None
        right = self._right(self.plan)
        flows = np.empty((len(self.everyone), len(self.two_stage.price)))
        for s in self.everyone:
            self._programs.solve(int(s), right[s], int(s))
            flows[s] = self._programs.flow()
        return flows
