"""A plan put to the test: other possible winters, other bookings, other rules."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from allocate import registry
from allocate.answered import read_answer_of
from allocate.asked import Asked
from allocate.core.again import Again
from allocate.core.outcome import Watch
from allocate.errors import AllocateError
from allocate.findings import Findings
from allocate.record import Beside
from allocate.study.scenario import Limits

MODEL = "beds"
WRITTEN = "variants.csv"  # by tests that came to an end, and by nobody else
LONGER = 1.5  # times the limit of a run that the plan and its tests may take together
TITLE = "How far these tests came"
CUT = (
    "The clock, or somebody, ended some of them: what they say holds, and ranges are "
    "wider than they could be. `allocate stress` with more --seconds goes further."
)


def put_to_test(
    asked: Asked, solution: Any, run: Limits, spent: float, watch: Watch
) -> Beside | None:
    """Put the plan of an answer to the test as its model does; None where that has no test.

    Parameters
    ----------
    asked, solution
        The question and the plan.
    run
        Limits of the answer: its tests may take half as long again, and what it left over.
    spent
        Seconds that the plan took.
    watch
        Progress out, the wish to stop in.
    """
    again = Again(run.seconds * LONGER - spent, run.seed, watch)
    try:
        found = registry.put_to_test(asked.model, asked.instance, solution, again)
    except AllocateError as error:  # the plan stands
        return Beside([(TITLE, [f"Its tests came to no end: {error}"])], timed=True)
    if found is None:
        return None
    sections, tables = found
    return Beside(sections + ended(again), tables, timed=again.timed)


def ended(again: Again) -> list[tuple[str, list[str]]]:
    """Say that the clock ended tests, where it did."""
    return [(TITLE, [CUT])] if again.timed else []


def stress(
    folder: str | Path,
    *,
    winters: int = 300,
    seed: int = 2,
    seconds: float = 600.0,
    homecare: str | Path | None = None,
    watch: Watch | None = None,
) -> Findings:
    """Put the plan of a result folder to the test.

    Parameters
    ----------
    folder
        A result folder of the model ``beds``.
    winters, seed
        How many fresh winters, and the seed they are drawn with.
    seconds
        For all that is solved again.
    homecare
        A result folder of the model ``homecare``: the question is asked with its spare hours, too.
    watch
        Progress out, the wish to stop in.

    Raises
    ------
    BadInput
        For a folder that is no result of its model.
    """
    answered = read_answer_of(folder, MODEL, "Only plans of winter beds have winters to try")
    again = Again(seconds, int(answered.record["seed"]), watch or Watch())
    sections, tables = registry.put_to_test(
        answered.asked.model,
        answered.asked.instance,
        answered.solution,
        again,
        winters=winters,
        seed=seed,
        at_home=0.0 if homecare is None else people_at_home(homecare),
    )
    title = f"The plan for: {answered.asked.question.text}"
    return Findings(title, sections + ended(again), tables)


def people_at_home(folder: str | Path) -> float:
    """People whom the spare hours of a home care plan could look after at once.

    Hours that providers have left after the plan, over the hours of a package on average. They may
    be in the wrong place or at the wrong time of day: it is the most that there can be.

    Parameters
    ----------
    folder
        A result folder of the model ``homecare``.

    Raises
    ------
    BadInput
        For a folder that is no result of that model.
    """
    from allocate.homecare.solution import spare

    answered = read_answer_of(folder, "homecare", "Only plans of home care have hours to spare")
    instance = answered.asked.instance
    room = np.maximum(spare(instance, answered.solution), 0)
    room[instance.providers.suspended] = 0
    return float(room.sum() / max(float(instance.packages.load.mean()), 1.0))
