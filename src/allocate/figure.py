"""A total of a case that a reader knows, by name."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True)
class Figure:
    """A named total of a case, over all of it or over one area.

    Parameters
    ----------
    name
        What a claim calls it: ``hours_placed``.
    title
        The same in words.
    unit
        Unit of the amount.
    amount
        The exact total; None where there is nothing to count, as an average over nobody.
    area_id
        The area; empty: all.
    """

    name: str
    title: str
    unit: str
    amount: Fraction | None
    area_id: str = ""

    def __str__(self) -> str:
        return written(self.amount, self.unit)


def written(amount: Fraction | None, unit: str) -> str:
    """Write an amount of a unit: pounds with their sign, shares in per cent, no needless digit."""
    if amount is None:
        return "none"
    if unit.startswith("share"):
        return f"{float(amount):.1%}"
    sign, pounds = "-" if amount < 0 else "", "£" if unit.startswith("pounds") else ""
    digits = 2 if not pounds or "hour" in unit else 0
    text = f"{float(abs(amount)):,.{digits}f}"
    if not pounds:
        text = text.rstrip("0").rstrip(".")
    return f"{sign}{pounds}{text}"
