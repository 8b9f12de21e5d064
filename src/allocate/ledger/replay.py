"""A run of the record done again, to see whether it comes to the same bytes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from allocate.core.outcome import Watch
from allocate.errors import BadInput, Fault
from allocate.ledger.entry import PURGE, Entry, as_json, hashes
from allocate.ledger.ledger import Row
from allocate.result import Result, versions
from allocate.solving import solve
from allocate.start import Start, read_start
from allocate.stressing import WRITTEN
from allocate.study.case import FAILED, program_hash
from allocate.study.scenario import Question
from allocate.study.scenario_file import checked_limits, read_scenario
from allocate.study.written import as_toml
from allocate.tables import Tables, read


@dataclass(frozen=True)
class Replayed:
    """What came of a replay.

    Parameters
    ----------
    same
        Whether every file has the bytes that were recorded.
    words
        What was found, and why not where it is not the same.
    result
        The answer that was made again; None where there was nothing to do it with.
    """

    same: bool
    words: str
    result: Result | None = None


def replay(row: Row, watch: Watch | None = None, purged: Row | None = None) -> Replayed:
    """Do a run again from the scenario that was asked, or else from the result that it wrote.

    Parameters
    ----------
    row
        The run.
    watch
        Progress out, the wish to stop in.
    purged
        The later run that took its data away, if one did.
    """
    entry = row.entry
    if entry.kind == PURGE:
        return _refused(row, f"it took away the data of run {entry.about}, and answers nothing")
    if entry.status == FAILED:
        return _refused(row, f"it failed ({entry.why_stopped}): ask the question again")
    if not entry.replayable:
        return _refused(
            row,
            f'the run ended by "{entry.why_stopped}", and the clock had a say in it: ask again '
            "with --work and more --seconds for one that repeats",
        )
    found, reasons = None, []
    for where in _places(entry):
        try:
            question = read_scenario(where)
            base = read(question.case, question.model)
        except BadInput as error:
            reasons.append(str(error))
            continue
        question = _limited(question, entry)
        if wrong := _other(entry, question, base):
            reasons.append(f"{where}: {wrong}")
            continue
        found = question, base
        break
    if found is None and purged is not None:
        return _refused(row, f"run {purged.number} of {purged.entry.at[:10]} took its data away")
    if found is None:
        return _refused(row, "its question is not to be had any more\n" + "\n".join(reasons))
    try:
        start = _start(entry)
    except BadInput as error:
        return _refused(row, f"what it started from is not to be had any more\n{error}")
    question, base = found
    result = solve(
        question,
        base=base,
        method=entry.method,
        start=start,
        watch=watch,
        stress=WRITTEN in entry.read("files"),
    )
    return _compared(row, result)


def _refused(row: Row, why: str) -> Replayed:
    return Replayed(False, f"Run {row.number} cannot be replayed: {why}.")


def _places(entry: Entry) -> Iterator[str | Path]:
    """Where the question may still stand."""
    if entry.asked:
        yield entry.asked
    if entry.folder:
        yield Path(entry.folder) / f"{entry.scenario}.toml"


def _limited(question: Question, entry: Entry) -> Question:
    """Give the question the limits of the run."""
    given = json.loads(entry.limits)
    return replace(question, limits=checked_limits(question.limits, given))


def _other(entry: Entry, question: Question, base: Tables) -> str:
    """Say what is other than it was; empty where nothing is."""
    then = entry.read("inputs")
    tables = sorted({*then, *base.hashes})
    changed = [name for name in tables if then.get(name) != base.hashes.get(name)]
    if changed:
        return f"the case was changed since: {', '.join(changed)}"
    text = as_toml(question, base.name, question.limits)
    if hashlib.sha256(text.encode()).hexdigest() != entry.read("files")[f"{entry.scenario}.toml"]:
        return "the question is another than was asked"
    return ""


def _start(entry: Entry) -> Start | None:
    """Read what the run started from, the same bytes as then."""
    if entry.read("start") is None:
        return None
    start = read_start(entry.start_folder, entry.model)
    if as_json(start.record) != entry.start:
        problem = "was changed since: its files have other hashes"
        raise BadInput("the start", [Fault(entry.start_folder, "", problem, "Restore it")])
    return start


def _compared(row: Row, result: Result) -> Replayed:
    """Compare the bytes, and say what may have made them other."""
    then = row.entry.read("files")
    now = hashes({name: text.encode() for name, text in result.texts().items()})
    differ = [name for name in sorted({*then, *now}) if then.get(name) != now.get(name)]
    if not differ:
        words = f"Run {row.number} replayed: the same bytes in all {len(then)} files."
        return Replayed(True, words, result)
    lines = [f"Run {row.number} replayed, and {', '.join(differ)} came out otherwise."]
    packages = row.entry.read("versions")
    other = [
        f"{name} {packages.get(name)} then, {version} now"
        for name, version in versions().items()
        if packages.get(name) != version
    ]
    if row.entry.program != program_hash():
        other.append("the files of allocate itself are others")
    lines.append(f"  What differs: {'; '.join(other) or 'nothing that was recorded'}.")
    return Replayed(False, "\n".join(lines), result)
