"""What cannot all be met, confirmed by looking at every plan and by other solvers."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

import allocate
from allocate import conflict, registry, ways_out
from allocate.asked import Asked, prepare
from allocate.conflict import Conflict, find_conflict
from allocate.core.outcome import Watch
from allocate.errors import BadInput, SolverFailed
from allocate.report.conflict import no_plan
from allocate.study.scenario import Limits
from allocate.trial import Clockwork, Trial, together
from helpers import tiny
from helpers.cases import copy_case, write_scenario
from helpers.every_plan import Broken, Name, every_plan

STAY = {"placed_once", "needs_met", "locked_stay", "pins"}
EVERYDAY = (26, 35, 41, 75, 84, 85, 95, 118, 130, 152, 162, 172, 197)


def asked(seed: int) -> Asked | None:
    """Read a random case; None where its pins contradict the rest."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            return prepare(tiny.generate(seed).write(Path(folder)))
        except BadInput:
            return None


def searched(question: Asked, method: str = "highs", seconds: float = 60.0) -> Conflict:
    """Look for what cannot all be met."""
    run = Limits(seconds=seconds, gap=0.0)
    module = registry.method_module(method)
    return find_conflict(question, run, module, Watch(), method, seconds)


def confirm_sets(question: Asked, found: Conflict) -> None:
    """Look at every plan: each set is impossible, and possible without any one of its members."""
    for some in found.sets:
        names = together([member.part for member in some])
        lacking: set[int] = set()
        for broken in every_plan(question.instance, {rule for rule, _ in names}):
            hit = [n for n, m in enumerate(some) if told(question, m.part.names, broken)]
            assert hit, "a plan keeps every rule of the set"
            if len(hit) == 1:
                lacking.add(hit[0])
        assert lacking == set(range(len(some))), "a member can be left out"


def told(question: Asked, names: frozenset[Name], broken: Broken) -> bool:
    """Whether a plan breaks one of some names."""
    return not names.isdisjoint(broken)


def confirm_ways(question: Asked, found: Conflict) -> None:
    """Look at every plan: each way out is enough, and no plan needs less of the same rules."""
    hard = [rule for rule, setting in question.instance.rules.items() if setting.mode == "hard"]
    ways = [way for way in found.ways if way.gives]
    least: list[Fraction | None] = [None] * len(ways)
    if not ways:
        return
    for broken in every_plan(question.instance, [*hard, "pins"]):
        for number, way in enumerate(ways):
            if all(rule in way.rules for rule, _ in broken):
                amount = weighed(question, way.rules, broken)
                before = least[number]
                least[number] = amount if before is None else min(before, amount)
    for way, amount in zip(ways, least, strict=True):
        assert way.amount == amount
        assert way.least
        assert not STAY & set(way.rules)
        assert weighed(question, way.rules, dict(way.gives)) == amount
        assert way.review is not None
        short = {rule for rule, m in way.review.rules.items() if rule in hard and m.short_by > 0}
        assert short <= set(way.rules)


def weighed(question: Asked, rules: tuple[str, ...], broken: Broken) -> Fraction:
    """Add up what is broken: in the rule's unit, or in points where there are several."""
    price = {rule: Fraction(str(question.instance.rules[rule].price)) or 1 for rule in rules}
    return sum(
        (Fraction(by) * (price[rule] if len(rules) > 1 else 1) for (rule, _), by in broken.items()),
        Fraction(),
    )


def infeasible(seeds: Any) -> Iterator[tuple[Asked, Conflict]]:
    """Those of some random cases that cannot all be met, with what was found."""
    for seed in seeds:
        question = asked(seed)
        if question is None:
            continue
        with suppress(SolverFailed):  # there is a plan
            yield question, searched(question)


