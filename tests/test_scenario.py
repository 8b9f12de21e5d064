"""A scenario lays small named changes over a case, and over other scenarios."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from allocate.card import read_card, shipped
from allocate.checking import check_question
from allocate.errors import BadInput
from allocate.homecare.instance import Instance, build
from allocate.study.change import apply, in_words
from allocate.study.scenario import Change, Question
from allocate.study.scenario_file import read_scenario
from allocate.tables import Tables, read
from helpers.cases import OK_SMALL, copy_case, edit, write_scenario

CASE = 'case = "case"\n'


def changed(folder: Path, text: str) -> Tables:
    """Read a scenario with these changes and make them."""
    return made(read_scenario(write_scenario(folder, CASE + text)))


def made(question: Question) -> Tables:
    """Make the changes of a question."""
    return apply(read(question.case), question.changes, question.name)


def built(question: Question) -> Instance:
    """Make the changes of a question and build its arrays."""
    return build(made(question), question)


def hours(tables: Tables) -> dict[str, float]:
    """Hours of each package."""
    frame = tables["packages"]
    return dict(zip(frame["package_id"], frame["hours_per_week"], strict=True))


def touched(tables: Tables) -> set[str]:
    """Packages that a change marked by giving them four carers."""
    frame = tables["packages"]
    return set(frame.loc[frame["carers"] == 4, "package_id"])


def mark(where: str) -> str:
    """A change that marks the packages a where chooses."""
    return f'[[change]]\ntable = "packages"\nwhere = {where}\nset = {{ carers = 4 }}\n'


BEFORE = hours(read(OK_SMALL))


def test_set_writes_chosen_rows_only(tmp_path: Path) -> None:
    """Set writes a value where the where holds and nowhere else."""
    tables = changed(
        tmp_path,
        '[[change]]\ntable = "packages"\nwhere = { package_id = "P3" }\n'
        'set = { hours_per_week = 7.25, locked = true, needs = ["bsl", "peg feeding"], '
        "start_date = 2021-04-03 }\n",
    )
    assert hours(tables) == BEFORE | {"P3": 7.25}
    row = tables["packages"].set_index("package_id").loc["P3"]
    assert row["locked"] is True
    assert row["needs"] == ("bsl", "peg feeding")
    assert row["start_date"] == date(2021, 4, 3)


def test_set_of_a_column_that_the_file_lacks(tmp_path: Path) -> None:
    """A column that the file left out can be set; other rows stay empty."""
    case = copy_case(tmp_path / "case")
    edit(case, "rates", "place_id,", "somewhere,")
    tables = changed(
        tmp_path,
        '[[change]]\ntable = "rates"\nwhere = { provider_id = "H3" }\nset = { place_id = "W02" }\n',
    )
    assert list(tables["rates"]["place_id"]) == ["", "W02"]


def test_scale_multiplies(tmp_path: Path) -> None:
    """Scale multiplies the chosen rows and leaves the rest."""
    tables = changed(
        tmp_path,
        '[[change]]\ntable = "packages"\nwhere = { status = "waiting" }\n'
        "scale = { hours_per_week = 2, days_waiting = 1.5 }\n",
    )
    assert hours(tables) == BEFORE | {"P4": 10.5, "P6": 7.0}
    # 7 x 1.5 days is 10.5: whole days, half up.
    assert list(tables["packages"]["days_waiting"].dropna()) == [21, 11]


@pytest.mark.parametrize(
    ("before", "factor", "minutes"),
    [
        ("10.5", "0.1", 63),
        ("7.25", "0.9", 392),
        ("0.25", "1.1", 17),
        ("14", "1.0001", 840),
        ("0.3", "0.95", 17),
        ("0.5", "0.75", 23),
    ],
)
def test_scaled_hours_are_whole_minutes(
    tmp_path: Path, before: str, factor: str, minutes: int
) -> None:
    """Scaled hours round half up to the whole minute: 7.25 x 0.9 is 391.5 minutes, so 392."""
    case = copy_case(tmp_path / "case")
    edit(case, "packages", "P3,W02,14,", f"P3,W02,{before},")
    tables = changed(
        tmp_path,
        '[[change]]\ntable = "packages"\nwhere = { package_id = "P3" }\n'
        f"scale = {{ hours_per_week = {factor} }}\n",
    )
    assert hours(tables)["P3"] * 60 == pytest.approx(minutes, abs=1e-6)


def test_scaled_rates_are_whole_pence(tmp_path: Path) -> None:
    """Scaled rates round half up to the penny."""
    text = '[[change]]\ntable = "rates"\nscale = { rate_pounds_per_hour = 1.0333 }\n'
    rates = changed(tmp_path, text)["rates"]["rate_pounds_per_hour"]
    assert [round(rate * 100, 6) for rate in rates] == [2067, 2222]


def test_drop_takes_rows_away(tmp_path: Path) -> None:
    """Drop removes the chosen rows and no others."""
    text = '[[change]]\ntable = "packages"\nwhere = { area_id = "North", status = "placed" }\n'
    tables = changed(tmp_path, text + "drop = true\n")
    assert list(tables["packages"]["package_id"]) == ["P4", "P5", "P6"]


def test_add_appends_rows(tmp_path: Path) -> None:
    """Added rows have the values given; what is not given is empty."""
    tables = changed(
        tmp_path,
        '[[change]]\ntable = "packages"\n'
        'add = [{ package_id = "P7", place_id = "W01", hours_per_week = 3.5, locked = true },\n'
        '  { package_id = "P8", place_id = "W02", hours_per_week = 7 }]\n',
    )
    assert hours(tables) == BEFORE | {"P7": 3.5, "P8": 7.0}
    row = tables["packages"].set_index("package_id").loc["P7"]
    assert row["locked"] is True
    assert row["status"] == ""
    assert row["needs"] == ()


def test_add_to_an_absent_table(tmp_path: Path) -> None:
    """Rows can be added to a table that the case has no file of."""
    tables = changed(
        tmp_path,
        '[[change]]\ntable = "handbacks"\n'
        'add = [{ provider_id = "H2", kind = "lead role", area_id = "South" }]\n',
    )
    assert list(tables["handbacks"]["provider_id"]) == ["H2"]
    assert not read(OK_SMALL).has("handbacks")


def test_the_base_case_stays(tmp_path: Path) -> None:
    """Making changes leaves the tables in hand and the files as they were."""
    question = read_scenario(write_scenario(tmp_path, CASE + mark("{}")))
    base = read(question.case)
    typed = {name: frame.copy() for name, frame in base.typed.items()}
    files = {path.name: path.read_bytes() for path in question.case.iterdir()}
    apply(base, question.changes, question.name)
    for name, frame in base.typed.items():
        pd.testing.assert_frame_equal(frame, typed[name])
    assert files == {path.name: path.read_bytes() for path in question.case.iterdir()}


@pytest.mark.parametrize(
    ("where", "chosen"),
    [
        ("{}", {"P1", "P2", "P3", "P4", "P5", "P6"}),
        ('{ package_id = "P3" }', {"P3"}),
        ('{ area_id = "South" }', {"P5", "P6"}),
        ('{ owner_id = "O2" }', {"P2", "P5"}),
        ('{ cqc_rating = "Good", area_id = "North" }', {"P1", "P2", "P3"}),
        ('{ lead_id = "H1" }', {"P1", "P2", "P3", "P4"}),
        ('{ place_id = ["W01", "W03"] }', {"P1", "P2", "P5", "P6"}),
        ("{ hours_per_week = 7 }", {"P2"}),
        ("{ hours_per_week = [7, 3.5] }", {"P2", "P6"}),
        ("{ hours_per_week = { minimum = 7, maximum = 12 } }", {"P1", "P2", "P5"}),
        ("{ hours_per_week = { maximum = 5.25 } }", {"P4", "P6"}),
        ("{ hours_per_week = { minimum = 12 } }", {"P3", "P5"}),
        ("{ population_75_plus = { minimum = 1000 } }", {"P3", "P4"}),
        ('{ package_id = { not = "P3" } }', {"P1", "P2", "P4", "P5", "P6"}),
        ('{ package_id = { not = ["P3", "P4"] } }', {"P1", "P2", "P5", "P6"}),
        ('{ area_id = { not = "South" } }', {"P1", "P2", "P3", "P4"}),
        ('{ owner_id = { not = "O1" }, status = "placed" }', {"P2", "P5"}),
        ('{ needs = { not = "dementia" } }', {"P1", "P3", "P4", "P5"}),
        ("{ locked = { not = true } }", {"P1", "P3", "P4", "P5", "P6"}),
        ("{ hours_per_week = { not = 7 } }", {"P1", "P3", "P4", "P5", "P6"}),
        ("{ hours_per_week = { minimum = 7, not = 12 } }", {"P1", "P2", "P3"}),
        ("{ locked = true }", {"P2"}),
        ("{ locked = false }", {"P1", "P3", "P4", "P5", "P6"}),
        ('{ needs = "dementia" }', {"P2", "P6"}),
        ('{ needs = ["dementia", "bsl"] }', {"P2", "P6"}),
        ('{ provider_id = "" }', {"P4", "P6"}),
        ('{ priority = "1" }', {"P4"}),
        ("{ start_date = 2020-01-06 }", {"P1"}),
        ('{ status = "placed", hours_per_week = { minimum = 11 } }', {"P3", "P5"}),
    ],
)
def test_where(tmp_path: Path, where: str, chosen: set[str]) -> None:
    """A where takes columns of the table or of one it points to, values, lists and ranges."""
    assert touched(changed(tmp_path, mark(where))) == chosen


def test_where_false_includes_empty_yes_no_cells(tmp_path: Path) -> None:
    """An empty Yes/No cell counts as No."""
    case = copy_case(tmp_path / "case")
    edit(case, "packages", "P3,W02,14,1,21,placed,H1,2,,,No,", "P3,W02,14,1,21,placed,H1,2,,,,")
    assert touched(changed(tmp_path, mark("{ locked = false }"))) == {"P1", "P3", "P4", "P5", "P6"}


def test_where_nought_is_not_empty(tmp_path: Path) -> None:
    """A where of 0 chooses the noughts, not the empty cells."""
    case = copy_case(tmp_path / "case")
    edit(case, "packages", "P4,W02,5.25,1,7,waiting,,1,14,", "P4,W02,5.25,1,7,waiting,,1,0,")
    assert touched(changed(tmp_path, mark("{ days_waiting = 0 }"))) == {"P4"}


def test_order_of_changes_means_nothing(tmp_path: Path) -> None:
    """Each where is asked of the base case, so changes may stand in any order."""
    waiting = '[[change]]\ntable = "packages"\nwhere = { status = "waiting" }\n'
    one = waiting + 'set = { status = "placed", provider_id = "H2" }\n'
    two = waiting + "scale = { hours_per_week = 2 }\n"
    first, second = changed(tmp_path, one + two), changed(tmp_path, two + one)
    assert hours(first) == BEFORE | {"P4": 10.5, "P6": 7.0}
    assert first["packages"].equals(second["packages"])


def test_change_of_an_area_is_seen_through_the_case(tmp_path: Path) -> None:
    """Where asks the base case even while the table it points to is changed."""
    moved = '[[change]]\ntable = "place_areas"\nwhere = { place_id = "W02" }\n'
    tables = changed(
        tmp_path, moved + 'set = { area_id = "South" }\n' + mark('{ area_id = "South" }')
    )
    assert touched(tables) == {"P5", "P6"}
    assert list(tables["place_areas"]["area_id"]) == ["North", "South", "South"]


@pytest.mark.parametrize(
    "text",
    [
        '[[change]]\ntable = "packages"\nscale = { hours_per_week = 1 }\n',
        '[[change]]\ntable = "packages"\nwhere = { package_id = "P5" }\nset = { carers = 1 }\n',
        '[[change]]\ntable = "packages"\nwhere = { locked = true }\nset = { locked = true }\n',
        "",
    ],
)
def test_override_that_changes_nothing(tmp_path: Path, text: str) -> None:
    """Changes to what is there already give the same values in every table."""
    base, after = read(OK_SMALL), changed(tmp_path, text)
    for name in base.values:
        pd.testing.assert_frame_equal(after[name], base[name])


def test_defaults_are_the_card(tmp_path: Path) -> None:
    """A scenario that says nothing asks what its case folder asks."""
    asked = read_scenario(write_scenario(tmp_path, CASE))
    folder = read_scenario(tmp_path / "case")
    assert asked.levels == folder.levels
    assert [level.name for level in asked.levels] == [
        "waiting", "shortfalls", "changes", "cash", "travel",
    ]  # fmt: skip
    assert asked.rules == folder.rules
    assert asked.limits == folder.limits


def test_rules_are_overridden_one_key_at_a_time(tmp_path: Path) -> None:
    """A rule keeps its value, price and options where only its mode is set."""
    text = '[rules.share_limit]\nmode = "soft"\n[rules.leads_per_area]\nmaximum = 2\n'
    rules = read_scenario(write_scenario(tmp_path, CASE + text)).rules
    assert (rules["share_limit"].mode, rules["share_limit"].value) == ("soft", 0.3)
    assert rules["leads_per_area"].mode == "hard"
    assert dict(rules["leads_per_area"].options) == {"minimum": 1, "maximum": 2}


@pytest.mark.parametrize(
    ("word", "mode"), [("flag", "report"), ("bar", "hard"), ("raise", "raise")]
)
def test_modes_by_their_other_names(tmp_path: Path, word: str, mode: str) -> None:
    """The rate floor may be raised to, flagged or barred."""
    text = f'[rules.rate_floor]\nmode = "{word}"\nvalue = 21\n'
    rule = read_scenario(write_scenario(tmp_path, CASE + text)).rules["rate_floor"]
    assert (rule.mode, rule.value) == (mode, 21)


def test_extends_with_an_override(tmp_path: Path) -> None:
    """A scenario keeps what it extends, replaces what it says again, and adds its changes."""
    write_scenario(
        tmp_path,
        CASE + 'question = "Below?"\n[rules.share_limit]\nmode = "hard"\nvalue = 0.8\n'
        "[limits]\nseconds = 7\nseed = 3\n" + mark('{ package_id = "P1" }'),
        "below",
    )
    above = write_scenario(
        tmp_path,
        'extends = "below"\n[rules.share_limit]\nvalue = 0.9\n[limits]\nseed = 4\n'
        + mark('{ package_id = "P2" }'),
    )
    question = read_scenario(above)
    assert question.name == "scenario"
    assert question.text == "Below?"
    assert (question.rules["share_limit"].mode, question.rules["share_limit"].value) == (
        "hard",
        0.9,
    )
    assert (question.limits.seconds, question.limits.seed) == (7, 4)
    assert touched(made(question)) == {"P1", "P2"}


def test_extends_a_list_of_two(tmp_path: Path) -> None:
    """Two scenarios combine: changes of both, and where both speak the later one wins."""
    write_scenario(
        tmp_path,
        CASE + "[rules.share_limit]\nvalue = 0.5\n[rules.leads_limit]\nvalue = 1\n"
        + mark('{ package_id = "P1" }'),
        "one",
    )  # fmt: skip
    write_scenario(
        tmp_path,
        CASE + "[rules.share_limit]\nvalue = 0.6\n" + mark('{ package_id = "P2" }'),
        "two",
    )
    question = read_scenario(write_scenario(tmp_path, 'extends = ["one", "two"]\n'))
    assert question.rules["share_limit"].value == 0.6
    assert question.rules["leads_limit"].value == 1
    assert touched(made(question)) == {"P1", "P2"}


def test_extends_two_of_one_parent(tmp_path: Path) -> None:
    """Two scenarios that extend the same one combine: its changes are made once."""
    write_scenario(tmp_path, CASE + mark('{ package_id = "P1" }'), "base")
    write_scenario(tmp_path, 'extends = "base"\n[rules.share_limit]\nvalue = 0.5\n', "one")
    write_scenario(tmp_path, 'extends = "base"\n[rules.leads_limit]\nvalue = 1\n', "two")
    question = read_scenario(write_scenario(tmp_path, 'extends = ["one", "two"]\n'))
    assert question.rules["share_limit"].value == 0.5
    assert question.rules["leads_limit"].value == 1
    assert touched(made(question)) == {"P1"}


def test_extends_from_another_folder(tmp_path: Path) -> None:
    """A case is found from the scenario that names it, wherever the one that extends it stands."""
    write_scenario(tmp_path, CASE, "below")
    (tmp_path / "studies").mkdir()
    above = tmp_path / "studies" / "above.toml"
    above.write_text('extends = "../below"\n')
    assert read_scenario(above).case.resolve() == (tmp_path / "case").resolve()


def test_extends_a_shipped_scenario(tmp_path: Path) -> None:
    """A scenario of one's own may build on a shipped one by its name."""
    above = tmp_path / "mine.toml"
    above.write_text('extends = "leads_hand_back"\n[rules.leads_limit]\nmode = "hard"\n')
    question = read_scenario(above)
    assert question.case.name == "sefton"
    assert [change.table for change in question.changes] == ["handbacks"]
    assert question.rules["leads_limit"].mode == "hard"


