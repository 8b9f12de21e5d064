"""Choices of an answer: forced into another, free within a slack, and what tips them."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from allocate.answered import read_answer
from allocate.core.outcome import Watch
from allocate.findings import Findings
from allocate.homecare import inputs
from allocate.result import Result
from allocate.solving import solve
from allocate.study.alternatives import alternatives
from allocate.study.asking import Study
from allocate.study.case import Case, Done
from allocate.study.scenario import Question
from allocate.study.scenario_file import read_scenario
from allocate.study.tipping import tipping
from allocate.study.tried import tried
from allocate.study.why import why
from helpers.cases import CommandLine

EXAMPLE = Path("models/homecare/example")
DECLINES = """
question = "BIRCH does not want to lead."
case = "{case}"
[[change]]
because = "It cannot recruit."
table = "providers"
where = {{ provider_id = "BIRCH" }}
set = {{ can_lead = false }}
"""


def written(result: Result, folder: Path) -> Path:
    """Write an answer."""
    return result.write(folder / "result")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The answer to the example."""
    return written(solve(EXAMPLE, gap=0, seconds=30), tmp_path_factory.mktemp("answer"))


@pytest.fixture(scope="module")
def declined(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The answer where BIRCH may not lead."""
    home = tmp_path_factory.mktemp("declined")
    path = home / "declines.toml"
    path.write_text(DECLINES.format(case=EXAMPLE.resolve().as_posix()), encoding="utf-8")
    return written(solve(path, gap=0, seconds=30), home)


def text(found: Findings, title: str) -> str:
    """The lines of the section that begins so."""
    return "\n".join(next(lines for name, lines in found.sections if name.startswith(title)))


# ----------------------------------------------------------------------------------------- why


@pytest.fixture(scope="module")
def apart(folder: Path, declined: Path) -> Findings:
    """Why South has another lead where BIRCH may not."""
    return why(folder, declined, "area", "South", seconds=20, watch=Watch())


def test_the_rule_that_forbids_a_choice_is_named(apart: Findings) -> None:
    """BIRCH cannot be had as lead where it may not lead."""
    assert "it may not lead (can_lead)" in text(apart, "The choice of A (example) forced into B")
    row = apart.tables["forced"].iloc[0]
    assert (row["option"], row["forbidden_by"]) == ("BIRCH", "it may not lead (can_lead)")


def test_what_a_choice_would_change_is_proven(apart: Findings) -> None:
    """By hand: without BIRCH as lead P3 waits, 84, and P5 need not, 10.5."""
    lines = text(apart, "The choice of B (declines) forced into A")
    assert "waiting: 73.5 weighted hours a week more" in lines


def test_how_the_questions_differ_is_said(apart: Findings) -> None:
    """The change that only one of them makes is told with its reason."""
    lines = text(apart, "What differs between the two questions")
    assert "changed in B: providers where provider_id is BIRCH: can_lead set to No" in lines
    assert "It cannot recruit" in lines


def test_what_is_the_same_needs_no_reason(folder: Path, declined: Path) -> None:
    """North is led by ALDER in both."""
    found = why(folder, declined, "area", "N", seconds=5, watch=Watch())
    assert "nothing to explain" in text(found, "Why")


def test_a_package_may_be_asked_about(folder: Path, declined: Path) -> None:
    """P3 is with BIRCH in the one, and in the other there is no room for it: no plan at all."""
    found = why(folder, declined, "package", "P3", seconds=20, watch=Watch())
    assert "No plan keeps every hard rule" in text(found, "The choice of A (example)")
    assert "within_capacity" in text(found, "The choice of A (example)")


def test_one_thing_is_asked_about(allocate: CommandLine, folder: Path, tmp_path: Path) -> None:
    """An area or a package, and not both."""
    words = ["--area", "S", "--package", "P3", "--out", tmp_path / "w"]
    run = allocate("why", folder, folder, *words)
    assert run.code == 2
    assert "Give one: --area" in run.err


# ------------------------------------------------------------------------------------ alternatives


@pytest.mark.parametrize("slack", [0.0, 0.3])
def test_every_plan_is_within_the_slack(folder: Path, slack: float) -> None:
    """Each level of each plan is reviewed, and at most so much worse; no two plans are alike."""
    found = alternatives(folder, slack=slack, count=4, seconds=15, watch=Watch())
    plans, answered = found.tables["plans"], read_answer(folder)
    for level, known in zip(answered.record["levels"], answered.known, strict=True):
        most = known.value + Fraction(str(slack)) * (known.value - Fraction(str(level["fixed"])))
        assert (plans[level["name"]] <= float(most)).all()
    assert (plans["package_otherwise"].iloc[1:] > 0).all()
    assert (len(plans) > 1) is (slack > 0), "by hand: one plan is left at the end"


def test_what_cannot_be_otherwise_is_proven(folder: Path) -> None:
    """By hand: only with BIRCH as lead of South does P3 not wait."""
    found = alternatives(folder, slack=0.3, count=2, seconds=10, watch=Watch())
    choices = found.tables["choices"].set_index(["kind", "id"])
    assert choices.loc[("area", "S"), "choice"] == "none without it"
    assert choices.loc[("area", "N"), "choice"] == ""
    assert choices.loc[("package", "P3"), "seen"] == "BIRCH"


def test_a_wide_slack_frees_the_lead(folder: Path) -> None:
    """Where waiting may be nine times as much, P3 may wait, and others may lead."""
    found = alternatives(folder, slack=9.0, count=3, seconds=10, watch=Watch())
    south = found.tables["choices"].set_index(["kind", "id"]).loc[("area", "S")]
    assert south["choice"] == "free"
    assert "|" in south["seen"]


# ----------------------------------------------------------------------------------------- tipping


@pytest.fixture(scope="module")
def tips(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Findings:
    """What decides the example, few values asked."""
    study = Study(tmp_path_factory.mktemp("tips") / "out", None, 1, Watch())
    with pytest.MonkeyPatch.context() as patched:
        for name in ("SHARES", "ARRIVALS", "ROOM", "RATES"):
            patched.setattr(inputs, name, ())
        patched.setattr(inputs, "HAIRCUTS", (0.1, 0.5))
        return tipping(folder, study, draws=2)


def test_leads_hold_where_growth_suffices(tips: Findings) -> None:
    """By hand: P3 needs 6 of 12.5 hours of growth, so half of it is enough."""
    rows = tips.tables["inputs"].set_index("value")
    assert rows.loc[0.5, "verdict"] == "holds"
    assert rows.loc[0.5, "chosen"] == "N ALDER; S BIRCH"


def test_a_lead_that_does_as_well_tips_nothing(tips: Findings) -> None:
    """With a tenth of it P3 waits whoever leads South: others do as well, and none better."""
    row = tips.tables["inputs"].set_index("value").loc[0.1]
    assert (row["verdict"], row["free_beside_held"]) == ("holds", "")


def done(question: Question, status: str, *levels: tuple[float, float]) -> Done:
    """What came of a question, made up."""
    rows = [
        {"name": str(n), "unit": "points", "objective": value, "bound": bound, "fixed": 0}
        for n, (value, bound) in enumerate(levels)
    ]
    return Done(Case("x", question), "", status, None, {"levels": rows} if rows else {})


@pytest.mark.parametrize(
    ("held", "free", "verdict"),
    [
        ([(5, 5), (9, 9)], [(5, 5), (9, 9)], "holds"),
        ([(5, 5), (9, 9)], [(5, 5), (8, 8)], "tips"),
        ([(5, 5), (9, 8)], [(5, 5), (9, 8)], "open"),
        ([(5, 4), (9, 9)], [(4, 4), (9, 9)], "open"),
        ([], [(4, 4)], "tips"),
        ([], [], "cannot be met"),
    ],
)
def test_a_verdict_is_proven_or_open(
    held: list[tuple[float, float]], free: list[tuple[float, float]], verdict: str
) -> None:
    """A lead is overtaken only where no plan with it comes up to one without."""
    question = read_scenario(EXAMPLE)
    point = inputs.Point("growth", "1", 0.5, question)
    fixed = done(question, "optimal" if held else "infeasible", *held)
    other = done(question, "optimal" if free else "infeasible", *free)
    assert tried(point, fixed, other).verdict == verdict
