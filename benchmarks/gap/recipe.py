"""Types C, D and E of the generalised assignment problem, by their published recipe.

``a`` is the weight of a job with an agent, ``c`` its cost, ``b`` the capacity of an agent, ``m``
the number of agents; all are whole, rounded down:

- C: ``a`` from 5 to 25, ``c`` from 10 to 50, evenly.
- D: ``a`` from 1 to 100, ``c = 111 - a + e`` with ``e`` from -10 to 10, evenly.
- E: ``a = 1 - 10 ln u`` with ``u`` in (0, 1], ``c = 1000 / a - 10 v`` with ``v`` in [0, 1].
- All: ``b = 0.8 sum(a) / m`` over the jobs.

C and D are of Chu & Beasley, A genetic algorithm for the generalised assignment problem (1997), E
of Laguna, Kelly, Gonzalez-Velarde & Glover (1995), as Yagiura, Ibaraki & Glover (2006) state them.
Checked against the published files: capacities follow the formula to the unit, and ``v`` of type E
takes hundredths, nought included. Whole costs of E never fall below nought.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
TYPES = ("c", "d", "e")


def make(kind: str, agents: int, jobs: int, seed: int) -> tuple[Ints, Ints, Ints]:
    """Draw an instance.

    Parameters
    ----------
    kind
        ``c``, ``d`` or ``e``.
    agents, jobs, seed
        How many, and of everything random.

    Returns
    -------
    tuple
        Costs and weights, (m, n), and capacities, (m,).
    """
    rng = np.random.default_rng(seed)
    size = (agents, jobs)

    def between(low: int, high: int) -> Ints:
        return low + np.floor(rng.random(size) * (high - low + 1)).astype(np.int64)

    if kind == "c":
        weights, costs = between(5, 25), between(10, 50)
    elif kind == "d":
        weights = between(1, 100)
        costs = 111 - weights + between(-10, 10)
    elif kind == "e":
        weights = np.floor(1 - 10 * np.log(1 - rng.random(size))).astype(np.int64)
        costs = np.maximum(0, 1000 // weights - -(-between(0, 100) // 10))
    else:
        raise ValueError(f"No type {kind}: use one of {', '.join(TYPES)}.")
    return costs, weights, 8 * weights.sum(axis=1) // (10 * agents)


def write(path: Path, costs: Ints, weights: Ints, capacities: Ints) -> Path:
    """Write an instance in the public format, and return its path."""
    rows = [costs.shape, *costs.tolist(), *weights.tolist(), capacities.tolist()]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(" ".join(map(str, row)) + "\n" for row in rows), encoding="ascii")
    return path
