"""The linear program of a part: what room is worth, if groups could be split."""

from __future__ import annotations

import highspy
import numpy as np
from scipy import sparse

from allocate.core.highs import QUIET, rows_and_columns
from allocate.core.search import Field, Floats


def room_prices(field: Field) -> Floats:
    """Solve the linear program of a field, without its rows on the side, for its prices.

    Parameters
    ----------
    field
        Its plan overdraws no agent, so that there is a solution.

    Returns
    -------
    Floats
        Price of a unit of the room of each agent but the last, which is outside, (m - 1,).
    """
    groups, options, agents = len(field.choice), len(field.regret), len(field.price) - 1
    group = np.repeat(np.arange(groups), np.diff(field.start))
    weight = field.weight[group]
    limit = field.room.astype(float)
    np.add.at(limit, field.agent[field.choice], field.weight)
    inside, own = field.agent < agents, np.arange(options)
    rows = np.concatenate([group, groups + field.agent[inside]])
    columns = np.concatenate([own, own[inside]])
    amounts = np.concatenate([np.ones(options), weight[inside]])
    infinity = highspy.kHighsInf
    solver = highspy.Highs()
    for name, value in QUIET.items():
        solver.setOptionValue(name, value)
    solver.passModel(
        rows_and_columns(
            sparse.csr_matrix((amounts, (rows, columns)), shape=(groups + agents, options)),
            field.regret - field.price[field.agent] * weight,
            np.zeros(options),
            np.ones(options),
            np.concatenate([np.ones(groups), np.full(agents, -infinity)]),
            np.concatenate([np.ones(groups), limit[:agents]]),
        )
    )
    solver.run()
    return np.maximum(-np.asarray(solver.getSolution().row_dual)[groups:], 0.0)
