"""What follows an award: its ties, the next best without each winner, and what each bid lacked."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np

from allocate.asked import Asked
from allocate.core.levels import solve_levels
from allocate.core.outcome import CLOSED, IMPOSSIBLE, Outcome, Watch
from allocate.core.program import Level, Program
from allocate.core.ties import all_best
from allocate.lots.auction import Auction
from allocate.lots.award_review import points_short, price_won
from allocate.lots.award_words import sections, tables_of
from allocate.lots.awarded import Award, NextBest
from allocate.lots.bid_answer import (
    BidAnswer,
    barred_by,
    last,
    repriced,
    winning_price,
    winning_score,
)
from allocate.lots.bidder_files import bidder_texts
from allocate.lots.formulation import Draft
from allocate.lots.scores import FULL, lowest_prices
from allocate.lots.tie_break import broken_tie
from allocate.record import Beside
from allocate.units import THOUSAND, Ints

METHOD, MODULE = "highs", "allocate.core.highs"
MOST = 1000  # equal awards that are listed
EQUAL = 50  # that are looked at for the next best
TIE_SHARE = 0.3  # of the time, for equal awards; the rest is for what bids lacked
LEAST_SECONDS = 10.0


class Follow:
    """Asks an award's program again with bids left out, or in.

    Parameters
    ----------
    asked, draft, outcome
        The question, its program, and what was found.
    seconds, seed
        Limits.
    watch
        Progress out, the wish to stop in.
    """

    def __init__(
        self,
        asked: Asked,
        draft: Draft,
        outcome: Outcome,
        *,
        seconds: float,
        seed: int,
        watch: Watch,
    ) -> None:
        assert draft.instance.auction is not None
        assert outcome.values is not None
        self._asked, self._draft, self._seed, self._watch = asked, draft, seed, watch
        self._auction, self._values = draft.instance.auction, outcome.values
        self._decided = all(level.why == CLOSED for level in outcome.levels)
        names = [set(words.terms) for words in asked.question.levels]
        term = {"points"} if self._auction.notice.weighs else {"price"}
        levels = draft.program.levels
        # Later levels only choose among awards that are equal up to the one that decides.
        self._head = levels[: names.index(term) + 1] if term in names else levels
        self._began, self._seconds = time.monotonic(), max(seconds, LEAST_SECONDS)

    @property
    def _left(self) -> float:
        return self._began + self._seconds - time.monotonic()

    def award(self) -> tuple[Ints, Award]:
        """Settle ties and ask everything; returns the columns of the award, too."""
        plans, complete = all_best(
            self._changed(),
            self._values,
            self._draft.win,
            MODULE,
            seconds=self._seconds * TIE_SHARE,
            seed=self._seed,
            most=MOST,
            stop=lambda: self._watch.stop,
        )
        by_award = {self._won(plan): plan for plan in plans}
        by_award = {won: by_award[won] for won in self._as_cheap(list(by_award))}
        undecided = broken_tie(self._auction, list(by_award))
        won = undecided[0]
        tied = {b for award in by_award for b in award}
        award = Award(
            won=won,
            decided=self._decided,
            equal=tuple(sorted(by_award)),
            complete=complete and self._decided,
            undecided=tuple(undecided),
            next_best=tuple(self._next_best(won)),
            bids=tuple(
                self._answer(b, tied) for b in range(len(self._auction.ids)) if b not in won
            ),
        )
        return by_award[won], award

    def _as_cheap(self, awards: Sequence[tuple[int, ...]]) -> list[tuple[int, ...]]:
        """Of awards with as many points as the best, those that are as cheap, if price counts."""
        terms = {term for words in self._asked.question.levels for term in words.terms}
        if "price" not in terms:
            return list(awards)
        least = price_won(self._auction, self._won(self._values))
        return [won for won in awards if price_won(self._auction, won) <= least]

    def _won(self, values: Ints) -> tuple[int, ...]:
        return tuple(np.flatnonzero(values[self._draft.win] == 1).tolist())

    def _next_best(self, won: Sequence[int]) -> list[NextBest]:
        """The best award without each winner, all of its bids left out."""
        bidders, found = self._auction.bidder, []
        for k in sorted({int(bidders[b]) for b in won}):
            outcome = self._ask(without=np.flatnonzero(bidders == k))
            proven = outcome is not None and _proven(outcome)
            if outcome is None or outcome.values is None:
                found.append(NextBest(k, None, proven))
                continue
            won, complete = self._cheapest(outcome.values, np.flatnonzero(bidders == k))
            found.append(NextBest(k, won, proven and complete))
        return found

    def _cheapest(self, values: Ints, without: Ints) -> tuple[tuple[int, ...], bool]:
        """Of awards as good as one, without some bids, the cheapest; and whether that is proven."""
        if not self._auction.notice.weighs:
            return self._won(values), True
        plans, complete = all_best(
            self._changed(without=without),
            values,
            self._draft.win,
            MODULE,
            seconds=self._left,
            seed=self._seed,
            most=EQUAL,
            stop=lambda: self._watch.stop,
        )
        awards = [self._won(plan) for plan in plans]
        return min(awards, key=lambda won: (price_won(self._auction, won), won)), complete

    def _answer(self, bid: int, tied: set[int]) -> BidAnswer:
        """What a bid lacked: the best award with it, beside the best."""
        barred = barred_by(self._draft.instance, bid)
        if bid in tied or barred:
            return BidAnswer(bid, tied=bid in tied, barred=barred, possible=not barred)
        outcome = self._ask(within=bid)
        if outcome is None or not _proven(outcome) or not self._decided:
            return BidAnswer(bid)
        if outcome.values is None:
            return BidAnswer(bid, possible=False)
        behind = self._behind(outcome.values)
        if behind is None:
            return BidAnswer(bid, possible=True)
        price = winning_price(self._auction, bid, *behind)
        if price is None and self._auction.notice.price_weight:
            price = self._undercutting(bid, self._won(outcome.values))
        score = winning_score(self._auction, bid, behind[1])
        return BidAnswer(bid, possible=True, price=price, score=score)

    def _undercutting(self, bid: int, won: tuple[int, ...]) -> int | None:
        """The highest price below all others by which a bid wins outright; None where none does.

        Awards without the bid lose points as it becomes the lowest, and the best award with it
        gains those of the bid alone: so whether it wins turns once.
        """
        lowest = lowest_prices(self._auction.member, self._auction.price)[bid]

        def wins(price: int) -> bool:
            auction = repriced(self._auction, bid, price)
            short = points_short(auction, won) * THOUSAND
            other = self._points_without(bid, auction)
            return other is None or short < other

        weighed_before = any(level.coef.any() for level in self._head[:-1])
        if self._left <= 0 or lowest < 1 or weighed_before or not wins(0):
            return None
        found = last(0, lowest, wins)
        return None if self._left <= 0 else found

    def _points_without(self, bid: int, auction: Auction) -> Fraction | None:
        """Thousandths of points that the best award without a bid is short of; None without one."""
        short = auction.lots * (FULL - auction.points)
        coef = np.zeros(self._draft.program.size, dtype=np.int64)
        coef[self._draft.win] = short
        outcome = self._ask(without=np.array([bid]), level=Level("points", coef, Fraction(1)))
        if outcome is None:
            return Fraction()
        return None if outcome.values is None else Fraction(int(coef @ outcome.values))

    def _behind(self, values: Ints) -> tuple[Fraction, Fraction] | None:
        """Pence and thousandths of points that a plan is behind; None if by something else."""
        behind = {"price": Fraction(), "points": Fraction()}
        for words, level in zip(self._asked.question.levels, self._head, strict=False):
            more = Fraction(int(level.coef @ (values - self._values))) / level.per
            if not more:
                continue
            if len(words.terms) > 1 or not set(words.terms) <= set(behind):
                return None
            (term,) = words.terms
            behind[term] = more / Fraction(str(words.terms[term]))
            break
        return behind["price"] * 100, behind["points"] * 1000

    def _ask(
        self,
        *,
        without: Ints | None = None,
        within: int | None = None,
        level: Level | None = None,
    ) -> Outcome | None:
        """Solve again with bids left out or one in, or for one level; None where time is up."""
        if self._left <= 0 or self._watch.stop:
            return None
        return solve_levels(
            self._changed(without=without, within=within, level=level),
            MODULE,
            seconds=self._left,
            gap=0.0,
            seed=self._seed,
            watch=Watch(),
            method=METHOD,
        )

    def _changed(
        self,
        *,
        without: Ints | None = None,
        within: int | None = None,
        level: Level | None = None,
    ) -> Program:
        """The program with bids left out or one in, up to the level that decides."""
        program: Program = self._draft.program
        bounds: Any = program.bounds()
        lower, upper, whole = (bound.copy() for bound in bounds)
        if without is not None:
            upper[self._draft.win[without]] = 0
        if within is not None:
            lower[self._draft.win[within]] = 1
        levels = self._head if level is None else [level]
        return replace(program, levels=levels, _lower=[lower], _upper=[upper], _whole=[whole])


def _proven(outcome: Outcome) -> bool:
    """Whether it is proven what is best, or that there is nothing."""
    if outcome.values is None:
        return outcome.why == IMPOSSIBLE
    return all(level.why == CLOSED for level in outcome.levels)


def follow(
    asked: Asked, draft: Any, outcome: Outcome, *, seconds: float, seed: int, watch: Watch
) -> tuple[Ints, Beside]:
    """Ask all that follows an award.

    Parameters
    ----------
    asked, draft, outcome, seconds, seed, watch
        As of ``Follow``.

    Returns
    -------
    tuple
        The columns of the award, ties broken; and what stands beside it.
    """
    instance = asked.instance
    asking = Follow(asked, draft, outcome, seconds=seconds, seed=seed, watch=watch)
    values, award = asking.award()
    texts = bidder_texts(instance, award)
    return values, Beside(sections(instance, award), tables_of(instance, award), texts)
