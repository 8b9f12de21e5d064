"""The search: chains of exact exchanges between two agents, which pass room along.

Agents have room for so much weight, and a group weighs the same wherever it is. Two agents may
exchange groups: how cheaply that moves any small net weight from one to the other is one table, by
dynamic programming over the weight moved so far (as for the balanced knapsack, Pisinger 1999). Such
tables are the arcs of a graph over agents: a path in it hands a little room on from agent to agent
until it lies where it is worth least, or is filled, and a shortest path is the best chain. It is an
ejection chain (Glover 1996; Yagiura, Ibaraki & Glover 2006) whose every link is solved to the end,
in the manner of cyclic exchanges (Thompson & Psaraftis 1993; Ahuja et al. 2002).

Costs are regrets at the prices of a bound: what an option costs there above the cheapest of its
group. A plan costs the bound, its regrets, and the price of room left over; the search lowers the
last two. Where no path helps, the best exchange of two agents by itself is made, whatever weight it
moves; where none does, the search is over, and teams of more agents go on (``sharing.py``).
Its loops, compiled, are in ``chains.py``.
"""

# ruff: noqa: ANN001, ANN202 (loops are compiled, and know only this generator)
# mypy: disable-error-code=no-untyped-def
from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy import sparse

from allocate.core.chains import LINKS, LOG, WINDOW, State, catch_up, descend, list_groups
from allocate.core.structure import ranges
from allocate.units import Floats, Ints

WORK = 200_000_000  # cells of tables in a run, at most
HEAVIEST = 2000  # units: groups that weigh more are exchanged where the table has room for them


@dataclass
class Field:
    """What is searched: options by group, agents with room, and other rows.

    Parameters
    ----------
    start
        Options of group g are ``start[g]:start[g + 1]``, (G + 1,).
    regret
        Of each option, never negative, (J,).
    agent
        Of each option, (J,); the last agent is outside and has room for everything.
    weight
        Of each group, in units, (G,).
    frozen
        Groups that stay where they are, (G,).
    price, over
        Of a unit of each agent's room, nought for the last, and of a unit above its limit; (m,).
    side_start, side_row, side_amount
        What options take of other rows, by option.
    side_price, side_over
        Price of a unit of a row's room, and of a unit above its limit; (rows,).
    choice
        Option of each group, (G,).
    room
        Units of each agent that are not taken, (m,); below nought where it is overfull.
    side_room
        The same of the other rows.
    """

    start: Ints
    regret: Floats
    agent: Ints
    weight: Ints
    frozen: NDArray[np.bool_]
    price: Floats
    over: Floats
    side_start: Ints
    side_row: Ints
    side_amount: Floats
    side_price: Floats
    side_over: Floats
    choice: Ints
    room: Ints
    side_room: Floats

    @property
    def value(self) -> float:
        """Regrets and the price of room: what the plan costs above the bound."""
        room = self.room.astype(float)
        sides = np.where(
            self.side_room >= 0, self.side_price * self.side_room, -self.side_over * self.side_room
        )
        agents = np.where(room >= 0, self.price * room, -self.over * room)
        return float(self.regret[self.choice].sum() + agents.sum() + sides.sum())

    def fill(self) -> None:
        """Choose for each group anew: what it has if there is room, else what it regrets least.

        Groups with most to lose come first (Martello & Toth 1981, with regrets at prices for
        costs). Some agents may be overfull even so.
        """
        everyone = ~self.frozen
        room, choice = self.room.copy(), self.choice.copy()
        np.add.at(room, self.agent[choice[everyone]], self.weight[everyone])
        first = np.minimum.reduceat(self.regret, self.start[:-1])
        group = np.repeat(np.arange(len(self.choice)), np.diff(self.start))
        others = np.where(self.regret > first[group], self.regret, np.inf)
        loss = np.minimum.reduceat(others, self.start[:-1]) - first
        order = np.flatnonzero(everyone)[np.argsort(-loss[everyone], kind="stable")]
        _fill(order, self.start, self.regret, self.agent, self.weight, choice, room)
        self.choose(choice)

    def choose(self, choice: Ints) -> None:
        """Take another plan."""
        for plan, sign in ((self.choice, 1), (choice, -1)):
            np.add.at(self.room, self.agent[plan], sign * self.weight)
            self.side_room += sign * self._side_use(plan)
        self.choice[:] = choice

    def relieve(self) -> None:
        """Move groups away from overfull agents to where there is room, the least loss first."""
        room, choice = self.room.copy(), self.choice.copy()
        over = np.flatnonzero(room < 0)
        held = np.flatnonzero(np.isin(self.agent[choice], over) & ~self.frozen)
        _relieve(over, held, self.start, self.regret, self.agent, self.weight, choice, room)
        self.choose(choice)

    def mend(self, known: Ints) -> None:
        """Relieve overfull agents; what that cannot do is done as in another plan.

        All groups that such agents have in either plan are as in the other, and whom that overfills
        is relieved, or goes the same way: at worst everybody.

        Parameters
        ----------
        known
            A plan in which nobody is overfull, (G,).
        """
        before = self.choice.copy()
        here, there = self.agent[before], self.agent[known]
        as_known = np.zeros(len(self.room), dtype=bool)
        self.relieve()
        while np.any(over := (self.room < 0) & ~as_known):
            as_known |= over
            self.choose(np.where(as_known[here] | as_known[there], known, before))
            self.relieve()

    def _side_use(self, choice: Ints) -> Floats:
        """What a choice takes of the rows on the side, (rows,)."""
        entry, _ = ranges(self.side_start, choice)
        used = np.zeros(len(self.side_room))
        np.add.at(used, self.side_row[entry], self.side_amount[entry])
        return used

    def near(self, each: float) -> float:
        """Return the regret up to which groups have so many options on average."""
        count = min(len(self.regret), int(each * (len(self.start) - 1)))
        return float(np.partition(self.regret, count - 1)[count - 1])


