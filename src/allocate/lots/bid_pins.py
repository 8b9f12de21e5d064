"""What a person has decided about bids: which has to win, and which may not."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from allocate.errors import Fault, nearest
from allocate.labels import Bools
from allocate.tables import Tables


def read_bid_pins(
    tables: Tables, ids: tuple[str, ...], lots: tuple[str, ...], member: Bools
) -> tuple[Bools, Bools, list[Fault]]:
    """Read the pins of bids; find those that name none, or contradict each other.

    A pin without a lot is about all lots of the bid, and so is one with a lot: a bid wins whole.

    Parameters
    ----------
    tables
        The case.
    ids, lots, member
        Bids, lots, and the lots of each bid, (B, L).

    Returns
    -------
    tuple
        Bids that must win and that never may, each (B,); and every fault.
    """
    must, never = np.zeros(len(ids), dtype=bool), np.zeros(len(ids), dtype=bool)
    faults: list[Fault] = []
    for line, row in tables["pins"].iterrows():
        if row["table"] != "lot-bid":
            continue  # pins of other models, and of cells
        place, bid = f"pins.csv {line}", row["other_id"]
        cell = f'id = "{row["id"]}", other_id = "{bid}"'
        if row["id"] not in lots:
            problem = f"no such lot in lots.csv{nearest(row['id'], lots)}"
            faults.append(Fault(place, cell, problem, "Correct the id"))
        elif bid not in ids:
            problem = f"no such bid in bids.csv{nearest(bid, ids)}"
            faults.append(Fault(place, cell, problem, "Correct other_id"))
        elif not member[ids.index(bid), lots.index(row["id"])]:
            problem = "the bid is not for that lot"
            faults.append(Fault(place, cell, problem, "Name a lot of bid_lots.csv"))
        else:
            (must if row["must_or_never"] == "must" else never)[ids.index(bid)] = True
    return must, never, [*faults, *_contradictions(ids, lots, member, must, never)]


def _contradictions(
    ids: tuple[str, ...], lots: tuple[str, ...], member: Bools, must: Bools, never: Bools
) -> Iterator[Fault]:
    for b in np.flatnonzero(must & never).tolist():
        problem = "one pin says must and another never"
        yield Fault("pins.csv", f'other_id = "{ids[b]}"', problem, "Keep one of them")
    for j in np.flatnonzero(member[must].sum(axis=0) > 1).tolist():
        pinned = ", ".join(ids[b] for b in np.flatnonzero(must & member[:, j]))
        problem = f"{pinned} all must win this lot, and one can"
        yield Fault("pins.csv", f'lot "{lots[j]}"', problem, "Keep one of them")
