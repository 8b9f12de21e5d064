"""The best way for a few agents to share their jobs anew, every way considered.

Prices on the capacities of the agents in hand give each job a cost above its cheapest agent, and
each unit left empty its price: what a better plan may spend on both together is little, so few jobs
have a choice and few agents may be left with room. A tree over these jobs is searched depth first.
What the jobs to come must still cost is bounded agent by agent, by dynamic programming over the
room it has left: the cheapest of them to take, or the price of what stays empty.

This is the branch and bound of G. T. Ross & R. M. Soland (1975), with jobs fixed as by M. Posta,
J. A. Ferland & P. Michelon (2012), put to use as a neighbourhood (P. Shaw 1998). All sums that cut
the tree are of whole numbers, so that what it proves is proven.
"""

# ruff: noqa: ANN001, ANN202 (loops are compiled, and typed as they are used)
# mypy: disable-error-code="no-untyped-def"

from __future__ import annotations

import numpy as np
from numba import njit

from allocate.units import Floats, Ints

SCALE = 1 << 10  # steps in one unit of cost, for prices are not whole
NEVER = 1 << 60  # steps: above all sums of an instance that ``fine`` lets in
MOST = (1 << 30) - 1  # steps: tables hold no more, for two are added in 32 bits
WIDEST = 4096  # entries in a row of a table
STEPS, PATIENCE, SHRINK = 60, 5, 0.6  # to price the agents in hand


def fine(costs: Ints) -> bool:
    """Say whether all sums over an instance with these costs, (n, m), fit their numbers.

    Prices are kept low enough for that by themselves.
    """
    return SCALE * (int(costs.max()) + 1) * len(costs) < NEVER


@njit(cache=True, nogil=True)
def share_anew(
    costs: Ints,
    weights: Ints,
    capacities: Ints,
    price: Floats,
    plan: Ints,
    load: Ints,
    team: Ints,
    goal: int,
    part: float,
    limit: int,
) -> tuple[bool, int]:
    """Share the jobs of a team of agents anew, in place, where their cost meets a goal.

    Parameters
    ----------
    costs, weights
        Of each job with each agent, whole, (n, m).
    capacities, price, load
        Of each agent, (m,); ``price`` is where the search for the team's own prices starts.
    plan
        Agent of each job, within capacities, (n,); changed, as ``load`` is, where one is found.
    team
        Agents, (p,).
    goal
        The most that the jobs of the team may cost.
    part
        Jobs are put only where that takes at most this part of what may be spent in all; with 1
        no plan is left out.
    limit
        Nodes of the tree to look at.

    Returns
    -------
    tuple
        Whether a plan was found, another than the present one and the cheapest if the whole tree
        was searched; and the nodes looked at, more than ``limit`` where that was not done.
    """
    job = _jobs_of(plan, team, len(capacities))
    size = (len(job), len(team))
    cost, weight = np.empty(size, np.int64), np.empty(size, np.int64)
    for x in range(len(job)):
        for t in range(len(team)):
            cost[x, t], weight[x, t] = costs[job[x], team[t]], weights[job[x], team[t]]
    room, asked = np.empty(len(team), np.int64), np.empty(len(team))
    for t in range(len(team)):
        room[t], asked[t] = capacities[team[t]], price[team[t]]
    charge = _charge(cost, weight, room, asked, goal)
    budget = SCALE * np.int64(goal) + _worth(charge, room)
    for x in range(len(job)):
        least = NEVER
        for t in range(len(team)):
            cost[x, t] = SCALE * cost[x, t] + charge[t] * weight[x, t]
            if weight[x, t] > room[t]:
                cost[x, t] = NEVER
            least = min(least, cost[x, t])
        for t in range(len(team)):
            cost[x, t] -= least
        budget -= least
    new = np.full(len(job), -1)
    if budget < 0:
        return False, 0
    found, nodes = _search(cost, weight, room, charge, budget, part, job, plan, team, limit, new)
    if found:
        for x in range(len(job)):
            j, i, k = job[x], plan[job[x]], team[new[x]]
            load[i] -= weights[j, i]
            load[k] += weights[j, k]
            plan[j] = k
    return found, nodes


