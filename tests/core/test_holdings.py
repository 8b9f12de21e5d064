"""Allotments asked again agree with trying all ways to deal every place."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment

from allocate.core.allotment import Allotment, Ask, Asks, Least, Limit, Side
from allocate.core.program import FREE
from allocate.core.worker import borrowed

MODULE = "allocate.core.holding_choice"


def random_allotment(seed: int) -> Allotment:
    """Four places, four holders, a dozen things, with a limit of each kind and two side rows."""
    rng = np.random.default_rng(seed)
    places, things = 4, 12
    member = np.zeros((things, places), dtype=bool)
    for row in member:
        row[rng.choice(places, rng.integers(1, 3), replace=False)] = True
    holder = np.concatenate([np.arange(4), rng.integers(0, 4, things - 4)])
    amount = rng.integers(1, 5, things)
    apart = np.zeros((things, things), dtype=bool)
    one, other = np.flatnonzero(holder == holder[0])[[0, -1]]
    apart[one, other] = apart[other, one] = one != other
    small = rng.integers(0, 3, things)
    return Allotment(
        member,
        holder,
        rng.integers(0, 9, things) * member.sum(axis=1),
        apart,
        (
            Limit(holder, member.sum(axis=1), np.full(4, 3)),
            Limit(np.where(holder == 1, 1, -1), amount, np.array([0, rng.integers(2, 7)])),
        ),
        (
            Side(np.zeros(things, dtype=np.int64), 1, int(rng.integers(1, 3)), 3),
            Side(small, 0, int(rng.integers(0, 3)), FREE),
        ),
    )


def keeps(allotment: Allotment, chosen: list[int]) -> bool:
    """Whether a choice takes each place once and keeps every limit and side row."""
    if not np.all(allotment.member[chosen].sum(axis=0) == 1):
        return False
    if allotment.apart[np.ix_(chosen, chosen)].any():
        return False
    for limit in allotment.limits:
        used = np.zeros(len(limit.most), dtype=np.int64)
        for thing in chosen:
            if limit.of[thing] >= 0:
                used[limit.of[thing]] += limit.amount[thing]
        if np.any(used > limit.most):
            return False
    holders = len(set(allotment.holder[chosen].tolist()))
    for side in allotment.sides:
        if not side.low <= side.amount[chosen].sum() + side.each * holders <= side.high:
            return False
    return True


def best_by_hand(allotment: Allotment, ask: Ask) -> tuple[int | None, set[tuple[int, ...]]]:
    """The least cost, and all choices that come to it."""
    allowed = [t for t in range(len(allotment.holder)) if t not in ask.without]
    best: int | None = None
    found: set[tuple[int, ...]] = set()
    for size in range(1, allotment.member.shape[1] + 1):
        for some in combinations(allowed, size):
            if (ask.within >= 0 and ask.within not in some) or not keeps(allotment, list(some)):
                continue
            cost = int(allotment.cost[list(some)].sum())
            if best is None or cost < best:
                best, found = cost, set()
            if cost == best:
                found.add(some)
    return best, found


@pytest.mark.parametrize("seed", range(6))
def test_every_question_agrees_with_trying_all(seed: int) -> None:
    """Without some things, with one, and all that are as good: cost, bound and choices."""
    allotment = random_allotment(seed)
    asks = [Ask(most=100), Ask((0, 3), most=100), Ask((5,), 4)]
    asks += [Ask(within=t) for t in range(len(allotment.holder))]
    with borrowed(MODULE) as worker:
        answers: list[Least] = worker.ask(
            Asks(allotment, tuple(asks), 3600.0), lambda _: None, lambda: False
        )
    assert len(answers) == len(asks)
    some = False
    for ask, answer in zip(asks, answers, strict=True):
        best, choices = best_by_hand(allotment, ask)
        if best is None:
            assert answer.possible is False
            continue
        some = True
        assert answer.cost == answer.bound == best
        assert answer.possible
        if ask.most > 1:
            assert answer.complete
            assert set(answer.choices) == choices
        else:
            assert set(answer.choices) <= choices
    assert some


def test_many_things_of_a_holder_are_no_obstacle() -> None:
    """Three holders that take eight of 24 places each: as the assignment problem has it."""
    places, most = 24, 8
    cost = np.random.default_rng(5).integers(100, 200, (3, places))
    allotment = Allotment(
        np.tile(np.eye(places, dtype=bool), (3, 1)),
        np.repeat(np.arange(3), places),
        cost.ravel(),
        np.zeros((3 * places, 3 * places), dtype=bool),
        (
            Limit(
                np.repeat(np.arange(3), places),
                np.ones(3 * places, dtype=np.int64),
                np.full(3, most),
            ),
        ),
    )
    row, column = linear_sum_assignment(np.repeat(cost, most, axis=0))
    with borrowed(MODULE) as worker:
        task = Asks(allotment, (Ask(),), 3600.0)
        (answer,) = worker.ask(task, lambda _: None, lambda: False)
    assert answer.cost == answer.bound == np.repeat(cost, most, axis=0)[row, column].sum()


def test_without_time_nothing_is_claimed() -> None:
    """A question that is not answered in time has no answer, and none is made up."""
    with borrowed(MODULE) as worker:
        task = Asks(random_allotment(1), (Ask(), Ask()), -1.0)
        assert worker.ask(task, lambda _: None, lambda: False) == []
