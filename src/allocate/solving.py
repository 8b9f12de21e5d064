"""From a question to a reviewed answer."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

from allocate import registry
from allocate.card import Card
from allocate.core.levels import solve_levels
from allocate.core.outcome import ASKED, CLOSED, IMPOSSIBLE, LevelOutcome, Outcome, Watch
from allocate.core.program import Program
from allocate.errors import BadInput, ReviewFailed, SolverFailed
from allocate.report.text import render
from allocate.result import FEASIBLE, INFEASIBLE, OPTIMAL, STOPPED, Level, Result, plain, versions
from allocate.study.change import apply, in_words
from allocate.study.scenario import (
    LevelWords,
    Limits,
    Question,
    checked_limits,
    read_scenario,
)
from allocate.tables import Tables, read
from allocate.verdict import Review

ELASTIC_SHARE = 0.5  # of the time limit, for finding out which rules cannot all be met


@dataclass
class Clock:
    """Seconds spent in each phase."""

    spent: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Time a block."""
        began = time.monotonic()
        try:
            yield
        finally:
            self.spent[name] = self.spent.get(name, 0.0) + time.monotonic() - began


def solve(
    where: str | Path | Question,
    *,
    seconds: float | None = None,
    gap: float | None = None,
    seed: int | None = None,
    method: str = "highs",
    watch: Watch | None = None,
) -> Result:
    """Answer a question.

    Parameters
    ----------
    where
        A scenario file, the name of a shipped scenario, a case folder, or a question already read.
    seconds, gap, seed
        Limits in place of the scenario's.
    method
        ``highs``, ``scip``, ``cp-sat`` or ``pulp``.
    watch
        Progress out, the wish to stop in.

    Returns
    -------
    Result
        The answer, reviewed; what cannot all be met is a result too.

    Raises
    ------
    BadInput
        For a question or case that cannot be understood, with all its faults.
    ReviewFailed
        Where the independent review disagrees with the solver.
    SolverFailed
        Where the solver broke down.
    """
    clock, watch = Clock(), watch or Watch()
    module = registry.method_module(method)
    question, changed, instance = prepare(where, clock)
    model = registry.model(question.model)
    run = checked_limits(question.limits, {"seconds": seconds, "gap": gap, "seed": seed})
    with clock.phase("build"):
        draft = model.formulate(instance, question.levels)
    with clock.phase("solve"):
        outcome = _run(draft.program, module, run, watch, method)
    answer = _Answer(question, changed, instance, method, run, clock)
    if outcome.values is None:
        return answer.without_plan(outcome, module, watch)
    with clock.phase("review"):
        solution = model.read_solution(draft, outcome.values)
        review = model.review(instance, solution, question.levels)
        levels = _levels(question.levels, draft.program.levels, outcome, review, changed.card)
        _agree(review, levels, outcome, draft.program.levels)
    return answer.with_plan(solution, review, levels, outcome)


def prepare(
    where: str | Path | Question, clock: Clock | None = None
) -> tuple[Question, Tables, Any]:
    """Read a question and its case, make the changes, and build the instance.

    Raises
    ------
    BadInput
        With every fault found.
    """
    clock = clock or Clock()
    with clock.phase("read"):
        question = where if isinstance(where, Question) else read_scenario(where)
        tables = read(question.case, question.model)
    with clock.phase("check"):
        changed = apply(tables, question.changes, question.name)
    with clock.phase("build"):
        model = registry.model(question.model)
        instance = model.build(changed, question)
        if faults := model.price_faults(instance, question):
            raise BadInput(question.name, faults)
    return question, changed, instance


def _run(program: Program, module: str, limits: Limits, watch: Watch, method: str) -> Outcome:
    return solve_levels(
        program,
        module,
        seconds=limits.seconds,
        gap=limits.gap,
        seed=limits.seed,
        watch=watch,
        method=method,
    )


def review_plan(where: str | Path | Question, solution: Any) -> Review:
    """Review a plan for a question without any solver.

    Parameters
    ----------
    where
        The question.
    solution
        The model's plan, such as ``allocate.homecare.solution.Solution``.
    """
    question, _, instance = prepare(where)
    return registry.model(question.model).review(instance, solution, question.levels)


