"""What a plan of winter beds is made of: bookings, weeks, people, rules that are short."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from fractions import Fraction

from allocate.beds.answers import bookings, weeks
from allocate.beds.instance import Instance
from allocate.beds.solution import Solution
from allocate.parts import GONE, NEW, SAME, Part, Steps
from allocate.verdict import Review

STEPS: Steps = {
    "booking": {
        NEW: "bookings only in {b}",
        GONE: "bookings only in {a}",
        SAME: "booked in both, but other beds, weeks or prices",
    },
}
ON_AVERAGE = "people, on average over winters"
UNITS = {  # of what is counted beside the terms
    "beds": "beds",
    "bed_weeks": "bed-weeks",
    "in_booked_beds": ON_AVERAGE,
    "in_spot_beds": ON_AVERAGE,
    "people_waiting": ON_AVERAGE,
}
REST = "all else: beds bought one by one, alternatives, closures"


def parts(instance: Instance, solution: Solution, review: Review) -> Iterator[Part]:
    """Yield the parts of a plan; of each term they add up to what the review counts.

    Parameters
    ----------
    instance, solution, review
        The question, the plan and its review.
    """
    booked, count = Fraction(), Counter[str]()
    for row in bookings(instance, solution).to_dict("records"):
        length = int(row["last_week"]) - int(row["first_week"]) + 1
        cash = Fraction(str(row["cash_pounds"]))
        booked += cash
        amounts = {
            "beds": Fraction(int(row["beds"])),
            "bed_weeks": Fraction(int(row["beds"]) * length),
            "cash": cash,
        }
        groups = {"home": str(row["home_id"]), "zone": str(row["zone_id"])}
        offer = str(row["offer_id"])
        count[offer] += 1
        yield Part("booking", f"{offer} {count[offer]}", offer, amounts, groups)
    yield Part("rest", REST, REST, {"cash": review.terms["cash"] - booked})
    for term, amount in review.terms.items():
        if term not in ("cash", "shortfalls"):
            yield Part("rest", term, term, {term: amount})
    for rule, found in review.rules.items():
        setting = instance.rules[rule]
        if setting.mode == "soft":
            points = Fraction(str(setting.price)) * found.short_by
            yield Part("rule", rule, rule, {"shortfalls": points})
    if solution.flows is not None:
        yield from _weeks(instance, solution)


def _weeks(instance: Instance, solution: Solution) -> Iterator[Part]:
    for place, row in enumerate(weeks(instance, solution).to_dict("records")):
        amounts = {
            "in_booked_beds": Fraction(str(row["in_booked_beds"])),
            "in_spot_beds": Fraction(str(row["in_spot_beds"])),
            "people_waiting": Fraction(str(row["waiting"])),
        }
        week = f"{int(row['week']):02}"
        yield Part("week", str(place), week, amounts, {"week": week})
