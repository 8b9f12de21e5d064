"""Winters looked at side by side: means, what is exceeded once in twenty, the middle one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from allocate.beds.instance import Instance
from allocate.beds.recount import Recount
from allocate.beds.review import PENCE, Case, worst_mean
from allocate.beds.solution import UNIT, Solution
from allocate.units import THOUSAND, Floats, Ints

ONCE_IN_TWENTY = 0.95
WORST = Fraction(1, 20)


@dataclass(frozen=True)
class Weekly:
    """People by winter, zone, care type and week, in whole and parts, (S, Z, G, T).

    Parameters
    ----------
    room
        Booked beds that can be used.
    inside
        People in them.
    bought
        People in beds bought one by one, those moved there among them.
    helped
        People who begin with an alternative.
    waiting
        People waiting at the end of the week, by their own zone.
    chance
        Probability of each winter, (S,).
    """

    room: Floats
    inside: Floats
    bought: Floats
    helped: Floats
    waiting: Floats
    chance: Floats

    @classmethod
    def of(cls, instance: Instance, solution: Solution) -> Weekly:
        """Follow everybody through each winter."""
        recount, per = Recount(instance, solution), float(UNIT * THOUSAND)
        helped = np.zeros((len(instance.winters.ids), *instance.axes.shape))
        for n, need in enumerate(instance.market.alternatives.need):
            helped[:, :, need] += recount.flows.helped[:, :, n] / UNIT
        return cls(
            room=recount.room() / per,
            inside=recount.in_booked() / per,
            bought=recount.in_bought() / per,
            helped=helped,
            waiting=recount.flows.waiting / UNIT,
            chance=np.array([float(c) for c in instance.winters.chance]),
        )

    def mean(self, values: Floats) -> Floats:
        """Mean over winters."""
        return np.tensordot(self.chance, values, 1)

    def often(self, happens: NDArray[np.bool_]) -> Floats:
        """Chance that something happens."""
        return np.tensordot(self.chance, happens.astype(float), 1)

    def high(self, values: Floats) -> Floats:
        """Exceeded in no more than one winter in twenty."""
        return quantile(values, self.chance, ONCE_IN_TWENTY)


def quantile(values: Floats, chance: Floats, share: float) -> Floats:
    """Smallest value that is not exceeded in at least this share of winters, along the first axis.

    Parameters
    ----------
    values
        Of each winter, (S, ...).
    chance
        Its probability, (S,).
    share
        Between nought and one.
    """
    order = np.argsort(values, axis=0, kind="stable")
    reached = np.cumsum(chance[order], axis=0)
    at = (reached >= share - 1e-12).argmax(axis=0)
    return np.take_along_axis(np.take_along_axis(values, order, 0), at[None], 0)[0]


@dataclass(frozen=True)
class Beside:
    """What winters come to one by one, and in all.

    Parameters
    ----------
    points
        After the bookings, by winter.
    terms
        Each term by winter, in its unit.
    within
        Person-weeks of waiting within the winter, nothing charged for later.
    cash
        Pence by winter and source: bookings, people, and both with those there from the start.
    """

    points: list[Fraction]
    terms: dict[str, list[Fraction]]
    within: list[Fraction]
    booked: list[list[Fraction]]
    people: list[list[Fraction]]
    cash: list[list[Fraction]]
    chance: tuple[Fraction, ...]

    @classmethod
    def of(cls, instance: Instance, solution: Solution) -> Beside:
        """Count every winter."""
        case = Case(instance, solution, instance.levels)
        recount = case.recount
        return cls(
            points=case.points(),
            terms=recount.of_winters(),
            within=[Fraction(int(x.sum()), UNIT) for x in recount.flows.waiting],
            booked=recount.booking_cash(),
            people=recount.people_cash(),
            cash=recount.cash_by_source(),
            chance=instance.winters.chance,
        )

    @property
    def middle(self) -> int:
        """The winter in the middle, by points."""
        order = sorted(range(len(self.points)), key=lambda s: (self.points[s], s))
        reached = Fraction(0)
        for s in order:
            reached += self.chance[s]
            if reached >= Fraction(1, 2):
                return s
        return order[-1]

    def worst_by_points(self, values: Sequence[Fraction]) -> Fraction:
        """Mean of a value over the worst five winters in a hundred, worst by points."""
        left, total = WORST, Fraction(0)
        for s in sorted(range(len(values)), key=lambda s: (-self.points[s], s)):
            part = min(left, self.chance[s])
            total += part * values[s]
            left -= part
        return total / WORST

    def mean(self, values: Sequence[Fraction]) -> Fraction:
        """Mean over winters."""
        return sum((c * v for c, v in zip(self.chance, values, strict=True)), Fraction())

    @property
    def tail(self) -> Fraction:
        """Mean points of the worst five winters in a hundred."""
        return worst_mean(self.points, self.chance, WORST)

    def pounds(self, kind: str, source: int) -> list[Fraction]:
        """Pounds of a source by winter: ``booked``, ``people`` or ``cash``."""
        table: list[list[Fraction]] = getattr(self, kind)
        return [cash[source] / PENCE for cash in table]


def largest_block(instance: Instance, zone: int, care: int) -> Fraction:
    """Beds of one type in a zone that would be full if all who accept them came, on average.

    Little's law: people who come in a week and accept, times the weeks they stay. A larger block
    stands partly empty, or fills only if people are put where they would not go.
    """
    winters = instance.winters
    weeks = len(instance.axes.starts)
    come = Fraction(0)
    for s, chance in enumerate(winters.chance):
        for i in range(len(instance.axes.zones)):
            accept = Fraction(int(instance.market.interim[i, zone, care]), THOUSAND)
            people = int(winters.arrivals[s, i, care].sum()) + int(instance.backlog[i, care])
            come += chance * accept * people
    return come / weeks * instance.stays.mean(care)


def booked_beds(instance: Instance, solution: Solution) -> Ints:
    """Beds booked by zone, care type and week, (Z, G, T)."""
    table = np.zeros(instance.axes.shape, dtype=np.int64)
    offers = instance.offers
    for o, a, b, beds in zip(
        solution.offer, solution.first, solution.last, solution.beds, strict=True
    ):
        table[offers.zone[o], offers.care[o], a : b + 1] += beds
    return table
