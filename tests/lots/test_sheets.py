"""Lot sheets: what a bidder needs, and nobody to be known by it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from allocate.lots.sheets import HIDDEN, Work, sheets
from helpers.tiny import examples


def work(people: list[int], **told: Any) -> Work:
    """So many packages in each of some cells, one hour a week in two visits of half an hour."""
    cell = np.repeat(np.arange(len(people)), people)
    n = len(cell)
    no = np.zeros(n, dtype=bool)
    plain = Work(
        cell=cell,
        minutes=np.full(n, 60),
        visits=np.full(n, 2),
        visit=np.full(n, 30),
        bands=np.zeros((n, 4), dtype=np.int64),
        double=no,
        waits=no,
        began=no,
        ended=no,
    )
    return replace(plain, **told)


def sheet(asked: Work, lots: int) -> pd.DataFrame:
    """The sheet of lots of one cell each, worth £1,999.99 each."""
    cells = np.arange(lots)
    return sheets(asked, [f"L{i + 1}" for i in cells], cells, np.full(lots, 199_999), 5)


def first(n: int, count: int) -> np.ndarray:
    """What holds of the first so many of n packages."""
    return np.arange(n) < count


def test_a_lot_by_hand() -> None:
    """Ten packages, six of them with two carers, all in short visits; the value is rounded down."""
    found = sheet(work([10, 0], double=first(10, 5), waits=first(10, 0)), 2).iloc[0]
    assert found.to_dict() == {
        "lot_id": "L1",
        "packages": "10",
        "hours_per_week": "10",
        "double_handed_share": "0.50",
        "visits_up_to_30_minutes_share": "1.00",
        "visits_31_to_45_minutes_share": "0.00",
        "visits_over_45_minutes_share": "0.00",
        "morning_hours_share": "",
        "lunch_hours_share": "",
        "tea_hours_share": "",
        "bed_hours_share": "",
        "people_waiting": "0",
        "started_in_a_year": "0",
        "ended_in_a_year": "0",
        "indicative_value_pounds_per_year": "1000",
    }


@pytest.mark.parametrize(
    ("waiting", "told"),
    [(0, "0"), (4, "fewer than 5"), (5, "5"), (15, "15"), (16, HIDDEN), (20, "20")],
)
def test_few_people_are_not_counted_nor_are_all_but_few(waiting: int, told: str) -> None:
    """Of twenty: four who wait, and four who do not, are as few."""
    found = sheet(work([20], waits=first(20, waiting)), 1)
    assert found["people_waiting"].tolist() == [told]


def test_of_a_small_lot_nothing_is_told() -> None:
    """Its hours and value would be a few people's; those of the next smallest would tell them."""
    found = sheet(work([3, 9, 8]), 3)
    assert found["packages"].tolist() == ["fewer than 5", "9", HIDDEN]
    assert found["hours_per_week"].tolist() == [HIDDEN, "9", HIDDEN]
    assert found["indicative_value_pounds_per_year"].tolist() == [HIDDEN, "1000", HIDDEN]


def test_shares_of_few_people_are_told_together_or_not_at_all() -> None:
    """Two people's long visits, and one person's mornings, are in no share."""
    long = np.where(first(10, 2), 60, 30)
    bands = np.column_stack([first(10, 1), ~first(10, 1), first(10, 0), first(10, 0)]).astype(int)
    found = sheet(work([10, 10], visit=np.tile(long, 2), bands=np.tile(bands, (2, 1))), 2)
    names = [name for name in found.columns if name.endswith("_share")][1:]
    assert (found[names] == HIDDEN).all(axis=None)


@given(seed=st.integers(0, 2**32 - 1))
@examples(40)
def test_no_count_of_few_people_can_be_read_or_worked_out(seed: int) -> None:
    """Whatever the packages: neither a printed count nor its rest, nor what a total leaves."""
    rng = np.random.default_rng(seed)
    people = rng.integers(0, 15, 4).tolist()
    n = sum(people)
    asked = work(people, waits=rng.random(n) < rng.random(), double=rng.random(n) < rng.random())
    found = sheet(asked, 4)
    truth = [int(asked.waits[asked.cell == lot].sum()) for lot in range(4)]
    printed = [text.isdigit() for text in found["people_waiting"]]
    for lot, told in enumerate(found["people_waiting"]):
        if printed[lot]:
            assert int(told) == truth[lot]
            assert truth[lot] == 0 or truth[lot] >= 5
            assert people[lot] - truth[lot] == 0 or people[lot] - truth[lot] >= 5
    told = [truth[lot] for lot in range(4) if printed[lot]]
    assert len(told) != 3 or not any(told)
    for lot, share in enumerate(found["double_handed_share"]):
        if share not in ("", HIDDEN):
            double = int(asked.double[asked.cell == lot].sum())
            assert all(count == 0 or count >= 5 for count in (double, people[lot] - double))
    assert not any("provider" in name or "rate" in name for name in found.columns)
