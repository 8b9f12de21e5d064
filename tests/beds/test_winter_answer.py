"""An answer of winter beds: written, read back, split to homes, explained, put to the test."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from allocate.answered import read_answer
from allocate.asked import prepare
from allocate.beds.filled import PARTS, filled
from allocate.beds.policy import run
from allocate.beds.recount import Recount
from allocate.beds.review import review
from allocate.beds.solution import UNIT
from allocate.beds.studies import ROUGH, knowing, met, one_more
from allocate.beds.variants import hours_at_home
from allocate.bounds import check_bounds
from allocate.core.again import Again
from allocate.core.outcome import Watch
from allocate.errors import BadInput
from allocate.recorded import solve as recorded
from allocate.result import INFEASIBLE, OPTIMAL
from allocate.solving import solve
from allocate.stressing import people_at_home, put_to_test, stress
from helpers.cases import CommandLine, copy_case, edit

OK_WINTER = Path(__file__).resolve().parents[1] / "cases" / "ok_winter"
EXAMPLE = Path(__file__).resolve().parents[2] / "models" / "beds" / "example"


@pytest.fixture(scope="module")
def answer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A result folder of ok_winter."""
    folder = tmp_path_factory.mktemp("winter") / "result"
    result = solve(OK_WINTER, seconds=30, gap=0, method="highs")
    assert result.status == OPTIMAL
    return result.write(folder)


def test_a_plan_is_read_back_as_it_was_written(answer: Path) -> None:
    """Bookings and flows of a folder are the plan, to the last part of a person."""
    answered = read_answer(answer)
    assert answered.review.passed
    written = answered.record["levels"][0]["objective"]
    assert float(answered.review.levels[0]) == pytest.approx(written, rel=1e-12)


@pytest.mark.parametrize(
    ("table", "old", "new"),
    [
        ("flows", ",block,", ",spot,"),  # somebody is in another bed
        ("bookings", ",1,6,", ",1,4,"),  # a booking is shorter
    ],
)
def test_a_changed_answer_is_refused(
    answer: Path, tmp_path: Path, table: str, old: str, new: str
) -> None:
    """A folder of which one table was changed by hand is no answer any more."""
    folder = tmp_path / "changed"
    folder.mkdir()
    for path in answer.rglob("*"):
        if path.is_file():
            target = folder / path.relative_to(answer)
            target.parent.mkdir(exist_ok=True)
            target.write_bytes(path.read_bytes())
    text = (folder / f"{table}.csv").read_text(encoding="utf-8")
    assert old in text
    (folder / f"{table}.csv").write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(BadInput):
        read_answer(folder)


def test_the_bound_is_proven_again_from_the_folder(tmp_path: Path) -> None:
    """What the certificate's prices prove is counted again in whole numbers."""
    result = solve(OK_WINTER, seconds=30, gap=0.0005)
    checked = check_bounds(result.write(tmp_path / "result"))
    assert [level.stands for level in checked] == [True]
    assert result.levels[0].proven is not None
    assert result.levels[0].proven > result.levels[0].fixed or result.levels[0].prices.rows


def test_people_are_split_over_homes_exactly(answer: Path) -> None:
    """In each winter and week homes hold as many as their beds, and together all who are there."""
    answered = read_answer(answer)
    instance, solution = answered.asked.instance, answered.solution
    people, _ = filled(instance, solution)
    recount, offers = Recount(instance, solution), instance.offers
    inside = recount.in_booked()
    room = recount.room()
    for z, g in np.ndindex(instance.axes.shape[:2]):
        mine = (offers.zone[solution.offer] == z) & (offers.care[solution.offer] == g)
        assert np.array_equal(people[:, mine].sum(axis=1), inside[:, z, g])
        assert (people[:, mine].sum(axis=1) <= room[:, z, g]).all()
    beds = solution.beds[None, :, None]
    assert (people <= beds * PARTS).all()
    assert (people >= 0).all()


