"""Every claim of an explanation is confirmed by solving again with its change made."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest

from allocate.answered import bound_read, read_answer
from allocate.asked import Asked, prepare
from allocate.core.comparing import Known
from allocate.core.levels import solve_levels
from allocate.core.outcome import CLOSED, IMPOSSIBLE, Watch
from allocate.errors import BadInput
from allocate.explaining import explain
from allocate.explanation import Claim, Explanation
from allocate.homecare.differences import at_least, at_most, quantity
from allocate.registry import METHODS
from allocate.solving import solve
from allocate.study.change import apply
from allocate.study.scenario import Change, LevelWords
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
    rests = said["What of its own figures decides most"]
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


ALIKE_BUT_FOR_TRAVEL = {
    "providers": "provider_id,capacity_hours\nA,10\nB,10\n",
    "packages": "package_id,place_id,hours_per_week,visits_per_week\nP1,W,5,7\n",
    "place_areas": "place_id,area_id\nW,N\n",
    "reach": "provider_id,place_id,travel_minutes_per_visit\nA,W,5\nB,W,9\n",
    "rates": "rate_pounds_per_hour\n20\n",
}


def cut_short(folder: Path, tables: dict[str, str], pin: str) -> Path:
    """Write the answer that a run cut short could have: the plan under a pin, the bounds without.

    Returns
    -------
    Path
        The result folder.
    """
    heading = "table,id,other_id,must_or_never\n"
    folder.mkdir()
    (folder / "pinned").mkdir()
    worse = solve(write_case(folder / "pinned" / "case", {**tables, "pins": heading + pin}))
    answer = solve(write_case(folder / "case", tables)).write(folder / "answer")
    for name in ("allocation", "leads"):
        worse.tables[name].to_csv(answer / f"{name}.csv", index=False)
    record = json.loads((answer / "result.json").read_text(encoding="utf-8"))
    for level, found in zip(record["levels"], worse.record["levels"], strict=True):
        level["objective"] = found["objective"]
    record["status"] = "feasible"
    (answer / "result.json").write_text(json.dumps(record), encoding="utf-8")
    return answer


def test_an_answer_cut_short_gives_no_reasons_for_its_lead(tmp_path: Path) -> None:
    """B leads where A would do better: no reason is made up for it, and no claim that it leads."""
    answer = cut_short(tmp_path / "cut", ALIKE_BUT_FOR_TRAVEL, "area-lead,N,B,must\n")
    said = explain(answer, "area", "N", seconds=60)
    assert said.sections[0][0] == "How sure the answer itself is"
    found = {title.split(",")[0]: list(lines) for title, lines in said.sections}
    assert found["Who else could lead"][0].startswith("A: ")
    assert "less than in this answer" in found["Who else could lead"][0]
    assert "a better plan was found with A as lead" in found["What chose it"][0]
    assert found["How firm that is"][0].startswith("Not asked")
    assert [claim.verdict for claim in said.claims] == ["better"]


def test_what_the_answer_missed_is_not_the_worth_of_an_hour(tmp_path: Path) -> None:
    """P1 is with B where A leads and has room: one more hour is not what would bring it to A."""
    tables = {**ALIKE_BUT_FOR_TRAVEL, "areas": "area_id,lead_id\nN,A\n"}
    answer = cut_short(tmp_path / "cut", tables, "package-provider,P1,B,must\n")
    worth = lines(answer, "provider", "A")["What one more hour a week of its capacity is worth"]
    assert worth == ["shortfalls: at most 1 point less, perhaps none; waiting as now"]


def test_a_bound_is_never_read_as_more_than_it_was(tmp_path: Path) -> None:
    """Ten hours and twenty minutes wait: as a decimal that is a little more than it is."""
    tables = {**ALIKE_BUT_FOR_TRAVEL, "providers": "provider_id,capacity_hours\nA,1\nB,1\n"}
    tables["packages"] = "package_id,place_id,hours_per_week\nP1,W,10.3333333333\n"
    folder = solve(write_case(tmp_path / "thirds", tables)).write(tmp_path / "answer")
    assert read_answer(folder).known[0] == Known(Fraction(31, 3), Fraction(31, 3))
    record = json.loads((folder / "result.json").read_text(encoding="utf-8"))
    written = Fraction(str(record["levels"][0]["bound"]))
    assert written > Fraction(31, 3)
    below = bound_read(float(written), Fraction(11))
    assert below is not None
    assert Fraction(31, 3) - Fraction(1, 10**12) < below <= Fraction(31, 3)


def test_amounts_are_rounded_to_the_side_that_is_proven() -> None:
    """What is at least so much is never rounded up, what is at most never down; none is nought."""
    cash = LevelWords(name="cash", terms={"cash": 1.0})
    travel = LevelWords(name="travel", terms={"travel": 1.0})
    assert at_least(cash, Fraction("1234.9")) == "at least £1,234 a year"
    assert at_most(cash, Fraction("1234.1")) == "at most £1,235 a year"
    assert quantity(cash, Fraction("1234.5")) == "£1,235 a year"
    assert at_least(cash, Fraction("0.35")) == "at least £0.35 a year"
    assert at_least(travel, Fraction(2, 3)) == "at least 0.66 minutes a week"
    assert at_most(travel, Fraction(2, 3)) == "at most 0.67 minutes a week"
    assert quantity(travel, Fraction(1, 1000)) == "0.001 minutes a week"


def test_who_gave_a_package_back_may_not_be_known(tmp_path: Path) -> None:
    """A package that was handed back by nobody in particular names nobody."""
    tables = dict(ALIKE_BUT_FOR_TRAVEL)
    tables["packages"] = "package_id,place_id,hours_per_week,status\nP1,W,5,handed_back\n"
    folder = solve(write_case(tmp_path / "back", tables)).write(tmp_path / "answer")
    assert lines(folder, "package", "P1")["Where it is"][1] == "It was handed back."


def test_what_has_no_name_is_said_once(tmp_path: Path) -> None:
    """Areas and providers without names are told by their ids, and not twice."""
    folder = solve(write_case(tmp_path / "plain", ALIKE_BUT_FOR_TRAVEL)).write(tmp_path / "answer")
    for kind, label in (("area", "N"), ("provider", "A"), ("package", "P1")):
        said = str(explain(folder, kind, label, seconds=60))
        assert "N, N" not in said
        assert "A, A" not in said


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
    "no list": ("result.json", '"levels": [', '"levels": 3, "was": [', "is no result folder"),
    "a level": ("result.json", '"name": "waiting"', '"name": "wait"', "has other levels than"),
    "a parameter": ("example.toml", "[parameters]", "[parameters]\nsurge_share = 0.5", "surge_sh"),
    "a rule's value": ("example.toml", "value = 0.3", "value = 0.4", "share_limit.value"),
    "a rule's mode": ("example.toml", 'mode = "report"', 'mode = "off"', "leads_limit.mode"),
    "a column": ("leads.csv", "provider_id", "provider", "leads.csv: is missing, or has no column"),
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


def test_a_table_put_into_a_result_is_refused(example: Path, tmp_path: Path) -> None:
    """A table that the answer was not made of changes the question as much as an edited one."""
    folder = tmp_path / "copy"
    shutil.copytree(example, folder)
    pins = "table,id,other_id,must_or_never\narea-lead,S,ALDER,never\n"
    (folder / "example" / "pins.csv").write_text(pins, encoding="utf-8")
    with pytest.raises(BadInput, match=r"pins\.csv: is not the table that the answer"):
        explain(folder, "package", "P5")


def test_an_emptied_table_is_a_fault_and_no_traceback(example: Path, tmp_path: Path) -> None:
    """A result of which a table was emptied is refused like any other that was changed."""
    folder = tmp_path / "copy"
    shutil.copytree(example, folder)
    (folder / "allocation.csv").write_bytes(b"")
    with pytest.raises(BadInput, match=r"allocation\.csv: is missing, or has no column"):
        explain(folder, "package", "P5")


def test_a_result_that_excel_saved_is_still_one(example: Path, tmp_path: Path) -> None:
    """Other line ends and a byte-order mark change nothing that an answer says."""
    folder = tmp_path / "copy"
    shutil.copytree(example, folder)
    for path in [*folder.glob("*.csv"), *folder.glob("*/*.csv")]:
        text = path.read_text(encoding="utf-8").replace("\n", "\r\n")
        path.write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert str(explain(folder, "package", "P1")) == str(explain(example, "package", "P1"))


def test_an_answer_without_a_plan_has_nothing_to_explain(tmp_path: Path) -> None:
    """What cannot all be met is explained by its own summary."""
    path = tmp_path / "none.toml"
    case = (ROOT / "models" / "homecare" / "example").as_posix()
    rule = '[rules.lead_accepts_share]\nmode = "hard"\nvalue = 1.0\n'
    path.write_text(f'case = "{case}"\n{rule}', encoding="utf-8")
    folder = solve(path).write(tmp_path / "answer")
    with pytest.raises(BadInput, match="has no plan"):
        explain(folder, "area", "S")
