"""Studies timed: a sweep warm and cold, in one process and in two; and whole commands.

A cold sweep asks the very same cases, none of them from the answer to another.
"""

from __future__ import annotations

import shlex
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from allocate.study.axis import read_axis
from allocate.study.case import Case, Done
from allocate.study.running import run_cases
from allocate.study.sweep import cases_of
from benchmarks.runs import importing

Table = list[tuple[str, ...]]
SWEEP = (
    *("sweep", "processes", "cases", "plans", "proven", "seconds", "of it a case"),
    *("solving, all processes", "other than solving, a case", "speed beside one process, cold"),
)
COMMANDS = ("command", "exit code", "seconds")


def sweeps(
    scenario: str, over: Sequence[str], gap: float | None, seconds: float, cores: int
) -> Table:
    """Answer a grid cold in one process, warm in one, and warm in several.

    Parameters
    ----------
    scenario
        Its name or file.
    over
        Axes as ``allocate sweep --over`` has them.
    gap, seconds
        Limits of each case; None leaves the gap to the scenario.
    cores
        Processes of the last.
    """
    axes = [read_axis(text) for text in over]
    warm = cases_of(scenario, axes, {"gap": gap, "seconds": seconds})
    cold = [replace(case, parent="") for case in warm]
    table: Table = [SWEEP]
    first: float | None = None
    for name, cases, processes in (("cold", cold, 1), ("warm", warm, 1), ("warm", warm, cores)):
        done, took = _swept(cases, processes)
        first = took if first is None else first
        table.append((name, *_row(done, took, processes), f"{first / took:.2f}"))
        print(" ".join(table[-1]), file=sys.stderr, flush=True)
    return table


def _swept(cases: Sequence[Case], processes: int) -> tuple[list[Done], float]:
    """Answer cases in a folder of their own, and say what it took."""
    with tempfile.TemporaryDirectory(prefix="allocate-bench-") as folder:
        began = time.monotonic()
        done = list(run_cases(cases, Path(folder) / "swept", cores=processes))
        return done, time.monotonic() - began


def _row(done: Sequence[Done], took: float, processes: int) -> tuple[str, ...]:
    solving = sum(item.record["seconds"]["solve"] for item in done if item.record)
    return (
        str(processes),
        str(len(done)),
        str(sum(item.has_plan for item in done)),
        str(sum(item.status == "optimal" for item in done)),
        f"{took:.1f}",
        f"{took / len(done):.2f}",
        f"{solving:.1f}",
        f"{(took * processes - solving) / len(done):.2f}",
    )


def commands(told: Sequence[str]) -> Table:
    """Run commands one after another, each with its results in a new folder.

    Parameters
    ----------
    told
        Each as it is typed after ``allocate``, without ``--out``.
    """
    table: Table = [COMMANDS]
    for words in told:
        with tempfile.TemporaryDirectory(prefix="allocate-bench-") as folder:
            out = [
                "--out",
                str(Path(folder) / "out"),
                "--record",
                str(Path(folder) / "runs.sqlite"),
            ]
            began = time.monotonic()
            ended = subprocess.run(
                [sys.executable, "-m", "allocate.cli", *shlex.split(words), *out],
                env=importing(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                check=False,
            )
            took = time.monotonic() - began
        table.append((f"`allocate {words}`", str(ended.returncode), f"{took:.1f}"))
        print(" ".join(table[-1]), file=sys.stderr, flush=True)
    return table
