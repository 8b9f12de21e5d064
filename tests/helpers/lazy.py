"""A solver that gives up at once on a whole program, with the worst plan; parts it solves well."""

from __future__ import annotations

from dataclasses import replace

from allocate.core import highs
from allocate.core.outcome import CLOCK, Answer, Problem, Report, Stopped


def solve(problem: Problem, report: Report, stopped: Stopped) -> Answer:
    """Minimise where a target is named or nothing has to be whole; else find the worst plan."""
    if problem.target is not None or not problem.flat.whole.any():
        return highs.solve(problem, report, stopped)
    worst = replace(problem, cost=problem.cost.max() - problem.cost, start=None)
    return Answer(highs.solve(worst, report, stopped).values, 0.0, CLOCK)
