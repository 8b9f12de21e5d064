"""Two-stage programs solved beside an answer, in time and work that they share."""

from __future__ import annotations

import time

import numpy as np
from numpy.typing import NDArray

from allocate.core.extensive import recourse_of
from allocate.core.forms import solve_form
from allocate.core.levels import ENGINE
from allocate.core.outcome import Listening, Outcome, Watch
from allocate.core.two_stage import TwoStage
from allocate.errors import SolverFailed
from allocate.units import Ints

WORK = 24  # rounds of each solve, so that what comes of it does not hang on the clock
SHORTEST = 0.5  # seconds that a solve is given, or nothing would come of it


class Again:
    """Solves programs, and remembers whether the clock had a say in any of them.

    Parameters
    ----------
    seconds
        For all of them.
    seed
        Of everything random.
    watch
        Progress out, the wish to stop in.
    module
        Solver module.
    """

    def __init__(self, seconds: float, seed: int, watch: Watch, module: str = ENGINE) -> None:
        self._ends = time.monotonic() + seconds
        self._seed, self._watch, self._module = seed, watch, module
        self.timed = False

    @property
    def left(self) -> float:
        """Seconds left; none once somebody asked to stop."""
        return 0.0 if self._watch.stop else self._ends - time.monotonic()

    def over(self, left: float = 0.0) -> bool:
        """Whether no more than so many seconds are left: then the clock has a say."""
        if self.left > left:
            return False
        self.timed = True
        return True

    def say(self, words: str) -> None:
        """Tell what is being looked at."""
        self._watch.say(words)

    def solve(self, program: TwoStage, seconds: float, gap: float) -> Outcome:
        """Solve a program to a relative gap, in no more than so many seconds."""
        try:
            outcome = solve_form(
                program,
                self._module,
                seconds=max(min(seconds, self.left), SHORTEST),
                gap=gap,
                seed=self._seed,
                work=WORK,
                watch=Listening(lambda: self._watch.stop),
                method="allocate",
            )
        except SolverFailed as error:  # the others go on
            self.timed = True
            return Outcome(None, (), str(error), "allocate")
        self.timed |= self._watch.stop or any(level.timed for level in outcome.levels)
        return outcome

    def meet(self, program: TwoStage, values: Ints) -> NDArray[np.float64]:
        """Meet every sample at least cost, the first stage being decided.

        Returns
        -------
        Floats
            What a linear program leaves, (samples, columns).
        """
        found = recourse_of(program, values)
        assert found.values is not None
        return found.values
