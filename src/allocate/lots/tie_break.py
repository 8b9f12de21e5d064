"""Awards that are equally good, told apart as the notice says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction

from allocate.lots.auction import Auction
from allocate.lots.award_review import lots_of, price_won
from allocate.lots.scores import quality_points

Award = tuple[int, ...]


def _quality(auction: Auction, won: Award) -> Fraction:
    """Points of quality short of full, each winning bid times its lots."""
    notice = auction.notice
    return -sum(
        (quality_points(notice, int(auction.score[b])) * len(lots_of(auction, b)) for b in won),
        Fraction(),
    )


def _price(auction: Auction, won: Award) -> Fraction:
    return Fraction(price_won(auction, won))


def _bids(auction: Auction, won: Award) -> Fraction:
    return Fraction(len(won))


WAYS: dict[str, Callable[[Auction, Award], Fraction]] = {
    "quality": _quality,
    "price": _price,
    "fewest_bids": _bids,
}


def broken_tie(auction: Auction, awards: Sequence[Award]) -> list[Award]:
    """Return the awards that are still equal after the published ways, in the order of their bids.

    Parameters
    ----------
    auction
        Bids and notice.
    awards
        Awards as good as each other.
    """
    left = sorted(awards)
    for way in auction.notice.tie_break:
        if way in WAYS:
            best = min(WAYS[way](auction, won) for won in left)
            left = [won for won in left if WAYS[way](auction, won) == best]
    return left
