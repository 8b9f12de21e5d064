"""A plan of bookings put to the test: sections of a report, and tables."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pandas as pd

from allocate.beds.instance import Instance
from allocate.beds.solution import Solution
from allocate.beds.studies import Fresh, Interval, Knowing, OneMore, fresh, knowing, one_more
from allocate.beds.variants import (
    Variant,
    fewer_winters,
    frontier,
    hours_at_home,
    more_help,
    variant,
    without_rules,
)
from allocate.columns import table
from allocate.core.again import Again
from allocate.units import with_unit

WINTERS, SEED = 300, 2  # fresh winters, and what they are drawn with
FEW = 12  # winters of studies that solve or cost many plans
SHARES = {"knowing": 0.25, "more": 0.2, "variants": 0.9}  # of the time left when each begins
PRICES = (0.25, 0.5, 2.0, 4.0)  # times the price of a week waited
LISTED = 12
LEAST_SECONDS = 1.0  # in less a solve finds nothing
FAIR = 3.0  # times its share that a solve may take: most need far less
LATE = "Not looked at: the time was over, or somebody asked to stop."
Section = tuple[str, list[str]]
Asked = list[tuple[str, Instance]]


def put_to_test(
    instance: Instance,
    solution: Solution,
    again: Again,
    winters: int = WINTERS,
    seed: int = SEED,
    at_home: float = 0.0,
) -> tuple[list[Section], dict[str, pd.DataFrame]]:
    """Put bookings to the test.

    Parameters
    ----------
    instance, solution
        The question, and the plan with its flows.
    again
        The solver, and the time.
    winters, seed
        Fresh winters, and the seed they are drawn with.
    at_home
        People whom spare hours of home care could look after at once.

    Returns
    -------
    tuple
        Sections of a title and lines; tables by file name without its ending.
    """
    again.say("The bookings in fresh winters")
    tried = None if again.over() else fresh(instance, solution, again, winters, seed)
    again.say("What planning and knowing are worth")
    known = knowing(instance, solution, again, again.left * SHARES["knowing"])
    again.say("One more bed at each offer")
    more, unseen = one_more(instance, solution, again, FEW, again.left * SHARES["more"])
    few = instance.with_winters(fewer_winters(instance, solution, FEW))
    weight = instance.levels[0].terms.get("waiting", 0.0)
    rules, prices, care = _solved(
        [
            [("as it is", few), *without_rules(few)],
            frontier(few, [weight * times for times in PRICES]),
            [*more_help(few, 2), *(hours_at_home(few, at_home) if at_home > 0 else [])],
        ],
        again,
    )
    base, *rules = rules
    size = len(few.winters.ids)
    drawn = [LATE] if tried is None and instance.mean is not None else list(_fresh(tried))
    sections = [
        ("In winters it was not made for", drawn),
        ("What planning for uncertainty is worth, and what knowing would be",
         list(_knowing(known))),
        ("What one more bed is worth", list(_more(instance, more, unseen))),
        ("What each rule does", list(_beside(base, rules, size))),
        ("Waiting against money", list(_frontier(base, prices, weight))),
        ("More of other care", list(_beside(base, care, size))),
    ]  # fmt: skip
    return sections, {
        **({} if tried is None else {"fresh_winters": tried.table}),
        "one_more_bed": _more_table(instance, more),
        "variants": _variants_table([base, *rules, *prices, *care]),
    }


def _more_table(instance: Instance, more: list[OneMore]) -> pd.DataFrame:
    offers, homes = instance.offers, instance.homes
    rows = [
        (offers.ids[m.offer], homes.ids[offers.home[m.offer]], m.booked, m.more, round(m.worth, 2))
        for m in more
    ]
    columns = ["offer_id", "home_id", "beds_booked", "beds_more", "points_saved"]
    return pd.DataFrame(rows, columns=columns)


def _variants_table(found: list[Variant]) -> pd.DataFrame:
    """Every question asked again; empty cells where no plan was found."""
    columns = ["points", "bound", "cash_pounds", "person_weeks_waiting", "beds"]
    rows = [
        [None] * len(columns)
        if v.points is None
        else [*(round(x, 2) for x in (v.points, v.bound, v.cash, v.waiting)), v.beds]
        for v in found
    ]
    frame = pd.DataFrame(rows, columns=columns).astype({"beds": "Int64"})
    frame.insert(0, "changed", [v.name for v in found])
    return frame


def _between(found: Interval, unit: str = "") -> str:
    return f"{unit}{found.mean:,.0f} (give or take {unit}{found.plus_minus:,.0f})"


def _fresh(found: Fresh | None) -> Iterator[str]:
    if found is None:
        yield "The winters were given row by row: there is no forecast to draw others from."
        return
    lost = found.week_by_week.mean - found.foreseen.mean
    yield (
        f"{with_unit(f'{found.winters:,}', 'fresh winters')} drawn from the same forecast: mean "
        "and, in brackets, how far off it may be in 95 of 100 cases."
    )
    yield f"By somebody who knows each winter's course: {_between(found.foreseen)} points."
    yield (
        "Week by week, without hindsight, first come first served: "
        f"{_between(found.week_by_week)} points; not knowing the course costs at most "
        f"{max(lost, 0):,.0f} of them."
    )
    yield (
        f"That is {_between(found.cash, '£')} of cash and {_between(found.waiting)} person-weeks "
        f"of waiting; in one winter in 20 more than {found.worst:,.0f}."
    )
    if found.stranded > 0.05:
        yield (
            f"Closures leave people without a bed for {found.stranded:,.1f} person-weeks a winter, "
            "counted as waiting."
        )


def _knowing(found: Knowing) -> Iterator[str]:
    if found.mean_plan is None:
        yield "No plan for the mean winter was found in the time."
    else:
        saved = found.mean_plan - found.plan
        yield (
            f"A plan made for the mean winter books {with_unit(str(found.mean_beds), 'beds')}, and "
            f"in the winters as they are comes to {found.mean_plan:,.0f} points, this one to "
            f"{found.plan:,.0f}: planning for all of them is worth {saved:,.0f}."
        )
    if found.known is None:
        yield "What knowing the winter would be worth was not worked out in the time."
        return
    plan, alone, least = found.known
    yield (
        "Somebody who knew in autumn which winter comes would save between "
        f"{max(plan - alone, 0):,.0f} and {plan - least:,.0f} points of {plan:,.0f} on average "
        f"({with_unit(str(found.winters), 'winters')} looked at; bad winters count once here)."
    )


def _more(instance: Instance, found: list[OneMore], unseen: int) -> Iterator[str]:
    if not found:
        yield LATE if unseen else "No offer has another bed that the rules allow."
        return
    head = ["offer", "home", "care", "booked", "beds more", "points saved"]
    offers, homes = instance.offers, instance.homes
    rows = [
        [
            offers.ids[m.offer],
            homes.names[offers.home[m.offer]],
            instance.axes.care[offers.care[m.offer]],
            str(m.booked),
            str(m.more),
            f"{m.worth:,.0f}",
        ]
        for m in found[:LISTED]
    ]
    yield from table(head, rows, (0, 1, 2))
    helps = sum(m.worth > 0 for m in found)
    yield (
        f"Of {len(found)} offers looked at in {FEW} winters, one bed more (or, of what is not "
        f"booked, the fewest that can be) would save points at {helps}; a small saving is within "
        "what the plan is proven to. one_more_bed.csv has them all; the other "
        f"{len(offers.ids) - len(found) - unseen} offers have no bed more that the rules allow."
    )
    if unseen:
        yield f"{unseen} more were not looked at: the time was over."


def _solved(asked: list[Asked], again: Again) -> list[list[Variant]]:
    """Solve changed questions one after another, each in its share of the time left."""
    size = left = sum(len(some) for some in asked)
    found: list[list[Variant]] = []
    for some in asked:
        found.append([])
        for name, changed in some:
            again.say(f"The question with one change: {size - left + 1} of {size}, {name}")
            seconds = again.left * SHARES["variants"] * min(FAIR / left, 1.0)
            if again.over(LEAST_SECONDS):
                found[-1].append(Variant(name, None, 0.0, 0.0, 0.0, 0))
            else:
                found[-1].append(variant(name, changed, again, seconds))
            left -= 1
    return found


def _beside(base: Variant, found: list[Variant], winters: int) -> Iterator[str]:
    """What changes cost or save beside the question as it is."""
    if base.points is None:
        yield "Nothing was found in the time: allow more seconds."
        return
    if not found:
        yield "There is nothing of the kind to change."
        return
    head = ["changed", "points: at least", "at most", "cash", "person-weeks waiting", "beds"]
    rows = [[base.name, "", "", *_amounts(base)]]
    for v in found:
        if v.points is None:
            rows.append([v.name, "", "", *_amounts(v)])
            continue
        between = f"{v.bound - base.points:+,.0f}", f"{v.points - base.bound:+,.0f}"
        rows.append([v.name, *between, *_amounts(v)])
    yield from table(head, rows)
    yield (
        f"Each is solved anew in {winters} of the winters, evenly spread from good to bad; what it "
        "costs or saves beside the question as it is lies between the two."
    )


def _frontier(base: Variant, found: list[Variant], weight: float) -> Iterator[str]:
    """Plans at other prices of a week waited, from the least waiting paid for to the most."""
    now = replace(base, name=f"a week waited at {weight:,.0f} points, as it is")
    below = [v for v, times in zip(found, PRICES, strict=True) if times < 1]
    rows = [
        [v.name, *_amounts(v), "" if v.points is None else f"{v.points - v.bound:,.0f}"]
        for v in (*below, now, *found[len(below) :])
    ]
    yield from table(["priced at", "cash", "person-weeks waiting", "beds", "apart"], rows)
    yield (
        "Cash and waiting on average over the same winters: what less waiting costs. Apart: at its "
        "price no plan has fewer points than the one shown by more than this."
    )


def _amounts(found: Variant) -> list[str]:
    if found.points is None:
        return ["no plan in the time", "", ""]
    return [f"£{found.cash:,.0f}", f"{found.waiting:,.1f}", str(found.beds)]
