"""Bookings run week by week, by people who do not know what comes next.

Each week, care type by care type, those who wait longest are placed first come, first served: in a
booked bed of their own zone, with an alternative that is cheaper than a bed bought one by one, in
such a bed in their own zone, in a booked bed of another zone they accept, and out of area. Somebody
is admitted only where there is room for all of the stay, as far as bookings and vacancies are
known; a home that closes is a surprise, and who loses the bed moves to one bought one by one, or
back to waiting where there is none.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from allocate.beds.instance import Instance
from allocate.beds.recount import Recount
from allocate.beds.solution import UNIT, Flows, Solution
from allocate.units import THOUSAND, Floats

MOST_WEEKS = 1e9  # of people: more than ever come


@dataclass(frozen=True)
class Run:
    """What came of a run.

    Parameters
    ----------
    solution
        The bookings with the flow of people.
    stranded
        Person-weeks without a bed after a closure, by winter; part of nobody's waiting, (S,).
    """

    solution: Solution
    stranded: Floats


def run(instance: Instance, solution: Solution) -> Run:
    """Run every winter week by week.

    Parameters
    ----------
    instance
        The question; its winters are what happens.
    solution
        The bookings.
    """
    week = _Weeks(instance, solution)
    for t in range(week.weeks):
        week.pass_week(t)
    return Run(week.plan(), week.stranded)


class _Weeks:
    """The state of all winters, week by week; people are fractions of one."""

    def __init__(self, instance: Instance, solution: Solution) -> None:
        self.instance, self.solution = instance, solution
        samples = len(instance.winters.ids)
        self.zones, self.care, self.weeks = instance.axes.shape
        recount, per = Recount(instance, solution), float(UNIT * THOUSAND)
        self.room = recount.room() / per
        # Closures are not foreseen: what is planned with are the bookings as they stand.
        calm = Recount(instance.with_winters(replace(instance.winters, closures=())), solution)
        over = int(float(instance.rules["last_admission"].value or 0))
        self.planned = calm.room() / per
        self.open = (calm.room(over) if self._binds("last_admission") else calm.room()) / per
        self.pace = recount.pace() / per
        if not self._binds("admission_pace"):
            self.pace = np.full_like(self.pace, MOST_WEEKS)
        self.vacant = recount.vacant() / per
        shape = (samples, self.zones, self.care, self.weeks)
        self.inside, self.bought_in = np.zeros(shape), np.zeros(shape)
        self.moved, self.waiting = np.zeros(shape), np.zeros(shape)
        self.booked = np.zeros((samples, self.zones, *shape[1:]))
        self.bought = np.zeros_like(self.booked)
        services = len(instance.market.alternatives.names)
        self.helped = np.zeros((samples, self.zones, services, self.weeks))
        self.came = instance.came.astype(float)
        self.stranded = np.zeros(samples)

    def _binds(self, rule: str) -> bool:
        return self.instance.rules[rule].binds

    def pass_week(self, t: int) -> None:
        """Place whom there is room for; the others wait."""
        arrivals = self.instance.winters.arrivals[..., t].astype(float)
        before = self.waiting[..., t - 1] if t else self.instance.backlog[None].astype(float)
        left = arrivals + before
        self._move_out(t)
        for g in range(self.care):
            for i in range(self.zones):
                self._place(t, g, i, left[:, i, g])
        self.waiting[..., t] = left

    def _move_out(self, t: int) -> None:
        """Move those whose bed is gone to one bought one by one, or count them as stranded."""
        over = np.maximum(self.inside[..., t] - self.room[..., t], 0)
        free = np.maximum(self.vacant[..., t] - self.bought_in[..., t], 0)
        moved = np.minimum(over, free)
        self.moved[..., t] = moved
        self.stranded += (over - moved).sum(axis=(1, 2))

    def _place(self, t: int, g: int, i: int, left: Floats) -> None:
        """Place people of a zone and care type, ``left`` being taken down as they are."""
        instance, market = self.instance, self.instance.market
        self._into_booked(t, g, i, i, left)
        spot = instance.prices.spot[:, i, g, t].sum()
        for n in np.flatnonzero(market.alternatives.need == g).tolist():
            if instance.prices.alternative[:, n, t].sum() < spot:
                self._help(t, g, i, n, left)
        self._buy(t, g, i, i, left)
        for j in range(self.zones):
            if j != i and not instance.axes.out_of_area[j]:
                self._into_booked(t, g, i, j, left)
                self._buy(t, g, i, j, left)
        for away in np.flatnonzero(instance.axes.out_of_area).tolist():
            self._buy(t, g, i, away, left)

    def _accepting(self, t: int, g: int, i: int, j: int) -> Floats:
        """People who would still accept a bed there, of all who came so far."""
        if i == j and not self._binds("choice_respected"):
            return np.full(len(self.stranded), MOST_WEEKS)
        share = self.instance.market.interim[i, j, g] / THOUSAND
        so_far = self.booked[:, i, j, g, : t + 1].sum(axis=1)
        if i != j:
            so_far = so_far + self.bought[:, i, j, g, : t + 1].sum(axis=1)
        return np.maximum(share * self.came[:, i, g, t] - so_far, 0)

    def _shares(self, t: int, g: int) -> Floats:
        """Share of those admitted now who are there in each week from now on."""
        there = self.instance.stays.there[g] / THOUSAND
        return there[: self.weeks - t]

    def _spare(self, j: int, g: int, weeks: slice) -> Floats:
        """Beds bought one by one that are left, those kept for who will outlast a booking off."""
        outlasting = np.maximum(self.inside[:, j, g, weeks] - self.planned[:, j, g, weeks], 0)
        taken = self.bought_in[:, j, g, weeks] + np.maximum(outlasting, self.moved[:, j, g, weeks])
        return np.maximum(self.vacant[:, j, g, weeks] - taken, 0)

    def _into_booked(self, t: int, g: int, i: int, j: int, left: Floats) -> None:
        shares = self._shares(t, g)
        weeks = slice(t, t + len(shares))
        free = np.maximum(self.planned[:, j, g, weeks] - self.inside[:, j, g, weeks], 0)
        fits = ((free + self._spare(j, g, weeks)) / np.maximum(shares, 1e-9)).min(axis=1)
        now = self.room[:, j, g, t] - self.inside[:, j, g, t] + self.moved[:, j, g, t]
        now = np.maximum(now, 0)
        admitted = self.booked[:, :, j, g, t].sum(axis=1)
        most = np.minimum(self.open[:, j, g, t], self.pace[j, g, t]) - admitted
        people = np.minimum.reduce(
            [left, fits, now, np.maximum(most, 0), self._accepting(t, g, i, j)]
        )
        self.booked[:, i, j, g, t] += people
        self.inside[:, j, g, weeks] += people[:, None] * shares
        left -= people

    def _help(self, t: int, g: int, i: int, n: int, left: Floats) -> None:
        others = self.instance.market.alternatives
        capacity = others.capacity[n] / THOUSAND - self.helped[:, :, n, t].sum(axis=1)
        suited = others.suits[n] / THOUSAND * self.came[:, i, g, t]
        suited = suited - self.helped[:, i, n, : t + 1].sum(axis=1)
        people = np.maximum(np.minimum.reduce([left, capacity, suited]), 0)
        self.helped[:, i, n, t] += people
        left -= people

    def _buy(self, t: int, g: int, i: int, j: int, left: Floats) -> None:
        market, axes = self.instance.market, self.instance.axes
        if market.rate[j, g, t] < 0:
            return
        if i != j and not axes.out_of_area[j] and market.interim[i, j, g] == 0:
            return
        shares = self._shares(t, g)
        weeks = slice(t, t + len(shares))
        fits = (self._spare(j, g, weeks) / np.maximum(shares, 1e-9)).min(axis=1)
        people = np.minimum(left, fits)
        if i != j and not axes.out_of_area[j]:
            people = np.minimum(people, self._accepting(t, g, i, j))
        self.bought[:, i, j, g, t] += people
        self.bought_in[:, j, g, weeks] += people[:, None] * shares
        left -= people

    def plan(self) -> Solution:
        """The bookings with whole parts of people."""

        def whole(people: Floats) -> NDArray[np.int64]:
            return np.floor(people * UNIT).astype(np.int64)

        flows = Flows(
            whole(self.booked),
            whole(self.bought),
            whole(self.helped),
            whole(self.waiting),
            whole(self.moved),
        )
        old = self.solution
        return Solution(old.offer, old.first, old.last, old.beds, flows)
