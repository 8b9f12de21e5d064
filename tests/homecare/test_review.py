"""The review rejects a plan that breaks a rule, in that rule's own way and by the right amount.

One small case and one good plan that keeps every rule; each row alters the plan by hand.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from allocate.card import read_card
from allocate.homecare.review import MEASURES
from allocate.homecare.rules import RULES
from allocate.homecare.solution import Solution
from allocate.solving import review_plan
from allocate.verdict import Review

ROOT = Path(__file__).resolve().parents[2]

CASE = {
    "place_areas": """
        place_id,area_id
        L1,A1
        L2,A2
    """,
    "areas": """
        area_id,lead_id,new_work_budget_pounds,budget_weeks
        A1,,1040.01,13
        A2,,,
    """,
    # K1 and K2 have one owner; growth counts at four fifths.
    "providers": """
        provider_id,owner_id,cqc_rating,can_lead,capacity_hours,growth_hours,needs
        K1,O1,Good,Yes,20,10,dementia
        K2,O1,Inadequate,Yes,30,,
        K3,O3,Good,Yes,13,5,dementia
    """,
    "packages": """
        package_id,place_id,hours_per_week,status,provider_id,choice_id,locked,household_id,needs
        P1,L1,6,placed,K1,,Yes,H1,
        P2,L1,4,waiting,,K1,,H1,dementia
        P3,L2,5,handed_back,K2,,,,
        P4,L2,8,placed,K3,,,,
        P5,L2,6,placed,K2,,,,
    """,
    "reach": """
        provider_id,place_id,travel_minutes_per_visit
        K1,L1,5
        K1,L2,6
        K2,L1,7
        K2,L2,8
        K3,L1,9
        K3,L2,10
    """,
    "rates": """
        provider_id,place_id,rate_pounds_per_hour
        ,,20
        K2,,15
        K3,L1,22
    """,
    "package_bands": """
        package_id,morning_hours
        P2,1
        P3,1
        P4,1
    """,
    "provider_bands": """
        provider_id,morning_hours
        K3,2
    """,
}
VALUES: dict[str, dict[str, Any]] = {
    "leads_limit": {"value": 1},
    "share_limit": {"value": 0.6},
    "viable_round": {"value": 6},
    "rate_floor": {"value": 18},
    "step_in": {"value": 0.25},
}
PROVIDERS = ("K1", "K2", "K3")
PLAN = {"P1": "K1", "P2": "K1", "P3": "K3", "P4": "K3", "P5": "K2"}
LEADS = {"A1": ("K1",), "A2": ("K3",)}


def reviewed(
    folder: Path,
    rules: Mapping[str, Mapping[str, Any]],
    plan: Mapping[str, str] = PLAN,
    leads: Mapping[str, tuple[str, ...]] = LEADS,
    tables: Mapping[str, str] | None = None,
) -> Review:
    """Review a plan of the case; rules that are not named are off."""
    case = folder / "case"
    case.mkdir()
    for name, text in (CASE | dict(tables or {})).items():
        lines = [line.strip() for line in text.strip().splitlines()]
        (case / f"{name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    scenario = ['case = "case"']
    for rule in read_card("homecare").rules:
        setting = {"mode": "off"} | dict(rules.get(rule, {}))
        scenario.append(f"[rules.{rule}]")
        for key, value in setting.items():
            scenario.append(f'{key} = "{value}"' if isinstance(value, str) else f"{key} = {value}")
    path = folder / "case.toml"
    path.write_text("\n".join(scenario) + "\n", encoding="utf-8")
    given = np.array([PROVIDERS.index(k) if k else -1 for k in plan.values()])
    chosen = tuple(tuple(PROVIDERS.index(k) for k in leads[a]) for a in ("A1", "A2"))
    return review_plan(path, Solution(given, chosen))


@dataclass(frozen=True)
class Altered:
    """A good plan altered so that it breaks a rule.

    Parameters
    ----------
    rule
        The rule broken.
    short_by
        What it is then short by, in the rule's unit.
    where
        Who or what is short.
    plan, leads
        What is altered.
    setting
        What is other than in ``VALUES``.
    """

    rule: str
    short_by: str
    where: tuple[str, ...]
    plan: Mapping[str, str] = field(default_factory=dict)
    leads: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    setting: Mapping[str, Any] = field(default_factory=dict)

    def review(self, folder: Path, mode: str) -> Review:
        """Review the altered plan with the rule in a mode and all others off."""
        setting = {**VALUES.get(self.rule, {}), "price": 2.5, **self.setting, "mode": mode}
        return reviewed(folder, {self.rule: setting}, PLAN | self.plan, LEADS | self.leads)


ALTERED = {
    "placed person left without anybody": Altered("placed_once", "1", ("P5",), {"P5": ""}),
    "10 h beyond capacity and no growth": Altered(
        "within_capacity", "10", ("K3",), {"P2": "K3", "P5": "K3"}, {"A2": ("K2",)}
    ),
    "6 h beyond capacity and four fifths of growth": Altered(
        "within_capacity", "6", ("K3",), {"P2": "K3", "P5": "K3"}
    ),
    "three mornings where two can be staffed": Altered(
        "within_bands", "1", ("K3 morning",), {"P2": "K3"}, {"A2": ("K2",)}
    ),
    "area without a lead": Altered("leads_per_area", "1", ("A2",), leads={"A2": ()}),
    "area with a lead too many": Altered(
        "leads_per_area", "1", ("A2",), leads={"A2": ("K3", "K2")}
    ),
    "owner leads two areas through two providers": Altered(
        "leads_limit", "1", ("O1",), leads={"A2": ("K2",)}
    ),
    "owner holds 19 h of 29 h": Altered("share_limit", "1.6", ("O3",), {"P5": "K3"}),
    "referral given past the lead": Altered("lead_accepts_share", "1", ("A1",), {"P2": "K3"}),
    "the same by hours": Altered(
        "lead_accepts_share", "3.6", ("A1",), {"P2": "K3"}, setting={"by": "hours"}
    ),
    "referral left waiting": Altered("lead_accepts_share", "1", ("A2",), {"P3": ""}),
    "lead passed by with room for all": Altered("lead_first", "5", ("K3 in A2",), {"P3": "K2"}),
    "lead passed by with less room": Altered(
        "lead_first", "3", ("K3 in A2",), {"P3": "K2", "P5": "K3"}
    ),
    "two leads passed by": Altered(
        "lead_first", "9", ("K3 in A2", "K1 in A1"), {"P2": "K3", "P3": "K2"}
    ),
    "new work below the floor": Altered("quality_floor", "1", ("P3",), {"P3": "K2"}),
    "new work and stock below the floor": Altered(
        "quality_floor", "2", ("P3", "P5"), {"P3": "K2"}, setting={"applies_to": "all"}
    ),
    "need not met": Altered("needs_met", "1", ("P2",), {"P2": "K2"}),
    "asked for another": Altered("choice_kept", "1", ("P2",), {"P2": "K3"}),
    "household with two": Altered("household_together", "1", ("household of P1",), {"P2": "K3"}),
    "locked person moved": Altered("locked_stay", "1", ("P1",), {"P1": "K3"}),
    "person moved": Altered("moves_limit", "1", ("people moved",), {"P5": "K3"}),
    "two moved where one may be": Altered(
        "moves_limit", "1", ("people moved",), {"P1": "K2", "P5": "K3"}, setting={"value": 1}
    ),
    "round of 4 h": Altered("viable_round", "2", ("K3 in A1",), {"P2": "K3"}),
    "4 h at £22 for 13 weeks": Altered("within_budget", "103.99", ("A1",), {"P2": "K3"}),
    "new work below £18": Altered("rate_floor", "5", ("P3",), {"P3": "K2"}),
    "nobody to step in": Altered("step_in", "2.7", ("O1",), leads={"A2": ("K2",)}),
}
ROWS = pytest.mark.parametrize("altered", ALTERED.values(), ids=ALTERED.keys())


def test_every_rule_is_broken_once() -> None:
    """No rule of the card is left out of the table of altered plans."""
    assert {altered.rule for altered in ALTERED.values()} == set(read_card("homecare").rules)


def test_good_plan_keeps_every_rule(tmp_path: Path) -> None:
    """With every rule hard the review finds nothing wrong, and nothing short."""
    every = {rule: {**VALUES.get(rule, {}), "mode": "hard"} for rule in read_card("homecare").rules}
    found = reviewed(tmp_path, every)
    assert found.faults == ()
    assert {rule: m.short_by for rule, m in found.rules.items() if m.short_by} == {}


@ROWS
def test_hard_rule_is_named(altered: Altered, tmp_path: Path) -> None:
    """A plan that breaks a hard rule is rejected for that rule alone, and for the right amount."""
    found = altered.review(tmp_path, "hard")
    assert not found.passed
    short = float(Fraction(altered.short_by))
    assert found.faults == (f"{altered.rule} is hard and short by {short:g}",)


@ROWS
def test_soft_rule_is_measured_and_priced(altered: Altered, tmp_path: Path) -> None:
    """A soft rule rejects nothing; what it is short by is exact and counts at its price."""
    found = altered.review(tmp_path, "soft")
    assert found.faults == ()
    measured = found.rules[altered.rule]
    assert measured.short_by == Fraction(altered.short_by)
    assert {name for name, _ in measured.where} == set(altered.where)
    assert sum(amount for _, amount in measured.where) == measured.short_by
    assert found.terms["shortfalls"] == Fraction("2.5") * measured.short_by


@ROWS
def test_reported_rule_is_measured_and_free(altered: Altered, tmp_path: Path) -> None:
    """A rule that is only reported is measured the same and costs nothing."""
    found = altered.review(tmp_path, "report")
    assert found.faults == ()
    assert found.rules[altered.rule].short_by == Fraction(altered.short_by)
    assert found.terms["shortfalls"] == 0


def test_two_leads_of_one_owner_in_one_area_count_once(tmp_path: Path) -> None:
    """leads_limit counts areas, not leads."""
    leads = {"A1": ("K1", "K2"), "A2": ("K3",)}
    found = reviewed(tmp_path, {"leads_limit": {"mode": "hard", "value": 1}}, leads=leads)
    assert found.passed


def test_raised_rate_is_paid_and_short_of_nothing(tmp_path: Path) -> None:
    """With rate_floor on raise, 5 h at £15 are paid at £18: £4,692.86 a year, nothing short."""
    plan = {"P1": "", "P2": "", "P3": "K2", "P4": "", "P5": ""}
    found = reviewed(tmp_path, {"rate_floor": {"mode": "raise", "value": 18}}, plan)
    assert found.rules["rate_floor"].short_by == 0
    assert found.terms["cash"] == Fraction("4692.86")


# ---------------------------------------------------------------------- what the data do not allow

PINNED = """
    table,id,other_id,must_or_never,reason
    package-provider,P2,K1,must,asked
    package-provider,P3,K1,never,dispute
    area-lead,A1,K1,must,decided
    area-lead,A2,K1,never,decided
