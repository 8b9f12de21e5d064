"""A program of either form, solved: in levels, or in two stages."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from math import floor, inf, isfinite

from allocate.core.benders import solve_two_stage
from allocate.core.extensive import solve_extensive
from allocate.core.guess import Guess
from allocate.core.levels import ENGINE, solve_levels
from allocate.core.outcome import CLOCK, CLOSED, WORKED, LevelOutcome, Outcome, Watch
from allocate.core.parted import Parted, solve_parted
from allocate.core.program import Level, Program
from allocate.core.two_stage import TwoStage
from allocate.core.two_stage_outcome import TwoStageAnswer, TwoStageProblem
from allocate.core.two_stage_prices import listed
from allocate.core.worker import borrowed

Form = Program | TwoStage | Parted
Trace = tuple[tuple[float, float, float], ...]  # seconds, best, bound
GENERAL = "allocate.core.highs"
SMALL = 1000  # columns of the first stage times samples, of what a general solver may close as one
SOON = 20  # rounds that our engine has to close it first
LEAST_SECONDS = 0.1
EXACT = 1 << 20  # what a sample costs is told in these parts of a step
# An engine of two stages measures its gap on the whole; of what can be decided it is larger.
TIGHTER = 0.8
HAIR = Fraction(1, 10**6)  # of the objective: what making flows whole may add to it


def levels_of(program: Form) -> list[Level]:
    """Levels of a program; one of two stages has that of its first."""
    return program.first.levels if isinstance(program, TwoStage) else program.levels


def solve_form(
    program: Form,
    module: str,
    *,
    seconds: float,
    gap: float,
    seed: int,
    work: int | None,
    watch: Watch,
    method: str,
    guesses: Sequence[Guess] = (),
) -> Outcome:
    """Solve a program, whatever its form.

    Parameters
    ----------
    program
        What to solve.
    module
        Solver module that a worker loads.
    seconds, gap, seed, work
        Limits.
    watch
        Progress out, the wish to stop in.
    method
        Name of the engine, for the result.
    guesses
        What an earlier answer suggests, level by level; for a program of levels alone.
    """
    if isinstance(program, Program):
        outcome = solve_levels(
            program,
            module,
            seconds=seconds,
            gap=gap,
            seed=seed,
            work=work,
            watch=watch,
            method=method,
            guesses=guesses,
        )
        return outcome if program.left_out is None else _with_the_rest(outcome, program, gap)
    if isinstance(program, Parted):
        return solve_parted(
            program, module, seconds=seconds, gap=gap, seed=seed, watch=watch, method=method
        )
    problem = TwoStageProblem(program, seconds, gap * TIGHTER, seed, work)
    return _solve_two_stage(problem, gap, module, watch, method)


def _with_the_rest(outcome: Outcome, program: Program, gap: float) -> Outcome:
    """Lower the bound of a program to what holds of the columns, too, that it leaves out."""
    (reached,) = outcome.levels
    rest = program.left_out or 0
    if reached.bound is None or reached.bound <= rest:
        return outcome
    level, bound = program.levels[0], min(rest, reached.objective)
    near = reached.objective - bound <= Fraction(gap) * max(
        reached.objective - reached.fixed, level.per
    )
    why = CLOCK if reached.why == CLOSED and not near else reached.why
    return replace(outcome, levels=(replace(reached, bound=bound, why=why),), why=why)


def _solve_two_stage(
    problem: TwoStageProblem, gap: float, module: str, watch: Watch, method: str
) -> Outcome:
    """Solve both stages to a gap: by our own engine, or as one large program by any other.

    What is small as one program, and not soon closed by our engine, goes on as one; of both the
    better plan and bound count.
    """
    if module != ENGINE:
        return _outcome(problem, gap, *_extensive(problem, module, watch), method)
    two_stage = problem.two_stage
    small = problem.work is None and two_stage.first.size * two_stage.samples <= SMALL
    answer, seconds, trace = _taken_apart(replace(problem, work=SOON) if small else problem, watch)
    if small and answer.why == WORKED:
        rest = replace(problem, seconds=max(problem.seconds - seconds, LEAST_SECONDS))
        other, more, later = _extensive(rest, GENERAL, watch)
        answer = _better(two_stage, answer, other)
        trace += _after(trace, seconds, later)
        seconds += more
    return _outcome(problem, gap, answer, seconds, trace, method)


def _taken_apart(problem: TwoStageProblem, watch: Watch) -> tuple[TwoStageAnswer, float, Trace]:
    """Solve both stages by our own engine; with its seconds and its trace."""
    found = solve_two_stage(
        problem.two_stage,
        seconds=problem.seconds,
        gap=problem.gap,
        seed=problem.seed,
        watch=watch,
        work=problem.work,
    )
    per = float(problem.two_stage.first.levels[0].per)
    trace = tuple(
        (round(seconds, 3), best / per, bound / per)
        for seconds, best, bound in found.trace
        if isfinite(best) and isfinite(bound)
    )
    return replace(found.answer, bound=found.bound), found.seconds, trace


def _extensive(
    problem: TwoStageProblem, module: str, watch: Watch
) -> tuple[TwoStageAnswer, float, Trace]:
    """Solve all samples at once by a general solver; with its seconds and its trace."""
    began = time.monotonic()
    level = problem.two_stage.first.levels[0]
    trace: list[tuple[float, float, float]] = []

    def found(best: float | None, bound: float | None) -> None:
        seconds, per = time.monotonic() - began, float(level.per)
        shown = None if best is None or not isfinite(best) else best / per
        proven = None if bound is None or not isfinite(bound) else bound / per
        if shown is not None and proven is not None:
            trace.append((round(seconds, 3), shown, proven))
        watch.report(level.name, shown, proven, seconds)

    with borrowed(module) as worker:
        answer = solve_extensive(problem, worker, found, lambda: watch.stop)
    return answer, time.monotonic() - began, tuple(trace)


def _better(two_stage: TwoStage, ours: TwoStageAnswer, other: TwoStageAnswer) -> TwoStageAnswer:
    """The better plan of two, the higher bound, and the prices of ours."""
    best = ours if _total(two_stage, ours) <= _total(two_stage, other) else other
    return replace(
        best,
        bound=max(ours.bound, other.bound),
        why=other.why,
        timed=other.timed,
        certificate=ours.certificate,
    )


def _total(two_stage: TwoStage, answer: TwoStageAnswer) -> Fraction | float:
    """What a plan costs; infinite where there is none."""
    if answer.values is None or answer.recourse is None:
        return inf
    costs = [Fraction(round(cost * EXACT), EXACT) for cost in answer.recourse.tolist()]
    return two_stage.total(answer.values, costs)


def _after(before: Trace, seconds: float, later: Trace) -> Trace:
    """A trace that goes on from another, so many seconds later."""
    best, bound = before[-1][1:] if before else (inf, -inf)
    return tuple((s + seconds, min(best, value), max(bound, least)) for s, value, least in later)


def _outcome(
    problem: TwoStageProblem,
    gap: float,
    answer: TwoStageAnswer,
    seconds: float,
    trace: tuple[tuple[float, float, float], ...],
    method: str,
) -> Outcome:
    """Add an answer up in steps of the level; whether its gap is closed is worked out here."""
    two_stage = problem.two_stage
    lower, upper, _ = two_stage.first.bounds()
    still = lower == upper
    fixed = int(two_stage.cost[still] @ lower[still])
    bound = Fraction(answer.bound) if isfinite(answer.bound) else None
    total = _total(two_stage, answer)
    if isinstance(total, float):
        reached = LevelOutcome(0, fixed, bound, answer.why, seconds, answer.timed, trace, method)
        return Outcome(None, (reached,), answer.why, method)
    why = answer.why
    if bound is not None:
        bound = Fraction(floor(min(bound, total)))  # a hair above the plan is rounding
        per = two_stage.first.levels[0].per
        least = max(HAIR * total, Fraction(1))  # less than a step apart is equal
        closed = total - bound <= max(Fraction(gap) * max(total - fixed, per), least)
        why = CLOSED if closed else CLOCK if why == CLOSED else why
    reached = LevelOutcome(
        objective=total,
        fixed=fixed,
        bound=bound,
        why=why,
        seconds=seconds,
        timed=answer.timed or why == CLOCK,
        trace=trace,
        by=method,
        hair=max(HAIR * total, two_stage.first.levels[0].per),
        prices=None if answer.certificate is None else listed(answer.certificate),
    )
    return Outcome(answer.values, (reached,), why, method, answer.flows)
