"""Better plans by changing one booking or two, judged by the pools before they are costed.

Vectors that are the best near a plan bound every sample after a change, and a change is tried only
where that bound is below the best plan: what is left in the end is a plan that no change looked at
makes better. Costing a plan in vain yields the vectors that show why.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from allocate.core.bookings import NONE, Bookings, bookings_of, holds, worth
from allocate.core.cuts import Pool
from allocate.core.stage import Stage
from allocate.core.two_stage_run import Run
from allocate.units import Floats, Ints

VECTORS = 16  # the best ones of each sample that a change is judged by
TRIED = 8  # plans costed in vain whose vectors are added to those
ADDED = 40  # of each part, the best bookings to add where another one is given up
LEAST = 1e-7  # relative: a smaller gain is none


@dataclass(frozen=True)
class Changes:
    """Changes of one booking, or of two, (changes,).

    Parameters
    ----------
    one, two
        Bookings; the second may be ``NONE``.
    one_more, one_on, two_more, two_on
        By how much their amounts and their switches change.
    """

    one: Ints
    one_more: Ints
    one_on: Ints
    two: Ints
    two_more: Ints
    two_on: Ints

    def __len__(self) -> int:
        return len(self.one)

    @property
    def table(self) -> Ints:
        """All of it, (changes, 6)."""
        return np.column_stack(self._arrays)

    @property
    def _arrays(self) -> tuple[Ints, ...]:
        return self.one, self.one_more, self.one_on, self.two, self.two_more, self.two_on

    def only(self, which: Ints) -> Changes:
        """Some of them."""
        return Changes(*(each[which] for each in self._arrays))

    def with_other(self, other: Changes) -> Changes:
        """Each of these with the first booking of another."""
        return replace(self, two=other.one, two_more=other.one_more, two_on=other.one_on)

    def beside(self, other: Changes) -> Changes:
        """These and others."""
        both = zip(self._arrays, other._arrays, strict=True)
        return Changes(*(np.concatenate(pair) for pair in both))


class Descent:
    """Goes down from the best plan of a run.

    Parameters
    ----------
    run
        Keeps the best plan.
    stage
        Every sample, and the pools.
    """

    def __init__(self, run: Run, stage: Stage) -> None:
        self._run, self._stage = run, stage
        self._matrix = run.two_stage.first.flat().matrix
        self._book = bookings_of(run.two_stage, run.parts)
        self._seen: set[bytes] = set()
        self._views = [_View(pool, self._book, p) for p, pool in enumerate(run.pools.of)]

    def go(self) -> None:
        """Change the best plan as long as that makes it better."""
        run = self._run
        while run.plan is not None and not run.closed and len(self._book.amount):
            plan = self._changed(run.plan)
            if plan is None:
                return
            run.round()
            self._remember(plan)
            if self._stage.cuts(plan)[0] < run.best:
                run.offer(plan)
                self._remember(plan)

    def _remember(self, plan: Ints) -> None:
        for view in self._views:
            view.remember(plan)

    def _changed(self, plan: Ints) -> Ints | None:
        """The change that promises most, or None where none promises anything."""
        run = self._run
        assert run.recourse is not None
        count = run.expectation.share + run.expectation.tail(run.recourse)
        for view in self._views:
            view.look(plan)
        changes, gain = self._best(plan, count)
        for at in np.argsort(-gain, kind="stable"):
            if gain[at] <= LEAST * run.best:
                break
            new = self._after(plan, changes.only(np.array([at])))
            if new.tobytes() not in self._seen:
                self._seen.add(new.tobytes())
                return new
        return None

    def _after(self, plan: Ints, change: Changes) -> Ints:
        """The plan after one change."""
        new, book = plan.copy(), self._book
        for k, more, on in (
            (change.one, change.one_more, change.one_on),
            (change.two, change.two_more, change.two_on),
        ):
            new[book.amount[k[k != NONE]]] += more[k != NONE]
            new[book.switch[k[k != NONE]]] += on[k != NONE]
        return new

    def _best(self, plan: Ints, count: Floats) -> tuple[Changes, Floats]:
        """Changes that keep every row, and what each of them promises to save at most."""
        sums = self._matrix @ plan
        singles = _singles(plan, self._book)
        gain = self._gain(singles, count, np.zeros(len(singles)))
        fewer, more = (np.flatnonzero(sign * singles.one_more > 0) for sign in (-1, 1))
        picked = [np.zeros(0, dtype=np.int64)]
        for p in range(len(self._views)):
            mine = more[self._book.part[singles.one[more]] == p]
            picked.append(mine[np.argsort(-gain[mine], kind="stable")[:ADDED]])
        down, up = (each.ravel() for each in np.meshgrid(fewer, np.concatenate(picked)))
        apart = singles.one[down] != singles.one[up]
        down, up = down[apart], up[apart]
        pairs = singles.only(down).with_other(singles.only(up))
        keeps = self._keeps(pairs, sums)
        pairs = pairs.only(keeps)
        both = self._gain(pairs, count, (gain[down] + gain[up])[keeps])
        alone = self._keeps(singles, sums)
        return singles.only(alone).beside(pairs), np.concatenate([gain[alone], both])

    def _gain(self, changes: Changes, count: Floats, apart: Floats) -> Floats:
        """What changes within one part save at most; what ``apart`` says of the others."""
        book, gain = self._book, apart.copy()
        part = book.part[changes.one]
        within = (changes.two == NONE) | (book.part[changes.two] == part)
        for p, view in enumerate(self._views):
            mine = np.flatnonzero(within & (part == p))
            some = changes.only(mine)
            gain[mine] = view.gain(some, count) - self._cost(some)
        return gain

    def _cost(self, changes: Changes) -> Floats:
        """What changes cost in the first stage."""
        book, cost = self._book, self._run.two_stage.cost
        amount, switch = cost[book.amount], cost[book.switch]
        total = amount[changes.one] * changes.one_more + switch[changes.one] * changes.one_on
        total += amount[changes.two] * changes.two_more + switch[changes.two] * changes.two_on
        return total.astype(float)

    def _keeps(self, changes: Changes, sums: Ints) -> Ints:
        """Which changes keep every row."""
        book = self._book
        rows = book.start, book.row, book.at_amount, book.at_switch, book.low, book.high
        return np.flatnonzero(holds(changes.table, sums, *rows))


class _View:
    """One part of the recourse as it looks from a plan: its best vectors there, in every sample."""

    def __init__(self, pool: Pool, book: Bookings, part: int) -> None:
        mine = np.flatnonzero(book.part == part)
        self._pool = pool
        self._place = np.append(np.full(len(book.amount), NONE), NONE)
        self._place[mine] = np.arange(len(mine))
        self._tried: list[Ints] = []
        self._given: Any = None  # what is booked where it looks from; nothing where that is over
        self._taken = pool.taken_by(book.amount[mine])
        self._taken_on = pool.taken_by(book.switch[mine])

    def remember(self, plan: Ints) -> None:
        """Judge from now on by what is the best at this plan, too, where it books otherwise."""
        if not np.array_equal(self._pool.given(plan), self._given):
            self._tried = [
                *self._tried[1 - TRIED :],
                self._pool.score(plan, self._pool.everyone)[1],
            ]
            self._given = None

    def look(self, plan: Ints) -> None:
        """Look from a plan."""
        given = self._pool.given(plan)
        if np.array_equal(given, self._given):
            return
        which = np.column_stack([self._pool.sharpest(plan, VECTORS), *self._tried])
        self._bound = self._pool.bounds(plan, which)
        self._by_amount = self._pool.less(which, self._taken)
        self._by_switch = self._pool.less(which, self._taken_on)
        self._given = given

    def gain(self, changes: Changes, count: Floats) -> Floats:
        """What changes of this part save at most in the recourse."""
        local = replace(changes, one=self._place[changes.one], two=self._place[changes.two])
        after = worth(local.table, self._bound, self._by_amount, self._by_switch, count)
        saved: Floats = count @ self._bound.max(axis=1) - after
        return saved


def _singles(plan: Ints, book: Bookings) -> Changes:
    """Every other amount of each booking."""
    now = plan[book.amount]
    one = np.repeat(np.arange(len(now)), book.most + 1)
    to = np.arange(len(one)) - np.repeat(np.cumsum(book.most + 1) - book.most - 1, book.most + 1)
    one, to = one[to != now[one]], to[to != now[one]]
    on = np.where(book.has_switch[one], (to > 0).astype(np.int64) - (now[one] > 0), 0)
    none, nothing = np.full(len(one), NONE), np.zeros(len(one), dtype=np.int64)
    return Changes(one, to - now[one], on, none, nothing, nothing)
