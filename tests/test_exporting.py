"""Templates and exports: what is written, what reads it back, and what is refused."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pulp
import pytest
from openpyxl import load_workbook

from allocate.card import read_card
from allocate.core.names import column_names, row_names
from allocate.core.outcome import CLOSED
from allocate.core.program import Program, ints
from allocate.core.written import as_lp
from allocate.exporting import export
from allocate.solving import solve
from allocate.tables import read
from helpers.books import value_of
from helpers.cases import OK_SMALL, CommandLine, copy_case, write_scenario
from helpers.tiny import generate

EXAMPLE = Path(__file__).parents[1] / "models" / "homecare" / "example"
CARD = read_card("homecare")

HIGHS = """
import highspy, json, sys
highs = highspy.Highs()
highs.setOptionValue("output_flag", False)
read = highs.readModel(sys.argv[1])
highs.run()
names = [highs.getColName(at)[1] for at in range(highs.getNumCol())]
values = dict(zip(names, list(highs.getSolution().col_value)))
print(json.dumps([str(read), highs.getInfo().objective_function_value, values]))
"""


# ------------------------------------------------------------------------------------- template


@pytest.fixture
def template(tmp_path: Path, allocate: CommandLine) -> Path:
    """An empty template."""
    path = tmp_path / "case.xlsx"
    run = allocate("template", "homecare", "--out", path)
    assert run.code == 0, run.err
    assert "a sheet for each of" in run.out
    return path


def test_template_has_every_table_needed_ones_first(template: Path) -> None:
    """A sheet for people first, then every table of the card with its columns as headings."""
    book = load_workbook(template)
    needed = [name for name in CARD.tables if CARD.tables[name].required or name == "parameters"]
    assert book.sheetnames[: 1 + len(needed)] == ["Read me", *needed]
    assert set(book.sheetnames) == {"Read me", *CARD.tables}
    for name, table in CARD.tables.items():
        assert [cell.value for cell in book[name][1]] == list(table.names)
        assert book[name].freeze_panes == "B2"
        colours = {book[one].sheet_properties.tabColor.rgb for one in needed}
        assert (book[name].sheet_properties.tabColor.rgb in colours) == (name in needed)
        for cell, column in zip(book[name][1], table.fields, strict=True):
            assert column.title in cell.comment.text
            assert column.unit in cell.comment.text


def test_template_says_what_a_first_answer_needs(template: Path) -> None:
    """The first sheet names the tables, columns and the number that a first answer needs."""
    text = "\n".join(str(row[0].value) for row in load_workbook(template)["Read me"].rows)
    for line in (
        "packages: package_id, place_id, hours_per_week",
        "providers: provider_id",
        "place_areas: place_id, area_id",
        "parameters: a row for rate_pounds_per_hour",
    ):
        assert line in text


def test_template_offers_lists(template: Path) -> None:
    """Words of a list, Yes and No, and ids of other sheets can be chosen from."""
    sheet = load_workbook(template)["packages"]
    lists = {str(v.sqref).split(":")[0]: v for v in sheet.data_validations.dataValidation}
    letters = {cell.value: cell.column_letter for cell in sheet[1]}

    def choice(column: str) -> Any:
        return lists[f"{letters[column]}2"]

    assert choice("status").formula1 == '"placed,waiting,handed_back"'
    assert choice("locked").formula1 == '"Yes,No"'
    assert choice("provider_id").formula1.startswith("providers!$A$2:")
    assert choice("place_id").formula1.startswith("place_areas!$A$2:")
    assert choice("priority").errorStyle == "warning"  # urgent and routine are read too


def test_ids_in_a_template_are_text(template: Path) -> None:
    """An id typed into a template keeps its noughts; dates and whole numbers have their formats."""
    sheet = load_workbook(template)["packages"]
    letters = {cell.value: cell.column_letter for cell in sheet[1]}
    formats = {name: sheet.column_dimensions[at].number_format for name, at in letters.items()}
    assert formats["package_id"] == formats["place_id"] == formats["priority"] == "@"
    assert formats["start_date"] == "dd/mm/yyyy"
    assert formats["carers"] == "0"


def test_what_to_do_next_can_be_copied(tmp_path: Path, allocate: CommandLine) -> None:
    """A path with spaces stands in quotes where a command is printed to be typed."""
    book = tmp_path / "my case.xlsx"
    assert f'then: allocate check "{book}"' in allocate("template", "--out", book).out
    allocate("export", OK_SMALL, "--to", tmp_path / "my own.xlsx")
    run = allocate("returns", "write", tmp_path / "my own.xlsx", "--out", tmp_path / "forms")
    assert f'--case "{tmp_path / "my own.xlsx"}" --out NEWCASE' in run.out


def test_empty_template_is_told_what_is_missing(template: Path, allocate: CommandLine) -> None:
    """A template that nobody filled in is refused by the sheets that need rows."""
    run = allocate("check", template)
    assert run.code == 2
    assert run.err.startswith("4 faults")
    assert "case.xlsx packages: the table has no rows. Fill it in" in run.err


def test_rate_that_the_template_asks_for_is_told_as_missing(
    template: Path, allocate: CommandLine
) -> None:
    """The template names the rate; left empty, its cell is named and what belongs there."""
    assert load_workbook(template)["parameters"]["A2"].value == "rate_pounds_per_hour"
    said = 'case.xlsx parameters!B2, value = "": is missing. Put the value of rate_pounds_per_hour'
    assert said in allocate("check", template).err


def test_no_rate_in_a_sheet_that_is_there_is_told_without_adding_one(
    tmp_path: Path, allocate: CommandLine
) -> None:
    """Where the sheet parameters is there without a rate, what is asked for is a row in it."""
    case = copy_case(tmp_path / "case")
    path = tmp_path / "case.xlsx"
    assert allocate("export", case, "--to", path).code == 0
    book = load_workbook(path)
    book["rates"].delete_rows(2, 20)
    book.save(path)
    run = allocate("check", path)
    assert run.code == 2
    assert "no rate is given. Put a row into the sheet parameters, with" in run.err


def test_filled_template_reads_back(template: Path) -> None:
    """A template filled in cell by cell is the case."""
    book = load_workbook(template)
    book["parameters"].delete_rows(2)  # the rate, which this case has in rates
    for path in OK_SMALL.glob("*.csv"):
        with path.open(newline="", encoding="utf-8") as file:
            for number, row in enumerate(csv.DictReader(file), start=2):
                for cell in book[path.stem][1]:
                    value = value_of(row.get(str(cell.value), ""))
                    book[path.stem].cell(number, cell.column, value)
    book.save(template)
    tables = read(template)
    assert tables.hashes == read(OK_SMALL).hashes
    assert (tables.ignored, tables.notes) == ((), ())


# ------------------------------------------------------------------------------------- cases


def test_exported_workbook_looks_like_the_template(tmp_path: Path, allocate: CommandLine) -> None:
    """An exported case has the template's sheets, and says on the first what is synthetic."""
    case = copy_case(tmp_path / "case")
    (case / "sources.csv").write_text("table,nature\nproviders,synthetic\npackages,synthetic\n")
    run = allocate("export", case, "--to", tmp_path / "case.xlsx")
    assert run.code == 0
    assert "Synthetic, not a council's records" in run.out
    book = load_workbook(tmp_path / "case.xlsx")
    assert set(book.sheetnames) == {"Read me", *CARD.tables}
    text = "\n".join(str(row[0].value) for row in book["Read me"].rows)
    assert "Synthetic, not a council's records: providers, packages" in text
    assert book["packages"]["A2"].number_format == "@"


