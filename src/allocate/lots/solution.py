"""A plan of lots: positions become labels again here, once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from allocate.errors import BadInput, Fault
from allocate.lots.award_tables import award_tables, read_won
from allocate.lots.formulation import Draft, PartedDraft
from allocate.lots.instance import Instance
from allocate.lots.sheets import sheets
from allocate.units import Ints


@dataclass(frozen=True)
class Solution:
    """Which lot each cell is in.

    Parameters
    ----------
    lot
        Position of the lot of each cell, (C,); lots that are drawn stand in the order of their
        first cells.
    won
        Positions of winning bids, in order; none without bids.
    """

    lot: Ints
    won: tuple[int, ...] = ()

    @property
    def lots(self) -> int:
        """How many lots there are."""
        return int(self.lot.max()) + 1

    def members(self) -> list[list[int]]:
        """Cells of each lot."""
        return [np.flatnonzero(self.lot == lot).tolist() for lot in range(self.lots)]


def names(instance: Instance, solution: Solution) -> tuple[str, ...]:
    """Labels of the lots: those given, otherwise L1, L2 and so on."""
    return instance.lots or tuple(f"L{number + 1}" for number in range(solution.lots))


def read_solution(draft: Draft | PartedDraft, values: Ints, flows: None = None) -> Solution:
    """Read the plan out of the values of the columns; this model has one stage, and no flows."""
    if isinstance(draft, PartedDraft):
        return Solution(values)
    member = draft.candidates.member[values[draft.lot] == 1]
    if draft.instance.given is not None:
        won = np.flatnonzero(values[draft.win] == 1)
        return Solution(draft.instance.given, tuple(won.tolist()))
    ordered = member[np.argsort(member.argmax(axis=1))]
    return Solution(ordered.argmax(axis=0).astype(np.int64))


def read_plan(instance: Instance, tables: Mapping[str, pd.DataFrame], where: str) -> Solution:
    """Read a plan back from ``lots.csv``, cells as text.

    Raises
    ------
    BadInput
        Where the table is missing or has not each cell of the case once, in order.
    """
    remedy = "A file was changed since: solve again, and ask of that result"
    frame = tables.get("lots")
    if frame is None or not {"cell_id", "lot_id"} <= set(frame):
        problem = "is missing, or has no columns cell_id and lot_id"
        raise BadInput(where, [Fault("lots.csv", "", problem, remedy)])
    if tuple(frame["cell_id"]) != instance.cells.ids:
        problem = "has not each cell once, in order"
        raise BadInput(where, [Fault("lots.csv", "", problem, remedy)])
    known = list(instance.lots) or list(dict.fromkeys(frame["lot_id"]))
    lot = np.array([known.index(lot) for lot in frame["lot_id"]], dtype=np.int64)
    return Solution(lot, read_won(instance.auction, tables, where))


def chosen_columns(draft: Draft | PartedDraft, tables: Mapping[str, pd.DataFrame]) -> Ints:
    """Columns of lots that an earlier answer drew, as far as the program has them."""
    if isinstance(draft, PartedDraft):
        return np.zeros(0, dtype=np.int64)
    frame, ids = tables["lots"], draft.instance.cells.ids
    drawn = {
        frozenset(ids.index(cell) for cell in cells if cell in ids)
        for _, cells in frame.groupby("lot_id")["cell_id"]
    }
    member = draft.candidates.member
    same = [frozenset(np.flatnonzero(row).tolist()) in drawn for row in member]
    return draft.lot[np.array(same, dtype=bool)]


def answer_tables(instance: Instance, solution: Solution) -> dict[str, pd.DataFrame]:
    """Return the answer as tables, by file name without its ending."""
    cells, labels = instance.cells, names(instance, solution)
    lots = pd.DataFrame(
        {
            "cell_id": cells.ids,
            "lot_id": [labels[lot] for lot in solution.lot],
            "cell_name": cells.names,
            "area_id": [cells.areas[area] if area >= 0 else "" for area in cells.area],
            "people": cells.residents,
            "hours_per_week": [f"{m / 60:.2f}".rstrip("0").rstrip(".") for m in cells.minutes],
            "value_pounds_per_year": [f"{v // 100}.{v % 100:02d}" for v in cells.value.tolist()],
        }
    )
    won = award_tables(instance, solution.won)
    if not len(instance.work.cell):
        return {"lots": lots} | won
    fewest = int(instance.parameters["smallest_count"])
    return {
        "lots": lots,
        **won,
        "lot_sheets": sheets(instance.work, labels, solution.lot, cells.value, fewest),
    }
