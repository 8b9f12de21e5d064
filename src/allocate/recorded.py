"""Questions answered and put into the record of runs: what Python offers as ``allocate.solve``."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any, Unpack

from allocate.core.outcome import Watch
from allocate.errors import ReviewFailed, SolverFailed
from allocate.files.target import check_free
from allocate.ledger.entry import SOLVE, of_failure, of_result
from allocate.ledger.keeping import Recorder, place_of
from allocate.result import Result
from allocate.solving import solve as answer
from allocate.study.scenario import Given, Question


def solve(
    where: str | Path | Question,
    *,
    method: str = "allocate",
    start: str | Path | Result | None = None,
    watch: Watch | None = None,
    out: str | Path | None = None,
    record: str | None = None,
    stress: bool = True,
    **limits: Unpack[Given],
) -> Result:
    """Answer a question, and keep the run in the record as ``allocate solve`` does.

    Parameters
    ----------
    where, method, start, watch
        As of ``allocate.solving.solve``: a scenario, a case or a question; the engine; an earlier
        result or its folder; progress out and the wish to stop in.
    out
        Result folder to write, which may not exist yet; the record then says where it lies.
    record
        A SQLite file, a database URL, or ``none`` where the run is to be in no record. Without it:
        ``$ALLOCATE_RECORD``, or ``.config/allocate/record.sqlite`` in the home folder.
    stress
        Whether the plan is put to the test, too, where its model has a test for plans: winter beds.
    limits
        ``seconds``, ``gap``, ``seed`` and ``work`` in place of the scenario's.

    Returns
    -------
    Result
        The answer, reviewed.

    Raises
    ------
    BadInput
        For a question, case, start, folder or record that cannot be understood, with all faults.
    ReviewFailed, SolverFailed
        As that does.
    """
    recorder = Recorder(place_of(record))
    folder = None if out is None else Path(out)
    if folder is not None:
        check_free(folder)
    result = solve_for(
        recorder, where, method=method, start=start, watch=watch, stress=stress, **limits
    )
    if folder is not None:
        result.write(folder, pages=True)
    begun = Path(start) if isinstance(start, str | Path) else None
    recorder.keep([of_result(result, name(where), method, folder=folder, start_folder=begun)])
    if recorder.problem:
        warnings.warn(recorder.words(), stacklevel=2)
    return result


def solve_for(
    recorder: Recorder, where: str | Path | Question, *, method: str, **asked: Any
) -> Result:
    """Answer a question; a run that breaks down is recorded before it is told.

    Parameters
    ----------
    recorder
        The record.
    where, method, asked
        As of ``allocate.solving.solve``.

    Raises
    ------
    BadInput, ReviewFailed, SolverFailed
        As that does.
    """
    try:
        return answer(where, method=method, **asked)
    except (ReviewFailed, SolverFailed) as error:
        recorder.keep([of_failure(SOLVE, method, type(error).__name__, asked=name(where))])
        raise


def name(where: str | Path | Question) -> str:
    """Return a question as it was named; empty for one that no file holds."""
    return "" if isinstance(where, Question) else str(where)
