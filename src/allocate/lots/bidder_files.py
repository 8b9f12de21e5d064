"""For each bidder two texts: one for the council, and one that may be sent to the bidder.

The one that may be sent never tells another's price, nor anything that it could be worked out from:
points for price are such a thing, as the formula is published and each bidder knows its own price.
"""

from __future__ import annotations

import re

from allocate.card import read_card
from allocate.lots.auction import Auction
from allocate.lots.award_review import lots_of
from allocate.lots.award_tables import marks
from allocate.lots.award_words import differences, lacked, lots_named
from allocate.lots.awarded import Award
from allocate.lots.bid_answer import BidAnswer
from allocate.lots.instance import Instance
from allocate.lots.scores import quality_points
from allocate.units import joined, with_pence

PERSON = "This supports a decision; a person takes it."
# One sentence, whether or not awards were equal: where they are, a bidder that knows the formula
# and both quality scores could work out what the other asked.
OTHER = (
    "another award came first under the published rules, the ways to tell equal awards apart "
    "included."
)
DECIDED = "the council decided so; A PERSON HAS TO ADD THE REASONS BEFORE THIS IS SENT."
SILENT = (
    "Points for price are not stated: with the published formula they would tell what another "
    "bidder asked."
)


def bidder_texts(instance: Instance, award: Award) -> dict[str, str]:
    """Return both texts of each bidder that made a bid, by file name."""
    auction = instance.auction
    assert auction is not None
    found = {}
    names = _file_names(instance.bidders.ids)
    for k in sorted(set(auction.bidder.tolist())):
        found[f"bidder-{names[k]}-internal.txt"] = _internal(instance, auction, award, k)
        found[f"bidder-{names[k]}-to-send.txt"] = _to_send(instance, auction, award, k)
    return found


def _file_names(ids: tuple[str, ...]) -> list[str]:
    """A plain name for each id, no two alike."""
    names: list[str] = []
    for item in ids:
        plain = re.sub(r"[^\w-]+", "-", item).strip("-") or "bidder"
        taken = {name.casefold() for name in names}
        name, count = plain, 1
        while name.casefold() in taken:
            count += 1
            name = f"{plain}-{count}"
        names.append(name)
    return names


def _bids(auction: Auction, bidder: int) -> list[int]:
    return [b for b in range(len(auction.ids)) if auction.bidder[b] == bidder]


def _internal(instance: Instance, auction: Auction, award: Award, bidder: int) -> str:
    """What the council knows of a bidder's bids; not to be sent."""
    lines = [f"{instance.bidders.names[bidder]}: for the council only, not to be sent", ""]
    answers = {one.bid: one for one in award.bids}
    for b in _bids(auction, bidder):
        asked = (
            f"{auction.ids[b]} for {lots_named(instance, b)}, {with_pence(int(auction.price[b]))}"
        )
        points = f", {marks(int(auction.points[b]))} points" if auction.notice.weighs else ""
        lines.append(f"{asked} a year{points}")
        lines.append(f"  {_outcome(auction, answers.get(b))}")
    for other in award.next_best:
        if other.bidder != bidder:
            continue
        if other.won is None:
            why = "there is no award" if other.proven else "no award was found in the time"
            lines += ["", f"Without it {why} that lets every lot."]
            continue
        cost, lost = differences(auction, award.won, other.won)
        then = ", ".join(auction.ids[b] for b in other.won)
        more = f"{with_pence(abs(cost))} a year {'less' if cost < 0 else 'more'}"
        marks_lost = f" and loses {float(lost):g} points" if auction.notice.weighs else ""
        proven = "" if other.proven else " (not proven to be the best)"
        lines += ["", f"The next best award without it costs {more}{marks_lost}: {then}{proven}."]
    return "\n".join([*lines, "", PERSON, ""])


def _outcome(auction: Auction, answer: BidAnswer | None) -> str:
    return "wins" if answer is None else lacked(auction, answer)


def _to_send(instance: Instance, auction: Auction, award: Award, bidder: int) -> str:
    """What a bidder may be told: its own scores and the winners', with reasons, no price of others.

    Draft words: a person reads them before they go out.
    """
    notice = auction.notice
    lines = [f"To {instance.bidders.names[bidder]}", ""]
    if not award.decided or len(award.undecided) > 1:
        lines += ["DRAFT, NOT TO BE SENT YET: the award is not decided.", ""]
    if notice.weighs:
        lines.append(
            f"Tenders were judged by price ({float(notice.price_weight):g} per cent) and quality "
            f"({float(notice.quality_weight):g} per cent), as published."
        )
    else:
        lines.append("The award is the one whose prices together are lowest.")
    answers = {one.bid: one for one in award.bids}
    for b in _bids(auction, bidder):
        price = with_pence(int(auction.price[b]))
        lines += ["", f"Your bid {auction.ids[b]} for {lots_named(instance, b)}, {price} a year"]
        if notice.weighs:
            lines.append(f"  Your quality score: {_quality(auction, b)}.")
        answer = answers.get(b)
        if answer is None:
            lines.append("  It was successful.")
            continue
        lines.append(f"  It was unsuccessful: {_reason(instance, auction, answer)}")
        lines += [f"  {line}" for line in _winners(instance, auction, award, b)]
    if notice.weighs:
        lines += ["", SILENT]
    return "\n".join([*lines, "", PERSON, ""])


def _quality(auction: Auction, bid: int) -> str:
    notice, score = auction.notice, int(auction.score[bid])
    full = float(notice.full_score)
    worth = float(quality_points(notice, score))
    weight = float(notice.quality_weight)
    return f"{marks(score)} of {full:g}, worth {worth:.2f} of {weight:g} points"


def _reason(instance: Instance, auction: Auction, answer: BidAnswer) -> str:
    """Why a bid was unsuccessful, in words that tell nothing about what others asked."""
    taken = auction.member[instance.pinned.must].any(axis=0)
    if "pins" in answer.barred or (auction.member[answer.bid] & taken).any():
        return DECIDED
    if answer.barred:
        words = read_card("lots").rules
        rules = [f"{words[rule].title} ({rule})" for rule in answer.barred]
        return f"by itself it does not keep these rules: {joined(rules)}."
    if answer.possible is False:
        return "with it not every lot could have been awarded within the rules."
    return OTHER


def _winners(instance: Instance, auction: Auction, award: Award, bid: int) -> list[str]:
    """Who won the lots of a bid, and with which quality score."""
    lines = []
    for j in lots_of(auction, bid):
        winner = next((b for b in award.won if auction.member[b, j]), None)
        if winner is None:
            lines.append(f"{instance.lots[j]} was not awarded.")
            continue
        name = instance.bidders.names[auction.bidder[winner]]
        score = f"; quality score {_quality(auction, winner)}" if auction.notice.weighs else ""
        lines.append(f"{instance.lots[j]} was awarded to {name}{score}.")
    return lines
