"""Whole numbers: of 64 bits where none of them can overflow, else Python's own."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from allocate.units import Ints

Whole = NDArray[Any]

MOST = 1 << 62  # 64 bits hold twice as much
HALF = 32  # bits of a number that are added up apart, so that no sum overflows


def kind_for(most: int) -> np.dtype[Any]:
    """Return the numbers to count in where none is beyond ``most``, with its sign or without."""
    return np.dtype(np.int64 if most < MOST else object)


def sums(at: Ints, amounts: Whole, size: int) -> Whole:
    """Add amounts up by position, in Python's integers: (size,)."""
    upper, lower = np.zeros(size, dtype=amounts.dtype), np.zeros(size, dtype=amounts.dtype)
    np.add.at(upper, at, amounts >> HALF)
    np.add.at(lower, at, amounts & ((1 << HALF) - 1))
    return upper.astype(object) * (1 << HALF) + lower.astype(object)


def summed(amounts: Whole) -> int:
    """Add amounts up."""
    return int(sums(np.zeros(len(amounts), dtype=np.int64), amounts, 1)[0])
