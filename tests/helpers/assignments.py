"""Small assignment programs by chance, built as home care builds them, and the best by trying all.

The best is counted from the numbers drawn, not from the rows, so that it knows nothing of either
the program or what an engine reads into it.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from allocate.core.program import Program

Ints = NDArray[np.int64]
NEVER = 10**9  # cost of what breaks a hard row
UNIT = 5  # of money: what one step of overspending allows


@dataclass(frozen=True)
class Small:
    """What was drawn; a price of nought says that the row is hard.

    Parameters
    ----------
    group, agent
        Of each option, (J,); the agent is -1 where the group is left out.
    cost, later
        Of each option at the first and at the second level, (J,); ``later`` is None without one.
    weight, area, referral
        Of each group, (G,).
    capacity, over, growth, owner
        Of each agent, (m,), with the price of a unit above its capacity.
    lead_area, lead_agent, sure, lead_cost
        Of each possible lead, (F,); a lead that is sure brings no growth.
    target, short
        Of each area, and the price of each unit short of it, (B,).
    most_led
        Areas that one owner may lead; None without such a rule.
    spent, money, dear
        What options take of one purse, (J,), what is in it, and the price of a step above it.
    together
        Two groups that have one agent if both have any, or None.
    least, round_cost
        What an agent that works in an area has there at least, and costs; None without such a rule.
    """

    group: Ints
    agent: Ints
    cost: Ints
    later: Ints | None
    weight: Ints
    area: Ints
    referral: NDArray[np.bool_]
    capacity: Ints
    over: int
    growth: Ints
    owner: Ints
    lead_area: Ints
    lead_agent: Ints
    sure: NDArray[np.bool_]
    lead_cost: Ints
    target: Ints
    short: int
    most_led: int | None
    spent: Ints | None
    money: int
    dear: int
    together: tuple[int, int] | None
    least: int | None
    round_cost: int

    @property
    def newly(self) -> NDArray[np.bool_]:
        """Leads that bring their agent's growth, (F,)."""
        return ~self.sure & (self.growth[self.lead_agent] > 0)


def draw(seed: int) -> Small:
    """Draw a program."""
    rng = np.random.default_rng(seed)
    groups, agents = int(rng.integers(2, 7)), int(rng.integers(2, 5))
    areas = int(rng.integers(0, 3)) if rng.random() < 0.7 else 0
    group, agent = _options(rng, groups, agents)
    placed = agent >= 0
    weight = rng.integers(1, 10, groups) * int(rng.choice([1, 1, 15]))
    tightness = rng.uniform(0.5, 1.4)
    capacity = (rng.dirichlet(np.full(agents, 3.0)) * weight.sum() * tightness).astype(np.int64)
    lead_area, lead_agent, sure = _leads(rng, areas, agents)
    area = rng.integers(0, max(areas, 1), groups)
    referral = rng.random(groups) < 0.8
    referred = np.bincount(area[referral], weight[referral], minlength=areas)[:areas]
    spends = rng.random() < 0.3
    spent = np.where(placed, rng.integers(1, 30, len(group)), 0)
    return Small(
        group=group,
        agent=agent,
        cost=np.where(placed, rng.integers(0, 60, len(group)), rng.integers(0, 120)),
        later=rng.integers(0, 20, len(group)) if rng.random() < 0.2 else None,
        weight=weight,
        area=area,
        referral=referral,
        capacity=capacity,
        over=int(rng.choice([0, 1, 5, 40])),
        growth=rng.integers(0, 12, agents) * (rng.random(agents) < 0.6),
        owner=rng.integers(0, agents, agents),
        lead_area=lead_area,
        lead_agent=lead_agent,
        sure=sure,
        lead_cost=rng.integers(0, 20, len(lead_area)) * int(rng.random() < 0.5),
        target=(referred * rng.uniform(0.2, 0.9, areas)).astype(np.int64),
        short=int(rng.choice([0, 2, 10])),
        most_led=1 if areas > 1 and rng.random() < 0.3 else None,
        spent=spent if spends else None,
        money=int(spent.sum() * groups / len(group) * rng.uniform(0.5, 1.3)),
        dear=int(rng.choice([0, 3, 30])),
        together=(0, 1) if rng.random() < 0.07 else None,
        least=int(weight.max()) if rng.random() < 0.07 else None,
        round_cost=int(rng.integers(0, 30)),
    )


def _options(rng: np.random.Generator, groups: int, agents: int) -> tuple[Ints, Ints]:
    """Each group at some agents, most also at none."""
    some = rng.random((groups, agents)) < 0.75
    out = rng.random(groups) < 0.7
    some[~out & ~some.any(axis=1), 0] = True
    group, agent = np.nonzero(np.column_stack([some, out]))
    return group, np.where(agent < agents, agent, -1)


