"""The part of the program that is the same in every winter: columns of people, and their rows.

Homes of a zone that give the same care are one: what people do depends on how many beds are booked
there, not in which home. The answer is split back to homes afterwards (``filled.py``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

from allocate.beds.axes import SOURCES
from allocate.beds.instance import Instance
from allocate.beds.market import NO_RATE
from allocate.beds.prices import booking_prices
from allocate.beds.winters import Closure
from allocate.beds.yields import by_winter, lost_weeks, refund, usable
from allocate.core.program import FREE
from allocate.core.two_stage import Tail, TwoStage
from allocate.units import THOUSAND, Ints

if TYPE_CHECKING:
    from allocate.beds.formulation import Draft

Thing = tuple[str, int, int, int]  # what is booked: of what kind, zone, care type, week


@dataclass(frozen=True)
class Block:
    """Columns of one kind: where they stand, and the positions that each is about, (N, axes)."""

    start: int
    about: Ints

    @property
    def columns(self) -> Ints:
        """Positions of the columns."""
        return np.arange(self.start, self.start + len(self.about))


class WinterProgram:
    """Columns and rows of one winter; only right-hand sides differ from winter to winter.

    Parameters
    ----------
    instance
        The question.
    offer, first, last
        Windows that may be booked.
    """

    def __init__(self, instance: Instance, offer: Ints, first: Ints, last: Ints) -> None:
        self.instance, self.size = instance, 0
        axes, market = instance.axes, instance.market
        zones, care, weeks = axes.shape
        self.bookable = np.zeros(axes.shape, dtype=bool)
        for o, a, b in zip(offer.tolist(), first.tolist(), last.tolist(), strict=True):
            self.bookable[instance.offers.zone[o], instance.offers.care[o], a : b + 1] = True
        come = (instance.winters.arrivals.sum(axis=(0, 3)) + instance.backlog) > 0
        who = [(i, g) for i in range(zones) for g in range(care) if come[i, g]]
        who = who or [(int(np.argmin(axes.out_of_area)), 0)]  # a winter in which nobody comes
        out, sold = axes.out_of_area, (market.rate != NO_RATE).any(axis=-1)
        accepts = market.interim > 0

        def may_buy(i: int, j: int, g: int) -> bool:
            return bool(sold[j, g] and (i == j or out[j] or accepts[i, j, g]))

        over = range(weeks)
        self.booked = self._columns(
            (i, j, g, t)
            for i, g in who
            for j in range(zones)
            for t in over
            if accepts[i, j, g] and self.bookable[j, g, t]
        )
        self.bought = self._columns(
            (i, j, g, t) for i, g in who for j in range(zones) if may_buy(i, j, g) for t in over
        )
        self.helped = self._columns(
            (i, n, g, t)
            for i, g in who
            for n in np.flatnonzero(market.alternatives.need == g)
            for t in over
        )
        self.waiting = self._columns((i, g, t) for i, g in who for t in over)
        self.moved = self._columns(
            (j, g, t)
            for j in range(zones)
            for g in range(care)
            if self.bookable[j, g].any()
            for t in over
        )
        self.things: dict[Thing, int] = {}
        self._matrix: list[tuple[int, int, int]] = []
        self._link: list[tuple[int, int, int]] = []
        self._rhs: list[Any] = []
        self._equal: list[bool] = []
        self.room: list[int] = []  # row in which each column of moved people counts as room

    def _columns(self, about: Any) -> Block:
        table = np.array(list(about), dtype=np.int64)
        block = Block(self.size, table)
        self.size += len(table)
        return block

    def row(
        self,
        entries: list[tuple[Ints, Any]],
        low: Any,
        booked: list[tuple[Thing, int]] | None = None,
        *,
        equal: bool = False,
    ) -> int:
        """Add a row: ``sum of coef x column + sum of coef x booked >= low``.

        Parameters
        ----------
        entries
            Columns and their coefficients, one or as many.
        low
            Right-hand side, one or one a winter.
        booked
            Things booked and their coefficients.
        equal
            Whether it holds with equality.

        Returns
        -------
        int
            Its position.
        """
        r = len(self._rhs)
        for columns, coef in entries:
            spread = np.broadcast_to(np.asarray(coef, dtype=np.int64), columns.shape)
            pairs = zip(columns.tolist(), spread.tolist(), strict=True)
            self._matrix += [(r, column, c) for column, c in pairs if c]
        for thing, coef in booked or []:
            at = self.things.setdefault(thing, len(self.things))
            self._link.append((r, at, coef))
        self._rhs.append(np.broadcast_to(np.asarray(low), (len(self.instance.winters.ids),)))
        self._equal.append(equal)
        return r

    def there(self, block: Block, where: dict[int, int], week: int) -> list[tuple[Ints, Ints]]:
        """People of a block who are in their bed in a week: columns, and thousandths of each.

        Parameters
        ----------
        block
            Admissions: its last axes are care type and week.
        where
            Positions to keep, by axis.
        week
            The week looked at.
        """
        if not len(block.about):
            return []
        since = week - block.about[:, -1]
        mask = (since >= 0) & (since < self.instance.stays.weeks)
        for axis, position in where.items():
            mask &= block.about[:, axis] == position
        share = self.instance.stays.there[block.about[mask, -2], since[mask]]
        return [(block.columns[mask], share)]

    def chosen(self, block: Block, where: dict[int, int], up_to: int | None = None) -> Ints:
        """Columns of a block by positions; with ``up_to``, all weeks up to it."""
        if not len(block.about):
            return np.zeros(0, dtype=np.int64)
        mask = np.ones(len(block.about), dtype=bool)
        for axis, position in where.items():
            mask &= block.about[:, axis] == position
        if up_to is not None:
            mask &= block.about[:, -1] <= up_to
        return block.columns[mask]

    def prices(self, weights: Mapping[str, Fraction]) -> list[Fraction]:
        """Points of one person in each column."""
        instance = self.instance
        prices, market = instance.prices, instance.market
        cash = weights.get("cash", Fraction(0)) / 100

        def weight(term: str) -> Fraction:
            return weights.get(term, Fraction(0))

        cost = []
        for i, j, g, t in self.booked.about.tolist():
            moves = Fraction(instance.moves_on(i, j, g), THOUSAND)
            paid = cash * int(prices.booked[:, i, j, g, t].sum())
            far = weight("distance") * int(market.km[i, j])
            cost.append(paid + far + weight("moves_on") * moves)
        for i, j, g, t in self.bought.about.tolist():
            paid = cash * int(prices.spot[:, j, g, t].sum())
            cost.append(paid + weight("distance") * int(market.km[i, j]))
        for _, n, _, t in self.helped.about.tolist():
            weeks = Fraction(int(market.alternatives.weight[n]), THOUSAND)
            paid = cash * int(prices.alternative[:, n, t].sum())
            cost.append(paid + weight("substitutes") * weeks)
        last, tail = len(instance.axes.starts) - 1, int(instance.parameters["tail_weeks"])
        for i, g, t in self.waiting.about.tolist():
            ends = t == last
            later = cash * int(prices.spot[:, i, g, t].sum()) if ends else Fraction(0)
            cost.append(weight("waiting") * (1 + ends * tail) + later)
        for j, g, t in self.moved.about.tolist():
            cost.append(cash * int(prices.moved[:, j, g, t].sum()) + weight("moved"))
        return cost

    def join(self, draft: Draft, prices: Ints, tail: Tail | None) -> TwoStage:
        """Join this to the bookings.

        Parameters
        ----------
        draft
            The bookings.
        prices
            Whole steps of one person in each column.
        tail
            What counts bad winters for more.
        """
        instance, rows = self.instance, len(self._rhs)
        ways: dict[tuple[Closure, ...], int] = {}
        of = []
        for closures in by_winter(instance):
            key = tuple(sorted((c.home, c.first, c.last, c.lost, c.paid) for c in closures))
            same = tuple(Closure(0, *part) for part in key)
            of.append(ways.setdefault(same, len(ways)))
        return TwoStage(
            first=draft.first,
            matrix=_sparse(self._matrix, (rows, self.size)),
            equal=np.array(self._equal, dtype=bool),
            price=prices,
            upper=np.full(self.size, FREE, dtype=np.int64),
            link=_sparse(self._link, (rows, len(self.things))),
            booked=tuple(self._booked(draft, ways)),
            of_sample=np.array(of, dtype=np.int64),
            rhs=np.stack(self._rhs, axis=1).astype(np.int64),
            weight=instance.winters.weight,
            tail=tail,
        )

    def _yields(self, draft: Draft, only: Iterable[int], closures: tuple[Closure, ...]) -> Ints:
        """What some windows yield under some closures: thing, column and amount, (N, 3)."""
        instance, offers = self.instance, self.instance.offers
        lost, unpaid = lost_weeks(closures), lost_weeks(closures, unpaid=True)
        entries: list[tuple[int, int, int]] = []
        over = int(float(instance.rules["last_admission"].value or 0))

        def put(thing: Thing, column: int, amount: int) -> None:
            at = self.things.get(thing)
            if at is not None and amount:
                entries.append((at, column, amount))

        for k in only:
            o, beds, book = int(draft.offer[k]), int(draft.beds[k]), int(draft.book[k])
            zone, care, home = int(offers.zone[o]), int(offers.care[o]), int(offers.home[o])
            last, pace, whole = int(draft.last_week[k]), int(offers.pace[o]), usable(instance, o)
            for t in range(int(draft.first_week[k]), last + 1):
                gone = lost.get((home, t), 0)
                share = usable(instance, o, gone) if gone else whole
                put(("usable", zone, care, t), beds, share)
                if t + over <= last:
                    put(("open", zone, care, t), beds, share)
                if not offers.extra[o]:
                    put(("taken", zone, care, t), beds, 1)
                if pace < 0:
                    put(("pace", zone, care, t), beds, THOUSAND)
                else:
                    put(("pace", zone, care, t), book, pace)
            for p in range(len(SOURCES)):
                back = sum(
                    refund(instance, o, t, share)[p]
                    for (h, t), share in unpaid.items()
                    if h == home and draft.first_week[k] <= t <= last
                )
                put(("cash", p, 0, 0), beds, int(self._paid[p, k]) - back)
            put(("cash", 0, 0, 0), book, int(offers.fixed[o]))
        return np.array(entries, dtype=np.int64).reshape(-1, 3)

    def _booked(self, draft: Draft, ways: Iterable[tuple[Closure, ...]]) -> Iterator[Any]:
        """What each column of the bookings yields of each thing, under each set of closures."""
        instance, size = self.instance, draft.first.size
        self._paid = booking_prices(
            instance.offers, instance.payers, draft.offer, draft.first_week, draft.last_week
        )
        every = range(len(draft.offer))
        open_ = self._yields(draft, every, ())
        home_of = np.zeros(size, dtype=np.int64)
        home_of[draft.beds] = home_of[draft.book] = draft.home
        for closures in ways:
            hit = {closure.home for closure in closures}
            windows = [k for k in every if int(draft.home[k]) in hit]
            stays = open_[~np.isin(home_of[open_[:, 1]], list(hit))]
            entries = np.concatenate([stays, self._yields(draft, windows, closures)])
            yield _sparse(entries, (len(self.things), size))


def _sparse(entries: Any, shape: tuple[int, int]) -> Any:
    table = np.asarray(entries, dtype=np.int64).reshape(-1, 3)
    return sparse.csr_matrix((table[:, 2], (table[:, 0], table[:, 1])), shape=shape)
