"""Loops of the search, compiled: tables of exchanges, and shortest paths through them.

``search.py`` says what the idea is and where it comes from. A table of two agents stays until one
of their groups moves; what is found to be none any more is spoilt, and reckoned anew where it is
wanted. Whatever a chain is made of is done link by link and taken back where it helps nothing.
"""

# ruff: noqa: ANN001, ANN201, ANN202, NPY002 (loops are compiled, and know only this generator)
# mypy: disable-error-code=no-untyped-def
from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from allocate.core.teams import worth
from allocate.units import Floats, Ints

WINDOW = 30  # units of net weight that a link of a chain may move
LINKS = 5  # of a chain, at most
LOG = 20_000  # moves that can be taken back, and half of them what one run makes
GRACE = 10.0  # times the dearest room: how far above nought the beginning of a chain may be
FAILURES = 400  # chains and exchanges that were none, at most


class State(NamedTuple):
    """All arrays of a search, for compiled loops."""

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
    known: Ints  # the choice that all below goes with: others may change a field's plan
    room: Ints
    side_room: Floats
    first: Ints  # group of each agent, then each group's next and the one before it
    following: Ints
    before: Ints
    items: Ints  # groups that two agents may exchange, and which of them each net weight takes
    taken: NDArray[np.bool_]
    least: Floats
    table: Floats  # of two agents: least regret by net weight; the best of it, and its units
    jump: Floats
    units: Ints
    stale: NDArray[np.bool_]
    spoilt: NDArray[np.bool_]  # whether some of the table was found to be none
    meet: NDArray[np.bool_]  # whether any group might be at either
    cost: Floats  # of chains by links, last agent and units; and where they came from
    previous: Ints
    came: Ints
    log: Ints  # groups moved since the best plan, and from which option
    logged: Ints
    spent: Ints


@njit(cache=True, nogil=True)
def list_groups(s):
    """Chain the groups of each agent."""
    for g in range(len(s.choice) - 1, -1, -1):
        _put(s, g, s.agent[s.choice[g]])


@njit(cache=True, nogil=True)
def catch_up(s):
    """Follow what others have changed since; what was no chain then may be one now."""
    for i in range(len(s.room)):
        for k in range(len(s.room)):
            s.stale[i, k] |= s.spoilt[i, k]
            s.spoilt[i, k] = False
    for g in range(len(s.choice)):
        if s.known[g] != s.choice[g]:
            for option in (s.known[g], s.choice[g]):
                s.stale[s.agent[option], :] = True
                s.stale[:, s.agent[option]] = True
            _take(s, g, s.agent[s.known[g]])
            _put(s, g, s.agent[s.choice[g]])
            s.known[g] = s.choice[g]


@njit(cache=True, nogil=True)
def _put(s, g, k):
    s.following[g], s.before[g] = s.first[k], -1
    if s.first[k] >= 0:
        s.before[s.first[k]] = g
    s.first[k] = g


@njit(cache=True, nogil=True)
def _take(s, g, k):
    if s.before[g] >= 0:
        s.following[s.before[g]] = s.following[g]
    else:
        s.first[k] = s.following[g]
    if s.following[g] >= 0:
        s.before[s.following[g]] = s.before[g]


@njit(cache=True, nogil=True)
def _change(s, k, units):
    """By how much the worth of an agent's room changes if it takes so many units more."""
    before = worth(s.room[k], s.price[k], s.over[k])
    return worth(s.room[k] - units, s.price[k], s.over[k]) - before


@njit(cache=True, nogil=True)
def _move(s, g, j):
    """Put a group at another option; return what the plan's value changes by."""
    i = s.choice[g]
    old, new = s.agent[i], s.agent[j]
    change = s.regret[j] - s.regret[i]
    for k, units in ((old, -s.weight[g]), (new, s.weight[g])):
        change += _change(s, k, units)
        s.room[k] -= units
        s.stale[k, :] = True
        s.stale[:, k] = True
    for option, sign in ((i, 1.0), (j, -1.0)):
        for e in range(s.side_start[option], s.side_start[option + 1]):
            r = s.side_row[e]
            change -= worth(s.side_room[r], s.side_price[r], s.side_over[r])
            s.side_room[r] += sign * s.side_amount[e]
            change += worth(s.side_room[r], s.side_price[r], s.side_over[r])
    _take(s, g, old)
    _put(s, g, new)
    s.choice[g] = s.known[g] = j
    return change


@njit(cache=True, nogil=True)
def _move_noted(s, g, j):
    """Do the same, so that it can be taken back."""
    s.log[s.logged[0], 0], s.log[s.logged[0], 1] = g, s.choice[g]
    s.logged[0] += 1
    return _move(s, g, j)


