"""The command line: what it prints and writes, how it ends, and what it leaves alone."""

from __future__ import annotations

import errno
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from textwrap import dedent
from typing import Any

import pandas as pd
import pytest

from allocate import registry
from allocate.core.outcome import CLOCK, Watch
from allocate.report.text import _open
from allocate.result import Level
from allocate.solving import solve
from helpers.cases import OK_SMALL, CommandLine, Run, copy_case, edit, write_scenario

CASE = 'case = "case"\n'
FILES = {"allocation.csv", "leads.csv", "result.json", "certificate.json", "summary.txt"}
HEAVY = {
    "openpyxl",
    "pandas",
    "numpy",
    "pandera",
    "scipy",
    "networkx",
    "highspy",
    "ortools",
    "pulp",
    "pyarrow",
    "sqlalchemy",
    "distributed",
}
KEYS = {
    *("question", "model", "scenario", "case", "status", "why_stopped", "replayable", "levels"),
    *("objective", "fixed", "bound", "gap", "gap_pounds", "unit", "terms", "rules", "parameters"),
    *("conflict", "ways_out", "review", "assumptions", "seconds", "method", "seed", "versions"),
    "inputs",
}
PHASES = {"read", "check", "build", "solve", "review", "write"}

CROWDED = CASE + (
    '[[change]]\ntable = "providers"\nset = { capacity_hours = 1, growth_hours = 0 }\n'
    '[rules.share_limit]\nmode = "hard"\nvalue = 0.1\n'
)


@pytest.fixture
def sleepy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every method is a solver that never finds a plan."""
    monkeypatch.setattr(registry, "method_module", lambda _: "helpers.sleeper")


def record(folder: Path) -> dict[str, Any]:
    """The result.json of a folder."""
    loaded: dict[str, Any] = json.loads((folder / "result.json").read_text(encoding="utf-8"))
    return loaded


def left_in(folder: Path) -> set[str]:
    """Names of all that stands in a folder, hidden or not."""
    return {path.name for path in folder.iterdir()}


# ---------------------------------------------------------------------------------------- help


def test_help(allocate: CommandLine) -> None:
    """The help names the commands and gives an example."""
    run = allocate("--help")
    assert run.code == 0
    for word in ("solve", "check", "rules", "template", "export", "Example"):
        assert word in run.out


STUDIES = ["sweep", "compare", "runs", "replay", "diff", "purge"]


@pytest.mark.parametrize("command", ["solve", "check", "rules", "template", "export", *STUDIES])
def test_help_of_each_command(allocate: CommandLine, command: str) -> None:
    """Each command's help gives an example."""
    run = allocate(command, "--help")
    assert run.code == 0
    assert f"allocate {command}" in run.out
    assert "Example" in run.out


def test_no_command_prints_help(allocate: CommandLine) -> None:
    """Without a command the help is printed."""
    run = allocate()
    assert "solve" in run.out + run.err
    assert run.code in (0, 2)


def test_cli_imports_nothing_heavy() -> None:
    """Importing the command line loads no package that makes --help wait."""
    code = "import sys, allocate.cli; print(*sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not HEAVY & set(done.stdout.split())


