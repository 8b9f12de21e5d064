"""Runs kept in the record, whatever state it is in: an entry that finds it closed waits beside it.

A record that is locked or cannot be reached never costs anybody an answer.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from allocate.ledger.entry import Entry, as_json
from allocate.ledger.ledger import Ledger, RecordClosed

VARIABLE = "ALLOCATE_RECORD"
NONE = "none"  # in place of a record


def home() -> Path:
    """Where the record is kept, and what waits for one, unless somebody says otherwise."""
    try:
        return Path.home() / ".config" / "allocate"
    except RuntimeError:  # an account without a home folder
        return Path(tempfile.gettempdir()) / "allocate"


def place_of(given: str | None) -> str | None:
    """Return where the record is: as given, by the environment, or in the home folder.

    Returns
    -------
    str or None
        None where nothing is to be recorded.
    """
    where = given or os.environ.get(VARIABLE) or str(home() / "record.sqlite")
    return None if where == NONE else where


class Recorder:
    """Keeps entries as runs end.

    Parameters
    ----------
    where
        As in ``Ledger``; None where nothing is to be recorded.

    Raises
    ------
    BadInput
        Where ``where`` names no place for a record.
    """

    def __init__(self, where: str | None) -> None:
        self.ledger = None if where is None else Ledger(where)
        self.numbers: list[int] = []
        self.problem = ""

    def keep(self, entries: Sequence[Entry]) -> None:
        """Append entries to the record, and those that wait for it before them.

        Where that cannot be done they wait too, and ``words`` says so; so do those after them, as
        a sweep is not to wait for the record again with each of its cases.
        """
        if self.ledger is None:
            return
        waiting = home() / "waiting" / hashlib.sha256(self.ledger.where.encode()).hexdigest()[:16]
        if self.problem:
            _put_off(waiting, entries)
            return
        try:
            left = sorted(waiting.glob("*.json")) if waiting.is_dir() else []
            before = [Entry(**json.loads(path.read_text(encoding="utf-8"))) for path in left]
            self.numbers += self.ledger.append([*before, *entries])[len(before) :]
            for path in left:
                path.unlink(missing_ok=True)
        except (RecordClosed, OSError) as error:
            self.problem = f"{error}\n{_put_off(waiting, entries)}"

    def words(self) -> str:
        """Say which runs were recorded, or what became of them."""
        if self.problem or not self.numbers:
            return self.problem
        first, last = min(self.numbers), max(self.numbers)
        return f"Recorded as run {first}." if first == last else f"Recorded up to run {last}."


def _put_off(waiting: Path, entries: Sequence[Entry]) -> str:
    """Write entries down until the record opens again."""
    try:
        waiting.mkdir(parents=True, exist_ok=True)
        for entry in entries:
            unfinished = waiting / f".{entry.token}"
            unfinished.write_text(as_json(asdict(entry)), encoding="utf-8")
            unfinished.replace(waiting / f"{entry.at.replace(':', '')}-{entry.token}.json")
    except OSError as error:
        return f"This run is in no record, and could not be put aside either: {error.strerror}."
    return "The answer stands. Its entry waits, and the next run takes it into the record."
