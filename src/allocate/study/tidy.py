"""All answers of a sweep in one table: a row a case, a column a value. Nothing in it is a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd

from allocate.study.case import Done

# Columns of every sweep beside its own keys, with what they hold.
CASE = {"case": "number of the case in the grid"}
ENDED = {
    "status": "how the case ended",
    "why_stopped": "why its run ended",
    "replayable": "whether another run gives the same bytes",
    "start": "case that it started from; empty for a cold one",
    "hash": "SHA-256 of all that the answer depends on; its first 16 characters name its folder",
    "start_hash": "hash of the case that it started from",
}
OF_LEVEL = {
    "objective": ("", "value of the level"),
    "bound": ("_bound", "no plan that does as well on the levels before is lower"),
    "gap": ("_gap", "how far apart the two are, of what can be decided"),
}
OF_RULE = {"short_by": "_short_by", "slack": "_slack"}


def tidy(done: Sequence[Done], settings: Sequence[Sequence[tuple[str, Any]]]) -> pd.DataFrame:
    """Return one row a case.

    Parameters
    ----------
    done
        The cases.
    settings
        Keys and values of each.

    Returns
    -------
    DataFrame
        The same whoever solved the cases, and in whatever order they ended.
    """
    keys = {item.case.name: item.key for item in done}
    rows = [
        {
            "case": item.case.name,
            **{key: _cell(value) for key, value in given},
            "status": item.status,
            "why_stopped": item.record.get("why_stopped", ""),
            "replayable": item.record.get("replayable"),
            "start": item.start,
            "hash": item.key,
            "start_hash": keys.get(item.start, ""),
            **dict(_measures(item)),
        }
        for item, given in zip(done, settings, strict=True)
    ]
    table = pd.DataFrame(rows)
    for key in dict.fromkeys(key for given in settings for key, _ in given):
        if len({type(value) for value in table[key]} - {int, float}) and table[key].nunique() > 1:
            table[key] = table[key].map(str)  # one column has one kind of value
    table["replayable"] = table["replayable"].astype("boolean")
    return table


def _cell(value: Any) -> Any:
    return value if isinstance(value, bool | int | float | str) else str(value)


def column_of(level: str) -> str:
    """Name the column of a level's value."""
    return level.replace(" ", "_")


def _measures(item: Done) -> Iterator[tuple[str, float | None]]:
    """Yield what a case came to: levels, terms that are no level, rules that bind or are watched.

    All numbers are floats, so that a column is the same whichever case came first.
    """
    record = item.record
    for level in record.get("levels", ()):
        for key, (ending, _) in OF_LEVEL.items():
            yield f"{column_of(level['name'])}{ending}", _number(level[key])
    named = {level["name"] for level in record.get("levels", ())}
    for term, found in record.get("terms", {}).items():
        if term not in named:
            yield term, _number(found["amount"])
    if record.get("levels"):
        for rule, found in record["rules"].items():
            if found["mode"] != "off":
                for key, ending in OF_RULE.items():
                    yield f"{rule}{ending}", _number(found[key])


def _number(value: float | None) -> float | None:
    return None if value is None else float(value)


def columns(table: pd.DataFrame, done: Sequence[Done]) -> pd.DataFrame:
    """Return what each column of the table holds, and in which unit."""
    told: dict[str, tuple[str, str]] = {k: (v, "") for k, v in {**CASE, **ENDED}.items()}
    for item in done:
        for term, found in item.record.get("terms", {}).items():
            told[term] = ("amount of the term", found["unit"])
        for level in item.record.get("levels", ()):
            for key, (ending, words) in OF_LEVEL.items():
                unit = "share" if key == "gap" else level["unit"]
                told[f"{column_of(level['name'])}{ending}"] = (words, unit)
        for rule, found in item.record.get("rules", {}).items():
            told[f"{rule}_short_by"] = ("what the rule is short by", found["unit"])
            told[f"{rule}_slack"] = ("what the rule has to spare", found["unit"])
    rows = [(name, *told.get(name, ("value given", ""))) for name in table.columns]
    return pd.DataFrame(rows, columns=["column", "holds", "unit"])
