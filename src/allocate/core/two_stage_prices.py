"""The prices of a proof of two stages as a list that can be written down, and read back."""

from __future__ import annotations

import numpy as np

from allocate.core.two_stage import TwoStage
from allocate.core.two_stage_proof import TwoStageProof
from allocate.price_list import PriceList

WINTERS, FIRST, WORST = "rows of each sample", "rows of the first stage", "worst samples"


def listed(proof: TwoStageProof) -> PriceList:
    """List the prices: by sample and row, by row of the first stage, and the shares of the tail."""
    samples, rows = np.nonzero(proof.vector)
    return PriceList(
        proof.scale,
        {
            WINTERS: {
                (str(s), str(r)): int(proof.vector[s, r])
                for s, r in zip(samples.tolist(), rows.tolist(), strict=True)
            },
            FIRST: {(str(r),): int(proof.row[r]) for r in np.flatnonzero(proof.row).tolist()},
            WORST: {(str(s),): int(proof.worst[s]) for s in np.flatnonzero(proof.worst).tolist()},
        },
    )


def read_proof(two_stage: TwoStage, prices: PriceList) -> TwoStageProof | None:
    """Read prices that were listed; None where they are about something else.

    Parameters
    ----------
    two_stage
        The program that they are about.
    prices
        As listed.
    """
    samples, rows = two_stage.rhs.shape
    first = sum(family.size for family in two_stage.first.families)
    vector = np.zeros((samples, rows), dtype=np.int64)
    row = np.zeros(first, dtype=np.int64)
    worst = np.zeros(0 if two_stage.tail is None else samples, dtype=np.int64)
    tables = {WINTERS: vector, FIRST: row, WORST: worst}
    if set(prices.rows) != set(tables):
        return None
    try:
        for name, table in tables.items():
            for labels, price in prices.rows[name].items():
                at = tuple(int(label) for label in labels)
                if len(at) != table.ndim or min(at) < 0:
                    return None
                table[at] = price
    except (ValueError, IndexError, OverflowError):
        return None
    return TwoStageProof(prices.scale, vector, row, worst)
