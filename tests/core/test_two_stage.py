"""Two-stage programs: the form, and the engine against every plan and the extensive form."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy import sparse
from scipy.optimize import LinearConstraint, linprog, milp

from allocate.core import forms
from allocate.core.benders import solve_two_stage
from allocate.core.dual_vectors import DualVectors
from allocate.core.outcome import ASKED, CLOSED, IMPOSSIBLE, WORKED, Watch
from allocate.core.program import FREE, Program, ints
from allocate.core.two_stage import Tail, TwoStage
from allocate.core.two_stage_outcome import TwoStageOutcome
from allocate.core.two_stage_proof import proven
from helpers.winters import winters

CLOSE = 1e-6  # floats of a solver against floats of another


def beds(tail: Tail | None = None) -> TwoStage:
    """Beds at 3 each, at most 10, before it is known whether 2 or 6 people come; waiting costs 8.

    The first two beds are used in both winters and save 8 each. Four more are used in one winter of
    two, and save 4 each for 3. A seventh is never used. So six beds are booked, for 18, and nobody
    waits; without the harder winter it would be two, for 6.
    """
    first = Program()
    first.columns("beds", 1, upper=10)
    first.level("cost", ints([3]), Fraction(1))
    one = sparse.csr_matrix([[1]])
    return TwoStage(
        first=first,
        matrix=one,
        equal=np.array([False]),
        price=ints([8]),
        upper=ints([FREE]),
        link=one,
        booked=(one,),
        of_sample=ints([0, 0]),
        rhs=ints([[2], [6]]),
        weight=ints([1, 1]),
        tail=tail,
    )


def small(seed: int, *, tail: bool) -> TwoStage:
    """A few homes, things and samples, drawn by chance, with closures and limited ways out."""
    random = np.random.default_rng(seed)
    homes, things, samples = (int(random.integers(1, most)) for most in (4, 4, 6))
    first = Program()
    x = first.columns("beds", homes, upper=random.integers(1, 4, homes))
    first.require("budget", "pack", [(0, x, random.integers(1, 4, homes))], high=5, rows=1)
    first.level("cost", random.integers(0, 30, homes), Fraction(1))
    served, waits, turned = (np.arange(things) + k * things for k in range(3))
    matrix = sparse.lil_array((2 * things, 3 * things), dtype=np.int64)
    for i in range(things):
        matrix[i, served[i]] = matrix[i, waits[i]] = matrix[i, turned[i]] = 1
        if i + 1 < things:
            matrix[i + 1, waits[i]] = -1  # who waits comes again
        matrix[things + i, served[i]] = -int(random.integers(1, 4))
    link = sparse.vstack([sparse.csr_matrix((things, things)), sparse.eye_array(things)])
    open_ = random.integers(0, 3, (things, homes))
    shut = open_ * random.integers(0, 2, (things, homes))
    people = random.integers(0, 6, (samples, things))
    return TwoStage(
        first=first,
        matrix=matrix.tocsr(),
        equal=np.arange(2 * things) < things,
        price=np.concatenate([np.zeros(things, int), random.integers(5, 40, 2 * things)]),
        upper=np.concatenate([np.full(2 * things, FREE), random.integers(0, 3, things)]),
        link=link,
        booked=(sparse.csr_matrix(open_), sparse.csr_matrix(shut)),
        of_sample=random.integers(0, 2, samples),
        rhs=np.hstack([people, np.zeros((samples, things), dtype=np.int64)]),
        weight=random.integers(1, 4, samples),
        tail=Tail(Fraction(1, int(random.integers(1, 4))), Fraction(1, 2)) if tail else None,
    )


def costed(two_stage: TwoStage, plan: np.ndarray) -> float:
    """What a plan costs, by another solver's linear programs, one a sample."""
    recourse = []
    for s in range(two_stage.samples):
        given = two_stage.booked[two_stage.of_sample[s]] @ plan
        right = two_stage.rhs[s] - two_stage.link @ given
        equal = two_stage.equal
        found = linprog(
            two_stage.price,
            A_ub=-two_stage.matrix[~equal],
            b_ub=-right[~equal],
            A_eq=two_stage.matrix[equal] if equal.any() else None,
            b_eq=right[equal] if equal.any() else None,
            bounds=[(0, None if u >= FREE else u) for u in two_stage.upper],
        )
        recourse.append(Fraction(found.fun))
    return float(two_stage.total(plan, recourse))


