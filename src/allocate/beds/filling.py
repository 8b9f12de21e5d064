"""How booked beds fill: when bookings begin, how fast homes admit, when the beds are in use."""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from allocate.beds.instance import Instance
from allocate.beds.solution import Solution
from allocate.beds.weekly import Weekly
from allocate.columns import table
from allocate.units import THOUSAND

FULL = 0.9  # of the usable beds booked by then


def filling(instance: Instance, solution: Solution, weekly: Weekly) -> list[str]:
    """Say for each care type and each start of bookings how long it takes to fill them.

    Parameters
    ----------
    instance, solution
        The question and the plan.
    weekly
        People in each winter.
    """
    begins: dict[tuple[int, int], list[int]] = defaultdict(list)
    for n, (offer, first) in enumerate(zip(solution.offer, solution.first, strict=True)):
        begins[int(instance.offers.care[offer]), int(first)].append(n)
    if not begins:
        return ["Nothing is booked."]
    axes, rows = instance.axes, []
    room = weekly.mean(weekly.room).sum(axis=0)
    inside = weekly.mean(weekly.inside).sum(axis=0)
    for (care, first), bookings in sorted(begins.items()):
        pace = instance.offers.pace[solution.offer[bookings]]
        full = first + np.flatnonzero(inside[care, first:] >= FULL * room[care, first:])
        rows.append(
            [
                axes.care[care],
                f"week {first + 1}, {axes.starts[first]:%d/%m/%Y}",
                str(solution.beds[bookings].sum()),
                "no limit" if (pace < 0).any() else f"{pace.sum() / THOUSAND:,.1f}",
                f"week {full[0] + 1}" if len(full) else "never",
            ]
        )
    head = ["care", "bookings begin", "beds", "homes admit a week", f"{FULL:.0%} in use from"]
    note = (
        "In use: of all usable beds booked of that care, on average over the possible winters, as "
        "people come and accept them; beds paid for before then stand partly empty."
    )
    return [*table(head, rows, left=(0, 1)), note]
