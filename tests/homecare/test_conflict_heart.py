"""The heart of a conflict: which rules fall short by themselves, counted by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

import allocate
from allocate.asked import prepare
from allocate.homecare import conflict_heart
from allocate.homecare.instance import Instance
from helpers.cases import write_scenario

HARD = """
question = "?"
case = "case"
[rules.lead_accepts_share]
mode = "hard"
[[change]]
table = "providers"
where = { provider_id = "H1" }
set = { capacity_hours = 26, growth_hours = 10 }
"""
SET = [
    ("within_capacity", "H1"),
    ("leads_per_area", "North"),
    ("leads_per_area", "South"),
    ("lead_accepts_share", "North"),
    ("lead_accepts_share", "South"),
]


def built(folder: Path, text: str = HARD) -> Instance:
    instance: Instance = prepare(write_scenario(folder, text)).instance
    return instance


def test_the_heart_is_the_rule_that_falls_short(tmp_path: Path) -> None:
    """H1 has 26 hours less 24.5, and North's one referral asks for 5.25; South can be met."""
    said = conflict_heart.heart_words(built(tmp_path), SET, smallest=False)
    assert said == "North of the river asks 5.25 hours of its lead H1, which has room for 1.5."


def test_why_other_areas_stand_beside_the_heart(tmp_path: Path) -> None:
    """A lead that would grow elsewhere brings in other areas: of 10 hours 8 count."""
    change = (
        '\n[[change]]\ntable = "reach"\nadd = [{ provider_id = "H1", place_id = "W03", '
        "travel_minutes_per_visit = 9 }]\n"
    )
    instance = built(tmp_path, HARD + change)
    assert conflict_heart.heart_words(instance, SET, smallest=True).endswith(
        " Other areas stand here because H1 would have 8 hours more, but only if newly "
        "appointed to lead another area."
    )


@pytest.mark.parametrize(
    "text",
    [HARD.replace(", growth_hours = 10", ""), HARD.replace('mode = "hard"', 'mode = "soft"')],
)
def test_nothing_is_said_of_growth_that_is_not_there(tmp_path: Path, text: str) -> None:
    """Without growth, or where nobody may appoint it, no reason is made up."""
    instance = built(tmp_path, text)
    assert "Other areas" not in conflict_heart.heart_words(instance, SET[:4], smallest=True)


def test_a_full_provider_is_told_in_its_own_words(tmp_path: Path) -> None:
    """What a provider has now and cannot staff is the heart; its sentence is that of the rule."""
    instance = built(tmp_path, HARD.replace("26", "20"))
    members = [("moves_limit", "people moved"), ("within_capacity", "H1"), ("placed_once", "P1")]
    said = conflict_heart.heart_words(instance, members, smallest=True)
    assert said.startswith("Alder Care, H1, can staff 20 hours a week;")
    assert "24.5, more than it can" in said


def test_without_one_that_falls_short_there_is_no_heart(tmp_path: Path) -> None:
    """Where each rule can be met by itself, or none can, no rule is singled out."""
    instance = built(tmp_path)
    assert conflict_heart.heart_words(instance, SET[:3], smallest=True) == ""
    assert conflict_heart.heart_words(instance, SET[3:4], smallest=True) == ""


def test_several_leads_are_not_added_up(tmp_path: Path) -> None:
    """Where an area may have two leads, what one of them lacks is no shortfall of the area."""
    text = HARD + "\n[rules.leads_per_area]\nmaximum = 2\n"
    assert conflict_heart.falls_short(built(tmp_path, text), "lead_accepts_share", ["North"]) == []


def test_what_falls_short_as_well_is_told(tmp_path: Path) -> None:
    """A hard rule that falls short by its own numbers is told, though no set names it."""
    instance = built(tmp_path)
    said = "North of the river asks 5.25 hours of its lead H1, which has room for 1.5."
    assert conflict_heart.also_short(instance, []) == [said]
    assert conflict_heart.also_short(instance, SET) == []


def test_the_summary_opens_with_the_heart(tmp_path: Path) -> None:
    """The heart comes before the list, and what could be met by itself after what could not."""
    text = (
        'question = "?"\ncase = "case"\n[[change]]\ntable = "providers"\n'
        'where = { provider_id = "H2" }\nset = { capacity_hours = 10 }\n'
    )
    result = allocate.solve(write_scenario(tmp_path, text), seconds=200)
    summary = result.summary
    heart = "The heart of it: Birch Care, H2, can staff 10 hours a week;"
    assert summary.index(heart) < summary.index("cannot hold together;")
    assert "solves and" not in summary
    short = {item["rule"]: item["short_alone"] for item in result.record["conflict"]}
    assert short.pop("within_capacity")
    assert not any(short.values())