def least(two_stage: TwoStage) -> float:
    """The least cost of every plan there is."""
    lower, upper, _ = two_stage.first.bounds()
    flat = two_stage.first.flat()
    ranges = [range(a, b + 1) for a, b in zip(lower, upper, strict=True)]
    plans = (np.array(plan, dtype=np.int64) for plan in product(*ranges))
    return min(costed(two_stage, plan) for plan in plans if flat.holds(plan))


def extensive(two_stage: TwoStage) -> float:
    """The least cost by the extensive form, all samples at once."""
    flat, cost, per = two_stage.flat()
    low = np.where(flat.low <= -FREE, -np.inf, flat.low)
    high, upper = (np.where(b >= FREE, np.inf, b) for b in (flat.high, flat.upper))
    found = milp(
        cost / per,
        integrality=flat.whole,
        bounds=(flat.lower, upper),
        constraints=LinearConstraint(flat.matrix, low, high),
        options={"mip_rel_gap": 0},
    )
    return float(found.fun)


def solved(two_stage: TwoStage, gap: float = 0.0, **limits: int) -> TwoStageOutcome:
    """A program solved by the engine."""
    return solve_two_stage(two_stage, seconds=60, gap=gap, seed=1, watch=Watch(), **limits)


def test_beds_are_booked_for_a_winter_that_may_come() -> None:
    """Solved by hand: six beds for 18, nobody waits; each winter alone would book two, or six."""
    found = solved(beds())
    assert found.answer.why == CLOSED
    assert found.answer.values is not None
    assert found.answer.values.tolist() == [6]
    assert found.answer.objective == pytest.approx(18)
    assert found.bound == pytest.approx(18)
    assert found.proven == pytest.approx(18)
    assert found.answer.recourse == pytest.approx([0, 0])
    assert found.answer.flows is not None
    assert found.answer.flows.ravel() == pytest.approx([0, 0])
    assert [solved(beds().sample(s)).answer.objective for s in (0, 1)] == pytest.approx([6, 18])


def test_a_tail_counts_the_worst_winters() -> None:
    """With beds at 5 the harder winter alone does not pay for four more, but its tail does."""
    dear = replace(beds().first, levels=[])
    dear.level("cost", ints([5]), Fraction(1))
    without = replace(beds(), first=dear)
    found = solved(without)
    assert found.answer.values is not None
    assert found.answer.values.tolist() == [2]
    assert found.answer.objective == pytest.approx(10 + 16)
    tailed = replace(without, tail=Tail(Fraction(1, 2), Fraction(1)))
    found = solved(tailed)
    assert found.answer.values is not None
    assert found.answer.values.tolist() == [6]
    assert found.answer.objective == pytest.approx(30)
    assert found.proven == pytest.approx(30)
    assert tailed.total(ints([2]), [Fraction(0), Fraction(32)]) == 10 + 16 + 32
    half = replace(without, tail=Tail(Fraction(3, 4), Fraction(1)))
    assert half.worst([Fraction(8), Fraction(32)]) == Fraction(32 * 2 + 8, 3)


@given(st.integers(0, 10**6), st.booleans())
@example(1011, False)  # an optimum of nought, where no gap is relative
@example(1206, True)
@settings(max_examples=25, deadline=None)
def test_the_engine_finds_the_best_of_all_plans(seed: int, tail: bool) -> None:
    """Plan, value and bounds agree with every plan tried, and the certificate with its recount."""
    two_stage = small(seed, tail=tail)
    best = least(two_stage)
    found = solved(two_stage)
    assert found.answer.why == CLOSED
    assert found.answer.objective == pytest.approx(best, rel=CLOSE, abs=CLOSE)
    assert found.bound == pytest.approx(best, rel=CLOSE, abs=CLOSE)
    assert found.proven <= best + CLOSE
    plan = found.answer.values
    assert plan is not None
    assert two_stage.first.flat().holds(plan)
    assert costed(two_stage, plan) == pytest.approx(found.answer.objective, rel=CLOSE, abs=CLOSE)


