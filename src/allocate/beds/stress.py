"""A plan of bookings put to the test: sections of a report, and tables."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pandas as pd

from allocate.beds.instance import Instance
from allocate.beds.solution import Solution
from allocate.beds.studies import Fresh, Interval, Knowing, OneMore, Tools, fresh, knowing, one_more
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
from allocate.units import with_unit

FEW = 12  # winters of studies that solve or cost many plans
SHARES = {"knowing": 0.25, "more": 0.2, "variants": 0.9}  # of the time left when each begins
PRICES = (0.25, 0.5, 2.0, 4.0)  # times the price of a week waited
LISTED = 12
Section = tuple[str, list[str]]


def stress(
    instance: Instance,
    solution: Solution,
    tools: Tools,
    winters: int,
    seed: int,
    at_home: float = 0.0,
) -> tuple[list[Section], dict[str, pd.DataFrame]]:
    """Put bookings to the test.

    Parameters
    ----------
    instance, solution
        The question, and the plan with its flows.
    tools
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
    sections: list[Section] = []
    tables: dict[str, pd.DataFrame] = {}
    tried = fresh(instance, solution, tools, winters, seed)
    sections.append(("In winters it was not made for", list(_fresh(tried))))
    known = knowing(instance, solution, tools, tools.left() * SHARES["knowing"])
    sections.append(("What planning for uncertainty is worth, and what knowing would be",
                     list(_knowing(known))))  # fmt: skip
    more = one_more(instance, solution, tools, FEW, tools.left() * SHARES["more"])
    sections.append(("What one more bed is worth", list(_more(instance, more))))
    tables["one_more_bed"] = pd.DataFrame(
        [
            (instance.offers.ids[m.offer], instance.homes.ids[instance.offers.home[m.offer]],
             m.booked, round(m.worth, 2))
            for m in more
        ],
        columns=["offer_id", "home_id", "beds_booked", "points_saved_by_one_more"],
    )  # fmt: skip
    few = instance.with_winters(fewer_winters(instance, solution, FEW))
    weight = instance.levels[0].terms.get("waiting", 0.0)
    asked = [
        [("as it is", few), *without_rules(few)],
        frontier(few, [weight * times for times in PRICES]),
        [*more_help(few, 2), *(hours_at_home(few, at_home) if at_home > 0 else [])],
    ]
    rules, prices, care = _solved(asked, tools)
    base, *rules = rules
    size = len(few.winters.ids)
    sections.append(("What each rule does", list(_beside(base, rules, size))))
    sections.append(("Waiting against money", list(_frontier(base, prices, weight))))
    sections.append(("More of other care", list(_beside(base, care, size))))
    found = [base, *rules, *prices, *care]
    tables["variants"] = pd.DataFrame(
        [(v.name, v.points, v.bound, v.cash, v.waiting, v.beds) for v in found],
        columns=["changed", "points", "bound", "cash_pounds", "person_weeks_waiting", "beds"],
    )
    return sections, tables


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
    plan, least = found.known
    yield (
        f"Somebody who knew in autumn which winter comes would save at most {plan - least:,.0f} "
        f"points of {plan:,.0f} on average ({with_unit(str(found.winters), 'winters')} looked at; "
        "bad winters count once here)."
    )


def _more(instance: Instance, found: list[OneMore]) -> Iterator[str]:
    if not found:
        yield "No offer has another bed that the rules allow."
        return
    head = ["offer", "home", "care", "booked", "points saved by one bed more"]
    offers, homes = instance.offers, instance.homes
    rows = [
        [
            offers.ids[m.offer],
            homes.names[offers.home[m.offer]],
            instance.axes.care[offers.care[m.offer]],
            str(m.booked),
            f"{m.worth:,.0f}",
        ]
        for m in found[:LISTED]
    ]
    yield from table(head, rows, (0, 1, 2))
    helps = sum(m.worth > 0 for m in found)
    yield (
        f"Of {len(found)} offers looked at in {FEW} winters, one bed more would save points at "
        f"{helps}; a small saving is within what the plan is proven to."
    )


def _solved(asked: list[list[tuple[str, Instance]]], tools: Tools) -> list[list[Variant]]:
    """Solve changed questions one after another, each in its share of the time left."""
    left = sum(len(some) for some in asked)
    found: list[list[Variant]] = []
    for some in asked:
        found.append([])
        for name, changed in some:
            seconds = tools.left() * SHARES["variants"] / left
            # Less than a second finds nothing.
            late = Variant(name, None, 0.0, 0.0, 0.0, 0)
            found[-1].append(variant(name, changed, tools, seconds) if seconds >= 1.0 else late)
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
    rows = [[v.name, *_amounts(v)] for v in (*below, now, *found[len(below) :])]
    yield from table(["priced at", "cash", "person-weeks waiting", "beds"], rows)
    yield "Cash and waiting on average over the same winters: what less waiting costs."


def _amounts(found: Variant) -> list[str]:
    if found.points is None:
        return ["no plan in the time", "", ""]
    return [f"£{found.cash:,.0f}", f"{found.waiting:,.1f}", str(found.beds)]
