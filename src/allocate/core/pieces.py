"""Large work cut into pieces, which threads do side by side.

How it is cut depends on the work alone, so that sums of floats, piece by piece and in their order,
are the same however many threads there are.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import numpy as np

from allocate.units import Ints

Piece = TypeVar("Piece")
Found = TypeVar("Found")
SIZE = 1 << 19  # entries of a piece: so many are worth a thread's while


def cut(start: Ints) -> list[slice]:
    """Cut runs of entries, such as options group by group, into pieces of about ``SIZE`` entries.

    Parameters
    ----------
    start
        Run i has the entries ``start[i]:start[i + 1]``, (runs + 1,).

    Returns
    -------
    list of slice
        Of runs, one after another; at least one.
    """
    count = max(1, int(start[-1] - start[0]) // SIZE)
    wanted = start[0] + (start[-1] - start[0]) * np.arange(1, count) // count
    ends = np.searchsorted(start, wanted).tolist()
    return [slice(a, b) for a, b in zip([0, *ends], [*ends, len(start) - 1], strict=True)]


def do(work: Callable[[Piece], Found], pieces: Sequence[Piece], threads: int) -> list[Found]:
    """Do a work on each piece, and return what comes of them in their order.

    Parameters
    ----------
    work
        Compiled, at its heart, without the interpreter's lock.
    pieces
        What it is done on.
    threads
        How many at a time.
    """
    if threads == 1 or len(pieces) == 1:
        return [work(piece) for piece in pieces]
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(work, pieces))
