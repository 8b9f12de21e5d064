"""Packages and their pairs, some at a time: all of them at once would not fit into memory."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from allocate.homecare.instance import Instance
from allocate.homecare.pairs import Pairs, kept_pairs, listed_pairs
from allocate.units import Ints

BLOCK = 1 << 16  # packages looked at together: enough to be fast, few enough to keep memory low


def blocks(group: Ints) -> Iterator[Ints]:
    """Cut the packages into blocks, none of them through a group."""
    order = np.argsort(group, kind="stable")
    cuts = np.searchsorted(group[order], group[order][::BLOCK])
    return iter(np.split(order, np.unique(cuts)[1:]))


def pairs_of(instance: Instance, block: Ints) -> Pairs:
    """List the pairs of some packages that data, pins and hard rules leave."""
    return kept_pairs(instance, *listed_pairs(instance, block))
