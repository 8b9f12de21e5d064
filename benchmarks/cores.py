"""Cores that this process and the workers that it keeps have had busy."""

from __future__ import annotations

import os
from pathlib import Path

from benchmarks.memory import family


def cpu_seconds() -> float | None:
    """Sum of what this process and its live children have computed; None where not told."""
    try:
        return sum(map(_spent, family()))
    except OSError:
        return None


def _spent(process: Path) -> float:
    """Seconds of a process, its own and the system's for it."""
    after_name = (process / "stat").read_text().rpartition(")")[2].split()
    user, system = after_name[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")
