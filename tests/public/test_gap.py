"""Public instances of generalised assignment: read, solved, recounted and written."""

from __future__ import annotations

import json
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allocate import registry
from allocate.core.gap import solve_gap
from allocate.errors import BadInput, ReviewFailed
from allocate.public import gap
from allocate.public.gap import GapInstance, read_gap, solve_file
from helpers.cases import CommandLine

# Two agents, three jobs. Agent 0 is cheaper for all, and carries two of them.
SMALL = "2 3\n1 1 1\n5 4 9\n2 2 2\n1 1 1\n4 9\n"
SMALL_BEST = 1 + 4 + 1


def instance(folder: Path, text: str = SMALL) -> Path:
    """An instance as a file."""
    path = folder / "small"
    path.write_text(text, encoding="ascii")
    return path


def test_a_file_is_solved_and_written(allocate: CommandLine, tmp_path: Path) -> None:
    """The command writes instance, objective, bound, seconds and answer, and says what it found."""
    out = tmp_path / "new" / "small.json"
    run = allocate(
        *("bench", "file", instance(tmp_path), "--family", "gap"),
        *("--seconds", "20", "--seed", "1", "--out", out),
    )
    assert (run.code, run.err) == (0, "")
    assert "small: 6, and no answer is below 6" in run.out
    record = json.loads(out.read_text(encoding="utf-8"))
    assert (record["instance"], record["objective"], record["bound"]) == ("small", 6, SMALL_BEST)
    assert record["answer"] == [0, 1, 0]
    assert record["seconds"] >= 0
    assert record["seed"] == 1


def test_what_cannot_be_met_is_an_answer(allocate: CommandLine, tmp_path: Path) -> None:
    """Where capacities are too small for any answer, the file says so and the code is 1."""
    out = tmp_path / "small.json"
    path = instance(tmp_path, SMALL.replace("4 9", "1 1"))
    run = allocate("bench", "file", path, "--family", "gap", "--seed", "1", "--out", out)
    assert run.code == 1
    assert "cannot all be met" in run.out
    record = json.loads(out.read_text(encoding="utf-8"))
    assert (record["objective"], record["bound"], record["answer"]) == (None, None, None)


@given(st.lists(st.sampled_from((" ", "\n", "\t", "  ", "\r\n")), min_size=20, max_size=20))
@settings(max_examples=20, deadline=None)
def test_line_breaks_carry_no_meaning(
    tmp_path_factory: pytest.TempPathFactory, gaps: list[str]
) -> None:
    """Numbers may stand in any lines."""
    text = "".join(word + space for word, space in zip(SMALL.split(), gaps, strict=False))
    read = read_gap(instance(tmp_path_factory.mktemp("gap"), text))
    assert read.costs.tolist() == [[1, 1, 1], [5, 4, 9]]
    assert read.weights.tolist() == [[2, 2, 2], [1, 1, 1]]
    assert read.capacities.tolist() == [4, 9]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "begins with nothing"),
        ("7", "begins with 7"),
        ("0 3\n", "begins with 0 3"),
        ("100000 100000\n", "begins with 100000 100000"),
        (SMALL + "1", "has 15 numbers after 2 agents and 3 jobs, where 14 belong"),
        (SMALL.removesuffix("9\n"), "has 13 numbers after 2 agents and 3 jobs"),
        (SMALL.replace("5 4 9", "5 4,5 9"), 'small line 3, "4,5": is no whole number'),
        (SMALL.replace("5 4 9", "5 -4 9"), 'small line 3, "-4": is no whole number'),
        (SMALL.replace("5 4 9", "5 1e3 9"), 'small line 3, "1e3": is no whole number'),
        (SMALL.replace("5 4 9", f"5 {10**30} 9"), 'small line 3, "1000000'),
        (SMALL.replace("5 4 9", "5 2000000000 9"), 'small line 3, "2000000000"'),
    ],
)
def test_a_file_that_is_no_instance_is_told(text: str, told: str, tmp_path: Path) -> None:
    """What is wrong is named with its line, and what belongs there is said."""
    with pytest.raises(BadInput) as raised:
        read_gap(instance(tmp_path, text))
    assert told in str(raised.value)
    assert "the costs and the weights agent by agent, then the capacities" in str(raised.value)


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    """Two numbers that are none are two faults."""
    with pytest.raises(BadInput) as raised:
        read_gap(instance(tmp_path, SMALL.replace("5 4 9", "x 4 y")))
    assert [fault.value for fault in raised.value.faults] == ['"x"', '"y"']


def test_bytes_that_are_no_text_are_told(tmp_path: Path) -> None:
    """A workbook or a picture is no instance."""
    path = tmp_path / "picture"
    path.write_bytes(bytes(range(256)))
    with pytest.raises(BadInput, match="is no text"):
        read_gap(path)


def test_a_missing_file_an_unknown_family_and_a_taken_target_end_at_once(
    allocate: CommandLine, tmp_path: Path
) -> None:
    """Each is one message and code 2, and nothing is written."""
    out = tmp_path / "out.json"
    words = ("--seed", "1", "--out", out)
    run = allocate("bench", "file", tmp_path / "none", "--family", "gap", *words)
    assert (run.code, run.out) == (2, "")
    assert "cannot be read" in run.err
    run = allocate("bench", "file", instance(tmp_path), "--family", "gpa", *words)
    assert run.code == 2
    assert f'no such family (closest: "gap"). Use one of: {", ".join(registry.FAMILIES)}' in run.err
    assert not out.exists()
    out.write_text("mine", encoding="utf-8")
    run = allocate("bench", "file", instance(tmp_path), "--family", "gap", *words)
    assert run.code == 2
    assert "exists already" in run.err
    assert out.read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize(
    ("answer", "bound", "told"),
    [
        ([0, 0, 0], 0, "agent 0 carries 6 of 4"),
        ([0, 0], 0, "not every job has an agent"),
        ([0, 1, 2], 0, "not every job has an agent"),
        ([0, 1, 0], 7, "the bound 7 lies above the answer, 6"),
    ],
)
def test_an_answer_that_does_not_stand_up_is_not_given(
    answer: list[int], bound: int, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The recount trusts no engine: a broken capacity, a missing job, a bound too high."""
    monkeypatch.setattr(gap, "solve_gap", lambda *_, **__: (np.array(answer), bound))
    with pytest.raises(ReviewFailed, match=told):
        solve_file(instance(tmp_path), 1, 1)


@given(st.integers(0, 10**6))
@settings(max_examples=25, deadline=None)
def test_small_instances_agree_with_trying_everything(seed: int) -> None:
    """Objective and bound are those of the best of all answers, or there is proven to be none."""
    rng = np.random.default_rng(seed)
    agents, jobs = int(rng.integers(1, 4)), int(rng.integers(1, 6))
    costs = rng.integers(0, 30, (agents, jobs))
    weights = rng.integers(0, 10, (agents, jobs))
    capacities = rng.integers(0, 5 * jobs, agents)
    found = GapInstance("tried", costs, weights, capacities)
    every = (np.array(answer) for answer in product(range(agents), repeat=jobs))
    values = [found.cost(answer) for answer in every if not found.faults(answer)]
    answer, bound = solve_gap(costs, weights, capacities, seconds=20, seed=1)
    if values:
        assert answer is not None
        assert found.faults(answer) == []
        assert found.cost(answer) == bound == min(values)
    else:
        assert answer is None
        assert bound == float("inf")
