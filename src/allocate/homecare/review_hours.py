"""The rules about hours and money, measured on a plan."""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction
from typing import Any

import networkx as nx
import numpy as np

from allocate.homecare.labels import BANDS, WAITING
from allocate.homecare.plan import Plan
from allocate.units import THOUSAND
from allocate.verdict import Measured


def within_capacity(plan: Plan) -> Measured:
    """Hours that providers hold beyond what they can staff."""
    names = plan.providers.ids
    return Measured.with_slack(
        ((names[k], plan.load[k] - plan.capacity(k)) for k in sorted(plan.load)), 60
    )


def within_bands(plan: Plan) -> Measured:
    """The same in each band of the day."""
    packages, providers = plan.packages, plan.providers
    load: dict[tuple[int, int], int] = defaultdict(int)
    for p in plan.held:
        keep = THOUSAND - int(packages.transfer[p])
        for band in range(len(BANDS)):
            load[plan.given[p], band] += -(-int(packages.bands[p, band]) * keep // THOUSAND)
    parts = []
    for (k, band), minutes in sorted(load.items()):
        if providers.bands[k, band] >= 0:
            grown = int(providers.band_growth[k, band]) if plan.appointed(k) else 0
            over = minutes - int(providers.bands[k, band]) - grown
            parts.append((f"{providers.ids[k]} {BANDS[band]}", over))
    return Measured.with_slack(parts, 60)


def share_limit(plan: Plan) -> Measured:
    """Hours that owners hold beyond their share of all."""
    held: dict[int, int] = defaultdict(int)
    for p in plan.held:
        held[int(plan.providers.owner[plan.given[p]])] += plan.minutes(p)
    total = sum(plan.minutes(p) for p in range(plan.size))
    limit = int(plan.value("share_limit") * total)
    owners = plan.providers.owners
    return Measured.with_slack(
        ((owners[g], minutes - limit) for g, minutes in sorted(held.items())), 60
    )


def viable_round(plan: Plan) -> Measured:
    """Hours that rounds lack."""
    least = int(plan.value("viable_round") * 60)
    ids, areas = plan.providers.ids, plan.instance.areas.ids
    return Measured.with_slack(
        ((f"{ids[k]} in {areas[a]}", least - minutes) for (k, a), minutes in plan.round.items()), 60
    )


def within_budget(plan: Plan) -> Measured:
    """Pounds that new work draws beyond the money of areas."""
    names = plan.instance.areas.ids
    return Measured.with_slack(
        ((names[a], spent - money) for a, (spent, money) in budget_use(plan).items()), 100
    )


def budget_use(plan: Plan) -> dict[int, tuple[int, int]]:
    """For each area with a budget, pence that new work draws from it, and the budget."""
    areas = plan.instance.areas
    use = {}
    for a in range(len(areas.ids)):
        if areas.budget[a] < 0:
            continue
        new = [p for p in plan.held if plan.area(p) == a and plan.status(p) == WAITING]
        spent = Fraction(sum(plan.cash(p) for p in new) * 7 * int(areas.weeks[a]), 365)
        paid = Fraction(plan.instance.paid_share, THOUSAND)
        flow = Fraction(int(areas.flow[a]), 60) * plan.instance.flow_rate * paid
        drawn = spent + flow
        use[a] = (-(-drawn.numerator // drawn.denominator), int(areas.budget[a]))
    return use


def step_in(plan: Plan) -> Measured:
    """Hours that nobody could take over if an owner failed."""
    providers, instance = plan.providers, plan.instance
    share = plan.value("step_in")
    room = {
        k: max(0, plan.capacity(k) - plan.load[k] + int(providers.surge[k]))
        for k in range(len(providers.ids))
    }
    helpers: dict[int, list[int]] = defaultdict(list)
    for k, place in np.argwhere(instance.reach).tolist():
        a = int(instance.area_of_place[place])
        if room[k] and k not in helpers[a][-1:]:
            helpers[a].append(k)
    hours: dict[int, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for (k, a), minutes in plan.round.items():
        hours[int(providers.owner[k])][a] += minutes
    parts = []
    for owner, areas in sorted(hours.items()):
        graph: nx.DiGraph[Any] = nx.DiGraph()
        needed = 0
        for a, minutes in areas.items():
            exact = share * minutes
            demand = -(-exact.numerator // exact.denominator)
            needed += demand
            graph.add_edge("source", ("area", a), capacity=demand)
            for k in helpers[a]:
                if providers.owner[k] != owner:
                    graph.add_edge(("area", a), ("provider", k), capacity=demand)
                    graph.add_edge(("provider", k), "sink", capacity=room[k])
        found = nx.maximum_flow_value(graph, "source", "sink") if "sink" in graph else 0
        parts.append((providers.owners[owner], needed - int(found)))
    return Measured.of(parts, 60)
