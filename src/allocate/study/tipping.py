"""What decides an answer: how far each input can move before a lead changes, and what is assumed.

At each value of an input the question is asked twice: with the leads as they are, and from there
with leads free. Only where the second is proven to be better has the value tipped the answer; only
where it is proven to be no better has it not.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from allocate.answered import Answered, read_answer_of
from allocate.card import read_card
from allocate.core.worker import warm
from allocate.files.csvs import read_csv
from allocate.findings import Findings, Section
from allocate.homecare.explain_area import FIRM, explain_area
from allocate.homecare.inputs import Assumed, Point, assumed, held, points
from allocate.homecare.lead_variants import chosen_lead
from allocate.study.apart import Apart, apart, rank
from allocate.study.asking import AS_ASKED, Study, limited
from allocate.study.case import Case, Done
from allocate.study.scenario import Question
from allocate.units import joined
from allocate.variants import AT_ONCE, METHOD, Variants

OWN_SHARE = 0.25  # of the time, for how far each lead's own figures can fall
FIRST_SHARE = 0.1  # of the time, at most, for the question as it is asked
Verdict = Literal["holds", "tips", "open", "cannot be met"]
SHOWN = 5  # assumptions that the page names
HELD, FREE = "leads held", "leads free"


@dataclass(frozen=True)
class Tried:
    """An input at one value, and whether the leads still stand there."""

    point: Point
    verdict: Verdict
    apart: tuple[Apart, ...]
    leads: str


def tipping(folder: Path, study: Study) -> Findings:
    """Find what decides the answer of a result folder.

    Parameters
    ----------
    folder
        A result folder of home care.
    study
        Where to keep the answers, and the time.

    Raises
    ------
    BadInput
        For a folder that is no such result.
    """
    answered = read_answer_of(folder, "homecare", "Winter bookings: see `allocate stress`")
    asked = replace(answered.asked, question=_decisive(answered.asked.question))
    began = time.monotonic()
    firm = [] if study.seconds is None else list(_firm(answered, study, study.seconds * OWN_SHARE))
    study = replace(study, seconds=_left(study.seconds, time.monotonic() - began))
    tried, guessed = points(asked, answered.solution), assumed(asked)
    cases = [Case(AS_ASKED, asked.question)]
    for number, point in enumerate(tried, start=1):
        fixed = held(asked, answered.solution, point.question)
        cases.append(Case(f"{number} {HELD}", fixed, AS_ASKED))
        cases.append(Case(f"{number} {FREE}", point.question, f"{number} {HELD}"))
    cases += [Case(f"{one.name}: {one.words}", one.question, AS_ASKED) for one in guessed]
    done = _run(cases, study)
    base = done[AS_ASKED]
    found = [
        _tried(point, done[f"{number} {HELD}"], done[f"{number} {FREE}"])
        for number, point in enumerate(tried, start=1)
    ]
    moved = [_moved(one, base, done[f"{one.name}: {one.words}"]) for one in guessed]
    ranked = sorted(moved, key=lambda row: row["order"])
    return Findings(
        f"What decides the answer: {asked.question.text}",
        list(_sections(found, ranked, _leads(base), firm)),
        {"inputs": _inputs(found), "assumptions": _assumptions(ranked)},
    )


def _decisive(question: Question) -> Question:
    """Leave out last levels of staff time: to prove those to the minute takes most of a run."""
    terms = read_card(question.model).terms
    levels = list(question.levels)
    while len(levels) > 1 and {terms[t].kind for t in levels[-1].terms} == {"staff time"}:
        levels.pop()
    return replace(question, levels=tuple(levels))


def _left(seconds: float | None, spent: float) -> float | None:
    return None if seconds is None else max(seconds - spent, 1.0)


def _firm(answered: Answered, study: Study, seconds: float) -> Iterator[str]:
    """Say how far the figures of each lead that was chosen can fall, as ``explain`` does."""
    warm(METHOD, AT_ONCE)
    instance, solution = answered.asked.instance, answered.solution
    chosen = [
        area
        for area in range(len(instance.areas.ids))
        if chosen_lead(instance, solution, area) is not None
    ]
    for area in chosen:
        said = explain_area(Variants(answered, seconds / len(chosen), study.watch), area)
        lines = next((lines for title, lines in said.sections if title == FIRM), [])
        yield from (f"{instance.areas.ids[area]}: {line}" for line in lines)


def _run(cases: Sequence[Case], study: Study) -> dict[str, Done]:
    """Ask everything, the time shared between the questions."""
    if study.seconds is not None:
        first = study.seconds * FIRST_SHARE  # all others start there
        each = max((study.seconds - first) * study.cores / max(len(cases) - 1, 1), 1.0)
        cases = [
            Case(c.name, limited(c.question, each if c.parent else first), c.parent) for c in cases
        ]
    return study.run(cases)


def _tried(point: Point, fixed: Done, free: Done) -> Tried:
    """Say whether the leads still stand."""
    if not fixed.has_plan or not free.has_plan:
        both = fixed.status == free.status == "infeasible"
        tips = fixed.status == "infeasible" and free.has_plan
        verdict: Verdict = "cannot be met" if both else "tips" if tips else "open"
        return Tried(point, verdict, (), _leads(free))
    levels = apart(fixed.record["levels"], free.record["levels"], -1)
    first = next((one for one in levels if not one.same), None)
    if first is None:
        verdict = "holds"
    else:
        verdict = "tips" if first.high is not None and first.high < 0 else "open"
    return Tried(point, verdict, tuple(levels), _leads(free))


def _leads(done: Done) -> str:
    """Who leads each area in an answer."""
    if done.folder is None or not done.has_plan:
        return ""
    sheet = read_csv(done.folder / "leads.csv", "leads.csv", "leads")
    head, *rows = [cells for _, cells in sheet.rows]
    area, provider = head.index("area_id"), head.index("provider_id")
    return "; ".join(f"{row[area]} {row[provider]}" for row in rows)


def _moved(one: Assumed, base: Done, done: Done) -> dict[str, Any]:
    """Say what an assumption does where it is off."""
    row: dict[str, Any] = {
        "assumption": one.name,
        "set_to": one.words,
        "status": done.status,
        "leads": _leads(done),
        "leads_change": _leads(done) != _leads(base),
    }
    if not done.has_plan:
        impossible = done.status == "infeasible"
        return row | {"order": (-1,) if impossible else (99,), "levels": ()}
    levels = tuple(apart(base.record["levels"], done.record["levels"]))
    by_level = {level.level: str(level) for level in levels}
    return row | by_level | {"order": rank(levels), "levels": levels}


def _sections(
    found: Sequence[Tried], ranked: Sequence[dict[str, Any]], leads: str, firm: Sequence[str]
) -> Iterator[Section]:
    """Say how far each input can move, and which assumptions matter most."""
    yield "Who leads as asked", [leads or "nobody"]
    if firm:
        yield "How far a lead's own figures can fall", firm
    lines: list[str] = []
    for name in dict.fromkeys(one.point.input for one in found):
        lines += _input(name, [one for one in found if one.point.input == name])
    yield "How far each input can move before another lead is better", lines or ["Nothing to ask."]
    if ranked:
        yield f"The {SHOWN} assumptions that matter most, each a fifth lower", list(_most(ranked))
    yield (
        "How to read this",
        [
            "Holds and tips are proven on every level but travel, which is not compared; open is",
            "neither in the time given. What was not tried between two values is not known. Allow",
            "more --seconds to settle more.",
        ],
    )


def _input(name: str, tried: Sequence[Tried]) -> Iterator[str]:
    """Say of one input where the leads hold and where they tip."""
    yield f"{name}, now {tried[0].point.now}"
    words = {"holds": "the leads hold at", "open": "not settled at"}
    for verdict, text in words.items():
        values = [f"{one.point.value:g}" for one in tried if one.verdict == verdict]
        if values:
            yield f"  {text} {joined(values)}"
    for one in tried:
        if one.verdict == "tips":
            first = next((level for level in one.apart if not level.same), None)
            why = f": {first.level} {first} than with the leads as they are" if first else ""
            yield f"  tips at {one.point.value:g}{why}; then {one.leads}"
        elif one.verdict == "cannot be met":
            yield f"  cannot all be met at {one.point.value:g}, whoever leads"


def _most(ranked: Sequence[dict[str, Any]]) -> Iterator[str]:
    """Name the assumptions that matter most, each once, at its worse side."""
    seen: set[str] = set()
    for row in ranked:
        if row["assumption"] in seen or len(seen) == SHOWN:
            continue
        seen.add(row["assumption"])
        parts = [f"{one.level} {one}" for one in row["levels"] if not one.same and one.plans]
        flips = f"; another lead: {row['leads']}" if row["leads_change"] and row["leads"] else ""
        if row["status"] == "infeasible":
            parts = ["cannot all be met"]
        said = "; ".join(parts) or "no level differs in the plans found"
        yield f"{row['assumption']}, {row['set_to']}: {said}{flips}"


def _inputs(found: Sequence[Tried]) -> pd.DataFrame:
    """One row an input and value."""
    rows = []
    for one in found:
        first = next((level for level in one.apart if not level.same), None)
        better = "" if first is None else f"{first.level} {first}"
        point = one.point
        rows.append((point.input, point.now, point.value, one.verdict, better, one.leads))
    columns = ["input", "now", "value", "verdict", "leads_free_beside_held", "leads"]
    return pd.DataFrame(rows, columns=columns)


def _assumptions(ranked: Sequence[dict[str, Any]]) -> pd.DataFrame:
    """One row an assumption and side, what matters most first."""
    return pd.DataFrame(ranked).drop(columns=["order", "levels"], errors="ignore")
