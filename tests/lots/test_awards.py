"""Awards agree with trying all on tiny auctions, with every rule, notice and discount."""

from __future__ import annotations

import re
import shutil
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from allocate.errors import BadInput
from allocate.lots.review import review
from allocate.lots.solution import Solution
from allocate.solving import solve
from helpers.tiny_auctions import auction, best_by_hand
from helpers.tiny_lots import asked, write

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
    "step_in": {"step_in": {"mode": "hard", "value": 0.3}},
    "step_in_beyond": {
        "step_in": {"mode": "soft", "value": 0.6},
        "within_capacity": {"mode": "report"},
    },
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
    taken = result.tables["ties"]
    ties = {
        tuple(sorted(instance.auction.ids.index(b) for b in bids))
        for _, bids in taken.groupby("award")["bid_id"]
    }
    assert ties == set(awards)
    assert won in ties
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


@pytest.mark.parametrize("seed", [1, 3])
def test_pinned_bids_win_and_barred_ones_do_not(tmp_path: Path, seed: int) -> None:
    """What a person has decided holds, and the award is the best that keeps it."""
    case = auction(tmp_path / "case", seed)
    question, instance = asked(case, rules={})
    found = instance.auction
    assert found is not None
    _, ((out, *_), *_) = best_by_hand(instance, question.levels)
    _, ((*_, must), *_) = best_by_hand(instance, question.levels, {out})
    pins = [
        f"lot-bid,{instance.lots[found.member[bid].argmax()]},{found.ids[bid]},{word}"
        for bid, word in ((must, "must"), (out, "never"))
    ]
    text = "\n".join(["table,id,other_id,must_or_never", *pins])
    (case / "pins.csv").write_text(text + "\n", encoding="utf-8")
    assert agrees(case, {})


def best_without(instance: Any, question: Any, bidders: set[int]) -> Any:
    """The best levels of any award without some bidders, and the awards, by trying all."""
    found = instance.auction
    barred = {b for b in range(len(found.ids)) if int(found.bidder[b]) in bidders}
    return best_by_hand(instance, question.levels, barred)


@pytest.mark.parametrize(("seed", "notice"), [(1, ""), (202, NOTICE + "reserves,3\n")])
def test_the_next_best_and_reserves_agree_with_trying_all(
    tmp_path: Path, seed: int, notice: str
) -> None:
    """Without each winner the award is the best there is; reserves follow, one after the other."""
    question, instance = asked(auction(tmp_path / "case", seed, notice=notice), rules={})
    result = solve(question)
    ids, looked = instance.bidders.ids, 0
    auction_ = instance.auction
    assert auction_ is not None
    for row in result.tables["next_best"].itertuples():
        _, awards = best_without(instance, question, {ids.index(row.without_bidder_id)})
        named = tuple(sorted(auction_.ids.index(b) for b in row.bid_ids.split(";") if b))
        assert row.proven
        assert named in awards or (not named and not awards)
        looked += bool(named)
    assert looked
    reserves = result.tables["reserves"]
    assert set(reserves["rank"]) <= set(range(2, 2 + instance.auction.notice.reserves))
    for (lot, bid), rows in reserves.groupby(["lot_id", "bid_id"]):
        out = {int(auction_.bidder[auction_.ids.index(bid)])}
        for reserve in rows.sort_values("rank")["reserve_bid_id"]:
            _, awards = best_without(instance, question, out)
            j = instance.lots.index(lot)
            taken = {auction_.ids[b] for won in awards for b in won if auction_.member[b, j]}
            assert reserve in taken or (not reserve and not awards)
            if reserve:
                out.add(int(auction_.bidder[auction_.ids.index(reserve)]))


def changed(case: Path, bid: str, column: str, value: str) -> Path:
    """A copy of a case in which one bid has another price or score."""
    frame = pd.read_csv(case / "bids.csv", dtype=str, keep_default_na=False)
    frame.loc[frame["bid_id"] == bid, column] = value
    copy = case.parent / f"{case.name}-{bid}-{column}-{value}"
    shutil.copytree(case, copy)
    frame.to_csv(copy / "bids.csv", index=False)
    return copy


