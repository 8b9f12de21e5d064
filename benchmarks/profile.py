"""Where the time of a question goes that is not solving: its phases and its costliest functions.

Phases are measured in a run of the command line, functions in another under the profiler, which
makes those that are called often dearer than they are. Waiting for a solver is left out.
"""

from __future__ import annotations

import cProfile
import json
import pstats
import subprocess
import sys
import tempfile
import time
from pathlib import Path

COSTLIEST = 10
BUILT_IN = "~"  # the profiler's name for the file of what is written in C


def phases(where: str, seconds: float) -> list[str]:
    """Answer a question from the command line, and say what each phase took."""
    with tempfile.TemporaryDirectory(prefix="allocate-bench-") as folder:
        out = Path(folder) / "result"
        command = [sys.executable, "-m", "allocate.cli", "solve", where, "--quiet"]
        began = time.monotonic()
        subprocess.run(
            [*command, "--seconds", str(seconds), "--out", str(out)],
            stdout=subprocess.DEVNULL,
            check=True,
        )
        whole = time.monotonic() - began
        spent: dict[str, float] = json.loads((out / "result.json").read_text("utf-8"))["seconds"]
    told = sum(spent.values())
    rows = [*spent.items(), ("starting, loading, summary", whole - told)]
    rest = whole - spent["solve"]
    return [
        "| phase | seconds |",
        "| --- | --- |",
        *(f"| {name} | {took:.2f} |" for name, took in rows),
        f"| all but solving | {rest:.2f} |",
    ]


def costliest(where: str, seconds: float) -> list[str]:
    """Answer a question in this process, and list the functions that cost most by themselves."""
    from allocate.solving import solve

    profile = cProfile.Profile()
    with profile:
        solve(where, seconds=seconds)
    found = pstats.Stats(profile).stats.items()  # type: ignore[attr-defined]
    busy = [item for item in found if "acquire" not in item[0][2]]
    rows = sorted(busy, key=lambda item: -item[1][2])[:COSTLIEST]
    return [
        "| function | calls | own seconds | with what it calls |",
        "| --- | --- | --- | --- |",
        *(
            f"| {_named(file, name)} | {calls:,} | {alone:.2f} | {whole:.2f} |"
            for (file, _, name), (_, calls, alone, whole, _) in rows
        ),
    ]


def _named(file: str, name: str) -> str:
    return name if file == BUILT_IN else f"{Path(file).stem}.{name}"
