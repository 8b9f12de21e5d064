"""Hand-backs: packages change status, capacity follows staff, lead roles end."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from allocate.homecare.areas import Areas
from allocate.homecare.labels import HANDED_BACK, PLACED, Bools
from allocate.homecare.packages import Packages, by_provider
from allocate.homecare.providers import NO_BAND, Providers
from allocate.tables import Tables
from allocate.units import as_hours, thousandths, with_unit


def hand_back(
    tables: Tables, packages: Packages, providers: Providers, areas: Areas
) -> tuple[Packages, Providers, Areas, Bools, tuple[str, ...]]:
    """Make the hand-backs.

    Returns
    -------
    tuple
        Packages, providers and areas as they are then; which provider is closed to new work in
        which area, (K, A); and each hand-back in words.
    """
    status, transfer = packages.status.copy(), packages.transfer.copy()
    closed = np.zeros((len(providers.ids), len(areas.ids)), dtype=bool)
    gone = np.zeros(len(providers.ids), dtype=bool)
    leads = [list(lead) for lead in areas.leads]
    ended = np.zeros((len(areas.ids), len(providers.ids)), dtype=bool)
    notes = []
    for row in tables["handbacks"].to_dict("records"):
        provider, kind = providers.ids.index(row["provider_id"]), row["kind"]
        everywhere = list(range(len(areas.ids)))
        chosen = [areas.ids.index(row["area_id"])] if row["area_id"] else everywhere
        if kind in ("lead role", "leaves"):
            ended[chosen, provider] = True
            for area in chosen:
                leads[area] = [lead for lead in leads[area] if lead != provider]
        given = np.zeros_like(packages.locked)
        if kind in ("packages", "leaves"):
            given = (packages.provider == provider) & np.isin(packages.area, chosen)
            given &= status == PLACED  # a package that an earlier row hands back is gone
            status[given] = HANDED_BACK
            share = row["staff_transfer_share"]
            transfer[given] = 0 if np.isnan(share) else thousandths(share)
            closed[provider, chosen] = True
        notes.append(_hand_back_words(row, packages, given))
        gone[provider] |= kind == "leaves" and not row["area_id"]
    given_back = (status == HANDED_BACK) & (packages.status == PLACED)
    packages = replace(packages, status=status, transfer=transfer)
    # Who hands work back has not the staff for it: none of that capacity is left for other work.
    # Where a contract merely ends, only the staff that follows the work is lost.
    lost = np.where(given_back, packages.minutes, packages.minutes - packages.load)
    size = len(providers.ids)
    capacity = providers.capacity - by_provider(packages.provider, lost, size)
    capacity = np.where(gone, 0, np.maximum(capacity, 0))
    lost_bands = np.where(given_back[:, None], packages.bands, packages.bands - packages.band_load)
    lost_in = [by_provider(packages.provider, lost, size) for lost in lost_bands.T]
    bands = providers.bands - np.column_stack(lost_in)
    bands = np.where(providers.bands >= 0, np.maximum(bands, 0), NO_BAND)
    providers = replace(
        providers,
        capacity=capacity,
        bands=np.where(gone[:, None] & (bands >= 0), 0, bands),
        growth=np.where(gone, 0, providers.growth),
        suspended=providers.suspended | gone,
    )
    opened = replace(areas, leads=tuple(tuple(lead) for lead in leads), ended=ended)
    return packages, providers, opened, closed, tuple(notes)


def _hand_back_words(row: dict[Any, Any], packages: Packages, given: Bools) -> str:
    """Say one hand-back in words."""
    where = f" in {row['area_id']}" if row["area_id"] else ""
    hours = with_unit(as_hours(packages.minutes[given].sum()), "hours a week")
    work = f"{with_unit(f'{given.sum():,}', 'packages')}{where}, {hours}"
    what = {
        "lead role": f"gives up the lead role{where}",
        "packages": f"hands back {work}",
        "leaves": f"leaves, with {work}",
    }[str(row["kind"])]
    share, weeks = row["staff_transfer_share"], row["notice_weeks"]
    follow = "" if np.isnan(share) or not share else f"; {share:.0%} of the staff follow"
    notice = "" if np.isnan(weeks) else f"; notice {with_unit(f'{weeks:.0f}', 'weeks')}"
    last = f"; last day {row['last_day']:%d/%m/%Y}" if row["last_day"] else ""
    return f"{row['provider_id']} {what}{follow}{notice}{last}."
