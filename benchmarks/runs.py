"""Runs of many cases by many methods, each alone in its own process, and what they come to."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from allocate.result import versions
from benchmarks.cases import CASES, Case

ROOT = Path(__file__).parents[1]
GRACE = 600  # seconds beyond the limit after which a method is ended: reading, building, review
ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")

WARM = ", warm"  # after the method, where it started from an earlier answer
Row = dict[str, Any]


@dataclass(frozen=True)
class Limits:
    """What every method is given: the same for all.

    Parameters
    ----------
    seconds
        Time limit of the solver.
    seed
        Of the case and of the solver.
    gap
        At which to stop; None leaves what the scenario says.
    """

    seconds: float
    seed: int
    gap: float | None = None


def run(cases: Sequence[Case], methods: Sequence[str], limits: Limits) -> Iterator[Row]:
    """Run every method on every case, and yield a row for each.

    Parameters
    ----------
    cases, methods
        What to run.
    limits
        The same for all.
    """
    for case in cases:
        with tempfile.TemporaryDirectory(prefix="allocate-bench-") as folder:
            where = case.placed(Path(folder), limits.seed)
            for method in methods:
                yield {"case": case.name, "method": method} | _alone(where, case, method, limits)
                if case.earlier:
                    row = _warm(where, case, method, limits)
                    yield {"case": case.name, "method": f"{method}{WARM}"} | row


def record(command: str, **more: Any) -> Row:
    """Return what is kept of a run: what came of it, and where and with what it was made."""
    return {
        "command": command,
        "month": date.today().strftime("%B %Y"),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, {platform.system()}",
        "load": round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None,
        "versions": versions(),
        **more,
    }


def best_known(rows: Sequence[Row]) -> dict[str, float]:
    """Return the best value of each case: the published one, else the best of these rows."""
    best = {
        name: float(case.best)
        for name, case in CASES.items()
        if case.best is not None and any(row["case"] == name for row in rows)
    }
    for row in rows:
        if len(row["levels"]) == 1 and row["levels"][0]["objective"] is not None:
            value = float(row["levels"][0]["objective"])
            best[row["case"]] = min(value, best.get(row["case"], value))
    return best


def _warm(where: str, case: Case, method: str, limits: Limits) -> Row:
    """Run one method from its answer to the earlier question, which has as much time."""
    answer = Path(where).parent / f"{method}-answer"
    earlier = str(Path(where).with_name(f"{case.earlier}.toml"))
    before = _alone(earlier, case, method, limits, out=str(answer))
    if before["status"] == "failed":
        return before
    return _alone(where, case, method, limits, start=str(answer))


def _alone(where: str, case: Case, method: str, limits: Limits, **more: str) -> Row:
    """Run one method on one case in a process of its own."""
    options = {
        "where": where,
        "public": case.public,
        "asked": dict(case.asked),
        "method": method,
        "seconds": limits.seconds,
        "gap": limits.gap,
        "seed": limits.seed,
        **more,
    }
    environment = importing() | dict.fromkeys(ONE_THREAD, "1")
    try:
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks", "one", json.dumps(options)],
            env=environment,
            capture_output=True,
            text=True,
            timeout=limits.seconds + GRACE,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return _nothing(f"did not end within {GRACE} s of its limit")
    if done.returncode:
        return _nothing((done.stderr.strip().splitlines() or ["ended without a word"])[-1])
    found: Row = json.loads(done.stdout.splitlines()[-1])
    return found


def importing() -> dict[str, str]:
    """Return the environment of a process that imports what this one can."""
    return dict(os.environ, PYTHONPATH=os.pathsep.join([str(ROOT), *filter(None, sys.path)]))


def _nothing(why: str) -> Row:
    return {"status": "failed", "why": why, "seconds": {}, "levels": [], "memory_mib": None}
