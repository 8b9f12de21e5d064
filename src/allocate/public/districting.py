"""Public instances of districting: graphs of counties or tracts to be parted into districts.

Adjacency JSON of networkx: ``nodes``, whose place in the list is their number, with ``TOTPOP``
and, for inertia, ``C_X`` and ``C_Y`` (degrees); ``adjacency``, of each node the list of its
neighbours by ``id``. Every node is in one of k districts, each of a population within limits and,
if so asked, connected. The objective is the number of edges between districts, or inertia:
population times the square of the miles to the centre of the district, one of its nodes.
(H. Validi & A. Buchanan, Political districting to minimize cut edges, 2022.)
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from math import ceil, inf
from pathlib import Path
from typing import Any

import numpy as np

from allocate.core.partition import CentreCost, CutCost, Partition
from allocate.core.partitioning import solve_partition
from allocate.core.pursuit import Pursuit
from allocate.errors import BadInput, Fault
from allocate.public.answer import PublicAnswer, confirm
from allocate.public.geodesic import miles
from allocate.public.numbers import broken
from allocate.units import Floats, Ints

OPTIONS = ("districts", "lower", "upper", "objective", "contiguous")
OBJECTIVES = ("cut_edges", "inertia")
FORMAT = (
    "the adjacency JSON of networkx: nodes with TOTPOP (and C_X, C_Y for inertia), and adjacency"
)
NEAR = (995, 1005)  # thousandths of equal shares that a district has where no limits are given
STEPS = 1000  # steps of inertia in one
LARGEST = 10**10  # people in all


@dataclass(frozen=True)
class Graph:
    """A graph of counties.

    Parameters
    ----------
    name
        Of its file.
    population
        Of each node, (n,).
    edges
        Pairs of nodes that touch, (E, 2).
    place
        Latitude and longitude of each node in degrees, (n, 2); None where a node has none.
    """

    name: str
    population: Ints
    edges: Ints
    place: Floats | None

    def inertia(self) -> Floats:
        """People times miles squared, of each node to each centre, (n, n)."""
        assert self.place is not None
        return self.population[:, None] * miles(*self.place.T) ** 2


def read_graph(path: Path) -> Graph:
    """Read an instance.

    Raises
    ------
    BadInput
        Where the file is none, with every node and neighbour that cannot be read.
    """
    try:
        held = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        problem = f"cannot be read: {error.strerror}"
        raise broken(path, [Fault(str(path), "", problem, "Name a file that exists")]) from error
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise broken(path, [Fault(path.name, "", "is no JSON", f"It holds {FORMAT}")]) from error
    nodes, beside = (held.get(key) if isinstance(held, dict) else None for key in KEYS)
    if not isinstance(nodes, list) or not isinstance(beside, list) or not nodes:
        problem = "has no list of nodes and list of neighbours"
        raise broken(path, [Fault(path.name, "", problem, f"It holds {FORMAT}")])
    if len(nodes) != len(beside):
        problem = f"has {len(nodes)} nodes and the neighbours of {len(beside)}"
        raise broken(path, [Fault(path.name, "", problem, f"It holds {FORMAT}")])
    population = [_field(node, "TOTPOP") for node in nodes]
    numbers = {_id(node, at): at for at, node in enumerate(nodes)}
    faults = [
        Fault(
            f"{path.name} node {at}",
            f'"{_shown(nodes[at])}"',
            "has no TOTPOP that is a whole number, not negative",
            f"The file holds {FORMAT}",
        )
        for at, people in enumerate(population)
        if people is None or people < 0 or people != int(people)
    ]
    pairs = set()
    for at, others in enumerate(beside):
        for other in others if isinstance(others, list) else [others]:
            there = numbers.get(other.get("id")) if isinstance(other, dict) else None
            if there is None:
                problem = "is a neighbour that is no node"
                place = f"{path.name} node {at}"
                faults.append(Fault(place, f'"{_shown(other)}"', problem, f"It holds {FORMAT}"))
            elif there != at:
                pairs.add((min(at, there), max(at, there)))
    if faults:
        raise broken(path, faults)
    people = np.array([int(each or 0) for each in population], dtype=object)
    if people.sum() > LARGEST:
        problem = f"has more than {LARGEST:,} people"
        raise broken(path, [Fault(path.name, "", problem, "Count them in larger units")])
    places = [(_field(node, "C_Y"), _field(node, "C_X")) for node in nodes]
    known = all(latitude is not None and longitude is not None for latitude, longitude in places)
    return Graph(
        path.name,
        people.astype(np.int64),
        np.array(sorted(pairs), dtype=np.int64).reshape(-1, 2),
        np.array(places, dtype=np.float64) if known else None,
    )


KEYS = ("nodes", "adjacency")
SHOWN = 60  # characters of a node that is none


def _shown(thing: Any) -> str:
    return str(thing)[:SHOWN]


def _id(node: Any, at: int) -> Any:
    """How neighbours name a node."""
    name = node.get("id", at) if isinstance(node, dict) else at
    return name if isinstance(name, int | str) else at


def _field(node: Any, name: str) -> float | None:
    """A number of a node; None where there is none."""
    try:
        value = float(node[name])
    except (KeyError, TypeError, ValueError):
        return None
    return value if np.isfinite(value) else None


def districts_of(
    graph: Graph,
    *,
    districts: int | None = None,
    lower: int | None = None,
    upper: int | None = None,
    objective: str = OBJECTIVES[0],
    contiguous: bool = True,
) -> Partition:
    """Set the question.

    Parameters
    ----------
    graph
        The graph.
    districts
        How many.
    lower, upper
        Limits of a district's population; within half of one per cent of equal where not given.
    objective
        ``cut_edges`` or ``inertia``.
    contiguous
        Whether districts are connected.

    Raises
    ------
    BadInput
        Where what is asked cannot be understood, or the graph lacks what it needs.
    """
    faults = []
    n = len(graph.population)
    if districts is None or not 1 <= districts <= n:
        problem = f"is no number from 1 to {n}, the nodes that there are"
        faults.append(_option("--districts", districts, problem, "Say how many districts"))
    if objective not in OBJECTIVES:
        faults.append(
            _option("--objective", objective, "is unknown", f"Use {' or '.join(OBJECTIVES)}")
        )
    elif objective == "inertia" and graph.place is None:
        problem = "needs C_X and C_Y of every node"
        faults.append(_option("--objective", objective, problem, "Use cut_edges"))
    if lower is not None and upper is not None and lower > upper:
        faults.append(_option("--lower", lower, f"is above --upper, {upper}", "Swap the two"))
    if faults or districts is None:
        raise BadInput("the command line", faults)
    whole = int(graph.population.sum())
    low = -(-whole * NEAR[0] // (1000 * districts)) if lower is None else lower
    high = whole * NEAR[1] // (1000 * districts) if upper is None else upper
    cost: CentreCost | CutCost = CutCost(np.ones(len(graph.edges), dtype=np.int64))
    if objective == "inertia":
        cost = CentreCost(np.rint(graph.inertia() * STEPS).astype(np.int64))
    return Partition(
        *(graph.population, graph.edges, low, high, districts, districts, cost),
        contiguous=contiguous,
    )


def _option(name: str, value: Any, problem: str, remedy: str) -> Fault:
    return Fault(name, "" if value is None else f'"{value}"', problem, remedy)


def solve_file(path: Path, seconds: float, seed: int, **asked: Any) -> PublicAnswer:
    """Read an instance, solve it, and recount the answer.

    Parameters
    ----------
    path
        The graph.
    seconds, seed
        When to stop, and the seed of everything random.
    asked
        As ``districts_of`` takes it.

    Raises
    ------
    BadInput
        Where the file is no instance, or the question cannot be understood.
    ReviewFailed
        Where the answer breaks a rule, or the bound lies above it.
    """
    graph = read_graph(path)
    partition = districts_of(graph, **asked)
    found = Pursuit(partition, seconds)
    solve_partition(found, seed)
    bound: float | int | None = None
    if abs(found.bound) < inf:
        bound = ceil(found.bound)
        if isinstance(partition.cost, CentreCost):
            # Ways were rounded to steps: half a step a node.
            bound = (found.bound - partition.cells / 2) / STEPS
    if found.best is None:
        return PublicAnswer(None, bound, None, impossible=found.bound == inf)
    faults = partition.faults(found.best)
    objective = None if faults else _recount(graph, partition, found.best)
    confirm(faults, objective, bound)
    return PublicAnswer(objective, bound, found.best.tolist())


def _recount(graph: Graph, partition: Partition, lots: Ints) -> float | int | None:
    """Count the objective again, inertia without its rounding."""
    if isinstance(partition.cost, CutCost):
        return partition.total(lots)
    inertia = graph.inertia()
    members = (np.flatnonzero(lots == lot) for lot in range(int(lots.max()) + 1))
    return float(sum(inertia[np.ix_(cells, cells)].sum(axis=0).min() for cells in members))
