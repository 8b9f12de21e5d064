"""Whole plans: masters with whole columns, solved near the best plan, then ever wider.

Cuts are sharp near where they were made, so what is booked may at first change by little (a trust
region, as of Santoso et al. 2005, in what is booked), and columns that are dear by their reduced
costs stay where they are. Each plan is scored by the pool, and costed in every sample only where it
may be the best; either way it is cut off where the master thought it cheaper than it is. Once every
column is open that a better plan could use, the solver's bound holds for all plans.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from allocate.core.cuts import Cut
from allocate.core.descent import Descent
from allocate.core.master import Relaxed
from allocate.core.outcome import CLOSED, IMPOSSIBLE
from allocate.core.stage import Stage
from allocate.core.two_stage_run import Run, met
from allocate.units import Floats, Ints

RADIUS, WIDER = 2.0, 2.0  # steps by which bookings may change at first, and how that grows
COLUMNS, MORE = 150, 1.5  # columns that are open at first, and how they grow
CUTS = 1600  # that a master has at most, beside those that shape the relaxation
NODES = 200  # of a master that is not the widest
FINEST, COARSEST, PART = 1e-6, 1e-3, 0.25  # gaps of masters, and the part of the gap that is left
NOTHING = 1e-9  # a reduced cost below this, relative to the bound, is nought
TRUSTED = 1e-7  # a solver's values are no surer than this


class Plans:
    """A search for whole plans, and for a bound on all of them.

    Parameters
    ----------
    run
        Keeps the best plan and the bound.
    stage
        Samples and their master, whose relaxation is closed.
    centre
        Where it is closed, (N,).
    """

    def __init__(self, run: Run, stage: Stage, centre: Floats) -> None:
        self._run, self._stage = run, stage
        first = run.two_stage.first
        self._lower, self._upper, _ = first.bounds()
        self._flat = first.flat()
        self._things = run.pools.common @ centre
        # Things are counted in steps of their own, of people or of pence: what one more of the
        # column that adds most adds.
        self._step = np.maximum(abs(run.pools.common).max(axis=1).toarray().ravel(), 1.0)
        reach = run.pools.reach
        self._farthest = float(((reach[1] - reach[0]) / self._step).max(initial=1.0))
        self._radius = self._least = RADIUS
        self._columns = COLUMNS
        self._descent = Descent(run, stage)
        self._settled = np.inf  # what the plan costs that the descent ended with
        self._cuts: list[Cut] = []
        self._seen: set[bytes] = set()

    def first(self) -> None:
        """Find one plan and cost it."""
        while True:
            plan, _ = self._solve(self._relaxed())
            if plan is not None:
                self._run.offer(plan)
            if plan is not None or (self._wide and self._all_open):
                return
            self._widen()

    def search(self) -> str:
        """Search until the gap is closed; say why it ended."""
        run = self._run
        while not run.closed:
            run.round()
            relaxed = self._relaxed()
            run.prove(relaxed.value)
            plan, bound = self._solve(relaxed)
            everything = self._wide and self._all_open
            if everything:
                run.prove(bound)
            if plan is None or plan.tobytes() in self._seen:
                if run.best < self._settled:
                    self._descend()
                elif not everything:
                    self._widen()
                elif run.plan is None and bound == np.inf:
                    return IMPOSSIBLE
                elif met(run.best, run.bound, TRUSTED):
                    return CLOSED  # as far as the solver can tell
                continue
            self._try(plan)
        return CLOSED

    def _try(self, plan: Ints) -> None:
        """Score a plan, cost it where it may be the best, and cut off what it was thought to be."""
        run, stage = self._run, self._stage
        self._seen.add(plan.tobytes())
        value, cuts = stage.cuts(plan)
        better = value < run.best and run.offer(plan)
        if value < run.best or better:
            cuts = stage.cuts(plan)[1]
        stage.master.add(cuts)
        self._cuts += cuts
        if better:
            self._descend()
        elif not self._wide:
            self._radius = max(self._least, self._radius / WIDER)

    def _descend(self) -> None:
        """Go down from the best plan, and look around where that ends."""
        self._descent.go()
        self._settled = self._run.best
        if self._run.plan is not None:
            self._things = self._run.pools.common @ self._run.plan

    @property
    def _wide(self) -> bool:
        """Whether what is booked may change by as much as it can."""
        return self._radius >= self._farthest

    @property
    def _all_open(self) -> bool:
        return self._columns >= len(self._lower)

    def _widen(self) -> None:
        """Look farther: nothing near is better."""
        self._radius = self._least = self._radius * WIDER
        self._columns = int(self._columns * MORE)

    def _relaxed(self) -> Relaxed:
        relaxed = self._stage.master.relaxed()
        assert relaxed is not None  # it was solved before
        return relaxed

    def _solve(self, relaxed: Relaxed) -> tuple[Ints | None, float]:
        """Solve a master with whole columns: its plan, and a bound on all plans within it."""
        run = self._run
        low, high = self._open(relaxed)
        radius = np.inf if self._wide else self._radius * self._step
        wide = self._wide and self._all_open
        gap = 1.0 if run.plan is None else (run.best - run.bound) / max(run.best, 1.0)
        options: dict[str, Any] = {
            "time_limit": max(0.1, run.left),
            "random_seed": run.problem.seed,
            "mip_rel_gap": run.problem.gap / 2
            if wide
            else float(np.clip(PART * gap, FINEST, COARSEST)),
            "mip_abs_gap": FINEST,
        }
        if not wide:
            options["mip_max_nodes"] = NODES
        plan, bound = self._stage.master.whole(
            (low, high),
            (self._things - radius, self._things + radius),
            run.plan,
            cuts=self._sharpest(relaxed),
            options=options,
            stopped=run.stopped,
        )
        if plan is not None and not self._flat.holds(plan):
            plan = None
        return plan, bound

    def _open(self, relaxed: Relaxed) -> tuple[Floats, Floats]:
        """Bounds of columns within which a plan may be that is as cheap as reduced costs allow."""
        dear = np.abs(relaxed.reduced)
        budget = self._run.best - relaxed.value + TRUSTED * abs(relaxed.value)
        if not self._all_open:
            budget = min(budget, np.sort(dear)[self._columns])
        nothing = NOTHING * max(1.0, abs(relaxed.value))
        room = np.where(dear > nothing, np.floor(budget / np.maximum(dear, nothing)), np.inf)
        low = np.where(
            relaxed.reduced < 0, np.maximum(self._lower, self._upper - room), self._lower
        )
        high = np.where(
            relaxed.reduced > 0, np.minimum(self._upper, self._lower + room), self._upper
        )
        if self._run.plan is not None:
            low, high = np.minimum(low, self._run.plan), np.maximum(high, self._run.plan)
        return low, high

    def _sharpest(self, relaxed: Relaxed) -> list[Cut]:
        """Cuts that shape the relaxation, and the newest."""
        cuts = self._stage.master.cuts
        shaping = [cut for cut, price in zip(cuts, relaxed.cuts, strict=True) if price > 0]
        known = {id(cut) for cut in shaping}
        newest = self._cuts if self._wide else self._cuts[-CUTS:]
        return shaping + [cut for cut in newest if id(cut) not in known]
