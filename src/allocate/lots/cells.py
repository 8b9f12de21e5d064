"""What lots are made of: places with their people and hours, or cells of a service list."""

from __future__ import annotations

from dataclasses import dataclass, replace

import networkx as nx
import numpy as np
import pandas as pd

from allocate.assume import Assumptions
from allocate.errors import Fault, nearest
from allocate.labels import positions
from allocate.study.scenario import Setting
from allocate.tables import Tables
from allocate.units import Ints, minutes, pence, yearly_cash

NOWHERE = -1
MEASURES = {"people": "residents", "hours": "minutes", "value": "value"}
PER = {"people": 1, "hours": 60, "value": 100}


@dataclass(frozen=True)
class Cells:
    """Places, or cells of a service list, (C,).

    Parameters
    ----------
    ids, names
        Labels.
    table
        ``places`` or ``cells``.
    east, north
        Centres in metres, (C,); empty where they are not known.
    residents, clients, minutes, value
        People aged 75 and over; packages, or residents where there are none; carer-minutes a week;
        pence a year.
    authority, group, service
        Labels of each cell.
    area, areas
        Position of the area it is in now, ``NOWHERE`` where there is none, and the areas.
    edges
        Pairs of cells that touch or are joined by a crossing, (E, 2).
    together
        Groups of cells that stay in one lot.
    """

    ids: tuple[str, ...]
    names: tuple[str, ...]
    table: str
    east: Ints
    north: Ints
    residents: Ints
    clients: Ints
    minutes: Ints
    value: Ints
    authority: tuple[str, ...]
    group: tuple[str, ...]
    service: tuple[str, ...]
    area: Ints
    areas: tuple[str, ...]
    edges: Ints
    together: tuple[tuple[int, ...], ...]

    def size(self, setting: Setting) -> Ints:
        """What the rule ``balanced`` counts, in whole steps, (C,)."""
        found: Ints = getattr(self, MEASURES[str(setting.options["by"])])
        return found

    @property
    def graph(self) -> nx.Graph[int]:
        """Which cells touch."""
        graph: nx.Graph[int] = nx.Graph()
        graph.add_nodes_from(range(len(self.ids)))
        graph.add_edges_from(self.edges.tolist())
        return graph

    @property
    def metres(self) -> Ints:
        """Straight lines between centres, rounded to whole metres, (C, C)."""
        if not len(self.east):
            return np.zeros((len(self.ids), len(self.ids)), dtype=np.int64)
        apart = np.hypot(
            self.east[:, None] - self.east[None, :], self.north[:, None] - self.north[None, :]
        )
        return np.rint(apart).astype(np.int64)


def build_cells(
    tables: Tables, rate: int, paid: int, by: str, assume: Assumptions
) -> tuple[Cells | None, list[Fault]]:
    """Build the cells, of ``cells.csv`` where there is one, otherwise the places.

    Parameters
    ----------
    tables
        The case.
    rate, paid
        Pence a carer-hour and thousandths of planned hours that are paid, for the value of a place.
    by
        What balance is counted in.
    assume
        Collects what is derived.

    Returns
    -------
    tuple
        The cells, None where there are none; and the faults.
    """
    faults: list[Fault] = []
    if tables.has("cells"):
        cells = _services(tables["cells"])
    elif tables.has("places"):
        cells = _places(tables, rate, paid, assume)
        edges, faults = _edges(tables, cells.ids)
        cells = replace(cells, edges=edges)
        faults += _unknown_size(tables, by)
    else:
        problem = "there is nothing to make lots of"
        return None, [Fault("places.csv", "", problem, "Give places.csv, or cells.csv of services")]
    together, wrong = _together(tables, cells)
    return replace(cells, together=together), [*faults, *wrong]


def _services(frame: pd.DataFrame) -> Cells:
    ids = tuple(frame["cell_id"])
    words = frame[["authority_id", "client_group", "service"]].agg(", ".join, axis=1)
    none = np.zeros(len(ids), dtype=np.int64)
    return Cells(
        ids=ids,
        names=tuple(frame["name"].where(frame["name"] != "", words)),
        table="cells",
        east=none[:0],
        north=none[:0],
        residents=none,
        clients=none,
        minutes=none,
        value=pence(frame["value_pounds_per_year"]),
        authority=tuple(frame["authority_id"]),
        group=tuple(frame["client_group"]),
        service=tuple(frame["service"]),
        area=none + NOWHERE,
        areas=(),
        edges=none[:0].reshape(0, 2),
        together=(),
    )


