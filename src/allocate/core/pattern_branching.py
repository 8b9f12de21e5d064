"""Branch and price: who leads first, best bound first; then what little is left near the bound.

While alternatives are open an agent may count on growth that it will not have, and a bound says
little: they are branched on at the plain linear program (branch and price, Barnhart et al. 1998).
Where all are settled patterns are made anew and bound what is left. Plans are then looked for below
values ever further from that bound, where few columns are open (``residual.py``): by branch and
price on options where every agent has patterns (``option_tree.py``), else, or where that is too
hard, by HiGHS.
"""

from __future__ import annotations

import heapq
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from math import ceil, inf

import numpy as np

from allocate.core import highs
from allocate.core.compact import Bounds
from allocate.core.field import Agents
from allocate.core.level import whole_bound
from allocate.core.option_tree import FLOAT, HAIR, OptionTree
from allocate.core.outcome import (
    ASKED,
    CLOCK,
    CLOSED,
    IMPOSSIBLE,
    WORKED,
    Answer,
    Problem,
    Proof,
    Report,
    Stopped,
)
from allocate.core.patterns import Priced
from allocate.core.plunge import Plunge
from allocate.core.program import FREE, Flat
from allocate.core.residual import Residual
from allocate.core.structure import Structure
from allocate.units import Floats, Ints

FIRST = -1  # the number of the first node
FIRST_SHARE = 0.4  # of the time, for HiGHS where no plan is found otherwise
TREE_NODES = 1_024  # of a tree over options below one value, after which HiGHS looks
LOOK_SHARE = 0.5  # of the time left, for HiGHS to look below one value
NODES = 2_000  # of its tree then; after that it has all that is left of the node
FAR = 0.02  # of the best plan: so far above the bound others are searched for before HiGHS looks
SEARCH_SHARE = 0.1  # of the time left, at most, for that
Search = Callable[[Problem], Ints | None]


