"""Places written for spopt, and what its regions come to: recounted by our rules."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from allocate.asked import prepare
from allocate.core.partition import Partition, in_order
from allocate.errors import AllocateError
from allocate.lots.candidates import partition
from allocate.lots.formulation import PERSON_KM
from allocate.study.scenario_file import read_scenario
from allocate.units import Ints

SCRIPT = Path(__file__).with_name("regions.py")


def measured(asked: Partition, lots: Ints) -> dict[str, Any]:
    """Say what regions come to, whether they are a plan or not.

    Parameters
    ----------
    asked
        Cells and limits.
    lots
        Lot of each cell, (n,).
    """
    size = np.bincount(lots, asked.size)
    equal = size.sum() / len(size)
    return {
        "lots": len(size),
        "person_km": float((asked.total(lots) or 0) / PERSON_KM),
        "furthest": float(np.abs(size - equal).max() / equal),
        "faults": asked.faults(lots),
    }


def drawn(where: str, tables: Mapping[str, pd.DataFrame]) -> dict[str, Any]:
    """Measure the lots of our own answer to a question of so many lots; nothing of any other.

    Parameters
    ----------
    where
        The scenario.
    tables
        The answer.
    """
    instance: Any = prepare(read_scenario(where)).instance
    frame = tables.get("lots")
    if frame is None or instance.cells.table != "places":
        return {}
    of = dict(zip(frame["cell_id"], frame["lot_id"], strict=True))
    labels = pd.factorize(pd.Series([of[cell] for cell in instance.cells.ids]))[0]
    lots = in_order(np.asarray(labels))
    return {"drawn": measured(partition(instance, int(lots.max()) + 1), lots)}


def solve_by_spopt(where: str, way: str, seconds: float) -> dict[str, Any]:
    """Draw the lots of a question in one way of spopt, in a process of its own.

    Parameters
    ----------
    where
        The scenario; its lots are of places, and their number is fixed.
    way
        One of ``families.SPOPT``.
    seconds
        When to end it.

    Raises
    ------
    AllocateError
        Where it is not installed, does not end in time, or the question is not of that kind.
    """
    instance: Any = prepare(read_scenario(where)).instance
    if len(instance.numbers) != 1 or instance.cells.table != "places":
        raise AllocateError("spopt is asked for a number of lots of places, and no other question")
    asked = partition(instance, instance.numbers[0])
    with tempfile.TemporaryDirectory(prefix="allocate-spopt-") as folder:
        path = Path(folder) / "places.npz"
        np.savez(
            path,
            size=asked.size,
            edges=asked.edges,
            east=instance.cells.east,
            north=instance.cells.north,
            lots=asked.most,
            lower=asked.lower,
        )
        try:
            done = subprocess.run(
                [sys.executable, str(SCRIPT), str(path), way],
                capture_output=True,
                text=True,
                timeout=seconds,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise AllocateError(f"{way}: did not end in {seconds:g} s") from error
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["ended without a word"])[-1]
        raise AllocateError(f"{way}: {last}")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    spent = {name: round(found[name], 3) for name in ("build", "solve")}
    return {"seconds": spent, "drawn": measured(asked, in_order(found["lots"]))}
