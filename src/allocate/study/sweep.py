"""A sweep: a scenario asked again and again with other values, and one table of all answers."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Unpack

import pandas as pd
import tomli_w

from allocate.core.outcome import Watch
from allocate.errors import BadInput, Fault
from allocate.result import FEASIBLE, INFEASIBLE, OPTIMAL, STOPPED
from allocate.study.axis import SCENARIO, Axis, question_at
from allocate.study.case import FAILED, NOT_RUN, Case, Done
from allocate.study.change import apply
from allocate.study.grid import parent, points, settings
from allocate.study.running import run_cases
from allocate.study.scenario import Given
from allocate.study.scenario_file import checked_limits
from allocate.study.tidy import column_of, columns, tidy
from allocate.tables import read
from allocate.units import as_duration

ASKED = "sweep.toml"
STATUSES = {
    OPTIMAL: "answered, every level proven to the gap asked for",
    FEASIBLE: "answered, not proven to the gap asked for",
    INFEASIBLE: "cannot all be met",
    STOPPED: "stopped before a plan was found",
    FAILED: "failed",
    NOT_RUN: "not run",
}
NAMED = 12  # cases that a line names
TO_MEND = "The same command goes on where it was: only what failed or was not run is solved."


@dataclass(frozen=True)
class Sweep:
    """What came of a sweep.

    Parameters
    ----------
    done
        Each case, in the order of the grid.
    table
        One row a case: its values, how it ended, levels, terms and rules.
    columns
        What each column of the table holds, and its unit.
    summary
        What happened, in words.
    """

    done: tuple[Done, ...]
    table: pd.DataFrame
    columns: pd.DataFrame
    summary: str

    @property
    def exit_code(self) -> int:
        """0 where every case has its result, 3 where some failed or were not run."""
        return 3 if any(item.status in (FAILED, NOT_RUN) for item in self.done) else 0


def sweep(
    scenarios: Sequence[str],
    axes: Sequence[Axis],
    folder: Path,
    *,
    method: str = "allocate",
    cores: int = 1,
    cluster: str | None = None,
    watch: Watch | None = None,
    ended: Callable[[Done], None] = lambda _: None,
    **limits: Unpack[Given],
) -> Sweep:
    """Answer every combination of some values, and write one table of all answers.

    Parameters
    ----------
    scenarios
        Scenarios or cases; several are one more axis.
    axes
        Keys and their values.
    folder
        Where to: a new folder, or that of a sweep to go on with.
    method
        Name of the engine.
    cores, cluster
        Who solves; see ``run_cases``.
    watch
        Progress out, the wish to stop in.
    ended
        Called with each case as it ends.
    limits
        ``seconds``, ``gap``, ``seed`` and ``work`` of each case, in place of its scenario's.

    Raises
    ------
    BadInput
        With all that is wrong with the axes, the scenarios or the folder, before anything is run.
    """
    watch = watch or Watch()
    if len(scenarios) > 1:
        axes = [Axis(SCENARIO, tuple(scenarios)), *axes]
    cases = cases_of(scenarios[0], axes, limits)
    _check_folder(folder)
    began = time.monotonic()
    found: dict[str, Done] = {}
    for item in run_cases(cases, folder, cores=cores, cluster=cluster, method=method, watch=watch):
        found[item.case.name] = item
        ended(item)
        if item.status != NOT_RUN:
            watch.say(_progress(list(found.values()), len(cases), time.monotonic() - began))
    done = tuple(found[case.name] for case in cases)
    table = tidy(done, [settings(axes, point) for point in points(axes)])
    swept = Sweep(done, table, columns(table, done), _summary(done, table))
    _put(folder / ASKED, _asked(scenarios, axes, limits, method))
    _write(swept, folder)
    return swept


def cases_of(scenario: str, axes: Sequence[Axis], limits: Given) -> list[Case]:
    """Return the cases of a grid, each with the parent that it starts from.

    Parameters
    ----------
    scenario
        Its name or file.
    axes
        Keys and their values.
    limits
        Limits of each case, in place of its scenario's; None leaves what that says.

    Raises
    ------
    BadInput
        With all that is wrong with any of them.
    """
    grid = points(axes)
    width = len(str(len(grid)))
    names = {point: f"{number:0{width}}" for number, point in enumerate(grid, start=1)}
    cases: list[Case] = []
    faults: dict[str, Fault] = {}
    for point in grid:
        try:
            question = question_at(scenario, settings(axes, point))
            question = replace(question, limits=checked_limits(question.limits, limits))
        except BadInput as error:
            faults |= {str(fault): fault for fault in error.faults}
            continue
        above = parent(axes, point)
        cases.append(Case(names[point], question, names[above] if above else ""))
    if faults:
        raise BadInput("the sweep", list(faults.values()))
    first = cases[0].question  # what is wrong with its changes is wrong with most
    apply(read(first.case, first.model), first.changes, first.name)
    return cases


def _check_folder(folder: Path) -> None:
    """Refuse a folder that holds other things than a sweep."""
    if folder.exists() and not folder.is_dir():
        problem = "is a file"
    elif folder.exists() and any(folder.iterdir()) and not (folder / "cases").is_dir():
        problem = "exists already, and holds no sweep to go on with"
    else:
        return
    raise BadInput("--out", [Fault(str(folder), "", problem, "Name another, or remove this one")])


def _progress(ended: Sequence[Done], count: int, seconds: float) -> str:
    """Say how far a sweep is, and how long the rest may take."""
    solved = sum(not item.stored for item in ended)
    left = count - len(ended)
    text = f"{len(ended)} of {count} cases"
    if failed := sum(item.status == FAILED for item in ended):
        text += f", {failed} failed"
    return f"{text}, about {as_duration(left * seconds / solved)} left" if solved and left else text


def _summary(done: Sequence[Done], table: pd.DataFrame) -> str:
    """Say what happened to the cases."""
    counts = Counter(item.status for item in done)
    lines = [f"{len(done):,} cases"]
    lines += [
        f"  {counts[status]:,} {words}" for status, words in STATUSES.items() if counts[status]
    ]
    cut = sum(item.record.get("replayable") is False for item in done)
    if cut:
        lines += [
            f"  {cut:,} cut short by the clock, which may differ from run to run: with --work and "
            "more --seconds a sweep repeats to the same bytes"
        ]
    lines += _conflicts(done)
    failed = [item for item in done if item.status == FAILED]
    for item in failed:
        lines += ["", f"Case {item.case.name} failed. {item.case.question.text}"]
        lines += [f"  {line}" for line in item.problem.splitlines()]
    if failed or counts[NOT_RUN]:
        lines += ["", TO_MEND]
    return "\n".join([*lines, *_spans(done, table)])


def _conflicts(done: Sequence[Done]) -> list[str]:
    """Say how to learn all of what cannot be met: a case of many has only a moment for it."""
    found = [item for item in done if item.status == INFEASIBLE and item.folder is not None]
    if not found:
        return []
    listed = ", ".join(item.case.name for item in found[:NAMED])
    more = f" and {len(found) - NAMED} more" if len(found) > NAMED else ""
    one = found[0]
    where = f"cases/{one.folder.name}/{one.record['scenario']}.toml" if one.folder else ""
    return [
        "",
        f"Cannot all be met: {listed}{more}. Each summary names what stands in the way as far as a "
        "moment allows;",
        f"`allocate solve` of its scenario, such as {where}, finds the fewest rules and the ways "
        "out.",
    ]


def _spans(done: Sequence[Done], table: pd.DataFrame) -> list[str]:
    """Say between what values each level lies."""
    lines = []
    levels = {x["name"]: x["unit"] for item in done for x in item.record.get("levels", ())}
    for name, unit in levels.items():
        values = table[column_of(name)].dropna()
        lines.append(f"  {name}: {values.min():,.10g} to {values.max():,.10g} {unit}")
    return ["", "Each level, over all cases that have a plan", *lines] if lines else []


def _asked(
    scenarios: Sequence[str],
    axes: Sequence[Axis],
    limits: Given,
    method: str,
) -> str:
    """Write down what was asked, for whoever finds the folder."""
    given = {key: value for key, value in limits.items() if value is not None}
    over = [
        {"key": one.key, "values": list(one.values), "axis": number}
        for number, axis in enumerate(axes, start=1)
        for one in (axis, *axis.beside)
    ]
    asked = {"scenarios": list(scenarios), "method": method, "limits": given, "over": over}
    return tomli_w.dumps(asked)


def _write(swept: Sweep, folder: Path) -> None:
    """Write table, columns and summary beside the cases."""
    _put(folder / "table.csv", swept.table.to_csv(index=False, lineterminator="\n"))
    _put(folder / "columns.csv", swept.columns.to_csv(index=False, lineterminator="\n"))
    _put(folder / "summary.txt", swept.summary + "\n")
    try:
        swept.table.to_parquet(folder / "table.parquet.new", index=False)
        (folder / "table.parquet.new").replace(folder / "table.parquet")
    except OSError as error:
        raise _unwritable(folder, error) from error


def _put(path: Path, text: str) -> None:
    """Write a file in one step, over what stands there."""
    try:
        new = path.with_name(f"{path.name}.new")
        new.write_text(text, encoding="utf-8", newline="\n")
        new.replace(path)
    except OSError as error:
        raise _unwritable(path, error) from error


def _unwritable(path: Path, error: OSError) -> BadInput:
    problem = f"cannot be written: {error.strerror or error}"
    remedy = "Make room and run the same command again: no case is solved twice"
    return BadInput("--out", [Fault(str(path), "", problem, remedy)])
