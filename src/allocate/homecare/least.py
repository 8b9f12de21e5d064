"""What no plan can go below, package by package: the bound that plain arithmetic proves.

Each package costs at least its cheapest option, whatever becomes of the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from allocate.homecare.instance import Instance
from allocate.homecare.proof import proven
from allocate.homecare.row_prices import Prices
from allocate.study.scenario import LevelWords

NO_PRICES = Prices(1, {})


def least(instance: Instance, levels: Sequence[LevelWords]) -> tuple[Fraction, ...]:
    """Return the least that each level can come to, in its unit.

    Parameters
    ----------
    instance
        The question.
    levels
        The objective.
    """
    return tuple(
        proven(instance, {term: Fraction(str(w)) for term, w in level.terms.items()}, NO_PRICES)
        for level in levels
    )