def _places(tables: Tables, rate: int, paid: int, assume: Assumptions) -> Cells:
    frame = tables["places"]
    ids = tuple(frame["place_id"])
    residents = frame["population_75_plus"].fillna(0).to_numpy(dtype=np.int64)
    packages = tables["packages"]
    at = positions(packages["place_id"], ids)
    carers = packages["carers"].fillna(1).to_numpy(dtype=np.int64)
    planned = minutes(packages["hours_per_week"]) * carers
    work, clients = np.zeros_like(residents), np.zeros_like(residents)
    np.add.at(work, at[at >= 0], planned[at >= 0])
    np.add.at(clients, at[at >= 0], 1)
    if len(packages):
        text = f"hours of packages at {rate / 100:.2f} pounds an hour"
        assume.note("places", "place_id", ids, list(ids), f"value of a place: {text}", unit="")
    now = dict(
        zip(tables["place_areas"]["place_id"], tables["place_areas"]["area_id"], strict=True)
    )
    areas = tuple(sorted(set(now.values())))
    located = not frame[["easting_m", "northing_m"]].isna().to_numpy().any()
    return Cells(
        ids=ids,
        names=tuple(frame["name"].where(frame["name"] != "", frame["place_id"])),
        table="places",
        east=frame["easting_m"].to_numpy(dtype=np.int64) if located else work[:0],
        north=frame["northing_m"].to_numpy(dtype=np.int64) if located else work[:0],
        residents=residents,
        clients=clients if len(packages) else residents,
        minutes=work,
        value=yearly_cash(work, rate, paid),
        authority=tuple(frame["authority_id"]),
        group=("",) * len(ids),
        service=("",) * len(ids),
        area=positions([now.get(place, "") for place in ids], areas),
        areas=areas,
        edges=np.zeros((0, 2), dtype=np.int64),
        together=(),
    )


def _edges(tables: Tables, ids: tuple[str, ...]) -> tuple[Ints, list[Fault]]:
    """Pairs that touch or are joined, each once; and places that nothing joins to any other."""
    ends = [tables[name][["place_a", "place_b"]] for name in ("borders", "crossings")]
    pairs = pd.concat(ends)
    edges = np.stack([positions(pairs["place_a"], ids), positions(pairs["place_b"], ids)], axis=1)
    edges = np.unique(np.sort(edges, axis=1), axis=0)
    edges = edges[(edges[:, 0] != edges[:, 1]) & (edges[:, 0] >= 0)]
    if not tables.has("borders") and len(ids) > 1:
        problem = "is missing, so nobody knows which places touch"
        remedy = "Add a row for each two places that share a border"
        return edges, [Fault("borders.csv", "", problem, remedy)]
    lonely = [place for i, place in enumerate(ids) if not (edges == i).any()]
    faults = [
        Fault(
            f"places.csv {tables['places'].index[ids.index(place)]}",
            f'place_id = "{place}"',
            "touches no other place and no crossing joins it to one",
            "Add its borders, or a bridge or tunnel to crossings.csv",
        )
        for place in lonely
        if len(ids) > 1
    ]
    return edges, faults


def _unknown_size(tables: Tables, by: str) -> list[Fault]:
    """Places without the figure that balance is counted in."""
    frame = tables["places"]
    if by == "people":
        return [
            Fault(
                f"places.csv {line}",
                'population_75_plus = ""',
                "is needed, because lots are balanced by people",
                "Fill the cell, or balance by hours",
            )
            for line in frame.index[frame["population_75_plus"].isna()]
        ]
    if tables.has("packages"):
        return []
    problem = f"is needed, because lots are balanced by {by}"
    return [Fault("packages.csv", "", problem, "Add it, or balance by people")]


def _together(tables: Tables, cells: Cells) -> tuple[tuple[tuple[int, ...], ...], list[Fault]]:
    """Groups of cells that stay in one lot, and ids of none."""
    frame = tables["together"]
    at = positions(frame["cell_id"], cells.ids)
    groups: dict[str, list[int]] = {}
    for cell, group in zip(at.tolist(), frame["group_id"], strict=True):
        groups.setdefault(group, []).append(cell)
    faults = strangers("together", frame, cells)
    # Lots that are drawn have no names before: cells pinned to one label are pinned together.
    for line, pin in tables["pins"].iterrows():
        if pin["table"] != "cell-lot" or tables.has("lots"):
            continue
        if pin["must_or_never"] == "must" and pin["id"] in cells.ids:
            groups.setdefault(f"pin {pin['other_id']}", []).append(cells.ids.index(pin["id"]))
            continue
        problem = "lots that are drawn have no names before, so a cell can only be kept with others"
        cell, remedy = f'id = "{pin["id"]}"', "Pin cells to one label with must, or give lots.csv"
        faults.append(Fault(f"pins.csv {line}", cell, problem, remedy))
    return tuple(tuple(group) for group in groups.values()), faults


def strangers(table: str, frame: pd.DataFrame, cells: Cells) -> list[Fault]:
    """Find ids of cells that the case does not have."""
    return [
        Fault(
            f"{table}.csv {line}",
            f'cell_id = "{cell}"',
            f"no such id in {cells.table}.csv{nearest(cell, cells.ids)}",
            f"Add it to {cells.table}.csv or correct the id",
        )
        for line, cell in frame["cell_id"].items()
        if cell not in cells.ids
    ]