@njit(cache=True, nogil=True)
def _jobs_of(plan, team, agents):
    """Jobs that a team has."""
    member = np.zeros(agents, np.bool_)
    for i in team:
        member[i] = True
    job, count = np.empty(len(plan), np.int64), 0
    for j in range(len(plan)):
        if member[plan[j]]:
            job[count] = j
            count += 1
    return job[:count]


@njit(cache=True, nogil=True)
def _worth(charge, room):
    """What empty room would cost."""
    worth = 0
    for t in range(len(room)):
        worth += charge[t] * room[t]
    return worth


@njit(cache=True, nogil=True)
def _sort(order, key):
    """Sort numbers by their keys, both in place, equal ones as they were."""
    for x in range(1, len(key)):
        one, its = order[x], key[x]
        y = x
        while y > 0 and key[y - 1] > its:
            order[y], key[y] = order[y - 1], key[y - 1]
            y -= 1
        order[y], key[y] = one, its


@njit(cache=True, nogil=True)
def _charge(cost, weight, room, price, goal):
    """Prices that give a team's jobs a high bound, in whole steps; any prices are right."""
    best, top, scale, stalled = price.copy(), -np.inf, 1.0, 0
    slope = np.empty(len(room))
    for _ in range(STEPS):
        bound = 0.0
        for t in range(len(room)):
            slope[t] = -room[t]
            bound -= price[t] * room[t]
        for x in range(len(cost)):
            least, at = np.inf, 0
            for t in range(len(room)):
                charged = cost[x, t] + price[t] * weight[x, t]
                if charged < least and weight[x, t] <= room[t]:
                    least, at = charged, t
            bound += least
            slope[at] += weight[x, at]
        stalled += 1
        if bound > top:
            top, stalled, best = bound, 0, price.copy()
        if top > goal + 1e-3:
            break
        if stalled == PATIENCE:
            scale, stalled, price = scale * SHRINK, 0, best.copy()
            continue
        norm = 0.0
        for t in range(len(room)):
            if price[t] == 0 and slope[t] < 0:
                slope[t] = 0
            norm += slope[t] * slope[t]
        if norm == 0:
            break
        for t in range(len(room)):
            price[t] = max(0.0, price[t] + scale * (goal + 1 - bound) / norm * slope[t])
    highest = NEVER / (len(cost) + 1) / (_worth(np.ones_like(room), room) + 1)
    whole = np.empty(len(room), np.int64)
    for t in range(len(room)):
        whole[t] = np.int64(min(SCALE * best[t], highest))
    return whole


@njit(cache=True, nogil=True)
def _search(cost, weight, room, charge, budget, part, job, plan, team, limit, new):
    """Search the tree; fill ``new`` with the best plan found, if any; say so, and count nodes.

    Where an agent has no room for the jobs that have no choice, nothing is looked at.
    """
    teams = len(team)
    free, size, option, spend, need = _choices(cost, weight, room, np.int64(budget * part), new)
    depth = len(free)
    moved = False
    for x in range(len(job)):
        moved = moved or (new[x] >= 0 and team[new[x]] != plan[job[x]])
    widest = 0
    for t in range(teams):
        if room[t] < 0:
            return False, 0
        widest = max(widest, room[t])
    shift = 0
    while widest >> shift >= WIDEST:
        shift += 1
    table, row = _tables(size, option, spend, need, room, charge, widest, shift, budget)
    spent = np.zeros(depth + 1, np.int64)
    pick = np.full(depth + 1, -1)
    d, nodes, found = 0, 0, False
    while d >= 0 and nodes <= limit:
        if d == depth:
            total = spent[d] + _worth(charge, room)
            other = moved
            for z in range(depth):
                other = other or team[option[z, pick[z]]] != plan[job[free[z]]]
            if other and total <= budget:
                found = True
                for z in range(depth):
                    new[free[z]] = option[z, pick[z]]
                budget = total - SCALE
            d -= 1
            continue
        if pick[d] >= 0:
            room[option[d, pick[d]]] += need[d, pick[d]]
        y = pick[d] + 1
        pick[d] = -1
        while y < size[d] and spent[d] + spend[d, y] <= budget:
            t = option[d, y]
            if need[d, y] <= room[t]:
                nodes += 1
                room[t] -= need[d, y]
                bound = spent[d] + spend[d, y]
                for u in range(teams):
                    bound += table[row[d + 1, u], room[u] >> shift]
                if bound <= budget:
                    pick[d] = y
                    break
                room[t] += need[d, y]
            y += 1
        if pick[d] < 0:
            d -= 1
        else:
            spent[d + 1] = spent[d] + spend[d, y]
            d += 1
    return found, nodes


