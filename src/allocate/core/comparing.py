"""How a changed program compares with a plan of the one it was changed from, level by level.

The first level at which the two differ decides, as it does between plans. What is proven of the
first program helps with the second: where the change only forbids plans, its bounds hold still, so
a plan that is as good on a level needs no further proof.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil, floor, inf, isinf

import numpy as np

from allocate.core.kept import keep
from allocate.core.level import whole_bound
from allocate.core.neighbourhoods import ROUND_SECONDS, Neighbourhoods
from allocate.core.outcome import CLOCK, IMPOSSIBLE, Answer, Problem
from allocate.core.program import Flat, Level, Program
from allocate.core.reduced import Reduced, reduce
from allocate.core.worker import Worker
from allocate.units import Ints

LEAST_SECONDS = 0.2
NEAR_SHARE = 0.3  # of the time left, for plans near the one at hand
SEARCH_SHARE = 0.7  # of the time then left, for the search beyond
SMALL = 2000  # columns of a program that is quicker solved whole
TIGHT = 0.1  # a range this narrow, beside the difference that it is about, is narrow enough


@dataclass(frozen=True)
class Known:
    """What is known of a level of the plan at hand, in its unit.

    Parameters
    ----------
    value
        Its value.
    bound
        No plan of the changed program that is as good on the levels before is lower; None where
        that is not known.
    """

    value: Fraction
    bound: Fraction | None


@dataclass(frozen=True)
class Compared:
    """The changed program's best beside the plan at hand.

    Parameters
    ----------
    level
        Position of the first level that differs or may differ; None where every level is the same.
    low, high
        By how much that level is higher, at least and at most; ``high`` is None without a plan, and
        both are where it is proven that there is none.
    values
        The best plan found, shape (columns,).
    """

    level: int | None
    low: Fraction | None
    high: Fraction | None
    values: Ints | None

    @property
    def impossible(self) -> bool:
        """Whether it is proven that no plan keeps every hard rule."""
        return self.level is not None and self.low is None

    @property
    def same(self) -> bool:
        """Whether a plan was found that is as good on every level."""
        return self.level is None

    @property
    def worse(self) -> bool:
        """Whether it is proven that every plan is worse, or that there is none."""
        return self.impossible or (self.low is not None and self.low > 0)

    @property
    def better(self) -> bool:
        """Whether a plan was found that is better."""
        return self.high is not None and self.high < 0


@dataclass(frozen=True)
class Near:
    """Plans near the one at hand: a part of the program small enough to be searched at once.

    Parameters
    ----------
    lower, upper
        Bounds in place of the program's, each (columns,).
    moved
        1 where a column is chosen that the plan at hand does not choose, (columns,).
    thorough
        Whether to look further where none of them is as good; else the relaxation's bound is all
        that is added.
    """

    lower: Ints
    upper: Ints
    moved: Ints
    thorough: bool = False


def compare(
    program: Program,
    known: Sequence[Known],
    near: Near,
    worker: Worker,
    *,
    seconds: float,
    seed: int,
    stop: Callable[[], bool],
) -> Compared:
    """Compare a changed program with the plan at hand.

    Parameters
    ----------
    program
        The changed program.
    known
        Each level of the plan at hand.
    near
        Plans near it, looked at first.
    worker
        A solver process that knows when a target is reached.
    seconds, seed
        Limits.
    stop
        Asked again and again; once it says True the search ends with what is known.

    Returns
    -------
    Compared
        Proven from both sides where time allows, else from one.
    """
    search = _Search(program, near, worker, time.monotonic() + seconds, seed, stop)
    for number, (level, at_hand) in enumerate(zip(program.levels, known, strict=True)):
        reduced = reduce(program, level)
        value = floor(_steps(at_hand.value, level, reduced))
        least = None if at_hand.bound is None else ceil(_steps(at_hand.bound, level, reduced))
        low, high = search.level(reduced.cost, value, least)
        if low is None:
            return Compared(number, None, None, None)
        lowest = _apart(low, at_hand, level, reduced)
        highest = None if high is None else _apart(high, at_hand, level, reduced)
        if highest != 0 or (lowest < 0 and least is None):
            if high is not None:
                search.keep(reduced.cost, high)
            return Compared(number, lowest, highest, search.tidied())
        search.keep(reduced.cost, value)
    return Compared(None, Fraction(), Fraction(), search.tidied())


def _steps(value: Fraction, level: Level, reduced: Reduced) -> Fraction:
    """Count a value in steps of the level without what every plan bears."""
    return (value * level.per - reduced.fixed) / reduced.step


def _apart(steps: int, known: Known, level: Level, reduced: Reduced) -> Fraction:
    """Say by how much so many steps are above the plan at hand, in the level's unit."""
    return Fraction(steps * reduced.step + reduced.fixed) / level.per - known.value


