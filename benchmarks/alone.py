"""One case solved by one method in this process: its phases, its levels and its trace."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from math import isfinite
from pathlib import Path
from typing import Any

from allocate import registry
from allocate.asked import Clock
from allocate.core.gap import solve_gap
from allocate.core.gap_program import gap_program
from allocate.core.levels import solve_levels
from allocate.core.outcome import CLOCK, CLOSED, Watch
from allocate.errors import AllocateError
from allocate.public.gap import GapInstance, read_gap
from allocate.result import Result, plain
from allocate.solving import solve
from allocate.units import Ints
from benchmarks.beds.exported import solve_by_mpi_sppy
from benchmarks.beds.families import SPPY
from benchmarks.measure import Point
from benchmarks.memory import peak_mib

OURS = "allocate"  # has an engine of its own for generalised assignment
POINTS = 200  # of a trace: more say nothing to the eye


@dataclass
class Recorder:
    """Listens to an engine: what each level had reached, and when."""

    traces: dict[str, list[Point]] = field(default_factory=dict)

    def hear(self, level: str, best: float | None, bound: float | None, seconds: float) -> None:
        """Keep a point where something improved."""
        trace = self.traces.setdefault(level, [])
        if not trace or trace[-1][1:] != (best, bound):
            trace.append((round(seconds, 3), best, bound))

    def thinned(self, level: str) -> list[Point]:
        """Return the trace of a level, with no more points than a picture needs."""
        trace = self.traces.get(level, [])
        step = len(trace) // POINTS + 1
        return [*trace[:-1:step], *trace[-1:]]


def run_alone(
    where: str,
    *,
    public: bool,
    method: str,
    seconds: float,
    gap: float | None,
    seed: int,
    start: str | None = None,
    out: str | None = None,
) -> dict[str, Any]:
    """Solve one case and say all that is measured.

    Parameters
    ----------
    where
        A scenario, or a file in the public format.
    public
        Whether it is the latter.
    method
        One of ``allocate.registry.METHODS``.
    seconds, gap, seed
        Limits; no gap leaves the scenario's.
    start, out
        Of a scenario: result folder to start from, and one to write.
    """
    recorder, began = Recorder(), time.monotonic()
    watch = Watch(report=recorder.hear)
    try:
        if public:
            found = _public(Path(where), method, seconds, gap or 0.0, seed, watch)
        elif method == SPPY:
            found = _by_mpi_sppy(where, seconds)
        else:
            result = solve(
                where,
                seconds=seconds,
                gap=gap,
                seed=seed,
                method=method,
                start=start,
                watch=watch,
            )
            if out is not None:
                result.write(out)
            found = _measured(result)
    except AllocateError as error:
        spent = {"solve": round(time.monotonic() - began, 3)}
        return {"status": "failed", "why": str(error), "seconds": spent, "levels": []}
    for level in found["levels"]:
        level["trace"] = [
            *recorder.thinned(level["name"]),
            (level["seconds"], level["objective"], level["bound"]),
        ]
    return {**found, "memory_mib": peak_mib()}


def _measured(result: Result) -> dict[str, Any]:
    kept = ("name", "objective", "bound", "gap", "seconds")
    return {
        "status": result.status,
        "why": result.record["why_stopped"],
        "seconds": result.record["seconds"],
        "levels": [
            {key: level.as_json()[key] for key in kept} | {"base": plain(level.fixed)}
            for level in result.levels
        ],
    }


def _by_mpi_sppy(where: str, seconds: float) -> dict[str, Any]:
    """Measure mpi-sppy; what it finds is not reviewed, and its plan is kept nowhere."""
    found = solve_by_mpi_sppy(where, seconds)
    planned = found["objective"] is not None
    level = {
        "name": "priced sum",
        "objective": found["objective"],
        "bound": found["bound"],
        "base": found["base"],
        "gap": None,
        "seconds": round(found["solve"], 3),
    }
    return {
        "status": "feasible" if planned else "stopped",
        "why": "gap closed" if planned else CLOCK,
        "seconds": {name: round(found[name], 3) for name in ("build", "solve")},
        "levels": [level],
    }


def _public(
    path: Path, method: str, seconds: float, gap: float, seed: int, watch: Watch
) -> dict[str, Any]:
    clock = Clock()
    with clock.phase("read"):
        instance = read_gap(path)
    solved = _by_ours if method == OURS else _by_program
    answer, bound, why, spent = solved(instance, method, clock, seconds, gap, seed, watch)
    objective = None
    with clock.phase("review"):
        if answer is not None:
            if faults := instance.faults(answer):
                raise AllocateError("; ".join(faults))
            objective = instance.cost(answer)
    least = 0.0 if bound is None else bound
    status = "stopped" if objective is None else "optimal" if why == CLOSED else "feasible"
    reached = {
        "name": "cost",
        "objective": objective,
        "bound": bound,
        "base": 0,  # the literature's gaps are of the whole cost
        "gap": None if objective is None else (objective - least) / objective,
        "seconds": round(spent, 3),
    }
    return {
        "status": status,
        "why": why,
        "seconds": {name: round(spent, 3) for name, spent in clock.spent.items()},
        "levels": [reached],
    }


Solved = tuple[Ints | None, float | None, str, float]


def _by_ours(
    instance: GapInstance,
    method: str,
    clock: Clock,
    seconds: float,
    gap: float,
    seed: int,
    watch: Watch,
) -> Solved:
    """Solve as ``allocate bench file`` does."""
    with clock.phase("solve"):
        answer, bound = solve_gap(
            instance.costs, instance.weights, instance.capacities, seconds=seconds, seed=seed
        )
    closed = answer is not None and instance.cost(answer) <= bound
    return (
        answer,
        bound if isfinite(bound) else None,
        CLOSED if closed else CLOCK,
        clock.spent["solve"],
    )


def _by_program(
    instance: GapInstance,
    method: str,
    clock: Clock,
    seconds: float,
    gap: float,
    seed: int,
    watch: Watch,
) -> Solved:
    """Solve the instance as a program, as a general solver does."""
    module = registry.method_module(method)
    with clock.phase("build"):
        program = gap_program(instance.costs, instance.weights, instance.capacities)
    with clock.phase("solve"):
        outcome = solve_levels(
            program, module, seconds=seconds, gap=gap, seed=seed, watch=watch, method=method
        )
    level = outcome.levels[0]
    answer = None
    if outcome.values is not None:
        answer = outcome.values.reshape(instance.costs.shape[::-1]).argmax(axis=1)
    bound = None if level.bound is None else float(level.bound)
    return answer, bound, level.why, level.seconds
