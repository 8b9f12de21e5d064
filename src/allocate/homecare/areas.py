"""Areas: who leads them, who might, what money they have, and whether they hang together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import networkx as nx
import numpy as np
from numpy.typing import NDArray

from allocate.errors import BadInput, Fault
from allocate.units import Ints, ceil_div, minutes, pence

if TYPE_CHECKING:
    from allocate.homecare.assume import Assumptions
    from allocate.study.scenario import Setting
    from allocate.tables import Tables

NO_LIMIT = -1


@dataclass(frozen=True)
class Areas:
    """Areas, A of them.

    Parameters
    ----------
    ids, names
        Labels.
    leads
        Providers that lead already and stay, by rank, one tuple an area.
    ended
        Providers that gave the lead role of an area up, (A, K).
    budget
        Pence for new work, ``NO_LIMIT`` where there is none, (A,).
    weeks
        Weeks it has to last, (A,).
    flow
        Minute-weeks of expected starts less ends within those weeks, (A,).
    flow_rate
        Pence an hour of that flow, (A,).
    warnings
        What is odd: an area that is not connected.
    """

    ids: tuple[str, ...]
    names: tuple[str, ...]
    leads: tuple[tuple[int, ...], ...]
    ended: NDArray[np.bool_]
    budget: Ints
    weeks: Ints
    flow: Ints
    flow_rate: Ints
    warnings: tuple[str, ...] = ()


def build_areas(
    tables: Tables, providers: tuple[str, ...], setting: Setting, assume: Assumptions
) -> Areas:
    """Build the areas; without an areas table they are those that places name."""
    from allocate.homecare.instance import area_ids

    ids = area_ids(tables)
    frame = tables["areas"]
    none = np.full(len(ids), NO_LIMIT, dtype=np.int64)
    names, budget, weeks = ids, none, none
    leads: tuple[tuple[int, ...], ...] = ((),) * len(ids)
    if not tables.has("areas"):
        assume.note("areas", "lead_id", len(ids), "every lead is to be chosen, no budget binds")
    else:
        names = tuple(frame["name"].where(frame["name"] != "", frame["area_id"]))
        leads = tuple(tuple(providers.index(lead) for lead in cell) for cell in frame["lead_id"])
        pounds = frame["new_work_budget_pounds"].to_numpy(dtype=float)
        stated = frame["budget_weeks"].to_numpy(dtype=float)
        limited = ~np.isnan(pounds) & ~np.isnan(stated)
        budget = np.where(limited, pence(np.nan_to_num(pounds)), NO_LIMIT)
        weeks = np.where(limited, np.nan_to_num(stated), NO_LIMIT).astype(np.int64)
        _check_leads(tables, leads, setting)
    return Areas(
        ids=ids,
        names=names,
        leads=leads,
        ended=np.zeros((len(ids), len(providers)), dtype=bool),
        budget=budget,
        weeks=weeks,
        flow=_flow(tables, ids, weeks),
        flow_rate=np.full(len(ids), _flow_rate(tables), dtype=np.int64),
        warnings=disconnected(tables, names, ids),
    )


def _check_leads(tables: Tables, leads: tuple[tuple[int, ...], ...], setting: Setting) -> None:
    most = int(setting.options["maximum"])
    if setting.mode != "hard":
        return
    faults = [
        Fault(
            f"areas.csv {line}",
            f'lead_id = "{";".join(tables["areas"].loc[line, "lead_id"])}"',
            f"names {len(lead)} leads where leads_per_area allows {most}",
            "Remove one, or raise maximum of leads_per_area",
        )
        for line, lead in zip(tables["areas"].index, leads, strict=True)
        if len(lead) > most
    ]
    if faults:
        raise BadInput(str(tables.folder), faults)


def _flow(tables: Tables, ids: tuple[str, ...], weeks: Ints) -> Ints:
    """Minute-weeks within the budget: hours that start in week w are paid from w to the end."""
    total = np.zeros(len(ids), dtype=np.int64)
    for table, sign in (("starts", 1), ("ends", -1)):
        frame = tables[table]
        area = np.array([ids.index(area_id) for area_id in frame["area_id"]], dtype=np.int64)
        paid = np.maximum(weeks[area] - frame["week"].to_numpy(dtype=float) + 1, 0)
        np.add.at(total, area, sign * minutes(frame["hours"]) * paid.astype(np.int64))
    return total


def _flow_rate(tables: Tables) -> int:
    """Rate of expected new work: the general one, or the mean of all rows."""
    frame = tables["rates"]
    general = frame[(frame["provider_id"] == "") & (frame["place_id"] == "")]
    rows = general if len(general) else frame
    return int(np.rint(rows["rate_pounds_per_hour"].mean() * 100)) if len(rows) else 0


def flow_pence(areas: Areas, paid_share: int) -> Ints:
    """Pence that expected starts less ends draw from each budget, rounded up, (A,)."""
    return np.asarray(ceil_div(areas.flow * areas.flow_rate * paid_share, 60 * 1000))


def disconnected(tables: Tables, names: tuple[str, ...], ids: tuple[str, ...]) -> tuple[str, ...]:
    """Warn of areas whose places do not hang together by borders and crossings."""
    if not tables.has("borders"):
        return ()
    graph: nx.Graph[str] = nx.Graph()
    graph.add_nodes_from(tables["place_areas"]["place_id"])
    for table in ("borders", "crossings"):
        graph.add_edges_from(tables[table][["place_a", "place_b"]].itertuples(index=False))
    warnings = []
    for area, name in zip(ids, names, strict=True):
        frame = tables["place_areas"]
        places = frame["place_id"][frame["area_id"] == area]
        parts: list[set[str]] = [
            set(part) for part in nx.connected_components(graph.subgraph(places))
        ]
        if len(parts) > 1:
            part = min(parts, key=len)
            smallest = ", ".join(sorted(part))
            text = f"{name} is not connected: {len(parts)} parts, one of them {smallest}"
            warnings.append(text)
    return tuple(warnings)
