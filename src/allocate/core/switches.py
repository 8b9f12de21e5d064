"""Switches: columns without which others are nought, such as a provider's round in an area.

What a switch costs is lost in a linear program that may turn it on a little: 6% of a round where 6%
of each package is served. Two facts make up for it. Credits are no more than option and alternative
allow (``sifting.tightened``); and what agents hand to regions through open switches is a network,
which tells how many have to be open (``network.py``). Few switches are in doubt after that. So
switches and alternatives are settled first, by branch and bound with all options split as need be,
whose bound holds for the whole; then options, with these fixed.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from math import inf

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from allocate.core.branching import SURE, Leaf, Tree
from allocate.core.field import Agents
from allocate.core.highs import linear
from allocate.core.lazy import Lazy
from allocate.core.network import find_flows, separate, with_flows
from allocate.core.outcome import Problem
from allocate.core.program import FREE, Flat
from allocate.core.sifting import only, tightened
from allocate.core.structure import LINK, SHARE, Structure, kinds_of
from allocate.units import Floats, Ints

ENOUGH = 5e-4  # gap at which switches are settled
DEAREST = 1.02  # times what the linear program comes to: dearer switches are looked at last
FAR = 5e-4  # of what it comes to: an option that costs so much more is left out at first
CUTS, DEEPEST = 20, 10  # rounds of new rows, and how many at a time
LITTLE = 1e-5  # relative: a round that raises the bound by less is the last


@dataclass(frozen=True)
class Switched:
    """Options that have a switch: positions, and the column of the switch of each."""

    option: Ints
    switch: Ints


def find_switches(s: Structure) -> Switched:
    """Find options whose switch has a least amount.

    Parameters
    ----------
    s
        Of a program in which switches are not fixed yet.
    """
    flat = s.flat
    at = np.full(flat.matrix.shape[1], -1)
    at[s.option] = np.arange(len(s.option))
    kind = kinds_of(flat)
    links = flat.matrix[np.flatnonzero(kind == LINK)].tocoo()
    size = np.bincount(links.row, minlength=links.shape[0])
    pair = size[links.row] == 2
    on = pair & (at[links.col] >= 0) & (links.data == 1)
    off = pair & (at[links.col] < 0) & (links.data == -1)
    switch_of = np.full(links.shape[0], -1)
    switch_of[links.row[off]] = links.col[off]
    option, switch = at[links.col[on]], switch_of[links.row[on]]
    least = flat.matrix[np.flatnonzero(kind == SHARE)].tocoo()
    needs = np.zeros(flat.matrix.shape[1], dtype=bool)
    needs[least.col[least.data < 0]] = True
    binary = (flat.lower == 0) & (flat.upper == 1)
    kept = (switch >= 0) & needs[switch] & binary[switch]
    return Switched(option[kept], switch[kept])


class Settling:
    """The relaxation in which switches and alternatives are whole and options may be split.

    Parameters
    ----------
    problem
        The whole.
    structure, agents, switched
        What is known of it.
    ends
        Time of ``time.monotonic`` at which to end.
    report
        Called with each better bound on the whole.
    stopped
        Asked again and again.
    """

    def __init__(
        self,
        problem: Problem,
        structure: Structure,
        agents: Agents,
        switched: Switched,
        *,
        ends: float,
        report: Callable[[float], None],
        stopped: Callable[[], bool],
    ) -> None:
        s = structure
        tight = tightened(s, problem)
        size = tight.flat.matrix.shape[1]
        self._flows = find_flows(s, agents, switched.option, switched.switch, _most(s), size)
        flat = with_flows(tight.flat, self._flows)
        more = np.zeros(flat.matrix.shape[1] - size)
        groups = _groups(s, switched, flat.matrix.shape[1])
        self._group = groups[: len(tight.cost)]
        self._lazy = Lazy(
            flat,
            np.append(tight.cost.astype(float), more),
            groups,
            _at_most(flat),
            ends=ends,
            stopped=stopped,
        )
        self._rooms = flat.matrix.shape[0] - np.arange(len(self._flows.capacity), 0, -1)
        self._fixed = np.concatenate([np.unique(switched.switch), s.alternative])
        self._lower, self._upper = (
            each[self._fixed].copy() for each in (self._lazy.lower, self._lazy.upper)
        )
        self._height, self._size = s.flat.matrix.shape
        self._report, self._stopped = report, stopped
        self._best: Leaf | None = None
        self._tight, self._few = tight, np.ones(len(tight.cost), dtype=bool)
        self.bound = 0.0

    def relax(self) -> bool:
        """Solve the linear program, and cut off what no whole switches allow.

        Returns
        -------
        bool
            Whether that came to an end, and anything keeps every row.
        """
        solved = self._lazy.solve()
        if solved is None or solved.value == inf:
            return False
        dear = solved.reduced[: len(self._few)] > FAR * abs(solved.value)
        self._few = ~(dear & (self._group >= 0))
        self._lazy.thin(solved, FAR * abs(solved.value))
        for _ in range(CUTS):
            self._tell(solved.value)
            rows = separate(self._flows, solved.values)[:DEEPEST]
            if not rows:
                break
            self._lazy.add(rows)
            before, solved = solved, self._lazy.solve()
            if solved is None or solved.value == inf:
                return False
            if solved.value - before.value < LITTLE * abs(solved.value):
                break
        self._tell(solved.value)
        return True

    def prices(self, until: float) -> Floats | None:
        """Price the program's own rows, by the linear program without what cuts off more.

        Parameters
        ----------
        until
            Time of ``time.monotonic`` at which to end.

        Returns
        -------
        Floats
            By how much a step more of each row's limit raises the cost, (rows,); None where that
            was not found.
        """
        left = max(0.01, until - time.monotonic())
        found = linear(replace(only(self._tight, self._few), seconds=left), self._stopped)
        return None if found is None else found.prices[: self._height]

    def dive(
        self, until: float, spare: int = 0, found: Callable[[Ints], None] = lambda _: None
    ) -> Ints | None:
        """Find whole switches among those that the linear program has in use.

        Parameters
        ----------
        until
            Time of ``time.monotonic`` at which to end, once there are any.
        spare
            What each agent has left over: options are whole, and do not fill it.
        found
            Called with what is to be returned, and before with anything as good so far.

        Returns
        -------
        Ints
            All columns, of which only switches and alternatives are sure to be whole; None where
            none are found.
        """
        room = self._flows.capacity.astype(float)
        self._lazy.limit_rows(self._rooms, room - spare)
        self._lazy.limit(self._fixed, self._lower, self._upper)
        root = self._lazy.solve()
        leaves: list[Leaf] = []
        if root is not None and root.value < inf:
            at = root.values[self._fixed]
            lower = np.where(at > 1 - SURE, self._upper, self._lower)
            self._lazy.limit(self._fixed, lower, np.where(at < SURE, self._lower, self._upper))
            for most in (root.value * DEAREST, inf):
                if not leaves:
                    self._branch(
                        leaves,
                        until,
                        ENOUGH,
                        most,
                        found=lambda leaf: found(self._columns(leaf)),
                    )
        self._lazy.limit_rows(self._rooms, room)
        if not leaves:
            return None
        self._best = min(filter(None, (self._best, leaves[-1])), key=lambda leaf: leaf.value)
        return self._columns(leaves[-1])

    def _columns(self, leaf: Leaf) -> Ints:
        """All columns of the program, rounded."""
        return np.rint(leaf.values[: self._size]).astype(np.int64)

    def close(self, until: float, gap: float) -> None:
        """Raise the bound, by a search over all switches."""
        self._lazy.limit(self._fixed, self._lower, self._upper)
        leaves = [] if self._best is None else [self._best]
        self._branch(leaves, until, gap, inf, report=self._tell)

    def _branch(
        self,
        leaves: list[Leaf],
        until: float,
        gap: float,
        most: float,
        *,
        report: Callable[[float], None] = lambda _: None,
        found: Callable[[Leaf], None] = lambda _: None,
    ) -> None:
        Tree(
            self._lazy,
            self._fixed,
            leaves,
            gap=gap,
            most=most,
            until=until,
            report=report,
            stopped=self._stopped,
            found=found,
        ).run()

    def _tell(self, bound: float) -> None:
        if bound > self.bound:
            self.bound = bound
            self._report(bound)


def fix(problem: Problem, s: Structure, switched: Switched, values: Ints) -> Problem:
    """Fix switches and alternatives as they are in some values, and close options without one."""
    lower, upper = problem.flat.lower.copy(), problem.flat.upper.copy()
    fixed = np.concatenate([switched.switch, s.alternative])
    lower[fixed] = upper[fixed] = values[fixed]
    upper[s.option[switched.option[upper[switched.switch] == 0]]] = 0
    flat = replace(problem.flat, lower=np.minimum(lower, upper), upper=upper)
    return replace(problem, flat=_settled(flat, switched.switch), start=None)


def _groups(s: Structure, switched: Switched, columns: int) -> Ints:
    """Group of each option that may wait: it has a switch, and nothing is credited for it."""
    found = np.full(columns, -1)
    option = s.option[switched.option]
    found[option] = s.group[switched.option]
    found[s.option[s.credit_option]] = -1
    return found


def _at_most(flat: Flat) -> NDArray[np.bool_]:
    """Rows that say of one column that it is no more than another."""
    count = np.diff(flat.matrix.indptr)
    ones = np.bincount(
        np.repeat(np.arange(len(count)), count), np.abs(flat.matrix.data) == 1, len(count)
    )
    return (count == 2) & (ones == 2) & (flat.high == 0) & (flat.low <= -FREE)


def _most(s: Structure) -> Ints:
    """The most that there can be of each resource: its limit with all that gives of it."""
    gives = (-s.use).maximum(0)
    return s.limit + np.asarray(gives.T @ s.flat.upper, dtype=np.int64).ravel()


def _settled(flat: Flat, switches: Ints) -> Flat:
    """Take fixed switches out of their rows: a link holds then, and a least amount is a limit."""
    entries = flat.matrix.tocoo()
    kind = kinds_of(flat)
    fixed = np.zeros(flat.matrix.shape[1], dtype=bool)
    fixed[switches] = True
    of_switch = np.zeros(flat.matrix.shape[0], dtype=bool)
    of_switch[entries.row[fixed[entries.col]]] = True
    link, least = of_switch & (kind == LINK), of_switch & (kind == SHARE)
    taken = np.zeros(len(flat.low), dtype=np.int64)
    out = fixed[entries.col] & least[entries.row]
    np.add.at(taken, entries.row[out], (entries.data * flat.lower[entries.col])[out])
    stay = ~out & ~link[entries.row]
    sign = np.where(least, -1, 1)
    matrix = sparse.csr_matrix(
        ((entries.data * sign[entries.row])[stay], (entries.row[stay], entries.col[stay])),
        shape=flat.matrix.shape,
    )
    families = np.unique(flat.family[least[: len(flat.family)]])
    return replace(
        flat,
        matrix=matrix,
        low=np.where(least | link, -FREE, flat.low),
        high=np.where(least, taken - flat.low, np.where(link, FREE, flat.high)),
        kinds=tuple("pack" if i in families else one for i, one in enumerate(flat.kinds)),
    )
