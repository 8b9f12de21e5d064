"""Check a question without solving it: its faults, the totals a reader knows, what was assumed."""

from __future__ import annotations

from pathlib import Path

from allocate.asked import prepare
from allocate.assume import as_table
from allocate.claims import beside, read_claims, said
from allocate.files.target import write_file
from allocate.report.text import not_real
from allocate.tables import with_table


def check_question(
    where: str | Path,
    *,
    figures: bool = False,
    claims: Path | None = None,
    assumed: Path | None = None,
) -> list[str]:
    """Return the totals of a case or scenario as lines.

    Parameters
    ----------
    where
        A scenario file, a case folder, or the name of a shipped one.
    figures
        Whether to print every total, beside what is claimed of it.
    claims
        A table of claims in place of the case's own; they are printed with the totals.
    assumed
        Where to write what was assumed, row by row, as CSV; the file may not exist.

    Raises
    ------
    BadInput
        With every fault found.
    """
    asked = prepare(where)
    tables, instance = asked.tables, asked.instance
    if claims is not None:
        tables = with_table(tables, "claims", claims)
    found = asked.model.figures(instance)
    claimed = read_claims(tables, found)
    lines = [f"Case {tables.name}: no fault found.", *not_real(tables), ""]
    lines += asked.model.overview(instance, tables, found)
    if figures or claims is not None:
        lines += ["", "Totals, beside what is claimed:", *beside(found, claimed)]
    elif claimed:
        lines += ["", f"{said(claimed)} Add --figures to see them."]
    for title, listed in (
        ("Take note", instance.warnings),
        ("Assumed", instance.assumptions),
        ("Not read", tables.ignored),
    ):
        if listed:
            lines += ["", f"{title}:", *(f"  {item}" for item in listed)]
    if assumed is not None:
        write_file(assumed, as_table(instance.assumptions).to_csv(index=False))
        lines += ["", f"Written to {assumed}: what was assumed, row by row."]
    return lines