@given(st.integers(0, 10**6), st.booleans(), st.booleans())
@settings(max_examples=10, deadline=None)
def test_the_extensive_form_says_the_same(seed: int, tail: bool, shared: bool) -> None:
    """Small winters, in one part or in one of each type: both forms come to one value."""
    share = Tail(Fraction(1, 3), Fraction(1, 4)) if tail else None
    two_stage = winters(4, seed, weeks=4, zones=1, types=2, offers=6, tail=share, shared=shared)
    assert solved(two_stage).answer.objective == pytest.approx(extensive(two_stage), rel=CLOSE)


def test_one_sample_is_a_plain_program() -> None:
    """As if the winter were known: one sample of many is solved as a program by itself."""
    two_stage = winters(3, weeks=5, zones=1, types=2, offers=8)
    for s in range(3):
        alone = two_stage.sample(s)
        assert alone.samples == 1
        assert solved(alone).answer.objective == pytest.approx(extensive(alone), rel=CLOSE)


def test_flows_keep_every_row() -> None:
    """What is said of each sample meets its rows, and costs what is said."""
    two_stage = winters(12, weeks=5, zones=2, types=2, offers=20)
    found = solved(two_stage, gap=0.01).answer
    assert found.flows is not None
    assert found.recourse is not None
    assert found.values is not None
    for s, flow in enumerate(found.flows):
        given = two_stage.link @ (two_stage.booked[two_stage.of_sample[s]] @ found.values)
        over = two_stage.matrix @ flow - (two_stage.rhs[s] - given)
        assert over.min() > -CLOSE
        assert np.abs(over[two_stage.equal]).max() < CLOSE
        assert flow.min() > -CLOSE
        assert (flow - two_stage.upper).max() < CLOSE
        assert two_stage.price @ flow == pytest.approx(found.recourse[s], rel=CLOSE)


def test_the_bound_stands_between_relaxation_and_plan() -> None:
    """Nested samples, a gap that is reached, and a certificate that comes to the relaxation."""
    two_stage = winters(60, weeks=6, zones=2, types=2, offers=40)
    found = solved(two_stage, gap=0.01)
    assert found.answer.why == CLOSED
    assert found.answer.objective * 0.99 <= found.bound <= found.answer.objective
    assert found.proven == pytest.approx(found.trace[-1][2], rel=1e-4)
    best, bound = np.array(found.trace)[:, 1:].T
    assert np.all(np.diff(best) <= 0)
    assert np.all(np.diff(bound) >= 0)


def test_a_certificate_that_was_changed_proves_nothing_more() -> None:
    """Prices beyond what a column may cost, or a tail shared out twice, are no proof."""
    two_stage = small(11, tail=True)
    proof = solved(two_stage).answer.certificate
    assert proof is not None
    value = proven(two_stage, proof)
    assert value is not None
    free = ~two_stage.equal
    wrong = np.where(free, -1, proof.vector)
    assert proven(two_stage, replace(proof, vector=wrong)) is None
    assert proven(two_stage, replace(proof, vector=proof.vector + (proof.scale << 12))) is None
    all_on_one = np.zeros_like(proof.worst)
    all_on_one[0] = 1
    weight = two_stage.weight
    tail = two_stage.tail
    assert tail is not None
    allowed = tail.share * int(weight.sum()) <= int(weight[0])
    assert (proven(two_stage, replace(proof, worst=all_on_one)) is not None) == allowed
    lower = replace(proof, vector=np.zeros_like(proof.vector), row=np.zeros_like(proof.row))
    nothing = proven(two_stage, lower)
    assert nothing is not None
    assert nothing <= value


