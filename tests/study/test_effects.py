"""What each rule does in the example that is solved by hand, and what its values mean."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from allocate.card import read_card
from allocate.core.outcome import Watch
from allocate.errors import BadInput
from allocate.findings import Findings
from allocate.study.asking import Study
from allocate.study.effects import effects
from allocate.study.frontier import frontier
from allocate.study.scenario_file import read_scenario
from helpers.cases import CommandLine, copy_case, write_scenario

EXAMPLE = "models/homecare/example"


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    """A folder that all studies here share: what is asked twice is solved once."""
    return Study(tmp_path_factory.mktemp("study") / "out", None, 1, Watch())


@pytest.fixture(scope="module")
def found(study: Study) -> Findings:
    """What each rule of the example does."""
    return effects(read_scenario(EXAMPLE), study)


def by_level(found: Findings, rule: str) -> dict[str, float]:
    """By how much each level differs where a rule is asked about."""
    rows = found.tables["levels"]
    mine = rows[rows["rule"] == rule]
    assert (mine["sure"] == "exact").all()
    return dict(zip(mine["level"], mine["plans_apart"], strict=True))


def test_the_share_of_referrals_costs_only_its_own_points(found: Findings) -> None:
    """By hand: every plan that leaves only P5 waiting has BIRCH lead and P2, P4, P6 and P7 so."""
    expected = {"waiting": 0, "shortfalls": -4, "changes": 0, "cash": 0, "travel": 0}
    assert by_level(found, "lead_accepts_share") == expected


def test_without_capacity_nobody_waits(found: Findings) -> None:
    """By hand: 10.5 weighted hours wait for want of room alone, and leads could take all."""
    assert by_level(found, "within_capacity")["waiting"] == -10.5
    assert by_level(found, "within_capacity")["shortfalls"] == -4


def test_leaving_out_never_costs_and_keeping_never_saves(found: Findings) -> None:
    """The first level that differs is lower without a rule, and higher with one more."""
    rows = found.tables["levels"]
    for _, mine in rows.groupby("rule"):
        first = mine[mine["plans_apart"] != 0].head(1)
        if len(first):
            lower = bool((first["plans_apart"] < 0).iloc[0])
            assert lower is bool((first["asked"] == "left out").iloc[0])


def test_what_does_most_comes_first(found: Findings) -> None:
    """Rows are sorted by the first level that differs, what cannot be met before all."""
    rules = found.tables["rules"]
    asked = rules[rules["asked"] == "left out"]["rule"].tolist()
    assert asked.index("within_capacity") < asked.index("lead_accepts_share")
    assert asked.index("lead_accepts_share") < asked.index("moves_limit")
    assert rules["rule"].iloc[0] == "viable_round", "cannot all be met where it is kept"


def test_every_rule_has_its_row(found: Findings) -> None:
    """No rule of the card is left out of the table."""
    assert sorted(found.tables["rules"]["rule"]) == sorted(read_card("homecare").rules)


def test_laws_stand_apart(found: Findings) -> None:
    """A law is never among the rules that are left out: it is asked about on paper only."""
    sections = {title: "\n".join(lines) for title, lines in found.sections}
    assert "placed_once" not in sections["Rules that bind, each left out in turn"]
    law = next(lines for title, lines in sections.items() if title.startswith("Laws"))
    assert "placed_once" in law
    rules = found.tables["rules"].set_index("rule")
    assert rules.loc["placed_once", "asked"] == "left out, on paper only"


def test_rules_without_anything_to_rule_are_not_asked(found: Findings) -> None:
    """Where the program is the same without a rule, nothing is solved and nothing is changed."""
    rules = found.tables["rules"].set_index("rule")
    assert rules.loc["within_bands", "status"].startswith("changes nothing")
    assert "needs_met" not in set(found.tables["levels"]["rule"])


def test_a_rule_without_a_value_is_not_asked(found: Findings) -> None:
    """No floor is set in the example, so there is none to leave out."""
    rules = found.tables["rules"].set_index("rule")
    assert rules.loc["rate_floor", "status"] == "it has no value in this question"


def test_the_page_has_words_and_tables(found: Findings, tmp_path: Path) -> None:
    """Findings go into a folder as words, a page that needs nothing else, and tables."""
    found.write(tmp_path)
    html = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "[placed_once, law, hard]" in html
    assert "<script" not in html
    assert len(pd.read_csv(tmp_path / "rules.csv")) == len(read_card("homecare").rules)


def test_values_of_a_limit(study: Study) -> None:
    """By hand: one person moved saves a point of shortfalls, and more save no more."""
    found = frontier(read_scenario(EXAMPLE), "moves_limit", [0, 1, 2, 5], study)
    rows = found.tables["frontier"].set_index("value")
    assert rows.loc["0", "shortfalls"] == 4
    assert rows["shortfalls"].iloc[1:].is_monotonic_decreasing
    assert rows.loc["5", "shortfalls"] == 3
    assert (rows["shortfalls_no_less_than"] == rows["shortfalls"]).all()
    drawn = next(svg for title, svg in found.drawings.items() if title.startswith("shortfalls"))
    assert drawn.count("<circle") == 4
    assert not [title for title in found.drawings if title.startswith("waiting")], "never moves"


def test_a_budget_is_multiplied_where_it_stands(tmp_path: Path) -> None:
    """The money of each area stands in its table: by hand P4 costs £7,300 a year, P3 £14,600."""
    folder = copy_case(tmp_path / "case", base=Path(EXAMPLE))
    areas = "area_id,name,lead_id,new_work_budget_pounds,budget_weeks\n"
    rows = "N,North,ALDER,,\nS,South,,14600,52\n"
    (folder / "areas.csv").write_text(areas + rows, encoding="utf-8")
    study = Study(tmp_path / "out", None, 1, Watch())
    found = frontier(read_scenario(folder), "within_budget", [0.5, 2], study)
    rows_found = found.tables["frontier"].set_index("value")
    # Half of it pays for nobody but P4 and P5; twice of it for all.
    assert rows_found.loc["0.5", "waiting"] > 80
    assert rows_found.loc["2", "waiting"] == 10.5


def test_a_law_has_no_frontier(study: Study) -> None:
    """Nobody may move a law."""
    with pytest.raises(BadInput, match="is a law: nobody may move it"):
        frontier(read_scenario(EXAMPLE), "needs_met", None, study)


def test_all_wrong_values_are_told_at_once(study: Study) -> None:
    """Each value that a rule may not have is named."""
    with pytest.raises(BadInput) as refused:
        frontier(read_scenario(EXAMPLE), "lead_accepts_share", [0.5, 1.5, -1], study)
    assert [fault.value for fault in refused.value.faults] == ['"1.5"', '"-1"']


def test_a_rule_without_a_threshold_has_no_frontier(allocate: CommandLine, tmp_path: Path) -> None:
    """The message lists the rules that have one."""
    run = allocate("frontier", EXAMPLE, "--rule", "choice_kept", "--out", tmp_path / "f")
    assert run.code == 2
    assert "has no value to move" in run.err
    assert "moves_limit" in run.err


def test_a_question_that_cannot_be_met_is_refused(allocate: CommandLine, tmp_path: Path) -> None:
    """Without an answer there is nothing to be apart from."""
    path = write_scenario(
        tmp_path, 'case = "case"\n[rules.viable_round]\nmode = "hard"\nvalue = 900'
    )
    run = allocate("effects", path, "--rule", "moves_limit", "--out", tmp_path / "e", "--quiet")
    assert run.code == 2
    assert "has no plan" in run.err


def test_a_rule_that_is_none_is_refused(allocate: CommandLine, tmp_path: Path) -> None:
    """The closest one is named."""
    run = allocate("effects", EXAMPLE, "--rule", "move_limit", "--out", tmp_path / "e")
    assert run.code == 2
    assert 'closest: "moves_limit"' in run.err


def test_a_study_spares_other_folders(allocate: CommandLine, tmp_path: Path) -> None:
    """A folder that holds other things is not written into."""
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "summary.txt").write_text("mine", encoding="utf-8")
    run = allocate("effects", EXAMPLE, "--out", tmp_path / "mine", "--quiet")
    assert run.code == 2
    assert "holds other things than a study" in run.err
