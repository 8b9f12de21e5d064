"""Public instances of the generalised assignment problem.

Plain text, numbers apart by white space, lines of no meaning: agents m and jobs n; m x n costs,
agent by agent; m x n weights, agent by agent; m capacities. Each job goes to one agent, the jobs of
an agent weigh at most its capacity, and the sum of costs is minimised.
(J. E. Beasley, OR-Library, ``gapinfo``; M. Yagiura's GAP page has the same.)
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from allocate.core.gap import solve_gap
from allocate.errors import Fault
from allocate.public.answer import PublicAnswer, confirm
from allocate.public.numbers import broken, no_number, words_of
from allocate.units import Ints

FORMAT = "agents and jobs, then the costs and the weights agent by agent, then the capacities"
LARGEST = 10**9  # a cost, weight or capacity: sums of them stay exact as floats
MOST = 10**8  # pairs of an agent and a job


@dataclass(frozen=True)
class GapInstance:
    """A generalised assignment problem.

    Parameters
    ----------
    name
        Of its file.
    costs, weights
        Of each job with each agent, (m, n).
    capacities
        Of each agent, (m,).
    """

    name: str
    costs: Ints
    weights: Ints
    capacities: Ints

    def faults(self, answer: Ints) -> list[str]:
        """Say what an answer, (n,), breaks: every job has an agent, no agent has too much."""
        agents, jobs = self.costs.shape
        if answer.shape != (jobs,) or np.any((answer < 0) | (answer >= agents)):
            return ["not every job has an agent"]
        load = np.bincount(answer, self.weights[answer, np.arange(jobs)], minlength=agents)
        over = np.flatnonzero(load > self.capacities)
        return [f"agent {i} carries {load[i]:g} of {self.capacities[i]}" for i in over]

    def cost(self, answer: Ints) -> int:
        """Add up what an answer, (n,), costs."""
        return int(self.costs[answer, np.arange(self.costs.shape[1])].sum())


def read_gap(path: Path) -> GapInstance:
    """Read an instance.

    Raises
    ------
    BadInput
        Where the file is none, with every number that cannot be read.
    """
    numbers = _numbers(path)
    if len(numbers) < 2 or not 1 <= numbers[0] * numbers[1] <= MOST or numbers[0] < 1:
        first = " ".join(map(str, numbers[:2])) or "nothing"
        problem = f"begins with {first}, not with a number of agents and one of jobs"
        raise broken(path, [Fault(f"{path.name} line 1", "", problem, f"It holds {FORMAT}")])
    agents, jobs = int(numbers[0]), int(numbers[1])
    size, rest = agents * jobs, numbers[2:]
    if len(rest) != 2 * size + agents:
        problem = (
            f"has {len(rest):,} numbers after {agents} agents and {jobs} jobs, "
            f"where {2 * size + agents:,} belong"
        )
        raise broken(path, [Fault(path.name, "", problem, f"It holds {FORMAT}")])
    return GapInstance(
        path.name,
        rest[:size].reshape(agents, jobs),
        rest[size : 2 * size].reshape(agents, jobs),
        rest[2 * size :],
    )


def solve_file(path: Path, seconds: float, seed: int) -> PublicAnswer:
    """Read an instance, solve it, and recount the answer.

    Raises
    ------
    BadInput
        Where the file is no instance.
    ReviewFailed
        Where the answer breaks a capacity, or the bound lies above it.
    """
    instance = read_gap(path)
    found, bound = solve_gap(
        instance.costs, instance.weights, instance.capacities, seconds=seconds, seed=seed
    )
    if found is None:
        impossible = bound == float("inf")
        known = None if impossible or bound == -float("inf") else int(bound)
        return PublicAnswer(None, known, None, impossible)
    faults = instance.faults(found)
    objective = None if faults else instance.cost(found)
    confirm(faults, objective, bound)
    return PublicAnswer(objective, int(bound), found.tolist())


def _numbers(path: Path) -> Ints:
    """Read all numbers of a file, and raise a fault for each that is none."""
    words = words_of(path, FORMAT)
    try:
        numbers = np.array([word for _, word in words], dtype=np.int64)
    except (ValueError, OverflowError):
        numbers = np.array([-1])
    if not len(numbers) or (numbers.min() >= 0 and numbers.max() <= LARGEST):
        return numbers
    rule = f"whole number from 0 to {LARGEST:,}"
    faults = [
        no_number(path, at, word, rule, FORMAT)
        for at, word in words
        if not (word.isdigit() and len(word) < 19 and int(word) <= LARGEST)
    ]
    raise broken(path, faults)
