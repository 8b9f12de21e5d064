"""Which columns of an answer table are numbers, whatever they are held as."""

from __future__ import annotations

import re

import pandas as pd
from pandas.api.types import is_bool_dtype, is_numeric_dtype

# Not 007, which is an id.
NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?")
LABEL = ("_id", "_ids", "_name", "id", "name")  # endings of columns that name things


def is_numeric(column: pd.Series) -> bool:
    """Whether a column holds numbers: every cell that is filled is one, and it names nothing."""
    if is_bool_dtype(column):
        return False
    if is_numeric_dtype(column):
        return True
    filled = [cell for cell in column if is_filled(cell)]
    return (
        bool(filled)
        and not str(column.name).endswith(LABEL)
        and all(NUMBER.fullmatch(str(cell)) for cell in filled)
    )


def is_filled(cell: object) -> bool:
    """Whether a cell says anything."""
    return not (cell is None or cell != cell or cell == "")
