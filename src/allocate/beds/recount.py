"""People followed through each winter, and money counted again, from the question and the plan.

Nothing here is shared with the program: the weeks of stays, the yields of beds and the prices of
stays are worked out once more from the tables, another way.
"""

from __future__ import annotations

from fractions import Fraction
from functools import cached_property

import numpy as np

from allocate.beds.axes import SOURCES
from allocate.beds.instance import Instance
from allocate.beds.payers import COUNCIL, NHS
from allocate.beds.solution import UNIT, Flows, Solution
from allocate.units import THOUSAND, Ints

HALF = Fraction(1, 2)
FNC_WITHIN, FNC_ON_TOP = 1, 2


class Recount:
    """What a plan comes to, winter by winter.

    Parameters
    ----------
    instance, solution
        The question and the plan. Without flows nobody goes anywhere.
    """

    def __init__(self, instance: Instance, solution: Solution) -> None:
        self.instance, self.plan = instance, solution
        self.samples = len(instance.winters.ids)
        self.zones, self.care, self.weeks = instance.axes.shape
        self.counted = solution.flows is not None

    @cached_property
    def flows(self) -> Flows:
        """Where people go; all nought where nothing is known of it."""
        if self.plan.flows is not None:
            return self.plan.flows
        z, g, t, s = self.zones, self.care, self.weeks, self.samples
        services = len(self.instance.market.alternatives.names)

        def none(*shape: int) -> Ints:
            return np.zeros((s, *shape), dtype=np.int64)

        return Flows(
            none(z, z, g, t), none(z, z, g, t), none(z, services, t), none(z, g, t), none(z, g, t)
        )

    # ------------------------------------------------------------------------------------- beds

    @cached_property
    def _lost(self) -> list[dict[tuple[int, int], tuple[int, bool]]]:
        """For each winter, thousandths lost by home and week, and whether they are paid."""
        found: list[dict[tuple[int, int], tuple[int, bool]]] = [{} for _ in range(self.samples)]
        for closure in self.instance.winters.closures:
            for week in range(closure.first, closure.last + 1):
                at, lost = (closure.home, week), found[closure.winter]
                if at not in lost or closure.lost > lost[at][0]:
                    lost[at] = closure.lost, closure.paid
        return found

    def _per_bed(self, offer: int, lost: int) -> int:
        """Thousandths of a bed that people can be in."""
        offers, stays = self.instance.offers, self.instance.stays
        weeks = Fraction(sum(stays.there[offers.care[offer]].tolist()), THOUSAND)
        empty = Fraction(int(offers.turnaround[offer]), THOUSAND) / 7
        in_use = weeks / (weeks + empty) * Fraction(int(offers.usable[offer]), THOUSAND)
        return int(in_use * Fraction(THOUSAND - lost, THOUSAND) * THOUSAND)

    def room(self, before_end: int = 0) -> Ints:
        """Beds that can be used, in thousandths of parts of a person, (S, Z, G, T).

        Parameters
        ----------
        before_end
            Count only bookings that last so many weeks longer.
        """
        table = np.zeros((self.samples, self.zones, self.care, self.weeks), dtype=np.int64)
        plan, offers = self.plan, self.instance.offers
        for o, a, b, beds in zip(plan.offer, plan.first, plan.last, plan.beds, strict=True):
            zone, care, home = offers.zone[o], offers.care[o], int(offers.home[o])
            whole = self._per_bed(o, 0)
            for t in range(a, b - before_end + 1):
                table[:, zone, care, t] += whole * beds * UNIT
            for s, lost in enumerate(self._lost):
                for (h, t), (share, _) in lost.items():
                    if h == home and a <= t <= b - before_end:
                        less = whole - self._per_bed(o, share)
                        table[s, zone, care, t] -= less * beds * UNIT
        return table

    def pace(self) -> Ints:
        """People whom the homes booked admit in a week, in thousandths of parts, (Z, G, T)."""
        table = np.zeros((self.zones, self.care, self.weeks), dtype=np.int64)
        plan, offers = self.plan, self.instance.offers
        for o, a, b, beds in zip(plan.offer, plan.first, plan.last, plan.beds, strict=True):
            home = offers.home[o]
            of_home = int(self.instance.homes.pace[home])
            shared = sum(offers.home == home)
            each = int(beds) * THOUSAND if of_home < 0 else of_home * THOUSAND // shared
            table[offers.zone[o], offers.care[o], a : b + 1] += each * UNIT
        return table

    def vacant(self) -> Ints:
        """Vacant beds that bookings leave, in thousandths of parts of a person, (S, Z, G, T)."""
        left = self.instance.winters.beds.copy()
        plan, offers = self.plan, self.instance.offers
        for o, a, b, beds in zip(plan.offer, plan.first, plan.last, plan.beds, strict=True):
            if not offers.extra[o]:
                left[:, offers.zone[o], offers.care[o], a : b + 1] -= beds
        return left * (THOUSAND * UNIT)

    # ------------------------------------------------------------------------------------- people

    def _there(self, admitted: Ints) -> Ints:
        """People in their bed week by week, in thousandths, from admissions, (S, Z, G, T)."""
        there = np.zeros_like(admitted)
        for t in range(self.weeks):
            for since in range(min(t + 1, self.instance.stays.weeks)):
                share = self.instance.stays.there[:, since]
                there[..., t] += admitted[..., t - since] * share[None, None, :]
        return there

    def admitted(self) -> Ints:
        """People admitted to booked beds, in thousandths of parts, (S, Z, G, T)."""
        return self.flows.booked.sum(axis=1) * THOUSAND

    @cached_property
    def _in_booked(self) -> Ints:
        return self._there(self.flows.booked.sum(axis=1)) - self.flows.moved * THOUSAND

    def in_booked(self) -> Ints:
        """People in booked beds, those moved taken off, in thousandths of parts, (S, Z, G, T)."""
        return self._in_booked

    def in_bought(self) -> Ints:
        """People in beds bought one by one or moved there, in thousandths of parts."""
        return self._there(self.flows.bought.sum(axis=1)) + self.flows.moved * THOUSAND

    def uncounted(self) -> Ints:
        """People lost, found twice, or helped beyond what there is, in thousandths, (S,Z,G,T)."""
        flows, instance = self.flows, self.instance
        if not self.counted:
            return np.zeros((self.samples, self.zones, self.care, self.weeks), dtype=np.int64)
        placed = flows.booked.sum(axis=2) + flows.bought.sum(axis=2)
        others = instance.market.alternatives
        over = np.zeros_like(placed)
        came = np.cumsum(instance.winters.arrivals, axis=-1) + instance.backlog[None, :, :, None]
        for n in range(len(others.names)):
            g = others.need[n]
            placed[:, :, g] += flows.helped[:, :, n]
            beyond = flows.helped[:, :, n].sum(axis=1) * THOUSAND - others.capacity[n] * UNIT
            over[:, 0, g] += np.maximum(beyond, 0)
            so_far = np.cumsum(flows.helped[:, :, n], axis=-1) * THOUSAND
            over[:, :, g] += np.maximum(so_far - came[:, :, g] * others.suits[n] * UNIT, 0)
        left = came * UNIT - np.cumsum(placed, axis=-1)
        return over + np.abs(left - flows.waiting) * THOUSAND

    def against_choice(self) -> Ints:
        """People admitted beyond those who accept it, in thousandths, (S, Z, Z, G, T)."""
        instance, flows = self.instance, self.flows
        came = np.cumsum(instance.winters.arrivals, axis=-1) + instance.backlog[None, :, :, None]
        over = np.zeros_like(flows.booked)
        for i in range(self.zones):
            for j in range(self.zones):
                if instance.axes.out_of_area[j]:
                    continue
                went = flows.booked[:, i, j] + (flows.bought[:, i, j] if i != j else 0)
                accept = came[:, i] * instance.market.interim[i, j][None, :, None] * UNIT
                over[:, i, j] = np.cumsum(went, axis=-1) * THOUSAND - accept
        return over

    # ------------------------------------------------------------------------------------- money

    @cached_property
    def _booked_ahead(self) -> list[int]:
        """Pence of each source for all bookings, nothing taken off."""
        total = [0] * len(SOURCES)
        plan, offers = self.plan, self.instance.offers
        for o, a, b, beds in zip(plan.offer, plan.first, plan.last, plan.beds, strict=True):
            each = self._bed(int(o), range(int(a), int(b) + 1))
            total = [x + int(beds) * y for x, y in zip(total, each, strict=True)]
            total[COUNCIL] += int(offers.fixed[o])
        return total

    def booked_ahead(self) -> list[int]:
        """Pence of each source for all bookings."""
        return self._booked_ahead

    def _bed(self, offer: int, weeks: range) -> list[int]:
        """Pence of each source for one bed over some weeks."""
        payers, offers = self.instance.payers, self.instance.offers
        rate, nursing = int(offers.rate[offer]), 0
        if offers.fnc[offer] == FNC_WITHIN:
            nursing = min(payers.fnc, rate)
            rate -= nursing
        elif offers.fnc[offer] == FNC_ON_TOP:
            nursing = payers.fnc
        shares = payers.share[:, offers.care[offer]]
        exact = [Fraction(rate * sum(shares[p, t] for t in weeks), THOUSAND) for p in range(3)]
        parts = [int(part + HALF) for part in exact]
        others = sum(parts) - parts[COUNCIL]
        parts[COUNCIL] = rate * len(weeks) - others
        parts[NHS] += nursing * len(weeks)
        return parts

    @cached_property
    def _booking_cash(self) -> list[list[Fraction]]:
        found = []
        plan, offers, payers = self.plan, self.instance.offers, self.instance.payers
        for lost in self._lost:
            cash = list(self._booked_ahead)
            for o, a, b, beds in zip(plan.offer, plan.first, plan.last, plan.beds, strict=True):
                for (home, t), (share, _) in self._unpaid(lost).items():
                    if home == offers.home[o] and a <= t <= b:
                        back = int(offers.rate[o]) * share // THOUSAND
                        parts = payers.share[:, offers.care[o], t] * back // THOUSAND
                        parts[COUNCIL] = back - sum(parts) + parts[COUNCIL]
                        cash = [x - int(beds * y) for x, y in zip(cash, parts, strict=True)]
            found.append([Fraction(x) for x in cash])
        return found

    def _unpaid(
        self, lost: dict[tuple[int, int], tuple[int, bool]]
    ) -> dict[tuple[int, int], tuple[int, bool]]:
        """Weeks that need not be paid for."""
        return {at: (share, paid) for at, (share, paid) in lost.items() if not paid}

    def booking_cash(self) -> list[list[Fraction]]:
        """Pence of each source for bookings in each winter, less what need not be paid."""
        return self._booking_cash

    @cached_property
    def stay(self) -> dict[str, Ints]:
        """Pence of each source for a stay that begins in a week, worked out from its weeks."""
        z, g, t = self.zones, self.care, self.weeks
        spot = np.zeros((len(SOURCES), z, g, t), dtype=np.int64)
        booked = np.zeros((len(SOURCES), z, z, g, t), dtype=np.int64)
        moved = np.zeros_like(spot)
        services = len(self.instance.market.alternatives.names)
        helped = np.zeros((len(SOURCES), services, t), dtype=np.int64)
        for j, c, week in np.ndindex(z, g, t):
            spot[:, j, c, week] = self._pence(self._stay(j, c, week, 0), self._after(j, c, week))
            beyond = self._stay(j, c, week, t - week)
            moved[:, j, c, week] = self._pence(self._week(j, c, week, 0, forever=True), Fraction(0))
            for i in range(z):
                keeps = Fraction(int(self.instance.market.permanent[i, j, c]), THOUSAND)
                mixed = keeps * self._after(j, c, week) + (1 - keeps) * self._after(i, c, week)
                booked[:, i, j, c, week] = self._pence(beyond, self._millionth(mixed))
        for n, week in np.ndindex(services, t):
            helped[:, n, week] = self._pence(self._service(n, week), Fraction(0))
        return {"spot": spot, "booked": booked, "moved": moved, "helped": helped}

    def _millionth(self, amount: Fraction) -> Fraction:
        """Round a mixed price half up to the millionth of a penny, as prices are counted."""
        million = THOUSAND * THOUSAND
        return Fraction(int(amount * million + HALF), million)

    def _pence(self, parts: list[Fraction], council: Fraction) -> list[int]:
        return [int(x + (council if p == COUNCIL else 0) + HALF) for p, x in enumerate(parts)]

    def _price(self, zone: int, care: int, week: int) -> int:
        """Pence of a bed bought one by one in a week; where none is sold, of the dearest zone."""
        rates = self.instance.market.rate[:, care, min(week, self.weeks - 1)]
        return int(rates[zone]) if rates[zone] >= 0 else int(rates.max())

    def _week(
        self, zone: int, care: int, week: int, in_stay: int, *, forever: bool = False
    ) -> list[Fraction]:
        """A week of a bed bought one by one, shared out among sources."""
        return self._shared(self._price(zone, care, week), care, week, in_stay, forever)

    def _shared(
        self, amount: int, care: int, week: int, in_stay: int, forever: bool
    ) -> list[Fraction]:
        payers = self.instance.payers
        share = payers.share[:, care, min(week, self.weeks - 1)]
        parts = [Fraction(amount * int(x), THOUSAND) for x in share]
        for p in range(len(SOURCES)):
            if p != COUNCIL and not forever and in_stay >= payers.weeks_of_stay[p, care]:
                parts[COUNCIL], parts[p] = parts[COUNCIL] + parts[p], Fraction(0)
        return parts

    def _stay(self, zone: int, care: int, week: int, since: int) -> list[Fraction]:
        """The weeks of a stay from so many weeks after admission, shared out."""
        total = [Fraction(0)] * len(SOURCES)
        for w in range(since, self.instance.stays.weeks):
            there = Fraction(int(self.instance.stays.there[care, w]), THOUSAND)
            parts = self._week(zone, care, week + w, w)
            total = [x + there * y for x, y in zip(total, parts, strict=True)]
        return total

    def _service(self, service: int, week: int) -> list[Fraction]:
        others, total = self.instance.market.alternatives, [Fraction(0)] * len(SOURCES)
        care, rate = int(others.need[service]), int(others.rate[service])
        for w in range(self.instance.stays.weeks):
            there = Fraction(int(self.instance.stays.there[care, w]), THOUSAND)
            parts = self._shared(rate, care, week + w, w, False)
            total = [x + there * y for x, y in zip(total, parts, strict=True)]
        return total

    def _after(self, zone: int, care: int, week: int) -> Fraction:
        """Living in a care home for good, to the last week of the winter."""
        total, stays = Fraction(0), self.instance.stays
        for t in range(week + 1, self.weeks):
            w = t - week
            there = int(stays.there[care, w]) if w < stays.weeks else 0
            gone = Fraction((THOUSAND - there) * int(stays.for_good[care]), THOUSAND * THOUSAND)
            total += gone * self._price(zone, care, t)
        return total

    @cached_property
    def _cash_by_source(self) -> list[list[Fraction]]:
        """Pence of each source in each winter after the bookings."""
        flows, stay, last = self.flows, self.stay, self.weeks - 1
        found = []
        for s in range(self.samples):
            cash = []
            for p in range(len(SOURCES)):
                parts = int((flows.booked[s] * stay["booked"][p]).sum())
                parts += int((flows.bought[s] * stay["spot"][p][None]).sum())
                parts += int((flows.moved[s] * stay["moved"][p]).sum())
                parts += int((flows.helped[s] * stay["helped"][p][None]).sum())
                parts += int((flows.waiting[s, ..., last] * stay["spot"][p][..., last]).sum())
                cash.append(Fraction(parts, UNIT))
            found.append(cash)
        return found

    def after_winter(self, winter: int, source: int) -> Fraction:
        """Pence of a source for stays of those who still wait at the end of a winter."""
        ends = self.stay["spot"][source][..., -1]
        return Fraction(int((self.flows.waiting[winter, ..., -1] * ends).sum()), UNIT)

    def people_cash(self) -> list[list[Fraction]]:
        """Pence of each source in each winter, for people: bookings and those there apart."""
        return self._cash_by_source

    def cash_by_source(self) -> list[list[Fraction]]:
        """Pence of each source in each winter in all."""
        return [
            [a + b + int(c) for a, b, c in zip(people, booked, self.instance.started, strict=True)]
            for people, booked in zip(self._cash_by_source, self._booking_cash, strict=True)
        ]

    @cached_property
    def _of_winters(self) -> dict[str, list[Fraction]]:
        flows, instance, last = self.flows, self.instance, self.weeks - 1
        tail = int(instance.parameters["tail_weeks"])
        move = np.zeros((self.zones, self.zones, self.care), dtype=np.int64)
        for i, j, g in np.ndindex(move.shape):
            refuse = Fraction(THOUSAND - int(instance.market.permanent[i, j, g]), THOUSAND)
            move[i, j, g] = int(int(instance.stays.for_good[g]) * refuse + HALF)
        found: dict[str, list[Fraction]] = {
            name: []
            for name in ("cash", "waiting", "substitutes", "moved", "moves_on", "distance", "voids")
        }
        room, inside = self.room(), self.in_booked()
        for s in range(self.samples):
            admitted = flows.booked[s].sum(axis=-1) + flows.bought[s].sum(axis=-1)
            waits = int(flows.waiting[s].sum()) + tail * int(flows.waiting[s, ..., last].sum())
            weight = instance.market.alternatives.weight
            of = flows.helped[s].sum(axis=(0, 2))
            leaves = (flows.booked[s].sum(axis=-1) * move).sum()
            km = (admitted.sum(axis=-1) * instance.market.km).sum()
            found["cash"].append(sum(self._cash_by_source[s], Fraction()) / 100)
            found["waiting"].append(Fraction(waits, UNIT))
            found["substitutes"].append(Fraction(int((of * weight).sum()), UNIT * THOUSAND))
            found["moved"].append(Fraction(int(flows.moved[s].sum()), UNIT))
            found["moves_on"].append(Fraction(int(leaves), UNIT * THOUSAND))
            found["distance"].append(Fraction(int(km), UNIT))
            void = int((room[s] - inside[s]).sum())
            found["voids"].append(Fraction(void, UNIT * THOUSAND))
        return found

    def of_winters(self) -> dict[str, list[Fraction]]:
        """Each term within each winter, in its unit."""
        return self._of_winters
