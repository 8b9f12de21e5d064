"""Tiny auctions, and every award of them by trying all."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from fractions import Fraction
from itertools import combinations
from pathlib import Path

import numpy as np

from allocate.lots.instance import Instance
from allocate.lots.review import review
from allocate.lots.solution import Solution
from allocate.study.scenario import LevelWords
from helpers.tiny_lots import write

RATINGS = ("Outstanding", "Good", "Requires improvement", "Inadequate", "not yet rated", "")


def auction(folder: Path, seed: int, *, notice: str = "") -> Path:
    """Three or four lots of a place each, four bidders of three owners, some eight bids."""
    rng = np.random.default_rng(seed)
    lots = [f"L{j}" for j in range(int(rng.integers(3, 5)))]
    packages = [f"C{j},P{j},{rng.integers(1, 9)},waiting" for j in range(len(lots))]
    bidders, bids, bid_lots = [], [], []
    for k in range(4):
        owner = ("G1", "G1", "", "")[k]
        turnover = "" if rng.random() < 0.3 else str(rng.integers(3000, 30000))
        hours = "" if rng.random() < 0.3 else str(rng.integers(4, 20))
        most = "" if rng.random() < 0.6 else str(rng.integers(1, 3))
        small = ("Yes", "No", "")[rng.integers(3)]
        rating = RATINGS[rng.integers(len(RATINGS))]
        bidders.append(f"B{k},{owner},{small},{rating},{turnover},{hours},{most}")
    wanted = [[lot] for lot in lots]
    wanted += [list(rng.choice(lots, rng.integers(1, 4), replace=False)) for _ in range(6)]
    for number, some in enumerate(wanted):
        price = rng.integers(1, 6) * 1000 * len(some)
        group = "" if rng.random() < 0.7 else f"X{rng.integers(2)}"
        bids.append(f"b{number},B{rng.integers(4)},{price},{rng.integers(4, 10) * 10},{group}")
        bid_lots += [f"b{number},{lot}" for lot in some]
    places = [f"P{j}" for j in range(len(lots))]
    tables = {
        "places": "\n".join(["place_id,population_75_plus", *(f"{p},1" for p in places)]),
        "borders": "\n".join(
            ["place_a,place_b", *(f"P{j},P{j + 1}" for j in range(len(lots) - 1))]
        ),
        "lots": "\n".join(["lot_id,cell_id", *(f"L{j},P{j}" for j in range(len(lots)))]),
        "packages": "\n".join(["package_id,place_id,hours_per_week,status", *packages]),
        "bidders": "\n".join(
            [
                "bidder_id,owner_id,sme,cqc_rating,turnover_pounds,capacity_hours,max_lots",
                *bidders,
            ]
        ),
        "bids": "\n".join(
            ["bid_id,bidder_id,price_pounds_per_year,score,alternative_group", *bids]
        ),
        "bid_lots": "\n".join(["bid_id,lot_id", *bid_lots]),
    }
    if rng.random() < 0.5:
        tiers = ["B0,2,,10,", "B1,,3000,12.5,above", "B2,,2000.5,7,all", "B1,3,,20,all"]
        kept = [tier for tier in tiers if rng.random() < 0.7] or tiers[:1]
        head = "bidder_id,lots_from,value_from_pounds,percent,on"
        tables["discounts"] = "\n".join([head, *kept])
    if notice:
        tables["notice"] = "key,value\n" + notice
    return write(folder, tables)


def every_award(instance: Instance) -> Iterator[Solution]:
    """Every set of bids of which no two are for the same lot."""
    found = instance.auction
    assert found is not None
    assert instance.given is not None
    for size in range(len(instance.lots) + 1):
        for some in combinations(range(len(found.ids)), size):
            if np.all(found.member[list(some)].sum(axis=0) <= 1):
                yield Solution(instance.given, some)


def best_by_hand(
    instance: Instance, levels: tuple[LevelWords, ...], barred: Collection[int] = ()
) -> tuple[tuple[Fraction, ...] | None, list[tuple[int, ...]]]:
    """The best levels that any award without some bids comes to, and all that come to them."""
    best: tuple[Fraction, ...] | None = None
    awards: list[tuple[int, ...]] = []
    for plan in every_award(instance):
        found = review(instance, plan, levels)
        groups = [instance.auction.group[b] for b in plan.won]  # type: ignore[union-attr]
        used = [group for group in groups if group >= 0]
        if set(barred) & set(plan.won) or found.faults or len(set(used)) < len(used):
            continue
        if best is None or found.levels < best:
            best, awards = found.levels, []
        if found.levels == best:
            awards.append(plan.won)
    return best, awards
