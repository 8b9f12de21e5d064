"""From prices to a field of search: agents, regrets, and a first plan.

Agents are the resources of one family of rows of which every option takes at most one, and of which
a group takes the same wherever it is, such as hours of a provider. All other resources, and what is
to be credited in each block, are rows on the side, which the search looks at but does not aim for.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from allocate.core.bound import Prices, Relaxation, Relaxed
from allocate.core.search import Field
from allocate.core.structure import Structure
from allocate.units import Ints

ROOMY = 1 << 40  # units of room outside
HARD = 1e3  # times the dearest price or regret: what a unit above a hard limit counts


@dataclass(frozen=True)
class Agents:
    """Which resources are agents.

    Parameters
    ----------
    agent
        Of each option, (J,); the number of agents where it takes of none.
    resource
        Position of each agent among the resources, (m,).
    weight
        Of each group in units, (G,).
    unit
        Steps of the resources in a unit: the largest that divides every weight.
    """

    agent: Ints
    resource: Ints
    weight: Ints
    unit: int


def find_agents(structure: Structure) -> Agents | None:
    """Find the family of resources that serve as agents; None where no family can.

    Of those that can, the one that most options take of.
    """
    s, flat = structure, structure.flat
    use = s.use[s.option].tocoo()
    row = s.resource[use.col]
    family = np.append(flat.family, np.full(len(flat.low) - len(flat.family), -1))[row]
    best = None
    for one in np.unique(family[family >= 0]):
        mine = family == one
        taken = np.bincount(use.row[mine], minlength=len(s.option))
        weight = np.zeros(len(s.option), dtype=np.int64)
        weight[use.row[mine]] = use.data[mine]
        heaviest = np.maximum.reduceat(weight, s.start[:-1])
        same = (weight == heaviest[s.group]) | (taken == 0)
        key = (int(mine.sum()), len(np.unique(use.col[mine])))
        if taken.max(initial=0) == 1 and np.all(same) and (best is None or key > best[0]):
            best = key, mine, heaviest
    if best is None:
        return None
    _, mine, heaviest = best
    resource, agent = np.unique(use.col[mine], return_inverse=True)
    of_option = np.full(len(s.option), len(resource))
    of_option[use.row[mine]] = agent
    unit = int(np.gcd.reduce(heaviest)) or 1
    return Agents(of_option, resource, heaviest // unit, unit)


def regrets(relaxation: Relaxation, prices: Prices, relaxed: Relaxed, led: Ints) -> np.ndarray:
    """Return what each option costs at the prices above the cheapest of its group, (J,).

    Credits count at the margin of the alternatives that lead.
    """
    s = relaxation.structure
    reduced = relaxed.reduced.copy()
    for a in led:
        entries = slice(s.credit_start[a], s.credit_start[a + 1])
        if np.isfinite(relaxed.margin[a]):
            reduced[s.credit_option[entries]] -= relaxed.margin[a] * s.credit[entries]
    return reduced - np.minimum.reduceat(reduced, s.start[:-1])[s.group]


def build_field(
    relaxation: Relaxation,
    agents: Agents,
    prices: Prices,
    relaxed: Relaxed,
    led: Ints,
    choice: Ints,
    kept: bool,
) -> Field:
    """Build the field of a search from a plan.

    Parameters
    ----------
    relaxation, agents
        What is searched.
    prices, relaxed
        Prices and what comes of them.
    led, choice
        The plan: alternative of each block, (B,), and option of each group, (G,).
    kept
        Whether no block may be credited with less than now, short of its target.
    """
    s, flat = relaxation.structure, relaxation.structure.flat
    regret = regrets(relaxation, prices, relaxed, led)
    hard = HARD * max(float(prices.resource.max(initial=1.0)), float(regret.mean()))
    limit = _limits(s, led)
    over = _overdrawn(relaxation, prices, hard)
    take = s.use[s.option]
    size = len(agents.resource)
    side = np.ones(len(s.resource), dtype=bool)
    side[agents.resource] = False
    credits, target, margin, beyond = _credit_rows(
        relaxation, prices, relaxed, led, choice, kept, hard
    )
    rows = sparse.hstack([take[:, side], credits], format="csr")
    picked = np.zeros(len(s.option))
    picked[choice] = 1.0
    room = np.full(size + 1, ROOMY, dtype=np.int64)
    room[:size] = limit[agents.resource] // agents.unit
    np.subtract.at(room, agents.agent[choice], agents.weight)
    frozen = np.zeros(len(s.start) - 1, dtype=bool)
    in_rest = np.unique(flat.matrix[s.rest].indices)
    frozen[s.group[np.isin(s.option, in_rest)]] = True
    each = prices.resource[agents.resource] * agents.unit
    return Field(
        start=s.start,
        regret=regret,
        agent=agents.agent,
        weight=agents.weight,
        frozen=frozen,
        price=np.append(each, 0.0),
        over=np.append(over[agents.resource] * agents.unit, 0.0),
        side_start=rows.indptr.astype(np.int64),
        side_row=rows.indices.astype(np.int64),
        side_amount=rows.data.astype(np.float64),
        side_price=np.concatenate([prices.resource[side], margin]),
        side_over=np.concatenate([over[side], beyond]),
        choice=choice.copy(),
        room=room,
        side_room=np.concatenate([limit[side], target]) - rows.T @ picked,
    )


def _limits(s: Structure, led: Ints) -> Ints:
    """Limits of resources, less what alternatives and sure columns take, with their growth."""
    sure = s.flat.lower[s.boxed]
    growers = np.unique(s.grower[led])
    taken = s.use[s.alternative[led]].sum(axis=0) + s.use[growers[growers >= 0]].sum(axis=0)
    return s.limit - np.asarray(taken, dtype=np.int64).ravel() - s.use[s.boxed].T @ sure


def _overdrawn(relaxation: Relaxation, prices: Prices, hard: float) -> np.ndarray:
    """What a step above each limit counts: what its slack costs beyond the price, or too much."""
    s = relaxation.structure
    over = np.full(len(s.resource), hard)
    slack = s.use[s.boxed].tocoo()
    gives = slack.data < 0
    column, row = s.boxed[slack.row[gives]], slack.col[gives]
    own = relaxation.cost[column] + s.use[column].maximum(0) @ prices.resource
    each = own / -slack.data[gives]
    over[row] = np.maximum(each - prices.resource[row], 0.0)
    return over


def _credit_rows(
    relaxation: Relaxation,
    prices: Prices,
    relaxed: Relaxed,
    led: Ints,
    choice: Ints,
    kept: bool,
    hard: float,
) -> tuple[sparse.csr_matrix, np.ndarray, np.ndarray, np.ndarray]:
    """Each block's credits as a row: amounts below nought by option, minus the target, prices."""
    s = relaxation.structure
    entries = [np.arange(s.credit_start[a], s.credit_start[a + 1]) for a in led]
    block = np.repeat(np.arange(len(led)), [len(one) for one in entries])
    entry = np.concatenate([*entries, np.zeros(0, dtype=np.int64)]).astype(np.int64)
    shape = (len(s.option), len(led))
    rows = sparse.csr_matrix((-s.credit[entry], (s.credit_option[entry], block)), shape=shape)
    margin = relaxed.margin[led]
    margin = np.where(np.isfinite(margin), margin, 0.0)
    penalty = np.full(len(led), hard)
    may = s.short >= 0
    penalty[may] = relaxation.cost[s.short[may]] + s.use[s.short[may]] @ prices.resource
    target = s.target.astype(np.int64)
    if kept:
        picked = np.zeros(len(s.option), dtype=np.int64)
        picked[choice] = 1
        target = np.minimum(target, -np.asarray(rows.T @ picked))
        penalty[:] = hard
    return rows, -target, margin, np.maximum(penalty - margin, 0.0)
