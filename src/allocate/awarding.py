"""Who wins, and what follows: ties, the next best without each winner, and what each bid lacked."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from allocate.asked import Asked
from allocate.award_asking import Asker, ByProgram, Reply, Won
from allocate.award_deciding import MOST, by_holdings, cheapest, chosen, decide
from allocate.core.allotment import Ask
from allocate.core.outcome import CLOSED, Outcome, Watch
from allocate.lots.allotment import costs, deciding
from allocate.lots.award_review import price_won
from allocate.lots.award_words import sections, tables_of
from allocate.lots.awarded import Award, NextBest, Reserve
from allocate.lots.bid_answer import (
    BidAnswer,
    barred_by,
    last,
    repriced,
    short_at,
    winning_price,
    winning_score,
)
from allocate.lots.bidder_files import bidder_texts
from allocate.lots.formulation import Draft
from allocate.lots.scores import lowest_prices
from allocate.lots.tie_break import broken_tie
from allocate.record import Beside
from allocate.units import Ints

EQUAL = 50  # that are looked at for the next best
TIE_SHARE = 0.3  # of the time, for equal awards; the rest is for what bids lacked
LEAST_SECONDS = 10.0


class Follow:
    """Asks of an award what stands beside it.

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
        self._asked, self._instance, self._watch = asked, draft.instance, watch
        self._auction = draft.instance.auction
        self._seconds = max(seconds, LEAST_SECONDS)
        self._ends = time.monotonic() + self._seconds
        found = by_holdings(asked, self._seconds * TIE_SHARE, watch)
        self._asker: Asker
        if found is not None and found[1].awards:
            self._asker, self._ties, self._decided = *found, True
        else:
            levels = asked.question.levels
            program = ByProgram(draft, outcome.values, levels, seed, watch)
            plans, complete = program.ties(self._seconds * TIE_SHARE, MOST)
            self._decided = all(level.why == CLOSED for level in outcome.levels)
            awards = tuple(dict.fromkeys(program.won(plan) for plan in plans))
            complete = complete and self._decided
            self._ties = Reply(awards, True, self._decided, complete)
            self._asker = program

    @property
    def _left(self) -> float:
        return self._ends - time.monotonic()

    def award(self) -> Award:
        """Settle ties and ask everything."""
        equal = self._as_cheap(self._ties.awards)
        undecided = broken_tie(self._auction, equal)
        won = undecided[0]
        next_best = self._next_best(won)
        return Award(
            won=won,
            decided=self._decided,
            equal=tuple(sorted(equal)),
            complete=self._ties.complete,
            undecided=tuple(undecided),
            next_best=next_best,
            reserves=tuple(self._reserves(won, next_best)),
            bids=tuple(self._answers(won, {b for award in equal for b in award})),
        )

    def _as_cheap(self, awards: Sequence[Won]) -> list[Won]:
        """Of awards with as many points as the best, those that are as cheap, if price counts."""
        terms = {term for words in self._asked.question.levels for term in words.terms}
        if "price" not in terms:
            return list(awards)
        least = min(price_won(self._auction, won) for won in awards)
        return [won for won in awards if price_won(self._auction, won) <= least]

    def _next_best(self, won: Won) -> tuple[NextBest, ...]:
        """The best award without each winner, all of its bids left out."""
        winners = sorted({int(self._auction.bidder[b]) for b in won})
        replies = self._without([{k} for k in winners])
        return tuple(
            NextBest(k, self._best(reply), self._proven(reply), reply.least)
            for k, reply in zip(winners, replies, strict=True)
        )

    def _without(self, bidders: Sequence[set[int]]) -> list[Reply]:
        """The best awards without some bidders each; an empty reply where time is up."""
        most = EQUAL if self._auction.notice.weighs else 1  # of those, the cheapest
        out = [np.flatnonzero(np.isin(self._auction.bidder, list(some))) for some in bidders]
        asks = [Ask(tuple(bids.tolist()), most=most) for bids in out]
        replies = list(self._asker.ask(asks, self._left))
        return replies + [Reply()] * (len(asks) - len(replies))

    def _best(self, reply: Reply) -> Won | None:
        return cheapest(self._auction, reply.awards) if reply.awards else None

    def _proven(self, reply: Reply) -> bool:
        """Whether the cheapest of the best awards is known, or that there is none."""
        if reply.possible is False:
            return True
        return reply.best and (reply.complete or not self._auction.notice.weighs)

    def _reserves(self, won: Won, next_best: Sequence[NextBest]) -> list[Reserve]:
        """Who stands in reserve for each lot, first, second and so on, as far as published.

        Whoever has the lot in the best award without its winner is first; in the best without both,
        second.
        """
        auction, found = self._auction, list[Reserve]()
        known = {frozenset({one.bidder}): (one.won, one.proven) for one in next_best}
        out = {
            (j, b): {int(auction.bidder[b])} for b in won for j in np.flatnonzero(auction.member[b])
        }
        for rank in range(2, auction.notice.reserves + 2):
            new = sorted({tuple(sorted(some)) for some in out.values()} - set(map(_key, known)))
            for gone, reply in zip(new, self._without([set(gone) for gone in new]), strict=True):
                known[frozenset(gone)] = self._best(reply), self._proven(reply)
            for (j, b), some in sorted(out.items()):
                award, proven = known[frozenset(some)]
                bid = next((c for c in award or () if auction.member[c, j]), None)
                found.append(Reserve(int(j), b, rank, bid, proven))
                if bid is None:
                    del out[j, b]
                else:
                    out[j, b] = some | {int(auction.bidder[bid])}
        return sorted(found, key=lambda one: (one.lot, one.rank))

    def _answers(self, won: Won, tied: set[int]) -> list[BidAnswer]:
        """What each bid that does not win lacked: the best award with it, beside the best."""
        others = [b for b in range(len(self._auction.ids)) if b not in won]
        found = {}
        for b in others:
            barred = barred_by(self._instance, b)
            if b in tied or barred:
                found[b] = BidAnswer(b, tied=b in tied, barred=barred, possible=not barred)
        left = [b for b in others if b not in found]
        replies = (
            self._asker.ask([Ask(within=b) for b in left], self._left) if self._decided else ()
        )
        for b, reply in zip(left, replies, strict=False):
            found[b] = self._answer(b, reply)
        for b, reply in zip(left, replies, strict=False):
            if found[b].possible and found[b].price is None and reply.behind is not None:
                found[b] = replace(found[b], price=self._undercutting(b, reply.awards[0]))
        return [found.get(b, BidAnswer(b)) for b in others]

    def _answer(self, bid: int, reply: Reply) -> BidAnswer:
        if reply.possible is False:
            return BidAnswer(bid, possible=False)
        if not reply.best:
            return BidAnswer(bid)
        if reply.behind is None:
            return BidAnswer(bid, possible=True)
        price = winning_price(self._auction, bid, *reply.behind)
        score = winning_score(self._auction, bid, reply.behind[1])
        return BidAnswer(bid, possible=True, price=price, score=score)

    def _undercutting(self, bid: int, won: Won) -> int | None:
        """The highest price below all others by which a bid wins outright; None where none does.

        Awards without the bid lose points as it becomes the lowest, and the best award with it
        gains those of the bid alone: so whether it beats an award turns once. From the price at
        which it beats those known so far the best award without it is asked for again, until it
        beats that one too.
        """
        auction = self._auction
        price = lowest_prices(auction.member, auction.price)[bid]
        if not auction.notice.price_weight or price < 1 or not self._plain:
            return None
        while self._left > 0:
            asked = costs(repriced(auction, bid, price))
            replies = self._asker.ask([Ask((bid,))], self._left, asked)
            if not replies or not (replies[0].best or replies[0].possible is False):
                return None
            if replies[0].possible is False:
                return price
            other = replies[0].awards[0]

            def beats(price: int, other: Won = other) -> bool:
                return short_at(auction, won, bid, price) < short_at(auction, other, bid, price)

            if beats(price):
                return price
            if not beats(0):
                return None
            price = last(0, price, beats)
        return None

    @property
    def _plain(self) -> bool:
        """Whether nothing is weighed before the level that decides."""
        number = deciding(self._instance, self._asked.question.levels)
        soft = any(setting.mode == "soft" for setting in self._instance.rules.values())
        return number is not None and not soft


def _key(some: Iterable[int]) -> tuple[int, ...]:
    return tuple(sorted(some))


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
    assert outcome.values is not None
    asking = Follow(asked, draft, outcome, seconds=seconds, seed=seed, watch=watch)
    award = asking.award()
    instance = asked.instance
    texts = bidder_texts(instance, award)
    beside = Beside(sections(instance, award), tables_of(instance, award), texts)
    return chosen(draft, outcome.values, award.won), beside


__all__ = ["Follow", "decide", "follow"]
