"""The method ``allocate``: our own engine for what it is made for; what it declines, HiGHS.

Loaded only inside a worker. Compiled loops take a moment to load: so they are when first needed, or
when somebody says that they will be.
"""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module

from allocate.core import highs
from allocate.core.outcome import Answer, Problem, Report, Stopped
from allocate.core.rehearsal import rehearsal

HIGHS = "highs"


def ready() -> None:
    """Load what a first problem would wait for, while the case is still being read."""
    import_module("allocate.core.assignment").solve(rehearsal(), lambda *_: None, lambda: False)


def solve(problem: Problem, report: Report, stopped: Stopped) -> Answer:
    """Minimise; the answer says who did.

    Parameters
    ----------
    problem
        What to solve; ``ours`` says whether the engine is asked for.
    report
        Called with each better plan and bound.
    stopped
        Asked again and again.
    """
    if not problem.ours:
        return replace(highs.solve(problem, report, stopped), by=HIGHS)
    answer: Answer = import_module("allocate.core.assignment").solve(problem, report, stopped)
    return answer
