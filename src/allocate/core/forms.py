"""A program of either form, solved: in levels, or in two stages."""

from __future__ import annotations

from allocate.core.extensive import solve_extensive
from allocate.core.levels import ENGINE, solve_levels
from allocate.core.outcome import Outcome, Watch
from allocate.core.program import Program
from allocate.core.two_stage import TwoStage

GENERAL = "allocate.core.highs"  # for what our own engine does not know


def solve_form(
    program: Program | TwoStage,
    module: str,
    *,
    seconds: float,
    gap: float,
    seed: int,
    work: int | None,
    watch: Watch,
    method: str,
) -> Outcome:
    """Solve a program, whatever its form.

    Parameters
    ----------
    program
        What to solve.
    module
        Solver module that a worker loads.
    seconds, gap, seed, work
        Limits.
    watch
        Progress out, the wish to stop in.
    method
        Name of the engine, for the result.
    """
    if isinstance(program, Program):
        return solve_levels(
            program,
            module,
            seconds=seconds,
            gap=gap,
            seed=seed,
            work=work,
            watch=watch,
            method=method,
        )
    if module == ENGINE:
        module, method = GENERAL, "highs"
    return solve_extensive(
        program, module, seconds=seconds, gap=gap, seed=seed, watch=watch, method=method
    )
