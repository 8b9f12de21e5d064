"""Totals of a winter beds case that a reader knows from elsewhere, by name and by zone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

import numpy as np

from allocate.beds.instance import Instance
from allocate.columns import table
from allocate.figure import Figure
from allocate.tables import Tables
from allocate.units import THOUSAND, with_unit

PEOPLE, BEDS = "people", "beds"


def figures(instance: Instance) -> list[Figure]:
    """Return the totals: over all of the case, then zone by zone.

    Parameters
    ----------
    instance
        The question.
    """
    everywhere = list(range(len(instance.axes.zones)))
    found = [*_of(instance, everywhere, ""), *_whole(instance)]
    for z, zone in enumerate(instance.axes.zones):
        if not instance.axes.out_of_area[z]:
            found += _of(instance, [z], zone)
    return found


def _whole(instance: Instance) -> Iterator[Figure]:
    winters = instance.winters
    yield Figure("winters", "Possible winters", "winters", Fraction(len(winters.ids)))
    yield Figure("weeks", "Weeks of the winter", "weeks", Fraction(len(instance.axes.starts)))
    for g, care in enumerate(instance.axes.care):
        mean = instance.stays.mean(g)
        yield Figure(f"mean_stay_{care}", f"Mean stay, {care}", "weeks", mean)


def _of(instance: Instance, zones: Sequence[int], name: str) -> list[Figure]:
    homes, offers, winters = instance.homes, instance.offers, instance.winters
    here, offered = np.isin(homes.zone, zones), np.isin(offers.zone, zones)
    weeks = len(instance.axes.starts)
    come = winters.arrivals[:, zones].sum(axis=(1, 2, 3))
    mean = sum((c * int(n) for c, n in zip(winters.chance, come, strict=True)), Fraction())
    most = max((int(n) for n in come), default=0)
    weight = (offers.rate * offers.most)[offered].sum()
    beds = int(offers.most[offered].sum())
    known = here & (homes.admittable >= 0)
    vacant = int(homes.admittable[known].sum())
    total = int(homes.beds[here].sum())
    spot = instance.winters.beds[:, zones].sum(axis=(1, 2)).mean(axis=1)
    started = int(instance.backlog[zones].sum())
    rows: list[tuple[str, str, str, Fraction | None]] = [
        ("homes", "Homes", "homes", Fraction(int(here.sum()))),
        ("beds", "Registered beds", BEDS, Fraction(total)),
        ("vacant_beds", "Vacant beds that could be admitted to", BEDS, Fraction(vacant)),
        ("vacancy", "Vacant beds over registered beds", "share",
         Fraction(vacant, total) if total and known.any() else None),
        ("beds_offered", "Beds on offer", BEDS, Fraction(beds)),
        ("homes_offering", "Homes that make an offer", "homes",
         Fraction(len(set(offers.home[offered].tolist())))),
        ("rate_mean", "Mean rate of beds on offer", "pounds a bed-week",
         Fraction(int(weight), 100 * beds) if beds else None),
        ("spot_beds", "Beds bought one by one that there are in a week, on average", BEDS,
         Fraction(float(spot.mean())).limit_denominator(THOUSAND)),
        ("people_mean", "People leaving hospital whom a bed can help, on average", PEOPLE, mean),
        ("people_most", "The same in the winter with most", PEOPLE, Fraction(most)),
        ("people_a_week", "The same a week, on average", "people a week", mean / weeks),
        ("people_waiting", "People waiting at the start", PEOPLE, Fraction(started)),
    ]  # fmt: skip
    return [Figure(key, title, unit, amount, name) for key, title, unit, amount in rows]


def overview(instance: Instance, tables: Tables, found: Sequence[Figure]) -> list[str]:
    """Write the totals as lines, with the zones side by side.

    Parameters
    ----------
    instance, tables
        The question and its case.
    found
        Its figures.
    """
    by_name = {(figure.name, figure.area_id): str(figure) for figure in found}

    def of(name: str, zone: str = "") -> str:
        return by_name[name, zone]

    lines = [
        f"Homes: {of('homes')}, {with_unit(of('beds'), BEDS)}, {of('vacant_beds')} of them vacant",
        f"On offer: {with_unit(of('beds_offered'), BEDS)} in {of('homes_offering')} homes, at "
        f"{of('rate_mean')} a bed-week on average",
        f"People leaving hospital whom a bed can help: {of('people_mean')} in a mean winter, "
        f"{of('people_a_week')} a week; {of('people_most')} in the worst of "
        f"{with_unit(of('winters'), 'winters')}",
        f"Waiting at the start: {with_unit(of('people_waiting'), PEOPLE)}",
        "",
    ]
    columns = ("homes", "beds", "vacant_beds", "beds_offered", "spot_beds", "people_a_week")
    head = ["zone", "homes", "beds", "vacant", "on offer", "bought one by one", "people a week"]
    rows = [
        [instance.axes.zone_names[z], *(of(column, zone) for column in columns)]
        for z, zone in enumerate(instance.axes.zones)
        if not instance.axes.out_of_area[z]
    ]
    return [*lines, *table(head, rows)]
