"""Prices from the linear relaxation of a program: what an engine would hand to the proof."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linprog

from allocate.core.program import FREE, Flat, Program
from allocate.homecare.formulation import Draft
from allocate.homecare.lead_choice import lead_choice
from allocate.homecare.row_prices import Prices

PRICED = (
    *("within_capacity", "within_bands", "share_limit", "lead_accepts_share", "active"),
    *("viable_round", "within_budget", "moves_limit"),
)


@dataclass(frozen=True)
class Relaxed:
    """The value of a relaxation, in units of the level, and the prices of its rows.

    ``packing`` has those of equations: with all possible leads named.
    """

    value: float
    prices: Prices
    packing: Prices


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
    price[same] = found.eqlin.marginals
    whole = np.array([int(each) for each in np.rint(price * scale)], dtype=object)
    rows = _by_label(draft, program, np.maximum(whole, 0))
    packing = Prices(scale, _of_equations(draft, program, flat, whole))
    return Relaxed(found.fun, Prices(scale, rows), packing)


def _by_label(draft: Draft, program: Program, whole: np.ndarray) -> dict[str, dict]:
    """Name prices by rule and labels, as the proof knows them."""
    rows: dict[str, dict[tuple[str, ...], int]] = {}
    start, seen = 0, Counter()
    for family in program.families:
        prices = list(whole[start : start + family.size])
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
            labels = _leads(draft)
            prices = [of_area[area,] for area, _ in labels]
        elif name not in PRICED:
            continue
        rows.setdefault(name, {}).update(zip(labels, prices, strict=True))
    return rows


def _of_equations(draft: Draft, program: Program, flat: Flat, whole: np.ndarray) -> dict[str, dict]:
    """Prices of being placed and of leading; a lead is charged the area's target, and earns it."""
    placed: dict[tuple[str, ...], int] = {}
    lead = dict.fromkeys(_leads(draft, in_some_plan=True), 0)
    start = 0
    for family in program.families:
        here = slice(start, start + family.size)
        start = here.stop
        prices = dict(zip(family.labels(), whole[here], strict=True))
        if family.name == "placed_once":
            placed = prices
        elif family.name in ("leads_per_area", "lead_accepts_share"):
            steps = 1 if family.name == "leads_per_area" else flat.low[here].astype(object)
            earned = dict(zip(prices, whole[here] * steps, strict=True))
            lead = {at: price + earned.get(at[:1], 0) for at, price in lead.items()}
    return {"placed_once": placed, "leads_per_area": lead}


def _leads(draft: Draft, *, in_some_plan: bool = False) -> list[tuple[str, str]]:
    """Area and provider of each possible lead; the program has some more than a pin leaves."""
    areas, providers = draft.instance.areas.ids, draft.instance.providers.ids
    possible = lead_choice(draft.instance).possible
    return [
        (areas[a], providers[k])
        for a, k in zip(draft.lead_area, draft.lead_provider, strict=True)
        if possible[a, k] or not in_some_plan
    ]
