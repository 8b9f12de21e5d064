"""The solver-free review of a winter beds plan: every rule and term once more.

It sees the question and the plan, never the program, and follows people week by week in whole parts
of a person. It is the specification: where it and the formulation disagree, no answer is returned.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction

import numpy as np

from allocate.beds.axes import SOURCES
from allocate.beds.instance import Instance
from allocate.beds.recount import Recount
from allocate.beds.solution import UNIT, Solution
from allocate.errors import ReviewFailed
from allocate.labels import RATINGS
from allocate.study.scenario import LevelWords
from allocate.units import THOUSAND, Ints
from allocate.verdict import Measured, Review

PENCE = 100
OF_A_WINTER = ("cash", "waiting", "substitutes", "moved", "moves_on", "distance")


def review(instance: Instance, solution: Solution, levels: Sequence[LevelWords]) -> Review:
    """Measure every rule, recount every term, and say what does not hold.

    Parameters
    ----------
    instance
        The question.
    solution
        The plan; without flows, what is about winters is taken to be nought.
    levels
        The objective, to be recounted.

    Returns
    -------
    Review
        Faults are broken hard rules, and bookings that the data do not allow.
    """
    case = Case(instance, solution, levels)
    measured = {rule: MEASURES[rule](case) for rule in instance.rules}
    faults = list(_against_data(case))
    faults += [text for _, text in _against_pins(case)]
    for rule, setting in instance.rules.items():
        if setting.mode == "hard" and measured[rule].short_by > 0:
            faults.append(f"{rule} is hard and short by {float(measured[rule].short_by):g}")
    terms = case.terms(measured)
    totals = tuple(
        sum((weight * terms[term] for term, weight in _weights(level).items()), Fraction())
        for level in levels
    )
    lowest = tuple(least(instance, level) for level in levels)
    return Review(measured, terms, totals, lowest, tuple(faults))


def broken(instance: Instance, solution: Solution) -> dict[tuple[str, str], Fraction]:
    """Name the hard rules and pins that a plan does not keep, and what each is short by.

    Parameters
    ----------
    instance
        The question as asked.
    solution
        The plan, which may break any of them.

    Raises
    ------
    ReviewFailed
        Where the plan does what the data do not allow.
    """
    case = Case(instance, solution, ())
    if faults := list(_against_data(case)):
        raise ReviewFailed("\n  ".join(["The review rejects a plan:", *faults]))
    short = {
        (rule, name): amount
        for rule, setting in instance.rules.items()
        if setting.mode == "hard"
        for name, amount in MEASURES[rule](case).where
    }
    return short | {("pins", name): Fraction(1) for name, _ in _against_pins(case)}


def _weights(level: LevelWords) -> dict[str, Fraction]:
    return {term: Fraction(str(weight)) for term, weight in level.terms.items()}


class Case:
    """A plan laid out for counting."""

    def __init__(
        self, instance: Instance, solution: Solution, levels: Sequence[LevelWords]
    ) -> None:
        self.instance, self.plan = instance, solution
        self.axes, self.offers, self.homes = instance.axes, instance.offers, instance.homes
        self.count = len(solution.offer)
        self.weights = _weights(levels[0]) if levels else {}
        self.recount = Recount(instance, solution)

    def bookings(self) -> Iterable[tuple[int, int, int, int]]:
        """Offer, first and last week, and beds of each booking."""
        plan = self.plan
        table = zip(plan.offer, plan.first, plan.last, plan.beds, strict=True)
        return ((int(o), int(a), int(b), int(n)) for o, a, b, n in table)

    def cell(self, zone: int, care: int) -> str:
        """Name a zone and care type."""
        return f"{self.axes.zones[zone]} {self.axes.care[care]}"

    def value(self, rule: str) -> Fraction:
        """Threshold of a rule."""
        value = self.instance.rules[rule].value
        return Fraction(str(value)) if value is not None else Fraction(0)

    def option(self, rule: str, name: str) -> str:
        """Further setting of a rule."""
        return str(self.instance.rules[rule].options[name])

    def points(self) -> list[Fraction]:
        """What each winter costs after the bookings, in points."""
        each = self.recount.of_winters()
        return [
            sum((self.weights.get(t, Fraction(0)) * each[t][s] for t in OF_A_WINTER), Fraction())
            for s in range(len(self.instance.winters.ids))
        ]

    def mean(self, values: Sequence[Fraction]) -> Fraction:
        """Mean over winters."""
        chance = self.instance.winters.chance
        return sum((c * v for c, v in zip(chance, values, strict=True)), Fraction())

    def terms(self, measured: dict[str, Measured]) -> dict[str, Fraction]:
        """Every term, in its unit."""
        each = self.recount.of_winters()
        terms = {term: self.mean(values) for term, values in each.items()}
        booked = self.mean([sum(parts, Fraction()) for parts in self.recount.booking_cash()])
        terms["cash"] += (booked + int(self.instance.started.sum())) / PENCE
        rules = self.instance.rules
        terms["shortfalls"] = sum(
            (
                Fraction(str(rules[rule].price)) * found.short_by
                for rule, found in measured.items()
                if rules[rule].mode == "soft"
            ),
            Fraction(),
        )
        order = ("cash", "waiting", "substitutes", "moved", "moves_on", "distance", "shortfalls")
        return {term: terms[term] for term in (*order, "voids")}


def _against_data(case: Case) -> Iterable[str]:
    """Find bookings that no offer is for."""
    seen: set[int] = set()
    step = int(case.instance.parameters["booking_step_weeks"])
    for o, a, b, beds in case.bookings():
        name, offers = case.offers.ids[o], case.offers
        first, last = int(offers.first[o]), int(offers.last[o])
        if o in seen:
            yield f"{name} is booked twice"
        seen.add(o)
        if beds < offers.least[o] or beds > offers.most[o]:
            yield f"{name} is booked with {beds} beds, which is not on offer"
        if not first <= a <= b <= last or b - a + 1 < offers.min_weeks[o]:
            yield f"{name} is booked for weeks {a + 1} to {b + 1}, which are not on offer"
        elif (a - first) % step or (last - b) % step:
            yield f"{name} is booked for weeks {a + 1} to {b + 1}, which is out of step"
        if case.homes.suspended[offers.home[o]]:
            yield f"{name} is booked in a home that takes nobody new"


def _against_pins(case: Case) -> Iterable[tuple[str, str]]:
    """Name the pins that a plan does not keep, and say what is wrong."""
    booked = {o for o, _, _, _ in case.bookings()}
    for o, name in enumerate(case.offers.ids):
        if case.offers.must[o] and o not in booked:
            yield f"{name} must be booked", f"{name} is not booked, against a pin"
        if case.offers.never[o] and o in booked:
            yield f"{name} never", f"{name} is booked against a pin"


def _listed(parts: Iterable[tuple[str, Fraction]]) -> Measured:
    """Add up what each part is short by; the largest come first, negative parts are room."""
    parts = list(parts)
    added: dict[str, Fraction] = defaultdict(Fraction)
    for name, amount in parts:
        if amount > 0:
            added[name] += amount
    short = sorted(added.items(), key=lambda part: (-part[1], part[0]))
    slack = max(Fraction(0), min(-amount for _, amount in parts)) if parts else None
    return Measured(sum(added.values(), Fraction()), slack, tuple(short))


def _within_offer(case: Case) -> Measured:
    beds: dict[tuple[int, int], int] = defaultdict(int)
    for o, a, b, n in case.bookings():
        if not case.offers.extra[o]:
            for t in range(a, b + 1):
                beds[int(case.offers.home[o]), t] += n
    most: dict[int, int] = {}
    for (home, _), n in beds.items():
        most[home] = max(most.get(home, 0), n)
    known = {h: n for h, n in most.items() if case.homes.admittable[h] >= 0}
    return _listed(
        (case.homes.ids[h], Fraction(n - int(case.homes.admittable[h]))) for h, n in known.items()
    )


def _minimum_block(case: Case) -> Measured:
    least, weeks = case.value("minimum_block"), int(float(case.option("minimum_block", "weeks")))
    parts = []
    for o, a, b, n in case.bookings():
        short = Fraction(n) if b - a + 1 < weeks else least - n
        parts.append((case.offers.ids[o], short))
    return _listed(parts)


def _worst_winter(case: Case, over: Ints, per: int) -> Measured:
    """Measure what each winter is short by, (S, Z, G), and take the winter that is most so."""
    if not over.size:
        return Measured(Fraction(0))
    total = np.maximum(over, 0).sum(axis=(1, 2))
    worst = int(total.argmax())
    parts = np.ndindex(over.shape[1:])
    found = _listed((case.cell(z, g), Fraction(int(over[worst, z, g]), per)) for z, g in parts)
    return Measured(found.short_by, None, found.where)


def _occupancy_within_booked(case: Case) -> Measured:
    over = np.maximum(case.recount.in_booked() - case.recount.room(), 0).sum(axis=-1)
    return _worst_winter(case, over, UNIT * THOUSAND)


def _spot_within_vacancy(case: Case) -> Measured:
    over = np.maximum(case.recount.in_bought() - case.recount.vacant(), 0).sum(axis=-1)
    return _worst_winter(case, over, UNIT * THOUSAND)


def _everyone_counted(case: Case) -> Measured:
    over = case.recount.uncounted().sum(axis=-1)
    return _worst_winter(case, over, UNIT * THOUSAND)


def _choice_respected(case: Case) -> Measured:
    over = case.recount.against_choice().max(axis=-1)
    return _worst_winter(case, np.maximum(over, 0).sum(axis=2), UNIT * THOUSAND)


def _admission_pace(case: Case) -> Measured:
    over = np.maximum(case.recount.admitted() - case.recount.pace(), 0).sum(axis=-1)
    return _worst_winter(case, over, UNIT * THOUSAND)


def _last_admission(case: Case) -> Measured:
    weeks = int(case.value("last_admission"))
    over = np.maximum(case.recount.admitted() - case.recount.room(weeks), 0).sum(axis=-1)
    return _worst_winter(case, over, UNIT * THOUSAND)


def _choice_breadth(case: Case) -> Measured:
    homes: dict[tuple[int, int], set[int]] = defaultdict(set)
    for o, _, _, _ in case.bookings():
        key = int(case.offers.zone[o]), int(case.offers.care[o])
        homes[key].add(int(case.offers.home[o]))
    least = case.value("choice_breadth")
    return _listed((case.cell(*key), least - len(found)) for key, found in homes.items())


def _quality_floor(case: Case) -> Measured:
    worst = RATINGS.index(str(case.instance.rules["quality_floor"].value))
    rating = case.homes.rating[case.offers.home]
    low = [(o, n) for o, _, _, n in case.bookings() if rating[o] > worst]
    return _listed((case.offers.ids[o], Fraction(n)) for o, n in low)


def _fee_floor(case: Case) -> Measured:
    floor = case.value("fee_floor") * PENCE
    low = [(o, n) for o, _, _, n in case.bookings() if case.offers.rate[o] < floor]
    return _listed((case.offers.ids[o], Fraction(n)) for o, n in low)


def _owner_limit(case: Case) -> Measured:
    held: dict[int, int] = defaultdict(int)
    for o, a, b, n in case.bookings():
        held[int(case.homes.owner[case.offers.home[o]])] += n * (b - a + 1)
    limit = case.value("owner_limit") * sum(held.values())
    return _listed((case.homes.owners[owner], n - limit) for owner, n in sorted(held.items()))


def _sites_limit(case: Case) -> Measured:
    sites = {int(case.offers.home[o]) for o, _, _, _ in case.bookings()}
    return _listed([("homes booked", len(sites) - case.value("sites_limit"))])


def _within_budget(case: Case) -> Measured:
    whole = case.option("within_budget", "of") == "winter"
    parts = []
    for p, source in enumerate(SOURCES):
        budget = int(case.instance.payers.budget[p])
        if budget < 0:
            continue
        booked = [Fraction(n) for n in case.recount.booked_ahead()]
        spent = booked[p]
        if whole:
            cash = case.recount.cash_by_source()
            spent = max(paid[p] - case.recount.after_winter(s, p) for s, paid in enumerate(cash))
            spent = max(spent, booked[p] + int(case.instance.started[p]))
        parts.append((source, (spent - budget) / PENCE))
    return _listed(parts)


def _tail_risk(case: Case) -> Measured:
    share = case.value("tail_risk")
    worst = worst_mean(case.points(), case.instance.winters.chance, share)
    return Measured(max(worst, Fraction(0)))


def worst_mean(values: Sequence[Fraction], chance: Sequence[Fraction], share: Fraction) -> Fraction:
    """Mean of the worst share of winters; one at the edge counts in part.

    Parameters
    ----------
    values
        Of each winter.
    chance
        Its probability.
    share
        Which winters are the worst.
    """
    left, total = share, Fraction(0)
    for value, likely in sorted(zip(values, chance, strict=True), reverse=True):
        part = min(left, likely)
        total += part * value
        left -= part
    return total / share


def least(instance: Instance, level: LevelWords) -> Fraction:
    """Return the least that the objective can come to: each person at the cheapest place there is.

    A booked bed costs nothing here beyond what is paid for it anyhow.

    Parameters
    ----------
    instance, level
        The question and its objective.
    """
    cash = _weights(level).get("cash", Fraction(0)) / PENCE
    total = cash * int(instance.started.sum())
    prices, market = instance.prices, instance.market
    chance = instance.winters.chance
    zones, care, weeks = instance.axes.shape
    came = [
        sum(
            (c * int(instance.winters.arrivals[s, i, g].sum()) for s, c in enumerate(chance)),
            Fraction(int(instance.backlog[i, g])),
        )
        for i in range(zones)
        for g in range(care)
    ]
    for (i, g), people in zip(np.ndindex(zones, care), came, strict=True):
        options = [
            int(prices.booked[:, i, j, g, t].sum())
            for j in range(zones)
            if market.interim[i, j, g]
            for t in range(weeks)
        ]
        options += [int(prices.spot[:, j, g, t].sum()) for j in range(zones) for t in range(weeks)]
        options += [
            int(prices.alternative[:, n, t].sum())
            for n in np.flatnonzero(market.alternatives.need == g)
            for t in range(weeks)
        ]
        total += people * cash * min(options)
    return total


MEASURES: dict[str, Callable[[Case], Measured]] = {
    "within_offer": _within_offer,
    "minimum_block": _minimum_block,
    "occupancy_within_booked": _occupancy_within_booked,
    "spot_within_vacancy": _spot_within_vacancy,
    "everyone_counted": _everyone_counted,
    "choice_respected": _choice_respected,
    "choice_breadth": _choice_breadth,
    "quality_floor": _quality_floor,
    "fee_floor": _fee_floor,
    "owner_limit": _owner_limit,
    "sites_limit": _sites_limit,
    "admission_pace": _admission_pace,
    "last_admission": _last_admission,
    "within_budget": _within_budget,
    "tail_risk": _tail_risk,
}
