"""The record as lines and as a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

import pandas as pd

from allocate.columns import table as columns
from allocate.ledger.entry import PURGE
from allocate.ledger.ledger import Row

HEAD = ["run", "when (UTC)", "who", "what", "ended", "value", "bound", "lies in"]


def listing(rows: Sequence[Row]) -> list[str]:
    """Return one line a run under a heading."""
    if not rows:
        return ["No run is recorded yet."]
    cells = [_cells(row) for row in rows]
    return list(columns(HEAD, cells, left=(1, 2, 3, 4, 7)))


def _cells(row: Row) -> list[str]:
    entry = row.entry
    what = f"data of run {entry.about} purged" if entry.kind == PURGE else entry.scenario
    return [
        str(row.number),
        entry.at[:16].replace("T", " "),
        entry.who,
        what,
        entry.status,
        _amount(entry.objective),
        _amount(entry.bound),
        entry.folder or "not kept",
    ]


def _amount(value: float | None) -> str:
    return "" if value is None else f"{value:,.10g}"


def table(rows: Sequence[Row]) -> pd.DataFrame:
    """Return everything that is recorded, one row a run."""
    listed = [
        {"run": row.number, **asdict(row.entry), "previous": row.previous, "hash": row.hash}
        for row in rows
    ]
    return pd.DataFrame(listed)
