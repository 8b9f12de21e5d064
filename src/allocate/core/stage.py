"""The samples that are looked at together: their shares, their bundles, their master program."""

from __future__ import annotations

from typing import Any

import numpy as np

from allocate.core.cuts import Cut, Pools, Proved
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
    pools
        Dual vectors.
    samples
        Which samples, (samples,).
    recourse
        What each of them costs at some plan: like samples share a bundle, (samples,).
    unit
        Steps of cost in a unit of the solver.
    """

    def __init__(
        self, two_stage: TwoStage, pools: Pools, samples: Ints, recourse: Floats, unit: float
    ) -> None:
        self.two_stage, self.pools, self.samples = two_stage, pools, samples
        self.expectation = Expectation(two_stage, samples)
        order = np.argsort(recourse, kind="stable")
        self._bundles = np.array_split(order, min(BUNDLES, len(samples)))
        # A term for each bundle of each part, and one for the tail.
        self._tail = len(self._bundles) * len(pools.of)
        terms = self._tail + (two_stage.tail is not None)
        self.master = Master(two_stage, pools.common, terms, unit)

    def cuts(self, values: Any, terms: Floats | None = None) -> tuple[float, list[Cut]]:
        """Bound what a first stage costs by the pool, with the cuts that say so.

        Parameters
        ----------
        values
            First stage, (N,).
        terms
            What the master has for the terms: only cuts above that are given. All, if None.
        """
        best, which = self.pools.score(values, self.samples)
        share, total = self.expectation.share, best.sum(axis=0)
        value = self.expectation.value(values, total)

        def proved(part: int, member: Ints, count: Floats) -> Proved:
            return Proved(part, self.samples[member], which[part, member], count[member])

        parts = range(len(best))
        bounds = [
            (float(share[member] @ best[part, member]), [proved(part, member, share)])
            for part in parts
            for member in self._bundles
        ]
        if self.two_stage.tail is not None:
            worst = self.expectation.tail(total)
            member = np.flatnonzero(worst)
            every = [proved(part, member, worst) for part in parts]
            bounds.append((float(worst @ total), every))
        cuts = [
            self.pools.cut(term, *vectors)
            for term, (least, vectors) in enumerate(bounds)
            if terms is None or least > terms[term] + NEGLIGIBLE * value
        ]
        return value, cuts

    def proof(self, relaxed: Relaxed) -> TwoStageProof:
        """Add the cuts up by their prices: one dual vector for each sample, in whole numbers."""
        tail = self.two_stage.tail
        total = np.zeros(self.two_stage.rhs.shape)
        worst = np.zeros(self.two_stage.samples)
        for price, cut in zip(relaxed.cuts, self.master.cuts, strict=True):
            if price > 0:
                for each in cut.proved:
                    pool, share = self.pools.of[each.part], price * each.share
                    vectors = share[:, None] * pool.vectors(each.vector)
                    total[np.ix_(each.sample, pool.part.rows)] += vectors
                worst[each.sample] += share * (cut.term == self._tail)
        shared_out = self._shared_out(worst)
        count = self.expectation.share
        if tail is not None:
            count = count + float(tail.weight) * (shared_out / shared_out.sum())
        vector, feasible = self.pools.exact(total / count[:, None])
        vector[~feasible] = 0
        row = np.rint(relaxed.rows * self.pools.scale).astype(np.int64)
        return TwoStageProof(self.pools.scale, vector, row, shared_out)

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
