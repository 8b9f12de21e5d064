"""Points of bids by the published formula, exact, rounded half up to the thousandth once."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from allocate.labels import Bools
from allocate.lots.notice import Notice
from allocate.units import THOUSAND, Ints

NOBODY = np.iinfo(np.int64).max  # the price of a lot that nobody bids for alone
FULL = 100 * THOUSAND  # points of a bid that nothing can beat, in thousandths


def lowest_prices(member: Bools, prices: Ints) -> list[int]:
    """For how little the lots of each bid can be had, in pence.

    The least of the bids for exactly these lots and of the sum of the lowest bids for each of them
    alone, where every one of them has such a bid.

    Parameters
    ----------
    member
        Lots of each bid, (B, L).
    prices
        Of each bid, (B,).
    """
    same: dict[bytes, int] = {}
    for lots, price in zip(member, prices.tolist(), strict=True):
        same[lots.tobytes()] = min(same.get(lots.tobytes(), price), price)
    single = np.flatnonzero(member.sum(axis=1) == 1)
    alone = np.full(member.shape[1], NOBODY)
    np.minimum.at(alone, member[single].argmax(axis=1), prices[single])
    apart = member.astype(np.int64) @ np.where(alone == NOBODY, 0, alone)
    apart[member[:, alone == NOBODY].any(axis=1)] = NOBODY
    return [min(same[lots.tobytes()], int(sum_)) for lots, sum_ in zip(member, apart, strict=True)]


def price_points(notice: Notice, price: int, lowest: int) -> Fraction:
    """Points for a price, not rounded: full weight for the lowest.

    ``lowest_over_price``: weight x lowest / price. ``linear``: weight x (1 - (price - lowest) /
    lowest), never below nought.
    """
    if price <= lowest:
        return notice.price_weight
    if notice.formula == "linear":
        return notice.price_weight * max(Fraction(), 1 - Fraction(price - lowest, max(1, lowest)))
    return notice.price_weight * Fraction(lowest, price)


def quality_points(notice: Notice, score: int) -> Fraction:
    """Points for a panel's score, given in thousandths; not rounded."""
    return notice.quality_weight * min(Fraction(1), Fraction(score, THOUSAND) / notice.full_score)


def bid_points(notice: Notice, price: int, lowest: int, score: int) -> int:
    """Points of a bid in thousandths, price and quality rounded together.

    Parameters
    ----------
    notice
        Weights and formula.
    price, lowest, score
        Pence a year, for how little its lots can be had, and thousandths of the panel's score.
    """
    exact = price_points(notice, price, lowest) + quality_points(notice, score)
    return int((2 * exact * THOUSAND + 1) // 2)


def points(notice: Notice, member: Bools, prices: Ints, scores: Sequence[int]) -> Ints:
    """Points of each bid, in thousandths, (B,); nought for all where nothing is weighed.

    Parameters
    ----------
    notice
        Weights and formula.
    member, prices, scores
        Lots, pence a year and thousandths of the panel's score of each bid.
    """
    if not notice.weighs:
        return np.zeros(len(prices), dtype=np.int64)
    lowest = lowest_prices(member, prices)
    bids = zip(prices.tolist(), lowest, scores, strict=True)
    return np.array([bid_points(notice, *bid) for bid in bids], dtype=np.int64)
