"""What an answer chooses, read from its tables: enough to tell two answers of a study apart."""

from __future__ import annotations

import re
from collections.abc import Mapping

from allocate import registry
from allocate.answered import as_frame
from allocate.files.csvs import read_csv
from allocate.study.case import Done

ONE = re.compile(r"\b1 (\w+)s\b")  # one of what a pattern names by several
Decided = Mapping[str, str]  # what is chosen, by the id of what it is chosen for


def decided(done: Done) -> Decided:
    """Return what an answer chooses; empty without a plan."""
    if done.folder is None or not done.has_plan:
        return {}
    found: dict[str, list[str]] = {}
    for kind in registry.model(done.case.question.model).CHOICES.values():
        path = done.folder / f"{kind.table}.csv"
        if not kind.table or not path.is_file() or (found and kind.many):
            continue
        frame = as_frame(read_csv(path, path.name, kind.table))
        for row in frame.to_dict("records"):
            words = ONE.sub(r"1 \1", kind.words.format_map(row))
            found.setdefault(str(row[kind.key]), []).append(words)
    return {label: ", ".join(words) for label, words in found.items()}


def told(found: Decided) -> str:
    """Write what is chosen in one line."""
    return "; ".join(f"{label} {words}" for label, words in found.items())


def changed(before: Decided, after: Decided) -> list[str]:
    """Say what is chosen otherwise in a later answer, one line a thing."""
    return [
        f"{label} {after.get(label, 'nothing')} in place of {before.get(label, 'nothing')}"
        for label in dict.fromkeys([*before, *after])
        if before.get(label) != after.get(label)
    ]
