"""Why a bid wins or does not: the rule that bars it, or the smallest change by which it would."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import numpy as np

from allocate.core.comparing import Compared, Near
from allocate.errors import BadInput, Fault, nearest
from allocate.explanation import Claim, Explanation, Verdict
from allocate.labels import RATINGS
from allocate.lots.auction import PARTS, Auction
from allocate.lots.award_review import MEASURES, lots_of
from allocate.lots.award_tables import marks, money
from allocate.lots.bid_answer import barred_by, winning_price, winning_score
from allocate.lots.instance import Instance
from allocate.lots.solution import Solution
from allocate.study.scenario import Change
from allocate.units import THOUSAND, joined, with_pence
from allocate.variants import Variant, Varied

TOTAL = "price_pounds_per_year"


def explain_bid(variants: Any, label: str) -> Explanation:
    """Explain a bid: what it asks, what bars it, and what would have had to be otherwise.

    Each claim is the question with a change that anybody can make and ask again.

    Parameters
    ----------
    variants
        The answer that is asked about.
    label
        Id of the bid.

    Raises
    ------
    BadInput
        For a bid that the case does not have.
    """
    instance, solution = variants.answered.asked.instance, variants.answered.solution
    auction = instance.auction
    ids = () if auction is None else auction.ids
    if label not in ids:
        problem = f"no such bid{nearest(label, ids)}" if ids else "the case has no bids"
        fault = Fault("allocate explain", f'--bid "{label}"', problem, "Give a bid_id of bids.csv")
        raise BadInput("the command line", [fault])
    bid = ids.index(label)
    sections = [("What it is", list(_facts(instance, auction, bid)))]
    if decided := list(_decided(instance, bid)):
        return Explanation(f"Bid {label}", [*sections, ("What a person has decided", decided)])
    if bid in solution.won:
        claims = _without(variants, bid)
        sections.append(("It wins", [claim.text for claim in claims]))
        return Explanation(f"Bid {label}", sections, claims)
    winners = list(_winners(instance, auction, solution, bid))
    sections.append(("Who wins its lots", winners))
    barred = list(_barred(instance, bid))
    if barred:
        sections.append(("What bars it, whoever else wins", barred))
        change = _pin(instance, bid, "must")
        claims = [Claim("No award that keeps every rule has it.", (change,), "impossible")]
    else:
        claims = _with(variants, bid)
    sections.append(("What would have had to be otherwise", [claim.text for claim in claims]))
    return Explanation(f"Bid {label}", sections, claims)


def _decided(instance: Instance, bid: int) -> Iterator[str]:
    """Pins that settle whether a bid wins, whatever is asked."""
    auction, pinned = instance.auction, instance.pinned
    assert auction is not None
    if pinned.must[bid]:
        yield "It has to win (pins.csv)."
    if pinned.never[bid]:
        yield "It may not win (pins.csv)."
    for other in np.flatnonzero(pinned.must).tolist():
        if other != bid and (auction.member[other] & auction.member[bid]).any():
            yield f"{auction.ids[other]} has to win a lot that it is for (pins.csv)."


def _facts(instance: Instance, auction: Auction, bid: int) -> Iterator[str]:
    bidders, k = instance.bidders, int(auction.bidder[bid])
    lots = joined([instance.lots[j] for j in lots_of(auction, bid)])
    yield f"{bidders.names[k]} asks {with_pence(int(auction.price[bid]))} a year for {lots}."
    if auction.notice.weighs:
        score, points = marks(int(auction.score[bid])), marks(int(auction.points[bid]))
        yield f"Its quality score is {score}; by the published formula it has {points} points."


def _winners(instance: Instance, auction: Auction, solution: Solution, bid: int) -> Iterator[str]:
    for j in lots_of(auction, bid):
        for b in solution.won:
            if auction.member[b, j]:
                name = instance.bidders.names[auction.bidder[b]]
                points = (
                    f", {marks(int(auction.points[b]))} points" if auction.notice.weighs else ""
                )
                yield f"{instance.lots[j]}: {auction.ids[b]} of {name}{points}."


def _barred(instance: Instance, bid: int) -> Iterator[str]:
    """Hard rules and pins that it breaks by itself, with what it is short by."""
    auction = instance.auction
    assert auction is not None
    assert instance.given is not None
    for rule in barred_by(instance, bid):
        short = MEASURES[rule](instance, Solution(instance.given, (bid,))).short_by
        rating = RATINGS[instance.bidders.rating[auction.bidder[bid]]]
        said = f"its bidder is rated {rating}" if rule == "quality_floor" else "it breaks the rule"
        yield f"{rule}, by itself: {said}, short by {float(short):,.6g}."


def _pin(instance: Instance, bid: int, word: str) -> Change:
    """A pin that makes a bid win, or bars it."""
    auction = instance.auction
    assert auction is not None
    lot = instance.lots[lots_of(auction, bid)[0]]
    row = {"table": "lot-bid", "id": lot, "other_id": auction.ids[bid], "must_or_never": word}
    return Change(table="pins", add=[row])


def _whole(draft: Any) -> Near:
    """Every award is near: programs of awards are small."""
    lower, upper, _ = draft.program.bounds()
    return Near(lower, upper, np.zeros_like(lower))


def _asked(variants: Any, change: Change, *, restricts: bool) -> Compared | None:
    """Ask again with a change; None where time is up."""
    varied: Varied | None
    (varied,) = variants.ask([Variant((change,), _whole, restricts)], "awards asked again", 0.7)
    return None if varied is None else varied.compared


def _without(variants: Any, bid: int) -> list[Claim]:
    """What the best award without a winning bid is worse by."""
    change = _pin(variants.answered.asked.instance, bid, "never")
    compared = _asked(variants, change, restricts=True)
    return [_claim(variants, change, compared, "without it")]


def _with(variants: Any, bid: int) -> list[Claim]:
    """What the best award with a bid is worse by, and the price or score that would have won."""
    instance = variants.answered.asked.instance
    auction = instance.auction
    change = _pin(instance, bid, "must")
    compared = _asked(variants, change, restricts=True)
    claims = [_claim(variants, change, compared, "with it")]
    if compared is None or compared.low is None or compared.low != compared.high:
        return claims
    if compared.low == 0:
        return claims
    words = variants.answered.asked.question.levels[compared.level or 0]
    behind = {term: compared.low / Fraction(str(weight)) for term, weight in words.terms.items()}
    if len(behind) > 1 or not set(behind) <= {"price", "points"}:
        return claims
    pence, points = behind.get("price", Fraction()) * 100, behind.get("points", Fraction())
    price = winning_price(auction, bid, pence, points * THOUSAND)
    score = winning_score(auction, bid, points * THOUSAND)
    if price is not None and (set(behind) == {"price"}) != auction.notice.weighs:
        text = (
            f"At {with_pence(price)} a year or less it would have won; for a penny more, need not."
        )
        claims.append(_set(variants, bid, TOTAL, money(price), text))
    if score is not None and set(behind) == {"points"}:
        text = f"With a quality score of {marks(score)} it would have won at its own price."
        claims.append(_set(variants, bid, "score", marks(score), text))
    return claims


def _set(variants: Any, bid: int, column: str, value: str, text: str) -> Claim:
    """A claim about a bid with another price or score: as worked out, to be asked again."""
    bids = variants.answered.asked.tables["bids"]
    cells: dict[str, Any] = {column: float(value)}
    if column == TOTAL:  # in place of its parts, where it has any
        blank = bool(bids[TOTAL].isna().iloc[bid])
        cells |= dict.fromkeys([cell for part in PARTS for cell in part], "") if blank else {}
    change = Change(table="bids", where={"bid_id": bids["bid_id"].iloc[bid]}, set=cells)
    return Claim(text, (change,), "better", relaxes=True)


def _claim(variants: Any, change: Change, compared: Compared | None, how: str) -> Claim:
    """Say what the best award with or without a bid is worse by."""
    if compared is None:
        return Claim(f"The best award {how} was not worked out in the time.", (change,), "open")
    if compared.impossible:
        text = f"No award {how} lets every lot and keeps every rule."
        return Claim(text, (change,), "impossible")
    if compared.same:
        text = f"An award {how} is as good: the published tie-break decides."
        return Claim(text, (change,), "same")
    question = variants.answered.asked.question
    name = question.levels[compared.level].name
    verdict: Verdict = "better" if compared.better else "worse" if compared.worse else "open"
    low, high = (None if one is None else float(one) for one in (compared.low, compared.high))
    unit = "points" if name == "points" else "pounds a year"
    if low == high:
        by = f"{low:,.6g} {unit} worse"
    elif high is None:
        by = f"at least {low:,.6g} {unit} worse"
    else:
        by = f"{low:,.6g} to {high:,.6g} {unit} worse"
    text = f"The best award {how} is {by}, by {name}."
    return Claim(text, (change,), verdict, name, compared.low, compared.high)
