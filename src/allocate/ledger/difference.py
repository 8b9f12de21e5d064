"""What differs between two runs of the record."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from allocate.ledger.entry import Entry
from allocate.ledger.ledger import Row

PLAIN = {
    "question": "question",
    "model": "model",
    "case_name": "case",
    "method": "engine",
    "program": "files of allocate",
    "start": "what it started from",
    "status": "ended",
    "why_stopped": "because",
    "verdict": "review",
}
MAPS = {
    "inputs": "table",
    "rules": "rule",
    "parameters": "parameter",
    "limits": "limit",
    "versions": "package",
}
HASHED = ("inputs", "program", "start")  # of these only that they differ says anything


def difference(one: Row, other: Row) -> list[str]:
    """Say what differs between two runs, the question first and what came of it last.

    Parameters
    ----------
    one, other
        The runs.
    """
    a, b = one.entry, other.entry
    lines = [f"Run {one.number}, {a.at}, and run {other.number}, {b.at}"]
    for column in ("question", "model", "case_name"):
        lines += _plain(column, a, b)
    for column, noun in MAPS.items():
        lines += _mapped(noun, a.read(column), b.read(column), told=column not in HASHED)
    for column in ("method", "program", "start", "status", "why_stopped", "verdict"):
        lines += _plain(column, a, b)
    lines += _levels(a, b)
    return lines if len(lines) > 1 else [*lines, "  The same question, data and answer."]


def _plain(column: str, a: Entry, b: Entry) -> Iterator[str]:
    was, now = getattr(a, column), getattr(b, column)
    if was != now:
        told = "differ" if column in HASHED else f"{was or 'none'} -> {now or 'none'}"
        yield f"  {PLAIN[column]}: {told}"


def _mapped(noun: str, a: Mapping[str, Any], b: Mapping[str, Any], *, told: bool) -> Iterator[str]:
    for key in sorted({*a, *b}):
        was, now = a.get(key), b.get(key)
        if was == now:
            continue
        if isinstance(was, dict) and isinstance(now, dict):
            yield from _mapped(f"{noun} {key},", was, now, told=told)
        elif told:
            yield f"  {noun} {key}: {_said(was)} -> {_said(now)}"
        else:
            state = "is new" if was is None else "is gone" if now is None else "differs"
            yield f"  {noun} {key}: {state}"


def _said(value: Any) -> str:
    return "none" if value is None else str(value)


def _levels(a: Entry, b: Entry) -> Iterator[str]:
    one, other = ({level["name"]: level for level in entry.read("levels")} for entry in (a, b))
    for name in dict.fromkeys([*one, *other]):
        was, now = one.get(name), other.get(name)
        if was is None or now is None:
            yield f"  level {name}: only in {'the second' if was is None else 'the first'}"
        elif was["objective"] != now["objective"]:
            change = now["objective"] - was["objective"]
            yield (
                f"  level {name}: {was['objective']:,.10g} -> {now['objective']:,.10g} "
                f"{now['unit']} ({change:+,.10g})"
            )
