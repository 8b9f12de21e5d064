"""Answers side by side, as one page of HTML that needs nothing else: tables and waterfalls."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from html import escape

import pandas as pd

from allocate.report.comparison import amount, cell
from allocate.report.text import CAVEAT, HEADLINES
from allocate.study.compare import Comparison
from allocate.study.waterfall import Fall

WIDTH, ROW, LABEL, VALUE = 1000, 28, 480, 120  # pixels: picture, line, words, amounts
LEFT_OUT = "people"  # one row a person: that stays in its own file
TOTAL, UP, DOWN = "#44546a", "#b3541e", "#2e7d5b"
STYLE = """
body { font: 15px/1.45 system-ui, sans-serif; max-width: 1000px; margin: 2em auto; color: #222 }
table { border-collapse: collapse; margin: .6em 0 1.6em }
th, td { padding: .2em .8em; border-bottom: 1px solid #ddd; text-align: left }
td.number { text-align: right; font-variant-numeric: tabular-nums }
.wide { overflow-x: auto } .wide td { white-space: nowrap }
pre { white-space: pre-wrap; font-size: 13px } h1 { font-size: 1.6em }
h2 { margin-top: 1.8em } svg { max-width: 100%; height: auto } svg text { font-size: 13px }
"""


def page(found: Comparison) -> str:
    """Write a comparison as a page of HTML."""
    letters = [side.letter for side in found.sides]
    parts = ["<h1>Answers side by side</h1>", "<ul>"]
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
    body = "\n".join([*parts, f"<p>{CAVEAT}</p>"])
    head = f'<meta charset="utf-8"><title>Answers side by side</title><style>{STYLE}</style>'
    return (
        f'<!doctype html>\n<html lang="en-GB"><head>{head}</head><body>\n{body}\n</body></html>\n'
    )


def heading_of(name: str) -> str:
    """Return the name of a table or column as words."""
    return name.replace("_", " ").capitalize()


def _table(frame: pd.DataFrame, letters: Sequence[str]) -> str:
    head = "".join(f"<th>{escape(str(column))}</th>" for column in frame.columns)
    rows = []
    for row in frame.to_dict("records"):
        cells = "".join(
            f'<td class="number">{escape(cell(value))}</td>'
            if key in letters
            else f"<td>{escape(str(value))}</td>"
            for key, value in row.items()
        )
        rows.append(f"<tr>{cells}</tr>")
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


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
