"""Who won as tables, and read back from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from allocate.errors import BadInput, Fault
from allocate.lots.auction import Auction
from allocate.lots.award_review import discount
from allocate.lots.instance import Instance


def money(pence: int) -> str:
    """Pence as pounds."""
    return f"{pence // 100}.{pence % 100:02d}"


def marks(thousandths: int) -> str:
    """Thousandths of a point as points, with no more digits than they need."""
    return f"{thousandths / 1000:.3f}".rstrip("0").rstrip(".")


def discounts_by_bid(auction: Auction, won: Sequence[int]) -> dict[int, int]:
    """Pence taken off each winning bid: a bidder's discount, spread by price to the penny."""
    found = {}
    for k in sorted({int(auction.bidder[b]) for b in won}):
        bids = [b for b in won if auction.bidder[b] == k]
        off, given, passed = discount(auction, k, won), 0, 0
        whole = sum(int(auction.price[b]) for b in bids)
        for b in bids:
            passed += int(auction.price[b])
            share = off * passed // whole - given if whole else 0
            found[b] = share
            given += share
    return found


def award_tables(instance: Instance, won: Sequence[int]) -> dict[str, pd.DataFrame]:
    """Return ``awards`` and ``award_lots``; nothing where there are no bids."""
    auction, bidders = instance.auction, instance.bidders
    if auction is None:
        return {}
    off = discounts_by_bid(auction, won)
    rows = [
        {
            "bid_id": auction.ids[b],
            "bidder_id": bidders.ids[auction.bidder[b]],
            "price": money(int(auction.price[b])),
            "discount": money(off[b]),
            "paid_pounds_per_year": money(int(auction.price[b]) - off[b]),
            "score": marks(int(auction.points[b] or auction.score[b])),
            "rank": 1,
        }
        for b in won
    ]
    names = ["bid_id", "bidder_id", "price", "discount", "paid_pounds_per_year", "score", "rank"]
    of_lot = {j: auction.ids[b] for b in won for j in auction.member[b].nonzero()[0].tolist()}
    lots = [(lot, of_lot.get(j, "")) for j, lot in enumerate(instance.lots)]
    return {
        "awards": pd.DataFrame(rows, columns=names),
        "award_lots": pd.DataFrame(lots, columns=["lot_id", "bid_id"]),
    }


def read_won(
    auction: Auction | None, tables: Mapping[str, pd.DataFrame], where: str
) -> tuple[int, ...]:
    """Read winning bids back from ``awards.csv``.

    Raises
    ------
    BadInput
        Where the table is missing or names a bid that the case has not.
    """
    if auction is None:
        return ()
    frame = tables.get("awards")
    if frame is None or "bid_id" not in frame or not set(frame["bid_id"]) <= set(auction.ids):
        remedy = "A file was changed since: solve again, and ask of that result"
        problem = "is missing, has no column bid_id, or names a bid that there is not"
        raise BadInput(where, [Fault("awards.csv", "", problem, remedy)])
    return tuple(sorted(auction.ids.index(bid) for bid in frame["bid_id"]))
