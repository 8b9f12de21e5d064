"""An earlier plan on another program: completed, or none where it breaks a row."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allocate.core.guess import Guess
from allocate.core.levels import solve_levels
from allocate.core.outcome import Watch
from allocate.core.rehearsal import rehearsal
from allocate.core.structure import read
from helpers.assignments import draw, program

# highspy is not loaded into the process that runs the tests.
LOADED = """
from allocate.core import bound, chains, engine, search
engine.ready()
for loop in (bound._soften, bound._choose, bound._lead, search._fill, chains.descend):
    print(bool(loop.signatures))
"""


def guess(chosen: np.ndarray, rows: int, columns: int) -> Guess:
    """A guess without prices."""
    return Guess(chosen, np.zeros(rows), np.zeros(columns))


def test_a_plan_is_completed_from_its_choices() -> None:
    """By hand: an agent each for two groups, one led by its agent; two at one agent break a row."""
    flat = rehearsal().flat
    said = guess(np.array([0, 4, 8, 9]), len(flat.low), len(flat.lower))
    assert said.plan(flat) is not None
    values = said.plan(flat)
    assert values is not None
    assert values.tolist() == [1, 0, 0, 0, 1, 0, 0, 0, 1, 1, 0, 1, 0]
    full = guess(np.array([0, 3, 8, 9]), len(flat.low), len(flat.lower))
    assert full.plan(flat) is None


def test_what_it_says_nothing_of_stays() -> None:
    """Groups and blocks that the earlier plan does not know have what another plan has."""
    s = read(rehearsal().flat)
    assert s is not None
    said = guess(np.array([4]), len(s.flat.low), len(s.flat.lower))
    choice, led = said.lay_over(s, np.array([2, 5, 8]), np.array([1]))
    assert (choice.tolist(), led.tolist()) == ([2, 4, 8], [1])


def test_prices_come_in_steps_with_rows_to_come() -> None:
    """A row that keeps an earlier level has no price; what a group pays anyhow is no choice."""
    guess = Guess(np.array([0]), np.array([1.0, 2.0]), np.array([3.0]))
    said = guess.in_steps(100.0, np.array([0, 30, 7]))
    assert said.row.tolist() == [100, 170, 0]
    assert said.column.tolist() == [300]


@pytest.mark.parametrize("seed", range(0, 60, 3))
def test_any_guess_leads_to_the_same_values(seed: int) -> None:
    """Choices and prices by chance change nothing of what is proven of small programs."""
    made, random = program(draw(seed)), np.random.default_rng(seed)
    said = [
        Guess(
            np.flatnonzero(random.random(made.size) < 0.4),
            random.exponential(5.0, len(made.flat().low)),
            random.exponential(5.0, made.size),
        )
        for _ in made.levels
    ]
    cold, warm = (
        solve_levels(
            made,
            "allocate.core.engine",
            seconds=120,
            gap=0.0,
            seed=1,
            watch=Watch(),
            method="allocate",
            guesses=guesses,
        )
        for guesses in ((), said)
    )
    assert [(x.objective, x.bound, x.why) for x in warm.levels] == [
        (x.objective, x.bound, x.why) for x in cold.levels
    ]


@given(st.integers(0, 10**6))
@settings(max_examples=60, deadline=None)
def test_a_plan_is_given_only_where_it_holds(seed: int) -> None:
    """Whatever is chosen, what comes back keeps every row."""
    made = program(draw(seed))
    flat, random = made.flat(), np.random.default_rng(seed)
    said = guess(np.flatnonzero(random.random(made.size) < 0.4), len(flat.low), made.size)
    values = said.plan(flat)
    assert values is None or flat.holds(values)


def test_a_rehearsal_uses_what_a_run_does() -> None:
    """It has every loop loaded that a borough's run needs, its search too."""
    told = subprocess.run(
        [sys.executable, "-c", LOADED], capture_output=True, check=True, text=True
    )
    assert told.stdout.split() == ["True"] * 5