def _leads(
    rng: np.random.Generator, areas: int, agents: int
) -> tuple[Ints, Ints, NDArray[np.bool_]]:
    """Candidates of each area; in some areas it is sure who leads."""
    may = rng.random((areas, agents)) < 0.7
    may[~may.any(axis=1), 0] = True
    area, agent = np.nonzero(may)
    first = np.append(True, area[1:] != area[:-1])[: len(area)]
    return area, agent, first & (rng.random(areas) < 0.25)[area]


def program(small: Small) -> Program:
    """Build the program, with rows as home care names and declares them."""
    s, made = small, Program()
    costs: list[tuple[Ints, Ints]] = []
    option = made.columns("assign", len(s.group))
    costs.append((option, s.cost))
    groups = len(s.weight)
    made.require("placed_once", "choose", [(s.group, option, 1)], low=1, high=1, rows=groups)
    lead = made.columns("lead", len(s.lead_area), lower=s.sure.astype(np.int64))
    costs.append((lead, s.lead_cost))
    _add_capacity(s, made, option, lead, costs)
    if len(s.target):
        areas = len(s.target)
        entries = [(s.lead_area, lead, 1)]
        made.require("leads_per_area", "free", entries, low=1, high=1, rows=areas)
        _add_targets(s, made, option, lead, costs)
    if s.most_led is not None:
        _add_most_led(s, made, lead)
    if s.spent is not None:
        entries = [(0, option, s.spent), *_slack(made, "money", 1, s.dear, -UNIT, costs)]
        made.require("within_budget", "pack", entries, high=s.money, rows=1)
    if s.together is not None:
        _add_together(s, made, option)
    if s.least is not None:
        _add_rounds(s, made, option, costs)
    total = np.zeros(made.size, dtype=np.int64)
    for columns, amounts in costs:
        total[columns] += amounts
    made.level("cost", total, Fraction(1))
    if s.later is not None:
        later = np.zeros(made.size, dtype=np.int64)
        later[option] = s.later
        made.level("later", later, Fraction(1))
    return made


def _slack(
    made: Program, name: str, rows: int, price: int, coef: int, costs: list[tuple[Ints, Ints]]
) -> list[Any]:
    """Add one column a row that counts what it is short by, if that has a price."""
    if price == 0:
        return []
    columns = made.columns(f"short_{name}", rows, upper=10_000)
    costs.append((columns, np.full(rows, price)))
    return [(np.arange(rows), columns, coef)]


def _add_capacity(
    s: Small, made: Program, option: Ints, lead: Ints, costs: list[tuple[Ints, Ints]]
) -> None:
    placed = s.agent >= 0
    entries: list[Any] = [(s.agent[placed], option[placed], s.weight[s.group[placed]])]
    new = np.flatnonzero(s.newly)
    if len(new):
        who, at = np.unique(s.lead_agent[new], return_inverse=True)
        grown = made.columns("appointed", len(who))
        rows = np.arange(len(who))
        come = [(rows, grown, 1), (at, lead[new], -1)]
        made.require("appointed", "link", come, high=0, rows=len(who))
        rows = np.arange(len(new))
        bring = [(rows, lead[new], 1), (rows, grown[at], -1)]
        made.require("appointed", "link", bring, high=0, rows=len(new))
        entries.append((who, grown, -s.growth[who]))
    entries += _slack(made, "capacity", len(s.capacity), s.over, -1, costs)
    made.require("within_capacity", "pack", entries, high=s.capacity, rows=len(s.capacity))


def _add_targets(
    s: Small, made: Program, option: Ints, lead: Ints, costs: list[tuple[Ints, Ints]]
) -> None:
    size = len(lead)
    credited, whose = np.nonzero(_credited(s))
    counted = s.weight[s.group[credited]]
    most = np.bincount(whose, counted, minlength=size).astype(np.int64)
    rows = np.arange(size)
    given = made.columns("given_to_lead", size, upper=most)
    entries: list[Any] = [(rows, given, 1), (whose, option[credited], -counted)]
    made.require("given_to_lead", "pack", entries, high=0, rows=size)
    entries = [(rows, given, 1), (rows, lead, -most)]
    made.require("given_as_lead", "pack", entries, high=0, rows=size)
    entries = [(s.lead_area, given, 1), *_slack(made, "share", len(s.target), s.short, 1, costs)]
    made.require("lead_accepts_share", "share", entries, low=s.target, rows=len(s.target))


def _credited(s: Small) -> NDArray[np.bool_]:
    """Which options count towards which leads, (J, F)."""
    same = s.agent[:, None] == s.lead_agent
    return same & (s.area[s.group][:, None] == s.lead_area) & s.referral[s.group][:, None]