def wins(case: Path, bid: str) -> tuple[bool, bool]:
    """Whether a bid is in some best award of a tiny auction, and whether in all of them."""
    question, instance = asked(case, rules={})
    _, awards = best_by_hand(instance, question.levels)
    assert instance.auction is not None
    at = instance.auction.ids.index(bid)
    return any(at in won for won in awards), all(at in won for won in awards)


STEP = {"price_pounds_per_year": Decimal("0.01"), "score": Decimal("-0.001")}


@pytest.mark.parametrize(("seed", "notice"), [(1, ""), (202, NOTICE), (207, NOTICE)])
def test_a_bid_would_have_won_as_its_file_says(tmp_path: Path, seed: int, notice: str) -> None:
    """With the price or score that is named a bid wins; with one step less it need not."""
    case = auction(tmp_path / "case", seed, notice=notice)
    question, _ = asked(case, rules={})
    found = solve(question).tables["unsuccessful"]
    looked = 0
    for row in found.itertuples():
        for column, text in (
            ("price_pounds_per_year", row.would_win_at_pounds_per_year),
            ("score", row.would_win_at_score),
        ):
            if text:
                looked += 1
                assert wins(changed(case, row.bid_id, column, text), row.bid_id)[1]
                almost = str(Decimal(text) + STEP[column])
                assert not wins(changed(case, row.bid_id, column, almost), row.bid_id)[1]
        if row.barred_by:
            assert not wins(changed(case, row.bid_id, "price_pounds_per_year", "0.01"), row.bid_id)[
                0
            ]
    assert looked


def test_what_may_be_sent_tells_no_price_of_others(tmp_path: Path) -> None:
    """A bidder's letter has its own prices and no other's, and no points for a price."""
    case = auction(tmp_path / "case", 201, notice=NOTICE)
    question, instance = asked(case, rules={})
    result = solve(question)
    found = instance.auction
    assert found is not None
    letters = {name: text for name, text in result.texts().items() if name.endswith("to-send.txt")}
    assert len(letters) == len(set(found.bidder.tolist()))
    for name, text in letters.items():
        (k,) = [k for k, one in enumerate(instance.bidders.ids) if f"-{one}-" in name]
        told = set(re.findall(r"£([\d,.]+\d)", text))
        own = {f"{p / 100:,.2f}" for p in found.price[found.bidder == k].tolist()}
        assert told == own
        assert "equal," not in text  # with equal points the other's price could be worked out
        points = [f"{p / 1000:g}" for p in found.points.tolist()]
        assert not any(f" {one} points" in text for one in points)


def test_step_in_is_measured_by_what_others_have_left(tmp_path: Path) -> None:
    """Of ten hours that one owner wins, the other has 12 - 5 + 1.2 hours for."""
    case = write(
        tmp_path / "case",
        {
            "places": "place_id,population_75_plus\nP0,1\nP1,1\n",
            "borders": "place_a,place_b\nP0,P1\n",
            "lots": "lot_id,cell_id\nL0,P0\nL1,P1\n",
            "packages": "package_id,place_id,hours_per_week,status\nC0,P0,10,waiting\n"
            "C1,P1,5,waiting\n",
            "bidders": "bidder_id,capacity_hours\nA,10\nB,12\n",
            "bids": "bid_id,bidder_id,price_pounds_per_year\na,A,100\nb,B,100\n",
            "bid_lots": "bid_id,lot_id\na,L0\nb,L1\n",
        },
    )
    for share in (0.5, 1.0):
        # B's five hours: A has ten, all in use, and one of surge.
        question, instance = asked(case, rules={"step_in": {"value": share}})
        assert instance.given is not None
        found = review(instance, Solution(instance.given, (0, 1)), question.levels)
        by_hand = {"A": max(0.0, 10 * share - 8.2), "B": max(0.0, 5 * share - 1.0)}
        assert found.rules["step_in"].short_by == Fraction(str(round(sum(by_hand.values()), 3)))


def test_an_award_that_breaks_rules_is_told_so_by_the_review(tmp_path: Path) -> None:
    """A plan that no program has made is measured rule by rule."""
    case = auction(tmp_path / "case", 3)
    question, instance = asked(case, rules={})
    assert instance.given is not None
    nothing = review(instance, Solution(instance.given, ()), question.levels)
    assert nothing.rules["one_winner_per_lot"].short_by == len(instance.lots)
    assert not nothing.passed
