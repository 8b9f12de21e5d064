"""Labels become positions here, and positions labels."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from allocate.units import Ints

Bools = NDArray[np.bool_]

RATINGS = ("Outstanding", "Good", "Requires improvement", "Inadequate")


def positions(labels: Any, known: Any) -> Ints:
    """Positions of labels in a list of known ones, -1 where a label is empty or unknown."""
    return pd.Index(known).get_indexer(pd.Index(labels)).astype(np.int64)


def called(words: tuple[str, ...], ids: tuple[str, ...], at: int, *, within: bool = False) -> str:
    """Name and id of something, one word where they are the same.

    Parameters
    ----------
    words, ids
        Names and ids.
    at
        Position.
    within
        Whether the sentence goes on: the id is then set between commas.
    """
    if words[at] == ids[at]:
        return ids[at]
    return f"{words[at]}, {ids[at]}{',' if within else ''}"


@dataclass(frozen=True)
class _Named:
    """Labels of things, put together when asked for; can be sent to another process."""

    parts: tuple[tuple[Sequence[str], Ints], ...]

    def __call__(self) -> list[tuple[str, ...]]:
        columns = ([labels[at] for at in positions.tolist()] for labels, positions in self.parts)
        return list(zip(*columns, strict=True))


def named(*parts: tuple[Sequence[str], Ints]) -> Callable[[], list[tuple[str, ...]]]:
    """Name things by the labels that they are about, such as ``P0001, H06``; built when asked for.

    Parameters
    ----------
    parts
        Labels, and the position among them of each thing, (N,).
    """
    return _Named(parts)


def each(labels: Sequence[str]) -> Callable[[], list[tuple[str, ...]]]:
    """Name things by one label each, in order."""
    return _Named(((labels, np.arange(len(labels))),))
