"""Choices of beds, of lots and of awards: forced, free within a slack, tipped, and shaken."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from allocate.answered import read_answer
from allocate.beds import inputs as beds_inputs
from allocate.beds import shocks as beds_shocks
from allocate.core.outcome import Watch
from allocate.errors import BadInput
from allocate.findings import Findings
from allocate.lots import inputs as lots_inputs
from allocate.solving import solve
from allocate.study.alternatives import alternatives
from allocate.study.asking import Study
from allocate.study.market import Chances
from allocate.study.resilience import resilience
from allocate.study.tipping import tipping
from allocate.study.why import why
from helpers.cases import CommandLine
from helpers.tiny_lots import asked, write

BEDS = Path("models/beds/example")
WITHOUT_ASH = """
question = "Ash Lodge is not to be booked."
case = "{case}"
model = "beds"
[[change]]
table = "pins"
add = [{{ table = "offer", id = "A", must_or_never = "never" }}]
"""
# Two lots in a row. B1 asks 10 for each; B2 asks 12 for L1 and 11 for L2, B3 asks 15 for both.
AWARD = {
    "places": "place_id,population_75_plus\nP1,1\nP2,1",
    "borders": "place_a,place_b\nP1,P2",
    "lots": "lot_id,cell_id\nL1,P1\nL2,P2",
    "packages": "package_id,place_id,hours_per_week,status\nC1,P1,5,waiting\nC2,P2,5,waiting",
    "bidders": "bidder_id\nB1\nB2\nB3",
    "bids": "bid_id,bidder_id,price_pounds_per_year\n"
    "b11,B1,1000\nb12,B1,1000\nb21,B2,1200\nb22,B2,1050\nb33,B3,4000",
    "bid_lots": "bid_id,lot_id\nb11,L1\nb12,L2\nb21,L1\nb22,L2\nb33,L1\nb33,L2",
}


def text(found: Findings, title: str) -> str:
    """The lines of the section that begins so."""
    return "\n".join(next(lines for name, lines in found.sections if name.startswith(title)))


def study(folder: Path) -> Study:
    """A study in a folder of its own, each question within its own limits."""
    return Study(folder, None, 1, Watch())


@pytest.fixture(scope="module")
def beds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The answer to the example of winter beds: two beds at Ash Lodge, 8,800 points."""
    return solve(BEDS, gap=0.00002, seconds=20).write(tmp_path_factory.mktemp("beds") / "result")


