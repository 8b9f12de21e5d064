"""Cells that share a lot as one cell: what a search moves, it moves together."""

from __future__ import annotations

from dataclasses import replace

import networkx as nx
import numpy as np

from allocate.core.partition import CentreCost, Cost, CutCost, Partition
from allocate.core.program import ints
from allocate.units import Ints


def merged(partition: Partition) -> tuple[Partition, Ints]:
    """Return a partition of groups of cells, and the group of each cell, (n,).

    It is for searching, and leaves plans out: where cells of a group do not touch, those on a
    shortest way between them join it, and a group that is a centre has the cell that suits itself
    best.

    Parameters
    ----------
    partition
        Its cost is by centres or by cuts.
    """
    graph: nx.Graph[int] = nx.Graph()
    graph.add_nodes_from(range(partition.cells))
    for a, b in partition.together.tolist():
        apart = not partition.contiguous or not nx.has_path(partition.graph, a, b)
        nx.add_path(graph, [a, b] if apart else nx.shortest_path(partition.graph, a, b))
    groups = [np.array(sorted(group)) for group in nx.connected_components(graph)]
    groups.sort(key=lambda group: int(group[0]))
    of = np.empty(partition.cells, dtype=np.int64)
    for number, group in enumerate(groups):
        of[group] = number
    ends = np.sort(of[partition.edges], axis=1)
    edges, edge = np.unique(ends, axis=0, return_inverse=True)
    between = edges[:, 0] != edges[:, 1]
    cost: Cost = partition.cost
    if isinstance(cost, CentreCost):
        way = cost.way
        centre = [group[way[np.ix_(group, group)].sum(axis=0).argmin()] for group in groups]
        cost = CentreCost(np.array([way[np.ix_(group, centre)].sum(axis=0) for group in groups]))
    elif isinstance(cost, CutCost):
        weight = np.zeros(len(edges), dtype=np.int64)
        np.add.at(weight, edge.ravel(), cost.weight)
        cost = CutCost(weight[between])
    size = np.zeros(len(groups), dtype=np.int64)
    np.add.at(size, of, partition.size)
    none = ints([]).reshape(0, 2)
    return replace(partition, size=size, edges=edges[between], cost=cost, together=none), of
