"""The winter beds program: bookings now, and the flow of people in each possible winter.

The algebra is in ``models/beds/formulation.md``; each rule is one function of ``rules.py``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import lcm

import numpy as np

from allocate.beds.instance import Instance
from allocate.beds.prices import booking_prices
from allocate.beds.winter_program import WinterProgram
from allocate.beds.yields import by_winter, lost_weeks, refund
from allocate.core.program import MOST, Program, Short
from allocate.core.two_stage import Tail, TwoStage
from allocate.errors import BadInput, Fault
from allocate.labels import each, named
from allocate.study.scenario import LevelWords
from allocate.units import THOUSAND, Ints

PENCE = 100


@dataclass
class Draft:
    """A program under construction.

    Parameters
    ----------
    instance
        What is asked.
    first
        Columns and rows of the bookings.
    offer, first_week, last_week
        The windows that can be booked, (K,).
    book, beds
        Columns: whether each window is booked, and how many beds, (K,).
    winter
        Columns and rows of each winter; None where only bookings are looked at.
    shorts
        What counts how far rules about bookings are short.
    program
        What is handed to an engine.
    """

    instance: Instance
    first: Program
    offer: Ints
    first_week: Ints
    last_week: Ints
    book: Ints
    beds: Ints
    winter: WinterProgram | None
    shorts: list[Short] = field(default_factory=list)
    program: Program | TwoStage = field(default_factory=Program)

    @property
    def home(self) -> Ints:
        """Home of each window, (K,)."""
        return self.instance.offers.home[self.offer]

    @property
    def cell(self) -> Ints:
        """Zone and care type of each window as one number, (K,)."""
        offers = self.instance.offers
        return offers.zone[self.offer] * len(self.instance.axes.care) + offers.care[self.offer]

    def cell_name(self, cell: int) -> str:
        """Name a zone and care type."""
        axes = self.instance.axes
        zone, care = divmod(int(cell), len(axes.care))
        return f"{axes.zones[zone]} {axes.care[care]}"

    @property
    def weeks(self) -> Ints:
        """Weeks of each window, (K,)."""
        return self.last_week - self.first_week + 1

    def covering(self, week: int) -> Ints:
        """Windows that a week is part of."""
        return np.flatnonzero((self.first_week <= week) & (self.last_week >= week))

    def slack(self, rule: str, upper: Ints, per: int, about: Sequence[str]) -> Ints | None:
        """Add one column a row that counts what a rule is short by; None where none may be.

        Parameters
        ----------
        rule
            Its id.
        upper
            The most that each row can be short by, in steps.
        per
            Steps in one unit.
        about
            Whom or what each row is about.
        """
        if self.instance.strict(rule):
            return None
        columns = self.first.columns(
            f"short_{rule}", len(about), upper=np.maximum(upper, 0), labels=each(about)
        )
        self.shorts.append(Short(rule, columns, np.ones_like(columns), per, about))
        return columns


def formulate(instance: Instance, levels: Sequence[LevelWords]) -> Draft:
    """Build the program.

    Parameters
    ----------
    instance
        The question. One that bends is built with bookings alone: whatever is booked, each winter
        can be met, for people can always wait.
    levels
        The objective: one weighted sum, or none.

    Returns
    -------
    Draft
        The program with what is needed to read a plan out of it.
    """
    from allocate.beds.rules import RULES, bend_pins

    draft = _bookings(instance)
    for rule, state in RULES.items():
        if instance.rules[rule].binds:
            state(draft)
    if instance.bends:
        bend_pins(draft)
    if draft.winter is None:
        draft.program = draft.first
        if levels:
            cost = _booking_costs(draft, _weights(levels[0]))
            per = lcm(*(c.denominator for c in cost))
            draft.first.level("bookings", _whole(cost, per), Fraction(per))
    else:
        draft.program = _two_stage(draft, draft.winter, levels[0])
    return draft


def _bookings(instance: Instance) -> Draft:
    """Add the columns of bookings."""
    first, offers, homes = Program(), instance.offers, instance.homes
    step = int(instance.parameters["booking_step_weeks"])
    offer, a, b = offers.windows(step)
    labels = [f"{offers.ids[o]} weeks {x + 1}-{y + 1}" for o, x, y in zip(offer, a, b, strict=True)]
    open_ = ~homes.suspended[offers.home[offer]]
    if not instance.bends:
        open_ &= ~offers.never[offer]
    most = np.where(open_, offers.most[offer], 0)
    book = first.columns("book", len(offer), upper=open_.astype(np.int64), labels=each(labels))
    beds = first.columns("beds", len(offer), upper=most, labels=each(labels))
    winter = None if instance.bends else WinterProgram(instance, offer[open_], a[open_], b[open_])
    draft = Draft(instance, first, offer, a, b, book, beds, winter)
    rows = np.arange(len(offer))
    names = named((labels, rows))
    first.require(
        "beds_only_if_booked",
        "pack",
        [(rows, beds, 1), (rows, book, -offers.most[offer])],
        high=0,
        rows=len(rows),
        labels=names,
    )
    first.require(
        "at_least_min_beds",
        "share",
        [(rows, beds, 1), (rows, book, -offers.least[offer])],
        low=0,
        rows=len(rows),
        labels=names,
    )
    must = np.zeros(len(offers.ids), dtype=np.int64)
    if not instance.bends:
        must = offers.must.astype(np.int64)
    first.require(
        "one_booking_of_an_offer",
        "choose",
        [(offer, book, 1)],
        low=must,
        high=1,
        rows=len(offers.ids),
        labels=each(offers.ids),
    )
    return draft


def _weights(level: LevelWords) -> dict[str, Fraction]:
    return {term: Fraction(str(weight)) for term, weight in level.terms.items()}


def _booking_costs(draft: Draft, weights: Mapping[str, Fraction]) -> list[Fraction]:
    """Points of each column of the bookings."""
    instance = draft.instance
    cost = [Fraction(0)] * draft.first.size
    cash = weights.get("cash", Fraction(0)) / PENCE
    prices = booking_prices(
        instance.offers, instance.payers, draft.offer, draft.first_week, draft.last_week
    ).sum(axis=0)
    back = _mean_refunds(draft)
    for k in range(len(draft.offer)):
        cost[draft.beds[k]] += cash * (int(prices[k]) - back[k])
        cost[draft.book[k]] += cash * int(instance.offers.fixed[draft.offer[k]])
    worth = weights.get("shortfalls", Fraction(0))
    for short in draft.shorts:
        setting = instance.rules.get(short.rule)
        if setting is not None and setting.mode == "soft":
            price = worth * Fraction(str(setting.price)) / short.per
            for column, coef in zip(short.col, short.coef, strict=True):
                cost[column] += price * int(coef)
    return cost


def _mean_refunds(draft: Draft) -> list[Fraction]:
    """Pence that one bed of each window is paid less for closures, on average over winters."""
    instance = draft.instance
    back = [Fraction(0)] * len(draft.offer)
    for chance, closures in zip(instance.winters.chance, by_winter(instance), strict=True):
        for (home, week), lost in lost_weeks(closures, unpaid=True).items():
            for k in np.flatnonzero(draft.home == home):
                if draft.first_week[k] <= week <= draft.last_week[k]:
                    back[k] += chance * sum(refund(instance, int(draft.offer[k]), week, lost))
    return back


def _two_stage(draft: Draft, winter: WinterProgram, level: LevelWords) -> TwoStage:
    """Join bookings and winters into one program, over one common denominator."""
    instance, weights = draft.instance, _weights(level)
    # What nobody decides: people who are in a bed when the winter begins.
    constant = draft.first.columns("started", 1, lower=1, upper=1)
    cost = _booking_costs(draft, weights)
    cost[constant[0]] = weights.get("cash", Fraction(0)) * int(instance.started.sum()) / PENCE
    prices = winter.prices(weights)
    per = lcm(PENCE, *(c.denominator for c in (*cost, *prices)))
    largest = max([abs(c) for c in (*cost, *prices)], default=Fraction(0)) * per
    if largest * (len(cost) + len(prices)) * THOUSAND > MOST:
        problem = "has weights or prices too fine, or too large, to be counted exactly"
        fault = Fault(f"level {level.name}", "", problem, "Use fewer decimals")
        raise BadInput("[objective]", [fault])
    draft.first.level(level.name, _whole(cost, per), Fraction(per))
    risk = instance.rules["tail_risk"]
    tail = None
    if risk.mode == "soft" and weights.get("shortfalls", Fraction(0)) * Fraction(str(risk.price)):
        share = Fraction(str(risk.value))
        tail = Tail(share, weights["shortfalls"] * Fraction(str(risk.price)))
    return winter.join(draft, _whole(prices, per), tail)


def _whole(values: Sequence[Fraction], per: int) -> Ints:
    return np.array([int(value * per) for value in values], dtype=np.int64)
