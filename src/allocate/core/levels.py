"""Ordered levels: each is minimised in turn, and no later one may worsen an earlier one.

What no decision changes is taken out of a level before it goes to a solver (``reduced.py``). A
level that is solved is kept as a row, and every column dearer than its value closed (``kept.py``).
"""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from allocate.core.guess import Guess
from allocate.core.kept import keep
from allocate.core.level import answer_to, better, outcome_of, solve_level
from allocate.core.neighbourhoods import Neighbourhoods
from allocate.core.outcome import (
    ASKED,
    CLOCK,
    CLOSED,
    DECLINED,
    Answer,
    LevelOutcome,
    Outcome,
    Problem,
    Watch,
)
from allocate.core.program import Flat, Program, ints
from allocate.core.reduced import Reduced, reduce
from allocate.core.worker import Worker, borrowed
from allocate.units import Ints

ENGINE = "allocate.core.engine"  # needs none of the help that general solvers are given here
MANY_COLUMNS = 1_000_000  # that is work for every core
LEVEL_SHARE = 0.5
GIVEN_BACK = 0.05  # of the time: less than that is not worth another search
REST_SHARE = 0.3  # of a level's time, for a first plan without resting columns
REST_LONGER = 0.75  # the same where they are given and there is a plan already


def solve_levels(
    program: Program,
    module: str,
    *,
    seconds: float,
    gap: float,
    seed: int,
    watch: Watch,
    method: str,
    work: int | None = None,
    level_share: float = LEVEL_SHARE,
    resting: Ints | None = None,
    guesses: Sequence[Guess] = (),
) -> Outcome:
    """Solve a program level by level with one warm worker.

    Parameters
    ----------
    program
        Columns, rows and levels.
    module
        Solver module that the worker loads.
    seconds, gap, seed
        Limits for the whole run.
    watch
        Progress out, the wish to stop in.
    method
        Name of the engine, for the result.
    work
        Runs of the search of our engine, where it is asked, after which it stops.
    level_share
        Part of the time left that each level may use; the last one has all of it.
    resting
        Columns so many that a solver finds poor plans among them. Each level after the first is
        solved with those at rest that are nought in the plan at hand; then, from there, as a whole.
    guesses
        What an earlier answer knew of each level, or nothing.

    Returns
    -------
    Outcome
        The last plan and the levels reached.
    """
    with borrowed(module) as worker:
        limits = Limits(seconds, gap, seed, level_share, resting, work, guesses)
        run = _Run(program, worker, limits, watch)
        run.solve_from(0)
        run.search_again()
    why = next((level.why for level in run.done if level.why != CLOSED), CLOSED)
    if why == CLOSED and len(run.done) < len(program.levels):
        why = ASKED
    # Where nothing had to be solved, whoever would have been asked answered.
    asked = "highs" if module == ENGINE and not run.ours else method
    by = dict.fromkeys(level.by or asked for level in run.done)
    return Outcome(run.values, tuple(run.done), why, ", ".join(by) or asked)


@dataclass(frozen=True)
class Limits:
    """Limits of a run, the part of the time left for each level but the last, and where from."""

    seconds: float
    gap: float
    seed: int
    level_share: float
    resting: Ints | None = None
    work: int | None = None
    guesses: Sequence[Guess] = ()


