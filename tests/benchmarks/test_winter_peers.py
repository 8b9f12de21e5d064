"""The winters of the benchmark: mpi-sppy is given the same problem as our engine."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import allocate
from allocate.asked import prepare
from allocate.study.scenario_file import read_scenario
from benchmarks.beds.exported import export, solve_by_mpi_sppy
from benchmarks.beds.families import SIZES, write_winter
from helpers import tiny_winters


def test_a_winter_has_as_many_samples_as_its_name_says(tmp_path: Path) -> None:
    """And the file of arrays holds every one."""
    asked = prepare(read_scenario(write_winter("winter-10", 1, tmp_path)))
    program = asked.model.formulate(asked.instance, asked.question.levels).program
    export(program, tmp_path / "problem.npz")
    with np.load(tmp_path / "problem.npz") as data:
        assert (
            data["rhs"].shape
            == program.rhs.shape
            == (SIZES["winter"]["winter-10"][0], len(program.equal))
        )
        assert np.array_equal(data["cost"], program.cost)
        row, col, amount = data["matrix"]
        assert np.array_equal(program.matrix.toarray()[row, col], amount)


@pytest.mark.parametrize("seed", [1, 4, 9])
def test_mpi_sppy_finds_the_same(seed: int, tmp_path: Path) -> None:
    """Of winters so small that it solves their extensive form at once."""
    pytest.importorskip("mpisppy", reason="mpi-sppy is installed for the benchmark alone")
    scenario = tiny_winters.write(seed, tmp_path)
    ours = allocate.solve(scenario, seconds=20, gap=0.0)
    theirs = solve_by_mpi_sppy(str(scenario), 20)
    assert theirs["objective"] == pytest.approx(float(ours.levels[0].objective), rel=0.006, abs=0.1)
    assert theirs["bound"] <= float(ours.levels[0].objective) + 0.1
