"""Progress on the error stream, and Ctrl-C as the wish to stop."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from allocate.core.outcome import Watch


@contextmanager
def watching(quiet: bool, kept: str = "the best plan found") -> Iterator[Watch]:
    """Show progress on the error stream and let Ctrl-C ask the solver to stop.

    Parameters
    ----------
    quiet
        Whether to show nothing.
    kept
        What is left when it was stopped, for whoever stops it.
    """
    from allocate.core.outcome import Watch

    watch = Watch()
    live = sys.stderr.isatty()
    last = ("", 0.0)

    def report(level: str, best: float | None, bound: float | None, seconds: float) -> None:
        nonlocal last
        now = time.monotonic()
        if level == last[0] and now - last[1] < (0.2 if live else 5.0):
            return
        last = (level, now)
        shown = "no plan yet" if best is None else f"best {best:,.10g}"
        proven = "" if bound is None else f", bound {bound:,.10g}"
        gap = ""
        if best is not None and bound is not None:
            gap = f", apart {best - bound:,.4g}"
        line = f"{level}: {shown}{proven}{gap}, {seconds:.1f} s"
        sys.stderr.write(f"\r{line:<79}" if live else f"{line}\n")
        sys.stderr.flush()

    def stop(*_: object) -> None:
        if watch.stop:
            raise KeyboardInterrupt
        watch.stop = True
        sys.stderr.write(f"\nStopping: keeping {kept}. Ctrl-C again ends at once.\n")

    def say(text: str) -> None:
        sys.stderr.write(f"\r{text:<79}" if live else f"{text}\n")
        sys.stderr.flush()

    if not quiet:
        watch.report, watch.say = report, say
    before = signal.signal(signal.SIGINT, stop)
    try:
        yield watch
    finally:
        signal.signal(signal.SIGINT, before)
        if live and not quiet:
            sys.stderr.write("\r" + " " * 79 + "\r")
