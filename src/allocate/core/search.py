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
last two. Where no path helps, a few groups are moved by chance and the search goes on from there;
it goes back to the best plan if that leads nowhere (iterated local search).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy import sparse

from allocate.units import Ints

Floats = NDArray[np.float64]
WINDOW = 30  # units of net weight that a link of a chain may move
LINKS = 5  # of a chain, at most
KICK = 12  # groups moved by chance, at most
WORK = 200_000_000  # cells of tables in a run, at most
LOG = 20_000  # moves that can be taken back
GRACE = 10.0  # times the dearest room: how far above nought the beginning of a chain may be
FAILURES = 8  # chains of one descent that were none, at most
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
    swapping
        Whether groups of the same weight are exchanged too, where chains lead no further: worth its
        time where other rows leave no room.
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
    swapping: bool = False

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
        """Choose for every group anew: those with most to lose first, each where there is room.

        The greedy of Martello & Toth (1981), with regrets at prices for costs.
        """
        everyone = np.ones(len(self.choice), dtype=bool) & ~self.frozen
        np.add.at(self.room, self.agent[self.choice[everyone]], self.weight[everyone])
        first = np.minimum.reduceat(self.regret, self.start[:-1])
        group = np.repeat(np.arange(len(self.choice)), np.diff(self.start))
        others = np.where(self.regret > first[group], self.regret, np.inf)
        loss = np.minimum.reduceat(others, self.start[:-1]) - first
        order = np.flatnonzero(everyone)[np.argsort(-loss[everyone], kind="stable")]
        before = self.choice.copy()
        _fill(order, self.start, self.regret, self.agent, self.weight, self.choice, self.room)
        taken = self._side_use(before) - self._side_use(self.choice)
        self.side_room += taken

    def relieve(self) -> None:
        """Move groups away from overfull agents to where there is room, the least loss first."""
        before = self.choice.copy()
        over = np.flatnonzero(self.room < 0)
        held = np.flatnonzero(np.isin(self.agent[self.choice], over) & ~self.frozen)
        _relieve(
            over, held, self.start, self.regret, self.agent, self.weight, self.choice, self.room
        )
        self.side_room += self._side_use(before) - self._side_use(self.choice)

    def _side_use(self, choice: Ints) -> Floats:
        """What a choice takes of the rows on the side, (rows,)."""
        rows = sparse.csr_matrix(
            (self.side_amount, self.side_row, self.side_start),
            shape=(len(self.regret), len(self.side_room)),
        )
        picked = np.zeros(len(self.regret))
        picked[choice] = 1.0
        return np.asarray(rows.T @ picked)

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
        self._field, self._near = field, near
        size = len(field.price)
        span = WINDOW + min(int(field.weight.max(initial=1)), HEAVIEST)
        agent = field.agent[field.choice]
        self._chains = np.full((3, max(size, len(agent))), -1)  # first, following, before
        _link(agent, *self._chains)
        most = int(np.bincount(agent, minlength=size).max(initial=1))
        self._items = np.zeros(4 * most + 64, dtype=np.int64)
        self._choices = np.zeros((len(self._items), 2 * span + 1), dtype=np.bool_)
        self._table = np.full((size, size, 2 * WINDOW + 1), np.inf)
        self._stale = np.ones((size, size), dtype=np.bool_)
        near_enough = field.regret <= near
        group = np.repeat(np.arange(len(agent)), np.diff(field.start))
        several = np.bincount(group[near_enough], minlength=len(agent)) > 1
        self._movable = np.flatnonzero(several & ~field.frozen)
        met = sparse.csr_matrix(
            (near_enough.astype(float), (group, field.agent)), shape=(len(agent), size)
        )
        self._meet = (met.T @ met).toarray() > 0

    def run(self, rounds: int, seed: int, work: int = WORK) -> float:
        """Improve the field's plan; return by how much.

        Parameters
        ----------
        rounds
            Moves by chance after the first descent, each with a descent of its own.
        seed
            Of everything random.
        work
            Ends it early: so many cells of tables, of which a core does some 10^9 in a second.
        """
        f = self._field
        state = (
            f.start,
            f.regret,
            f.agent,
            f.weight,
            f.frozen,
            f.price,
            f.over,
            f.side_start,
            f.side_row,
            f.side_amount,
            f.side_price,
            f.side_over,
            f.choice,
            f.room,
            f.side_room,
            *self._chains,
            self._items,
            self._choices,
            self._table,
            self._stale,
            self._meet,
            self._movable,
        )
        return float(_search(*state, self._near, rounds, seed, work, f.swapping))