def test_help_as_a_program() -> None:
    """`python -m allocate.cli --help` ends with 0."""
    words = [sys.executable, "-m", "allocate.cli", "--help"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert "Usage" in done.stdout


@pytest.mark.parametrize(
    "words",
    [
        ["slove"],
        ["solve"],
        ["solve", OK_SMALL, "--second", "5"],
        ["solve", OK_SMALL, "--gap", "-1"],
        ["solve", OK_SMALL, "--seconds", "ten"],
        ["solve", OK_SMALL, "--method", "gurobi"],
        ["check", "no_such_scenario"],
        ["rules", "homcare"],
    ],
)
def test_mistyped_commands_end_with_2(allocate: CommandLine, words: list[object]) -> None:
    """A command that cannot be understood ends with 2 and a message."""
    run = allocate(*words)
    assert run.code == 2
    assert run.out == ""
    assert run.err
    assert "Traceback" not in run.err


def test_unknown_scenario_names_the_nearest(allocate: CommandLine) -> None:
    """A mistyped scenario is told with the one that was meant."""
    run = allocate("check", "leads_hand_bak")
    assert run.code == 2
    assert 'no such scenario (closest: "leads_hand_back")' in run.err


# ---------------------------------------------------------------------------------------- rules


def test_rules_print_the_card(allocate: CommandLine) -> None:
    """The card lists every rule, term, parameter and table."""
    from allocate.card import read_card

    card = read_card("homecare")
    run = allocate("rules")
    assert run.code == 0
    for name in [*card.rules, *card.terms, *card.parameters, *card.tables]:
        assert re.search(rf"^{name}\b", run.out, re.MULTILINE), name


def test_one_rule(allocate: CommandLine) -> None:
    """One rule is printed in full: kind, mode, formula, unit, remedy."""
    run = allocate("rules", "homecare", "--rule", "leads_limit")
    assert run.code == 0
    assert run.out.startswith("leads_limit  (policy; report, value 2")
    for word in ("at most `value` areas", "short_by = ", "unit: areas", "If it cannot be met"):
        assert word in " ".join(run.out.split())
    assert "share_limit" not in run.out


def test_unknown_rule(allocate: CommandLine) -> None:
    """A mistyped rule ends with 2 and names the nearest."""
    run = allocate("rules", "--rule", "lead_limit")
    assert run.code == 2
    assert 'no such rule (closest: "leads_limit")' in run.err


# ---------------------------------------------------------------------------------------- check


def test_check_prints_totals(allocate: CommandLine) -> None:
    """Check prints totals that can be recounted by hand."""
    run = allocate("check", OK_SMALL)
    assert run.code == 0
    assert run.err == ""
    for line in (
        "Case ok_small: no fault found.",
        "Providers: 3, of 3 owners",
        "People placed: 4, 50.5 carer-hours a week",
        "Yearly cash of these: £50,031",
        "Waiting: 2 people, 8.75 carer-hours",
        "providers.owner_id, 1 row: the provider itself",
    ):
        assert line in run.out


def test_check_of_a_scenario_makes_its_changes(allocate: CommandLine, tmp_path: Path) -> None:
    """Check of a scenario prints the totals after its changes."""
    text = '[[change]]\ntable = "packages"\nwhere = { status = "waiting" }\ndrop = true\n'
    pins = '[[change]]\ntable = "pins"\ndrop = true\n'
    run = allocate("check", write_scenario(tmp_path, CASE + text + pins))
    assert run.code == 0
    assert "Waiting: 0 people, 0 carer-hours" in run.out


# ---------------------------------------------------------------------------------------- solve


def test_solve_writes_a_folder(allocate: CommandLine, tmp_path: Path) -> None:
    """An answer is printed, and written whole with nothing left beside it."""
    run = allocate("solve", OK_SMALL, "--out", tmp_path / "new" / "result", "--seconds", 30)
    assert run.code == 0
    assert left_in(tmp_path / "new") == {"result"}
    folder = tmp_path / "new" / "result"
    assert left_in(folder) >= FILES
    summary = (folder / "summary.txt").read_text(encoding="utf-8")
    assert summary.strip() in run.out
    for word in ("Alder Care, H1", "Birch Care, H2 (chosen", "How sure this is"):
        assert word in summary


def test_answer_tables(allocate: CommandLine, tmp_path: Path) -> None:
    """The tables have the columns agreed, and rows that keep the input's ids and amounts."""
    allocate("solve", OK_SMALL, "--out", tmp_path / "r", "--quiet")
    read = {"dtype": str, "keep_default_na": False}
    allocation = pd.read_csv(tmp_path / "r" / "allocation.csv", **read)  # type: ignore[call-overload]
    assert list(allocation) == [
        *("package_id", "place_id", "area_id", "provider_id", "hours_per_week"),
        *("rate_pounds_per_hour", "cash_pounds_per_year", "by_lead"),
        *("changes_provider", "changes_carers", "provider_name", "place_name"),
        *("status", "last_provider_id", "waits"),
    ]
    assert list(allocation["package_id"]) == ["P1", "P2", "P3", "P4", "P5", "P6"]
    rows = allocation.set_index("package_id")
    # 7 hours x 2 carers x £20 x 0.95 x 365 / 7
    assert rows.loc["P2", "cash_pounds_per_year"] == "13870.00"
    assert rows.loc["P2", "provider_id"] == "H2"
    assert rows.loc["P6", ["provider_id", "area_id"]].tolist() == ["H2", "South"]
    leads = pd.read_csv(tmp_path / "r" / "leads.csv", **read)  # type: ignore[call-overload]
    assert list(leads) == [
        *("area_id", "rank", "provider_id", "referrals", "accepted", "short"),
        *("growth_hours_used", "area_name", "provider_name"),
    ]
    assert leads[["area_id", "provider_id"]].to_numpy().tolist() == [
        ["North", "H1"],
        ["South", "H2"],
    ]


def test_one_is_no_plural_and_a_name_that_is_an_id_stands_once(
    allocate: CommandLine, tmp_path: Path
) -> None:
    """The summary and the totals say 1 package, 1 point, 1 person; and H1, not H1, H1."""
    case = copy_case(tmp_path / "case")
    edit(case, "providers", "H1,Alder Care", "H1,H1")
    edit(case, "packages", "P4,W02,5.25,1", "P4,W02,100,1")
    edit(case, "packages", "P6,W03,3.5,1,7,waiting,", "P6,W03,3.5,1,7,placed,H2")
    said = allocate("solve", case, "--quiet").out
    assert "North of the river: H1: given 0 of 1 referral, 0%" in said
    assert "short by 1 package (North 1)" in said
    assert "shortfalls: 1 point;" in said
    assert "Waiting: 1 person, 100 carer-hours" in allocate("check", case).out


def test_answer_tables_read_without_the_case(allocate: CommandLine, tmp_path: Path) -> None:
    """Each row names provider, place and area, who had it before, and whether it waits."""
    changes = """
    [[change]]
    table = "packages"
    where = { package_id = "P4" }
    set = { hours_per_week = 100 }
    [[change]]
    table = "packages"
    where = { package_id = "P5" }
    set = { status = "handed_back" }
    """
    path = write_scenario(tmp_path, CASE + dedent(changes))
    assert allocate("solve", path, "--out", tmp_path / "r", "--quiet").code == 0
    read = {"dtype": str, "keep_default_na": False}
    allocation = pd.read_csv(tmp_path / "r" / "allocation.csv", **read)  # type: ignore[call-overload]
    columns = ["provider_name", "place_name", "status", "last_provider_id", "waits"]
    rows = allocation.set_index("package_id")[columns].T.to_dict("list")
    assert rows["P1"] == ["Alder Care", "Elm Green", "placed", "H1", "No"]
    assert rows["P4"] == ["", "Mill Lane", "waiting", "", "Yes"]
    assert rows["P5"] == ["Birch Care", "The Quay", "handed_back", "H2", "No"]
    leads = pd.read_csv(tmp_path / "r" / "leads.csv", **read)  # type: ignore[call-overload]
    assert leads[["area_name", "provider_name"]].to_numpy().tolist()[0] == [
        "North of the river",
        "Alder Care",
    ]


def test_result_json_holds_everything(allocate: CommandLine, tmp_path: Path) -> None:
    """result.json has every key of the contract, with units, and adds up."""
    from allocate.card import read_card

    card = read_card("homecare")
    text = 'question = "What if?"\n' + CASE + "[limits]\nseed = 7\n"
    run = allocate("solve", write_scenario(tmp_path, text), "--out", tmp_path / "r", "--quiet")
    assert run.code == 0
    found = record(tmp_path / "r")
    assert set(found) >= KEYS
    assert (found["question"], found["model"], found["scenario"], found["case"]) == (
        "What if?", "homecare", "scenario", "case",
    )  # fmt: skip
    assert found["status"] == "optimal"
    assert found["replayable"] is True
    assert [level["name"] for level in found["levels"]] == list(card.levels)
    for level in found["levels"]:
        assert set(level) >= {"name", "terms", "unit", "objective", "fixed", "bound", "gap"}
        assert level["bound"] <= level["objective"]
        assert level["gap"] <= 0.001
        assert found["terms"][level["name"]]["amount"] == level["objective"]
    for key in ("objective", "fixed", "bound", "gap", "gap_pounds", "unit"):
        assert found[key] == found["levels"][-1][key]
    assert found["levels"][3]["gap_pounds"] is not None
    assert set(found["terms"]) == set(card.terms)
    for term, words in found["terms"].items():
        assert set(words) >= {"amount", "unit", "kind"}
        assert (words["unit"], words["kind"]) == (card.terms[term].unit, card.terms[term].kind)
    assert set(found["rules"]) == set(card.rules)
    for rule, words in found["rules"].items():
        assert set(words) >= {"kind", "mode", "value", "slack", "short_by", "price"}
        assert words["kind"] == card.rules[rule].kind
        if words["mode"] == "hard":
            assert words["short_by"] == 0
    of_rules = {name for name in found["parameters"] if "." in name}
    assert set(found["parameters"]) - of_rules == set(card.parameters)
    assert {name.split(".")[0] for name in of_rules} == set(card.rules)
    assert found["parameters"]["lead_accepts_share.value"]["value"] == 0.9
    assert found["parameters"]["paid_share"] == {"value": 0.95, "unit": "share"}
    assert found["conflict"] == []
    assert found["review"] == {"passed": True, "faults": []}
    assert set(found["seconds"]) >= PHASES
    assert found["method"] == "allocate, highs"
    assert found["seed"] == 7
    assert {"allocate", "python", "highspy"} <= set(found["versions"])
    assert set(found["inputs"]) == {path.stem for path in OK_SMALL.glob("*.csv")}
    assert all(re.fullmatch("[0-9a-f]{64}", value) for value in found["inputs"].values())


def test_terms_recounted(allocate: CommandLine, tmp_path: Path) -> None:
    """Cash and travel of result.json are the sums over the rows of the allocation."""
    allocate("solve", OK_SMALL, "--out", tmp_path / "r", "--quiet")
    terms = record(tmp_path / "r")["terms"]
    rows = pd.read_csv(tmp_path / "r" / "allocation.csv")
    assert terms["cash"]["amount"] == pytest.approx(rows["cash_pounds_per_year"].sum(), abs=1e-6)
    packages = pd.read_csv(OK_SMALL / "packages.csv")[["package_id", "visits_per_week"]]
    reach = pd.read_csv(OK_SMALL / "reach.csv")
    rows = rows.merge(packages, on="package_id").merge(reach, on=["provider_id", "place_id"])
    travel = (rows["visits_per_week"] * rows["travel_minutes_per_visit"]).sum()
    assert terms["travel"]["amount"] == travel


def test_limits_of_the_command_line_win(allocate: CommandLine, tmp_path: Path) -> None:
    """--seconds, --gap and --seed stand over the scenario's limits."""
    path = write_scenario(tmp_path, CASE + "[limits]\nseconds = 7\ngap = 0.5\nseed = 3\n")
    run = allocate("solve", path, "--seconds", 20, "--gap", 0, "--seed", 9, "--out", tmp_path / "r")
    assert run.code == 0
    found = record(tmp_path / "r")
    assert found["seed"] == 9
    assert found["limits"] == {"seconds": 20, "gap": 0, "seed": 9}


def test_existing_folder_is_left_untouched(allocate: CommandLine, tmp_path: Path) -> None:
    """A result folder that exists is refused at once, before any solving, and stays as it is."""
    (tmp_path / "r").mkdir()
    (tmp_path / "r" / "mine.txt").write_text("keep")
    run = allocate("solve", "leads_hand_back", "--out", tmp_path / "r")
    assert run.code == 2
    assert "exists already" in run.err
    assert str(tmp_path / "r") in run.err
    assert left_in(tmp_path / "r") == {"mine.txt"}
    assert (tmp_path / "r" / "mine.txt").read_text() == "keep"
    assert left_in(tmp_path) == {"r"}


def test_what_is_asked_of_leads_is_said_as_it_is_counted(
    allocate: CommandLine, tmp_path: Path
) -> None:
    """A share of hours is no share of referrals, and its tenths of a hundredth are kept."""
    text = CASE + '[rules.lead_accepts_share]\nvalue = 0.555\nby = "hours"\n'
    run = allocate("solve", write_scenario(tmp_path, text), "--quiet")
    assert "Asked of each lead: 55.5% of the hours of referrals." in run.out


def test_explanation_onto_a_file_is_refused_first(allocate: CommandLine, tmp_path: Path) -> None:
    """A file that exists is left as it is, and refused before anything is read or asked."""
    (tmp_path / "why.json").write_text("keep")
    run = allocate("explain", tmp_path, "--area", "A1", "--out", tmp_path / "why.json")
    assert run.code == 2
    assert "exists already" in run.err
    assert run.out == ""
    assert (tmp_path / "why.json").read_text() == "keep"


def test_folder_under_a_file_is_refused(allocate: CommandLine, tmp_path: Path) -> None:
    """A result folder that cannot be made is refused."""
    (tmp_path / "file").write_text("keep")
    run = allocate("solve", OK_SMALL, "--out", tmp_path / "file" / "r", "--quiet")
    assert run.code == 2
    assert "cannot be written" in run.err
    assert (tmp_path / "file").read_text() == "keep"


@pytest.mark.parametrize("broken", ["pandas.DataFrame.to_csv", "pathlib.Path.write_text"])
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EACCES])
def test_full_disk(
    allocate: CommandLine,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    broken: str,
    code: int,
) -> None:
    """A disk that fills up while the result is written leaves nothing behind, and says so."""

    def fail(*_: object, **__: object) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(broken, fail)
    run = allocate("solve", OK_SMALL, "--out", tmp_path / "r", "--quiet")
    assert run.code == 2
    assert "Traceback" not in run.err
    assert f"cannot be written: {os.strerror(code)}" in run.err
    assert str(tmp_path / "r") in run.err
    assert left_in(tmp_path) == set()


