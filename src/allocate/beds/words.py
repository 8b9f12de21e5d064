"""A winter beds answer in the words of a planner."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction

import numpy as np

from allocate.beds.axes import SOURCES
from allocate.beds.emptying import emptying
from allocate.beds.filled import PARTS, filled
from allocate.beds.filling import filling
from allocate.beds.instance import Instance
from allocate.beds.instead import instead
from allocate.beds.prices import booking_prices
from allocate.beds.solution import Solution
from allocate.beds.triggers import triggers
from allocate.beds.weekly import Beside, Weekly, largest_block
from allocate.columns import table
from allocate.rule_words import rule_lines
from allocate.units import as_pounds, with_unit
from allocate.verdict import Review

SHOWN = 25  # bookings and trigger points that a page has; the files have all
Section = tuple[str, list[str]]


def summarise(instance: Instance, solution: Solution, review: Review) -> list[Section]:
    """Say the answer in plain words.

    Parameters
    ----------
    instance, solution
        The question and the plan.
    review
        What the independent check measured.

    Returns
    -------
    list of (title, lines)
        What to book, money, the winter week by week, good and bad winters, when to do more, how
        beds fill and when to empty them, other care, choice, rules.
    """
    weekly = Weekly.of(instance, solution)
    beside = Beside.of(instance, solution)
    return [
        ("What to book", _bookings(instance, solution)),
        ("Money, gross, by who pays", _money(instance, beside)),
        ("Week by week", _weeks(instance, weekly)),
        ("The middle winter, and the worst 5 in 100", _winters(instance, beside, weekly)),
        ("When to do more", _triggers(instance, solution, weekly)),
        ("When they fill", filling(instance, solution, weekly)),
        ("When to begin to empty them", emptying(instance, solution)),
        ("Other care for the same money", instead(instance, solution)),
        ("Choice", _choice(instance, weekly)),
        ("Rules that bind, and rules that are short", _rules(instance, review)),
    ]


def _bookings(instance: Instance, solution: Solution) -> list[str]:
    axes, offers, homes = instance.axes, instance.offers, instance.homes
    if not len(solution.offer):
        return ["Nothing: no bed on offer is worth its price in these winters."]
    cash = booking_prices(offers, instance.payers, solution.offer, solution.first, solution.last)
    pence = cash.sum(axis=0) * solution.beds + offers.fixed[solution.offer]
    people, moved = filled(instance, solution)
    chance = np.array([float(c) for c in instance.winters.chance])
    mean = np.tensordot(chance, people / float(PARTS), 1).sum(axis=1)
    head = ["home", "zone", "care", "beds", "from", "to", "£ a bed-week", "cash", "in use"]
    rows = []
    order = sorted(range(len(solution.offer)), key=lambda n: (-int(solution.beds[n]), n))
    for n in order[:SHOWN]:
        o, a, b = int(solution.offer[n]), int(solution.first[n]), int(solution.last[n])
        beds, zone = int(solution.beds[n]), int(offers.zone[o])
        home = int(offers.home[o])
        rows.append(
            [
                f"{homes.names[home]} ({offers.ids[o]})",
                axes.zone_names[zone],
                axes.care[offers.care[o]],
                str(beds),
                f"week {a + 1}, {axes.starts[a]:%d/%m/%Y}",
                f"week {b + 1}, {axes.starts[b] + timedelta(days=6):%d/%m/%Y}",
                f"{offers.rate[o] / 100:,.2f}",
                as_pounds(int(pence[n])),
                f"{mean[n] / (beds * (b - a + 1)):.0%}",
            ]
        )
    lines = table(head, rows, (0, 1, 2, 4, 5))
    if len(order) > SHOWN:
        lines.append(f"And {len(order) - SHOWN} more: bookings.csv has them all.")
    sites = len({int(h) for h in offers.home[solution.offer]})
    weeks = int(((solution.last - solution.first + 1) * solution.beds).sum())
    lines.append(
        f"In all {with_unit(f'{solution.beds.sum():,}', 'beds')} in "
        f"{with_unit(str(sites), 'homes')}, {with_unit(f'{weeks:,}', 'bed-weeks')}, "
        f"{as_pounds(int(pence.sum()))}; payments.csv has what falls due by home, week and payer."
    )
    shift = float(chance @ (moved / float(PARTS)).sum(axis=1))
    if shift > 0.005:
        lines.append(
            f"On average {shift:,.1f} people move between these homes as bookings end or close."
        )
    return lines


def _money(instance: Instance, beside: Beside) -> list[str]:
    head = ["payer", "booked ahead", "as people come", "there at the start", "middle winter",
            "mean", "worst 5 in 100"]  # fmt: skip
    rows, lines = [], []
    for p, source in enumerate(SOURCES):
        booked = beside.mean(beside.pounds("booked", p))
        people = beside.mean(beside.pounds("people", p))
        whole = beside.pounds("cash", p)
        if not any(whole):
            continue
        middle, worst = whole[beside.middle], beside.worst_by_points(whole)
        there = Fraction(int(instance.started[p]), 100)
        amounts = [booked, people, there, middle, beside.mean(whole), worst]
        rows.append([source, *(_pounds(x) for x in amounts)])
        if instance.payers.budget[p] >= 0:
            lines.append(_budget(instance, beside, p, whole))
    nights = 7 * Fraction(str(instance.parameters["hospital_bed_day_pounds"]))
    waits = beside.within
    return [
        *table(head, rows),
        *lines,
        (
            "Not in these sums: hospital beds taken up by people who wait, which the NHS bears: "
            f"{_pounds(beside.mean(waits) * nights)} on average, "
            f"{_pounds(beside.worst_by_points(waits) * nights)} in the worst 5 winters in 100, at "
            f"£{float(nights / 7):,.0f} a day."
        ),
    ]


def _budget(instance: Instance, beside: Beside, p: int, whole: list[Fraction]) -> str:
    budget = Fraction(int(instance.payers.budget[p]), 100)
    over = sum((c for c, x in zip(beside.chance, whole, strict=True) if x > budget), Fraction())
    return (
        f"{SOURCES[p]} has {_pounds(budget)} for the winter; all in all it needs more in "
        f"{_often(over)} of the possible winters."
    )


def _weeks(instance: Instance, weekly: Weekly) -> list[str]:
    """The winter week by week, all zones and types together."""
    axes = instance.axes
    limit = float(instance.parameters["running_short_people"])
    waiting = weekly.waiting.sum(axis=(1, 2))
    room, inside = weekly.room.sum(axis=(1, 2)), weekly.inside.sum(axis=(1, 2))
    bought = weekly.bought.sum(axis=(1, 2))
    helped = weekly.helped.sum(axis=(1, 2))
    come = instance.winters.arrivals.sum(axis=(1, 2)).astype(float)
    short = weekly.often(waiting > limit)
    columns = [
        ("come", weekly.mean(come)),
        ("booked beds", weekly.mean(room)),
        ("in use", weekly.mean(inside)),
        ("empty", weekly.mean(room - inside)),
        ("bought", weekly.mean(bought)),
        ("alternatives", weekly.mean(helped)),
        ("waiting", weekly.mean(waiting)),
        ("1 in 20", weekly.high(waiting)),
    ]
    rows = [
        [
            f"{t + 1}",
            f"{axes.starts[t]:%d/%m}",
            *(f"{values[t]:,.1f}" for _, values in columns),
            f"{short[t]:.0%}",
        ]
        for t in range(len(axes.starts))
    ]
    head = ["week", "starts", *(name for name, _ in columns), "running short"]
    return [
        *table(head, rows),
        "Means over the possible winters; waiting at the end of the week, on average and as in one "
        f"winter in 20; running short: the chance that more than {limit:g} people wait.",
        f"In {_often(Fraction(float(weekly.chance[(waiting > limit).any(axis=1)].sum())))} of the "
        f"winters more than {limit:g} people wait in some week.",
    ]


def _winters(instance: Instance, beside: Beside, weekly: Weekly) -> list[str]:
    middle = beside.middle
    people = [Fraction(int(x)) for x in instance.winters.arrivals.sum(axis=(1, 2, 3))]
    most = [Fraction(x) for x in weekly.waiting.sum(axis=(1, 2)).max(axis=1).tolist()]
    spot = [Fraction(x) for x in weekly.bought.sum(axis=(1, 2, 3)).tolist()]
    spent = [Fraction(sum(pence), 100) for pence in beside.people]
    measures = [
        ("people leaving hospital whom a bed can help", people),
        ("person-weeks waiting", beside.within),
        ("most people waiting at the end of a week", most),
        ("empty bed-weeks", beside.terms["voids"]),
        ("bed-weeks bought one by one", spot),
        ("pounds spent as people come", spent),
        ("person-weeks in a bed moved to", beside.terms["moved"]),
        ("people who move on for good", beside.terms["moves_on"]),
    ]
    rows = [
        [
            name,
            f"{float(beside.mean(values)):,.1f}",
            f"{float(values[middle]):,.1f}",
            f"{float(beside.worst_by_points(values)):,.1f}",
        ]
        for name, values in measures
    ]
    size = len(instance.winters.ids)
    return [
        *table(["", "mean", "middle winter", "worst 5 in 100"], rows),
        f"Of {with_unit(f'{size:,}', 'possible winters')}; the middle one is "
        f"{instance.winters.ids[middle]}. Each is met as well as it can be by somebody who knows "
        "its course: nobody who lives it week by week does better.",
    ]


def _triggers(instance: Instance, solution: Solution, weekly: Weekly) -> list[str]:
    found = triggers(instance, solution, weekly)
    if not found:
        return [
            "In no week would one more booked bed, taken only then, be worth its price: no offer "
            "beyond the zone's vacancies is left that is, and when people wait the vacancies are "
            "in use."
        ]
    offers = instance.offers
    rows = [
        [
            f"{t.week + 1}, {instance.axes.starts[t.week] + timedelta(days=6):%d/%m/%Y}",
            instance.axes.care[t.care],
            f"{t.waiting} or more",
            f"{t.chance:.0%}",
            f"{offers.ids[t.offer]} at {instance.homes.names[offers.home[t.offer]]}",
            f"{t.worth:,.0f}",
            f"£{t.cost:,.0f}",
        ]
        for t in found[:SHOWN]
    ]
    head = ["end of week", "care", "if waiting", "of winters", "take", "points saved", "price"]
    lines = table(head, rows, (0, 1, 4))
    if len(found) > SHOWN:
        lines.append(f"And {len(found) - SHOWN} more.")
    return [
        *lines,
        "Points saved and price: of one bed from the week after to the end, in those winters, by "
        "people who would accept it. Ask these homes now what notice they need.",
    ]


def _choice(instance: Instance, weekly: Weekly) -> list[str]:
    rows = []
    booked = weekly.room.max(axis=0)
    for z, g in np.ndindex(instance.axes.shape[:2]):
        most = float(booked[z, g].max())
        if most == 0:
            continue
        size = float(largest_block(instance, z, g))
        rows.append(
            [
                f"{instance.axes.zone_names[z]}, {instance.axes.care[g]}",
                f"{most:,.1f}",
                f"{size:,.1f}",
                "" if most <= size else "larger than choice fills on average",
            ]
        )
    if not rows:
        return ["Nothing is booked, so nobody's choice is touched."]
    head = ["zone and care", "most usable beds booked", "largest block that choice fills", ""]
    return [
        *table(head, rows, (0, 3)),
        "The largest block: people who come in a week and would accept it, times the weeks they "
        "stay. Beds bought one by one and out of area stay open to everybody.",
    ]


def _rules(instance: Instance, review: Review) -> list[str]:
    # What this one measures, the worst winters, stands in a section of its own.
    rules = {rule: setting for rule, setting in instance.rules.items() if rule != "tail_risk"}
    lines = rule_lines("beds", rules, review)
    before = instance.offers.rate_before
    if (instance.offers.rate > before).any():
        count = int((instance.offers.rate > before).sum())
        lines.append(f"The fee floor raises {with_unit(str(count), 'offers')}.")
    return lines or ["No rule is short."]


def _pounds(amount: Fraction) -> str:
    return as_pounds(float(amount) * 100)


def _often(chance: Fraction) -> str:
    """Write a chance in hundredths, and never as nought where it is more."""
    share = float(chance)
    return "less than 1%" if 0 < share < 0.005 else f"{share:.0%}"
