"""Tiny questions of lots, and every plan of them by other means."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np

from allocate.lots.instance import Instance, build
from allocate.lots.review import review
from allocate.lots.solution import Solution
from allocate.study.scenario import Question
from allocate.study.scenario_file import question_of
from allocate.tables import read


def write(folder: Path, tables: Mapping[str, str]) -> Path:
    """Write the tables of a case."""
    folder.mkdir()
    for name, text in tables.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder


def places(folder: Path, seed: int) -> Path:
    """Seven places on a piece of a grid, with areas of now, and two that may have to stay one."""
    rng = np.random.default_rng(seed)
    graph = nx.grid_2d_graph(3, 3)
    graph.remove_nodes_from([list(graph)[i] for i in rng.choice(9, 2, replace=False)])
    part = sorted(max(nx.connected_components(graph), key=len))
    name = {cell: f"P{x}{y}" for cell in part for x, y in [cell]}
    ends = [(name[a], name[b]) for a, b in graph.subgraph(part).edges]
    rows = [f"{name[c]},{1000 * c[0]},{1000 * c[1]},{rng.integers(1, 9)}" for c in part]
    areas = [f"{name[c]},{'AB'[rng.integers(2)]}" for c in part]
    tables = {
        "places": "\n".join(["place_id,easting_m,northing_m,population_75_plus", *rows]),
        "borders": "\n".join(["place_a,place_b", *(f"{a},{b}" for a, b in ends)]),
        "place_areas": "\n".join(["place_id,area_id", *areas]),
    }
    asked = [f"K{k},{name[c]},{rng.integers(1, 99)}" for k in range(2) for c in part]
    tables["bidders"] = "bidder_id\nK0\nK1\n"
    tables["cell_prices"] = "\n".join(["bidder_id,cell_id,price_pounds_per_year", *asked[1:]])
    tables["scale"] = "bidder_id,value_from_pounds,percent\nK0,0,3.5\nK1,0,1\nK1,0.01,12.5\n"
    if rng.random() < 0.5:
        one, other = ends[rng.integers(len(ends))]
        tables["together"] = f"cell_id,group_id\n{one},G\n{other},G\n"
    return write(folder, tables)


def services(folder: Path, seed: int) -> Path:
    """A service list of two authorities, two groups and two services, some left out."""
    rng = np.random.default_rng(seed)
    names = [f"A{a}G{g}S{s}" for a in range(2) for g in range(2) for s in range(2)]
    kept = [name for name in names if rng.random() < 0.85] or names
    cells = [f"{n},{n[:2]},{n[2:4]},{n[4:]},{rng.integers(1, 9)}" for n in kept]
    first = f"B0,{kept[0]}"
    reach = {f"B{k},{n}" for k in range(4) for n in kept if rng.random() < 0.6} | {first}
    header = "cell_id,authority_id,client_group,service,value_pounds_per_year"
    return write(
        folder,
        {
            "cells": "\n".join([header, *cells]),
            "bidders": "\n".join(["bidder_id,owner_id", "B0,", "B1,", "B2,O", "B3,O"]),
            "bidder_reach": "\n".join(["bidder_id,cell_id", *sorted(reach)]),
        },
    )


def asked(case: Path, **written: Any) -> tuple[Question, Instance]:
    """A question of a case, and its arrays."""
    question = question_of("tiny", {"model": "lots", **written}, case)
    return question, build(read(case, "lots"), question)


def parted(cells: list[int]) -> Iterator[list[list[int]]]:
    """Every way to part cells into lots."""
    if not cells:
        yield []
        return
    first, *rest = cells
    for lots in parted(rest):
        yield [[first], *lots]
        for at, lot in enumerate(lots):
            yield [*lots[:at], [first, *lot], *lots[at + 1 :]]


def is_box(instance: Instance, lot: list[int]) -> bool:
    """Whether some cells are all there are of some authorities, groups and services."""
    of = instance.cells
    axes = [{x[i] for i in lot} for x in (of.authority, of.group, of.service)]
    inside = [
        i
        for i in range(len(of.ids))
        if of.authority[i] in axes[0] and of.group[i] in axes[1] and of.service[i] in axes[2]
    ]
    return sorted(lot) == inside


def may_be(instance: Instance, lot: list[int]) -> bool:
    """Whether a lot is a box of services, or places that hang together."""
    if instance.cells.table == "cells":
        return is_box(instance, lot)
    return nx.is_connected(instance.cells.graph.subgraph(lot))


def best(question: Question, instance: Instance) -> tuple[Fraction, ...] | None:
    """What the levels of the best plan come to, all plans looked at; None where there is none."""
    found = []
    for lots in parted(list(range(len(instance.cells.ids)))):
        if len(lots) not in instance.numbers or not all(may_be(instance, lot) for lot in lots):
            continue
        lot = np.zeros(len(instance.cells.ids), dtype=np.int64)
        for number, cells in enumerate(lots):
            lot[cells] = number
        judged = review(instance, Solution(lot), question.levels)
        if judged.passed:
            found.append(judged.levels)
    return min(found, default=None)
