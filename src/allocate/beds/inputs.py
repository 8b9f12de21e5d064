"""Inputs that may decide what is booked, each at several values, and the bookings held."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from allocate.asked import Asked
from allocate.beds.instance import Instance
from allocate.beds.solution import Solution
from allocate.inputs import Floors, Point, with_changes, with_parameter
from allocate.study.scenario import Change, Question

PEOPLE = (0.8, 0.9, 1.1, 1.2)
RATES = (0.9, 1.1)
WAITS = (0.5, 2.0)
# Tables and columns that say how many people come, and what beds cost.
ARRIVALS = (("arrivals", "people"), ("forecast", "discharges"))
PRICES = {
    "price of beds booked ahead": ("block_offers", "rate_pounds_per_bed_week", RATES),
    "price of beds bought one by one": ("spot", "rate_pounds_per_bed_week", RATES),
}


def points(asked: Asked, solution: Solution) -> list[Point]:
    """List the inputs of a question, each at values on both sides of what it is now."""
    scaled = {"people who need a bed": (*people(asked), PEOPLE), **PRICES}
    listed = [
        Point(words, "1 times", factor, with_changes(asked.question, change))
        for words, (table, column, factors) in scaled.items()
        for factor in factors
        for change in [Change(table=table, where={column: {"minimum": 0}}, scale={column: factor})]
    ]
    return [*listed, *_waiting(asked), *_vacancies(asked)]


def people(asked: Asked) -> tuple[str, str]:
    """Where it stands how many come: winters given row by row, or the forecast."""
    return ARRIVALS[0] if asked.tables.has("arrivals") else ARRIVALS[1]


def _waiting(asked: Asked) -> Iterator[Point]:
    """What a week waited counts: a judgement, which decides as much as any figure."""
    question = asked.question
    level = question.levels[0]
    now = level.terms.get("waiting", 0.0)
    for factor in WAITS:
        if now:
            terms = {**level.terms, "waiting": now * factor}
            changed = level.model_copy(update={"terms": terms})
            other = replace(question, levels=(changed, *question.levels[1:]))
            yield Point("points that a week waited counts", f"{now:g}", now * factor, other)


def _vacancies(asked: Asked) -> Iterator[Point]:
    """The council's share of vacant beds, where nobody says how many it can buy."""
    if not asked.tables["spot"]["beds"].isna().any() or asked.question.parameters:
        return
    now = float(asked.instance.parameters["council_share"])
    for factor in RATES:
        value = min(round(now * factor, 3), 1.0)
        other = with_parameter(asked.question, "council_share", value)
        if value != now:
            yield Point("share of vacant beds that the council can buy", f"{now:g}", value, other)


def held(asked: Asked, solution: Solution, question: Question) -> Question:
    """Return a question in which just what an answer books is booked."""
    return with_changes(question, *bookings(asked.instance, solution))


def bookings(instance: Instance, solution: Solution) -> tuple[Change, ...]:
    """Return the changes after which just what an answer books can be booked."""
    offers = instance.offers
    booked = set(solution.offer.tolist())
    pins = [
        {"table": "offer", "id": label, "other_id": "", "must_or_never": word}
        for o, label in enumerate(offers.ids)
        for word in ["must" if o in booked else "never"]
        if not (offers.must[o] if o in booked else offers.never[o])
    ]
    rows = zip(solution.offer, solution.first, solution.last, solution.beds, strict=True)
    exact = [
        Change(
            table="block_offers",
            where={"offer_id": offers.ids[o]},
            set={
                **{"min_beds": int(beds), "max_beds": int(beds)},
                **{"first_week": int(first) + 1, "last_week": int(last) + 1},
                "min_weeks": int(last - first) + 1,
            },
        )
        for o, first, last, beds in rows
    ]
    return (*exact, Change(table="pins", add=pins)) if pins else tuple(exact)


def floors(instance: Instance) -> Floors:
    """No figure of a case of winter beds shows another to be at least so much."""
    return {}
