"""What a variant would change, in words and as a claim."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from math import ceil, floor, inf

import numpy as np

from allocate.card import read_card
from allocate.core.comparing import Compared
from allocate.explanation import Claim, Verdict
from allocate.homecare.instance import Instance
from allocate.homecare.solution import Solution
from allocate.study.scenario import LevelWords
from allocate.units import joined, with_unit
from allocate.variants import Varied

MOST_DIGITS = 6
NAMED = 4  # people whom a line names before it says how many more there are


def claim(varied: Varied, levels: Sequence[LevelWords], text: str) -> Claim:
    """Return what a variant proves, with its words."""
    found = varied.compared
    name = None if found.level is None else levels[found.level].name
    relaxes = not varied.variant.restricts
    return Claim(
        text, varied.variant.changes, verdict(varied), name, found.low, found.high, relaxes
    )


def verdict(varied: Varied) -> Verdict:
    """Say in one word how a variant compares."""
    found = varied.compared
    if found.impossible:
        return "impossible"
    if found.same:
        return "same"
    return "better" if found.better else "worse" if found.worse else "open"


def difference(varied: Varied, levels: Sequence[LevelWords]) -> str:
    """Say what would change: the first level that differs, and that those before it do not."""
    found = varied.compared
    if found.impossible:
        return "no plan keeps every hard rule"
    if found.level is None:
        return "every level stays as it is"
    amount = _amount(levels[found.level], found.low, found.high)
    return f"{amount}{same_before(levels, found.level)}"


def same_before(levels: Sequence[LevelWords], level: int) -> str:
    """Say that the levels before one are as they are."""
    before = [words.name for words in levels[:level]]
    return f"; {joined(before)} as now" if before else ""


def _amount(level: LevelWords, low: Fraction | None, high: Fraction | None) -> str:
    """Say by how much a level would be higher, from as many sides as are proven."""
    if high is None:
        if low is not None and low > 0:
            return f"{level.name}: {at_least(level, low)} more, or no plan at all"
        return f"{level.name}: not settled in the time given"
    if high < 0:
        less = quantity(level, -high) if low == high else at_least(level, -high)
        return f"{level.name}: {less} less than in this answer"
    if low is None or low <= 0:
        return f"{level.name}: {at_most(level, high)} more, perhaps none"
    if low == high:
        return f"{level.name}: {quantity(level, high)} more"
    return f"{level.name}: {at_least(level, low)} and {at_most(level, high)} more"


def rank(varied: Varied | None) -> tuple[float, float]:
    """Order variants from the best to the worst; those that are not known come last."""
    if varied is None or varied.compared.impossible:
        return (inf, inf)
    found = varied.compared
    if found.level is None or found.better:
        return (-inf, float(found.high or 0))
    return (-float(found.level), inf if found.high is None else float(found.high))


def beats(rival: Compared, own: Compared) -> bool:
    """Whether it is proven that a rival's plan is better than every plan of the lead's."""
    if rival.values is None or not own.worse:
        return False
    if own.impossible or own.level is None or own.low is None:
        return own.impossible
    if rival.level is None or rival.level > own.level:
        return True
    return rival.level == own.level and rival.high is not None and rival.high < own.low


def no_better(rival: Compared, own: Compared) -> bool:
    """Whether it is proven that no plan of a rival's is better than the lead's plan."""
    if rival.impossible or own.same:
        return True
    if own.values is None or rival.level is None or rival.low is None or rival.low <= 0:
        return False
    if own.level is None or own.level > rival.level:
        return True
    # Where the two are level there, what comes after was not looked at.
    return own.level == rival.level and own.high is not None and own.high < rival.low


def at_least(level: LevelWords, amount: Fraction) -> str:
    """Say that it is so much or more, rounded down."""
    return f"at least {quantity(level, amount, floor)}"


def at_most(level: LevelWords, amount: Fraction) -> str:
    """Say that it is so much or less, rounded up."""
    return f"at most {quantity(level, amount, ceil)}"


def quantity(
    level: LevelWords,
    amount: Fraction,
    rounded: Callable[[Fraction], int] = lambda steps: floor(steps + Fraction(1, 2)),
) -> str:
    """Write an amount of a level with its unit: whole pounds, else two decimals; never nought."""
    unit = read_card("homecare").unit_of(level.terms)
    pounds = unit.startswith("pounds")
    digits = 0 if pounds else 2
    while amount and digits < MOST_DIGITS and not rounded(amount * 10**digits):
        digits += 2
    text = f"{rounded(amount * 10**digits) / 10**digits:,.{digits}f}"
    if pounds:
        return f"£{text} {unit.removeprefix('pounds ')}"
    return with_unit(text.rstrip("0").rstrip("."), unit)


def moves(instance: Instance, before: Solution, varied: Varied, but: int = -1) -> str:
    """Name the other people who would have to move; empty where nobody has to.

    Parameters
    ----------
    instance
        The question.
    before
        The plan at hand.
    varied
        The variant, with a plan.
    but
        Package that the variant is about.
    """
    if varied.solution is None:
        return ""
    now, then = before.provider, varied.solution.provider
    others = [p for p in np.flatnonzero(now != then).tolist() if p != but]
    ids, names = instance.packages.ids, instance.providers.ids
    listed = [
        f"{ids[p]} {'waits' if then[p] < 0 else f'goes to {names[then[p]]}'}"
        for p in others[:NAMED]
    ]
    more = len(others) - NAMED
    if not listed:
        return ""
    return ", ".join(listed) + (f" and {more} more move" if more > 0 else "")
