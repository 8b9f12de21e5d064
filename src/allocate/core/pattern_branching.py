"""Branch and price: who leads first, then options, with the bound by patterns at every node.

Alternatives are settled first, best bound first: while they are open an agent may count on growth
that it will not have, and the bound says little. Where all are settled, options are branched on in
the same order (branch and price, Barnhart et al. 1998), and now and then the search plunges along
what the linear program would do, for a plan. What a node's prices rule out is closed in it. After
so many nodes what is left of them goes to HiGHS, with far fewer options open than at first.
"""

from __future__ import annotations

import heapq
import time
from dataclasses import dataclass, field, replace
from math import inf

import numpy as np

from allocate.core import highs
from allocate.core.compact import Bounds, Compact, compact
from allocate.core.field import Agents
from allocate.core.levels import whole_bound
from allocate.core.outcome import (
    ASKED,
    CLOCK,
    CLOSED,
    IMPOSSIBLE,
    WORKED,
    Answer,
    Problem,
    Report,
    Stopped,
)
from allocate.core.patterns import Patterns, Priced
from allocate.core.program import FREE, Flat
from allocate.core.structure import Bools, Structure, best_of
from allocate.units import Floats, Ints

FIRST = -1  # the number of the first node
PLUNGES = 40  # nodes between two looks for a plan
FIRST_SHARE = 0.4  # of the time, for HiGHS where no plan is found otherwise
FAILURES = 10  # of a look for a plan
NODES = 20  # with all alternatives settled, before HiGHS has the rest
HAIR, FLOAT = 1e-4, 1e-9  # a bound so far above a whole step is above it, of what floats leave
WHOLE = 1e-6  # what the linear program calls whole


@dataclass(order=True)
class Node:
    """Bounds of the open columns, prices to start from, and what is proven of it."""

    bound: float
    number: int
    lower: Ints = field(compare=False)
    upper: Ints = field(compare=False)
    prices: Floats | None = field(compare=False)
    root: Node | None = field(compare=False, default=None)
    steps: int = field(compare=False, default=0)


