"""Public instances of capacitated facility location: read, solved, recounted and written."""

from __future__ import annotations

import csv
import json
from itertools import combinations
from math import inf
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allocate.core.cfl import solve_cfl
from allocate.errors import BadInput, ReviewFailed
from allocate.public import cfl
from allocate.public.cfl import CflInstance, read_cfl, solve_file
from helpers.cases import CommandLine

SHARED = Path(__file__).parents[2] / "../shared/bench/cfl"

# Two facilities for 4 each, three customers, all cheaper from facility 0. It carries 4 of their 5:
# half of the last one goes to facility 1 for 0.75 more; all of the second would cost 1 more. One
# number more ends the file, as in the collection.
SMALL = "2 3\n4 5\n4 3.0\n2 1. 2\n2 4 6.50\n9 5 8\n99.5\n"
SMALL_BEST = 5 + 3 + 2 + 4 + (6.5 + 8) / 2


def instance(folder: Path, text: str = SMALL) -> Path:
    """An instance as a file."""
    path = folder / "small"
    path.write_text(text, encoding="ascii")
    return path


def test_a_file_is_solved_and_written(allocate: CommandLine, tmp_path: Path) -> None:
    """The command writes what it opened, what that costs and what nothing goes below."""
    out = tmp_path / "small.json"
    run = allocate(
        *("bench", "file", instance(tmp_path), "--family", "cfl"),
        *("--seconds", "20", "--seed", "1", "--out", out),
    )
    assert (run.code, run.err) == (0, "")
    assert "small: 21.25, and no answer is below 21.2" in run.out
    record = json.loads(out.read_text(encoding="utf-8"))
    assert (record["objective"], record["answer"]) == (SMALL_BEST, [0, 1])
    assert record["bound"] == pytest.approx(SMALL_BEST)


def test_numbers_become_whole_steps(tmp_path: Path) -> None:
    """Decimals of costs and of loads are scaled apart; the last number is left."""
    read = read_cfl(instance(tmp_path))
    assert (read.capacities.tolist(), read.demands.tolist()) == ([4, 4], [2, 1, 2])
    assert (read.per, read.fixed.tolist()) == (2, [10, 6])
    assert read.costs.tolist() == [[4, 8, 13], [18, 10, 16]]
    assert read.cost([0, 1]) == SMALL_BEST
    assert read.cost([0]) is None
    assert read.cost([]) is None


def test_what_cannot_be_met_is_an_answer(tmp_path: Path) -> None:
    """Where all facilities together are too small, that is said."""
    found = solve_file(instance(tmp_path, SMALL.replace("4 5\n4 3", "2 5\n2 3")), 20, 1)
    assert (found.objective, found.answer, found.impossible) == (None, None, True)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "begins with nothing"),
        ("7", "begins with 7"),
        ("0 3", "begins with 0 3"),
        ("1.5 3", "begins with 1.5 3"),
        ("100000 100000\n", "begins with 100000 100000"),
        (SMALL + "1 1", "has 16 numbers after 2 facilities and 3 customers, where 13 belong"),
        (SMALL.removesuffix("8\n99.5\n"), "has 12 numbers after 2 facilities"),
        (SMALL.replace("6.50", "6,50"), 'small line 5, "6,50": is no number of at most ten'),
        (SMALL.replace("6.50", "-1"), 'small line 5, "-1": is no number'),
        (SMALL.replace("6.50", "nan"), 'small line 5, "nan": is no number'),
        (SMALL.replace("6.50", "1e300"), 'small line 5, "1e300": is no number'),
        (SMALL.replace("6.50", "9999999999.123457"), "comes to more than"),
    ],
)
def test_a_file_that_is_no_instance_is_told(text: str, told: str, tmp_path: Path) -> None:
    """What is wrong is named, with its line where it has one."""
    with pytest.raises(BadInput) as raised:
        read_cfl(instance(tmp_path, text))
    assert told in str(raised.value)


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    """Two words that are no numbers are two faults."""
    with pytest.raises(BadInput) as raised:
        read_cfl(instance(tmp_path, SMALL.replace("2 1. 2", "x 1. y")))
    assert [fault.value for fault in raised.value.faults] == ['"x"', '"y"']


@pytest.mark.parametrize(
    ("opened", "bound", "told"),
    [([0], 0.0, "cannot serve everyone"), ([0, 1], 44.0, "lies above the answer, 21.25")],
)
def test_an_answer_that_does_not_stand_up_is_not_given(
    opened: list[int], bound: float, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The recount trusts no engine: facilities too small, a bound too high."""
    monkeypatch.setattr(cfl, "solve_cfl", lambda *_, **__: (np.array(opened), bound))
    with pytest.raises(ReviewFailed, match=told):
        solve_file(instance(tmp_path), 1, 1)


@given(st.integers(0, 10**6))
@settings(max_examples=25, deadline=None)
def test_the_best_of_all_plans_is_found(seed: int) -> None:
    """Small instances, demands of nought and tight capacities among them: every choice is tried."""
    random = np.random.default_rng(seed)
    m, n = int(random.integers(1, 5)), int(random.integers(1, 6))
    made = CflInstance(
        "small",
        random.integers(0, 12, m),
        random.integers(0, 40, m),
        random.integers(0, 5, n),
        random.integers(0, 30, (m, n)),
        1,
    )
    choices = [list(c) for size in range(m + 1) for c in combinations(range(m), size)]
    costs = [cost for c in choices if (cost := made.cost(c)) is not None]
    found, bound = solve_cfl(
        made.capacities, made.fixed, made.demands, made.costs, seconds=20, seed=seed
    )
    if not costs:
        assert found is None
        assert bound == inf
        return
    assert found is not None
    assert float(made.cost(found.tolist()) or 0) == pytest.approx(float(min(costs)))
    assert bound == pytest.approx(float(min(costs)))


@pytest.mark.skipif(not SHARED.is_dir(), reason="the public instances are not beside the project")
@pytest.mark.parametrize("name", ["cap61", "cap74", "cap102", "cap133"])
def test_a_known_optimum_is_reached(name: str) -> None:
    """The published optimum, proven, of a file of each size."""
    with (SHARED / "known.csv").open(encoding="utf-8") as rows:
        known = {row["instance"]: float(row["best_known"]) for row in csv.DictReader(rows)}
    found = solve_file(SHARED / name, 60, 1)
    assert found.objective == pytest.approx(known[name], abs=1e-3)
    assert found.bound == pytest.approx(known[name], abs=1e-3)
