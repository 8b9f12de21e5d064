"""A bound that prices prove: no plan costs less, whatever it is.

Whoever lifts a rule and charges what a plan takes of it, at any price that is not negative, less
what the rule allows, never charges a plan that keeps the rule more than it costs. With all the
rules lifted that tie packages to each other, each package has its own cheapest option, and the sum
of these is a bound: A. M. Geoffrion, "Lagrangean relaxation for integer programming", Mathematical
Programming Study 2 (1974). It is counted here in whole numbers from the question alone, without the
program, so that it can stand as a certificate; where the prices come from does not matter.

With prices on each package and on leading an area in place of those on capacity, the options are
tied by provider alone, and each provider packs what it takes exactly (``packing.py``). That can
prove more, as a room is seldom filled to the last minute.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from allocate.homecare.charges import Charges
from allocate.homecare.instance import Instance
from allocate.homecare.lifted import lifted
from allocate.homecare.packing import packing
from allocate.homecare.packing_prices import PACKED, PACKING, packing_prices
from allocate.homecare.row_prices import Prices


def proven(instance: Instance, weights: Mapping[str, Fraction], prices: Prices) -> Fraction:
    """Prove a bound on a weighted sum of terms.

    Parameters
    ----------
    instance
        The question.
    weights
        Weight of each term for one unit of it, never negative; a term that is not named has none.
    prices
        Prices on the rows of rules.

    Returns
    -------
    Fraction
        In units of the sum. No plan that keeps every hard rule comes to less. Where no plan does,
        the number says nothing.

    Raises
    ------
    ValueError
        Where a price or weight is negative, or a price is on a rule that does not bind or about
        what the case does not have; where there are prices to pack at, and packing proves nothing.

    Notes
    -----
    Without prices to pack at the rest holds; with them it is still a bound, and the better of two
    is returned. A plan in which each area is led by a provider named for it comes to no less than
    packing does. Any other has in some area a lead that is not named, and comes to no less than the
    rest does with that lead there. So the least of all these is a bound too.

    What is kept as it stands, and not priced: which provider may have a package, who may wait, that
    the packages of one household and area go together, how many leads an area has at least and at
    most, and that a provider is appointed or not, active in an area or not. The program has
    in common with it only the lists of pairs and of candidates for lead that data, pins and pair
    rules leave.

    Where exactly one provider leads an area in every plan, the bound is the least over all who may:
    each is credited with its own price for the referrals that it takes, and charged that price for
    the area's target. Elsewhere every possible lead is credited, all at the highest of their prices
    in the area, as if it led: that is no less than the leads of any plan are given.
    """
    charges = Charges(instance, weights, prices.without(*PACKING))
    apart = lifted(charges)
    if prices.rows.keys().isdisjoint(PACKING):
        return Fraction(apart.total, charges.scale.per)
    charges = Charges(instance, weights, prices.without(*PACKING, *PACKED))
    packed = packing_prices(charges, prices)
    whoever_leads = [packing(charges, packed), *(apart.total + apart.more[packed.closed])]
    return Fraction(max(apart.total, min(whoever_leads)), charges.scale.per)
