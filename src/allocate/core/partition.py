"""A partition: cells to be parted into lots that are connected and of balanced size, as arrays.

What a plan costs is told in one of three ways: by centres (each lot has one of its cells as its
centre, and each cell pays its way there: the model of S. W. Hess et al., Operations Research 13,
1965), by cuts (each edge between two lots), or lot by lot where all lots are listed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import networkx as nx
import numpy as np
from numpy.typing import NDArray

from allocate.core.partition_program import by_centres, by_cuts, by_lots
from allocate.core.program import Flat, Program, ints
from allocate.units import Ints

Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class CentreCost:
    """Each lot has one of its cells as its centre, and each cell pays its way there.

    Parameters
    ----------
    way
        Of each cell to each centre, whole and never negative, (n, n).
    """

    way: Ints


@dataclass(frozen=True)
class CutCost:
    """Each edge between two lots costs something.

    Parameters
    ----------
    weight
        Of each edge, whole and never negative, (E,).
    """

    weight: Ints


@dataclass(frozen=True)
class LotCost:
    """All lots there may be are listed, each with its cost.

    Parameters
    ----------
    member
        Which cells each lot has, (S, n).
    cost
        Of each lot, whole and never negative, (S,).
    side
        What else is decided, such as who wins which lot: a program whose block of columns ``lot``
        says which lots are drawn, and whose first level adds to the cost; None where nothing is.
    """

    member: Bools
    cost: Ints
    side: Program | None = None


Cost = CentreCost | CutCost | LotCost


@dataclass(frozen=True)
class Partition:
    """Cells to be parted into lots.

    Parameters
    ----------
    size
        Of each cell, such as its hours, whole and never negative, (n,).
    edges
        Pairs of cells that touch, each pair once, (E, 2).
    lower, upper
        What the cells of a lot come to.
    least, most
        Number of lots.
    cost
        What a plan costs.
    together
        Pairs of cells that share a lot, (T, 2).
    contiguous
        Whether each lot is connected.
    """

    size: Ints
    edges: Ints
    lower: int
    upper: int
    least: int
    most: int
    cost: Cost
    together: Ints = field(default_factory=lambda: ints([]).reshape(0, 2))
    contiguous: bool = True

    @property
    def cells(self) -> int:
        """Number of cells."""
        return len(self.size)

    @cached_property
    def graph(self) -> nx.Graph[int]:
        """The cells and which of them touch."""
        graph: nx.Graph[int] = nx.Graph()
        graph.add_nodes_from(range(self.cells))
        graph.add_edges_from(self.edges.tolist())
        return graph

    def islands(self) -> list[list[int]]:
        """Cells that hang together, the largest island first; one list where all do."""
        found = (sorted(island) for island in nx.connected_components(self.graph))
        return sorted(found, key=lambda island: (-len(island), island))

    def shares(self) -> list[tuple[list[int], int, int]]:
        """Say how many lots the sizes let each island be: its cells, the fewest and the most.

        Where the fewest are more than the most, or all islands together are too few lots or too
        many, there is no plan. Lots that need not be connected make one island of all cells.
        """
        islands = self.islands() if self.contiguous else [list(range(self.cells))]
        told = []
        for island in islands:
            size = self.size[island]
            amount, cells = int(size.sum()), len(island)
            # A cell that is too large alone is in no lot.
            few = max(1, -(-amount // self.upper)) if self.upper > 0 else 1 + cells * (amount > 0)
            many = min(cells, amount // self.lower) if self.lower > 0 else cells
            told.append((island, few, 0 if size.max() > self.upper else many))
        return told

    def shares_fit(self) -> bool:
        """Whether sizes alone let the islands be lots, as many as there are to be."""
        _, few, many = zip(*self.shares(), strict=True)
        each = all(fewest <= most for fewest, most in zip(few, many, strict=True))
        return each and sum(few) <= self.most and sum(many) >= self.least

    def program(self) -> Program:
        """Write the whole of it as a program, for general solvers and for tests.

        Connected lots are flows from their centre or root, one commodity a lot (T. Shirabe,
        Geographical Analysis 37, 2005): right, but large.
        """
        if isinstance(self.cost, CentreCost):
            return by_centres(self, self.cost.way)
        if isinstance(self.cost, CutCost):
            return by_cuts(self, self.cost.weight)
        return by_lots(self, self.cost.member, self.cost.cost, self.cost.side)

    def flat(self) -> Flat:
        """Return the program as one sparse matrix."""
        return self.program().flat()

    def lots(self, values: Ints) -> Ints:
        """Read the lot of each cell, (n,), from values of the program's columns.

        Lots are numbered from nought, in the order of their first cells.
        """
        program = self.program()
        if isinstance(self.cost, LotCost):
            drawn = np.flatnonzero(values[program.names["lot"]])
            return in_order(drawn[self.cost.member[drawn].argmax(axis=0)])
        return in_order(values[program.names["assign"]].reshape(self.cells, -1).argmax(axis=1))

    def total(self, lots: Ints) -> int | None:
        """Recount what a plan costs, from the lot of each cell, (n,); None where a lot is unknown.

        Of a side program nothing is counted.
        """
        members = [np.flatnonzero(lots == lot) for lot in range(int(lots.max()) + 1)]
        if isinstance(self.cost, CentreCost):
            way = self.cost.way
            return sum(int(way[np.ix_(cells, cells)].sum(axis=0).min()) for cells in members)
        if isinstance(self.cost, CutCost):
            return int(self.cost.weight[lots[self.edges[:, 0]] != lots[self.edges[:, 1]]].sum())
        known = {
            row.tobytes(): int(cost)
            for row, cost in zip(self.cost.member, self.cost.cost, strict=True)
        }
        costs = [known.get((lots == lot).tobytes()) for lot in range(len(members))]
        paid = [cost for cost in costs if cost is not None]
        return sum(paid) if len(paid) == len(costs) else None

    def faults(self, lots: Ints) -> list[str]:
        """Say what a plan breaks, from the lot of each cell, (n,); nothing where it is one."""
        if lots.shape != (self.cells,) or np.any(lots < 0):
            return ["not every cell has a lot"]
        count = int(lots.max()) + 1
        if np.any(np.bincount(lots, minlength=count) == 0):
            return ["a lot has no cells"]
        told = []
        if not self.least <= count <= self.most:
            told.append(f"there are {count} lots, not {self.least} to {self.most}")
        size = [int(self.size[lots == lot].sum()) for lot in range(count)]
        told += [
            f"lot {lot} comes to {amount}, not {self.lower} to {self.upper}"
            for lot, amount in enumerate(size)
            if not self.lower <= amount <= self.upper
        ]
        if self.contiguous:
            told += [
                f"lot {lot} is not connected"
                for lot in range(count)
                if not nx.is_connected(self.graph.subgraph(np.flatnonzero(lots == lot).tolist()))
            ]
        return told + [
            f"cells {a} and {b} are apart" for a, b in self.together.tolist() if lots[a] != lots[b]
        ]


def in_order(lots: Sequence[int] | Ints) -> Ints:
    """Number lots from nought in the order of their first cells, (n,)."""
    _, first, inverse = np.unique(lots, return_index=True, return_inverse=True)
    return first.argsort().argsort()[inverse].astype(np.int64)
