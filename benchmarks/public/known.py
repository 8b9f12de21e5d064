"""The public instances with known values, by family, read where they are."""

from __future__ import annotations

import csv
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

BESIDE = Path(__file__).parents[3] / "shared" / "bench"
TYPES = ("c", "d", "e")  # of generalised assignment: those that are not easy
ASKED = {"cut edges": "cut_edges", "sum d^2*pop": "inertia"}  # of districts, by how it is told


@dataclass(frozen=True)
class Known:
    """A public instance: its file, what is asked of it, and the best value known.

    Parameters
    ----------
    name, family
        As the table of its family has it.
    file
        In the family's public format.
    best
        The best value known; None where it is proven that there is no answer.
    asked
        Options of the family, by name.
    """

    name: str
    family: str
    file: Path
    best: float | None
    asked: Mapping[str, Any] = field(default_factory=dict)


def folder(family: str) -> Path:
    """Where public files are: in ``ALLOCATE_BENCH``, or ``shared/bench`` beside the clone."""
    return Path(os.environ.get("ALLOCATE_BENCH", BESIDE)) / family


def known(family: str) -> list[Known]:
    """List the public instances of a family; none where its folder is absent."""
    table = folder(family) / "known.csv"
    if not table.is_file():
        return []
    with table.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    if family == "gap":
        rows = [row for row in rows if row["instance"][0] in TYPES]
    if family == "districting":
        rows = [row for row in rows if _asks(row["objective"]) or row["optimal"] == "infeasible"]
    return [
        Known(
            row["instance"],
            family,
            folder(family) / row["file"],
            float(row["best_known"]) if row["best_known"] else None,
            _asked(row) if family == "districting" else {},
        )
        for row in rows
    ]


def _asks(told: str) -> str | None:
    return next((asked for words, asked in ASKED.items() if told.startswith(words)), None)


def _asked(row: Mapping[str, str]) -> dict[str, Any]:
    """What is asked of districts, as ``allocate bench file`` takes it."""
    return {
        "districts": int(row["k"]),
        "lower": int(row["L"]),
        "upper": int(row["U"]),
        "objective": _asks(row["objective"]) or "cut_edges",
        "contiguous": row["contiguity"] == "contiguous",
    }
