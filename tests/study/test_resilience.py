"""What a plan withstands: the case as planned, who goes, and who has no care week by week."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from allocate.answered import Answered, read_answer
from allocate.core.outcome import Watch
from allocate.errors import BadInput
from allocate.findings import Findings
from allocate.homecare.cover import Market, weeks_after
from allocate.homecare.events import Terms, events
from allocate.homecare.instance import Instance, build
from allocate.homecare.labels import HANDED_BACK
from allocate.homecare.pairs import open_at
from allocate.homecare.settled import settled
from allocate.homecare.solution import Solution, spare
from allocate.solving import solve
from allocate.study.asking import Study
from allocate.study.market import Chances
from allocate.study.resilience import resilience
from allocate.units import Ints
from helpers.cases import CommandLine

EXAMPLE = "models/homecare/example"
CHANCES = Chances(draws=20, seed=3, fails=0.3, sick=0.1, more=0.1)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The answer to the example."""
    return solve(EXAMPLE, gap=0, seconds=30).write(tmp_path_factory.mktemp("answer") / "result")


@pytest.fixture(scope="module")
def answered(folder: Path) -> Answered:
    """The same, read back."""
    return read_answer(folder)


@pytest.fixture(scope="module")
def planned(answered: Answered) -> tuple[Instance, Solution]:
    """The case once the plan is carried out, and everybody where they are."""
    asked = answered.asked
    tables = settled(asked.tables, asked.instance, answered.solution)
    instance = build(tables, asked.question)
    return instance, Solution(instance.packages.provider, instance.areas.leads)


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    """A folder that all studies here share: what is asked twice is solved once."""
    return Study(tmp_path_factory.mktemp("study") / "out", None, 1, Watch())


@pytest.fixture(scope="module")
def found(folder: Path, study: Study) -> Findings:
    """What the example's plan withstands."""
    return resilience(folder, study, Terms(13, 0.0), CHANCES)


# --------------------------------------------------------------------------------- as it is planned


def test_a_plan_carried_out_leaves_the_room_it_left(
    answered: Answered, planned: tuple[Instance, Solution]
) -> None:
    """By hand: ALDER has half an hour left, BIRCH half an hour of its grown room, CEDAR four."""
    instance, solution = planned
    assert (spare(instance, solution) / 60).tolist() == [0.5, 0.5, 4]
    assert solution.provider.tolist() == answered.solution.provider.tolist()
    assert solution.leads == answered.solution.leads
    assert instance.providers.growth.tolist() == [0, 0, 0], "what has grown grows no more"


def test_a_plan_carried_out_is_a_plan(planned: tuple[Instance, Solution]) -> None:
    """Nobody has to move in it: the review finds no fault."""
    from allocate.homecare.review import review

    instance, solution = planned
    assert review(instance, solution, instance_levels(instance)).faults == ()


def instance_levels(_: Instance) -> tuple[()]:
    """No level: only rules are looked at."""
    return ()


# ------------------------------------------------------------------------------------------- events


def test_every_lead_pair_and_owner_goes(answered: Answered) -> None:
    """Two leads alone and together, in three ways; and three owners."""
    listed = events(answered.asked.instance, answered.solution)
    names = [one.name for one in listed]
    assert len(names) == len(set(names)) == 3 * (2 + 1) + 3
    assert "BIRCH (S): leave" in names
    assert "ALDER (N) and BIRCH (S): hand back their packages" in names
    assert "owner CEDAR (CEDAR): leave" in names


def test_what_is_left_without_care(found: Findings) -> None:
    """By hand: P3 and P7 are with BIRCH; CEDAR has four hours, so P7 goes there and P3 waits."""
    row = found.tables["events"].set_index("event").loc["BIRCH (S): leave"]
    assert (row["people_affected"], row["hours_affected"]) == (2, 17.5)
    assert (row["people_without_care_at_last"], row["hours_without_care_at_last"]) == (1, 14)
    steps = found.tables["stepping_in"].set_index("event").loc["BIRCH (S): leave"]
    assert (steps["provider_id"], steps["area_id"], steps["people"]) == ("CEDAR", "N", 1)


def test_all_have_care_while_notice_runs(found: Findings) -> None:
    """Nobody is uncovered in the thirteen weeks of notice."""
    weeks = found.tables["weeks"]
    assert (weeks.loc[weeks["week"] <= 13, "people_uncovered"] == 0).all()
    last = weeks[weeks["event"] == "BIRCH (S): leave"].iloc[-1]
    assert (last["week"], last["people_uncovered"], last["hours_uncovered"]) == (14, 1, 14)


def test_a_lead_role_alone_leaves_all_in_care(found: Findings) -> None:
    """Who gives up the role keeps its packages, and somebody else leads."""
    row = found.tables["events"].set_index("event").loc["BIRCH (S): give up the lead role"]
    assert row["people_affected"] == 0
    assert row["new_leads"] in ("S ALDER", "S CEDAR")


def test_no_plan_covers_more_than_the_market_could(
    planned: tuple[Instance, Solution], found: Findings
) -> None:
    """What the flow says cannot be covered is a bound on every plan after an owner has left."""
    instance, solution = planned
    market = Market(instance, solution)
    waits = int(instance.packages.minutes[solution.provider < 0].sum())
    rows = found.tables["events"].set_index("owner_id")
    for number, owner in enumerate(instance.providers.owners):
        gone = instance.providers.owner == number
        least = market.uncovered(gone, instance.providers.capacity, market.waiting)
        assert rows.loc[owner, "hours_without_care_at_last"] * 60 + waits >= least


