"""Public instances of the capacitated p-median problem.

Plain text, numbers apart by white space, lines of no meaning: a number and a best known value,
which mean nothing here; points n, medians p and capacity Q; of each point its number, place (x, y)
and demand. The distance between two points is Euclidean and cut off to a whole number. Some p
points are medians, each point is served by one of them, what a median serves comes to at most Q,
its own demand among it, and the sum of distances is minimised.
(I. H. Osman & N. Christofides 1994; J. E. Beasley, OR-Library, ``pmedcapinfo``.)
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, isqrt
from pathlib import Path

import numpy as np

from allocate.core.pmedian import solve_pmedian, total
from allocate.errors import Fault
from allocate.public.answer import PublicAnswer, confirm
from allocate.public.numbers import broken, no_number, words_of
from allocate.units import Ints

FORMAT = (
    "a number and a best known value, then points, medians and capacity, then of each point its "
    "number, x, y and demand"
)
HEAD, EACH = 5, 4  # numbers before the points, and of each point
LARGEST = 10**6  # a place, demand or capacity
MOST = 2000  # points: all pairs of them are looked at
RULE = f"whole number from 0 to {LARGEST:,}"


@dataclass(frozen=True)
class PmedcapInstance:
    """A capacitated p-median problem.

    Parameters
    ----------
    name
        Of its file.
    place
        Of each point, (n, 2).
    demand
        Of each point, (n,).
    medians, capacity
        How many medians there are, and what each serves.
    """

    name: str
    place: Ints
    demand: Ints
    medians: int
    capacity: int

    def distances(self) -> Ints:
        """Distances cut off to whole numbers, (n, n)."""
        apart = self.place[:, None, :] - self.place[None, :, :]
        return np.vectorize(isqrt, otypes=[np.int64])((apart**2).sum(axis=2))

    def faults(self, answer: Ints) -> list[str]:
        """Say what an answer, (n,), breaks: medians serve themselves, and no more than they may."""
        n = len(self.demand)
        if answer.shape != (n,) or np.any((answer < 0) | (answer >= n)):
            return ["not every point has a median"]
        told = []
        chosen = np.unique(answer)
        if len(chosen) != self.medians:
            told.append(f"there are {len(chosen)} medians, not {self.medians}")
        told += [f"median {j} is served by {answer[j]}" for j in chosen if answer[j] != j]
        load = np.bincount(answer, self.demand, minlength=n)
        over = np.flatnonzero(load > self.capacity)
        return told + [f"median {j} serves {load[j]:g} of {self.capacity}" for j in over]


def read_pmedcap(path: Path) -> PmedcapInstance:
    """Read an instance.

    Raises
    ------
    BadInput
        Where the file is none, with every number that cannot be read.
    """
    words = words_of(path, FORMAT)
    faults = [
        no_number(path, at, word, RULE, FORMAT)
        for at, word in words[2:]
        if not (word.isdigit() and len(word) < 19 and int(word) <= LARGEST)
    ]
    if faults:
        raise broken(path, faults)
    numbers = [int(word) for _, word in words[2:]]
    if len(numbers) < 3 or not 1 <= numbers[1] <= numbers[0] <= MOST:
        first = " ".join(map(str, numbers[:3])) or "nothing"
        problem = (
            f"says {first} where a number of points up to {MOST:,}, one of medians and a capacity "
            "belong"
        )
        raise broken(path, [Fault(f"{path.name}", "", problem, f"It holds {FORMAT}")])
    n, medians, capacity = numbers[:3]
    if len(words) != HEAD + EACH * n:
        problem = f"has {len(words):,} numbers, where {HEAD + EACH * n:,} belong for {n} points"
        raise broken(path, [Fault(path.name, "", problem, f"It holds {FORMAT}")])
    points = np.array(numbers[3:], dtype=np.int64).reshape(n, EACH)
    return PmedcapInstance(path.name, points[:, 1:3], points[:, 3], medians, capacity)


def solve_file(path: Path, seconds: float, seed: int) -> PublicAnswer:
    """Read an instance, solve it, and recount the answer.

    Raises
    ------
    BadInput
        Where the file is no instance.
    ReviewFailed
        Where the answer breaks a rule, or the bound lies above it.
    """
    instance = read_pmedcap(path)
    cost = instance.distances()
    found, bound = solve_pmedian(
        cost, instance.demand, instance.capacity, instance.medians, seconds=seconds, seed=seed
    )
    known = None if abs(bound) == inf else int(bound)
    if found is None:
        return PublicAnswer(None, known, None, impossible=bound == inf)
    faults = instance.faults(found)
    objective = None if faults else total(cost, found)
    confirm(faults, objective, bound)
    return PublicAnswer(objective, known, found.tolist())
