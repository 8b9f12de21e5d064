"""The decomposition: parts of a few agents, cut anew each time, each searched by itself.

A chain of exchanges is short, so agents that share no group do not concern each other. All agents
are cut into parts that share much, grown one agent after another from a seed drawn by chance; parts
have no agent in common, so each is searched with what its agents have, by as many threads as there
are cores, and what they find adds up. The next cut runs elsewhere, so that nothing stays divided
(partitioned large neighbourhoods, as in Shaw 1998). Memory is that of the parts at work.

The bound needs no parts: at given prices all groups choose for themselves (``bound.py``), shared
agents included, however many authorities they work for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from allocate.core.pieces import do
from allocate.core.recreate import recreate
from allocate.core.search import Field, Search
from allocate.core.sharing import share
from allocate.core.structure import best_of, ranges
from allocate.core.teams import PARTS, TEAM
from allocate.units import Floats, Ints

LARGEST = 48  # agents of a part
WHOLE = 64  # agents that need no parts


@dataclass(frozen=True)
class _Part:
    """Some agents with their groups: positions in the field, and options that are left."""

    field: Field
    search: Search
    agents: Ints
    groups: Ints
    option: Ints
    sizes: Floats
    suggested: Ints


@dataclass(frozen=True)
class _Found:
    """What a search of some agents came to: positions in the field, and no more than is needed."""

    agents: Ints
    groups: Ints
    choice: Ints
    room: Ints
    side: Floats
    sizes: Floats
    gained: float


def tied(group: Ints, agent: Ints, shape: tuple[int, int]) -> sparse.csr_matrix:
    """Count the groups that any two agents share.

    Parameters
    ----------
    group, agent
        Pairs of a group and an agent that it may well be with, each (N,).
    shape
        Groups and agents, (G, m).

    Returns
    -------
    sparse matrix
        Shape (m, m).
    """
    met = sparse.csr_matrix((np.ones(len(group)), (group, agent)), shape=shape)
    return (met.T @ met).tocsr()


def cut_agents(ties: sparse.csr_matrix, largest: int, random: np.random.Generator) -> list[Ints]:
    """Cut all agents into parts that share much with each other.

    Parameters
    ----------
    ties
        Of ``tied``, (m, m).
    largest
        Agents of a part, at most.
    random
        Draws the agents from which parts grow.
    """
    size = ties.shape[0]
    taken = np.zeros(size, dtype=bool)
    parts = []
    for seed in random.permutation(size):
        if taken[seed]:
            continue
        part, shared = [seed], np.zeros(size)
        taken[seed] = True
        while len(part) < largest:
            row = slice(ties.indptr[part[-1]], ties.indptr[part[-1] + 1])
            shared[ties.indices[row]] += ties.data[row]
            best = int(np.argmax(np.where(taken, 0.0, shared)))
            if taken[best] or shared[best] <= 0:
                break
            part.append(best)
            taken[best] = True
        parts.append(np.sort(np.array(part)))
    return parts


class Decomposed:
    """A search over a field of any size.

    Parameters
    ----------
    field
        Its plan changes as the search goes on.
    near
        Options of more regret than this are not chosen.
    threads
        How many parts are searched at a time.
    suggested
        Option of each group that plans are made anew from, (G,); None where there is none.
    stop
        Asked before each part, and before each time that it is made anew.
    """

    def __init__(
        self,
        field: Field,
        near: float,
        threads: int = 1,
        suggested: Ints | None = None,
        stop: Callable[[], bool] = lambda: False,
    ) -> None:
        self._field, self._near, self._threads = field, near, threads
        self._suggested, self._stop = suggested, stop
        self._sizes = np.full(len(PARTS), TEAM)
        self._outside = len(field.price) - 1
        self._home = field.agent[field.choice]
        whole = self._outside <= WHOLE
        self._whole = self._part(np.arange(self._outside + 1)) if whole else None
        self._ties = None if whole else self._tied()

    @property
    def parts(self) -> bool:
        """Whether the field is cut into parts."""
        return self._whole is None

    def run(self, rounds: int, seed: int, *, anew: bool = False) -> float:
        """Improve the field's plan; return by how much.

        Parameters
        ----------
        rounds
            Of teams in each part, after its chains.
        seed
            Of everything random, cuts too.
        anew
            Whether each part is made anew from what is suggested instead, so many times.
        """
        if self._whole is not None:
            plan = self._whole.option[self._whole.field.choice]
            if not np.array_equal(plan, self._field.choice):  # somebody else changed it
                self._whole = self._part(np.arange(self._outside + 1))
            return self._put_back(self._searched(self._whole, rounds, seed, anew))
        assert self._ties is not None
        parts = cut_agents(self._ties, LARGEST, np.random.default_rng(seed))
        self._settle_homes()
        found = do(
            lambda at: self._searched(self._part(parts[at]), rounds, seed + at, anew),
            range(len(parts)),
            self._threads,
        )
        self._sizes = max(found, key=lambda one: len(one.agents)).sizes
        return sum(self._put_back(one) for one in found)

    def _tied(self) -> sparse.csr_matrix:
        """How many groups any two agents share, sparse (m, m)."""
        field = self._field
        near = np.flatnonzero((field.regret <= self._near) & (field.agent < self._outside))
        group = np.searchsorted(field.start, near, side="right") - 1
        return tied(group, field.agent[near], (len(field.choice), self._outside))

    def _settle_homes(self) -> None:
        """Say at which agent's part each group is: its own, or outside that of its best option."""
        field = self._field
        self._home = field.agent[field.choice]
        out = np.flatnonzero(self._home == self._outside)
        option, group = ranges(field.start, out)
        regret = np.where(field.agent[option] < self._outside, field.regret[option], np.inf)
        start = np.searchsorted(group, np.arange(len(out) + 1))
        self._home[out] = field.agent[option[best_of(start, -regret)]] if len(out) else out

    def _part(self, agents: Ints) -> _Part:
        """Take some agents, and the groups that they have, out of the field."""
        field = self._field
        groups = np.flatnonzero(self._member(agents)[self._home])
        agents = np.append(agents[agents < self._outside], self._outside)
        local = np.full(self._outside + 1, -1)
        local[agents] = np.arange(len(agents))
        option, group = ranges(field.start, groups)
        chosen = field.choice[groups][group] == option
        wished = np.zeros_like(chosen)
        if self._suggested is not None:
            wished = (self._suggested[groups][group] == option) & (local[field.agent[option]] >= 0)
        keep = (local[field.agent[option]] >= 0) & (field.regret[option] <= self._near)
        keep |= chosen | wished
        option, group, chosen = option[keep], group[keep], chosen[keep]
        entry, at = ranges(field.side_start, option)
        part = Field(
            start=np.searchsorted(group, np.arange(len(groups) + 1)).astype(np.int64),
            regret=field.regret[option],
            agent=local[field.agent[option]],
            weight=field.weight[groups],
            frozen=field.frozen[groups],
            price=field.price[agents],
            over=field.over[agents],
            side_start=np.searchsorted(at, np.arange(len(option) + 1)).astype(np.int64),
            side_row=field.side_row[entry],
            side_amount=field.side_amount[entry],
            side_price=field.side_price,
            side_over=field.side_over,
            choice=np.flatnonzero(chosen),
            room=field.room[agents],
            side_room=field.side_room.copy(),
        )
        # Where what is suggested is in another part, what is regretted least stands for it.
        suggested = best_of(part.start, np.where(wished[keep], 1.0, -part.regret))
        search, sizes = Search(part, self._near), self._sizes.copy()
        return _Part(part, search, agents, groups, option, sizes, suggested)

    def _member(self, agents: Ints) -> NDArray[np.bool_]:
        found = np.zeros(self._outside + 1, dtype=bool)
        found[agents] = True
        return found

    def _searched(self, part: _Part, rounds: int, seed: int, anew: bool) -> _Found:
        """Search a part; what it takes on the side is what it changed."""
        before, gained = part.field.side_room.copy(), 0.0
        if len(part.groups) and not self._stop():
            gained = part.search.run(seed) + self._searched_on(part, rounds, seed, anew)
        return _Found(
            agents=part.agents[:-1],
            groups=part.groups,
            choice=part.option[part.field.choice],
            room=part.field.room[:-1].copy(),
            side=part.field.side_room - before,
            sizes=part.sizes,
            gained=gained,
        )

    def _searched_on(self, part: _Part, rounds: int, seed: int, anew: bool) -> float:
        """Make a part anew so many times, or let teams share; return what that gains."""
        if not anew:
            return share(part.field, np.inf, rounds, seed, part.sizes) if rounds else 0.0
        gained = 0.0
        for each in range(rounds):
            if self._stop():
                break
            gained += recreate(part.field, part.search, part.suggested, seed + each)
        return gained

    def _put_back(self, found: _Found) -> float:
        """Put what a part found back into the field."""
        field = self._field
        field.choice[found.groups] = found.choice
        field.room[found.agents] = found.room
        field.side_room += found.side
        return found.gained
