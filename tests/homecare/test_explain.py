"""Every claim of an explanation is confirmed by solving again with its change made."""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest

from allocate.asked import Asked, prepare
from allocate.core.levels import solve_levels
from allocate.core.outcome import CLOSED, IMPOSSIBLE, Watch
from allocate.errors import BadInput
from allocate.explaining import explain
from allocate.explanation import Claim, Explanation
from allocate.registry import METHODS
from allocate.solving import solve
from allocate.study.change import apply
from allocate.study.scenario import Change
from helpers import tiny

ROOT = Path(__file__).resolve().parents[2]
Values = tuple[Fraction, ...]


def explanations(folder: Path, asked: Asked) -> Iterator[tuple[str, int, Explanation]]:
    """Explain everything that there is to explain in an answer."""
    instance = asked.instance
    for kind, ids in (
        ("package", instance.packages.ids),
        ("area", instance.areas.ids),
        ("provider", instance.providers.ids),
    ):
        for number, label in enumerate(ids):
            yield kind, number, explain(folder, kind, label, seconds=60)


def best(asked: Asked, changes: tuple[Change, ...], method: str) -> Values | str | None:
    """Solve again with a change made: the levels, None where no plan keeps every hard rule."""
    try:
        tables = apply(asked.tables, changes, "the claim")
        instance = asked.model.build(tables, asked.question)
        assert not asked.model.price_faults(instance, asked.question)
    except BadInput:
        return "barred"
    program = asked.model.formulate(instance, asked.question.levels).program
    module, watch = METHODS[method], Watch()
    outcome = solve_levels(program, module, seconds=30, gap=0.0, seed=1, watch=watch, method=method)
    assert outcome.why in (CLOSED, IMPOSSIBLE)
    if outcome.values is None:
        return None
    pairs = zip(outcome.levels, program.levels, strict=True)
    return tuple(Fraction(found.objective) / level.per for found, level in pairs)


def confirm(asked: Asked, now: Values, claim: Claim, lead: tuple[str, str], method: str) -> None:
    """Hold a claim against the answer to its question."""
    if claim.verdict in ("leads", "overtaken"):
        confirm_lead(asked, claim, lead, method)
        return
    then = best(asked, claim.changes, method)
    if claim.verdict == "barred":
        assert then == "barred"
    elif claim.verdict == "impossible":
        assert then is None
    else:
        assert then is not None
        assert not isinstance(then, str)
        if claim.verdict == "same":
            assert then == now
            return
        number = [level.name for level in asked.question.levels].index(str(claim.level))
        assert then[:number] == now[:number]
        apart = then[number] - now[number]
        assert claim.low is None or claim.low <= apart
        assert claim.high is None or apart <= claim.high
        assert claim.verdict != "worse" or apart > 0
        assert claim.verdict != "better" or apart < 0


def confirm_lead(asked: Asked, claim: Claim, lead: tuple[str, str], method: str) -> None:
    """Whether the best plan with the lead is as good as the best without it, after the change."""
    area, name = lead
    row = {"table": "area-lead", "id": area, "other_id": name}
    values = []
    for word in ("must", "never"):
        pin = Change(table="pins", add=[{**row, "must_or_never": word}])
        values.append(best(asked, (*claim.changes, pin), method))
    with_it, without = (
        value if isinstance(value, tuple) else (Fraction(10**12),) for value in values
    )
    assert (with_it <= without) is (claim.verdict == "leads")


def confirm_all(seed: int, method: str) -> Counter[str]:
    """Explain a tiny answer and confirm each claim; return how many there were of each verdict."""
    seen: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        path = tiny.generate(seed).write(Path(folder))
        try:
            result = solve(path)
        except BadInput:
            return seen
        if not result.levels:
            return seen
        out = result.write(Path(folder) / "result")
        asked = prepare(path)
        now = tuple(level.objective for level in result.levels)
        leads = (
            result.tables["leads"].drop_duplicates("area_id").set_index("area_id")["provider_id"]
        )
        for kind, number, said in explanations(out, asked):
            area = asked.instance.areas.ids[number] if kind == "area" else ""
            for claim in said.claims:
                seen[claim.verdict] += 1
                try:
                    confirm(asked, now, claim, (area, str(leads.get(area, ""))), method)
                except AssertionError as error:
                    raise AssertionError(f"seed {seed}, {said.title}: {claim}") from error
    return seen


def test_claims_of_a_few_tiny_answers() -> None:
    """Each claim about four listed cases, which have one of each verdict, is confirmed."""
    seen = sum((confirm_all(seed, "highs") for seed in (4, 7, 8, 9)), Counter[str]())
    assert {"barred", "impossible", "same", "worse", "better"} <= set(seen)