def test_cash_adds_up_however_it_is_told(answer: Path) -> None:
    """Payments by week add up to bookings, sources to the whole, and winters to the mean."""
    tables = {p.stem: pd.read_csv(p) for p in answer.glob("*.csv")}
    sources = ["council_pounds", "nhs_pounds", "grant_pounds"]
    bookings, payments = tables["bookings"], tables["payments"]
    assert bookings[sources].sum(axis=1).tolist() == pytest.approx(bookings["cash_pounds"].tolist())
    weeks = payments.groupby("offer_id")[sources].sum().sum(axis=1).sort_index()
    booked = bookings.set_index("offer_id")["cash_pounds"].sort_index()
    assert weeks.tolist() == pytest.approx(booked.tolist())
    samples = tables["samples"]
    assert samples[sources].sum(axis=1).tolist() == pytest.approx(
        samples["cash"].tolist(), abs=0.02
    )
    mean = float((samples["cash"] * samples["probability"]).sum())
    recorded = read_answer(answer).record["terms"]["cash"]["amount"]
    assert mean == pytest.approx(recorded, abs=0.02)


def test_flows_of_the_file_add_up_to_the_winter(answer: Path) -> None:
    """Everybody who comes in flows.csv is placed or waits at the end of the last week."""
    flows = pd.read_csv(answer / "flows.csv")
    instance = prepare(OK_WINTER).instance
    for s, sample in enumerate(instance.winters.ids):
        mine = flows[flows["sample_id"] == sample]
        placed = mine[mine["to"].isin(["block", "spot", "alternative"])]["people"].sum()
        last = mine[(mine["to"] == "waiting") & (mine["week"] == 6)]["people"].sum()
        came = instance.winters.arrivals[s].sum() + instance.backlog.sum()
        assert placed + last == pytest.approx(came, abs=1e-6)


def test_summary_has_what_a_planner_asks_for(answer: Path) -> None:
    """Bookings with dates and payers, the winter by week, good and bad winters, triggers."""
    text = (answer / "summary.txt").read_text(encoding="utf-8")
    for title in (
        "What to book",
        "Money, gross, by who pays",
        "Week by week",
        "The middle winter, and the worst 5 in 100",
        "When to do more",
        "When they fill",
        "When to begin to empty them",
        "Other care for the same money",
        "Choice",
    ):
        assert f"\n{title}\n" in text
    assert re.search(r"week 1, 01/12/2025 +week \d, ", text)
    assert "which the NHS bears" in text


@pytest.mark.parametrize(
    ("home", "said"),
    [
        ("H1", "Booked: "),
        ("Cedar Lodge", "Beds"),
        ("H2", "O2: residential, 2 to 3 beds"),
    ],
)
def test_a_home_is_explained(answer: Path, home: str, said: str, allocate: CommandLine) -> None:
    """What a home offers, what of it is booked, and from when on it pays."""
    told = allocate("explain", answer, "--home", home)
    assert told.code == 0
    assert said.lower() in told.out.lower()
    assert "it pays if it is in use" in told.out


def test_an_unknown_home_is_refused(answer: Path, allocate: CommandLine) -> None:
    """An id that is no home's is named, with the closest there is."""
    told = allocate("explain", answer, "--home", "H33")
    assert told.code == 2
    assert "no such home" in told.err


def test_care_at_home_is_set_beside_beds(answer: Path) -> None:
    """Two and a half weeks on average at 500 a week are 1,250: 80 people for 100,000."""
    text = (answer / "summary.txt").read_text(encoding="utf-8")
    row = next(line for line in text.splitlines() if "home care  " in line)
    assert re.search(r"£1,250 +80\.0 .* 0\.5$", row)


def test_spare_hours_of_home_care_are_room_for_people() -> None:
    """Ten people at once who stay two and a half weeks: four more may begin in a week."""
    instance = prepare(OK_WINTER).instance
    ((name, changed),) = hours_at_home(instance, 10.0)
    assert name.startswith("4.0 more a week begin with home care")
    assert changed.market.alternatives.capacity.tolist() == [4500]
    assert instance.market.alternatives.capacity.tolist() == [500]


