"""A run as the record keeps it: hashes of what it read and wrote, and none of their rows."""

from __future__ import annotations

import getpass
import hashlib
import json
import socket
import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from allocate.result import Result, versions
from allocate.study.case import FAILED, Done, program_hash
from allocate.study.scenario import Question

SOLVE, SWEEP, PURGE = "solve", "sweep", "purge"
NO_ANSWER = "no plan"
# Of a rule's place in result.json, what is set; ``where`` may name people and is left out.
SET = ("kind", "mode", "value", "options", "price")


@dataclass(frozen=True)
class Entry:
    """One row of the record, before it has a number.

    Parameters
    ----------
    token
        No other entry has it: what waited for a locked record is never taken in twice.
    at, who, host
        When (UTC), by whom and on which machine.
    kind
        ``solve``, ``sweep`` or ``purge``.
    asked
        The scenario or case as it was named; empty of a case of a sweep, which is no file.
    question, model, scenario, case_name
        What was asked.
    inputs
        SHA-256 of each table of the case.
    rules, parameters, limits, seed, method
        As JSON where there are several.
    versions, program
        Packages, and the SHA-256 of this one's own files.
    start, start_folder
        What the run started from, with the SHA-256 of each file; and where that lay.
    status, why_stopped, replayable, levels, objective, bound, gap, unit
        What came of it; the last four of the first level not closed, else the last.
    verdict
        What the review said.
    folder
        Where the result lies; empty where it was not kept.
    files
        SHA-256 of each file that answers the question.
    keep_until
        Date after which ``allocate purge`` takes the data away; empty: none was set.
    about
        Of a purge, the number of the run whose data were taken away.
    """

    token: str
    at: str
    who: str
    host: str
    kind: str
    asked: str = ""
    question: str = ""
    model: str = ""
    scenario: str = ""
    case_name: str = ""
    inputs: str = "{}"
    rules: str = "{}"
    parameters: str = "{}"
    limits: str = "{}"
    seed: int | None = None
    method: str = ""
    versions: str = "{}"
    program: str = ""
    start: str = "null"
    start_folder: str = ""
    status: str = ""
    why_stopped: str = ""
    replayable: bool | None = None
    levels: str = "[]"
    objective: float | None = None
    bound: float | None = None
    gap: float | None = None
    unit: str = ""
    verdict: str = ""
    folder: str = ""
    files: str = "{}"
    keep_until: str = ""
    about: int | None = None

    def hashed(self, previous: str) -> str:
        """Return the hash that chains this entry to the one before it."""
        return hashlib.sha256((previous + as_json(asdict(self))).encode()).hexdigest()

    def read(self, column: str) -> Any:
        """Return a column that is kept as JSON."""
        return json.loads(getattr(self, column))


COLUMNS = tuple(field.name for field in fields(Entry))


def as_json(content: Any) -> str:
    """Write plain values in the one way that a hash can be taken of."""
    return json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def of_result(
    result: Result,
    asked: str,
    method: str,
    *,
    folder: Path | None,
    start_folder: Path | None,
    keep_until: str = "",
) -> Entry:
    """Return the entry of one run.

    Parameters
    ----------
    result
        Its answer.
    asked, method
        The scenario and the engine as they were named.
    folder, start_folder
        Where the result was written, and what the run started from.
    keep_until
        Date, ``2027-03-31``.
    """
    texts = {name: text.encode() for name, text in result.texts().items()}
    return _entry(SOLVE, result.record, texts, asked, method, folder, start_folder, keep_until)


def of_case(done: Done, method: str, keep_until: str = "") -> Entry:
    """Return the entry of a case of a sweep that has a result; the same however often it is asked.

    Parameters
    ----------
    done
        The case.
    method
        The engine as it was named.
    keep_until
        Date, ``2027-03-31``.
    """
    assert done.folder is not None
    texts, start = answer_files(done.folder), done.start_folder
    entry = _entry(SWEEP, done.record, texts, "", method, done.folder, start, keep_until)
    # Two runs of one case differ in the times that result.json holds.
    raw = (done.folder / "result.json").read_bytes()
    return replace(entry, token=hashlib.sha256(raw).hexdigest())


def of_failure(
    kind: str, method: str, why: str, *, asked: str = "", question: Question | None = None
) -> Entry:
    """Return the entry of a run that came to no answer.

    Parameters
    ----------
    kind, method, asked
        As in an entry.
    why
        In words that name nobody: messages may, and are no part of the record.
    question
        What was asked, where it was understood.
    """
    told = {}
    if question is not None:
        told = {
            "question": question.text,
            "model": question.model,
            "scenario": question.name,
            "limits": as_json(question.limits.model_dump(exclude_none=True)),
            "seed": question.limits.seed,
        }
    made = {"versions": as_json(versions()), "program": program_hash()}
    return blank(
        kind, asked=asked, method=method, status=FAILED, why_stopped=why, verdict=NO_ANSWER,
        **made, **told,
    )  # fmt: skip


def answer_files(folder: Path) -> dict[str, bytes]:
    """Return the files of a result folder that answer the question; two runs have the same."""
    named = sorted(path for path in folder.iterdir() if path.is_file())
    return {path.name: path.read_bytes() for path in named if path.name != "result.json"}


def hashes(files: Mapping[str, bytes]) -> dict[str, str]:
    """Return the SHA-256 of each file."""
    return {name: hashlib.sha256(raw).hexdigest() for name, raw in files.items()}


def blank(kind: str, **rest: Any) -> Entry:
    """Return an entry with nothing but who made it, when, and what is given."""
    try:
        who = getpass.getuser()
    except (OSError, KeyError):  # an account without a name
        who = "unknown"
    at = datetime.now(UTC).isoformat(timespec="seconds")
    return Entry(uuid.uuid4().hex, at, who, socket.gethostname(), kind, **rest)


def _entry(
    kind: str,
    record: Mapping[str, Any],
    texts: Mapping[str, bytes],
    asked: str,
    method: str,
    folder: Path | None,
    start_folder: Path | None,
    keep_until: str,
) -> Entry:
    measured = {rule: {key: said[key] for key in SET} for rule, said in record["rules"].items()}
    levels = [
        {key: level[key] for key in ("name", "unit", "objective", "bound", "gap")}
        for level in record["levels"]
    ]
    return blank(
        kind,
        asked=asked,
        question=record["question"],
        model=record["model"],
        scenario=record["scenario"],
        case_name=record["case"],
        inputs=as_json(record["inputs"]),
        rules=as_json(measured),
        parameters=as_json({key: said["value"] for key, said in record["parameters"].items()}),
        limits=as_json(record["limits"]),
        seed=record["seed"],
        method=method,
        versions=as_json(record["versions"]),
        program=program_hash(),
        start=as_json(record["start"]),
        start_folder="" if start_folder is None else str(start_folder.absolute()),
        status=record["status"],
        why_stopped=record["why_stopped"],
        replayable=record["replayable"],
        levels=as_json(levels),
        objective=_number(record["objective"]),
        bound=_number(record["bound"]),
        gap=_number(record["gap"]),
        unit=record["unit"] or "",
        verdict="review passed" if record["review"]["passed"] else NO_ANSWER,
        folder="" if folder is None else str(folder.absolute()),
        files=as_json(hashes(texts)),
        keep_until=keep_until,
    )


def _number(value: float | None) -> float | None:
    return None if value is None else float(value)
