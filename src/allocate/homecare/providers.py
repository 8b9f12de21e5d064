"""Providers as arrays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from allocate.assume import Assumptions
from allocate.homecare.labels import (
    BANDS,
    RATINGS,
    Bools,
    all_needs,
    needs_table,
    positions,
)
from allocate.homecare.packages import Packages, by_provider
from allocate.tables import Tables
from allocate.units import THOUSAND, Ints, as_hours, minutes, thousandths

NO_BAND = -1  # a provider that states no limit at that time of day
# What the basis of a provider speaks of.
SAID = ("capacity_hours", "growth_hours", "can_lead", "needs")


@dataclass(frozen=True)
class Providers:
    """Providers, K of them.

    Parameters
    ----------
    ids, names
        Labels.
    owner
        Owner, (K,); ``owners`` holds the labels.
    rating
        Position in ``RATINGS``, not yet rated standing where the parameter puts it, (K,).
    suspended, can_lead
        (K,).
    capacity
        Carer-minutes a week, what follows handed-back work already taken off, (K,).
    growth
        Carer-minutes a week that are counted on if newly appointed lead, haircut taken, (K,).
    stated_capacity, stated_growth
        The same as the tables say them, or as derived: nothing handed back, no haircut, (K,).
    ramp
        Weeks that the growth takes, -1 where that is not stated, (K,).
    surge_share
        Share of its capacity that a provider can staff beyond it for a few weeks, thousandths.
    needs
        Special needs it can meet, (K, N).
    bands
        Carer-minutes by time of day, -1 where there is no limit, (K, 4).
    band_growth
        Part of the growth in each band, (K, 4).
    """

    ids: tuple[str, ...]
    names: tuple[str, ...]
    owner: Ints
    owners: tuple[str, ...]
    rating: Ints
    suspended: Bools
    can_lead: Bools
    capacity: Ints
    growth: Ints
    stated_capacity: Ints
    stated_growth: Ints
    ramp: Ints
    surge_share: int
    needs: Bools
    bands: Ints
    band_growth: Ints

    @property
    def surge(self) -> Ints:
        """Carer-minutes a week for a few weeks when another owner fails, (K,)."""
        return self.capacity * self.surge_share // THOUSAND


def build_providers(
    tables: Tables, parameters: Mapping[str, Any], packages: Packages, assume: Assumptions
) -> Providers:
    """Build the providers; capacity that is not stated is derived from present work."""
    frame = tables["providers"]
    ids = tuple(frame["provider_id"])
    # Handed-back work included: what is lost of it is taken off where hand-backs are made.
    present = by_provider(packages.provider, packages.minutes, len(ids))
    headroom = thousandths(parameters["assumed_headroom"])
    derived = present * (THOUSAND + headroom) // THOUSAND / 60
    note = f"present work plus {headroom / THOUSAND:.0%} headroom"
    capacity = minutes(assume.filled("providers", "capacity_hours", derived, note))
    can_lead = _can_lead(frame["can_lead"], assume)
    stated = minutes(
        assume.filled("providers", "growth_hours", 0, "no growth if appointed", can_lead)
    )
    growth = stated * thousandths(parameters["growth_haircut"]) // THOUSAND
    owner = frame["owner_id"].where(frame["owner_id"] != "", frame["provider_id"])
    assume.blank("providers", "owner_id", ids, "the provider itself")
    owners = tuple(sorted(owner.unique()))
    unrated = str(parameters["not_yet_rated_as"])
    rating = frame["cqc_rating"].replace({"": unrated, "not yet rated": unrated})
    assume.blank("providers", "cqc_rating", unrated, f"not yet rated, taken as {unrated}")
    known_needs = all_needs(tables)
    needs = needs_table(frame["needs"], known_needs)
    if known_needs and not needs.any():
        text = "every provider meets every need"
        assume.note("providers", "needs", ids, ";".join(known_needs), text)
        needs[:] = True
    assume.stated("providers", SAID)
    bands = _provider_bands(tables)
    return Providers(
        ids=ids,
        names=tuple(frame["name"].where(frame["name"] != "", frame["provider_id"])),
        owner=positions(owner, owners),
        owners=owners,
        rating=positions(rating, RATINGS),
        suspended=frame["suspended"].eq(True).to_numpy(dtype=bool),
        can_lead=can_lead,
        capacity=capacity,
        growth=growth,
        stated_capacity=capacity,
        stated_growth=stated,
        ramp=frame["growth_ramp_weeks"].fillna(-1).to_numpy(dtype=np.int64),
        surge_share=thousandths(parameters["surge_share"]),
        needs=needs,
        bands=bands,
        band_growth=_band_growth(bands, growth),
    )


def _can_lead(column: pd.Series[Any], assume: Assumptions) -> Bools:
    if column.isna().all():
        assume.blank("providers", "can_lead", "Yes", "every provider may lead")
        return np.ones(len(column), dtype=bool)
    assume.blank("providers", "can_lead", "No", "may not lead")
    return column.eq(True).to_numpy(dtype=bool)


def _provider_bands(tables: Tables) -> Ints:
    frame = tables["provider_bands"].set_index("provider_id")
    frame = frame.reindex(tables["providers"]["provider_id"])
    columns = [frame[f"{band}_hours"] for band in BANDS]
    return np.column_stack([np.where(c.isna(), NO_BAND, minutes(c.fillna(0))) for c in columns])


def _band_growth(bands: Ints, growth: Ints) -> Ints:
    """Share growth over a provider's bands in proportion to them, rounded down."""
    known = np.maximum(bands, 0)
    total = np.maximum(known.sum(axis=1), 1)
    return known * growth[:, None] // total[:, None]


def overfull(packages: Packages, providers: Providers) -> tuple[str, ...]:
    """Warn of providers that hold more work than they can staff: a typing error, or a crisis."""
    held = by_provider(packages.present, packages.minutes, len(providers.ids))
    return tuple(
        f"{providers.ids[k]} holds {as_hours(held[k])} hours a week "
        f"and can staff {as_hours(providers.capacity[k])}"
        for k in np.flatnonzero(held > providers.capacity)
    )
