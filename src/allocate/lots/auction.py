"""Bids on given lots, with the notice that they answer: labels become whole numbers here, once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd

from allocate.errors import Fault, nearest
from allocate.labels import Bools, positions
from allocate.lots.bidders import Bidders
from allocate.lots.cells import Cells
from allocate.lots.discounts import Tier, build_tiers, discounts_not_allowed
from allocate.lots.notice import Notice
from allocate.lots.scores import points
from allocate.tables import Tables
from allocate.units import THOUSAND, Ints, minutes, pence

NO_GROUP = -1
PARTS = (
    ("day_rate_pounds_per_hour", "day_hours_per_week"),
    ("night_rate_pounds", "nights_per_week"),
)


@dataclass(frozen=True)
class Auction:
    """Bids, (B,), for lots, (L,).

    Parameters
    ----------
    ids, bidder
        Labels, and position of who bids.
    member
        Lots of each bid, (B, L).
    price, score, points
        Pence a year; the panel's score and the published points in thousandths.
    group, groups
        Position of the alternative group, ``NO_GROUP`` where there is none, and their names.
    value, minutes
        Of each lot: pence a year, and carer-minutes a week, (L,).
    tiers
        Discounts.
    notice
        What is published.
    """

    ids: tuple[str, ...]
    bidder: Ints
    member: Bools
    price: Ints
    score: Ints
    points: Ints
    group: Ints
    groups: tuple[str, ...]
    value: Ints
    minutes: Ints
    tiers: tuple[Tier, ...]
    notice: Notice

    @property
    def lots(self) -> Ints:
        """How many lots each bid is for, (B,)."""
        return self.member.sum(axis=1).astype(np.int64)


def pinned_name(auction: Auction, bid: int, *, must: bool) -> str:
    """Name a pin of a bid, as conflicts do."""
    return f"{auction.ids[bid]} {'must win' if must else 'never wins'}"


def build_auction(
    tables: Tables,
    cells: Cells,
    bidders: Bidders,
    lots: tuple[str, ...],
    given: Ints | None,
    notice: Notice,
) -> tuple[Auction | None, list[Fault]]:
    """Build the bids; None where there are none, or lots are not given.

    Parameters
    ----------
    tables, cells, bidders
        The case.
    lots, given
        Labels of lots, and the lot of each cell, (C,).
    notice
        What is published.

    Returns
    -------
    tuple
        The auction, and every fault.
    """
    frame = tables["bids"]
    if frame.empty:
        return None, []
    if given is None:
        problem = "has bids, and no lots are given that they could be for"
        return None, [Fault("bids.csv", "", problem, "Add lots.csv: the lot of each cell")]
    ids = tuple(frame["bid_id"])
    member, faults = _member(tables["bid_lots"], frame, lots)
    price, wrong = _prices(frame)
    faults += [*wrong, *_score_faults(frame, notice)]
    scores = np.rint(frame["score"].fillna(0).to_numpy(dtype=float) * THOUSAND).astype(np.int64)
    named = frame["alternative_group"]
    groups = tuple(sorted(set(named) - {""}))
    tiers, wrong = build_tiers(tables["discounts"], bidders)
    faults += wrong
    worth, work = (np.zeros(len(lots), dtype=np.int64) for _ in range(2))
    np.add.at(worth, given, cells.value)
    np.add.at(work, given, cells.minutes)
    if faults:
        return None, faults
    auction = Auction(
        ids=ids,
        bidder=positions(frame["bidder_id"], bidders.ids),
        member=member,
        price=price,
        score=scores,
        points=points(notice, member, price, scores.tolist()),
        group=positions(named, groups),
        groups=groups,
        value=worth,
        minutes=work,
        tiers=tuple(tier for tier in tiers if bidders.ids[tier.bidder] in set(frame["bidder_id"])),
        notice=notice,
    )
    faults = _nobody(tables["lots"], lots, member)
    if notice.published:
        faults += _not_allowed(auction, frame, bidders)
        faults += discounts_not_allowed(tables["discounts"], notice)
    return auction, faults


def _member(
    frame: pd.DataFrame, bids: pd.DataFrame, lots: tuple[str, ...]
) -> tuple[Bools, list[Fault]]:
    """Lots of each bid; bids for unknown lots, and for none."""
    ids = tuple(bids["bid_id"])
    faults = [
        Fault(
            f"bid_lots.csv {line}",
            f'lot_id = "{lot}"',
            f"no such lot in lots.csv{nearest(lot, lots)}",
            "Correct the id, or add the lot",
        )
        for line, lot in frame["lot_id"].items()
        if lot not in lots
    ]
    member = np.zeros((len(ids), len(lots)), dtype=bool)
    bid, lot = positions(frame["bid_id"], ids), positions(frame["lot_id"], lots)
    known = (bid >= 0) & (lot >= 0)
    member[bid[known], lot[known]] = True
    listed = set(frame["bid_id"])
    faults += [
        Fault(
            f"bids.csv {line}", f'bid_id = "{bid}"', "is for no lot", "Add its lots to bid_lots.csv"
        )
        for line, bid in bids["bid_id"].items()
        if bid not in listed
    ]
    return member, faults


def _prices(frame: pd.DataFrame) -> tuple[Ints, list[Fault]]:
    """Pence a year of each bid: the whole, or day and night parts x 365/7, each rounded once."""
    faults, found = [], []
    for line, row in frame.iterrows():
        whole = row["price_pounds_per_year"]
        parts = [(row[rate], row[amount]) for rate, amount in PARTS]
        given = [not (pd.isna(rate) and pd.isna(amount)) for rate, amount in parts]
        half = [pd.isna(rate) != pd.isna(amount) for rate, amount in parts]
        place, cell = f"bids.csv {line}", f'bid_id = "{row["bid_id"]}"'
        if any(half):
            problem = "has a rate without its amount, or an amount without its rate"
            faults.append(Fault(place, cell, problem, "Give both, or neither"))
        elif pd.isna(whole) == (not any(given)):
            problem = "has no price" if pd.isna(whole) else "has a price and parts of a price"
            faults.append(Fault(place, cell, problem, "Give the price, or its parts"))
        found.append(_yearly(parts) if pd.isna(whole) else int(pence(whole)))
    return np.array(found, dtype=np.int64), faults


def _yearly(parts: Sequence[tuple[Any, Any]]) -> int:
    """Pence a year of a day and a night part: minutes at an hour's rate, nights at a night's."""
    total = 0
    for number, (rate, amount) in enumerate(parts):
        if pd.isna(rate) or pd.isna(amount):
            continue
        weekly = (
            Fraction(int(minutes(amount)), 60)
            if number == 0
            else Fraction(round(float(amount) * THOUSAND), THOUSAND)
        )
        total += int((2 * weekly * int(pence(rate)) * 365 / 7 + 1) // 2)
    return total


def _score_faults(frame: pd.DataFrame, notice: Notice) -> list[Fault]:
    """Bids without a score that the notice weighs, or with one above full."""
    if not notice.quality_weight:
        return []
    faults = []
    for line, row in frame.iterrows():
        score = row["score"]
        if pd.isna(score):
            problem = "is missing, and the notice weighs quality"
            faults.append(Fault(f"bids.csv {line}", 'score = ""', problem, "Enter the score"))
        elif Fraction(str(score)) > notice.full_score:
            problem = f"is above the full score of the notice, {float(notice.full_score):g}"
            remedy = "Correct the score or the notice"
            faults.append(Fault(f"bids.csv {line}", f'score = "{score:g}"', problem, remedy))
    return faults


def _nobody(frame: pd.DataFrame, lots: tuple[str, ...], member: Bools) -> list[Fault]:
    """Lots that nobody bids for."""
    lines = dict(zip(frame["lot_id"][::-1], frame.index[::-1], strict=True))
    return [
        Fault(
            f"lots.csv {lines[lot]}",
            f'lot_id = "{lot}"',
            "nobody bids for this lot",
            "Let it again in another way and take it out of lots.csv with its cells, or ask for "
            "bids",
        )
        for at, lot in enumerate(lots)
        if not member[:, at].any()
    ]


def _not_allowed(auction: Auction, frame: pd.DataFrame, bidders: Bidders) -> list[Fault]:
    """Bids that the notice does not allow."""
    notice, faults = auction.notice, []
    for b, line in enumerate(frame.index):
        place, cell = f"bids.csv {line}", f'bid_id = "{auction.ids[b]}"'
        if not notice.packages and auction.lots[b] > 1:
            problem = "is for several lots, and the notice allows no packages"
            faults.append(Fault(place, cell, problem, "Set the bid aside, or correct the notice"))
        if not notice.alternatives and auction.group[b] != NO_GROUP:
            problem = "is one of several alternatives, and the notice allows none"
            faults.append(Fault(place, cell, problem, "Set the bid aside, or correct the notice"))
    if notice.lots_bid_for:
        for k, bidder in enumerate(bidders.ids):
            wanted = int(auction.member[auction.bidder == k].any(axis=0).sum())
            if wanted > notice.lots_bid_for:
                problem = f"bids for {wanted} lots, and the notice allows {notice.lots_bid_for}"
                remedy = "Ask the bidder which bids it keeps"
                faults.append(Fault("bids.csv", f'bidder_id = "{bidder}"', problem, remedy))
    return faults
