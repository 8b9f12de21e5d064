"""Cuts from pools of dual vectors: what the recourse costs at least, at any booking.

One vector bounds every sample, so a pool scores all samples at any plan in one product of arrays.
Each part of the recourse has a pool of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from allocate.core.dual_vectors import DualVectors
from allocate.core.recourse_parts import Part
from allocate.core.two_stage import TwoStage
from allocate.units import Floats, Ints

TINY = 1e-8  # a slope that much smaller than the largest only spoils the arithmetic


@dataclass(frozen=True)
class Proved:
    """A dual vector for each of some samples, of one part of the recourse.

    Parameters
    ----------
    part
        Which part.
    sample, vector, share
        Samples, the pool's vector for each, and what each sample counts for; parallel arrays.
    """

    part: int
    sample: Ints
    vector: Ints
    share: Floats


@dataclass(frozen=True)
class Cut:
    """``term >= constant - slope . z - own . x``.

    Parameters
    ----------
    term
        Which part of the expected cost it bounds.
    proved
        The dual vectors that prove it.
    constant, slope, own
        In steps of cost: a number, by booked thing (Z,), and by column of the first stage (N,).
    """

    term: int
    proved: tuple[Proved, ...]
    constant: float
    slope: Floats
    own: Floats


class Pool:
    """Dual vectors of all samples of one part, and what they prove at a plan.

    Parameters
    ----------
    part
        Of whose recourse they are.
    """

    def __init__(self, part: Part) -> None:
        two_stage = part.program
        self.part, self._two_stage = part, two_stage
        self._exact = DualVectors(two_stage)
        self._rhs = two_stage.rhs.T.astype(float)
        self._link = two_stage.link.astype(float)
        # What bookings yield in a sample beside what they yield in the first one.
        self._apart = [sparse.csr_matrix(b - two_stage.booked[0]) for b in two_stage.booked]
        self.everyone = np.arange(two_stage.samples)
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
        """Make room for more vectors, half as much again as is needed now."""
        if self.size + more <= len(self._slope):
            return
        room = (self.size + more) * 3 // 2 - len(self._slope)
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
        lost, of = self._lost(values), self._two_stage.of_sample
        best, which = np.empty(len(samples)), np.empty(len(samples), dtype=np.int64)
        for at, s in enumerate(samples):
            score = self._constant[s, : self.size] - lost[:, of[s]]
            which[at] = score.argmax()
            best[at] = score[which[at]]
        return best, which

    def sharpest(self, values: Any, most: int) -> Ints:
        """Return the vectors with the largest bounds at a plan, (samples, at most so many)."""
        count = min(most, self.size)
        lost, of = self._lost(values), self._two_stage.of_sample
        found = np.empty((len(of), count), dtype=np.int64)
        for s, k in enumerate(of):
            score = self._constant[s, : self.size] - lost[:, k]
            found[s] = np.argpartition(-score, count - 1)[:count]
        return found

    def bounds(self, values: Any, which: Ints) -> Floats:
        """What some vectors of each sample bound it by at a plan, (samples, vectors)."""
        of = self._two_stage.of_sample
        lost = self._lost(values)[which, of[:, None]]
        return np.take_along_axis(self._constant, which, axis=1) - lost

    def less(self, which: Ints, taken: list[Any]) -> NDArray[np.float32]:
        """How much less that is with one more of some columns, (columns, samples, vectors).

        In half the digits: it says which changes to look at, and they are judged in full.

        Parameters
        ----------
        which
            Vectors of each sample, (samples, vectors).
        taken
            What one of each column adds to what is booked, as ``taken_by`` has it.
        """
        slope = self._slope[which].astype(np.float32)
        found = np.tensordot(taken[0], slope, axes=(1, 2))
        for s in np.flatnonzero(self._two_stage.of_sample):
            found[:, s] += taken[self._two_stage.of_sample[s]] @ slope[s].T
        return found

    def taken_by(self, columns: Ints) -> list[Any]:
        """What one of each column adds: in the first sample, and beside that in each other way."""
        ways: list[Any] = [self._two_stage.booked[0], *self._apart[1:]]
        first, *others = (way[:, columns].T.tocsr().astype(np.float32) for way in ways)
        return [first.toarray(), *others]

    def _lost(self, values: Any) -> Floats:
        """What each vector loses by what is booked, (vectors, ways)."""
        lost: Floats = self._slope[: self.size] @ self.given(values)
        return lost

    def given(self, values: Any) -> Any:
        """What a plan books of each thing, (things, ways)."""
        return np.column_stack([b @ values for b in self._two_stage.booked])

    def add_to(self, proved: Proved, slope: Floats, own: Floats) -> float:
        """Add what vectors prove to the slopes of a cut; return the constant."""
        slopes = proved.share[:, None] * self._slope[proved.vector]
        of = self._two_stage.of_sample[proved.sample]
        for k in np.unique(of[of > 0]):
            own += self._apart[k].T @ slopes[of == k].sum(axis=0)
        slope[self.part.things] += slopes.sum(axis=0)
        return float(proved.share @ self._constant[proved.sample, proved.vector])


class Pools:
    """The pools of all parts together.

    Parameters
    ----------
    two_stage
        The program.
    parts
        Of its recourse.
    """

    def __init__(self, two_stage: TwoStage, parts: list[Part]) -> None:
        self.of = [Pool(part) for part in parts]
        self._exact = DualVectors(two_stage)
        self.exact, self.scale = self._exact.exact, self._exact.scale
        self.common = two_stage.booked[0]
        lower, upper, _ = two_stage.first.bounds()
        self._columns = lower.astype(float), upper.astype(float)
        self.reach = _reach(self.common, *self._columns)

    def score(self, values: Any, samples: Ints) -> tuple[Floats, Ints]:
        """Bound the recourse of some samples at a plan, part by part.

        Parameters
        ----------
        values
            First stage, (N,).
        samples
            Which ones, (samples,).

        Returns
        -------
        tuple
            The largest bounds, and the vectors that give them, (parts, samples) each.
        """
        found = [pool.score(values, samples) for pool in self.of]
        return np.array([best for best, _ in found]), np.array([which for _, which in found])

    def cut(self, term: int, *proved: Proved) -> Cut:
        """Add up what vectors prove."""
        slope, own = np.zeros(self.common.shape[0]), np.zeros(len(self._columns[0]))
        constant = sum(self.of[each.part].add_to(each, slope, own) for each in proved)
        least = TINY * max(np.abs(slope).max(initial=0), np.abs(own).max(initial=0))
        constant -= _drop(slope, least, *self.reach) + _drop(own, least, *self._columns)
        return Cut(term, proved, constant, slope, own)


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
