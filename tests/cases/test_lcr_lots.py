"""The cases of complex care and of extra care add up to what papers say, and can be asked."""

from __future__ import annotations

import re
import runpy
import sys
from pathlib import Path

import numpy as np
import pytest

from allocate.asked import prepare
from allocate.card import shipped
from allocate.solving import solve

CASES = ("lcr_complex_care", "lcr_extra_care")


@pytest.mark.parametrize("case", CASES)
def test_generator_writes_the_same_bytes(
    case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Run again elsewhere, the generator writes every table as it is here."""
    folder = shipped("scenarios", "cases", case)
    monkeypatch.setattr(sys, "argv", ["generate.py", str(tmp_path)])
    runpy.run_path(str(folder / "generate.py"), run_name="__main__")
    written = {path.name: path.read_bytes() for path in tmp_path.glob("*.csv")}
    assert written == {path.name: path.read_bytes() for path in folder.glob("*.csv")}


def test_complex_care_is_that_of_the_papers(monkeypatch: pytest.MonkeyPatch) -> None:
    """360 cells, 500 providers, £364m a year; the ten largest have 59% of the market."""
    instance = prepare("complex_care_award").instance
    assert (len(instance.cells.ids), len(instance.bidders.ids)) == (360, 500)
    assert len(instance.lots) == 36
    assert instance.cells.value.sum() == 36_400_000_000
    monkeypatch.setattr(sys, "argv", ["generate.py"])
    made = runpy.run_path(str(shipped("scenarios", "cases", CASES[0]) / "generate.py"))
    assert float(np.sort(made["shares"]())[-10:].sum()) == pytest.approx(0.59)


def test_extra_care_is_that_of_the_paper() -> None:
    """Twelve schemes with 632 units, two of them with 94 in Sefton; six providers."""
    instance = prepare("extra_care_mini_competition").instance
    assert (len(instance.cells.ids), len(instance.bidders.ids)) == (12, 6)
    units = [int(re.findall(r"\((\d+) units\)", name)[0]) for name in instance.cells.names]
    in_sefton = [u for u, a in zip(units, instance.cells.authority, strict=True) if a == "Sefton"]
    assert (sum(units), len(in_sefton), sum(in_sefton)) == (632, 2, 94)
    assert set(instance.cells.authority) == {"Sefton", "Knowsley", "Liverpool"}


def test_direct_call_off_costs_its_offers() -> None:
    """Each scheme goes to who works there now, at the price of its offer."""
    result = solve("extra_care_direct_call_off")
    awards = result.tables["awards"]
    assert result.status == "optimal"
    assert list(awards["bid_id"]) == [f"now-S{s:02d}" for s in range(1, 13)]
    paid = awards["paid_pounds_per_year"].astype(float).sum()
    assert result.record["terms"]["price"]["amount"] == pytest.approx(paid)


@pytest.mark.slow
def test_the_mini_competition_is_decided() -> None:
    """It is decided at gap nought, keeps what is published, and breaks no rule by the review."""
    result = solve("extra_care_mini_competition")
    assert result.status == "optimal"
    assert [level.gap for level in result.levels] == [0, 0, 0, 0]
    assert result.record["rules"]["award_limit"]["mode"] == "hard"
    assert result.record["rules"]["award_limit"]["short_by"] == 0
    assert "Decided: it is proven" in result.summary
