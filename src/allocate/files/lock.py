"""A folder that one process at a time may write into; the lock ends with the process."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from allocate.errors import BadInput, Fault

if os.name == "posix":
    import fcntl
else:
    import msvcrt

NAME = ".lock"


@contextmanager
def locked(folder: Path, option: str = "--out") -> Iterator[None]:
    """Hold a folder's lock, which the operating system lets go of when the process ends.

    Parameters
    ----------
    folder
        A folder that exists.
    option
        What named it, for the message.

    Raises
    ------
    BadInput
        Where another process holds the lock, or the folder cannot be written.
    """
    try:
        held = (folder / NAME).open("a+b")
    except OSError as error:
        problem = f"cannot be written: {error.strerror}"
        fault = Fault(str(folder), "", problem, "Make room or name another place")
        raise BadInput(option, [fault]) from error
    with held:
        if not _take(held):
            problem = "another process is writing into this folder"
            remedy = "Wait until it has finished, or name another folder"
            raise BadInput(option, [Fault(str(folder), "", problem, remedy)])
        yield


def _take(held: IO[bytes]) -> bool:
    """Take the lock if nobody has it."""
    try:
        if os.name == "posix":
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        else:
            held.seek(0)
            msvcrt.locking(held.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
    except OSError:
        return False
    return True