class _Run:
    """A run over all levels: the rows before each, what each came to, and the plan."""

    def __init__(self, program: Program, worker: Worker, limits: Limits, watch: Watch) -> None:
        self.program, self.worker, self.limits, self.watch = program, worker, limits, watch
        self.ours = getattr(worker, "module", "") == ENGINE
        self.flats: list[Flat] = [program.flat()]
        self.done: list[LevelOutcome] = []
        self.values = self._known()
        self._ends = time.monotonic() + limits.seconds

    def _known(self) -> Ints | None:
        """Return a plan to start from, an earlier one or the program's own; None without one."""
        flat, program = self.flats[0], self.program
        if self.limits.guesses:
            return self.limits.guesses[0].plan(flat)
        values = np.zeros(program.size, dtype=np.int64)
        values[program.known] = 1
        return values if len(program.known) and flat.holds(values) else None

    @property
    def left(self) -> float:
        """Seconds left; never so few that a solver could not even begin."""
        return max(0.5, self._ends - time.monotonic())

    def solve_from(self, first: int) -> None:
        """Solve the levels from one on, each from the best plan so far."""
        del self.done[first:], self.flats[first + 1 :]
        for number, level in enumerate(self.program.levels[first:], start=first):
            reduced = reduce(self.program, level)
            outcome, found = self._solve(number, reduced)
            if outcome.why == DECLINED:
                self.ours = False
                outcome, found = self._solve(number, reduced)
            self.done.append(outcome)
            if found is None:
                return
            self.values = found
            if self.watch.stop:
                return
            self.flats.append(keep(self.flats[number], reduced.cost, int(reduced.cost @ found)))

    def _solve(self, number: int, reduced: Reduced) -> tuple[LevelOutcome, Ints | None]:
        """Solve a level; a general solver has help with it that our engine does not need."""
        level, limits = self.program.levels[number], self.limits
        last = number + 1 == len(self.program.levels)
        problem = Problem(
            self.flats[number],
            reduced.cost,
            self.values,
            self.left * (1.0 if last else limits.level_share),
            limits.gap,
            limits.seed,
            threads=os.cpu_count() or 1 if self.program.size > MANY_COLUMNS else 1,
            ours=self.ours,
            ordered=len(self.program.levels) > 1,
            work=limits.work,
            guess=self._guess(number, reduced),
        )
        problem, timed = (problem, False) if self.ours else self._rested(problem)
        deciding = ints([]) if self.ours else self.program.deciding
        outcome, found = solve_level(self.worker, problem, level, reduced, deciding, self.watch)
        if found is None and outcome.why == CLOCK:
            # No plan yet: nothing is worth more than the time that was kept for later levels.
            problem = replace(problem, seconds=self.left)
            outcome, found = solve_level(self.worker, problem, level, reduced, ints([]), self.watch)
        return replace(outcome, timed=outcome.timed or timed), found

    def _guess(self, number: int, reduced: Reduced) -> Guess | None:
        """What an earlier answer knew of a level; its plan is of use to the first alone."""
        if not self.ours or not self.limits.guesses:
            return None
        guess, level = self.limits.guesses[number], self.program.levels[number]
        each = float(level.per / reduced.step)
        guess = guess.in_steps(each, self._paid(number, reduced))
        return guess if number == 0 else replace(guess, chosen=ints([]))

    def _paid(self, number: int, reduced: Reduced) -> Ints:
        """Steps that rows of groups pay whatever is chosen: they are out of the cost, (rows,)."""
        at, paid = self.program.group_rows(), np.zeros(len(self.flats[number].low), dtype=np.int64)
        paid[at[at >= 0]] = reduced.taken[at >= 0] // reduced.step
        return paid

    def search_again(self) -> None:
        """Use time that is left over for the first level that is not closed, then for the next."""
        least = self.limits.seconds * GIVEN_BACK
        number = 0
        while number < len(self.done) and self.left > least and not self.watch.stop:
            if self.done[number].why == CLOCK and self._search(number):
                self.solve_from(number + 1)
            number += 1

    def _search(self, number: int) -> bool:
        """Search for a better plan of a level; return whether there is one."""
        level, known, plan = self.program.levels[number], self.done[number], self.values
        if plan is None or known.bound is None:
            return False
        reduced, flat = reduce(self.program, level), self.flats[number]
        search = Neighbourhoods(self.program, self.worker, self.limits.seed)
        relaxed = search.relax(flat, reduced.cost, self.left, lambda: self.watch.stop)
        proven = (known.bound - reduced.fixed) // reduced.step
        found = search.improve(
            flat,
            reduced.cost,
            plan,
            relaxed,
            seconds=self.left * self.limits.level_share,
            enough=proven,
            stop=lambda: self.watch.stop,
        )
        if found is None or int(reduced.cost @ found) >= int(reduced.cost @ plan):
            return False
        problem = Problem(flat, reduced.cost, found, 0.0, self.limits.gap, self.limits.seed)
        answer = Answer(found, float(proven), CLOCK, True)
        best = float((int(reduced.cost @ found) * reduced.step + reduced.fixed) / level.per)
        trace = [*known.trace, (known.seconds, best, float(known.bound / level.per))]
        self.watch.report(level.name, best, float(known.bound / level.per), known.seconds)
        self.values = found
        self.done[number] = outcome_of(reduced, level, problem, answer, known.seconds, trace)
        del self.flats[number + 1 :]
        self.flats.append(keep(flat, reduced.cost, int(reduced.cost @ found)))
        return True

    def _rested(self, problem: Problem) -> tuple[Problem, bool]:
        """Find a plan with the resting columns at nought, or as the plan at hand has them.

        Columns that rest by the program's own wish do so for a first plan only; those that the run
        is given, in every level that starts from a plan. That plan is left out of it: from a poor
        one a solver searches around it, and finds less.

        Returns the problem with the better plan to start from, and whether the clock had a say.
        """
        given, start = self.limits.resting, problem.start
        if (start is None) is not (given is None):
            return problem, False
        resting = self.program.resting if given is None else given
        unused = resting if start is None else resting[start[resting] == 0]
        upper = problem.flat.upper.copy()
        if not np.any(upper[unused]):
            return problem, False
        upper[unused] = problem.flat.lower[unused]
        began = time.monotonic()
        still = replace(
            problem,
            flat=replace(problem.flat, upper=upper),
            start=None,
            seconds=problem.seconds * (REST_SHARE if given is None else REST_LONGER),
        )
        answer = answer_to(
            self.worker, still, self.program.deciding, lambda *_: None, lambda: self.watch.stop
        )
        left = max(0.5, problem.seconds - (time.monotonic() - began))
        plan = better(problem, answer.values)
        return replace(problem, start=plan, seconds=left), answer.timed or answer.why == CLOCK