@njit(cache=True, nogil=True)
def _fill(order, start, regret, agent, weight, choice, room):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Give each group its least regretted option with room; without one, the least regretted."""
    for g in order:
        best, fits = -1, False
        for j in range(start[g], start[g + 1]):
            room_here = room[agent[j]] >= weight[g]
            if best < 0 or (room_here and not fits) or (
                room_here == fits and regret[j] < regret[best]
            ):
                best, fits = j, room_here
        choice[g] = best
        room[agent[best]] -= weight[g]


@njit(cache=True, nogil=True)
def _relieve(over, held, start, regret, agent, weight, choice, room):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Move the group that loses least for its weight, again and again, until none is overfull."""
    for k in over:
        while room[k] < 0:
            best, least = -1, np.inf
            for g in held:
                if agent[choice[g]] != k or weight[g] == 0:
                    continue
                for j in range(start[g], start[g + 1]):
                    if agent[j] == k or room[agent[j]] < weight[g]:
                        continue
                    loss = (regret[j] - regret[choice[g]]) / min(weight[g], -room[k])
                    if loss < least:
                        best, least = j, loss
                        mover = g
            if best < 0:
                break
            choice[mover] = best
            room[k] += weight[mover]
            room[agent[best]] -= weight[mover]


@njit(cache=True, nogil=True)
def _link(at, first, following, before):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Chain the groups of each agent."""
    for g in range(len(at) - 1, -1, -1):
        _put(g, at[g], first, following, before)


@njit(cache=True, nogil=True)
def _put(g, k, first, following, before):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    following[g], before[g] = first[k], -1
    if first[k] >= 0:
        before[first[k]] = g
    first[k] = g


@njit(cache=True, nogil=True)
def _take(g, k, first, following, before):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    if before[g] >= 0:
        following[before[g]] = following[g]
    else:
        first[k] = following[g]
    if following[g] >= 0:
        before[following[g]] = before[g]


@njit(cache=True, nogil=True)
def _worth(room, price, over):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """What room left over, or overdrawn, counts."""
    return price * room if room >= 0 else -over * room


@njit(cache=True, nogil=True)
def _move(  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202, PLR0913
    g, j, regret, agent, weight, price, over, side_start, side_row, side_amount, side_price,
    side_over, choice, room, side_room, first, following, before, stale,
):  # fmt: skip
    """Put a group at another option; return what the plan's value changes by."""
    i = choice[g]
    old, new = agent[i], agent[j]
    change = regret[j] - regret[i]
    for k, more in ((old, weight[g]), (new, -weight[g])):
        change -= _worth(room[k], price[k], over[k])
        room[k] += more
        change += _worth(room[k], price[k], over[k])
    for e in range(side_start[i], side_start[i + 1]):
        r = side_row[e]
        change -= _worth(side_room[r], side_price[r], side_over[r])
        side_room[r] += side_amount[e]
        change += _worth(side_room[r], side_price[r], side_over[r])
    for e in range(side_start[j], side_start[j + 1]):
        r = side_row[e]
        change -= _worth(side_room[r], side_price[r], side_over[r])
        side_room[r] -= side_amount[e]
        change += _worth(side_room[r], side_price[r], side_over[r])
    _take(g, old, first, following, before)
    _put(g, new, first, following, before)
    for k in (old, new):
        stale[k, :] = True
        stale[:, k] = True
    choice[g] = j
    return change


