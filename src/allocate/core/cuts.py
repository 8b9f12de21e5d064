"""Cuts from a pool of dual vectors: what the recourse costs at least, at any booking.

One vector bounds every sample, so a pool scores all samples at any plan in one product of arrays.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from allocate.core.dual_vectors import DualVectors
from allocate.core.two_stage import TwoStage
from allocate.units import Floats, Ints

TINY = 1e-8  # a slope that much smaller than the largest only spoils the arithmetic


@dataclass(frozen=True)
class Cut:
    """``term >= constant - slope . z - own . x``, from a dual vector for each of some samples.

    Parameters
    ----------
    term
        Which part of the expected cost it bounds.
    sample, vector, share
        Samples, the pool's vector for each, and what each sample counts for; parallel arrays.
    constant, slope, own
        In steps of cost: a number, by booked thing (Z,), and by column of the first stage (N,).
    """

    term: int
    sample: Ints
    vector: Ints
    share: Floats
    constant: float
    slope: Floats
    own: Floats


class Pool:
    """Dual vectors of all samples, and what they prove at a plan.

    Parameters
    ----------
    two_stage
        Whose recourse they are of.
    """

    def __init__(self, two_stage: TwoStage) -> None:
        self._two_stage = two_stage
        self._exact = DualVectors(two_stage)
        self.exact, self.scale = self._exact.exact, self._exact.scale
        self._rhs = two_stage.rhs.T.astype(float)
        self._link = two_stage.link.astype(float)
        # What bookings yield in a sample beside what they yield in the first one.
        self.common = two_stage.booked[0]
        self._apart = [sparse.csr_matrix(b - self.common) for b in two_stage.booked]
        lower, upper, _ = two_stage.first.bounds()
        self._columns = lower.astype(float), upper.astype(float)
        self.reach = _reach(self.common, *self._columns)
        self._known: set[bytes] = set()
        self.size = 0
        self.found_for: list[int] = []
        self._vectors = np.zeros((0, len(two_stage.equal)))
        self._constant = np.zeros((two_stage.samples, 0))
        self._slope = np.zeros((0, two_stage.link.shape[1]))

    def add(self, vectors: Floats, samples: Ints) -> None:
        """Take in vectors that a solver found, made exact; known ones are left.

        Parameters
        ----------
        vectors
            Nearly feasible, (vectors, rows).
        samples
            For which sample each was found, (vectors,).
        """
        whole, feasible = self._exact.exact(vectors)
        fresh = []
        for at in np.flatnonzero(feasible):
            key = whole[at].tobytes()
            if key not in self._known:
                self._known.add(key)
                fresh.append(at)
        whole = whole[fresh]
        charge = np.array(self._exact.charge(whole), dtype=float)
        values = whole / self._exact.scale
        constant = (values @ self._rhs - (charge / self._exact.scale)[:, None]).T
        self._grow(len(fresh))
        new = slice(self.size, self.size + len(fresh))
        self._vectors[new], self._constant[:, new] = values, constant
        self._slope[new] = values @ self._link
        self.found_for += samples[fresh].tolist()
        self.size += len(fresh)

    def _grow(self, more: int) -> None:
        """Make room for more vectors, twice as much as is needed now."""
        if self.size + more <= len(self._slope):
            return
        room = 2 * (self.size + more) - len(self._slope)
        self._vectors = np.pad(self._vectors, ((0, room), (0, 0)))
        self._slope = np.pad(self._slope, ((0, room), (0, 0)))
        self._constant = np.pad(self._constant, ((0, 0), (0, room)))

    def vectors(self, which: Ints) -> Floats:
        """Vectors by position, (which, rows)."""
        return self._vectors[which]

    def score(self, values: Any, samples: Ints) -> tuple[Floats, Ints]:
        """Bound the recourse of some samples at a plan.

        Parameters
        ----------
        values
            First stage, (N,).
        samples
            Which ones, (samples,).

        Returns
        -------
        tuple
            The largest bound of each of them, and the vector that gives it, (samples,).
        """
        given = np.column_stack([b @ values for b in self._two_stage.booked])
        lost = self._slope[: self.size] @ given
        of = self._two_stage.of_sample
        best, which = np.empty(len(samples)), np.empty(len(samples), dtype=np.int64)
        for at, s in enumerate(samples):
            score = self._constant[s, : self.size] - lost[:, of[s]]
            which[at] = score.argmax()
            best[at] = score[which[at]]
        return best, which

    def cut(self, term: int, sample: Ints, vector: Ints, share: Floats) -> Cut:
        """Add up what vectors prove of some samples; parameters as in a cut."""
        slopes = share[:, None] * self._slope[vector]
        own = np.zeros(self._two_stage.first.size)
        of = self._two_stage.of_sample[sample]
        for k in np.unique(of[of > 0]):
            own += self._apart[k].T @ slopes[of == k].sum(axis=0)
        slope = slopes.sum(axis=0)
        constant = float(share @ self._constant[sample, vector])
        least = TINY * max(np.abs(slope).max(initial=0), np.abs(own).max(initial=0))
        constant -= _drop(slope, least, *self.reach) + _drop(own, least, *self._columns)
        return Cut(term, sample, vector, share, constant, slope, own)


def _drop(slope: Floats, least: float, lower: Floats, upper: Floats) -> float:
    """Set slopes of no account to nought; return what they come to at most."""
    tiny = (np.abs(slope) < least) & (slope != 0)
    most = np.maximum(slope[tiny] * lower[tiny], slope[tiny] * upper[tiny]).sum()
    slope[tiny] = 0
    return float(most)


def _reach(matrix: Any, lower: Floats, upper: Floats) -> tuple[Floats, Floats]:
    """Return the least and the most that rows come to within the bounds of columns."""
    plus, minus = matrix.maximum(0), matrix.minimum(0)
    return plus @ lower + minus @ upper, plus @ upper + minus @ lower
