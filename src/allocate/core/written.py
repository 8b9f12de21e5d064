"""A program as an LP or MPS file, for any other solver.

Every number in it is whole, as in the program, so that nothing is lost on the way.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from allocate.core.names import column_names, row_names
from allocate.core.program import FREE, Flat, Program

TERMS_A_LINE = 4  # short lines: some readers take no more than 560 characters
OBJECTIVE = "objective"
SENSES = {"=": "E", ">=": "G", "<=": "L"}


@dataclass(frozen=True)
class _Side:
    """One side of a row: a name, ``=``, ``>=`` or ``<=``, and a bound."""

    name: str
    sense: str
    bound: int


@dataclass(frozen=True)
class _Parts:
    """A program's matrix with names, and the level to be minimised.

    A row with two bounds is two sides: ranges are what readers of these formats differ in.
    """

    flat: Flat
    cost: Sequence[int]
    columns: Sequence[str]
    sides: Sequence[Sequence[_Side]]
    heading: Sequence[str]

    @property
    def bounds(self) -> Iterator[tuple[str, int, int, bool]]:
        """Name, lower and upper bound, and wholeness of each column."""
        flat = self.flat
        return zip(
            self.columns, flat.lower.tolist(), flat.upper.tolist(), flat.whole.tolist(), strict=True
        )

    def entries(self, matrix: Any) -> Iterator[tuple[int, list[tuple[int, int]]]]:
        """Each line of a compressed matrix: its number, and positions with coefficients."""
        positions, values = matrix.indices.tolist(), matrix.data.tolist()
        for number, (start, end) in enumerate(pairwise(matrix.indptr.tolist())):
            line = zip(positions[start:end], values[start:end], strict=True)
            yield number, [entry for entry in line if entry[1]]


def _parts(program: Program, level: int, brackets: str) -> _Parts:
    chosen = program.levels[level]
    order = " > ".join(one.name for one in program.levels)
    names = [one.name for one in program.levels[:level]]
    heading = [
        "allocate: one level of an ordered objective, to be minimised",
        f"This file: {chosen.name}. The levels in order: {order}",
        f"The objective counts steps: divide it by {chosen.per} for units of the level",
    ]
    if names:
        heading.append(
            f"Nothing here keeps the levels before it as good as they can be: {', '.join(names)}"
        )
    if program.levels[level + 1 :]:
        heading.append("The levels after it are left out: they choose among plans equal here")
    flat = program.flat()
    bounds = zip(row_names(program, brackets), flat.low.tolist(), flat.high.tolist(), strict=True)
    return _Parts(
        flat=flat,
        cost=chosen.coef.tolist(),
        columns=column_names(program, brackets),
        sides=[list(_sides(*row)) for row in bounds],
        heading=heading,
    )


def _sides(name: str, low: int, high: int) -> Iterator[_Side]:
    if low == high:
        yield _Side(name, "=", low)
        return
    if low > -FREE:
        yield _Side(name, ">=", low)
    if high < FREE:
        yield _Side(name if low <= -FREE else f"{name}_most", "<=", high)


def as_lp(program: Program, level: int) -> Iterator[str]:
    """Write a program as the lines of an LP file.

    Parameters
    ----------
    program
        Columns, rows and levels.
    level
        Position of the level that is the objective.

    Yields
    ------
    str
        A line, without its end.
    """
    parts = _parts(program, level, "()")
    yield from (f"\\ {line}" for line in parts.heading)
    yield "Minimize"
    cost = [(column, coef) for column, coef in enumerate(parts.cost) if coef]
    yield from _sum(OBJECTIVE, cost, parts.columns, "")
    yield "Subject To"
    for row, entries in parts.entries(parts.flat.matrix):
        for side in parts.sides[row]:
            yield from _sum(side.name, entries, parts.columns, f"{side.sense} {side.bound}")
    yield "Bounds"
    for name, lower, upper, _ in parts.bounds:
        yield f" {name} = {lower}" if lower == upper else f" {lower} <= {name} <= {upper}"
    yield "Generals"
    yield from (f" {name}" for name, _, _, whole in parts.bounds if whole)
    yield "End"


def _sum(
    name: str, entries: Sequence[tuple[int, int]], columns: Sequence[str], bound: str
) -> Iterator[str]:
    """Write a row over as many lines as it needs; one without entries has a nought."""
    terms = [
        f"{'-' if coef < 0 else '+'} {abs(coef)} {columns[column]}"
        for column, coef in entries or [(0, 0)]
    ]
    lines = [" ".join(terms[at : at + TERMS_A_LINE]) for at in range(0, len(terms), TERMS_A_LINE)]
    yield f" {name}: {lines[0]}" + ("" if lines[1:] else f" {bound}".rstrip())
    yield from (f"  {line}" for line in lines[1:-1])
    if lines[1:]:
        yield f"  {lines[-1]} {bound}".rstrip()


def as_mps(program: Program, level: int) -> Iterator[str]:
    """Write a program as the lines of a free MPS file; the rest as for LP."""
    parts = _parts(program, level, "[]")
    sides = [side for row in parts.sides for side in row]
    yield from (f"* {line}" for line in parts.heading)
    yield "NAME allocate"
    yield "ROWS"
    yield f" N {OBJECTIVE}"
    yield from (f" {SENSES[side.sense]} {side.name}" for side in sides)
    yield "COLUMNS"
    yield from _mps_columns(parts)
    yield "RHS"
    yield from (f" RHS {side.name} {side.bound}" for side in sides if side.bound)
    yield "BOUNDS"
    for name, lower, upper, _ in parts.bounds:
        if lower == upper:
            yield f" FX BOUND {name} {lower}"
        else:
            yield f" LO BOUND {name} {lower}"
            yield f" UP BOUND {name} {upper}"
    yield "ENDATA"


def _mps_columns(parts: _Parts) -> Iterator[str]:
    """Write the columns one by one, with marks round those that take whole values."""
    within = False
    whole = parts.flat.whole.tolist()
    for column, entries in parts.entries(parts.flat.matrix.tocsc()):
        if bool(whole[column]) != within:
            within = not within
            mark = "INTORG" if within else "INTEND"
            yield f" MARKER{column} 'MARKER' '{mark}'"
        name = parts.columns[column]
        cost = parts.cost[column]
        if cost or not entries:
            yield f" {name} {OBJECTIVE} {cost}"
        for row, coef in entries:
            yield from (f" {name} {side.name} {coef}" for side in parts.sides[row])
    if within:
        yield " MARKER_END 'MARKER' 'INTEND'"
