"""What is measured of a run: gaps, their integrals over time, and means over cases.

Primal and dual integrals: Berthold, Measuring the impact of primal heuristics (2013).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import exp, log

Point = tuple[float, float | None, float | None]  # seconds, best, bound; None where unknown
Steps = list[tuple[float, float]]
SECONDS_SHIFT = 1.0
GAP_SHIFT = 0.0001


def shifted_geometric_mean(values: Iterable[float], shift: float) -> float:
    """Return exp(mean(log(value + shift))) - shift: small values count, tiny ones do not."""
    logs = [log(value + shift) for value in values]
    return exp(sum(logs) / len(logs)) - shift


def distance(value: float | None, reference: float) -> float:
    """Relative distance of a value from a reference, from 0 to 1; 1 where there is no value."""
    if value is None or value * reference < 0:
        return 1.0
    largest = max(abs(value), abs(reference))
    return abs(value - reference) / largest if largest else 0.0


def integral(steps: Sequence[tuple[float, float]], end: float) -> float:
    """Seconds times gap: the area under steps of (seconds, gap) to the end; before the first, 1."""
    area, at, gap = 0.0, 0.0, 1.0
    for seconds, now in steps:
        seconds = min(max(seconds, at), end)
        area += gap * (seconds - at)
        at, gap = seconds, now
    return area + gap * (end - at)


def gaps(trace: Sequence[Point], reference: float, base: float) -> tuple[Steps, Steps]:
    """Turn a trace into primal and dual steps of (seconds, gap to the reference).

    Parameters
    ----------
    trace
        Best value and bound as they improve.
    reference
        Best value that anybody knows.
    base
        Part of every value that no decision changes, and that is taken out first.
    """
    primal: Steps = []
    dual: Steps = []
    for seconds, best, bound in trace:
        if best is not None:
            primal.append((seconds, distance(best - base, reference - base)))
        if bound is not None:
            dual.append((seconds, distance(min(bound, reference) - base, reference - base)))
    return primal, dual


def relative_gap(objective: float | None, bound: float | None, base: float) -> float:
    """Gap between a plan and its bound, of what can be decided; 1 where either is missing."""
    if objective is None or bound is None:
        return 1.0
    return (objective - bound) / max(abs(objective - base), 1.0)


def time_to(trace: Sequence[Point], gap: float, base: float) -> float | None:
    """Return when plan and bound were first within a gap of each other; None where never.

    Parameters
    ----------
    trace
        Best value and bound as they improve.
    gap
        Relative, of what can be decided.
    base
        Part of every value that no decision changes.
    """
    for seconds, best, bound in trace:
        if relative_gap(best, bound, base) <= gap:
            return seconds
    return None
