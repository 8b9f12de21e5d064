"""Ids that have lost their leading zeros on the way through a spreadsheet."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

import pandas as pd

from allocate.card import Card
from allocate.check import DERIVED
from allocate.errors import Fault


def with_zeros(card: Card, typed: dict[str, pd.DataFrame]) -> tuple[list[str], list[Fault]]:
    """Give ids that point to another table the leading zeros that they have there.

    ``7`` becomes ``007`` where the table pointed to has no 7 and just one such id; where it has
    two, such as 007 and 07, nothing is changed and the cell is a fault.

    Parameters
    ----------
    card
        Which columns point where.
    typed
        Cells as typed by table; tables with such ids are replaced.

    Returns
    -------
    tuple
        What was repaired, in words, and the faults.
    """
    notes: list[str] = []
    faults: list[Fault] = []
    for key, table in card.tables.items():
        for reference in table.foreignKeys:
            if key not in typed or reference.field not in typed[key]:
                continue
            known = _known(card, typed, reference.table)
            separator = ";" if table.column(reference.field).type == "list" else ""
            cells, padded = typed[key][reference.field], _padded(known)
            meant: dict[str, str] = {}
            for text in cells.unique():
                parts = text.split(separator) if separator else [text]
                found = [_candidates(part.strip(), known, padded) for part in parts]
                if any(len(options) > 1 for options in found):
                    meanings = next(options for options in found if len(options) > 1)
                    faults += _ambiguous(key, reference.field, text, meanings, cells)
                elif any(found):
                    whole = [(*o, p.strip())[0] for o, p in zip(found, parts, strict=True)]
                    meant[text] = separator.join(whole)
            if meant:
                typed[key] = typed[key].assign(**{reference.field: cells.replace(meant)})
                notes += [
                    f"{key}.csv: {reference.field} {old} is read as {new}, as {reference.table} "
                    f"has it (rows: {int((cells == old).sum())})"
                    for old, new in meant.items()
                ]
    return notes, faults


def _known(card: Card, typed: Mapping[str, pd.DataFrame], table: str) -> set[str]:
    """Ids of a table, or of the one that it is derived from where it is absent."""
    column = card.tables[table].names[0]
    if typed.get(table, pd.DataFrame()).empty and table in DERIVED:
        table, column = DERIVED[table]
    frame = typed.get(table, pd.DataFrame())
    return set(frame[column]) - {""} if column in frame else set()


def _padded(known: set[str]) -> dict[int, list[str]]:
    """Ids of digits that begin with a nought, by their number."""
    padded: dict[int, list[str]] = defaultdict(list)
    for item in sorted(known):
        if item.isdecimal() and item.startswith("0"):
            padded[int(item)].append(item)
    return padded


def _candidates(text: str, known: set[str], padded: Mapping[int, list[str]]) -> list[str]:
    """Ids that a number may mean, where it is none itself."""
    if not text.isdecimal() or text in known:
        return []
    return [item for item in padded.get(int(text), []) if len(item) > len(text)]


def _ambiguous(
    key: str, column: str, text: str, meanings: list[str], cells: pd.Series[str]
) -> list[Fault]:
    problem = f"could be {' or '.join(meanings)}: leading zeros are lost"
    return [
        Fault(f"{key}.csv {line}", f'{column} = "{text}"', problem, "Write the id out in full")
        for line in cells.index[cells == text]
    ]
