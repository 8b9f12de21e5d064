"""What a review finds: rules measured, terms recounted, and everything that does not agree."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from allocate.result import plain


@dataclass(frozen=True)
class Measured:
    """A rule measured on a plan, in the rule's unit.

    Parameters
    ----------
    short_by
        What the rule is short by, nought where it is kept.
    slack
        How far the plan is from breaking it; None where that has no meaning.
    where
        Who or what is short, and by how much, largest first.
    """

    short_by: Fraction
    slack: Fraction | None = None
    where: tuple[tuple[str, Fraction], ...] = ()

    @classmethod
    def of(cls, parts: Iterable[tuple[str, int]], per: int = 1) -> Measured:
        """Add up what each part is short by, in steps of which ``per`` make a unit.

        The largest come first; what is not above nought is left out.
        """
        short = [(name, Fraction(steps, per)) for name, steps in parts if steps > 0]
        short.sort(key=lambda part: (-part[1], part[0]))
        return cls(sum((amount for _, amount in short), Fraction()), None, tuple(short))

    @classmethod
    def with_slack(cls, parts: Iterable[tuple[str, int]], per: int = 1) -> Measured:
        """The same for rules of which each part also has room: negative parts are room."""
        parts = list(parts)
        measured = cls.of(parts, per)
        slack = Fraction(max(0, min(-steps for _, steps in parts)), per) if parts else None
        return cls(measured.short_by, slack, measured.where)

    def listed(self) -> list[dict[str, Any]]:
        """``where`` as plain values for ``result.json``."""
        return [{"id": name, "short_by": plain(short)} for name, short in self.where]


@dataclass(frozen=True)
class Review:
    """The independent check of a plan.

    Parameters
    ----------
    rules, terms
        Measured rules and recounted terms, by id, in their units.
    levels
        Each level's value recounted from the terms.
    least
        What arithmetic alone proves of each level: no plan is lower.
    faults
        What is wrong; the review passes where this is empty.
    """

    rules: Mapping[str, Measured]
    terms: Mapping[str, Fraction]
    levels: tuple[Fraction, ...] = ()
    least: tuple[Fraction, ...] = ()
    faults: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether nothing is wrong."""
        return not self.faults
