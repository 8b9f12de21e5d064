"""The rules of the lots model, one function each, by the ids of the card."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from allocate.lots.award import RULES as AWARD
from allocate.lots.award import keep_pins
from allocate.lots.cells import PER
from allocate.lots.formulation import Draft


def each_cell_once(draft: Draft) -> None:
    """Each cell is in one of the lots that are drawn: ``sum of its lots = 1``."""
    lot, cell = np.nonzero(draft.candidates.member)
    draft.program.require(
        "each_cell_once",
        "choose",
        [(cell, draft.lot[lot], 1)],
        low=1,
        high=1,
        rows=len(draft.instance.cells.ids),
        labels=None,
    )


def connected(draft: Draft) -> None:
    """Nothing to state: only connected lots are listed."""


def balanced(draft: Draft) -> None:
    """A lot within its limits of size, or what it is beyond them."""
    draft.charge_lots("balanced", PER[str(draft.instance.rules["balanced"].options["by"])])


def number_of_lots(draft: Draft) -> None:
    """One number of lots is chosen: ``sum of lots listed for a number = number x chosen``."""
    numbers = draft.instance.numbers
    if draft.instance.cells.table == "cells":
        low, high = numbers[0], numbers[-1]
        entries = [(0, draft.lot, 1)]
        draft.program.require("number_of_lots", "free", entries, low=low, high=high, rows=1)
        return
    chosen = draft.program.columns("number", len(numbers))
    draft.program.require("one_number", "choose", [(0, chosen, 1)], low=1, high=1, rows=1)
    row = draft.candidates.number - numbers[0]
    draft.program.require(
        "number_of_lots",
        "free",
        [(row, draft.lot, 1), (np.arange(len(numbers)), chosen, -np.array(numbers))],
        low=0,
        high=0,
        rows=len(numbers),
    )


def value_limits(draft: Draft) -> None:
    """A lot of a value within limits, or what it is beyond them."""
    draft.charge_lots("value_limits", 100)


def enough_bidders(draft: Draft) -> None:
    """A lot that enough owners could bid for, or how many are missing."""
    draft.charge_lots("enough_bidders")


def kept_together(draft: Draft) -> None:
    """A lot that cuts no group, or the groups it cuts; a group in n lots is cut n - 1 times."""
    draft.charge_lots("kept_together")


RULES: dict[str, Callable[[Draft], None]] = {
    "each_cell_once": each_cell_once,
    "connected": connected,
    "balanced": balanced,
    "number_of_lots": number_of_lots,
    "value_limits": value_limits,
    "enough_bidders": enough_bidders,
    "kept_together": kept_together,
    **AWARD,
}

__all__ = ["RULES", "keep_pins"]