@pytest.mark.slow
@pytest.mark.parametrize("start", range(0, 200, 25))
def test_claims_of_two_hundred_tiny_answers(start: int) -> None:
    """Each claim about two hundred listed cases is confirmed by another solver."""
    for seed in range(start, start + 25):
        confirm_all(seed, "cp-sat")


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The answer to the case that is solved by hand beside the card."""
    return solve(ROOT / "models" / "homecare" / "example").write(
        tmp_path_factory.mktemp("answers") / "example"
    )


def write_case(folder: Path, tables: dict[str, str]) -> Path:
    """Write the tables of a case."""
    folder.mkdir()
    for name, text in tables.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder


def lines(folder: Path, kind: str, label: str) -> dict[str, list[str]]:
    """An explanation's lines by the first words of their titles."""
    said = explain(folder, kind, label, seconds=60)
    return {title.split(",")[0]: list(found) for title, found in said.sections}


def test_a_package_says_who_would_have_to_move(example: Path) -> None:
    """P5 waits: with BIRCH it would push out P3, 84 - 10.5; with CEDAR, P2, 14 - 10.5."""
    said = lines(example, "package", "P5")
    assert said["Where it is"][2] == "In this plan it waits."
    assert "of those that may have it CEDAR has most room, 4 hours" in said["Where it is"][3]
    found = said["Who else could have it"]
    assert "Birch Care, BIRCH: waiting: 73.5 weighted hours a week more (P3 waits)" in found
    assert "Cedar Care, CEDAR: waiting: 3.5 weighted hours a week more (P2 waits)" in found


def test_a_package_says_which_rule_bars(example: Path) -> None:
    """P1 has a provider, and nobody may be moved."""
    said = lines(example, "package", "P1")
    assert said["Who else could have it"] == ["Nobody."]
    barred = said["Who cannot have it"]
    assert len(barred) == 1
    assert barred[0].startswith("BIRCH, CEDAR: ")
    assert barred[0].endswith("(moves_limit)")


def test_an_area_says_what_chose_its_lead(example: Path) -> None:
    """Only BIRCH's growth lets P3 be placed: with ALDER as lead it waits, at 84 instead of 10.5."""
    said = lines(example, "area", "S")
    assert (
        said["What chose it"][0]
        == "The next best is ALDER or CEDAR. What tells them apart: waiting."
    )
    alternatives = said["Who else could lead"]
    assert alternatives[0] == "Alder Care, ALDER: waiting: 73.5 weighted hours a week more"


def test_equal_rates_did_not_choose(example: Path, tmp_path: Path) -> None:
    """With one rate for all it is said that cost did not choose the lead; with two it is not."""
    assert len(lines(example, "area", "S")["What chose it"]) == 1
    case = tmp_path / "flat"
    shutil.copytree(ROOT / "models" / "homecare" / "example", case)
    (case / "rates.csv").write_text("rate_pounds_per_hour\n20\n", encoding="utf-8")
    answer = solve(case).write(tmp_path / "answer")
    said = lines(answer, "area", "S")["What chose it"]
    assert said[1].endswith("paid £20.00 an hour here: cost did not choose the lead.")


def test_a_provider_says_what_it_holds_and_what_rests_on_it(example: Path) -> None:
    """BIRCH holds 17.5 of its 8 hours and 10 of growth; without its lead role P3 waits."""
    said = lines(example, "provider", "BIRCH")
    assert said["What it holds in this plan"][0].startswith("2 packages, 17.5 carer-hours a week")
    assert said["What it has left"][-1] == "0.5 hours are left."
    rests = said["What of its own return decides most"]
    assert rests[0] == "not leading South: waiting: 73.5 weighted hours a week more"
    assert "£183 a year more; waiting, shortfalls and changes as now" in rests[1]


def test_an_hour_more_is_worth_what_it_places(example: Path, tmp_path: Path) -> None:
    """Three hours more at CEDAR would place P5; its first hour does nothing, its third does."""
    case = tmp_path / "nearly"
    shutil.copytree(ROOT / "models" / "homecare" / "example", case)
    text = (case / "providers.csv").read_text(encoding="utf-8")
    (case / "providers.csv").write_text(text.replace("Yes,11,", "Yes,13,"), encoding="utf-8")
    answer = solve(case).write(tmp_path / "answer")
    title = "What one more hour a week of its capacity is worth"
    worth = lines(answer, "provider", "CEDAR")[title]
    assert worth == ["waiting: 10.5 weighted hours a week less"]
    worth = lines(example, "provider", "CEDAR")[title]
    assert worth == ["Nothing: no plan is better on any level with it."]


def test_a_tie_is_a_persons_choice(tmp_path: Path) -> None:
    """Two providers alike in everything: nothing chose between them, and it says so."""
    case = write_case(
        tmp_path / "alike",
        {
            "providers": "provider_id,capacity_hours\nA,10\nB,10\n",
            "packages": "package_id,place_id,hours_per_week\nP1,W,5\n",
            "place_areas": "place_id,area_id\nW,N\n",
            "reach": "provider_id,place_id,travel_minutes_per_visit\nA,W,5\nB,W,5\n",
            "rates": "rate_pounds_per_hour\n20\n",
        },
    )
    answer = solve(case).write(tmp_path / "answer")
    chose = lines(answer, "area", "N")["What chose it"]
    assert "would do as well on every level" in chose[0]


