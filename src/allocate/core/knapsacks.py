"""A tighter bound: prices on being placed, under which every agent packs for itself.

Where the capacity of each agent is kept exactly, and it is only priced that each group has one
option, the relaxation falls apart into one knapsack an agent (Ross & Soland 1975; Fisher, Jaikumar
& Van Wassenhove 1986). Its bound is never below that of prices on capacity, where knapsacks may be
filled with parts of groups. An agent may pack as the alternative of some blocks, with their credits
and its growth: each such way is a knapsack of its own, and the cheapest counts. Alternatives that
prices on capacity prove too dear are closed, so that these ways are few.

Each knapsack is solved to the end: what its own relaxation settles is fixed, and the few groups in
doubt go through dynamic programming (Balas & Zemel 1980). All is counted in whole numbers, so any
prices of groups prove what they come to.
"""

# ruff: noqa: ANN001, ANN202 (loops are compiled, and typed as they are used)
# mypy: disable-error-code=no-untyped-def
from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from math import inf

import numpy as np
from numba import njit

from allocate.core.bound import Relaxation
from allocate.core.field import Agents
from allocate.core.outcome import Proof
from allocate.core.pieces import cut, do
from allocate.core.proof import LARGEST, boxes, own_costs, worths
from allocate.core.structure import Bools, best_of
from allocate.units import Floats, Ints, ceil_div

STEPS = 500  # of the climb
SMOOTH = 0.3  # of a new subgradient in the direction
FIRST, PATIENCE, SHORTER, LAST = 0.03, 12, 0.7, 1e-4  # step, and when it is shortened and is over
KNOWN = 0.03  # the first step from prices of an earlier answer
GOAL = 0.65  # of the way from the bound to the plan: alternatives that prove as much are closed
UNDECIDED = 5  # blocks in which an agent may be one of several open alternatives, at most
NEAR = 4  # options of a group, on average, that a step looks at
NEGLIGIBLE = 1e-8  # of the plan's cost: an agent's knapsack need not be known better
FEW = 24  # items that are packed first of all
NEVER = 1 << 61
LOOK = 12  # steps between two looks at all options


@dataclass(frozen=True)
class Ways:
    """Ways in which agents may pack: as the alternatives of some blocks, or of none.

    Parameters
    ----------
    agent, room
        Of each way, (W,), agent by agent, the one with fewest alternatives first.
    first, group, cost
        What may be packed in way w are the entries ``first[w]:first[w + 1]``, each a group and a
        cost; those of ``first[W]:first[W + 1]`` may be outside.
    led_first, led, paid
        Blocks of way w are ``led[led_first[w]:led_first[w + 1]]``; the way costs ``paid``, (W,).
    """

    agent: Ints
    room: Ints
    first: Ints
    group: Ints
    cost: Ints
    led_first: Ints
    led: Ints
    paid: Ints

    @cached_property
    def pieces(self) -> list[slice]:
        """Ways in pieces, no agent in two of them."""
        first = np.unique(self.agent, return_index=True)[1]
        entries = self.first[np.append(first, len(self.agent))]
        bounds = np.append(first, len(self.agent)).tolist()
        return [slice(bounds[piece.start], bounds[piece.stop]) for piece in cut(entries)]

    def only(self, kept: Bools) -> Ways:
        """Return the same with some of what may be packed."""
        first = np.append(0, np.cumsum(kept))[self.first]
        return replace(self, first=first, group=self.group[kept], cost=self.cost[kept])


