"""What a booked bed yields, week by week, with closures and without."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from allocate.beds.instance import Instance
from allocate.beds.winters import Closure
from allocate.units import THOUSAND

Lost = dict[tuple[int, int], int]  # thousandths of a home's beds, by home and week


def usable(instance: Instance, offer: int, lost: int = 0) -> int:
    """Thousandths of a booked bed that people can be in, rounded down.

    Parameters
    ----------
    instance
        The question.
    offer
        Position.
    lost
        Thousandths lost to a closure.
    """
    offers = instance.offers
    stay = instance.stays.mean(int(offers.care[offer]))
    between = Fraction(int(offers.turnaround[offer]), 7 * THOUSAND)
    share = Fraction(int(offers.usable[offer]), THOUSAND) * stay / (stay + between)
    return int(share * (THOUSAND - lost))


def lost_weeks(closures: Iterable[Closure], *, unpaid: bool = False) -> Lost:
    """Thousandths of each home's beds that are lost in each week; the worst closure counts.

    Parameters
    ----------
    closures
        Of one winter.
    unpaid
        Only those that need not be paid for.
    """
    found: Lost = {}
    for closure in closures:
        if unpaid and closure.paid:
            continue
        for week in range(closure.first, closure.last + 1):
            at = closure.home, week
            found[at] = max(found.get(at, 0), closure.lost)
    return found


def by_winter(instance: Instance) -> list[list[Closure]]:
    """Closures of homes that make an offer, winter by winter."""
    homes = set(instance.offers.home.tolist())
    found: list[list[Closure]] = [[] for _ in instance.winters.ids]
    for closure in instance.winters.closures:
        if closure.home in homes:
            found[closure.winter].append(closure)
    return found


def refund(instance: Instance, offer: int, week: int, lost: int) -> list[int]:
    """Pence by source that one bed need not be paid for in a week, the council's being the rest."""
    payers, offers = instance.payers, instance.offers
    amount = int(offers.rate[offer]) * lost // THOUSAND
    parts = [x // THOUSAND for x in payers.split(amount, int(offers.care[offer]), week)]
    parts[0] += amount - sum(parts)
    return parts
