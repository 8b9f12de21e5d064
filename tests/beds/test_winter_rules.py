"""Rules about bookings: kept when hard, paid for when soft, measured when reported."""

from __future__ import annotations

from pathlib import Path

import pytest

from allocate.result import OPTIMAL, Result
from allocate.solving import solve

OK_WINTER = Path(__file__).resolve().parents[1] / "cases" / "ok_winter"


def asked(folder: Path, text: str) -> Result:
    """Solve ok_winter with some settings."""
    where = folder / "rule.toml"
    where.write_text(f'case = "{OK_WINTER.as_posix()}"\nmodel = "beds"\n{text}', encoding="utf-8")
    return solve(where, seconds=30, gap=0, method="highs")


BUSY = "[objective]\npriced = { cash = 1, waiting = 20000, shortfalls = 1 }\n"


@pytest.mark.parametrize(
    ("rule", "value"),
    [
        ("sites_limit", "value = 1"),
        ("choice_breadth", "value = 2"),
        ("minimum_block", "value = 3"),
        ("owner_limit", "value = 0.4"),
        ("quality_floor", 'value = "Outstanding"'),
        ("fee_floor", "value = 700"),
        ("within_budget", ""),
    ],
)
def test_a_hard_rule_is_kept_and_costs_no_less(rule: str, value: str, tmp_path: Path) -> None:
    """Hard, a rule is short by nothing, and no plan with it is better than without."""
    free = asked(tmp_path, f'{BUSY}[rules.{rule}]\nmode = "report"\n{value}\n')
    kept = asked(tmp_path, f'{BUSY}[rules.{rule}]\nmode = "hard"\n{value}\n')
    assert kept.status == free.status == OPTIMAL
    assert kept.record["rules"][rule]["short_by"] == 0
    assert kept.levels[0].objective >= free.levels[0].objective - 1


@pytest.mark.parametrize("rule", ["sites_limit", "quality_floor", "fee_floor"])
def test_a_soft_rule_is_paid_for(rule: str, tmp_path: Path) -> None:
    """Soft, what a rule is short by is in the shortfalls, at its price."""
    value = {"sites_limit": "0", "quality_floor": '"Outstanding"', "fee_floor": "10000"}[rule]
    text = f'{BUSY}[rules.tail_risk]\nmode = "off"\n[rules.{rule}]\nmode = "soft"\n'
    found = asked(tmp_path, f"{text}value = {value}\nprice = 7\n")
    short = found.record["rules"][rule]["short_by"]
    assert short > 0
    assert found.record["terms"]["shortfalls"]["amount"] == pytest.approx(7 * short)


def test_raising_fees_pays_the_floor(tmp_path: Path) -> None:
    """Raised, every booking and every bed bought one by one costs at least the floor."""
    found = asked(tmp_path, f'{BUSY}[rules.fee_floor]\nmode = "raise"\nvalue = 800\n')
    rates = found.tables["bookings"]["rate_pounds_per_bed_week"]
    assert len(rates)
    assert {float(rate) for rate in rates} == {800.0}


def test_a_budget_for_the_whole_winter_makes_people_wait(tmp_path: Path) -> None:
    """When money for the winter is gone, people wait, and no winter costs the source more."""
    free = asked(tmp_path, '[rules.within_budget]\nmode = "report"\nof = "winter"\n')
    kept = asked(tmp_path, '[rules.within_budget]\nmode = "hard"\nof = "winter"\n')
    assert free.record["rules"]["within_budget"]["short_by"] > 0
    assert kept.record["rules"]["within_budget"]["short_by"] == 0
    waits = [result.record["terms"]["waiting"]["amount"] for result in (free, kept)]
    assert waits[0] < waits[1]


def test_a_closure_that_is_not_paid_is_taken_off(tmp_path: Path) -> None:
    """Beds that close and need not be paid for cost less in that winter, and only there."""
    pin = '{ table = "offer", id = "O1", must_or_never = "must" }'
    text = f'[[change]]\ntable = "pins"\nadd = [{pin}]\n'
    found = asked(tmp_path, text)
    samples = found.tables["samples"].set_index("sample_id")
    assert len(samples) == 2
    unpaid = asked(
        tmp_path, f'{text}[[change]]\ntable = "closures"\nset = {{ still_paid = "Yes" }}\n'
    )
    assert found.levels[0].objective < unpaid.levels[0].objective


def test_outside_the_borough_stays_open(tmp_path: Path) -> None:
    """With every other bed taken away, people still go out of area, whatever they accept."""
    text = (
        '[[change]]\ntable = "spot"\nwhere = { zone_id = ["north", "south"] }\nset = { beds = 0 }\n'
        '[rules.sites_limit]\nmode = "hard"\nvalue = 0\n'
        '[[change]]\ntable = "occupied"\ndrop = true\n'
    )
    found = asked(tmp_path, text)
    flows = found.tables["flows"]
    bought = flows[flows["to"] == "spot"]
    assert len(bought)
    assert set(bought["place"]) == {"away"}
