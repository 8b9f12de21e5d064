"""All connected lots of a partition: sets of cells within the limits of size, as bits.

Sets grow cell by cell from their lowest one. Whether the next cell beside a set is in it or not is
decided once, so that each set is met once (D. Avis & K. Fukuda, Discrete Applied Mathematics 65,
1996). A set that leaves cells which no lots can share out is left out at once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from allocate.core.partition import Bools, Partition
from allocate.units import Ints

Masks = NDArray[np.uint64]

MOST_CELLS = 63  # bits of a word, less the one that would be a sign
FIRST_ROOM = 1 << 16
LOOKED_AT = 3 * 10**8  # sets of any size, unless somebody says otherwise: a minute or so
NO_BIT, ONE = np.uint64(0), np.uint64(1)


class TooMany(ValueError):
    """There are more lots or plans than somebody is ready to list."""


@dataclass(frozen=True)
class ConnectedLots:
    """All lots that a plan may have.

    Parameters
    ----------
    mask
        Cells of each lot, cell i as bit i, by their lowest cell, (S,).
    size
        What each comes to, (S,).
    start
        Where the lots begin that have each cell as their lowest, (n + 1,).
    """

    mask: Masks
    size: Ints
    start: Ints

    def member(self) -> Bools:
        """Which cells each lot has, (S, n)."""
        return ((self.mask[:, None] >> cells_as_bits(len(self.start) - 1)) & ONE).astype(bool)

    def chosen(self, which: Bools) -> ConnectedLots:
        """Only some of the lots, told by (S,)."""
        before = np.concatenate([[0], np.cumsum(which)])
        return ConnectedLots(self.mask[which], self.size[which], before[self.start])


def cells_as_bits(cells: int) -> Masks:
    """Number of each cell's bit, (n,)."""
    return np.arange(cells, dtype=np.uint64)


def neighbours(partition: Partition) -> Masks:
    """Which cells touch each cell, as bits, (n,); all others where lots need not be connected."""
    n = partition.cells
    bit = ONE << cells_as_bits(n)
    if not partition.contiguous:
        return np.bitwise_or.reduce(bit) & ~bit
    beside = np.zeros(n, dtype=np.uint64)
    for end in (0, 1):
        np.bitwise_or.at(beside, partition.edges[:, end], bit[partition.edges[:, 1 - end]])
    return beside


def list_lots(partition: Partition, most: int = 10**7, looked_at: int = LOOKED_AT) -> ConnectedLots:
    """List every lot that is connected, of allowed size, and leaves cells that can be shared out.

    Parameters
    ----------
    partition
        Of at most 63 cells.
    most
        Lots that somebody is ready to list.
    looked_at
        Connected sets of any size that may be looked at for that.

    Raises
    ------
    TooMany
        Where there are more cells, lots or sets than that.
    """
    n = partition.cells
    if n > MOST_CELLS:
        raise TooMany(f"{n} cells are too many to list lots of; {MOST_CELLS} are the most")
    beside = neighbours(partition)
    limits = partition.lower, partition.upper, partition.least, partition.most
    mask, looked = _list(partition.size, beside, np.array(limits), most, looked_at)
    if looked == looked_at:
        raise TooMany(f"there are more than {looked_at:,} connected sets of cells")
    if len(mask) > most:
        raise TooMany(f"there are more than {most:,} connected lots")
    for a, b in partition.together.tolist():
        mask = mask[((mask >> np.uint64(a)) & ONE) == ((mask >> np.uint64(b)) & ONE)]
    low = np.log2((mask & -mask).astype(np.float64)).astype(np.int64)
    order = np.lexsort((mask, low))
    mask, low = mask[order], low[order]
    member = ((mask[:, None] >> cells_as_bits(n)) & ONE).astype(np.int64)
    return ConnectedLots(mask, member @ partition.size, np.searchsorted(low, np.arange(n + 1)))


