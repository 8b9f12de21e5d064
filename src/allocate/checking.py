"""Check a question without solving it: its faults, the totals a reader knows, what was assumed."""

from __future__ import annotations

from pathlib import Path

from allocate.asked import prepare
from allocate.report.text import not_real


def check_question(where: str | Path) -> list[str]:
    """Return the totals of a case or scenario as lines.

    Parameters
    ----------
    where
        A scenario file, a case in any of its forms, or the name of a shipped one.

    Raises
    ------
    BadInput
        With every fault found.
    """
    asked = prepare(where)
    tables, instance = asked.tables, asked.instance
    lines = [f"Case {tables.name}: no fault found.", *not_real(tables), ""]
    lines += asked.model.figures(instance, tables)
    for title, listed in (
        ("Take note", instance.warnings),
        ("Assumed, because the tables do not say", [str(item) for item in instance.assumptions]),
        ("Repaired or left out while reading", tables.notes),
        ("Not read", tables.ignored),
    ):
        if listed:
            lines += ["", f"{title}:", *(f"  {item}" for item in listed)]
    return lines
