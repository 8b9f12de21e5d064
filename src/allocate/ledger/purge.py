"""Data of runs past their date taken away; the record of the runs stands."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from allocate.ledger.entry import PURGE, Entry, answer_files, blank, hashes
from allocate.ledger.ledger import Row
from allocate.result import PAGES


@dataclass(frozen=True)
class Kept:
    """A run whose data are past their date.

    Parameters
    ----------
    row
        The run.
    folder
        Where its result lies.
    extra
        Files there that the run did not write; they stay, and so does the folder.
    """

    row: Row
    folder: Path
    extra: tuple[str, ...]


def due(rows: Sequence[Row], today: date, before: date | None = None) -> list[Kept]:
    """Return the runs whose data are to be taken away and still lie where they were written.

    Parameters
    ----------
    rows
        The record.
    today
        What a run's own date is compared with.
    before
        Runs made before this date are due too, whatever their own says.
    """
    found = {}
    for row in rows:
        entry, folder = row.entry, Path(row.entry.folder)
        made = date.fromisoformat(entry.at[:10])
        past = bool(entry.keep_until) and date.fromisoformat(entry.keep_until) < today
        if not entry.folder or not (past or (before is not None and made < before)):
            continue
        if (folder / "result.json").is_file() and _same(entry, folder):
            own = {*entry.read("files"), *PAGES, "result.json", entry.case_name}
            extra = sorted(path.name for path in folder.iterdir() if path.name not in own)
            found[folder] = Kept(row, folder, tuple(extra))
    return list(found.values())


def _same(entry: Entry, folder: Path) -> bool:
    """Whether the question in a folder is still that of this run: another may have been put there.

    Answer tables may have been saved by Excel since; they are this run's all the same.
    """
    name = f"{entry.scenario}.toml"
    files = hashes(answer_files(folder))
    return files.get(name) == entry.read("files").get(name)


def purge(kept: Kept) -> Entry:
    """Take the data of a run away; return the entry that says so.

    Raises
    ------
    OSError
        Where a file cannot be removed.
    """
    entry = kept.row.entry
    (kept.folder / "result.json").unlink()  # first: what is left is no result any more
    for name in (*entry.read("files"), *PAGES):
        (kept.folder / name).unlink(missing_ok=True)
    shutil.rmtree(kept.folder / entry.case_name, ignore_errors=False)
    if not kept.extra:
        kept.folder.rmdir()
    return blank(PURGE, about=kept.row.number, folder=entry.folder, model=entry.model)