@njit(cache=True, nogil=True)
def _option_at(g, k, start, regret, agent):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Return the least regretted option of a group at an agent, -1 where there is none."""
    best = -1
    for j in range(start[g], start[g + 1]):
        if agent[j] == k and (best < 0 or regret[j] < regret[best]):
            best = j
    return best


@njit(cache=True, nogil=True)
def _exchange(  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202, PLR0913
    one, two, start, regret, agent, weight, frozen, choice, first, following, near, items, choices,
    span, least, spent,
):  # fmt: skip
    """Fill ``least``: the least regret of moving a net weight from one agent to another.

    ``least[span + d]`` is for ``d`` units more at the first; ``choices`` says which items moved.
    Returns how many items there are.
    """
    count = 0
    for side in range(2):
        here, there = (one, two) if side == 0 else (two, one)
        g = first[here]
        while g >= 0 and count < len(items):
            if not frozen[g] and weight[g] <= span:
                j = _option_at(g, there, start, regret, agent)
                if j >= 0 and regret[j] - regret[choice[g]] <= near:
                    items[count] = g
                    count += 1
            g = following[g]
    # A table of some width holds partial sums of both signs best where the signs are mixed.
    for i in range(count - 1, 0, -1):
        k = int(np.random.random() * (i + 1))
        items[i], items[k] = items[k], items[i]
    width = 2 * span + 1
    spent[0] += (count + 1) * width
    least[:] = np.inf
    least[span] = 0.0
    low = high = span
    for i in range(count):
        g = items[i]
        here = agent[choice[g]] == one
        w = -weight[g] if here else weight[g]
        j = _option_at(g, two if here else one, start, regret, agent)
        cost = regret[j] - regret[choice[g]]
        choices[i, :] = False
        if w > 0:
            high = min(width - 1, high + w)
            for s in range(high, low + w - 1, -1):
                if least[s - w] + cost < least[s]:
                    least[s] = least[s - w] + cost
                    choices[i, s] = True
        else:
            low = max(0, low + w)
            for s in range(low, high + w + 1):
                if least[s - w] + cost < least[s]:
                    least[s] = least[s - w] + cost
                    choices[i, s] = True
    return count


@njit(cache=True, nogil=True)
def _path(  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202, PLR0913
    start, regret, agent, weight, frozen, choice, first, following, near, items, choices, table, stale,
    meet, least, room, price, over, cost, previous, came, spent, swaps,
):  # fmt: skip
    """Find the best chain: ``cost[l, k, d]`` is of one of l links that leaves d units more at k.

    It begins where room is to be filled and is given up where it costs too much (in the manner of
    Lin & Kernighan 1973), so few exchanges need to be known: those that are stale are worked out here.
    With ``swaps`` agents without room to fill may exchange groups of the same weight. Returns the
    last link, agent and units; no link where there is no such chain.
    """
    size, width = len(room), table.shape[2]
    window, links, span = width // 2, len(cost) - 1, len(least) // 2
    grace = GRACE * price.max()
    cost[:] = np.inf
    cost[0, :, window] = 0.0
    best, last, end, units = -1e-7, -1, -1, -1
    for link in range(links):
        for i in range(size):
            for e in range(width):
                if cost[link, i, e] == np.inf:
                    continue
                more = e - window
                top = max(room[i] - more, -more)  # no agent is overfull that was not
                idle = link == 0 and (room[i] == 0 or (room[i] > 0 and price[i] <= 0))
                if idle and not swaps:
                    continue
                before = cost[link, i, e] - _worth(room[i], price[i], over[i])
                for j in range(size):
                    if not meet[i, j] or j == i or _passed(link, i, e, j, previous, came):
                        continue
                    if stale[i, j]:
                        _exchange(
                            i, j, start, regret, agent, weight, frozen, choice, first, following,
                            near, items, choices, span, least, spent,
                        )  # fmt: skip
                        for d in range(-window, window + 1):
                            table[i, j, window + d] = least[span + d]
                            table[j, i, window - d] = least[span + d]
                        stale[i, j] = stale[j, i] = False
                    for a in range(-window, min(window, top) + 1):
                        moved = table[i, j, window + a]
                        if moved == np.inf or (a == 0 and not swaps) or (a != 0 and idle):
                            continue
                        value = before + moved + _worth(room[i] - more - a, price[i], over[i])
                        if value < min(cost[link + 1, j, window - a] - 1e-9, grace):
                            cost[link + 1, j, window - a] = value
                            previous[link + 1, j, window - a] = i
                            came[link + 1, j, window - a] = e
        for j in range(size):
            for e in range(width):
                more = e - window
                if cost[link + 1, j, e] == np.inf or more > max(room[j], 0):
                    continue
                value = cost[link + 1, j, e] - _worth(room[j], price[j], over[j])
                value += _worth(room[j] - more, price[j], over[j])
                if value < best:
                    best, last, end, units = value, link + 1, j, e
    return last, end, units


@njit(cache=True, nogil=True)
def _passed(link, i, e, j, previous, came):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Whether a chain has been at an agent."""
    for at in range(link, 0, -1):
        i, e = previous[at, i, e], came[at, i, e]
        if i == j:
            return True
    return False


