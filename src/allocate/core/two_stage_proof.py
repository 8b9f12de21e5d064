"""What dual vectors prove of a two-stage program, counted in whole numbers, by whoever has them."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from allocate.core.program import FREE
from allocate.core.two_stage import TwoStage
from allocate.units import Ints

HALF = 31  # digits of a lower half: sums of halves stay whole numbers of a machine


@dataclass(frozen=True)
class TwoStageProof:
    """Dual prices of the extensive form without its whole columns.

    Parameters
    ----------
    scale
        Prices are whole numbers over this, in steps of cost.
    vector
        A dual vector of the recourse for each sample, (samples, rows).
    row
        Prices of the first stage's rows: one above nought counts at the row's lower bound, one
        below at its upper bound.
    worst
        How the tail is shared out among samples, whole, (samples,): of their sum none has more than
        its probability over the tail's share. Nothing where there is no tail.
    """

    scale: int
    vector: Ints
    row: Ints
    worst: Ints


def proven(two_stage: TwoStage, proof: TwoStageProof) -> Fraction | None:
    """Count what a proof proves: no first stage, whole or not, costs less.

    Parameters
    ----------
    two_stage
        The program.
    proof
        Prices.

    Returns
    -------
    Fraction | None
        The bound in steps of cost; None where the prices are no proof.
    """
    flat = two_stage.first.flat()
    if np.any(proof.vector[:, ~two_stage.equal] < 0):
        return None
    beyond = _product(two_stage.matrix.T, proof.vector) - two_stage.price * proof.scale
    capped = two_stage.upper < FREE
    if np.any(beyond[:, ~capped] > 0):
        return None
    counts = _counts(two_stage, proof)
    if counts is None:
        return None
    count, whole = counts
    charge = np.maximum(beyond[:, capped], 0) @ two_stage.upper[capped].astype(object)
    total = count @ ((proof.vector.astype(object) * two_stage.rhs).sum(axis=1) - charge)
    # Every cost is now multiplied by ``scale`` and by ``whole``.
    reduced = two_stage.cost.astype(object) * (proof.scale * whole)
    given = _product(two_stage.link.T, proof.vector) * count[:, None]
    for k, booked in enumerate(two_stage.booked):
        reduced -= _product(booked.T, given[two_stage.of_sample == k].sum(axis=0)[None])[0]
    reduced -= _product(flat.matrix.T, proof.row[None])[0] * whole
    at = np.where(proof.row > 0, flat.low, np.where(proof.row < 0, flat.high, 0))
    if np.any(np.abs(at) >= FREE):
        return None
    total += int(at.astype(object) @ proof.row) * whole
    total += int(np.minimum(reduced * flat.lower, reduced * flat.upper).sum())
    return Fraction(int(total), proof.scale * whole)


def _product(matrix: Any, vectors: Any) -> Any:
    """Multiply a sparse matrix by vectors, (vectors, columns), without rounding: by digits."""
    sign = np.where(vectors < 0, -1, 1)
    left, total, place = vectors * sign, 0, 0
    while np.any(left):
        digits = (left & ((1 << HALF) - 1)).astype(np.int64) * sign.astype(np.int64)
        total = total + ((matrix @ digits.T).T.astype(object) << place)
        left, place = left >> HALF, place + HALF
    return total if place else np.zeros((len(vectors), matrix.shape[0]), dtype=object)


def _counts(two_stage: TwoStage, proof: TwoStageProof) -> tuple[Any, int] | None:
    """What each sample counts for, whole, over one whole number: its share of mean and tail."""
    weight, all_ = two_stage.weight.astype(object), int(two_stage.weight.sum())
    tail = two_stage.tail
    if tail is None:
        return weight, all_
    worst, mass = proof.worst.astype(object), int(proof.worst.sum())
    most = weight * tail.share.denominator * mass
    if mass <= 0 or np.any(worst < 0) or np.any(worst * all_ * tail.share.numerator > most):
        return None
    per = tail.weight.denominator
    return (
        weight * (mass * per) + worst * (tail.weight.numerator * all_),
        all_ * mass * per,
    )
