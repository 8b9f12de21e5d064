"""The bound by patterns: what an agent can be given whole, not what its hours allow in parts.

A pattern is a set of options that fit into one agent together. Each agent takes part of this
pattern and part of that, so that every group is chosen once: a linear program with a column a
pattern, of which few are made, those that prices ask for (Dantzig & Wolfe 1960; for generalised
assignment Savelsbergh 1997). Pricing is a knapsack an agent. Prices between the best so far and the
newest ones keep it from swinging (Wentges 1997). Agents of so much room that patterns say little
more than hours keep their rows instead.

At any prices the knapsacks prove a bound, and with each option forced into its sack, or out of it,
what that costs: where that is too much the option is closed, or sure (Posta, Ferland & Michelon
2012).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import inf
from typing import Any

import highspy
import numpy as np
from scipy import sparse

from allocate.core.compact import Bounds, Compact
from allocate.core.highs import QUIET, rows_and_columns
from allocate.core.program import FREE
from allocate.core.sacks import fill, forced
from allocate.units import Floats, Ints

MANY = 50  # options that fit into an agent: it keeps its row
CELLS = 2_000_000  # of a knapsack's table, at most: otherwise the same
CLOSE = 1e-6  # relative: the program's value and the bound are one
ROUNDS = 300  # of new patterns, at most
WORK = 20_000  # steps of the simplex method in all rounds, at most
BETWEEN = 0.5  # of the way from the newest prices to the best
CHOOSE = 0  # HiGHS's simplex method by what is possible
LEAST = 0.2  # of that way: less is none


@dataclass(frozen=True)
class Priced:
    """What comes of the linear program over patterns between some bounds.

    Parameters
    ----------
    bound
        No plan costs less; ``inf`` where there is none.
    prices
        Of the rows, those that prove it.
    values
        Of all open columns, (n,); None where it did not come to an end, or need not.
    short
        Whether these leave something out that has to be there.
    """

    bound: float
    prices: Floats | None
    values: Floats | None = None
    short: bool = False


class Patterns:
    """The linear program over patterns, which grows as it is solved.

    Parameters
    ----------
    part
        What is open of a program.
    cost
        Whole and never negative, of all columns of the program.
    option
        Whether a column is an option, (columns,).
    agents
        Rows of the program that limit what agents are given.
    worst
        What it costs to leave out what has to be there: more than any plan.

    Attributes
    ----------
    loose
        Open columns that are in no pattern.
    everyone
        Whether every agent has patterns.
    """

    def __init__(self, part: Compact, cost: Ints, option: Ints, agents: Ints, worst: float) -> None:
        self.part = part
        self.cost = cost[part.column].astype(float)
        self.settled = float(cost @ part.flat.lower)
        self.draw_in = Bounds(part.matrix, part.low, part.high).draw_in
        self._find_sacks(option[part.column], agents)
        self._add_rows()
        self._open_master(worst)
        self._open_plain()

    def _find_sacks(self, option: Any, agents: Ints) -> None:
        """Find agents that have patterns: their items, and what else is in their rows."""
        p = self.part
        owner, weight = np.full(len(self.cost), -1), np.zeros(len(self.cost), dtype=np.int64)
        self._sacks: list[tuple[int, int, Ints, Ints]] = []  # room, unit, and other columns
        self._full = np.zeros(len(p.row), dtype=bool)  # rows that patterns stand for
        self.everyone = True
        for r in np.flatnonzero(np.isin(p.row, agents)):
            entries = slice(p.matrix.indptr[r], p.matrix.indptr[r + 1])
            column, amount = p.matrix.indices[entries], p.matrix.data[entries]
            mine = option[column]
            most = p.high[r] - np.minimum(amount * p.span[column], 0).sum()
            if not mine.any() or np.any(owner[column[mine]] >= 0):
                continue
            unit = int(np.gcd.reduce(amount[mine]))
            if most > MANY * amount[mine].mean() or most // unit * mine.sum() > CELLS:
                self.everyone = False
                continue
            owner[column[mine]], weight[column[mine]] = len(self._sacks), amount[mine] // unit
            self._sacks.append((int(p.high[r]), unit, column[~mine], amount[~mine]))
            self._full[r] = mine.all()
        items = np.flatnonzero(owner >= 0)
        self._item = items[np.argsort(owner[items], kind="stable")]
        self._owner, self._weight = owner[self._item], weight[self._item]
        self._first = np.searchsorted(self._owner, np.arange(len(self._sacks) + 1))
        self.loose = np.flatnonzero(owner < 0)

    def _add_rows(self) -> None:
        """Keep the rows that patterns do not stand for."""
        p = self.part
        self._rows = p.matrix[~self._full].tocsc()
        self._across = self._rows.T.tocsr()
        self._of_items = self._rows[:, self._item].tocsc()
        self._low, self._high = p.low[~self._full], p.high[~self._full]

    def _open_master(self, worst: float) -> None:
        """Begin with no pattern: what these would have to do can be left out, at the worst cost."""
        less, more = (
            np.asarray(each.sum(axis=1)).ravel() != 0
            for each in (self._of_items.minimum(0), self._of_items.maximum(0))
        )
        under = np.flatnonzero((self._low > -FREE) & ((self._low > 0) | more))
        over = np.flatnonzero((self._high < FREE) & ((self._high < 0) | less))
        spare = np.append(under, over)
        sign = np.append(np.ones(len(under)), -np.ones(len(over)))
        out = sparse.csc_matrix(
            (sign, (spare, np.arange(len(spare)))), (len(self._low), len(spare))
        )
        rows = sparse.hstack([self._rows[:, self.loose], out], format="csr")
        sacks = sparse.csr_matrix((len(self._sacks), rows.shape[1]))
        self._begin = rows.shape[1]
        self._master = _solver()
        self._master.passModel(
            rows_and_columns(
                sparse.vstack([rows, sacks], format="csr"),
                np.append(self.cost[self.loose], np.full(len(spare), worst)),
                np.zeros(self._begin),
                np.append(self.part.span[self.loose], np.full(len(spare), inf)).astype(float),
                np.append(_open(self._low), np.full(len(self._sacks), -inf)),
                np.append(_open(self._high), np.ones(len(self._sacks))),
            )
        )
        self._known: set[tuple[int, bytes]] = set()
        self._items_of: list[Ints] = []
        self._sack_of: list[int] = []

    def _open_plain(self) -> None:
        """The linear program without patterns."""
        p, self._plain = self.part, _solver()
        nought = np.zeros(len(self.cost))
        self._plain.passModel(
            rows_and_columns(
                p.matrix, self.cost, nought, p.span.astype(float), _open(p.low), _open(p.high)
            )
        )

    def split(self, lower: Ints, upper: Ints) -> Priced:
        """Solve the linear program without patterns, between bounds: quick, and no better."""
        column = np.arange(len(self.cost), dtype=np.int32)
        bounds = lower.astype(float), upper.astype(float)
        self._plain.changeColsBounds(len(column), column, *bounds)
        self._plain.run()
        status = self._plain.getModelStatus()
        if status != highspy.HighsModelStatus.kOptimal:
            return Priced(inf if status == highspy.HighsModelStatus.kInfeasible else -inf, None)
        value = self._plain.getInfo().objective_function_value + self.settled
        found = self._plain.getSolution()
        return Priced(value, np.asarray(found.row_dual)[~self._full], np.asarray(found.col_value))

    def scarcity(self) -> Floats:
        """Prices of all rows in the linear program that ``split`` solved last, (r,)."""
        return -np.asarray(self._plain.getSolution().row_dual)

    def learn(self, values: Ints) -> None:
        """Add the patterns of a plan, (columns,)."""
        own = (values - self.part.flat.lower)[self.part.column]
        self._add(own[self._item] > 0)

    def _add(self, chosen: Any) -> int:
        """Add each agent's chosen items as a pattern; return how many are new."""
        fresh = []
        for k in range(len(self._sacks)):
            first = self._first[k]
            items = first + np.flatnonzero(chosen[first : self._first[k + 1]])
            key = k, items.tobytes()
            if len(items) and key not in self._known:
                self._known.add(key)
                fresh.append((k, items))
        if not fresh:
            return 0
        items = np.concatenate([one for _, one in fresh])
        which = np.repeat(np.arange(len(fresh)), [len(one) for _, one in fresh])
        sums = sparse.csc_matrix((np.ones(len(items)), (np.arange(len(items)), which)))
        sack = np.array([k for k, _ in fresh])
        own = sparse.csc_matrix(
            (np.ones(len(fresh)), (sack, np.arange(len(fresh)))), (len(self._sacks), len(fresh))
        )
        columns = sparse.vstack([self._of_items[:, items] @ sums, own], format="csc")
        self._master.addCols(
            len(fresh),
            np.bincount(which, self.cost[self._item[items]]),
            np.zeros(len(fresh)),
            np.full(len(fresh), inf),
            columns.nnz,
            columns.indptr[:-1].astype(np.int32),
            columns.indices.astype(np.int32),
            columns.data.astype(float),
        )
        self._items_of += [one for _, one in fresh]
        self._sack_of += sack.tolist()
        return len(fresh)

    def room(self, lower: Ints, upper: Ints) -> Ints:
        """Room of each agent between bounds: growth as much as may be, in units, (K,)."""
        found = []
        for most, unit, column, amount in self._sacks:
            taken = np.where(amount > 0, amount * lower[column], amount * upper[column])
            found.append((most - int(taken.sum())) // unit)
        return np.array(found, dtype=np.int64)

    def relax(
        self,
        lower: Ints,
        upper: Ints,
        prices: Floats | None,
        enough: float,
        stop: Callable[[], bool],
    ) -> Priced:
        """Solve the linear program between bounds.

        Parameters
        ----------
        lower, upper
            Of the open columns, from their lower bounds, (n,).
        prices
            To start from.
        enough
            A bound as high as this ends it.
        stop
            Asked again and again.
        """
        room = self.room(lower, upper)
        if np.any(room < 0):
            return Priced(inf, prices)
        self._set_bounds(lower, upper, room)
        best = -inf
        if prices is not None:
            best, _, chosen = self._prove(prices, lower, upper, room)[:3]
            self._add(chosen)
        values, short, work = None, False, 0
        for _ in range(ROUNDS):
            if best >= enough or work > WORK or stop():
                return Priced(best, prices)
            self._master.run()
            work += self._master.getInfo().simplex_iteration_count
            if self._master.getModelStatus() != highspy.HighsModelStatus.kOptimal:
                none = self._master.getModelStatus() == highspy.HighsModelStatus.kInfeasible
                return Priced(inf if none else best, prices)
            value = self._master.getInfo().objective_function_value + self.settled
            found = self._master.getSolution()
            values, short = self._spread(np.asarray(found.col_value))
            if value - best <= CLOSE * max(1.0, abs(value)):
                break
            newest = np.asarray(found.row_dual)[: len(self._low)]
            part, new = BETWEEN if prices is not None else 0.0, 0
            while True:
                asked = newest if prices is None else part * prices + (1 - part) * newest
                bound, _, chosen = self._prove(asked, lower, upper, room)[:3]
                if bound > best:
                    best, prices = bound, asked
                new = self._add(chosen)
                if new or not part:
                    break
                part = part / 2 if part > LEAST else 0.0
            if not new:
                break
        return Priced(best, prices, values, short)

    def _set_bounds(self, lower: Ints, upper: Ints, room: Ints) -> None:
        """Close columns, and patterns that have a closed item or do not fit."""
        size = len(self._items_of)
        most = np.zeros(size)
        if size:
            item = np.concatenate(self._items_of)
            which = np.repeat(np.arange(size), [len(one) for one in self._items_of])
            closed = np.bincount(which, upper[self._item[item]] <= 0, minlength=size)
            heavy = np.bincount(which, self._weight[item], minlength=size) > room[self._sack_of]
            most = np.where((closed > 0) | heavy, 0.0, inf)
        column = np.append(np.arange(len(self.loose)), self._begin + np.arange(size))
        self._master.changeColsBounds(
            len(column),
            column.astype(np.int32),
            np.append(lower[self.loose], np.zeros(size)).astype(float),
            np.append(upper[self.loose].astype(float), most),
        )

    def _prove(
        self, prices: Floats, lower: Ints, upper: Ints, room: Ints
    ) -> tuple[float, Floats, Any, Floats, Floats]:
        """What prices prove: the bound, reduced costs, and the items chosen in each sack.

        Last, the worth of all items and of each sack.
        """
        prices = np.where((prices > 0) & (self._low <= -FREE), 0.0, prices)
        prices = np.where((prices < 0) & (self._high >= FREE), 0.0, prices)
        reduced = self.cost - self._across @ prices
        bound = self.settled + float(np.where(prices > 0, self._low, self._high) @ prices)
        own = reduced[self.loose]
        bound += float(np.minimum(own * lower[self.loose], own * upper[self.loose]).sum())
        worth = np.where(upper[self._item] > 0, -reduced[self._item], -1.0)
        chosen = np.zeros(len(self._item), dtype=bool)
        total = fill(self._first, self._weight, worth, room, chosen)
        return bound - float(total.sum()), reduced, chosen, worth, total

    def tighten(
        self, lower: Ints, upper: Ints, prices: Floats, enough: float
    ) -> tuple[Ints, Ints] | None:
        """Close, or settle, what prices prove to cost too much otherwise.

        Parameters
        ----------
        lower, upper
            Of the open columns.
        prices
            That prove a bound.
        enough
            A plan that costs so much is not looked for.

        Returns
        -------
        tuple
            Bounds drawn in; None where nothing is left.
        """
        bound, having, lacking = self.regrets(lower, upper, prices)
        spare, least, most = enough - bound, lower.copy(), upper.copy()
        if spare <= 0:
            return None
        least[self._item], most[self._item] = 0, 1
        upper = np.where(having >= spare, least, upper)
        lower = np.where(lacking >= spare, most, lower)
        return None if np.any(lower > upper) else self.draw_in(lower, upper)

    def regrets(self, lower: Ints, upper: Ints, prices: Floats) -> tuple[float, Floats, Floats]:
        """What prices prove, and of each column that is nought or one by how much more.

        Parameters
        ----------
        lower, upper, prices
            As in ``tighten``.

        Returns
        -------
        tuple
            The bound; what it rises by at least with each column one up, and with it not, (n,).
        """
        room = self.room(lower, upper)
        bound, reduced, _, worth, total = self._prove(prices, lower, upper, room)
        inside, outside = np.empty(len(self._item)), np.empty(len(self._item))
        forced(self._first, self._weight, worth, room, inside, outside)
        having, lacking = np.zeros(len(self.cost)), np.zeros(len(self.cost))
        most = total[self._owner]
        having[self._item], lacking[self._item] = most - inside, most - outside
        near = self.loose[(upper - lower)[self.loose] == 1]
        having[near], lacking[near] = np.maximum(reduced[near], 0), np.maximum(-reduced[near], 0)
        return bound, having, lacking

    def _spread(self, found: Floats) -> tuple[Floats, bool]:
        """Values of the open columns, and whether something is left out."""
        values = np.zeros(len(self.cost))
        values[self.loose] = found[: len(self.loose)]
        taken = found[self._begin :]
        used = np.flatnonzero(taken > CLOSE)
        if len(used):
            item = np.concatenate([self._items_of[p] for p in used])
            each = np.repeat(taken[used], [len(self._items_of[p]) for p in used])
            np.add.at(values, self._item[item], each)
        return values, bool(found[len(self.loose) : self._begin].sum() > CLOSE)


def _solver() -> Any:
    """A solver that goes on from where it is when its program has changed.

    By the primal method after new columns, which leave the old plan possible, else by the dual.
    """
    solver = highspy.Highs()
    options = QUIET | {"presolve": "off", "simplex_strategy": CHOOSE}
    for name, value in options.items():
        solver.setOptionValue(name, value)
    return solver


def _open(bounds: Ints) -> Floats:
    """Bounds as a solver has them."""
    return np.where(bounds <= -FREE, -inf, np.where(bounds >= FREE, inf, bounds.astype(float)))
