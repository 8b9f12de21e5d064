"""The search: what it keeps count of, that it never loses, and that parts add up."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from allocate.core import decomposition
from allocate.core.bound import Relaxation, anneal
from allocate.core.decomposition import Decomposed, cut_agents
from allocate.core.field import ROOMY, build_field, find_agents
from allocate.core.recreate import recreate
from allocate.core.reduced import reduce
from allocate.core.search import Field, Search
from allocate.core.sharing import share
from allocate.core.structure import best_of, read
from allocate.core.teams import PARTS, TEAM
from helpers.assignments import draw, program

NEAR = 1e6  # every option here


def field_of(choice: list[int], capacity: list[int], *, over: float = 100.0) -> Field:
    """Three groups of weight 2, 3 and 5 at two agents; the first agent is nobody's regret."""
    weight, agent = np.array([2, 3, 5]), np.array([0, 1, 0, 1, 0, 1])
    room = np.array([*capacity, ROOMY])
    taken = np.array(choice)
    np.subtract.at(room, agent[taken], weight)
    return Field(
        start=np.array([0, 2, 4, 6]),
        regret=np.array([0.0, 4.0, 0.0, 7.0, 0.0, 6.0]),
        agent=agent,
        weight=weight,
        frozen=np.zeros(3, dtype=bool),
        price=np.array([1.0, 0.0, 0.0]),
        over=np.array([over, over, 0.0]),
        side_start=np.zeros(7, dtype=np.int64),
        side_row=np.zeros(0, dtype=np.int64),
        side_amount=np.zeros(0),
        side_price=np.zeros(0),
        side_over=np.zeros(0),
        choice=taken,
        room=room,
        side_room=np.zeros(0),
    )


