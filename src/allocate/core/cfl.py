"""Capacitated facility location with split demand, as a two-stage program of one sample.

Open facilities are the first stage, and who serves whom is the recourse. That a closed facility
serves nobody follows from its capacity; said again for each customer and its nearer facilities, it
makes sharper cuts.
"""

from __future__ import annotations

from fractions import Fraction
from math import ceil

import numpy as np
from scipy import sparse

from allocate.core.benders import solve_two_stage
from allocate.core.outcome import IMPOSSIBLE, Watch
from allocate.core.program import FREE, Program, ints
from allocate.core.two_stage import TwoStage
from allocate.units import Ints

PAIRS, NEAREST = 20_000, 8  # pairs with a row of their own, and of each customer at least


def solve_cfl(
    capacities: Ints, fixed: Ints, demands: Ints, costs: Ints, *, seconds: float, seed: int
) -> tuple[Ints | None, float]:
    """Open facilities at the least cost.

    Parameters
    ----------
    capacities, fixed
        Of each facility, whole, (m,).
    demands
        Of each customer, whole, (n,).
    costs
        Of serving all of a customer's demand from a facility, whole, (m, n).
    seconds, seed
        When to stop, and the seed of everything random.

    Returns
    -------
    tuple
        Which facilities are open, or None where no plan was found; and a bound that no plan goes
        below: ``inf`` where it is proven that there is none.
    """
    outcome = solve_two_stage(
        cfl_program(capacities, fixed, demands, costs),
        seconds=seconds,
        gap=0.0,
        seed=seed,
        watch=Watch(),
    )
    values = outcome.answer.values
    if values is None:
        return None, np.inf if outcome.answer.why == IMPOSSIBLE else outcome.bound
    return np.flatnonzero(values), outcome.bound


def cfl_program(capacities: Ints, fixed: Ints, demands: Ints, costs: Ints) -> TwoStage:
    """Build the program; parameters as in ``solve_cfl``.

    A customer may go unserved in the recourse, so that no half-open facilities are impossible, at a
    price that no chain of customers who move on from one facility to the next can save.
    """
    m, n = costs.shape
    first = Program()
    open_ = first.columns("open", m)
    first.require("enough", "share", [(0, open_, capacities)], low=int(demands.sum()), rows=1)
    first.require("some", "share", [(0, open_, 1)], low=1, rows=1)
    first.level("cost", fixed, Fraction(1))
    facility, customer = (each.ravel() for each in np.indices((m, n)))
    pair, nobody = np.arange(m * n), m * n + np.arange(n)
    near = _near(demands, costs)
    each = np.arange(len(near))
    rows = n + m + len(near)
    entries = [
        (customer, pair, np.ones(m * n)),
        (np.arange(n), nobody, np.ones(n)),
        (n + facility, pair, -demands[customer]),
        (n + m + each, near, -np.maximum(demands, 1)[customer[near]]),
    ]
    most = np.where(demands > 0, np.minimum(demands, capacities[:, None]), 1).ravel()
    row, column, coef = (np.concatenate([entry[i] for entry in entries]) for i in range(3))
    link = sparse.csr_matrix(
        (
            np.concatenate([capacities, most[near]]),
            (np.arange(n, rows), np.concatenate([np.arange(m), facility[near]])),
        ),
        shape=(rows, m),
    )
    return TwoStage(
        first=first,
        matrix=sparse.csr_matrix((coef, (row, column)), shape=(rows, m * n + n)),
        equal=np.zeros(rows, dtype=bool),
        price=np.concatenate([costs.ravel(), _unserved(demands, costs)]),
        upper=ints(FREE, m * n + n),
        link=link,
        booked=(sparse.eye_array(m, dtype=np.int64),),
        of_sample=ints([0]),
        rhs=(np.arange(rows) < n).astype(np.int64)[None],
        weight=ints([1]),
    )


def _near(demands: Ints, costs: Ints) -> Ints:
    """Pairs for which to say that a closed facility does not serve the customer.

    No capacity says it for a demand of nought.
    """
    rank = costs.argsort(axis=0, kind="stable").argsort(axis=0, kind="stable")
    nearest = max(NEAREST, PAIRS // len(demands))
    return np.flatnonzero((rank < nearest) | (demands == 0))


def _unserved(demands: Ints, costs: Ints) -> Ints:
    """What it costs to leave a customer unserved, (n,)."""
    spread = costs.max(axis=0) - costs.min(axis=0)
    some = demands > 0
    each = max(
        (Fraction(int(a), int(b)) for a, b in zip(spread[some], demands[some], strict=True)),
        default=Fraction(0),
    )
    chain = [ceil(each * (len(costs) - 1) * int(d)) for d in demands]
    return costs.max(axis=0) + ints(chain)
