"""An answer read back from its folder, with the question that it answers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import pandas as pd

from allocate.asked import Asked, prepare
from allocate.core.comparing import Known
from allocate.errors import BadInput, Fault
from allocate.verdict import Review

CLOSE = 1e-9  # result.json holds values as decimals


@dataclass(frozen=True)
class Answered:
    """An answer with its question.

    Parameters
    ----------
    asked
        The question, its case and its arrays.
    record
        What ``result.json`` holds.
    solution
        The model's plan.
    review
        The plan measured again.
    known
        Value and proven bound of each level.
    """

    asked: Asked
    record: Mapping[str, Any]
    solution: Any
    review: Review
    known: tuple[Known, ...]


def read_answer(folder: str | Path) -> Answered:
    """Read a result folder.

    Parameters
    ----------
    folder
        A folder that ``allocate solve --out`` wrote.

    Raises
    ------
    BadInput
        Where it is none, has no plan, or its files no longer agree with each other.
    """
    folder = Path(folder)
    record = _record(folder)
    if not record["levels"]:
        problem = f"has no plan: {record['why_stopped']}"
        remedy = "Its summary.txt says what cannot all be met, or that more seconds are needed"
        raise BadInput(str(folder), [Fault(str(folder), "", problem, remedy)])
    asked = prepare(folder / f"{record['scenario']}.toml")
    solution = asked.model.read_plan(asked.instance, _answer_tables(folder), str(folder))
    review = asked.model.review(asked.instance, solution, asked.question.levels)
    _agrees(folder, record, asked, review)
    bounds = [level["bound"] for level in record["levels"]]
    known = tuple(
        Known(value, None if bound is None else Fraction(str(bound)))
        for value, bound in zip(review.levels, bounds, strict=True)
    )
    return Answered(asked, record, solution, review, known)


def _record(folder: Path) -> dict[str, Any]:
    try:
        record: dict[str, Any] = json.loads((folder / "result.json").read_text(encoding="utf-8"))
        record["levels"], record["scenario"], record["inputs"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        problem = "is no result folder: its result.json is missing or cannot be read"
        remedy = "Name a folder that `allocate solve --out` wrote"
        raise BadInput(str(folder), [Fault(str(folder), "", problem, remedy)]) from error
    return record


def _answer_tables(folder: Path) -> dict[str, pd.DataFrame]:
    return {
        path.stem: pd.read_csv(path, dtype=str, keep_default_na=False)
        for path in sorted(folder.glob("*.csv"))
    }


def _agrees(folder: Path, record: Mapping[str, Any], asked: Asked, review: Review) -> None:
    """Refuse a folder of which one file was changed by hand."""
    remedy = "A file was changed since: solve again, and ask of that result"
    faults = []
    for table, digest in record["inputs"].items():
        if asked.base.hashes.get(table) != digest:
            where = f"{record['case']}/{table}.csv"
            faults.append(Fault(where, "", "is not the table that the answer was made of", remedy))
    for fault in review.faults:
        faults.append(Fault(str(folder), "", f"the plan does not pass the review: {fault}", remedy))
    for level, value in zip(record["levels"], review.levels, strict=True):
        if abs(float(value) - level["objective"]) > CLOSE * max(1.0, abs(float(value))):
            problem = f"{level['name']} is {float(value):,.6g} in the plan's tables"
            cell = f"objective = {level['objective']}"
            faults.append(Fault("result.json", cell, problem, remedy))
    if faults:
        raise BadInput(str(folder), faults)
