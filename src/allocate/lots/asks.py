"""What bidders would ask for lots that are not drawn yet: prices of cells, less for large lots."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from allocate.errors import Fault
from allocate.labels import Bools, positions
from allocate.lots.bidders import Bidders
from allocate.lots.cells import Cells, strangers
from allocate.tables import Tables
from allocate.units import Ints, pence

NEVER = 1 << 36  # pence: what a lot comes to that nobody prices
WHOLE = 100_000  # thousandths of a per cent


@dataclass(frozen=True)
class Asks:
    """Prices of cells, and discounts by value.

    Parameters
    ----------
    price
        Pence a year that each bidder asks for each cell, -1 where it names no price, (K, C).
    tiers
        Bidder, value in pence from which, and thousandths of a per cent taken off.
    """

    price: Ints
    tiers: tuple[tuple[int, int, int], ...]

    def cheapest(self, member: Bools, value: Ints) -> Ints:
        """Pence that the cheapest bidder asks for each lot, all of whose cells it prices, (N,).

        Parameters
        ----------
        member
            Cells of each lot, (N, C).
        value
            Pence a year of each cell, (C,).
        """
        least = np.full(len(member), NEVER if self.price.size else 0, dtype=np.int64)
        worth = member @ value
        for k, asked in enumerate(self.price):
            whole = ~member[:, asked < 0].any(axis=1)
            total = member @ np.maximum(asked, 0)
            off = np.zeros_like(total)
            for _, start, percent in sorted(tier for tier in self.tiers if tier[0] == k):
                off[worth >= start] = percent
            paid = (2 * total * (WHOLE - off) + WHOLE) // (2 * WHOLE)
            least = np.where(whole, np.minimum(least, paid), least)
        return least

    def of(self, cells: Iterable[int], value: Ints) -> int:
        """The same for one lot, in plain sums, as the review counts it."""
        inside = list(cells)
        worth = sum(int(value[i]) for i in inside)
        found = [NEVER] if self.price.size else [0]
        for k, asked in enumerate(self.price.tolist()):
            if any(asked[i] < 0 for i in inside):
                continue
            reached = [
                (start, off) for who, start, off in self.tiers if who == k and worth >= start
            ]
            off = max(reached)[1] if reached else 0
            total = sum(asked[i] for i in inside) * (WHOLE - off)
            found.append((2 * total + WHOLE) // (2 * WHOLE))
        return min(found)


def build_asks(tables: Tables, cells: Cells, bidders: Bidders) -> tuple[Asks, list[Fault]]:
    """Read prices of cells; none where the case has no ``cell_prices``."""
    frame, scale = tables["cell_prices"], tables["scale"]
    faults = strangers("cell_prices", frame, cells)
    price = np.full((len(bidders.ids), len(cells.ids)), -1, dtype=np.int64)
    if frame.empty or faults:
        return Asks(price[:0], ()), faults
    who, where = positions(frame["bidder_id"], bidders.ids), positions(frame["cell_id"], cells.ids)
    price[who, where] = pence(frame["price_pounds_per_year"])
    tiers = zip(
        positions(scale["bidder_id"], bidders.ids).tolist(),
        pence(scale["value_from_pounds"]).tolist(),
        np.rint(scale["percent"].to_numpy(dtype=float) * 1000).astype(np.int64).tolist(),
        strict=True,
    )
    return Asks(price, tuple(tiers)), faults
