"""A solver that settles switches alone: its bound is the least cost with options split at will."""

from __future__ import annotations

import time
from math import inf

from allocate.core.field import find_agents
from allocate.core.outcome import CLOCK, CLOSED, Answer, Problem, Report, Stopped
from allocate.core.structure import read
from allocate.core.switches import Settling, find_switches


def solve(problem: Problem, report: Report, stopped: Stopped) -> Answer:
    """Bound a program with switches; one without ends by the clock."""
    structure = read(problem.flat)
    agents = None if structure is None else find_agents(structure)
    if structure is None or agents is None or not len(find_switches(structure).switch):
        return Answer(None, 0.0, CLOCK)
    ends = time.monotonic() + problem.seconds
    settled = Settling(
        problem,
        structure,
        agents,
        find_switches(structure),
        ends=ends,
        report=lambda bound: report(None, None, bound),
        stopped=stopped,
    )
    if not settled.relax():
        return Answer(None, inf, CLOSED)
    dived = settled.dive(ends)
    settled.close(ends, 0.0)
    return Answer(dived, settled.bound, CLOSED)
