"""A plan put to the test: other possible winters, other bookings, other rules."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from allocate.answered import read_answer_of
from allocate.core.extensive import recourse_of
from allocate.core.forms import solve_form
from allocate.core.levels import ENGINE
from allocate.core.outcome import Outcome, Watch
from allocate.core.two_stage import TwoStage
from allocate.findings import Findings
from allocate.units import Ints

MODEL = "beds"


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
    from allocate.beds.stress import stress as put_to_test
    from allocate.beds.studies import Tools

    watch = watch or Watch()
    answered = read_answer_of(folder, MODEL, "Only plans of winter beds have winters to try")
    at_home = 0.0 if homecare is None else people_at_home(homecare)
    ends = time.monotonic() + seconds

    def left() -> float:
        return 0.0 if watch.stop else ends - time.monotonic()

    def solve(program: TwoStage, given: float, gap: float) -> Outcome:
        run = int(answered.record["seed"])
        return solve_form(
            program,
            ENGINE,
            seconds=max(given, 0.5),
            gap=gap,
            seed=run,
            work=None,
            watch=watch,
            method="allocate",
        )

    def meet(program: TwoStage, values: Ints) -> NDArray[np.float64]:
        found = recourse_of(program, values)
        assert found.values is not None
        return found.values

    sections, tables = put_to_test(
        answered.asked.instance, answered.solution, Tools(solve, meet, left), winters, seed, at_home
    )
    title = f"The plan for: {answered.asked.question.text}"
    return Findings(title, sections, tables)


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
