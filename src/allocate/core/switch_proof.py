"""What prices prove where options have switches: on rows of switches too, not on resources alone.

Rows that tie options to a switch, and what it needs at least, are priced as any other: what an
option takes of them is added to its cost, and a switch is on where that is worth it. What is left
is a relaxation as of ``bound.py``, whose proof holds for the whole (Geoffrion 1974). Cuts that are
no rows of the program have no price here, so it proves less than the search does.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from allocate.core.bound import Relaxation
from allocate.core.outcome import Problem, Proof
from allocate.core.program import FREE
from allocate.core.proof import prove
from allocate.core.structure import Structure
from allocate.units import Floats, Ints, ceil_div

FINE = 1 << 8  # steps of a price of a switch's row in one of cost


def prove_switched(s: Structure, problem: Problem, switches: Ints, price: Floats) -> Proof:
    """Prove what prices of rows come to.

    Parameters
    ----------
    s, problem
        The program.
    switches
        Columns without which options are nought; rows that none of them stands in keep no price
        but as a resource.
    price
        What a linear program says of each row: by how much a step more of its limit raises the
        cost, (rows,).
    """
    flat = problem.flat
    rest = flat.matrix[s.rest]
    on = np.zeros(rest.shape[1], dtype=np.int64)
    on[switches] = 1
    at_most = flat.high[s.rest] < FREE
    asked = np.where(at_most, -price[s.rest], price[s.rest])
    asked[(abs(rest) @ on == 0) | (at_most & (flat.low[s.rest] > -FREE))] = 0.0
    whole = np.rint(np.maximum(asked, 0.0) * FINE).astype(np.int64)
    signed = np.where(at_most, whole, -whole)
    limit = np.where(at_most, flat.high[s.rest], flat.low[s.rest])
    relaxation = Relaxation(s, problem.cost * FINE + rest.T @ signed)
    prices = relaxation.nothing()
    prices.resource = np.maximum(-price[s.resource], 0.0) * FINE
    proof = prove(relaxation, prices, relaxation.relax(prices))
    priced = np.flatnonzero(whole)
    total = proof.total - proof.scale * int((signed * limit)[priced].sum())
    return replace(
        proof,
        scale=proof.scale * FINE,
        row=np.append(proof.row, s.rest[priced]),
        price=np.append(proof.price, whole[priced] * proof.scale),
        bound=ceil_div(total, proof.scale * FINE),
        total=total,
    )
