"""The proof: prices in whole numbers, and what they prove, counted without rounding."""

from __future__ import annotations

import numpy as np

from allocate.core.bound import Prices, Relaxation, Relaxed
from allocate.core.outcome import Proof
from allocate.core.structure import Structure
from allocate.units import Ints

SCALE = 1 << 20  # prices are whole numbers over this, or less where sums would be too large
LARGEST = 1 << 61


def prove(relaxation: Relaxation, prices: Prices, relaxed: Relaxed) -> Proof:
    """Round prices and count what they prove.

    Parameters
    ----------
    relaxation
        What is priced.
    prices, relaxed
        Prices, and what comes of them.
    """
    s = relaxation.structure
    scale = _scale(relaxation, prices)
    if scale == 0:  # prices beyond all reason: those of nought prove more
        return prove(relaxation, relaxation.nothing(), relaxation.relax(relaxation.nothing()))
    price, growth = (
        np.rint(np.maximum(each, 0.0) * scale).astype(np.int64)
        for each in (prices.resource, prices.growth)
    )
    finite = np.where(np.isfinite(relaxed.margin), relaxed.margin, 0.0)
    margin = np.rint(np.maximum(finite, 0.0) * scale).astype(np.int64)
    reduced = relaxation.cost[s.option] * scale + s.use[s.option] @ price
    least = np.minimum.reduceat(reduced, s.start[:-1])
    total = int(least.sum()) - int(price @ s.limit)
    total += _boxes(relaxation, scale, price) + _growth(relaxation, scale, price, growth)
    total += _blocks(relaxation, scale, price, growth, margin, reduced - least[s.group])
    return Proof(
        scale=scale,
        row=s.resource,
        price=price,
        alternative=s.alternative,
        margin=margin,
        grower=relaxation.growers,
        growth=growth,
        bound=-(-total // scale),
    )


def _scale(relaxation: Relaxation, prices: Prices) -> int:
    """The finest scale at which no sum leaves the whole numbers of a machine; nought if none."""
    s = relaxation.structure
    largest = float(np.abs(relaxation.cost[s.option]).max(initial=1.0)) * len(s.start)
    largest += float(prices.resource @ np.abs(s.limit).astype(float))
    largest += float(np.abs(s.use[s.option] @ prices.resource).max(initial=1.0)) * len(s.start)
    scale = SCALE
    while scale and largest * scale > LARGEST:
        scale //= 2
    return scale


def _boxes(relaxation: Relaxation, scale: int, price: Ints) -> int:
    s = relaxation.structure
    reduced = relaxation.cost[s.boxed] * scale + s.use[s.boxed] @ price
    ends = np.where(reduced < 0, s.flat.upper[s.boxed], s.flat.lower[s.boxed])
    return int(sum(int(a) * int(b) for a, b in zip(reduced, ends, strict=True) if b))


def _growth(relaxation: Relaxation, scale: int, price: Ints, growth: Ints) -> int:
    growers = relaxation.growers
    use = relaxation.structure.use[growers]
    reduced = relaxation.cost[growers] * scale + use @ price + growth
    return int(np.minimum(reduced, 0).sum())


def _blocks(
    relaxation: Relaxation, scale: int, price: Ints, growth: Ints, margin: Ints, regret: Ints
) -> int:
    """The cheapest alternative of each block; one that cannot meet a hard target is none."""
    s = relaxation.structure
    given = np.append(growth, 0)[relaxation.grower_of]
    own = relaxation.cost[s.alternative] * scale + s.use[s.alternative] @ price - given
    whose = np.repeat(np.arange(len(s.alternative)), np.diff(s.credit_start))
    saved = np.minimum(regret[s.credit_option] - margin[whose] * s.credit, 0)
    value = own.astype(object)
    np.add.at(value, whose, saved.astype(object))
    total = 0
    for b, (target, short) in enumerate(zip(s.target.tolist(), s.short.tolist(), strict=True)):
        mine = np.flatnonzero(s.block == b)
        possible = [
            int(value[a])
            + int(margin[a]) * target
            - _beyond(relaxation, scale, price, short, int(margin[a]))
            for a in mine
            if short >= 0 or _can(s, int(a), target)
        ]
        if not possible:
            return LARGEST
        total += min(possible)
    return total


def _can(s: Structure, a: int, target: int) -> bool:
    """Whether an alternative can be credited with as much as a hard target asks."""
    return int(s.credit[s.credit_start[a] : s.credit_start[a + 1]].sum()) >= target


def _beyond(relaxation: Relaxation, scale: int, price: Ints, short: int, margin: int) -> int:
    """What a credit's price above that of falling short costs, at the most that can be short."""
    if short < 0:
        return 0
    s = relaxation.structure
    penalty = int(relaxation.cost[short]) * scale + int((s.use[short] @ price)[0])
    return max(0, int(margin) - penalty) * int(s.flat.upper[short])
