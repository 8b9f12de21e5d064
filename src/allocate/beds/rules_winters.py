"""Rules about people in a winter, one function each, named as in the card.

Their rows are the same in every winter. Where only bookings are looked at there are no winters, and
these rules say nothing.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from allocate.beds.formulation import Draft
from allocate.labels import each
from allocate.units import THOUSAND, Ints

MANY = 1 << 20  # more beds than there are


def occupancy_within_booked(draft: Draft) -> None:
    """People in booked beds, less those moved out of them, fit into the beds."""
    if (winter := draft.winter) is None:
        return
    for j, g, t in winter.moved.about.tolist():
        inside = winter.there(winter.booked, {1: j, 2: g}, t)
        moved = winter.chosen(winter.moved, {0: j, 1: g, 2: t})
        entries = [(columns, -share) for columns, share in inside]
        row = winter.row([*entries, (moved, THOUSAND)], 0, [(("usable", j, g, t), 1)])
        winter.room.append(row)


def spot_within_vacancy(draft: Draft) -> None:
    """People in beds bought one by one fit into the vacancies that bookings leave."""
    instance = draft.instance
    zones, care, weeks = instance.axes.shape
    least = instance.winters.beds.min(axis=0)
    # Bookings never take beds that are not there, in any winter: so each can be met.
    pairs: list[tuple[int, int]] = []
    limit: list[int] = []
    about: list[str] = []
    taken = ~instance.offers.extra[draft.offer]
    for cell in np.unique(draft.cell[taken]):
        z, g = divmod(int(cell), care)
        mine = np.flatnonzero(taken & (draft.cell == cell))
        for t in range(weeks):
            here = np.intersect1d(mine, draft.covering(t))
            if len(here):
                pairs += [(len(limit), int(k)) for k in here]
                limit.append(int(least[z, g, t]))
                about.append(draft.cell_name(cell))
    at_most(draft, "spot_within_vacancy", pairs, np.array(limit, dtype=np.int64), about)
    if (winter := draft.winter) is None:
        return
    for j in range(zones):
        for g in range(care):
            for t in range(weeks):
                inside = winter.there(winter.bought, {1: j, 2: g}, t)
                moved = winter.chosen(winter.moved, {0: j, 1: g, 2: t})
                if not len(moved) and not any(len(columns) for columns, _ in inside):
                    continue
                entries = [(columns, -share) for columns, share in inside]
                if len(moved):
                    entries.append((moved, np.array(-THOUSAND)))
                beds = -THOUSAND * instance.winters.beds[:, j, g, t]
                winter.row(entries, beds, [(("taken", j, g, t), -THOUSAND)])


def everyone_counted(draft: Draft) -> None:
    """People who come and people who waited are placed, or wait; alternatives have their limits."""
    if (winter := draft.winter) is None:
        return
    instance = draft.instance
    came = instance.came
    for i, g, t in winter.waiting.about.tolist():
        placed = [
            winter.chosen(winter.booked, {0: i, 2: g, 3: t}),
            winter.chosen(winter.bought, {0: i, 2: g, 3: t}),
            winter.chosen(winter.helped, {0: i, 2: g, 3: t}),
            winter.chosen(winter.waiting, {0: i, 1: g, 2: t}),
        ]
        entries: list[tuple[Ints, Any]] = [(columns, 1) for columns in placed]
        people = instance.winters.arrivals[:, i, g, t]
        if t == 0:
            people = people + instance.backlog[i, g]
        else:
            entries.append((winter.chosen(winter.waiting, {0: i, 1: g, 2: t - 1}), -1))
        winter.row(entries, people, equal=True)
    others = instance.market.alternatives
    for n in range(len(others.names)):
        g = int(others.need[n])
        for t in range(len(instance.axes.starts)):
            starts = winter.chosen(winter.helped, {1: n, 3: t})
            winter.row([(starts, -THOUSAND)], -int(others.capacity[n]))
            if others.suits[n] == THOUSAND:
                continue
            for i in np.unique(winter.helped.about[:, 0]):
                so_far = winter.chosen(winter.helped, {0: i, 1: n}, t)
                suited = -int(others.suits[n]) * came[:, i, g, t]
                winter.row([(so_far, -THOUSAND)], suited)


def choice_respected(draft: Draft) -> None:
    """Up to each week no more are admitted than accept it, of all who came so far."""
    if (winter := draft.winter) is None:
        return
    instance, came = draft.instance, draft.instance.came
    zones, care, weeks = instance.axes.shape
    for i, j, g in np.ndindex(zones, zones, care):
        share = int(instance.market.interim[i, j, g])
        if instance.axes.out_of_area[j] or (i == j and share == THOUSAND):
            continue
        for t in range(weeks):
            admitted = [winter.chosen(winter.booked, {0: i, 1: j, 2: g}, t)]
            if i != j:
                admitted.append(winter.chosen(winter.bought, {0: i, 1: j, 2: g}, t))
            if any(len(columns) for columns in admitted):
                entries = [(columns, -THOUSAND) for columns in admitted]
                winter.row(entries, -share * came[:, i, g, t])


def admission_pace(draft: Draft) -> None:
    """No more people are admitted in a week than the homes booked can admit."""
    _admitted_within(draft, "pace")


def last_admission(draft: Draft) -> None:
    """No more people are admitted in a week than beds stay booked for some weeks more."""
    _admitted_within(draft, "open")


def _admitted_within(draft: Draft, thing: str) -> None:
    if (winter := draft.winter) is None:
        return
    for j, g, t in winter.moved.about.tolist():
        admitted = winter.chosen(winter.booked, {1: j, 2: g, 3: t})
        if len(admitted):
            winter.row([(admitted, -THOUSAND)], 0, [((thing, j, g, t), 1)])


def at_most(
    draft: Draft, rule: str, pairs: list[tuple[int, int]], limit: Ints, about: list[str]
) -> None:
    """Require that beds of some windows stay within a limit, row by row."""
    table = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    entries: list[Any] = [(table[:, 0], draft.beds[table[:, 1]], 1)]
    slack = draft.slack(rule, np.full(len(limit), MANY), 1, about)
    if slack is not None:
        entries.append((np.arange(len(limit)), slack, -1))
    draft.first.require(rule, "pack", entries, high=limit, rows=len(limit), labels=each(about))