@njit(cache=True, nogil=True)
def _take_back(s, since):
    """Take moves back, the last first."""
    while s.logged[0] > since:
        s.logged[0] -= 1
        _move(s, s.log[s.logged[0], 0], s.log[s.logged[0], 1])


@njit(cache=True, nogil=True)
def _option_at(s, g, k):
    """Return the least regretted option of a group at an agent, -1 where there is none."""
    best = -1
    for j in range(s.start[g], s.start[g + 1]):
        if s.agent[j] == k and (best < 0 or s.regret[j] < s.regret[best]):
            best = j
    return best


@njit(cache=True, nogil=True)
def _exchange(s, one, two, near):
    """Fill ``least``: the least regret of moving a net weight from one agent to another.

    ``least[span + d]`` is for ``d`` units more at the first; ``taken`` says which items moved.
    Returns how many items there are.
    """
    span, count = len(s.least) // 2, 0
    for here, there in ((one, two), (two, one)):
        g = s.first[here]
        while g >= 0 and count < len(s.items):
            if not s.frozen[g] and s.weight[g] <= span:
                j = _option_at(s, g, there)
                if j >= 0 and s.regret[j] - s.regret[s.choice[g]] <= near:
                    s.items[count] = g
                    count += 1
            g = s.following[g]
    # A table of some width holds partial sums of both signs best where the signs are mixed.
    for i in range(count - 1, 0, -1):
        k = int(np.random.random() * (i + 1))
        s.items[i], s.items[k] = s.items[k], s.items[i]
    width = 2 * span + 1
    s.spent[0] += (count + 1) * width
    least = s.least
    least[:] = np.inf
    least[span] = 0.0
    low = high = span
    for i in range(count):
        g = s.items[i]
        here = s.agent[s.choice[g]] == one
        w = -s.weight[g] if here else s.weight[g]
        j = _option_at(s, g, two if here else one)
        cost = s.regret[j] - s.regret[s.choice[g]]
        taken = s.taken[i]
        taken[:] = False
        if w > 0:
            high = min(width - 1, high + w)
            for t in range(high, low + w - 1, -1):
                if least[t - w] + cost < least[t]:
                    least[t] = least[t - w] + cost
                    taken[t] = True
        else:
            low = max(0, low + w)
            for t in range(low, high + w + 1):
                if least[t - w] + cost < least[t]:
                    least[t] = least[t - w] + cost
                    taken[t] = True
    return count


@njit(cache=True, nogil=True)
def _learn(s, one, two, near):
    """Work out the exchanges of two agents anew, and the best of them by itself."""
    window, span = s.table.shape[2] // 2, len(s.least) // 2
    _exchange(s, one, two, near)
    for d in range(-window, window + 1):
        s.table[one, two, window + d] = s.least[span + d]
        s.table[two, one, window - d] = s.least[span + d]
    s.stale[one, two] = s.stale[two, one] = False
    best = np.inf
    lowest, highest = -max(s.room[two], 0), max(s.room[one], 0)  # nobody is overfull that was not
    for d in range(max(-span, lowest), min(span, highest) + 1):
        if s.least[span + d] == np.inf:
            continue
        value = s.least[span + d] + _change(s, one, d) + _change(s, two, -d)
        if value < best:
            best = value
            s.units[one, two], s.units[two, one] = d, -d
    s.jump[one, two] = s.jump[two, one] = best


@njit(cache=True, nogil=True)
def _best_jump(s, near):
    """Find the best exchange of two agents by itself, whatever weight it moves; -1 for none."""
    one, two, best = -1, -1, -1e-7
    for i in range(len(s.room)):
        for j in range(i + 1, len(s.room)):
            if s.meet[i, j]:
                if s.stale[i, j]:
                    _learn(s, i, j, near)
                if s.jump[i, j] < best:
                    one, two, best = i, j, s.jump[i, j]
    return one, two