@pytest.mark.parametrize("seed", EVERYDAY)
def test_every_plan_confirms_a_conflict(seed: int) -> None:
    """Sets are impossible and none of them can be spared; ways out are enough, and least."""
    question = asked(seed)
    assert question is not None
    found = searched(question)
    assert found.sets
    assert found.smallest
    assert not found.timed
    confirm_sets(question, found)
    confirm_ways(question, found)


@pytest.mark.slow
@pytest.mark.parametrize("start", range(0, 640, 80))
def test_every_plan_confirms_many_conflicts(start: int) -> None:
    """The same of every random case that cannot all be met: some two hundred in all."""
    count = 0
    for question, found in infeasible(range(start, start + 80)):
        assert found.smallest
        confirm_sets(question, found)
        confirm_ways(question, found)
        count += 1
    assert count > 10


def confirm_by(question: Asked, found: Conflict, method: str) -> None:
    """Ask another solver: each set together, and without each of its members."""
    clockwork = Clockwork(600, Limits(), registry.method_module(method), method, Watch())
    for some in found.sets:
        parts = [member.part for member in some]
        # A fresh trial knows no plan yet, so that each question goes to the solver.
        assert Trial(question, clockwork).possible(together(parts)) is False
        for part in parts:
            others = together([other for other in parts if other is not part])
            assert Trial(question, clockwork).possible(others) is True


@pytest.mark.parametrize("seed", EVERYDAY[::4])
def test_another_solver_confirms_a_conflict(seed: int) -> None:
    """CP-SAT says the same of each set as HiGHS."""
    question = asked(seed)
    assert question is not None
    confirm_by(question, searched(question), "cp-sat")


@pytest.mark.slow
def test_another_solver_confirms_many_conflicts() -> None:
    """CP-SAT says the same of two hundred random cases."""
    for question, found in infeasible(range(640)):
        confirm_by(question, found, "cp-sat")


@pytest.mark.parametrize("method", ["scip", "cp-sat", "pulp"])
def test_every_method_finds_a_conflict(method: str) -> None:
    """Whatever the solver, what it names is confirmed by every plan."""
    question = asked(197)
    assert question is not None
    found = searched(question, method)
    assert found.sets
    confirm_sets(question, found)
    confirm_ways(question, found)


def test_a_plan_that_keeps_everything_is_no_conflict() -> None:
    """Where a plan keeps every hard rule after all, the solver that denied it is named as wrong."""
    with tempfile.TemporaryDirectory() as folder:
        question = prepare(copy_case(Path(folder) / "case"))
    with pytest.raises(SolverFailed, match="a plan keeps every hard rule"):
        searched(question)


def test_without_time_nothing_is_claimed() -> None:
    """A search without time names nothing, proves nothing and says so."""
    question = asked(197)
    assert question is not None
    found = searched(question, seconds=1e-9)
    assert (found.sets, found.ways) == ((), ())
    assert found.timed
    assert not found.smallest


