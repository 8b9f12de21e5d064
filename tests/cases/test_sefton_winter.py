"""The case of Sefton's winter adds up to what was published, and its generator repeats."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

import pytest

from allocate.asked import prepare
from allocate.beds.figures import figures
from allocate.card import shipped

CASE = shipped("scenarios", "cases", "sefton_winter")
QUESTIONS = sorted(path.stem for path in shipped("scenarios", "beds").glob("*.toml"))


def test_totals_are_those_of_the_papers() -> None:
    """122 homes, 86 and 36 by zone, 3,626 beds; some 10 to 25 people a week whom a bed can help."""
    found = {(f.name, f.area_id): f.amount for f in figures(prepare(CASE).instance)}
    assert found["homes", ""] == 122
    assert (found["homes", "north"], found["homes", "south"]) == (86, 36)
    assert found["beds", ""] == 3626
    assert found["vacant_beds", ""] == round(3626 * 0.1 * 10.8 / 14)
    people = found["people_a_week", ""]
    assert people is not None
    assert 10 <= people <= 25
    rate = found["rate_mean", ""]
    assert rate is not None
    assert 700 <= rate <= 900
    for care in ("residential", "residential dementia", "nursing", "nursing dementia"):
        stay = found[f"mean_stay_{care}", ""]
        assert stay is not None
        assert 4 <= stay <= 6


def test_generator_writes_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run again elsewhere, the generator writes every table as it is here."""
    monkeypatch.setattr(sys, "argv", ["generate.py", str(tmp_path)])
    runpy.run_path(str(CASE / "generate.py"), run_name="__main__")
    written = {path.name: path.read_bytes() for path in tmp_path.glob("*.csv")}
    assert written == {path.name: path.read_bytes() for path in CASE.glob("*.csv")}


@pytest.mark.parametrize("question", QUESTIONS)
def test_every_question_can_be_asked(question: str) -> None:
    """Each shipped question reads, and changes something that its name says."""
    asked = prepare(question)
    base = prepare("middle_winter").instance
    instance = asked.instance
    assert instance.winters.arrivals.shape == base.winters.arrivals.shape
    people = float(instance.winters.arrivals.sum() / base.winters.arrivals.sum())
    beds = float(instance.winters.beds.sum() / base.winters.beds.sum())
    expected = {"mild_winter": (0.7, 0.9), "severe_winter": (1.15, 1.45)}.get(question, (1, 1))
    assert expected[0] <= people <= expected[1]
    if question in ("vacancy_6", "vacancy_20"):
        assert (beds < 0.75) if question == "vacancy_6" else (beds > 1.8)
    if question == "outbreaks":
        assert instance.winters.closures