@dataclass
class _Answer:
    """Everything about a run that its result records, whatever came out."""

    question: Question
    tables: Tables
    instance: Any
    method: str
    run: Limits
    clock: Clock

    def with_plan(
        self, solution: Any, review: Review, levels: tuple[Level, ...], outcome: Outcome
    ) -> Result:
        """Return the answer that has a plan."""
        model = registry.model(self.question.model)
        closed = all(level.why_stopped == CLOSED for level in levels)
        status = OPTIMAL if closed else FEASIBLE
        headline = next((level for level in levels if level.why_stopped != CLOSED), levels[-1])
        record = self._record(status, outcome) | {
            "levels": [level.as_json() for level in levels],
            **{
                key: headline.as_json()[key]
                for key in ("objective", "fixed", "bound", "gap", "gap_pounds", "unit")
            },
            "terms": self._terms(review),
            "rules": self._measured(review),
            "review": {"passed": True, "faults": []},
        }
        certificate = {
            "levels": [
                {"name": level.name, "bound": plain(level.bound), "proof": level.proof}
                for level in levels
            ],
            "meaning": {
                "arithmetic": "each package at its cheapest option: the review counts the same",
                "solver's word": "the bound rests on the solver's search tree, which is not kept",
            },
        }
        sections = model.summarise(self.instance, solution, review)
        summary = render(self.question, self.tables, record, levels, sections)
        tables = model.answer_tables(self.instance, solution)
        return Result(status, record, tables, levels, summary, certificate)

    def without_plan(self, outcome: Outcome, module: str, watch: Watch) -> Result:
        """Return the answer that has no plan: what cannot all be met, or stopped too early."""
        status = INFEASIBLE if outcome.why == IMPOSSIBLE else STOPPED
        conflict, timed = self._conflict(module, watch) if status == INFEASIBLE else ([], False)
        record = self._record(status, outcome) | {
            "levels": [],
            "objective": None,
            "fixed": None,
            "bound": None,
            "gap": None,
            "gap_pounds": None,
            "unit": None,
            "terms": {},
            "rules": self._rules(),
            "conflict": conflict,
            "replayable": status == INFEASIBLE and not timed,
            "review": {"passed": None, "faults": []},
        }
        summary = render(self.question, self.tables, record, (), [])
        return Result(status, record, {}, (), summary, {"levels": []})

    def _conflict(self, module: str, watch: Watch) -> tuple[list[dict[str, Any]], bool]:
        """Solve once with every hard rule at a price; say which rules break, and if timed."""
        with self.clock.phase("solve"):
            model = registry.model(self.question.model)
            elastic = self.instance.elastic()
            levels = [LevelWords(name="shortfalls", terms={"shortfalls": 1.0})]
            draft = model.formulate(elastic, levels)
            run = self.run.model_copy(update={"seconds": self.run.seconds * ELASTIC_SHARE})
            outcome = _run(draft.program, module, run, watch, self.method)
            timed = outcome.why != CLOSED or any(level.timed for level in outcome.levels)
            if outcome.values is None:
                return [_unnamed(outcome.why)], timed
            solution = model.read_solution(draft, outcome.values)
            review = model.review(elastic, solution, levels)
            if review.faults:
                raise ReviewFailed("\n  ".join(["The review rejects the plan:", *review.faults]))
            conflict = model.conflict_words(self.instance, review)
            if not conflict:
                problem = "calls this impossible, yet a plan keeps every hard rule"
                raise SolverFailed(f"The solver {problem}. Try another --method")
            return conflict, timed

    def _record(self, status: str, outcome: Outcome) -> dict[str, Any]:
        """Return the part of ``result.json`` that every answer has."""
        why = outcome.why
        return {
            "question": self.question.text,
            "model": self.question.model,
            "scenario": self.question.name,
            "case": self.tables.name,
            "status": status,
            "why_stopped": why,
            "replayable": why in (CLOSED, IMPOSSIBLE) and not any(x.timed for x in outcome.levels),
            "conflict": [],
            "changes": [
                {"words": in_words(change), **change.model_dump(mode="json", exclude_defaults=True)}
                for change in self.question.changes
            ],
            "parameters": self._parameters(),
            "assumptions": [str(item) for item in self.instance.assumptions],
            "warnings": list(self.instance.warnings),
            "ignored": list(self.tables.ignored),
            "seconds": {
                name: round(self.clock.spent.get(name, 0.0), 3)
                for name in ("read", "check", "build", "solve", "review", "write")
            },
            "method": outcome.method,
            "seed": self.run.seed,
            "limits": self.run.model_dump(),
            "versions": versions(),
            "inputs": dict(self.tables.hashes),
        }

    def _parameters(self) -> dict[str, Any]:
        """Every number and word that the answer depends on besides the tables."""
        card = self.tables.card
        record = {
            key: {"value": value, "unit": card.parameters[key].unit}
            for key, value in self.instance.parameters.items()
        }
        for rule, setting in self.question.rules.items():
            unit = card.rules[rule].unit_for(setting.options)
            if card.rules[rule].takes_value:
                record[f"{rule}.value"] = {
                    "value": setting.value,
                    "unit": card.rules[rule].value_unit,
                }
            record[f"{rule}.price"] = {"value": setting.price, "unit": f"points for each of {unit}"}
            for key, value in setting.options.items():
                record[f"{rule}.{key}"] = {
                    "value": value,
                    "unit": card.rules[rule].options[key].unit,
                }
        return record

    def _terms(self, review: Review) -> dict[str, Any]:
        words = self.tables.card.terms
        return {
            term: {"amount": plain(amount), "unit": words[term].unit, "kind": words[term].kind}
            for term, amount in review.terms.items()
        }

    def _rules(self) -> dict[str, Any]:
        """How each rule stands in this question."""
        words = self.tables.card.rules
        return {
            rule: {
                "kind": words[rule].kind,
                "mode": setting.mode,
                "value": setting.value,
                "options": dict(setting.options),
                "unit": words[rule].unit_for(setting.options),
                "slack": None,
                "short_by": None,
                "price": setting.price,
                "where": [],
            }
            for rule, setting in self.question.rules.items()
        }

    def _measured(self, review: Review) -> dict[str, Any]:
        """The same with what the review measured."""
        record = self._rules()
        for rule, found in review.rules.items():
            record[rule]["slack"] = plain(found.slack)
            record[rule]["short_by"] = plain(found.short_by)
            record[rule]["where"] = found.listed()
        return record


