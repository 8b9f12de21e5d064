"""Better plans: a few agents after another share their jobs anew.

Teams are drawn by what their agents cost above the bound, and by how cheaply their jobs could be
put with each other; what one finds is exact (``team.py``). A team may also end a little dearer than
before, as in simulated annealing, as long as the plan stays near the best one: that leads out of
plans that no small team can better. Rows that are no agent's are looked at when a team has shared:
where they make it too dear, it has its jobs as before.
"""

# ruff: noqa: ANN001, ANN202, NPY002 (loops are compiled, and typed and random as Numba has it)
# mypy: disable-error-code="no-untyped-def"

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from allocate.core.gap_bound import reduce
from allocate.core.team import share_anew
from allocate.units import Floats, Ints

# Of what may be spent in all, how much on one job: less lets larger teams be searched to the end.
PARTS = np.array([0.4, 0.2, 0.1, 0.05])
NODES = 20_000  # of one tree
TEAM, LARGER, SMALLER = 3.0, 0.02, 0.06  # agents, for the first team; more, or fewer, for the next
AKIN = 0.7  # how often the next of a team is drawn by what it has to do with the others
NEAR = 4  # a plan may be dearer than the best by its distance from the bound, divided by this
TEAMS = 50  # in one round


class Sides(NamedTuple):
    """Rows beside the agents' own, and what a job takes of them with each agent.

    Parameters
    ----------
    option
        Of each job with each agent, a position in ``start``, (n, m).
    start, row, amount
        Option o takes ``amount[start[o]:start[o + 1]]`` of these rows.
    price, over
        Of a unit of a row's room, and of a unit above its limit; (rows,).
    """

    option: Ints
    start: Ints
    row: Ints
    amount: Floats
    price: Floats
    over: Floats


NO_SIDES = Sides(
    np.zeros((0, 0), dtype=np.int64), *np.zeros((2, 0), dtype=np.int64), *np.zeros((3, 0))
)


@njit(cache=True, nogil=True)
def seeded(seed: int) -> None:
    """Begin the random numbers that all loops of this thread draw from."""
    np.random.seed(seed)


@njit(cache=True, nogil=True)
def worth(room: float, price: float, over: float) -> float:
    """What room left over, or overdrawn, counts."""
    return price * room if room >= 0 else -over * room


