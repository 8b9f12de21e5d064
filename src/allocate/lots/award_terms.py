"""The terms of an award over bids: its price, discounts taken off, and its points."""

from __future__ import annotations

import numpy as np

from allocate.lots.formulation import Draft, Parts
from allocate.lots.scores import FULL


def price_parts(draft: Draft) -> Parts:
    """What bids cost, each at its price or, where its bidder has won enough, less a discount.

    ``win[b] = plain[b] + sum over tiers of cut[b, d]``, ``cut[b, d] <= reached[d]``, at most one
    tier of a bidder is taken, and one that is taken has been reached.
    """
    auction, program = draft.instance.auction, draft.program
    if auction is None:
        return ()
    if not auction.tiers:
        return ((draft.win, auction.price),)
    pairs = [
        (b, d)
        for d, tier in enumerate(auction.tiers)
        for b in np.flatnonzero(auction.bidder == tier.bidder).tolist()
    ]
    bid, tier = (np.array(part, dtype=np.int64) for part in zip(*pairs, strict=True))
    count, tiers = len(auction.ids), len(auction.tiers)
    plain = program.columns("plain", count)
    cut = program.columns("cut", len(pairs))
    reached = program.columns("reached", tiers)
    every = np.arange(count)
    program.require(
        "paid_once",
        "free",
        [(every, draft.win, 1), (every, plain, -1), (bid, cut, -1)],
        low=0,
        high=0,
        rows=count,
    )
    pair = np.arange(len(pairs))
    link = [(pair, cut, 1), (pair, reached[tier], -1)]
    program.require("discount_reached", "link", link, high=0, rows=len(pairs))
    bidders = sorted({one.bidder for one in auction.tiers})
    owner = np.array([bidders.index(one.bidder) for one in auction.tiers])
    one = [(owner, reached, 1)]
    program.require("one_discount", "choose", one, low=0, high=1, rows=len(bidders))
    for name, amount, start in (
        ("lots_for_discount", auction.lots, [one.lots_from for one in auction.tiers]),
        ("value_for_discount", auction.price, [one.value_from for one in auction.tiers]),
    ):
        entries = [
            (tier, draft.win[bid], amount[bid]),
            (np.arange(tiers), reached, -np.array(start)),
        ]
        program.require(name, "share", entries, low=0, rows=tiers)
    less = [int(auction.price[b]) - auction.tiers[d].off(int(auction.price[b])) for b, d in pairs]
    back = [one.off(one.value_from) if one.above else 0 for one in auction.tiers]
    return ((plain, auction.price), (cut, np.array(less)), (reached, np.array(back)))


def points_parts(draft: Draft) -> Parts:
    """What winning bids fall short of full marks, each times its lots, in thousandths."""
    auction = draft.instance.auction
    if auction is None or not auction.points.any():
        return ()
    return ((draft.win, auction.lots * (FULL - auction.points)),)
