"""The recourse taken apart where no row joins its columns: each part is bounded by itself.

The cost of a sample is the sum over its parts, and so is a bound on it: cuts on parts are sharper
than cuts on their sum, since the best vector of one goes with the best of every other.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from allocate.core.two_stage import TwoStage
from allocate.units import Ints

MOST = 12  # parts at most: of a recourse in more pieces some are taken together


@dataclass(frozen=True)
class Part:
    """Rows and columns of the recourse that nothing joins to the others.

    Parameters
    ----------
    rows, columns, things
        Positions in the whole program; things are those that the rows ask for.
    program
        The program with this part of the recourse alone, and no tail.
    """

    rows: Ints
    columns: Ints
    things: Ints
    program: TwoStage


def parts(two_stage: TwoStage) -> list[Part]:
    """Take the recourse of a program apart.

    Parameters
    ----------
    two_stage
        The program.

    Returns
    -------
    list of Part
        At least one; every row is in one of them, and every column that a row has.
    """
    rows, columns = two_stage.matrix.shape
    size = rows + columns
    entries = two_stage.matrix.tocoo()
    graph = sparse.coo_array(
        (np.ones(entries.nnz, dtype=bool), (entries.row, rows + entries.col)), shape=(size, size)
    )
    label = connected_components(graph, directed=False)[1]
    # Rows without a column can only hold or not, whatever is done: they go with the first part.
    _, of_row = np.unique(label[:rows], return_inverse=True)
    filled = np.isin(label[:rows], label[rows:])
    first = of_row[np.flatnonzero(filled)[0]] if filled.any() else 0
    of_row = np.where(filled, of_row, first)
    groups = np.unique(of_row)
    found = []
    for k in range(min(len(groups), MOST)):
        which = np.flatnonzero(np.isin(of_row, groups[k::MOST]))
        found.append(_part(two_stage, which))
    return found


def _part(two_stage: TwoStage, rows: Ints) -> Part:
    matrix, link = two_stage.matrix[rows], two_stage.link[rows]
    columns, things = np.unique(matrix.indices), np.unique(link.indices)
    program = replace(
        two_stage,
        matrix=matrix[:, columns],
        equal=two_stage.equal[rows],
        price=two_stage.price[columns],
        upper=two_stage.upper[columns],
        link=link[:, things],
        booked=tuple(each[things] for each in two_stage.booked),
        rhs=two_stage.rhs[:, rows],
        tail=None,
    )
    return Part(rows, columns, things, program)
