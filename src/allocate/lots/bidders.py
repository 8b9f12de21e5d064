"""Who may bid, and where."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from allocate.assume import Assumptions
from allocate.errors import Fault
from allocate.labels import RATINGS, Bools, positions
from allocate.lots.cells import Cells, strangers
from allocate.tables import Tables
from allocate.units import THOUSAND, Ints, minutes, pence, thousandths

NO_LIMIT = -1


@dataclass(frozen=True)
class Bidders:
    """Bidders, (K,).

    Parameters
    ----------
    ids, names
        Labels.
    owner, owners
        Position of the owner, and the owners.
    sme
        Small and medium firms.
    rating
        Position in ``RATINGS``.
    turnover, capacity, surge, most
        Pence a year, minutes a week, minutes a week for a while, lots; ``NO_LIMIT`` where there
        is none.
    reach
        Which cells each could serve, (K, C).
    incumbent
        Where each works now, (K, C).
    """

    ids: tuple[str, ...]
    names: tuple[str, ...]
    owner: Ints
    owners: tuple[str, ...]
    sme: Bools
    rating: Ints
    turnover: Ints
    capacity: Ints
    surge: Ints
    most: Ints
    reach: Bools
    incumbent: Bools


def build_bidders(
    tables: Tables, cells: Cells, parameters: Mapping[str, Any], assume: Assumptions
) -> tuple[Bidders, list[Fault]]:
    """Build the bidders; without any the providers that may lead.

    Without ``bidder_reach``, or ``reach`` for providers, each could serve every cell.
    """
    faults: list[Fault] = []
    where, at = tables["bidder_reach"], "bidder_id"
    frame = tables["bidders"]
    if frame.empty and cells.table == "places":
        frame, where, at = _providers(tables, parameters, assume), tables["reach"], "provider_id"
        where = where[where["provider_id"].isin(frame["bidder_id"])]
        where = where.rename(columns={"place_id": "cell_id"})
    else:
        assume.blank("bidders", "owner_id", tuple(frame["bidder_id"]), "the bidder itself")
        faults = strangers("bidder_reach", where, cells)
    ids = tuple(frame["bidder_id"])
    owner = frame["owner_id"].where(frame["owner_id"] != "", frame["bidder_id"])
    owners = tuple(sorted(owner.unique()))
    unrated = str(parameters["not_yet_rated_as"])
    rating = frame["cqc_rating"].replace({"": unrated, "not yet rated": unrated})
    reach = np.zeros((len(ids), len(cells.ids)), dtype=bool)
    if where.empty:
        reach[:] = True
        assume.note("bidder_reach", "cell_id", ids, "every cell", "could serve every cell")
    elif not faults:
        reach[positions(where[at], ids), positions(where["cell_id"], cells.ids)] = True
    incumbent = np.zeros_like(reach)
    for k, here in enumerate(frame["incumbent_cells"]):
        incumbent[k, [at for at in positions(list(here), cells.ids) if at >= 0]] = True
    capacity = _limit(minutes(frame["capacity_hours"].fillna(-1)))
    share = thousandths(parameters["surge_share"])
    return Bidders(
        ids=ids,
        names=tuple(frame["name"].where(frame["name"] != "", frame["bidder_id"])),
        owner=positions(owner, owners),
        owners=owners,
        sme=frame["sme"].eq(True).to_numpy(dtype=bool),
        rating=positions(rating, RATINGS),
        turnover=_limit(pence(frame["turnover_pounds"].fillna(-1))),
        capacity=capacity,
        surge=np.where(capacity < 0, NO_LIMIT, capacity * share // THOUSAND),
        most=frame["max_lots"].fillna(NO_LIMIT).to_numpy(dtype=np.int64),
        reach=reach,
        incumbent=incumbent,
    ), faults


def small_firms(tables: Tables, parameters: Mapping[str, Any]) -> Bools:
    """Which providers are small firms: as stated, otherwise by their capacity, (rows,)."""
    frame = tables["providers"]
    by_size = frame["capacity_hours"] < float(parameters["small_firm_hours"])
    small: Bools = np.where(frame["sme"].isna(), by_size, frame["sme"].eq(True)).astype(bool)
    return small


def _providers(tables: Tables, parameters: Mapping[str, Any], assume: Assumptions) -> pd.DataFrame:
    """Write providers that may lead as bidders; where they work now are their packages."""
    frame = tables["providers"].assign(sme=small_firms(tables, parameters))
    frame = frame[frame["can_lead"].eq(True) & ~frame["suspended"].eq(True)]
    packages = tables["packages"]
    works: dict[str, set[str]] = {}
    for provider, place in zip(packages["provider_id"], packages["place_id"], strict=True):
        works.setdefault(provider, set()).add(place)
    ids = tuple(frame["provider_id"])
    assume.note("bidders", "bidder_id", ids, ids, "providers that may lead are the bidders")
    return frame.rename(columns={"provider_id": "bidder_id"}).assign(
        turnover_pounds=np.nan,
        max_lots=np.nan,
        incumbent_cells=pd.Series(
            [tuple(sorted(works.get(provider, ()))) for provider in ids], frame.index, dtype=object
        ),
    )


def _limit(steps: Ints) -> Ints:
    return np.where(steps < 0, NO_LIMIT, steps)