def drawn(seed: int, groups: int, agents: int) -> Field:
    """Groups by chance at agents that hold about as much as there is, with two rows on the side."""
    rng = np.random.default_rng(seed)
    count = rng.integers(1, 5, groups)
    start = np.append(0, np.cumsum(count))
    size = int(start[-1])
    weight = rng.integers(1, 30, groups)
    # Agents of a group are neighbours, so that parts have something to cut.
    agent = (np.repeat(rng.integers(0, agents, groups), count) + rng.integers(0, 4, size)) % agents
    agent[rng.random(size) < 0.1] = agents
    regret = rng.uniform(0, 50, size)
    regret[start[:-1]] = 0.0
    entries = rng.random(size) < 0.3
    side_start = np.append(0, np.cumsum(entries))
    held = int(entries.sum())
    field = Field(
        start=start,
        regret=regret,
        agent=agent,
        weight=weight,
        frozen=rng.random(groups) < 0.05,
        price=np.append(rng.uniform(0, 3, agents), 0.0),
        over=np.append(np.full(agents, 200.0), 0.0),
        side_start=side_start,
        side_row=rng.integers(0, 2, held),
        side_amount=rng.integers(1, 5, held).astype(float),
        side_price=np.array([0.5, 0.0]),
        side_over=np.array([2.0, 300.0]),
        choice=start[:-1].copy(),
        room=np.append(np.full(agents, 1 + int(weight.sum()) // agents), ROOMY),
        side_room=np.full(2, float(groups)),
    )
    np.subtract.at(field.room, field.agent[field.choice], weight)
    field.side_room -= side_use(field)
    return field


def side_use(field: Field) -> np.ndarray:
    """What the plan takes of the rows on the side, entry by entry."""
    used = np.zeros(len(field.side_room))
    for j in field.choice:
        for e in range(field.side_start[j], field.side_start[j + 1]):
            used[field.side_row[e]] += field.side_amount[e]
    return used


def limits(field: Field) -> tuple[np.ndarray, np.ndarray]:
    """Room with all that the plan takes put back: no search changes it."""
    room = field.room.copy()
    np.add.at(room, field.agent[field.choice], field.weight)
    return room, field.side_room + side_use(field)


def check(field: Field, before: Field, room: np.ndarray, side: np.ndarray) -> None:
    """Each group has one of its options, room is what is left, and frozen groups are still.

    The last agent is outside, where room is without end and need not be counted.
    """
    group = np.searchsorted(field.start, field.choice, side="right") - 1
    assert group.tolist() == list(range(len(field.choice)))
    found_room, found_side = limits(field)
    assert found_room[:-1].tolist() == room[:-1].tolist()
    assert found_side == pytest.approx(side)
    frozen = field.frozen
    assert field.choice[frozen].tolist() == before.choice[frozen].tolist()


def copied(field: Field) -> Field:
    """The same with arrays of its own."""
    arrays = {one.name: getattr(field, one.name) for one in fields(field)}
    return Field(
        **{name: v.copy() if isinstance(v, np.ndarray) else v for name, v in arrays.items()}
    )


def test_a_plan_is_worth_its_regrets_and_its_room() -> None:
    """At 0, 1 and 0: a regret of 7, 1 unit above the first limit, 1 unit left at the second."""
    field = field_of([0, 3, 4], [6, 4])
    assert field.value == 7 + 100 + 0
    assert field_of([0, 3, 4], [9, 4]).value == 7 + 2 + 0


def test_what_is_overfull_is_relieved_where_that_loses_least() -> None:
    """Of 10 units at an agent of 7, weight 5 loses 6 for 3 that count, 3 loses 7, 2 frees 2 for 4.

    6 / 3 and 4 / 2 are as good; after either the rest follows, and nobody is overfull.
    """
    field = field_of([0, 2, 4], [7, 5])
    field.relieve()
    assert field.room[:2].min() >= 0
    assert field.room[:2].sum() == 7 + 5 - 10


def test_what_cannot_be_relieved_is_mended_by_a_plan_that_is_not_overfull() -> None:
    """The first agent has 5 for room of 4, and the second has 3 left, so that it cannot move.

    In the known plan they have changed 5 for 3. Where something can move, it does.
    """
    field = field_of([1, 3, 4], [4, 8])
    field.mend(np.array([1, 2, 5]))
    assert field.choice.tolist() == [1, 2, 5]
    relieved = field_of([0, 3, 4], [6, 5])
    relieved.mend(np.array([0, 2, 5]))
    assert relieved.choice.tolist() == [1, 3, 4]
    roomy = field_of([0, 3, 4], [7, 5])
    roomy.mend(np.array([1, 3, 4]))
    assert roomy.choice.tolist() == [0, 3, 4]


@pytest.mark.parametrize("seed", range(20))
def test_a_mended_plan_has_nobody_overfull(seed: int) -> None:
    """However many were, and it keeps count; one that had nobody overfull stays as it is."""
    field = drawn(seed, 200, 24)
    rng = np.random.default_rng(seed)
    known = field.choice.copy()
    field.room[:] = rng.integers(0, 30, len(field.room))  # the known plan fits
    room, side = limits(field)
    others = field.start[:-1] + (rng.random(200) * np.diff(field.start)).astype(np.int64)
    field.choose(np.where(rng.random(200) < 0.2, others, known))
    assert np.any(field.room < 0)
    field.mend(known)
    assert np.all(field.room >= 0)
    again, side_again = limits(field)
    assert again.tolist() == room.tolist()
    assert side_again == pytest.approx(side)
    mended = field.choice.copy()
    field.mend(known)
    assert field.choice.tolist() == mended.tolist()


def test_filling_gives_room_to_who_loses_most() -> None:
    """With room for 5 at the first agent, groups of 3 and 2 would lose 7 and 4, that of 5 loses 6.

    The first to choose is that of 3, then that of 5, which finds no room there.
    """
    field = field_of([1, 3, 5], [5, 10])
    field.choose(np.array([1, 3, 5]))
    field.choice[:] = [0, 2, 4]
    field.room[:] = [-5, 10, ROOMY]
    field.fill()
    assert field.choice.tolist() == [0, 2, 5]
    assert field.room[:2].tolist() == [0, 5]


def test_an_exchange_solved_by_hand() -> None:
    """From 5 at the first agent, which leaves the others out for 11, to 2 and 3 there for 6."""
    field = field_of([1, 3, 4], [5, 5])
    before = field.value
    gained = Search(field, NEAR).run(1)
    assert field.choice.tolist() == [0, 2, 5]
    assert (before, gained, field.value) == (11.0, pytest.approx(5.0), 6.0)


@given(st.integers(0, 10**6))
@settings(max_examples=40, deadline=None)
def test_a_search_keeps_count_and_never_loses(seed: int) -> None:
    """Room is what is left, and what is gained is what the plan is worth less."""
    field = drawn(seed, 30, 5)
    before, (room, side) = copied(field), limits(field)
    search = Search(field, NEAR)
    for turn in range(2):
        value = field.value
        gained = search.run(seed + turn)
        assert gained >= -1e-6
        assert field.value == pytest.approx(value - gained)
        check(field, before, room, side)


@given(st.integers(0, 10**6))
@settings(max_examples=25, deadline=None)
def test_filling_and_relieving_keep_count(seed: int) -> None:
    """A plan made anew takes what it takes, and relief overfills nobody further."""
    field = drawn(seed, 30, 5)
    before, (room, side) = copied(field), limits(field)
    field.fill()
    check(field, before, room, side)
    over = np.minimum(field.room, 0)
    field.relieve()
    check(field, before, room, side)
    assert np.all(field.room >= over)


def test_the_same_seed_finds_the_same_plan() -> None:
    """And it is another than the one that it began with."""
    plans, start = [], drawn(11, 200, 8).choice.tolist()
    for _ in range(2):
        field = drawn(11, 200, 8)
        Search(field, NEAR).run(1)
        plans.append(field.choice.tolist())
    assert plans[0] == plans[1] != start


@given(st.integers(0, 10**6))
@settings(max_examples=40, deadline=None)
def test_a_field_is_built_as_its_rows_say(seed: int) -> None:
    """A plan of regrets and room at some prices costs what the relaxation and its rows say."""
    made = program(draw(seed))
    structure = read(made.flat())
    agents = None if structure is None else find_agents(structure)
    assume(structure is not None and agents is not None)
    relaxation = Relaxation(structure, reduce(made, made.levels[0]).cost)
    prices = anneal(relaxation)
    relaxed = relaxation.relax(prices)
    choice = structure.start[:-1].copy()
    field = build_field(relaxation, agents, prices, relaxed, relaxed.led, choice, False)
    before, (room, side) = copied(field), limits(field)
    assert field.regret.min() >= -1e-9
    taken = np.bincount(agents.agent[choice], agents.weight, len(agents.resource) + 1)
    assert (room - field.room).tolist() == taken.tolist()
    Search(field, np.inf).run(1)
    check(field, before, room, side)


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("seed", range(4))
def test_parts_add_up(seed: int, threads: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts of 6 among 24 agents: what each gains adds up, and so does what it takes."""
    monkeypatch.setattr(decomposition, "WHOLE", 8)
    monkeypatch.setattr(decomposition, "LARGEST", 6)
    field = drawn(seed, 200, 24)
    if threads > 1:  # two parts at work at a time do not see what the other takes of these rows
        field.side_over[:] = field.side_price[:] = 0.0
    before, (room, side) = copied(field), limits(field)
    decomposed = Decomposed(field, NEAR, threads)
    assert decomposed.parts
    gains = []
    for turn in range(4):
        value = field.value
        gains.append(decomposed.run(5, turn))
        assert field.value == pytest.approx(value - gains[-1])
        check(field, before, room, side)
    assert gains[0] > 0


def test_parts_are_disjoint_and_cover_all_agents(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each agent is in one part, no part is too large, and another seed cuts elsewhere."""
    monkeypatch.setattr(decomposition, "WHOLE", 8)
    monkeypatch.setattr(decomposition, "LARGEST", 6)
    decomposed = Decomposed(drawn(3, 200, 24), NEAR)
    cuts = [cut_agents(decomposed._ties, 6, np.random.default_rng(seed)) for seed in (1, 2)]
    for parts in cuts:
        assert sorted(np.concatenate(parts).tolist()) == list(range(24))
        assert max(len(part) for part in parts) <= 6
    assert [part.tolist() for part in cuts[0]] != [part.tolist() for part in cuts[1]]


def test_few_agents_need_no_parts() -> None:
    """Then the search of the whole is the search."""
    one, other = drawn(5, 60, 6), drawn(5, 60, 6)
    decomposed = Decomposed(one, NEAR)
    assert not decomposed.parts
    assert decomposed.run(0, 3) == pytest.approx(Search(other, NEAR).run(3))
    assert one.choice.tolist() == other.choice.tolist()


@given(st.integers(0, 10**6))
@settings(max_examples=40, deadline=None)
def test_teams_keep_count_and_never_lose(seed: int) -> None:
    """Room and other rows are what is left, nobody is overfull that was not, and it replays."""
    plans = []
    for _ in range(2):
        field = drawn(seed, 30, 5)
        before, (room, side) = copied(field), limits(field)
        over, value = np.minimum(field.room, 0), field.value
        gained = share(field, NEAR, 2, seed, np.full(len(PARTS), TEAM))
        assert gained >= 0
        assert field.value == pytest.approx(value - gained)
        assert np.all(field.room >= over)
        check(field, before, room, side)
        plans.append(field.choice.tolist())
    assert plans[0] == plans[1]


def test_teams_find_what_exchanges_of_two_do_not() -> None:
    """Three agents full with one group each, which all would rather be one further."""
    field = Field(
        start=np.array([0, 2, 4, 6]),
        regret=np.array([5.0, 0.0, 5.0, 0.0, 5.0, 0.0]),
        agent=np.array([0, 1, 1, 2, 2, 0]),
        weight=np.array([7, 7, 7]),
        frozen=np.zeros(3, dtype=bool),
        price=np.array([1.0, 1.0, 1.0, 0.0]),
        over=np.array([100.0, 100.0, 100.0, 0.0]),
        side_start=np.zeros(7, dtype=np.int64),
        side_row=np.zeros(0, dtype=np.int64),
        side_amount=np.zeros(0),
        side_price=np.zeros(0),
        side_over=np.zeros(0),
        choice=np.array([0, 2, 4]),
        room=np.array([0, 0, 0, ROOMY]),
        side_room=np.zeros(0),
    )
    assert share(field, NEAR, 1, 1, np.full(len(PARTS), TEAM)) == 15
    assert field.choice.tolist() == [1, 3, 5]


@given(st.integers(0, 10**6))
@settings(max_examples=25, deadline=None)
def test_giving_up_what_is_regretted_keeps_count_and_never_loses(seed: int) -> None:
    """What does not help is taken back; what helps is worth what it says."""
    field = drawn(seed % 1000, 60, 6)
    before, (room, side) = copied(field), limits(field)
    search = Search(field, NEAR)
    search.run(seed)
    suggested = best_of(field.start, -field.regret)
    for turn in range(5):
        value = field.value
        gained = recreate(field, search, suggested, seed + turn)
        assert gained >= 0
        assert field.value == pytest.approx(value - gained)
        check(field, before, room, side)


def test_a_search_of_the_whole_follows_a_plan_that_others_changed() -> None:
    """A plan chosen since is where it goes on from, not the one that it left."""
    field = drawn(5, 60, 6)
    before, (room, side) = copied(field), limits(field)
    search = Decomposed(field, NEAR)
    search.run(0, 1)
    field.choose(np.where(field.frozen, field.choice, best_of(field.start, field.regret)))
    value = field.value
    gained = search.run(0, 2)
    assert gained > 0
    assert field.value == pytest.approx(value - gained)
    check(field, before, room, side)


def test_a_part_without_groups_is_left_as_it_is() -> None:
    """An agent that nobody is with, and nobody may come to, has nothing to search."""
    field = drawn(3, 60, 24)
    decomposed = Decomposed(field, NEAR, suggested=field.start[:-1].copy())
    part = decomposed._part(np.zeros(0, dtype=np.int64))
    assert len(part.groups) == 0
    for anew in (False, True):
        assert decomposed._searched(part, 2, 1, anew).gained == 0.0
