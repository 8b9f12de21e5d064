"""An answer asked again with small changes: what would be different, proven as far as time allows.

Each variant is the question with changes added, exactly as a user would write them, so that
anybody can confirm it by solving again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from allocate.answered import Answered
from allocate.core.comparing import Compared, Known, Near, compare
from allocate.core.forms import levels_of, solve_form
from allocate.core.levels import ENGINE
from allocate.core.outcome import IMPOSSIBLE, Watch
from allocate.core.program import Program
from allocate.core.worker import borrowed
from allocate.errors import ReviewFailed
from allocate.study.change import apply
from allocate.study.scenario import Change

METHOD = "allocate.core.highs"  # it can stop at a target, which is what makes this quick
AT_ONCE = 2
LEAST_SECONDS = 0.5


@dataclass(frozen=True)
class Variant:
    """A question to be asked again.

    Parameters
    ----------
    changes
        What is added to the scenario.
    near
        Returns the plans near the one at hand, given the draft of the changed program; None where
        all plans are to be looked at.
    restricts
        Whether the changes only forbid plans: what is proven of the answer then holds still.
    """

    changes: tuple[Change, ...]
    near: Callable[[Any], Near] | None = None
    restricts: bool = True


@dataclass(frozen=True)
class Varied:
    """What came of a variant.

    Parameters
    ----------
    compared
        Its best beside the answer.
    solution
        The best plan found; None without one.
    """

    variant: Variant
    compared: Compared
    solution: Any


class Variants:
    """Asks variants of an answer within a time that they share.

    Parameters
    ----------
    answered
        The answer.
    seconds
        For all variants together.
    watch
        Progress out, the wish to stop in.
    """

    def __init__(self, answered: Answered, seconds: float, watch: Watch) -> None:
        self.answered = answered
        self._ends = time.monotonic() + seconds
        self._watch = watch

    @property
    def left(self) -> float:
        """Seconds left."""
        return self._ends - time.monotonic()

    def ask(self, variants: Sequence[Variant], what: str, part: float = 1.0) -> list[Varied | None]:
        """Ask several variants, two at a time.

        Parameters
        ----------
        variants
            What to ask.
        what
            What they are, for the progress.
        part
            Share of the time left that they may use together.

        Returns
        -------
        list of Varied or None
            One a variant; None where the time ran out before its turn.
        """
        waiting = len(variants)
        ends = time.monotonic() + self.left * part

        def one(variant: Variant) -> Varied | None:
            nonlocal waiting
            left = ends - time.monotonic()
            share = left * AT_ONCE / max(waiting, AT_ONCE)
            waiting -= 1
            if self._watch.stop or left <= 0:
                return None
            self._watch.say(f"{what}: {len(variants) - waiting} of {len(variants)}")
            return self._vary(variant, max(LEAST_SECONDS, share))

        with ThreadPoolExecutor(AT_ONCE) as threads:
            return list(threads.map(one, variants))

    def _vary(self, variant: Variant, seconds: float) -> Varied:
        asked, model = self.answered.asked, self.answered.asked.model
        tables = apply(asked.tables, variant.changes, asked.question.name)
        instance = model.build(tables, asked.question)
        draft: Any = model.formulate(instance, asked.question.levels)
        known = [
            Known(level.value, level.bound if variant.restricts else None)
            for level in self.answered.known
        ]
        if not isinstance(draft.program, Program):
            return self._solved(variant, instance, draft, known[0], seconds)
        with borrowed(METHOD) as worker:
            compared = compare(
                draft.program,
                known,
                every_plan(draft.program) if variant.near is None else variant.near(draft),
                worker,
                seconds=seconds,
                seed=int(self.answered.record["seed"]),
                stop=lambda: self._watch.stop,
            )
        values = compared.values
        return Varied(
            variant, compared, None if values is None else model.read_solution(draft, values)
        )

    def _solved(
        self, variant: Variant, instance: Any, draft: Any, known: Known, seconds: float
    ) -> Varied:
        """Solve a program of another form by its own engine, to the gap asked for."""
        asked = self.answered.asked
        outcome = solve_form(
            draft.program,
            ENGINE,
            seconds=seconds,
            gap=asked.question.limits.gap,
            seed=int(self.answered.record["seed"]),
            work=None,
            watch=self._watch,
            method="allocate",
        )
        reached = outcome.levels[0] if outcome.levels else None
        if outcome.why == IMPOSSIBLE:
            return Varied(variant, Compared(0, None, None, None), None)
        # No term of such a level is ever negative.
        least = [Fraction(), *([] if known.bound is None else [known.bound])]
        if reached is not None and reached.bound is not None:
            least.append(Fraction(reached.bound) / levels_of(draft.program)[0].per)
        low = max(least) - known.value
        if outcome.values is None:
            return Varied(variant, Compared(0, low, None, None), None)
        solution = asked.model.read_solution(draft, outcome.values, outcome.flows)
        review = asked.model.review(instance, solution, asked.question.levels)
        if review.faults:
            raise ReviewFailed("The review rejects a plan: " + "; ".join(review.faults))
        high = review.levels[0] - known.value
        low = min(low, high)
        level = None if low == high == 0 else 0
        return Varied(variant, Compared(level, low, high, outcome.values), solution)


def every_plan(program: Program) -> Near:
    """Return the bounds of all plans of a program: none is nearer than another."""
    lower, upper, _ = program.bounds()
    return Near(lower, upper, np.zeros_like(lower), thorough=True)