def test_a_member_that_is_not_proven_is_kept_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where solves end without an answer, what is found is impossible and not called smallest."""
    question = asked(197)
    assert question is not None
    solved = Trial._solved
    count = 0

    def tired(self: Trial, kept: frozenset[Name], seconds: float) -> bool | None:
        nonlocal count
        count += 1
        return solved(self, kept, seconds) if count < 4 else None

    monkeypatch.setattr(Trial, "_solved", tired)
    found = searched(question)
    assert not found.smallest
    assert any(not member.needed for some in found.sets for member in some)
    names = together([member.part for some in found.sets[:1] for member in some])
    for broken in every_plan(question.instance, {rule for rule, _ in names}):
        assert not names.isdisjoint(broken)


def test_a_wish_to_stop_ends_the_search() -> None:
    """Ctrl-C ends the search with what is known."""
    question = asked(197)
    assert question is not None
    found = find_conflict(
        question, Limits(), registry.method_module("highs"), Watch(stop=True), "highs", 60.0
    )
    assert found.sets == ()


def test_the_same_search_names_the_same_rules() -> None:
    """A search that no clock ended repeats."""
    question = asked(162)
    assert question is not None
    one, other = searched(question), searched(question)
    assert [m.part for some in one.sets for m in some] == [
        m.part for some in other.sets for m in some
    ]
    assert [way.gives for way in one.ways] == [way.gives for way in other.ways]


# ------------------------------------------------------------------------------- whole questions


LOST_DIGIT = """
question = "A digit was lost?"
case = "sefton"
[[change]]
table = "providers"
where = { provider_id = "H01" }
set = { capacity_hours = 176 }
"""


def named(question: Asked) -> set[tuple[str, str]]:
    """Rules and labels of the sets of a question, without its ways out."""
    module = registry.method_module("highs")
    trial = Trial(question, Clockwork(60.0, Limits(), module, "highs", Watch()))
    sets, _ = conflict._sets(trial)
    assert all(member.needed for some in sets for member in some)
    return {(member.part.rule, member.part.label) for some in sets for member in some}


def test_a_wrong_capacity_is_named(tmp_path: Path) -> None:
    """A digit lost from a capacity of the whole borough: that provider is named, and no other."""
    assert named(prepare(write_scenario(tmp_path, LOST_DIGIT))) == {
        ("moves_limit", "people moved"),
        ("within_capacity", "H01"),
        ("placed_once", "people of H01"),
    }


@pytest.mark.slow
def test_a_wrong_capacity_has_a_way_out(tmp_path: Path) -> None:
    """The summary says what the provider holds and can staff, and by how much it has to grow."""
    result = allocate.solve(write_scenario(tmp_path, LOST_DIGIT), seconds=60)
    assert "can staff 176 hours a week; the 141 people it has now take 1,698" in result.summary
    assert "Ask for a fresh capacity return: H01 +1,522 hours a week." in result.summary


def test_a_need_that_nobody_meets_is_named(tmp_path: Path) -> None:
    """One person whom nobody may keep or take: the person is named, and no law is relaxed."""
    scenario = write_scenario(
        tmp_path,
        'question = "?"\ncase = "sefton"\n[[change]]\ntable = "packages"\n'
        'where = { package_id = "P0002" }\nset = { needs = ["ventilator"] }\n'
        '[rules.needs_met]\napplies_to = "all"\n',
    )
    result = allocate.solve(scenario, seconds=20)
    found = [(item["rule"], item["label"], item["kind"]) for item in result.record["conflict"]]
    assert found == [("placed_once", "P0002", "law"), ("needs_met", "P0002", "law")]
    assert "P0002 needs ventilator; none of the 13 providers" in result.summary
    assert "laws, pins and the data alone leave no plan" in result.summary
    assert result.record["ways_out"] == []
    assert result.record["conflict_proof"]["lawful"] is False


PINNED = """
question = "Two people are pinned to one small provider?"
case = "case"

[[change]]
table = "providers"
where = { provider_id = "H3" }
set = { capacity_hours = 15 }

[[change]]
table = "pins"
add = [
  { table = "package-provider", id = "P3", other_id = "H3", must_or_never = "must" },
  { table = "package-provider", id = "P6", other_id = "H3", must_or_never = "must" },
]

[rules.moves_limit]
value = 5

[rules.needs_met]
mode = "report"