class Search:
    """A search over all agents of a field, whose plan changes as it goes on.

    Parameters
    ----------
    field
        What is searched.
    near
        Options of more regret than this are not chosen.
    """

    def __init__(self, field: Field, near: float) -> None:
        self._near = near
        size, groups = len(field.price), len(field.choice)
        span = WINDOW + min(int(field.weight.max(initial=1)), HEAVIEST)
        width = 2 * WINDOW + 1
        most = int(np.bincount(field.agent[field.choice], minlength=size).max(initial=1))
        items = 4 * most + 64
        near_enough = field.regret <= near
        group = np.repeat(np.arange(groups), np.diff(field.start))
        near_enough[field.choice] = True
        met = sparse.csr_matrix(
            (near_enough.astype(float), (group, field.agent)), shape=(groups, size)
        )
        self._state = State(
            start=field.start,
            regret=field.regret,
            agent=field.agent,
            weight=field.weight,
            frozen=field.frozen,
            price=field.price,
            over=field.over,
            side_start=field.side_start,
            side_row=field.side_row,
            side_amount=field.side_amount,
            side_price=field.side_price,
            side_over=field.side_over,
            choice=field.choice,
            known=field.choice.copy(),
            room=field.room,
            side_room=field.side_room,
            first=np.full(size, -1),
            following=np.full(groups, -1),
            before=np.full(groups, -1),
            items=np.zeros(items, dtype=np.int64),
            taken=np.zeros((items, 2 * span + 1), dtype=np.bool_),
            least=np.full(2 * span + 1, np.inf),
            table=np.full((size, size, width), np.inf),
            jump=np.full((size, size), np.inf),
            units=np.zeros((size, size), dtype=np.int64),
            stale=np.ones((size, size), dtype=np.bool_),
            spoilt=np.zeros((size, size), dtype=np.bool_),
            meet=(met.T @ met).toarray() > 0,
            cost=np.zeros((LINKS + 1, size, width)),
            previous=np.zeros((LINKS + 1, size, width), dtype=np.int64),
            came=np.zeros((LINKS + 1, size, width), dtype=np.int64),
            log=np.zeros((LOG, 2), dtype=np.int64),
            logged=np.zeros(1, dtype=np.int64),
            spent=np.zeros(1, dtype=np.int64),
        )
        list_groups(self._state)

    def run(self, seed: int, work: int = WORK) -> float:
        """Improve the field's plan; return by how much.

        Parameters
        ----------
        seed
            Of everything random.
        work
            Ends it early: so many cells of tables, of which a core does some 10^9 in a second.
        """
        catch_up(self._state)
        return -float(descend(self._state, self._near, seed, work))


@njit(cache=True, nogil=True)
def _fill(order, start, regret, agent, weight, choice, room):
    """Give each group its option if there is room, else its least regretted one with room.

    Without any room it has the least regretted one.
    """
    for g in order:
        if room[agent[choice[g]]] >= weight[g]:
            room[agent[choice[g]]] -= weight[g]
            continue
        best, fits = -1, False
        for j in range(start[g], start[g + 1]):
            room_here = room[agent[j]] >= weight[g]
            if (
                best < 0
                or (room_here and not fits)
                or (room_here == fits and regret[j] < regret[best])
            ):
                best, fits = j, room_here
        choice[g] = best
        room[agent[best]] -= weight[g]


@njit(cache=True, nogil=True)
def _relieve(over, held, start, regret, agent, weight, choice, room):
    """Move the group that loses least for its weight, again and again, until none is overfull."""
    for k in over:
        while room[k] < 0:
            mover, best, least = -1, -1, np.inf
            for g in held:
                if agent[choice[g]] != k or weight[g] == 0:
                    continue
                for j in range(start[g], start[g + 1]):
                    if agent[j] == k or room[agent[j]] < weight[g]:
                        continue
                    loss = (regret[j] - regret[choice[g]]) / min(weight[g], -room[k])
                    if loss < least:
                        mover, best, least = g, j, loss
            if best < 0:
                break
            choice[mover] = best
            room[k] += weight[mover]
            room[agent[best]] -= weight[mover]
