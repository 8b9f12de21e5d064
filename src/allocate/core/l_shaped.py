"""Two-stage programs by the L-shaped method (Van Slyke & Wets 1969). Loaded only inside a worker.

A master program has the first stage and, in place of the recourse, cuts from dual vectors. Prices
are equal over samples, so every vector bounds every sample: a pool of them is scored at each plan,
and linear programs are solved only to find new ones. The relaxation is closed first, for few
samples and then for more, each stage from where the last one ended, between the master's optimum
and the best point known (Ben-Ameur & Neto 2007). Then masters with whole columns are solved within
what reduced costs leave open, ever wider; each of their plans is costed and cut off where the
master thought it cheaper than it is.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from allocate.core.cuts import Pool
from allocate.core.master import Relaxed
from allocate.core.outcome import ASKED, CLOCK, CLOSED, IMPOSSIBLE, WORKED, Report, Stopped
from allocate.core.recourse import Recourse
from allocate.core.stage import Stage
from allocate.core.two_stage_outcome import TwoStageAnswer, TwoStageProblem
from allocate.units import Ints

Floats = NDArray[np.float64]

FEWEST, TIMES = 40, 5  # samples of the first stage, and how many times more the next one has
BETWEEN = 0.5  # the way from the best point to the master's optimum at which vectors are sought
LOOSE, CLOSE = 2e-3, 2e-4  # relative gap of a relaxation that is left for more samples, and the last


class _Over(Exception):
    """The time is over, or somebody asked to stop."""


def solve(problem: TwoStageProblem, report: Report, stopped: Stopped) -> TwoStageAnswer:
    """Minimise.

    Parameters
    ----------
    problem
        What to solve.
    report
        Called with each better plan and bound.
    stopped
        Asked again and again.
    """
    return _LShaped(problem, report, stopped).run()


class _LShaped:
    """A run: dual vectors so far, the best plan, the best bound."""

    def __init__(self, problem: TwoStageProblem, report: Report, stopped: Stopped) -> None:
        self.problem, self.two_stage = problem, problem.two_stage
        self._report, self._stopped = report, stopped
        self._ends = time.monotonic() + problem.seconds
        self._rounds = 0
        self.pool, self.recourse = Pool(self.two_stage), Recourse(self.two_stage)
        self.everyone = np.arange(self.two_stage.samples)
        self.best, self.plan, self.costs = np.inf, None, None
        self.bound = -np.inf
        self.certificate: Any = None

    def run(self) -> TwoStageAnswer:
        """Solve from the first sample to the last plan."""
        try:
            why = self._solve()
        except _Over:
            why = ASKED if self._stopped() else self._over()
        flows = None if self.plan is None else self._flows(self.plan)
        return TwoStageAnswer(
            self.plan,
            self.bound,
            why,
            timed=why == CLOCK,
            recourse=self.costs,
            flows=flows,
            certificate=self.certificate,
        )

    def _over(self) -> str:
        work = self.problem.work
        return WORKED if work is not None and self._rounds >= work else CLOCK

    def _check(self) -> None:
        if self._stopped() or time.monotonic() > self._ends:
            raise _Over

    def _round(self) -> None:
        """Count a round of work."""
        self._check()
        if self._rounds == self.problem.work:
            raise _Over
        self._rounds += 1

    def _closed(self, gap: float) -> bool:
        return self.plan is not None and self.best - self.bound <= gap * max(abs(self.best), 1.0)

    def _solve(self) -> str:
        random = np.random.default_rng(self.problem.seed)
        centre: Floats | None = None
        for samples in self._nested(random):
            last = len(samples) == len(self.everyone)
            stage = self._stage(samples, centre)
            relaxed = self._close(stage, centre, CLOSE if last else LOOSE)
            if relaxed is None:
                self.bound = np.inf
                return IMPOSSIBLE
            centre = self._centre
        self._bound(relaxed.value)
        self._report(None, None, self.bound)
        self.certificate = stage.proof(relaxed)
        return self._whole(stage, relaxed)

    def _nested(self, random: np.random.Generator) -> Iterator[Ints]:
        """Ever more samples, drawn by chance, and all at last."""
        order = random.permutation(len(self.everyone))
        size = FEWEST
        sizes = []
        while size < len(order):
            sizes.append(size)
            size *= TIMES
        for size in sizes:
            yield np.sort(order[:size])
        yield self.everyone

    def _stage(self, samples: Ints, centre: Floats | None) -> Stage:
        """Begin a stage with cuts at the point that the last one ended with."""
        point = np.zeros(self.two_stage.first.size) if centre is None else centre
        recourse = self._sweep(samples, point)
        unit = 2.0 ** np.round(np.log2(max(1.0, recourse.mean()) / 1e4))
        stage = Stage(self.two_stage, self.pool, samples, recourse, unit)
        stage.master.add(stage.cuts(point)[1])
        self._at = stage.value(point, recourse)
        return stage

    def _sweep(self, samples: Ints, point: Floats | Ints) -> Floats:
        """Cost some samples at a point exactly; their dual vectors go into the pool."""
        two_stage = self.two_stage
        like = samples
        if self.pool.size:
            like = np.array(self.pool.found_for)[self.pool.score(point, samples)[1]]
        given = [two_stage.link @ (b @ point) for b in two_stage.booked]
        recourse, vectors = np.empty(len(samples)), np.empty((len(samples), len(two_stage.equal)))
        for at, s in enumerate(samples):
            self._check()
            rhs = two_stage.rhs[s] - given[two_stage.of_sample[s]]
            recourse[at] = self.recourse.solve(int(s), rhs.astype(float), int(like[at]))
            vectors[at] = self.recourse.dual()
        self.pool.add(vectors, samples)
        return recourse

    def _close(self, stage: Stage, centre: Floats | None, gap: float) -> Relaxed | None:
        """Solve a stage's relaxation to a gap; the best point is left as the centre."""
        best = np.inf if centre is None else self._at
        self._centre = centre
        while True:
            relaxed = stage.master.relaxed()
            if relaxed is None:
                return None
            _, cuts = stage.cuts(relaxed.values, relaxed.terms)
            if cuts:
                stage.master.add(cuts)
                relaxed = stage.master.relaxed()
            if len(stage.samples) == len(self.everyone):
                self._bound(relaxed.value)
            import os
            if os.environ.get("SHOW"): print(f"  {time.process_time():.1f} {len(stage.samples)} lb={relaxed.value:.7g} ub={best:.7g} gap={100*(best-relaxed.value)/best:.3f}% cuts={len(stage.master.cuts)} pool={self.pool.size}", flush=True)
            if best < np.inf and best - relaxed.value <= gap * best:
                return relaxed
            self._round()
            point = relaxed.values
            if self._centre is not None:
                point = self._centre + BETWEEN * (point - self._centre)
            recourse = self._sweep(stage.samples, point)
            stage.master.add(stage.cuts(point)[1])
            value = stage.value(point, recourse)
            if value < best:
                best, self._centre = value, point

    def _bound(self, bound: float) -> None:
        self.bound = max(self.bound, bound)

    def _whole(self, stage: Stage, relaxed: Relaxed) -> str:
        """Solve masters with whole columns, ever wider, until the gap is closed."""
        lower, upper, _ = self.two_stage.first.bounds()
        gap = self.problem.gap
        number = int(os.environ.get("NUMBER", "150"))
        planned = []
        seen: set[bytes] = set()
        common = self.pool.common
        z = common @ self._centre
        radius = float(os.environ.get("RADIUS", "2"))
        while not self._closed(gap):
            self._round()
            relaxed = stage.master.relaxed()
            self._bound(relaxed.value)
            order = np.sort(np.abs(relaxed.reduced))
            budget = min(order[min(number, len(order) - 1)], self.best - relaxed.value)
            room = np.floor(np.minimum(budget / np.maximum(np.abs(relaxed.reduced), 1e-9), 1e9) + 1e-6)
            low = np.where(relaxed.reduced < 0, np.maximum(lower, upper - room), lower)
            high = np.where(relaxed.reduced > 0, np.minimum(upper, lower + room), upper)
            if self.plan is not None:
                low, high = np.minimum(low, self.plan), np.maximum(high, self.plan)
            near = [c for c, pr in zip(stage.master.cuts, relaxed.cuts) if pr > 0] + planned
            a = time.process_time()
            left = (self.best - self.bound) / self.best if self.plan is not None else 1
            plan, bound, ended = stage.master.whole(
                low, high, (z - radius, z + radius), self.plan, cuts=near,
                options={"time_limit": max(1.0, self._ends - time.monotonic()), "mip_rel_gap": max(1e-4, min(1e-3, left / 4)), "mip_max_nodes": 200, "random_seed": self.problem.seed},
                stopped=self._stopped)
            fresh = plan is not None and plan.tobytes() not in seen
            if os.environ.get("SHOW"): print(f"  {time.process_time():.1f} rounds={self._rounds} r={radius} free={(high>low).sum()} cuts={len(near)} mip {time.process_time()-a:.1f}s bound={bound:.8g} lp={relaxed.value:.8g} B={self.bound:.8g} best={self.best:.8g} gap={100*(self.best-self.bound)/self.best:.3f}% ended={ended} fresh={fresh}", flush=True)
            if not fresh:
                if plan is None: radius *= 2
                else:
                    radius *= 2; number = int(number * 1.5)
                continue
            seen.add(plan.tobytes())
            recourse = self._sweep(self.everyone, plan)
            value = stage.value(plan, recourse)
            if os.environ.get("SHOW"): print(f"     value {value:.8g}")
            new = stage.cuts(plan)[1]
            planned += new; stage.master.add(new)
            if value < self.best:
                self.best, self.plan, self.costs = value, plan, recourse
                self._report(plan, value, self.bound)
                z = common @ plan
            else:
                radius = max(1, radius / 2)
        return CLOSED

    def _flows(self, plan: Ints) -> Floats:
        """Return the columns of the recourse of every sample."""
        two_stage = self.two_stage
        given = [two_stage.link @ (b @ plan) for b in two_stage.booked]
        flows = np.empty((len(self.everyone), two_stage.matrix.shape[1]))
        for s in self.everyone:
            rhs = two_stage.rhs[s] - given[two_stage.of_sample[s]]
            self.recourse.solve(int(s), rhs.astype(float), int(s))
            flows[s] = self.recourse.flow()
        return flows
