"""Answers side by side, as one page of HTML that needs nothing else: tables and waterfalls."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from html import escape

import pandas as pd

from allocate.report.comparison import amount, cell
from allocate.report.html import document, heading_of, table
from allocate.report.text import CAVEAT, HEADLINES
from allocate.study.compare import Comparison
from allocate.study.waterfall import Fall

WIDTH, ROW, LABEL, VALUE = 1000, 28, 480, 120  # pixels: picture, line, words, amounts
LEFT_OUT = "people"  # one row a person: that stays in its own file
TOTAL, UP, DOWN = "#44546a", "#b3541e", "#2e7d5b"


def page(found: Comparison) -> str:
    """Write a comparison as a page of HTML."""
    letters = [side.letter for side in found.sides]
    parts = ["<ul>"]
    for side in found.sides:
        status, why = side.record["status"], side.record["why_stopped"]
        told = HEADLINES.get((status, why), HEADLINES[status])
        text = f"{side.name}. {side.record['question']} {told}"
        parts.append(f"<li><b>{side.letter}</b>: {escape(text)}</li>")
    parts += ["</ul>", "<h2>What differs between the questions</h2>", "<ul>"]
    parts += [f"<li>{escape(line)}</li>" for line in found.apart or ("Nothing.",)]
    parts.append("</ul>")
    for fall in found.falls:
        title = f"Why {fall.term} differs, {fall.one} to {fall.other} ({fall.unit})"
        parts += [f"<h2>{escape(title)}</h2>", drawing(fall)]
    for name, frame in found.tables.items():
        if name not in (LEFT_OUT, "waterfall") and not frame.empty:
            parts += [f"<h2>{escape(heading_of(name))}</h2>", _table(frame, letters)]
    return document("Answers side by side", [*parts, f"<p>{CAVEAT}</p>"])


def _table(frame: pd.DataFrame, letters: Sequence[str]) -> str:
    numbers = [column in letters for column in frame.columns]
    rows = [
        [cell(value) if key in letters else str(value) for key, value in row.items()]
        for row in frame.to_dict("records")
    ]
    return table([str(column) for column in frame.columns], rows, numbers)


def drawing(fall: Fall) -> str:
    """Draw a waterfall: a bar for the total before, one for each step, one for the total after.

    The axis is cut where nothing happens, so that small steps of a large total can be seen; the
    amounts stand beside the bars.
    """
    bars = _bars(fall)
    low = min(min(first, last) for _, first, last, _ in bars)
    high = max(max(first, last) for _, first, last, _ in bars)
    moves = [x for _, first, last, colour in bars for x in (first, last) if colour != TOTAL]
    floor = min([*moves, fall.before, fall.after])
    span = max([*moves, fall.before, fall.after]) - floor
    if floor > span:  # the steps are small beside the totals
        low = floor - span / 4
    scale = Fraction(WIDTH - LABEL - VALUE, 1) / ((high - low) or 1)
    lines = []
    for number, (words, first, last, colour) in enumerate(bars):
        top = number * ROW
        left = LABEL + (max(min(first, last), low) - low) * scale
        right = LABEL + (max(first, last) - low) * scale
        told = amount(last if colour == TOTAL else last - first, sign=colour != TOTAL)
        lines += [
            f'<text x="{LABEL - 10}" y="{top + 18}" text-anchor="end">{escape(words)}</text>',
            f'<rect x="{float(left):.1f}" y="{top + 4}" height="{ROW - 8}" '
            f'width="{max(1.0, float(right - left)):.1f}" fill="{colour}"/>',
            f'<text x="{float(right) + 6:.1f}" y="{top + 18}">{told}</text>',
        ]
    height = ROW * len(bars)
    label = escape(f"{fall.term}, {fall.one} to {fall.other}", quote=True)
    return (
        f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{label}">'
        f"{''.join(lines)}</svg>"
    )


def _bars(fall: Fall) -> list[tuple[str, Fraction, Fraction, str]]:
    """Words, beginning, end and colour of each bar."""
    at, nought = fall.before, Fraction(0)
    bars = [(f"in {fall.one}", nought, fall.before, TOTAL)]
    for step in fall.steps:
        colour = UP if step.amount > 0 else DOWN
        bars.append((f"{step.words} ({step.count:,})", at, at + step.amount, colour))
        at += step.amount
    return [*bars, (f"in {fall.other}", nought, fall.after, TOTAL)]
