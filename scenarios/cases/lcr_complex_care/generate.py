"""Writes the synthetic tables of the case `lcr_complex_care`.

    python generate.py [FOLDER]

Providers, values, bids, scores and the notice are invented, and calibrated to what SOURCES.md
names. The same seed writes the same bytes.
"""

from __future__ import annotations

import sys
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd

HERE = Path(__file__).resolve().parent
SEED = 20181206  # the day of the paper

AUTHORITIES = ("Halton", "Knowsley", "Liverpool", "Sefton", "St Helens", "Wirral")
POPULATION = (128, 148, 495, 275, 179, 322)  # thousands, 2018, rounded
GROUPS = (
    *("learning disability", "mental health", "physical disability", "autism"),
    *("acquired brain injury", "substance misuse"),
)
GROUP_SHARE = (0.52, 0.18, 0.12, 0.11, 0.04, 0.03)
SERVICES = (
    *("supported living", "residential care", "nursing care", "outreach", "day opportunities"),
    *("short breaks", "supported employment", "crisis support", "specialist support", "transition"),
)
SERVICE_SHARE = (0.42, 0.22, 0.08, 0.08, 0.07, 0.05, 0.02, 0.02, 0.03, 0.01)
A_YEAR = 364_000_000  # over seven million pounds a week
PROVIDERS = 500
TOP, TOP_SHARE = 10, 0.59  # of the market
SMALL_FROM = 60  # providers from this rank on are small or medium
RATINGS = ("Outstanding", "Good", "Requires improvement", "not yet rated")
RATING_SHARE = (0.06, 0.74, 0.14, 0.06)
SINGLE = 12  # bids for each lot alone
PACKAGES = 160

NOTICE = (
    ("price_weight", "40"),
    ("quality_weight", "60"),
    ("full_score", "100"),
    ("score_formula", "lowest_over_price"),
    ("packages", "Yes"),
    ("alternatives", "No"),
    ("discounts", "Yes"),
    ("award_limit", "6"),
    ("share_limit", "0.25"),
    ("turnover_limit", "1"),
    ("quality_floor", "Requires improvement"),
    ("winners_minimum", "8"),
    ("tie_break", "quality;price;drawn"),
    ("reserves", "1"),
)


def write(folder: Path, name: str, header: str, rows: list[tuple[object, ...]]) -> None:
    """Write a table."""
    table = pd.DataFrame(rows, columns=header.split(","), dtype=object)
    table.to_csv(folder / f"{name}.csv", index=False, lineterminator="\n")


def shares() -> np.ndarray:
    """Share of the market of each provider, largest first: the top ten have theirs."""
    ranks = np.arange(1, PROVIDERS + 1)
    top, rest = ranks[:TOP] ** -0.5, (ranks[TOP:] + 5.0) ** -1.1
    return np.concatenate([TOP_SHARE * top / top.sum(), (1 - TOP_SHARE) * rest / rest.sum()])


def cells() -> list[tuple[str, str, str, str, int]]:
    """Each authority, client group and service, with pounds a year that come to all there is."""
    rng = np.random.default_rng(SEED)
    people = np.array(POPULATION) / sum(POPULATION)
    parts = np.einsum("a,g,s->ags", people, GROUP_SHARE, SERVICE_SHARE)
    parts *= rng.uniform(0.8, 1.25, parts.shape)
    pounds = np.floor(parts / parts.sum() * A_YEAR).astype(int).ravel()
    pounds[pounds.argmax()] += A_YEAR - pounds.sum()
    found = []
    for number, (a, g, s) in enumerate(product(range(6), range(6), range(10))):
        cell = f"A{a + 1}G{g + 1}S{s + 1}"
        found.append((cell, AUTHORITIES[a], SERVICES[s], GROUPS[g], int(pounds[number])))
    return found


