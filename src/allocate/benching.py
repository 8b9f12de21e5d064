"""One public instance solved, its answer recounted and written."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from allocate import registry
from allocate.errors import BadInput, Fault
from allocate.files.target import check_free, written_whole
from allocate.result import versions

EXIT_CODES = {"answered": 0, "cannot all be met": 1, "stopped": 3}


def bench_file(
    path: Path,
    family: str,
    out: Path,
    *,
    seconds: float,
    seed: int,
    asked: Mapping[str, Any] | None = None,
) -> tuple[str, int]:
    """Solve a public instance and write what was found.

    Parameters
    ----------
    path
        The instance, in the family's public format.
    family
        Such as ``gap``.
    out
        JSON file to write; it may not exist.
    seconds, seed
        When to stop, and the seed of everything random.
    asked
        Options of the family, by name.

    Returns
    -------
    tuple
        One line for a person, and the exit code.

    Raises
    ------
    BadInput
        For an unknown family, an option that it does not know, a file that is no instance, or a
        target that exists.
    """
    public = registry.public_family(family)
    options = dict(asked or {})
    unknown = [name for name in options if name not in getattr(public, "OPTIONS", ())]
    if unknown:
        problem = f"is no option of the family {family}"
        raise BadInput(
            "the command line",
            [Fault(f"--{name}", "", problem, "Leave it out") for name in unknown],
        )
    check_free(out)
    began = time.monotonic()
    found = public.solve_file(path, seconds, seed, **options)
    spent = round(time.monotonic() - began, 3)
    record = {
        "instance": path.name,
        "family": family,
        "objective": found.objective,
        "bound": found.bound,
        "seconds": spent,
        "answer": found.answer,
        "infeasible": found.impossible,
        **({"asked": options} if options else {}),
        "seed": seed,
        "limit_seconds": seconds,
        "versions": versions(),
    }
    with written_whole(out, file=True) as unfinished:
        unfinished.write_text(json.dumps(record) + "\n", encoding="utf-8", newline="\n")
    if found.answer is None:
        status = "cannot all be met" if found.impossible else "stopped"
        return f"{path.name}: no answer in {spent:.1f} s ({status}).", EXIT_CODES[status]
    side = "above" if found.largest else "below"
    line = f"{path.name}: {found.objective:,}, and no answer is {side} {found.bound:,}"
    return f"{line}; {spent:.1f} s.", EXIT_CODES["answered"]
