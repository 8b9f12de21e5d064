"""Pins of lots to bids: what a person has decided of an award, and pins that cannot hold."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from allocate.errors import Fault, nearest
from allocate.labels import Bools
from allocate.lots.auction import Auction
from allocate.tables import Tables

TABLE = "lot-bid"


@dataclass(frozen=True)
class Pins:
    """Bids that a person has decided on, (B,) each.

    Parameters
    ----------
    must, never
        Bids that have to win, and that may not.
    """

    must: Bools
    never: Bools

    @classmethod
    def none(cls, bids: int) -> Pins:
        """No pin at all."""
        return cls(np.zeros(bids, dtype=bool), np.zeros(bids, dtype=bool))


def build_pins(
    tables: Tables, lots: tuple[str, ...], auction: Auction | None
) -> tuple[Pins, list[Fault]]:
    """Read the pins of lots to bids, and find those that cannot hold.

    Parameters
    ----------
    tables
        The case.
    lots, auction
        Labels of lots, and the bids for them; None where there are none.
    """
    frame = tables["pins"]
    frame = frame[frame["table"] == TABLE]
    ids = () if auction is None else auction.ids
    pins, faults = Pins.none(len(ids)), list[Fault]()
    for line, row in frame.iterrows():
        place = f"pins.csv {line}"
        for column, value, known in (("id", row["id"], lots), ("other_id", row["other_id"], ids)):
            if value not in known:
                problem = f"no such id{nearest(value, known)}"
                faults.append(Fault(place, f'{column} = "{value}"', problem, "Correct the id"))
        if auction is None or row["id"] not in lots or row["other_id"] not in ids:
            continue
        bid = ids.index(row["other_id"])
        if not auction.member[bid, lots.index(row["id"])]:
            problem = f"the bid is not for {row['id']}"
            cell = f'other_id = "{row["other_id"]}"'
            faults.append(Fault(place, cell, problem, "Correct the lot or the bid"))
        (pins.must if row["must_or_never"] == "must" else pins.never)[bid] = True
    if auction is not None and not faults:
        faults = _contradictions(auction, lots, pins)
    return pins, faults


def _contradictions(auction: Auction, lots: tuple[str, ...], pins: Pins) -> list[Fault]:
    """Find pins that cannot hold together."""
    faults = [
        Fault(
            "pins.csv",
            f'other_id = "{auction.ids[bid]}"',
            "one pin says that it must win, another that it never may",
            "Remove one of the two",
        )
        for bid in np.flatnonzero(pins.must & pins.never)
    ]
    must = np.flatnonzero(pins.must)
    for j in np.flatnonzero(auction.member[must].sum(axis=0) > 1):
        named = " and ".join(auction.ids[b] for b in must if auction.member[b, j])
        problem = f"{named} must win, and all of them are for it"
        faults.append(Fault("pins.csv", f'id = "{lots[j]}"', problem, "Remove all but one"))
    return faults
