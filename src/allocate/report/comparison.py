"""Answers side by side, as a page of plain text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

import pandas as pd

from allocate.columns import table
from allocate.report.text import HEADLINES
from allocate.study.compare import Comparison
from allocate.study.waterfall import Fall
from allocate.units import with_unit

NAMED = 8  # steps of a waterfall that are told before the rest is added up
ROUND = 100_000  # from here on decimals tell nobody anything


def render(found: Comparison) -> str:
    """Write a comparison as text; its tables hold what is left out here."""
    letters = [side.letter for side in found.sides]
    sections = [
        ("Side by side", list(_sides(found))),
        ("What differs between the questions", list(found.apart) or ["Nothing."]),
        ("Levels: value, and the bound that no plan is below", _levels(found, letters)),
        ("Terms, by kind", _rows(found.tables["terms"], ["kind", "term", "unit"], letters)),
        ("Rules that differ or are short", _rules(found.tables["rules"], letters)),
        *_outcomes(found, letters),
        *_people(found),
        *((_title(fall), _fall(fall)) for fall in found.falls),
    ]
    blocks = ["\n".join([title, *(f"  {line}" for line in lines)]) for title, lines in sections]
    return "\n\n".join(blocks)


def _sides(found: Comparison) -> Iterator[str]:
    for side in found.sides:
        status, why = side.record["status"], side.record["why_stopped"]
        yield f"{side.letter}: {side.name}. {side.record['question']}"
        yield f"   {HEADLINES.get((status, why), HEADLINES[status])}"


def _levels(found: Comparison, letters: Sequence[str]) -> list[str]:
    levels = found.tables["levels"]
    if levels.empty:
        return ["None of them has a plan."]
    shown = levels[levels["what"] != "gap"]
    return _rows(shown, ["level", "what", "unit"], letters)


def _rules(rules: pd.DataFrame, letters: Sequence[str]) -> list[str]:
    """Keep rows that differ, and those that some answer is short by."""
    each = rules[list(letters)].astype(str)
    differ = each.nunique(axis=1) > 1
    short = (rules["what"] == "short_by") & ~each.isin(["0", "None", "nan"]).all(axis=1)
    return _rows(rules[differ | short], ["rule", "what", "unit"], letters) or ["None."]


def _outcomes(found: Comparison, letters: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
    """Keep what differs, group by group."""
    for name, outcomes in found.tables.items():
        if name.startswith("by_"):
            group = name.removeprefix("by_")
            differ = outcomes[list(letters)].nunique(axis=1) > 1
            rows = _rows(outcomes[differ], [group, "what", "unit"], letters)
            yield f"By {group}, where they differ", rows or ["Nothing differs."]


def _people(found: Comparison) -> Iterator[tuple[str, list[str]]]:
    """Count people who change; who they are stands in the table alone."""
    people = found.tables.get("people")
    if people is None:
        return
    lines = []
    for (one, other), rows in people.groupby(["from", "to"], sort=False):
        placed = (rows["provider_before"] != rows["provider_after"]).sum()
        moved = (rows["area_before"] != rows["area_after"]).sum()
        lines.append(f"{one} to {other}: {with_unit(f'{placed:,}', 'people')} another provider")
        lines.append(f"{one} to {other}: {with_unit(f'{moved:,}', 'people')} another area")
    yield "Who has another provider or area", lines or ["Nobody."]


def _title(fall: Fall) -> str:
    return f"Why {fall.term} differs, {fall.one} to {fall.other} ({fall.unit})"


def _fall(fall: Fall) -> list[str]:
    """Lay a waterfall out: total, steps, total."""
    rows = [[f"in {fall.one}", "", amount(fall.before)]]
    for step in fall.steps[:NAMED]:
        rows.append([step.words, f"{step.count:,}", amount(step.amount, sign=True)])
    if rest := fall.steps[NAMED:]:
        count, left = sum(step.count for step in rest), sum(step.amount for step in rest)
        rows.append([f"{len(rest)} more steps", f"{count:,}", amount(Fraction(left), sign=True)])
    rows.append([f"in {fall.other}", "", amount(fall.after)])
    return table(["step", "parts", "amount"], rows)


def _rows(frame: pd.DataFrame, words: Sequence[str], letters: Sequence[str]) -> list[str]:
    """Lay rows out, words to the left and one column a side."""
    if frame.empty:
        return []
    rows = [
        [*(str(row[word]) for word in words), *(cell(row[letter]) for letter in letters)]
        for row in frame.to_dict("records")
    ]
    return table([*words, *letters], rows, left=range(len(words)))


def cell(value: Any) -> str:
    """Write a cell of a comparison: a word, a number, or nothing."""
    if value is None or (isinstance(value, float) and value != value):
        return "-"
    if isinstance(value, bool | str):
        return str(value)
    return amount(Fraction(str(value)))


def amount(value: Fraction, *, sign: bool = False) -> str:
    """Write a number with no more digits than a reader wants."""
    digits = 0 if abs(value) >= ROUND else 2
    text = f"{float(value):{'+' if sign else ''},.{digits}f}"
    return text.rstrip("0").rstrip(".") if digits else text
