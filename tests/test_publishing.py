"""What may be published: nothing of it points to a person or to what a firm asks."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from allocate.disclosure import FEWEST, MARK, hidden, people_table, with_totals
from allocate.publishing import publish
from allocate.solving import solve
from helpers.cases import TESTS, CommandLine

MODELS = TESTS.parent / "models"
EXAMPLE = MODELS / "homecare" / "example"
MOST = 12  # that anybody could take a hidden count to be


@settings(deadline=None, max_examples=60)
@given(arrays(np.int64, st.sampled_from([(1, 2), (2, 1), (2, 2)]), elements=st.integers(0, 7)))
def test_no_small_count_can_be_worked_out(counts: np.ndarray) -> None:
    """By trying all tables that agree with what is printed: each small count may be large."""
    shut, table = hidden(counts), with_totals(counts)
    small = (table > 0) & (table < FEWEST)
    assert shut[small].all()
    every = np.indices((MOST + 1,) * counts.size).reshape(counts.size, -1).T
    rows = every.reshape(-1, *counts.shape)
    others = np.concatenate([rows, rows.sum(axis=1, keepdims=True)], axis=1)
    others = np.concatenate([others, others.sum(axis=2, keepdims=True)], axis=2)
    agree = others[(others == table)[:, ~shut].all(axis=1)]
    assert (agree >= FEWEST).any(axis=0)[small].all()


def test_a_count_is_hidden_with_what_gives_it_away() -> None:
    """By hand: 3 is hidden, so is another of its row and of its column, and what those need."""
    found = people_table(np.array([[3, 20], [10, 7], [30, 40]]), ["a", "b", "c"], ["x", "y"], "of")
    shown = found.set_index("of")
    assert shown.loc["a", "x"] == MARK
    assert (shown.loc["a"] == MARK).sum() >= 2
    assert (shown["x"] == MARK).sum() >= 2
    assert shown.loc["all", "all"] == 110


def test_what_needs_no_hiding_is_printed() -> None:
    """Nobody, and five or more, are told as they are."""
    assert not hidden(np.array([[0, 5], [9, 0]])).any()


def texts(folder: Path) -> str:
    """All that a folder says."""
    return "\n".join(path.read_text(encoding="utf-8") for path in sorted(folder.iterdir()))


def test_no_person_and_no_rate_is_published(allocate: CommandLine, tmp_path: Path) -> None:
    """Of the home care example: areas and leads by name, every count of it is small."""
    answer = solve(EXAMPLE)
    answer.write(tmp_path / "result")
    run = allocate("publish", tmp_path / "result", "--out", tmp_path / "public")
    assert run.code == 0, run.err
    found = texts(tmp_path / "public")
    for package in answer.tables["allocation"]["package_id"]:
        assert package not in found
    for rate in set(answer.tables["allocation"]["rate_pounds_per_hour"]) - {""}:
        assert str(rate) not in found
    people = (tmp_path / "public" / "people.csv").read_text(encoding="utf-8")
    assert not {"1", "2", "3", "4"} & set(people.replace("\n", ",").split(","))
    assert MARK in people


@pytest.mark.parametrize("where", ["beds", "lots"])
def test_no_home_is_named_and_no_price_given(where: str, tmp_path: Path) -> None:
    """Booked beds are counted by zone, and winners named without what they bid."""
    example = {"beds": MODELS / "beds" / "example", "lots": TESTS / "cases" / "ok_award"}[where]
    answer = solve(example)
    answer.write(tmp_path / "result")
    found = publish(tmp_path / "result")
    text = str(found) + "".join(table.to_csv() for table in found.tables.values())
    secret = {"beds": ("bookings", "home_id"), "lots": ("awards", "price")}[where]
    assert len(answer.tables[secret[0]])
    for value in answer.tables[secret[0]][secret[1]]:
        assert str(value) not in text
    assert "not published, for fewer than 3 are paid" in text