def _unnamed(why: str) -> dict[str, Any]:
    """Say why no rule can be named."""
    text = "No rule alone is to blame: pins and data together leave no plan."
    if why not in (CLOSED, IMPOSSIBLE):
        text = "The run ended before the rules in conflict were found: allow more seconds."
    return {
        "rule": None,
        "kind": None,
        "short_by": None,
        "unit": None,
        "where": [],
        "words": [text],
    }


def _levels(
    asked: Sequence[LevelWords],
    built: Sequence[Any],
    outcome: Outcome,
    review: Review,
    card: Card,
) -> tuple[Level, ...]:
    """Put what the engine proved beside what the review counted, in the units of the card."""
    levels = []
    for number, words in enumerate(asked):
        only = next(iter(words.terms)) if len(words.terms) == 1 else None
        unit = card.terms[only].unit if only and words.terms[only] == 1 else "points"
        reached = outcome.levels[number] if number < len(outcome.levels) else None
        per = built[number].per

        def units(steps: int | None, per: Fraction = per) -> Fraction | None:
            return None if steps is None else Fraction(steps) / per

        bound = units(reached.bound if reached else None)
        certified = bound is not None and review.least[number] >= bound
        levels.append(
            Level(
                name=words.name,
                terms=words.terms,
                unit=unit,
                objective=review.levels[number],
                fixed=units(reached.fixed if reached else None),
                bound=bound,
                why_stopped=reached.why if reached else ASKED,
                proof="arithmetic" if certified else "solver's word" if bound is not None else "",
                seconds=reached.seconds if reached else 0.0,
                trace=reached.trace if reached else (),
            )
        )
    return tuple(levels)


def _agree(review: Review, levels: Sequence[Level], outcome: Outcome, built: Sequence[Any]) -> None:
    """Refuse an answer that the review does not confirm, with both numbers."""
    faults = list(review.faults)
    reached: Sequence[LevelOutcome] = outcome.levels
    for level, claim, steps in zip(levels, reached, built, strict=False):
        claimed = Fraction(claim.objective) / steps.per
        if level.objective > claimed:
            faults.append(
                f"{level.name}: the solver says {float(claimed):,.6g}, "
                f"the review counts {float(level.objective):,.6g}"
            )
        if level.bound is not None and level.objective < level.bound:
            faults.append(
                f"{level.name}: the review counts {float(level.objective):,.6g}, "
                f"below the bound {float(level.bound):,.6g}"
            )
    if faults:
        listed = "\n".join(f"  {fault}" for fault in faults)
        raise ReviewFailed(f"The review rejects the solver's plan; no answer is given.\n{listed}")
