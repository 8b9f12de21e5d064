"""Stopping a solver that does not ask whether it should."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def interrupting(stop: Callable[[], object], stopped: Callable[[], bool]) -> Iterator[None]:
    """Call ``stop`` once ``stopped`` says so, from a thread beside the block.

    Parameters
    ----------
    stop
        The solver's own way to end early.
    stopped
        Asked ten times a second.
    """
    done = threading.Event()

    def wait() -> None:
        while not done.wait(0.1):
            if stopped():
                stop()

    thread = threading.Thread(target=wait, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
