"""Tiny boroughs and service lists: the program agrees with a look at every plan there is."""

from __future__ import annotations

import tempfile
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from allocate.core.levels import solve_levels
from allocate.core.outcome import CLOSED, IMPOSSIBLE, Watch
from allocate.lots import boxes
from allocate.lots.axes import Axes
from allocate.lots.formulation import formulate
from allocate.lots.guillotine import cut_plan
from allocate.lots.instance import Instance
from allocate.lots.review import review
from allocate.lots.solution import Solution, read_solution
from allocate.lots.standing import all_plans, standings, tightest_balance
from allocate.solving import solve
from allocate.study.scenario import Question
from helpers import tiny_lots
from helpers.tiny import examples

SEEDS = st.integers(min_value=0, max_value=2**32 - 1)
LEVELS: list[dict[str, Any]] = [
    {"levels": ["travel"]},
    {"levels": ["changes", "travel"]},
    {"levels": ["expected_price", "travel"]},
    {"levels": ["shortfalls", "administration", "travel"]},
]
NUMBERS = [(1, 1), (2, 2), (2, 3), (3, 3)]


def agrees(question: Question, instance: Instance) -> None:
    """The program's best plan is as good as the best of all, or there is none."""
    best = tiny_lots.best(question, instance)
    draft = formulate(instance, question.levels)
    outcome = solve_levels(
        draft.program,
        "allocate.core.highs",
        seconds=30,
        gap=0.0,
        seed=1,
        watch=Watch(),
        method="highs",
    )
    if best is None:
        assert outcome.why == IMPOSSIBLE
        return
    assert outcome.why == CLOSED
    assert outcome.values is not None
    judged = review(instance, read_solution(draft, outcome.values), question.levels)
    assert judged.passed, judged.faults
    assert judged.levels == best


@examples(15)
@given(
    seed=SEEDS,
    objective=st.sampled_from(LEVELS),
    number=st.sampled_from(NUMBERS),
    share=st.sampled_from([0.1, 0.3, 0.6]),
    mode=st.sampled_from(["hard", "soft"]),
)
def test_places_agree_with_every_plan(
    seed: int, objective: dict[str, Any], number: tuple[int, int], share: float, mode: str
) -> None:
    """Drawn from places: all levels come to what the best of all plans does."""
    with tempfile.TemporaryDirectory() as folder:
        case = tiny_lots.places(Path(folder) / "case", seed)
        rules = {
            "number_of_lots": {"minimum": number[0], "maximum": number[1]},
            "balanced": {"value": share, "mode": mode},
            "kept_together": {"mode": mode},
        }
        agrees(*tiny_lots.asked(case, rules=rules, objective=objective))


@examples(15)
@given(seed=SEEDS, most=st.integers(3, 30), wanted=st.integers(0, 3))
def test_services_agree_with_every_plan(seed: int, most: int, wanted: int) -> None:
    """Drawn from services: the sum comes to what the best of all plans of boxes does."""
    with tempfile.TemporaryDirectory() as folder:
        case = tiny_lots.services(Path(folder) / "case", seed)
        rules = {
            "number_of_lots": {"minimum": 1, "maximum": 8},
            "value_limits": {"mode": "soft", "most": most, "price": 4000},
            "enough_bidders": {"mode": "soft", "value": wanted, "price": 5000},
        }
        objective = {"priced": {"administration": 1, "shortfalls": 1}}
        agrees(*tiny_lots.asked(case, rules=rules, objective=objective))


@examples(15)
@given(seed=SEEDS, number=st.integers(1, 4))
def test_standing_counts_every_plan(seed: int, number: int) -> None:
    """Plans, ranks and the tightest balance are those of a look at every plan."""
    with tempfile.TemporaryDirectory() as folder:
        case = tiny_lots.places(Path(folder) / "case", seed)
        rules = {
            "number_of_lots": {"minimum": number, "maximum": number},
            "balanced": {"value": 0.4},
        }
        question, instance = tiny_lots.asked(case, rules=rules, objective={"levels": ["travel"]})
    travel, off = [], []
    total = int(instance.size.sum())
    for lots in tiny_lots.parted(list(range(len(instance.cells.ids)))):
        if len(lots) != number or not all(tiny_lots.may_be(instance, lot) for lot in lots):
            continue
        lot = np.zeros(len(instance.cells.ids), dtype=np.int64)
        for at, cells in enumerate(lots):
            lot[cells] = at
        plan = Solution(lot)
        judged = review(instance, plan, question.levels)
        if judged.passed:
            travel.append(judged.terms["travel"])
        loose = [f for f in judged.faults if not f.startswith("balanced")]
        if not loose:
            sizes = [Fraction(int(instance.size[cells].sum())) for cells in lots]
            off.append(max(abs(size * number / total - 1) for size in sizes))
    plans, cost = all_plans(instance, number)
    assert plans.count == len(travel)
    if travel:
        best = Solution(plans.cells(plans.best(cost)[0][0]))
        (found,) = standings(instance, best)
        assert found.least == min(travel) * 1000
        assert found.rank == 1
    tight = tightest_balance(instance, number)
    assert (tight is None) == (not off)
    if tight is not None:
        # Whole people are shared out, so an equal lot may lie between two sizes.
        assert min(off) <= tight[0] <= min(off) + Fraction(number, total)


