"""What no plan can go below: package by package, by plain arithmetic, or at prices.

Each package costs at least its cheapest option, whatever becomes of the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import ceil

from allocate.homecare.instance import Instance
from allocate.homecare.proof import proven
from allocate.homecare.row_prices import Prices, grain
from allocate.price_list import PriceList
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
    return tuple(proven(instance, _weights(level), NO_PRICES) for level in levels)


def least_at(instance: Instance, level: LevelWords, prices: PriceList) -> Fraction | None:
    """Return the least that prices prove a level to come to, lifted to a value that it can have.

    Parameters
    ----------
    instance
        The question.
    level
        Of the objective.
    prices
        On rows of rules, by the labels of ``row_prices.Prices``.

    Returns
    -------
    Fraction or None
        In the level's unit; None where a price is negative, or on what no price can be.
    """
    weights = _weights(level)
    try:
        found = proven(instance, weights, Prices(prices.scale, prices.rows))
    except ValueError:
        return None
    step = grain(instance, weights)
    return found if step is None else ceil(found / step) * step


def _weights(level: LevelWords) -> dict[str, Fraction]:
    return {term: Fraction(str(weight)) for term, weight in level.terms.items()}