@dataclass(order=True)
class Node:
    """Bounds of the root's open columns, what is proven, and what is left once all is settled."""

    bound: float
    number: int
    lower: Ints = field(compare=False)
    upper: Ints = field(compare=False)
    rest: Residual | None = field(compare=False, default=None)


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
    search
        Looks in a moment for a better plan than a problem starts from.
    """

    def __init__(
        self,
        problem: Problem,
        structure: Structure,
        agents: Agents,
        report: Report,
        stopped: Stopped,
        search: Search,
    ) -> None:
        self.problem, self.structure, self.agents = problem, structure, agents
        self.report, self.stopped, self.search = report, stopped, search
        self.ends = time.monotonic() + problem.seconds
        self.plan = problem.start
        self.value = inf if problem.start is None else float(problem.cost @ problem.start)
        self.closed = inf  # the least bound of what is done with
        self.nodes: list[Node] = []
        self.number = self.runs = 0
        self.hard = self.timed = False
        self.searched = inf  # the value that a search for plans ended with
        self.proof: Proof | None = None

    def solve(self) -> Answer | None:
        """Search until plan and bound meet, or time is up; None where patterns are too many."""
        root = self._residual(self.problem.flat)
        if root is None:
            return Answer(None, inf, IMPOSSIBLE)
        self.root, self.alternative = root, root.places(self.structure.alternative)
        self._push(-inf, root.lower, root.upper)
        while self.nodes and not self.done() and not self.hard:
            node = heapq.heappop(self.nodes)
            self.runs += 1
            if self._open_block(node, None) is not None:
                self._lead(node)
            elif node.rest is None:
                self._settle(node)
            else:
                self._look(node, node.rest)
        return None if self.hard else self._answer()

    def _residual(self, flat: Flat) -> Residual | None:
        """Draw in a program's bounds; None where nothing is between them."""
        drawn = Bounds(flat.matrix, flat.low, flat.high).draw_in(flat.lower, flat.upper)
        if drawn is None:
            return None
        flat, cost = replace(flat, lower=drawn[0], upper=drawn[1]), self.problem.cost
        most = float(cost @ flat.upper) if self.plan is None else self.value
        residual = Residual(flat, cost, self.structure, self.agents, most + 1.0)
        if self.plan is not None:
            residual.patterns.learn(self.plan)
        return residual

    def _push(self, bound: float, lower: Ints, upper: Ints) -> None:
        self.number -= 1  # of equal bounds the newest comes first
        heapq.heappush(self.nodes, Node(bound, self.number, lower, upper))

    def enough(self) -> float:
        """A bound from which on a node is no use."""
        if self.plan is None:
            return inf
        return self.value - max(1.0 - HAIR - FLOAT * self.value, self.problem.gap * self.value)

    def bound(self) -> float:
        """What is proven of all plans."""
        return min([node.bound for node in self.nodes] + [self.closed, self.value])

    @property
    def left(self) -> float:
        """Seconds left; never so few that a solver could not even begin."""
        return max(0.1, self.ends - time.monotonic())

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

    def _go_on(self, node: Node) -> None:
        """Put a node back, or close it where its bound is enough; say what is proven."""
        if node.bound >= self.enough():
            self._close(node.bound)
        else:
            heapq.heappush(self.nodes, node)
        self.report(None, None, max(0.0, self.bound()))

    def _lead(self, node: Node) -> None:
        """Bound a node with an alternative open, and branch on that.

        Only the first one is priced: until all are settled patterns add little to the bound.
        """
        priced = self.root.patterns.split(node.lower, node.upper)
        if node.number == FIRST and priced.bound < self.enough():
            priced = self.root.price(self.enough(), self.late)
            self.proof = self.root.proof(self.structure, self.problem.cost)
            self._plunge(self.root, priced)
        node.bound = max(node.bound, priced.bound)
        if node.bound >= self.enough():
            self._close(node.bound)
            return
        if node.number == FIRST and not self._can_go_on(node, priced):
            return
        block = self._open_block(node, priced.values)
        assert block is not None
        values = np.zeros(len(node.lower)) if priced.values is None else priced.values
        for a in block[np.argsort(values[block], kind="stable")]:
            lower = node.lower.copy()
            lower[a] = 1
            drawn = self.root.patterns.draw_in(lower, node.upper)
            if drawn is not None:
                self._push(node.bound, *drawn)

    def _can_go_on(self, node: Node, priced: Priced) -> bool:
        """Whether the first node was priced to the end; a first plan is seen to as well."""
        if priced.values is None and priced.bound < inf:
            self.hard = not self.late()
            self._close(node.bound)
            return False
        if self.plan is None:
            node.bound = max(node.bound, self._ask(self.root.part.flat, node.bound, first=True))
        return True

    def _open_block(self, node: Node, values: Floats | None) -> Ints | None:
        """The alternatives of a block that are open: of those, the block least settled."""
        found = None
        for b in range(len(self.structure.target)):
            mine = self.alternative[self.structure.block == b]
            mine = mine[mine >= 0]
            mine = mine[node.upper[mine] > node.lower[mine]]
            if len(mine) > 1:
                doubt = 0.0 if values is None else 1.0 - float(values[mine].max())
                if found is None or doubt > found[0]:
                    found = doubt, mine
        return None if found is None else found[1]

    def _settle(self, node: Node) -> None:
        """Make patterns anew for a node whose alternatives are settled, and bound it."""
        first = node.number == FIRST
        if not first:
            node.bound = max(node.bound, self.root.patterns.split(node.lower, node.upper).bound)
            if node.bound >= self.enough():
                self._close(node.bound)
                return
        flat = self.root.between(node.lower, node.upper)
        rest = self.root if first else self._residual(flat)
        if rest is None:
            return
        priced = rest.price(self.enough(), self.late)
        if first:
            self.proof = rest.proof(self.structure, self.problem.cost)
        node.rest, node.bound = rest, max(node.bound, _lifted(priced.bound))
        if node.bound < self.enough():
            self._plunge(rest, priced)
            if first and not self._can_go_on(node, priced):
                return
        self._go_on(node)

    def _plunge(self, rest: Residual, priced: Priced) -> None:
        plunge = Plunge(rest, self.structure, self.enough(), self.late)
        self.keep(plunge.plan(priced, (rest.lower, rest.upper)))

    def _look(self, node: Node, rest: Residual) -> None:
        """Look for plans of a node below the next value."""
        if rest.packed:
            self._branch(node, rest)
        else:
            self._look_near(node, rest)

    def _branch(self, node: Node, rest: Residual) -> None:
        """Branch and price on options below a value; what is too hard so is left to HiGHS."""
        below = rest.further(node.bound, self.enough())
        tree = OptionTree(rest, self.structure, below, self.keep, self.late)
        while tree.branches and tree.nodes < TREE_NODES and not self.late() and not self.spent():
            self.runs += 1
            tree.step()
            if self.enough() < tree.below:
                tree.lower(ceil(self.enough()))
        node.bound = max(node.bound, _lifted(tree.bound()))
        rest.packed, rest.nodes = node.bound >= min(tree.below, self.enough()), tree.nodes
        if not rest.packed:
            self._search_far(node)
        if rest.packed or not self.spent():
            self._go_on(node)
        else:
            self._close(node.bound)

    def _look_near(self, node: Node, rest: Residual) -> None:
        """Look for plans of a node below the next value; what is too hard so is finished."""
        below, near = rest.core(node.bound, self.enough())
        if below is None:
            self._finish(node, rest)
            return
        proven = below
        if near is not None:
            seconds = max(0.1, LOOK_SHARE * self.left)
            asked = replace(self.problem, flat=near, start=None, seconds=seconds)
            answer = self._highs(replace(asked, below=below, nodes=NODES))
            if answer.why != IMPOSSIBLE:
                proven = min(below, whole_bound(answer.bound))
        node.bound = max(node.bound, proven)
        if node.bound >= min(below, self.enough()):
            self._go_on(node)
        elif self.problem.work is None and not self.late():
            self._finish(node, rest)
        else:
            self._close(node.bound)

    def _finish(self, node: Node, rest: Residual) -> None:
        """Let HiGHS, with all that it can, look at whatever is left of a node."""
        self._search_far(node)
        enough = self.enough()
        near = rest.near(None if enough == inf else ceil(enough))
        self._close(enough if near is None else self._ask(near, node.bound))

    def _search_far(self, node: Node) -> None:
        """Search for plans where the best one is far above a node's bound."""
        if self.value - node.bound > FAR * self.value and self.value < self.searched:
            seconds = SEARCH_SHARE * self.left
            self.keep(self.search(replace(self.problem, start=self.plan, seconds=seconds)))
            self.searched = self.value

    def _ask(self, flat: Flat, bound: float, *, first: bool = False) -> float:
        """Let HiGHS look at rows of which a bound is known; return what is proven of them then.

        For a first plan it has some of the time; or all of it, where the clock has no say, and ends
        when there is one.
        """
        enough = self.enough()
        if bound >= enough:
            return bound
        if self.plan is not None:
            lower, upper = np.minimum(flat.lower, self.plan), np.maximum(flat.upper, self.plan)
            flat = replace(flat, lower=lower, upper=upper)
        asked = replace(self.problem, flat=flat, start=self.plan, seconds=self.left)
        if first and self.problem.work is None:
            asked = replace(asked, seconds=FIRST_SHARE * self.left)
        elif first:
            asked = replace(asked, target=FREE)
        answer = self._highs(asked)
        proven = inf if answer.why == IMPOSSIBLE else _lifted(answer.bound)
        return min(enough, max(bound, proven))

    def _highs(self, asked: Problem) -> Answer:
        """Ask HiGHS, and keep what it finds."""
        answer = highs.solve(
            asked, lambda values, value, _: self.report(values, value, None), self.stopped
        )
        self.keep(answer.values)
        self.timed |= answer.why == CLOCK and self.problem.work is None
        return answer

    def keep(self, plan: Ints | None) -> None:
        """Keep a plan that is better and keeps every row."""
        value = inf if plan is None else int(self.problem.cost @ plan)
        if plan is None or value >= self.value or not self.problem.flat.holds(plan):
            return
        self.plan, self.value = plan, float(value)
        self.report(plan, self.value, None)

    def _answer(self) -> Answer:
        bound, proof = self.bound(), self.proof
        if proof is not None and proof.bound >= self.enough():
            bound = proof.bound  # near enough, and no matter of trust
        if self.plan is None and not self.nodes and not self.late():
            return highs.solve(replace(self.problem, seconds=self.left), self.report, self.stopped)
        closed = self.plan is not None and bound >= self.enough()
        why = CLOSED if closed else ASKED if self.stopped() else CLOCK
        if why == CLOCK and self.problem.work is not None and not self.late():
            why = WORKED
        return Answer(self.plan, max(0.0, bound), why, self.timed, proof=proof)


def _lifted(bound: float) -> float:
    """The next whole step, where there is one."""
    return float(whole_bound(bound)) if bound < inf else inf
