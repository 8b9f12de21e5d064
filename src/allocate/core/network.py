"""Flows: how much each switch hands from its agent to its region, as columns of their own.

Where groups weigh the same wherever they are, a region has to be handed all that its groups weigh,
and an agent hands on no more than it has: providers and areas are a transport problem in which each
arc costs something to open (Balinski 1961). Written down, with the options summed up in each flow,
this is a small network, and rows that hold for whole switches alone can be read off it (flow
covers, Padberg, Van Roy & Wolsey 1985, by mixed integer rounding, Marchand & Wolsey 2001).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from allocate.core.field import Agents
from allocate.core.program import FREE, Flat
from allocate.core.structure import Structure
from allocate.units import Floats, Ints

Bools = NDArray[np.bool_]
LARGEST = 6  # regions that a row is about, at most
IN_USE = 1e-4  # of a switch
BROKEN = 1e-3  # by how much a row is broken at least, where its right side is a whole number
SURE = 1e-6  # a switch this near to on is on
LEAST = 0.02  # part of a divisor: rows with a smaller one are too coarse
SLACKS = (1e-6, 0.02, 0.1, 0.3, 1.0)  # of the divisor: flows with more to spare stand as they are


@dataclass(frozen=True)
class Flows:
    """Arcs from agents to regions, and what of a region need not come through any.

    Parameters
    ----------
    switch, flow
        Column of the switch and of the flow of each arc, (K,).
    agent, region
        Its two ends, (K,).
    capacity, demand
        Of each agent, (m,), and of each region, (A,).
    option, arc, weight
        Columns whose weight makes up a flow, and which one, (N,).
    loose, loose_region, loose_weight
        Columns of the same groups that are in none, (L,).
    """

    switch: Ints
    flow: Ints
    agent: Ints
    region: Ints
    capacity: Ints
    demand: Ints
    option: Ints
    arc: Ints
    weight: Ints
    loose: Ints
    loose_region: Ints
    loose_weight: Ints


@dataclass(frozen=True)
class Row:
    """A row ``sum of amount x column >= low`` of a mixed program, and how deep it cuts."""

    column: Ints
    amount: Floats
    low: float
    depth: float


def find_flows(
    s: Structure, agents: Agents, option: Ints, switch: Ints, most: Ints, first: int
) -> Flows:
    """Find arcs and regions.

    Parameters
    ----------
    s, agents
        Structure, and which of its resources are agents.
    option, switch
        Positions of options that have a switch, and its column.
    most
        The most that there can be of each resource, (R,).
    first
        Column of the first flow.
    """
    carried = _carried(s, agents, option, switch)
    option, switch = option[carried], switch[carried]
    switches, arc = np.unique(switch, return_inverse=True)
    groups, group = len(s.start) - 1, s.group[option]
    weight = agents.weight * agents.unit
    size = groups + len(switches)
    met = sparse.csr_matrix((np.ones(len(group)), (group, groups + arc)), shape=(size, size))
    part = connected_components(met, directed=False)[1]
    found, region = np.unique(part[groups:], return_inverse=True)
    place = np.full(size, -1)
    place[found] = np.arange(len(found))
    of_group = place[part[:groups]]
    inside = of_group >= 0
    demand = np.zeros(len(found), dtype=np.int64)
    np.add.at(demand, of_group[inside], weight[inside])
    agent = np.zeros(len(switches), dtype=np.int64)
    agent[arc] = agents.agent[option]
    loose = np.setdiff1d(np.flatnonzero(inside[s.group]), option)
    return Flows(
        switch=switches,
        flow=first + np.arange(len(switches)),
        agent=agent,
        region=region,
        capacity=most[agents.resource],
        demand=demand,
        option=s.option[option],
        arc=arc,
        weight=weight[group],
        loose=s.option[loose],
        loose_region=of_group[s.group[loose]],
        loose_weight=weight[s.group[loose]],
    )


def _carried(s: Structure, agents: Agents, option: Ints, switch: Ints) -> Bools:
    """Options whose switch is that of one agent alone."""
    agent = agents.agent[option]
    columns = s.flat.matrix.shape[1]
    least, most = np.full(columns, len(agents.resource)), np.full(columns, -1)
    np.minimum.at(least, switch, agent)
    np.maximum.at(most, switch, agent)
    return (least == most)[switch] & (agent < len(agents.resource))


def with_flows(flat: Flat, f: Flows) -> Flat:
    """Add columns of flows and the rows of the network, all of which hold already."""
    arcs = np.arange(len(f.flow))
    most = np.minimum(f.capacity[f.agent], f.demand[f.region])
    size = len(arcs), len(f.demand), len(f.capacity)
    width = flat.matrix.shape[1] + len(arcs)
    regions = [(f.region, f.flow, 1), (f.loose_region, f.loose, f.loose_weight)]
    opened = [(f.region, f.switch, most), (f.loose_region, f.loose, f.loose_weight)]
    blocks: list[tuple[int, list[Any], Any, Any]] = [
        (size[0], [(f.arc, f.option, f.weight), (arcs, f.flow, -1)], 0, 0),
        (size[0], [(arcs, f.flow, 1), (arcs, f.switch, -most)], -FREE, 0),
        (size[1], regions, f.demand, f.demand),
        (size[1], opened, f.demand, FREE),
        (size[2], [(f.agent, f.flow, 1)], -FREE, f.capacity),
    ]
    wider = sparse.csr_matrix(
        (flat.matrix.data, flat.matrix.indices, flat.matrix.indptr),
        shape=(flat.matrix.shape[0], width),
    )
    rows = [_rows(entries, count, width) for count, entries, _, _ in blocks]
    low = [np.broadcast_to(low, count) for count, _, low, _ in blocks]
    high = [np.broadcast_to(high, count) for count, _, _, high in blocks]
    return replace(
        flat,
        matrix=sparse.vstack([wider, *rows], format="csr"),
        low=np.concatenate([flat.low, *low]),
        high=np.concatenate([flat.high, *high]),
        lower=np.append(flat.lower, np.zeros_like(arcs)),
        upper=np.append(flat.upper, most),
        whole=np.append(flat.whole, np.zeros(len(arcs), dtype=bool)),
    )


def separate(f: Flows, values: Floats) -> list[Row]:
    """Find rows that hold where switches are whole, and that values break, the deepest first.

    Parameters
    ----------
    f
        The network.
    values
        Of all columns.
    """
    found: dict[bytes, Row | None] = {}
    for start in range(len(f.demand)):
        for inside in _growing(f, values, start):
            key = inside.tobytes()
            if key not in found:
                found[key] = _deepest(f, values, inside)
    return sorted(filter(None, found.values()), key=lambda row: -row.depth)


def _growing(f: Flows, values: Floats, start: int) -> list[Bools]:
    """Sets of regions, each with one more: the one that shares most with those inside."""
    flow = values[f.flow]
    table = np.zeros((len(f.capacity), len(f.demand)))
    np.add.at(table, (f.agent, f.region), flow)
    inside = np.zeros(len(f.demand), dtype=bool)
    inside[start] = True
    sets = [inside]
    while len(sets) < min(LARGEST, len(f.demand)):
        shared = np.minimum(table[:, inside].sum(axis=1)[:, None], table).sum(axis=0)
        shared[inside] = -1.0
        inside = inside.copy()
        inside[int(np.argmax(shared))] = True
        if shared.max() <= 0:
            break
        sets.append(inside)
    return sets


def _deepest(f: Flows, values: Floats, inside: Bools) -> Row | None:
    """The row of some regions that cuts deepest, among several ways to round it."""
    node = _Node(f, values, inside)
    rows = [
        row
        for divisor in np.unique(node.capacity[(node.on > IN_USE) & (node.on < 1 - IN_USE)])
        for slack in SLACKS
        if (row := node.rounded(float(divisor), slack * divisor)) is not None
    ]
    return max(rows, key=lambda row: row.depth, default=None)


class _Node:
    """Some regions as one, and what each agent hands to them in all.

    That is at most its capacity; at most that times the number of its switches that are on; or it
    stands as it is.
    """

    def __init__(self, f: Flows, values: Floats, inside: Bools) -> None:
        self._flows, self._values = f, values
        self._arcs = np.flatnonzero(inside[f.region])
        self._loose = np.flatnonzero(inside[f.loose_region])
        self._demand = float(f.demand[inside].sum())
        agent, size = f.agent[self._arcs], len(f.capacity)
        self._here = np.bincount(agent, minlength=size) > 0
        self.on = np.bincount(agent, values[f.switch[self._arcs]], minlength=size)
        self.capacity = np.minimum(f.capacity, self._demand)
        self._by_switch = self.on < 1 - SURE
        most = np.where(self._by_switch, self.capacity * self.on, self.capacity)
        self._spare = most - np.bincount(agent, values[f.flow[self._arcs]], minlength=size)

    def rounded(self, divisor: float, spare: float) -> Row | None:
        """Round ``sum of capacity x switches + flows as they are >= demand left``.

        Parameters
        ----------
        divisor
            By which the row is divided first.
        spare
            Agents with more to spare stand as they are.
        """
        f, values = self._flows, self._values
        as_is = self._spare > spare
        full = self._here & ~self._by_switch & ~as_is
        left = (self._demand - self.capacity[full].sum()) / divisor
        part = left - np.floor(left)
        if left <= 0 or not LEAST < part < 1 - LEAST:
            return None
        switched = self._arcs[(self._by_switch & ~as_is)[f.agent[self._arcs]]]
        stands = self._arcs[as_is[f.agent[self._arcs]]]
        times = self.capacity[f.agent[switched]] / divisor
        amount = np.floor(times) + np.minimum((times - np.floor(times)) / part, 1.0)
        each = 1.0 / (divisor * part)
        column = np.concatenate([f.switch[switched], f.flow[stands], f.loose[self._loose]])
        amounts = np.concatenate(
            [amount, np.full(len(stands), each), each * f.loose_weight[self._loose]]
        )
        low = float(np.ceil(left))
        short = low - float(amounts @ values[column])
        depth = short / float(np.linalg.norm(amounts))
        return Row(column, amounts, low, depth) if short > BROKEN else None


def _rows(entries: Sequence[tuple[Any, Any, Any]], count: int, width: int) -> Any:
    """Rows from entries (row, column, amount)."""
    row, col, amount = (
        np.concatenate([np.broadcast_to(one[i], np.shape(one[0])) for one in entries])
        for i in range(3)
    )
    return sparse.csr_matrix((amount, (row, col)), shape=(count, width))