@dataclass
class _Search:
    """The rows so far, and the best plan that keeps them.

    Plans are looked for near the plan at hand, then as ``search`` does; the relaxation, and at last
    the whole program, give the bounds.
    """

    program: Program
    near: Near
    worker: Worker
    ends: float
    seed: int
    stop: Callable[[], bool]

    def __post_init__(self) -> None:
        self.flat = self.program.flat()
        self.plan: Ints | None = None
        lower, upper = self.near.lower > self.flat.lower, self.near.upper < self.flat.upper
        self._narrow = bool(np.any(lower) or np.any(upper))
        self._search = Neighbourhoods(self.program, self.worker, self.seed)

    def level(self, cost: Ints, value: int, least: int | None) -> tuple[int | None, int | None]:
        """Return the least and the most that the best of a level comes to.

        Parameters
        ----------
        cost
            Shape (columns,).
        value
            What the plan at hand comes to: a plan as cheap needs no further search where ``least``
            is known.
        least
            What is proven already; None where nothing is.

        Returns
        -------
        tuple
            The least is None where it is proven that there is no plan at all; the most is None
            where none was found.
        """
        proven = 0 if least is None else least
        enough = proven if least is None else value
        if self._reached(cost) > value and self._narrow:
            self._look(cost, self._nearby(), value, NEAR_SHARE)
        if self._reached(cost) > enough and self.program.size > SMALL:
            relaxed = self._search.relax(self.flat, cost, self._left(), self.stop)
            if relaxed.why == IMPOSSIBLE and self.plan is None:
                return None, None
            proven = max(proven, whole_bound(relaxed.bound))
            if self.plan is None or self._thorough(least):
                self._improve(cost, relaxed, max(enough, proven), value)
            if self.plan is not None and (proven > value or not self._thorough(least)):
                return min(proven, int(self._reached(cost))), int(self._reached(cost))
        if self._reached(cost) > max(enough, proven):
            answer = self._look(cost, self.flat, None if least is None else value, 1.0, value)
            if answer.why == IMPOSSIBLE and self.plan is None:
                return None, None
            if answer.why != IMPOSSIBLE:  # a solver that denies the plan at hand is not believed
                proven = max(proven, whole_bound(answer.bound))
        high = self._reached(cost)
        return (proven, None) if isinf(high) else (min(proven, int(high)), int(high))

    def keep(self, cost: Ints, value: int) -> None:
        """From here on no plan may come to more."""
        self.flat = keep(self.flat, cost, value)

    def tidied(self) -> Ints | None:
        """Return the plan with as few moves away from the plan at hand as time allows to find."""
        if self.plan is not None and self.near.moved @ self.plan:
            flat = self._nearby()
            if not flat.holds(self.plan):
                flat = self.flat
            self._look(self.near.moved, flat, None, 1.0)
        return self.plan

    def _thorough(self, least: int | None) -> bool:
        """Whether a plan near the one at hand and the relaxation's bound are not enough."""
        return self.near.thorough or least is None

    def _improve(self, cost: Ints, relaxed: Answer, enough: int, value: int) -> None:
        """Look for a better plan; of a change that is proven to be worse one round is enough."""
        seconds = ROUND_SECONDS if enough > value else self._left() * SEARCH_SHARE
        self.plan = self._search.improve(
            self.flat,
            cost,
            self.plan,
            relaxed,
            seconds=min(seconds, self._left()),
            enough=enough,
            stop=self.stop,
        )

    def _left(self) -> float:
        return max(LEAST_SECONDS, self.ends - time.monotonic())

    def _nearby(self) -> Flat:
        """The rows so far, over the plans near the one at hand."""
        lower = np.maximum(self.flat.lower, self.near.lower)
        upper = np.minimum(self.flat.upper, self.near.upper)
        # What a level has closed since stays closed, though the plan at hand has it.
        return replace(self.flat, lower=np.minimum(lower, upper), upper=upper)

    def _reached(self, cost: Ints) -> float:
        return inf if self.plan is None else float(cost @ self.plan)

    def _look(
        self, cost: Ints, flat: Flat, target: int | None, share: float, value: int | None = None
    ) -> Answer:
        """Solve over some rows from the best plan so far, and keep what is better.

        Where ``value`` is given, it is enough to know about by how much all plans are above it.
        """
        left = self.ends - time.monotonic()
        if self.stop() or left <= 0:
            return Answer(None, -inf, CLOCK)
        start = self.plan if self.plan is not None and flat.holds(self.plan) else None
        seconds = max(LEAST_SECONDS, left * share)
        problem = Problem(flat, cost, start, seconds, 0.0, self.seed, target)
        tight = False

        def found_so_far(best: float | None, bound: float | None) -> None:
            nonlocal tight
            if best is not None and bound is not None and value is not None:
                tight = bound > value and best - bound <= TIGHT * (bound - value)

        answer = self.worker.solve(problem, found_so_far, lambda: tight or self.stop())
        found = answer.values
        if found is not None and flat.holds(found) and float(cost @ found) <= self._reached(cost):
            self.plan = found
        return answer
