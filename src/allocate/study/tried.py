"""Whether what an answer chose still stands where an input has another value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from allocate.inputs import Point
from allocate.study.apart import Apart, apart
from allocate.study.case import Done
from allocate.study.decided import Decided, decided

Verdict = Literal["holds", "tips", "open", "cannot be met"]


@dataclass(frozen=True)
class Tried:
    """An input at one value, and whether what was chosen still stands there.

    Parameters
    ----------
    point
        The input and its value.
    verdict
        Whether it stands.
    apart
        Each level with everything free, beside what was chosen held.
    chosen
        What is chosen where everything is free.
    """

    point: Point
    verdict: Verdict
    apart: tuple[Apart, ...]
    chosen: Decided


def tried(point: Point, fixed: Done, free: Done) -> Tried:
    """Say whether what was chosen still stands where an input has another value.

    Parameters
    ----------
    point
        The input and its value.
    fixed, free
        The question with what was chosen held, and with all of it free.
    """
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