@njit(cache=True, nogil=True)
def _choices(cost, weight, room, most, new):
    """Fix jobs with one choice, in ``new`` and ``room``, and order the others and their choices.

    Jobs come agent by agent, so that what an agent has is soon settled, the heaviest first.
    """
    jobs, teams = cost.shape
    key, free = np.empty(jobs, np.int64), np.empty(jobs, np.int64)
    count, heaviest = 0, 1
    for x in range(jobs):
        for t in range(teams):
            heaviest = max(heaviest, weight[x, t] + 1)
    for x in range(jobs):
        choices, first, last = 0, -1, -1
        for t in range(teams):
            if cost[x, t] <= most:
                choices, last = choices + 1, t
                first = t if first < 0 else first
        if choices == 1:
            new[x] = last
            room[last] -= weight[x, last]
        else:
            key[count] = (first + 1) * heaviest - weight[x, first]
            free[count] = x
            count += 1
    free = free[:count]
    _sort(free, key[:count])
    option = np.empty((count, teams), np.int64)
    spend, need = np.empty((count, teams), np.int64), np.empty((count, teams), np.int64)
    size = np.zeros(count, np.int64)
    for d in range(count):
        x = free[d]
        for t in range(teams):
            if cost[x, t] <= most:
                option[d, size[d]], spend[d, size[d]] = t, cost[x, t]
                size[d] += 1
        _sort(option[d, : size[d]], spend[d, : size[d]])
        for y in range(size[d]):
            need[d, y] = weight[x, option[d, y]]
    return free, size, option, spend, need


@njit(cache=True, nogil=True)
def _tables(size, option, spend, need, room, charge, widest, shift, budget):
    """Bound what jobs from each depth on cost each agent, by the room it has left there.

    ``table[row[d, t], r >> shift]`` is at most what agent t pays in the end with room r at depth d.
    A row stands for 2**shift rooms: where shift is not 0 a job may end in one of two of them.
    """
    teams, depth = len(room), len(size)
    most = min(budget, MOST)
    rows = teams
    for d in range(depth):
        rows += size[d]
    table = np.empty((rows, (widest >> shift) + 1), np.int32)
    row = np.empty((depth + 1, teams), np.int64)
    for t in range(teams):
        row[depth, t] = t
        for r in range((room[t] >> shift) + 1):
            table[t, r] = min(most, charge[t] * (r << shift))
    top = teams
    for d in range(depth - 1, -1, -1):
        for t in range(teams):
            row[d, t] = row[d + 1, t]
        for y in range(size[d]):
            t = option[d, y]
            old, now = table[row[d, t]], table[top]
            low, wide = need[d, y] >> shift, (room[t] >> shift) + 1
            high = (need[d, y] + (1 << shift) - 1) >> shift
            paid = np.int32(min(spend[d, y], most))
            for r in range(min(low, wide)):
                now[r] = old[r]
            for r in range(low, wide):
                now[r] = min(old[r], paid + old[r - low])
            if low < high:
                for r in range(high, wide):
                    now[r] = min(now[r], paid + old[r - high])
            row[d, t] = top
            top += 1
    return table, row
