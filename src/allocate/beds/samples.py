"""The labels and probabilities of the possible winters, and rows that name one."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from math import lcm
from typing import Any

import numpy as np
import pandas as pd

from allocate.assume import Assumptions
from allocate.errors import Fault, nearest
from allocate.tables import Tables
from allocate.units import Ints


def samples(
    tables: Tables, parameters: Mapping[str, Any], assume: Assumptions
) -> tuple[tuple[str, ...], Ints, list[Fault]]:
    """Labels and weights of the winters, and what is wrong with their probabilities."""
    frame = tables["samples"]
    if frame.empty:
        named = tables["arrivals"]["sample_id"]
        ids = tuple(dict.fromkeys(named[named != ""]))
        if not tables.has("arrivals"):
            ids = tuple(f"W{s + 1:04d}" for s in range(int(parameters["winters"])))
        ids = ids or ("W0001",)
        if len(ids) > 1:
            text = "all possible winters are equally likely"
            assume.note("samples", "probability", ["all"], round(1 / len(ids), 6), text)
        return ids, np.ones(len(ids), dtype=np.int64), []
    ids = tuple(frame["sample_id"])
    given = frame["probability"]
    faults: list[Fault] = []
    if given.isna().all():
        assume.blank("samples", "probability", round(1 / len(ids), 6), "equally likely")
        return ids, np.ones(len(ids), dtype=np.int64), faults
    remedy = "Give each winter its probability, or none of them"
    for line in given.index[given.isna()]:
        problem = "is missing, and other winters have one"
        faults.append(Fault(f"samples.csv {line}", 'probability = ""', problem, remedy))
    exact = [Fraction(str(value)) for value in given.fillna(1)]
    if not faults and sum(exact) != 1:
        total = float(sum(exact))
        cell = f'probability = "{given.iloc[-1]:g}"'
        problem = f"the probabilities add up to {total:.6g}, not to 1"
        faults.append(Fault(f"samples.csv {given.index[-1]}", cell, problem, "Make them 1"))
    whole = lcm(*(value.denominator for value in exact))
    return ids, np.array([int(value * whole) for value in exact], dtype=np.int64), faults


def positions_of(frame: pd.DataFrame, ids: tuple[str, ...]) -> Ints:
    """Position of each row's winter, -1 for all of them."""
    known = {label: s for s, label in enumerate(ids)} | {"": -1}
    return np.array([known.get(label, -2) for label in frame["sample_id"]], dtype=np.int64)


def unknown(table: str, frame: pd.DataFrame, winter: Ints, ids: tuple[str, ...]) -> list[Fault]:
    """Find rows that name a winter that is none."""
    return [
        Fault(
            f"{table}.csv {line}",
            f'sample_id = "{frame["sample_id"][line]}"',
            f"no such winter{nearest(frame['sample_id'][line], ids)}",
            "Correct the id, or leave it empty for all winters",
        )
        for line in frame.index[winter == -2]
    ]
