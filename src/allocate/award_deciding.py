"""Who wins, by what owners may win together."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence

from allocate.asked import Asked
from allocate.award_asking import ByHoldings, Reply, Won
from allocate.core.allotment import Ask
from allocate.core.outcome import CLOSED, IMPOSSIBLE, LevelOutcome, Outcome, Watch
from allocate.lots.allotment import allotment_of, deciding
from allocate.lots.auction import Auction
from allocate.lots.award_review import price_won
from allocate.lots.formulation import Draft
from allocate.lots.solution import Solution
from allocate.units import Ints

OURS = "allocate"
MOST = 1000  # equal awards that are listed


def decide(asked: Asked, draft: Draft, *, seconds: float, watch: Watch) -> Outcome | None:
    """Find the best award by what owners may win together; None where that does not decide it.

    Parameters
    ----------
    asked, draft
        The question and its program, of which only columns of lots and of winning bids are set.
    seconds, watch
        Limit; progress out, the wish to stop in.
    """
    began = time.monotonic()
    found = by_holdings(asked, seconds, watch)
    if found is None:
        return None
    _, ties = found
    if not ties.awards:
        return Outcome(None, (), IMPOSSIBLE, OURS)
    auction = asked.instance.auction
    won = cheapest(auction, ties.awards)
    plan = Solution(asked.instance.given, won)
    reached = asked.model.review(asked.instance, plan, asked.question.levels).levels
    spent = time.monotonic() - began
    levels = tuple(
        LevelOutcome(int(value * level.per), 0, int(value * level.per), CLOSED, spent)
        for value, level in zip(reached, draft.program.levels, strict=True)
    )
    lower, _, _ = draft.program.bounds()
    return Outcome(chosen(draft, lower, won), levels, CLOSED, OURS)


def by_holdings(asked: Asked, seconds: float, watch: Watch) -> tuple[ByHoldings, Reply] | None:
    """Ask for all best awards; None where owners' limits do not say all, or time ran out."""
    levels = asked.question.levels
    allotment = allotment_of(asked.instance, levels)
    if allotment is None:
        return None
    number = deciding(asked.instance, levels)
    weights = [] if number is None else list(levels[number].terms.values())
    if weights != [1.0]:
        return None
    points = asked.instance.auction.notice.weighs
    asker = ByHoldings(allotment, points=points, watch=watch)
    replies = asker.ask([Ask(most=MOST)], seconds)
    if not replies or not replies[0].complete:
        return None
    if replies[0].awards:
        asker.cost = int(allotment.cost[list(replies[0].awards[0])].sum())
    return asker, replies[0]


def chosen(draft: Draft, values: Ints, won: Sequence[int]) -> Ints:
    """Columns of a plan in which these bids win."""
    found = values.copy()
    found[draft.win] = 0
    found[draft.win[list(won)]] = 1
    return found


def cheapest(auction: Auction, awards: Iterable[Won]) -> Won:
    """Of awards, the one whose prices come to least; of several such, the first by its bids."""
    return min(awards, key=lambda won: (price_won(auction, won), won))
