"""What a plan of bookings is worth: asked again with other winters, other bookings, other rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import sqrt

import numpy as np
import pandas as pd

from allocate.beds.formulation import Draft, formulate
from allocate.beds.instance import Instance
from allocate.beds.policy import run
from allocate.beds.review import Case, review
from allocate.beds.sampler import Shape
from allocate.beds.solution import Solution, read_solution
from allocate.beds.weekly import Beside
from allocate.beds.winters import fresh_winters
from allocate.core.again import Again
from allocate.core.two_stage import TwoStage
from allocate.errors import ReviewFailed
from allocate.units import Ints

SURE = 1.96  # standard errors on each side of a mean that hold it in 95 of 100 cases
FINE, ROUGH = 0.005, 0.02  # relative gaps: where plans are compared, and where a bound will do
KNOWN = 24  # winters, at most, that are planned for as if they were known


@dataclass(frozen=True)
class Interval:
    """A mean, and how far off it may be in 95 of 100 cases."""

    mean: float
    plus_minus: float

    @classmethod
    def of(cls, values: Sequence[float], chance: Sequence[float]) -> Interval:
        """The mean over winters that were drawn."""
        numbers, weight = np.array(values), np.array(chance)
        mean = float(weight @ numbers)
        spread = float(weight @ (numbers - mean) ** 2)
        count = max(len(numbers), 2)
        return cls(mean, SURE * sqrt(spread / (count - 1)))


def values_of(draft: Draft, solution: Solution) -> Ints:
    """Write bookings as values of the columns; those that only rules need stay at nought."""
    values = np.zeros(draft.first.size, dtype=np.int64)
    lower, _, _ = draft.first.bounds()
    values[lower == 1] = 1
    at = {
        key: k
        for k, key in enumerate(
            zip(
                draft.offer.tolist(),
                draft.first_week.tolist(),
                draft.last_week.tolist(),
                strict=True,
            )
        )
    }
    rows = zip(
        solution.offer.tolist(),
        solution.first.tolist(),
        solution.last.tolist(),
        solution.beds.tolist(),
        strict=True,
    )
    for o, a, b, beds in rows:
        k = at[o, a, b]
        values[draft.book[k]], values[draft.beds[k]] = 1, beds
    return values


def met(instance: Instance, solution: Solution, again: Again) -> Solution:
    """The same bookings with the flow of people in an instance's winters, known in advance."""
    draft = formulate(instance, instance.levels)
    assert isinstance(draft.program, TwoStage)
    values = values_of(draft, solution)
    return read_solution(draft, values, again.meet(draft.program, values))


def worth(instance: Instance, solution: Solution) -> float:
    """What a plan with flows comes to, in points.

    Raises
    ------
    ReviewFailed
        Where it breaks a rule.
    """
    found = review(instance, solution, instance.levels)
    if found.faults:
        raise ReviewFailed(f"The review rejects a plan: {'; '.join(found.faults)}")
    return float(found.levels[0])


def best(
    instance: Instance, again: Again, seconds: float, gap: float = FINE
) -> tuple[Solution, float, float] | None:
    """The best plan found for an instance, its value and what no plan is below; None without."""
    draft = formulate(instance, instance.levels)
    assert isinstance(draft.program, TwoStage)
    outcome = again.solve(draft.program, seconds, gap)
    if outcome.values is None:
        return None
    solution = read_solution(draft, outcome.values, outcome.flows)
    level, per = outcome.levels[0], draft.first.levels[0].per
    bound = float(level.bound / per) if level.bound is not None else 0.0
    return solution, worth(instance, solution), bound


@dataclass(frozen=True)
class Knowing:
    """Planning for the mean winter, for all of them, and knowing which comes.

    Parameters
    ----------
    plan, mean_plan
        Points of the plan, and of the one made for the mean winter, in the winters as they are.
    mean_beds
        Beds that the latter books.
    known
        Points, the tail left out, over the winters looked at: of the plan; of the best plans found
        for each winter alone; and what no plan for it is below.
    winters
        How many were.
    """

    plan: float
    mean_plan: float | None
    mean_beds: int
    known: tuple[float, float, float] | None
    winters: int