def test_rank_counts_the_better_plans(tmp_path: Path) -> None:
    """The plan that is worst by distance comes last of all."""
    case = tiny_lots.places(tmp_path / "case", 5)
    rules = {"number_of_lots": {"minimum": 2, "maximum": 2}, "balanced": {"value": 1.0}}
    _, instance = tiny_lots.asked(case, rules=rules)
    plans, cost = all_plans(instance, 2)
    listed, paid = plans.best(cost, plans.count)
    (found,) = standings(instance, Solution(plans.cells(listed[-1])))
    assert found.rank == 1 + int((paid < paid[-1]).sum())


@pytest.mark.parametrize(("seed", "rounds"), [(3, 60), (8, 60), (21, 60), (8, 0), (21, 1)])
def test_boxes_left_out_hold_the_bound_down(
    seed: int, rounds: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where only few boxes are listed, the best of all plans lies between bound and answer.

    So it does where generating boxes ends before none of them gains.
    """
    monkeypatch.setattr(boxes, "LISTED", 3)
    monkeypatch.setattr(boxes, "ROUNDS", rounds)
    monkeypatch.setattr(boxes, "NEAR", 0.5)
    case = tiny_lots.services(tmp_path / "case", seed)
    rules = {
        "number_of_lots": {"minimum": 1, "maximum": 8},
        "value_limits": {"mode": "soft", "most": 12, "price": 4000},
        "enough_bidders": {"mode": "soft", "value": 2, "price": 5000},
    }
    objective = {"priced": {"administration": 1, "shortfalls": 1}}
    question, instance = tiny_lots.asked(case, rules=rules, objective=objective)
    best = tiny_lots.best(question, instance)
    result = solve(question, method="highs", gap=0.0)
    assert best is not None
    (level,) = result.levels
    assert level.bound is not None
    assert level.bound <= best[0] <= level.objective


@pytest.mark.parametrize("seed", range(4))
def test_boxes_that_join_are_the_best_with_each_two_labels(seed: int) -> None:
    """Found along the axes, they are those of a look at every box; and sums are those of cells."""
    rng = np.random.default_rng(seed)
    at = np.array([place for place in np.ndindex(2, 3, 2) if rng.random() < 0.8])
    axes = Axes((("a", "b"), ("c", "d", "e"), ("f", "g")), at)
    amounts = rng.normal(size=len(at))
    every = np.arange(int(np.prod(axes.shape)))
    assert np.allclose(axes.sums(amounts).ravel(), axes.member(every) @ amounts)
    reduced = rng.normal(size=len(every))
    sets = np.stack(np.unravel_index(every, axes.shape))
    wanted = set()
    for one, other in ((0, 1), (0, 2), (1, 2)):
        for a, b in np.ndindex(len(axes.labels[one]), len(axes.labels[other])):
            has = np.flatnonzero((sets[one] >> a) & (sets[other] >> b) & 1)
            wanted |= {int(has[reduced[has].argmin()])}
    found = boxes.Priced(axes, np.zeros(len(every)), 1, 9, amounts)._best_of_each(reduced)
    assert set(found.tolist()) == {box for box in wanted if reduced[box] < 0}


@examples(20)
@given(seed=SEEDS, most=st.integers(1, 6))
def test_straight_cuts_make_a_plan(seed: int, most: int) -> None:
    """Its lots are boxes of which each cell is in one; of one axis, no plan is better."""
    rng = np.random.default_rng(seed)
    at = np.array([place for place in np.ndindex(1, 1, 4) if rng.random() < 0.8] or [(0, 0, 0)])
    axes = Axes((("a",), ("b",), ("c", "d", "e", "f")), at)
    cells = axes.sums(np.ones(len(at)))
    cost = np.where(cells > 0, rng.uniform(1, 9, cells.shape) + 5 * cells, np.nan)
    cost[(rng.random(cost.shape) < 0.2) & (cells > 0)] = np.inf
    found = cut_plan(cost, 1, len(at))
    plans = [
        [int(sum(1 << int(at[i, 2]) for i in lot)) for lot in lots]
        for lots in tiny_lots.parted(list(range(len(at))))
    ]
    # A box with a label that no cell has is the same lot; the cheapest of them counts.
    same = {
        lot: min(
            float(cost[1, 1, box])
            for box in range(1, 16)
            if cells[1, 1, box] > 0 and box & sum(1 << int(c) for c in at[:, 2]) == lot
        )
        for lots in plans
        for lot in lots
    }
    best = min(sum(same[lot] for lot in lots) for lots in plans)
    assert np.isfinite(best) == bool(len(found))
    if len(found):
        assert (axes.member(found).sum(axis=0) == 1).all()
        assert cost.ravel()[found].sum() == pytest.approx(best)
    few = cut_plan(cost, 1, most)
    assert len(few) <= most
    assert not len(few) or (axes.member(few).sum(axis=0) == 1).all()
