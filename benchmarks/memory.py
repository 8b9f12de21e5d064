"""Peak memory of this process and of the workers that it keeps."""

from __future__ import annotations

import re
from pathlib import Path


def peak_mib() -> int | None:
    """Sum of the peaks of this process and its live children, in MiB; None where not told.

    Each peak is of its own moment, so the sum is the most that can have been used at once.
    """
    try:
        peaks = [_peak(process) for process in family()]
    except OSError:
        return None
    return sum(peaks) // 1024


def family() -> list[Path]:
    """List this process and its live children, as the system tells of them.

    Raises
    ------
    OSError
        Where it does not.
    """
    me = Path("/proc/self")
    children = [
        child
        for task in (me / "task").iterdir()
        for child in (task / "children").read_text().split()
    ]
    return [me, *(Path("/proc") / child for child in children)]


def _peak(process: Path) -> int:
    found = re.search(r"VmHWM:\s+(\d+) kB", (process / "status").read_text())
    return int(found[1]) if found else 0
