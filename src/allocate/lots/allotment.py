"""An award as lots to be dealt: each to one bid, by what each owner may win together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from allocate.core.allotment import Allotment, Limit, Side
from allocate.core.program import FREE
from allocate.lots.auction import NO_GROUP, Auction
from allocate.lots.bidders import NO_LIMIT
from allocate.lots.instance import ON_AWARD, Instance
from allocate.lots.limits import award_limits, below_floor, share_steps, sme_steps, turnover_steps
from allocate.lots.scores import FULL
from allocate.study.scenario import LevelWords
from allocate.units import Ints

# What levels before the one that decides may ask for: of given lots they are the same in any award.
SAME = {"shortfalls", "administration", "travel", "changes", "expected_price"}


def deciding(instance: Instance, levels: Sequence[LevelWords]) -> int | None:
    """Return the number of the level that alone decides an award; None where several do.

    Parameters
    ----------
    instance, levels
        The question.
    """
    auction = instance.auction
    assert auction is not None
    term = "points" if auction.notice.weighs else "price"
    for number, level in enumerate(levels):
        if set(level.terms) == {term}:
            return number
        if not set(level.terms) <= SAME:
            return None
    return None


def costs(auction: Auction) -> Ints:
    """What each bid adds to the level that decides, in thousandths of points or in pence, (B,)."""
    if auction.notice.weighs:
        return auction.lots * (FULL - auction.points)
    return auction.price


def allotment_of(instance: Instance, levels: Sequence[LevelWords]) -> Allotment | None:
    """State an award as an allotment; None where rules or levels do not let it be one.

    Soft rules, ``step_in`` and discounts where price decides are such: they are weighed over
    several owners, or depend on more than single bids.

    Parameters
    ----------
    instance, levels
        The question, with bids.
    """
    auction, rules = instance.auction, instance.rules
    assert auction is not None
    soft = any(rules[rule].mode == "soft" for rule in ON_AWARD)
    discounted = bool(auction.tiers) and not auction.notice.weighs
    if soft or discounted or rules["step_in"].binds or deciding(instance, levels) is None:
        return None
    owners, holder = np.unique(instance.bidders.owner[auction.bidder], return_inverse=True)
    apart, sides = _alternatives(auction, holder)
    return Allotment(
        auction.member,
        holder.astype(np.int64),
        costs(auction),
        apart,
        tuple(_limits(instance, auction, holder.astype(np.int64), len(owners))),
        (*sides, *_sides(instance, auction)),
    )


def _limits(instance: Instance, auction: Auction, holder: Ints, owners: int) -> Iterator[Limit]:
    """What each owner, and each of its bidders, may win."""
    bidders, hard = instance.bidders, instance.strict
    value = auction.member @ auction.value
    if hard("award_limit"):
        yield Limit(holder, auction.lots, np.full(owners, award_limits(instance)))
        yield _of_bidders(auction, auction.lots, bidders.most)
    if hard("share_limit"):
        yield Limit(holder, value, np.full(owners, share_steps(instance)))
    if hard("turnover_limit"):
        yield _of_bidders(auction, value, turnover_steps(instance))
    if hard("within_capacity"):
        work = auction.member @ auction.minutes
        yield _of_bidders(auction, work, bidders.capacity)
    barred = instance.pinned.never.copy()
    if hard("quality_floor"):
        barred |= below_floor(instance)
    yield Limit(np.where(barred, holder, -1), np.ones_like(holder), np.zeros(owners, dtype=int))


def _of_bidders(auction: Auction, amount: Ints, most: Ints) -> Limit:
    """A limit of each bidder that has one."""
    limited = most[auction.bidder] != NO_LIMIT
    return Limit(np.where(limited, auction.bidder, -1), amount, most)


def _alternatives(auction: Auction, holder: Ints) -> tuple[np.ndarray, list[Side]]:
    """Bids of one group exclude each other, within an owner and over all."""
    apart = np.zeros((len(holder), len(holder)), dtype=bool)
    sides = []
    for group in range(len(auction.groups)):
        inside = auction.group == group
        if len(set(holder[inside].tolist())) > 1:
            sides.append(Side(inside.astype(np.int64), 0, -FREE, 1))
        apart |= inside[:, None] & inside[None, :] & (group != NO_GROUP)
    np.fill_diagonal(apart, False)
    return apart, sides


def _sides(instance: Instance, auction: Auction) -> Iterator[Side]:
    """What all winners together have to keep."""
    count = len(auction.ids)
    if instance.strict("winners_range"):
        options = instance.rules["winners_range"].options
        low, high = int(options["minimum"]), int(options["maximum"])
        yield Side(np.zeros(count, dtype=np.int64), 1, low, high)
    if instance.strict("sme_share"):
        value = auction.member @ auction.value
        small = instance.bidders.sme[auction.bidder]
        yield Side(np.where(small, value, 0), 0, sme_steps(instance), FREE)
    for bid in np.flatnonzero(instance.pinned.must).tolist():
        yield Side((np.arange(count) == bid).astype(np.int64), 0, 1, 1)
