"""A problem so small that solving it only loads what a large one would wait for."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from allocate.core.outcome import Problem
from allocate.core.program import Program


def rehearsal() -> Problem:
    """Three groups of two units, two agents with room for three, and one of the agents leads.

    A linear program splits a group between the agents, so that no bound ends the search before it
    has begun.
    """
    made = Program()
    group, agent = np.divmod(np.arange(9), 3)  # the third of each group is outside
    option = made.columns("assign", 9)
    placed = agent < 2
    made.require("placed_once", "choose", [(group, option, 1)], low=1, high=1, rows=3)
    made.require("within_capacity", "pack", [(agent[placed], option[placed], 2)], high=3, rows=2)
    lead, given = made.columns("lead", 2), made.columns("given_to_lead", 2, upper=3)
    made.require("leads_per_area", "free", [(0, lead, 1)], low=1, high=1, rows=1)
    each = np.arange(2)
    credited = [(each, given, 1), (agent[placed], option[placed], -1)]
    made.require("given", "pack", credited, high=0, rows=2)
    made.require("as_lead", "pack", [(each, given, 1), (each, lead, -3)], high=0, rows=2)
    made.require("lead_accepts_share", "share", [(0, given, 1)], low=1, rows=1)
    cost = np.zeros(made.size, dtype=np.int64)
    cost[option] = np.where(placed, 1 + agent, 50)
    made.level("cost", cost, Fraction(1))
    return Problem(made.flat(), cost, None, 10.0, 0.0, 1, ours=True, work=1)
