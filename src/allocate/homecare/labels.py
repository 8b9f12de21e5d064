"""Labels become positions, and words become arrays."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from allocate.tables import Tables
from allocate.units import Ints

Bools = NDArray[np.bool_]

PLACED, WAITING, HANDED_BACK = 0, 1, 2
STATUSES = ("placed", "waiting", "handed_back")
RATINGS = ("Outstanding", "Good", "Requires improvement", "Inadequate")
BANDS = ("morning", "lunch", "tea", "bed")


def positions(labels: Any, known: Any) -> Ints:
    """Positions of labels in a list of known ones, -1 where a label is empty or unknown."""
    return pd.Index(known).get_indexer(pd.Index(labels)).astype(np.int64)


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


def called(words: tuple[str, ...], ids: tuple[str, ...], at: int, *, within: bool = False) -> str:
    """Name and id of something, one word where they are the same.

    Parameters
    ----------
    words, ids
        Names and ids.
    at
        Position.
    within
        Whether the sentence goes on: the id is then set between commas.
    """
    if words[at] == ids[at]:
        return ids[at]
    return f"{words[at]}, {ids[at]}{',' if within else ''}"


def named(*parts: tuple[Sequence[str], Ints]) -> Callable[[], list[tuple[str, ...]]]:
    """Name things by the labels that they are about, such as ``P0001, H06``; built when asked for.

    Parameters
    ----------
    parts
        Labels, and the position among them of each thing, (N,).
    """

    def names() -> list[tuple[str, ...]]:
        columns = ([labels[at] for at in positions.tolist()] for labels, positions in parts)
        return list(zip(*columns, strict=True))

    return names


def each(labels: Sequence[str]) -> Callable[[], list[tuple[str, ...]]]:
    """Name things by one label each, in order."""
    return lambda: [(label,) for label in labels]