class PatternTree:
    """A problem on its way: the best plan, the nodes that are open, and what is proven.

    Parameters
    ----------
    problem
        What to solve; its structure is known.
    structure, agents
        What is read of it.
    report, stopped
        As every solver has them.
    """

    def __init__(
        self,
        problem: Problem,
        structure: Structure,
        agents: Agents,
        report: Report,
        stopped: Stopped,
    ) -> None:
        self.problem, self.structure, self.agents = problem, structure, agents
        self.report, self.stopped = report, stopped
        self.ends = time.monotonic() + problem.seconds
        self.plan = problem.start
        self.value = inf if problem.start is None else float(problem.cost @ problem.start)
        self.closed = inf  # the least bound of what is done with
        self.nodes: list[Node] = []
        self.number = self.runs = 0
        self.hard = False

    def solve(self) -> Answer | None:
        """Search until plan and bound meet, or time is up; None where patterns are too many."""
        flat = self.problem.flat
        bounds = Bounds(flat.matrix, flat.low, flat.high).draw_in(flat.lower, flat.upper)
        if bounds is None:
            return Answer(None, inf, IMPOSSIBLE)
        self._begin(compact(flat, bounds))
        while self.nodes and not self.done() and not self.hard:
            node = heapq.heappop(self.nodes)
            self.runs += 1
            if not self._leads(node):
                self._search(node)
        return None if self.hard else self._answer()

    def _begin(self, part: Compact) -> None:
        s, size = self.structure, len(self.problem.cost)
        at = np.full(size, -1)
        at[part.column] = np.arange(len(part.column))
        self.part = part
        self.alternative, self.option = at[s.alternative], at[s.option]
        is_option = np.zeros(size, dtype=bool)
        is_option[s.option] = True
        most = float(self.problem.cost @ part.flat.upper) if self.plan is None else self.value
        rows = s.resource[self.agents.resource]
        self.patterns = Patterns(part, self.problem.cost, is_option, rows, most + 1.0)
        if self.plan is not None:
            self.patterns.learn(self.plan)
        nothing = np.zeros(len(part.column), dtype=np.int64)
        self._push(-inf, nothing, part.span, None)

    def _push(
        self,
        bound: float,
        lower: Ints,
        upper: Ints,
        prices: Floats | None,
        root: Node | None = None,
    ) -> None:
        self.number -= 1  # of equal bounds the newest comes first
        heapq.heappush(self.nodes, Node(bound, self.number, lower, upper, prices, root))

    def enough(self) -> float:
        """A bound from which on a node is no use."""
        if self.plan is None:
            return inf
        return self.value - max(1.0 - HAIR - FLOAT * self.value, self.problem.gap * self.value)

    def bound(self) -> float:
        """What is proven of all plans."""
        return min([node.bound for node in self.nodes] + [self.closed, self.value])

    def late(self) -> bool:
        """Whether time is up, or somebody asks."""
        return time.monotonic() >= self.ends or self.stopped()

    def spent(self) -> bool:
        """Whether as many nodes were looked at as were asked for."""
        return self.problem.work is not None and self.runs >= self.problem.work

    def done(self) -> bool:
        """Whether to stop."""
        return self.late() or self.spent() or self.bound() >= self.enough()

    def _close(self, bound: float) -> None:
        self.closed = min(self.closed, bound)

    def _leads(self, node: Node) -> bool:
        """Bound a node with an alternative open, and branch on that; False where none is.

        Only the first one is priced: until all are settled patterns add little to the bound.
        """
        block = self._open_block(node, None)
        if block is None:
            return False
        plain = self.patterns.split(node.lower, node.upper)
        if plain.bound >= self.enough():
            self._close(plain.bound)
            return True
        first = node.number == FIRST
        if first:
            node.prices = plain.prices
        node.bound = max(node.bound, plain.bound)
        priced = self._price(node) if first else plain
        if priced is None:
            return True
        if first and priced.values is None:
            self.hard = not self.late()
            self._close(node.bound)
            return True
        if first:
            self._plunge(node, priced)
            if self.plan is None:
                node.bound = max(node.bound, self._ask(node, node.bound, first=True))
        block = self._open_block(node, priced.values)
        values = np.zeros(len(node.lower)) if priced.values is None else priced.values
        for a in [] if block is None else block[np.argsort(values[block], kind="stable")]:
            lower = node.lower.copy()
            lower[a] = 1
            drawn = self.patterns.draw_in(lower, node.upper)
            if drawn is not None:
                self._push(node.bound, *drawn, priced.prices)
        if block is None:
            self._push(node.bound, node.lower, node.upper, priced.prices)
        return True

    def _open_block(self, node: Node, values: Floats | None) -> Ints | None:
        """The alternatives of a block that are open: of those, the block least settled."""
        found = None
        for b in range(len(self.structure.target)):
            mine = self.alternative[self.structure.block == b]
            mine = self._still(mine, node.lower, node.upper)
            if len(mine) > 1:
                doubt = 0.0 if values is None else 1.0 - float(values[mine].max())
                if found is None or doubt > found[0]:
                    found = doubt, mine
        return None if found is None else found[1]

    def _price(self, node: Node) -> Priced | None:
        """Bound a node, and close in it what is ruled out; None where it is done with."""
        enough = self.enough()
        priced = self.patterns.relax(node.lower, node.upper, node.prices, enough, self.late)
        node.bound, node.prices = max(node.bound, priced.bound), priced.prices
        self.report(None, None, max(0.0, min(self.bound(), node.bound)))
        if node.bound >= enough:
            self._close(node.bound)
            return None
        if self.plan is not None and priced.prices is not None:
            drawn = self.patterns.tighten(node.lower, node.upper, priced.prices, enough)
            if drawn is None:
                self._close(enough)
                return None
            node.lower, node.upper = drawn
        return priced

    def _search(self, node: Node) -> None:
        """Bound a node whose alternatives are settled, and branch; in time HiGHS has the rest."""
        root = node.root or node
        root.steps += 1
        if node.prices is None:
            node.prices = self.patterns.split(node.lower, node.upper).prices
        # Where the clock has no say HiGHS, which may take long, is not asked for so much.
        handed = self.problem.work is None
        if root.steps > NODES and handed:
            self._finish(root, node.bound)
            return
        priced = self._price(node)
        if priced is None:
            return
        if priced.values is None and (handed or node.number == FIRST):
            self.hard = node.number == FIRST and not self.late()
            if not self.hard:
                self._finish(root, node.bound)
            return
        if root.steps == 1 or root.steps % PLUNGES == 0:
            self._plunge(node, priced)
        column = self._undecided(node, priced)
        if column is None:
            # Nothing is left but what follows.
            self._close(self._ask(node, node.bound))
            return
        self._divide(node, root, priced.prices, column)

    def _divide(self, node: Node, root: Node, prices: Floats | None, column: int) -> None:
        """Branch on an option: without it, and with it."""
        upper, lower = node.upper.copy(), node.lower.copy()
        upper[column], lower[column] = 0, 1
        for bounds in ((node.lower, upper), (lower, node.upper)):
            drawn = self.patterns.draw_in(*bounds)
            if drawn is not None:
                self._push(node.bound, *drawn, prices, root)

    def _plunge(self, node: Node, priced: Priced) -> None:
        """Look for a plan: settle what is whole and the nearest to it, over and over.

        What leads nowhere is closed instead, a few times.
        """
        bounds, failures = (node.lower, node.upper), 0
        while priced.values is not None and failures <= FAILURES and not self.late():
            values = priced.values
            open_ = self._still(self.alternative, *bounds)
            if not len(open_):
                open_ = self._still(self.option, *bounds)
                if not priced.short and self._whole(values[open_]).all():
                    self._take(values)
                    return
            if not len(open_):
                return
            near = np.where(self._whole(values[open_]), 0.0, values[open_])
            nearest = open_[np.argmax(near)]
            settled = bounds[0].copy()
            settled[open_[values[open_] > 1 - WHOLE]] = 1
            settled[nearest] = 1
            drawn = self.patterns.draw_in(settled, bounds[1])
            found = None if drawn is None else self._relax(*drawn, priced)
            if drawn is None or found is None or found.values is None:
                failures += 1
                closed = bounds[1].copy()
                closed[nearest] = bounds[0][nearest]
                drawn = self.patterns.draw_in(bounds[0], closed)
                found = None if drawn is None else self._relax(*drawn, priced)
                if drawn is None or found is None:
                    return
            bounds, priced = drawn, found

    def _relax(self, lower: Ints, upper: Ints, priced: Priced) -> Priced:
        return self.patterns.relax(lower, upper, priced.prices, self.enough(), self.late)

    def _still(self, column: Ints, lower: Ints, upper: Ints) -> Ints:
        """Of some columns, those that are open between bounds."""
        column = column[column >= 0]
        return column[upper[column] > lower[column]]

    def _whole(self, values: Floats) -> Bools:
        return np.abs(values - np.rint(values)) <= WHOLE

    def _undecided(self, node: Node, priced: Priced) -> int | None:
        """The option nearest to being chosen of those that are split, or that are open at all."""
        option = self._still(self.option, node.lower, node.upper)
        values = np.zeros(len(node.lower)) if priced.values is None else priced.values
        split = option[~self._whole(values[option])]
        if not len(split) and priced.values is not None and not priced.short:
            self._take(values)
        choice = split if len(split) else option
        return int(choice[np.argmax(values[choice])]) if len(choice) else None

    def _take(self, values: Floats) -> None:
        """Complete whole options and alternatives to a plan, and keep it if it is better."""
        s = self.structure
        every = self.part.flat.lower.astype(float)
        every[self.part.column] += values
        chosen = best_of(s.start, every[s.option])
        blocks = np.searchsorted(s.block, np.arange(len(s.target) + 1))
        led = best_of(blocks, every[s.alternative]) if len(s.target) else blocks[:0]
        self.keep(s.values(chosen, led))

    def keep(self, plan: Ints | None) -> None:
        """Keep a plan that is better and keeps every row."""
        value = inf if plan is None else int(self.problem.cost @ plan)
        if plan is None or value >= self.value or not self.problem.flat.holds(plan):
            return
        self.plan, self.value = plan, float(value)
        self.report(plan, self.value, None)

    def _finish(self, node: Node, bound: float) -> None:
        """Let HiGHS look at all that is open below a node."""
        self.nodes = [one for one in self.nodes if one.root is not node]
        heapq.heapify(self.nodes)
        enough = self.enough()
        if self.plan is not None and node.prices is not None:
            drawn = self.patterns.tighten(node.lower, node.upper, node.prices, enough)
            if drawn is None:
                self._close(enough)
                return
            node.lower, node.upper = drawn
        self._close(self._ask(node, bound))

    def _ask(self, node: Node, bound: float, *, first: bool = False) -> float:
        """Let HiGHS look at a node of which a bound is known; return what is proven of it then.

        For a first plan it has some of the time; or all of it, where the clock has no say, and ends
        when there is one.
        """
        enough = self.enough()
        if bound >= enough:
            return bound
        left = max(0.1, self.ends - time.monotonic())
        asked = replace(self.problem, flat=self._open(node), start=self.plan, seconds=left)
        if first and self.problem.work is None:
            asked = replace(asked, seconds=FIRST_SHARE * left)
        elif first:
            asked = replace(asked, target=FREE)
        answer = highs.solve(
            asked,
            lambda values, value, _: self.report(values, value, None),
            self.stopped,
        )
        self.keep(answer.values)
        proven = inf if answer.why == IMPOSSIBLE else float(whole_bound(answer.bound))
        return min(enough, max(bound, proven))

    def _open(self, node: Node) -> Flat:
        """The rows between a node's bounds, and the plan at hand with them."""
        flat, column = self.part.flat, self.part.column
        lower, upper = flat.lower.copy(), flat.lower.copy()
        lower[column] += node.lower
        upper[column] += node.upper
        if self.plan is not None:
            lower, upper = np.minimum(lower, self.plan), np.maximum(upper, self.plan)
        return replace(flat, lower=lower, upper=upper)

    def _answer(self) -> Answer:
        bound = self.bound()
        if self.plan is None and not self.nodes and not self.late():
            left = max(0.1, self.ends - time.monotonic())
            return highs.solve(replace(self.problem, seconds=left), self.report, self.stopped)
        closed = self.plan is not None and bound >= self.enough()
        why = CLOSED if closed else ASKED if self.stopped() else CLOCK
        if why == CLOCK and self.spent() and not self.late():
            why = WORKED
        return Answer(self.plan, max(0.0, bound), why)
