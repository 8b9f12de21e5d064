"""An award asked again with bids left out, or one in: by what owners hold, or by its program."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, Protocol

import numpy as np

from allocate.core.allotment import Allotment, Ask, Asks, Least
from allocate.core.levels import solve_levels
from allocate.core.outcome import CLOSED, IMPOSSIBLE, Outcome, Watch
from allocate.core.program import Level, Program
from allocate.core.ties import all_best
from allocate.core.worker import borrowed
from allocate.lots.auction import Auction
from allocate.lots.formulation import Draft
from allocate.study.scenario import LevelWords
from allocate.units import THOUSAND, Ints

METHOD, MODULE = "highs", "allocate.core.highs"
HOLDINGS = "allocate.core.holding_choice"
Won = tuple[int, ...]


@dataclass(frozen=True)
class Reply:
    """What a question comes to.

    Parameters
    ----------
    awards
        The best, each as positions of bids in order; none where there is none, or none was found.
    possible
        Whether there is an award at all; None where that is not known.
    best
        Whether it is proven that no award is better.
    complete
        Whether these are all that are as good.
    behind
        How far they are behind the award: pence a year, and thousandths of points; None where they
        differ by something else. With other costs, what they come to.
    least
        How far behind any such award is at least, in the unit of the level that decides, pounds or
        points; None where nothing is known.
    """

    awards: tuple[Won, ...] = ()
    possible: bool | None = None
    best: bool = False
    complete: bool = False
    behind: tuple[Fraction, Fraction] | None = None
    least: Fraction | None = None


class Asker(Protocol):
    """Answers questions about one award."""

    def ask(
        self, asks: Sequence[Ask], seconds: float, costs: Ints | None = None
    ) -> Sequence[Reply]:
        """Answer questions in order, as far as time goes.

        Parameters
        ----------
        asks
            Questions.
        seconds
            For all of them.
        costs
            Of bids, in steps of the level that decides, in place of the award's own, (B,).
        """


class ByHoldings:
    """Asks what owners may win together: exact, quick, and every bound a sum of whole prices.

    Parameters
    ----------
    allotment
        The award.
    points
        Whether points decide, and not the price.
    watch
        Progress out, the wish to stop in.
    """

    def __init__(self, allotment: Allotment, *, points: bool, watch: Watch) -> None:
        self._allotment, self._points, self._watch = allotment, points, watch
        self.cost = 0  # of the award, in steps

    def ask(
        self, asks: Sequence[Ask], seconds: float, costs: Ints | None = None
    ) -> Sequence[Reply]:
        """As of ``Asker``."""
        if not asks or seconds <= 0 or self._watch.stop:
            return []
        allotment = self._allotment if costs is None else replace(self._allotment, cost=costs)

        def told(message: tuple[Any, float | None, float | None]) -> None:
            if len(asks) > 1 and message[1] is not None:
                self._watch.say(f"awards asked again: {message[1]:.0f} of {len(asks)}")

        with borrowed(HOLDINGS) as worker:
            task = Asks(allotment, tuple(asks), seconds)
            found: list[Least] = worker.ask(task, told, lambda: self._watch.stop)
        return [self._reply(least, 0 if costs is not None else self.cost) for least in found]

    def _reply(self, least: Least, base: int) -> Reply:
        per = 1000 if self._points else 100
        best = least.cost is not None and least.cost == least.bound
        behind = None
        if least.cost is not None:
            more = Fraction(least.cost - base)
            behind = (Fraction(), more) if self._points else (more, Fraction())
        below = Fraction(least.bound - base, per) if least.possible is not False else None
        return Reply(least.choices, least.possible, best, least.complete, behind, below)


class ByProgram:
    """Asks the award's program, whatever its rules and levels are.

    Parameters
    ----------
    draft, values
        The program, and the columns of the award.
    levels
        The objective in words.
    seed, watch
        Of the run.
    """

    def __init__(
        self, draft: Draft, values: Ints, levels: Sequence[LevelWords], seed: int, watch: Watch
    ) -> None:
        assert draft.instance.auction is not None
        self._draft, self._values, self._seed, self._watch = draft, values, seed, watch
        self._auction: Auction = draft.instance.auction
        self._words = levels
        names = [set(words.terms) for words in levels]
        term = {"points"} if self._auction.notice.weighs else {"price"}
        every = draft.program.levels
        # Later levels only choose among awards that are equal up to the one that decides.
        self._head = every[: names.index(term) + 1] if term in names else every

    def ask(
        self, asks: Sequence[Ask], seconds: float, costs: Ints | None = None
    ) -> Sequence[Reply]:
        """As of ``Asker``."""
        return list(self._replies(asks, time.monotonic() + seconds, costs))

    def ties(self, seconds: float, most: int) -> tuple[list[Ints], bool]:
        """List awards that are as good on every level, as columns; and whether these are all."""
        return self._ties(self._values, Ask(most=most), seconds)

    def _replies(self, asks: Sequence[Ask], ends: float, costs: Ints | None) -> Iterator[Reply]:
        for ask in asks:
            left = ends - time.monotonic()
            if left <= 0 or self._watch.stop:
                return
            yield self._reply(ask, left, ends, costs)

    def _reply(self, ask: Ask, left: float, ends: float, costs: Ints | None) -> Reply:
        program = self._changed(ask, costs)
        outcome = solve_levels(
            program,
            MODULE,
            seconds=left,
            gap=0.0,
            seed=self._seed,
            watch=Watch(),
            method=METHOD,
        )
        if outcome.values is None:
            possible = False if outcome.why == IMPOSSIBLE else None
            return Reply(possible=possible, complete=possible is False)
        best = _closed(outcome)
        plans, complete = [outcome.values], False
        if ask.most > 1 and costs is None:
            plans, complete = self._ties(outcome.values, ask, ends - time.monotonic())
        awards = tuple(dict.fromkeys(self.won(plan) for plan in plans))
        behind = None if costs is not None else self._behind(outcome.values)
        if costs is not None:
            short = Fraction(int(program.levels[0].coef @ outcome.values))
            behind = Fraction(), short
        return Reply(awards, True, best, complete and best, behind)

    def won(self, values: Ints) -> Won:
        """Bids that win in a plan."""
        return tuple(np.flatnonzero(values[self._draft.win] == 1).tolist())

    def _ties(self, values: Ints, ask: Ask, seconds: float) -> tuple[list[Ints], bool]:
        return all_best(
            self._changed(ask, None),
            values,
            self._draft.win,
            MODULE,
            seconds=seconds,
            seed=self._seed,
            most=ask.most,
            stop=lambda: self._watch.stop,
        )

    def _behind(self, values: Ints) -> tuple[Fraction, Fraction] | None:
        """Pence and thousandths of points that a plan is behind; None if by something else."""
        behind = {"price": Fraction(), "points": Fraction()}
        for words, level in zip(self._words, self._head, strict=False):
            more = Fraction(int(level.coef @ (values - self._values))) / level.per
            if not more:
                continue
            if len(words.terms) > 1 or not set(words.terms) <= set(behind):
                return None
            (term,) = words.terms
            behind[term] = more / Fraction(str(words.terms[term]))
            break
        return behind["price"] * 100, behind["points"] * THOUSAND

    def _changed(self, ask: Ask, costs: Ints | None) -> Program:
        """The program with bids left out or one in, up to the level that decides."""
        program: Program = self._draft.program
        bounds: Any = program.bounds()
        lower, upper, whole = (bound.copy() for bound in bounds)
        upper[self._draft.win[list(ask.without)]] = 0
        if ask.within >= 0:
            lower[self._draft.win[ask.within]] = 1
        levels = self._head
        if costs is not None:
            coef = np.zeros(program.size, dtype=np.int64)
            coef[self._draft.win] = costs
            levels = [Level("points", coef, Fraction(1))]
        return replace(program, levels=levels, _lower=[lower], _upper=[upper], _whole=[whole])


def _closed(outcome: Outcome) -> bool:
    return all(level.why == CLOSED for level in outcome.levels)
