"""What was found for a public instance."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class PublicAnswer:
    """What was found for a public instance.

    Parameters
    ----------
    objective, bound
        Value of the answer, recounted, and what no answer goes below; None where there is none.
    answer
        The family's own list; None where none was found.
    impossible
        Whether it is proven that there is no answer.
    largest
        Whether the largest value is the best; then no answer goes above the bound.
    """

    objective: float | None
    bound: float | None
    answer: list[int] | None
    impossible: bool = False
    largest: bool = False
