"""What of an answer may be published: no small count of people, nor what gives one away.

A count of a few people can point to one of them. Such counts are hidden, and so are as many others
as it takes that no arithmetic over rows, columns and totals shows a hidden count to be small: the
most that each could be is found by a linear program over all that is printed, and more is hidden
until that is no longer few (primary and secondary suppression with an audit: A. Hundepool et al.,
Statistical Disclosure Control, 2012, chapter 4). One mark stands for all of them, so that it is not
seen either which ones were small.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf

import numpy as np
import pandas as pd
from scipy.optimize import linprog

from allocate.labels import Bools
from allocate.units import Floats, Ints

FEWEST = 5  # counts below this, nought apart, are not published
MARK = "[c]"  # confidential, as official statistics write it
TOTAL = "all"


@dataclass(frozen=True)
class Disclosed:
    """What a model's answer says that may be published.

    Parameters
    ----------
    tables
        By file name without its ending: no ids of people, no rates, no small counts.
    paid
        How many owners the money goes to: from the sum of few, one works out the price of another.
    """

    tables: Mapping[str, pd.DataFrame]
    paid: int


def with_totals(counts: Ints) -> Ints:
    """Return a table with a last row and column of its totals, (R + 1, C + 1)."""
    rows = np.vstack([counts, counts.sum(axis=0)])
    return np.hstack([rows, rows.sum(axis=1)[:, None]])


def hidden(counts: Ints, fewest: int = FEWEST) -> Bools:
    """Say what of a table of people must not be printed.

    Parameters
    ----------
    counts
        Whole numbers, never negative, (R, C).
    fewest
        The least number of people that may be told; nobody at all may be.

    Returns
    -------
    bool array
        Of the table with its totals, (R + 1, C + 1).
    """
    table = with_totals(counts)
    small = (table > 0) & (table < fewest)
    shut = small.copy()
    while (at := _given_away(table, small, shut, fewest)) is not None:
        shut[_beside(table, shut, at)] = True
    return shut


def people_table(
    counts: Ints, rows: Sequence[str], columns: Sequence[str], heading: str
) -> pd.DataFrame:
    """Return a table of people as it may be published, with its totals.

    Parameters
    ----------
    counts
        As of ``hidden``.
    rows, columns
        Their labels.
    heading
        Of the column of row labels.
    """
    shown = np.where(hidden(counts), MARK, with_totals(counts).astype("object"))
    frame = pd.DataFrame(shown, columns=[*columns, TOTAL])
    frame.insert(0, heading, [*rows, TOTAL])
    return frame


def _given_away(table: Ints, small: Bools, shut: Bools, fewest: int) -> tuple[int, int] | None:
    """Find a small count that what is printed shows to be small; None where there is none."""
    told = [_sums(table.shape, at) for at in np.argwhere(~shut)]
    values = table[~shut]
    for row, column in np.argwhere(small).tolist():
        if _most(_sums(table.shape, (row, column)), told, values) < fewest:
            return row, column
    return None


def _sums(shape: tuple[int, ...], at: tuple[int, int] | Ints) -> Floats:
    """Which cells inside a table add up to one of it or of its totals, (R * C,)."""
    inside = np.zeros((shape[0] - 1, shape[1] - 1))
    row, column = (slice(None) if at[n] == shape[n] - 1 else int(at[n]) for n in (0, 1))
    inside[row, column] = 1.0
    return inside.ravel()


def _most(aim: Floats, told: list[Floats], values: Ints) -> float:
    """Most that a count could be as far as anybody can work out."""
    if not told:
        return inf
    # Rows and columns with their sums are a transport problem: its best is a whole number.
    found = linprog(-aim, A_eq=np.array(told), b_eq=values, method="highs")
    return inf if found.x is None else float(np.rint(aim @ found.x))


def _beside(table: Ints, shut: Bools, at: tuple[int, int]) -> tuple[int, int]:
    """Choose what is hidden next: the smallest count in line with one, else anywhere."""
    line = np.zeros_like(shut)
    line[at[0]] = line[:, at[1]] = True
    for where in (line & (table > 0), table > 0, np.ones_like(shut)):
        open_ = np.argwhere(where & ~shut)
        if len(open_):
            row, column = min(open_.tolist(), key=lambda cell: (table[tuple(cell)], cell))
            return row, column
    raise AssertionError("a table of which nothing is printed gives nothing away")
