"""Check a question without solving it: its faults, the totals a reader knows, what was assumed."""

from __future__ import annotations

from pathlib import Path

from allocate.asked import prepare
from allocate.assume import as_table
from allocate.claims import beside, read_claims, said, to_look_at
from allocate.files.target import written_whole
from allocate.report.text import not_real
from allocate.study.scenario_file import model_of
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
        A scenario file, a case in any of its forms, or the name of a shipped one.
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
    # Claims of a case are about the figures of its own model, whoever else asks of it.
    own = claims is not None or model_of(asked.question.case) == asked.question.model
    with tables.origin.telling():
        claimed = read_claims(tables, found, asked.base) if own else []
    lines = [f"Case {tables.name}: no fault found.", *not_real(tables), ""]
    lines += asked.model.overview(instance, tables, found)
    if figures or claims is not None:
        lines += ["", "Totals, beside what is claimed:", *beside(found, claimed)]
    elif claimed:
        lines += ["", said(claimed), *(f"  {line}" for line in to_look_at(claimed))]
        lines += ["Add --figures to see every total beside what is claimed of it."]
    for title, listed in (
        ("Take note", instance.warnings),
        ("Assumed", instance.assumptions),
        ("Repaired or left out while reading", tables.notes),
        ("Not read", tables.ignored),
    ):
        if listed:
            lines += ["", f"{title}:", *(f"  {item}" for item in listed)]
    if assumed is not None:
        with written_whole(assumed, "--assumed", file=True) as unfinished:
            rows = as_table(instance.assumptions)
            rows.to_csv(unfinished, index=False, lineterminator="\n")
        lines += ["", f"Written to {assumed}: what was assumed, row by row."]
    return lines
