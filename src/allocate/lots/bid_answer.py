"""What would have had to be otherwise for a bid to win."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from fractions import Fraction

from allocate.lots.auction import Auction
from allocate.lots.award_review import MEASURES, lots_of
from allocate.lots.instance import Instance
from allocate.lots.scores import FULL, bid_points, lowest_prices, points
from allocate.lots.solution import Solution
from allocate.units import THOUSAND

# Rules that a bid may break by itself, whoever else wins.
ALONE = ("quality_floor", "within_capacity", "turnover_limit", "award_limit", "share_limit")


@dataclass(frozen=True)
class BidAnswer:
    """What is known of a bid that does not win.

    Parameters
    ----------
    bid
        Position.
    tied
        Whether it wins in an award that is as good.
    barred
        Hard rules that it breaks by itself; ``pins`` where a person has set it aside.
    possible
        Whether some award that keeps every hard rule has it; None where time ran out.
    price
        The highest price, in pence a year, at which it would have won outright, all other bids as
        they are; None where none was found.
    score
        The least score, in thousandths, with which it would have won outright at its own price;
        None where none would.
    """

    bid: int
    tied: bool = False
    barred: tuple[str, ...] = ()
    possible: bool | None = None
    price: int | None = None
    score: int | None = None


def barred_by(instance: Instance, bid: int) -> tuple[str, ...]:
    """Hard rules that a bid breaks by itself; ``pins`` where a person has set it aside."""
    assert instance.given is not None
    alone = Solution(instance.given, (bid,))
    broken = tuple(
        rule
        for rule in ALONE
        if instance.rules[rule].mode == "hard" and MEASURES[rule](instance, alone).short_by > 0
    )
    return (*broken, "pins") if instance.pinned.never[bid] else broken


def winning_price(auction: Auction, bid: int, pence: Fraction, marks: Fraction) -> int | None:
    """Return the highest price at which a bid would have won outright; None where not known.

    Where the lowest price wins it is a penny below what the best award with the bid is dearer by;
    with a discount of its own it is not worked out. Where points decide, only its own points change
    as long as it does not become the lowest; below that, ``repriced`` has to be asked.

    Parameters
    ----------
    auction
        Bids and notice.
    bid
        Position.
    pence, marks
        How far the best award with the bid is behind the best: pence a year, and thousandths of
        points.
    """
    price, notice = int(auction.price[bid]), auction.notice
    if not notice.weighs:
        own = any(tier.bidder == auction.bidder[bid] for tier in auction.tiers)
        asked = price - int(pence) - 1
        return None if own or asked < 0 else asked
    lowest = lowest_prices(auction.member, auction.price)[bid]
    needed, score = _needed(auction, bid, marks), int(auction.score[bid])
    if bid_points(notice, lowest, lowest, score) < needed:
        return None
    return last(lowest, price, lambda p: bid_points(notice, p, lowest, score) >= needed)


def winning_score(auction: Auction, bid: int, marks: Fraction) -> int | None:
    """Return the least score, in thousandths, with which a bid would have won outright.

    Parameters
    ----------
    auction, bid, marks
        As for the price.
    """
    notice, price = auction.notice, int(auction.price[bid])
    if not notice.quality_weight:
        return None
    full = int(notice.full_score * THOUSAND)
    lowest = lowest_prices(auction.member, auction.price)[bid]
    needed = _needed(auction, bid, marks)
    if bid_points(notice, price, lowest, full) < needed:
        return None
    least = last(
        0,
        full - int(auction.score[bid]),
        lambda less: bid_points(notice, price, lowest, full - less) >= needed,
    )
    return full - least


def repriced(auction: Auction, bid: int, price: int) -> Auction:
    """Return the auction with another price of one bid, and the points that follow from it."""
    prices = auction.price.copy()
    prices[bid] = price
    found = points(auction.notice, auction.member, prices, auction.score.tolist())
    return replace(auction, price=prices, points=found)


def short_at(auction: Auction, won: Iterable[int], bid: int, price: int) -> int:
    """Thousandths of points that an award is short of full marks if one bid asked another price.

    Parameters
    ----------
    auction
        Bids and notice.
    won
        The award, with that bid or without.
    bid, price
        Which bid, and what it would ask, in pence a year.
    """
    prices = auction.price.copy()
    prices[bid] = price
    lowest = lowest_prices(auction.member, prices)
    return sum(
        len(lots_of(auction, b))
        * (FULL - bid_points(auction.notice, int(prices[b]), lowest[b], int(auction.score[b])))
        for b in won
    )


def _needed(auction: Auction, bid: int, marks: Fraction) -> int:
    """Points with which a bid would be ahead by the least there is."""
    return int(auction.points[bid]) + int(marks) // len(lots_of(auction, bid)) + 1


def last(low: int, high: int, holds: Callable[[int], bool]) -> int:
    """The last whole number of a range for which something holds that holds up to there."""
    while low < high:
        middle = (low + high + 1) // 2
        if holds(middle):
            low = middle
        else:
            high = middle - 1
    return low