def test_scenario_is_exported_with_its_changes(tmp_path: Path, allocate: CommandLine) -> None:
    """Of a scenario the case is written as changed; a result's own question can be exported."""
    text = 'case = "case"\n[[change]]\ntable = "packages"\nwhere = { package_id = "P4" }\n'
    scenario = write_scenario(tmp_path, f"{text}set = {{ hours_per_week = 9 }}\n")
    run = allocate("export", scenario, "--to", tmp_path / "new" / "out.xlsx")
    assert run.code == 0, run.err
    assert "Case case, with 1 change of scenario made." in run.out
    after = read(tmp_path / "new" / "out.xlsx")
    frame = after["packages"].set_index("package_id")["hours_per_week"]
    assert frame["P4"] == 9
    solve(scenario).write(tmp_path / "result")
    assert (
        allocate("export", tmp_path / "result" / "scenario.toml", "--to", tmp_path / "p").code == 0
    )
    assert read(tmp_path / "p").hashes == after.hashes


def test_what_the_model_does_not_know_is_said_not_to_be_written(
    tmp_path: Path, allocate: CommandLine
) -> None:
    """Columns that are left aside in reading are named in writing."""
    write_scenario(tmp_path, "")
    path = tmp_path / "case" / "rates.csv"
    path.write_text("provider_id,place_id,rate_pounds_per_hour,mine\n,,20,x\n")
    run = allocate("export", tmp_path / "case", "--to", tmp_path / "out")
    assert "Not written, because the model does not know it: rates.csv: column mine" in run.out


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["export", OK_SMALL, "--to", "out.xls"], ".xls is not written. Name a file ending in"),
        (["export", OK_SMALL, "--to", "out.csv"], ".csv is not written"),
        (["export", OK_SMALL, "--to", "there.xlsx"], "exists already"),
        (["export", OK_SMALL, "--to", "there.xlsx/case"], "is a file"),
        (["export", OK_SMALL, "--to", "out.xlsx", "--level", "cash"], "a case has no levels"),
        (
            ["export", OK_SMALL, "--to", "out.lp", "--level", "csh"],
            'no such level (closest: "cash")',
        ),
        (["export", "no_such", "--to", "out.xlsx"], "no such scenario"),
        (["template", "homecare", "--out", "there.xlsx"], "exists already"),
        (["template", "homecare", "--out", "out.csv"], "the template is a workbook"),
        (["template", "homcare", "--out", "out.xlsx"], 'no such model (closest: "homecare")'),
    ],
)
def test_refused(
    words: list[object],
    told: str,
    tmp_path: Path,
    allocate: CommandLine,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What cannot be written is refused with 2 and a message, and nothing is left behind."""
    monkeypatch.chdir(tmp_path)
    Path("there.xlsx").write_text("mine")
    run = allocate(*words)
    assert run.code == 2
    assert told in run.err
    assert "Traceback" not in run.err
    assert [path.name for path in tmp_path.iterdir()] == ["there.xlsx"]
    assert Path("there.xlsx").read_text() == "mine"


# ---------------------------------------------------------------------------------- programs


def optimum(level: str) -> float:
    """The value of a level of the example, worked out by hand."""
    words = tomllib.loads((EXAMPLE / "expected.toml").read_text(encoding="utf-8"))
    return next(float(item["objective"]) for item in words["levels"] if item["name"] == level)


def steps(path: Path) -> float:
    """How many steps of the file make a unit, as its heading says."""
    line = next(x for x in path.read_text().splitlines() if "divide it by" in x)
    return float(line.split("divide it by ")[1].split()[0])


@pytest.mark.parametrize("ending", ["lp", "mps"])
def test_highs_reads_the_same_optimum(ending: str, tmp_path: Path, allocate: CommandLine) -> None:
    """HiGHS reads the file and finds what was worked out by hand, by readable names."""
    path = tmp_path / f"example.{ending}"
    assert allocate("export", EXAMPLE, "--to", path).code == 0
    words = [sys.executable, "-c", HIGHS, str(path)]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    read_well, objective, values = json.loads(done.stdout)
    assert read_well == "HighsStatus.kOk"
    assert objective / steps(path) == pytest.approx(optimum("waiting"))
    before, after = "()" if ending == "lp" else "[]"
    assert values[f"lead{before}S,BIRCH{after}"] == 1
    assert values[f"wait{before}P5{after}"] == 1
    assert values[f"assign{before}P3,BIRCH{after}"] == 1


@pytest.mark.parametrize("ending", ["lp", "mps"])
def test_cbc_reads_the_same_optimum(ending: str, tmp_path: Path, allocate: CommandLine) -> None:
    """CBC's own reader finds the same."""
    path, out = tmp_path / f"example.{ending}", tmp_path / "solution.txt"
    assert allocate("export", EXAMPLE, "--to", path).code == 0
    words = [pulp.PULP_CBC_CMD().path, str(path), "-solve", "-solu", str(out)]
    subprocess.run(words, capture_output=True, check=True)
    objective = float(out.read_text().splitlines()[0].split()[-1])
    assert objective / steps(path) == pytest.approx(optimum("waiting"))


def test_pulp_reads_the_same_optimum(tmp_path: Path, allocate: CommandLine) -> None:
    """PuLP's own reader of MPS finds the same, by the same names."""
    path = tmp_path / "example.mps"
    assert allocate("export", EXAMPLE, "--to", path).code == 0
    columns, problem = pulp.LpProblem.fromMPS(str(path))
    problem.solve(pulp.PULP_CBC_CMD(msg=False))
    assert pulp.value(problem.objective) / steps(path) == pytest.approx(optimum("waiting"))
    assert columns["lead[S,BIRCH]"].value() == 1


@pytest.mark.parametrize("ending", ["lp", "mps"])
@pytest.mark.parametrize("seed", [0, 3, 4])
def test_any_case_has_the_same_optimum(seed: int, ending: str, tmp_path: Path) -> None:
    """CBC finds in the file of a random case what the program finds in the case."""
    question = generate(seed).write(tmp_path)
    path, out = tmp_path / f"case.{ending}", tmp_path / "solution.txt"
    result = solve(question, gap=0.0, seconds=20)
    export(question, path)
    words = [pulp.PULP_CBC_CMD().path, str(path), "-ratio", "0", "-solve", "-solu", str(out)]
    subprocess.run(words, capture_output=True, check=True)
    found = out.read_text().splitlines()[0]
    if result.status == "infeasible":
        assert "nfeasible" in found
    else:
        assert result.levels[0].why_stopped == CLOSED
        objective = float(found.split()[-1]) / steps(path)
        assert objective == pytest.approx(float(result.levels[0].objective), abs=1e-6)


def test_another_level_is_the_objective(tmp_path: Path, allocate: CommandLine) -> None:
    """A later level can be asked for; the file says that it does not keep those before it."""
    path = tmp_path / "example.lp"
    run = allocate("export", EXAMPLE, "--to", path, "--level", "cash")
    assert run.code == 0
    assert "level cash of waiting > shortfalls > changes > cash > travel" in run.out
    text = path.read_text()
    assert "\\ This file: cash." in text
    assert "as they can be: waiting, shortfalls, changes" in text
    assert " objective: + 730000 assign(P1,ALDER)" in text  # 7 hours at 20 pounds, in pence a year


def test_rows_are_named_by_rule_and_id(tmp_path: Path, allocate: CommandLine) -> None:
    """Every rule's rows say whom they are about; no name stands twice."""
    scenario = tmp_path / "all.toml"
    card = CARD.rules
    values = {"viable_round": 5, "share_limit": 0.6, "step_in": 0.5, "leads_limit": 1}
    rules = "".join(
        f'[rules.{rule}]\nmode = "soft"\n' + (f"value = {values[rule]}\n" if rule in values else "")
        for rule in card
        if rule not in ("rate_floor", "moves_limit")
    )
    scenario.write_text(f'case = "{EXAMPLE.as_posix()}"\n{rules}', encoding="utf-8")
    path = tmp_path / "all.mps"
    assert allocate("export", scenario, "--to", path).code == 0
    lines = path.read_text().splitlines()
    body = lines[lines.index("ROWS") + 2 : lines.index("COLUMNS")]
    rows = [line.split()[1] for line in body]
    assert len(set(rows)) == len(rows)
    for name in (
        "placed_once[P1]",
        "within_capacity[ALDER]",
        "leads_per_area[S]",
        "lead_accepts_share[N]",
        "viable_round[ALDER,N]",
        "share_limit[BIRCH]",
        "leads_limit[CEDAR]",
        "step_in[ALDER,N]",
        "lead_first[S,BIRCH]",
    ):
        assert name in rows, name
    assert not [name for name in rows if name.rstrip("]").rpartition("[")[2].isdigit()]
    columns = {line.split()[0] for line in lines[lines.index("COLUMNS") : lines.index("RHS")]}
    assert {"short_within_capacity[ALDER]", "appointed[BIRCH]", "step_in[ALDER,N,CEDAR]"} <= columns
    assert not [name for name in columns if name.rstrip("]").rpartition("[")[2].isdigit()]


def test_names_are_safe_short_and_unique() -> None:
    """Ids with spaces, signs, accents or great length give names that every reader takes."""
    program = Program()
    ids = ["A 1", "A-1", "A+1", "é[x]", "long" * 60, "long" * 61]
    program.columns("assign", len(ids), labels=lambda: [(name,) for name in ids])
    program.columns("plain", 2)
    names = column_names(program)
    assert names[:3] == ["assign[A_1]", "assign[A_1]_2", "assign[A_1]_3"]
    assert names[-2:] == ["plain[1]", "plain[2]"]
    assert len(set(names)) == len(names)
    assert all(len(name) < 110 and name.isascii() and " " not in name for name in names)
    assert row_names(program) == []


def test_rows_with_two_bounds_or_no_columns_are_written() -> None:
    """A row with two bounds becomes two; one without columns keeps its bound."""
    program = Program()
    x = program.columns("x", 2, upper=[3, 0])
    program.require("both", "free", [(0, x, 1)], low=1, high=2, rows=1)
    program.require("none", "free", [(ints([]), ints([]), ints([]))], low=1, rows=1)
    program.level("least", ints([1, -2]), 1)
    lines = list(as_lp(program, 0))
    assert " objective: + 1 x(1) - 2 x(2)" in lines
    assert " both(1): + 1 x(1) + 1 x(2) >= 1" in lines
    assert " both(1)_most: + 1 x(1) + 1 x(2) <= 2" in lines
    assert " none(1): + 0 x(1) >= 1" in lines
    assert " 0 <= x(1) <= 3" in lines
    assert " x(2) = 0" in lines
