"""The least cost of dealing each place to one thing, asked again and again with small changes.

Loaded only inside a worker. A linear program over holdings that learns of those it lacks (P.
Gilmore, R. Gomory, A linear programming approach to the cutting stock problem, Operations Research
9, 1961) yields prices of places. With prices in whole steps every choice costs at least a sum that
anybody can add up again, and holdings that can be in a choice within so much of it are listed
(R. Baldacci, N. Christofides, A. Mingozzi, An exact algorithm for the vehicle routing problem,
Mathematical Programming 115, 2008) and tried (``dealing.py``). What is allowed on top of the sum is
doubled until there is a choice: then the best is among those tried.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import highspy
import numpy as np
from scipy import sparse

from allocate.core.allotment import Allotment, Ask, Asks, Least, Limit
from allocate.core.dealing import Deal, deal
from allocate.core.highs import QUIET, rows_and_columns
from allocate.core.holdings import FAR, NOTHING, gathered
from allocate.core.outcome import Report, Stopped
from allocate.core.program import FREE
from allocate.units import Floats, Ints

ROUNDS = 200
HAIR = 1e-7  # of the dearest thing: a holding that is worth less brings nothing
FIRST = 2_000  # part of the bound that is allowed on top at first
HOLDINGS, WORK = 20_000, 100_000_000  # before a question is left open


class HoldingChoice:
    """A program over holdings, kept from question to question.

    Parameters
    ----------
    allotment
        What is to be dealt.
    """

    def __init__(self, allotment: Allotment) -> None:
        self._places, self._holders = allotment.member.shape[1], len(allotment.things)
        self._take(allotment)
        self._pool: list[tuple[int, Ints]] = []
        self._known: set[tuple[int, ...]] = set()
        self._solver = self._empty()

    def _take(self, allotment: Allotment) -> None:
        """Take over what things cost."""
        self.allotment, cost = allotment, allotment.cost
        dearest = np.where(allotment.member, cost[:, None], 0).max(axis=0, initial=0)
        self._worst = int(dearest.sum())  # no choice costs more
        # Sums of prices and of worths stay exact as floats.
        self._scale = 1 << max(0, 50 - max(1, self._worst * (self._places + 2)).bit_length())
        self._unit = float(max(1, cost.max(initial=0)))

    @property
    def _open(self) -> float:
        """What a place costs that is left open, in the solver's units: more than any choice."""
        return 2.0 * self._worst / self._unit + 1

    def recost(self, allotment: Allotment) -> bool:
        """Go on with other costs of the same things; whether they are the same."""
        if not allotment.same_but_cost(self.allotment):
            return False
        self._take(allotment)
        paid = [float(allotment.cost[t].sum()) / self._unit for _, t in self._pool]
        open_ = self._places + len(allotment.sides)
        columns = np.arange(open_ + len(paid), dtype=np.int32)
        self._solver.changeColsCost(len(columns), columns, np.array([self._open] * open_ + paid))
        return True

    def _empty(self) -> Any:
        """A program that leaves places and side rows open at a price that no choice reaches."""
        places, holders, sides = self._places, self._holders, self.allotment.sides
        signs = np.array([-1.0 if side.low <= -FREE else 1.0 for side in sides])
        none: Any = sparse.csr_array((holders, places + len(sides)))
        rows = places + len(sides)
        open_: Any = sparse.diags_array(np.concatenate([np.ones(places), signs]), format="csr")
        open_ = sparse.vstack([open_[:places], none, open_[places:]], format="csr")
        infinity = highspy.kHighsInf
        low = [-infinity if side.low <= -FREE else float(side.low) for side in sides]
        high = [infinity if side.high >= FREE else float(side.high) for side in sides]
        model = rows_and_columns(
            open_,
            np.full(rows, self._open),
            np.zeros(rows),
            np.full(rows, infinity),
            np.concatenate([np.ones(places), np.zeros(holders), low]),
            np.concatenate([np.ones(places + holders), high]),
        )
        solver = highspy.Highs()
        for name, value in (QUIET | {"presolve": "off"}).items():
            solver.setOptionValue(name, value)
        solver.passModel(model)
        return solver

    def answer(self, ask: Ask, ends: float) -> Least:
        """Answer a question; what is not known by the end is said to be not known."""
        barred = np.zeros(len(self.allotment.holder), dtype=bool)
        barred[list(ask.without)] = True
        needed = np.zeros(self._holders, dtype=bool)
        if ask.within >= 0:
            holder, free = int(self.allotment.holder[ask.within]), np.zeros_like(barred, dtype=int)
            needed[holder] = True
            alone, _ = gathered(self.allotment, holder, free, 0, 0, forced=ask.within)
            if not alone:  # its holder may not even have it by itself
                return Least((), None, self._worst, False, True)
            self._learn(alone, holder)
        self._between(barred, ask.within, needed)
        bound, prices = self._priced(barred, ask.within, ends)
        if prices is None:
            return Least((), None, 0, None, False)
        if bound > self._worst * self._scale:
            return Least((), None, self._worst, False, True)
        return self._tried(ask, barred, needed, bound, prices, ends)

    def _between(self, barred: Any, within: int, needed: Any) -> None:
        """Close holdings that a question does not allow."""
        upper = np.ones(len(self._pool))
        for n, (h, things) in enumerate(self._pool):
            lacks = within >= 0 and needed[h] and within not in things
            upper[n] = 0.0 if lacks or barred[things].any() else 1.0
        first = self._places + len(self.allotment.sides)
        columns = np.arange(first, first + len(upper), dtype=np.int32)
        self._solver.changeColsBounds(len(upper), columns, np.zeros(len(upper)), upper)
        for h in range(self._holders):
            self._solver.changeRowBounds(self._places + h, float(needed[h]), 1.0)

    def _learn(self, holdings: Sequence[Ints], holder: int) -> int:
        """Add holdings that are not known; returns how many are new."""
        allotment, places, new = self.allotment, self._places, 0
        for things in holdings:
            key = tuple(things.tolist())
            if key in self._known:
                continue
            self._known.add(key)
            self._pool.append((int(holder), things))
            new += 1
            taken = np.flatnonzero(allotment.member[things].any(axis=0))
            side = [float(one.amount[things].sum() + one.each) for one in allotment.sides]
            rows = [*taken.tolist(), places + int(holder)]
            values = [1.0] * len(rows)
            for number, amount in enumerate(side):
                if amount:
                    rows.append(places + self._holders + number)
                    values.append(amount)
            self._solver.addCol(
                float(allotment.cost[things].sum()) / self._unit,
                0.0,
                1.0,
                len(rows),
                np.array(rows, dtype=np.int32),
                np.array(values),
            )
        return new

    def _priced(self, barred: Any, within: int, ends: float) -> tuple[int, Ints | None]:
        """Find prices, and what they prove in scaled steps; None where time ran out at once."""
        best, kept = -FAR, None
        for _ in range(ROUNDS):
            if time.monotonic() > ends:
                break
            self._solver.run()
            if self._solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
                break
            dual = np.asarray(self._solver.getSolution().row_dual) * self._unit
            prices = self._whole(dual)
            bound, new = self._bound(prices, barred, within, dual)
            if bound > best:
                best, kept = bound, prices
            if not new:
                break
        return best, kept

    def _whole(self, dual: Floats) -> Ints:
        """Prices of places and side rows in whole scaled steps, those of side rows of one sign."""
        kept = np.concatenate([dual[: self._places], dual[self._places + self._holders :]])
        prices = np.rint(kept * self._scale).astype(np.int64)
        for number, side in enumerate(self.allotment.sides, start=self._places):
            if side.low <= -FREE:
                prices[number] = min(0, prices[number])
            if side.high >= FREE:
                prices[number] = max(0, prices[number])
        return prices

    def _worth(self, prices: Ints, barred: Any) -> tuple[Ints, int, int]:
        """Worth of each thing and of having any by prices; and what prices come to."""
        allotment, places = self.allotment, self._places
        profit = allotment.member.astype(np.int64) @ prices[:places]
        profit -= allotment.cost * self._scale
        entry, paid = 0, int(prices[:places].sum())
        for price, side in zip(prices[places:].tolist(), allotment.sides, strict=True):
            profit += side.amount * price
            entry += side.each * price
            paid += price * (side.low if price > 0 else side.high) if price else 0
        return np.where(barred, -2 * FAR, profit), entry, paid

    def _bound(self, prices: Ints, barred: Any, within: int, dual: Floats) -> tuple[int, int]:
        """What prices prove, and how many holdings were learnt that the program lacks."""
        profit, entry, bound = self._worth(prices, barred)
        new, hair, proven = 0, int(HAIR * self._unit * self._scale), True
        for h in range(self._holders):
            forced = self._forced(h, within)
            found, whole = gathered(
                self.allotment,
                h,
                profit,
                entry,
                1 if forced < 0 else -FAR,
                forced=forced,
                best=True,
            )
            proven &= whole  # what is best is not known where the walk was cut short
            if not found and whole:
                if forced >= 0:
                    return 2 * self._worst * self._scale, 0
                continue
            if not found:
                continue
            worth = entry + int(profit[found[-1]].sum())
            bound -= worth
            if worth > -dual[self._places + h] * self._scale + hair:
                new += self._learn(found[-1:], h)
        return bound if proven else -FAR, new

    def _forced(self, holder: int, within: int) -> int:
        mine = within >= 0 and self.allotment.holder[within] == holder
        return within if mine else -1

    def _tried(
        self, ask: Ask, barred: Any, needed: Any, bound: int, prices: Ints, ends: float
    ) -> Least:
        """List and try holdings, allowing more and more on top of the bound."""
        scale, worst = self._scale, self._worst
        profit, entry, paid = self._worth(prices, barred)
        top = max(bound // FIRST, scale)
        while True:
            what = None
            if time.monotonic() < ends:
                what = self._listed(profit, entry, needed, ask.within, top)
            if what is None:
                return Least((), None, max(0, -(-bound // scale)), None, False)
            found, cost, whole = deal(
                what[0], paid, bound + top, ties=ask.most > 1, most=ask.most, work=WORK
            )
            if found:
                best = self._names(found, what[1])
                least = cost // scale if whole else -(-bound // scale)
                return Least(best, cost // scale, least, True, whole)
            if not whole:
                return Least((), None, max(0, -(-bound // scale)), None, False)
            if bound + top >= worst * scale:
                return Least((), None, worst, False, True)
            bound, top = bound + top + 1, 2 * top

    def _listed(
        self, profit: Ints, entry: int, needed: Any, within: int, top: int
    ) -> tuple[Deal, list[Ints]] | None:
        """List holdings that can be in a choice within so much of the bound; None if too many."""
        allotment, listed, holder = self.allotment, list[Ints](), list[int]()
        for h in range(self._holders):
            forced = self._forced(h, within)
            least = 0 if forced < 0 else -FAR
            best, whole = gathered(allotment, h, profit, entry, least + 1, forced=forced, best=True)
            most = entry + int(profit[best[-1]].sum()) if best else 0
            found, all_ = gathered(
                allotment, h, profit, entry, most - top, forced=forced, most=HOLDINGS - len(listed)
            )
            if not (whole and all_):
                return None
            listed += found
            holder += [h] * len(found)
        rows = [allotment.member[things].any(axis=0) for things in listed]
        side = [
            [int(one.amount[things].sum()) + one.each for one in allotment.sides]
            for things in listed
        ]
        number = len(listed)
        return Deal(
            np.array(rows, dtype=bool).reshape(number, self._places),
            np.array(holder, dtype=np.int64),
            np.array([entry + int(profit[t].sum()) for t in listed], dtype=np.int64),
            np.array([int(allotment.cost[t].sum()) for t in listed], dtype=np.int64) * self._scale,
            needed,
            np.array(side, dtype=np.int64).reshape(number, len(allotment.sides)),
            np.array([one.low for one in allotment.sides], dtype=np.int64),
            np.array([one.high for one in allotment.sides], dtype=np.int64),
        ), listed

    def _names(self, found: Sequence[Ints], listed: Sequence[Ints]) -> tuple[tuple[int, ...], ...]:
        chosen = (np.concatenate([NOTHING, *(listed[n] for n in one)]) for one in found)
        return tuple(sorted(tuple(np.sort(things).tolist()) for things in chosen))


_kept: list[HoldingChoice] = []  # the last one: the next task is often about the same things


def ready() -> None:
    """Load compiled loops, which takes a moment; compiled once, much longer."""
    if not _loaded:
        _loaded.append(True)
        two = np.arange(2, dtype=np.int64)
        small = Allotment(
            np.eye(2, dtype=bool), two, two, np.zeros((2, 2), dtype=bool), (Limit(two, two, two),)
        )
        HoldingChoice(small).answer(Ask(within=1), time.monotonic() + 3600)


_loaded: list[bool] = []


def solve(task: Asks, report: Report, stopped: Stopped) -> list[Least]:
    """Answer questions in order, as far as time goes.

    Parameters
    ----------
    task
        What is asked.
    report
        Called with how many are answered, in the place of a best value.
    stopped
        Asked before each question.
    """
    ready()
    ends = time.monotonic() + task.seconds
    if not (_kept and _kept[0].recost(task.allotment)):
        _kept[:] = [HoldingChoice(task.allotment)]
    choice, answers = _kept[0], list[Least]()
    for ask in task.asks:
        if stopped() or time.monotonic() > ends:
            break
        answers.append(choice.answer(ask, ends))
        report(None, float(len(answers)), None)
    return answers