def test_full_disk_at_the_last_step(
    allocate: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder that cannot be put in place leaves nothing behind either."""

    def fail(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("os.replace", fail)
    run = allocate("solve", OK_SMALL, "--out", tmp_path / "new" / "r", "--quiet")
    assert run.code == 2
    assert "cannot be written" in run.err
    assert not list(tmp_path.rglob("*.json"))
    assert not list(tmp_path.rglob(".allocate*"))


def test_what_cannot_all_be_met(allocate: CommandLine, tmp_path: Path) -> None:
    """Rules that cannot hold together end with 1; they are named with how much they are short."""
    run = allocate("solve", write_scenario(tmp_path, CROWDED), "--out", tmp_path / "r", "--quiet")
    assert run.code == 1
    assert "This cannot all be met." in run.out
    # 59.25 hours in scope, a tenth is 5.92: O1 has 24.5 placed, O2 26, and 50.5 hours are placed.
    found = record(tmp_path / "r")
    assert found["status"] == "infeasible"
    assert set(found) >= KEYS
    conflict = {item["rule"]: item for item in found["conflict"]}
    assert set(conflict) == {"within_capacity", "share_limit", "placed_once"}
    for rule, item in conflict.items():
        assert f"[{rule}, {item['kind']}]:" in run.out
        assert item["words"][0] in run.out
    assert found["conflict_proof"]["smallest"]
    # H1 and H2 keep 24.5 and 26 hours at one hour of capacity each.
    assert conflict["within_capacity"]["short_by"] == 23.5 + 25
    assert conflict["placed_once"]["short_by"] is None
    (way,) = found["ways_out"]
    assert way["rules"] == ["within_capacity", "share_limit"]
    assert f"1. {way['words'][0]}" in run.out
    assert not (tmp_path / "r" / "allocation.csv").exists()


def test_a_law_is_never_proposed_to_be_relaxed(allocate: CommandLine, tmp_path: Path) -> None:
    """Where a law stands in the conflict, it stays, however cheap it is priced."""
    text = CASE + (
        '[[change]]\ntable = "providers"\nset = { capacity_hours = 0.25, growth_hours = 0 }\n'
        "[rules.within_capacity]\nprice = 1000000\n[rules.placed_once]\nprice = 1\n"
    )
    run = allocate("solve", write_scenario(tmp_path, text), "--quiet")
    assert run.code == 1
    assert "[placed_once, law]: P1" in run.out
    assert "This is law: it stays, something else has to give." in run.out
    assert "1. Ask for a fresh capacity return: H2 +25.75 hours a week" in run.out
    assert "2. " not in run.out


@pytest.mark.usefixtures("sleepy")
def test_time_runs_out_without_a_plan(allocate: CommandLine, tmp_path: Path) -> None:
    """A run that finds no plan in its time ends with 3 and says so."""
    run = allocate("solve", OK_SMALL, "--seconds", 0.5, "--out", tmp_path / "r", "--quiet")
    assert run.code == 3
    assert "Traceback" not in run.err
    assert "The time ran out before a plan was found" in run.out
    found = record(tmp_path / "r")
    assert (found["status"], found["why_stopped"]) == ("stopped", "time limit")
    assert found["replayable"] is False
    assert set(found) >= KEYS
    assert not (tmp_path / "r" / "allocation.csv").exists()


@pytest.mark.usefixtures("sleepy")
def test_stopped_at_once_without_a_plan() -> None:
    """A watch that says stop from the start ends a run that has nothing yet, at once."""
    began = time.monotonic()
    result = solve(OK_SMALL, seconds=60, watch=Watch(stop=True))
    assert time.monotonic() - began < 15
    assert (result.status, result.exit_code) == ("stopped", 3)
    assert result.record["why_stopped"] == "stopped by the user"
    assert result.tables == {}


def test_stopped_with_a_plan_says_that_it_was_stopped() -> None:
    """A run that is stopped after some level keeps its plan, is not proven and not replayable."""
    watch = Watch()

    def report(_level: str, best: float | None, *_: object) -> None:
        watch.stop = watch.stop or best is not None

    watch.report = report
    result = solve(OK_SMALL, seconds=60, watch=watch)
    assert (result.status, result.exit_code) == ("feasible", 0)
    assert len(result.tables["allocation"]) == 6
    assert result.record["why_stopped"] == "stopped by the user"
    assert result.record["replayable"] is False
    assert "not examined" in result.summary


def test_same_bytes_of_an_area(tmp_path: Path) -> None:
    """One area of a borough gives the same answer tables twice, byte for byte."""
    scenario = tmp_path / "area.toml"
    scenario.write_text(
        'extends = "as_is"\n[[change]]\ntable = "pins"\ndrop = true\n'
        '[[change]]\ntable = "packages"\n'
        'where = { area_id = ["A1", "A2", "A3", "A4", "A5"] }\ndrop = true\n'
    )
    results = [solve(scenario, seconds=60, gap=0.01, seed=3) for _ in range(2)]
    one, two = (result.write(tmp_path / f"{i}") for i, result in enumerate(results))
    assert results[0].record["replayable"] is True
    for table in ("allocation.csv", "leads.csv"):
        assert (one / table).read_bytes() == (two / table).read_bytes()


@pytest.mark.parametrize("seed", [1, 5])
def test_same_seed_same_bytes(allocate: CommandLine, tmp_path: Path, seed: int) -> None:
    """The same question and seed give the same answer tables, byte for byte."""
    for name in ("one", "two"):
        run = allocate("solve", OK_SMALL, "--seed", seed, "--out", tmp_path / name, "--quiet")
        assert run.code == 0
    for table in ("allocation.csv", "leads.csv"):
        one, two = ((tmp_path / name / table).read_bytes() for name in ("one", "two"))
        assert one == two


def test_sigint_handler_is_put_back(allocate: CommandLine) -> None:
    """After a run Ctrl-C does again what it did before."""
    before = signal.getsignal(signal.SIGINT)
    allocate("solve", OK_SMALL, "--quiet")
    assert signal.getsignal(signal.SIGINT) is before


def test_quiet_prints_no_progress(allocate: CommandLine) -> None:
    """--quiet leaves the error stream empty; without it the levels are named there."""
    assert allocate("solve", OK_SMALL, "--quiet").err == ""
    assert "waiting" in allocate("solve", OK_SMALL).err


def interrupted(words: list[str], until: str, patience: float) -> tuple[Run, float]:
    """Run a command, send one Ctrl-C once a line of progress matches; return it and the wait."""
    child = subprocess.Popen(
        [sys.executable, "-m", "allocate.cli", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    lines: list[str] = []
    seen = threading.Event()

    def listen() -> None:
        for line in child.stderr or ():
            lines.append(line)
            if re.search(until, line):
                seen.set()

    listener = threading.Thread(target=listen, daemon=True)
    listener.start()
    try:
        end = time.monotonic() + patience
        while not seen.wait(0.1):
            assert child.poll() is None, "".join(lines)
            assert time.monotonic() < end, "".join(lines)
        time.sleep(1)
        child.send_signal(signal.SIGINT)
        sent = time.monotonic()
        out = child.stdout.read() if child.stdout else ""
        code = child.wait(60)
        took = time.monotonic() - sent
        listener.join(5)
        return Run(code, out, "".join(lines)), took
    finally:
        child.kill()
        child.wait()


@pytest.mark.slow
def test_ctrl_c_keeps_the_best_plan(tmp_path: Path) -> None:
    """Ctrl-C after the first level ends the run soon, with the plan in hand written."""
    out = tmp_path / "r"
    words = ["solve", "leads_hand_back", "--seconds", "100", "--gap", "0", "--out", str(out)]
    run, took = interrupted(words, r"^(shortfalls|changes|cash|travel): ", 60)
    assert run.code == 0, run.err
    assert took < 10
    assert "Traceback" not in run.err
    assert "keeping the best plan found" in run.err
    found = record(out)
    assert found["status"] == "feasible"
    assert found["why_stopped"] == "stopped by the user"
    assert found["replayable"] is False
    assert found["review"]["passed"] is True
    assert len(pd.read_csv(out / "allocation.csv")) > 1000
    assert left_in(tmp_path) == {"r"}


def test_a_wide_gap_is_told_at_the_head() -> None:
    """An answer that is far from proven says so before anything else."""
    level = Level(
        "waiting", {"waiting": 1.0}, "hours", Fraction(80), Fraction(0), Fraction(60), CLOCK
    )
    narrow = replace(level, bound=Fraction(79))
    assert _open([narrow]) == []
    (line,) = _open([narrow, level])
    assert "waiting is not proven, and could be up to 20 hours lower" in line
