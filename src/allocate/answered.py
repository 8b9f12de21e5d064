"""An answer read back from its folder, with the question that it answers."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import pandas as pd

from allocate.asked import Asked, prepare
from allocate.core.comparing import Known
from allocate.errors import BadInput, Fault
from allocate.files.csvs import read_csv
from allocate.files.sheet import Sheet
from allocate.record import parameters_of, rules_of
from allocate.verdict import Review

CLOSE = 1e-9  # result.json holds values as decimals
ROUNDED = 10**15  # a decimal is nearer to its exact number than this part of it
# What is read of result.json.
KEYS: dict[str, type] = {
    "levels": list,
    "scenario": str,
    "case": str,
    "inputs": dict,
    "parameters": dict,
    "rules": dict,
    "status": str,
    "seed": int,
}
CHANGED = "A file was changed since: solve again, and ask of that result"


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
    record = read_record(folder)
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
        Known(value, bound_read(bound, value))
        for value, bound in zip(review.levels, bounds, strict=True)
    )
    return Answered(asked, record, solution, review, known)


def read_answer_of(folder: str | Path, model: str, remedy: str) -> Answered:
    """Read a result folder that has to be of one model.

    Parameters
    ----------
    folder
        As of ``read_answer``.
    model
        Such as ``homecare``.
    remedy
        What to do with an answer of another.

    Raises
    ------
    BadInput
        As of ``read_answer``, and where it answers a question of another model.
    """
    answered = read_answer(folder)
    found = answered.asked.question.model
    if found != model:
        problem = f"is an answer of the model {found}"
        raise BadInput(str(folder), [Fault(str(folder), "", problem, remedy)])
    return answered


def bound_read(written: float | None, value: Fraction) -> Fraction | None:
    """Return a bound as result.json has it, never above the exact one that it was rounded from."""
    if written is None or written == float(value):
        return None if written is None else value
    if isinstance(written, int):  # whole numbers are written as they are
        return Fraction(written)
    exact = Fraction(str(written))
    return exact - abs(exact) / ROUNDED


def read_record(folder: Path) -> dict[str, Any]:
    """Read the ``result.json`` of a result folder.

    Raises
    ------
    BadInput
        Where it is missing or is none.
    """
    try:
        record: dict[str, Any] = json.loads((folder / "result.json").read_text(encoding="utf-8"))
        needed = {key: record[key] for key in KEYS}
        if not all(isinstance(needed[key], kind) for key, kind in KEYS.items()):
            raise TypeError
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise no_result(str(folder)) from error
    return record


def no_result(where: str) -> BadInput:
    """Say that a folder is no result."""
    problem = "is no result folder: its result.json is missing or cannot be read"
    remedy = "Name a folder that `allocate solve --out` wrote"
    return BadInput(where, [Fault(where, "", problem, remedy)])


def _answer_tables(folder: Path) -> dict[str, pd.DataFrame]:
    """Read the answer tables, also as Excel may have saved them since."""
    tables = {}
    for path in sorted(folder.glob("*.csv")):
        tables[path.stem] = as_frame(read_csv(path, path.name, path.stem))
    return tables


def as_frame(sheet: Sheet) -> pd.DataFrame:
    """Put the cells of an answer table into a frame, as text."""
    rows = [cells for _, cells in sheet.rows]
    heading = rows[0] if rows else []
    frame = pd.DataFrame([dict(zip(heading, cells, strict=False)) for cells in rows[1:]])
    return frame.reindex(columns=heading).fillna("").astype("object")


def _agrees(folder: Path, record: Mapping[str, Any], asked: Asked, review: Review) -> None:
    """Refuse a folder of which one file was changed by hand."""
    faults = [
        *_case_faults(record, asked),
        *_question_faults(record, asked),
        *(
            Fault(str(folder), "", f"the plan does not pass the review: {fault}", CHANGED)
            for fault in review.faults
        ),
    ]
    names = [level.name for level in asked.question.levels]
    if [level["name"] for level in record["levels"]] != names:
        problem = f"has other levels than the question, which has {', '.join(names)}"
        raise BadInput(str(folder), [*faults, Fault("result.json", "", problem, CHANGED)])
    for level, value in zip(record["levels"], review.levels, strict=True):
        if abs(float(value) - level["objective"]) > CLOSE * max(1.0, abs(float(value))):
            problem = f"{level['name']} is {float(value):,.6g} in the plan's tables"
            cell = f"objective = {level['objective']}"
            faults.append(Fault("result.json", cell, problem, CHANGED))
    if faults:
        raise BadInput(str(folder), faults)


def _case_faults(record: Mapping[str, Any], asked: Asked) -> Iterator[Fault]:
    """Find tables that are other than they were, gone, or new."""
    then, now = record["inputs"], asked.base.hashes
    for table in sorted({*then, *now}):
        if then.get(table) != now.get(table):
            where = f"{record['case']}/{table}.csv"
            yield Fault(where, "", "is not the table that the answer was made of", CHANGED)


def _question_faults(record: Mapping[str, Any], asked: Asked) -> Iterator[Fault]:
    """Find settings of the scenario that are other than they were."""
    where = f"{record['scenario']}.toml"
    then, now = record["parameters"], parameters_of(asked)
    for key in sorted({*then, *now}):
        if then.get(key) != now.get(key):
            yield Fault(where, key, "is not the value that the answer was made with", CHANGED)
    for rule, setting in rules_of(asked).items():
        if record["rules"].get(rule, {}).get("mode") != setting["mode"]:
            cell = f"rules.{rule}.mode"
            yield Fault(where, cell, "is not the mode that the answer was made with", CHANGED)
