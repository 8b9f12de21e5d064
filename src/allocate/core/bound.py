"""The bound: prices on scarce resources, under which every group chooses for itself.

Each resource has a price that its users pay and its limit earns back (Lagrangian relaxation,
Geoffrion 1974). What is left falls apart into groups, each at its cheapest option, and blocks, each
at its cheapest alternative: for one alternative it is one sort, as its target is met by those
credited options that are least dearer than their groups' cheapest ones. So a bound over all
alternatives of all blocks costs one pass over the options. Prices climb along smoothed
subgradients with Polyak's step towards a target that falls when it is not reached
(Camerini, Fratta & Maffioli 1975; Held, Wolfe & Crowder 1974).

Any prices at all prove a bound; it is counted in whole numbers once they are rounded.
"""

# ruff: noqa: ANN001, ANN202 (loops are compiled, and typed as they are used)
# mypy: disable-error-code=no-untyped-def
from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from math import inf

import numpy as np
from numba import njit

from allocate.core.pieces import cut, do
from allocate.core.structure import Structure
from allocate.units import Floats, Ints

SMOOTH = 0.3  # of a new subgradient in the direction
PATIENCE = 12  # steps without a better bound before the step is shortened
SHORTER = 0.6
REACH = 0.05
COOLING = 400  # steps from the warmest to the coldest, times the mean cost of an option
WARMEST, COLDEST = 0.1, 0.001


@dataclass
class Prices:
    """Prices of resources, (R,), and of growth brought by an alternative, by grower, (K,)."""

    resource: Floats
    growth: Floats

    def copy(self) -> Prices:
        """Return prices that may be changed."""
        return Prices(self.resource.copy(), self.growth.copy())


class Relaxation:
    """A structure and its costs, ready to be priced again and again.

    Parameters
    ----------
    structure
        Of the program.
    cost
        Whole and never negative, (columns,).
    threads
        How many may look at groups side by side; what they find does not depend on it.
    """

    def __init__(self, structure: Structure, cost: Ints, threads: int = 1) -> None:
        self.structure, self.cost, self.threads = structure, cost, threads
        self.pieces = cut(structure.start)
        s, flat = structure, structure.flat
        use = s.use[s.option]
        self.use_start = use.indptr.astype(np.int64)
        self.use_row = use.indices.astype(np.int64)
        self.use_amount = use.data.astype(np.float64)
        self.option_cost = cost[s.option].astype(np.float64)
        growers = np.unique(s.grower[s.grower >= 0])
        self.growers = growers
        self.grower_of = np.where(s.grower >= 0, np.searchsorted(growers, s.grower), -1)
        self.block_start = np.searchsorted(s.block, np.arange(len(s.target) + 1)).astype(np.int64)
        self.loose_use = s.use[s.boxed]
        self.limit = s.limit.astype(np.float64)
        self.lower = flat.lower[s.boxed].astype(np.float64)
        self.upper = flat.upper[s.boxed].astype(np.float64)
        self.group = s.group

    def nothing(self) -> Prices:
        """Return prices of nought."""
        return Prices(np.zeros(len(self.limit)), np.zeros(len(self.growers)))

    def relax(self, prices: Prices) -> Relaxed:
        """Let every group and block choose at some prices."""
        s = self.structure
        y = prices.resource
        reduced = self.option_cost.copy()
        activity = np.zeros(len(y))
        choice = np.zeros(len(s.start) - 1, dtype=np.int64)
        total = 0.0
        for worth, taken in do(
            lambda piece: self._chosen(piece, reduced, y, choice), self.pieces, self.threads
        ):
            total += worth
            activity += taken
        led = np.zeros(len(s.target), dtype=np.int64)
        value = np.zeros(len(s.alternative))
        margin = np.zeros(len(s.alternative))
        if len(led):
            own = self.cost[s.alternative] + s.use[s.alternative] @ y
            own = own - np.append(prices.growth, 0.0)[self.grower_of]
            penalty = np.where(s.short >= 0, self.cost[s.short] + s.use[s.short] @ y, np.inf)
            total += _lead(
                self.block_start,
                own,
                penalty,
                s.target.astype(np.float64),
                s.credit_start,
                s.credit_option,
                s.credit.astype(np.float64),
                self.group,
                reduced,
                choice,
                self.use_start,
                self.use_row,
                self.use_amount,
                activity,
                led,
                value,
                margin,
            )
        total -= float(y @ self.limit)
        total += self._boxes(y, activity)
        growth = np.zeros(len(self.growers))
        total += self._grow(prices, led, activity, growth)
        return Relaxed(total, activity - self.limit, growth, reduced, choice, led, value, margin)

    def _chosen(
        self, piece: slice, reduced: Floats, y: Floats, choice: Ints
    ) -> tuple[float, Floats]:
        """Let the groups of a piece choose; return what it comes to, and what they take, (R,)."""
        taken = np.zeros(len(y))
        worth = _choose(
            self.structure.start[piece.start : piece.stop + 1], reduced,
            self.use_start, self.use_row, self.use_amount, y, choice[piece], taken,
        )  # fmt: skip
        return worth, taken

    def soften(self, y: Floats, heat: float) -> tuple[Floats, Floats]:
        """Let every group choose softly; return what that asks of each resource, and its slope.

        Parameters
        ----------
        y
            Prices of resources, (R,).
        heat
            In steps of cost: the colder, the more of the cheapest option.
        """

        def asked(piece: slice) -> Floats:
            found = np.zeros((2, len(y)))
            _soften(
                self.structure.start[piece.start : piece.stop + 1], self.option_cost,
                self.use_start, self.use_row, self.use_amount, y, heat, *found,
            )  # fmt: skip
            return found

        amount, slope = np.sum(do(asked, self.pieces, self.threads), axis=0)
        return amount, slope

    def _boxes(self, y: Floats, activity: Floats) -> float:
        """Columns limited by their bounds alone: each at whichever is cheaper."""
        if not len(self.lower):
            return 0.0
        reduced = self.cost[self.structure.boxed] + self.loose_use @ y
        value = np.where(reduced < 0, self.upper, self.lower)
        activity += self.loose_use.T @ value
        return float(reduced @ value)

    def _grow(self, prices: Prices, led: Ints, activity: Floats, growth: Floats) -> float:
        """Growth comes where its own price is below what it saves."""
        if not len(self.growers):
            return 0.0
        use = self.structure.use[self.growers]
        reduced = self.cost[self.growers] + use @ prices.resource + prices.growth
        come = (reduced < 0).astype(float)
        activity += use.T @ come
        brought = self.grower_of[led]
        growth += come - np.bincount(brought[brought >= 0], minlength=len(growth))
        return float(np.minimum(reduced, 0).sum())


