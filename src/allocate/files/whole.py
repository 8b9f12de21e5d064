"""What is written is written whole, or not at all, and over nothing that stands there."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from allocate.errors import BadInput, Fault


def check_free(path: Path) -> None:
    """Refuse a path that exists, or that lies under a file."""
    above = next(parent for parent in path.absolute().parents if parent.exists())
    problem = "exists already" if path.exists() else ""
    if not above.is_dir():
        problem = f"cannot be written: {above} is a file"
    if problem:
        remedy = "Name another folder, or remove this one"
        raise BadInput("--out", [Fault(str(path), "", problem, remedy)])


def write_folder(folder: Path, fill: Callable[[Path], None]) -> None:
    """Fill a folder beside the one asked for, and move it into place.

    Parameters
    ----------
    folder
        Where to; it may not exist.
    fill
        Writes the files into the folder it is given.

    Raises
    ------
    BadInput
        Where the folder exists or cannot be written.
    """

    def whole(unfinished: Path) -> None:
        fill(unfinished)
        unfinished.chmod(0o755)
        unfinished.replace(folder)

    _beside(folder, whole)


def write_file(path: Path, text: str) -> None:
    """Write a file of text under another name, and move it into place.

    Raises
    ------
    BadInput
        Where the file exists or cannot be written.
    """

    def whole(unfinished: Path) -> None:
        write_text(unfinished / path.name, text)
        (unfinished / path.name).replace(path)

    _beside(path, whole)


def write_text(path: Path, text: str) -> None:
    """Write text as UTF-8 with LF line ends."""
    path.write_text(text, encoding="utf-8", newline="\n")


def _beside(path: Path, whole: Callable[[Path], None]) -> None:
    """Call with a new folder beside the path, which is gone afterwards."""
    check_free(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = Path(tempfile.mkdtemp(prefix=".allocate-", dir=path.parent))
    except OSError as error:
        raise _unwritable(path, error) from error
    try:
        whole(unfinished)
    except OSError as error:
        raise _unwritable(path, error) from error
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _unwritable(path: Path, error: OSError) -> BadInput:
    problem = f"cannot be written: {error.strerror or error}"
    remedy = "Make room or name another folder; nothing was written"
    return BadInput("--out", [Fault(str(path), "", problem, remedy)])