@njit(cache=True, nogil=True)
def _best_chain(s, near):
    """Find the best of the shortest chains that help.

    ``cost[l, k, d]`` is of a chain of l links that leaves d units more at agent k.

    It begins where room is to be filled and is given up where it costs too much (in the manner of
    Lin & Kernighan 1973), so few exchanges need to be known: those that are stale are worked out.
    Returns the last link, agent and units; no link where there is no such chain.
    """
    size, width = len(s.room), s.table.shape[2]
    window, links = width // 2, len(s.cost) - 1
    grace = GRACE * s.price.max()
    s.cost[:] = np.inf
    s.cost[0, :, window] = 0.0
    best, last, end, units = -1e-7, -1, -1, -1
    for link in range(links):
        for i in range(size):
            if link == 0 and (s.room[i] == 0 or (s.room[i] > 0 and s.price[i] <= 0)):
                continue
            for e in range(width):
                if s.cost[link, i, e] < np.inf:
                    _lengthen(s, link, i, e, near, grace)
        for j in range(size):
            for e in range(width):
                more = e - window
                if s.cost[link + 1, j, e] == np.inf or more > max(s.room[j], 0):
                    continue
                value = s.cost[link + 1, j, e] + _change(s, j, more)
                if value < best:
                    best, last, end, units = value, link + 1, j, e
        if last >= 0:
            break  # a longer chain may be better, and costs many times as much to find
    return last, end, units


@njit(cache=True, nogil=True)
def _lengthen(s, link, i, e, near, grace):
    """Add a link to the best chain that ends at an agent with so many units."""
    window = s.table.shape[2] // 2
    more = e - window
    top = max(s.room[i] - more, -more)  # nobody is overfull that was not
    for j in range(len(s.room)):
        if j == i or not s.meet[i, j] or _passed(s, link, i, e, j):
            continue
        if s.stale[i, j]:
            _learn(s, i, j, near)
        for a in range(-window, min(window, top) + 1):
            moved = s.table[i, j, window + a]
            if moved == np.inf or a == 0:
                continue
            value = s.cost[link, i, e] + moved + _change(s, i, more + a)
            if value < min(s.cost[link + 1, j, window - a] - 1e-9, grace):
                s.cost[link + 1, j, window - a] = value
                s.previous[link + 1, j, window - a] = i
                s.came[link + 1, j, window - a] = e


@njit(cache=True, nogil=True)
def _passed(s, link, i, e, j):
    """Whether a chain has been at an agent."""
    for at in range(link, 0, -1):
        i, e = s.previous[at, i, e], s.came[at, i, e]
        if i == j:
            return True
    return False


@njit(cache=True, nogil=True)
def _apply(s, one, two, units, near):
    """Exchange groups so that the first agent has so many units more; return the change.

    It is infinite where what was moved before leaves no such exchange.
    """
    count = _exchange(s, one, two, near)
    at = len(s.least) // 2 + units
    if s.least[at] == np.inf:
        return np.inf
    change = 0.0
    for i in range(count - 1, -1, -1):
        if s.taken[i, at]:
            g = s.items[i]
            here = s.agent[s.choice[g]] == one
            at -= -s.weight[g] if here else s.weight[g]
            change += _move_noted(s, g, _option_at(s, g, two if here else one))
    return change


@njit(cache=True, nogil=True)
def _follow(s, link, k, e, near):
    """Do what a chain says, link by link; return the change, nought where it was taken back."""
    window = s.table.shape[2] // 2
    since, known, change = s.logged[0], s.stale.copy(), 0.0
    ends = np.empty((link + 1, 2), dtype=np.int64)
    for at in range(link, -1, -1):
        ends[at, 0], ends[at, 1] = k, e
        k, e = s.previous[at, k, e], s.came[at, k, e]
    for at in range(link):
        change += _apply(s, ends[at, 0], ends[at + 1, 0], window - ends[at + 1, 1], near)
    if change < -1e-7:
        return change
    # Two links wanted one group, or a row on the side objects: this chain is none.
    _take_back(s, since)
    s.stale[:] = known
    for at in range(link):
        one, two, e = ends[at, 0], ends[at + 1, 0], ends[at + 1, 1]
        s.table[one, two, 2 * window - e] = s.table[two, one, e] = np.inf
        s.spoilt[one, two] = s.spoilt[two, one] = True
    return 0.0


@njit(cache=True, nogil=True)
def descend(s, near, seed, work):
    """Follow chains, then exchanges by themselves, until none helps; return the change."""
    np.random.seed(seed)
    s.spent[0] = s.logged[0] = 0
    value, failed = 0.0, 0
    while s.logged[0] < LOG // 2 and failed < FAILURES and s.spent[0] <= work:
        link, k, e = _best_chain(s, near)
        if link >= 0:
            change = _follow(s, link, k, e, near)
        else:
            one, two = _best_jump(s, near)
            if one < 0:
                break
            since, known = s.logged[0], s.stale.copy()
            change = _apply(s, one, two, s.units[one, two], near)
            if change > -1e-7:
                _take_back(s, since)
                s.stale[:] = known
                s.jump[one, two] = s.jump[two, one] = np.inf
                s.spoilt[one, two] = s.spoilt[two, one] = True
                change = 0.0
        value += change
        failed += change == 0.0
    return value
