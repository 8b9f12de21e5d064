"""A bound for generalised assignment: prices on capacity, and what they prove.

Let each agent charge a price for its capacity. Then every job goes where cost and charge are least,
and the sum of these less what all capacity is worth lies below every plan: the Lagrangian bound
(G. T. Ross & R. M. Soland 1975; M. L. Fisher 1981). Prices rise where too much is asked for and
fall where too little is: the subgradient method, its step by B. T. Polyak (1969).
"""

from __future__ import annotations

from math import inf

import numpy as np
from numba import njit

from allocate.units import Floats, Ints, ceil_div

PATIENCE, SHRINK, LEAST = 20, 0.85, 1e-4  # steps without a rise; how the step shrinks; the last one
MARGIN = 0.02  # the bound is thought to end so far above what it is
PAIRS = 2 * 10**9  # pairs of a job and an agent that all steps may look at: seconds
FINE = 20  # binary digits of a price behind the point
EXACT = 1 << 62  # sums below this are exact


def prices(costs: Ints, weights: Ints, capacities: Ints, goal: float | None = None) -> Floats:
    """Find prices of capacity that give nearly the best bound.

    Parameters
    ----------
    costs, weights
        Of each job with each agent, job by job, (n, m); every job fits an agent.
    capacities
        Of each agent, (m,).
    goal
        What a plan costs; None where none is known.

    Returns
    -------
    NDArray
        Price of a unit of each agent's capacity, never negative, (m,).
    """
    steps = int(min(5000, 1 + PAIRS // costs.size))
    return _climb(costs, weights, capacities, -inf if goal is None else float(goal), steps)


@njit(cache=True)
def _climb(costs: Ints, weights: Ints, capacities: Ints, goal: float, steps: int) -> Floats:
    """Climb to the top of the bound by steps along its slope."""
    jobs, agents = costs.shape
    price, slope = np.zeros(agents), np.empty(agents)
    best = price.copy()
    top, scale, stalled = -np.inf, 1.0, 0
    for _ in range(steps):
        bound = 0.0
        for i in range(agents):
            slope[i] = -capacities[i]
            bound -= price[i] * capacities[i]
        for j in range(jobs):
            least, at = np.inf, 0
            for i in range(agents):
                charged = costs[j, i] + price[i] * weights[j, i]
                if charged < least and weights[j, i] <= capacities[i]:
                    least, at = charged, i
            bound += least
            slope[at] += weights[j, at]
        stalled = 0 if bound > top + 1e-6 * abs(top) else stalled + 1
        if bound > top:
            top, best = bound, price.copy()
        if stalled == PATIENCE:
            scale, stalled, price = scale * SHRINK, 0, best.copy()
            if scale < LEAST:
                break
            continue
        norm = 0.0
        for i in range(agents):
            if price[i] == 0 and slope[i] < 0:
                slope[i] = 0
            norm += slope[i] * slope[i]
        if norm == 0:
            break
        ahead = top + MARGIN * abs(top) if goal == -np.inf else goal
        step = scale * max(ahead - bound, 1e-4 * abs(top) + 1e-4) / norm
        for i in range(agents):
            price[i] = max(0.0, price[i] + step * slope[i])
    return best


def pair_bounds(costs: Ints, weights: Ints, capacities: Ints, price: Floats) -> Ints:
    """Return what prices prove of each pair of a job and an agent, in whole numbers alone.

    Parameters
    ----------
    costs, weights
        Of each job with each agent, job by job, never negative, (n, m); every job fits an agent.
    capacities
        Of each agent, (m,).
    price
        Of each agent's capacity, never negative, (m,).

    Returns
    -------
    Ints
        No plan with this pair costs less; a very large number where the job does not fit, (n, m).
        No plan at all costs less than the least of them.
    """
    worst = len(costs) * (float(costs.max()) + float(price.max()) * float(weights.max()) + 1)
    scale = 1 << FINE
    while scale > 1 and worst * scale >= EXACT:
        scale >>= 1
    if worst * scale >= EXACT:
        price = np.zeros_like(price)  # too high to reckon with, and no price at all proves too
    whole = np.rint(price * scale).astype(np.int64)
    charged = costs * scale + weights * whole
    charged[weights > capacities] = EXACT
    least = charged.min(axis=1, keepdims=True)
    worth = sum(p * c for p, c in zip(whole.tolist(), capacities.tolist(), strict=True))
    all_least = max(int(least.sum()) - worth, -EXACT)
    return ceil_div(charged - least + all_least, scale)


def reduce(costs: Ints, weights: Ints, capacities: Ints, price: Floats) -> Floats:
    """Return what each job costs with each agent, charge and all, above its cheapest agent.

    Parameters
    ----------
    costs, weights
        Of each job with each agent, job by job, (n, m); every job fits an agent.
    capacities, price
        Of each agent, (m,).

    Returns
    -------
    NDArray
        Never negative, ``inf`` where the job does not fit, (n, m).
    """
    charged = costs + price * weights
    charged[weights > capacities] = np.inf
    return charged - charged.min(axis=1, keepdims=True)