[rules.choice_kept]
mode = "report"
"""


def test_pins_are_named(tmp_path: Path) -> None:
    """Pins in a conflict are named as what a person decided; only the capacity may give."""
    result = allocate.solve(write_scenario(tmp_path, PINNED), seconds=20)
    found = {(item["rule"], item["label"]): item for item in result.record["conflict"]}
    assert set(found) == {
        ("within_capacity", "H3"),
        ("pins", "P3 must have H3"),
        ("pins", "P6 must have H3"),
    }
    assert found["pins", "P3 must have H3"]["kind"] == "decision"
    (way,) = result.record["ways_out"]
    # 14 hours and 3.5 hours into 15.
    assert way["gives"][0]["where"] == [{"id": "H3", "short_by": 2.5}]
    assert way["least"]
    assert found["within_capacity", "H3"]["short_by"] == 2.5
    assert "Ask for a fresh capacity return: H3 +2.5 hours a week." in result.summary


def test_two_conflicts_are_both_named(tmp_path: Path) -> None:
    """With one conflict mended the next is looked for, and both are told."""
    text = (
        'question = "?"\ncase = "case"\n[[change]]\ntable = "providers"\n'
        'where = { provider_id = "H2" }\nset = { capacity_hours = 5, can_lead = false }\n'
    )
    result = allocate.solve(write_scenario(tmp_path, text), seconds=20)
    sets = [{(m["rule"], m["label"]) for m in some} for some in by_set(result)]
    assert sets == [
        {("leads_per_area", "South")},
        {("moves_limit", "people moved"), ("within_capacity", "H2"), ("placed_once", "P2")},
    ]
    assert result.record["conflict_proof"]["complete"]
    assert "This cannot be met by any plan:" in result.summary
    assert "With that mended, these 3 cannot hold together" in result.summary


def test_a_doubtful_way_stands_last(monkeypatch: pytest.MonkeyPatch) -> None:
    """A way that the model finds doubtful comes after all others, however good its plan."""
    question = asked(197)
    assert question is not None
    before = searched(question).ways
    doubted = before[0].rules
    assert len(before) > 1
    read = ways_out._Relaxed._way

    def doubting(self: Any, rules: tuple[str, ...], seconds: float) -> Any:
        way = read(self, rules, seconds)
        return way and replace(way, doubtful=rules == doubted)

    monkeypatch.setattr(ways_out._Relaxed, "_way", doubting)
    ways = searched(question).ways
    assert ways[-1].rules == doubted
    assert [way.rules for way in ways[:-1]] == [way.rules for way in before[1:]]


@pytest.mark.parametrize("seed", EVERYDAY)
def test_what_was_tried_in_vain_is_no_way_out(seed: int) -> None:
    """A rule that is told to be no help by itself is no way out; no plan breaks it alone."""
    question = asked(seed)
    assert question is not None
    found = searched(question)
    hard = [rule for rule, setting in question.instance.rules.items() if setting.mode == "hard"]
    alone = {way.rules[0] for way in found.ways if len(way.rules) == 1}
    assert alone.isdisjoint(found.in_vain)
    for broken in every_plan(question.instance, [*hard, "pins"]):
        assert {rule for rule, _ in broken} not in [{rule} for rule in found.in_vain]


def test_rules_without_a_way_out_are_named(tmp_path: Path) -> None:
    """What was tried in vain, and what there was no time for, is said below the ways out."""
    result = allocate.solve(write_scenario(tmp_path, PINNED), seconds=20)
    record = dict(result.record)
    untold = {"gives": [], "looked_at": False, "plan_proven": False, "words": ["Work stays local"]}
    record["ways_out"] = [*record["ways_out"], untold, untold | {"looked_at": True}]
    in_vain = [{"rule": "x", "title": "Leads come first"}]
    record["conflict_proof"] = record["conflict_proof"] | {"in_vain": in_vain}
    lines = dict(no_plan(record))["Ways out, simplest first"]
    assert lines[-3:] == [
        "Tried, and no way out by itself however much it gives: Leads come first.",
        "Looked at, but no plan was found in the time: Work stays local. Allow more seconds.",
        "Not looked at in the time: Work stays local. Allow more seconds.",
    ]


def by_set(result: allocate.Result) -> list[list[Any]]:
    """Members of each set of a result."""
    members = result.record["conflict"]
    numbers = dict.fromkeys(member["set"] for member in members)
    return [[member for member in members if member["set"] == number] for number in numbers]
