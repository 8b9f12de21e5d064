"""The mean of the recourse over samples, and over the worst of them."""

from __future__ import annotations

import numpy as np

from allocate.core.two_stage import TwoStage
from allocate.units import Floats, Ints


class Expectation:
    """What some samples count for, as if they were all there are.

    Parameters
    ----------
    two_stage
        The program.
    samples
        Which samples, (samples,).
    """

    def __init__(self, two_stage: TwoStage, samples: Ints) -> None:
        self._cost, self._tail = two_stage.cost, two_stage.tail
        self.share = two_stage.weight[samples] / two_stage.weight[samples].sum()

    def tail(self, recourse: Floats) -> Floats:
        """What the worst samples count for beside their share, (samples,); nought for the rest."""
        worst = np.zeros(len(recourse))
        if self._tail is not None:
            order = np.argsort(-recourse, kind="stable")
            upto = np.minimum(np.cumsum(self.share[order]) / float(self._tail.share), 1.0)
            worst[order] = float(self._tail.weight) * np.diff(upto, prepend=0.0)
        return worst

    def value(self, values: Floats | Ints, recourse: Floats) -> float:
        """What a first stage costs, (N,), with the recourse of each sample, (samples,)."""
        counts = self.share + self.tail(recourse)
        return float(self._cost @ values + counts @ recourse)
