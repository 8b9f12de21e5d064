"""A notice that contradicts itself, or the bids it has: what it publishes can never be met."""

from __future__ import annotations

from collections.abc import Mapping

from allocate.errors import Fault
from allocate.lots.auction import Auction
from allocate.lots.bidders import Bidders
from allocate.study.scenario import Setting


def contradictions(
    auction: Auction,
    bidders: Bidders,
    rules: Mapping[str, Setting],
    said: Mapping[str, tuple[str, str]],
) -> list[Fault]:
    """Find limits that cannot hold together, whoever bids what.

    Parameters
    ----------
    auction, bidders
        Bids and who makes them.
    rules
        As the notice has them.
    said
        Where each key of the notice stands, and what it says.
    """
    lots = auction.member.shape[1]
    owners = len({int(bidders.owner[k]) for k in auction.bidder})
    winners = rules["winners_range"]
    least, most = (int(winners.options[key]) for key in ("minimum", "maximum"))
    most = min(most, owners)
    faults = []

    def wrong(key: str, problem: str, remedy: str) -> None:
        place, text = said.get(key, ("notice.csv", ""))
        faults.append(Fault(place, f'{key} = "{text}"', problem, remedy))

    if winners.mode == "hard" and least > int(winners.options["maximum"]):
        problem = "is above winners_maximum"
        wrong("winners_minimum", problem, "Correct one of the two")
    elif winners.mode == "hard" and least > min(lots, owners):
        problem = f"there are {lots} lots and {owners} owners who bid"
        wrong("winners_minimum", problem, "Ask for fewer winners")
    limit = rules["award_limit"]
    if limit.mode == "hard" and int(float(limit.value or 0)) * most < lots:
        problem = f"{most} owners with so many lots each cannot take {lots} lots"
        wrong("award_limit", problem, "Raise the limit")
    share = rules["share_limit"]
    if share.mode == "hard" and float(share.value or 0) * most < 1:
        problem = f"{most} owners with that share each cannot take everything"
        wrong("share_limit", problem, "Raise the share")
    return faults
