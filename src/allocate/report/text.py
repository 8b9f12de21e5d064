"""The answer as text: a page that a commissioner reads from top to bottom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from allocate.core.outcome import ASKED, COMPARED, WORKED
from allocate.report.conflict import no_plan
from allocate.result import FEASIBLE, INFEASIBLE, OPTIMAL, STOPPED, Level
from allocate.study.scenario import Question
from allocate.tables import Tables
from allocate.units import joined, with_unit

HEADLINES: dict[Any, str] = {
    OPTIMAL: "Answered: every level is proven to the gap asked for.",
    FEASIBLE: "Answered, but the time ran out before every level was proven to the gap asked for.",
    (
        FEASIBLE,
        WORKED,
    ): "Answered, as far as the search was asked to go: not proven to the gap asked for.",
    (FEASIBLE, COMPARED): "Set side by side; each line says how sure it is.",
    (FEASIBLE, ASKED): "You stopped it: this is the best plan found by then.",
    INFEASIBLE: "This cannot all be met.",
    STOPPED: "The time ran out before a plan was found: allow more seconds.",
    (STOPPED, ASKED): "You stopped it before a plan was found.",
}
ROW_BY_ROW = "assumptions.csv of the result folder lists them row by row, with the value taken."
WIDE = 0.1  # a gap of which the first lines of a summary warn
CAVEAT = "This supports a decision; a person takes it."


def render(
    question: Question,
    tables: Tables,
    record: Mapping[str, Any],
    levels: Sequence[Level],
    sections: Sequence[tuple[str, list[str]]],
) -> str:
    """Write the summary.

    Parameters
    ----------
    question, tables
        What was asked of which case.
    record
        What ``result.json`` will hold.
    levels
        The objective with its proofs.
    sections
        The model's own sections: a title and lines.

    Returns
    -------
    str
        Plain text.
    """
    status = record["status"]
    why = HEADLINES.get((status, record["why_stopped"]), HEADLINES[status])
    head = [f"Case {tables.name}. {why}", *_open(levels), *not_real(tables)]
    parts = [(question.text, head)]
    if record["changes"]:
        changes = [change["words"] for change in record["changes"]]
        parts.append(("What was changed in the case", changes))
    parts += sections
    if status == INFEASIBLE and record["conflict"]:
        parts += no_plan(record)
    if levels:
        parts.append(("How sure this is", how_sure(levels, record)))
    if record["warnings"]:
        parts.append(("Take note", list(record["warnings"])))
    if record["assumptions"]:
        parts.append(("What was assumed", [*record["assumptions"], ROW_BY_ROW]))
    if record["notes"]:
        parts.append(("Repaired or left out while reading", record["notes"]))
    if record["ignored"]:
        parts.append(("Not read, because the model does not know it", record["ignored"]))
    blocks = ["\n".join([title, *(f"  {line}" for line in lines)]) for title, lines in parts]
    return "\n\n".join([*blocks, CAVEAT])


def taken_apart(summary: str) -> list[tuple[str, list[str]]]:
    """Return the sections of a summary that ``render`` wrote, with the caveat as the last title."""
    blocks = (block.split("\n") for block in summary.split("\n\n"))
    return [(title, [line.removeprefix("  ") for line in lines]) for title, *lines in blocks]


def not_real(tables: Tables) -> list[str]:
    """Say which tables of the case are invented, so that nobody takes them for a council's."""
    frame = tables["sources"]
    lines = []
    for nature in ("synthetic", "illustrative"):
        found = frame["table"][frame["nature"] == nature]
        if len(found):
            lines.append(f"{nature.capitalize()}, not a council's records: {', '.join(found)}.")
    return lines


def _open(levels: Sequence[Level]) -> list[str]:
    """Say at the head of the page what a better plan might save, where that is much."""
    for level in levels:
        if level.gap is not None and level.gap > WIDE:
            better = _amount(level.objective - (level.bound or 0), level.unit)
            return [
                f"A better plan may exist: {level.name} is not proven, and could be up to {better} "
                "lower. More --seconds may find one."
            ]
    return []


def how_sure(levels: Sequence[Level], record: Mapping[str, Any]) -> list[str]:
    """Say of each level, in plain words, how much better another plan could be."""
    lines = []
    for number, level in enumerate(levels, start=1):
        lines.append(f"{number}. {level.name}: {_sure(level)}")
    lines.append("Each line holds among plans that do as well on the lines above it.")
    lines += _proofs(levels)
    if record["start"]:
        lines.append(
            f"The search started from an earlier answer, {record['start']['scenario']}; what is "
            "said here does not rest on it."
        )
    if not record["replayable"]:
        lines.append("The clock cut this run short in places: another run may end otherwise.")
    assumed = ": see what was assumed" if record["assumptions"] else ""
    lines.append(f"None of this is surer than the data{assumed}.")
    return lines


def _proofs(levels: Sequence[Level]) -> list[str]:
    """Say what each bound rests on."""
    kinds = {
        "arithmetic": "by arithmetic that anybody can repeat",
        "prices": "by prices that were counted again",
        "solver's word": "by the solver",
    }
    lines = []
    for kind, words in kinds.items():
        found = [str(n) for n, level in enumerate(levels, start=1) if level.proof == kind]
        if found:
            listed = joined(found)
            one = len(found) == 1
            lines.append(f"{'Line' if one else 'Lines'} {listed}: proven {words}.")
    return [*lines, "The plan itself passed an independent check."]


def _sure(level: Level) -> str:
    money = level.unit.startswith("pounds")
    value = (
        f"£{float(level.objective):,.0f} a year" if money else _amount(level.objective, level.unit)
    )
    if level.bound is None:
        return f"{value}; not examined, the run ended before"
    better = level.objective - level.bound
    if better == 0:
        return f"{value}; no plan in this data does better"
    amount = f"{_amount(better, level.unit)} lower"
    if money:
        amount = f"£{max(1, -(-better // 1)):,.0f} a year cheaper"
    gap = f" (gap {level.gap:.2%} of what can be decided)" if level.gap is not None else ""
    return f"{value}; no plan in this data is more than {amount}{gap}"


def _amount(value: Fraction, unit: str) -> str:
    """Write a value as a reader wants it: whole from a hundred on; result.json has it exactly."""
    digits = 0 if value >= 100 and unit != "people" else 2 if value < 10 else 1
    text = f"{float(value):,.{digits}f}"
    return with_unit(text.rstrip("0").rstrip(".") if digits else text, unit)
