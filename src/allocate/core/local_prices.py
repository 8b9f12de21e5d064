"""Prices of a large program from linear programs over a few agents at a time.

One linear program over a country is too large, and prices of far-off agents hardly matter to each
other. So a part of the agents is taken with all groups that may be theirs, and all other agents at
the prices at hand: that program is no larger than a region's, and its prices are the best for the
part's agents while the others' stay. Part after part climbs the bound of the whole (block
coordinate ascent, Bertsekas 1999); each step is looked at from there, and made shorter where it
proves less. What groups have of their options comes from the same programs.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from allocate.core.bound import Prices, Relaxation
from allocate.core.decomposition import cut_agents, tied
from allocate.core.field import Agents
from allocate.core.outcome import Problem
from allocate.core.pieces import do
from allocate.core.program import Flat
from allocate.core.sifting import Sifted, near, sift
from allocate.core.structure import Bools, ranges, read
from allocate.units import Floats, Ints

LARGEST = 120  # agents of a part: its linear program takes seconds
WAVE = 6  # parts whose prices change together, however many threads there are
TIED = 3  # options a group, on average, that tie agents to each other
STEPS = (1.0, 0.5)  # of the way to a part's prices, until one proves more


@dataclass(frozen=True)
class _Part:
    """Some agents with the groups that may be theirs and the blocks that they may lead.

    Parameters
    ----------
    agents, options, alternatives
        Positions in the whole: all options of the groups, and all alternatives of the blocks.
    columns
        Of the options, then of the alternatives, then of what goes with these.
    rows
        In order.
    """

    agents: Ints
    options: Ints
    alternatives: Ints
    columns: Ints
    rows: Ints


@dataclass(frozen=True)
class _Solved:
    """What the linear program of some agents says, by positions in the whole."""

    agents: Ints
    resource: Ints
    price: Floats
    grower: Ints
    growth: Floats
    option: Ints
    share: Floats | None
    led: Ints


class LocalPrices:
    """Prices of a program that get better part by part.

    Parameters
    ----------
    relaxation, agents, problem
        The whole.
    prices
        Where to start from.
    choice
        Option of each group that no part has been solved for, (G,).
    """

    def __init__(
        self,
        relaxation: Relaxation,
        agents: Agents,
        problem: Problem,
        prices: Prices,
        choice: Ints,
    ) -> None:
        s = relaxation.structure
        self._relaxation, self._agents, self._problem = relaxation, agents, problem
        self._now = now = relaxation.relax(prices)
        self._prices, self._led = prices, now.led.copy()
        self._share = np.zeros(len(s.option))
        self._share[choice] = 1.0
        self._near = near(relaxation, now.bound)
        size = len(agents.resource)
        order = np.argsort(agents.agent, kind="stable")
        self._of_agent = np.searchsorted(agents.agent[order], np.arange(size + 1)), order
        self._whose = np.full(len(s.alternative), size)  # who is credited with an alternative
        some = np.flatnonzero(np.diff(s.credit_start) > 0)
        self._whose[some] = agents.agent[s.credit_option[s.credit_start[some]]]
        # Rows that are about blocks: few, and known by what they have in them.
        flat = problem.flat
        about = np.ones(len(flat.family), dtype=bool)
        for rows in (s.group_row, s.resource, s.rest):
            about[rows[rows < len(about)]] = False
        self._about = np.flatnonzero(about)
        self._blocks_in = flat.matrix[self._about].multiply(flat.upper > 0).tocsr() != 0
        self._boxed_in = s.use[s.boxed].tocsc()

    @property
    def sifted(self) -> Sifted:
        """What is known by now."""
        return Sifted(self._prices, self._now, self._share, self._led)

    def sweep(self, seed: int, *, until: float, stop: Callable[[], bool]) -> float:
        """Look at every agent once; return by how much the bound is better, relative to it.

        Parameters
        ----------
        seed
            Of how agents are cut into parts.
        until, stop
            When to end: a time of ``time.monotonic``, or a wish.
        """
        before, parts = self._now.bound, self._cut(seed)
        # Parts far from each other in the order of the cut are seldom neighbours.
        half = -(-len(parts) // WAVE)
        for first in range(half):
            if stop() or time.monotonic() > until:
                break
            wave = parts[first::half]

            solved = do(
                lambda agents: self._solve(agents, until, stop), wave, self._relaxation.threads
            )
            found = [each for each in solved if each is not None]
            self._step(found)
            for each in found:
                self._keep(each)
        return (self._now.bound - before) / max(1.0, abs(before))

    def _cut(self, seed: int) -> list[Ints]:
        """Cut all agents into parts that share much."""
        s, agents = self._relaxation.structure, self._agents
        size, now = len(agents.resource), self._now
        regret = now.reduced - now.reduced[now.choice][s.group]
        last = min(TIED * len(now.choice), len(regret)) - 1
        close = (regret <= np.partition(regret, last)[last]) & (agents.agent < size)
        ties = tied(s.group[close], agents.agent[close], (len(now.choice), size))
        return cut_agents(ties, LARGEST, np.random.default_rng(seed))

    def _part(self, who: Ints) -> _Part:
        """Take the rows and columns that some agents have a part in."""
        s, flat = self._relaxation.structure, self._problem.flat
        blocks = np.unique(s.block[self._mine(who)[self._whose]])
        alternatives = np.flatnonzero(np.isin(s.block, blocks))
        credited = s.credit_option[ranges(s.credit_start, alternatives)[0]]
        held = self._of_agent[1][ranges(self._of_agent[0], who)[0]]
        groups = np.unique(s.group[np.concatenate([held, credited])])
        options = ranges(s.start, groups)[0]
        beside = [s.given[alternatives], s.short[blocks], self._growers(alternatives)]
        resources = self._agents.resource[who]
        beside.append(s.boxed[np.unique(self._boxed_in[:, resources].indices)])
        of_blocks = np.concatenate(beside)
        columns = np.concatenate(
            [s.option[options], s.alternative[alternatives], of_blocks[of_blocks >= 0]]
        )
        inside = np.zeros(flat.matrix.shape[1], dtype=bool)
        inside[columns] = True
        count = np.diff(self._blocks_in.indptr)
        about = self._about[(self._blocks_in @ inside.astype(np.int64) == count) & (count > 0)]
        rows = np.sort(np.concatenate([s.group_row[groups], s.resource[resources], about]))
        return _Part(who, options, alternatives, columns, rows)

    def _growers(self, alternatives: Ints) -> Ints:
        """Columns of growth that these alternatives bring, and no others."""
        grower = self._relaxation.structure.grower
        others = np.delete(grower, alternatives)
        return np.setdiff1d(grower[alternatives], others)

    def _solve(self, agents: Ints, until: float, stop: Callable[[], bool]) -> _Solved | None:
        """Solve the linear program of some agents; None where it has none."""
        part = self._part(agents)
        problem = self._problem_of(part)
        local = read(problem.flat)
        if local is None:
            return None
        s, relaxation = self._relaxation.structure, Relaxation(local, problem.cost)
        row = part.rows[local.resource]
        at = np.minimum(np.searchsorted(s.resource, row), len(s.resource) - 1)
        known = s.resource[at] == row
        prices = relaxation.nothing()
        prices.resource[known] = self._prices.resource[at[known]]
        found = sift(relaxation, prices, problem, until=until, stop=stop, most=self._near)
        led = local.alternative[found.led] - len(part.options)
        return _Solved(
            agents=agents,
            resource=at[known],
            price=found.prices.resource[known],
            grower=np.searchsorted(self._relaxation.growers, part.columns[relaxation.growers]),
            growth=found.prices.growth,
            option=part.options[local.option],
            share=found.share,
            led=part.alternatives[led],
        )

    def _problem_of(self, part: _Part) -> Problem:
        """A part by itself, with what its options take elsewhere charged at the prices at hand.

        What all options of a group cost is left out.
        """
        s, charged = self._relaxation.structure, self._prices.resource.copy()
        charged[self._agents.resource[part.agents]] = 0.0
        cost = self._problem.cost[part.columns] + np.rint(s.use[part.columns] @ charged)
        group = s.group[part.options]
        first = np.flatnonzero(np.diff(group, prepend=-1))
        least = np.minimum.reduceat(cost[: len(group)], first)
        cost[: len(group)] -= np.repeat(least, np.diff(np.append(first, len(group))))
        return replace(
            self._problem,
            flat=_only(self._problem.flat, part.rows, part.columns),
            cost=np.maximum(cost, 0).astype(np.int64),
            start=None,
            guess=None,
        )

    def _step(self, found: list[_Solved]) -> None:
        """Go to the prices of some parts, as far as that proves more."""
        old, to = self._prices, self._prices.copy()
        for one in found:
            to.resource[one.resource], to.growth[one.grower] = one.price, one.growth
        for length in STEPS:
            prices = Prices(
                old.resource + length * (to.resource - old.resource),
                old.growth + length * (to.growth - old.growth),
            )
            now = self._relaxation.relax(prices)
            if now.bound > self._now.bound:
                self._prices, self._now = prices, now
                break

    def _keep(self, found: _Solved) -> None:
        """Keep what groups and blocks have that are at home in a part."""
        s, agent = self._relaxation.structure, self._agents.agent
        mine = self._mine(found.agents)
        if found.share is not None:
            home = mine[agent[self._now.choice]][s.group[found.option]]
            self._share[found.option[home]] = found.share[home]
        block = s.block[found.led]
        home = mine[self._whose[self._now.led[block]]]
        self._led[block[home]] = found.led[home]

    def _mine(self, agents: Ints) -> Bools:
        """Whether each agent is one of some, (m + 1,); the last is outside."""
        found = np.zeros(len(self._agents.resource) + 1, dtype=bool)
        found[agents] = True
        return found


def _only(flat: Flat, rows: Ints, columns: Ints) -> Flat:
    """Some rows and columns of a program."""
    return Flat(
        matrix=flat.matrix[rows][:, columns],
        low=flat.low[rows],
        high=flat.high[rows],
        lower=flat.lower[columns],
        upper=flat.upper[columns],
        whole=flat.whole[columns],
        family=flat.family[rows],
        kinds=flat.kinds,
    )
