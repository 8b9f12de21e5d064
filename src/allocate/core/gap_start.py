"""A first plan for generalised assignment: overloads are priced up until none is left.

Jobs start where their reduced costs are least, and move one at a time or in pairs, the second of
which makes room for the first: the shift and double shift of M. Yagiura, T. Ibaraki & F. Glover
(2006), with a penalty of its own on every agent that rises while it carries too much.
"""

# ruff: noqa: ANN001, ANN202, NPY002 (loops are compiled, and typed and random as Numba has it)
# mypy: disable-error-code="no-untyped-def"

from __future__ import annotations

import numpy as np
from numba import njit

from allocate.units import Floats, Ints

DEARER = 1.3  # how penalties rise
PASSES = 50  # over all jobs with the same penalties: rounding must not let it go on for ever
KICK = 2  # jobs put anywhere near before the next try


def start(
    reduced: Floats, weights: Ints, capacities: Ints, near: Ints
) -> tuple[Ints, Ints, Floats]:
    """Put each job where its reduced cost is least.

    Parameters
    ----------
    reduced, weights
        Of each job with each agent, (n, m).
    capacities
        Of each agent, (m,).
    near
        The agents that are cheapest for each job, the best first, (n, k).

    Returns
    -------
    tuple
        Agent of each job, (n,), load of each agent, (m,), and penalties to begin with, (m,).
    """
    plan, every = near[:, 0].copy(), np.arange(len(near))
    units = weights[every, plan]
    load = np.bincount(plan, units, len(capacities)).astype(np.int64)
    dear = reduced[every, near[:, -1]].sum() / (units.sum() + 1)
    return plan, load, np.full(len(capacities), 0.1 * dear + 1e-3)


@njit(cache=True)
def relieve(
    reduced: Floats,
    weights: Ints,
    capacities: Ints,
    near: Ints,
    plan: Ints,
    load: Ints,
    penalty: Floats,
    tries: int,
) -> bool:
    """Move jobs, in place, until no agent carries more than its capacity.

    Parameters
    ----------
    reduced, weights, capacities, near
        As for ``start``.
    plan, load, penalty
        As ``start`` returns them; changed.
    tries
        How often penalties may rise.

    Returns
    -------
    bool
        Whether the plan is within capacities.
    """
    for _ in range(tries):
        for _ in range(PASSES):
            if not _descend(reduced, weights, capacities, near, plan, load, penalty):
                break
        over = 0
        for i in range(len(load)):
            if load[i] > capacities[i]:
                penalty[i] *= DEARER
                over += 1
        if over == 0:
            return True
        for _ in range(KICK):
            j = np.random.randint(len(plan))
            _move(weights, plan, load, j, near[j, np.random.randint(near.shape[1])])
    return False


@njit(cache=True)
def _move(weights, plan, load, j, k):
    load[plan[j]] -= weights[j, plan[j]]
    load[k] += weights[j, k]
    plan[j] = k


@njit(cache=True)
def _descend(reduced, weights, capacities, near, plan, load, penalty):
    """Take the best move of each job of an overloaded agent; says whether there was one."""
    moved = False
    jobs, member = _members(plan, len(load))
    for j in range(len(plan)):
        i = plan[j]
        if load[i] <= capacities[i]:
            continue
        left = load[i] - weights[j, i]
        gone = penalty[i] * (max(0, left - capacities[i]) - load[i] + capacities[i]) - reduced[j, i]
        best, to, other, onward = -1e-6, -1, -1, -1
        for k in near[j]:
            if k == i:
                continue
            come = gone + reduced[j, k] - penalty[k] * max(0, load[k] - capacities[k])
            full = load[k] + weights[j, k] - capacities[k]
            if come + penalty[k] * max(0, full) < best:
                best, to, other = come + penalty[k] * max(0, full), k, -1
            for h in jobs[member[k] : member[k + 1]]:
                if plan[h] != k:
                    continue
                so = come - reduced[h, k] + penalty[k] * max(0, full - weights[h, k])
                if so >= best:
                    continue
                for g in near[h]:
                    if g == k:
                        continue
                    was = left if g == i else load[g]
                    more = max(0, was + weights[h, g] - capacities[g]) - max(0, was - capacities[g])
                    if so + reduced[h, g] + penalty[g] * more < best:
                        best, to = so + reduced[h, g] + penalty[g] * more, k
                        other, onward = h, g
        if to >= 0:
            _move(weights, plan, load, j, to)
            if other >= 0:
                _move(weights, plan, load, other, onward)
            moved = True
    return moved


@njit(cache=True)
def _members(plan, agents):
    """Jobs agent by agent, and where each agent's begin; jobs that move later are not followed."""
    begin, jobs = np.zeros(agents + 1, np.int64), np.empty(len(plan), np.int64)
    for i in plan:
        begin[i + 1] += 1
    for i in range(agents):
        begin[i + 1] += begin[i]
    at = begin.copy()
    for j in range(len(plan)):
        jobs[at[plan[j]]] = j
        at[plan[j]] += 1
    return jobs, begin
