"""Things to be dealt, each place to one of them, and what is asked of that.

Every holder has things, and limits on what it may have together.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from allocate.units import Ints

Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Limit:
    """What things of one kind may come to together; things of one kind have one holder.

    Parameters
    ----------
    of, amount
        Kind of each thing, -1 where the limit does not ask for it, and what it comes to, (T,).
    most
        Of each kind, (kinds,).
    """

    of: Ints
    amount: Ints
    most: Ints


@dataclass(frozen=True)
class Side:
    """``low <= sum of amount x thing + each x holders with anything <= high`` over all holders.

    Parameters
    ----------
    amount
        Of each thing, (T,).
    each
        Of each holder that has anything.
    low, high
        Bounds, whole numbers.
    """

    amount: Ints
    each: int
    low: int
    high: int


@dataclass(frozen=True)
class Allotment:
    """What is to be dealt: each place to exactly one thing, at the least cost.

    Parameters
    ----------
    member
        Places that each thing takes, (T, R).
    holder
        Of each thing, (T,).
    cost
        Of each thing, whole and not negative, (T,).
    apart
        Things of one holder that exclude each other besides those that take the same place, (T, T).
    limits, sides
        What holders, and all together, have to keep.
    """

    member: Bools
    holder: Ints
    cost: Ints
    apart: Bools
    limits: tuple[Limit, ...] = ()
    sides: tuple[Side, ...] = ()
    things: list[Ints] = field(init=False)

    def __post_init__(self) -> None:
        number = int(self.holder.max(initial=-1)) + 1
        object.__setattr__(
            self, "things", [np.flatnonzero(self.holder == h) for h in range(number)]
        )

    @cached_property
    def clash(self) -> Bools:
        """Which things exclude each other, (T, T)."""
        takes = self.member.astype(np.int64)
        return np.asarray((takes @ takes.T > 0) | self.apart)

    @cached_property
    def of(self) -> Ints:
        """Kind of each thing by limit, (limits, T)."""
        return self._stacked([limit.of for limit in self.limits])

    @cached_property
    def amount(self) -> Ints:
        """What each thing comes to by limit, (limits, T)."""
        return self._stacked([limit.amount for limit in self.limits])

    @cached_property
    def most(self) -> Ints:
        """Of each kind by limit, (limits, kinds)."""
        widest = max((len(limit.most) for limit in self.limits), default=0)
        table = np.zeros((len(self.limits), widest), dtype=np.int64)
        for row, limit in zip(table, self.limits, strict=True):
            row[: len(limit.most)] = limit.most
        return table

    def same_but_cost(self, other: Allotment) -> bool:
        """Whether only what things cost is different."""
        own = (self.member, self.holder, self.apart, self.of, self.amount, self.most)
        its = (other.member, other.holder, other.apart, other.of, other.amount, other.most)
        alike = all(np.array_equal(one, two) for one, two in zip(own, its, strict=True))
        return (
            alike
            and len(self.sides) == len(other.sides)
            and all(
                np.array_equal(one.amount, two.amount)
                and (one.each, one.low, one.high) == (two.each, two.low, two.high)
                for one, two in zip(self.sides, other.sides, strict=True)
            )
        )

    def _stacked(self, rows: list[Ints]) -> Ints:
        return np.array(rows, dtype=np.int64).reshape(len(rows), len(self.holder))


@dataclass(frozen=True)
class Ask:
    """A question: the least cost without some things, or with one.

    Parameters
    ----------
    without, within
        Positions of things left out, and of one that has to be chosen, -1 where none has.
    most
        Choices of least cost that are listed, at most.
    """

    without: tuple[int, ...] = ()
    within: int = -1
    most: int = 1


@dataclass(frozen=True)
class Least:
    """What a question comes to.

    Parameters
    ----------
    choices
        Of least cost, each as things in order; none where there is none, or none was found.
    cost, bound
        What they cost, None without one; and what no choice is below.
    possible
        Whether there is a choice at all; None where that is not known.
    complete
        Whether all choices of least cost are listed.
    """

    choices: tuple[tuple[int, ...], ...]
    cost: int | None
    bound: int
    possible: bool | None
    complete: bool


@dataclass(frozen=True)
class Asks:
    """Questions about one allotment, to be answered in order while there is time.

    Parameters
    ----------
    allotment, asks
        What is asked of what.
    seconds
        For all of them.
    """

    allotment: Allotment
    asks: tuple[Ask, ...]
    seconds: float
