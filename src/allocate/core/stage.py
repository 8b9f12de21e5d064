"""The samples that are looked at together: their shares, their bundles, their master program."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from allocate.core.cuts import Cut, Pool
from allocate.core.master import Master, Relaxed
from allocate.core.two_stage import TwoStage
from allocate.core.two_stage_proof import TwoStageProof
from allocate.units import Ints

Floats = NDArray[np.float64]

BUNDLES = 20  # parts of the mean that are bounded one by one: more are sharper, and dearer to solve
FINE = 1 << 30  # the tail is shared out in parts of this size


class Stage:
    """Some samples as if they were all there are.

    Parameters
    ----------
    two_stage
        The program.
    pool
        Dual vectors.
    samples
        Which samples, (samples,).
    recourse
        What each of them costs at some plan: like samples share a bundle, (samples,).
    unit
        Steps of cost in a unit of the solver.
    """

    def __init__(
        self, two_stage: TwoStage, pool: Pool, samples: Ints, recourse: Floats, unit: float
    ) -> None:
        self.two_stage, self.pool, self.samples = two_stage, pool, samples
        self.share = two_stage.weight[samples] / two_stage.weight[samples].sum()
        order = np.argsort(recourse, kind="stable")
        self.bundles = np.array_split(order, min(BUNDLES, len(samples)))
        terms = len(self.bundles) + (two_stage.tail is not None)
        self.master = Master(two_stage, pool.common, terms, unit)

    def worst(self, recourse: Floats) -> Floats:
        """Probabilities of the worst samples, (samples,), which sum to one."""
        tail = self.two_stage.tail
        assert tail is not None
        order = np.argsort(-recourse, kind="stable")
        upto = np.minimum(np.cumsum(self.share[order]) / float(tail.share), 1.0)
        worst = np.empty(len(order))
        worst[order] = np.diff(upto, prepend=0.0)
        return worst

    def value(self, values: Floats | Ints, recourse: Floats) -> float:
        """What a first stage costs, with the recourse of each sample."""
        total = float(self.two_stage.cost @ values + self.share @ recourse)
        tail = self.two_stage.tail
        return (
            total if tail is None else total + float(tail.weight) * (self.worst(recourse) @ recourse)
        )

    def cuts(self, values: Floats | Ints, terms: Floats | None = None) -> tuple[float, list[Cut]]:
        """Bound what a first stage costs by the pool, with the cuts that say so.

        Parameters
        ----------
        values
            First stage, (N,).
        terms
            What the master has for the terms: only cuts above that are given. All, if None.
        """
        best, which = self.pool.score(values, self.samples)
        value = self.value(values, best)
        parts = [(member, self.share[member]) for member in self.bundles]
        tail = self.two_stage.tail
        if tail is not None:
            share = float(tail.weight) * self.worst(best)
            member = np.flatnonzero(share)
            parts.append((member, share[member]))
        cuts = [
            self.pool.cut(term, self.samples[member], which[member], share)
            for term, (member, share) in enumerate(parts)
            if terms is None or share @ best[member] > terms[term] + 1e-6 * value
        ]
        return value, cuts

    def proof(self, relaxed: Relaxed) -> TwoStageProof:
        """Add the cuts up by their prices: one dual vector for each sample, in whole numbers."""
        tail, term = self.two_stage.tail, len(self.bundles)
        total = np.zeros(self.two_stage.rhs.shape)
        worst = np.zeros(self.two_stage.samples)
        for price, cut in zip(relaxed.cuts, self.master.cuts, strict=True):
            if price > 0:
                share = price * cut.share
                total[cut.sample] += share[:, None] * self.pool.vectors(cut.vector)
                worst[cut.sample] += share * (cut.term == term)
        shared_out = self._shared_out(worst)
        count = self.share
        if tail is not None:
            count = count + float(tail.weight) * (shared_out / shared_out.sum())
        vector, feasible = self.pool.exact(total / count[:, None])
        vector[~feasible] = 0
        row = np.rint(relaxed.rows * self.pool.scale).astype(np.int64)
        return TwoStageProof(self.pool.scale, vector, row, shared_out)

    def _shared_out(self, worst: Floats) -> Ints:
        """Round the tail's probabilities so that none has more than it may."""
        tail, weight = self.two_stage.tail, self.two_stage.weight
        if tail is None:
            return np.zeros(0, dtype=np.int64)
        times = max(1, FINE // (int(weight.sum()) * tail.share.numerator))
        most, left = weight * (tail.share.denominator * times), int(weight.sum())
        left *= tail.share.numerator * times
        whole = np.minimum(np.floor(worst / max(worst.sum(), 1e-300) * left), most).astype(np.int64)
        left -= int(whole.sum())
        for s in np.argsort(-worst, kind="stable"):
            more = min(left, int(most[s] - whole[s]))
            whole[s] += more
            left -= more
        return whole
