"""How far care is covered week by week after somebody goes, and the least that cannot be."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import maximum_flow

from allocate.homecare.instance import Instance
from allocate.homecare.labels import HANDED_BACK, PLACED, Bools
from allocate.homecare.packages import by_provider
from allocate.homecare.pairs import open_at
from allocate.homecare.settled import appointed
from allocate.homecare.solution import Solution
from allocate.units import Ints

LONGEST = 520  # weeks that are looked at, at most


@dataclass(frozen=True)
class Weeks:
    """Who has no care in each week after notice is given, W of them from week 1.

    Parameters
    ----------
    minutes, people
        Carer-minutes a week not covered, and people without care, (W,).
    """

    minutes: Ints
    people: Ints

    @property
    def last(self) -> int:
        """Last week in which anybody of them has no care; 0 where all have it throughout."""
        found = np.flatnonzero(self.people)
        return int(found[-1]) + 1 if len(found) else 0


def weeks_after(instance: Instance, solution: Solution, notice: int) -> Weeks:
    """Count who has no care in each week, while those who step in take carers on.

    Those who hand work back deliver it until their notice ends. Who steps in has its spare hours
    at once; growth of a newly appointed lead comes in equal steps over its ramp, from the day that
    notice is given (at once where no ramp is stated). It takes the most urgent first, of these the
    smallest packages; whoever waited before comes after them.

    Parameters
    ----------
    instance
        The question with the hand-backs made.
    solution
        Who takes what in the end.
    notice
        Weeks of notice.
    """
    packages, providers = instance.packages, instance.providers
    new = appointed(instance, solution)
    longest = int(providers.ramp[new].max(initial=0))
    size = min(max(notice, longest) + 1, LONGEST)
    minutes, people = np.zeros(size, dtype=np.int64), np.zeros(size, dtype=np.int64)
    back = packages.status == HANDED_BACK
    waits = back & (solution.provider < 0)
    minutes[notice:] += int(packages.minutes[waits].sum())
    people[notice:] += int(waits.sum())
    stays = np.where(packages.status == PLACED, solution.provider, -1)
    held = by_provider(stays, packages.load, len(providers.ids))
    room = providers.capacity - held
    for k in np.unique(solution.provider[back & (solution.provider >= 0)]).tolist():
        taken = np.flatnonzero(back & (solution.provider == k))
        order = taken[np.lexsort((packages.load[taken], -packages.weight[taken]))]
        need = np.cumsum(packages.load[order])
        growth = int(providers.growth[k]) if k in new else 0
        for week in range(notice, size):
            ramp = max(int(providers.ramp[k]), 1)
            grown = growth * min(week + 1, ramp) // ramp
            late = order[need > room[k] + grown]
            minutes[week] += int(packages.minutes[late].sum())
            people[week] += len(late)
    return Weeks(minutes, people)


class Market:
    """All care of a plan by provider and place, and who else could give it.

    The least that cannot be covered is a greatest flow (Ford and Fulkerson 1956): hours may stay
    where they are or go to anybody open at the place, none beyond its room. Hours may be cut at
    will, needs and quality are not looked at: so no plan of whole packages covers more.

    Parameters
    ----------
    instance, solution
        The case with the plan carried out, and that plan.
    """

    def __init__(self, instance: Instance, solution: Solution) -> None:
        self.instance = instance
        packages = instance.packages
        size = (len(instance.providers.ids), len(instance.places))
        self.minutes = np.zeros(size, dtype=np.int64)
        placed = solution.provider >= 0
        np.add.at(
            self.minutes, (solution.provider[placed], packages.place[placed]),
            packages.minutes[placed],
        )  # fmt: skip
        self.waiting = np.zeros(size[1], dtype=np.int64)
        np.add.at(self.waiting, packages.place[~placed], packages.minutes[~placed])
        self.open = open_at(instance)

    def uncovered(self, gone: Bools, capacity: Ints, demand: Ints) -> int:
        """Return the least carer-minutes a week that nobody can cover.

        Parameters
        ----------
        gone
            Providers that have left, (K,).
        capacity
            Carer-minutes a week of the others, (K,).
        demand
            Carer-minutes a week of people without a provider, by place, (L,).
        """
        size, places = self.minutes.shape
        k, place = np.nonzero(self.minutes)
        stays = np.flatnonzero(~gone[k])
        first = 2 + size  # source, sink, providers, then places, then work that is there now
        own = first + places + np.arange(len(k))
        here, other = np.nonzero(self.open & ~gone)
        tail = [np.zeros_like(own), np.zeros(places, dtype=int), own, own[stays]]
        head = [own, first + np.arange(places), first + place, 2 + k[stays]]
        amount = [self.minutes[k, place], demand, self.minutes[k, place]]
        amount += [self.minutes[k, place][stays]]
        limit = np.where(gone, 0, np.maximum(capacity, 0))
        tail += [first + here, 2 + np.arange(size)]
        head += [2 + other, np.ones(size, dtype=int)]
        amount += [limit[other], limit]
        total = first + places + len(k)
        cells = (np.concatenate(tail), np.concatenate(head))
        matrix = sparse.csr_array(
            (np.concatenate(amount).astype(np.int32), cells), shape=(total, total)
        )
        covered = int(maximum_flow(matrix, 0, 1).flow_value)
        return int(self.minutes.sum() + demand.sum()) - covered
