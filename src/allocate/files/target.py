"""A folder that is written whole, or not at all."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from allocate.errors import BadInput, Fault


def check_free(folder: Path) -> None:
    """Refuse a target folder that exists."""
    above = next(parent for parent in folder.absolute().parents if parent.exists())
    problem = "exists already" if folder.exists() else ""
    if not above.is_dir():
        problem = f"cannot be written: {above} is a file"
    if problem:
        remedy = "Name another folder, or remove this one"
        raise BadInput("--out", [Fault(str(folder), "", problem, remedy)])


@contextmanager
def written_whole(folder: Path) -> Iterator[Path]:
    """Lend a temporary folder beside the target; move it into place where the block succeeds.

    Parameters
    ----------
    folder
        Where to; it may not exist.

    Raises
    ------
    BadInput
        Where the folder exists or cannot be written.
    """
    check_free(folder)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        unfinished = Path(tempfile.mkdtemp(prefix=".allocate-", dir=folder.parent))
    except OSError as error:
        raise _unwritable(folder, error) from error
    try:
        yield unfinished
        unfinished.chmod(0o755)
        unfinished.replace(folder)
    except OSError as error:
        raise _unwritable(folder, error) from error
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def write_file(path: Path, text: str) -> None:
    """Write a text file whole, or not at all, as UTF-8 with LF line ends.

    Raises
    ------
    BadInput
        Where the file exists or cannot be written.
    """
    check_free(path)
    unfinished = path.with_name(f".allocate-{path.name}")
    try:
        unfinished.write_text(text, encoding="utf-8", newline="\n")
        unfinished.replace(path)
    except OSError as error:
        raise _unwritable(path, error) from error
    finally:
        unfinished.unlink(missing_ok=True)


def _unwritable(folder: Path, error: OSError) -> BadInput:
    problem = f"cannot be written: {error.strerror or error}"
    remedy = "Make room or name another folder; nothing was written"
    return BadInput("--out", [Fault(str(folder), "", problem, remedy)])
