"""The rules on award once more, without the program; nothing is short while nothing is won."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from allocate.lots.instance import Instance
from allocate.lots.solution import Solution
from allocate.verdict import Measured


def nothing_won(instance: Instance, solution: Solution) -> Measured:
    """Where there are no bids no rule on award is short."""
    return Measured(Fraction())


MEASURES: dict[str, Callable[[Instance, Solution], Measured]] = dict.fromkeys(
    (
        "one_winner_per_lot",
        "within_capacity",
        "turnover_limit",
        "award_limit",
        "share_limit",
        "winners_range",
        "quality_floor",
        "rate_floor",
        "step_in",
        "sme_share",
    ),
    nothing_won,
)