def bidders(folder: Path) -> np.ndarray:
    """Write the providers; the four largest work everywhere. Returns what each turns over."""
    rng = np.random.default_rng(SEED + 1)
    part = shares()
    turnover = np.round(part * A_YEAR * rng.uniform(1.5, 4.0, PROVIDERS), -3) + 100_000
    rows: list[tuple[object, ...]] = []
    for k in range(PROVIDERS):
        owner = (
            f"O{k + 1:03d}" if rng.random() < 0.9 or k < TOP else f"O{rng.integers(11, 200):03d}"
        )
        small = "Yes" if k + 1 >= SMALL_FROM else "No"
        rating = RATINGS[rng.choice(4, p=RATING_SHARE)]
        rows.append((f"K{k + 1:03d}", owner, small, rating, int(turnover[k])))
    header = "bidder_id,owner_id,sme,cqc_rating,turnover_pounds"
    write(folder, "bidders", header, rows)
    return turnover


def tender(folder: Path, worth: np.ndarray, turnover: np.ndarray) -> None:
    """Write bids for lots alone and for packages, of a group or of an authority."""
    rng = np.random.default_rng(SEED + 2)
    weight = shares() ** 0.6
    quality = np.clip(rng.normal(68, 9, PROVIDERS), 40, 95)
    level = rng.uniform(0.90, 1.12, PROVIDERS)
    wanted: list[tuple[int, list[int]]] = []
    for lot in range(36):
        able = np.where(turnover >= worth[lot], weight, 0.0)
        count = min(SINGLE, np.count_nonzero(able))
        for k in rng.choice(PROVIDERS, count, replace=False, p=able / able.sum()):
            wanted.append((int(k), [lot]))
    for _ in range(PACKAGES):
        size = int(rng.integers(2, 5))
        if rng.random() < 0.6:
            group = rng.integers(6)
            lots = [int(a * 6 + group) for a in rng.choice(6, size, replace=False)]
        else:
            place = rng.integers(6)
            lots = [int(place * 6 + g) for g in rng.choice(6, size, replace=False)]
        able = np.where(turnover >= worth[lots].sum(), weight, 0.0)
        if able.any():
            wanted.append((int(rng.choice(PROVIDERS, p=able / able.sum())), sorted(lots)))
    bids: list[tuple[object, ...]] = []
    members: list[tuple[object, ...]] = []
    for number, (k, lots) in enumerate(wanted, start=1):
        saving = 1 - 0.015 * (len(lots) - 1)
        price = round(float(worth[lots].sum() * level[k] * saving * rng.uniform(0.97, 1.03)), 2)
        score = round(float(np.clip(quality[k] + rng.normal(0, 4), 0, 100)), 1)
        bids.append((f"b{number:04d}", f"K{k + 1:03d}", f"{price:.2f}", score))
        members += [(f"b{number:04d}", f"L{lot // 6 + 1}{lot % 6 + 1}") for lot in lots]
    write(folder, "bids", "bid_id,bidder_id,price_pounds_per_year,score", bids)
    write(folder, "bid_lots", "bid_id,lot_id", members)
    tiers = [(f"K{k:03d}", 3, "2", "all") for k in (2, 5, 11)]
    write(folder, "discounts", "bidder_id,lots_from,percent,on", list(tiers))


def main(folder: Path) -> None:
    """Write every table."""
    folder.mkdir(parents=True, exist_ok=True)
    listed = cells()
    header = "cell_id,authority_id,service,client_group,value_pounds_per_year"
    write(folder, "cells", header, list(listed))
    lots = [
        (f"L{number // 60 + 1}{number // 10 % 6 + 1}", cell[0])
        for number, cell in enumerate(listed)
    ]
    write(folder, "lots", "lot_id,cell_id", list(lots))
    worth = np.array([cell[4] for cell in listed], dtype=float).reshape(36, 10).sum(axis=1)
    tender(folder, worth, bidders(folder))
    write(folder, "notice", "key,value", list(NOTICE))
    tables = ("cells", "lots", "bidders", "bids", "bid_lots", "discounts", "notice")
    write(
        folder,
        "sources",
        "table,nature,publisher,vintage,licence",
        [(table, "synthetic", "", "", "MIT") for table in tables],
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE)
