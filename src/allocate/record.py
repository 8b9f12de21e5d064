"""What a result records of a run, whatever came out of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd

from allocate import registry
from allocate.asked import Asked, Clock
from allocate.assume import as_table
from allocate.conflict import Conflict
from allocate.conflict_record import recorded
from allocate.core.outcome import CLOSED, COMPARED, IMPOSSIBLE, WORKED, Outcome
from allocate.files.canonical import text
from allocate.proving import MEANING
from allocate.report.text import render
from allocate.result import FEASIBLE, INFEASIBLE, OPTIMAL, STOPPED, Level, Result, plain, versions
from allocate.study.change import in_words
from allocate.study.scenario import Limits
from allocate.study.written import as_toml
from allocate.verdict import Review


@dataclass(frozen=True)
class Beside:
    """What stands beside a plan, or after it.

    Parameters
    ----------
    sections
        Of the summary.
    tables
        By file name without its ending.
    letters
        Texts about it, by file name.
    timed
        Whether the clock had a say in it.
    """

    sections: Sequence[tuple[str, list[str]]] = ()
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    letters: Mapping[str, str] = field(default_factory=dict)
    timed: bool = False


@dataclass
class Answer:
    """Everything about a run that its result records, whatever came out.

    Parameters
    ----------
    asked, run
        The question and its limits.
    clock
        Time spent.
    start
        What the run started from, or None.
    """

    asked: Asked
    run: Limits
    clock: Clock
    start: Mapping[str, Any] | None = None

    def with_plan(
        self,
        solution: Any,
        review: Review,
        levels: tuple[Level, ...],
        outcome: Outcome,
        beside: Beside | None = None,
        after: Beside | None = None,
    ) -> Result:
        """Return the answer that has a plan, with what else was asked of it."""
        beside, after = beside or Beside(), after or Beside()
        model = self.asked.model
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
            "levels": [level.as_certificate() for level in levels],
            "meaning": MEANING,
        }
        record["replayable"] = record["replayable"] and not after.timed
        plan = model.summarise(self.asked.instance, solution, review)
        sections = [*beside.sections, *plan, *after.sections]
        summary = render(self.asked.question, self.asked.tables, record, levels, sections)
        tables = {
            **model.answer_tables(self.asked.instance, solution),
            **beside.tables,
            **after.tables,
        }
        found = self._result(status, record, summary, tables, levels, certificate)
        drawings = registry.drawings(model, self.asked.instance, solution)
        return replace(found, drawings=drawings, letters=beside.letters)

    def without_plan(self, outcome: Outcome, found: Conflict | None) -> Result:
        """Return the answer that has no plan: what cannot all be met, or stopped too early.

        Where no rules were looked at, the model says why there is none.
        """
        status = INFEASIBLE if outcome.why == IMPOSSIBLE else STOPPED
        record = self._record(status, outcome) | {
            "levels": [],
            "objective": None,
            "fixed": None,
            "bound": None,
            "gap": None,
            "gap_pounds": None,
            "unit": None,
            "terms": {},
            "rules": rules_of(self.asked),
            "replayable": found is not None and not found.timed,
            "review": {"passed": None, "faults": []},
            **({} if found is None else recorded(self.asked, found)),
        }
        reasons = [] if found else registry.why_none(self.asked.model, self.asked.instance)
        said = [("Why there is no plan", reasons)] if status == INFEASIBLE and reasons else []
        summary = render(self.asked.question, self.asked.tables, record, (), said)
        return self._result(status, record, summary)

    def of_study(
        self,
        sections: Sequence[tuple[str, list[str]]],
        tables: Mapping[str, pd.DataFrame],
        method: str,
    ) -> Result:
        """Return the answer of a study: several plans side by side, none of them the answer.

        Parameters
        ----------
        sections
            The study in plain words.
        tables
            What stands behind them, by file name without its ending.
        method
            Which engine answered.
        """
        record = self._record(FEASIBLE, Outcome(None, (), COMPARED, method)) | {
            "levels": [],
            **dict.fromkeys(("objective", "fixed", "bound", "gap", "gap_pounds", "unit")),
            "terms": {},
            "rules": rules_of(self.asked),
            "review": {"passed": True, "faults": []},
        }
        summary = render(self.asked.question, self.asked.tables, record, (), sections)
        return self._result(FEASIBLE, record, summary, tables)

    def _result(
        self,
        status: str,
        record: Mapping[str, Any],
        summary: str,
        tables: Mapping[str, pd.DataFrame] | None = None,
        levels: tuple[Level, ...] = (),
        certificate: Mapping[str, Any] | None = None,
    ) -> Result:
        """Put the answer and the question that it answers into one result."""
        base, question = self.asked.base, self.asked.question
        words = base.card.tables
        return Result(
            status=status,
            record=record,
            tables=tables or {},
            levels=levels,
            summary=summary,
            certificate=certificate or {"levels": []},
            assumed=as_table(self.asked.instance.assumptions),
            question=as_toml(question, base.name, self.run),
            case={name: text(base[name], words[name]) for name in words if base.has(name)},
        )

    def _record(self, status: str, outcome: Outcome) -> dict[str, Any]:
        """Return the part of ``result.json`` that every answer has."""
        why = outcome.why
        return {
            "question": self.asked.question.text,
            "model": self.asked.question.model,
            "scenario": self.asked.question.name,
            "case": self.asked.tables.name,
            "status": status,
            "why_stopped": why,
            "replayable": why in (CLOSED, IMPOSSIBLE, WORKED)
            and not any(x.timed for x in outcome.levels),
            "conflict": [],
            "ways_out": [],
            "conflict_proof": None,
            "changes": [
                {
                    "words": in_words(change, self.asked.tables.card.tables[change.table]),
                    **change.model_dump(mode="json", exclude_defaults=True),
                }
                for change in self.asked.question.changes
            ],
            "parameters": parameters_of(self.asked),
            "assumptions": [str(item) for item in self.asked.instance.assumptions],
            "warnings": list(self.asked.instance.warnings),
            "notes": list(self.asked.tables.notes),
            "ignored": list(self.asked.tables.ignored),
            "seconds": {
                name: round(self.clock.spent.get(name, 0.0), 3)
                for name in ("read", "check", "build", "solve", "review", "test", "write")
            },
            "method": outcome.method,
            "start": self.start,
            "seed": self.run.seed,
            "limits": self.run.model_dump(exclude_none=True),
            "versions": versions(),
            "inputs": dict(self.asked.tables.hashes),
        }

    def _terms(self, review: Review) -> dict[str, Any]:
        words = self.asked.tables.card.terms
        return {
            term: {"amount": plain(amount), "unit": words[term].unit, "kind": words[term].kind}
            for term, amount in review.terms.items()
        }

    def _measured(self, review: Review) -> dict[str, Any]:
        """The same with what the review measured."""
        record = rules_of(self.asked)
        for rule, found in review.rules.items():
            record[rule]["slack"] = plain(found.slack)
            record[rule]["short_by"] = plain(found.short_by)
            record[rule]["where"] = found.listed()
        return record


def parameters_of(asked: Asked) -> dict[str, Any]:
    """Every number and word that the answer depends on besides the tables."""
    card = asked.tables.card
    record = {
        key: {"value": value, "unit": card.parameters[key].unit}
        for key, value in asked.instance.parameters.items()
    }
    for rule, setting in asked.instance.rules.items():
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


def rules_of(asked: Asked) -> dict[str, Any]:
    """How each rule stands in this question."""
    words = asked.tables.card.rules
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
        for rule, setting in asked.instance.rules.items()
    }