def _add_most_led(s: Small, made: Program, lead: Ints) -> None:
    key = s.owner[s.lead_agent] * len(s.target) + s.lead_area
    led, at = np.unique(key, return_inverse=True)
    columns = made.columns("led_by_owner", len(led))
    rows = np.arange(len(lead))
    entries = [(rows, lead, 1), (rows, columns[at], -1)]
    made.require("led_by_owner", "link", entries, high=0, rows=len(rows))
    owners, row = np.unique(led // len(s.target), return_inverse=True)
    made.require("leads_limit", "pack", [(row, columns, 1)], high=s.most_led, rows=len(owners))


def _add_together(s: Small, made: Program, option: Ints) -> None:
    mine = np.flatnonzero(np.isin(s.group, s.together) & (s.agent >= 0))
    columns = made.columns("serves_household", len(s.capacity))
    rows = np.arange(len(mine))
    entries = [(rows, option[mine], 1), (rows, columns[s.agent[mine]], -1)]
    made.require("serves_household", "link", entries, high=0, rows=len(rows))
    made.require("household_together", "pack", [(0, columns, 1)], high=1, rows=1)


def _add_rounds(s: Small, made: Program, option: Ints, costs: list[tuple[Ints, Ints]]) -> None:
    mine = np.flatnonzero(s.agent >= 0)
    key = s.agent[mine] * len(s.weight) + s.area[s.group[mine]]
    found, at = np.unique(key, return_inverse=True)
    active = made.columns("active", len(found))
    costs.append((active, np.full(len(found), s.round_cost)))
    rows = np.arange(len(mine))
    entries: list[Any] = [(rows, option[mine], 1), (rows, active[at], -1)]
    made.require("active", "link", entries, high=0, rows=len(rows))
    entries = [
        (at, option[mine], s.weight[s.group[mine]]),
        (np.arange(len(found)), active, -s.least),
    ]
    made.require("viable_round", "share", entries, low=0, rows=len(found))


def best(small: Small) -> tuple[int, ...] | None:
    """Try every plan; return the value of each level, None where no plan keeps every row."""
    s = small
    options = [np.flatnonzero(s.group == g) for g in range(len(s.weight))]
    plans = np.stack(np.meshgrid(*options, indexing="ij"), axis=-1).reshape(-1, len(options))
    agent = s.agent[plans]
    load = _held(agent, s.weight, len(s.capacity))
    alone = s.cost[plans].sum(axis=1) + _aside(s, plans, agent)
    candidates = [np.flatnonzero(s.lead_area == b) for b in range(len(s.target))]
    found = []
    for led in product(*candidates):
        leads = np.array(led, dtype=np.int64)
        if not _may_lead(s, leads):
            continue
        total = alone + int(s.lead_cost[leads].sum())
        grown = np.zeros_like(s.capacity)
        new = s.lead_agent[leads[s.newly[leads]]]
        grown[new] = s.growth[new]
        over = np.maximum(load - s.capacity - grown, 0).sum(axis=1)
        total += over * (s.over or NEVER)
        for b, lead in enumerate(leads):
            counts = (agent == s.lead_agent[lead]) & (s.area == b) & s.referral
            total += np.maximum(s.target[b] - counts @ s.weight, 0) * (s.short or NEVER)
        later = np.zeros(len(plans)) if s.later is None else s.later[plans].sum(axis=1)
        first = int(np.lexsort((later, total))[0])
        found.append((int(total[first]), int(later[first])))
    least = min(found, default=(NEVER, 0))
    if least[0] >= NEVER:
        return None
    return least[:1] if s.later is None else least


def _may_lead(s: Small, leads: Ints) -> bool:
    """Whether who surely leads does, and no owner leads more than it may."""
    sure = np.isin(np.flatnonzero(s.sure), leads).all()
    led = np.bincount(s.owner[s.lead_agent[leads]], minlength=1).max()
    return bool(sure and (s.most_led is None or led <= s.most_led))


def _held(agent: Ints, weight: Ints, agents: int) -> Ints:
    """What each agent holds of some groups in each plan, (N, m)."""
    return np.stack([(agent == k) @ weight for k in range(agents)], axis=1)


def _aside(s: Small, plans: Ints, agent: Ints) -> Ints:
    """What rows cost that do not hang on who leads, (N,)."""
    total = np.zeros(len(plans), dtype=np.int64)
    if s.spent is not None:
        beyond = np.maximum(s.spent[plans].sum(axis=1) - s.money, 0)
        total += -(-beyond // UNIT) * s.dear if s.dear else beyond * NEVER
    if s.together is not None:
        one, two = (agent[:, g] for g in s.together)
        total += ((one >= 0) & (two >= 0) & (one != two)) * NEVER
    if s.least is not None:
        for b in np.unique(s.area):
            held = _held(agent[:, s.area == b], s.weight[s.area == b], len(s.capacity))
            total += (held > 0).sum(axis=1) * s.round_cost
            total += ((held > 0) & (held < s.least)).sum(axis=1) * NEVER
    return total
