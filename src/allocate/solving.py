"""From a question to a reviewed answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any, Unpack

from allocate import registry
from allocate.asked import Asked, Clock, prepare
from allocate.conflict import Conflict, find_conflict
from allocate.core.forms import Form, levels_of, solve_form
from allocate.core.guess import Guess
from allocate.core.outcome import ASKED, CLOCK, CLOSED, IMPOSSIBLE, LevelOutcome, Outcome, Watch
from allocate.core.parted import Parted
from allocate.core.program import Program
from allocate.core.worker import expect, warm
from allocate.errors import ReviewFailed
from allocate.proving import ground
from allocate.record import Answer, Beside
from allocate.result import Level, Result
from allocate.start import Start, read_start
from allocate.stressing import put_to_test
from allocate.study.scenario import Given, Limits, Question
from allocate.study.scenario_file import checked_limits, read_scenario
from allocate.tables import Tables
from allocate.units import Ints
from allocate.verdict import Review

MOST_OF_IT = 0.95  # of the time limit: a solver may end a little late
DECIDE_SHARE = 0.3  # of the time limit, at most, to decide an award by what owners may win
CONFLICT_SHARE = 0.5  # of the time limit, at least, to say what cannot all be met
BRIEF_SHARE = 0.1  # of the time limit, for the same where many cases are asked


def solve(
    where: str | Path | Question,
    *,
    method: str = "allocate",
    start: str | Path | Result | Start | None = None,
    base: Tables | None = None,
    watch: Watch | None = None,
    stress: bool = False,
    brief: bool = False,
    **limits: Unpack[Given],
) -> Result:
    """Answer a question.

    Parameters
    ----------
    where
        A scenario file, the name of a shipped scenario, a case (folder, workbook or data package),
        or a question already read.
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
    brief
        Whether what cannot all be met is named in a small part of the time, the smallest set of
        rules or not: for one case of many.
    limits
        ``seconds``, ``gap``, ``seed`` and ``work`` in place of the scenario's.

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
    run = checked_limits(asked.question.limits, limits)
    if study := registry.study(asked.instance):
        found: Result = study.solve_designs(Answer(asked, run, clock), watch, method)
        return found
    if registry.follow_up(asked.instance):  # what is decided by a penny is not decided by a gap
        run = run.model_copy(update={"gap": 0.0})
    return _Solving(asked, run, clock, watch, module, method, stress, brief).result(start)


@dataclass(frozen=True)
class _Solving:
    """A question on its way to an answer.

    Parameters
    ----------
    asked, run, clock, watch
        The question, its limits, time spent, and progress.
    module, method
        The solver, and its name.
    stress, brief
        As of ``solve``.
    """

    asked: Asked
    run: Limits
    clock: Clock
    watch: Watch
    module: str
    method: str
    stress: bool
    brief: bool

    def result(self, start: str | Path | Result | Start | None) -> Result:
        """Answer it."""
        asked, clock, model = self.asked, self.clock, self.asked.model
        with clock.phase("read"):
            earlier = None if start is None else read_start(start, asked.question.model)
        with clock.phase("build"):
            draft = model.formulate(asked.instance, asked.question.levels)
            guesses = [] if earlier is None else earlier.guesses(model, draft)
        registry.check_method(self.method, draft.program)
        with clock.phase("solve"):
            outcome = self._decided(draft) or self._solved(draft, guesses)
        answer = Answer(asked, self.run, clock, earlier.record if earlier and guesses else None)
        if outcome.values is not None:
            return self._with_plan(answer, draft, outcome, outcome.values)
        impossible = outcome.why == IMPOSSIBLE and not isinstance(draft.program, Parted)
        return answer.without_plan(outcome, self._conflict() if impossible else None)

    def _decided(self, draft: registry.Draft) -> Outcome | None:
        """Decide an award by what owners may win, where that is enough."""
        after = registry.follow_up(self.asked.instance)
        if after is None or self.method != "allocate":
            return None
        seconds = self.run.seconds * DECIDE_SHARE
        decided: Outcome | None = after.decide(self.asked, draft, seconds=seconds, watch=self.watch)
        return decided

    def _solved(self, draft: registry.Draft, guesses: Sequence[Guess]) -> Outcome:
        """Have the program solved."""
        return solve_form(
            draft.program,
            self.module,
            seconds=max(1.0, self.run.seconds - self.clock.spent.get("solve", 0.0)),
            gap=self.run.gap,
            seed=self.run.seed,
            work=self.run.work,
            guesses=guesses,
            watch=self.watch,
            method=self.method,
        )

    def _with_plan(
        self, answer: Answer, draft: registry.Draft, outcome: Outcome, values: Ints
    ) -> Result:
        """Ask what else is asked of a plan, and have it reviewed."""
        asked, clock, run, beside = self.asked, self.clock, self.run, None
        if after := registry.follow_up(asked.instance):
            with clock.phase("solve"):
                left = run.seconds * MOST_OF_IT - clock.spent["solve"]
                values, beside = after.follow(
                    asked, draft, outcome, seconds=left, seed=run.seed, watch=self.watch
                )
        with clock.phase("review"):
            solution = asked.model.read_solution(draft, values, outcome.flows)
            review = asked.model.review(asked.instance, solution, asked.question.levels)
            levels = tuple(_levels(asked, draft.program, outcome, review, run.gap))
            _agree(review, levels, outcome, levels_of(draft.program))
        with clock.phase("test"):
            tested = self._tested(solution) if self.stress else None
        return answer.with_plan(solution, review, levels, outcome, beside, tested)

    def _tested(self, solution: Any) -> Beside | None:
        """Put a plan to the test, where its model has one."""
        spent = self.clock.spent["solve"]
        return put_to_test(self.asked, solution, self.run, spent, self.watch)

    def _conflict(self) -> Conflict:
        """Find what cannot all be met, in the time that is left or in a small part of it all."""
        seconds, spent = self.run.seconds, self.clock.spent["solve"]
        left = max(seconds * MOST_OF_IT - spent, seconds * CONFLICT_SHARE)
        if self.brief:
            left = seconds * BRIEF_SHARE
        with self.clock.phase("solve"):
            return find_conflict(self.asked, self.run, self.module, self.watch, self.method, left)


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
