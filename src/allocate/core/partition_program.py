"""Partitions as programs, for general solvers: the reference on small cases."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from allocate.core.program import FREE, Level, Program
from allocate.units import Ints


class Cells(Protocol):
    """What a program needs of a partition."""

    @property
    def size(self) -> Ints:
        """Of each cell, (n,)."""

    @property
    def edges(self) -> Ints:
        """Pairs of cells that touch, (E, 2)."""

    @property
    def together(self) -> Ints:
        """Pairs of cells that share a lot, (T, 2)."""

    @property
    def lower(self) -> int:
        """Least size of a lot."""

    @property
    def upper(self) -> int:
        """Largest size of a lot."""

    @property
    def least(self) -> int:
        """Least number of lots."""

    @property
    def most(self) -> int:
        """Largest number of lots."""

    @property
    def contiguous(self) -> bool:
        """Whether each lot is connected."""


def by_centres(cells: Cells, way: Ints) -> Program:
    """Choose centres, and one of them for each cell.

    Parameters
    ----------
    cells
        What is parted, n cells.
    way
        Cost of each cell with each centre, (n, n).
    """
    n = len(cells.size)
    program = Program()
    assign = program.columns("assign", n * n).reshape(n, n)
    own = assign.diagonal()
    others = ~np.eye(n, dtype=bool)
    cell, centre = np.nonzero(others)
    pairs = np.arange(len(cell))
    program.require(
        "assigned_to_centres",
        "link",
        [(pairs, assign[others], 1), (pairs, own[centre], -1)],
        high=0,
        rows=len(cell),
    )
    _common(program, cells, assign, own)
    if cells.contiguous:
        _connected(program, cells, assign, np.arange(n), np.arange(n), own)
    coef = np.zeros(program.size, dtype=np.int64)
    coef[assign] = way
    program.level("way", coef, Fraction(1))
    return program


def by_cuts(cells: Cells, weight: Ints) -> Program:
    """Choose one of so many labels for each cell, and pay for edges between two labels.

    Parameters
    ----------
    cells
        What is parted, n cells.
    weight
        Of each edge, (E,).
    """
    n, edges = len(cells.size), len(cells.edges)
    program = Program()
    assign = program.columns("assign", n * cells.most).reshape(n, cells.most)
    used = program.columns("used", cells.most)
    cut = program.columns("cut", edges)
    edge, label = (index.ravel() for index in np.indices((edges, cells.most)))
    row = np.arange(len(edge))
    for name, (a, b) in {"cut_one_way": (0, 1), "cut_other_way": (1, 0)}.items():
        one, other = (assign[cells.edges[edge, end], label] for end in (a, b))
        program.require(
            name,
            "link",
            [(row, one, 1), (row, other, -1), (row, cut[edge], -1)],
            high=0,
            rows=len(row),
        )
    _common(program, cells, assign, used)
    if cells.contiguous:
        root = program.columns("root", n * cells.most)
        cell, lot = (index.ravel() for index in np.indices(assign.shape))
        program.require(
            "one_root",
            "free",
            [(lot, root, 1), (np.arange(cells.most), used, -1)],
            low=0,
            high=0,
            rows=cells.most,
        )
        each = np.arange(len(root))
        program.require(
            "root_in_its_lot",
            "link",
            [(each, root, 1), (each, assign.ravel(), -1)],
            high=0,
            rows=len(each),
        )
        _connected(program, cells, assign, cell, lot, root)
    coef = np.zeros(program.size, dtype=np.int64)
    coef[cut] = weight
    program.level("cut", coef, Fraction(1))
    return program


def by_lots(cells: Cells, member: NDArray[np.bool_], cost: Ints, side: Program | None) -> Program:
    """Choose lots from a list.

    Parameters
    ----------
    cells
        What is parted, n cells.
    member, cost
        Cells and cost of each lot, (S, n) and (S,).
    side
        What else is decided; its columns ``lot`` are those of the list.
    """
    if side is None:
        program = Program()
        program.columns("lot", len(cost))
        program.level("lots", np.zeros(len(cost), dtype=np.int64), Fraction(1))
    else:
        program = replace(side, families=list(side.families), levels=list(side.levels))
    drawn = np.arange(program.size)[program.names["lot"]]
    lot, cell = np.nonzero(member)
    program.require(
        "each_cell_once", "choose", [(cell, drawn[lot], 1)], low=1, high=1, rows=len(cells.size)
    )
    _number(program, cells, drawn)
    first = program.levels[0]
    coef = first.coef.copy()
    coef[drawn] += cost
    program.levels[0] = Level(first.name, coef, first.per)
    return program


def _common(program: Program, cells: Cells, assign: Ints, used: Ints) -> None:
    """What holds of lots that are told by a column for each cell and lot, (n, lots)."""
    n, lots = assign.shape
    cell, lot = (index.ravel() for index in np.indices((n, lots)))
    program.require("each_cell_once", "choose", [(cell, assign.ravel(), 1)], low=1, high=1, rows=n)
    size, each = cells.size[cell], np.arange(lots)
    for name, bound in {"balanced_below": cells.upper, "balanced_above": cells.lower}.items():
        above = name == "balanced_above"
        program.require(
            name,
            "free",
            [(lot, assign.ravel(), size), (each, used, -bound)],
            low=0 if above else -FREE,
            high=FREE if above else 0,
            rows=lots,
        )
    _number(program, cells, used)
    a, b = cells.together.T
    pair, lot = (index.ravel() for index in np.indices((len(a), lots)))
    row = np.arange(len(pair))
    program.require(
        "kept_together",
        "free",
        [(row, assign[a[pair], lot], 1), (row, assign[b[pair], lot], -1)],
        low=0,
        high=0,
        rows=len(row),
    )


def _number(program: Program, cells: Cells, used: Ints) -> None:
    program.require(
        "number_of_lots", "free", [(0, used, 1)], low=cells.least, high=cells.most, rows=1
    )


def _connected(
    program: Program, cells: Cells, assign: Ints, cell: Ints, lot: Ints, root: Ints
) -> None:
    """Let each lot's root send one unit to each other cell of its lot, through cells of the lot.

    ``root`` are columns that say that the lot has its root in the cell.
    """
    n, lots = assign.shape
    arcs = np.concatenate([cells.edges, cells.edges[:, ::-1]])
    flow = program.columns("flow", len(arcs) * lots, upper=n - 1, whole=False)
    arc, of = (index.ravel() for index in np.indices((len(arcs), lots)))
    tail, head = arcs[arc].T
    all_, size = np.arange(n * lots), n * lots
    program.require(
        "reached",
        "free",
        [
            (head * lots + of, flow, 1),
            (tail * lots + of, flow, -1),
            (all_, assign.ravel(), -1),
            (cell * lots + lot, root, n),
        ],
        low=0,
        rows=size,
    )
    program.require(
        "through_its_lot",
        "free",
        [(head * lots + of, flow, 1), (all_, assign.ravel(), 1 - n)],
        high=0,
        rows=size,
    )
