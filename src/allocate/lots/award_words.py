"""An award in the words of a commissioner, and as tables."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import pandas as pd

from allocate.columns import table
from allocate.lots.auction import Auction
from allocate.lots.award_review import hourly, lots_of, points_short, price_won
from allocate.lots.award_tables import discounts_by_bid, marks, money
from allocate.lots.awarded import Award, NextBest
from allocate.lots.bid_answer import BidAnswer
from allocate.lots.instance import Instance
from allocate.units import joined, with_pence

Section = tuple[str, list[str]]
SHOWN = 10  # equal awards, or bids, that the summary lists; the tables have all


def sections(instance: Instance, award: Award) -> list[Section]:
    """Say who wins, what is equal, and what a person has to look at."""
    auction = instance.auction
    assert auction is not None
    found = [("Who wins", [_decided(award), *_winners(instance, auction, award)])]
    if len(award.equal) > 1 or not award.complete:
        found.append(("Awards that are as good", _ties(auction, award)))
    found.append(("The next best award without each winner", _next_best(instance, auction, award)))
    found.append(("What other bids lacked", _lacked(instance, auction, award)))
    if low := _questions(instance, auction):
        found.append(("Questions for a person", low))
    return found


def _decided(award: Award) -> str:
    if not award.decided:
        return "Not decided: it is not proven that no award is better than this one."
    if len(award.undecided) > 1:
        count = len(award.undecided)
        return (
            f"Not decided: {count} awards are equal in everything published; a person draws among "
            f"them. This is the first of them by its bids."
        )
    if not award.complete:
        return "No award is better. Whether others are as good is not known."
    return "Decided: it is proven that no award is better, by a penny or a thousandth of a point."


def _winners(instance: Instance, auction: Auction, award: Award) -> list[str]:
    off = discounts_by_bid(auction, award.won)
    head = ["bid", "bidder", "lots", "price", "discount", "paid a year"]
    head += ["points"] if auction.notice.weighs else []
    rows = []
    for b in award.won:
        price = int(auction.price[b])
        row = [auction.ids[b], instance.bidders.names[auction.bidder[b]], lots_named(instance, b)]
        row += [f"{with_pence(price)}", f"{with_pence(off[b])}", f"{with_pence(price - off[b])}"]
        rows.append(row + ([marks(int(auction.points[b]))] if auction.notice.weighs else []))
    total = f"Together {with_pence(price_won(auction, award.won))} a year."
    return [*table(head, rows, left=(0, 1, 2)), total]


def lots_named(instance: Instance, bid: int) -> str:
    """Name the lots of a bid."""
    assert instance.auction is not None
    return joined([instance.lots[j] for j in lots_of(instance.auction, bid)])


def _ties(auction: Auction, award: Award) -> list[str]:
    count = len(award.equal)
    lines = [
        "  ".join(auction.ids[b] for b in won) + ("  (this one)" if won == award.won else "")
        for won in award.equal[:SHOWN]
    ]
    more = [f"and {count - SHOWN} more, in ties.csv"] if count > SHOWN else []
    known = "These are all there are." if award.complete else "There may be others."
    how = f"Ties are broken by: {', '.join(auction.notice.tie_break)}."
    return [*lines, *more, known, how]


def _next_best(instance: Instance, auction: Auction, award: Award) -> list[str]:
    head = ["without", "costs more a year", "points lost", "then win"]
    rows = []
    for other in award.next_best:
        name = instance.bidders.names[other.bidder]
        if other.won is None:
            why = "no award lets every lot" if other.proven else _not_found(auction, other)
            rows.append([name, "", "", why])
            continue
        cost, lost = differences(auction, award.won, other.won)
        then = ", ".join(auction.ids[b] for b in other.won)
        shown = with_pence(cost)
        lost_shown = f"{float(lost):g}" if auction.notice.weighs else ""
        rows.append([name, shown, lost_shown, then + ("" if other.proven else " (not proven)")])
    return table(head, rows, left=(0, 3))


def _not_found(auction: Auction, other: NextBest) -> str:
    """Say what is known of an award that was not found."""
    if other.least is None or other.least <= 0:
        return "not found in the time"
    if auction.notice.weighs:
        return f"not found in the time; it loses {float(other.least):g} points at least"
    return f"not found in the time; it costs £{float(other.least):,.2f} a year more at least"


def differences(auction: Auction, won: Sequence[int], other: Sequence[int]) -> tuple[int, Fraction]:
    """Pence a year that another award costs more, and points that it loses."""
    return (
        price_won(auction, other) - price_won(auction, won),
        points_short(auction, other) - points_short(auction, won),
    )


def _lacked(instance: Instance, auction: Auction, award: Award) -> list[str]:
    lines = [
        f"{auction.ids[one.bid]} of {instance.bidders.names[auction.bidder[one.bid]]}: "
        f"{lacked(auction, one)}"
        for one in award.bids
    ]
    more = len(lines) - SHOWN
    rest = [f"and {more} more, in unsuccessful.csv"] if more > 0 else []
    return [*lines[:SHOWN], *rest] or ["Every bid wins."]


def lacked(auction: Auction, one: BidAnswer) -> str:
    """Say what would have had to be otherwise for a bid to win."""
    if one.tied:
        return "as good as the award, and not taken by the way ties are broken."
    if one.barred:
        by = ["a person's decision" if rule == "pins" else rule for rule in one.barred]
        return f"barred by {joined(by)}, whoever else had won."
    if one.possible is None:
        return "not worked out in the time there was."
    if not one.possible:
        return "no award that lets every lot and keeps every rule has it."
    ways = []
    if one.price is not None:
        ways.append(f"at {with_pence(one.price)} a year or less (it asked {_asked(auction, one)})")
    if one.score is not None:
        ways.append(
            f"with a score of {marks(one.score)} or more (it had {_scored(auction, one)}) at its "
            "own price"
        )
    if ways:
        return f"it would have won {joined(ways, 'or')}."
    return "no change of its own price or score alone was found by which it would have won."


def _asked(auction: Auction, one: BidAnswer) -> str:
    return with_pence(int(auction.price[one.bid]))


def _scored(auction: Auction, one: BidAnswer) -> str:
    return marks(int(auction.score[one.bid]))


def _questions(instance: Instance, auction: Auction) -> list[str]:
    """Bids that are abnormally low: what they come to for an hour is below the floor."""
    value = instance.rules["rate_floor"].value
    if value is None or instance.rules["rate_floor"].mode == "off":
        return []
    floor = Fraction(str(value)) * 100
    lines = []
    for b, bid in enumerate(auction.ids):
        rate = hourly(auction, b)
        if rate is not None and rate < floor:
            name = instance.bidders.names[auction.bidder[b]]
            lines.append(
                f"{bid} of {name} comes to {with_pence(round(rate))} an hour, below the floor of "
                f"{with_pence(int(floor))}: ask how it pays its staff at that price. It is not "
                "barred."
            )
    return lines


def tables_of(instance: Instance, award: Award) -> dict[str, pd.DataFrame]:
    """Return ``reserves``, ``ties``, ``next_best`` and ``unsuccessful`` as tables."""
    auction = instance.auction
    assert auction is not None
    ids, bidders = auction.ids, instance.bidders.ids
    ties = [
        (number, won == award.won, ids[b])
        for number, won in enumerate(award.equal, start=1)
        for b in won
    ]
    nexts = []
    for other in award.next_best:
        bids = "" if other.won is None else ";".join(ids[b] for b in other.won)
        more = "" if other.won is None else money_of(auction, award.won, other.won)
        nexts.append((bidders[other.bidder], bids, more, other.proven))
    rows = [
        (
            ids[one.bid],
            bidders[auction.bidder[one.bid]],
            ";".join(one.barred),
            "" if one.price is None else money(one.price),
            "" if one.score is None else marks(one.score),
            lacked(auction, one),
        )
        for one in award.bids
    ]
    return {
        "reserves": _reserves(instance, auction, award),
        "ties": pd.DataFrame(ties, columns=["award", "taken", "bid_id"]),
        "next_best": pd.DataFrame(
            nexts, columns=["without_bidder_id", "bid_ids", "more_pounds_per_year", "proven"]
        ),
        "unsuccessful": pd.DataFrame(
            rows,
            columns=[
                "bid_id",
                "bidder_id",
                "barred_by",
                "would_win_at_pounds_per_year",
                "would_win_at_score",
                "words",
            ],
        ),
    }


def _reserves(instance: Instance, auction: Auction, award: Award) -> pd.DataFrame:
    """Who stands in reserve for each lot, by rank."""
    rows = [
        (
            instance.lots[one.lot],
            auction.ids[one.bid],
            one.rank,
            "" if one.reserve is None else auction.ids[one.reserve],
            one.proven,
        )
        for one in award.reserves
    ]
    columns = ["lot_id", "bid_id", "rank", "reserve_bid_id", "proven"]
    return pd.DataFrame(rows, columns=columns)


def money_of(auction: Auction, won: Sequence[int], other: Sequence[int]) -> str:
    """What another award costs more, in pounds with a sign."""
    cost, _ = differences(auction, won, other)
    return ("-" if cost < 0 else "") + money(abs(cost))
