"""What cannot all be met: which named rules stand in each other's way."""

from __future__ import annotations

from typing import Any

from allocate.asked import Asked
from allocate.core.levels import solve_levels
from allocate.core.outcome import CLOSED, IMPOSSIBLE, Watch
from allocate.errors import ReviewFailed, SolverFailed
from allocate.study.scenario import LevelWords, Limits

ELASTIC_SHARE = 0.5  # of the time limit, for finding out which rules cannot all be met


def find_conflict(
    asked: Asked, run: Limits, module: str, watch: Watch, method: str
) -> tuple[list[dict[str, Any]], bool]:
    """Solve once with every hard rule at a price; say which rules break, and if timed."""
    model = asked.model
    elastic = asked.instance.elastic()
    levels = [LevelWords(name="shortfalls", terms={"shortfalls": 1.0})]
    draft = model.formulate(elastic, levels)
    outcome = solve_levels(
        draft.program,
        module,
        seconds=run.seconds * ELASTIC_SHARE,
        gap=run.gap,
        seed=run.seed,
        watch=watch,
        method=method,
    )
    timed = outcome.why != CLOSED or any(level.timed for level in outcome.levels)
    if outcome.values is None:
        return [_unnamed(outcome.why)], timed
    solution = model.read_solution(draft, outcome.values)
    review = model.review(elastic, solution, levels)
    if review.faults:
        raise ReviewFailed("\n  ".join(["The review rejects the plan:", *review.faults]))
    conflict = model.conflict_words(asked.instance, review)
    if not conflict:
        problem = "calls this impossible, yet a plan keeps every hard rule"
        raise SolverFailed(f"The solver {problem}. Try another --method")
    return conflict, timed


def _unnamed(why: str) -> dict[str, Any]:
    """Say why no rule can be named."""
    text = "No rule alone is to blame: pins and data together leave no plan."
    if why not in (CLOSED, IMPOSSIBLE):
        text = "The run ended before the rules in conflict were found: allow more seconds."
    return {
        "rule": None,
        "kind": None,
        "short_by": None,
        "unit": None,
        "where": [],
        "words": [text],
    }
