"""The gap over time as a picture: a small SVG with a panel for each case.

Whole lines are the distance of the best plan from the best known, broken lines that of the bound.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from math import log10

from benchmarks.measure import Steps, gaps
from benchmarks.runs import Row, best_known

WIDE, HIGH, EDGE = 420, 240, 44
LEAST = 1e-5  # the foot of the scale: 0.001%
COLOURS = ("#1b6ca8", "#c8553d", "#3a7d44", "#8d5a97", "#b8860b", "#444444")


def picture(rows: Sequence[Row], seconds: float) -> str:
    """Draw the rows that have one level.

    Parameters
    ----------
    rows
        Of one run.
    seconds
        Its time limit.

    Returns
    -------
    str
        SVG.
    """
    best = best_known(rows)
    names = [name for name in dict.fromkeys(row["case"] for row in rows) if name in best]
    methods = list(dict.fromkeys(row["method"] for row in rows))
    parts = [_legend(methods)]
    for at, name in enumerate(names):
        here = [row for row in rows if row["case"] == name and len(row["levels"]) == 1]
        parts.append(_panel(name, here, methods, best[name], seconds, at))
    high = 30 + HIGH * ((len(names) + 1) // 2)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {2 * WIDE} {high}" '
        'font-family="sans-serif" font-size="11">'
    )
    return "\n".join([head, '<rect width="100%" height="100%" fill="white"/>', *parts, "</svg>\n"])


def _legend(methods: Sequence[str]) -> str:
    words = [
        f'<text x="{EDGE + 90 * i}" y="18" fill="{_colour(i)}">{escape(method)}</text>'
        for i, method in enumerate(methods)
    ]
    told = "whole line: plan; broken line: bound; distance from the best known over seconds"
    return "\n".join([*words, f'<text x="{EDGE + 90 * len(methods)}" y="18">{told}</text>'])


def _panel(
    name: str, rows: Sequence[Row], methods: Sequence[str], best: float, end: float, at: int
) -> str:
    left, top = WIDE * (at % 2), 30 + HIGH * (at // 2)
    parts = [f'<g transform="translate({left},{top})">', _axes(name, end)]
    for row in rows:
        level, number = row["levels"][0], methods.index(row["method"])
        steps = gaps(level["trace"], best, level["base"] or 0)
        for line, dash in zip(steps, ("", ' stroke-dasharray="4 3"'), strict=True):
            parts.append(
                f'<polyline fill="none" stroke="{_colour(number)}" stroke-width="1.5"{dash} '
                f'points="{_points(line, end)}"/>'
            )
    return "\n".join([*parts, "</g>"])


def _axes(name: str, end: float) -> str:
    parts = [f'<text x="{EDGE}" y="12" font-weight="bold">{escape(name)}</text>']
    for power in range(-5, 1):
        y = _y(10.0**power)
        parts.append(f'<line x1="{EDGE}" x2="{WIDE - 8}" y1="{y}" y2="{y}" stroke="#ddd"/>')
        label = f"{10.0 ** (power + 2):g}%"
        parts.append(f'<text x="{EDGE - 4}" y="{y + 4}" text-anchor="end">{label}</text>')
    for quarter in range(5):
        seconds = end * quarter / 4
        label = f'<text x="{_x(seconds, end)}" y="{HIGH - 12}" text-anchor="middle">'
        parts.append(f"{label}{seconds:g} s</text>")
    return "\n".join(parts)


def _points(steps: Steps, end: float) -> str:
    """Corners of a line of steps."""
    corners, gap = [], 1.0
    for seconds, now in steps:
        x = _x(min(seconds, end), end)
        corners += [f"{x},{_y(gap)}", f"{x},{_y(now)}"]
        gap = now
    return " ".join([*corners, f"{_x(end, end)},{_y(gap)}"])


def _x(seconds: float, end: float) -> float:
    return round(EDGE + (WIDE - 8 - EDGE) * seconds / end, 1)


def _y(gap: float) -> float:
    share = log10(min(max(gap, LEAST), 1.0) / LEAST) / -log10(LEAST)
    return round(HIGH - 28 - (HIGH - 48) * share, 1)


def _colour(number: int) -> str:
    return COLOURS[number % len(COLOURS)]
