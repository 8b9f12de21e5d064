"""How far two answers are apart, level by level: what is proven of the best of both.

Two plans that were found differ by some amount. What their questions come to at best differs by at
least the one's bound less the other's value, and at most the reverse. Such a range holds on a level
where both answers have closed every level before; else plans that do as well before are others than
the best, and only what the two plans come to can be said.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil, floor
from typing import Any

from allocate.answered import bound_read
from allocate.figure import written
from allocate.units import joined, with_unit


@dataclass(frozen=True)
class Apart:
    """By how much a level of an answer is above that of another.

    Parameters
    ----------
    level, unit
        Which level, and its unit.
    plans
        Difference of the two plans found.
    low, high
        Least and most that the two questions' best values differ by; None where not proven.
    """

    level: str
    unit: str
    plans: Fraction
    low: Fraction | None
    high: Fraction | None

    @property
    def same(self) -> bool:
        """Whether it is proven that the two come to the same."""
        return self.low == self.high == 0

    @property
    def differs(self) -> bool:
        """Whether it is proven that they do not."""
        above = self.low is not None and self.low > 0
        return above or (self.high is not None and self.high < 0)

    @property
    def sure(self) -> str:
        """How sure it is, in a word or two for a table."""
        if self.low is None and self.high is None:
            return "of the plans found"
        if self.low is None or self.high is None:
            return "one side proven"
        return "exact" if self.low == self.high else "range proven"

    def __str__(self) -> str:
        low, high = self.low, self.high
        if low is None or high is None:
            if self.differs:
                near, word = (low, "more") if low is not None else (-(high or Fraction()), "less")
                return f"at least {_amount(near, self.unit, floor)} {word}"
            if not self.plans:
                return "the same in the plans found"
            return f"{_more(self.plans, self.unit)} in the plans found"
        if low == high:
            return _more(low, self.unit) if low else "the same"
        if low > 0 or high < 0:
            near, far = sorted((abs(low), abs(high)))
            word = "more" if low > 0 else "less"
            least, most = _amount(near, self.unit, floor, short=True), _amount(far, self.unit, ceil)
            return f"between {least} and {most} {word}"
        parts = [f"{_amount(-low, self.unit, ceil)} less"] if low else []
        parts += [f"{_amount(high, self.unit, ceil)} more"] if high else []
        return f"at most {joined(parts, 'or')}, perhaps the same"


def apart(
    before: Sequence[Mapping[str, Any]],
    after: Sequence[Mapping[str, Any]],
    side: int = 0,
) -> list[Apart]:
    """Compare the levels of two answers as ``result.json`` has them.

    Parameters
    ----------
    before, after
        Levels, with the same names.
    side
        -1 where the later question allows all that the earlier one does, at no more on any level;
        1 where it is the other way round; 0 where neither is known.

    Returns
    -------
    list of Apart
        One a level, the later answer less the earlier.
    """
    found = []
    closed, level_so_far = True, True
    for one, other in zip(before, after, strict=True):
        (value, bound), (then, least) = _known(one), _known(other)
        difference = Apart(one["name"], one["unit"], then - value, None, None)
        if closed:
            low = None if least is None else least - value
            high = None if bound is None else then - bound
            # As long as nothing has differed, what may be more is never less on the next level.
            if level_so_far and side > 0:
                low = max(low or Fraction(), Fraction())
            if level_so_far and side < 0:
                high = min(high or Fraction(), Fraction())
            difference = replace(difference, low=low, high=high)
        found.append(difference)
        closed &= bound == value and least == then
        level_so_far &= difference.same
    return found


def rank(differences: Sequence[Apart]) -> tuple[int, Fraction]:
    """Order by the first level on which two answers differ, the largest difference first."""
    for number, one in enumerate(differences):
        if one.plans or one.differs:
            return number, -abs(one.plans)
    return len(differences), Fraction()


def _known(level: Mapping[str, Any]) -> tuple[Fraction, Fraction | None]:
    value = Fraction(str(level["objective"]))
    return value, bound_read(level["bound"], value)


def _more(value: Fraction, unit: str) -> str:
    return f"{_amount(abs(value), unit)} {'more' if value > 0 else 'less'}"


def _amount(value: Fraction, unit: str, rounded: Any = round, *, short: bool = False) -> str:
    """Write an amount, rounded to hundredths or whole pounds; ``short`` leaves its unit out."""
    pounds = unit.startswith("pounds")
    steps = 1 if pounds else 100
    text = written(Fraction(rounded(value * steps), steps), unit)
    if short:
        return text
    return f"{text}{unit.removeprefix('pounds')}" if pounds else with_unit(text, unit)
