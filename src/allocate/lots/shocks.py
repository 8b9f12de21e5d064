"""What may happen to an award: an owner that won withdraws."""

from __future__ import annotations

from allocate.asked import Asked
from allocate.inputs import with_changes
from allocate.lots.inputs import award
from allocate.lots.instance import Instance
from allocate.lots.solution import Solution
from allocate.shocks import Shock
from allocate.study.scenario import Change
from allocate.units import joined

WITHDRAWS = "owner withdraws"


def shocks(asked: Asked, solution: Solution) -> list[Shock]:
    """List the owners who won something, each withdrawing all its bids.

    Held, the other winners keep what they won and the rest is awarded among those who are left;
    free, all of it is awarded anew. Marks stay as they were given.

    Parameters
    ----------
    asked, solution
        The question and the award; its scenario's changes made in the case.
    """
    instance: Instance = asked.instance
    auction, bidders = instance.auction, instance.bidders
    assert auction is not None
    found = []
    for owner in sorted({int(bidders.owner[auction.bidder[b]]) for b in solution.won}):
        mine = [b for b in range(len(auction.ids)) if bidders.owner[auction.bidder[b]] == owner]
        lots = joined([instance.lots[j] for b in solution.won if b in mine
                       for j in auction.member[b].nonzero()[0].tolist()])  # fmt: skip
        others = Solution(solution.lot, tuple(b for b in solution.won if b not in mine))
        free = with_changes(asked.question, *_withdrawn(instance, mine))
        found.append(
            Shock(
                f"{bidders.owners[owner]} withdraws, winner of {lots}",
                WITHDRAWS,
                tuple(auction.ids[b] for b in mine),
                with_changes(free, *award(instance, others)),
                free,
            )
        )
    return found


def _withdrawn(instance: Instance, bids: list[int]) -> list[Change]:
    """Pin bids to lose; a pin that lets one win goes with its bidder."""
    auction = instance.auction
    assert auction is not None
    changes = [
        Change(table="pins", where={"table": "lot-bid", "other_id": auction.ids[b]}, drop=True)
        for b in bids
        if instance.pinned.must[b]
    ]
    rows = [
        {
            "table": "lot-bid",
            "id": instance.lots[int(auction.member[b].argmax())],
            "other_id": auction.ids[b],
            "must_or_never": "never",
        }
        for b in bids
        if not instance.pinned.never[b]
    ]
    return [*changes, Change(table="pins", add=rows)] if rows else changes
