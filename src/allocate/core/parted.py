"""A partition as the program of a question: solved by its own engine, or written out for others."""

from __future__ import annotations

import time
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, inf, isfinite

from allocate.core.levels import ENGINE, solve_levels
from allocate.core.outcome import ASKED, CLOCK, CLOSED, IMPOSSIBLE, LevelOutcome, Outcome, Watch
from allocate.core.partition import Partition
from allocate.core.partitioning import solve_partition
from allocate.core.program import Level, ints
from allocate.core.pursuit import Pursuit


@dataclass(frozen=True)
class Parted:
    """A partition with the one level of its objective.

    Parameters
    ----------
    partition
        Cells and limits; its cost is by centres or by cuts.
    name, per
        Of the level, and steps of cost in one unit of it.
    """

    partition: Partition
    name: str
    per: Fraction

    @property
    def levels(self) -> list[Level]:
        """The level, its columns left out."""
        return [Level(self.name, ints([]), self.per)]


def solve_parted(
    parted: Parted,
    module: str,
    *,
    seconds: float,
    gap: float,
    seed: int,
    watch: Watch,
    method: str,
) -> Outcome:
    """Solve a partition; the values of the outcome are the lot of each cell, (n,).

    Parameters
    ----------
    parted
        What to solve.
    module
        Solver module: ours goes to the engine of partitions, others have it as one program.
    seconds, gap, seed
        Limits.
    watch
        Progress out, the wish to stop in.
    method
        Name of the engine, for the result.
    """
    began, partition = time.monotonic(), parted.partition
    per, trace = float(parted.per), []

    def told(best: float, least: float) -> None:
        seconds, shown = time.monotonic() - began, None if best == inf else best / per
        if shown is not None:
            trace.append((round(seconds, 3), shown, least / per))
        watch.report(parted.name, shown, least / per if least < inf else None, seconds)

    if module != ENGINE:
        program = partition.program()
        found = solve_levels(
            program, module, seconds=seconds, gap=gap, seed=seed, watch=watch, method=method
        )
        lots = None if found.values is None else partition.lots(found.values)
        bound = found.levels[0].bound if found.levels else None
        least = inf if found.why == IMPOSSIBLE else -inf if bound is None else float(bound)
    else:
        pursuit = Pursuit(partition, seconds, gap, told, lambda: watch.stop)
        solve_partition(pursuit, seed)
        lots, least = pursuit.best, pursuit.bound
    spent = time.monotonic() - began
    if lots is None:
        why = IMPOSSIBLE if least == inf else ASKED if watch.stop else CLOCK
        reached = LevelOutcome(0, 0, None, why, spent, why != IMPOSSIBLE, by=method)
        return Outcome(None, (reached,), why, method)
    total = partition.total(lots)
    assert total is not None
    bound = min(total, ceil(least - 1e-6)) if isfinite(least) else None
    closed = bound is not None and total - bound <= gap * max(total, int(parted.per))
    why = CLOSED if closed else ASKED if watch.stop else CLOCK
    reached = LevelOutcome(
        *(total, 0, bound, why, spent), timed=not closed, trace=tuple(trace), by=method
    )
    return Outcome(lots, (reached,), why, method)
