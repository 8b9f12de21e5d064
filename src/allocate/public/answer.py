"""What was found for a public instance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from allocate.errors import ReviewFailed


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


def confirm(faults: Sequence[str], objective: float | None, bound: float | None) -> None:
    """Let pass an answer that keeps the rules and is not below its bound.

    Parameters
    ----------
    faults
        What the answer breaks.
    objective, bound
        Its value, recounted, and what no answer goes below; None where there is none.

    Raises
    ------
    ReviewFailed
        Where it breaks anything, or the bound lies above it.
    """
    if not faults and objective is not None and bound is not None and bound > objective:
        faults = [f"the bound {bound} lies above the answer, {objective}"]
    if faults:
        raise rejected(faults)


def rejected(faults: Sequence[str]) -> ReviewFailed:
    """Return what is raised for an answer that the recount does not confirm."""
    listed = "\n".join(f"  {fault}" for fault in faults)
    return ReviewFailed(f"The recount rejects the answer; none is given.\n{listed}")
