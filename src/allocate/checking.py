"""Check a question without solving it: its faults, the totals a reader knows, what was assumed."""

from __future__ import annotations

from pathlib import Path

from allocate import registry
from allocate.report.text import not_real
from allocate.solving import prepare


def check_question(where: str | Path) -> list[str]:
    """Return the totals of a case or scenario as lines.

    Parameters
    ----------
    where
        A scenario file, a case folder, or the name of a shipped one.

    Raises
    ------
    BadInput
        With every fault found.
    """
    question, tables, instance = prepare(where)
    lines = [f"Case {tables.name}: no fault found.", *not_real(tables), ""]
    lines += registry.model(question.model).figures(instance, tables)
    for title, listed in (
        ("Take note", instance.warnings),
        ("Assumed, because the tables do not say", [str(item) for item in instance.assumptions]),
        ("Not read", tables.ignored),
    ):
        if listed:
            lines += ["", f"{title}:", *(f"  {item}" for item in listed)]
    return lines
