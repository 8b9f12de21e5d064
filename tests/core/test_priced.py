"""The prices of a proof get the names of their rows, in units of the level."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from allocate.core.outcome import Proof
from allocate.core.priced import priced, put_back
from allocate.core.program import Labels, Program, ints
from allocate.price_list import PriceList, read_prices


def about(*labels: str) -> Labels:
    """Name things by one label each."""
    return lambda: [(label,) for label in labels]


def two_providers() -> Program:
    """P1 and P2 cost 300 pence with H1 and 500 with H2; H1 leads or H2 does."""
    program = Program()
    assign = program.columns("assign", 4)
    lead = program.columns("lead", 2, labels=lambda: [("A1", "H1"), ("A1", "H2")])
    package, provider = np.divmod(np.arange(4), 2)
    program.require("placed", "choose", [(package, assign, 1)], low=1, high=1, rows=2)
    program.require(
        *("room", "pack", [(provider, assign, 60)]), high=60, rows=2, labels=about("H1", "H2")
    )
    program.require("led", "choose", [(0, lead, 1)], low=1, high=1, rows=1)
    program.priced_as["lead"] = "accepts"
    program.level("cash", np.array([300, 500, 300, 500, 0, 0]), Fraction(100))
    return program


def proof(row: Sequence[int], price: Sequence[int], margin: Sequence[int] = (0, 0)) -> Proof:
    """Prices in tenths of a step of the reduced level, which is 200 pence."""
    return Proof(10, ints(row), ints(price), ints([4, 5]), ints(margin), ints([]), ints([]), 0)


def test_prices_are_in_units_of_the_level() -> None:
    """By hand: three tenths of 200 pence for a minute of H1 are £0.60; a referral of H2 is £2."""
    found = priced(two_providers(), two_providers().levels[0], proof([2, 3], [3, 0], [0, 10]))
    assert found is not None
    assert set(found.rows) == {"room", "accepts"}
    assert Fraction(found.rows["room"]["H1",], found.scale) == Fraction(60, 100)
    assert Fraction(found.rows["accepts"]["A1", "H2"], found.scale) == 2
    assert [len(held) for held in found.rows.values()] == [1, 1]
    assert read_prices(found.as_json()) == found


@pytest.mark.parametrize(
    ("row", "why"),
    [(0, "the family has no labels"), (5, "the row keeps an earlier level"), (4, "no labels")],
)
def test_a_price_without_a_name_has_no_list(row: int, why: str) -> None:
    """One price that nobody could read spoils the proof; a price of nought does not."""
    program = two_providers()
    assert priced(program, program.levels[0], proof([2, row], [3, 1])) is None, why
    assert priced(program, program.levels[0], proof([2, row], [3, 0])) is not None


def test_two_rows_with_one_name_have_no_list() -> None:
    """Which of the two is priced could not be told."""
    program = two_providers()
    program.families[1] = replace(program.families[1], labels=about("H1", "H1"))
    assert priced(program, program.levels[0], proof([2, 3], [3, 3])) is None


def test_a_price_by_column_needs_a_rule_that_it_stands_for() -> None:
    """A margin of a block that stands for no rule has no name."""
    program = two_providers()
    program.priced_as.clear()
    assert priced(program, program.levels[0], proof([], [], [0, 1])) is None


@pytest.mark.parametrize(
    "written",
    [
        {},
        {"scale": 1.0, "prices": {}},
        {"scale": True, "prices": {}},
        {"scale": 1, "prices": [["room", 1]]},
        {"scale": 1, "prices": {"room": {"H1": 1}}},
        {"scale": 1, "prices": {"room": [[]]}},
        {"scale": 1, "prices": {"room": [["H1", 0.5]]}},
        {"scale": 1, "prices": {"room": [[1, 1]]}},
        {"scale": 1, "prices": {"room": [["H1", 1], ["H1", 2]]}},
    ],
)
def test_what_are_no_prices_is_refused(written: dict[str, object]) -> None:
    """A certificate may have been changed by hand."""
    with pytest.raises(ValueError, match=r"scale|price|row"):
        read_prices(written)


def test_no_prices_are_prices() -> None:
    """Arithmetic needs none."""
    assert read_prices({"scale": 1, "prices": {}}) == PriceList()


def test_prices_are_put_back_by_name() -> None:
    """What was named is back where it was; a name that is gone is dropped, a new row has none."""
    program = two_providers()
    found = priced(program, program.levels[0], proof([2, 3], [3, 0], [0, 10]))
    assert found is not None
    rows, columns = put_back(program, found)
    assert rows.tolist() == [0, 0, 0.6, 0, 0]
    assert columns.tolist() == [0, 0, 0, 0, 0, 2]
    program.families[1] = replace(program.families[1], labels=about("H3", "H1"))
    rows, _ = put_back(program, found)
    assert rows.tolist() == [0, 0, 0, 0.6, 0]
