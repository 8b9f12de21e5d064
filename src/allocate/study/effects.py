"""What each rule does: the answer with each of them left out in turn, and with others kept.

The price of a rule is what the best plans with it and without it differ by (the value of a
constraint in the sense of sensitivity analysis, but between whole plans: no multiplier stands for
it), with what is proven of both.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from allocate.asked import Asked, prepare
from allocate.card import Card, read_card
from allocate.core.program import Program
from allocate.findings import Findings, Section
from allocate.registry import Draft
from allocate.study.apart import Apart, apart, rank
from allocate.study.asking import Study, with_rule
from allocate.study.case import Done
from allocate.study.scenario import Question
from allocate.units import with_unit

Asks = Literal["left out", "kept", "none"]
LAW = "a law: nobody may leave it out; on paper, without it"
WITHOUT, KEPT = "without it", "if it had to be kept"


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
    """
    card = read_card(question.model)
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
    base, done = study.ask(question, others)
    for rule, ended in done.items():
        side = -1 if found[rule].asks == "left out" else 1
        levels = apart(base.record["levels"], ended.record.get("levels", ()), side) \
            if ended.has_plan else []  # fmt: skip
        found[rule] = Effect(rule, found[rule].asks, "", ended, tuple(levels))
    ordered = sorted(found.values(), key=lambda effect: effect.order)
    return Findings(
        f"What each rule does: {question.text}",
        list(_sections(card, question, base, ordered)),
        {"rules": _rules(card, question, ordered), "levels": _levels(card, base, ordered)},
    )


def _other(asked: Asked, draft: Draft, rule: str) -> tuple[Question | None, Effect]:
    """Return the question that shows what a rule does, or why there is none."""
    question = asked.question
    setting = question.rules[rule]
    if rule not in asked.model.FREE_TO_CHANGE:
        return None, Effect(rule, "none", "the model cannot be thought without it")
    if setting.mode == "off":
        return None, Effect(rule, "none", "it is off in this question")
    asks: Asks = "kept" if setting.mode == "report" else "left out"
    if asks == "kept" and read_card(question.model).rules[rule].takes_value:
        if setting.value is None:
            return None, Effect(rule, "none", "it has no value yet")
    other = with_rule(question, rule, mode="hard" if asks == "kept" else "report")
    if _alike(draft, asked, other):
        words = "it changes nothing: with it and without it the rest leaves the same plans"
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
    arrays = [(getattr(one, name), getattr(two, name)) for name in ("low", "high", "lower", "upper")]
    arrays += [(a.coef, b.coef) for a, b in zip(now.levels, then.levels, strict=True)]
    return all(np.array_equal(a, b) for a, b in arrays)


def _sections(
    card: Card, question: Question, base: Done, found: list[Effect]
) -> Iterator[Section]:
    """Say what each rule does, what does most first."""
    levels = base.record["levels"]
    now = [f"{level['name']}: {level['objective']:,} {level['unit']}" for level in levels]
    yield "The answer as asked", now
    yield "How to read this", [
        "More and less are beside the answer as asked. A range is proven from both sides: the best "
        "plans differ by no less and no more. Each level is compared among plans that do as well on "
        "the levels before it; where those are not closed, only the plans found are compared.",
    ]
    for effect in found:
        words, setting = card.rules[effect.rule], question.rules[effect.rule]
        title = f"{words.title} [{effect.rule}, {words.kind}, {setting.mode}]"
        yield title, list(_said(card, question, effect, base))


def _said(card: Card, question: Question, effect: Effect, base: Done) -> Iterator[str]:
    """Say what one rule does."""
    if effect.why_not:
        yield f"{effect.why_not[0].upper()}{effect.why_not[1:]}."
    if effect.done is None:
        return
    words = card.rules[effect.rule]
    lead = KEPT if effect.asks == "kept" else LAW if words.kind == "law" else WITHOUT
    if effect.done.status == "infeasible":
        yield f"{lead.capitalize()}: cannot all be met; `allocate solve` says what conflicts."
        return
    if not effect.apart:
        yield f"{lead.capitalize()}: no plan in the time given ({effect.done.problem or 'clock'})."
        return
    parts = [f"{one.level} {one}" for one in effect.apart if not one.same]
    if not parts:
        yield f"{lead.capitalize()}: every level stays as it is. It decides nothing here."
        return
    yield f"{lead.capitalize()}: {'; '.join(parts)}."
    record = effect.done.record["rules"][effect.rule]
    if effect.asks == "left out" and record["short_by"]:
        amount = with_unit(f"{record['short_by']:,}", record["unit"])
        yield f"The plan without it is short of it by {amount}{_own(question, effect, base)}."


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
