"""A program of two stages as one file of arrays, for a solver in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from allocate.asked import prepare
from allocate.core.two_stage import TwoStage
from allocate.errors import AllocateError
from allocate.study.scenario_file import read_scenario

SCRIPT = Path(__file__).with_name("sppy.py")
GRACE = 120  # seconds beyond the limit, for building and for ending


def export(two_stage: TwoStage, path: Path) -> None:
    """Write a program of two stages.

    Parameters
    ----------
    two_stage
        The program.
    path
        An ``.npz`` file; sparse matrices are written row, column, amount.
    """
    flat = two_stage.first.flat()
    arrays: dict[str, Any] = {
        "cost": two_stage.cost,
        "lower": flat.lower,
        "upper": flat.upper,
        "low": flat.low,
        "high": flat.high,
        "equal": two_stage.equal,
        "price": two_stage.price,
        "most": two_stage.upper,
        "of_sample": two_stage.of_sample,
        "rhs": two_stage.rhs,
        "weight": two_stage.weight,
        "tail": [0.0, 0.0]
        if two_stage.tail is None
        else [float(two_stage.tail.share), float(two_stage.tail.weight)],
        "per": float(two_stage.first.levels[0].per),
    }
    matrices = {"first": flat.matrix, "matrix": two_stage.matrix, "link": two_stage.link}
    matrices |= {f"booked{n}": booked for n, booked in enumerate(two_stage.booked)}
    for name, matrix in matrices.items():
        entries = matrix.tocoo()
        arrays[name] = np.array([entries.row, entries.col, entries.data])
        arrays[f"{name}_shape"] = np.array(matrix.shape)
    np.savez(path, **arrays)


def solve_by_mpi_sppy(where: str, seconds: float) -> dict[str, Any]:
    """Solve a scenario of two stages by mpi-sppy, in a process of its own.

    Parameters
    ----------
    where
        The scenario.
    seconds
        Time limit of the solver.

    Raises
    ------
    AllocateError
        Where it is not installed, or ends without a word.
    """
    asked = prepare(read_scenario(where))
    draft: Any = asked.model.formulate(asked.instance, asked.question.levels)
    with tempfile.TemporaryDirectory(prefix="allocate-sppy-") as folder:
        path = Path(folder) / "problem.npz"
        export(draft.program, path)
        done = subprocess.run(
            [sys.executable, str(SCRIPT), str(path), str(seconds)],
            capture_output=True,
            text=True,
            timeout=seconds + GRACE,
            check=False,
        )
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["ended without a word"])[-1]
        raise AllocateError(f"mpi-sppy: {last}")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found | {"base": _fixed(draft.program)}


def _fixed(two_stage: TwoStage) -> float:
    """What no decision changes, in the unit of the first stage's level."""
    flat, cost, times = two_stage.flat()
    still = flat.lower == flat.upper
    return int(cost[still] @ flat.lower[still]) / times / float(two_stage.first.levels[0].per)