class Teams:
    """A plan in hand, the best one so far, and how large teams have become.

    Parameters
    ----------
    costs, weights
        Of each job with each agent, job by job, (n, m).
    capacities, price
        Of each agent, (m,); ``price`` is that of a unit of its capacity.
    plan
        Agent of each job, within capacities, (n,).
    bound
        What no plan costs less than.
    warmth
        How much dearer a team may end, on average.
    sides, room
        Other rows, and what is left of them, (rows,).
    sizes
        Of teams to begin with, for each of ``PARTS``; changed as it goes on.
    """

    def __init__(
        self,
        costs: Ints,
        weights: Ints,
        capacities: Ints,
        price: Floats,
        plan: Ints,
        bound: int,
        warmth: float = 1.0,
        sides: Sides = NO_SIDES,
        room: Floats | None = None,
        sizes: Floats | None = None,
    ) -> None:
        self._costs, self._weights, self._capacities = costs, weights, capacities
        self._price, self._bound, self._warmth = price, bound, warmth
        self._sides, self._room = sides, np.zeros(0) if room is None else room.copy()
        self._reduced = reduce(costs, weights, capacities, price)
        self._plan, self.best = plan.copy(), plan.copy()
        self._sizes = np.full(len(PARTS), TEAM) if sizes is None else sizes
        self._above = 0.0  # what the plan in hand costs above the best

    def cost(self) -> int:
        """Add up what the best plan costs."""
        return int(self._costs[np.arange(len(self.best)), self.best].sum())

    def go(self) -> None:
        """Let one round of teams share anew."""
        most = float(max(1, (self.cost() - self._bound) // NEAR))
        self._above = _round(
            *(self._costs, self._weights, self._capacities, self._price, self._reduced),
            *(self._plan, self.best, self._sizes, most, NODES),
            *(self._sides, self._room, self._warmth, self._above),
        )

    def whole(self, limit: int) -> bool:
        """Let all agents share anew; says whether it is proven that no plan is better then."""
        everyone = np.arange(len(self._capacities))
        load = np.zeros(len(everyone), np.int64)
        plan = self.best.copy()
        np.add.at(load, plan, self._weights[np.arange(len(plan)), plan])
        found, nodes = share_anew(
            *(self._costs, self._weights, self._capacities, self._price, plan, load),
            *(everyone, self.cost() - 1, 1.0, limit),
        )
        if found:
            self._plan, self.best = plan.copy(), plan
            self._above = 0.0
        return bool(nodes <= limit)


@njit(cache=True, nogil=True)
def _round(
    costs, weights, capacities, price, reduced, plan, best, sizes, most, limit, sides, room,
    warmth, above,
):  # fmt: skip
    """Let teams share anew, in place: the plan, the best one, and how large teams are.

    Returns what the plan costs above the best one.
    """
    load = np.zeros(len(capacities), np.int64)
    for j in range(len(plan)):
        load[plan[j]] += weights[j, plan[j]]
    for _ in range(TEAMS):
        at = np.random.randint(len(PARTS))
        size = max(1, min(len(capacities), int(sizes[at] + np.random.random())))
        team = _draw(reduced, capacities, price, plan, load, size)
        dearer = min(-warmth * np.log(1 - np.random.random()), most - above)
        paid = _paid(costs, plan, team)
        goal = paid - 1 + max(0, int(dearer))
        before = plan.copy()
        found, nodes = share_anew(
            costs, weights, capacities, price, plan, load, team, goal, PARTS[at], limit
        )
        if found:
            change = _paid(costs, plan, team) - paid + _take(sides, room, before, plan)
            if len(room) and change > max(0.0, dearer):
                _take(sides, room, plan, before)
                for j in range(len(plan)):
                    if plan[j] != before[j]:
                        load[plan[j]] -= weights[j, plan[j]]
                        load[before[j]] += weights[j, before[j]]
                        plan[j] = before[j]
            else:
                above += change
        if above < 0:
            above = 0.0
            for j in range(len(plan)):
                best[j] = plan[j]
        sizes[at] += LARGER if nodes <= limit else -SMALLER
        sizes[at] = max(2.0, min(float(len(capacities)), sizes[at]))
    return above


@njit(cache=True, nogil=True)
def _take(sides, room, before, plan):
    """Take what jobs take elsewhere than before from the rows; return what that counts."""
    change = 0.0
    if len(room) == 0:
        return change
    for j in range(len(plan)):
        if plan[j] == before[j]:
            continue
        for agent, sign in ((before[j], 1.0), (plan[j], -1.0)):
            o = sides.option[j, agent]
            for e in range(sides.start[o], sides.start[o + 1]):
                r = sides.row[e]
                change -= worth(room[r], sides.price[r], sides.over[r])
                room[r] += sign * sides.amount[e]
                change += worth(room[r], sides.price[r], sides.over[r])
    return change


@njit(cache=True, nogil=True)
def _paid(costs, plan, team):
    """What the jobs of a team cost."""
    member = np.zeros(costs.shape[1], np.bool_)
    for i in team:
        member[i] = True
    paid = 0
    for j in range(len(plan)):
        if member[plan[j]]:
            paid += costs[j, plan[j]]
    return paid


@njit(cache=True, nogil=True)
def _draw(reduced, capacities, price, plan, load, size):
    """Draw a team, the first by what it costs above the bound."""
    agents, mean = len(load), 1e-9
    above, akin, chance = np.empty(agents), np.full(agents, 1e-3), np.empty(agents)
    for i in range(agents):
        above[i] = price[i] * (capacities[i] - load[i])
    for j in range(len(plan)):
        above[plan[j]] += reduced[j, plan[j]]
    for i in range(agents):
        mean += above[i] / agents
    for i in range(agents):
        above[i] += mean
    team = np.empty(size, np.int64)
    for x in range(size):
        alone = x == 0 or np.random.random() > AKIN
        for k in range(agents):
            chance[k] = above[k] if alone else above[k] * akin[k]
        i = team[x] = _pick(chance)
        above[i] = 0.0
        for j in range(len(plan)):
            if plan[j] != i:
                akin[plan[j]] += 1 / (1 + reduced[j, i] / mean) ** 2
                continue
            for k in range(agents):
                akin[k] += 1 / (1 + reduced[j, k] / mean) ** 2
    return team


@njit(cache=True, nogil=True)
def _pick(chance):
    """Draw one by its chance."""
    left, last = 0.0, 0
    for one in chance:
        left += one
    left *= np.random.random()
    for i in range(len(chance)):
        if chance[i] > 0:
            last = i
            left -= chance[i]
            if left < 0:
                break
    return last
