"""The samples that are looked at together: their shares, their bundles, their master program."""

from __future__ import annotations

from typing import Any

import numpy as np

from allocate.core.cuts import Cut, Pool
from allocate.core.expectation import Expectation
from allocate.core.master import Master, Relaxed
from allocate.core.two_stage import TwoStage
from allocate.core.two_stage_proof import TwoStageProof
from allocate.units import Floats, Ints

BUNDLES = 20  # parts of the mean that are bounded one by one: more are sharper, and dearer to solve
NEGLIGIBLE = 1e-7  # relative to the whole: a cut that is broken by less is left
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
        self.expectation = Expectation(two_stage, samples)
        order = np.argsort(recourse, kind="stable")
        self._bundles = np.array_split(order, min(BUNDLES, len(samples)))
        terms = len(self._bundles) + (two_stage.tail is not None)
        self.master = Master(two_stage, pool.common, terms, unit)

    def cuts(self, values: Any, terms: Floats | None = None) -> tuple[float, list[Cut]]:
        """Bound what a first stage costs by the pool, with the cuts that say so.

        Parameters
        ----------
        values
            First stage, (N,).
        terms
            What the master has for the terms: only cuts above that are given. All, if None.
        """
        best, which = self.pool.score(values, self.samples)
        value, share = self.expectation.value(values, best), self.expectation.share
        parts = [(member, share[member]) for member in self._bundles]
        if self.two_stage.tail is not None:
            worst = self.expectation.tail(best)
            member = np.flatnonzero(worst)
            parts.append((member, worst[member]))
        cuts = [
            self.pool.cut(term, self.samples[member], which[member], share)
            for term, (member, share) in enumerate(parts)
            if terms is None or share @ best[member] > terms[term] + NEGLIGIBLE * value
        ]
        return value, cuts

    def proof(self, relaxed: Relaxed) -> TwoStageProof:
        """Add the cuts up by their prices: one dual vector for each sample, in whole numbers."""
        tail, term = self.two_stage.tail, len(self._bundles)
        total = np.zeros(self.two_stage.rhs.shape)
        worst = np.zeros(self.two_stage.samples)
        for price, cut in zip(relaxed.cuts, self.master.cuts, strict=True):
            if price > 0:
                share = price * cut.share
                total[cut.sample] += share[:, None] * self.pool.vectors(cut.vector)
                worst[cut.sample] += share * (cut.term == term)
        shared_out = self._shared_out(worst)
        count = self.expectation.share
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
