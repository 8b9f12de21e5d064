"""What decides an answer: how far each input can move before it chooses otherwise, what is assumed.

At each value of an input the question is asked twice: with what the answer chose held, begun from
that answer, and from there with all of it free. Only where the second is proven to be better has
the value tipped the answer; only where it is proven to be no better, or better by no more than the
gap asked for, has it not.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

from allocate import registry
from allocate.answered import Answered
from allocate.asked import Asked
from allocate.core.worker import warm
from allocate.findings import Findings, Section
from allocate.inputs import Point, Uncertain, set_to, uncertain
from allocate.start import Start, read_start
from allocate.study.alone import by_itself
from allocate.study.apart import Apart, apart
from allocate.study.asking import AS_ASKED, Study, limited
from allocate.study.case import Case, Done
from allocate.study.decided import Decided, changed, decided, told
from allocate.study.meaning import answer_for
from allocate.study.sensitivity import Matters, drawn, matters, noise, table
from allocate.units import joined
from allocate.variants import AT_ONCE, METHOD, Variants

OWN_SHARE = 0.25  # of the time, for how far figures that an answer rests on can fall
FIRST_SHARE = 0.1  # of the time, at most, for the question as it is asked
Verdict = Literal["holds", "tips", "open", "cannot be met"]
SHOWN = 5  # assumptions that the page names
NAMED = 6  # choices that a line names
HELD, FREE = "held", "free"
CASE = "case"
ENDS = ((0.0, "lowest"), (1.0, "highest"))


@dataclass(frozen=True)
class Tried:
    """An input at one value, and whether what was chosen still stands there."""

    point: Point
    verdict: Verdict
    apart: tuple[Apart, ...]
    chosen: Decided


def tipping(folder: Path, study: Study, *, draws: int = 24, seed: int = 1) -> Findings:
    """Find what decides the answer of a result folder.

    Parameters
    ----------
    folder
        A result folder.
    study
        Where to keep the answers, and the time.
    draws, seed
        How often uncertain figures are drawn, all at once, and what they are drawn with.

    Raises
    ------
    BadInput
        For a folder that is no result, or where nothing decides it.
    """
    answered = answer_for(folder, "tipping")
    began = time.monotonic()
    firm = [] if study.seconds is None else _firm(answered, study, study.seconds * OWN_SHARE)
    study = replace(study, seconds=_left(study.seconds, time.monotonic() - began))
    asked = by_itself(answered.asked, study.folder / CASE)
    model, solution = asked.model, answered.solution
    tried, figures = model.points(asked, solution), uncertain(asked, model.floors(asked.instance))
    shares = drawn(figures, draws, seed) if figures else np.zeros((0, 0))
    cases = [Case(AS_ASKED, asked.question)]
    for number, point in enumerate(tried, start=1):
        fixed = model.held(asked, solution, point.question)
        cases.append(Case(f"{number} {HELD}", fixed, AS_ASKED))
        cases.append(Case(f"{number} {FREE}", point.question, f"{number} {HELD}"))
    for number, row in enumerate(shares.tolist(), start=1):
        values = [(one, one.at(share)) for one, share in zip(figures, row, strict=True)]
        cases.append(Case(f"draw {number}", set_to(asked, values), AS_ASKED))
    ends = len(ENDS) * min(SHOWN, len(figures))
    start = read_start(folder, asked.question.model) if model.PLAN else None
    done = _run(cases, study, ends, start)
    base = done[AS_ASKED]
    found = [
        _tried(point, done[f"{number} {HELD}"], done[f"{number} {FREE}"])
        for number, point in enumerate(tried, start=1)
    ]
    ranked = _ranked(figures, shares, base, done)
    most = [one for one in ranked if not one.does_nothing][:SHOWN]
    alone = _alone(asked, most, study, base, ends + len(cases), start)
    chance = noise(len(figures), len(shares))
    return Findings(
        f"What decides the answer: {answered.asked.question.text}",
        list(
            _sections(found, base, firm, list(_most(most, alone, base, len(shares), seed, chance)))
        ),
        {
            "inputs": _inputs(found),
            "assumptions": table(ranked, chance),
            "assumptions_alone": _alone_table(alone, base),
        },
    )


def _left(seconds: float | None, spent: float) -> float | None:
    return None if seconds is None else max(seconds - spent, 1.0)


def _firm(answered: Answered, study: Study, seconds: float) -> list[str]:
    """Say how far the figures that an answer rests on can fall, where its model can tell."""
    warm(METHOD, AT_ONCE)
    return registry.firm(answered, lambda share: Variants(answered, seconds * share, study.watch))


def _run(cases: Sequence[Case], study: Study, later: int, start: Start | None) -> dict[str, Done]:
    """Ask everything, the time shared between the questions and those still to be asked."""
    if study.seconds is not None:
        first = study.seconds * FIRST_SHARE  # all others start there
        others = max(len(cases) - 1 + later, 1)
        each = max((study.seconds - first) * study.cores / others, 1.0)
        cases = [
            Case(c.name, limited(c.question, each if c.parent else first), c.parent) for c in cases
        ]
    return study.run(cases, start)


def _tried(point: Point, fixed: Done, free: Done) -> Tried:
    """Say whether what was chosen still stands."""
    if not fixed.has_plan or not free.has_plan:
        both = fixed.status == free.status == "infeasible"
        tips = fixed.status == "infeasible" and free.has_plan
        verdict: Verdict = "cannot be met" if both else "tips" if tips else "open"
        return Tried(point, verdict, (), decided(free))
    levels = apart(fixed.record["levels"], free.record["levels"], -1)
    first = next((n for n, one in enumerate(levels) if not one.same), None)
    if first is None or _within_gap(levels[first], fixed.record["levels"][first], free):
        verdict = "holds"
    else:
        high = levels[first].high
        verdict = "tips" if high is not None and high < 0 else "open"
    return Tried(point, verdict, tuple(levels), decided(free))


def _within_gap(one: Apart, level: dict[str, float], free: Done) -> bool:
    """Whether holding the choice is proven to cost no more than the gap that was asked for."""
    gap = free.case.question.limits.gap
    decided_by_choice = max(abs(level["objective"] - (level["fixed"] or 0)), 1.0)
    return one.low is not None and float(-one.low) <= gap * decided_by_choice


def _ranked(
    figures: Sequence[Uncertain], shares: np.ndarray, base: Done, done: dict[str, Done]
) -> list[Matters]:
    """Measure how the answer goes with each figure over all draws."""
    ended = [done[f"draw {number}"] for number in range(1, len(shares) + 1)]
    kept = np.array([one.has_plan or one.status == "infeasible" for one in ended], dtype=bool)
    ended = [one for one, keep in zip(ended, kept.tolist(), strict=True) if keep]
    if len(ended) < 2:
        return []
    flipped = np.array([bool(changed(decided(base), decided(one))) for one in ended], dtype=bool)
    return matters(figures, shares[kept], ended, flipped)


def _alone(
    asked: Asked,
    most: Sequence[Matters],
    study: Study,
    base: Done,
    count: int,
    start: Start | None,
) -> list[tuple[Matters, str, float, Done]]:
    """Ask again with each of the figures that matter most at either end, all others as stated."""
    each = None
    if study.seconds is not None:
        each = max(study.seconds * (1 - FIRST_SHARE) * study.cores / max(count, 1), 1.0)
    rows = [
        (one, words, value)
        for one in most
        for share, words in ENDS
        for value in [one.figure.at(share)]
        if value != one.figure.stated
    ]
    cases = [base.case]
    cases += [
        Case(f"{one.figure.name} {words}", limited(set_to(asked, [(one.figure, value)]), each),
             AS_ASKED)
        for one, words, value in rows
    ]  # fmt: skip
    done = study.run(cases, start) if rows else {}
    return [(one, words, value, done[f"{one.figure.name} {words}"]) for one, words, value in rows]


def _sections(
    found: Sequence[Tried], base: Done, firm: Sequence[str], most: Sequence[str]
) -> Iterator[Section]:
    """Say how far each input can move, and which assumptions matter most."""
    chosen = decided(base)
    listed = [f"{label} {words}" for label, words in chosen.items()]
    yield "What is chosen as asked", listed or ["nothing"]
    if firm:
        yield "How far figures that it rests on can fall", firm
    lines: list[str] = []
    for name in dict.fromkeys(one.point.input for one in found):
        lines += _input(name, [one for one in found if one.point.input == name], chosen)
    yield "How far each input can move before another choice is better", lines or ["None to ask."]
    if most:
        yield f"The {SHOWN} assumptions that matter most", most
    yield (
        "How to read this",
        [
            "Holds and tips are proven on every level but staff time, which is not compared: with",
            "what was chosen held, nothing is lost beyond the gap asked for, or something is. Open",
            "is neither in the time given. What was not tried between two values is not known.",
            "Allow more --seconds to settle more.",
        ],
    )


def _input(name: str, tried: Sequence[Tried], chosen: Decided) -> Iterator[str]:
    """Say of one input where the choice holds and where it tips."""
    yield f"{name}, now {tried[0].point.now}"
    words = {"holds": "the choice holds at", "open": "not settled at"}
    for verdict, text in words.items():
        values = [f"{one.point.value:g}" for one in tried if one.verdict == verdict]
        if values:
            yield f"  {text} {joined(values)}"
    for one in tried:
        if one.verdict == "tips":
            first = next((level for level in one.apart if not level.same), None)
            why = f": {first.level} {first} than with the choice held" if first else ""
            yield f"  tips at {one.point.value:g}{why}; then {_short(changed(chosen, one.chosen))}"
        elif one.verdict == "cannot be met":
            yield f"  cannot all be met at {one.point.value:g}, whatever is chosen"


def _short(lines: Sequence[str]) -> str:
    """Write some changes in one line."""
    more = len(lines) - NAMED
    listed = "; ".join(lines[:NAMED])
    return (listed + (f" and {more} more" if more > 0 else "")) or "the same is chosen"


def _most(
    most: Sequence[Matters],
    alone: Sequence[tuple[Matters, str, float, Done]],
    base: Done,
    draws: int,
    seed: int,
    chance: float,
) -> Iterator[str]:
    """Name the assumptions that matter most, with what each does by itself."""
    if not draws:
        return
    yield (
        f"All figures that nobody recorded were drawn at once, {draws} times, seed {seed}: those "
        "assumed within a fifth, those that a provider said within a tenth. Correlation is of rank,"
        " from -1 to 1, between what is proven of all pairs of draws; below nought the answer is "
        f"worse where the figure is lower. Chance alone makes up to {chance:.2f}."
    )
    if not most:
        yield "None of them changed anything: each answer is proven to be as good as every other."
    for one in most:
        figure = one.figure
        sure = "" if one.beyond_chance(chance) else "; not beyond chance"
        flips = "" if one.flips is None else f"; goes with another choice by {one.flips:+.2f}"
        yield (
            f"{figure.name}, {figure.stated:,.10g}, {figure.basis}: between {one.low:+.2f} and "
            f"{one.high:+.2f}{sure}{flips}"
        )
        for other, words, value, done in alone:
            if other is one:
                yield f"  alone at its {words}, {value:,.6g}: {_alone_words(base, done)}"


def _alone_words(base: Done, done: Done) -> str:
    """Say what one figure does by itself, and whether something else is chosen."""
    if not done.has_plan:
        return "cannot all be met" if done.status == "infeasible" else "no plan in the time given"
    levels = apart(base.record["levels"], done.record["levels"])
    parts = [f"{one.level} {one}" for one in levels if not one.same and (one.plans or one.differs)]
    flips = changed(decided(base), decided(done))
    said = "; ".join(parts) or "no level differs in the plans found"
    return f"{said}; then {_short(flips)}" if flips else said


def _inputs(found: Sequence[Tried]) -> pd.DataFrame:
    """One row an input and value."""
    rows = []
    for one in found:
        first = next((level for level in one.apart if not level.same), None)
        better = "" if first is None else f"{first.level} {first}"
        point = one.point
        rows.append((point.input, point.now, point.value, one.verdict, better, told(one.chosen)))
    columns = ["input", "now", "value", "verdict", "free_beside_held", "chosen"]
    return pd.DataFrame(rows, columns=columns)


def _alone_table(alone: Sequence[tuple[Matters, str, float, Done]], base: Done) -> pd.DataFrame:
    """One row a figure that matters and end."""
    rows = []
    for one, words, value, done in alone:
        levels = apart(base.record["levels"], done.record["levels"]) if done.has_plan else []
        by_level = {level.level: str(level) for level in levels}
        flips = "; ".join(changed(decided(base), decided(done))) if done.has_plan else ""
        row: dict[str, object] = {"assumption": one.figure.name, "end": words, "set_to": value}
        rows.append(row | {"status": done.status, "chosen_otherwise": flips} | by_level)
    columns = ["assumption", "end", "set_to", "status", "chosen_otherwise"]
    return pd.DataFrame(rows) if rows else pd.DataFrame(columns=columns)