def test_hours_to_spare_are_those_of_a_home_care_plan(tmp_path: Path, answer: Path) -> None:
    """Solved by hand: half an hour, half an hour and 4 are left, and packages take 49 / 7."""
    small = Path(__file__).resolve().parents[2] / "models" / "homecare" / "example"
    folder = solve(small, seconds=30).write(tmp_path / "result")
    assert people_at_home(folder) == pytest.approx(5 / 7)
    with pytest.raises(BadInput, match="Only plans of home care"):
        people_at_home(answer)


# ------------------------------------------------------------------------------------ one winter


def test_one_winter_is_planned_as_if_known(tmp_path: Path) -> None:
    """With one possible winter the plan is that of the winter: knowing it is worth nothing."""
    case = copy_case(tmp_path / "case", base=OK_WINTER)
    for table in ("arrivals", "closures"):
        text = (case / f"{table}.csv").read_text(encoding="utf-8").splitlines()
        kept = [text[0], *(line for line in text[1:] if line.startswith("severe"))]
        (case / f"{table}.csv").write_text("\n".join(kept) + "\n", encoding="utf-8")
    edit(case, "samples", "mild,0.6\nsevere,0.4", "severe,1")
    result = solve(case, seconds=30, gap=0, method="highs")
    answered = read_answer(result.write(tmp_path / "result"))
    found = knowing(answered.asked.instance, answered.solution, again(), 20.0)
    assert found.known is not None
    assert found.known[0] == pytest.approx(found.known[1], rel=1e-4)
    assert found.known[2] <= found.known[0] * (1 + 1e-9)
    assert found.known[2] == pytest.approx(found.known[0], rel=ROUGH)


def again() -> Again:
    """A general solver for studies."""
    return Again(60.0, 1, Watch(), "allocate.core.highs")


# -------------------------------------------------------------------------------------- studies


def test_planning_for_both_winters_is_worth_what_the_hand_says(tmp_path: Path) -> None:
    """The example's plan for the mean winter costs 19,100, and knowing would save 3,200."""
    result = solve(EXAMPLE, seconds=30, gap=0, method="highs")
    answered = read_answer(result.write(tmp_path / "result"))
    found = knowing(answered.asked.instance, answered.solution, again(), 20.0)
    assert found.plan == 8800
    assert found.mean_plan == 19100
    assert found.mean_beds == 1
    assert found.known is not None
    assert found.known[0] - found.known[1] == pytest.approx(3200, abs=1)
    assert found.known[0] - found.known[2] >= 3200 - 1


def test_one_bed_more_is_worth_what_solving_again_says(tmp_path: Path) -> None:
    """A third bed costs 3,600 and saves 2,000 on average and 800 of the tail."""
    result = solve(EXAMPLE, seconds=30, gap=0, method="highs")
    answered = read_answer(result.write(tmp_path / "result"))
    found, unseen = one_more(answered.asked.instance, answered.solution, again(), 12, 20.0)
    assert unseen == 0
    assert [(m.offer, m.booked, m.more, m.worth) for m in found] == [(1, 0, 1, -800)]


def test_without_hindsight_no_rule_is_broken_and_nothing_is_cheaper(answer: Path) -> None:
    """Run week by week the plan keeps every rule about beds, and costs no less than foreseen."""
    answered = read_answer(answer)
    instance = answered.asked.instance
    done = run(instance, answered.solution)
    found = review(instance, done.solution, instance.levels)
    near = len(instance.winters.ids) * 1e-5
    for rule in ("occupancy_within_booked", "spot_within_vacancy", "choice_respected"):
        assert found.rules[rule].short_by <= near + float(done.stranded.sum())
    assert found.rules["everyone_counted"].short_by <= near
    foreseen = review(instance, met(instance, answered.solution, again()), instance.levels)
    assert found.levels[0] >= foreseen.levels[0] - 1


def test_people_in_parts_are_whole_parts(answer: Path) -> None:
    """Everything in a plan is counted in whole parts of a person."""
    flows = read_answer(answer).solution.flows
    assert flows is not None
    assert flows.booked.dtype == np.int64
    assert UNIT == 10**8


