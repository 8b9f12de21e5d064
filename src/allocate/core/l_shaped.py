"""Two-stage programs by the L-shaped method (Van Slyke & Wets 1969). Loaded only inside a worker.

A master program has the first stage and, in place of the recourse, cuts from dual vectors. Prices
are equal over samples, so every vector bounds every sample: a pool of them is scored at each plan,
and linear programs are solved only to find new ones. The relaxation is closed first, for few
samples and then for more, each stage from where the last one ended, between the best point known
and the master's optimum (Ben-Ameur & Neto 2007). Whole plans come after that (``plans.py``).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from allocate.core.master import Relaxed
from allocate.core.outcome import CLOCK, IMPOSSIBLE, Report, Stopped
from allocate.core.plans import Plans
from allocate.core.stage import Stage
from allocate.core.two_stage_outcome import TwoStageAnswer, TwoStageProblem
from allocate.core.two_stage_proof import TwoStageProof
from allocate.core.two_stage_run import Over, Run, met
from allocate.units import Floats, Ints

FEWEST, TIMES = 10, 5  # samples of the first stage, and how many times more the next one has
BETWEEN = 0.3  # the way from the best point to the master's optimum at which vectors are sought
SCORED = 10  # times that the pool may cut the master's optimum before vectors are sought
LOOSE, CLOSE = (
    2e-3,
    2e-4,
)  # relative gaps at which a relaxation is left: for more samples, for plans
PATIENCE = 12  # rounds without a plan after which one is looked for, however loose the relaxation
MIDDLING = 1e4  # what a solver's numbers should come to


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
    run = Run(problem, report, stopped)
    engine = _Relaxation(run)
    try:
        why = engine.solve()
    except Over:
        why = run.why()
    return TwoStageAnswer(
        run.plan,
        min(run.bound, run.best),
        why,
        timed=why == CLOCK,
        objective=run.best,
        recourse=run.recourse,
        flows=run.flows(),
        certificate=engine.certificate,
    )


class _Relaxation:
    """Closes the relaxation stage by stage, then hands over to the search for plans."""

    def __init__(self, run: Run) -> None:
        self._run = run
        # The point with the least cost known for the samples of a stage, and that cost; none where
        # the point does not hold the first stage's rows.
        self._centre, self._holds = self._start()
        self._cost = np.inf
        self.certificate: TwoStageProof | None = None

    def solve(self) -> str:
        """Solve from the first sample to the last plan."""
        run = self._run
        random = np.random.default_rng(run.problem.seed)
        for samples in self._nested(random):
            stage = self._stage(samples)
            last = len(samples) == len(run.everyone)
            relaxed = self._close(stage, CLOSE if last else LOOSE, last)
            if relaxed is None:
                run.bound = np.inf
                return IMPOSSIBLE
            if last:
                self.certificate = stage.proof(relaxed)
                return Plans(run, stage, self._centre).search()
        raise AssertionError("the last stage has every sample")

    def _start(self) -> tuple[Floats, bool]:
        """Everything booked that can be, where the rows allow it, else nothing; and which it is."""
        flat = self._run.two_stage.first.flat()
        most = flat.holds(flat.upper)
        return (flat.upper if most else flat.lower).astype(float), most

    def _nested(self, random: np.random.Generator) -> Iterator[Ints]:
        """Ever more samples, drawn by chance, and all at last."""
        everyone = self._run.everyone
        order, size = random.permutation(len(everyone)), FEWEST
        while 2 * size < len(everyone):
            yield np.sort(order[:size])
            size *= TIMES
        yield everyone

    def _stage(self, samples: Ints) -> Stage:
        """Begin a stage with cuts at the point that the last one ended with."""
        run, point = self._run, self._centre
        recourse = run.sweep(samples, point)
        unit = 2.0 ** np.round(np.log2(max(1.0, recourse.mean()) / MIDDLING))
        stage = Stage(run.two_stage, run.pools, samples, recourse, unit)
        stage.master.add(stage.cuts(point)[1])
        if self._holds:
            self._cost = stage.expectation.value(point, recourse)
        return stage

    def _close(self, stage: Stage, gap: float, last: bool) -> Relaxed | None:
        """Solve a stage's relaxation to a gap; None where the first stage cannot keep its rows."""
        rounds, optimum = 0, self._centre
        while True:
            relaxed = self._scored(stage)
            if relaxed is None:
                return None
            if last:
                self._run.prove(relaxed.value)
            closed = self._holds and met(self._cost, relaxed.value, gap)
            if self._run.plan is None and (closed or rounds == PATIENCE):
                Plans(self._run, stage, self._centre).first()
            if closed:
                return relaxed
            rounds += 1
            self._run.round()
            # An optimum that was not cut off is looked at itself, or it would only be drawn near.
            point, again = relaxed.values, np.array_equal(relaxed.values, optimum)
            optimum = relaxed.values
            if self._holds and not again:
                point = self._centre + BETWEEN * (point - self._centre)
            recourse = self._run.sweep(stage.samples, point)
            stage.master.add(stage.cuts(point)[1])
            cost = stage.expectation.value(point, recourse)
            if cost < self._cost:
                self._cost, self._centre, self._holds = cost, point, True

    def _scored(self, stage: Stage) -> Relaxed | None:
        """Solve the master, cut by the pool as long as that tells."""
        for _ in range(SCORED):
            relaxed = stage.master.relaxed()
            if relaxed is None:
                return None
            cuts = stage.cuts(relaxed.values, relaxed.terms)[1]
            if not cuts:
                return relaxed
            stage.master.add(cuts)
        return stage.master.relaxed()
