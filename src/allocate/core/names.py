"""Names for the columns and rows of a program, for people who read it or another solver's answer.

``assign[P0001,H06]`` is a block and what a column of it is about; ``within_capacity[H06]`` a rule
and what a row of it is about.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from allocate.core.program import Labels, Program

LONGEST = 100  # characters: readers of the formats differ in what they take
UNSAFE = re.compile(r"[^A-Za-z0-9_.,]")


def column_names(program: Program, brackets: str = "[]") -> list[str]:
    """Name every column, in order.

    Parameters
    ----------
    program
        The program.
    brackets
        What stands round a label: formats differ in what they allow.
    """
    blocks = (
        (name, at.stop - at.start, program.labels[name]) for name, at in program.names.items()
    )
    return _unique(_named(blocks, brackets))


def row_names(program: Program, brackets: str = "[]") -> list[str]:
    """Name every row, in order; the rest as for columns."""
    return _unique(_named(((f.name, f.size, f.labels) for f in program.families), brackets))


def _named(blocks: Iterator[tuple[str, int, Labels | None]], brackets: str) -> Iterator[str]:
    before, after = brackets[0], brackets[1]
    for name, size, labels in blocks:
        told = labels() if labels is not None else [(str(number + 1),) for number in range(size)]
        for label in told:
            plain = f"{name}{before}{UNSAFE.sub('_', ','.join(label))}"
            yield f"{plain[: LONGEST - 1]}{after}"


def _unique(names: Iterator[str]) -> list[str]:
    """Number names that stand for two things: ids may differ by what no format allows alone."""
    taken: set[str] = set()
    unique = []
    for name in names:
        number, once = 2, name
        while once in taken:
            once, number = f"{name}_{number}", number + 1
        taken.add(once)
        unique.append(once)
    return unique