def knowing(instance: Instance, solution: Solution, again: Again, seconds: float) -> Knowing:
    """Value of planning for uncertainty, and of knowing the winter (Birge & Louveaux 2011)."""
    plan = worth(instance, solution)
    if again.over():
        return Knowing(plan, None, 0, None, 0)
    mean = best(instance.with_winters(instance.winters.average()), again, seconds / 4, ROUGH)
    mean_plan, beds = None, 0
    if mean is not None:
        beds = int(mean[0].beds.sum())
        mean_plan = worth(instance, met(instance, mean[0], again))
    calm = _without_tail(instance)
    each, booked = Case(calm, solution, calm.levels).points(), _booking_points(calm, solution)
    found, seen = np.zeros(3), 0
    chance, ends = 0.0, again.left - seconds / 2
    # In an order that has nothing to do with how bad a winter is.
    order = np.random.default_rng(1).permutation(len(instance.winters.ids))[:KNOWN]
    for s in order.tolist():
        if again.over(ends):
            break
        alone = best(calm.with_winters(calm.winters.only(np.array([s]))), again, seconds / 4, ROUGH)
        if alone is None:
            break
        often = float(instance.winters.chance[s])
        found += often * np.array([booked + float(each[s]), *alone[1:]])
        chance, seen = chance + often, seen + 1
    known = tuple((found / chance).tolist()) if seen else None
    return Knowing(plan, mean_plan, beds, known, seen)


def _booking_points(instance: Instance, solution: Solution) -> float:
    """Points of bookings and of those there from the start, without any winter."""
    bare = replace(solution, flows=None)
    found = review(_without_tail(instance), bare, instance.levels)
    return float(found.levels[0])


def _without_tail(instance: Instance) -> Instance:
    rules = dict(instance.rules)
    rules["tail_risk"] = replace(rules["tail_risk"], mode="off")
    return replace(instance, rules=rules)


@dataclass(frozen=True)
class Fresh:
    """The bookings in winters that they were not made for.

    Parameters
    ----------
    foreseen, week_by_week
        Points by a planner who knows each winter's course, and by one who does not.
    cash, waiting
        Pounds and person-weeks, week by week.
    worst
        Person-weeks waiting that one winter in twenty exceeds, week by week.
    stranded
        Mean person-weeks without a bed after closures.
    winters
        How many.
    table
        The same winter by winter.
    """

    foreseen: Interval
    week_by_week: Interval
    cash: Interval
    waiting: Interval
    worst: float
    stranded: float
    winters: int
    table: pd.DataFrame


def fresh(
    instance: Instance, solution: Solution, again: Again, count: int, seed: int
) -> Fresh | None:
    """Run the bookings in fresh winters; None where there is no forecast to draw them from."""
    if instance.mean is None:
        return None
    shape = Shape.of(instance.parameters)
    winters = fresh_winters(
        instance.winters, instance.mean, instance.offers, instance.axes, shape, count, seed
    )
    other = _without_tail(instance.with_winters(winters))
    booked = _booking_points(other, solution)
    chance = [float(c) for c in winters.chance]
    known = Case(other, met(other, solution, again), other.levels).points()
    done = run(other, solution)
    case = Case(other, done.solution, other.levels)
    weight = other.levels[0].terms.get("waiting", 0.0)
    lived = [
        booked + float(p) + weight * float(x)
        for p, x in zip(case.points(), done.stranded, strict=True)
    ]
    beside = Beside.of(other, done.solution)
    waits = [float(x) for x in beside.within]
    cash = [float(sum(parts)) / 100 for parts in beside.cash]
    foreseen = [booked + float(p) for p in known]
    return Fresh(
        foreseen=Interval.of(foreseen, chance),
        week_by_week=Interval.of(lived, chance),
        cash=Interval.of(cash, chance),
        waiting=Interval.of(waits, chance),
        worst=float(np.quantile(np.array(waits), 0.95, method="inverted_cdf")),
        stranded=float(done.stranded.mean()),
        winters=count,
        table=pd.DataFrame(
            {
                "fresh_winter": winters.ids,
                "points_foreseen": foreseen,
                "points_week_by_week": lived,
                "cash_pounds": cash,
                "person_weeks_waiting": waits,
                "person_weeks_without_a_bed": done.stranded.tolist(),
            }
        ).round(2),
    )


