"""Why an answer of winter beds is as it is, for one home."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from allocate.beds.filled import PARTS, filled
from allocate.beds.weekly import Weekly, booked_beds
from allocate.beds.yields import usable
from allocate.errors import BadInput, Fault, nearest
from allocate.explanation import Explanation
from allocate.labels import RATINGS, called
from allocate.units import THOUSAND, pence, with_unit

if TYPE_CHECKING:
    from allocate.beds.instance import Instance
    from allocate.beds.solution import Solution


def explain(variants: Any, kind: str, label: str) -> Explanation:
    """Explain a home: what it offers, what bars it, what it costs beside a bed bought one by one.

    Parameters
    ----------
    variants
        The answer that is asked about.
    kind
        ``home``.
    label
        Its id or name.

    Raises
    ------
    BadInput
        For anything but a home of the case.
    """
    instance, solution = variants.answered.asked.instance, variants.answered.solution
    homes = instance.homes
    if kind != "home":
        problem = f"answers of winter beds know no {kind}"
        fault = Fault("allocate explain", f"--{kind}", problem, "Ask about a home with --home")
        raise BadInput("the command line", [fault])
    found = [h for h in range(len(homes.ids)) if label in (homes.ids[h], homes.names[h])]
    if len(found) != 1:
        problem = f"no such home{nearest(label, homes.ids)}" if not found else "names several homes"
        fault = Fault("allocate explain", f'--home "{label}"', problem, "Give the id of homes.csv")
        raise BadInput("the command line", [fault])
    home = found[0]
    return Explanation(
        title=called(homes.names, homes.ids, home),
        sections=[
            ("What it is", list(_facts(instance, home))),
            ("What it offers, and what is booked", list(_offers(instance, solution, home))),
        ],
        claims=[],
    )


def _facts(instance: Instance, home: int) -> Iterator[str]:
    homes, axes = instance.homes, instance.axes
    yield f"{with_unit(str(homes.beds[home]), 'beds')} in {axes.zone_names[homes.zone[home]]}."
    yield f"Rated {RATINGS[homes.rating[home]]}."
    if homes.suspended[home]:
        yield "It takes nobody new at present, so nothing is booked there."
    if homes.admittable[home] >= 0:
        yield f"It can admit to {with_unit(str(homes.admittable[home]), 'beds')} now."


def _offers(instance: Instance, solution: Solution, home: int) -> Iterator[str]:
    offers = instance.offers
    mine = np.flatnonzero(offers.home == home)
    if not len(mine):
        yield "It offers no beds to be booked ahead."
        return
    people, _ = filled(instance, solution)
    chance = np.array([float(c) for c in instance.winters.chance])
    weekly = Weekly.of(instance, solution)
    for o in mine.tolist():
        yield from _offer(instance, o)
        booked = np.flatnonzero(solution.offer == o)
        if len(booked):
            n = int(booked[0])
            a, b, beds = int(solution.first[n]), int(solution.last[n]), int(solution.beds[n])
            used = float(chance @ people[:, n, a : b + 1].sum(axis=1)) / PARTS
            yield (
                f"  Booked: {with_unit(str(beds), 'beds')}, weeks {a + 1} to {b + 1}, in use "
                f"{used / (beds * (b - a + 1)):.0%} of the time on average."
            )
        else:
            yield from _why_not(instance, solution, weekly, o)


def _offer(instance: Instance, o: int) -> Iterator[str]:
    offers, market = instance.offers, instance.market
    zone, care = int(offers.zone[o]), int(offers.care[o])
    share = usable(instance, o)
    week = slice(int(offers.first[o]), int(offers.last[o]) + 1)
    spot = float(np.mean([market.price(zone, care, t) for t in range(week.start, week.stop)]))
    each = float(offers.rate[o]) * THOUSAND / share if share else float("inf")
    yield (
        f"{offers.ids[o]}: {instance.axes.care[care]}, {offers.least[o]} to {offers.most[o]} beds, "
        f"weeks {offers.first[o] + 1} to {offers.last[o] + 1}, £{offers.rate[o] / 100:,.2f} a "
        f"bed-week: £{each / 100:,.2f} a week in use where it is never empty; a bed bought one by "
        f"one costs £{spot / 100:,.2f}, so it pays if it is in use "
        f"{each / spot:.0%} of the time, sooner where people would wait."
    )


def _why_not(instance: Instance, solution: Solution, weekly: Weekly, o: int) -> Iterator[str]:
    offers, rules = instance.offers, instance.rules
    zone, care = int(offers.zone[o]), int(offers.care[o])
    reasons = list(barred(instance, o))
    if reasons:
        yield f"  Not booked: {'; '.join(reasons)}."
        return
    others = booked_beds(instance, solution)[zone, care]
    dear = [
        k
        for k in solution.offer.tolist()
        if offers.care[k] == care and offers.rate[k] > offers.rate[o]
    ]
    weeks = slice(int(offers.first[o]), int(offers.last[o]) + 1)
    waits = float(weekly.mean(weekly.waiting[:, zone, care])[weeks].mean())
    yield (
        f"  Not booked: in its weeks {others[weeks].mean():,.1f} beds of the kind are booked in "
        f"the zone, and {waits:,.1f} people there wait on average."
        + (f" Dearer offers that are booked: {', '.join(offers.ids[k] for k in dear)}: they differ "
           "in zone, weeks, size or turnaround." if dear else "")
    )  # fmt: skip
    if rules["sites_limit"].binds or rules["owner_limit"].binds:
        yield "  Limits on homes or owners bind too, and may stand in its way."


def barred(instance: Instance, o: int) -> Iterator[str]:
    """What rules and data have against an offer."""
    offers, homes, rules = instance.offers, instance.homes, instance.rules
    home = int(offers.home[o])
    if homes.suspended[home]:
        yield "the home takes nobody new"
    if offers.never[o]:
        yield "a pin says never"
    quality, fee = rules["quality_floor"], rules["fee_floor"]
    if quality.mode == "hard" and homes.rating[home] > RATINGS.index(str(quality.value)):
        yield f"the home is rated below {quality.value} (quality_floor)"
    if fee.mode == "hard" and offers.rate[o] < pence(fee.value or 0):
        yield "its rate is below the floor (fee_floor)"
    if not offers.extra[o] and 0 <= homes.admittable[home] < offers.least[o]:
        yield "the home has fewer vacant beds than the fewest it offers (within_offer)"
