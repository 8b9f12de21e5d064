"""Structure, bound and proof of small assignment programs, against trying every plan."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from allocate.core.bound import Prices, Relaxation, anneal, climb
from allocate.core.program import Program
from allocate.core.proof import prove
from allocate.core.reduced import reduce
from allocate.core.structure import Structure, best_of, read
from allocate.units import ceil_div
from helpers.assignments import best, draw, program

SEEDS = st.integers(0, 10**6)


def by_hand(*, limited: bool = False) -> Program:
    """Two groups of weight 3 and 4 at agents of capacity 3, one area that either agent may lead.

    The second agent grows by 4 if it leads. Both options of the first agent are credited to it,
    and so for the second; at least 4 are to be credited, or each unit short costs 2.
    """
    made = Program()
    option = made.columns("assign", 4)  # group 0 at agents 0 and 1, then group 1
    made.require("placed_once", "choose", [([0, 0, 1, 1], option, 1)], low=1, high=1, rows=2)
    lead = made.columns("lead", 2)
    grown = made.columns("appointed", 1)
    made.require("appointed", "link", [(0, grown, 1), (0, lead[1], -1)], high=0, rows=1)
    made.require("appointed", "link", [(0, lead[1], 1), (0, grown, -1)], high=0, rows=1)
    taken = [([0, 1, 0, 1], option, [3, 3, 4, 4]), (1, grown, -4)]
    made.require("within_capacity", "pack", taken, high=3, rows=2)
    made.require("leads_per_area", "free", [(0, lead, 1)], low=1, high=1, rows=1)
    given_to = made.columns("given_to_lead", 2, upper=7)
    credited = [([0, 1], given_to, 1), ([0, 1, 0, 1], option, [-3, -3, -4, -4])]
    made.require("given_to_lead", "pack", credited, high=0, rows=2)
    gated = [([0, 1], given_to, 1), ([0, 1], lead, -7)]
    made.require("given_as_lead", "pack", gated, high=0, rows=2)
    short = made.columns("short", 1, upper=4)
    target = [(0, given_to, 1), (0, short, 1)]
    made.require("lead_accepts_share", "share", target, low=4, rows=1)
    if limited:
        led = made.columns("led_by_owner", 2)
        follows = [([0, 1], lead, 1), ([0, 1], led, -1)]
        made.require("led_by_owner", "link", follows, high=0, rows=2)
        made.require("leads_limit", "pack", [([0, 1], led, 1)], high=1, rows=2)
    cost = np.zeros(made.size, dtype=np.int64)
    cost[option] = [0, 5, 0, 7]
    cost[short] = 2
    made.level("cost", cost, Fraction(1))
    return made


def structured(made: Program) -> Structure:
    found = read(made.flat())
    assert found is not None
    return found


def priced(made: Program) -> Relaxation:
    return Relaxation(structured(made), reduce(made, made.levels[0]).cost)


def proven(relaxation: Relaxation, prices: Prices) -> int:
    """What prices prove, counted in whole numbers."""
    return prove(relaxation, prices, relaxation.relax(prices)).bound


def optimum(seed: int) -> tuple[Relaxation, float]:
    """A small program's relaxation, and its best without what every plan bears."""
    small = draw(seed)
    made, found = program(small), best(small)
    reduced = reduce(made, made.levels[0])
    assume(read(made.flat()) is not None)
    least = np.inf if found is None else (found[0] - reduced.fixed) / reduced.step
    return priced(made), least


def test_every_column_has_its_part() -> None:
    """Options by group, capacity as resource, leads as alternatives that are credited and grow."""
    made = by_hand()
    s = structured(made)
    names = made.names
    assert s.option.tolist() == [0, 1, 2, 3]
    assert s.start.tolist() == [0, 2, 4]
    assert s.group.tolist() == [0, 0, 1, 1]
    assert s.limit.tolist() == [3, 3]
    assert s.use[s.option].toarray().tolist() == [[3, 0], [0, 3], [4, 0], [0, 4]]
    assert s.alternative.tolist() == [4, 5]
    assert s.block.tolist() == [0, 0]
    assert s.grower.tolist() == [-1, names["appointed"].start]
    assert (s.target.tolist(), s.short.tolist()) == ([4], [names["short"].start])
    assert s.given.tolist() == list(range(*names["given_to_lead"].indices(made.size)))
    assert s.credit_start.tolist() == [0, 2, 4]
    assert s.credit_option.tolist() == [0, 2, 1, 3]
    assert s.credit.tolist() == [3, 4, 3, 4]
    assert s.boxed.tolist() == []
    assert s.rest.tolist() == []


def test_a_column_that_merely_follows_a_lead_is_no_growth() -> None:
    """Which owner leads takes of a limit and gives nothing: it is boxed, and grows nothing."""
    made = by_hand(limited=True)
    s = structured(made)
    led = np.arange(made.size)[made.names["led_by_owner"]]
    assert s.grower.tolist() == [-1, made.names["appointed"].start]
    assert s.boxed.tolist() == led.tolist()
    assert len(s.rest) == 2  # the rows that make them follow


def test_values_follow_from_the_choice() -> None:
    """Both at the second agent, which leads and grows: all 7 are credited and none is short."""
    made = by_hand(limited=True)
    s = structured(made)
    values = s.values(np.array([1, 3]), np.array([1]))
    told = {name: values[where].tolist() for name, where in made.names.items()}
    assert told == {
        "assign": [0, 1, 0, 1],
        "lead": [0, 1],
        "appointed": [1],
        "given_to_lead": [0, 7],
        "short": [0],
        "led_by_owner": [0, 1],
    }
    assert s.flat.holds(values)
    apart = s.values(np.array([0, 3]), np.array([0]))
    assert apart[made.names["short"]].tolist() == [1]
    assert not s.flat.holds(apart)  # 4 at the second agent, which does not lead, are too many


