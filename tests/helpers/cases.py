"""Case folders to try things on: copied, overlaid, edited; and the command line run in-process."""

from __future__ import annotations

import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1]
OK_SMALL = TESTS / "cases" / "ok_small"
FAULTS = TESTS / "faults"


def copy_case(folder: Path, overlay: Path | None = None, base: Path = OK_SMALL) -> Path:
    """Copy a case into a folder, then lay another folder's tables over it.

    A file ``BASE`` in the overlay names another case than ok_small, a file ``DELETE`` lists tables
    to take away.
    """
    if overlay is not None and (overlay / "BASE").exists():
        base = base.parent / (overlay / "BASE").read_text(encoding="utf-8").strip()
    shutil.copytree(base, folder)
    if overlay is not None:
        for table in overlay.glob("*.csv"):
            shutil.copy(table, folder / table.name)
        removed = overlay / "DELETE"
        for name in removed.read_text(encoding="utf-8").split() if removed.exists() else []:
            (folder / name).unlink()
    return folder


def edit(folder: Path, table: str, old: str, new: str) -> None:
    """Replace a text that stands exactly once in a table."""
    path = folder / f"{table}.csv"
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {path.name}"
    path.write_text(text.replace(old, new), encoding="utf-8")


def write_scenario(folder: Path, text: str, name: str = "scenario") -> Path:
    """Write a scenario on the case ``case`` beside it; ok_small where there is none yet."""
    if not (folder / "case").exists():
        copy_case(folder / "case")
    path = folder / f"{name}.toml"
    path.write_text(text, encoding="utf-8")
    return path


@dataclass(frozen=True)
class Run:
    """What a command left behind."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class CommandLine:
    """Runs ``allocate`` in this process."""

    monkeypatch: pytest.MonkeyPatch
    capsys: pytest.CaptureFixture[str]

    def __call__(self, *words: object) -> Run:
        """Run a command; return its exit code and what it printed."""
        from allocate.cli import main

        self.monkeypatch.setattr(sys, "argv", ["allocate", *(str(word) for word in words)])
        with pytest.raises(SystemExit) as ended:
            main()
        printed = self.capsys.readouterr()
        code = ended.value.code
        return Run(code if isinstance(code, int) else int(code is not None), *printed)