@njit(cache=True, nogil=True)
def _search(  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202, PLR0913
    start, regret, agent, weight, frozen, price, over, side_start, side_row, side_amount,
    side_price, side_over, choice, room, side_room, first, following, before, items, choices, table,
    stale, meet, movable, near, rounds, seed, work, swapping,
):  # fmt: skip
    np.random.seed(seed)
    width = table.shape[2]
    window, span = width // 2, choices.shape[1] // 2
    least = np.empty(2 * span + 1)
    cost = np.empty((LINKS + 1, len(price), width))
    previous = np.zeros((LINKS + 1, len(price), width), dtype=np.int64)
    came = np.zeros((LINKS + 1, len(price), width), dtype=np.int64)
    spent = np.zeros(1, dtype=np.int64)
    log = np.empty((LOG, 2), dtype=np.int64)  # groups moved since the best plan, and from where
    gained = 0.0
    for turn in range(rounds + 1):
        logged, value, swaps = 0, 0.0, False
        if spent[0] > work:
            break
        if turn > 0:
            if len(movable) == 0:
                break
            wanted = 2 + int(np.random.random() * KICK)
            for _ in range(20 * wanted):
                g = movable[int(np.random.random() * len(movable))]
                j = start[g] + int(np.random.random() * (start[g + 1] - start[g]))
                if j == choice[g] or regret[j] > near or room[agent[j]] < weight[g]:
                    continue
                log[logged, 0], log[logged, 1] = g, choice[g]
                logged += 1
                value += _move(
                    g, j, regret, agent, weight, price, over, side_start, side_row, side_amount,
                    side_price, side_over, choice, room, side_room, first, following, before, stale,
                )  # fmt: skip
                wanted -= 1
                if wanted == 0:
                    break
        failed = 0
        while logged < LOG // 2 and failed < FAILURES and spent[0] <= work:
            link, k, e = _path(
                start, regret, agent, weight, frozen, choice, first, following, near, items, choices,
                table, stale, meet, least, room, price, over, cost, previous, came, spent, swaps,
            )  # fmt: skip
            if link < 0:
                if swaps or not swapping:
                    break
                swaps = True
                continue
            since, change, known = logged, 0.0, stale.copy()
            ends = np.empty((link + 1, 2), dtype=np.int64)
            for at in range(link, -1, -1):
                ends[at, 0], ends[at, 1] = k, e
                k, e = previous[at, k, e], came[at, k, e]
            for at in range(link):
                one, two = ends[at, 0], ends[at + 1, 0]
                more = window - ends[at + 1, 1]
                count = _exchange(
                    one, two, start, regret, agent, weight, frozen, choice, first, following, near,
                    items, choices, span, least, spent,
                )  # fmt: skip
                s = span + more
                if least[s] == np.inf:
                    change = np.inf
                    break
                for i in range(count - 1, -1, -1):
                    if not choices[i, s]:
                        continue
                    g = items[i]
                    here = agent[choice[g]] == one
                    s -= -weight[g] if here else weight[g]
                    j = _option_at(g, two if here else one, start, regret, agent)
                    log[logged, 0], log[logged, 1] = g, choice[g]
                    logged += 1
                    change += _move(
                        g, j, regret, agent, weight, price, over, side_start, side_row,
                        side_amount, side_price, side_over, choice, room, side_room, first, following,
                        before, stale,
                    )  # fmt: skip
            if change < -1e-7:
                value += change
                continue
            # Two links wanted one group, or another row objects: this chain is none.
            failed += 1
            while logged > since:
                logged -= 1
                _move(
                    log[logged, 0], log[logged, 1], regret, agent, weight, price, over, side_start,
                    side_row, side_amount, side_price, side_over, choice, room, side_room,
                    first, following, before, stale,
                )  # fmt: skip
            stale[:] = known
            for at in range(link):
                one, two = ends[at, 0], ends[at + 1, 0]
                more = window - ends[at + 1, 1]
                table[one, two, window + more] = table[two, one, window - more] = np.inf
        if value < 1e-7 or turn == 0:
            gained -= value
            continue
        while logged > 0:
            logged -= 1
            _move(
                log[logged, 0], log[logged, 1], regret, agent, weight, price, over, side_start,
                side_row, side_amount, side_price, side_over, choice, room, side_room, first,
                following, before, stale,
            )  # fmt: skip
    return gained
