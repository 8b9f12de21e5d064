"""Which uncertain figures matter most: all of them drawn at once, again and again, by a seed.

Draws are a Latin hypercube (McKay, Beckman & Conover 1979): each figure takes each part of its
range once. How an answer goes with a figure is told by Kendall's rank correlation over all pairs of
draws: a pair speaks only where it is proven which of the two answers is the better one, so the
correlation is a range wherever gaps overlap.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from math import inf, sqrt
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from allocate.answered import bound_read
from allocate.inputs import Uncertain
from allocate.labels import Bools
from allocate.study.case import Done
from allocate.units import Floats

SURE = 0.05  # chance that any figure at all looks as if it mattered, if none did
Order = int | None  # 1 the first is worse, -1 better, 0 proven to be the same, None not known


def drawn(figures: Sequence[Uncertain], count: int, seed: int) -> Floats:
    """Draw all figures at once, so many times, (draws, figures); each between nought and one.

    Parameters
    ----------
    figures
        What is uncertain.
    count
        How many draws.
    seed
        What they are drawn with.
    """
    sampler = stats.qmc.LatinHypercube(len(figures), rng=np.random.default_rng(seed))
    return np.asarray(sampler.random(count), dtype=float)


@dataclass(frozen=True)
class Matters:
    """How an answer goes with one figure.

    Parameters
    ----------
    figure
        The figure.
    low, high
        Rank correlation of its value with how bad the answer is, between these: below nought, the
        answer is worse where the figure is lower.
    plans
        The same of the plans found.
    flips
        By how much more often than not the figure is higher where something else is chosen than as
        asked, from -1 to 1; None where nothing ever is, or always.
    """

    figure: Uncertain
    low: float
    high: float
    plans: float
    flips: float | None

    @property
    def size(self) -> float:
        """How strongly the answer goes with it at least, as far as is proven."""
        return max(self.low, -self.high, 0.0)

    @property
    def does_nothing(self) -> bool:
        """Whether all answers are proven to be as good, and choose the same, whatever it is."""
        return self.low == self.high == 0 and not self.flips

    def beyond_chance(self, noise: float) -> bool:
        """Whether so much is more than chance makes of a figure that does not matter."""
        return self.size > noise


def matters(
    figures: Sequence[Uncertain], shares: Floats, done: Sequence[Done], flipped: Bools
) -> list[Matters]:
    """Measure how answers go with each figure, those that matter most first.

    Parameters
    ----------
    figures, shares
        What was drawn, (draws, figures).
    done
        What came of each draw.
    flipped
        Where something else is chosen than as asked, (draws,).
    """
    count = len(done)
    one, other = np.triu_indices(count, 1)
    orders = [order(done[i], done[j]) for i, j in combinations(range(count), 2)]
    plans = np.array([_plans_order(done[i], done[j]) for i, j in combinations(range(count), 2)])
    known = np.array([found or 0 for found in orders])
    open_ = sum(found is None for found in orders)
    pairs = max(len(orders), 1)
    found = []
    for k, figure in enumerate(figures):
        up = np.sign(shares[one, k] - shares[other, k])
        sure = float(up @ known)
        found.append(
            Matters(
                figure,
                (sure - open_) / pairs,
                (sure + open_) / pairs,
                float(up @ plans) / pairs,
                _flips(shares[:, k], flipped),
            )
        )
    return sorted(found, key=lambda item: (-item.size, -abs(item.plans), item.figure.name))


def noise(figures: int, draws: int) -> float:
    """Return the correlation that chance alone stays below in 95 of 100 runs, for all figures."""
    spread = sqrt(2 * (2 * draws + 5) / (9 * draws * max(draws - 1, 1)))
    return float(stats.norm.ppf(1 - SURE / (2 * max(figures, 1)))) * spread


def order(one: Done, other: Done) -> Order:
    """Say which of two answers is proven to be the worse, on the first level that tells."""
    if not (one.has_plan and other.has_plan):
        states = tuple(1 if x.status == "infeasible" else 0 if x.has_plan else None
                       for x in (one, other))  # fmt: skip
        return None if None in states else (states[0] or 0) - (states[1] or 0)
    for mine, theirs in zip(one.record["levels"], other.record["levels"], strict=True):
        (value, least), (second, bound) = _range(mine), _range(theirs)
        if least > second:
            return 1
        if bound > value:
            return -1
        if not least == value == bound == second:
            return None
    return 0


def _range(level: Mapping[str, Any]) -> tuple[float, float]:
    """Value and bound of a level; no bound is below all."""
    value = float(level["objective"])
    bound = bound_read(level["bound"], Fraction(str(level["objective"])))
    return value, -inf if bound is None else float(bound)


def _plans_order(one: Done, other: Done) -> int:
    """Say which of two plans found is the worse."""
    if not (one.has_plan and other.has_plan):
        return int(other.has_plan) - int(one.has_plan)
    values = [[level["objective"] for level in x.record["levels"]] for x in (one, other)]
    return int(values[0] > values[1]) - int(values[0] < values[1])


def _flips(shares: Floats, flipped: Bools) -> float | None:
    """Cliff's delta of a figure, of draws that choose otherwise against those that do not."""
    if flipped.all() or not flipped.any():
        return None
    apart = np.sign(shares[flipped][:, None] - shares[~flipped][None, :])
    return float(apart.mean())


def table(found: Sequence[Matters], chance: float) -> pd.DataFrame:
    """One row a figure, what matters most first."""
    rows = [
        (
            *(one.figure.name, one.figure.table, one.figure.basis, one.figure.stated),
            *(one.figure.low, one.figure.high, round(one.low, 4), round(one.high, 4)),
            *(round(one.plans, 4), one.beyond_chance(chance)),
            None if one.flips is None else round(one.flips, 4),
        )
        for one in found
    ]
    columns = ["assumption", "table", "basis", "stated", "drawn_from", "drawn_to"]
    columns += ["correlation_at_least", "correlation_at_most", "correlation_of_plans"]
    return pd.DataFrame(rows, columns=[*columns, "beyond_chance", "flips"])