def anneal(
    relaxation: Relaxation,
    *,
    until: float = inf,
    stop: Callable[[], bool] = lambda: False,
) -> Prices:
    """Find prices at which groups that choose softly take what there is.

    At a temperature each option is chosen in proportion to the exponential of its cost; what agents
    are then asked for is smooth in their prices, and Newton's step on each price by itself balances
    them (as Sinkhorn & Knopp 1967 do for tables; smoothing as in Nesterov 2005). As it cools the
    choice becomes the cheapest one. Ties, at which subgradients stall, do no harm here.

    Parameters
    ----------
    relaxation
        What is priced; its alternatives are not looked at.
    until, stop
        When to end: a time of ``time.monotonic``, or a wish.
    """
    r, prices = relaxation, relaxation.nothing()
    if not len(r.limit):
        return prices
    users = np.maximum(np.bincount(r.use_row, minlength=len(r.limit)), 1)
    amount = np.bincount(r.use_row, np.abs(r.use_amount), minlength=len(r.limit)) / users
    last = coldest(r)
    for step in range(COOLING):
        if stop() or time.monotonic() > until:
            break
        heat = last * (WARMEST / COLDEST) ** (1 - step / (COOLING - 1))
        asked, slope = r.soften(prices.resource, heat)
        most = 4 * heat / np.maximum(amount, 1e-9)
        move = (asked - r.limit) / np.maximum(slope, 1e-12)
        prices.resource = np.maximum(prices.resource + np.clip(move, -most, most), 0.0)
    return prices


def coldest(relaxation: Relaxation) -> float:
    """Return the last temperature of ``anneal``, in steps of cost."""
    positive = relaxation.option_cost[relaxation.option_cost > 0]
    return COLDEST * float(positive.mean()) if len(positive) else 1.0


@dataclass(frozen=True)
class Relaxed:
    """What comes of some prices.

    Parameters
    ----------
    bound
        No plan costs less, up to the rounding of floats.
    excess, growth
        By how much resources are overdrawn, (R,), and growth brought by none, (K,): the
        subgradient.
    reduced
        Cost of each option at the prices, (J,).
    choice
        Position of the cheapest option of each group, (G,).
    led, value, margin
        Cheapest alternative of each block, (B,); what each adds, and its price of a credit, (A,).
    """

    bound: float
    excess: Floats
    growth: Floats
    reduced: Floats
    choice: Ints
    led: Ints
    value: Floats
    margin: Floats


