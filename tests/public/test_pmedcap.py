"""Public instances of the capacitated p-median problem: read, solved, recounted and written."""

from __future__ import annotations

import csv
import json
from itertools import product
from math import inf
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allocate.core.pmedian import solve_pmedian, total
from allocate.core.pmedian_bound import point_bounds
from allocate.errors import BadInput, ReviewFailed
from allocate.public import pmedcap
from allocate.public.pmedcap import PmedcapInstance, read_pmedcap, solve_file
from helpers.cases import CommandLine

SHARED = Path(__file__).parents[2] / "../shared/bench/pmedcap"

# Four points on a line, two near 0 and two near 10; two medians for 5 each, less than the far ones
# need.
SMALL = " 1 2\n 4 2 5\n 1 0 0 2\n 2 1 0 1\n 3 10 0 3\n 4 11 0 3\n"


def instance(folder: Path, text: str = SMALL) -> Path:
    """An instance as a file."""
    path = folder / "small.txt"
    path.write_text(text, encoding="ascii")
    return path


def test_a_file_is_solved_and_written(allocate: CommandLine, tmp_path: Path) -> None:
    """What is written is the median of each point; too little capacity is code 1."""
    out = tmp_path / "small.json"
    run = allocate(
        *(
            "bench",
            "file",
            instance(tmp_path, SMALL.replace(" 5\n", " 4\n")),
            "--family",
            "pmedcap",
        ),
        *("--seconds", "20", "--seed", "1", "--out", out),
    )
    assert (run.code, run.err) == (1, "")
    text = SMALL.replace(" 5\n", " 6\n")
    run = allocate(
        *("bench", "file", instance(tmp_path, text), "--family", "pmedcap"),
        *("--seconds", "20", "--seed", "1", "--out", out := tmp_path / "more.json"),
    )
    assert (run.code, run.err) == (0, "")
    record = json.loads(out.read_text(encoding="utf-8"))
    assert (record["objective"], record["bound"]) == (2, 2)
    assert record["answer"] in ([0, 0, 2, 2], [1, 1, 2, 2], [0, 0, 3, 3], [1, 1, 3, 3])


def test_distances_are_cut_off(tmp_path: Path) -> None:
    """A diagonal of one is 1, one of two is 2: never rounded up."""
    text = "1 0\n3 1 9\n1 0 0 1\n2 1 1 1\n3 2 2 1\n"
    assert read_pmedcap(instance(tmp_path, text)).distances()[0].tolist() == [0, 1, 2]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "says nothing"),
        ("1 2\n4 2 5\n1 0 0 2\n", "has 9 numbers, where 21 belong for 4 points"),
        ("1 2\n2 4 5\n", "says 2 4 5"),
        (SMALL.replace("10 0 3", "10 0.5 3"), 'small.txt line 5, "0.5": is no whole number'),
    ],
)
def test_a_file_that_is_no_instance_is_told(text: str, told: str, tmp_path: Path) -> None:
    """What is wrong is named, and what belongs there is said."""
    with pytest.raises(BadInput) as raised:
        read_pmedcap(instance(tmp_path, text))
    assert told in str(raised.value)
    assert "a number and a best known value" in str(raised.value)


@pytest.mark.parametrize(
    ("answer", "bound", "told"),
    [
        ([0, 0, 0, 0], 0, "there are 1 medians, not 2"),
        ([0, 0, 3, 2], 0, "median 2 is served by 3"),
        ([0, 0, 2, 2], 0, "median 2 serves 6 of 5"),
        ([0, 0, 2, 9], 0, "not every point has a median"),
        ([0, 0, 0, 3], 99, "the bound 99 lies above the answer, 11"),
    ],
)
def test_an_answer_that_does_not_stand_up_is_not_given(
    answer: list[int], bound: int, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The recount trusts no engine."""
    monkeypatch.setattr(pmedcap, "solve_pmedian", lambda *_, **__: (np.array(answer), bound))
    text = SMALL.replace("2 5\n", "2 6\n") if bound else SMALL
    with pytest.raises(ReviewFailed, match=told):
        solve_file(instance(tmp_path, text), 1, 1)


def tried(seed: int) -> tuple[PmedcapInstance, dict[tuple[int, ...], int]]:
    """A small instance, and what all its answers cost."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 7))
    medians = int(rng.integers(1, min(n, 3) + 1))
    demand = rng.integers(0, 10, n)
    capacity = int(rng.integers(1, 2 + 2 * demand.sum() // medians))
    made = PmedcapInstance("tried", rng.integers(0, 20, (n, 2)), demand, medians, capacity)
    cost = made.distances()
    answers = product(range(n), repeat=n)
    return made, {a: total(cost, np.array(a)) for a in answers if not made.faults(np.array(a))}


@given(st.integers(0, 10**6))
@settings(max_examples=15, deadline=None)
def test_small_instances_agree_with_trying_everything(seed: int) -> None:
    """Objective and bound are those of the best of all answers, or there is proven to be none."""
    made, values = tried(seed)
    answer, bound = solve_pmedian(
        *(made.distances(), made.demand, made.capacity, made.medians), seconds=20, seed=1
    )
    if values:
        assert answer is not None
        assert made.faults(answer) == []
        assert total(made.distances(), answer) == bound == min(values.values())
    else:
        assert answer is None
        assert bound == inf


@given(st.integers(0, 10**6))
@settings(max_examples=40, deadline=None)
def test_no_answer_goes_below_what_prices_prove(seed: int) -> None:
    """Whatever the prices, an answer with a pair costs no less than is proven of the pair."""
    made, values = tried(seed)
    price = np.random.default_rng(seed).uniform(0, 20, len(made.demand))
    bounds = point_bounds(made.distances(), made.demand, made.capacity, made.medians, price)
    for answer, value in values.items():
        assert (bounds[np.arange(len(answer)), list(answer)] <= value).all()


@pytest.mark.parametrize("name", ["pmedcap02", "pmedcap03", "pmedcap09"])
def test_public_instances_are_solved_to_their_known_optima(name: str) -> None:
    """Value and bound are the known optimum."""
    if not SHARED.exists():
        pytest.skip("the public instances are not here")
    with (SHARED / "known.csv").open(encoding="utf-8") as file:
        known = {row["instance"]: int(row["best_known"]) for row in csv.DictReader(file)}
    found = solve_file(SHARED / f"{name}.txt", 60, 1)
    assert (found.objective, found.bound) == (known[name], known[name])
