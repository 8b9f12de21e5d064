"""The rules on award once more, without the program: plain sums over winning bids.

Nothing is short where there are no bids.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import networkx as nx

from allocate.labels import RATINGS
from allocate.lots.auction import NO_GROUP, Auction, pinned_name
from allocate.lots.bidders import NO_LIMIT
from allocate.lots.instance import Instance
from allocate.verdict import Measured

if TYPE_CHECKING:
    from allocate.lots.solution import Solution

NOBODY = "everybody"
NOTHING = Measured(Fraction())
Measure = Callable[[Instance, Auction, list[int]], Measured]


def lots_of(auction: Auction, bid: int) -> list[int]:
    """Lots that a bid is for."""
    return [j for j in range(auction.member.shape[1]) if auction.member[bid, j]]


def value_of(auction: Auction, bids: Iterable[int]) -> int:
    """Pence a year that the lots of some bids are worth."""
    return sum(int(auction.value[j]) for b in bids for j in lots_of(auction, b))


def minutes_of(auction: Auction, bids: Iterable[int]) -> int:
    """Carer-minutes a week in the lots of some bids."""
    return sum(int(auction.minutes[j]) for b in bids for j in lots_of(auction, b))


def discount(auction: Auction, bidder: int, won: Iterable[int]) -> int:
    """Pence a year that a bidder takes off: the most of its discounts that it has reached.

    Each price is reduced and rounded by itself; of a discount on what is above a value, that on
    the value is given back.
    """
    bids = [b for b in won if auction.bidder[b] == bidder]
    prices = [int(auction.price[b]) for b in bids]
    lots = sum(len(lots_of(auction, b)) for b in bids)
    most = 0
    for tier in auction.tiers:
        reached = lots >= tier.lots_from and sum(prices) >= tier.value_from
        if tier.bidder == bidder and bids and reached:
            back = tier.off(tier.value_from) if tier.above else 0
            most = max(most, sum(tier.off(price) for price in prices) - back)
    return most


def price_won(auction: Auction, won: Iterable[int]) -> int:
    """Pence a year of winning bids, discounts taken off."""
    won = list(won)
    whole = sum(int(auction.price[b]) for b in won)
    return whole - sum(discount(auction, k, won) for k in {int(auction.bidder[b]) for b in won})


def points_short(auction: Auction, won: Iterable[int]) -> Fraction:
    """Points that winning bids fall short of full marks, each times its lots."""
    if not auction.notice.weighs:
        return Fraction()
    marks = (len(lots_of(auction, b)) * (100_000 - int(auction.points[b])) for b in won)
    return Fraction(sum(marks), 1000)


def _each(short: dict[str, int], per: int = 1) -> Measured:
    """A rule short by what each of some is short by, the largest first."""
    found = [(name, Fraction(steps, per)) for name, steps in short.items() if steps > 0]
    found.sort(key=lambda one: (-one[1], one[0]))
    return Measured(sum((amount for _, amount in found), Fraction()), None, tuple(found))


def _by_bidder(auction: Auction, won: list[int]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for b in won:
        found.setdefault(int(auction.bidder[b]), []).append(b)
    return found


def by_owner(instance: Instance, auction: Auction, won: list[int]) -> dict[str, list[int]]:
    """Winning bids of each owner that has any."""
    found: dict[str, list[int]] = {}
    for b in won:
        owner = instance.bidders.owners[int(instance.bidders.owner[auction.bidder[b]])]
        found.setdefault(owner, []).append(b)
    return found


def _value(instance: Instance, rule: str) -> Fraction:
    return Fraction(str(instance.rules[rule].value or 0))


def _one_winner_per_lot(instance: Instance, auction: Auction, won: list[int]) -> Measured:
    winners = [0] * len(instance.lots)
    for b in won:
        for j in lots_of(auction, b):
            winners[j] += 1
    short = {instance.lots[j]: abs(count - 1) for j, count in enumerate(winners)}
    for group, name in enumerate(auction.groups):
        count = sum(1 for b in won if auction.group[b] == group != NO_GROUP)
        short[name] = short.get(name, 0) + max(0, count - 1)
    return _each(short)


def _within_capacity(instance: Instance, auction: Auction, won: list[int]) -> Measured:
    bidders = instance.bidders
    return _each(
        {
            bidders.ids[k]: minutes_of(auction, bids) - int(bidders.capacity[k])
            for k, bids in _by_bidder(auction, won).items()
            if bidders.capacity[k] != NO_LIMIT
        },
        60,
    )


def _turnover_limit(instance: Instance, auction: Auction, won: list[int]) -> Measured:
    bidders, times = instance.bidders, _value(instance, "turnover_limit")
    return _each(
        {
            bidders.ids[k]: value_of(auction, bids)
            - int(bidders.turnover[k]) * times.numerator // times.denominator
            for k, bids in _by_bidder(auction, won).items()
            if bidders.turnover[k] != NO_LIMIT
        },
        100,
    )


def _award_limit(instance: Instance, auction: Auction, won: list[int]) -> Measured:
    limit, bidders = int(_value(instance, "award_limit")), instance.bidders
    short: dict[str, int] = {}
    for owner, bids in by_owner(instance, auction, won).items():
        short[owner] = max(0, sum(len(lots_of(auction, b)) for b in bids) - limit)
    for k, bids in _by_bidder(auction, won).items():
        if bidders.most[k] != NO_LIMIT:
            over = sum(len(lots_of(auction, b)) for b in bids) - int(bidders.most[k])
            short[bidders.ids[k]] = short.get(bidders.ids[k], 0) + max(0, over)
    return _each(short)


def _share_limit(instance: Instance, auction: Auction, won: list[int]) -> Measured:
    share = _value(instance, "share_limit") * sum(int(v) for v in auction.value)
    limit = share.numerator // share.denominator
    owners = by_owner(instance, auction, won)
    return _each({owner: value_of(auction, bids) - limit for owner, bids in owners.items()}, 100)


def _winners_range(instance: Instance, auction: Auction, won: list[int]) -> Measured:
    options = instance.rules["winners_range"].options
    owners = len(by_owner(instance, auction, won))
    off = max(0, int(options["minimum"]) - owners, owners - int(options["maximum"]))
    return _each({NOBODY: off})


def _quality_floor(instance: Instance, auction: Auction, won: list[int]) -> Measured:
    floor = RATINGS.index(str(instance.rules["quality_floor"].value))
    rating = instance.bidders.rating
    return _each(
        {auction.ids[b]: len(lots_of(auction, b)) for b in won if rating[auction.bidder[b]] > floor}
    )


def hourly(auction: Auction, bid: int) -> Fraction | None:
    """Pence that a bid comes to for an hour of its lots; None where they have no hours."""
    work = minutes_of(auction, [bid])
    return Fraction(int(auction.price[bid]) * 60 * 7, work * 365) if work else None


def _rate_floor(instance: Instance, auction: Auction, won: list[int]) -> Measured:
    if instance.rules["rate_floor"].value is None:
        return NOTHING
    floor = _value(instance, "rate_floor") * 100
    low = {b: rate for b in won if (rate := hourly(auction, b)) is not None and rate < floor}
    return _each({auction.ids[b]: len(lots_of(auction, b)) for b in low})


def _step_in(instance: Instance, auction: Auction, won: list[int]) -> Measured:
    """A greatest flow from an owner's lots to others' winners, each with what it has left."""
    bidders, share = instance.bidders, _value(instance, "step_in")
    held = _by_bidder(auction, won)
    short: dict[str, int] = {}
    for owner, bids in by_owner(instance, auction, won).items():
        graph: nx.DiGraph[Any] = nx.DiGraph()
        graph.add_nodes_from(("all", "done"))
        wanted = 0
        for j in sorted({j for b in bids for j in lots_of(auction, b)}):
            need = -(-share.numerator * int(auction.minutes[j]) // share.denominator)
            wanted += need
            graph.add_edge("all", ("lot", j), capacity=need)
            cells = [i for i, lot in enumerate(instance.lot_of_cell) if lot == j]
            for k in held:
                other = bidders.owners[int(bidders.owner[k])] != owner
                if other and all(bidders.reach[k, i] for i in cells):
                    graph.add_edge(("lot", j), ("bidder", k))
        for k, mine in held.items():
            if ("bidder", k) in graph:
                capacity = int(bidders.capacity[k])
                left = max(0, capacity - minutes_of(auction, mine) + int(bidders.surge[k]))
                limit = {} if capacity == NO_LIMIT else {"capacity": left}
                graph.add_edge(("bidder", k), "done", **limit)
        covered: Any = nx.maximum_flow_value(graph, "all", "done") if wanted else 0
        short[owner] = wanted - int(covered)
    return _each(short, 60)


def _sme_share(instance: Instance, auction: Auction, won: list[int]) -> Measured:
    share = _value(instance, "sme_share") * sum(int(v) for v in auction.value)
    wanted = -(-share.numerator // share.denominator)
    small = [b for b in won if instance.bidders.sme[auction.bidder[b]]]
    return _each({NOBODY: wanted - value_of(auction, small)}, 100)


def against_pins(instance: Instance, won: Iterable[int]) -> list[str]:
    """Name the pins that an award does not keep."""
    auction, won = instance.auction, set(won)
    if auction is None:
        return []
    must, never = instance.pinned.must, instance.pinned.never
    return [
        pinned_name(auction, b, must=bool(must[b]))
        for b in range(len(auction.ids))
        if (must[b] and b not in won) or (never[b] and b in won)
    ]


def _where_bids(measure: Measure) -> Callable[[Instance, Solution], Measured]:
    """Measure a rule where there are bids."""

    def measured(instance: Instance, solution: Solution) -> Measured:
        if instance.auction is None:
            return NOTHING
        return measure(instance, instance.auction, list(solution.won))

    return measured


MEASURES: dict[str, Callable[[Instance, Solution], Measured]] = {
    "one_winner_per_lot": _where_bids(_one_winner_per_lot),
    "within_capacity": _where_bids(_within_capacity),
    "turnover_limit": _where_bids(_turnover_limit),
    "award_limit": _where_bids(_award_limit),
    "share_limit": _where_bids(_share_limit),
    "winners_range": _where_bids(_winners_range),
    "quality_floor": _where_bids(_quality_floor),
    "rate_floor": _where_bids(_rate_floor),
    "step_in": _where_bids(_step_in),
    "sme_share": _where_bids(_sme_share),
}
