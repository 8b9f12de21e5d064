"""Checks of a table against its card: values, keys and references, every fault at once."""

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import Any

import numpy as np
import pandas as pd

from allocate.card import STEPS, Column, Table
from allocate.errors import Fault, closest_first, nearest

# Where the ids stand of a table that is derived when it is absent.
DERIVED = {"areas": ("place_areas", "area_id"), "places": ("place_areas", "place_id")}

ONE_OF = "must be one of"
WHOLE = {
    "one": "whole",
    "minute": "a whole number of minutes (0.25 is 15 minutes; write 7.333 for 7 hours 20)",
    "penny": "a whole number of pence",
    "thousandth": "given to at most three decimals",
}


def value_faults(key: str, table: Table, values: pd.DataFrame, typed: pd.DataFrame) -> list[Fault]:
    """Check each cell against its column's constraints.

    Parameters
    ----------
    key
        Name of the table.
    table
        Its words.
    values
        Converted cells.
    typed
        Cells as typed, for the message.

    Returns
    -------
    list of Fault
        One a cell.
    """
    if values.empty:
        return []
    import pandera.pandas as pa  # costs 0.6 s: loaded only where there is something to check

    schema = pa.DataFrameSchema(
        {column.name: _schema(column, typed, pa) for column in table.fields}
    )
    try:
        schema.validate(values, lazy=True)
    except pa.errors.SchemaErrors as errors:
        found = errors.failure_cases[["index", "column", "check"]].drop_duplicates()
        order = {line: number for number, line in enumerate(values.index)}
        rows = sorted(found.itertuples(index=False), key=lambda row: order[row[0]])
        return [_fault(key, table, typed, *row) for row in rows]
    return []


def _schema(column: Column, typed: pd.DataFrame, pa: Any) -> Any:
    """Return the pandera column: each check's name is the problem it finds."""
    limits = column.constraints
    checks = []
    if limits.required and column.name in typed:
        # A cell that could not be read has its own fault already: it is not missing.
        filled = typed[column.name] != ""
        present = pa.Check(lambda values: filled[values.index], name="is missing", ignore_na=False)
        checks.append(present)
    if limits.enum:
        allowed = {"", *limits.enum}
        problem = f"{ONE_OF} {', '.join(limits.enum)}"
        checks.append(pa.Check(lambda values: values.isin(allowed), name=problem))
    if limits.minimum is not None or limits.maximum is not None:
        low = -np.inf if limits.minimum is None else limits.minimum
        high = np.inf if limits.maximum is None else limits.maximum
        problem = f"must be {_between(low, high)} {column.unit}".rstrip()
        checks.append(pa.Check(lambda values: values.between(low, high), name=problem))
    if column.step:
        steps = STEPS[column.step]
        # Three decimals of an hour say which minute is meant: 7.333 is 7 hours 20.
        off = 0.021 if column.step == "minute" else 1e-6
        problem = f"must be {WHOLE[column.step]}"
        checks.append(pa.Check(lambda values: _whole(values * steps, off), name=problem))
    return pa.Column(None, checks=checks, nullable=True)


def _between(low: float, high: float) -> str:
    if np.isinf(high):
        return f"at least {low:g}"
    return f"from {low:g} to {high:,.10g}"


def _whole(values: pd.Series[float], off: float) -> pd.Series[bool]:
    return (values - values.round()).abs() < off


def _fault(
    key: str, table: Table, typed: pd.DataFrame, line: str, column: str, problem: str
) -> Fault:
    words = table.column(column)
    cell = str(typed.loc[line, column]) if column in typed else ""
    if words.aliases and problem.startswith(ONE_OF):
        problem += f"; or of {', '.join(closest_first(cell, words.aliases))}"
    place = f"{key}.csv {line}"
    return Fault(place, f'{column} = "{cell}"', problem, _remedy(key, words, typed, line, cell))


def _remedy(key: str, words: Column, typed: pd.DataFrame, line: str, cell: str) -> str:
    """Say what belongs in a cell; a parameter without a value is asked for by its name."""
    if key == "parameters" and words.name == "value" and not cell:
        name = str(typed.loc[line, "parameter_id"]) or "the parameter"
        return f"Put the value of {name} into this cell, or delete the row if it is not needed"
    return f"Correct the cell; it holds: {words.title}"


def key_faults(key: str, table: Table, values: pd.DataFrame) -> list[Fault]:
    """Find rows whose key stands in an earlier row."""
    if not table.primaryKey or values.empty:
        return []
    columns = list(table.primaryKey)
    twice = values.duplicated(columns, keep="first")
    first = values.drop_duplicates(columns).reset_index(names="first").set_index(columns)["first"]
    faults = []
    for line, row in values.loc[twice, columns].iterrows():
        cells = ", ".join(f'{name} = "{row[name]}"' for name in columns)
        earlier = first.loc[tuple(row) if len(columns) > 1 else row.iloc[0]]
        problem = f"the key stands already in {earlier}"
        faults.append(
            Fault(f"{key}.csv {line}", cells, problem, "Remove one row or correct its id")
        )
    return faults


def reference_faults(
    key: str, table: Table, values: Mapping[str, pd.DataFrame], broken: Set[str]
) -> list[Fault]:
    """Find ids that stand in no row of the table they point to, unless that one is broken."""
    faults = []
    for reference in table.foreignKeys:
        target = values[reference.table]
        file = reference.table
        other, column = DERIVED.get(file, ("", ""))
        if target.empty and other in values:
            file = other
            known = values[file][column]
        else:
            known = target.iloc[:, 0]
        if known.empty or values[key].empty or reference.table in broken:
            continue  # a table that is needed and missing has its own fault
        cells = values[key][reference.field].explode().dropna()
        strangers = cells[(cells != "") & ~cells.isin(known)]
        for line, item in strangers.items():
            value = f'{reference.field} = "{item}"'
            problem = f"no such id in {file}.csv{nearest(item, known)}"
            remedy = f"Add it to {file}.csv or correct the id"
            faults.append(Fault(f"{key}.csv {line}", value, problem, remedy))
    return faults
