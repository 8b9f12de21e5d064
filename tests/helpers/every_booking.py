"""Every booking of a tiny case, each winter met by a linear program written apart from the model.

The program of a winter is stated here once more, home care type by care type, with scipy's solver;
prices of stays and yields of beds are those that the review counts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np
from scipy.optimize import linprog

from allocate.beds.instance import Instance
from allocate.beds.recount import Recount
from allocate.beds.review import review
from allocate.beds.solution import UNIT, Solution
from allocate.units import THOUSAND


@dataclass(frozen=True)
class Best:
    """The best bookings, and what they come to."""

    value: float
    solution: Solution


def best_bookings(instance: Instance) -> Best | None:
    """Look at every booking; None where no booking keeps every hard rule."""
    best: Best | None = None
    for solution in _bookings(instance):
        found = review(instance, solution, instance.levels)
        if found.faults:
            continue
        winters = [_winter(instance, solution, s) for s in range(len(instance.winters.ids))]
        if any(cost is None for cost in winters):
            continue  # a budget that even waiting would break
        value = float(found.levels[0]) - _tail(instance, [0.0] * len(winters))
        value += float(np.dot([float(c) for c in instance.winters.chance], winters))
        value += _tail(instance, [float(cost or 0.0) for cost in winters])
        if best is None or value < best.value - 1e-9:
            best = Best(value, solution)
    return best


def _bookings(instance: Instance) -> Iterator[Solution]:
    """Every choice of windows and beds."""
    offers = instance.offers
    offer, first, last = offers.windows(int(instance.parameters["booking_step_weeks"]))
    each = []
    for o in range(len(offers.ids)):
        options: list[tuple[int, ...]] = [()]
        for k in np.flatnonzero(offer == o):
            for beds in range(int(offers.least[o]), int(offers.most[o]) + 1):
                options.append((o, int(first[k]), int(last[k]), beds))
        each.append(options)
    for chosen in product(*each):
        table = np.array([row for row in chosen if row], dtype=np.int64).reshape(-1, 4)
        yield Solution(*table.T)


def _tail(instance: Instance, winters: list[float]) -> float:
    """What the worst winters add."""
    rule = instance.rules["tail_risk"]
    if rule.mode != "soft":
        return 0.0
    left, total, share = float(rule.value or 1), 0.0, float(rule.value or 1)
    chance = [float(c) for c in instance.winters.chance]
    for cost, likely in sorted(zip(winters, chance, strict=True), reverse=True):
        part = min(left, likely)
        total += part * cost
        left -= part
    return total / share * rule.price * instance.levels[0].terms["shortfalls"]


def _winter(instance: Instance, solution: Solution, s: int) -> float | None:
    """The least that a winter can cost after some bookings, in points; None if it cannot be met."""
    recount = Recount(instance, solution)
    weights = instance.levels[0].terms
    zones, care, weeks = instance.axes.shape
    market, stays, stay = instance.market, instance.stays, recount.stay
    others = market.alternatives
    names: list[tuple[object, ...]] = []
    cost: list[float] = []
    at: dict[tuple[object, ...], int] = {}

    def add(name: tuple[object, ...], points: float) -> None:
        at[name] = len(names)
        names.append(name)
        cost.append(points)

    def pounds(table: np.ndarray, *where: int) -> float:
        return weights["cash"] * float(table[(slice(None), *where)].sum()) / 100

    last = weeks - 1
    tail = float(instance.parameters["tail_weeks"])
    for i, g, t in product(range(zones), range(care), range(weeks)):
        for j in range(zones):
            far = weights["distance"] * float(market.km[i, j])
            moves = weights["moves_on"] * instance.moves_on(i, j, g) / THOUSAND
            add(("b", i, j, g, t), pounds(stay["booked"], i, j, g, t) + far + moves)
            if market.rate[j, g, t] >= 0:
                add(("v", i, j, g, t), pounds(stay["spot"], j, g, t) + far)
        for n in np.flatnonzero(others.need == g):
            weight = weights["substitutes"] * float(others.weight[n]) / THOUSAND
            add(("h", i, int(n), t), pounds(stay["helped"], int(n), t) + weight)
        ends = pounds(stay["spot"], i, g, t) + weights["waiting"] * tail if t == last else 0.0
        add(("d", i, g, t), weights["waiting"] + ends)
        add(("m", i, g, t), pounds(stay["moved"], i, g, t) + weights["moved"])
    below: list[dict[int, float]] = []
    limit: list[float] = []
    same: list[dict[int, float]] = []
    equal: list[float] = []
    per = float(UNIT * THOUSAND)
    room, vacant = recount.room()[s] / per, recount.vacant()[s] / per
    over = int(float(instance.rules["last_admission"].value or 0))
    open_, pace = recount.room(over)[s] / per, recount.pace() / per
    came = np.cumsum(instance.winters.arrivals[s], axis=-1) + instance.backlog[..., None]

    on_offer = np.zeros(instance.axes.shape, dtype=bool)
    for o in range(len(instance.offers.ids)):
        weeks_on = slice(int(instance.offers.first[o]), int(instance.offers.last[o]) + 1)
        on_offer[instance.offers.zone[o], instance.offers.care[o], weeks_on] = True

    def require(row: dict[int, float], most: float) -> None:
        below.append(row)
        limit.append(most)

    for j, g, t in product(range(zones), range(care), range(weeks)):
        beds: dict[int, float] = {at["m", j, g, t]: -1.0}
        bought: dict[int, float] = {at["m", j, g, t]: 1.0}
        admitted: dict[int, float] = {}
        for i, u in product(range(zones), range(t + 1)):
            since = t - u
            share = float(stays.there[g, since]) / THOUSAND if since < stays.weeks else 0.0
            beds[at["b", i, j, g, u]] = share
            if ("v", i, j, g, u) in at:
                bought[at["v", i, j, g, u]] = share
        for i in range(zones):
            admitted[at["b", i, j, g, t]] = 1.0
        require(beds, room[j, g, t])
        require(bought, vacant[j, g, t])
        if instance.rules["last_admission"].binds:
            require(admitted, open_[j, g, t])
        if instance.rules["admission_pace"].binds:
            require(admitted, pace[j, g, t])
    for i, g, t in product(range(zones), range(care), range(weeks)):
        row = {at["d", i, g, t]: 1.0}
        if t:
            row[at["d", i, g, t - 1]] = -1.0
        for j in range(zones):
            row[at["b", i, j, g, t]] = 1.0
            if not on_offer[j, g, t]:
                require({at["b", i, j, g, t]: 1.0}, 0.0)
            if ("v", i, j, g, t) in at:
                row[at["v", i, j, g, t]] = 1.0
        for n in np.flatnonzero(others.need == g):
            row[at["h", i, int(n), t]] = 1.0
        same.append(row)
        equal.append(float(came[i, g, t] - (came[i, g, t - 1] if t else 0)))
        for j in range(zones):
            accept = float(market.interim[i, j, g]) / THOUSAND * float(came[i, g, t])
            so_far = {at["b", i, j, g, u]: 1.0 for u in range(t + 1)}
            if i != j:
                buys = {at["v", i, j, g, u]: 1.0 for u in range(t + 1) if ("v", i, j, g, u) in at}
                so_far |= buys
                if market.interim[i, j, g] == 0:
                    require(buys, 0.0)
            if instance.rules["choice_respected"].binds:
                require(so_far, accept)
            elif market.interim[i, j, g] == 0:
                require(so_far, 0.0)
        for n in np.flatnonzero(others.need == g):
            suited = float(others.suits[n]) / THOUSAND * float(came[i, g, t])
            require({at["h", i, int(n), u]: 1.0 for u in range(t + 1)}, suited)
    for n, t in product(range(len(others.names)), range(weeks)):
        require({at["h", i, n, t]: 1.0 for i in range(zones)}, float(others.capacity[n]) / THOUSAND)
    budget = instance.rules["within_budget"]
    if budget.binds and budget.options["of"] == "winter":
        for p, money in enumerate(instance.payers.budget.tolist()):
            if money >= 0:
                spent = _spent(at, stay, p)
                fixed = float(recount.booking_cash()[s][p]) + float(instance.started[p])
                require(spent, (money - fixed) / 100)
    found = linprog(
        cost,
        A_ub=_dense(below, len(cost)),
        b_ub=limit,
        A_eq=_dense(same, len(cost)),
        b_eq=equal,
        method="highs",
    )
    return float(found.fun) if found.status == 0 else None


def _spent(
    at: dict[tuple[object, ...], int], stay: dict[str, np.ndarray], p: int
) -> dict[int, float]:
    """Pounds of a source for one person in each column."""
    row: dict[int, float] = defaultdict(float)
    for name, column in at.items():
        kind, *where = name
        if kind == "b":
            row[column] = stay["booked"][(p, *where)] / 100  # type: ignore[arg-type]
        elif kind == "v":
            row[column] = stay["spot"][(p, *where[1:])] / 100  # type: ignore[arg-type]
        elif kind == "m":
            row[column] = stay["moved"][(p, *where)] / 100  # type: ignore[arg-type]
        elif kind == "h":
            row[column] = stay["helped"][(p, *where[1:])] / 100  # type: ignore[arg-type]
    return row


def _dense(rows: list[dict[int, float]], columns: int) -> np.ndarray:
    table = np.zeros((len(rows), columns))
    for number, row in enumerate(rows):
        for column, value in row.items():
            table[number, column] += value
    return table
