"""What the two-stage engine is asked, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

from allocate.core.outcome import Answer
from allocate.core.two_stage import TwoStage
from allocate.core.two_stage_proof import TwoStageProof
from allocate.units import Floats


@dataclass(frozen=True)
class TwoStageProblem:
    """A two-stage program to be minimised.

    Parameters
    ----------
    two_stage
        The program.
    seconds, gap, seed
        Limits; the gap is relative to the objective.
    work
        Rounds after which to stop, whatever the clock says until ``seconds`` are over.
    """

    two_stage: TwoStage
    seconds: float
    gap: float
    seed: int
    work: int | None = None


@dataclass(frozen=True)
class TwoStageAnswer(Answer):
    """A first stage, and what is proven.

    ``values`` are those of the first stage, and ``bound`` rests on the solver's word for the master
    program with whole columns where it lies above what the certificate proves.

    Parameters
    ----------
    objective
        What the plan costs; ``inf`` where there is none.
    recourse, flows
        What each sample costs, (samples,), and its columns, (samples, columns): the solver's floats
        of a flow that keeps every row.
    certificate
        Dual vectors that prove a bound; None where there are none yet.
    """

    objective: float = inf
    recourse: Floats | None = None
    flows: Floats | None = None
    certificate: TwoStageProof | None = None


@dataclass(frozen=True)
class TwoStageOutcome:
    """A two-stage program solved.

    Parameters
    ----------
    answer
        As the engine gave it.
    proven, bound
        In steps of cost: what the certificate proves in whole numbers, and the better of that and
        the solver's word; ``-inf`` where there is none.
    seconds
        Time spent.
    trace
        (seconds, best, bound) as the gap closed.
    """

    answer: TwoStageAnswer
    proven: float
    bound: float
    seconds: float
    trace: tuple[tuple[float, float, float], ...] = ()