@pytest.fixture(scope="module")
def barred(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The answer where Ash Lodge may not be booked: two beds at Bay House, 1,200 more."""
    home = tmp_path_factory.mktemp("barred")
    path = home / "without_ash.toml"
    path.write_text(WITHOUT_ASH.format(case=BEDS.resolve().as_posix()), encoding="utf-8")
    return solve(path, gap=0.00002, seconds=20).write(home / "result")


def award(folder: Path, **changed: str) -> Path:
    """An answer of the tiny award, some of its tables replaced."""
    question, _ = asked(write(folder / "case", {**AWARD, **changed}))
    return solve(question).write(folder / "result")


@pytest.fixture(scope="module")
def awarded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The answer of the tiny award: both lots to B1."""
    return award(tmp_path_factory.mktemp("awarded"))


# ----------------------------------------------------------------------------------------- why


def test_a_booking_forced_by_hand(beds: Path, barred: Path) -> None:
    """Two beds at Bay House cost 1,200 more than at Ash Lodge; forced beside it, both are paid."""
    assert read_answer(beds).review.levels[0] == 8800
    assert read_answer(barred).review.levels[0] == 10000
    found = why(beds, barred, "offer", "A", seconds=30, watch=Watch())
    assert "a pin says never" in text(found, "The choice of A (example) forced into B")
    assert "priced sum: 1,200 points more" in text(found, "The choice of B (without_ash)")
    row = found.tables["forced"].iloc[1]
    assert (row["at_least_more"], row["at_most_more"]) == (1200, 1200)


@pytest.mark.slow
def test_a_booking_that_is_not_offered_is_refused_in_words(beds: Path, barred: Path) -> None:
    """B is booked for two beds in the one, and in the other it can be: what that costs is said."""
    found = why(beds, barred, "offer", "B", seconds=30, watch=Watch())
    # Two of four beds are then at Bay House: 7,200 and a severe winter that costs nothing.
    lines = text(found, "The choice of B (without_ash) forced into A")
    assert "B: 2 beds, weeks 1 to 6, in place of not booked" in lines


def test_an_award_forced_by_hand(awarded: Path, tmp_path: Path) -> None:
    """B2 wins L2 where B1 may not; forced into the first award that is 50 dearer."""
    pins = "table,id,other_id,must_or_never\nlot-bid,L2,b12,never\n"
    other = award(tmp_path, pins=pins)
    found = why(awarded, other, "lot", "L2", seconds=20, watch=Watch())
    assert "price: £50 a year more" in text(found, "The choice of B (tiny) forced into A")
    assert "barred by a pin" in text(found, "The choice of A (tiny) forced into B")


def test_a_pin_in_the_way_is_named(tmp_path: Path) -> None:
    """A bid that must win and breaks the capacity of its bidder: both stand in the conflict."""
    pins = "table,id,other_id,must_or_never\nlot-bid,L2,b12,must\n"
    case = write(
        tmp_path / "case",
        {**AWARD, "pins": pins, "bidders": "bidder_id,capacity_hours\nB1,4\nB2,\nB3,"},
    )
    question, _ = asked(case)
    result = solve(question)
    assert result.status == "infeasible"
    assert "b12 must win" in result.summary
    assert "within_capacity" in result.summary


def test_a_lot_that_is_drawn_is_forced(tmp_path: Path) -> None:
    """Three places in a row, two lots: which neighbour the middle joins is a choice."""
    case = {
        "places": "place_id,easting_m,northing_m,population_75_plus\n"
        "P1,0,0,10\nP2,1000,0,10\nP3,3000,0,10",
        "borders": "place_a,place_b\nP1,P2\nP2,P3",
    }
    rules = {"number_of_lots": {"minimum": 2, "maximum": 2}, "balanced": {"value": 0.5}}
    one, _ = asked(write(tmp_path / "one", case), rules=rules)
    pins = "table,id,other_id,must_or_never\ncell-lot,P2,X,must\ncell-lot,P3,X,must\n"
    two, _ = asked(write(tmp_path / "two", {**case, "pins": pins}), rules=rules)
    folders = [solve(q).write(tmp_path / f"result{n}") for n, q in enumerate((one, two))]
    found = why(*folders, "cell", "P2", seconds=20, watch=Watch())
    # The middle is 1 km from the first and 2 km from the third: 10 people a kilometre further.
    assert "travel: 10 person-km more" in text(found, "The choice of B (tiny) forced into A")


def test_only_answers_of_one_model_are_compared(beds: Path, awarded: Path) -> None:
    """And only of choices that the model makes."""
    with pytest.raises(BadInput, match="beds and lots"):
        why(beds, awarded, "offer", "A", seconds=1, watch=Watch())
    with pytest.raises(BadInput, match="choose no area"):
        why(beds, beds, "area", "S", seconds=1, watch=Watch())


# ------------------------------------------------------------------------------------ alternatives


def chosen(found: Findings, kind: str) -> dict[str, tuple[str, str]]:
    """What is seen of each thing of a kind, and whether it could be otherwise."""
    frame = found.tables["choices"]
    mine = frame[frame["kind"] == kind]
    return {row.id: (row.seen, row.choice) for row in mine.itertuples()}


def test_bookings_that_have_to_be(beds: Path) -> None:
    """By hand: without Ash Lodge the sum is 1,200 more, beyond a tenth of it and within a half."""
    tight = alternatives(beds, slack=0.1, count=1, seconds=20, watch=Watch())
    assert chosen(tight, "offer")["A"][1] == "none without it"
    wide = alternatives(beds, slack=0.5, count=1, seconds=20, watch=Watch())
    assert chosen(wide, "offer")["A"][1] == "free"
    limit = 8800 + 0.5 * 8800
    assert (wide.tables["plans"]["priced sum"] <= limit).all()


def test_awards_that_have_to_be(awarded: Path) -> None:
    """By hand: 2,000 is least; with B2 in L2 2,050, with B2 in L1 2,200, so 5% frees L2 alone."""
    found = alternatives(awarded, slack=0.05, count=3, seconds=20, watch=Watch())
    lots = chosen(found, "lot")
    assert lots["L1"] == ("b11", "none without it")
    assert lots["L2"] == ("b12|b22", "free")


# ----------------------------------------------------------------------------------------- tipping


def test_an_award_tips_where_the_next_bid_is_cheaper(
    awarded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By hand: 5% more makes B1 as dear as B2 in L2, and 10% more dearer."""
    monkeypatch.setattr(lots_inputs, "DEARER", (1.02, 1.1))
    found = tipping(awarded, study(tmp_path / "tips"), draws=2)
    rows = found.tables["inputs"].set_index("value")
    assert rows.loc[1.02, "verdict"] == "holds"
    assert rows.loc[1.1, "verdict"] == "tips"
    assert rows.loc[1.1, "chosen"] == "L1 b11; L2 b22"


@pytest.mark.slow
def test_bookings_tip_where_nobody_comes_to_need_them(
    beds: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By hand: Bay House is better where its rate falls below that of Ash Lodge; prices alike, no.

    Ten times as dear, two beds cost 60,000 and a winter without them 33,600: they are not booked.
    """
    prices = {
        "price of beds booked ahead": ("block_offers", "rate_pounds_per_bed_week", (1.1, 10.0))
    }
    monkeypatch.setattr(beds_inputs, "PRICES", prices)
    monkeypatch.setattr(beds_inputs, "PEOPLE", ())
    monkeypatch.setattr(beds_inputs, "WAITS", ())
    found = tipping(beds, study(tmp_path / "tips"), draws=2)
    rows = found.tables["inputs"].set_index("value")
    assert rows.loc[1.1, "verdict"] == "holds"
    assert rows.loc[10.0, "verdict"] == "tips"
    assert rows.loc[10.0, "chosen"] == ""


# -------------------------------------------------------------------------------------- resilience


def shaken(folder: Path, out: Path, **asked_for: Any) -> Findings:
    """What a plan withstands; terms and chances are of home care alone."""
    from allocate.homecare.events import Terms

    return resilience(folder, study(out), Terms(0, 0.0), Chances(0, 1, 0.0, 0.0, 0.0), **asked_for)


@pytest.mark.slow
def test_a_home_that_closes(beds: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By hand: without its two beds a plan is worth 33,600, 24,800 more; anew Bay House has two."""
    monkeypatch.setattr(beds_shocks, "MORE", ())
    found = shaken(beds, tmp_path / "out")
    row = found.tables["events"].set_index("event").loc["Ash Lodge, ASH closes (2 beds)"]
    assert row["held_priced_sum_at_least"] == pytest.approx(24800, abs=20)
    assert row["anew_priced_sum_at_most"] == pytest.approx(1200, abs=20)
    assert "B 2 beds, weeks 1 to 6 in place of nothing" in row["chosen_anew"]


def test_an_owner_that_withdraws(awarded: Path, tmp_path: Path) -> None:
    """By hand: without B1 the two bids of B2 cost 2,250, 250 more."""
    found = shaken(awarded, tmp_path / "out")
    (row,) = found.tables["events"].to_dict("records")
    assert row["event"] == "B1 withdraws, winner of L1 and L2"
    assert row["anew_price_more"] == 250
    assert row["chosen_anew"] == "L1 b21 in place of b11; L2 b22 in place of b12"


# ------------------------------------------------------------------------ studies without a meaning


def test_a_study_without_meaning_says_why(
    allocate: CommandLine, beds: Path, tmp_path: Path
) -> None:
    """And what to ask instead; no traceback."""
    run = allocate("through", beds, "--out", tmp_path / "t", "--quiet")
    assert run.code == 2
    assert "has no meaning for the model beds: bookings are made once" in run.err
    assert "allocate stress" in run.err
    run = allocate("backtest", BEDS, "--out", tmp_path / "b", "--quiet")
    assert "has no meaning for the model beds" in run.err


def test_rules_of_lots_can_be_asked_about(allocate: CommandLine, tmp_path: Path) -> None:
    """One that cannot be kept in such a question is told, not fallen over."""
    case = write(tmp_path / "case", AWARD)
    words = ["--rule", "one_winner_per_lot", "--out", tmp_path / "e", "--cores", 1, "--quiet"]
    run = allocate("effects", case, *words)
    assert run.code == 0
    assert "without it nothing would be let" in run.out
