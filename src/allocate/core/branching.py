"""Branch and bound over few columns of a linear program that stays warm.

Which column to branch on is tried out (strong branching, Applegate et al. 1995) until what it does
to the bound is known from earlier (pseudo-costs, Benichou et al. 1971). Until there is a plan the
better child of a node is looked at next; from then on the node with the least bound.
"""

from __future__ import annotations

import heapq
import time
from collections.abc import Callable
from dataclasses import dataclass
from math import inf

import numpy as np

from allocate.core.lazy import Lazy, Solved
from allocate.units import Floats, Ints

SURE = 1e-6  # a column this near to a whole number is whole
STEPS = 25  # of the simplex method, where a branching is tried
HOPES = 4  # columns tried without a better one


@dataclass(frozen=True, order=True)
class _Node:
    """Bounds of the columns, and a bound on what there is between them."""

    bound: float
    number: int
    lower: Floats
    upper: Floats


@dataclass(frozen=True)
class Leaf:
    """All columns where those that have to be whole are, and what they cost."""

    value: float
    values: Floats


class Tree:
    """A search over columns that are nought or one.

    Parameters
    ----------
    lazy
        The linear program.
    whole
        Columns that have to be whole.
    leaves
        What is known, the best last; better ones are added.
    gap
        Relative: what is not better than the best by as much is not looked at.
    most
        The same of what costs more than this, while there is no leaf.
    until
        Time of ``time.monotonic`` at which to end, once there is a leaf.
    report, found
        Called with each better bound, and with each better leaf.
    stopped
        Asked again and again.
    """

    def __init__(
        self,
        lazy: Lazy,
        whole: Ints,
        leaves: list[Leaf],
        *,
        gap: float,
        most: float,
        until: float,
        report: Callable[[float], None],
        stopped: Callable[[], bool],
        found: Callable[[Leaf], None] = lambda _: None,
    ) -> None:
        self._lazy, self._whole, self._leaves = lazy, whole, leaves
        self._gap, self._most, self._until = gap, most, until
        self._report, self._stopped, self._found = report, stopped, found
        self._open = [_Node(-inf, 0, lazy.lower[whole], lazy.upper[whole])]
        self._number = 0
        self._gain = np.zeros((2, len(whole)))  # of a bound, for each part that a column moves
        self._tried = np.zeros((2, len(whole)), dtype=bool)
        self._passed = inf  # least bound of what was not looked at
        self._bound = -inf

    @property
    def bound(self) -> float:
        """What is proven: nothing costs less."""
        return self._bound

    @property
    def _cutoff(self) -> float:
        if not self._leaves:
            return self._most
        best = self._leaves[-1].value
        return best - self._gap * abs(best)

    def run(self) -> None:
        """Search until all is looked at, or time is up, or somebody asks."""
        node: _Node | None = None
        while node is not None or self._open:
            if self._stopped() or (self._leaves and time.monotonic() > self._until):
                return
            node = heapq.heappop(self._open) if node is None else node
            solved = self._lazy.solve(self._cutoff) if self._enter(node) else None
            if solved is None and node.bound < self._cutoff:
                return
            children = [] if solved is None else self._children(node, solved)
            node = children.pop(0) if children and not self._leaves else None
            for child in children:
                heapq.heappush(self._open, child)
            self._tell(node)

    def _enter(self, node: _Node) -> bool:
        """Give the columns the bounds of a node, if it is worth it."""
        if node.bound >= self._cutoff:
            self._passed = min(self._passed, node.bound)
            return False
        self._lazy.limit(self._whole, node.lower, node.upper)
        return True

    def _children(self, node: _Node, solved: Solved) -> list[_Node]:
        """Divide a node, the better part first; none where it is whole, or not worth it."""
        value = max(solved.value, node.bound)
        if value >= self._cutoff:
            self._passed = min(self._passed, value)
            return []
        at = solved.values[self._whole]
        doubt = np.flatnonzero(np.abs(at - np.rint(at)) > SURE)
        if not len(doubt):
            self._leaves.append(Leaf(value, solved.values))
            self._found(self._leaves[-1])
            self._passed = min(self._passed, value)
            return []
        lower, upper = self._settled(node, solved, value)
        pick, gains = self._choose(value, at, doubt)
        children = []
        for side in np.argsort(gains, kind="stable"):
            low, high = lower.copy(), upper.copy()
            low[pick] = high[pick] = side
            self._number += 1
            children.append(_Node(value, self._number, low, high))
        return children

    def _settled(self, node: _Node, solved: Solved, value: float) -> tuple[Floats, Floats]:
        """Fix columns that no better plan has otherwise, by their reduced costs."""
        spare = self._cutoff - value
        reduced, at = solved.reduced[self._whole], solved.values[self._whole]
        upper = np.where((at <= SURE) & (reduced > spare), node.lower, node.upper)
        lower = np.where((at >= 1 - SURE) & (-reduced > spare), node.upper, node.lower)
        return lower, upper

    def _choose(self, value: float, at: Floats, doubt: Ints) -> tuple[int, Floats]:
        """Choose a column in doubt; also return what its two sides add to the bound."""
        parts = np.stack([at, 1 - at])
        guess = parts * np.where(self._tried, self._gain, self._means())
        order = doubt[np.argsort(-_score(guess[:, doubt]), kind="stable")]
        best, hopes = int(order[0]), HOPES
        top = -inf
        for k in order.tolist():
            if not self._tried[:, k].all():
                guess[:, k] = self._try(k, value, parts[:, k])
            score = float(_score(guess[:, [k]])[0])
            if score > top:
                best, top, hopes = k, score, HOPES
            else:
                hopes -= 1
            if hopes == 0:
                break
        return best, guess[:, best]

    def _means(self) -> Floats:
        """What columns that were tried gain on average, by side, (2, 1)."""
        times = self._tried.sum(axis=1, keepdims=True)
        return np.where(times > 0, self._gain.sum(axis=1, keepdims=True) / np.maximum(times, 1), 1)

    def _try(self, k: int, value: float, parts: Floats) -> Floats:
        """What the sides of a column add to the bound in a few steps of the simplex method."""
        column = int(self._whole[k])
        found = np.array([self._lazy.attempt(column, side, STEPS) - value for side in (0, 1)])
        known = np.isfinite(found)
        found = np.maximum(found, 0.0)
        self._gain[known, k] = found[known] / parts[known]
        self._tried[known, k] = True
        return found

    def _tell(self, node: _Node | None) -> None:
        """Report what is proven, if it is more than before."""
        bounds = [self._passed, *(one.bound for one in (node, *self._open[:1]) if one is not None)]
        if self._leaves:
            bounds.append(self._leaves[-1].value)
        if min(bounds) > self._bound:
            self._bound = min(bounds)
            self._report(self._bound)


def _score(gains: Floats) -> Floats:
    """How good it is to gain so much on the two sides: the product, neither counted as nought."""
    least = 1e-3
    return np.maximum(gains[0], least) * np.maximum(gains[1], least)
