"""What no plan can go below if every provider packs what it takes exactly.

Whatever is placed or waits earns a price, and so does who leads an area; then nothing ties one
provider to another. Each leads what it likes and fills its room with what earns more than it costs:
a knapsack, solved whole. With prices on capacity in place of these each package would have its
cheapest option whether or not all fit; packing proves as much with the best prices, and more where
rooms cannot be filled to the last minute: G. T. Ross & R. M. Soland, "A branch and bound algorithm
for the generalized assignment problem", Mathematical Programming 8 (1975); M. L. Fisher,
R. Jaikumar & L. N. Van Wassenhove, "A multiplier adjustment method for the generalized assignment
problem", Management Science 32 (1986).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields

import numpy as np

from allocate.homecare.blocks import blocks, pairs_of
from allocate.homecare.charges import Charges
from allocate.homecare.knapsack import most_worth
from allocate.homecare.labels import Bools
from allocate.homecare.packing_prices import PackingPrices
from allocate.homecare.whole import Whole, summed
from allocate.units import Ints

MOST_AREAS = 8  # that one provider may lead or not: every set of them is looked at


def packing(charges: Charges, prices: PackingPrices) -> int:
    """Count what no plan can go below whose leads are all among those named.

    Parameters
    ----------
    charges
        On the options of packages, at all prices but those on ``PACKING`` and ``PACKED``.
    prices
        On being placed and on leading.

    Returns
    -------
    int
        In steps of the charges.

    Raises
    ------
    ValueError
        Where a provider may lead too many areas for all sets of them to be looked at.

    Notes
    -----
    That each package is placed or waits and that each area has one lead are equations, so prices on
    them have any sign. The packages of one household are looked at one by one, which leaves a rule
    out. Where an area need not have one lead, all its possible leads may grow.
    """
    offers = _offers(charges, prices)
    who = range(len(charges.instance.providers.ids))
    cuts = np.searchsorted(offers.provider, [*who, len(who)]).tolist()
    waits = np.minimum(charges.waits() - prices.placed, 0)[charges.may_wait]
    found = summed(prices.placed) + int(prices.lead.sum()) + summed(waits) - charges.limits
    return found + sum(
        _provider(charges, prices, k, offers.only(slice(cuts[k], cuts[k + 1]))) for k in who
    )


@dataclass(frozen=True)
class _Offers:
    """Pairs whose package earns more than it costs, as a lead or not, N of them, each array (N,).

    ``net`` is what one costs less what it earns, and falls by ``credit`` if the provider chooses to
    lead the area.
    """

    provider: Ints
    area: Ints
    load: Ints
    net: Whole
    credit: Whole

    def only(self, keep: Ints | Bools | slice) -> _Offers:
        """Return some of them, in the order asked for."""
        return _Offers(*(getattr(self, field.name)[keep] for field in fields(self)))


def _offers(charges: Charges, prices: PackingPrices) -> _Offers:
    """List what each provider may pack, provider by provider."""
    parts = [_offers_of(charges, prices, block) for block in blocks(charges.group)]
    names = [field.name for field in fields(_Offers)]
    joined = _Offers(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))
    return joined.only(np.argsort(joined.provider, kind="stable"))


def _offers_of(charges: Charges, prices: PackingPrices, block: Ints) -> _Offers:
    """List the same for some packages."""
    packages, pairs = charges.instance.packages, pairs_of(charges.instance, block)
    area, load = packages.area[pairs.package], packages.load[pairs.package]
    at = area, pairs.provider
    credit = np.where(prices.named[at], charges.credits(pairs), 0)
    net = charges.places(pairs) - prices.placed[pairs.package]
    sole = prices.sole[at]  # leads the area for certain
    offers = _Offers(
        pairs.provider, area, load, net - np.where(sole, credit, 0), np.where(sole, 0, credit)
    )
    return offers.only(net < credit)


def _provider(charges: Charges, prices: PackingPrices, provider: int, offers: _Offers) -> int:
    """What one provider comes to at least, whatever it leads of what it is named for."""
    sole = prices.sole[:, provider]
    choice = np.flatnonzero(prices.named[:, provider] & ~sole)
    if len(choice) > MOST_AREAS:
        raise ValueError(f"A provider is one of several leads named of over {MOST_AREAS} areas.")
    return min(_leading(charges, prices, provider, offers, led) for led in _sets(sole, choice))


def _sets(sole: Bools, choice: Ints) -> Iterator[Bools]:
    """Every set of areas that a provider may lead, each (A,)."""
    for number in range(1 << len(choice)):
        led = sole.copy()
        led[choice] = (number >> np.arange(len(choice))) & 1
        yield led


def _leading(
    charges: Charges, prices: PackingPrices, provider: int, offers: _Offers, led: Bools
) -> int:
    """What one provider comes to at least that leads a set of areas."""
    providers, leads = charges.instance.providers, charges.leads
    found = int((charges.due[led, provider] - prices.lead[led]).sum())
    room = int(providers.capacity[provider])
    if (leads.newly[:, provider] & (led | ~leads.single)).any():
        room += int(providers.growth[provider])
        by_band = charges.rows.tables["within_bands"][provider]
        found -= int((by_band * providers.band_growth[provider]).sum())
    worth = np.where(led[offers.area], offers.credit, 0) - offers.net
    return found - most_worth(worth, offers.load, room)
