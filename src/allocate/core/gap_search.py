"""Better plans of generalised assignment: a few agents after another share their jobs anew.

Teams are drawn by what their agents cost above the bound, and by how cheaply their jobs could be
put with each other. A team may also end a little dearer than before, as in simulated annealing, as
long as the plan stays near the best one: that leads out of plans that no small team can better.
"""

# ruff: noqa: ANN001, ANN202, NPY002 (loops are compiled, and typed and random as Numba has it)
# mypy: disable-error-code="no-untyped-def"

from __future__ import annotations

import numpy as np
from numba import njit

from allocate.core.gap_bound import Floats, reduce
from allocate.core.gap_few import share_anew
from allocate.units import Ints

# Of what may be spent in all, how much on one job: less lets larger teams be searched to the end.
PARTS = np.array([0.4, 0.2, 0.1, 0.05])
NODES = 20_000  # of one tree
TEAM, LARGER, SMALLER = 3.0, 0.02, 0.06  # agents, for the first team; more, or fewer, for the next
AKIN = 0.7  # how often the next of a team is drawn by what it has to do with the others
NEAR = 4  # a plan may be dearer than the best by its distance from the bound, divided by this
TEAMS = 50  # in one round


@njit(cache=True)
def seeded(seed: int) -> None:
    """Begin the random numbers that all loops draw from."""
    np.random.seed(seed)


class Search:
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
    """

    def __init__(
        self,
        costs: Ints,
        weights: Ints,
        capacities: Ints,
        price: Floats,
        plan: Ints,
        bound: int,
    ) -> None:
        self._costs, self._weights, self._capacities = costs, weights, capacities
        self._price, self._bound = price, bound
        self._reduced = reduce(costs, weights, capacities, price)
        self._plan, self.best = plan.copy(), plan.copy()
        self._sizes = np.full(len(PARTS), TEAM)

    def cost(self) -> int:
        """Add up what the best plan costs."""
        return int(self._costs[np.arange(len(self.best)), self.best].sum())

    def go(self) -> None:
        """Let one round of teams share anew."""
        most = max(1, (self.cost() - self._bound) // NEAR)
        _round(
            *(self._costs, self._weights, self._capacities, self._price, self._reduced),
            *(self._plan, self.best, self._sizes, most, NODES),
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
        return bool(nodes <= limit)


@njit(cache=True)
def _round(costs, weights, capacities, price, reduced, plan, best, sizes, most, limit):
    """Let teams share anew, in place: the plan, the best one, and how large teams are."""
    load = np.zeros(len(capacities), np.int64)
    now = low = 0
    for j in range(len(plan)):
        load[plan[j]] += weights[j, plan[j]]
        now += costs[j, plan[j]]
        low += costs[j, best[j]]
    for _ in range(TEAMS):
        at = np.random.randint(len(PARTS))
        size = max(1, min(len(capacities), int(sizes[at] + np.random.random())))
        team = _draw(reduced, capacities, price, plan, load, size)
        dearer = min(int(-np.log(1 - np.random.random())), low + most - now)
        paid = _paid(costs, plan, team)
        goal = paid - 1 + max(0, dearer)
        found, nodes = share_anew(
            costs, weights, capacities, price, plan, load, team, goal, PARTS[at], limit
        )
        if found:
            now += _paid(costs, plan, team) - paid
        if now < low:
            low = now
            for j in range(len(plan)):
                best[j] = plan[j]
        sizes[at] += LARGER if nodes <= limit else -SMALLER
        sizes[at] = max(2.0, min(float(len(capacities)), sizes[at]))


@njit(cache=True)
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


@njit(cache=True)
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


@njit(cache=True)
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