"""


def without(table: str, row: str) -> dict[str, str]:
    """Return the table of the case without a row."""
    assert row in CASE[table]
    return {table: CASE[table].replace(row, "")}


def instead(table: str, row: str, other: str) -> dict[str, str]:
    """Return the table of the case with another row in place of one."""
    assert row in CASE[table]
    return {table: CASE[table].replace(row, other)}


BACK = "provider_id,kind,area_id,staff_transfer_share\n"
IMPOSSIBLE: dict[str, tuple[str, dict[str, str], dict[str, str], dict[str, tuple[str, ...]]]] = {
    "no reach": (
        "P2 is placed where K3 does not work",
        without("reach", "K3,L1,9"),
        {"P2": "K3"},
        {},
    ),
    "suspended": (
        "P3 is placed with K3, which takes no new work",
        {
            "providers": """
                provider_id,suspended,can_lead,capacity_hours
                K1,No,Yes,20
                K2,No,Yes,30
                K3,Yes,Yes,13
            """
        },
        {},
        {"A2": ("K2",)},
    ),
    "handed back": (
        "P4 is placed with K3, which handed the area back",
        {"handbacks": BACK + "K3,packages,A2,0.5"},
        {"P3": "K2"},
        {"A2": ()},
    ),
    "pinned away": ("P3 is placed against a pin", {"pins": PINNED}, {"P3": "K1"}, {}),
    "pinned elsewhere": ("P2 is not where a pin puts it", {"pins": PINNED}, {"P2": "K3"}, {}),
    "pinned but waiting": ("P2 is not where a pin puts it", {"pins": PINNED}, {"P2": ""}, {}),
    "may not lead": (
        "K3 may not lead A2",
        instead("providers", "K3,O3,Good,Yes", "K3,O3,Good,No"),
        {},
        {},
    ),
    "lead without reach": (
        "K3 may not lead A1",
        without("reach", "K3,L1,9"),
        {},
        {"A1": ("K3",)},
    ),
    "lead pinned away": ("K1 may not lead A2", {"pins": PINNED}, {}, {"A2": ("K1",)}),
    "pinned lead left out": ("K1 no longer leads A1", {"pins": PINNED}, {}, {"A1": ("K2",)}),
    "lead role given up": (
        "K3 may not lead A2",
        {"handbacks": BACK + "K3,lead role,A2,"},
        {},
        {},
    ),
    "lead who stays left out": (
        "K2 no longer leads A2",
        instead("areas", "A2,,,", "A2,K2,,"),
        {},
        {},
    ),
}


@pytest.mark.parametrize("row", IMPOSSIBLE.values(), ids=IMPOSSIBLE.keys())
def test_what_the_data_do_not_allow_is_named(row: tuple[Any, ...], tmp_path: Path) -> None:
    """A plan against reach, suspension, a hand-back or a pin is rejected with every rule off."""
    fault, tables, plan, leads = row
    found = reviewed(tmp_path, {}, PLAN | plan, LEADS | leads, tables)
    assert found.faults == (fault,)


# ----------------------------------------------------------------------------- one name, one rule


def test_card_review_and_formulation_name_the_same_rules() -> None:
    """Each rule of the card is measured by the review and stated by the formulation, no other."""
    rules = set(read_card("homecare").rules)
    assert set(MEASURES) == rules
    assert set(RULES) == rules


def test_algebra_names_every_rule_and_no_other() -> None:
    """formulation.md has each rule's id as a heading or between backticks."""
    text = (ROOT / "models" / "homecare" / "formulation.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`([a-z_]+)`", text))
    for heading in re.findall(r"^#+ (.*)$", text, flags=re.MULTILINE):
        named |= set(re.findall(r"[a-z]+(?:_[a-z]+)+", heading))
    assert set(read_card("homecare").rules) <= named
