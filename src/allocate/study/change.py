"""Changes of a scenario laid over a base case; two that touch one cell are an error."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from fractions import Fraction
from math import floor
from typing import Any

import pandas as pd
from pandas.api.types import is_numeric_dtype

from allocate.card import STEPS, Card, Column, Table
from allocate.errors import BadInput, Fault, nearest
from allocate.study.scenario import Change
from allocate.tables import Tables
from allocate.units import joined, with_unit

RANGE = {"minimum": "at least", "maximum": "at most", "not": "not"}  # in a where, and in words
NAMED = 3  # rows added that a line names before it says how many more there are
Touched = dict[tuple[str, str, str], str]


def apply(tables: Tables, changes: Sequence[Change], source: str) -> Tables:
    """Return the case with the changes made.

    Every ``where`` is asked of the base case, so the order of changes means nothing.

    Parameters
    ----------
    tables
        The base case; it stays as it is.
    changes
        Changes of the scenario.
    source
        Name of the scenario, for messages.

    Raises
    ------
    BadInput
        For an unknown table or column, a ``where`` that matches no row, two changes of one cell,
        or a changed case that the card refuses.
    """
    if not changes:
        return tables
    typed = {name: frame.copy() for name, frame in tables.typed.items()}
    faults: list[Fault] = []
    touched: Touched = {}
    for number, change in enumerate(changes, start=1):
        place = f"{source} [[change]] {number}"
        wrong = _unknown(tables.card, change, place)
        if not wrong:
            wrong = _make(tables, typed, change, place, touched)
        faults += wrong
    if faults:
        raise BadInput(source, faults)
    try:
        return tables.replace(typed)
    except BadInput as error:
        told = [_told(fault, touched) for fault in error.faults]
        raise BadInput(f"{source}, over {tables.folder}", told) from None


def _told(fault: Fault, touched: Touched) -> Fault:
    """Name the change that put a wrong value where the file has none."""
    file, _, line = fault.place.partition(".csv ")
    changed = touched.get((file, line, fault.value.partition(" = ")[0]))
    return replace(fault, place=f"{changed} makes {fault.place}") if changed else fault


def _unknown(card: Card, change: Change, place: str) -> list[Fault]:
    if change.table not in card.tables:
        problem = f"no such table{nearest(change.table, card.tables)}"
        remedy = f"Use one of: {', '.join(card.tables)}"
        return [Fault(place, f'table = "{change.table}"', problem, remedy)]
    table = card.tables[change.table]
    named = [*change.set, *change.scale, *(key for row in change.add for key in row)]
    faults = [
        Fault(
            place,
            f'"{name}"',
            f"{change.table} has no such column{nearest(name, table.names)}",
            f"Use one of: {', '.join(table.names)}",
        )
        for name in dict.fromkeys(named)
        if name not in table.names
    ]
    for name in change.scale:
        if name in table.names and table.column(name).type not in ("integer", "number"):
            problem = f"{name} is no number, so it cannot be scaled"
            faults.append(Fault(place, f"scale.{name}", problem, "Use set"))
    for name in change.set.keys() & change.scale.keys():
        problem = f"{name} is both set and scaled"
        faults.append(Fault(place, f"set.{name}, scale.{name}", problem, "Keep one of them"))
    if change.drop and (change.set or change.scale):
        problem = "rows that are dropped cannot be set or scaled"
        faults.append(Fault(place, "drop = true", problem, "Make two changes of it"))
    if not (change.set or change.scale or change.drop or change.add):
        faults.append(Fault(place, "", "changes nothing", "Give set, scale, drop or add"))
    return faults


def _make(
    tables: Tables,
    typed: dict[str, pd.DataFrame],
    change: Change,
    place: str,
    touched: Touched,
) -> list[Fault]:
    """Make one change; return what is wrong with it."""
    faults: list[Fault] = []
    if change.set or change.scale or change.drop:
        chosen, faults = _rows(tables, change, place)
        if faults:
            return faults
        columns = list(tables.card.tables[change.table].names if change.drop else change.set)
        columns += [] if change.drop else list(change.scale)
        faults = _claim(change, chosen, columns, place, touched)
        faults += _nothing_to_scale(tables, change, chosen, place)
        if faults:
            return faults
        _rewrite(tables, typed, change, chosen)
    if change.add:
        names = tables.card.tables[change.table].names
        rows = [{name: as_text(row.get(name, "")) for name in names} for row in change.add]
        index = [f"({place}, row {number})" for number in range(1, len(rows) + 1)]
        added = pd.DataFrame(rows, index=index, columns=list(names), dtype="object")
        typed[change.table] = pd.concat([typed[change.table], added]).fillna("")
    return faults


def _claim(
    change: Change, chosen: pd.Index[Any], columns: list[str], place: str, touched: Touched
) -> list[Fault]:
    """Note the cells that a change touches; a cell noted before is a fault, told once a column."""
    faults: dict[str, Fault] = {}
    for line in chosen:
        for column in columns:
            earlier = touched.setdefault((change.table, str(line), column), place)
            if earlier != place:
                problem = f"touches a cell that {earlier} touches too"
                cell = f"{change.table}.csv {line}, {column}"
                remedy = "Narrow one of the two, or leave one out"
                faults.setdefault(column, Fault(place, cell, problem, remedy))
    return list(faults.values())


def _nothing_to_scale(
    tables: Tables, change: Change, chosen: pd.Index[Any], place: str
) -> list[Fault]:
    """Find cells to be scaled that are empty: what is derived for them would stay as it is."""
    faults = []
    for name in change.scale:
        empty = int(tables[change.table].loc[chosen, name].isna().sum())
        if empty:
            problem = f"{empty} of the {len(chosen)} rows chosen have no {name} to scale"
            leave = f"leave them out with where = {{ {name} = {{ minimum = 0 }} }}"
            faults.append(Fault(place, f"scale.{name}", problem, f"Fill them in, or {leave}"))
    return faults


def _rewrite(
    tables: Tables, typed: dict[str, pd.DataFrame], change: Change, chosen: pd.Index[Any]
) -> None:
    frame = typed[change.table]
    if change.drop:
        typed[change.table] = frame.drop(index=chosen)
        return
    for name, value in change.set.items():
        if name not in frame:
            frame[name] = ""
        frame.loc[chosen, name] = as_text(value)
    for name, factor in change.scale.items():
        column = tables.card.tables[change.table].column(name)
        values = tables[change.table].loc[chosen, name].dropna()
        frame.loc[values.index, name] = [scaled(value, factor, column) for value in values]


def _rows(tables: Tables, change: Change, place: str) -> tuple[pd.Index[Any], list[Fault]]:
    """Return the rows that ``where`` chooses."""
    frame = tables[change.table]
    keep = pd.Series(True, index=frame.index)
    for name, wanted in change.where.items():
        column = follow(tables, change.table, name)
        if name == "status" and column is not None and (column == "").any():
            count = int((column == "").sum())
            problem = f"{count} rows have no status, so it is not plain whom this means"
            remedy = "Fill in status in the case"
            return frame.index[:0], [Fault(place, f"where.{name}", problem, remedy)]
        if column is None:
            known = _followed(tables.card, change.table)
            problem = f"no such column in {change.table} or what it points to{nearest(name, known)}"
            remedy = f"Use one of: {', '.join(known)}"
            return frame.index[:0], [Fault(place, f"where.{name}", problem, remedy)]
        if isinstance(wanted, dict) and (wrong := _range_problem(column, wanted)):
            remedy = f"Use {', '.join(RANGE)}; the first two with numbers only"
            return frame.index[:0], [Fault(place, f"where.{name}", wrong, remedy)]
        keep &= _matches(column, wanted)
    chosen = frame.index[keep]
    if chosen.empty:
        where = ", ".join(f"{name} = {value!r}" for name, value in change.where.items())
        problem = f"matches no row of {change.table}{_nearest_value(tables, change)}"
        return chosen, [Fault(place, f"where {where}", problem, "Correct the where, or drop it")]
    return chosen, []


def follow(tables: Tables, table: str, name: str) -> pd.Series[Any] | None:
    """Return a column of a table, or of a table that it points to, row by row.

    Parameters
    ----------
    tables
        The case.
    table
        Table whose rows are asked about.
    name
        Column there or along its foreign keys.

    Returns
    -------
    Series or None
        One value a row of ``table``; None where no such column is found.
    """
    words, frame = tables.card.tables[table], tables[table]
    if name in words.names:
        empty = words.column(name).empty
        return frame[name] if empty is None else frame[name].replace("", empty).fillna(empty)
    for reference in words.foreignKeys:
        further = follow(tables, reference.table, name)
        if further is not None and words.column(reference.field).type != "list":
            target = tables[reference.table].iloc[:, 0]
            lookup = dict(zip(target, further, strict=True))
            return frame[reference.field].map(lookup)
    return None


def _nearest_value(tables: Tables, change: Change) -> str:
    """Name the value closest to one that a ``where`` asks for and no row has."""
    for name, wanted in change.where.items():
        column = follow(tables, change.table, name)
        if isinstance(wanted, str) and column is not None and not _matches(column, wanted).any():
            return nearest(wanted, [item for item in column.unique() if isinstance(item, str)])
    return ""


def _followed(card: Card, table: str) -> list[str]:
    """Columns that a ``where`` on this table may name, its own first."""
    names = dict.fromkeys(card.tables[table].names)
    for reference in card.tables[table].foreignKeys:
        names |= dict.fromkeys(_followed(card, reference.table))
    return list(names)


def _range_problem(column: pd.Series[Any], wanted: dict[str, Any]) -> str | None:
    for key, value in wanted.items():
        if key not in RANGE:
            return f'no such key "{key}"{nearest(key, RANGE)}'
        if key == "not":
            if isinstance(value, dict) and (wrong := _range_problem(column, value)):
                return wrong
            continue
        if (
            not is_numeric_dtype(column)
            or isinstance(value, bool)
            or not isinstance(value, int | float)
        ):
            return f"{key} compares numbers, and this is none"
    return None


def _matches(column: pd.Series[Any], wanted: Any) -> pd.Series[bool]:
    """Compare with a value, any of a list, a range, or ``{ not = value }``."""
    if isinstance(wanted, dict):
        if "not" in wanted:
            rest = {key: value for key, value in wanted.items() if key != "not"}
            return ~_matches(column, wanted["not"]) & _matches(column, rest)
        if not wanted:
            return pd.Series(True, index=column.index)
        low, high = wanted.get("minimum", float("-inf")), wanted.get("maximum", float("inf"))
        return column.between(low, high)
    options = wanted if isinstance(wanted, list) else [wanted]
    if any(option is False for option in options):
        column = column.where(column.notna(), False)
    return column.isin(options) | column.map(
        lambda cell: isinstance(cell, tuple) and any(item in cell for item in options)
    )


def scaled(value: float, factor: float, column: Column) -> str:
    """Scale a number and round it half up to the column's smallest step."""
    steps = STEPS[column.step] if column.step else (1 if column.type == "integer" else 1000)
    exact = Fraction(str(value)) * Fraction(str(factor)) * steps
    # Nine decimals keep a whole minute whole when the cell is read again.
    return f"{floor(exact + Fraction(1, 2)) / steps:.9f}"


