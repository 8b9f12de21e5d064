"""Boroughs of other sizes and shapes than any that the project carries."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import allocate
from helpers.borough import write_borough


def rewrite(folder: Path, table: str, **columns: object) -> None:
    """Set whole columns of a table."""
    path = folder / f"{table}.csv"
    pd.read_csv(path, dtype=str, keep_default_na=False).assign(**columns).to_csv(path, index=False)


def small(folder: Path) -> Path:
    return write_borough(folder, packages=60, providers=6, areas=3, places=9, waiting=0.2)


def test_another_borough(tmp_path: Path) -> None:
    """A borough of another shape is answered, reviewed, and bounded from below."""
    case = write_borough(tmp_path / "b", packages=400, providers=15, areas=4, places=14, seed=7)
    result = allocate.solve(case, seconds=10, gap=0.02)
    assert result.exit_code == 0
    assert len(result.tables["allocation"]) == 400
    assert list(result.tables["leads"]["area_id"]) == ["A0", "A1", "A2", "A3"]
    assert all(
        level.bound is not None and level.bound <= level.objective for level in result.levels
    )


@pytest.mark.slow
def test_five_thousand_packages(tmp_path: Path) -> None:
    """Five thousand packages of ninety providers are answered within the limit."""
    case = write_borough(tmp_path / "b", packages=5000, providers=90, areas=10, places=60)
    result = allocate.solve(case, seconds=60, gap=0.02)
    assert result.exit_code == 0
    assert result.record["seconds"]["build"] < 20
    assert len(result.tables["allocation"]) == 5000


def test_one_area(tmp_path: Path) -> None:
    """A borough of one area has one lead."""
    case = write_borough(tmp_path / "b", packages=40, providers=4, areas=1, places=5)
    result = allocate.solve(case, seconds=10)
    assert len(result.tables["leads"]) == 1


def test_one_provider(tmp_path: Path) -> None:
    """One provider leads everything and takes what it has room for."""
    case = write_borough(tmp_path / "b", packages=40, providers=1, areas=2, places=4, waiting=0.3)
    rewrite(case, "providers", can_lead="Yes")
    result = allocate.solve(case, seconds=10)
    assert set(result.tables["leads"]["provider_id"]) == {"K0"}
    assert set(result.tables["allocation"]["provider_id"]) <= {"K0", ""}


def test_no_provider_with_reach(tmp_path: Path) -> None:
    """Where nobody works, nobody can lead: that is an answer, with the rule and the areas named."""
    case = small(tmp_path / "b")
    rewrite(case, "packages", status="waiting", provider_id="")
    reach = pd.DataFrame({"provider_id": ["K0"], "place_id": ["L0"]})
    reach.to_csv(case / "reach.csv", index=False)
    rewrite(case, "providers", can_lead="No")
    result = allocate.solve(case, seconds=10)
    assert result.exit_code == 1
    assert {item["rule"] for item in result.record["conflict"]} == {"leads_per_area"}
    assert {item["label"] for item in result.record["conflict"]} >= {"A0", "A1"}
    assert "A0 has to have 1 lead; nobody may lead it" in result.summary


def test_no_reach_and_no_lead_needed(tmp_path: Path) -> None:
    """Where nobody works and no lead is asked for, everybody waits and the plan says so."""
    case = small(tmp_path / "b")
    rewrite(case, "packages", status="waiting", provider_id="")
    rewrite(case, "providers", suspended="Yes")
    scenario = tmp_path / "q.toml"
    scenario.write_text(f'case = "{case}"\n[rules.leads_per_area]\nminimum = 0\n', encoding="utf-8")
    result = allocate.solve(scenario, seconds=10)
    assert result.exit_code == 0
    assert (result.tables["allocation"]["provider_id"] == "").all()
    assert result.levels[0].gap == 0
    assert result.levels[0].proof == "arithmetic"


def test_everything_locked(tmp_path: Path) -> None:
    """Where every placed package is locked, all stay where they are."""
    case = small(tmp_path / "b")
    rewrite(case, "packages", locked="Yes")
    result = allocate.solve(case, seconds=10)
    before = pd.read_csv(case / "packages.csv", dtype=str, keep_default_na=False)
    after = result.tables["allocation"]
    placed = before["status"] == "placed"
    assert (before["provider_id"][placed] == after["provider_id"][placed]).all()


def test_nobody_waits_and_nothing_to_decide(tmp_path: Path) -> None:
    """A case without referrals is answered at once, every level closed."""
    case = write_borough(tmp_path / "b", packages=30, providers=3, areas=2, places=4, waiting=0)
    result = allocate.solve(case, seconds=10)
    assert result.status == "optimal"
    assert {level.gap for level in result.levels} == {0}
