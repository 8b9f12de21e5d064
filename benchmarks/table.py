"""Rows of a run as a table for people, with what they come to method by method."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from benchmarks.measure import (
    GAP_SHIFT,
    SECONDS_SHIFT,
    distance,
    gaps,
    integral,
    relative_gap,
    shifted_geometric_mean,
    time_to,
)
from benchmarks.runs import WARM, Row, best_known

HEAD = (
    *("case", "method", "status", "read", "build", "solve", "review", "MiB"),
    *("value", "gap", "of all", "to best", "primal", "dual"),
)
WARMTH = ("case", "method", "gap", "cold, seconds to it", "warm, seconds to it", "share")
DRAWN = ("case", "method", "solve", "lots", "person-km", "furthest from equal", "rules broken")
MEANS = ("method", "rows", "plans", "proven", "seconds, mean", "gap, mean", "to best, mean")


def lines(rows: Sequence[Row], seconds: float) -> list[str]:
    """Write rows and means as tables in Markdown.

    Parameters
    ----------
    rows
        Of one run.
    seconds
        Its time limit, over which gaps are integrated.
    """
    best = best_known(rows)
    table = [HEAD, *(_cells(row, best.get(row["case"]), seconds) for row in rows)]
    methods = list(dict.fromkeys(row["method"] for row in rows))
    means = [MEANS, *(_means(m, [r for r in rows if r["method"] == m], best) for m in methods)]
    tables = [*markdown(table), "", *markdown(means)]
    warm = [one for row in rows if row["method"].endswith(WARM) for one in _warmth(row, rows)]
    areas = [_drawn(row) for row in rows if "drawn" in row]
    for head, more in ((WARMTH, warm), (DRAWN, areas)):
        tables += ["", *markdown([head, *more])] if more else []
    return tables


def _drawn(row: Row) -> tuple[str, ...]:
    """Say of lots that were drawn what they come to, whether they are a plan or not."""
    found = row["drawn"]
    return (
        *(row["case"], row["method"], _number(row["seconds"].get("solve")), str(found["lots"])),
        *(_number(found["person_km"], 0), f"{found['furthest']:.1%}", str(len(found["faults"]))),
    )


def _warmth(row: Row, rows: Sequence[Row]) -> Iterator[tuple[str, ...]]:
    """Set a row that started from an earlier answer beside the cold one of its case and method."""
    method = row["method"].removesuffix(WARM)
    for cold in rows:
        same = (cold["case"], cold["method"]) == (row["case"], method)
        if not same or len(row["levels"]) != 1 or len(cold["levels"]) != 1:
            continue
        for gap in (row_gap(cold), 2 * row_gap(cold)):
            once, again = (_time_to(one["levels"][0], gap) for one in (cold, row))
            share = f"{again / once:.0%}" if once and again is not None else NONE
            yield (row["case"], method, _percent(gap), _number(once, 2), _number(again, 2), share)


def _time_to(level: Row, gap: float) -> float | None:
    return time_to(level["trace"], gap, level["base"] or 0)


def markdown(table: Sequence[Sequence[str]]) -> list[str]:
    """Write a table, its head first, in Markdown."""
    head, *body = ["| " + " | ".join(cells) + " |" for cells in table]
    return [head, "|" + " --- |" * len(table[0]), *body]


def _cells(row: Row, best: float | None, limit: float) -> tuple[str, ...]:
    spent, levels = row["seconds"], row["levels"]
    phases = (spent.get("read", 0) + spent.get("check", 0), *map(spent.get, PHASES))
    status = row["status"] if row["status"] != "failed" else f"failed: {row['why']}"
    head = (row["case"], _method(row), status, *(_number(one) for one in phases))
    memory = _number(row.get("memory_mib"), 0)
    if len(levels) != 1:
        value = "; ".join(_level(level) for level in levels)
        return (*head, memory, value or NONE, _percent(row_gap(row)), *[NONE] * 4)
    level = levels[0]
    if best is None:
        return (*head, memory, NONE, _percent(row_gap(row)), *[NONE] * 4)
    primal, dual = gaps(level["trace"], best, level["base"] or 0)
    areas = (_number(integral(steps, limit), 2) for steps in (primal, dual))
    return (
        *head,
        memory,
        _number(level["objective"], 0),
        _percent(row_gap(row)),
        _percent(relative_gap(level["objective"], level["bound"], 0)),
        _percent(_to_best(row, best)),
        *areas,
    )


def _method(row: Row) -> str:
    """Name the method, and how many cores it kept busy where that is more than one."""
    cores, short = row.get("cores") or 1.0, row["seconds"].get("solve", 0.0) < SHORT
    return row["method"] if short or cores < SEVERAL else f"{row['method']} on {cores:.1f} cores"


SEVERAL = 1.4  # cores busy: reading while the solver's process starts is no second one
SHORT = 2.5  # seconds of a solve beside which that start is most of what was computed
PHASES = ("build", "solve", "review")
NONE = "–"


def _means(method: str, rows: Sequence[Row], best: dict[str, float]) -> tuple[str, ...]:
    """Sum a method up: shifted geometric means, and the plain mean to the best known."""
    planned = [row for row in rows if _planned(row)]
    single = [row for row in rows if row["case"] in best]
    to_best = [_to_best(row, best[row["case"]]) for row in single]
    solve = [row["seconds"].get("solve", 0.0) for row in rows]
    return (
        method,
        str(len(rows)),
        str(len(planned)),
        str(sum(row["status"] == "optimal" for row in rows)),
        _number(shifted_geometric_mean(solve, SECONDS_SHIFT), 2),
        _percent(shifted_geometric_mean(map(row_gap, rows), GAP_SHIFT)),
        _percent(sum(to_best) / len(to_best)) if to_best else NONE,
    )


def row_gap(row: Row) -> float:
    """Gap of the first level that is not closed, else of the last; 1 without plan or bound."""
    if not _planned(row):
        return 1.0
    found = [_level_gap(level) for level in row["levels"]]
    return next((gap for gap in found if gap > GAP_SHIFT), found[-1])


def _level_gap(level: Row) -> float:
    return relative_gap(level["objective"], level["bound"], level["base"] or 0)


def _to_best(row: Row, best: float) -> float:
    """Relative distance of a row's plan from the best known, of what can be decided."""
    if not _planned(row):
        return 1.0
    level = row["levels"][0]
    base = level["base"] or 0
    return distance(level["objective"] - base, best - base)


def _planned(row: Row) -> bool:
    return bool(row["levels"]) and all(level["objective"] is not None for level in row["levels"])


def _level(level: Row) -> str:
    """Name, value and gap of one level of several."""
    if level["objective"] is None:
        return f"{level['name']}: no plan"
    value, gap = level["objective"], _level_gap(level)
    shown = f"{value:,.0f}" if abs(value) >= 10**6 else f"{value:,.6g}"
    return f"{level['name']} {shown}" + (f" (gap {_percent(gap)})" if gap else "")


def _number(value: float | None, digits: int = 1) -> str:
    return NONE if value is None else f"{value:,.{digits}f}"


def _percent(share: float) -> str:
    return f"{round(share, 7) + 0.0:.3%}" if share < 1 else "100%"  # no minus before nought
