"""A solver that finds nothing: it waits until it is told to stop or its time is over."""

from __future__ import annotations

import time
from collections.abc import Callable
from math import inf

from allocate.core.outcome import ASKED, CLOCK, Answer, Problem, Report


def solve(problem: Problem, report: Report, stopped: Callable[[], bool]) -> Answer:
    """Wait, and return no plan."""
    end = time.monotonic() + problem.seconds
    while time.monotonic() < end and not stopped():
        time.sleep(0.02)
    return Answer(None, -inf, ASKED if stopped() else CLOCK)
