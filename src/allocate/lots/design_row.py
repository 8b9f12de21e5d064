"""One row of the table of designs: what a design means, counted from who has each package."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from allocate.homecare.instance import Instance as Care
from allocate.homecare.solution import Solution as Placed
from allocate.homecare.solution import change_shares
from allocate.labels import Bools, positions
from allocate.lots.designs import Design
from allocate.lots.instance import Instance
from allocate.lots.review import people_changing
from allocate.lots.solution import Solution
from allocate.lots.uncovered import NOTICE, held, uncovered
from allocate.units import THOUSAND, Ints, thousandths


@dataclass(frozen=True)
class DesignRow:
    """What a design means.

    Parameters
    ----------
    design, lots
        What it is, and its lots; None where nothing is let.
    leads
        Provider that leads each lot, by label.
    provider
        Who has each package, -1 where it waits, (P,).
    bound
        No plan of so many lots comes to fewer points; None where that was not worked out.
    points
        What this one comes to.
    plans
        How many plans of lots there are that keep the rules; nought where nothing is let.
    note
        What a reader has to know of it.
    figures
        Columns of ``designs.csv`` beside these, by name.
    hours
        Carer-minutes a week of each owner, (owners,).
    uncovered
        Of these, what others cannot take, (owners, weeks of notice).
    """

    design: Design
    lots: Solution | None
    leads: tuple[str, ...]
    provider: Ints
    bound: float | None
    points: Fraction
    plans: int
    note: str
    figures: Mapping[str, float]
    hours: Ints
    uncovered: Ints

    @property
    def sure(self) -> str:
        """How much better another plan of this design could be."""
        if self.bound is None:
            return "not bounded"
        more = max(0.0, float(self.points) - self.bound)
        said = f"no plan of it, of {self.plans:,}, is more than {more:,.0f} points better"
        return f"{said}. {self.note}" if self.note else said


def figures(
    instance: Instance,
    care: Care,
    placed: Placed,
    lots: Solution | None,
    terms: Mapping[str, Fraction],
    small: Bools,
) -> tuple[dict[str, float], Ints, Ints]:
    """Count what the table says of a design.

    Parameters
    ----------
    instance
        The lots question.
    care, placed
        The home care question inside the design, and who has each package.
    lots
        Its lots; None where nothing is let.
    terms
        Terms of the home care model as its review counts them.
    small
        Which providers are small firms, (K,).

    Returns
    -------
    tuple
        Figures by name, carer-minutes a week by owner, and those that nobody takes, by owner and
        notice.
    """
    packages, owners = care.packages, held(care, placed).sum(axis=1)
    total = int(owners.sum()) or 1
    shares = np.sort(owners / total)[::-1]
    waits = placed.provider < 0
    nobody = uncovered(care, placed, thousandths(instance.parameters["hire_share_per_week"]))
    moved = (packages.provider >= 0) & ~waits & (placed.provider != packages.provider)
    bidders = [] if lots is None else expected_bidders(care, in_places(instance, care, lots))
    leads = [k for chosen in placed.leads for k in chosen[:1]]
    found = {
        "care_pounds_per_year": float(terms["cash"]),
        "administration_pounds_per_year": 0.0
        if lots is None
        else lots.lots * instance.lot_cost / 100,
        "hours_waiting": float(packages.minutes[waits].sum()) / 60,
        "people_waiting": float(waits.sum()),
        "travel_minutes_per_week": float(terms["travel"]),
        "hhi": float((shares**2).sum() * 10_000),
        "top_ten_share": float(shares[:10].sum()),
        "largest_owner_share": float(shares[0]),
        "owners_leading": float(len({int(care.providers.owner[k]) for k in leads})),
        "least_bidders_per_lot": float(min(bidders, default=0)),
        "most_bidders_per_lot": float(max(bidders, default=0)),
        "small_firm_share": float(packages.minutes[~waits & small[placed.provider]].sum()) / total,
        "people_changing_area": 0.0 if lots is None else float(people_changing(instance, lots)),
        "people_changing_provider": float(moved.sum()),
        "people_changing_carers": float(change_shares(care, placed.provider).sum()) / THOUSAND,
    }
    for column, weeks in enumerate(NOTICE):
        found[f"uncovered_hours_{weeks}_weeks"] = float(nobody[:, column].max()) / 60
    return found, owners, nobody


def in_places(instance: Instance, care: Care, lots: Solution) -> list[list[int]]:
    """Places of each lot, as the home care model numbers them."""
    at = positions(instance.cells.ids, care.places)
    return [at[cells].tolist() for cells in lots.members()]


def expected_bidders(care: Care, lots: Sequence[Sequence[int]]) -> list[int]:
    """Owners who could bid for each lot: one of theirs may lead and reaches half of its hours."""
    providers = care.providers
    may = providers.can_lead & ~providers.suspended
    hours = np.bincount(care.packages.place, care.packages.minutes, len(care.places))
    counts = []
    for places in lots:
        inside = care.reach[:, places] @ hours[places]
        could = may & (2 * inside >= hours[places].sum())
        counts.append(len(set(providers.owner[could].tolist())))
    return counts
