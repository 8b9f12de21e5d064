"""From a question to a reviewed answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from allocate import registry
from allocate.asked import Asked, Clock, prepare
from allocate.conflict import Conflict, find_conflict
from allocate.core.forms import Form, levels_of, solve_form
from allocate.core.outcome import ASKED, CLOCK, CLOSED, IMPOSSIBLE, LevelOutcome, Outcome, Watch
from allocate.core.parted import Parted
from allocate.core.program import Program
from allocate.core.worker import expect, warm
from allocate.errors import ReviewFailed
from allocate.proving import ground
from allocate.record import Answer
from allocate.result import Level, Result
from allocate.start import Start, read_start
from allocate.stressing import put_to_test
from allocate.study.scenario import Question
from allocate.study.scenario_file import checked_limits, read_scenario
from allocate.tables import Tables
from allocate.verdict import Review

MOST_OF_IT = 0.95  # of the time limit: a solver may end a little late
DECIDE_SHARE = 0.3  # of the time limit, at most, to decide an award by what owners may win
CONFLICT_SHARE = 0.5  # of the time limit, at least, to say what cannot all be met


def solve(
    where: str | Path | Question,
    *,
    seconds: float | None = None,
    gap: float | None = None,
    seed: int | None = None,
    work: int | None = None,
    method: str = "allocate",
    start: str | Path | Result | Start | None = None,
    base: Tables | None = None,
    watch: Watch | None = None,
    stress: bool = False,
) -> Result:
    """Answer a question.

    Parameters
    ----------
    where
        A scenario file, the name of a shipped scenario, a case (folder, workbook or data package),
        or a question already read.
    seconds, gap, seed, work
        Limits in place of the scenario's.
    method
        ``allocate``, ``highs``, ``scip``, ``cp-sat`` or ``pulp``.
    start
        An earlier answer of the same model to start from, as its folder, as the result itself or
        as already read: its plan, completed and repaired, and its prices. Neither is believed.
    base
        The case of the question, where that has been read already.
    watch
        Progress out, the wish to stop in.
    stress
        Whether the plan is put to the test, too, where its model has a test for plans.

    Returns
    -------
    Result
        The answer, reviewed; what cannot all be met is a result too.

    Raises
    ------
    BadInput
        For a question, case or start that cannot be understood, with all its faults.
    ReviewFailed
        Where the independent review disagrees with the solver.
    SolverFailed
        Where the solver broke down.
    """
    clock, watch = Clock(), watch or Watch()
    module = registry.method_module(method)
    warm(module, 1)  # it loads while the case is read
    with clock.phase("read"):
        asking = where if isinstance(where, Question) else read_scenario(where)
    if len(asking.levels) == 1:
        expect(module)
    asked = prepare(asking, clock, base)
    question, instance, model = asked.question, asked.instance, asked.model
    run = checked_limits(
        question.limits, {"seconds": seconds, "gap": gap, "seed": seed, "work": work}
    )
    if study := registry.study(instance):
        found: Result = study.solve_designs(Answer(asked, run, clock), watch, method)
        return found
    after = registry.follow_up(instance)
    if after:  # what is decided by a penny is not decided by a gap
        run = run.model_copy(update={"gap": 0.0})
    with clock.phase("read"):
        earlier = None if start is None else read_start(start, question.model)
    with clock.phase("build"):
        draft = model.formulate(instance, question.levels)
        guesses = [] if earlier is None else earlier.guesses(model, draft)
    registry.check_method(method, draft.program)
    with clock.phase("solve"):
        decided = None
        if after and method == "allocate":
            decided = after.decide(asked, draft, seconds=run.seconds * DECIDE_SHARE, watch=watch)
        outcome = decided or solve_form(
            draft.program,
            module,
            seconds=max(1.0, run.seconds - clock.spent.get("solve", 0.0)),
            gap=run.gap,
            seed=run.seed,
            work=run.work,
            guesses=guesses,
            watch=watch,
            method=method,
        )
    answer = Answer(asked, run, clock, earlier.record if earlier and guesses else None)
    if outcome.values is None:
        conflict = None
        if outcome.why == IMPOSSIBLE and not isinstance(draft.program, Parted):
            conflict = _conflict(answer, module, watch, method)
        return answer.without_plan(outcome, conflict)
    values, beside = outcome.values, None
    if after:
        with clock.phase("solve"):
            left = run.seconds * MOST_OF_IT - clock.spent["solve"]
            values, beside = after.follow(
                asked, draft, outcome, seconds=left, seed=run.seed, watch=watch
            )
    with clock.phase("review"):
        solution = model.read_solution(draft, values, outcome.flows)
        review = model.review(instance, solution, question.levels)
        levels = tuple(_levels(asked, draft.program, outcome, review, run.gap))
        _agree(review, levels, outcome, levels_of(draft.program))
    with clock.phase("test"):
        tested = put_to_test(asked, solution, run, clock.spent["solve"], watch) if stress else None
    return answer.with_plan(solution, review, levels, outcome, beside, tested)


def _conflict(answer: Answer, module: str, watch: Watch, method: str) -> Conflict:
    """Find what cannot all be met, in the time that is left."""
    seconds, clock = answer.run.seconds, answer.clock
    left = max(seconds * MOST_OF_IT - clock.spent["solve"], seconds * CONFLICT_SHARE)
    with clock.phase("solve"):
        return find_conflict(answer.asked, answer.run, module, watch, method, left)


def review_plan(where: str | Path | Question, solution: Any) -> Review:
    """Review a plan for a question without any solver.

    Parameters
    ----------
    where
        The question.
    solution
        The model's plan, such as ``allocate.homecare.solution.Solution``.
    """
    asked = prepare(where)
    return asked.model.review(asked.instance, solution, asked.question.levels)


def _levels(
    asked: Asked, program: Form, outcome: Outcome, review: Review, gap: float
) -> Iterator[Level]:
    """Put what the engine proved beside what the review counted, in the units of the card."""
    for number, words in enumerate(asked.question.levels):
        reached = outcome.levels[number] if number < len(outcome.levels) else None
        per = levels_of(program)[number].per
        rests = ground(asked, program, number, reached, review.least[number])
        level = Level(
            name=words.name,
            terms=words.terms,
            unit=asked.tables.card.unit_of(words.terms),
            objective=review.levels[number],
            fixed=_fixed(program, reached.fixed / per, review.least[number]) if reached else None,
            bound=reached.bound / per if reached and reached.bound is not None else None,
            why_stopped=reached.why if reached else ASKED,
            proof=rests.proof,
            proven=rests.proven,
            prices=rests.prices,
            seconds=reached.seconds if reached else 0.0,
            trace=reached.trace if reached else (),
        )
        yield replace(level, why_stopped=CLOCK) if _wide(level, reached, per, gap) else level


def _wide(level: Level, reached: LevelOutcome | None, per: Fraction, gap: float) -> bool:
    """Whether a gap that an engine of two stages calls closed is wider than was asked for.

    It does not know all of what no decision changes.
    """
    if reached is None or not reached.hair or level.bound is None or level.gap is None:
        return False
    near = level.objective - level.bound <= reached.hair / per
    return level.why_stopped == CLOSED and level.gap > gap and not near


def _fixed(program: Form, found: Fraction, least: Fraction) -> Fraction:
    """The part that no decision changes; of two stages an engine sees only some of it."""
    return found if isinstance(program, Program) else max(found, least)


def _agree(review: Review, levels: Sequence[Level], outcome: Outcome, built: Sequence[Any]) -> None:
    """Refuse an answer that the review does not confirm, with both numbers."""
    faults = list(review.faults)
    reached: Sequence[LevelOutcome] = outcome.levels
    for level, claim, steps in zip(levels, reached, built, strict=False):
        claimed = Fraction(claim.objective) / steps.per
        if level.objective > claimed + claim.hair / steps.per:
            faults.append(
                f"{level.name}: the solver says {float(claimed):,.6g}, "
                f"the review counts {float(level.objective):,.6g}"
            )
        for least, what in ((level.bound, "the bound"), (level.proven, "what prices prove,")):
            if least is not None and level.objective < least:
                faults.append(
                    f"{level.name}: the review counts {float(level.objective):,.6g}, "
                    f"below {what} {float(least):,.6g}"
                )
    if faults:
        listed = "\n".join(f"  {fault}" for fault in faults)
        raise ReviewFailed(f"The review rejects the solver's plan; no answer is given.\n{listed}")
