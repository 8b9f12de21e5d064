"""Who wins which lot: the rules on award, stated over bids; without bids there is nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from allocate.core.program import Program, Short
from allocate.labels import each
from allocate.lots.auction import NO_GROUP, Auction, pinned_name
from allocate.lots.bidders import NO_LIMIT
from allocate.lots.formulation import Draft
from allocate.lots.limits import award_limits, below_floor, share_steps, sme_steps, turnover_steps
from allocate.lots.step_in import step_in
from allocate.units import Ints

NOBODY = "everybody"  # whom a rule about all winners together is about


@dataclass(frozen=True)
class _Rows:
    """Rows of one limit: entries, upper limits, and whom each row is about."""

    row: Ints
    column: Ints
    amount: Ints
    high: Ints
    about: Sequence[str]


def award_columns(program: Program, auction: Auction | None) -> Ints:
    """Add a column for each bid that may win, (B,)."""
    if auction is None:
        return np.zeros(0, dtype=np.int64)
    return program.columns("win", len(auction.ids), labels=each(auction.ids))


def _limit(draft: Draft, rule: str, rows: _Rows, per: int) -> None:
    """Require rows to stay within their limits, or count what they are beyond them."""
    number = len(rows.high)
    if not number:
        return
    entries = [(rows.row, rows.column, rows.amount)]
    if not draft.instance.strict(rule):
        most = np.zeros(number, dtype=np.int64)
        np.add.at(most, rows.row, np.maximum(rows.amount, 0))
        beyond = np.maximum(most - rows.high, 0)
        over = draft.program.columns(f"{rule}_over", number, upper=beyond)
        entries.append((np.arange(number), over, np.full(number, -1)))
        ones = np.ones(number, dtype=np.int64)
        draft.shorts.append(Short(rule, over, ones, per, list(rows.about)))
    labels = each(list(rows.about))
    draft.program.require(rule, "pack", entries, high=rows.high, rows=number, labels=labels)


def _grouped(draft: Draft, of: Ints, amount: Ints, high: ArrayLike, names: Sequence[str]) -> _Rows:
    """A row for each group of bids that has a limit: ``sum of amount x win <= high``."""
    limits = np.broadcast_to(np.asarray(high, dtype=np.int64), (len(names),))
    limited = np.flatnonzero(limits != NO_LIMIT)
    place = np.full(len(names), -1, dtype=np.int64)
    place[limited] = np.arange(len(limited))
    bids = np.flatnonzero(place[of] >= 0)
    about = [names[at] for at in limited.tolist()]
    return _Rows(place[of[bids]], draft.win[bids], amount[bids], limits[limited], about)


def one_winner_per_lot(draft: Draft) -> None:
    """Each lot is let once, ``sum of its bids = 1``; of alternatives one at most wins."""
    instance, program, auction = draft.instance, draft.program, draft.instance.auction
    assert auction is not None
    bid, lot = np.nonzero(auction.member)
    entries = [(lot, draft.win[bid], 1)]
    count = len(instance.lots)
    if not instance.strict("one_winner_per_lot"):
        unlet = program.columns("unlet", count, labels=each(instance.lots))
        entries.append((np.arange(count), unlet, 1))
        ones = np.ones(count, dtype=np.int64)
        draft.shorts.append(Short("one_winner_per_lot", unlet, ones, 1, list(instance.lots)))
    labels = each(instance.lots)
    program.require(
        "one_winner_per_lot", "choose", entries, low=1, high=1, rows=count, labels=labels
    )
    with_group = np.flatnonzero(auction.group != NO_GROUP)
    if len(with_group):
        program.require(
            "alternatives",
            "choose",
            [(auction.group[with_group], draft.win[with_group], 1)],
            low=0,
            high=1,
            rows=len(auction.groups),
            labels=each(auction.groups),
        )


def within_capacity(draft: Draft) -> None:
    """``sum of minutes x win <= capacity`` of each bidder that has one."""
    auction, bidders = draft.instance.auction, draft.instance.bidders
    assert auction is not None
    work = auction.member @ auction.minutes
    rows = _grouped(draft, auction.bidder, work, bidders.capacity, bidders.ids)
    _limit(draft, "within_capacity", rows, 60)


def turnover_limit(draft: Draft) -> None:
    """``sum of value x win <= multiple x turnover`` of each bidder whose turnover is known."""
    auction, bidders = draft.instance.auction, draft.instance.bidders
    assert auction is not None
    value = auction.member @ auction.value
    rows = _grouped(draft, auction.bidder, value, turnover_steps(draft.instance), bidders.ids)
    _limit(draft, "turnover_limit", rows, 100)


def award_limit(draft: Draft) -> None:
    """``sum of lots x win <= limit`` of each owner, and of each bidder that says how many."""
    auction, bidders = draft.instance.auction, draft.instance.bidders
    assert auction is not None
    by_owner = _grouped(
        draft,
        bidders.owner[auction.bidder],
        auction.lots,
        award_limits(draft.instance),
        bidders.owners,
    )
    by_bidder = _grouped(draft, auction.bidder, auction.lots, bidders.most, bidders.ids)
    rows = _Rows(
        np.concatenate([by_owner.row, by_bidder.row + len(by_owner.high)]),
        np.concatenate([by_owner.column, by_bidder.column]),
        np.concatenate([by_owner.amount, by_bidder.amount]),
        np.concatenate([by_owner.high, by_bidder.high]),
        [*by_owner.about, *by_bidder.about],
    )
    _limit(draft, "award_limit", rows, 1)


def share_limit(draft: Draft) -> None:
    """``sum of value x win <= share of all value`` of each owner."""
    auction, bidders = draft.instance.auction, draft.instance.bidders
    assert auction is not None
    value = auction.member @ auction.value
    of = bidders.owner[auction.bidder]
    rows = _grouped(draft, of, value, share_steps(draft.instance), bidders.owners)
    _limit(draft, "share_limit", rows, 100)


def winners_range(draft: Draft) -> None:
    """An owner wins if one of its bids does, and no other way; so many may."""
    auction, bidders, program = draft.instance.auction, draft.instance.bidders, draft.program
    assert auction is not None
    owners = np.unique(bidders.owner[auction.bidder])
    wins = program.columns("wins", len(owners))
    of = np.searchsorted(owners, bidders.owner[auction.bidder])
    bid, owner = np.arange(len(auction.ids)), np.arange(len(owners))
    link = [(bid, draft.win, 1), (bid, wins[of], -1)]
    program.require("owner_of_winner_wins", "link", link, high=0, rows=len(bid))
    some = [(owner, wins, 1), (of, draft.win, -1)]
    program.require("winner_has_bid", "link", some, high=0, rows=len(owners))
    options = draft.instance.rules["winners_range"].options
    least, most = int(options["minimum"]), int(options["maximum"])
    zero, one = np.zeros(len(owners), dtype=np.int64), np.ones(len(owners), dtype=np.int64)
    entries = [(zero, wins, -one), (one, wins, one)]
    if not draft.instance.strict("winners_range"):
        upper = [least, max(0, len(owners) - most)]
        off = program.columns("winners_range_off", 2, upper=upper)
        entries.append((np.arange(2), off, np.full(2, -1)))
        ones = np.ones(2, dtype=np.int64)
        draft.shorts.append(Short("winners_range", off, ones, 1, [NOBODY] * 2))
    labels = each([NOBODY] * 2)
    program.require("winners_range", "pack", entries, high=[-least, most], rows=2, labels=labels)


def quality_floor(draft: Draft) -> None:
    """Bids of bidders below the floor do not win, or each of their lots counts."""
    auction = draft.instance.auction
    assert auction is not None
    bids = np.flatnonzero(below_floor(draft.instance))
    if not len(bids):
        return
    about = [auction.ids[b] for b in bids.tolist()]
    if not draft.instance.strict("quality_floor"):
        draft.shorts.append(Short("quality_floor", draft.win[bids], auction.lots[bids], 1, about))
        return
    entries = [(np.arange(len(bids)), draft.win[bids], 1)]
    draft.program.require(
        "quality_floor", "pack", entries, high=0, rows=len(bids), labels=each(about)
    )


def keep_pins(draft: Draft) -> None:
    """Bids that must win do, and those that never may do not; bent, each that is not counts."""
    instance, program, auction = draft.instance, draft.program, draft.instance.auction
    if auction is None or not (instance.pinned.must | instance.pinned.never).any():
        return
    must, never = np.flatnonzero(instance.pinned.must), np.flatnonzero(instance.pinned.never)
    about = [pinned_name(auction, b, must=True) for b in must.tolist()]
    barred = [pinned_name(auction, b, must=False) for b in never.tolist()]
    if instance.bends:
        out = program.columns("unpinned", len(must), labels=each(about))
        entries = [(np.arange(len(must)), draft.win[must], 1), (np.arange(len(must)), out, 1)]
        program.require("pins", "share", entries, low=1, rows=len(must), labels=each(about))
        for columns, names in ((out, about), (draft.win[never], barred)):
            draft.shorts.append(Short("pins", columns, np.ones_like(columns), 1, names))
        return
    both = np.concatenate([must, never])
    fixed = np.repeat([1, 0], [len(must), len(never)])
    entries = [(np.arange(len(both)), draft.win[both], 1)]
    labels = each([*about, *barred])
    program.require("pins", "free", entries, low=fixed, high=fixed, rows=len(both), labels=labels)


def rate_floor(draft: Draft) -> None:
    """Nothing to state: an abnormally low bid is a question for a person."""


def sme_share(draft: Draft) -> None:
    """``sum of value x win`` of small and medium firms is at least their share of all value."""
    auction, bidders = draft.instance.auction, draft.instance.bidders
    assert auction is not None
    small = np.flatnonzero(bidders.sme[auction.bidder])
    value = auction.member @ auction.value
    wanted = sme_steps(draft.instance)
    entries = [(np.zeros(len(small), dtype=np.int64), draft.win[small], value[small])]
    if not draft.instance.strict("sme_share"):
        under = draft.program.columns("sme_share_under", 1, upper=wanted)
        entries.append((np.zeros(1, dtype=np.int64), under, np.ones(1, dtype=np.int64)))
        ones = np.ones(1, dtype=np.int64)
        draft.shorts.append(Short("sme_share", under, ones, 100, [NOBODY]))
    labels = each([NOBODY])
    draft.program.require("sme_share", "share", entries, low=wanted, rows=1, labels=labels)


def _where_bids(state: Callable[[Draft], None]) -> Callable[[Draft], None]:
    """State a rule only where there are bids."""

    def stated(draft: Draft) -> None:
        if draft.instance.auction is not None:
            state(draft)

    return stated


RULES: dict[str, Callable[[Draft], None]] = {
    rule.__name__: _where_bids(rule)
    for rule in (
        one_winner_per_lot,
        within_capacity,
        turnover_limit,
        award_limit,
        share_limit,
        winners_range,
        quality_floor,
        rate_floor,
        step_in,
        sme_share,
    )
}
