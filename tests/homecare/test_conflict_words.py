"""What a conflict says of each rule, and what each way out asks for, by hand on a small case."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from allocate.asked import prepare
from allocate.card import read_card
from allocate.homecare import conflict_words, way_out_words
from allocate.homecare.instance import Instance
from allocate.homecare.named import told
from allocate.homecare.solution import Solution
from allocate.verdict import Review
from helpers.cases import copy_case, write_scenario

RULES = """
question = "?"
case = "case"
[[change]]
table = "packages"
where = { package_id = "P1" }
set = { household_id = "F1" }
[[change]]
table = "packages"
where = { package_id = "P4" }
set = { choice_id = "H3" }
[rules]
leads_limit = { mode = "hard", value = 1 }
share_limit = { mode = "hard", value = 0.3 }
lead_accepts_share = { mode = "hard" }
lead_first = { mode = "hard" }
quality_floor = { value = "Good" }
choice_kept = { mode = "hard" }
viable_round = { mode = "hard", value = 12 }
within_budget = { mode = "hard" }
rate_floor = { mode = "bar", value = 21 }
step_in = { mode = "hard", value = 0.5 }
"""


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Instance:
    """The small case with every rule hard, and bands of the morning."""
    folder = tmp_path_factory.mktemp("words")
    case = copy_case(folder / "case")
    (case / "package_bands.csv").write_text("package_id,morning_hours\nP1,3.5\nP3,7\n")
    (case / "provider_bands.csv").write_text("provider_id,morning_hours\nH1,9\n")
    built: Instance = prepare(write_scenario(folder, RULES)).instance
    return built


TOLD: dict[str, tuple[list[str], dict[str, Any], str]] = {
    "placed_once": (
        ["P1", "P3"],
        {"people": 2, "hours": 24.5},
        "P1, P3, now with Alder Care, H1, keep a provider: 24.5 hours a week.",
    ),
    "within_capacity": (
        ["H2"],
        {"capacity_hours": 45.0, "held_hours": 26.0, "growth_hours": 8.0},
        "Birch Care, H2, can staff 45 hours a week; the 2 people it has now take 26, "
        "which leaves 19 (and 8 more if newly appointed lead).",
    ),
    "within_bands": (
        ["H1 morning"],
        {"capacity_hours": 9.0, "held_hours": 10.5},
        "Alder Care, H1, can staff 9 hours a week in the morning; the people it has now take 10.5.",
    ),
    "leads_per_area": (
        ["South"],
        {"minimum": 1, "maximum": 1, "may_lead": 1},
        "South of the river has to have 1 lead; 1 provider may lead it: H2.",
    ),
    "leads_limit": (
        ["O1"],
        {"limit": 1, "leads_now": 1},
        "Owner O1 (H1) may lead 1 area at most; it leads North now and stays there.",
    ),
    "share_limit": (
        ["O2"],
        {"limit_hours": 17.766666666666666, "held_hours": 26.0},
        "Owner O2 (H2) may hold 30% of 59.25 hours, 17.77; the people it has now take 26.",
    ),
    "lead_accepts_share": (
        ["North"],
        {
            "asked": 1,
            "referrals": 1,
            "needs_hours": 5.25,
            "unit": "referrals",
            "closest": "H1",
            "room_hours": 15.5,
            "could_take": 1,
        },
        "North of the river asks its lead to take 90% of its referrals, 1 of 1: at least "
        "5.25 carer-hours a week. Its lead, Alder Care, H1, has room for 15.5 hours beside the "
        "people it has now, and could take 1 at most.",
    ),
    "lead_first": (
        ["H1 in North"],
        {"referrals": 1, "hours": 5.25},
        "In North of the river nobody else is given work while the lead has room and "
        "could have had it; its referrals, 1, come to 5.25 hours a week.",
    ),
    "quality_floor": (
        ["P4"],
        {"could_have_it": 2, "keep_the_rule": 2},
        "P4: 2 of the 2 providers that could have it are rated Good or better: H1, H2.",
    ),
    "needs_met": (
        ["P6"],
        {"could_have_it": 2, "keep_the_rule": 1},
        "P6 needs dementia; 1 of the 2 providers that could have it can meet that: H2.",
    ),
    "choice_kept": (
        ["P4"],
        {"people": 1},
        "P4 asked for H3, which has 20 hours of room beside the people it has now: this "
        "takes 5.25.",
    ),
    "household_together": (
        ["household of P1"],
        {"people": 2, "hours": 24.5, "could_have_all": 2},
        "P1 and P3 are one household, 24.5 hours a week; 2 providers could have all.",
    ),
    "locked_stay": (
        ["P2"],
        {"people": 1, "hours": 14.0},
        "P2 is locked with H2: 14 hours a week.",
    ),
    "moves_limit": (
        ["people moved"],
        {"limit": 0, "people": 4},
        "None of the 4 people who have a provider is moved by choice.",
    ),
    "viable_round": (
        ["H2 in South"],
        {"asked_hours": 12.0, "held_hours": 12.0},
        "Birch Care, H2, has 12 hours a week in South of the river now; a round there has"
        " to have 12.",
    ),
    "within_budget": (
        ["North"],
        {"budget_pounds": 40000.0, "flow_pounds": 0.0, "all_waiting_pounds": 5187.0},
        "North of the river has £40,000 for new work over 52 weeks; to place all who wait"
        " there, one person, costs £5,187 at least.",
    ),
    "rate_floor": (
        ["P6"],
        {"could_have_it": 2, "keep_the_rule": 1},
        "P6: 1 of the 2 providers that could have it are paid £21.00 an hour or more: H3.",
    ),
    "step_in": (
        ["O1"],
        {"asked_hours": 12.25, "room_hours": 45.5},
        "If owner O1 (H1) failed, others would have to take over 12.25 hours of what it "
        "has now; those that reach its areas have 45.5 hours of room and surge.",
    ),
    "pins": (
        ["P4 never H3"],
        {},
        "Pinned: P4 never H3. A person decided that, and only a person can undo it.",
    ),
}

ASKED: dict[str, tuple[str, str]] = {
    "within_capacity": ("H2", "Ask for a fresh capacity return: H2 +1 hour a week"),
    "within_bands": (
        "H1 morning",
        "Ask for a fresh return by time of day: H1 morning +1 hour a week",
    ),
    "leads_per_area": ("South", "Let South of the river have 2 leads (H2, H1)"),
    "leads_limit": ("O1", "Let owner O1 lead 2 areas instead of 1"),
    "share_limit": ("O2", "Let owner O2 hold 31.7% of all hours instead of 30% (1 hour more)"),
    "lead_accepts_share": (
        "North",
        "Ask nothing of the lead in North of the river (1 referral fewer), instead of 90%",
    ),
    "lead_first": ("H1 in North", "Let work pass the lead by: 1 hour a week past H1 in North"),
    "quality_floor": ("P4", "Let one person be with a provider rated below Good: P4"),
    "choice_kept": ("P4", "Ask one person about another provider than they asked for: P4"),
    "household_together": ("household of P1", "Allow 2 providers in the household of P1"),
    "moves_limit": ("people moved", "Let one person be moved to another provider"),
    "viable_round": (
        "H2 in South",
        "Let small rounds go on: H2 in South with 11 hours instead of 12 hours",
    ),
    "within_budget": (
        "North",
        "Raise the money for new work: North of the river by £1 over 52 weeks (£1 a year)",
    ),
    "rate_floor": ("P6", "Let 1 hour a week be paid less than £21.00: P6"),
    "step_in": (
        "O1",
        "Accept that nobody could take over, if it failed: 1 hour a week of owner O1's",
    ),
}


def test_every_rule_has_its_words() -> None:
    """Each rule of the card has a sentence, and each that may give has its way out; no law has."""
    rules = read_card("homecare").rules
    assert set(conflict_words.WORDS) == {*rules, "pins"} == set(TOLD)
    may_give = {rule for rule, words in rules.items() if words.kind != "law"}
    assert set(way_out_words.WORDS) == may_give == set(ASKED)


@pytest.mark.parametrize("rule", TOLD)
def test_each_rule_says_what_it_asks_and_what_there_is(instance: Instance, rule: str) -> None:
    """Numbers and sentence of each rule, as counted by hand."""
    about, numbers, words = TOLD[rule]
    found, said = conflict_words.conflict_words(instance, rule, about)
    assert dict(found) == pytest.approx(numbers)
    assert said == words


@pytest.mark.parametrize("rule", ASKED)
def test_each_way_out_says_what_gives(instance: Instance, rule: str) -> None:
    """What a rule gives is asked for in its own unit and words: here one unit of each."""
    plan = Solution(np.array([0, 1, 0, -1, 1, -1]), ((0,), (1, 0)))
    about, words = ASKED[rule]
    assert way_out_words.way_out_words(instance, plan, rule, [(about, Fraction(1))]) == words


def test_a_new_lead_that_cannot_staff_its_work_is_told(tmp_path: Path) -> None:
    """Who leads anew, that growth is why, and that it has more work than it can staff."""
    text = (
        'question = "?"\ncase = "case"\n[[change]]\ntable = "providers"\n'
        'where = { provider_id = "H2" }\nset = { capacity_hours = 20 }\n'
    )
    instance = prepare(write_scenario(tmp_path, text)).instance
    plan = Solution(np.array([0, 1, 0, -1, 1, -1]), ((0,), (1,)))
    said = way_out_words.way_out_words(instance, plan, "leads_per_area", [("South", Fraction(1))])
    assert said == (
        "Let South of the river have 1 lead (H2), because H2's 8 hours of growth then count"
    )
    review = Review({}, {"cash": Fraction(1000), "changes": Fraction()}, (), (), ())
    assert way_out_words.doubtful(instance, plan)
    assert way_out_words.plan_words(instance, plan, review, []).endswith(
        " New leads: H2 in South of the river (which has 6 hours a week more now than it can "
        "staff). For that, this way stands last."
    )


def test_a_new_lead_that_can_staff_its_work_is_no_doubt(instance: Instance) -> None:
    """A new lead with room is named, and nothing is said against it."""
    plan = Solution(np.array([0, 1, 0, -1, 1, -1]), ((0,), (1,)))
    review = Review({}, {"cash": Fraction(1000), "changes": Fraction()}, (), (), ())
    assert not way_out_words.doubtful(instance, plan)
    assert way_out_words.plan_words(instance, plan, review, []).endswith(
        " New leads: H2 in South of the river."
    )


def test_an_area_may_go_without_a_lead(instance: Instance) -> None:
    """A way out that leaves an area without a lead says so."""
    plan = Solution(np.array([0, 1, 0, -1, 1, -1]), ((0,), ()))
    said = way_out_words.way_out_words(instance, plan, "leads_per_area", [("South", Fraction(1))])
    assert said == "Let South of the river have no lead"


def test_an_area_that_nobody_may_lead_says_why(tmp_path: Path) -> None:
    """Providers that may not lead are counted by the first reason that holds."""
    text = (
        'question = "?"\ncase = "case"\n[[change]]\ntable = "providers"\n'
        'where = { provider_id = "H2" }\nset = { can_lead = false }\n'
    )
    instance = prepare(write_scenario(tmp_path, text)).instance
    _, said = conflict_words.conflict_words(instance, "leads_per_area", ["South"])
    assert said == (
        "South of the river has to have 1 lead; nobody may lead it "
        "(of 3 providers 1 do not work there, 2 may not lead)."
    )


@pytest.mark.parametrize("rule", ["needs_met", "quality_floor", "placed_once", "locked_stay"])
def test_many_packages_are_told_together(instance: Instance, rule: str) -> None:
    """More packages than a sentence can name are counted."""
    _, said = conflict_words.conflict_words(instance, rule, list(instance.packages.ids))
    assert "P1" not in said
    assert "6 people" in said or "people placed now" in said


@pytest.mark.parametrize("rule", ["within_capacity", "share_limit", "leads_per_area"])
def test_several_are_told_one_by_one(instance: Instance, rule: str) -> None:
    """Each of several providers, owners or areas has its sentence."""
    about = {
        "within_capacity": instance.providers.ids,
        "share_limit": instance.providers.owners,
        "leads_per_area": instance.areas.ids,
    }[rule]
    _, together = conflict_words.conflict_words(instance, rule, about)
    for name in about:
        _, alone = conflict_words.conflict_words(instance, rule, [name])
        assert alone in together


def test_an_overfull_lead_is_said(tmp_path: Path) -> None:
    """A lead that holds more than it can staff can take nothing; by how much is said."""
    text = (
        'question = "?"\ncase = "case"\n[rules.lead_accepts_share]\nmode = "hard"\n'
        'by = "hours"\n[[change]]\ntable = "providers"\nset = { capacity_hours = 20 }\n'
    )
    instance = prepare(write_scenario(tmp_path, text)).instance
    numbers, said = conflict_words.conflict_words(instance, "lead_accepts_share", ["North"])
    assert numbers["could_take"] == 0
    assert "90% of its hours of referrals, 4.73 of 5.25: at least 4.73" in said
    assert "Its lead, Alder Care, H1, holds 4.5 hours more than it can staff" in said


def test_a_share_that_gives_can_be_set(tmp_path: Path) -> None:
    """Five of twelve (P4 and these) is 41.67%: 41.7% would ask for six, so 41.6% is said."""
    rows = "".join(
        f'{{ package_id = "N{n}", place_id = "W01", hours_per_week = 1 }}, ' for n in range(11)
    )
    text = (
        'question = "?"\ncase = "case"\n[rules.lead_accepts_share]\nvalue = 0.5\n'
        f'[[change]]\ntable = "packages"\nadd = [{rows}]\n'
    )
    instance = prepare(write_scenario(tmp_path, text)).instance
    plan = Solution(np.zeros(len(instance.packages.ids), dtype=np.int64), ((0,), (1,)))
    area = instance.areas.ids[int(instance.packages.area[-1])]
    said = way_out_words.way_out_words(instance, plan, "lead_accepts_share", [(area, Fraction(1))])
    assert "41.6% from" in said


def test_a_part_of_what_is_asked_of_a_lead_is_a_share(tmp_path: Path) -> None:
    """What a lead is still asked for, 224 of 315 minutes, stands beside what the question asks."""
    text = (
        'question = "?"\ncase = "case"\n[rules.lead_accepts_share]\nmode = "hard"\nby = "hours"\n'
    )
    instance = prepare(write_scenario(tmp_path, text)).instance
    plan = Solution(np.array([0, 1, 0, -1, 1, -1]), ((0,), (1,)))
    said = way_out_words.way_out_words(
        instance, plan, "lead_accepts_share", [("North", Fraction(1))]
    )
    assert said == (
        "Accept 71.1% from the lead in North of the river (1 hour fewer), instead of 90%"
    )


@pytest.mark.parametrize(
    ("proven", "words"),
    [
        (
            ["waiting", "changes", "cash"],
            "Then 2 people wait for 8.75 hours a week; nobody is moved by our choice; ",
        ),
        (
            ["waiting"],
            "Then 2 people wait for 8.75 hours a week; in the best plan found nobody is moved "
            "by our choice; ",
        ),
        (
            [],
            "Then at most 2 people wait for 8.75 hours a week (not proven; it may be far fewer); "
            "in that plan nobody is moved by our choice; ",
        ),
    ],
)
def test_what_is_not_proven_is_no_plain_fact(
    instance: Instance, proven: list[str], words: str
) -> None:
    """How many wait is told as a fact only where no plan of the way out does better."""
    plan = Solution(np.array([0, 1, 0, -1, 1, -1]), ((0,), (1,)))
    terms = {"cash": Fraction(1000), "changes": Fraction(), "waiting": Fraction()}
    review = Review({}, terms, (), (), ())
    said = way_out_words.plan_words(instance, plan, review, proven)
    assert said.startswith(words)


def test_names_are_grouped_as_a_reader_thinks(instance: Instance) -> None:
    """People go by their provider, referrals and leads by their area, all else by itself."""
    assert told(instance, "placed_once", "P1") == "people of H1"
    assert told(instance, "needs_met", "P6") == "referrals of South"
    assert told(instance, "lead_first", "H2 in South") == "South"
    assert told(instance, "viable_round", "H2 in South") == "H2 in South"
    assert told(instance, "within_capacity", "H1") == "H1"
