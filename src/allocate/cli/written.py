"""What a command has written, in a line."""

from __future__ import annotations

from pathlib import Path

MOST = 24  # names that are read; more are counted


def written(folder: Path) -> str:
    """Name the files of a folder; of those that are one a bidder or the like, how many there are.

    Parameters
    ----------
    folder
        What a command wrote.
    """
    names = sorted(f.name for f in folder.iterdir() if not f.name.startswith("."))
    if len(names) > MOST:
        kinds = [name.split("-")[0] for name in names]
        many = sorted({kind for kind in kinds if kinds.count(kind) > MOST // 4})
        counted = [f"{kinds.count(kind)} files {kind}-…" for kind in many]
        names = [n for n, kind in zip(names, kinds, strict=True) if kind not in many] + counted
    return f"\nWritten to {folder}: {', '.join(names)}"