def in_words(change: Change, table: Table) -> str:
    """Say what a change does, and why, for whoever reads the answer.

    Parameters
    ----------
    change
        The change.
    table
        The words of its table.
    """
    where = " and ".join(f"{name} is {_said(value)}" for name, value in change.where.items())
    where = f" where {where}" if where else ""
    parts = [f"{name} set to {as_text(value) or 'nothing'}" for name, value in change.set.items()]
    parts += [f"{name} times {factor:g}" for name, factor in change.scale.items()]
    parts += ["rows dropped"] if change.drop else []
    text = f"{change.table}{where}: {', '.join(parts)}" if parts else ""
    if change.add:
        text = f"{text}; " if text else f"{change.table}: "
        text += _added(change, table)
    return f"{text} ({change.because.rstrip('.')})" if change.because else text


def _added(change: Change, table: Table) -> str:
    """Name the rows added by their ids, the first few of them."""
    keys = table.primaryKey or table.names[:1]
    ids = [" ".join(as_text(row[key]) for key in keys if row.get(key)) for row in change.add]
    more = len(ids) - NAMED
    named = ", ".join(filter(None, ids[:NAMED])) + (f" and {more} more" if more > 0 else "")
    text = f"{with_unit(str(len(ids)), 'rows')} added"
    return f"{text}: {named}" if any(ids[:NAMED]) else text


def _said(value: Any) -> str:
    """Say what a ``where`` asks of a column, after the word *is*."""
    if isinstance(value, dict):
        parts = [f"{RANGE[key]} {_said(item)}" for key, item in value.items()]
        return " and ".join(parts) or "anything"
    items = [as_text(item) or "empty" for item in (value if isinstance(value, list) else [value])]
    return joined(items, "or")


def as_text(value: Any) -> str:
    """Write a TOML value as a person would type it into a cell."""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, list):
        return ";".join(str(item) for item in value)
    return value.isoformat() if isinstance(value, date) else str(value)