def test_what_may_not_be_chosen_is_no_option() -> None:
    """A closed option is left out, and one that is sure is the only one of its group."""
    made = Program()
    option = made.columns("assign", 4, lower=[0, 1, 0, 0], upper=[1, 1, 0, 1])
    made.require("placed_once", "choose", [([0, 0, 1, 1], option, 1)], low=1, high=1, rows=2)
    made.require("room", "pack", [([0, 1, 0, 1], option, 1)], high=2, rows=2)
    s = structured(made)
    assert s.option.tolist() == [1, 3]


@pytest.mark.parametrize("closed", [[0, 0], [1, 0]])
def test_a_group_with_nothing_to_choose_is_no_structure(closed: list[int]) -> None:
    """It is said before anything is priced."""
    made = Program()
    option = made.columns("assign", 2, upper=closed)
    made.require("placed_once", "choose", [([0, 1], option, 1)], low=1, high=1, rows=2)
    assert read(made.flat()) is None


def test_the_first_of_equals_is_best() -> None:
    """Of each group, the position of the largest."""
    assert best_of(np.array([0, 2, 5]), np.array([1.0, 3.0, 2.0, 4.0, 4.0])).tolist() == [1, 3]


def test_prices_prove_what_is_counted_by_hand() -> None:
    """Costs are 0 or 5 for weight 3, and 0 or 7 for weight 4: at nought nobody leaves.

    At prices (2, 0) the groups cost min(6, 5) + min(8, 7) = 12, less 2 x 3 for the limit; both are
    at the second agent then, which leads for nothing more.
    """
    relaxation = priced(by_hand())
    assert proven(relaxation, relaxation.nothing()) == 0
    assert proven(relaxation, Prices(np.array([2.0, 0.0]), np.zeros(1))) == 6


def test_half_a_step_is_lifted() -> None:
    """A whole cost above 2.5 is 3."""
    assert [ceil_div(5, 2), ceil_div(4, 2), ceil_div(-5, 2)] == [3, 2, -2]


@given(SEEDS, st.lists(st.floats(0, 100), min_size=24, max_size=24), st.floats(0, 100))
@settings(max_examples=150, deadline=None)
def test_any_prices_prove_at_most_the_best(seed: int, price: list[float], growth: float) -> None:
    """No plan costs less than any prices prove, nor than their floats say."""
    relaxation, least = optimum(seed)
    prices = relaxation.nothing()
    prices.resource[:24] = price[: len(prices.resource)]
    prices.growth[:] = growth
    assert proven(relaxation, prices) <= least
    assert relaxation.relax(prices).bound <= least + 1e-6


@given(SEEDS, st.sampled_from([1e6, 1e9, 1e12, 1e15, 1e18, 1e30]), st.booleans())
@settings(max_examples=150, deadline=None)
def test_huge_prices_give_no_false_proof(seed: int, size: float, alone: bool) -> None:
    """Prices beyond what whole numbers hold prove little, but nothing false."""
    relaxation, least = optimum(seed)
    prices = relaxation.nothing()
    drawn = np.random.default_rng(seed)
    prices.resource[:] = size * drawn.random(len(prices.resource))
    prices.growth[:] = 0.0 if alone else size * drawn.random(len(prices.growth))
    assert proven(relaxation, prices) <= least


def crowded(seed: int) -> Relaxation:
    """Forty groups that all want the first of five agents, which has room for a fifth."""
    rng = np.random.default_rng(seed)
    made = Program()
    option = made.columns("assign", 200)
    group, agent = np.divmod(np.arange(200), 5)
    made.require("placed_once", "choose", [(group, option, 1)], low=1, high=1, rows=40)
    weight = rng.integers(1, 20, 40)
    limit = int(weight.sum() // 5 + 10)
    made.require("room", "pack", [(agent, option, weight[group])], high=limit, rows=5)
    made.level("cost", 10 * agent + rng.integers(0, 40, 200), Fraction(1))
    return priced(made)


@pytest.mark.parametrize("seed", range(3))
def test_anneal_and_climb_raise_the_bound(seed: int) -> None:
    """Each proves more than nought does, and climbing loses nothing that is proven."""
    relaxation = crowded(seed)
    nothing, cooled = relaxation.nothing(), anneal(relaxation)
    climbed, found = climb(relaxation, nothing, steps=300)
    on, further = climb(relaxation, cooled, steps=100, reach=0.01)
    assert proven(relaxation, nothing) == 0
    assert proven(relaxation, cooled) > 0
    assert proven(relaxation, climbed) > 0.5 * proven(relaxation, cooled)
    assert proven(relaxation, on) >= proven(relaxation, cooled)
    assert relaxation.relax(climbed).bound == found.bound
    assert relaxation.relax(on).bound == further.bound


def test_climbing_ends_when_asked() -> None:
    """A wish to stop leaves the prices as they were."""
    relaxation = crowded(0)
    start = Prices(np.full(5, 0.5), np.zeros(0))
    climbed, _ = climb(relaxation, start, steps=100, stop=lambda: True)
    assert climbed.resource.tolist() == start.resource.tolist()
    assert anneal(relaxation, stop=lambda: True).resource.tolist() == [0.0] * 5
