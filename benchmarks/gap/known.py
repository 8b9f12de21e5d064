"""The public instances with known values, read where they are."""

from __future__ import annotations

import csv
import os
from dataclasses import dataclass
from pathlib import Path

from benchmarks.gap.recipe import TYPES

BESIDE = Path(__file__).parents[3] / "shared" / "bench" / "gap"
# Sizes made by the recipe where the public files are not there.
SIZES = ((5, 100), (10, 100), (20, 100), (5, 200), (10, 200), (20, 200), (20, 400), (20, 1600))


@dataclass(frozen=True)
class Known:
    """A public instance: its file, and the best value known."""

    name: str
    file: Path
    best: int


def folder() -> Path:
    """Where the public files are: ``ALLOCATE_GAP``, or ``shared/bench/gap`` beside the clone."""
    return Path(os.environ.get("ALLOCATE_GAP", BESIDE))


def known() -> list[Known]:
    """List the public instances of types C, D and E; none where the folder is absent."""
    table = folder() / "known.csv"
    if not table.is_file():
        return []
    with table.open(encoding="utf-8", newline="") as file:
        return [
            Known(row["instance"], folder() / row["file"], int(row["best_known"]))
            for row in csv.DictReader(file)
            if row["instance"][0] in TYPES
        ]
