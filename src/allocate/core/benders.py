"""Two-stage programs solved in a process of their own, watched and stopped from here."""

from __future__ import annotations

import time
from math import inf

from allocate.core.outcome import Watch
from allocate.core.two_stage import TwoStage
from allocate.core.two_stage_outcome import TwoStageAnswer, TwoStageOutcome, TwoStageProblem
from allocate.core.two_stage_proof import proven
from allocate.core.worker import borrowed

MODULE = "allocate.core.l_shaped"


def solve_two_stage(
    two_stage: TwoStage,
    *,
    seconds: float,
    gap: float,
    seed: int,
    watch: Watch,
    work: int | None = None,
) -> TwoStageOutcome:
    """Decide the first stage of a two-stage program.

    Parameters
    ----------
    two_stage
        The program.
    seconds, gap, seed
        When to stop, and the seed of everything random. The gap is relative to the objective.
    watch
        Progress out, the wish to stop in.
    work
        Rounds after which to stop; a run that ends by them replays to the same answer.

    Returns
    -------
    TwoStageOutcome
        The best first stage, what it costs, and what is proven.

    Raises
    ------
    SolverFailed
        Where the solver broke down, or a sample cannot be met.
    """
    began = time.monotonic()
    best, bound, trace = inf, -inf, []
    level = two_stage.first.levels[0]
    per = float(level.per)

    def found(value: float | None, least: float | None) -> None:
        nonlocal best, bound
        best = min(best, inf if value is None else value)
        bound = max(bound, -inf if least is None else least)
        spent = time.monotonic() - began
        trace.append((spent, best, bound))
        shown = best / per if best < inf else None
        watch.report(level.name, shown, bound / per if bound > -inf else None, spent)

    problem = TwoStageProblem(two_stage, seconds, gap, seed, work)
    with borrowed(MODULE) as worker:
        answer = worker.solve(problem, found, lambda: watch.stop)
    assert isinstance(answer, TwoStageAnswer)
    proof = None if answer.certificate is None else proven(two_stage, answer.certificate)
    least = -inf if proof is None else float(proof)
    return TwoStageOutcome(
        answer=answer,
        proven=least,
        bound=min(max(least, answer.bound), answer.objective),
        seconds=time.monotonic() - began,
        trace=tuple(trace),
    )
