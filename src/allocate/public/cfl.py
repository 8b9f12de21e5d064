"""Public instances of capacitated facility location, with demand that may be split.

Plain text, numbers apart by white space, lines of no meaning: facilities m and customers n; of each
facility its capacity and what it costs to open; n demands; m x n costs, facility by facility, of
serving all of a customer's demand; at the end there may be one number more, which means nothing
here. What a facility serves stays within its capacity, and the sum of costs is minimised.
(J. E. Beasley, OR-Library, ``capinfo``, in another order.)
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from math import inf, lcm
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse
from scipy.optimize import linprog

from allocate.core.cfl import solve_cfl
from allocate.errors import Fault
from allocate.public.answer import PublicAnswer, rejected
from allocate.public.numbers import broken, no_number, words_of
from allocate.units import Ints

FORMAT = (
    "facilities and customers, then capacity and opening cost of each facility, then the demands, "
    "then the costs facility by facility"
)
NUMBER = re.compile(r"\d{1,10}(\.\d{0,6}0*)?|\.\d{1,6}0*")
LARGEST = 10**14  # steps of all loads or costs together: floats are exact up to there
RULE = "number of at most ten digits, and six after the point, that is not negative"
MOST = 10**7  # pairs of a facility and a customer
SURE = 1e-7  # what floats of a solver are trusted to, relative


@dataclass(frozen=True)
class CflInstance:
    """A capacitated facility location problem in whole numbers.

    Parameters
    ----------
    name
        Of its file.
    capacities, fixed
        Of each facility, and what it costs to open, (m,).
    demands
        Of each customer, (n,), in steps of the capacities.
    costs
        Of serving all of a customer's demand, (m, n), in steps of the cost of opening.
    per
        Steps in one unit of cost.
    """

    name: str
    capacities: Ints
    fixed: Ints
    demands: Ints
    costs: Ints
    per: int

    def cost(self, opened: list[int]) -> Fraction | None:
        """Count what it costs to open some facilities and to serve everyone; None if it cannot be.

        Flows are whole where capacities and demands are, so that they are rounded and added up.
        """
        customers = np.flatnonzero(self.demands)
        demands = self.demands[customers]
        m, n = len(opened), len(customers)
        if not m or self.capacities[opened].sum() < demands.sum():
            return None
        flow = self._flow(opened, customers) if n else np.zeros((m, 0), dtype=np.int64)
        over = np.any(flow.sum(axis=1) > self.capacities[opened])
        if over or np.any(flow < 0) or np.any(flow.sum(axis=0) != demands):
            return None
        paid = (flow.astype(object) * self.costs[opened][:, customers]).sum(axis=0)
        shares = (Fraction(int(a), int(b)) for a, b in zip(paid, demands, strict=True))
        total = sum(shares, Fraction(int(self.fixed[opened].sum())))
        free = np.flatnonzero(self.demands == 0)
        total += int(self.costs[opened][:, free].min(axis=0).sum()) if len(free) else 0
        return total / self.per

    def _flow(self, opened: list[int], customers: Ints) -> Ints:
        """Who serves how much of whom at the least cost, rounded, (opened, customers)."""
        demands = self.demands[customers]
        m, n = len(opened), len(customers)
        facility, customer = (index.ravel() for index in np.indices((m, n)))
        pair, one = np.arange(m * n), np.ones(m * n)
        of_facility: Any = sparse.csr_matrix((one, (facility, pair)), shape=(m, m * n))
        of_customer: Any = sparse.csr_matrix((one, (customer, pair)), shape=(n, m * n))
        found: Any = linprog(
            (self.costs[opened][:, customers] / demands).ravel(),
            A_ub=of_facility,
            b_ub=self.capacities[opened].astype(float),
            A_eq=of_customer,
            b_eq=demands.astype(float),
            method="highs-ds",
        )
        return np.rint(found.x).astype(np.int64).reshape(m, n)


def read_cfl(path: Path) -> CflInstance:
    """Read an instance.

    Raises
    ------
    BadInput
        Where the file is none, with every number that cannot be read.
    """
    words = words_of(path, FORMAT)
    faults = [
        no_number(path, at, word, RULE, FORMAT) for at, word in words if not NUMBER.fullmatch(word)
    ]
    if faults:
        raise broken(path, faults)
    numbers = [Fraction(word) for _, word in words]
    if len(numbers) < 2 or not _sizes(*numbers[:2]):
        first = " ".join(word for _, word in words[:2]) or "nothing"
        problem = f"begins with {first}, not with a number of facilities and one of customers"
        raise broken(path, [Fault(f"{path.name} line 1", "", problem, f"It holds {FORMAT}")])
    m, n = int(numbers[0]), int(numbers[1])
    rest, belong = numbers[2:], 2 * m + n + m * n
    if len(rest) not in (belong, belong + 1):
        problem = (
            f"has {len(rest):,} numbers after {m} facilities and {n} customers, "
            f"where {belong:,} belong"
        )
        raise broken(path, [Fault(path.name, "", problem, f"It holds {FORMAT}")])
    capacities, fixed = rest[: 2 * m : 2], rest[1 : 2 * m : 2]
    demands, costs = rest[2 * m : 2 * m + n], rest[2 * m + n : belong]
    loads, (money, per) = _whole(capacities + demands)[0], _whole(fixed + costs)
    if max(loads.sum(), money.sum()) > LARGEST:
        problem = f"comes to more than {LARGEST:,} steps of its finest number"
        raise broken(path, [Fault(path.name, "", problem, "Round it to fewer digits")])
    return CflInstance(path.name, loads[:m], money[:m], loads[m:], money[m:].reshape(m, n), per)


def _sizes(m: Fraction, n: Fraction) -> bool:
    return m.denominator == n.denominator == 1 and m > 0 and n > 0 and m * n <= MOST


def _whole(numbers: list[Fraction]) -> tuple[Ints, int]:
    """Turn numbers into whole steps, and say how many steps make one."""
    per = lcm(*(number.denominator for number in numbers))
    return np.array([int(number * per) for number in numbers], dtype=np.int64), per


def solve_file(path: Path, seconds: float, seed: int) -> PublicAnswer:
    """Read an instance, solve it, and recount the answer.

    Raises
    ------
    BadInput
        Where the file is no instance.
    ReviewFailed
        Where not everyone can be served by what is open, or the bound lies above the answer.
    """
    instance = read_cfl(path)
    found, least = solve_cfl(
        instance.capacities,
        instance.fixed,
        instance.demands,
        instance.costs,
        seconds=seconds,
        seed=seed,
    )
    bound = None if abs(least) == inf else least / instance.per
    if found is None:
        return PublicAnswer(None, bound, None, impossible=least == inf)
    opened = found.tolist()
    cost = instance.cost(opened)
    if cost is None:
        raise rejected([f"the facilities {opened} cannot serve everyone"])
    objective = float(cost)
    if bound is None or bound > objective * (1 + SURE):
        raise rejected([f"the bound {bound} lies above the answer, {objective}"])
    return PublicAnswer(objective, min(bound, objective), opened)
