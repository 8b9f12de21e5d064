"""What a person's care costs, in a booked bed, in one bought, and by what may stand in for it."""

from __future__ import annotations

import numpy as np

from allocate.beds.instance import Instance
from allocate.beds.market import NO_RATE
from allocate.beds.prices import booking_prices
from allocate.beds.solution import UNIT, Solution
from allocate.columns import table
from allocate.units import THOUSAND, Floats, as_pounds

MONEY = 10_000_000  # pence: what the ways are compared by


def instead(instance: Instance, solution: Solution) -> list[str]:
    """Compare ways of care by what one person costs and how many the same money helps.

    Parameters
    ----------
    instance, solution
        The question and the plan.
    """
    rows = []
    axes, flows = instance.axes, solution.flows
    assert flows is not None
    chance = np.array([float(c) for c in instance.winters.chance])
    inside = np.tensordot(chance, flows.booked, 1) / UNIT
    booked = inside.sum(axis=(0, 1, 3))
    helped = np.tensordot(chance, flows.helped, 1).sum(axis=(0, 2)) / UNIT
    bought = np.tensordot(chance, flows.bought, 1).sum(axis=(0, 1, 3)) / UNIT
    # What stays cost beside the booking: after it, and after them for who stays for good.
    later = (inside * instance.prices.booked.sum(axis=0)).sum(axis=(0, 1, 3))
    paid = _paid(instance, solution) + later
    others = instance.market.alternatives
    for g, care in enumerate(axes.care):
        if booked[g] > 0:
            rows.append(_row(care, "booked beds, as they are used", paid[g] / booked[g], booked[g]))
        spot = _spot(instance, g)
        if spot > 0:
            rows.append(_row(care, "a bed bought by itself", spot, bought[g]))
        for n in np.flatnonzero(others.need == g):
            price = float(instance.prices.alternative[:, n].sum(axis=0).mean())
            rows.append(_row(care, others.names[n], price, helped[n], others.capacity[n]))
    head = ["care needed", "way", "a person", "people for £100,000", "people, mean", "room a week"]
    return [
        *table(head, rows, left=(0, 1)),
        "Of a whole stay, with what is paid up to the last week for people who then live in a care "
        "home; after care in place of a bed nothing is counted. Such care suits some people only, "
        "and as many a week as there is room for: `allocate stress --homecare` says what "
        "the spare hours of a home care plan would save.",
    ]


def _row(care: str, way: str, price: float, people: float, room: float | None = None) -> list[str]:
    """One way of care; its price in pence, its room in thousandths of a person a week."""
    return [
        care,
        way,
        as_pounds(price),
        f"{MONEY / price:,.1f}" if price > 0 else "",
        f"{people:,.1f}",
        "" if room is None else f"{room / THOUSAND:,.1f}",
    ]


def _paid(instance: Instance, solution: Solution) -> Floats:
    """Pence of bookings by care type, (G,)."""
    offers = instance.offers
    cash = booking_prices(offers, instance.payers, solution.offer, solution.first, solution.last)
    pence = cash.sum(axis=0) * solution.beds + offers.fixed[solution.offer]
    paid = np.bincount(
        offers.care[solution.offer], weights=pence, minlength=len(instance.axes.care)
    )
    return paid.astype(float)


def _spot(instance: Instance, care: int) -> float:
    """Pence of a stay in a bed bought by itself in the borough, on average; nought without one."""
    sold = (instance.market.rate[:, care] != NO_RATE) & ~instance.axes.out_of_area[:, None]
    prices = instance.prices.spot[:, :, care].sum(axis=0)
    return float(prices[sold].mean()) if sold.any() else 0.0