def test_levels_and_weights(tmp_path: Path) -> None:
    """Levels may be named terms or weighted sums with a name of their own."""
    text = (
        '[objective]\nlevels = ["waiting", { name = "money and roads", '
        "terms = { cash = 1, travel = 0.05 } }]\n"
    )
    levels = read_scenario(write_scenario(tmp_path, CASE + text)).levels
    assert [level.name for level in levels] == ["waiting", "money and roads"]
    assert dict(levels[1].terms) == {"cash": 1, "travel": 0.05}


def test_one_priced_sum(tmp_path: Path) -> None:
    """A priced sum is one level."""
    text = "[objective.priced]\nwaiting = 2000\ncash = 1\n"
    question = read_scenario(write_scenario(tmp_path, CASE + text))
    assert question.priced
    assert [dict(level.terms) for level in question.levels] == [{"waiting": 2000, "cash": 1}]


def test_parameters_of_the_scenario_win(tmp_path: Path) -> None:
    """The scenario's parameters stand over parameters.csv, and both over the card."""
    text = "[parameters]\npaid_share = 0.9\ntravel_speed_kmh = 30\n"
    instance = built(read_scenario(write_scenario(tmp_path, CASE + text)))
    assert instance.parameters["paid_share"] == 0.9
    assert instance.parameters["travel_speed_kmh"] == 30
    assert instance.parameters["surge_share"] == 0.1
    assert instance.paid_share == 900
    plain = built(read_scenario(write_scenario(tmp_path, CASE)))
    assert plain.parameters["paid_share"] == 0.95


