"""A level without what no decision changes.

Of each group of columns of which exactly one is chosen, the cheapest is a cost that every plan
bears. A solver then sees the part that can be decided, so that its relative gap is the gap that is
reported.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from allocate.core.program import FREE, Level, Program
from allocate.units import Ints


@dataclass(frozen=True)
class Reduced:
    """A level without what every plan bears: ``coef . x = cost . x * step + fixed``.

    Parameters
    ----------
    cost
        Shape (columns,), never negative, divided by ``step``.
    step
        Greatest common divisor of the costs.
    fixed
        Whole steps of the level that no decision changes.
    taken
        Of these, what each column of a group no longer costs, (columns,).
    """

    cost: Ints
    step: int
    fixed: int
    taken: Ints


def reduce(program: Program, level: Level) -> Reduced:
    """Take out of a level what no decision changes.

    Raises
    ------
    ValueError
        Where a column outside every group could lower the level without end.
    """
    _, upper, _ = program.bounds()
    cost, taken = level.coef.copy(), np.zeros_like(level.coef)
    fixed = 0
    grouped = np.zeros(program.size, dtype=bool)
    for row, col in program.groups():
        open_ = upper[col] > 0
        least = np.full(int(row.max(initial=-1)) + 1, FREE, dtype=np.int64)
        np.minimum.at(least, row[open_], cost[col[open_]])
        least[least == FREE] = 0
        taken[col] = least[row]
        cost[col] -= least[row]
        cost[col[~open_]] = 0
        fixed += int(least.sum())
        grouped[col] = True
    if np.any(cost[~grouped] < 0):
        raise ValueError(f"The level {level.name} has a column of negative cost outside a group.")
    step = int(np.gcd.reduce(cost)) or 1
    return Reduced(cost // step, step, fixed, taken)
