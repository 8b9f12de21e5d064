"""Exact prices: the linear program over few columns, checked against all of them.

Near the right prices few options of a group are near its cheapest. The linear program over those
alone, with the alternatives fixed that the prices favour, has duals; the bound at them looks at
every option of every alternative, and tells which were missing (sifting, Bixby et al. 1992).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from allocate.core.bound import Prices, Relaxation, Relaxed
from allocate.core.highs import linear
from allocate.core.outcome import Problem
from allocate.units import Ints

ROUNDS = 4
NEAR = 3.0  # times the mean cost of a group: options of a larger regret are left out at first


@dataclass(frozen=True)
class Sifted:
    """Prices and what comes of them, with the solution of the linear program.

    Parameters
    ----------
    prices, relaxed
        The best found.
    share
        Value of each option, (J,); None where no linear program was solved.
    led
        Alternative of each block in it, (B,).
    """

    prices: Prices
    relaxed: Relaxed
    share: NDArray[np.float64] | None
    led: Ints


def sift(
    relaxation: Relaxation,
    prices: Prices,
    problem: Problem,
    *,
    until: float,
    stop: Callable[[], bool],
) -> Sifted:
    """Solve linear programs over near options until the bound meets their value.

    Parameters
    ----------
    relaxation, prices
        Where to start from.
    problem
        The rows, and limits.
    until
        Time of ``time.monotonic`` at which to stop.
    stop
        Asked again and again.
    """
    s = relaxation.structure
    now = relaxation.relax(prices)
    best = Sifted(prices, now, None, now.led)
    core = np.zeros(len(s.option), dtype=bool)
    lowest = np.inf
    for _ in range(ROUNDS):
        if stop() or time.monotonic() > until:
            break
        regret = now.reduced - now.reduced[now.choice][s.group]
        core |= regret <= NEAR * max(best.relaxed.bound, 1.0) / (len(s.start) - 1)
        near = _near(problem, relaxation, core, now.led)
        found = linear(replace(near, seconds=max(0.1, until - time.monotonic())), stop)
        if found is None:
            break
        price = np.maximum(-found.prices[s.resource], 0.0)
        at = Prices(price, _growth_prices(relaxation, price, now.led))
        next_ = relaxation.relax(at)
        # Of two alternatives that tie the one in the linear program is as good as the other.
        if next_.bound > best.relaxed.bound or best.share is None:
            kept = best if best.relaxed.bound > next_.bound else Sifted(at, next_, None, now.led)
            best = replace(kept, share=found.values[s.option], led=now.led)
        if found.value - next_.bound <= 1e-7 * max(abs(found.value), 1.0) or found.value >= lowest:
            break
        lowest = found.value
        now = next_
    return best


def _near(problem: Problem, relaxation: Relaxation, core: NDArray[np.bool_], led: Ints) -> Problem:
    """The problem over some options, with alternatives fixed."""
    s, flat = relaxation.structure, problem.flat
    lower, upper = flat.lower.copy(), flat.upper.copy()
    upper[s.option[~core]] = lower[s.option[~core]]
    upper[s.alternative] = 0
    lower[s.alternative] = 0
    lower[s.alternative[led]] = upper[s.alternative[led]] = 1
    whole = np.zeros_like(flat.whole)
    return replace(problem, flat=replace(flat, lower=lower, upper=upper, whole=whole), start=None)


def _growth_prices(
    relaxation: Relaxation, price: NDArray[np.float64], led: Ints
) -> NDArray[np.float64]:
    """Price growth at what it saves, shared by the alternatives that bring it."""
    if not len(relaxation.growers):
        return np.zeros(0)
    saves = np.maximum(-(relaxation.structure.use[relaxation.growers] @ price), 0.0)
    brought = relaxation.grower_of[led]
    times = np.bincount(brought[brought >= 0], minlength=len(saves))
    return np.where(times > 1, 0.0, saves)
