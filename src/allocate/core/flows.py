"""What a plan of the first stage leads to in each sample. Loaded only inside a worker."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from allocate.core.outcome import ASKED, CLOSED, Report, Stopped
from allocate.core.recourse import Recourse
from allocate.core.two_stage import TwoStage
from allocate.units import Ints


@dataclass(frozen=True)
class Planned:
    """A program of two stages with its first one decided.

    Parameters
    ----------
    two_stage
        The program.
    values
        First stage, (first columns,).
    """

    two_stage: TwoStage
    values: Ints


@dataclass(frozen=True)
class Flows:
    """What each sample comes to.

    Parameters
    ----------
    values
        Columns of each sample, (samples, columns); None where the work was stopped.
    cost
        Of each sample, (samples,).
    why
        Why it ended.
    """

    values: NDArray[np.float64] | None
    cost: NDArray[np.float64]
    why: str


def solve(problem: Planned, report: Report, stopped: Stopped) -> Flows:
    """Meet every sample at least cost.

    Parameters
    ----------
    problem
        The program and its first stage.
    report
        Not called: there is nothing to show on the way.
    stopped
        Asked before each sample.
    """
    two_stage = problem.two_stage
    recourse = Recourse(two_stage)
    needed = [two_stage.link @ (booked @ problem.values) for booked in two_stage.booked]
    cost = np.zeros(two_stage.samples)
    values = np.zeros((two_stage.samples, len(two_stage.price)))
    for s in range(two_stage.samples):
        if stopped():
            return Flows(None, cost, ASKED)
        rhs = (two_stage.rhs[s] - needed[two_stage.of_sample[s]]).astype(float)
        cost[s] = recourse.solve(s, rhs, max(s - 1, 0))
        values[s] = recourse.flow()
    return Flows(values, cost, CLOSED)
