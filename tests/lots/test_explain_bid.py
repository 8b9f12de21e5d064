"""What is said of a bid is confirmed by trying all awards with its change made."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from allocate.answered import read_answer
from allocate.errors import BadInput
from allocate.explaining import explain
from allocate.explanation import Claim
from allocate.solving import solve
from allocate.study.change import apply
from helpers.tiny_auctions import auction, best_by_hand
from helpers.tiny_lots import asked

NOTICE = (
    "price_weight,60\nquality_weight,40\nfull_score,100\npackages,Yes\nalternatives,Yes\n"
    "discounts,Yes\ntie_break,quality;price;drawn\naward_limit,2\n"
)


def confirm(answered: Any, claim: Claim, bid: int) -> None:
    """Hold a claim against every award of the question with its change made."""
    question = answered.asked.question
    tables = apply(answered.asked.tables, claim.changes, "the claim")
    instance = answered.asked.model.build(tables, question)
    best, awards = best_by_hand(instance, question.levels)
    now = answered.review.levels
    if claim.verdict == "impossible":
        assert best is None
        return
    assert best is not None
    if claim.verdict == "same":
        assert best == now
    elif claim.verdict == "worse":
        assert best > now
        number = [level.name for level in question.levels].index(str(claim.level))
        assert claim.low == claim.high == best[number] - now[number]
    else:
        assert claim.verdict == "better"
        assert all(bid in won for won in awards)


@pytest.mark.parametrize(("seed", "notice"), [(1, ""), (202, NOTICE)])
def test_each_claim_about_a_bid_holds(tmp_path: Path, seed: int, notice: str) -> None:
    """Barred, worse by so much, or won at such a price or score: each as trying all says."""
    question, instance = asked(auction(tmp_path / "case", seed, notice=notice), rules={})
    solve(question).write(tmp_path / "result")
    answered = read_answer(tmp_path / "result")
    assert instance.auction is not None
    said = set()
    for bid, label in enumerate(instance.auction.ids):
        found = explain(tmp_path / "result", "bid", label, seconds=60)
        assert label in str(found)
        for claim in found.claims:
            said.add(claim.verdict)
            confirm(answered, claim, bid)
    assert {"worse", "better"} <= said


def test_a_bid_that_there_is_not_is_refused(tmp_path: Path) -> None:
    """The closest id is named."""
    question, _ = asked(auction(tmp_path / "case", 1), rules={})
    solve(question).write(tmp_path / "result")
    with pytest.raises(BadInput, match='--bid "b99": no such bid'):
        explain(tmp_path / "result", "bid", "b99", seconds=1)
