"""A case of a study: one question, what it starts from, and what came of it."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from allocate.errors import BadInput, Fault, nearest
from allocate.result import versions
from allocate.start import Start
from allocate.study.scenario import Question
from allocate.study.written import as_toml
from allocate.tables import Tables

SHIPPED = ("models/", "scenarios/")
FAILED, NOT_RUN = "failed", "not run"  # beside what a result may be


@dataclass(frozen=True)
class Case:
    """One question among several.

    Parameters
    ----------
    name
        No other case of the study has it.
    question
        The question, its limits included.
    parent
        Name of the case from whose answer this one starts; empty for a cold one. Where that case
        has no plan, the nearest one above it that has one stands in.
    """

    name: str
    question: Question
    parent: str = ""


@dataclass(frozen=True)
class Done:
    """What came of a case.

    Parameters
    ----------
    case
        The case.
    key
        SHA-256 of all that its answer depends on; empty where it was not run.
    status
        That of its result, ``failed``, or ``not run`` where a person stopped the study.
    folder
        Its result folder; None where there is none.
    record
        What its ``result.json`` holds; empty where there is none.
    start
        Name of the case that it started from; empty for a cold one, and for an answer at hand.
    start_folder
        Folder of the answer that it started from; None for a cold one.
    problem
        Why it failed, in words.
    stored
        Whether its answer was there already.
    """

    case: Case
    key: str
    status: str
    folder: Path | None = None
    record: Mapping[str, Any] = field(default_factory=dict)
    start: str = ""
    start_folder: Path | None = None
    problem: str = ""
    stored: bool = False

    @property
    def has_plan(self) -> bool:
        """Whether another case may start from it."""
        return bool(self.record.get("levels"))


def key_of(question: Question, base: Tables, method: str, start: Start | None) -> str:
    """Return the SHA-256 of all that the answer to a case depends on.

    Parameters
    ----------
    question
        The question, its limits included.
    base
        Its case as read.
    method
        Name of the engine.
    start
        What it starts from; the files of that answer count, not who made it.
    """
    inputs = {
        "question": as_toml(question, base.name, question.limits),
        "scenario": question.name,
        "tables": dict(base.hashes),
        "method": method,
        "start": None if start is None else start.record,
        "made_with": made_with(),
    }
    return hashlib.sha256(json.dumps(inputs, sort_keys=True).encode()).hexdigest()


@cache
def made_with() -> dict[str, str]:
    """Return what an answer depends on besides its question: packages, and this one's files."""
    return {**versions(), "program": program_hash()}


@cache
def program_hash() -> str:
    """Return the SHA-256 of this package's own files, which a version number may lag behind."""
    home = Path(__file__).parents[1]
    # In a wheel the words and cases lie beside the program; in a checkout they do not.
    files = {path.relative_to(home).as_posix(): path for path in home.rglob("*.py")}
    total = hashlib.sha256()
    for name in sorted(name for name in files if not name.startswith(SHIPPED)):
        total.update(name.encode() + b"\n" + files[name].read_bytes().replace(b"\r\n", b"\n"))
    return total.hexdigest()


def check_cases(cases: Sequence[Case]) -> None:
    """Refuse names that stand twice, parents that are none, and circles.

    Raises
    ------
    BadInput
        With all that is wrong.
    """
    names = [case.name for case in cases]
    faults = [
        Fault(name, "", "is the name of two cases", "Give one of them another name")
        for name, count in sorted(Counter(names).items())
        if count > 1
    ]
    parents = {case.name: case.parent for case in cases}
    for name, parent in parents.items():
        if parent and parent not in parents:
            problem = f"no such case{nearest(parent, names)}"
            faults.append(Fault(name, f'parent = "{parent}"', problem, "Name a case of the list"))
        above, seen = parent, {name}
        while above and above not in seen:
            seen.add(above)
            above = parents.get(above, "")
        if above == name:
            fault = Fault(name, f'parent = "{parent}"', "starts from itself", "Break the circle")
            faults.append(fault)
    if faults:
        raise BadInput("the list of cases", faults)
