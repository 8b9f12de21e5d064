"""What can be proven of a level without a solver: plain arithmetic, person by person."""

from __future__ import annotations

from fractions import Fraction

from allocate.beds.instance import Instance
from allocate.beds.review import least
from allocate.price_list import PriceList
from allocate.study.scenario import LevelWords


def least_at(instance: Instance, level: LevelWords, prices: PriceList) -> Fraction | None:
    """Return what arithmetic proves; named prices are not read by this model.

    Parameters
    ----------
    instance, level
        The question and its objective.
    prices
        On rows of rules; any are refused.
    """
    return None if prices.rows else least(instance, level)
