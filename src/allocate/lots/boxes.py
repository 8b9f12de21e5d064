"""Lots of a service list: boxes of whole authorities, client groups and services.

There are millions of boxes, and none has to be listed: sums over all of them are three small
products of matrices (a sum over subsets, axis by axis). So column generation prices every box there
is with each set of cell prices, exactly; and once a plan is known, only boxes whose reduced cost is
below what is left between plan and bound can be in a better one (reduced-cost fixing). Those are
the lots of the program.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from math import ceil
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from scipy import sparse
from scipy.optimize import linprog

from allocate.labels import Bools
from allocate.lots.axes import Axes, axes_of, subsets
from allocate.lots.guillotine import cut_plan
from allocate.units import THOUSAND, Floats, Ints, thousandths

if TYPE_CHECKING:
    from allocate.lots.instance import Instance


HELD = 3000  # boxes that the linear program keeps from round to round
ROUNDS, NEAR = 30, 1e-3  # of generating boxes, after which a plan's gain of so much is left
LISTED = 10_000  # boxes that the program has
NARROWED = 40  # thirds that are left of a search along a line
HAIR = 1e-6  # relative: reduced costs are floats


@dataclass(frozen=True)
class Priced:
    """Every box with what it costs.

    Parameters
    ----------
    axes
        The axes.
    cost
        Steps of the objective, infinite where a box may be no lot, all boxes in a row.
    least, most
        Numbers of lots that are allowed.
    value
        Of each cell, (C,).
    """

    axes: Axes
    cost: Floats
    least: int
    most: int
    value: Floats

    @cached_property
    def dear(self) -> float:
        """What it costs to leave a cell out, while there is no plan: more than any lot."""
        return 1.0 + 2.0 * float(self.cost.max(where=np.isfinite(self.cost), initial=0.0))

    def boxes(self) -> tuple[Ints, Ints, float]:
        """Positions of the boxes that good plans are made of, and what holds of the others.

        Returns
        -------
        tuple
            Boxes of least reduced cost; where those of a plan are among them; and what a plan with
            any other box comes to at least, infinite where all that there are have been listed.
        """
        plan = self._plan()
        worth = float(self.cost[plan].sum()) if len(plan) else np.inf
        better = self._better(worth)
        met, (value, reduced) = plan, better._by_value()
        if value + better.most * min(0.0, float(reduced.min())) < worth:
            met, value, reduced = better._closed(np.union1d(self._some(), plan))
        # What each other lot of such a plan may gain at these prices, by a hair or more.
        gained = (better.most - 1) * min(0.0, float(reduced.min()))
        slack = HAIR * max(1.0, abs(value))
        cheap = np.flatnonzero(value + reduced + gained - slack < worth)
        if len(cheap) > LISTED:
            cheap = cheap[np.argpartition(reduced[cheap], LISTED)[:LISTED]]
        listed = np.unique(np.concatenate([cheap, plan, met, self._some()]))
        others = np.isfinite(reduced)
        others[listed] = False
        least = float(reduced[others].min(initial=np.inf))
        rest = min(value + least + gained - slack, worth - slack)
        return listed, np.searchsorted(listed, np.sort(plan)), rest

    def _better(self, worth: float) -> Priced:
        """What is asked of plans that cost less: not so many lots that these alone cost as much."""
        cheapest = float(self.cost.min())
        if not np.isfinite(worth) or cheapest <= 0:
            return self
        fewer = max(self.least, ceil(worth * (1 - HAIR) / cheapest) - 1)
        return replace(self, most=min(self.most, fewer))

    def _by_value(self) -> tuple[float, Floats]:
        """Price cells by their value alone, so that the least any plan costs is greatest.

        Where lots are to be of a certain value and cost the same, that says nearly all there is to
        say; and it takes a search along one line, not a linear program.

        Returns
        -------
        tuple
            Sum of the prices, and the reduced cost of every box.
        """
        sums, whole = self.axes.sums(self.value).ravel(), float(self.value.sum())

        def proves(price: float) -> float:
            return price * whole + self.most * min(0.0, float((self.cost - price * sums).min()))

        low, high = 0.0, self.dear / max(whole, 1.0) * len(self.value)
        for _ in range(NARROWED):
            one, other = low + (high - low) / 3, high - (high - low) / 3
            low, high = (one, high) if proves(one) < proves(other) else (low, other)
        price = (low + high) / 2
        return price * whole, self.cost - price * sums

    def _plan(self) -> Ints:
        """Boxes of the best plan of straight cuts; none where there is none."""
        cells = self.axes.sums(np.ones(len(self.axes.at)))
        cost = np.where(cells > 0, self.cost.reshape(self.axes.shape), np.nan)
        return cut_plan(cost, self.least, self.most)

    def _closed(self, found: Ints) -> tuple[Ints, float, Floats]:
        """Generate boxes until none has a negative reduced cost, or none that matters.

        Returns
        -------
        tuple
            Boxes met, value of the linear program, reduced cost of every box.
        """
        rounds = 0
        while True:
            value, cells, number = self._relaxed(found)
            reduced = self.cost - self.axes.sums(cells).ravel() - number
            gain, scale = max(0.0, -float(reduced.min())), max(1.0, abs(value))
            if gain <= HAIR * scale or (rounds >= ROUNDS and self.most * gain <= NEAR * scale):
                return found, value, reduced
            if len(found) > HELD:
                held = self.cost[found] - self.axes.member(found) @ cells - number
                found = found[np.argpartition(held, HELD)[:HELD]]
            found = np.union1d(found, self._best_of_each(reduced))
            rounds += 1

    def _best_of_each(self, reduced: Floats) -> Ints:
        """Boxes of least reduced cost among those with each label of each two axes, if they gain.

        Boxes that differ help the linear program more than the best ones, which are much alike.
        """
        shape, found = self.axes.shape, []
        values = reduced.reshape(shape)
        for one, other in ((0, 1), (0, 2), (1, 2)):
            left = 3 - one - other
            at = values.argmin(axis=left)
            best = np.take_along_axis(values, np.expand_dims(at, left), left).squeeze(left)
            for a, b in np.ndindex(len(self.axes.labels[one]), len(self.axes.labels[other])):
                rows, cols = (
                    np.flatnonzero((np.arange(shape[axis]) >> bit) & 1)
                    for axis, bit in ((one, a), (other, b))
                )
                some = best[np.ix_(rows, cols)]
                row, col = np.unravel_index(int(some.argmin()), some.shape)
                place = [0, 0, 0]
                place[one], place[other] = int(rows[row]), int(cols[col])
                place[left] = int(at[place[one], place[other]])
                if values[place[0], place[1], place[2]] < 0:
                    found.append(int(np.ravel_multi_index(place, shape)))
        return np.array(found, dtype=np.int64)

    def _some(self) -> Ints:
        """Boxes to begin with: one label or all along each axis, where they may be lots."""
        ends = [
            np.append(1 << np.arange(len(labels)), size - 1)
            for labels, size in zip(self.axes.labels, self.axes.shape, strict=True)
        ]
        places = np.meshgrid(*ends, indexing="ij")
        boxes = np.unique(np.ravel_multi_index(tuple(p.ravel() for p in places), self.axes.shape))
        return boxes[np.isfinite(self.cost[boxes])]

    def _relaxed(self, found: Ints) -> tuple[float, Floats, float]:
        """Solve the linear program over some boxes.

        Returns
        -------
        tuple
            Value, price of each cell, (C,), and of a lot more.
        """
        rows = sparse.csr_matrix(self.axes.member(found).T.astype(float))
        cells = len(self.axes.at)
        every = sparse.hstack([rows, sparse.identity(cells)])
        count = np.concatenate([np.ones(len(found)), np.zeros(cells)])[None, :]
        answer: Any = cast(Any, linprog)(
            np.concatenate([self.cost[found], np.full(cells, self.dear)]),
            A_ub=sparse.csr_matrix(np.vstack([count, -count])),
            b_ub=[self.most, -self.least],
            A_eq=every,
            b_eq=np.ones(cells),
            method="highs",
        )
        more, fewer = answer.ineqlin.marginals
        return float(answer.fun), answer.eqlin.marginals, float(more - fewer)


def priced_boxes(instance: Instance, weights: dict[str, Fraction]) -> Priced:
    """Price every box as a lot.

    Parameters
    ----------
    instance
        The question, on a service list.
    weights
        Weight of each term in the one sum that is minimised.
    """
    axes, rules = axes_of(instance.cells), instance.rules
    count = axes.sums(np.ones(len(instance.cells.ids)))
    value = axes.sums(instance.cells.value.astype(float))
    cost = np.full(axes.shape, float(weights.get("administration", 0)) * instance.lot_cost / 100)
    short = float(weights.get("shortfalls", 0))
    if rules["value_limits"].mode == "soft":
        options = rules["value_limits"].options
        floor, ceiling = (float(options[key]) * 100 for key in ("least", "most"))
        over = np.maximum(0, floor - value) + np.maximum(0, value - ceiling)
        cost += short * rules["value_limits"].price * over / 100
    if rules["enough_bidders"].mode == "soft":
        wanted = int(float(rules["enough_bidders"].value or 0))
        missing = np.maximum(0, wanted - _owners(instance, axes))
        cost += short * rules["enough_bidders"].price * missing
    for group in instance.cells.together:
        cost = np.where(_cuts(axes, group) > 0, *_apart(instance, cost, short))
    cost[count == 0] = np.inf
    number = instance.numbers
    return Priced(axes, cost.ravel(), number[0], number[-1], instance.cells.value.astype(float))


def _cuts(axes: Axes, group: tuple[int, ...]) -> Bools:
    """Which boxes have some of a group and not all of it."""
    here = np.zeros(len(axes.at))
    here[list(group)] = 1.0
    has = axes.sums(here)
    cut: Bools = (has > 0) & (has < len(group))
    return cut


def _apart(instance: Instance, cost: Floats, short: float) -> tuple[Floats, Floats]:
    """What a box costs that cuts a group, and what one costs that does not."""
    setting = instance.rules["kept_together"]
    if setting.mode == "hard":
        return np.full_like(cost, np.inf), cost
    extra = short * setting.price if setting.mode == "soft" else 0.0
    return cost + extra, cost


def _owners(instance: Instance, axes: Axes) -> Floats:
    """How many owners reach enough of each box."""
    bidders = instance.bidders
    share = thousandths(instance.rules["enough_bidders"].options["reaches"]) / THOUSAND
    worth = instance.cells.value.astype(float)
    if not worth.any():
        worth = np.ones_like(worth)
    least = share * (1 - HAIR)
    # What a bidder reaches of a box, less what it has to: not below nought where it could bid.
    over = np.array([axes.grid(worth * (reach - least)) for reach in bidders.reach])
    over = over @ subsets(over.shape[3]).T
    groups, count = subsets(over.shape[2]), np.zeros(axes.shape)
    for authorities, chosen in enumerate(subsets(over.shape[1])):
        inside = np.tensordot(over, chosen, (1, 0))  # of each bidder, groups and sets of services
        for owner in range(len(bidders.owners)):
            could = np.zeros(axes.shape[1:], dtype=bool)
            for k in np.flatnonzero(bidders.owner == owner):
                could |= groups @ inside[k] >= 0
            count[authorities] += could
    return count
