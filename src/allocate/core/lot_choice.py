"""Choosing from lots known so far: the linear program that prices cells, and the best plan."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import inf, isfinite
from typing import Any

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, linprog, milp

from allocate.core.lot_pricing import INFEASIBLE, LotPricing
from allocate.core.partition import Bools, Partition, in_order
from allocate.units import Floats, Ints

COVERED = 1e-7  # what is less than this is covered


@dataclass(frozen=True)
class Relaxed:
    """Parts of lots chosen at the least cost.

    Parameters
    ----------
    value
        What they cost, and cells that none covers.
    part
        Of each lot, (S,).
    price
        Of each cell, (n,).
    lot
        Price of a lot more.
    bare
        Whether there are cells that none covers.
    """

    value: float
    part: Floats
    price: Floats
    lot: float
    bare: bool


@dataclass
class LotChoice:
    """Lots known so far, each half of what it cuts, and choosing from them.

    Parameters
    ----------
    partition, pricing
        What is parted, and what a lot costs.
    """

    partition: Partition
    pricing: LotPricing
    member: Bools = field(init=False)
    cost: Floats = field(init=False)
    _seen: set[bytes] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.member = np.zeros((0, self.partition.cells), dtype=bool)
        self.cost = np.zeros(0)

    def add(self, member: Bools) -> int:
        """Add those of some lots, (S, n), that are not known yet; says how many these are."""
        new = []
        for row in member:
            key = np.packbits(row).tobytes()
            if key not in self._seen:
                self._seen.add(key)
                new.append(row)
        if new:
            rows = np.array(new)
            self.member = np.concatenate([self.member, rows])
            self.cost = np.concatenate([self.cost, self.pricing.half_cut(rows)])
        return len(new)

    def add_plan(self, lots: Ints) -> None:
        """Add those lots of any parting of the cells, (n,), that a plan may have."""
        member = lots == np.arange(int(lots.max()) + 1)[:, None]
        size = member @ self.partition.size
        a, b = self.partition.together.T
        fits = (size >= self.partition.lower) & (size <= self.partition.upper)
        self.add(member[fits & (member[:, a] == member[:, b]).all(axis=1)])

    def relaxed(self, dear: float) -> Relaxed:
        """Choose parts of lots; a cell not covered costs ``dear``, and so does a lot too few."""
        n, count = self.partition.cells, len(self.cost)
        bare: Any = sparse.eye_array(n, n + 1)
        number = np.concatenate([np.ones(count), np.zeros(n), [1.0]])
        found: Any = linprog(
            np.concatenate([self.cost, np.full(n + 1, dear)]),
            A_eq=sparse.hstack([sparse.csr_array(self.member.T.astype(float)), bare], format="csr"),
            b_eq=np.ones(n),
            A_ub=np.array([number, -number]),
            b_ub=np.array([self.partition.most, -self.partition.least], dtype=float),
            method="highs",
        )
        most, least = found.ineqlin.marginals
        return Relaxed(
            float(found.fun),
            found.x[:count],
            found.eqlin.marginals,
            float(most - least),
            bool(found.x[count:].max() > COVERED),
        )

    def whole(self, seconds: float, limit: float = inf) -> tuple[Ints | None, float]:
        """Choose whole lots at the least cost.

        Parameters
        ----------
        seconds
            At most.
        limit
            What they cost at most.

        Returns
        -------
        tuple
            The plan, (n,), or None where none is found in time; and the bound of all plans that
            known lots make, ``inf`` where they make none.
        """
        count = len(self.cost)
        if not count or seconds <= 0:
            return None, -inf if count else inf
        number, cost = np.ones((1, count)), self.cost[None]
        rows = np.concatenate([self.member.T.astype(float), number, cost])
        ones = np.ones(self.partition.cells)
        found: Any = milp(
            self.cost,
            integrality=np.ones(count, dtype=np.uint8),
            bounds=Bounds(0, 1),
            constraints=LinearConstraint(
                sparse.csr_matrix(rows),
                np.append(ones, [self.partition.least, -inf]),
                np.append(ones, [self.partition.most, limit]),
            ),
            options={"time_limit": seconds, "mip_rel_gap": 0.0},
        )
        if found.status == INFEASIBLE:
            return None, inf
        bound = found.get("mip_dual_bound")
        least = -inf if bound is None or not isfinite(bound) else float(bound)
        if found.x is None:
            return None, least
        drawn = np.flatnonzero(found.x > 0.5)
        return in_order(drawn[self.member[drawn].argmax(axis=0)]), least
