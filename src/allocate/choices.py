"""What a plan decides, one thing at a time, as a model says it of itself.

Studies that ask about single choices (``why``, ``alternatives``, ``tipping``) know no model: they
know things of some kinds, such as areas, and for each of them what is chosen, by its name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from allocate.core.comparing import Near
from allocate.labels import Bools
from allocate.study.scenario import Change
from allocate.units import Ints

Chosen = Mapping[str, tuple[str, ...]]  # what is chosen, by the id of what it is chosen for


@dataclass(frozen=True)
class Kind:
    """A kind of thing that a plan decides about.

    Parameters
    ----------
    title
        Heading of a section that lists them, such as ``Who leads``.
    nothing
        What is said where nothing is chosen, such as ``nobody``.
    table, key, words
        Where an answer's tables say it: the table, the column of ids, and a pattern over the cells
        of a row. Empty where no study reads it there.
    many
        Whether there are too many to name each.
    amount
        Whether what is chosen is so much of something: more or less of it is no other choice.
    """

    title: str
    nothing: str
    table: str = ""
    key: str = ""
    words: str = ""
    many: bool = False
    amount: bool = False


@dataclass(frozen=True)
class Options:
    """Columns of a program that choose, one a row, (N,).

    Parameters
    ----------
    kind, id
        What each chooses for.
    column
        0-1 columns; one that chooses for several things stands in several rows.
    now
        Whether the plan at hand has it.
    """

    kind: Sequence[str]
    id: Sequence[str]
    column: Ints
    now: Bools

    def of(self, kind: str) -> dict[str, Ints]:
        """Columns of each thing of a kind, by its id."""
        found: dict[str, list[int]] = {}
        for one, label, column in zip(self.kind, self.id, self.column.tolist(), strict=True):
            if one == kind:
                found.setdefault(label, []).append(column)
        return {label: np.array(columns, dtype=np.int64) for label, columns in found.items()}


@dataclass(frozen=True)
class Forcing:
    """A choice to be forced into an answer.

    Parameters
    ----------
    choice
        In words.
    against
        What forbids it, as it stands.
    changes
        What to add to the scenario; none where it cannot be asked.
    lifted
        Words for what is let go so that it can be asked all the same; empty where nothing is.
    restricts
        Whether the changes only forbid plans.
    near
        Returns the plans near the one at hand; None where all of them are to be looked at.
    """

    choice: str
    against: Sequence[str] = ()
    changes: tuple[Change, ...] = ()
    lifted: str = ""
    restricts: bool = True
    near: Callable[[Any], Near] | None = None
