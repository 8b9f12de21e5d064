"""An award with what stands beside it."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from allocate.lots.bid_answer import BidAnswer


@dataclass(frozen=True)
class NextBest:
    """The best award without a winner.

    Parameters
    ----------
    bidder
        Position of the winner that is left out.
    won
        Positions of bids that win then; None where there is no such award, or none was found.
    proven
        Whether that is proven.
    least
        How far behind, in pounds or points of what decides, any such award is at least; None where
        nothing is known.
    """

    bidder: int
    won: tuple[int, ...] | None
    proven: bool
    least: Fraction | None = None


@dataclass(frozen=True)
class Reserve:
    """Who stands in reserve for a lot.

    Parameters
    ----------
    lot, bid
        The lot, and the bid that wins it.
    rank
        2 for who is next after the winner.
    reserve
        The bid in reserve; None where there is none, or none was found.
    proven
        Whether that is proven.
    """

    lot: int
    bid: int
    rank: int
    reserve: int | None
    proven: bool


@dataclass(frozen=True)
class Award:
    """An award with what stands beside it.

    Parameters
    ----------
    won
        Winning bids, after the published ways to break ties.
    decided
        Whether it is proven that no award is better.
    equal, complete
        Awards that are as good, this one among them; and whether it is proven that these are all.
    undecided
        Of these, the ones that the published ways leave equal: a person draws among them.
    next_best
        For each winner the best award without it.
    reserves
        Who stands in reserve for each lot, as far as the notice says.
    bids
        What each bid that does not win lacked.
    """

    won: tuple[int, ...]
    decided: bool
    equal: tuple[tuple[int, ...], ...]
    complete: bool
    undecided: tuple[tuple[int, ...], ...]
    next_best: tuple[NextBest, ...]
    reserves: tuple[Reserve, ...]
    bids: tuple[BidAnswer, ...]
