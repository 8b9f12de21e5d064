"""Changes of one booking or two: found from the rows, kept by them, and bounded in every sample."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from scipy import sparse
from scipy.optimize import linprog

from allocate.core.bookings import NONE, bookings_of, holds, worth
from allocate.core.cuts import Pools
from allocate.core.program import FREE, Program, ints
from allocate.core.recourse_parts import parts
from allocate.core.two_stage import TwoStage
from helpers.winters import winters

FEW = winters(6, weeks=5, zones=2, types=3, offers=8, shared=False)


def test_a_winter_falls_apart_by_care_type() -> None:
    """Nobody who needs nursing takes another bed, so each care type is bounded by itself."""
    found = parts(FEW)
    assert len(found) == 3
    assert sorted(np.concatenate([part.rows for part in found])) == list(range(len(FEW.equal)))
    assert sorted(np.concatenate([part.columns for part in found])) == list(range(len(FEW.price)))
    plan = FEW.first.bounds()[1]
    for s in range(FEW.samples):
        apart = sum(_recourse(part.program, plan, s) for part in found)
        assert apart == pytest.approx(_recourse(FEW, plan, s))


def test_an_amount_is_booked_with_its_switch() -> None:
    """Beds go with the column that says whether there are any; a column alone has no switch."""
    first = Program()
    beds = first.columns("beds", 1, upper=4)
    book = first.columns("book", 1, upper=1)
    alone = first.columns("alone", 1, upper=1)
    first.require("switch", "pack", [(0, beds, 1), (0, book, -4)], high=0, rows=1)
    first.require("some", "share", [(0, beds, 1), (0, book, -2)], low=0, rows=1)
    first.level("cost", ints([3, 1, 1]), Fraction(1))
    one = sparse.csr_matrix([[1, 0, 1]])
    two_stage = TwoStage(
        first=first,
        matrix=sparse.csr_matrix([[1]]),
        equal=np.array([False]),
        price=ints([8]),
        upper=ints([FREE]),
        link=sparse.csr_matrix([[1]]),
        booked=(one,),
        of_sample=ints([0]),
        rhs=ints([[6]]),
        weight=ints([1]),
    )
    found = bookings_of(two_stage, parts(two_stage))
    assert found.amount.tolist() == [*beds, *alone]
    assert found.has_switch.tolist() == [True, False]
    assert found.switch[0] == book[0]
    assert found.most.tolist() == [4, 1]


def test_what_keeps_every_row_is_what_the_program_says() -> None:
    """Changes of two bookings at once, each looked at apart and in the whole program."""
    flat, book = FEW.first.flat(), bookings_of(FEW, parts(FEW))
    plan, random = FEW.first.bounds()[0], np.random.default_rng(3)
    size = len(book.amount)
    one, two = random.integers(0, size, 300), random.integers(0, size, 300)
    one, two = one[one != two], two[one != two]
    more, other = (random.integers(1, book.most[k] + 1) for k in (one, two))
    on = np.ones(len(one), dtype=np.int64)
    sums = flat.matrix @ plan
    rows = book.start, book.row, book.at_amount, book.at_switch, book.low, book.high
    kept = holds(np.column_stack([one, more, on, two, other, on]), sums, *rows)
    assert 0 < kept.sum() < len(kept)
    for m, said in enumerate(kept):
        changed = plan.copy()
        for k, by in ((one[m], more[m]), (two[m], other[m])):
            changed[book.amount[k]] += by
            if book.has_switch[k]:
                changed[book.switch[k]] = 1
        assert flat.holds(changed) == bool(said)


def test_a_change_is_bounded_by_what_vectors_prove_after_it() -> None:
    """Counted from the change alone, and at the changed plan, the bounds are the same."""
    found = parts(FEW)
    pools, book = Pools(FEW, found), bookings_of(FEW, found)
    plan, random = FEW.first.bounds()[0], np.random.default_rng(4)
    count = random.random(FEW.samples)
    for p, (part, pool) in enumerate(zip(found, pools.of, strict=True)):
        pool.add(random.normal(0, 1e4, (20, len(part.rows))), np.arange(20) % FEW.samples)
        which = pool.sharpest(plan, 5)
        mine = np.flatnonzero(book.part == p)
        by_amount = pool.less(which, pool.taken_by(book.amount[mine]))
        by_switch = pool.less(which, pool.taken_by(book.switch[mine]))
        for at, k in enumerate(mine):
            changed = plan.copy()
            changed[book.amount[k]] += 1
            if book.has_switch[k]:
                changed[book.switch[k]] = 1
            change = np.array([[at, 1, 1, NONE, 0, 0]])
            said = worth(change, pool.bounds(plan, which), by_amount, by_switch, count)
            assert said[0] == pytest.approx(
                count @ pool.bounds(changed, which).max(axis=1), rel=1e-5
            )


def _recourse(two_stage: TwoStage, plan: np.ndarray, s: int) -> float:
    """What a sample costs, by another solver."""
    right = two_stage.rhs[s] - two_stage.link @ (two_stage.booked[two_stage.of_sample[s]] @ plan)
    equal = two_stage.equal
    found = linprog(
        two_stage.price,
        A_ub=-two_stage.matrix[~equal],
        b_ub=-right[~equal],
        A_eq=two_stage.matrix[equal] if equal.any() else None,
        b_eq=right[equal] if equal.any() else None,
        bounds=[(0, None if u >= FREE else u) for u in two_stage.upper],
    )
    return float(found.fun)