def climb(
    relaxation: Relaxation,
    prices: Prices,
    *,
    steps: int,
    known: float = inf,
    until: float = inf,
    reach: float = REACH,
    stop: Callable[[], bool] = lambda: False,
) -> tuple[Prices, Relaxed]:
    """Improve prices step by step; return the best and what comes of them.

    Parameters
    ----------
    relaxation
        What is priced.
    prices
        To start from.
    steps, until
        When to stop: so many steps, or a time of ``time.monotonic``.
    known
        Cost of a plan, if there is one.
    reach
        How far above the best bound the first target is, relative to it.
    stop
        Asked at every step.
    """
    best, found = prices.copy(), relaxation.relax(prices)
    now, at = found, prices.copy()
    stalled = 0
    direction = now.excess.copy(), now.growth.copy()
    since = found.bound
    for _ in range(steps):
        if stop() or time.monotonic() > until:
            break
        size = max(abs(found.bound), 1.0)
        target = min(known, found.bound + reach * size)
        rows, growths = (
            (1 - SMOOTH) * old + SMOOTH * new
            for old, new in zip(direction, (now.excess, now.growth), strict=True)
        )
        rows[(at.resource <= 0) & (rows < 0)] = 0.0
        direction = rows, growths
        square = float(rows @ rows) + float(growths @ growths)
        if square <= 0:
            break
        move = max(target - now.bound, 0.0) / square
        at.resource = np.maximum(at.resource + move * rows, 0.0)
        at.growth = np.maximum(at.growth + move * growths, 0.0)
        now = relaxation.relax(at)
        if now.bound > found.bound:
            best, found, stalled = at.copy(), now, 0
        else:
            stalled += 1
        if stalled >= PATIENCE:
            at, now, stalled = best.copy(), found, 0
            direction = now.excess.copy(), now.growth.copy()
            gained = found.bound - since
            since = found.bound
            if gained < 0.3 * reach * size:
                reach *= SHORTER
            if reach < 1e-9:
                break
    return best, found


@njit(cache=True, nogil=True)
def _soften(start, cost, use_start, use_row, use_amount, y, heat, asked, slope):
    """Add up what is asked of each resource, and its slope, where groups choose softly."""
    most = 1
    for g in range(len(start) - 1):
        most = max(most, start[g + 1] - start[g])
    part = np.empty(most)
    for g in range(len(start) - 1):
        first, last = start[g], start[g + 1]
        least = np.inf
        for j in range(first, last):
            reduced = cost[j]
            for e in range(use_start[j], use_start[j + 1]):
                reduced += y[use_row[e]] * use_amount[e]
            part[j - first] = reduced
            least = min(least, reduced)
        total = 0.0
        for j in range(first, last):
            cold = (part[j - first] - least) / heat
            part[j - first] = np.exp(-cold) if cold < 30.0 else 0.0
            total += part[j - first]
        for j in range(first, last):
            share = part[j - first] / total
            if share > 1e-9:
                for e in range(use_start[j], use_start[j + 1]):
                    asked[use_row[e]] += share * use_amount[e]
                    slope[use_row[e]] += use_amount[e] ** 2 * share * (1.0 - share) / heat


@njit(cache=True, nogil=True)
def _choose(start, reduced, use_start, use_row, use_amount, y, choice, activity):
    """Give each group its cheapest option at the prices; return what that costs."""
    total = 0.0
    for g in range(len(start) - 1):
        best, least = -1, np.inf
        for j in range(start[g], start[g + 1]):
            cost = reduced[j]
            for e in range(use_start[j], use_start[j + 1]):
                cost += y[use_row[e]] * use_amount[e]
            reduced[j] = cost
            if cost < least:
                least, best = cost, j
        if best < 0:
            return np.inf
        choice[g] = best
        total += least
        for e in range(use_start[best], use_start[best + 1]):
            activity[use_row[e]] += use_amount[e]
    return total


@njit(cache=True)
def _lead(
    block_start,
    own,
    penalty,
    target,
    credit_start,
    credit_option,
    credit,
    group,
    reduced,
    choice,
    use_start,
    use_row,
    use_amount,
    activity,
    led,
    value,
    margin,
):
    """Give each block its cheapest alternative; return what they add."""
    total = 0.0
    for b in range(len(target)):
        best, least = -1, np.inf
        for a in range(block_start[b], block_start[b + 1]):
            first, last = credit_start[a], credit_start[a + 1]
            regret = np.empty(last - first)
            for c in range(first, last):
                j = credit_option[c]
                regret[c - first] = (reduced[j] - reduced[choice[group[j]]]) / credit[c]
            order = np.argsort(regret)
            cost, have, price = own[a], 0.0, 0.0
            for i in order:
                if have >= target[b] or regret[i] > penalty[b]:
                    break
                amount = min(credit[first + i], target[b] - have)
                cost += regret[i] * amount
                have += amount
                price = regret[i]
            if have < target[b]:
                price = penalty[b]
                cost = np.inf if price == np.inf else cost + price * (target[b] - have)
            value[a], margin[a] = cost, price
            if cost < least:
                best, least = a, cost
        if best < 0:
            return np.inf
        led[b] = best
        total += least
        left = target[b]
        for c in range(credit_start[best], credit_start[best + 1]):
            j = credit_option[c]
            base = choice[group[j]]
            if j == base:
                left -= credit[c]
        # Others are credited in part where they tie at the margin: all that are cheaper, first.
        for tied in (False, True):
            for c in range(credit_start[best], credit_start[best + 1]):
                j = credit_option[c]
                base = choice[group[j]]
                each = (reduced[j] - reduced[base]) / credit[c]
                if j == base or left <= 0 or each > margin[best] or (each < margin[best]) == tied:
                    continue
                part = min(1.0, left / credit[c])
                left -= part * credit[c]
                for e in range(use_start[j], use_start[j + 1]):
                    activity[use_row[e]] += part * use_amount[e]
                for e in range(use_start[base], use_start[base + 1]):
                    activity[use_row[e]] -= part * use_amount[e]
    return total
