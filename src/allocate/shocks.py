"""What may happen to a plan once it is made: a home closes, an owner goes, more people come."""

from __future__ import annotations

from dataclasses import dataclass

from allocate.study.scenario import Question


@dataclass(frozen=True)
class Shock:
    """Something that happens, and the questions that it leaves.

    Parameters
    ----------
    name, kind
        What happens, and what kind of thing that is.
    who
        Whom it happens to.
    held
        The question with what was chosen held, as far as it can still be had.
    free
        The question asked anew, as if it had been known.
    """

    name: str
    kind: str
    who: tuple[str, ...]
    held: Question
    free: Question
