"""The rule ``step_in`` over bids: what an owner wins fits into what other winners have left."""

from __future__ import annotations

import numpy as np

from allocate.core.program import Short
from allocate.labels import each
from allocate.lots.auction import Auction
from allocate.lots.bidders import NO_LIMIT
from allocate.lots.formulation import Draft
from allocate.lots.instance import Instance
from allocate.units import Ints, ceil_div, thousandths


def step_in(draft: Draft) -> None:
    """Minutes of each owner's lots that others take over, if it alone leaves.

    ``r[g, j, k]`` minutes of lot ``j`` of owner ``g`` go to bidder ``k`` of another owner that
    reaches every cell of it: ``sum over k of r[g, j, k] >= ceil(share x minutes of j)`` where ``g``
    wins ``j``, nothing goes to a bidder that wins nothing, and ``sum over j of r[g, j, k] <= max(0,
    capacity - won + surge)``.
    """
    instance, auction = draft.instance, draft.instance.auction
    assert auction is not None
    owner, lot, bidder = _transfers(instance, auction)
    need = _need(instance, auction)
    moved = draft.program.columns("step_in_minutes", len(owner), upper=need[lot])
    _cover(draft, auction, need, (owner, lot), moved)
    _only_winners(draft, auction, need, (owner, lot, bidder), moved)
    _spare(draft, auction, need, (owner, bidder), moved)


def _need(instance: Instance, auction: Auction) -> Ints:
    """Minutes of each lot that others have to take over, (L,)."""
    share = thousandths(instance.rules["step_in"].value)
    return ceil_div(auction.minutes * share, 1000)


def _transfers(instance: Instance, auction: Auction) -> tuple[Ints, Ints, Ints]:
    """Owner, lot and bidder of each transfer that may be."""
    bidders = instance.bidders
    by, reach = _bidding(auction), _reaches(instance, auction)
    found = [
        (int(g), int(j), int(k))
        for g in np.unique(bidders.owner[by])
        for j in np.flatnonzero(auction.member[bidders.owner[auction.bidder] == g].any(axis=0))
        for k in by
        if bidders.owner[k] != g and reach[k, j]
    ]
    table = np.array(found, dtype=np.int64).reshape(-1, 3)
    return table[:, 0], table[:, 1], table[:, 2]


def _bidding(auction: Auction) -> Ints:
    """Bidders with a bid."""
    return np.unique(auction.bidder)


def _reaches(instance: Instance, auction: Auction) -> np.ndarray:
    """Whether each bidder reaches every cell of each lot, (K, L)."""
    assert instance.given is not None
    lots = np.arange(auction.member.shape[1])
    inside = instance.given[None, :] == lots[:, None]
    return np.array([[row[cells].all() for cells in inside] for row in instance.bidders.reach])


def _cover(draft: Draft, auction: Auction, need: Ints, of: tuple[Ints, Ints], moved: Ints) -> None:
    """What an owner wins is taken over, or counts as short."""
    bidders, lots = draft.instance.bidders, auction.member.shape[1]
    owners = np.unique(bidders.owner[auction.bidder])
    bid, lot = np.nonzero(auction.member)
    place = np.searchsorted(owners, bidders.owner[auction.bidder[bid]])
    rows = len(owners) * lots
    entries = [
        (np.searchsorted(owners, of[0]) * lots + of[1], moved, 1),
        (place * lots + lot, draft.win[bid], -need[lot]),
    ]
    about = [bidders.owners[g] for g in owners for _ in range(lots)]
    if not draft.instance.strict("step_in"):
        short = draft.program.columns("step_in_short", rows, upper=np.tile(need, len(owners)))
        entries.append((np.arange(rows), short, 1))
        draft.shorts.append(Short("step_in", short, np.ones_like(short), 60, about))
    draft.program.require("step_in", "share", entries, low=0, rows=rows, labels=each(about))


def _only_winners(
    draft: Draft, auction: Auction, need: Ints, of: tuple[Ints, Ints, Ints], moved: Ints
) -> None:
    """Nothing goes to a bidder that wins nothing."""
    count = len(moved)
    bid = [np.flatnonzero(auction.bidder == k) for k in range(len(draft.instance.bidders.ids))]
    row = np.repeat(np.arange(count), [len(bid[k]) for k in of[2]])
    column = draft.win[np.concatenate([np.zeros(0, dtype=np.int64), *(bid[k] for k in of[2])])]
    entries = [(np.arange(count), moved, 1), (row, column, -need[of[1]][row])]
    draft.program.require("step_in_winners", "pack", entries, high=0, rows=count)


def _spare(draft: Draft, auction: Auction, need: Ints, of: tuple[Ints, Ints], moved: Ints) -> None:
    """Each bidder has so much left for the lots of each other owner, never less than nothing."""
    bidders = draft.instance.bidders
    limited = bidders.capacity[of[1]] != NO_LIMIT
    owner, bidder, moved = of[0][limited], of[1][limited], moved[limited]
    pairs, row = np.unique(np.stack([owner, bidder], axis=1), axis=0, return_inverse=True)
    if not len(pairs):
        return
    work = auction.member @ auction.minutes
    mine = [np.flatnonzero(auction.bidder == k) for k in pairs[:, 1]]
    at = np.repeat(np.arange(len(pairs)), [len(bids) for bids in mine])
    bids = np.concatenate(mine)
    high = (bidders.capacity + bidders.surge)[pairs[:, 1]]
    entries = [(row.ravel(), moved, 1), (at, draft.win[bids], work[bids])]
    if not draft.instance.strict("within_capacity"):
        entries += _floors(draft, pairs[:, 1], need, (row.ravel(), moved), (at, bids, work))
    draft.program.require("step_in_spare", "pack", entries, high=high, rows=len(pairs))


def _floors(
    draft: Draft,
    of: Ints,
    need: Ints,
    taken: tuple[Ints, Ints],
    won: tuple[Ints, Ints, Ints],
) -> list[tuple[Ints, Ints, Ints]]:
    """A bidder that has won more than it can staff has nothing left, not less than that."""
    at, bids, work = won
    most = np.zeros(len(of), dtype=np.int64)
    np.add.at(most, at, work[bids])
    full = draft.program.columns("step_in_full", len(of))
    over = draft.program.columns("step_in_over", len(of), upper=most)
    every, all_ = np.arange(len(of)), np.full(len(of), int(need.sum()))
    entries = [(taken[0], taken[1], 1), (every, full, all_)]
    draft.program.require("step_in_nothing", "pack", entries, high=all_, rows=len(of))
    entries = [(every, over, 1), (every, full, -most)]
    draft.program.require("step_in_beyond", "pack", entries, high=0, rows=len(of))
    return [(every, over, np.full(len(of), -1))]