@dataclass(frozen=True)
class OneMore:
    """What one bed more at an offer is worth.

    Parameters
    ----------
    offer, booked
        Which, and how many of its beds are booked.
    more
        Beds more: one, or, where none is booked, the fewest that can be.
    worth
        Points that they save together; below nought they cost more.
    """

    offer: int
    booked: int
    more: int
    worth: float


def one_more(
    instance: Instance, solution: Solution, again: Again, winters: int, seconds: float
) -> tuple[list[OneMore], int]:
    """Book one bed more at each offer, all else as it is, and see what it saves.

    Parameters
    ----------
    instance, solution
        The question and the plan.
    again
        The solver.
    winters
        Of the possible winters, so many are looked at, evenly spread by how bad they are.
    seconds
        For all offers; those that are left then are not looked at.

    Returns
    -------
    tuple
        What was found, the most worth first; and how many were not looked at.
    """
    ends = again.left - seconds
    chosen = evenly_spread(instance, solution, winters)
    few = instance.with_winters(instance.winters.only(chosen))
    draft = formulate(few, few.levels)
    assert isinstance(draft.program, TwoStage)
    if again.over():
        return [], len(instance.offers.ids)
    before = worth(few, met(few, solution, again))
    found, unseen = [], 0
    for o in range(len(instance.offers.ids)):
        changed = _with_one_more(instance, solution, o)
        if changed is None:
            continue
        if again.over(ends):
            unseen += 1
            continue
        other, beds, more = changed
        bare = review(few, replace(other, flows=None), few.levels)
        if bare.faults:
            continue
        values = values_of(draft, other)
        flows = read_solution(draft, values, again.meet(draft.program, values))
        found.append(OneMore(o, beds, more, before - worth(few, flows)))
    return sorted(found, key=lambda item: -item.worth), unseen


def evenly_spread(instance: Instance, solution: Solution, count: int) -> Ints:
    """Choose winters evenly spread by how bad they are.

    Parameters
    ----------
    instance, solution
        The question and the plan.
    count
        How many, at most.
    """
    points = Case(instance, solution, instance.levels).points()
    order = sorted(range(len(points)), key=lambda s: points[s])
    picked = np.linspace(0, len(order) - 1, min(count, len(order)) * 2 + 1)[1::2]
    return np.array(sorted({order[round(p)] for p in picked}), dtype=np.int64)


def _with_one_more(
    instance: Instance, solution: Solution, offer: int
) -> tuple[Solution, int, int] | None:
    """One bed more of an offer: in its booking, or the fewest for its longest window; or None.

    Returns
    -------
    tuple
        The bookings, and beds of this offer before and more.
    """
    offers = instance.offers
    at = np.flatnonzero(solution.offer == offer)
    beds = solution.beds.copy()
    if len(at):
        beds[at[0]] += 1
        if beds[at[0]] > offers.most[offer]:
            return None
        return replace(solution, beds=beds), int(beds[at[0]]) - 1, 1
    window, first, last = offers.windows(int(instance.parameters["booking_step_weeks"]))
    mine = np.flatnonzero(window == offer)
    if not len(mine):
        return None
    least = max(int(offers.least[offer]), 1)
    k = mine[int(np.argmax((last - first)[mine]))]
    return (
        Solution(
            np.append(solution.offer, offer),
            np.append(solution.first, first[k]),
            np.append(solution.last, last[k]),
            np.append(beds, least),
        ),
        0,
        least,
    )