def test_a_change_of_parameters_csv(tmp_path: Path) -> None:
    """A parameter of the case may be changed like any other cell."""
    text = '[[change]]\ntable = "parameters"\nset = { value = 0.8 }\n'
    instance = built(read_scenario(write_scenario(tmp_path, CASE + text)))
    assert instance.parameters["paid_share"] == 0.8


def test_changes_keep_the_hashes_of_the_files(tmp_path: Path) -> None:
    """The inputs of a changed case are the files that were read."""
    assert changed(tmp_path, mark("{}")).hashes == read(OK_SMALL).hashes


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_toml_with_a_byte_order_mark(tmp_path: Path, encoding: str) -> None:
    """A scenario saved by Notepad reads like any other."""
    path = write_scenario(tmp_path, CASE)
    path.write_text(CASE + 'question = "What of £ and é?"\n', encoding=encoding)
    assert read_scenario(path).text == "What of £ and é?"


def test_faults_of_a_scenario_at_once(tmp_path: Path) -> None:
    """An unknown rule, a value out of bounds, an unknown term and case are told in one go."""
    path = write_scenario(
        tmp_path,
        'case = "nowhere"\n[rules.share_limit]\nvalue = 2\n[rules.sharelimit]\nvalue = 2\n'
        '[parameters]\npaid_share = 7\n[objective]\nlevels = ["money"]\n',
    )
    with pytest.raises(BadInput) as refused:
        read_scenario(path)
    assert len(refused.value.faults) == 5