def test_a_study_repeats(folder: Path, found: Findings, study: Study) -> None:
    """The same seed draws the same years, and answers that are there are taken as they are."""
    again = resilience(folder, study, Terms(13, 0.0), CHANCES)
    assert again.tables["drawn"].equals(found.tables["drawn"])
    assert str(again) == str(found)


def test_more_of_anything_bad_is_never_better(found: Findings) -> None:
    """Hours that nobody can cover rise with demand and with sickness."""
    for name in ("demand", "sickness"):
        frame = found.tables[name]
        assert frame["hours_uncovered"].is_monotonic_increasing
        assert (frame["hours_uncovered"] >= frame["hours_uncovered_with_surge"]).all()


def test_one_area_may_be_asked_about(allocate: CommandLine, folder: Path, tmp_path: Path) -> None:
    """The page then is about that lead alone, with the notice in weeks."""
    words = ["--area", "S", "--notice-days", 90, "--out", tmp_path / "r", "--quiet"]
    run = allocate("resilience", folder, *words)
    assert run.code == 0, run.err
    assert "Notice of 13 weeks" in run.out
    assert "BIRCH (S): leave" in run.out
    assert "ALDER" not in run.out.replace("S ALDER", "").replace("ALDER takes", "")


@pytest.mark.parametrize(
    ("asked", "remedy"),
    [({"area": "W"}, "Give one of: North, N; South, S"), ({"kind": "dies"}, "lead role, packages")],
)
def test_what_cannot_happen_is_refused(
    folder: Path, study: Study, asked: dict[str, str], remedy: str
) -> None:
    """The message lists what can."""
    with pytest.raises(BadInput, match=remedy):
        resilience(folder, study, Terms(13, 0.0), CHANCES, **asked)


# ------------------------------------------------------------------------------------ week by week


def after(answered: Answered, ramp: int) -> tuple[Instance, Solution]:
    """P3 was handed back and is with BIRCH, which is newly lead and grows over so many weeks."""
    instance = answered.asked.instance
    packages = instance.packages
    status = packages.status.copy()
    status[packages.at["P3"]] = HANDED_BACK
    providers = replace(instance.providers, ramp=np.array([-1, ramp, -1]))
    instance = replace(instance, packages=replace(packages, status=status), providers=providers)
    provider = np.full(len(status), -1)
    provider[packages.at["P3"]] = 1
    return instance, Solution(provider, answered.solution.leads)


def test_growth_comes_in_equal_steps(answered: Answered) -> None:
    """By hand: P3 needs 14 of 8 + 10 hours, so six tenths of the growth: week 6 of 10."""
    weeks = weeks_after(*after(answered, 10), 2)
    others = int((answered.asked.instance.packages.status == HANDED_BACK).sum())
    assert (weeks.people - others).tolist()[2:] == [1, 1, 1, 0, 0, 0, 0, 0, 0]
    assert weeks.people[:2].tolist() == [0, 0], "those who leave work their notice"


def test_growth_without_a_ramp_is_there_at_once(answered: Answered) -> None:
    """Where no ramp is stated nobody waits for it."""
    weeks = weeks_after(*after(answered, -1), 2)
    others = int((answered.asked.instance.packages.status == HANDED_BACK).sum())
    assert weeks.people[2:].tolist() == [others]


# ----------------------------------------------------------------------------------- greatest flow


def by_linear_program(market: Market, gone: Ints, capacity: Ints, demand: Ints) -> float:
    """The least that cannot be covered, by a solver that knows nothing of flows."""
    providers, places = market.minutes.shape
    supply = np.concatenate([market.minutes.ravel(), demand])
    cells, gives = [], []
    for source in range(len(supply)):
        k, place = divmod(source, places) if source < providers * places else (-1, source % places)
        for other in range(providers):
            if not gone[other] and (other == k or market.open[place, other]):
                cells.append((source, other))
    rows = np.zeros((len(supply) + providers, len(cells)))
    for column, (source, other) in enumerate(cells):
        rows[source, column] = rows[len(supply) + other, column] = 1
        gives.append(-1)
    limits = np.concatenate([supply, np.maximum(capacity, 0)])
    if not cells:
        return float(supply.sum())
    solved = linprog(gives, A_ub=rows, b_ub=limits)
    return float(supply.sum() + solved.fun)


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_the_flow_is_the_greatest(planned: tuple[Instance, Solution], data: st.DataObject) -> None:
    """Whoever has gone and whatever room there is, no linear program covers more or less."""
    instance, solution = planned
    market = Market(instance, solution)
    size, places = market.minutes.shape
    gone = np.array(data.draw(st.lists(st.booleans(), min_size=size, max_size=size)))
    room = st.integers(0, 2000)
    capacity = np.array(data.draw(st.lists(room, min_size=size, max_size=size)))
    demand = np.array(data.draw(st.lists(room, min_size=places, max_size=places)))
    market.open = open_at(instance) & np.array(
        data.draw(st.lists(st.booleans(), min_size=size * places, max_size=size * places))
    ).reshape(places, size)
    expected = by_linear_program(market, gone, capacity, demand)
    assert market.uncovered(gone, capacity, demand) == pytest.approx(expected)