def test_a_tipping_point_found_by_hand(tmp_path: Path) -> None:
    """P1 takes ten hours, which only growth gives; of A's twenty, eight tenths count: 12.5 do."""
    case = write_case(
        tmp_path / "growing",
        {
            "providers": "provider_id,capacity_hours,growth_hours\nA,0,20\nB,0,12.5\n",
            "packages": "package_id,place_id,hours_per_week\nP1,W,10\n",
            "place_areas": "place_id,area_id\nW,N\n",
            "reach": "provider_id,place_id,travel_minutes_per_visit\nA,W,5\nB,W,9\n",
            "rates": "rate_pounds_per_hour\n20\n",
        },
    )
    said = explain(solve(case).write(tmp_path / "answer"), "area", "N", seconds=60)
    found = {title.split(",")[0]: list(lines) for title, lines in said.sections}
    assert found["What chose it"][0].startswith("The next best is B. What tells them apart: travel")
    assert found["How firm that is"][0] == (
        "The lead changes if its growth falls below 62% of what it says."
    )
    at = {claim.verdict: claim.changes[0].set for claim in said.claims}
    assert at["leads"] == {"growth_hours": 12.5}
    assert 12.3 <= at["overtaken"]["growth_hours"] < 12.5


FAULTS = {
    "no such package": ("package", "P55", 'closest: "P5"'),
    "no such area": ("area", "s", 'closest: "S"'),
    "no such provider": ("provider", "BIRCHE", 'closest: "BIRCH"'),
    "part of a name": ("provider", "Birch", 'closest: "Birch Care"'),
    "the areas there are": ("area", "West", "Give one of: North, N; South, S."),
    "where packages are": ("package", "South", "Give a package_id of allocation.csv"),
}


@pytest.mark.parametrize(("kind", "label", "told"), FAULTS.values(), ids=FAULTS)
def test_an_unknown_id_is_told(example: Path, kind: str, label: str, told: str) -> None:
    """An id that the case does not have is refused, the nearest named."""
    with pytest.raises(BadInput, match=told):
        explain(example, kind, label)


def test_a_name_that_only_one_has_does_for_an_id(example: Path) -> None:
    """An area or provider may be called by its name, in any capitals."""
    assert explain(example, "area", "south").title == explain(example, "area", "S").title
    said = explain(example, "provider", "Birch Care")
    assert said.title == explain(example, "provider", "BIRCH").title


def test_a_name_that_two_have_is_refused(example: Path, tmp_path: Path) -> None:
    """Where two have a name it says nothing, and both ids are given to choose from."""
    case = tmp_path / "case"
    shutil.copytree(ROOT / "models" / "homecare" / "example", case)
    text = (case / "providers.csv").read_text(encoding="utf-8")
    (case / "providers.csv").write_text(text.replace("Cedar Care", "Birch Care"), encoding="utf-8")
    answer = solve(case).write(tmp_path / "answer")
    with pytest.raises(BadInput, match=r"the name of 2. Give the id .* mean: BIRCH, CEDAR"):
        explain(answer, "provider", "Birch Care")


EDITS = {
    "the plan": ("allocation.csv", "P2,W3,S,CEDAR", "P2,W3,S,ALDER", "P2|changes"),
    "a provider": ("allocation.csv", "P2,W3,S,CEDAR", "P2,W3,S,CEDRA", "is not of this case"),
    "the case": ("example/providers.csv", "Yes,8,", "Yes,9,", "not the table that the answer"),
    "the record": ("result.json", '"objective": 10.5', '"objective": 9.5', "objective = 9.5"),
    "no json": ("result.json", "{", "[", "is no result folder"),
}


@pytest.mark.parametrize(("file", "old", "new", "told"), EDITS.values(), ids=EDITS)
def test_a_result_changed_by_hand_is_refused(
    example: Path, tmp_path: Path, file: str, old: str, new: str, told: str
) -> None:
    """An explanation rests on files that agree with each other, or there is none."""
    folder = tmp_path / "copy"
    shutil.copytree(example, folder)
    text = (folder / file).read_text(encoding="utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(BadInput, match=told):
        explain(folder, "package", "P5")


def test_an_answer_without_a_plan_has_nothing_to_explain(tmp_path: Path) -> None:
    """What cannot all be met is explained by its own summary."""
    path = tmp_path / "none.toml"
    case = (ROOT / "models" / "homecare" / "example").as_posix()
    rule = '[rules.lead_accepts_share]\nmode = "hard"\nvalue = 1.0\n'
    path.write_text(f'case = "{case}"\n{rule}', encoding="utf-8")
    folder = solve(path).write(tmp_path / "answer")
    with pytest.raises(BadInput, match="has no plan"):
        explain(folder, "area", "S")