WORDS = {
    "a range and an exception": (
        "providers",
        {
            "where": {"capacity_hours": {"minimum": 1000}, "provider_id": {"not": "H02"}},
            "scale": {"capacity_hours": 1.01},
        },
        "providers where capacity_hours is at least 1000 and provider_id is not H02: "
        "capacity_hours times 1.01",
    ),
    "any of a list": (
        "packages",
        {"where": {"area_id": ["A1", "A2", "A3"], "locked": False}, "drop": True},
        "packages where area_id is A1, A2 or A3 and locked is No: rows dropped",
    ),
    "an empty cell": (
        "areas",
        {"where": {"name": ""}, "set": {"lead_id": ""}, "because": "All is open."},
        "areas where name is empty: lead_id set to nothing (All is open)",
    ),
    "one row": (
        "packages",
        {"add": [{"package_id": "NEW1", "place_id": "W01"}]},
        "packages: 1 row added: NEW1",
    ),
    "more rows than are named": (
        "packages",
        {"add": [{"package_id": f"NEW{number}"} for number in range(1, 6)]},
        "packages: 5 rows added: NEW1, NEW2, NEW3 and 2 more",
    ),
    "a key of two columns": (
        "reach",
        {"add": [{"provider_id": "H1", "place_id": "W03"}]},
        "reach: 1 row added: H1 W03",
    ),
    "a hand-back": (
        "handbacks",
        {"add": [{"provider_id": "H1", "kind": "leaves"}]},
        "handbacks: 1 row added: H1 leaves",
    ),
    "nobody in particular": (
        "rates",
        {"add": [{"rate_pounds_per_hour": 20}]},
        "rates: 1 row added",
    ),
}


@pytest.mark.parametrize(("table", "asked", "said"), WORDS.values(), ids=WORDS)
def test_change_in_words(table: str, asked: dict[str, Any], said: str) -> None:
    """A change reads as a sentence: whom it is about, what it does, which rows are new."""
    card = read_card("homecare")
    change = Change.model_validate({"table": table, **asked})
    assert in_words(change, card.tables[table]) == said


SHIPPED = sorted(path.stem for path in shipped("scenarios", "homecare").glob("*.toml"))


@pytest.mark.parametrize("name", SHIPPED)
def test_every_shipped_scenario_can_be_checked(name: str) -> None:
    """Its changes fit its case, claims about areas that it does away with included."""
    assert "no fault found" in check_question(name)[0]


def test_shipped_scenarios_have_names_of_their_own() -> None:
    """A bare name means one question, whatever its model."""
    names = [path.stem for path in shipped("scenarios").glob("*/*.toml")]
    assert len(names) == len(set(names))
