"""The bound of knapsacks: never above the best plan, and above what prices of room prove."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import numpy as np
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from allocate.core.bound import Relaxation, anneal, climb
from allocate.core.field import find_agents
from allocate.core.knapsacks import Knapsacks, Ways, _pack, find_knapsacks, settle
from allocate.core.program import Program
from allocate.core.proof import prove
from allocate.core.reduced import reduce
from allocate.core.structure import read
from allocate.units import Ints
from helpers.assignments import best, draw, program

SEEDS = st.integers(0, 10**6)


def knapsacks_of(made: Program, known: int) -> Knapsacks | None:
    """Knapsacks at the prices of a short climb; None where agents may not pack for themselves."""
    structure = read(made.flat())
    agents = None if structure is None else find_agents(structure)
    if structure is None or agents is None:
        return None
    relaxation = Relaxation(structure, reduce(made, made.levels[0]).cost)
    prices, relaxed = climb(relaxation, anneal(relaxation), steps=30)
    return find_knapsacks(relaxation, agents, prove(relaxation, prices, relaxed), known)


@given(SEEDS)
@settings(max_examples=200, deadline=None)
def test_a_knapsack_is_packed_to_the_end(seed: int) -> None:
    """Against every set of items, small and large."""
    rng = np.random.default_rng(seed)
    size = int(rng.integers(1, 12))
    weight = rng.integers(0, 30, size)
    net = -rng.integers(1, 1000, size)
    room = int(rng.integers(0, 1 + weight.sum()))
    fit = np.flatnonzero(weight <= room)
    every = np.array(list(product((0, 1), repeat=len(fit))))
    least = int((every @ net[fit])[every @ weight[fit] <= room].min())
    inside = np.zeros(size, dtype=bool)
    assert _pack(fit, net[fit], weight, room, inside, 0)[0] == least
    assert net[fit][inside[: len(fit)]].sum() == least
    assert weight[fit][inside[: len(fit)]].sum() <= room


@given(SEEDS)
@settings(max_examples=20, deadline=None)
def test_a_knapsack_of_many_items_is_no_worse_than_its_table(seed: int) -> None:
    """Beyond the few that are packed first: against the plain table of all."""
    rng = np.random.default_rng(seed)
    weight = rng.integers(1, 40, 80)
    net = -(weight * rng.integers(90, 110, 80) + rng.integers(0, 50, 80))
    room = int(weight.sum() // 2)
    table = np.zeros(room + 1, dtype=np.int64)
    for w, each in zip(weight.tolist(), net.tolist(), strict=True):
        table[w:] = np.minimum(table[w:], table[: room + 1 - w] + each)
    inside = np.zeros(80, dtype=bool)
    assert _pack(np.arange(80), net, weight, room, inside, 0)[0] == table[room]
    assert net[inside].sum() == table[room]


@given(SEEDS, st.lists(st.integers(-100, 200), min_size=12, max_size=12))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
def test_no_prices_of_groups_prove_more_than_holds(seed: int, more: list[int]) -> None:
    """Whatever groups and blocks pay, even absurd amounts; and after a climb."""
    small = draw(seed)
    least = best(small)
    assume(least is not None and small.later is None)
    made = program(small)
    reduced = reduce(made, made.levels[0])
    value = (least[0] - reduced.fixed) // reduced.step
    knapsacks = knapsacks_of(made, value + 1 + seed % 40)
    assume(knapsacks is not None)
    price = knapsacks.begin()
    scale = knapsacks.proof(price).scale
    for at in (price, price + scale * np.resize(more, len(price))):
        assert knapsacks.proof(at).bound <= value
    for guess in (None, np.resize(more, knapsacks.groups).astype(float)):
        assert knapsacks.proof(price).bound <= settle(knapsacks, guess).bound <= value


def test_whole_packings_prove_more_than_prices_of_room() -> None:
    """Two agents of room 3 and three groups of weight 2: one has to stay outside, for 7 at least.

    At prices of room half a group fits in what is left: nobody need stay outside.
    """
    made = Program()
    option = made.columns("assign", 9)
    group, agent = np.repeat(np.arange(3), 3), np.tile([0, 1, 2], 3)
    made.require("placed_once", "choose", [(group, option, 1)], low=1, high=1, rows=3)
    inside = agent < 2
    entries = [(agent[inside], option[inside], 2)]
    made.require("within_capacity", "pack", entries, high=3, rows=2)
    made.level("cost", np.where(inside, 0, np.array([7, 10, 13])[group]), Fraction(1))
    knapsacks = knapsacks_of(made, 11)
    assert knapsacks is not None
    assert knapsacks._proof.bound == 0
    scale = knapsacks._proof.scale
    price = np.array([7, 7, 7]) * scale
    assert knapsacks.pack(price)[0] == 7 * scale
    assert knapsacks.proof(price).bound == 7
    assert knapsacks.proof(price - scale).bound == 6
    assert settle(knapsacks, np.array([7.0, 7.0, 7.0]), until=0).bound == 7


@given(SEEDS)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
def test_an_agent_packs_in_its_best_way(seed: int) -> None:
    """As every way by itself comes to, though most are not packed to the end."""
    small = draw(seed)
    knapsacks = knapsacks_of(program(small), 10**6)
    assume(knapsacks is not None and len(small.lead_area) > 0)
    knapsacks._near_enough = 0
    ways, weight, price = knapsacks._all, knapsacks._weight, knapsacks.begin()
    worth, _ = knapsacks._packed(ways, price)
    for agent in np.unique(ways.agent):
        mine = np.flatnonzero(ways.agent == agent)
        assert worth[mine].min() == min(alone(ways, w, weight, price) for w in mine)


def alone(ways: Ways, w: int, weight: Ints, price: Ints) -> int:
    """What one way comes to, packed to the end."""
    entries = slice(ways.first[w], ways.first[w + 1])
    group = ways.group[entries]
    net = ways.cost[entries] - price[group]
    may = (net < 0) & (weight[group] <= ways.room[w])
    inside = np.zeros(len(group), dtype=bool)
    packed = _pack(group[may], net[may], weight, ways.room[w], inside, 0)[0]
    led = ways.led[ways.led_first[w] : ways.led_first[w + 1]]
    return int(packed + ways.paid[w] - price[len(weight) + led].sum())
