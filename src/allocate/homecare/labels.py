"""Labels become positions, and words become arrays."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pandas as pd

from allocate.labels import RATINGS, Bools, called, each, named, positions
from allocate.tables import Tables
from allocate.units import Ints

__all__ = [
    "BANDS",
    "HANDED_BACK",
    "PLACED",
    "RATINGS",
    "STATUSES",
    "WAITING",
    "Bools",
    "all_needs",
    "area_ids",
    "area_positions",
    "called",
    "each",
    "named",
    "needs_table",
    "place_names",
    "positions",
]

PLACED, WAITING, HANDED_BACK = 0, 1, 2
STATUSES = ("placed", "waiting", "handed_back")
BANDS = ("morning", "lunch", "tea", "bed")


def area_positions(tables: Tables) -> Ints:
    """Position of the area of each row of place_areas, (L,)."""
    return positions(tables["place_areas"]["area_id"], area_ids(tables))


def area_ids(tables: Tables) -> tuple[str, ...]:
    """Labels of areas: of the areas table, or of the places where there is none."""
    if tables.has("areas"):
        return tuple(tables["areas"]["area_id"])
    return tuple(sorted(tables["place_areas"]["area_id"].unique()))


def place_names(tables: Tables) -> tuple[str, ...]:
    """Name of each place of ``place_areas`` as a resident would say it, with its id if need be."""
    ids = tables["place_areas"]["place_id"]
    names = dict(zip(tables["places"]["place_id"], tables["places"]["name"], strict=True))
    plain = [str(names.get(place) or place) for place in ids]
    often = Counter(plain)
    return tuple(
        name if often[name] == 1 else f"{name} ({place})"
        for place, name in zip(ids, plain, strict=True)
    )


def all_needs(tables: Tables) -> list[str]:
    """Every special need that a package or provider names, in lower case, in order."""
    cells = pd.concat([tables["packages"]["needs"], tables["providers"]["needs"]])
    return sorted({need.casefold() for cell in cells for need in cell})


def needs_table(cells: pd.Series[Any], known: list[str]) -> Bools:
    """Which of the known needs each cell names, (rows, needs)."""
    table = np.zeros((len(cells), len(known)), dtype=bool)
    column = {need: number for number, need in enumerate(known)}
    for row, cell in enumerate(cells):
        for need in cell:
            table[row, column[need.casefold()]] = True
    return table
