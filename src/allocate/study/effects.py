"""What each rule does: the answer with each of them left out in turn, and with others kept.

The price of a rule is what the best plans with it and without it differ by (the value of a
constraint in the sense of sensitivity analysis, but between whole plans: no multiplier stands for
it), with what is proven of both.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

import numpy as np
import pandas as pd

from allocate.asked import Asked, prepare
from allocate.card import Card, read_card
from allocate.core.program import Program
from allocate.errors import BadInput
from allocate.findings import Findings, Section
from allocate.registry import Draft
from allocate.study.apart import Apart, apart, rank
from allocate.study.asking import Study, known_rule, with_rule
from allocate.study.case import Done
from allocate.study.scenario import Question
from allocate.study.settling import ask
from allocate.units import with_unit

Asks = Literal["left out", "kept", "none"]
SHOWN = ("cash", "people")  # kinds of terms that are told of every rule
NOTES = (
    "More and less are beside the answer as asked. A range is proven from both sides: the best",
    "plans differ by no less and no more. Each level is compared among plans that do as well on",
    "the levels before it; where those are not closed, only the plans found are compared. What",
    "each bound rests on is in the result folders, under cases.",
)


@dataclass(frozen=True)
class Effect:
    """What one rule does.

    Parameters
    ----------
    rule
        Its id.
    asks
        Whether the rule was left out, was made to bind, or was not asked about.
    why_not
        Why it was not.
    done
        What came of asking.
    apart
        Each level, beside the question as it is asked.
    """

    rule: str
    asks: Asks
    why_not: str = ""
    done: Done | None = None
    apart: tuple[Apart, ...] = ()

    @property
    def order(self) -> tuple[Any, ...]:
        """What does most comes first, what was not asked about last."""
        if self.done is None:
            return (2, 0, 0)
        if not self.apart:
            return (0, 0, 0) if self.done.status == "infeasible" else (1, 1000, 0)
        return (1, *rank(self.apart))


def effects(question: Question, study: Study, only: str | None = None) -> Findings:
    """Ask what each rule of a question does.

    Parameters
    ----------
    question
        The question.
    study
        Where to keep the answers, and the time.
    only
        One rule, where not all are asked about.

    Raises
    ------
    BadInput
        For a rule that is none, or a question that has no answer.
    """
    card = read_card(question.model)
    if only is not None:
        known_rule(card, only)
    asked = prepare(question)
    draft = asked.model.formulate(asked.instance, question.levels)
    rules = [only] if only else list(card.rules)
    found: dict[str, Effect] = {}
    others: dict[str, Question] = {}
    for rule in rules:
        other, effect = _other(asked, draft, rule)
        found[rule] = effect
        if other is not None:
            others[rule] = other
    base, done = ask(study, question, others)
    for rule, ended in done.items():
        side = -1 if found[rule].asks == "left out" else 1
        levels = apart(base.record["levels"], ended.record.get("levels", ()), side) \
            if ended.has_plan else []  # fmt: skip
        found[rule] = Effect(rule, found[rule].asks, "", ended, tuple(levels))
    ordered = sorted(found.values(), key=lambda effect: effect.order)
    return Findings(
        f"What each rule does: {question.text}",
        list(_sections(card, question, base, ordered)),
        {
            "rules": _rules(card, question, ordered),
            "levels": _levels(card, base, ordered),
            "terms": _terms(base, ordered),
        },
    )


def _other(asked: Asked, draft: Draft, rule: str) -> tuple[Question | None, Effect]:
    """Return the question that shows what a rule does, or why there is none."""
    question = asked.question
    setting = question.rules[rule]
    if rule not in asked.model.FREE_TO_CHANGE:
        return None, Effect(rule, "none", "not asked about: the model has no form without it")
    if setting.mode == "off":
        return None, Effect(rule, "none", "it is off in this question")
    asks: Asks = "kept" if setting.mode == "report" else "left out"
    if setting.value is None and read_card(question.model).rules[rule].takes_value:
        return None, Effect(rule, "none", "it has no value in this question")
    other = with_rule(question, rule, mode="hard" if asks == "kept" else "report")
    try:
        alike = _alike(draft, asked, other)
    except BadInput as error:  # the model has the rule in this question, and not otherwise
        return None, Effect(rule, "none", f"not asked about: {error.faults[0].problem}")
    if alike:
        words = "changes nothing: with it and without it the other rules leave the same plans"
        return None, Effect(rule, asks, words)
    return other, Effect(rule, asks)


def _alike(draft: Draft, asked: Asked, other: Question) -> bool:
    """Whether another setting of rules makes the very same program."""
    model = asked.model
    then = model.formulate(model.build(asked.tables, other), other.levels).program
    now = draft.program
    if not isinstance(now, Program) or not isinstance(then, Program) or now.size != then.size:
        return False
    one, two = now.flat(), then.flat()
    if one.matrix.shape != two.matrix.shape or (one.matrix != two.matrix).nnz:
        return False
    arrays = [
        (getattr(one, name), getattr(two, name)) for name in ("low", "high", "lower", "upper")
    ]
    arrays += [(a.coef, b.coef) for a, b in zip(now.levels, then.levels, strict=True)]
    return all(np.array_equal(a, b) for a, b in arrays)


def _sections(card: Card, question: Question, base: Done, found: list[Effect]) -> Iterator[Section]:
    """Say what each rule does, what does most first; laws apart, for nobody relaxes them."""
    levels = base.record["levels"]
    yield (
        "The answer as asked",
        [f"{one['name']}: {one['objective']:,} {one['unit']}" for one in levels],
    )
    laws = {rule for rule, words in card.rules.items() if words.kind == "law"}
    left = [one for one in found if one.done and one.asks == "left out"]
    groups = {
        "Rules that bind, each left out in turn": [one for one in left if one.rule not in laws],
        "Laws, which nobody may leave out: what keeping each costs, beside a world without it": [
            one for one in left if one.rule in laws
        ],
        "Rules that only measure, if each had to be kept": [
            one for one in found if one.done and one.asks == "kept"
        ],
        "Not asked": [one for one in found if one.done is None],
    }
    for title, effects in groups.items():
        lines = [line for one in effects for line in _said(card, question, one, base)]
        if lines:
            yield title, lines
    yield "How to read this", list(NOTES)


def _said(card: Card, question: Question, effect: Effect, base: Done) -> Iterator[str]:
    """Say what one rule does."""
    words, setting = card.rules[effect.rule], question.rules[effect.rule]
    yield f"{words.title} [{effect.rule}, {words.kind}, {setting.mode}]"
    if effect.done is None:
        yield f"  {effect.why_not}"
    elif effect.done.status == "infeasible":
        yield "  cannot all be met: `allocate solve` with that rule hard says what conflicts"
    elif not effect.apart:
        yield f"  no plan in the time given{effect.done.problem and f': {effect.done.problem}'}"
    elif all(one.same for one in effect.apart):
        yield "  every level stays as it is: it decides nothing here"
    else:
        for one in effect.apart:
            if not one.same:
                yield f"  {one.level}: {one}"
        yield from _beside(card, question, base, effect)
    if effect.apart and effect.asks == "left out":
        record = effect.done.record["rules"][effect.rule] if effect.done else {}
        if record["short_by"]:
            amount = with_unit(f"{record['short_by']:,}", record["unit"])
            yield f"  that plan is short of the rule by {amount}{_own(question, effect, base)}"


def _beside(card: Card, question: Question, base: Done, effect: Effect) -> Iterator[str]:
    """Say money and people of the plans found, where no level is about them alone."""
    alone = {term for level in question.levels if len(level.terms) == 1 for term in level.terms}
    for row in _terms(base, [effect]).to_dict("records"):
        words = card.terms[row["term"]]
        if row["term"] not in alone and words.kind in SHOWN and row["plans_apart"]:
            one = Apart(words.title, words.unit, Fraction(str(row["plans_apart"])), None, None)
            yield f"  {words.title}: {one}"


def _own(question: Question, effect: Effect, base: Done) -> str:
    """Say what a soft rule was short by as asked: its points are gone where it is left out."""
    if question.rules[effect.rule].mode != "soft":
        return ""
    before = base.record["rules"][effect.rule]["short_by"]
    return f", in place of {before:,}; its own points count no more"


def _rules(card: Card, question: Question, found: list[Effect]) -> pd.DataFrame:
    """One row a rule."""
    rows = []
    for place, effect in enumerate(found, start=1):
        words, record = card.rules[effect.rule], {} if effect.done is None else effect.done.record
        by_level = {one.level: one for one in effect.apart}
        rows.append(
            {
                "place": place,
                "rule": effect.rule,
                "title": words.title,
                "kind": words.kind,
                "mode": question.rules[effect.rule].mode,
                "asked": "left out, on paper only"
                if words.kind == "law" and effect.asks == "left out"
                else effect.asks,
                "status": effect.why_not or (effect.done.status if effect.done else ""),
                "short_by_then": record.get("rules", {}).get(effect.rule, {}).get("short_by"),
                "unit": words.unit,
                **{name: str(one) for name, one in by_level.items()},
            }
        )
    return pd.DataFrame(rows)


def _terms(base: Done, found: list[Effect]) -> pd.DataFrame:
    """One row a rule and term: what the plans found come to."""
    rows = [
        (effect.rule, term, words["kind"], words["unit"], before, after, after - before)
        for effect in found
        if effect.done is not None
        for term, words in effect.done.record.get("terms", {}).items()
        for before, after in [(base.record["terms"][term]["amount"], words["amount"])]
    ]
    columns = ["rule", "term", "kind", "unit", "as_asked", "then", "plans_apart"]
    return pd.DataFrame(rows, columns=columns)


def _levels(card: Card, base: Done, found: list[Effect]) -> pd.DataFrame:
    """One row a rule and level."""
    rows: list[Mapping[str, Any]] = []
    for effect in found:
        if effect.done is None or not effect.apart:
            continue
        pairs = zip(base.record["levels"], effect.done.record["levels"], strict=True)
        for one, (before, after) in zip(effect.apart, pairs, strict=True):
            rows.append(
                {
                    "rule": effect.rule,
                    "kind": card.rules[effect.rule].kind,
                    "asked": effect.asks,
                    "level": one.level,
                    "unit": one.unit,
                    "as_asked": before["objective"],
                    "then": after["objective"],
                    "plans_apart": float(one.plans),
                    "at_least": None if one.low is None else float(one.low),
                    "at_most": None if one.high is None else float(one.high),
                    "sure": one.sure,
                }
            )
    columns = ["rule", "kind", "asked", "level", "unit", "as_asked", "then", "plans_apart"]
    return pd.DataFrame(rows, columns=[*columns, "at_least", "at_most", "sure"])
