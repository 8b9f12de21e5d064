"""What of lots and awards may be published."""

from __future__ import annotations

import pandas as pd

from allocate.disclosure import Disclosed
from allocate.lots.instance import Instance
from allocate.lots.solution import Solution, answer_tables, names


def disclosed(instance: Instance, solution: Solution) -> Disclosed:
    """Say which lot each place or service is in, what is in each lot, and who wins it.

    No price or score is given: bids are confidential, and the notice says what of them is not.

    Parameters
    ----------
    instance, solution
        The question and the plan.
    """
    cells, labels = instance.cells, names(instance, solution)
    lots = [(cells.names[c], labels[lot]) for c, lot in enumerate(solution.lot.tolist())]
    tables = {"lots": pd.DataFrame(lots, columns=["cell", "lot"])}
    found = answer_tables(instance, solution)
    if "lot_sheets" in found:
        tables["lot_sheets"] = found["lot_sheets"]
    if instance.auction is None:
        return Disclosed(tables, 0)
    member, bidder = instance.auction.member, instance.auction.bidder
    winners = {j: int(bidder[b]) for b in solution.won for j in member[b].nonzero()[0].tolist()}
    won = [
        (lot, instance.bidders.names[winners[j]] if j in winners else "nobody")
        for j, lot in enumerate(labels)
    ]
    tables["awards"] = pd.DataFrame(won, columns=["lot", "winner"])
    return Disclosed(tables, len({int(instance.bidders.owner[k]) for k in winners.values()}))