@given(st.integers(0, 10**6))
@settings(max_examples=50, deadline=None)
def test_any_vector_becomes_exactly_feasible(seed: int) -> None:
    """A solver's vector, however far off, ends within every column without an upper bound."""
    two_stage = small(seed, tail=False)
    vectors = np.random.default_rng(seed).normal(0, 30, (4, len(two_stage.equal)))
    exact = DualVectors(two_stage)
    whole, feasible = exact.exact(vectors)
    assert feasible.all()
    assert whole[:, ~two_stage.equal].min(initial=0) >= 0
    reduced = two_stage.price * exact.scale - whole @ two_stage.matrix.toarray()
    assert reduced[:, two_stage.upper >= FREE].min() >= 0


def test_a_run_replays() -> None:
    """The same seed and work give the same plan, bound and certificate."""
    two_stage = winters(30, weeks=6, zones=2, types=2, offers=30)
    one, two = (solved(two_stage, work=20) for _ in range(2))
    assert one.answer.why == WORKED
    assert one.answer.values is not None
    assert two.answer.values is not None
    assert one.answer.values.tobytes() == two.answer.values.tobytes()
    assert (one.answer.objective, one.bound) == (two.answer.objective, two.bound)
    assert one.answer.certificate is not None
    assert two.answer.certificate is not None
    assert one.answer.certificate.vector.tobytes() == two.answer.certificate.vector.tobytes()


@pytest.mark.parametrize("seed", [5, 6])
def test_a_small_program_that_is_not_soon_closed_goes_on_as_one(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a single round of our engine the extensive form says the rest, and is proven."""
    two_stage = small(seed, tail=True)
    monkeypatch.setattr(forms, "SOON", 1)
    asked = {"seconds": 60.0, "gap": 0.0, "seed": 1, "watch": Watch(), "method": "allocate"}
    found = forms.solve_form(two_stage, forms.ENGINE, work=None, **asked)
    assert found.why == CLOSED
    assert float(found.levels[0].objective) == pytest.approx(least(two_stage), abs=CLOSE * 100)
    repeated = forms.solve_form(two_stage, forms.ENGINE, work=1, **asked)
    assert repeated.why == WORKED  # so many rounds of our engine, and nothing after it


def test_a_run_that_is_stopped_keeps_its_best_plan() -> None:
    """Whoever watches may end it as soon as there is a plan."""
    two_stage = winters(60, weeks=8, zones=2, types=2, offers=60)
    watch = Watch()

    def report(_: str, best: float | None, __: float | None, ___: float) -> None:
        watch.stop = best is not None

    watch.report = report
    found = solve_two_stage(two_stage, seconds=60, gap=0, seed=1, watch=watch)
    assert found.answer.why == ASKED
    plan = found.answer.values
    assert plan is not None
    assert costed(two_stage, plan) == pytest.approx(found.answer.objective, rel=CLOSE)
    assert found.bound <= found.answer.objective


def test_a_first_stage_without_a_plan_is_an_answer() -> None:
    """Rows that cannot be kept are said to be so; so are rows that only whole plans break."""
    two_stage = beds()
    for low, high in ((11, FREE), (3, 3)):
        first = Program()
        column = first.columns("beds", 1, upper=10)
        first.require("rule", "free", [(0, column, 2)], low=low + 10 * (low > 9), high=high, rows=1)
        first.level("cost", ints([3]), Fraction(1))
        found = solved(replace(two_stage, first=first))
        assert found.answer.why == IMPOSSIBLE
        assert found.answer.values is None


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"rhs": ints([[2]])}, "do not fit"),
        ({"price": ints([-1])}, "a price is negative"),
        ({"upper": ints([-1])}, "an upper bound is negative"),
        ({"weight": ints([0, 1])}, "a sample has no weight"),
        ({"of_sample": ints([0, 1])}, "a sample has no bookings"),
        ({"tail": Tail(Fraction(0), Fraction(1))}, "its tail has no share"),
    ],
)
def test_arrays_that_are_no_two_stage_program_are_told(change: dict, told: str) -> None:
    """What does not fit is said when the program is made."""
    with pytest.raises(ValueError, match=told):
        replace(beds(), **change)
