"""The case as it stands once a plan has been carried out: where the next question begins."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from allocate.files.canonical import cell
from allocate.homecare.instance import Instance
from allocate.homecare.labels import BANDS, PLACED
from allocate.homecare.packages import by_provider
from allocate.homecare.solution import Solution, spare
from allocate.tables import Tables
from allocate.units import Ints


def settled(tables: Tables, instance: Instance, solution: Solution) -> Tables:
    """Return the case in which a plan is what is.

    People are placed with whom the plan gives them, those left waiting wait; leads are those of the
    plan, and who is newly one has its growth as capacity. Whoever handed work back works there no
    more. Nobody has more or less room than the plan leaves.

    Parameters
    ----------
    tables, instance
        The case, the question's changes made, and its arrays.
    solution
        The plan.
    """
    typed = {name: frame.copy() for name, frame in tables.typed.items()}
    typed["packages"] = _packages(tables, instance, solution)
    typed["providers"] = _providers(tables, instance, solution)
    typed["areas"] = _areas(tables, instance, solution)
    typed["reach"] = _reach(instance)
    typed["pins"] = _pins(tables, instance)
    typed["handbacks"] = tables.typed["handbacks"].iloc[:0]
    if (instance.providers.bands >= 0).any():
        typed["provider_bands"] = _bands(instance, solution)
    return tables.replace(typed)


def appointed(instance: Instance, solution: Solution) -> Ints:
    """Providers that the plan makes lead of an area that they did not lead, each once."""
    pairs = zip(solution.leads, instance.areas.leads, strict=True)
    return np.array(sorted({k for now, then in pairs for k in now if k not in then}), dtype=int)


def spare_now(instance: Instance) -> Ints:
    """Carer-minutes a week that each provider has left as things are, nobody newly lead, (K,)."""
    packages = instance.packages
    now = np.where(packages.status == PLACED, packages.provider, -1)
    return spare(instance, Solution(now, instance.areas.leads))


def _packages(tables: Tables, instance: Instance, solution: Solution) -> pd.DataFrame:
    frame = _typed(tables, "packages")
    ids = instance.providers.ids
    frame["provider_id"] = [ids[k] if k >= 0 else "" for k in solution.provider.tolist()]
    frame["status"] = ["placed" if k >= 0 else "waiting" for k in solution.provider.tolist()]
    return frame


def _providers(tables: Tables, instance: Instance, solution: Solution) -> pd.DataFrame:
    """Room as the plan leaves it, over all the hours of the people it gives."""
    frame = _typed(tables, "providers")
    providers = instance.providers
    held = by_provider(solution.provider, instance.packages.minutes, len(providers.ids))
    growth = providers.stated_growth.copy()
    growth[appointed(instance, solution)] = 0
    frame["capacity_hours"] = _hours(np.maximum(held + spare(instance, solution), 0))
    frame["growth_hours"] = _hours(growth)
    frame["suspended"] = [cell(bool(one)) for one in providers.suspended]
    frame["can_lead"] = [cell(bool(one)) for one in providers.can_lead]
    return frame


def _areas(tables: Tables, instance: Instance, solution: Solution) -> pd.DataFrame:
    frame, areas = _typed(tables, "areas"), instance.areas
    if frame.empty:
        frame = pd.DataFrame({"area_id": areas.ids}, index=_index(len(areas.ids)))
    ids = instance.providers.ids
    frame["lead_id"] = [";".join(ids[k] for k in leads) for leads in solution.leads]
    return frame


def _reach(instance: Instance) -> pd.DataFrame:
    """Pairs that each provider still works in: where it handed work back it takes no new one."""
    here = instance.reach & ~instance.closed[:, instance.area_of_place]
    provider, place = np.nonzero(here)
    ids, places = instance.providers.ids, instance.places
    rows = {
        "provider_id": [ids[k] for k in provider],
        "place_id": [places[p] for p in place],
        "travel_minutes_per_visit": [str(t) for t in instance.travel[provider, place]],
    }
    return pd.DataFrame(rows, index=_index(len(provider)))


def _pins(tables: Tables, instance: Instance) -> pd.DataFrame:
    """Whoever gave a lead role up is not asked again."""
    frame = _typed(tables, "pins")
    pinned = set(zip(frame["table"], frame["id"], frame["other_id"], strict=True))
    rows = []
    for area, provider in zip(*np.nonzero(instance.areas.ended), strict=True):
        key = "area-lead", instance.areas.ids[area], instance.providers.ids[provider]
        if key not in pinned:
            row = dict(zip(("table", "id", "other_id"), key, strict=True))
            rows.append(row | {"must_or_never": "never", "reason": "gave the role up"})
    added = pd.DataFrame(rows, index=_index(len(rows)), columns=frame.columns)
    return pd.concat([frame, added]).fillna("").astype("object")


def _bands(instance: Instance, solution: Solution) -> pd.DataFrame:
    """Room by time of day as the plan leaves it; empty where there is no limit."""
    providers, packages = instance.providers, instance.packages
    size = len(providers.ids)
    frame = pd.DataFrame({"provider_id": providers.ids}, index=_index(size))
    for b, band in enumerate(BANDS):
        limit = providers.bands[:, b].copy()
        new = appointed(instance, solution)
        limit[new] += providers.band_growth[new, b]
        moved = packages.bands[:, b] - packages.band_load[:, b]
        limit += by_provider(solution.provider, moved, size)
        hours = _hours(np.maximum(limit, 0))
        stated = providers.bands[:, b] >= 0
        frame[f"{band}_hours"] = [h if s else "" for h, s in zip(hours, stated, strict=True)]
    return frame


def _typed(tables: Tables, table: str) -> pd.DataFrame:
    """Return the cells of a table as typed, with every column of the card."""
    names = list(tables.card.tables[table].names)
    return tables.typed[table].reindex(columns=names, fill_value="").astype("object")


def _index(size: int) -> list[str]:
    return [f"(as planned, row {n})" for n in range(1, size + 1)]


def _hours(minutes: Any) -> Sequence[str]:
    """Write minutes as hours that are read again as the same minutes."""
    return [f"{m / 60:.9f}" for m in minutes.tolist()]
