"""What an answer is made of: each part with what the plan makes of it and what it comes to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

# How a part of one answer may stand in another.
NEW, GONE, SAME, STARTS, ENDS, MOVES = "new", "gone", "same", "starts", "ends", "moves"
Steps = Mapping[str, Mapping[str, str]]  # words for each of these, by kind of part


@dataclass(frozen=True)
class Part:
    """One part of an answer.

    Parameters
    ----------
    kind
        What it is, such as ``package``.
    id
        No other part of its kind has it.
    state
        What the plan makes of it, such as its provider; empty while nothing is made of it.
    amounts
        What it adds to each term, and to whatever else is counted of it.
    groups
        What it belongs to, such as an area.
    """

    kind: str
    id: str
    state: str = ""
    amounts: Mapping[str, Fraction] = field(default_factory=dict)
    groups: Mapping[str, str] = field(default_factory=dict)
