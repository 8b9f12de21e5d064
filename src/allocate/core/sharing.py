"""Teams over a field: a few agents share all that they have anew, other rows looked at.

What a field regrets is turned into whole costs of groups with agents, so that what a team finds is
exact. Nobody becomes overfull, and no more goes outside than is there.
"""

from __future__ import annotations

import numpy as np

from allocate.core.search import Field
from allocate.core.team import fine
from allocate.core.teams import Sides, Teams, seeded
from allocate.units import Floats, Ints

STEPS = 1e5  # of cost, from the bound to the plan
WARMTH = 100.0  # steps: how much dearer a team may end, on average
NEVER = 1 << 40  # weight of a group where it cannot be


def share(field: Field, near: float, rounds: int, seed: int, sizes: Floats) -> float:
    """Let teams share anew; return by how much the field's plan is better.

    Parameters
    ----------
    field
        Its plan changes.
    near
        Options of more regret than this are not chosen.
    rounds, seed
        How many rounds of teams, and the seed of everything random.
    sizes
        Of teams, changed as it goes on.
    """
    before = field.value
    option = _options(field, near)
    teams = _teams(field, option, before, sizes)
    if teams is None:
        return 0.0
    seeded(seed % (1 << 32))
    for _ in range(rounds):
        teams.go()
    choice = field.choice.copy()
    field.choose(option[np.arange(len(choice)), teams.best])
    gained = before - field.value
    if gained < 0:
        field.choose(choice)
    return max(0.0, gained)


def _options(field: Field, near: float) -> Ints:
    """The option of each group at each agent, (G, m): what is chosen, else least regretted."""
    found = np.full((len(field.choice), len(field.price)), -1)
    group = np.repeat(np.arange(len(found)), np.diff(field.start))
    wish = field.regret.copy()
    wish[field.choice] = -1.0
    may = np.flatnonzero((wish <= near) & ~field.frozen[group] | (wish < 0))
    order = may[np.argsort(-wish[may], kind="stable")]
    found[group[order], field.agent[order]] = order
    return found


def _teams(field: Field, option: Ints, value: float, sizes: Floats) -> Teams | None:
    """Costs in whole steps, and the plan at hand; None where they are too large to reckon with."""
    scale = STEPS / max(value, 1.0)
    may = option >= 0
    paid = field.price * field.weight[:, None]
    cost = np.where(may, field.regret[option] - paid, np.inf)
    cost -= cost.min(axis=1, keepdims=True)
    if cost[may].max(initial=0) * scale >= 1 << 40:
        return None
    steps = np.rint(np.where(may, cost, 0) * scale).astype(np.int64)
    if not fine(steps):
        return None
    plan = field.agent[field.choice]
    load = np.bincount(plan, field.weight, minlength=len(field.price)).astype(np.int64)
    room = np.maximum(field.room, 0)
    room[-1] = 0
    now = int(steps[np.arange(len(plan)), plan].sum())
    return Teams(
        steps,
        np.where(may, field.weight[:, None], NEVER),
        load + room,
        field.price * scale,
        plan,
        now - int(STEPS),
        WARMTH,
        Sides(
            option,
            field.side_start,
            field.side_row,
            field.side_amount,
            field.side_price * scale,
            field.side_over * scale,
        ),
        field.side_room,
        sizes,
    )
