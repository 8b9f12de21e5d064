"""A case as it is handed to whoever solves it: nothing of it is read from a disk again.

A worker process loads this module as it would a solver's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from allocate.core.outcome import Listening
from allocate.errors import AllocateError, SolverFailed
from allocate.result import Result
from allocate.solving import solve as answer
from allocate.start import Start
from allocate.study.case import made_with
from allocate.study.scenario import Question
from allocate.tables import Tables

TRIES = 2  # a solver's process may be killed for want of memory: once is bad luck


@dataclass(frozen=True)
class Task:
    """All that a case needs.

    Parameters
    ----------
    question, base
        The question, and its case as read.
    method
        Name of the engine.
    start
        What it starts from, or None.
    made_with
        What its answer has to be made with: packages, and the files of this one.
    """

    question: Question
    base: Tables
    method: str
    start: Start | None = None
    made_with: Mapping[str, str] = field(default_factory=made_with)


@dataclass(frozen=True)
class Failure:
    """Why there is no answer.

    Parameters
    ----------
    problem
        In words.
    """

    problem: str


def run(task: Task, stopped: Callable[[], bool] = lambda: False) -> Result | Failure:
    """Solve a case; whatever goes wrong is told, and never raised.

    Parameters
    ----------
    task
        The case.
    stopped
        Asked again and again; once it says True the solver ends with its best plan.
    """
    here, problem = made_with(), ""
    if other := sorted(name for name in here if here[name] != task.made_with.get(name)):
        return Failure(f"Whoever was to solve it has other versions: {', '.join(other)}")
    for _ in range(TRIES):
        try:
            return answer(
                task.question,
                method=task.method,
                start=task.start,
                base=task.base,
                watch=Listening(stopped),
                brief=True,
            )
        except SolverFailed as error:
            problem = str(error)
        except AllocateError as error:
            return Failure(str(error))
        except Exception as error:  # the other cases go on, and this one says what happened
            return Failure(f"{type(error).__name__}: {error}")
    return Failure(problem)


def solve(task: Task, report: Any, stopped: Callable[[], bool]) -> Result | Failure:
    """Solve a case inside a worker process; ``report`` is never called."""
    return run(task, stopped)
