"""A program: columns, families of rows each of a declared kind, and levels, all as arrays.

This module owns the seam between a model, which knows care, and an engine, which knows arrays.
Every number is whole, so that any engine's answer can be recounted exactly.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from allocate.units import Ints

Kind = Literal["choose", "pack", "share", "link", "free"]
KINDS: tuple[Kind, ...] = get_args(Kind)
# Called only by who wants names: solving needs none. A thing may be about several others.
Labels = Callable[[], Sequence[tuple[str, ...]]]

FREE = 1 << 52  # no bound: larger than any sum that a program may come to, and exact as a float
MOST = FREE >> 2  # the most that a level may come to, so that no solver's floats lose a step


def ints(values: ArrayLike, size: int | None = None) -> Ints:
    """Return whole numbers as an array, spread to ``size`` where one number is given."""
    array = np.asarray(values, dtype=np.int64)
    return array if size is None else np.broadcast_to(array, (size,))


@dataclass(frozen=True)
class Family:
    """Rows that state one rule: ``low <= sum of coef x column <= high`` in each row.

    Parameters
    ----------
    name
        The rule's id, or the name of a row that only ties columns together.
    kind
        ``choose``: exactly or at most one of some 0-1 columns. ``pack``: at most a capacity.
        ``share``: at least a target. ``link``: sums and differences of columns, at most a bound.
        ``free``: anything.
    row, col, coef
        Long table of entries, shape (N,).
    low, high
        Bounds by row, shape (R,); ``-FREE`` and ``FREE`` where there is none.
    labels
        Returns what each row is about, such as a provider; None where nobody said.
    """

    name: str
    kind: Kind
    row: Ints
    col: Ints
    coef: Ints
    low: Ints
    high: Ints
    labels: Labels | None = None

    @property
    def size(self) -> int:
        """Number of rows."""
        return len(self.low)


@dataclass(frozen=True)
class Level:
    """A level of the objective: ``coef . x / per`` in its unit, to be minimised.

    Parameters
    ----------
    name
        For reports.
    coef
        Shape (columns,).
    per
        How many whole steps make one unit.
    """

    name: str
    coef: Ints
    per: Fraction


@dataclass(frozen=True)
class Short:
    """Columns that count what a rule is short by that may be broken.

    Parameters
    ----------
    rule
        Its id.
    col, coef
        ``sum of coef x column`` steps short.
    per
        Steps in one unit of the rule.
    about
        Whom or what each column is about, by the name that the review gives it.
    """

    rule: str
    col: Ints
    coef: Ints
    per: int
    about: Sequence[str]


@dataclass
class Program:
    """Columns and families, added to by a formulation, then handed whole to an engine.

    ``deciding`` are the few columns on which all others hang, such as who leads: an engine may
    settle them first. ``resting`` are columns that may stay at nought, such as moves of people who
    have a provider: a first plan is sooner found without them. ``left_out`` is there where columns
    are left out of a program of one level: no plan that has one of them comes to fewer steps.
    ``present`` are columns that are 1 as things are: an engine may start there. ``known`` are those
    that are 1 in a plan that whoever wrote the program knows, all others nought. ``priced_as``
    names the rule that a price by column of a block stands for, where an engine has a price for
    each column in place of one for a row; ``chosen_as``, the rule by which one of a block is
    chosen.
    """

    families: list[Family] = field(default_factory=list)
    levels: list[Level] = field(default_factory=list)
    names: dict[str, slice] = field(default_factory=dict)
    labels: dict[str, Labels | None] = field(default_factory=dict)
    _lower: list[Ints] = field(default_factory=list)
    _upper: list[Ints] = field(default_factory=list)
    _whole: list[NDArray[np.bool_]] = field(default_factory=list)
    size: int = 0
    deciding: Ints = field(default_factory=lambda: ints([]))
    resting: Ints = field(default_factory=lambda: ints([]))
    present: Ints = field(default_factory=lambda: ints([]))
    known: Ints = field(default_factory=lambda: ints([]))
    left_out: int | None = None
    priced_as: dict[str, str] = field(default_factory=dict)
    chosen_as: dict[str, str] = field(default_factory=dict)

    def columns(
        self,
        name: str,
        size: int,
        *,
        lower: ArrayLike = 0,
        upper: ArrayLike = 1,
        whole: bool = True,
        labels: Labels | None = None,
    ) -> Ints:
        """Add a block of columns.

        Parameters
        ----------
        name
            Name of the block; a block is named once.
        size
            How many columns.
        lower, upper
            Bounds, one number or one a column; every column has both.
        whole
            Whether a column takes whole values only.
        labels
            Returns what each column is about, such as a package and a provider.

        Returns
        -------
        Ints
            Positions of the columns, shape (size,).
        """
        if name in self.names:
            raise ValueError(f"The columns {name} exist already.")
        low, high = ints(lower, size), ints(upper, size)
        if np.any(low > high):
            raise ValueError(f"The columns {name} have a lower bound above the upper one.")
        self._lower.append(low)
        self._upper.append(high)
        self._whole.append(np.full(size, whole))
        self.names[name] = slice(self.size, self.size + size)
        self.labels[name] = labels
        self.size += size
        return np.arange(self.size - size, self.size, dtype=np.int64)

    def require(
        self,
        name: str,
        kind: Kind,
        entries: Any,
        *,
        low: ArrayLike = -FREE,
        high: ArrayLike = FREE,
        rows: int,
        labels: Labels | None = None,
    ) -> None:
        """Add a family of rows.

        Parameters
        ----------
        name
            Rule that the rows state.
        kind
            Declared kind, checked here.
        entries
            List of ``(row, col, coef)``, each an array or a number that broadcasts.
        low, high
            Bounds, one number or one a row.
        rows
            Number of rows.
        labels
            Returns what each row is about, such as a provider.

        Raises
        ------
        ValueError
            Where the rows are not of the kind declared.
        """
        parts = [np.broadcast_arrays(*(ints(part) for part in entry)) for entry in entries]
        row, col, coef = (np.concatenate([part[i].ravel() for part in parts]) for i in range(3))
        family = Family(name, kind, row, col, coef, ints(low, rows), ints(high, rows), labels)
        self._check(family)
        self.families.append(family)

    def _check(self, family: Family) -> None:
        """Refuse rows that are not of their declared kind."""
        lower, upper, _ = self.bounds()
        binary = bool(np.all((lower[family.col] >= 0) & (upper[family.col] <= 1)))
        capped, floored = bool(np.all(family.high < FREE)), bool(np.all(family.low > -FREE))
        fits = {
            "choose": binary and bool(np.all(family.coef == 1) and np.all(family.high == 1)),
            "pack": capped and bool(np.all(family.low == -FREE)),
            "share": floored and bool(np.all(family.high == FREE)),
            "link": capped and bool(np.all(np.isin(family.coef, (-1, 1)))),
            "free": True,
        }
        if not fits[family.kind]:
            raise ValueError(f"The rows {family.name} are not of the kind {family.kind}.")

    def bounds(self) -> tuple[Ints, Ints, NDArray[np.bool_]]:
        """Lower bounds, upper bounds and wholeness of all columns."""
        if not self._lower:
            return ints([]), ints([]), np.zeros(0, dtype=bool)
        return (
            np.concatenate(self._lower),
            np.concatenate(self._upper),
            np.concatenate(self._whole),
        )

    def between(self, upper: Ints, levels: Sequence[Level]) -> Program:
        """Return the same columns and rows with other upper bounds and levels."""
        return replace(self, levels=list(levels), _upper=[upper])

    def level(self, name: str, coef: Ints, per: Fraction) -> None:
        """Add the next level of the objective."""
        self.levels.append(Level(name, coef, per))

    def groups(self) -> Iterator[tuple[Ints, Ints]]:
        """Rows and columns of every family that parts its columns into groups to choose one of.

        Where a column stands in several rows, as a lot does in those of its cells, there are none.
        """
        for family in self.families:
            chooses = family.kind == "choose" and bool(np.all(family.low == 1))
            if chooses and np.bincount(family.col).max(initial=0) <= 1:
                yield family.row, family.col

    def group_rows(self) -> Ints:
        """Return the row of the flat program that chooses a column, -1 where none, (columns,)."""
        at, first = np.full(self.size, -1), 0
        for family in self.families:
            if family.kind == "choose":
                at[family.col] = first + family.row
            first += family.size
        return at

    def flat(self) -> Flat:
        """Return the program as one sparse matrix, for general solvers and for tests."""
        lower, upper, whole = self.bounds()
        starts = np.cumsum([0, *(family.size for family in self.families)])
        rows = [f.row + start for f, start in zip(self.families, starts, strict=False)]
        entries = (
            np.concatenate([f.coef for f in self.families] or [ints([])]),
            (
                np.concatenate(rows or [ints([])]),
                np.concatenate([f.col for f in self.families] or [ints([])]),
            ),
        )
        matrix = sparse.csr_matrix(entries, shape=(int(starts[-1]), self.size), dtype=np.int64)
        matrix.sum_duplicates()
        return Flat(
            matrix=matrix,
            low=np.concatenate([f.low for f in self.families] or [ints([])]),
            high=np.concatenate([f.high for f in self.families] or [ints([])]),
            lower=lower.copy(),
            upper=upper.copy(),
            whole=whole,
            family=np.repeat(np.arange(len(self.families)), [f.size for f in self.families]),
            kinds=tuple(family.kind for family in self.families),
            deciding=self.deciding,
            present=self.present,
        )


@dataclass(frozen=True)
class Flat:
    """A program without its names: one matrix with bounds on rows and columns.

    Rows beyond ``family`` came later: each keeps a level that is solved.

    Parameters
    ----------
    matrix, low, high
        Rows, (R, columns) and (R,).
    lower, upper, whole
        Of the columns.
    family, kinds
        Family of each row, (R,) or fewer, and the kind of each family.
    deciding
        The few columns on which all others hang.
    present
        Columns that are 1 as things are.
    """

    matrix: Any
    low: Ints
    high: Ints
    lower: Ints
    upper: Ints
    whole: NDArray[np.bool_]
    family: Ints = field(default_factory=lambda: ints([]))
    kinds: tuple[Kind, ...] = ()
    deciding: Ints = field(default_factory=lambda: ints([]))
    present: Ints = field(default_factory=lambda: ints([]))

    def holds(self, values: Ints) -> bool:
        """Whether whole values keep every row and bound, exactly."""
        activity = self.matrix @ values
        return bool(
            np.all(activity >= self.low)
            and np.all(activity <= self.high)
            and np.all(values >= self.lower)
            and np.all(values <= self.upper)
        )
