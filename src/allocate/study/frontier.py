"""What each value of a rule would mean: the same question at several of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from allocate.asked import prepare
from allocate.card import Card, Rule, read_card
from allocate.columns import table
from allocate.errors import BadInput, Fault
from allocate.findings import Findings
from allocate.report.lines import lines
from allocate.study.asking import AS_ASKED, Study, known_rule, with_rule
from allocate.study.case import Done
from allocate.study.scenario import Change, Question
from allocate.study.settling import ask

STEPS = 6  # values where nobody names any
COUNTS = (0, 5, 10, 20, 50, 100)
FACTORS = (0.5, 0.75, 1.25, 1.5, 2.0)  # of the money, for a rule whose threshold stands in a table
BUDGET = ("areas", "new_work_budget_pounds")
IN_A_TABLE = {("homecare", "within_budget"): BUDGET}


def frontier(
    question: Question, rule: str, values: Sequence[float | str] | None, study: Study
) -> Findings:
    """Ask a question at several values of a rule.

    Parameters
    ----------
    question
        The question; a rule that only measures is made to bind.
    rule
        Its id.
    values
        What to set it to, or None for a choice; for a rule whose threshold stands in a table of the
        case, what to multiply that by.
    study
        Where to keep the answers, and the time.

    Raises
    ------
    BadInput
        For a rule that is none, a law, or one without a value, and for values it may not have.
    """
    card = read_card(question.model)
    words = _checked(card, rule)
    binding = question
    if not question.rules[rule].binds and question.rules[rule].mode != "raise":
        binding = with_rule(question, rule, mode="hard")
    place = IN_A_TABLE.get((card.id, rule))
    if place is not None:
        points = {f"{float(f):g}": _scaled(binding, place, float(f)) for f in values or FACTORS}
        what = f"{place[1]} times"
    else:
        chosen = values or _choice(words, question.rules[rule].value)
        _check_values(words, rule, chosen)
        points = {f"{v}": with_rule(binding, rule, value=v) for v in chosen}
        what = words.value_unit or "value"
    for point in points.values():
        prepare(point)  # a value that the case refuses is told before anything is solved
    base, done = ask(study, question, points)
    rows = list(_rows(rule, question, base, {name: done[name] for name in points}))
    return Findings(
        f"{words.title}, at several values: {question.text}",
        [
            (f"By {what}", _lines(rows, [level["name"] for level in base.record["levels"]])),
            ("How to read this", list(_notes(question, rule))),
        ],
        {"frontier": pd.DataFrame(rows)},
        _drawings(rows[1:], base.record["levels"]),
    )


def _checked(card: Card, rule: str) -> Rule:
    """Return the words of a rule whose value may be moved."""
    words = known_rule(card, rule)
    if words.kind == "law":
        problem, remedy = "is a law: nobody may move it", "Name another rule"
    elif not words.takes_value and (card.id, rule) not in IN_A_TABLE:
        able = [name for name, other in card.rules.items() if other.takes_value]
        problem, remedy = "has no value to move", f"Name one of: {', '.join(able)}"
    else:
        return words
    raise BadInput("the command line", [Fault("--rule", f'"{rule}"', problem, remedy)])


def _check_values(words: Rule, rule: str, values: Sequence[float | str]) -> None:
    """Refuse values that the rule may not have, all at once."""
    faults = [
        Fault("--values", f'"{value}"', f"{rule} {problem}", "Correct the value")
        for value in values
        if (problem := words.quantity.fault(value))
    ]
    if faults:
        raise BadInput("the command line", faults)


def _choice(words: Rule, now: float | str | None) -> list[float | str]:
    """Choose values around the one that stands: every word, shares up to the most, counts."""
    if words.enum is not None:
        return list(words.enum)
    if words.maximum is not None and words.maximum <= 1:
        low = max(float(words.minimum or 0), 0.5 if float(now or 0) > 0.5 else 0.1)
        high = words.maximum if float(now or 0) > 0.5 else min(words.maximum, 0.6)
        return [round(low + (high - low) * n / (STEPS - 1), 3) for n in range(STEPS)]
    if words.step == "one":
        return [n for n in COUNTS if words.quantity.fault(n) is None]
    middle = float(now or words.minimum or 1)
    return [round(middle * f, 2) for f in FACTORS if not words.quantity.fault(round(middle * f, 2))]


def _scaled(question: Question, place: tuple[str, str], factor: float) -> Question:
    """Return a question with the money of every area multiplied."""
    name, column = place
    change = Change(table=name, where={column: {"minimum": 0}}, scale={column: factor})
    return replace(question, changes=(*question.changes, change))


def _rows(
    rule: str, question: Question, base: Done, done: dict[str, Done]
) -> Iterator[dict[str, Any]]:
    """One row a value: levels with their bounds, terms, and what the rule is short by."""
    now = question.rules[rule].value
    for name, one in {f"{AS_ASKED} ({now})": base, **done}.items():
        record = one.record
        row: dict[str, Any] = {"value": name, "status": one.status}
        for level in record.get("levels", ()):
            row[level["name"]] = level["objective"]
            row[f"{level['name']}_no_less_than"] = level["bound"]
        for term, found in record.get("terms", {}).items():
            row[f"term_{term}"] = found["amount"]
        row["short_by"] = record.get("rules", {}).get(rule, {}).get("short_by")
        yield row


def _lines(rows: Sequence[dict[str, Any]], levels: Sequence[str]) -> list[str]:
    """Lay the values out in columns; what is not proven has its bound beside it."""
    body = []
    for row in rows:
        cells = [row["value"], row["status"].replace("infeasible", "cannot all be met")]
        for level in levels:
            value, bound = row.get(level), row.get(f"{level}_no_less_than")
            if value is None:
                cells.append("")
            elif bound is None:
                cells.append(f"{value:,.10g} (no bound)")
            else:
                cells.append(
                    f"{value:,.10g}" + ("" if value == bound else f" (from {bound:,.10g})")
                )
        short = row["short_by"]
        body.append([*cells, "" if short is None else f"{short:,}"])
    return table(["value", "", *levels, "short by"], body, left=(0, 1))


def _drawings(
    rows: Sequence[dict[str, Any]], levels: Sequence[Mapping[str, Any]]
) -> dict[str, str]:
    """Draw each level that the value moves."""
    drawn = {}
    for level in levels:
        name = level["name"]
        known = [row for row in rows if row.get(name) is not None]
        if len({row[name] for row in known}) > 1:
            title = f"{name}, {level['unit']}: the plan, and how far below it another may be"
            values = [float(row[name]) for row in known]
            bounds = [row[f"{name}_no_less_than"] for row in known]
            drawn[title] = lines(title, [row["value"] for row in known], values, bounds)
    return drawn


def _notes(question: Question, rule: str) -> Iterator[str]:
    yield "Each level among plans that do as well on the levels before it; 'from' is its bound."
    if question.rules[rule].mode == "soft":
        yield "The rule is soft: at every value its shortfall is weighed, and never forbidden."
    elif not question.rules[rule].binds:
        yield "The rule only measures in the question as asked; at each value here it binds."
