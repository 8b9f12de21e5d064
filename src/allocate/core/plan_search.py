"""Searching for plans: annealing from scratch or from the best, then of a few lots at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from allocate.core.annealing import anneal
from allocate.core.growing import grown
from allocate.core.merged import merged
from allocate.core.partition import CentreCost, CutCost, Partition, in_order
from allocate.core.pursuit import Pursuit
from allocate.units import Ints

SHORT, LONG = 200, 2000  # moves of annealing a cell at each temperature, at first and at most
ANEW, WARM = 0.5, 0.4  # how often a search begins anew, and with what heat it does not
NEAR = 2, 6  # lots that are parted again together, from and below
SMALL = 8  # lots: a plan of fewer is annealed whole
HUNG = 0.5  # how often lots that need not hang together are made to, for good plans do mostly
PARTS = 3  # searches of a few lots for one of all, a lot


class PlanSearch:
    """A search for plans that goes on where it stopped.

    Parameters
    ----------
    pursuit
        What is parted; plans go there.
    seed
        Of everything random.
    met
        Called with partings of all cells met on the way, whether they are plans or not.
    """

    def __init__(
        self, pursuit: Pursuit, seed: int, met: Callable[[Ints], None] = lambda _: None
    ) -> None:
        self._pursuit, self._rng, self._met = pursuit, np.random.default_rng(seed), met
        self._partition, self._group = merged(pursuit.partition)
        self._first = np.unique(self._group, return_index=True)[1]
        self._steps = SHORT
        self.stalled = 0

    def first(self) -> None:
        """Look for a plan, shortly."""
        self.run(2, None)

    def run(self, rounds: int, centres: Ints | None) -> None:
        """Search so many times.

        Parameters
        ----------
        rounds
            Searches of all lots; a plan of many lots is searched in parts as well.
        centres
            Where lots may grow from, or None.
        """
        pursuit = self._pursuit
        for _ in range(rounds):
            if pursuit.over():
                return
            before = pursuit.value
            plan = self._whole(centres)
            if plan is not None and plan.max() >= SMALL:
                self._in_parts(plan)
            better = pursuit.value < before
            # Short searches in vain say little.
            self.stalled = 0 if better else self.stalled + (self._steps == LONG)
            if not better:
                self._steps = min(LONG, 2 * self._steps)

    def _whole(self, centres: Ints | None) -> Ints | None:
        """Anneal all lots, from scratch or from the best plan; returns the plan, by groups."""
        pursuit, partition, rng = self._pursuit, self._partition, self._rng
        if not partition.contiguous and rng.random() < HUNG:
            partition = replace(partition, contiguous=True)
        again = pursuit.best is not None and rng.random() >= ANEW
        start = self._grown(partition, centres)
        if again and pursuit.best is not None:
            start = pursuit.best[self._first]
        if start is None:
            return None
        found = anneal(
            partition,
            start,
            steps=self._steps * partition.cells,
            rng=rng,
            over=pursuit.over,
            met=lambda lots: self._met(lots[self._group]),
            warmth=WARM if again else 1.0,
        )
        if found is not None:
            pursuit.met(found[self._group])
        return found

    def _grown(self, partition: Partition, centres: Ints | None) -> Ints | None:
        """Grow lots from centres or from anywhere: always the same seeds would be a trap."""
        rng = self._rng
        if centres is not None and rng.random() < 0.5:
            seeds = np.unique(self._group[centres])
            found = grown(partition, len(seeds), rng, seeds)
            if found is not None:
                return found
        return grown(partition, int(rng.integers(partition.least, partition.most + 1)), rng)

    def _in_parts(self, plan: Ints) -> None:
        """Anneal a few lots of a plan, by groups, that lie near each other, again and again."""
        pursuit, partition, rng = self._pursuit, self._partition, self._rng
        for _ in range(PARTS * (int(plan.max()) + 1)):
            if pursuit.over():
                return
            chosen = _near(partition, plan, int(rng.integers(*NEAR)), rng)
            cells = np.flatnonzero(np.isin(plan, chosen))
            part, lots = part_of(partition, cells, len(chosen)), in_order(plan[cells])
            found = anneal(
                part,
                lots,
                steps=SHORT * len(cells),
                rng=rng,
                over=pursuit.over,
                warmth=WARM if rng.random() >= ANEW else 1.0,
            )
            if found is not None and (part.total(found) or 0) < (part.total(lots) or 0):
                plan = plan.copy()
                plan[cells] = partition.cells + found
                plan = in_order(plan)
                pursuit.met(plan[self._group])


def _near(partition: Partition, lots: Ints, count: int, rng: np.random.Generator) -> list[int]:
    """Choose a lot and others, each of which touches one that is chosen."""
    ends = lots[partition.edges]
    ends = ends[ends[:, 0] != ends[:, 1]]
    chosen = [int(rng.integers(lots.max() + 1))]
    while len(chosen) < count:
        one, other = np.isin(ends, chosen).T
        beside = np.concatenate([ends[one & ~other, 1], ends[other & ~one, 0]])
        if not len(beside):
            break
        chosen.append(int(rng.choice(beside)))
    return chosen


def part_of(partition: Partition, cells: Ints, count: int) -> Partition:
    """Return some cells, (m,) in order, to be parted into so many lots within the same limits."""
    at = np.full(partition.cells, -1)
    at[cells] = np.arange(len(cells))
    inside = (at[partition.edges] >= 0).all(axis=1)
    pairs = at[partition.together]
    cost = partition.cost
    if isinstance(cost, CentreCost):
        cost = CentreCost(cost.way[np.ix_(cells, cells)])
    elif isinstance(cost, CutCost):
        cost = CutCost(cost.weight[inside])
    return replace(
        partition,
        size=partition.size[cells],
        edges=at[partition.edges[inside]],
        together=pairs[(pairs >= 0).all(axis=1)],
        least=count,
        most=count,
        cost=cost,
    )
