"""What the assignment engine sees in a program: options, resources, alternatives and credits.

Of each *group* exactly one *option* is chosen. Columns take amounts of *resources*, which are
limited. A *block* has *alternatives* of which exactly one is chosen, such as who leads an area;
while it is, options credited to it count towards the block's target. An alternative may bring
*growth*, a column that gives some of a resource, once however many alternatives bring it.

Rows are told apart by their kinds and by what their columns are. Rows that are none of these stand
in ``rest``: a bound leaves them out, and a plan has to keep them all the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from allocate.core.program import KINDS, Flat
from allocate.units import Ints

Bools = NDArray[np.bool_]
CHOOSE, PACK, SHARE, LINK = (KINDS.index(kind) for kind in ("choose", "pack", "share", "link"))


@dataclass(frozen=True)
class Structure:
    """A program's columns by the part that they play.

    Parameters
    ----------
    start, option
        Options of group g are the columns ``option[start[g]:start[g + 1]]``; only those that may be
        chosen. Shapes (G + 1,) and (J,).
    group_row
        Row that chooses one of each group, (G,).
    resource, limit
        Row and limit of each resource, (R,).
    use
        Amounts that columns take of resources, sparse rows (columns, R).
    alternative, block
        Column of each alternative that may be chosen, and its block, (A,), block by block.
    grower
        Column of the growth that each alternative brings, -1 where none, (A,).
    target, target_row, short
        Of each block, (B,): what is to be credited, in which row, and the column that counts what
        it is short by; -1 for a row or a column that there is not.
    credit_start, credit_option, credit
        Options credited to alternative a are at positions ``credit_option[credit_start[a]:...]`` of
        ``option``, each with so much; (A + 1,) and (C,).
    given
        Column that counts what is credited to each alternative, -1 where none, (A,).
    boxed
        Columns that are limited by their bounds and by resources alone.
    rest
        Rows that are none of these.
    """

    flat: Flat
    start: Ints
    option: Ints
    group_row: Ints
    resource: Ints
    limit: Ints
    use: Any
    alternative: Ints
    block: Ints
    grower: Ints
    target: Ints
    target_row: Ints
    short: Ints
    credit_start: Ints
    credit_option: Ints
    credit: Ints
    given: Ints
    boxed: Ints
    rest: Ints

    @cached_property
    def group(self) -> Ints:
        """Group of each option, (J,)."""
        return np.repeat(np.arange(len(self.start) - 1), np.diff(self.start))

    def values(self, chosen: Ints, led: Ints) -> Ints:
        """Return all columns of a plan.

        Parameters
        ----------
        chosen
            Position in ``option`` for each group, (G,).
        led
            Position in ``alternative`` for each block, (B,).

        Returns
        -------
        Ints
            Shape (columns,): what follows from the choice is filled in, as little as will do.
        """
        flat = self.flat
        values = flat.lower.copy()
        values[self.option[chosen]] = 1
        values[self.alternative[led]] = 1
        _raise_links(flat, values)
        picked = np.zeros(len(self.option), dtype=bool)
        picked[chosen] = True
        for b, a in enumerate(led):
            entries = slice(self.credit_start[a], self.credit_start[a + 1])
            credited = int(self.credit[entries][picked[self.credit_option[entries]]].sum())
            if self.given[a] >= 0:
                credited = min(credited, int(flat.upper[self.given[a]]))
                values[self.given[a]] = credited
            if self.short[b] >= 0:
                values[self.short[b]] = max(0, self.target[b] - credited)
        _raise_slacks(flat, values, self.boxed)
        return values


def _raise_links(flat: Flat, values: Ints) -> None:
    """Set each column to 1 that has to be, as another is which it must not be below."""
    for number, kind in enumerate(flat.kinds):
        if KINDS.index(kind) != LINK:
            continue
        first, last = np.searchsorted(flat.family, [number, number + 1])
        rows = flat.matrix[first:last]
        for row in np.flatnonzero((rows @ values) > flat.high[first:last]):
            entries = slice(rows.indptr[row], rows.indptr[row + 1])
            below = rows.indices[entries][rows.data[entries] < 0]
            if len(below) == 1:
                values[below] = 1


def _raise_slacks(flat: Flat, values: Ints, boxed: Ints) -> None:
    """Set each column that counts what a row is short by to as much as the row needs."""
    free = np.zeros(len(values), dtype=bool)
    free[boxed] = True
    activity = flat.matrix @ values
    over = np.maximum(activity - flat.high, 0) + np.maximum(flat.low - activity, 0)
    for row in np.flatnonzero(over):
        entries = slice(flat.matrix.indptr[row], flat.matrix.indptr[row + 1])
        columns, amounts = flat.matrix.indices[entries], flat.matrix.data[entries]
        helps = np.flatnonzero(free[columns] & ((amounts < 0) == (activity[row] > flat.high[row])))
        if len(helps) == 1:
            column, step = columns[helps[0]], abs(int(amounts[helps[0]]))
            values[column] = min(-(-int(over[row]) // step), int(flat.upper[column]))


def kinds_of(flat: Flat) -> Ints:
    """Kind of each row as a position in ``KINDS``, (R,); rows that keep a level limit it."""
    kinds = np.array([KINDS.index(kind) for kind in flat.kinds], dtype=np.int64)
    found = np.full(flat.matrix.shape[0], PACK)
    found[: len(flat.family)] = kinds[flat.family]
    return found


def read(flat: Flat) -> Structure | None:
    """Tell a program's columns and rows apart; None where a group has nothing to choose from.

    Parameters
    ----------
    flat
        With its kinds.
    """
    rows = _Rows(flat)
    found = rows.structure() if rows.groups.any() else None
    return found if found is not None and np.all(np.diff(found.start) > 0) else None


class _Rows:
    """The rows of a program, each told what it is; entries are (row, col, amount)."""

    def __init__(self, flat: Flat) -> None:
        self.flat = flat
        entries = flat.matrix.tocoo()
        self.row, self.col = entries.row.astype(np.int64), entries.col.astype(np.int64)
        self.amount = entries.data
        self.size, self.columns = flat.matrix.shape
        self.kind = kinds_of(flat)
        self.groups = (self.kind == CHOOSE) & (flat.low == 1) & (flat.high == 1)
        self.grouped = self._marked(self.col[self.groups[self.row]])

    def structure(self) -> Structure:
        """Read every part."""
        flat = self.flat
        option, plus = self.grouped[self.col], self.amount > 0
        bare = self._count(option) == 0
        loose = self._count(~option)
        pack = self.kind == PACK
        # given <= what its options are credited with
        giving = pack & (flat.high == 0) & (loose == 1) & (self._count(option & plus) == 0)
        giving &= self._count(~option & plus) == 1
        given = self._marked(self.col[giving[self.row] & ~option])
        # given <= most x alternative
        gating = pack & (flat.high == 0) & bare & (loose == 2)
        gating &= (self._count(given[self.col] & plus) == 1) & (self._count(~plus) == 1)
        gate = self._marked(self.col[gating[self.row] & ~plus])
        # exactly one alternative of a block
        choosing = bare & (flat.low == 1) & (flat.high == 1)
        choosing &= self._count(gate[self.col] & (self.amount == 1)) == loose
        alternative = self._marked(self.col[choosing[self.row]])
        # credited + short >= target
        targeting = (self.kind == SHARE) & bare & (flat.low >= 0)
        targeting &= self._count(given[self.col] & (self.amount == 1)) >= np.maximum(loose - 1, 1)
        # alternative <= growth, and growth <= sum of alternatives
        link = (self.kind == LINK) & bare & (flat.high == 0)
        gives = self._marked(self.col[pack[self.row] & ~bare[self.row] & ~plus])
        bringing = link & (loose == 2) & (self._count(alternative[self.col] & plus) == 1)
        bringing &= self._count(gives[self.col] & ~plus) == 1
        growth = self._marked(self.col[bringing[self.row] & ~plus])
        coming = link & (self._count(growth[self.col] & plus) == 1)
        coming &= self._count(alternative[self.col] & ~plus) == loose - 1
        resource = pack & ~giving & ~gating
        resource &= self._count(given[self.col]) == 0
        known = self.groups | giving | gating | choosing | targeting | bringing | coming | resource
        options, group = self._choosable(self.groups)
        start = np.searchsorted(group, np.arange(int(self.groups.sum()) + 1)).astype(np.int64)
        blocks = self._choosable(choosing)
        place = np.full(self.columns, -1)
        place[blocks[0]] = np.arange(len(blocks[0]))
        of_given = self._other(gating, given)
        target, target_row, short = self._targets(targeting, given, of_given, blocks, place)
        bringer = self._other(bringing, alternative)
        counted = np.full(self.columns, -1)
        counted[of_given[of_given >= 0]] = np.flatnonzero(of_given >= 0)
        credits = self._credits(giving, counted[blocks[0]], options)
        grower = np.where(growth[bringer[blocks[0]]], bringer[blocks[0]], -1)
        played = self.grouped | given | alternative
        played[grower[grower >= 0]] = True
        played[short[short >= 0]] = True
        rows = np.flatnonzero(resource)
        return Structure(
            flat=flat,
            start=start,
            option=options,
            group_row=np.flatnonzero(self.groups),
            resource=rows,
            limit=flat.high[rows],
            use=flat.matrix[rows].T.tocsr(),
            alternative=blocks[0],
            block=blocks[1],
            grower=grower,
            target=target,
            target_row=target_row,
            short=short,
            credit_start=credits[0],
            credit_option=credits[1],
            credit=credits[2],
            given=counted[blocks[0]],
            boxed=np.flatnonzero(~played),
            rest=np.flatnonzero(~known),
        )

    def _marked(self, columns: Ints) -> Bools:
        found = np.zeros(self.columns, dtype=bool)
        found[columns] = True
        return found

    def _count(self, entries: Bools) -> Ints:
        """Entries of each row for which something holds, (rows,)."""
        return np.bincount(self.row[entries], minlength=self.size).astype(np.int64)

    def _other(self, rows: Bools, marked: Bools) -> Ints:
        """Of rows with two entries: the other column by the marked one, -1 where none."""
        entry = np.flatnonzero(rows[self.row])
        pairs = entry[np.argsort(self.row[entry], kind="stable")].reshape(-1, 2)
        swap = ~marked[self.col[pairs[:, 0]]]
        pairs[swap] = pairs[swap][:, ::-1]
        found = np.full(self.columns, -1)
        found[self.col[pairs[:, 0]]] = self.col[pairs[:, 1]]
        return found

    def _choosable(self, choosing: Bools) -> tuple[Ints, Ints]:
        """Columns of which rows choose one, row by row, and the number of each one's row.

        Only those that may be chosen; a sure one is the only one of its row.
        """
        entry = choosing[self.row]
        row = np.searchsorted(np.flatnonzero(choosing), self.row[entry])
        column = self.col[entry]
        sure = np.zeros(int(choosing.sum()), dtype=bool)
        sure[row[self.flat.lower[column] == 1]] = True
        may = (self.flat.upper[column] > 0) & (~sure[row] | (self.flat.lower[column] == 1))
        order = np.lexsort((column[may], row[may]))
        return column[may][order], row[may][order].astype(np.int64)

    def _targets(
        self, targeting: Bools, given: Bools, of_given: Ints, blocks: tuple[Ints, Ints], place: Ints
    ) -> tuple[Ints, Ints, Ints]:
        """What each block is to be credited with, in which row, and what counts a shortfall."""
        size = int(blocks[1].max(initial=-1)) + 1
        target, target_row = np.zeros(size, dtype=np.int64), np.full(size, -1)
        short = np.full(size, -1)
        for row in np.flatnonzero(targeting):
            columns = self.flat.matrix[[row]].indices
            found = place[of_given[columns[given[columns]]]]
            here = np.unique(blocks[1][found[found >= 0]])
            if len(here) == 1:
                block = int(here[0])
                target[block], target_row[block] = self.flat.low[row], row
                short[block] = next(iter(columns[~given[columns]].tolist()), -1)
        return target, target_row, short

    def _credits(self, giving: Bools, given: Ints, options: Ints) -> tuple[Ints, Ints, Ints]:
        """Options that are credited to each alternative, and with how much."""
        alternative = np.full(self.columns, -1)
        alternative[given[given >= 0]] = np.flatnonzero(given >= 0)
        owner = np.full(self.size, -1)
        entry = giving[self.row] & ~self.grouped[self.col]
        owner[self.row[entry]] = alternative[self.col[entry]]
        at = np.full(self.columns, -1)
        at[options] = np.arange(len(options))
        entry = (owner[self.row] >= 0) & self.grouped[self.col] & (at[self.col] >= 0)
        whose, option = owner[self.row[entry]], at[self.col[entry]]
        order = np.lexsort((option, whose))
        start = np.searchsorted(whose[order], np.arange(len(given) + 1))
        return start.astype(np.int64), option[order], -self.amount[entry][order]


def best_of(start: Ints, wish: NDArray[np.float64]) -> Ints:
    """Position of the largest of each group, the first of equals, (G,)."""
    most = np.maximum.reduceat(wish, start[:-1])
    hit = np.flatnonzero(wish == np.repeat(most, np.diff(start)))
    group = np.searchsorted(start, hit, side="right") - 1
    _, first = np.unique(group, return_index=True)
    return hit[first]


def ranges(start: Ints, which: Ints) -> tuple[Ints, Ints]:
    """Return positions ``start[i]:start[i + 1]`` for each i of some, and the number of each i."""
    size = start[which + 1] - start[which]
    number = np.repeat(np.arange(len(which)), size)
    within = np.arange(len(number)) - np.repeat(np.cumsum(size) - size, size)
    return start[which][number] + within, number
