"""A folder or file that is written whole, or not at all."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from allocate.errors import BadInput, Fault


def to_type(path: object) -> str:
    """Write a path as a command takes it: in quotes where it has spaces."""
    text = str(path)
    return f'"{text}"' if " " in text else text


def check_free(target: Path, option: str = "--out") -> None:
    """Refuse a target that exists; ``option`` is what named it, for the message."""
    above = next(parent for parent in target.absolute().parents if parent.exists())
    problem = "exists already" if target.exists() else ""
    if not above.is_dir():
        problem = f"cannot be written: {above} is a file"
    if problem:
        remedy = "Name another, or remove this one"
        raise BadInput(option, [Fault(str(target), "", problem, remedy)])


@contextmanager
def written_whole(target: Path, option: str = "--out", *, file: bool = False) -> Iterator[Path]:
    """Lend a place beside the target; move it onto the target where the block succeeds.

    Parameters
    ----------
    target
        Where to; it may not exist.
    option
        What named it, for messages.
    file
        Whether to lend a path for a file, and not a folder.

    Raises
    ------
    BadInput
        Where the target exists or cannot be written.
    """
    check_free(target, option)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        unfinished = Path(tempfile.mkdtemp(prefix=".allocate-", dir=target.parent))
    except OSError as error:
        raise _unwritable(target, option, error) from error
    lent = unfinished / target.name if file else unfinished
    try:
        yield lent
        unfinished.chmod(0o755)
        lent.replace(target)
    except OSError as error:
        raise _unwritable(target, option, error) from error
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _unwritable(target: Path, option: str, error: OSError) -> BadInput:
    problem = f"cannot be written: {error.strerror or error}"
    remedy = "Make room or name another place; nothing was written"
    return BadInput(option, [Fault(str(target), "", problem, remedy)])
