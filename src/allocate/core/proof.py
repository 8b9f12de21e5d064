"""The proof: prices in whole numbers, and what they prove, counted without rounding."""

from __future__ import annotations

from typing import Any

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
    total += boxes(relaxation, scale, price) + _growth(relaxation, scale, price, growth)
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
        total=total,
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


def boxes(relaxation: Relaxation, scale: int, price: Ints) -> int:
    """What columns come to that are limited by their bounds alone."""
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
    value = worths(relaxation, scale, price, growth, margin, regret)
    least = np.full(len(s.target), LARGEST, dtype=object)
    np.minimum.at(least, s.block, value)
    return int(LARGEST if np.any(least >= LARGEST) else least.sum())


def worths(
    relaxation: Relaxation, scale: int, price: Ints, growth: Ints, margin: Ints, regret: Ints
) -> Any:
    """What each alternative adds, (A,): ``LARGEST`` where it cannot meet a hard target."""
    s = relaxation.structure
    value = own_costs(relaxation, scale, price, margin)
    value -= np.append(growth, 0)[relaxation.grower_of].astype(object)
    whose = np.repeat(np.arange(len(s.alternative)), np.diff(s.credit_start))
    saved = np.minimum(regret[s.credit_option] - margin[whose] * s.credit, 0)
    np.add.at(value, whose, saved.astype(object))
    value[[not _can(s, a) for a in range(len(value))]] = LARGEST
    return value


def own_costs(relaxation: Relaxation, scale: int, price: Ints, margin: Ints) -> Any:
    """What each alternative costs with nothing credited, its growth apart, (A,).

    A credit's price above that of falling short costs as much as can be short.
    """
    s = relaxation.structure
    own = relaxation.cost[s.alternative] * scale + s.use[s.alternative] @ price
    own = own.astype(object) + margin.astype(object) * s.target[s.block]
    short = s.short[s.block]
    may = np.flatnonzero(short >= 0)
    penalty = relaxation.cost[short[may]] * scale + s.use[short[may]] @ price
    own[may] -= np.maximum(margin[may] - penalty, 0).astype(object) * s.flat.upper[short[may]]
    return own


def _can(s: Structure, a: int) -> bool:
    """Whether an alternative can be credited with as much as a hard target asks."""
    b = s.block[a]
    credit = s.credit[s.credit_start[a] : s.credit_start[a + 1]]
    return bool(s.short[b] >= 0 or credit.sum() >= s.target[b])
