"""Why two answers differ: the choice of each forced into the other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pandas as pd

from allocate.answered import Answered, read_answer
from allocate.card import read_card
from allocate.choices import Forcing
from allocate.core.outcome import Watch
from allocate.core.worker import warm
from allocate.errors import BadInput, Fault
from allocate.figure import written
from allocate.findings import Findings, Section
from allocate.report.conflict import no_plan
from allocate.solving import solve
from allocate.study.apart import Apart
from allocate.study.compare import compare
from allocate.units import joined, with_unit
from allocate.variants import METHOD, Variant, Variants, Varied

CONFLICT_SHARE = 0.4  # of the time, for which rules stand in the way where no plan keeps them all
NAMED = 6  # choices of a kind that a line names before it says how many more there are


def why(
    first: Path, second: Path, kind: str, label: str, *, seconds: float, watch: Watch
) -> Findings:
    """Say why two answers differ in one choice, such as who leads an area or wins a lot.

    Parameters
    ----------
    first, second
        Result folders of one model.
    kind, label
        A kind of its choices, such as ``area``, and the id or name of one of them.
    seconds
        For all that is asked again.
    watch
        Progress out, the wish to stop in.

    Raises
    ------
    BadInput
        Where a folder is no result, the two are of different models, or there is no such choice.
    """
    warm(METHOD, 1)
    answers = [read_answer(folder) for folder in (first, second)]
    check_kind(answers, kind, label)
    names = [
        f"{letter} ({one.asked.question.name})" for letter, one in zip("AB", answers, strict=True)
    ]
    differs = compare([str(first), str(second)]).apart
    ids = [one.asked.model.find(one.asked.instance, kind, label) for one in answers]
    chosen = [_all(answered, kind)[i] for answered, i in zip(answers, ids, strict=True)]
    nothing = answers[0].asked.model.CHOICES[kind].nothing
    sections: list[Section] = [
        (
            "What was asked",
            [f"{n}: {a.asked.question.text}" for n, a in zip(names, answers, strict=True)],
        ),
        ("What differs between the two questions", list(differs) or ["Nothing."]),
        (
            "What each chooses",
            [f"{n}: {', '.join(c) or nothing}" for n, c in zip(names, chosen, strict=True)],
        ),
    ]
    forced: list[tuple[str, str, Forcing, Varied | None, list[str]]] = []
    if set(chosen[0]) == set(chosen[1]):
        sections.append(("Why", ["Both answers choose the same: there is nothing to explain."]))
    else:
        for here, other in ((1, 0), (0, 1)):
            for option in chosen[other] or ("",):
                if option in chosen[here]:
                    continue
                forcing = answers[here].asked.model.force(answers[here], kind, ids[here], option)
                varied, lines = _asked(answers[here], forcing, seconds / 2, watch)
                title = f"The choice of {names[other]} forced into {names[here]}: {forcing.choice}"
                sections.append((title, lines))
                forced.append((names[here], option, forcing, varied, lines))
    title = f"Why {kind} {label} differs between {names[0]} and {names[1]}"
    return Findings(title, sections, {"forced": _table(forced)})


def check_kind(answers: list[Answered], kind: str, label: str) -> None:
    """Refuse answers of different models, and a choice that their model does not make.

    Raises
    ------
    BadInput
        With what is wrong.
    """
    models = [one.asked.question.model for one in answers]
    if len(set(models)) > 1:
        problem = f"are answers of the models {joined(models)}"
        fault = Fault("allocate why", "", problem, "Name two answers of one model")
        raise BadInput("the command line", [fault])
    known = answers[0].asked.model.CHOICES
    if kind not in known:
        problem = f"answers of the model {models[0]} choose no {kind}"
        remedy = f"Ask with {joined([f'--{one}' for one in known if one != 'drawn'], 'or')}"
        fault = Fault("allocate why", f'--{kind} "{label}"', problem, remedy)
        raise BadInput("the command line", [fault])


def _all(answered: Answered, kind: str) -> Mapping[str, tuple[str, ...]]:
    return answered.asked.model.chosen(answered.asked.instance, answered.solution, kind)


def _asked(
    answered: Answered, forcing: Forcing, seconds: float, watch: Watch
) -> tuple[Varied | None, list[str]]:
    """Ask an answer again with a choice forced; return what came of it, and its words."""
    lines = [
        f"As it stands: {reason}." if forcing.lifted else f"Not possible: {reason}."
        for reason in forcing.against
    ]
    if not forcing.changes:
        return None, lines
    if forcing.lifted:
        lines.append(forcing.lifted)
    variants = Variants(answered, seconds * (1 - CONFLICT_SHARE), watch)
    variant = Variant(forcing.changes, forcing.near, forcing.restricts)
    (varied,) = variants.ask([variant], forcing.choice)
    if varied is None:
        return None, [*lines, "Not settled in the time given."]
    lines += _said(answered, varied)
    if varied.compared.impossible:
        lines += _conflict(answered, forcing, seconds * CONFLICT_SHARE, watch)
    return varied, lines


def _said(answered: Answered, varied: Varied) -> Iterator[str]:
    """Say what a forced choice would change: levels as proven, then the plan that was found."""
    yield f"{_first_level(answered, varied)}."
    if varied.solution is None:
        return
    asked = answered.asked
    review = asked.model.review(asked.instance, varied.solution, asked.question.levels)
    card = read_card(asked.question.model)
    for term, amount in review.terms.items():
        if amount != answered.review.terms[term]:
            words, more = card.terms[term], amount - answered.review.terms[term]
            yield f"In the plan found, {term}: {Apart(term, words.unit, more, more, more)}."
    for rule, measured in review.rules.items():
        before = answered.review.rules[rule].short_by
        if measured.short_by != before:
            unit = card.rules[rule].unit_for(asked.instance.rules[rule].options)
            yield (
                f"{card.rules[rule].title} [{rule}]: short by "
                f"{with_unit(written(measured.short_by, ''), unit)}, in place of "
                f"{written(before, '')}."
            )
    yield from _others(answered, varied)


def _first_level(answered: Answered, varied: Varied) -> str:
    """Say by how much the first level that differs would be higher, as far as proven."""
    found, asked = varied.compared, answered.asked
    if found.impossible:
        return "No plan keeps every hard rule"
    if found.level is None:
        return "Every level stays as it is"
    level = asked.question.levels[found.level]
    unit = asked.tables.card.unit_of(level.terms)
    before = [words.name for words in asked.question.levels[: found.level]]
    same = f"; {joined(before)} as now" if before else ""
    if found.high is None:
        if found.low is None or found.low <= 0:
            return f"{level.name}: not settled in the time given"
        least = Apart(level.name, unit, found.low, found.low, None)
        return f"{level.name}: {least}, or no plan at all{same}"
    return f"{level.name}: {Apart(level.name, unit, found.high, found.low, found.high)}{same}"


def _others(answered: Answered, varied: Varied) -> Iterator[str]:
    """Say what else would be chosen otherwise."""
    asked = answered.asked
    for kind, words in asked.model.CHOICES.items():
        now = _all(answered, kind)
        then = asked.model.chosen(asked.instance, varied.solution, kind)
        changed = [
            (one, then.get(one, ()), now.get(one, ()))
            for one in dict.fromkeys([*now, *then])
            if now.get(one, ()) != then.get(one, ())
        ]
        if words.many:
            told = [f"{one} {joined(was) or words.nothing}" for one, was, _ in changed[:NAMED]]
        else:
            told = [
                f"{one}: {joined(was) or words.nothing}, in place of {joined(is_) or words.nothing}"
                for one, was, is_ in changed
            ]
        more = len(changed) - len(told)
        if told:
            yield f"{words.title} then: {'; '.join(told)}{f' and {more:,} more' if more else ''}."


def _conflict(answered: Answered, forcing: Forcing, seconds: float, watch: Watch) -> Iterator[str]:
    """Name the rules that a forced choice cannot be had with."""
    question = answered.asked.question
    asked = replace(question, changes=(*question.changes, *forcing.changes))
    result = solve(asked, seconds=seconds, watch=watch)
    if result.record["conflict"]:
        for title, lines in no_plan(result.record):
            yield f"{title}:"
            yield from lines


def _table(
    forced: list[tuple[str, str, Forcing, Varied | None, list[str]]],
) -> pd.DataFrame:
    """One row a choice that was forced."""

    def number(value: Fraction | None) -> float | None:
        return None if value is None else float(value)

    rows = []
    for into, option, forcing, varied, lines in forced:
        found = None if varied is None else varied.compared
        rows.append(
            {
                "forced_into": into,
                "option": option,
                "choice": forcing.choice,
                "forbidden_by": "; ".join(forcing.against),
                "impossible": found is not None and found.impossible,
                "at_least_more": number(found.low) if found else None,
                "at_most_more": number(found.high) if found else None,
                "what_changes": " ".join(lines[len(forcing.against) :]),
            }
        )
    return pd.DataFrame(rows)
