"""Authorities, client groups and services: along them stands each cell, and each box of cells."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from allocate.errors import Fault
from allocate.labels import Bools, positions
from allocate.lots.cells import Cells
from allocate.units import Floats, Ints

MOST_LABELS = 23  # authorities, groups and services together: 2 ** 23 boxes


@dataclass(frozen=True)
class Axes:
    """Authorities, client groups and services, and where each cell stands.

    Parameters
    ----------
    labels
        Of each axis.
    at
        Position of each cell along each axis, (C, 3).
    """

    labels: tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]
    at: Ints

    @property
    def shape(self) -> tuple[int, int, int]:
        """Boxes along each axis: every set of what stands there."""
        one, two, three = (1 << len(axis) for axis in self.labels)
        return one, two, three

    def sums(self, amounts: Floats) -> Floats:
        """Sum amounts of cells, (C,), over each box, shape of the boxes."""
        grid = self.grid(amounts)
        services = grid @ subsets(grid.shape[2]).T
        groups = subsets(grid.shape[1]) @ services
        found = subsets(grid.shape[0]) @ groups.reshape(len(grid), -1)
        return found.reshape(self.shape)

    def grid(self, amounts: Floats) -> Floats:
        """Amounts of cells, (C,), where they stand along the axes."""
        grid = np.zeros([len(axis) for axis in self.labels])
        np.add.at(grid, tuple(self.at.T), amounts)
        return grid

    def member(self, boxes: Ints) -> Bools:
        """Cells of some boxes, told by their position among all, (N, C)."""
        sets = np.unravel_index(boxes, self.shape)
        inside = [(one[:, None] >> self.at[:, axis]) & 1 for axis, one in enumerate(sets)]
        return (inside[0] & inside[1] & inside[2]).astype(bool)

    def words(self, cells: Ints) -> str:
        """Name a box by what it has along each axis."""
        parts = []
        for axis, labels in enumerate(self.labels):
            has = sorted(set(self.at[cells, axis].tolist()))
            every = len(has) == len(labels) and len(labels) > 1
            parts.append("all" if every else ", ".join(labels[i] for i in has))
        return " x ".join(parts)


def subsets(size: int) -> Floats:
    """Which of some things each set of them has, (2 ** size, size)."""
    sets = (np.arange(1 << size)[:, None] >> np.arange(size)) & 1
    return sets.astype(float)


def axes_of(cells: Cells) -> Axes:
    """Read the axes of a service list."""
    of = (cells.authority, cells.group, cells.service)
    labels = tuple(tuple(dict.fromkeys(x)) for x in of)
    at = np.stack([positions(x, known) for x, known in zip(of, labels, strict=True)], axis=1)
    return Axes((labels[0], labels[1], labels[2]), at)


def axes_faults(cells: Cells) -> list[Fault]:
    """Find two cells of one kind, and a list with too many boxes to price."""
    axes = axes_of(cells)
    size = [len(labels) for labels in axes.labels]
    place = np.ravel_multi_index(tuple(axes.at.T), size)
    _, first, inverse = np.unique(place, return_index=True, return_inverse=True)
    faults = [
        Fault(
            "cells.csv",
            f'cell_id = "{cells.ids[i]}"',
            f"is the same authority, client group and service as {cells.ids[first[inverse[i]]]}",
            "Join the two, or tell them apart",
        )
        for i in range(len(cells.ids))
        if first[inverse[i]] != i
    ]
    if sum(size) > MOST_LABELS:
        many = " x ".join(str(n) for n in size)
        problem = f"{many} authorities, client groups and services make too many lots to price"
        faults.append(Fault("cells.csv", "", problem, "Join services that are let together"))
    return faults
