"""A level kept: rows that no later level may worsen, with whatever costs too much closed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy import sparse

from allocate.core.program import FREE, Flat, ints
from allocate.units import Ints


def span(flat: Flat, cost: Ints) -> tuple[int, int]:
    """Return the least and the most that columns can cost, each group by itself.

    Parameters
    ----------
    flat
        Its rows are left out, but for those that choose exactly one column of a group.
    cost
        Never negative, (columns,).
    """
    family = np.flatnonzero([kind == "choose" for kind in flat.kinds])
    rows = np.flatnonzero(np.isin(flat.family, family))
    rows = rows[flat.low[rows] == 1]
    groups = flat.matrix[rows].tocoo()
    low, high = (cost * bound for bound in (flat.lower, flat.upper))
    alone = np.ones(len(cost), dtype=bool)
    alone[groups.col] = False
    least, most = np.full(len(rows), FREE), np.zeros(len(rows), dtype=np.int64)
    open_ = flat.upper[groups.col] > 0
    row, column = groups.row[open_], groups.col[open_]
    np.minimum.at(least, row, cost[column])
    np.maximum.at(most, row, cost[column])
    least[least == FREE] = 0
    return int(low[alone].sum() + least.sum()), int(high[alone].sum() + most.sum())


def keep(flat: Flat, cost: Ints, value: int) -> Flat:
    """Return the rows with one more: the level just solved is not worsened.

    A whole column that alone costs more than the level's value is closed instead; where no plan can
    cost more than the value that is all there is to say.
    """
    upper = flat.upper.copy()
    dear = flat.whole & (cost > value) & (flat.lower == 0)
    upper[dear] = 0
    left = np.where(dear, 0, cost)
    if value == 0:
        upper[left > 0] = flat.lower[left > 0]
        return replace(flat, upper=upper)
    if span(replace(flat, upper=upper), left)[1] <= value:
        return replace(flat, upper=upper)
    row = sparse.csr_matrix(left[None, :])
    return replace(
        flat,
        matrix=sparse.vstack([flat.matrix, row], format="csr"),
        low=np.append(flat.low, ints(-FREE)),
        high=np.append(flat.high, ints(value)),
        upper=upper,
    )