def can_be_shared_out(partition: Partition, covered: Masks, lots: int) -> Bools:
    """Say whether sizes allow to share out what a number of lots leaves uncovered, (states,)."""
    limits = np.array([partition.lower, partition.upper, partition.least, partition.most])
    return _can_be(partition.size, neighbours(partition), limits, covered, lots)


@njit(cache=True)
def _can_be(size: Ints, beside: Masks, limits: Ints, covered: Masks, lots: int) -> Bools:
    found = np.empty(len(covered), dtype=np.bool_)
    for i in range(len(covered)):
        found[i] = _splits(size, beside, limits, covered[i], lots)
    return found


@njit(cache=True)
def _splits(size: Ints, beside: Masks, limits: Ints, covered: np.uint64, lots: int) -> bool:
    """Whether each piece that is left may be a whole number of lots, and all together enough."""
    n, lower, upper = len(size), limits[0], limits[1]
    fewest = most = lots
    seen = covered
    for first in range(n):
        if (seen >> np.uint64(first)) & ONE:
            continue
        front, amount, count = ONE << np.uint64(first), 0, 0
        seen |= front
        while front != NO_BIT:
            reached = NO_BIT
            for cell in range(first, n):
                if (front >> np.uint64(cell)) & ONE:
                    amount += size[cell]
                    count += 1
                    reached |= beside[cell]
            front = reached & ~seen
            seen |= front
        low = max(1, -(-amount // upper) if upper > 0 else (1 if amount == 0 else count + 1))
        high = count if lower <= 0 else min(count, amount // lower)
        if low > high:
            return False
        fewest += low
        most += high
    return fewest <= limits[3] and most >= limits[2]


@njit(cache=True)
def _list(size: Ints, beside: Masks, limits: Ints, most: int, looked_at: int) -> tuple[Masks, int]:
    """List lots, one too many where there are; says how many sets were looked at."""
    n, lower, upper = len(size), limits[0], limits[1]
    found = np.empty(min(most, FIRST_ROOM) + 1, dtype=np.uint64)
    total = looked = 0
    # What is still to be looked at: a set, the cells beside it, those barred, and two sizes.
    sets = np.empty((3, n + 1), dtype=np.uint64)
    sizes = np.empty((2, n + 1), dtype=np.int64)
    for root in range(n):
        bit = ONE << np.uint64(root)
        if size[root] > upper:
            continue
        barred = bit - ONE
        sets[0, 0], sets[1, 0], sets[2, 0] = bit, beside[root] & ~barred, barred | bit
        sizes[0, 0], sizes[1, 0] = size[root], size[root:].sum()
        depth = 1
        met = bit
        while True:
            if met != NO_BIT:
                looked += 1
                if looked == looked_at or total > most:
                    return found[:total], looked
                if sizes[0, depth - 1] >= lower and _splits(size, beside, limits, met, 1):
                    if total == len(found):
                        found = np.append(found, np.empty(total, dtype=np.uint64))
                    found[total] = met
                    total += 1
                met = NO_BIT
            if depth == 0:
                break
            at = depth - 1
            mine, front, shut = sets[0, at], sets[1, at], sets[2, at]
            if front == NO_BIT or sizes[1, at] < lower:
                depth -= 1
                continue
            cell = 0
            while not (front >> np.uint64(cell)) & ONE:
                cell += 1
            bit = ONE << np.uint64(cell)
            amount, reach = sizes[0, at], sizes[1, at]
            # Without the cell, later; with it, at once.
            sets[1, at], sets[2, at], sizes[1, at] = front & ~bit, shut | bit, reach - size[cell]
            if amount + size[cell] <= upper:
                sets[0, depth] = mine | bit
                sets[1, depth] = (front | beside[cell]) & ~(shut | bit)
                sets[2, depth] = shut | bit
                sizes[0, depth], sizes[1, depth] = amount + size[cell], reach
                depth += 1
                met = mine | bit
    return found[:total], looked