def test_stress_writes_its_sections_and_tables(tmp_path: Path, allocate: CommandLine) -> None:
    """The command says what planning is worth, and writes what one more bed is."""
    folder = solve(EXAMPLE, seconds=30, gap=0).write(tmp_path / "result")
    told = allocate("stress", folder, "--seconds", 120, "--quiet", "--out", tmp_path / "out")
    assert told.code == 0, told.err
    assert "planning for all of them is worth 10,300" in told.out
    assert {p.name for p in (tmp_path / "out").iterdir()} == {
        "summary.txt",
        "report.html",
        "one_more_bed.csv",
        "variants.csv",
    }


def test_solve_puts_the_plan_to_the_test(tmp_path: Path, allocate: CommandLine) -> None:
    """`allocate solve` alone answers all of it, as `allocate stress` does; done again, the same."""
    record, out = tmp_path / "record.sqlite", tmp_path / "out"
    told = allocate("solve", EXAMPLE, "--quiet", "--record", record, "--out", out)
    assert told.code == 0, told.err
    assert "planning for all of them is worth 10,300" in told.out
    for title in ("What each rule does", "Waiting against money", "What one more bed is worth"):
        assert f"\n{title}\n" in told.out
    assert {"one_more_bed.csv", "variants.csv"} <= {p.name for p in out.iterdir()}
    assert json.loads((out / "result.json").read_text(encoding="utf-8"))["replayable"]
    assert "planning for all of them is worth 10,300" in (out / "report.html").read_text("utf-8")
    assert len(read_answer(out).known) == 1
    replayed = allocate("replay", 1, "--quiet", "--record", record)
    assert replayed.code == 0, replayed.err
    assert "the same bytes" in replayed.out


def test_a_plan_is_put_to_the_test_only_where_that_is_asked(tmp_path: Path) -> None:
    """Studies solve many questions, and none of them pays for what a reader of one wants."""
    assert "variants" not in solve(EXAMPLE, seconds=30).tables
    assert "variants" not in recorded(EXAMPLE, seconds=30, record="none", stress=False).tables


def test_tests_without_time_say_so_and_give_no_figure(answer: Path) -> None:
    """Where the time is over nothing is made up, and the answer does not claim to repeat."""
    answered = read_answer(answer)
    run = answered.asked.question.limits
    found = put_to_test(answered.asked, answered.solution, run, 2 * run.seconds, Watch())
    assert found is not None
    assert found.timed
    assert found.tables["variants"]["points"].isna().all()
    assert found.tables["one_more_bed"].empty
    assert found.sections[-1][0] == "How far these tests came"
    text = "\n".join(line for _, lines in found.sections for line in lines)
    assert "not worked out in the time" in text
    assert "Nothing was found in the time" in text
    assert "no plan in the time" in text


def test_stress_is_for_winters_only(tmp_path: Path) -> None:
    """An answer of another model has no winters to try."""
    small = Path(__file__).resolve().parents[2] / "models" / "homecare" / "example"
    folder = solve(small, seconds=30).write(tmp_path / "result")
    with pytest.raises(BadInput, match="Only plans of winter beds"):
        stress(folder)


# ------------------------------------------------------------------------- what cannot all be met


def test_a_floor_that_no_budget_can_meet_is_named(tmp_path: Path) -> None:
    """Pins and a fee floor against a budget: both are named, with the sum that is missing."""
    case = copy_case(tmp_path / "case", base=OK_WINTER)
    (case / "pins.csv").write_text(
        "table,id,other_id,must_or_never,reason\noffer,O2,,must,promised\n", encoding="utf-8"
    )
    edit(case, "budgets", "30000", "2000")
    where = tmp_path / "floor.toml"
    where.write_text(
        'case = "case"\nmodel = "beds"\n[rules.fee_floor]\nmode = "raise"\nvalue = 900\n',
        encoding="utf-8",
    )
    result = solve(where, seconds=20)
    assert result.status == INFEASIBLE
    rules = {member["rule"] for member in result.record["conflict"]}
    assert rules == {"pins", "within_budget"}
    text = result.summary
    # Two beds for the four weeks that O2 asks for, at the floor: 7,200, half of it the council's.
    assert "for the fee floor" in text
    way = next(w for w in result.record["ways_out"] if w["gives"])
    assert way["words"][0].startswith("Raise the budget: council +£")
