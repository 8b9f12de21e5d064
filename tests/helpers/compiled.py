"""Loops compiled before a clock runs: the first run after an installation waits for them."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from allocate.solving import solve
from benchmarks.homecare.written import write_generated


@cache
def have_loops_compiled() -> None:
    """Run our engine until it has used everything that it has."""
    with TemporaryDirectory() as folder:
        question = write_generated("borough-300", 1, Path(folder) / "case")
        solve(question, work=16, gap=0.0, seconds=600)
