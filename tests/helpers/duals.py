"""Prices from the linear relaxation of a program: what an engine would hand to the proof."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linprog

from allocate.core.program import FREE, Program
from allocate.homecare.formulation import Draft
from allocate.homecare.row_prices import Prices

PRICED = (
    *("within_capacity", "within_bands", "share_limit", "lead_accepts_share", "active"),
    *("viable_round", "within_budget", "moves_limit"),
)


@dataclass(frozen=True)
class Relaxed:
    """The value of a relaxation, in units of the level, and the prices of its rows."""

    value: float
    prices: Prices


def relaxed(draft: Draft, scale: int = 10**12) -> Relaxed | None:
    """Solve the relaxation of the first level; None where it has no plan."""
    program = draft.program
    level, flat = program.levels[0], program.flat()
    per = float(level.per)
    up, down, same = (flat.high < FREE), (flat.low > -FREE), flat.low == flat.high
    up, down = np.flatnonzero(up & ~same), np.flatnonzero(down & ~same)
    same = np.flatnonzero(same)
    matrix = flat.matrix.toarray().astype(float)
    found = linprog(
        level.coef / per,
        A_ub=np.vstack([matrix[up], -matrix[down]]),
        b_ub=np.concatenate([flat.high[up], -flat.low[down]]),
        A_eq=matrix[same],
        b_eq=flat.high[same],
        bounds=np.column_stack([flat.lower, flat.upper]),
        method="highs",
    )
    if found.status == 2:
        return None
    assert found.status == 0, found.message
    price = np.zeros(len(flat.low))
    price[up] = -found.ineqlin.marginals[: len(up)]
    price[down] = np.maximum(price[down], -found.ineqlin.marginals[len(up) :])
    whole = np.rint(np.maximum(price, 0) * scale).astype(object)
    return Relaxed(found.fun, Prices(scale, _by_label(draft, program, whole)))


def _by_label(draft: Draft, program: Program, whole: np.ndarray) -> dict[str, dict]:
    """Name prices by rule and labels, as the proof knows them."""
    rows: dict[str, dict[tuple[str, ...], int]] = {}
    start, seen = 0, Counter()
    for family in program.families:
        prices = [int(price) for price in whole[start : start + family.size]]
        start += family.size
        name, number = family.name, seen[family.name]
        seen[name] += 1
        labels = family.labels()
        if name == "appointed":
            name = ("appointed_only_as_lead", "lead_is_appointed")[number]
        elif name == "moves_limit":
            labels = [()]
        elif name == "lead_accepts_share":
            of_area = dict(zip(labels, prices, strict=True))
            areas, providers = draft.instance.areas.ids, draft.instance.providers.ids
            labels = [
                (areas[a], providers[k])
                for a, k in zip(draft.lead_area, draft.lead_provider, strict=True)
            ]
            prices = [of_area[area,] for area, _ in labels]
        elif name not in PRICED:
            continue
        rows.setdefault(name, {}).update(zip(labels, prices, strict=True))
    return rows
