"""A made service list: six authorities, six client groups, ten services and 200 who may bid.

Shaped as the flexible purchasing system of the Liverpool City Region (£7m a week), with nothing
real in it but the number of each: values are products of a size for each authority, group and
service, times noise. A large firm reaches most of the region, a small one an authority or two, a
few groups and a few services; one owner in ten has two bidders.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from itertools import product
from pathlib import Path

import numpy as np

NAMES = {"services": (6, 6, 10, 200)}  # authorities, groups, services, bidders
YEAR = 7_000_000 * 365 / 7  # pounds
KINDS = (0.1, 0.3, 0.6)  # share of bidders that are large, middling and small
BREADTH = ((0.9, 0.8, 0.8), (0.5, 0.5, 0.5), (0.25, 0.35, 0.3))  # of each axis, that each reaches
TWINS = 0.1  # share of bidders that belong to the owner before them
SCENARIO = """\
question = "How is the service list cut so that small firms can bid, and few lots are let?"
case = "{case}"
model = "lots"

[objective]
priced = {{ administration = 1, shortfalls = 1 }}

[rules.value_limits]
mode = "soft"
least = 1_000_000
most = 20_000_000

[rules.enough_bidders]
mode = "soft"
value = 5
"""


def write_services(name: str, seed: int, folder: Path) -> Path:
    """Write a case and its question.

    Parameters
    ----------
    name
        One of ``NAMES``.
    seed
        Of everything random.
    folder
        Where to.

    Returns
    -------
    Path
        The scenario.
    """
    rng = np.random.default_rng(seed)
    *shape, bidders = NAMES[name]
    labels = [
        [f"{letter}{at:02d}" for at in range(size)]
        for letter, size in zip("AGS", shape, strict=True)
    ]
    cells = list(product(*(range(size) for size in shape)))
    sizes = [rng.lognormal(0.0, 0.5, size) for size in shape]
    value = sizes[0][:, None, None] * sizes[1][:, None] * sizes[2] * rng.lognormal(0, 0.7, shape)
    value *= YEAR / value.sum()
    names = ["".join(axis[at] for axis, at in zip(labels, cell, strict=True)) for cell in cells]
    case = folder / f"{name}-case"
    case.mkdir(parents=True, exist_ok=True)
    kept = [
        (
            cell,
            *(axis[at] for axis, at in zip(labels, place, strict=True)),
            round(float(value[place]), 2),
        )
        for cell, place in zip(names, cells, strict=True)
    ]
    heads = ("cell_id", "authority_id", "client_group", "service", "value_pounds_per_year")
    _write(case / "cells.csv", heads, kept)
    kind = rng.choice(3, bidders, p=KINDS)
    twin = rng.random(bidders) < TWINS
    firms = [
        (f"B{at:03d}", f"O{at - (twin[at] and at > 0):03d}", "no" if kind[at] == 0 else "yes")
        for at in range(bidders)
    ]
    _write(case / "bidders.csv", ("bidder_id", "owner_id", "sme"), firms)
    reached = []
    for at in range(bidders):
        open_ = [_some(size, BREADTH[kind[at]][axis], rng) for axis, size in enumerate(shape)]
        reached += [
            (f"B{at:03d}", names[number])
            for number, place in enumerate(cells)
            if all(of[label] for of, label in zip(open_, place, strict=True))
        ]
    _write(case / "bidder_reach.csv", ("bidder_id", "cell_id"), reached)
    path = folder / f"{name}.toml"
    path.write_text(SCENARIO.format(case=case.name), encoding="utf-8", newline="\n")
    return path


def _some(size: int, share: float, rng: np.random.Generator) -> list[bool]:
    """Which labels of an axis a bidder reaches: one at least."""
    open_ = rng.random(size) < share
    open_[rng.integers(size)] = True
    return [bool(each) for each in open_]


def _write(path: Path, head: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([head, *rows])
