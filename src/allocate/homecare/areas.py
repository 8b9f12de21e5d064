"""Areas: who leads them, who might, what money they have, and whether they hang together."""

from __future__ import annotations

from dataclasses import dataclass

import networkx as nx
import numpy as np
from numpy.typing import NDArray

from allocate.assume import Assumptions
from allocate.errors import Fault
from allocate.homecare.labels import area_ids
from allocate.study.scenario import Setting
from allocate.tables import Tables
from allocate.units import Ints, minutes, pence

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
    warnings: tuple[str, ...] = ()


def build_areas(
    tables: Tables, providers: tuple[str, ...], setting: Setting, assume: Assumptions
) -> tuple[Areas, list[Fault]]:
    """Build the areas, and find those with too many leads.

    Without an areas table they are those that place_areas names.
    """
    ids = area_ids(tables)
    frame = tables["areas"]
    none = np.full(len(ids), NO_LIMIT, dtype=np.int64)
    names, budget, weeks = ids, none, none
    leads: tuple[tuple[int, ...], ...] = ((),) * len(ids)
    if not tables.has("areas"):
        text = "every lead is to be chosen, no budget binds"
        assume.note("areas", "lead_id", ids, "to be chosen", text)
    else:
        names = tuple(frame["name"].where(frame["name"] != "", frame["area_id"]))
        leads = tuple(tuple(providers.index(lead) for lead in cell) for cell in frame["lead_id"])
        pounds = frame["new_work_budget_pounds"].to_numpy(dtype=float)
        stated = frame["budget_weeks"].to_numpy(dtype=float)
        limited = ~np.isnan(pounds) & ~np.isnan(stated)
        budget = np.where(limited, pence(np.nan_to_num(pounds)), NO_LIMIT)
        weeks = np.where(limited, np.nan_to_num(stated), NO_LIMIT).astype(np.int64)
    areas = Areas(
        ids=ids,
        names=names,
        leads=leads,
        ended=np.zeros((len(ids), len(providers)), dtype=bool),
        budget=budget,
        weeks=weeks,
        flow=_flow(tables, ids, weeks),
        warnings=(*alike(ids), *disconnected(tables, names, ids)),
    )
    return areas, _lead_faults(tables, leads, setting)


def _lead_faults(
    tables: Tables, leads: tuple[tuple[int, ...], ...], setting: Setting
) -> list[Fault]:
    most = int(setting.options["maximum"])
    if setting.mode != "hard" or not tables.has("areas"):
        return []
    return [
        Fault(
            f"areas.csv {line}",
            f'lead_id = "{";".join(tables["areas"].loc[line, "lead_id"])}"',
            f"names {len(lead)} leads where leads_per_area allows {most}",
            "Remove one, or raise maximum of leads_per_area",
        )
        for line, lead in zip(tables["areas"].index, leads, strict=True)
        if len(lead) > most
    ]


def _flow(tables: Tables, ids: tuple[str, ...], weeks: Ints) -> Ints:
    """Minute-weeks within the budget: hours that start in week w are paid from w to the end."""
    total = np.zeros(len(ids), dtype=np.int64)
    for table, sign in (("starts", 1), ("ends", -1)):
        frame = tables[table]
        area = np.array([ids.index(area_id) for area_id in frame["area_id"]], dtype=np.int64)
        paid = np.maximum(weeks[area] - frame["week"].to_numpy(dtype=float) + 1, 0)
        np.add.at(total, area, sign * minutes(frame["hours"]) * paid.astype(np.int64))
    return total


def alike(ids: tuple[str, ...]) -> tuple[str, ...]:
    """Warn of areas whose ids differ in capitals alone."""
    first: dict[str, str] = {}
    return tuple(
        f'"{area}" and "{first[area.casefold()]}" differ in capitals alone, and are two areas'
        for area in ids
        if first.setdefault(area.casefold(), area) != area
    )


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
