"""One case solved by one method in this process: its phases, its levels and its trace."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from allocate import registry
from allocate.asked import Clock
from allocate.core.gap_program import gap_program
from allocate.core.levels import solve_levels
from allocate.core.outcome import CLOCK, CLOSED, IMPOSSIBLE, Watch
from allocate.errors import AllocateError
from allocate.public.gap import read_gap
from allocate.result import Result, plain
from allocate.solving import solve
from benchmarks.beds.exported import solve_by_mpi_sppy
from benchmarks.beds.families import SPPY
from benchmarks.cores import cpu_seconds
from benchmarks.lots.exported import drawn, solve_by_spopt
from benchmarks.lots.families import SPOPT
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
    public: str,
    method: str,
    seconds: float,
    gap: float | None,
    seed: int,
    asked: Mapping[str, Any] | None = None,
    start: str | None = None,
    out: str | None = None,
) -> dict[str, Any]:
    """Solve one case and say all that is measured.

    Parameters
    ----------
    where
        A scenario, or a file in the public format.
    public
        The family of the latter; empty for a scenario.
    method
        One of ``allocate.registry.METHODS``.
    seconds, gap, seed
        Limits; no gap leaves the scenario's.
    asked
        Options of the family, by name.
    start, out
        Of a scenario: result folder to start from, and one to write.
    """
    recorder, began, before = Recorder(), time.monotonic(), cpu_seconds()
    watch = Watch(report=recorder.hear)
    try:
        if public:
            found = _public(
                Path(where),
                public,
                asked or {},
                method=method,
                seconds=seconds,
                gap=gap or 0.0,
                seed=seed,
                watch=watch,
            )
        elif method == SPPY:
            found = _by_mpi_sppy(where, seconds)
        elif method in SPOPT:
            found = _by_spopt(where, method, seconds)
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
            if result.record["model"] == "lots":
                found |= drawn(where, result.tables)
    except AllocateError as error:
        spent = {"solve": round(time.monotonic() - began, 3)}
        return {"status": "failed", "why": str(error), "seconds": spent, "levels": []}
    for level in found["levels"]:
        level["trace"] = [
            *recorder.thinned(level["name"]),
            (level["seconds"], level["objective"], level["bound"]),
        ]
    took = time.monotonic() - began
    cores = None if before is None else round(((cpu_seconds() or before) - before) / took, 1)
    return {**found, "memory_mib": peak_mib(), "cores": cores}


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


def _by_spopt(where: str, way: str, seconds: float) -> dict[str, Any]:
    """Measure a way of spopt: its regions are a plan only if they break no rule."""
    found = solve_by_spopt(where, way, seconds)
    sound = not found["drawn"]["faults"]
    level = {
        "name": "travel",
        "objective": found["drawn"]["person_km"] if sound else None,
        "bound": None,
        "base": 0,
        "gap": None,
        "seconds": found["seconds"]["solve"],
    }
    status = "feasible" if sound else "breaks rules"
    return {**found, "status": status, "why": "ended by itself", "levels": [level]}


def _public(
    path: Path,
    family: str,
    asked: Mapping[str, Any],
    *,
    method: str,
    seconds: float,
    gap: float,
    seed: int,
    watch: Watch,
) -> dict[str, Any]:
    if method == OURS:
        return _by_ours(path, family, asked, seconds, seed)
    if family != "gap":
        raise AllocateError(f"{family} is measured with our engine alone, against known values")
    return _by_program(path, method, seconds, gap, seed, watch)


def _by_ours(
    path: Path, family: str, asked: Mapping[str, Any], seconds: float, seed: int
) -> dict[str, Any]:
    """Solve as ``allocate bench file`` does, from the file to the recounted answer."""
    clock = Clock()
    with clock.phase("solve"):
        found = registry.public_family(family).solve_file(path, seconds, seed, **asked)
    # What is maximised stands here below nought, so that less is better in every row.
    sign = -1.0 if found.largest else 1.0
    objective, bound = (
        None if value is None else sign * value for value in (found.objective, found.bound)
    )
    closed = found.impossible or (
        objective is not None and bound is not None and objective - bound <= 1e-9 * abs(objective)
    )
    return _reached(objective, bound, clock, closed=closed, impossible=found.impossible)


def _by_program(
    path: Path, method: str, seconds: float, gap: float, seed: int, watch: Watch
) -> dict[str, Any]:
    """Solve generalised assignment as a program, as a general solver does."""
    clock, module = Clock(), registry.method_module(method)
    with clock.phase("read"):
        instance = read_gap(path)
    with clock.phase("build"):
        program = gap_program(instance.costs, instance.weights, instance.capacities)
    with clock.phase("solve"):
        outcome = solve_levels(
            program, module, seconds=seconds, gap=gap, seed=seed, watch=watch, method=method
        )
    level, objective = outcome.levels[0], None
    with clock.phase("review"):
        if outcome.values is not None:
            answer = outcome.values.reshape(instance.costs.shape[::-1]).argmax(axis=1)
            if faults := instance.faults(answer):
                raise AllocateError("; ".join(faults))
            objective = instance.cost(answer)
    bound = None if level.bound is None else float(level.bound)
    found = _reached(objective, bound, clock, closed=level.why == CLOSED)
    found["levels"][0]["seconds"] = round(level.seconds, 3)
    return found


def _reached(
    objective: float | None,
    bound: float | None,
    clock: Clock,
    *,
    closed: bool,
    impossible: bool = False,
) -> dict[str, Any]:
    """What is said of a public instance; the literature's gaps are of the whole cost."""
    status = "stopped" if objective is None else "optimal" if closed else "feasible"
    least = bound or 0.0
    level = {
        "name": "cost",
        "objective": objective,
        "bound": bound,
        "base": 0,
        "gap": None if objective is None else (objective - least) / max(abs(objective), 1.0),
        "seconds": round(clock.spent["solve"], 3),
    }
    return {
        "status": IMPOSSIBLE if impossible else status,
        "why": CLOSED if closed else CLOCK,
        "seconds": {name: round(spent, 3) for name, spent in clock.spent.items()},
        "levels": [level],
    }
