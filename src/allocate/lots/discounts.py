"""What bidders take off when they win much."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from allocate.errors import Fault
from allocate.lots.bidders import Bidders
from allocate.lots.notice import Notice
from allocate.units import THOUSAND, pence


@dataclass(frozen=True)
class Tier:
    """What a bidder takes off once it wins so much.

    Parameters
    ----------
    bidder
        Position.
    lots_from, value_from
        Lots won, or pence a year of prices won, from which on; nought: it does not matter.
    share
        Of a price, in thousandths of one per cent.
    above
        Whether it is taken off what is beyond ``value_from`` only.
    """

    bidder: int
    lots_from: int
    value_from: int
    share: int
    above: bool

    def off(self, price: int) -> int:
        """Pence taken off a price, rounded half up."""
        return (2 * price * self.share + 100 * THOUSAND) // (2 * 100 * THOUSAND)


def build_tiers(frame: pd.DataFrame, bidders: Bidders) -> tuple[tuple[Tier, ...], list[Fault]]:
    """Read discounts, and find those that nobody can apply."""
    faults, tiers = [], []
    for line, row in frame.iterrows():
        lots, value = row["lots_from"], row["value_from_pounds"]
        place = f"discounts.csv {line}"
        if pd.isna(lots) and pd.isna(value):
            problem = "has no threshold"
            remedy = "Give lots_from or value_from_pounds"
            faults.append(Fault(place, "", problem, remedy))
            continue
        above = row["on"] == "above"
        if above and pd.isna(value):
            problem = "is on what is above a number of lots, and which lots those are is not said"
            remedy = "Give value_from_pounds, or take it off all"
            faults.append(Fault(place, 'on = "above"', problem, remedy))
        tiers.append(
            Tier(
                bidder=bidders.ids.index(row["bidder_id"]),
                lots_from=0 if pd.isna(lots) else int(lots),
                value_from=0 if pd.isna(value) else int(pence(value)),
                share=round(float(row["percent"]) * THOUSAND),
                above=above,
            )
        )
    return tuple(tiers), faults


def discounts_not_allowed(frame: pd.DataFrame, notice: Notice) -> list[Fault]:
    """Find discounts that the notice does not allow."""
    problem, remedy = (
        "is a discount, and the notice allows none",
        "Take it out, or correct the notice",
    )
    return [
        Fault(f"discounts.csv {line}", f'bidder_id = "{bidder}"', problem, remedy)
        for line, bidder in frame["bidder_id"].items()
        if not notice.discounts
    ]
