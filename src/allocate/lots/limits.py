"""What the limits on award come to in whole steps."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from allocate.labels import RATINGS, Bools
from allocate.lots.bidders import NO_LIMIT
from allocate.lots.instance import Instance
from allocate.units import THOUSAND, Ints, ceil_div, thousandths


def _value(instance: Instance, rule: str) -> Fraction:
    return Fraction(str(instance.rules[rule].value or 0))


def turnover_steps(instance: Instance) -> Ints:
    """Pence a year that each bidder may win, ``NO_LIMIT`` where its turnover is not known, (K,)."""
    turnover, times = instance.bidders.turnover, thousandths(instance.rules["turnover_limit"].value)
    return np.where(turnover < 0, NO_LIMIT, turnover * times // THOUSAND)


def award_limits(instance: Instance) -> int:
    """Lots that an owner may win."""
    return int(_value(instance, "award_limit"))


def share_steps(instance: Instance) -> int:
    """Pence a year of value that an owner may win."""
    share = thousandths(instance.rules["share_limit"].value)
    return int(instance.cells.value.sum()) * share // THOUSAND


def sme_steps(instance: Instance) -> int:
    """Pence a year of value that small and medium firms win at least."""
    share = thousandths(instance.rules["sme_share"].value)
    return int(ceil_div(int(instance.cells.value.sum()) * share, THOUSAND))


def below_floor(instance: Instance) -> Bools:
    """Bids of bidders rated below ``quality_floor``, (B,)."""
    auction = instance.auction
    assert auction is not None
    floor = RATINGS.index(str(instance.rules["quality_floor"].value))
    return np.asarray(instance.bidders.rating[auction.bidder] > floor)
