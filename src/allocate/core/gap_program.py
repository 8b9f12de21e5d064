"""The generalised assignment problem as a program, for any method to solve."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from allocate.core.program import Program
from allocate.units import Ints


def gap_program(costs: Ints, weights: Ints, capacities: Ints) -> Program:
    """Build a program with one column for each job and agent that can carry it, job by job.

    Parameters
    ----------
    costs, weights
        Of each job with each agent, whole, (m, n).
    capacities
        Of each agent, whole, (m,).

    Returns
    -------
    Program
        Column ``job * m + agent`` is 1 where the agent has the job; one level, ``cost``.
    """
    agents, jobs = costs.shape
    job, agent = (part.ravel() for part in np.divmod(np.arange(agents * jobs), agents))
    program = Program()
    fits = weights[agent, job] <= capacities[agent]
    column = program.columns("assign", agents * jobs, upper=fits.astype(np.int64))
    program.require("one_agent", "choose", [(job, column, 1)], low=1, high=1, rows=jobs)
    program.require(
        "within_capacity",
        "pack",
        [(agent, column, weights[agent, job])],
        high=capacities,
        rows=agents,
    )
    program.level("cost", costs[agent, job], Fraction(1))
    return program
