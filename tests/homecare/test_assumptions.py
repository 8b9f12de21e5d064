"""What an answer rests on that no table says: which rows, what was taken, and why."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from allocate.asked import Asked, prepare
from allocate.assume import COLUMNS, STATED, as_table
from allocate.solving import solve
from helpers.cases import OK_SMALL, CommandLine, copy_case, edit, write_scenario
from helpers.tiny import examples, tiny_question


def minimal(folder: Path) -> Path:
    """Packages, providers, place areas and a rate: everything else is derived."""
    folder.mkdir()
    (folder / "packages.csv").write_text(
        "package_id,place_id,hours_per_week,provider_id\n"
        "P1,W01,10.5,H1\nP2,W01,14,H2\nP3,W02,7,H2\nP4,W02,5.25,\n"
    )
    (folder / "providers.csv").write_text("provider_id\nH1\nH2\n")
    (folder / "place_areas.csv").write_text("place_id,area_id\nW01,North\nW02,South\n")
    (folder / "places.csv").write_text(
        "place_id,easting_m,northing_m\nW01,330000,410000\nW02,333000,414000\n"
    )
    (folder / "parameters.csv").write_text(
        "parameter_id,value\nrate_pounds_per_hour,20\nassumed_headroom,0.5\n"
    )
    return folder


def taken(asked: Asked) -> dict[tuple[str, str, str], str]:
    """The value of each assumption, by table, column and id."""
    rows = as_table(asked.instance.assumptions).to_dict("records")
    return {(row["table"], row["column"], row["id"]): row["value"] for row in rows}


def test_each_derived_value_is_listed(tmp_path: Path) -> None:
    """Of a minimal case every derived value is listed with the row it is for."""
    found = taken(prepare(minimal(tmp_path / "case")))
    assert found["packages", "status", "P1"] == "placed"
    assert found["packages", "status", "P4"] == "waiting"
    assert found["packages", "carers", "P2"] == "1"
    assert found["packages", "visits_per_week", "P1"] == "14"  # 10.5 hours of 45 minutes
    assert found["packages", "priority", "P3"] == "3"
    assert found["packages", "days_waiting", "P4"] == "0"
    assert ("packages", "days_waiting", "P1") not in found  # nobody waits there
    assert found["providers", "capacity_hours", "H1"] == "15.75"  # 10.5 and half as much again
    assert found["providers", "capacity_hours", "H2"] == "31.5"
    assert found["providers", "growth_hours", "H1"] == "0"
    assert found["providers", "owner_id", "H2"] == "H2"
    assert found["providers", "cqc_rating", "H1"] == "Requires improvement"
    assert found["providers", "can_lead", "H1"] == "Yes"
    assert found["rates", "rate_pounds_per_hour", "everyone"] == "20"
    assert found["areas", "lead_id", "South"] == "to be chosen"


def test_the_share_that_is_paid_is_listed_where_nothing_says_it(tmp_path: Path) -> None:
    """That all planned hours are paid is assumed, until the case or the scenario says a share."""
    case = minimal(tmp_path / "case")
    key = ("parameters", "value", "paid_share")
    asked = prepare(case)
    assert taken(asked)[key] == "1"
    told = "parameters.value, 1 row: all planned hours are paid (paid_share 1)"
    assert told in [str(item) for item in asked.instance.assumptions]
    text = 'case = "case"\n[parameters]\npaid_share = 1.0\n'
    assert key not in taken(prepare(write_scenario(tmp_path, text)))
    with (case / "parameters.csv").open("a") as file:
        file.write("paid_share,1\n")
    assert key not in taken(prepare(case))


def test_pairs_are_listed_by_provider(tmp_path: Path) -> None:
    """Reach and travel are listed once a provider, with the number of places."""
    asked = prepare(minimal(tmp_path / "case"))
    found = taken(asked)
    assert found["reach", "place_id", "H1"] == "1"
    assert found["reach", "place_id", "H2"] == "2"
    # H1 starts where its only work is; H2 a third of the way from W01 to W02, which are 5 km apart.
    assert found["providers", "base_easting_m", "H1"] == "330000"
    assert found["providers", "base_northing_m", "H2"] == "411333"
    assert found["reach", "travel_minutes_per_visit", "H1"] == "0"
    assert found["reach", "travel_minutes_per_visit", "H2"] == "5 to 10"
    sentences = [str(item) for item in asked.instance.assumptions]
    assert "reach.travel_minutes_per_visit, 3 rows: straight line at 20 km an hour" in sentences
    rows = as_table(asked.instance.assumptions).to_dict("records")
    why = [r["why"] for r in rows if r["column"].startswith("travel") and r["id"] == "H2"]
    assert why == ["straight line at 20 km an hour (2 cells)"]


def test_rows_stated_as_assumed_are_listed() -> None:
    """A provider whose basis says assumed is listed with what is stated of it, and no other."""
    asked = prepare(OK_SMALL)
    stated = [item for item in asked.instance.assumptions if item.text == STATED]
    rows = [row for item in stated for row in item.rows()]
    assert rows == [
        ("providers", "H3", "capacity_hours", "20", "carer-hours a week", STATED),
        ("providers", "H3", "can_lead", "No", "", STATED),
    ]


def test_reach_stated_as_assumed_is_listed_by_provider(tmp_path: Path) -> None:
    """Rows of reach whose basis says assumed are counted by provider."""
    case = copy_case(tmp_path / "case")
    path = case / "reach.csv"
    head, *rows = path.read_text().splitlines()
    basis = ["assumed" if row.startswith("H2") else "recorded" for row in rows]
    lines = [f"{head},basis", *(f"{row},{how}" for row, how in zip(rows, basis, strict=True))]
    path.write_text("\n".join(lines) + "\n")
    assert taken(prepare(case))["reach", "place_id", "H2"] == "3"
    assert ("reach", "place_id", "H1") not in taken(prepare(case))


def test_assumed_parameter_counts_until_the_scenario_sets_it(tmp_path: Path) -> None:
    """A parameter stated as assumed is listed, unless the scenario stands another in its place."""
    case = copy_case(tmp_path / "case")
    edit(case, "parameters", "0.95,recorded", "0.95,assumed")
    key = ("parameters", "value", "paid_share")
    assert taken(prepare(case))[key] == "0.95"
    text = 'case = "case"\n[parameters]\npaid_share = 0.9\n'
    assert key not in taken(prepare(write_scenario(tmp_path, text)))


def test_result_folder_lists_what_was_assumed(tmp_path: Path) -> None:
    """assumptions.csv has every row, result.json the sentences, and the summary names the file."""
    result = solve(minimal(tmp_path / "case"), seconds=20)
    folder = result.write(tmp_path / "result")
    rows = pd.read_csv(folder / "assumptions.csv", dtype=str, keep_default_na=False)
    assert tuple(rows.columns) == COLUMNS
    expected = as_table(prepare(tmp_path / "case").instance.assumptions)
    assert rows.to_numpy().tolist() == expected.to_numpy().tolist()
    counted = rows.groupby(["table", "column"]).size()
    for sentence in result.record["assumptions"]:
        if "reach" not in sentence:
            name, _, rest = sentence.partition(", ")
            assert counted[tuple(name.split("."))] == int(rest.split(" ")[0])
    assert "assumptions.csv" in result.summary


def test_what_cannot_be_met_rests_on_assumptions_too(tmp_path: Path) -> None:
    """An answer without a plan lists what was assumed as well."""
    text = 'case = "case"\n[[change]]\ntable = "providers"\nset = { capacity_hours = 1 }\n'
    result = solve(write_scenario(tmp_path, text), seconds=20)
    assert result.exit_code == 1
    rows = pd.read_csv(result.write(tmp_path / "r") / "assumptions.csv")
    assert "H3" in set(rows["id"])


def test_check_writes_what_was_assumed(allocate: CommandLine, tmp_path: Path) -> None:
    """`check --assumed` writes the whole list, and leaves a file alone that exists."""
    run = allocate("check", OK_SMALL, "--assumed", tmp_path / "assumed.csv")
    assert run.code == 0
    assert "providers.capacity_hours, 1 row: stated as assumed" in run.out
    written = (tmp_path / "assumed.csv").read_text()
    assert written.splitlines()[1] == "providers,H3,owner_id,H3,,the provider itself"
    assert [path.name for path in tmp_path.iterdir()] == ["assumed.csv"]
    again = allocate("check", OK_SMALL, "--assumed", tmp_path / "assumed.csv")
    assert again.code == 2
    assert "exists already" in again.err
    assert (tmp_path / "assumed.csv").read_text() == written


@examples(12)
@given(st.integers(0, 10_000))
def test_nothing_stated_is_called_derived(seed: int) -> None:
    """Whatever the case, each row listed is one of the table, its cell empty or stated so."""
    with tempfile.TemporaryDirectory() as folder:
        asked = tiny_question(seed, Path(folder))
        for item in asked.instance.assumptions:
            assert len(item.ids) == len(item.values) == len(set(item.ids)) > 0
            if item.table not in ("packages", "providers"):
                continue
            frame = asked.tables[item.table]
            cells = dict(zip(frame.iloc[:, 0], frame[item.column], strict=True))
            for row in item.ids:
                empty = cells[row] in ("", None, ()) or cells[row] != cells[row]
                assert empty or item.text == STATED
