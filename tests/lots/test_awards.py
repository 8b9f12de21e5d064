"""Awards agree with trying all on tiny auctions, with every rule, notice and discount."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from allocate.errors import BadInput
from allocate.solving import solve
from helpers.tiny_auctions import auction, best_by_hand
from helpers.tiny_lots import asked

WEIGHTS = "price_weight,60\nquality_weight,40\nfull_score,100\npackages,Yes\nalternatives,Yes\n"
NOTICE = WEIGHTS + "discounts,Yes\ntie_break,quality;price;drawn\n"
RULES: dict[str, dict[str, Any]] = {
    "none": {"within_capacity": {"mode": "report"}},
    "capacity": {},
    "turnover": {"turnover_limit": {"mode": "hard", "value": 0.5}},
    "owners": {"award_limit": {"mode": "hard", "value": 2}},
    "share": {"share_limit": {"mode": "hard", "value": 0.55}},
    "winners": {"winners_range": {"mode": "hard", "minimum": 2, "maximum": 2}},
    "quality": {"quality_floor": {"mode": "hard", "value": "Good"}},
    "small": {"sme_share": {"mode": "hard", "value": 0.4}},
    "soft": {
        rule: {"mode": "soft"}
        for rule in ("one_winner_per_lot", "within_capacity", "turnover_limit", "award_limit")
    }
    | {"share_limit": {"mode": "soft", "value": 0.3}, "sme_share": {"mode": "soft"}}
    | {"winners_range": {"mode": "soft", "minimum": 3, "maximum": 3}}
    | {"quality_floor": {"mode": "soft", "value": "Outstanding"}},
}


def agrees(case: Path, rules: dict[str, dict[str, Any]]) -> bool:
    """Solve a tiny auction and compare every level with trying all; whether there is an award."""
    try:
        question, instance = asked(case, rules=rules)
    except BadInput:  # a lot that nobody bids for, or a notice that cannot be kept
        return False
    best, awards = best_by_hand(instance, question.levels)
    result = solve(question)
    if best is None:
        assert result.status == "infeasible"
        return False
    assert result.status == "optimal"
    assert tuple(level.objective for level in result.levels) == best
    assert [level.bound for level in result.levels] == list(best)
    assert instance.auction is not None
    won = tuple(sorted(instance.auction.ids.index(b) for b in result.tables["awards"]["bid_id"]))
    assert won in awards
    return True


@pytest.mark.parametrize("name", list(RULES))
def test_the_cheapest_award_is_found(tmp_path: Path, name: str) -> None:
    """Where the lowest price wins, each rule by itself and all of them soft."""
    number = list(RULES).index(name)
    cases = [auction(tmp_path / str(seed), 10 * number + seed) for seed in range(3)]
    assert any([agrees(case, RULES[name]) for case in cases])


PUBLISHED = ("", "within_capacity,Yes\naward_limit,2\n", "share_limit,0.6\nwinners_minimum,2\n")


@pytest.mark.parametrize("rules", PUBLISHED)
def test_the_best_tender_is_found(tmp_path: Path, rules: str) -> None:
    """Where points are published, they decide, and what is published binds and nothing else."""
    cases = [auction(tmp_path / str(seed), 200 + seed, notice=NOTICE + rules) for seed in range(3)]
    assert any([agrees(case, {"quality_floor": {"mode": "hard"}}) for case in cases])
