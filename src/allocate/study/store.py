"""Answers of a study, each in a folder under the hash of its inputs."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from allocate.answered import read_record
from allocate.errors import BadInput
from allocate.result import Result

SHOWN = 16  # characters of a key that name its folder
UNFINISHED = ".allocate-*"  # what a process that was killed left behind


class Store:
    """The folder ``cases`` of a study.

    Parameters
    ----------
    folder
        The study's own folder; made where there is none.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "cases"
        self.folder.mkdir(parents=True, exist_ok=True)

    def clear(self) -> None:
        """Remove what was never finished; only for whoever holds the study's lock."""
        for path in self.folder.glob(UNFINISHED):
            shutil.rmtree(path, ignore_errors=True)

    def path(self, key: str) -> Path:
        """Where the answer with this key stands."""
        return self.folder / key[:SHOWN]

    def record(self, key: str) -> Mapping[str, Any] | None:
        """Return what the ``result.json`` of a key holds; None where there is no answer yet."""
        try:
            return read_record(self.path(key))
        except BadInput:
            return None

    def write(self, key: str, result: Result) -> Mapping[str, Any]:
        """Store an answer, whole or not at all; one that is damaged makes room.

        Raises
        ------
        BadInput
            Where it cannot be written.
        """
        path = self.path(key)
        if path.exists():
            shutil.rmtree(path)
        result.write(path)
        written: dict[str, Any] = json.loads((path / "result.json").read_text(encoding="utf-8"))
        return written
