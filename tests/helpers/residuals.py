"""What is left of small programs drawn by chance, and the cheapest plan by another solver."""

from __future__ import annotations

from dataclasses import replace
from math import inf

import numpy as np
from scipy.optimize import Bounds as Between
from scipy.optimize import LinearConstraint, milp

from allocate.core.compact import Bounds
from allocate.core.field import find_agents
from allocate.core.program import FREE, Flat
from allocate.core.reduced import reduce
from allocate.core.residual import Residual
from allocate.core.structure import read
from allocate.units import Ints
from helpers.assignments import draw, program


def left(seed: int) -> tuple[Residual, Flat, Ints] | None:
    """What is left of a small program, its rows and costs; None where nothing is."""
    made = program(draw(seed))
    flat, cost = made.flat(), reduce(made, made.levels[0]).cost
    structure = read(flat)
    agents = None if structure is None else find_agents(structure)
    drawn = Bounds(flat.matrix, flat.low, flat.high).draw_in(flat.lower, flat.upper)
    if structure is None or agents is None or drawn is None:
        return None
    flat = replace(flat, lower=drawn[0], upper=drawn[1])
    return Residual(flat, cost, structure, agents, float(cost @ flat.upper) + 1), flat, cost


def least(flat: Flat, cost: Ints) -> Ints | None:
    """The cheapest plan, by another solver."""
    low = np.where(flat.low <= -FREE, -inf, flat.low)
    high = np.where(flat.high >= FREE, inf, flat.high)
    rows = LinearConstraint(flat.matrix, low, high)
    between = Between(flat.lower, flat.upper)
    found = milp(cost, integrality=np.ones(len(cost)), bounds=between, constraints=rows)
    return None if found.x is None else np.rint(found.x).astype(np.int64)