class Knapsacks:
    """Agents with what may be put with them, at the prices of a proof.

    Parameters
    ----------
    relaxation, agents
        What is priced, and which rows are the agents'.
    proof
        Prices of all rows, and what they prove.
    known
        What the plan at hand costs, in steps.
    """

    def __init__(self, relaxation: Relaxation, agents: Agents, proof: Proof, known: int) -> None:
        s = relaxation.structure
        self._relaxation, self._agents, self._proof = relaxation, agents, proof
        self.groups, self._weight = len(s.start) - 1, agents.weight
        self._spare = known * proof.scale - proof.total
        self._near_enough = int(NEGLIGIBLE * known * proof.scale)
        self._others = proof.price.copy()
        self._others[agents.resource] = 0
        self._cost = relaxation.cost[s.option] * proof.scale + s.use[s.option] @ self._others
        self._reduced = self._cost + s.use[s.option] @ (proof.price - self._others)
        self._least = np.minimum.reduceat(self._reduced, s.start[:-1])
        regret = self._reduced - self._least[s.group]
        worth = worths(
            relaxation, proof.scale, proof.price, proof.growth, proof.margin, regret
        )  # fmt: skip
        least = np.full(len(s.target), LARGEST, dtype=object)
        np.minimum.at(least, s.block, worth)
        dearer = np.minimum(worth - least[s.block], LARGEST).astype(np.int64)
        self._whose = _agents_of(relaxation, agents)
        self.open = self._left_open(dearer)
        shut = np.delete(dearer, self.open)
        self.most = proof.total + min(self._spare, int(shut.min(initial=LARGEST)))
        self._several = np.bincount(s.block[self.open], minlength=len(s.target)) > 1
        self._all = self._all_ways()
        last = min(NEAR * self.groups, len(regret) - 1)
        self._near = self._all.only(self._regrets() <= np.partition(regret, last)[last])
        self._fixed = boxes(relaxation, proof.scale, self._others) - int(self._others @ s.limit)

    def _left_open(self, dearer: Ints) -> Ints:
        """Alternatives that are not dearer by as much as may be proven, few enough an agent."""
        s = self._relaxation.structure
        goal = int(GOAL * self._spare)
        for most in np.sort(np.append(dearer[dearer < goal], goal))[::-1]:
            found = np.flatnonzero((dearer < most) | (dearer == 0))
            several = np.bincount(s.block[found], minlength=len(s.target)) > 1
            whose = self._whose[found[several[s.block[found]]]]
            if np.bincount(whose[whose >= 0]).max(initial=0) <= UNDECIDED:
                break
        return found

    def _all_ways(self) -> Ways:
        s, agents, scale = self._relaxation.structure, self._agents, self._proof.scale
        own = own_costs(self._relaxation, scale, self._others, self._proof.margin).astype(np.int64)
        order = np.argsort(agents.agent, kind="stable")
        bounds = np.searchsorted(agents.agent[order], np.arange(len(agents.resource) + 2))
        whose, several = self._whose[self.open], self._several[s.block[self.open]]
        found: list[tuple[int, int, Ints, Ints, Ints, int]] = []
        for k, (low, high) in enumerate(pairwise(bounds[:-1])):
            mine = order[low:high]
            sure, may = (self.open[(whose == k) & each] for each in (~several, several))
            for way in range(1 << len(may)):
                led = np.append(sure, may[(way >> np.arange(len(may))) & 1 == 1])
                room, grown = self._grown(k, led)
                paid = int(own[led].sum()) + grown
                found.append((k, room, mine, self._credited(mine, led), s.block[led], paid))
        for i, a in enumerate(self.open[whose < 0].tolist()):  # of no agent: led or not, no more
            none = order[:0]
            if self._several[s.block[a]]:
                found.append((len(bounds) + i, 0, none, none, none, 0))
            one = s.block[[a]], int(own[a])
            found.append((len(bounds) + i, 0, none, none, *one))
        out = order[bounds[-2] :]
        return Ways(
            agent=np.array([each[0] for each in found]),
            room=np.array([each[1] for each in found]),
            first=np.cumsum([0, *(len(each[2]) for each in found), len(out)]),
            group=s.group[np.concatenate([*(each[2] for each in found), out])],
            cost=np.concatenate([*(each[3] for each in found), self._cost[out]]),
            led_first=np.cumsum([0, *(len(each[4]) for each in found)]),
            led=np.concatenate([each[4] for each in found]).astype(np.int64),
            paid=np.array([each[5] for each in found]),
        )

    def _regrets(self) -> Ints:
        """What each entry costs at the prices of room above the cheapest option of its group."""
        ways, agents, proof = self._all, self._agents, self._proof
        each = np.append(proof.price[agents.resource] * agents.unit, 0)
        agent = np.append(np.minimum(ways.agent, len(each) - 1), len(each) - 1)
        charge = each[np.repeat(agent, np.diff(ways.first))] * self._weight[ways.group]
        return np.asarray(ways.cost + charge - self._least[ways.group])

    def _grown(self, k: int, led: Ints) -> tuple[int, int]:
        """Units of an agent's room with the growth of its alternatives, and what that costs."""
        s, agents = self._relaxation.structure, self._agents
        growers = np.unique(s.grower[led])
        growers = growers[growers >= 0]
        use = s.use[growers]
        cost = self._relaxation.cost[growers] * self._proof.scale + use @ self._others
        room = int(s.limit[agents.resource[k]]) - int(use[:, [agents.resource[k]]].sum())
        return room // agents.unit, int(cost.sum())

    def _credited(self, mine: Ints, led: Ints) -> Ints:
        """Costs of an agent's options while it is the alternative of some blocks."""
        s = self._relaxation.structure
        cost = self._cost[mine]
        for a in led:
            entries = slice(s.credit_start[a], s.credit_start[a + 1])
            at = np.searchsorted(mine, s.credit_option[entries])
            cost[at] -= self._proof.margin[a] * s.credit[entries]
        return cost

    def begin(self, guess: Floats | None = None) -> Ints:
        """Prices of groups, then of blocks, to begin with: halfway from the best to the next best.

        Groups that may be credited in undecided blocks pay what is best, so that nothing is
        decided by what they pay.

        Parameters
        ----------
        guess
            What groups paid in an earlier answer, in steps, (G,): it stands where it is not nought.

        Returns
        -------
        Ints
            Shape (G + B,).
        """
        s, proof = self._relaxation.structure, self._proof
        reduced = self._reduced.copy()
        several = self._several[s.block[self.open]]
        for a in self.open[~several]:
            entries = slice(s.credit_start[a], s.credit_start[a + 1])
            reduced[s.credit_option[entries]] -= proof.margin[a] * s.credit[entries]
        least = np.minimum.reduceat(reduced, s.start[:-1])
        rest = reduced.copy()
        rest[best_of(s.start, -reduced.astype(float))] = LARGEST
        more = np.minimum(np.minimum.reduceat(rest, s.start[:-1]) - least, self._spare) // 2
        for a in self.open[several]:
            entries = slice(s.credit_start[a], s.credit_start[a + 1])
            more[s.group[s.credit_option[entries]]] = 0
        paid = least + more
        if guess is not None:
            paid = np.where(guess, np.rint(guess * proof.scale), paid).astype(np.int64)
        price = np.append(paid, np.zeros(len(s.target), dtype=np.int64))
        price[self.groups :] = self._block_prices(price)
        return price

    def _block_prices(self, price: Ints) -> Ints:
        """What undecided blocks pay: halfway from their best alternative to the next best, (B,)."""
        ways, (worth, _) = self._all, self._packed(self._all, price)
        added: list[list[int]] = [[] for _ in self._several]
        base = np.searchsorted(ways.agent, ways.agent)
        led = np.diff(ways.led_first)
        for w in np.flatnonzero(led == led[base] + 1):
            added[ways.led[ways.led_first[w + 1] - 1]].append(int(worth[w] - worth[base[w]]))
        return np.array([sum(sorted(each)[:2]) // max(1, len(each[:2])) for each in added])

    def pack(self, price: Ints, *, near: bool = False) -> tuple[int, Ints]:
        """Let every agent pack at some prices of groups and blocks.

        Parameters
        ----------
        price
            As of ``begin``, (G + B,).
        near
            Whether to look only at options that groups regret least: what comes of it proves
            nothing, and tells where to go.

        Returns
        -------
        tuple
            What that proves, and how often each group and block is taken, (G + B,).
        """
        ways = self._near if near else self._all
        worth, times = self._packed(ways, price)
        packed = int(np.minimum.reduceat(worth, np.unique(ways.agent, return_index=True)[1]).sum())
        first, last = ways.first[-2:]
        net = np.minimum(ways.cost[first:last] - price[ways.group[first:last]], 0)
        times += np.bincount(ways.group[first:last][net < 0], minlength=len(price))
        return packed + int(net.sum()) + int(price.sum()) + self._fixed, times

    def _packed(self, ways: Ways, price: Ints) -> tuple[Ints, Ints]:
        """What each way comes to, (W,), and how often groups and blocks are taken, (G + B,)."""
        worth = np.zeros(len(ways.agent), dtype=np.int64)

        def packed(piece: slice) -> Ints:
            times = np.zeros(len(price), dtype=np.int64)
            ends = slice(piece.start, piece.stop + 1)
            _pack_all(
                *(ways.agent[piece], ways.room[piece], ways.first[ends], ways.group, ways.cost),
                *(ways.led_first[ends], ways.led, ways.paid[piece]),
                *(self._weight, price, self._near_enough, worth[piece], times),
            )
            return times

        return worth, np.sum(do(packed, ways.pieces, self._relaxation.threads), axis=0)

    def proof(self, price: Ints) -> Proof:
        """Prove what there is to prove at some prices of groups and blocks, (G + B,)."""
        s, scale = self._relaxation.structure, self._proof.scale
        bound = ceil_div(min(self.pack(price)[0], self.most), scale)
        paid = price[self.groups :] + (price[self.groups :] == 0)  # no price would say closed
        return replace(
            self._proof,
            bound=bound,
            group=s.option[s.start[:-1]],
            group_price=price[: self.groups],
            led=s.alternative[self.open],
            led_price=paid[s.block[self.open]],
        )


def find_knapsacks(
    relaxation: Relaxation, agents: Agents, proof: Proof, known: int
) -> Knapsacks | None:
    """Tell whether agents may pack for themselves; None where something else has a say.

    Parameters
    ----------
    relaxation, agents, proof, known
        As of ``Knapsacks``.
    """
    s = relaxation.structure
    own = s.use[:, agents.resource]
    if own[s.boxed].nnz or own[s.alternative].nnz or not known > proof.bound:
        return None
    whose = np.repeat(np.arange(len(s.alternative)), np.diff(s.credit_start))
    mixed = _agents_of(relaxation, agents)[whose] != agents.agent[s.credit_option]
    return None if mixed.any() else Knapsacks(relaxation, agents, proof, known)


def _agents_of(relaxation: Relaxation, agents: Agents) -> Ints:
    """The agent that is credited, or grows, while an alternative is chosen; -1 for none, (A,)."""
    s = relaxation.structure
    whose = np.full(len(s.alternative), -1)
    for a in range(len(whose)):
        credited = agents.agent[s.credit_option[s.credit_start[a] : s.credit_start[a + 1]]]
        grows = s.use[s.grower[a], agents.resource].indices if s.grower[a] >= 0 else credited
        whose[a] = next(iter(np.append(credited, grows).tolist()), -1)
    return whose


def settle(
    knapsacks: Knapsacks,
    guess: Floats | None = None,
    *,
    until: float = inf,
    stop: Callable[[], bool] = lambda: False,
    report: Callable[[Proof], None] = lambda _: None,
) -> Proof:
    """Settle prices of groups and blocks: climb along smoothed subgradients, with Polyak's step.

    Parameters
    ----------
    knapsacks
        What packs.
    guess
        As of ``Knapsacks.begin``.
    until, stop
        When to end: a time of ``time.monotonic``, or a wish.
    report
        Called with better proofs now and then.
    """
    goal, best = float(knapsacks.most), knapsacks.begin()
    proof, (highest, times), length = knapsacks.proof(best), knapsacks.pack(best, near=True), FIRST
    if guess is not None:
        known = knapsacks.begin(guess)
        proof = max(proof, knapsacks.proof(known), key=lambda one: one.bound)
        if (found := knapsacks.pack(known, near=True))[0] > highest:
            best, (highest, times), length = known, found, KNOWN
    report(proof)
    at, now, stalled = best.astype(float), highest, 0
    direction = np.zeros(len(at))
    widest = LARGEST / (4 * len(at))  # sums of prices stay whole numbers of a machine
    for step in range(1, STEPS + 1):
        if stop() or time.monotonic() > until or highest >= goal or length < LAST:
            break
        direction = (1 - SMOOTH) * direction + SMOOTH * (1.0 - times)
        square = float(direction @ direction)
        if square < 1e-6:  # everything is taken once: no prices prove more
            break
        at += length * max(goal - now, 0.0) / square * direction
        at = np.clip(at, -widest, widest)
        now, times = knapsacks.pack(np.rint(at).astype(np.int64), near=True)
        if now > highest:
            highest, best, stalled = now, np.rint(at).astype(np.int64), 0
        else:
            stalled += 1
            if stalled == PATIENCE:
                at, length, stalled = best.astype(float), length * SHORTER, 0
        if step % LOOK == 0:
            proof = max(proof, knapsacks.proof(best), key=lambda one: one.bound)
            report(proof)
    return max(proof, knapsacks.proof(best), key=lambda one: one.bound)


@njit(cache=True, nogil=True)
def _pack_all(
    agent, room, first, group, cost, led_first, led, paid, weight, price, near_enough, worth, times
):  # fmt: skip
    """Let every agent pack in each way, and count what is in its best one."""
    ways, widest = len(agent), 1
    for w in range(ways):
        widest = max(widest, first[w + 1] - first[w])
    item, best_item = np.empty(widest, np.int64), np.empty(widest, np.int64)
    net = np.empty(widest, np.int64)
    inside, best_inside = np.empty(widest, np.bool_), np.empty(widest, np.bool_)
    w = 0
    while w < ways:
        k, best, size, charge = agent[w], -1, 0, 0
        while w < ways and agent[w] == k:
            count = 0
            worth[w] = paid[w]
            for e in range(led_first[w], led_first[w + 1]):
                worth[w] -= price[len(weight) + led[e]]
            for j in range(first[w], first[w + 1]):
                each = cost[j] - price[group[j]]
                if each < 0 and weight[group[j]] <= room[w]:
                    item[count], net[count] = group[j], each
                    count += 1
            # At the price of room in a way before, most ways are seen to be no better than it.
            relaxed = _relaxed(item[:count], net[:count], weight, room[w], charge)
            if best >= 0 and worth[w] + relaxed >= worth[best]:
                worth[w] += relaxed
                w += 1
                continue
            packed, charge = _pack(item[:count], net[:count], weight, room[w], inside, near_enough)
            worth[w] += packed
            if best < 0 or worth[w] < worth[best]:
                best, size = w, count
                best_item[:count], best_inside[:count] = item[:count], inside[:count]
            w += 1
        for i in range(size):
            times[best_item[i]] += best_inside[i]
        for e in range(led_first[best], led_first[best + 1]):
            times[len(weight) + led[e]] += 1


@njit(cache=True, nogil=True)
def _relaxed(item, net, weight, room, charge):
    """What no packing of some items goes below, at a price of room that is not negative."""
    total = -charge * room
    for i in range(len(item)):
        total += min(0, net[i] + charge * weight[item[i]])
    return total


@njit(cache=True, nogil=True)
def _pack(item, net, weight, room, inside, near_enough):
    """The least sum of some items, each below nought, within room, and what room is worth.

    Says which are inside. Where these come near enough to what the relaxation proves, that is
    returned.
    """
    size, load, total = len(item), 0, 0
    for i in range(size):
        load += weight[item[i]]
        total += net[i]
    inside[:size] = load <= room
    if load <= room:
        return total, np.int64(0)
    worth = np.empty(size)
    for i in range(size):
        worth[i] = net[i] / weight[item[i]] if weight[item[i]] > 0 else -np.inf
    left, greedy, charge = room, 0, -1
    for i in np.argsort(worth):
        if weight[item[i]] <= left:
            left -= weight[item[i]]
            greedy += net[i]
        elif charge < 0:
            charge = -net[i] // weight[item[i]]
    reduced, relaxed = np.empty(size, np.int64), _relaxed(item, net, weight, room, charge)
    for i in range(size):
        reduced[i] = net[i] + charge * weight[item[i]]
    # A few items nearest to the margin, packed to the end, nearly close what greed leaves open.
    spare, order = greedy - relaxed, np.argsort(np.abs(reduced))
    if size > FEW:
        few = np.abs(reduced[order[FEW]]) - 1
        found = _settle(item, net, weight, room, inside, reduced, few)
        if found - relaxed <= near_enough:
            return relaxed, charge
        spare = min(spare, found - relaxed)
    return _settle(item, net, weight, room, inside, reduced, spare), charge


@njit(cache=True, nogil=True)
def _settle(item, net, weight, room, inside, reduced, spare):
    """Pack with items in or out whose reduced cost is beyond some amount; return the sum.

    It is the least of all if no better sum lies so far above the relaxation.
    """
    size = len(item)
    core = np.empty(size, np.int64)
    count, span, left, total = 0, 0, room, 0
    for i in range(size):
        inside[i] = reduced[i] < -spare
        if inside[i]:
            left -= weight[item[i]]
            total += net[i]
        elif reduced[i] <= spare:
            core[count] = i
            count += 1
            span += weight[item[i]]
    if left < 0:
        return np.int64(NEVER)
    span = min(span, left)
    least = np.zeros(span + 1, np.int64)
    taken = np.zeros((count, span + 1), np.bool_)
    for c in range(count):
        each, w = net[core[c]], weight[item[core[c]]]
        for r in range(span, w - 1, -1):
            if least[r - w] + each < least[r]:
                least[r] = least[r - w] + each
                taken[c, r] = True
    r = span
    for c in range(count - 1, -1, -1):
        if taken[c, r]:
            inside[core[c]] = True
            r -= weight[item[core[c]]]
    return total + least[span]
