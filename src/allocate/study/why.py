"""Why two answers differ: the choice of each forced into the other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pandas as pd

from allocate.answered import Answered, read_answer_of
from allocate.core.outcome import Watch
from allocate.core.worker import warm
from allocate.findings import Findings, Section
from allocate.homecare.explain import position
from allocate.homecare.forced import Forced, force_lead, force_package
from allocate.report.conflict import no_plan
from allocate.solving import solve
from allocate.study.compare import compare
from allocate.variants import METHOD, Variants

CONFLICT_SHARE = 0.4  # of the time, for which rules stand in the way where no plan keeps them all


def why(
    first: Path, second: Path, kind: str, label: str, *, seconds: float, watch: Watch
) -> Findings:
    """Say why two answers differ in who leads an area, or who has a package.

    Parameters
    ----------
    first, second
        Result folders of home care.
    kind, label
        ``area`` or ``package``, and its id or name.
    seconds
        For all that is asked again.
    watch
        Progress out, the wish to stop in.

    Raises
    ------
    BadInput
        Where a folder is no such result, or has no such area or package.
    """
    warm(METHOD, 1)
    answers = [
        read_answer_of(folder, "homecare", "Compare answers of home care")
        for folder in (first, second)
    ]
    names = [
        f"{letter} ({one.asked.question.name})" for letter, one in zip("AB", answers, strict=True)
    ]
    differs = compare([str(first), str(second)]).apart
    chosen = [_chosen(answered, kind, label) for answered in answers]
    sections: list[Section] = [
        (
            "What was asked",
            [f"{n}: {a.asked.question.text}" for n, a in zip(names, answers, strict=True)],
        ),
        ("What differs between the two questions", list(differs) or ["Nothing."]),
        (
            "Who it is in each",
            [f"{n}: {', '.join(c) or 'nobody'}" for n, c in zip(names, chosen, strict=True)],
        ),
    ]
    forced: list[tuple[str, str, Forced]] = []
    if set(chosen[0]) == set(chosen[1]):
        sections.append(("Why", ["Both answers choose the same: there is nothing to explain."]))
    else:
        for here, other in ((1, 0), (0, 1)):
            share = seconds / 2
            for provider in chosen[other]:
                if provider not in chosen[here]:
                    found, lines = _force(answers[here], kind, label, provider, share, watch)
                    title = (
                        f"The choice of {names[other]} forced into {names[here]}: {found.choice}"
                    )
                    sections.append((title, lines))
                    forced.append((names[here], provider, found))
    rows = [
        (name, provider, one.choice, "; ".join(one.against), one.impossible, " ".join(one.lines))
        for name, provider, one in forced
    ]
    columns = ["forced_into", "provider_id", "choice", "forbidden_by", "impossible", "what_changes"]
    title = f"Why {kind} {label} differs between {names[0]} and {names[1]}"
    return Findings(title, sections, {"forced": pd.DataFrame(rows, columns=columns)})


def _chosen(answered: Answered, kind: str, label: str) -> list[str]:
    """Ids of the leads of an area, or of the provider of a package."""
    instance, solution = answered.asked.instance, answered.solution
    at = position(instance, kind, label)
    ids = instance.providers.ids
    if kind == "area":
        return [ids[k] for k in solution.leads[at]]
    k = int(solution.provider[at])
    return [ids[k]] if k >= 0 else []


def _force(
    answered: Answered, kind: str, label: str, provider: str, seconds: float, watch: Watch
) -> tuple[Forced, list[str]]:
    """Force a choice into an answer; return what came of it, and its words."""
    instance = answered.asked.instance
    if provider not in instance.providers.ids:
        found = Forced(f"{provider} is chosen", [f"{provider} is no provider of this case"])
        return found, list(_said(found))
    variants = Variants(answered, seconds * (1 - CONFLICT_SHARE), watch)
    at, k = position(instance, kind, label), instance.providers.ids.index(provider)
    found = (force_lead if kind == "area" else force_package)(variants, at, k)
    lines = list(_said(found))
    if found.impossible:
        lines += _conflict(answered, found, seconds * CONFLICT_SHARE, watch)
    return found, lines


def _said(found: Forced) -> Iterator[str]:
    """Say what forbids a choice, and what it would change."""
    for reason in found.against:
        yield f"As it stands: {reason}." if found.lifted else f"Not possible: it {reason}."
    if found.lifted:
        yield "Were that lead let go, and this one appointed:"
    yield from found.lines


def _conflict(answered: Answered, found: Forced, seconds: float, watch: Watch) -> Iterator[str]:
    """Name the rules that a forced choice cannot be had with."""
    question = answered.asked.question
    asked = replace(question, changes=(*question.changes, *found.changes))
    result = solve(asked, seconds=seconds, watch=watch)
    if result.record["conflict"]:
        for title, lines in no_plan(result.record):
            yield f"{title}:"
            yield from lines
