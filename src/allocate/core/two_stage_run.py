"""A run of the two-stage engine: its limits, its dual vectors, its best plan and bound."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from allocate.core.cuts import Pools
from allocate.core.expectation import Expectation
from allocate.core.outcome import ASKED, CLOCK, WORKED, Report, Stopped
from allocate.core.recourse import Recourse
from allocate.core.recourse_parts import parts
from allocate.core.two_stage import TwoStage
from allocate.core.two_stage_outcome import TwoStageProblem
from allocate.units import Floats, Ints

AT_ONCE = 50  # samples of a plan that are costed before it is looked at again
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
        self.parts = parts(self.two_stage)
        self._programs = [Recourse(part.program) for part in self.parts]
        self.pools = Pools(self.two_stage, self.parts)
        self.everyone = np.arange(self.two_stage.samples)
        self._kept: list[tuple[Any, Floats]] = []
        self.expectation = Expectation(self.two_stage, self.everyone)
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
        """Cost some samples at a point exactly; their dual vectors go into the pools.

        Returns
        -------
        Floats
            What each of them costs, (samples,).
        """
        recourse = np.zeros(len(samples))
        for k in range(len(self.parts)):
            recourse += self._swept(samples, point, k)
        return recourse

    def _swept(self, samples: Ints, point: Any, k: int) -> Floats:
        """Cost one part of some samples."""
        part, pool, program = self.parts[k], self.pools.of[k], self._programs[k]
        like = samples
        if pool.size:
            like = np.array(pool.found_for)[pool.score(point, samples)[1]]
        cost = np.empty(len(samples))
        vectors = np.empty((len(samples), len(part.rows)))
        right = _right(part.program, point)
        for at, s in enumerate(samples):
            self.check()
            cost[at] = program.solve(int(s), right[s], int(like[at]))
            vectors[at] = program.dual()
        pool.add(vectors, samples)
        return cost

    def offer(self, plan: Ints) -> bool:
        """Cost a plan in every sample, and keep it where it is the best; returns whether it is."""
        least = self.pools.score(plan, self.everyone)[0]
        parts = []
        for k, part in enumerate(self.parts):
            given = np.concatenate([booked @ plan for booked in part.program.booked])
            if self._kept and np.array_equal(self._kept[k][0], given):
                least[k] = self._kept[k][1]
            elif not self._raised(plan, least, k):
                return False
            parts.append((given, least[k]))
        recourse = least.sum(axis=0)
        value = self.expectation.value(plan, recourse)
        if value >= self.best:
            return False
        self.best, self.plan, self.recourse, self._kept = value, plan, recourse, parts
        self._report(plan, value, None)
        return True

    def _raised(self, plan: Ints, least: Floats, k: int) -> bool:
        """Cost a part in some samples after others, as long as the plan may be the best."""
        for some in np.array_split(self.everyone, max(1, len(self.everyone) // AT_ONCE)):
            if self.expectation.value(plan, least.sum(axis=0)) >= self.best:
                return False
            least[k, some] = self._swept(some, plan, k)
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
        flows = np.zeros((len(self.everyone), len(self.two_stage.price)))
        for part, program in zip(self.parts, self._programs, strict=True):
            right = _right(part.program, self.plan)
            for s in self.everyone:
                program.solve(int(s), right[s], int(s))
                flows[s, part.columns] = program.flow()
        return flows


def _right(two_stage: TwoStage, point: Any) -> Floats:
    """Right-hand sides less what is booked, (samples, rows)."""
    given = np.array([two_stage.link @ (b @ point) for b in two_stage.booked])
    right: Floats = two_stage.rhs - given[two_stage.of_sample].astype(float)
    return right
