"""What an engine is asked, and what it answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from allocate.core.guess import Guess
from allocate.core.program import Flat
from allocate.price_list import PriceList
from allocate.units import Ints

# Reasons to stop, in the words of the result.
CLOSED = "gap closed"
CLOCK = "time limit"
ASKED = "stopped by the user"
IMPOSSIBLE = "cannot all be met"
REACHED = "as good as asked"
WORKED = "work limit"
DECLINED = "not our engine's kind"  # never told: a general solver answers then
COMPARED = "designs compared"


def _none() -> Ints:
    return np.zeros(0, dtype=np.int64)


@dataclass(frozen=True)
class Problem:
    """One objective over one matrix, to be minimised.

    Parameters
    ----------
    flat
        Rows and columns.
    cost
        Shape (columns,), whole, never negative where its column may be above its lower bound.
    start
        A plan to start from, or None.
    seconds, gap, seed
        Limits. The gap is relative to the objective, never below one step of it.
    target
        A plan as cheap as this is good enough: a solver that can may stop there.
    threads
        That a solver may use, where more than one gives the same answer.
    ours
        Whether our own engine is asked for, where the solver has one.
    ordered
        Whether this is one of several levels.
    work
        Runs of its search, or nodes of its tree in each of several levels, after which our engine
        stops, and nothing else but the gap and the time that is left has a say.
    guess
        What an earlier answer knew, in steps of the cost, or None.
    below
        Only plans that cost less are looked for, and mostly to prove that there are none.
    nodes
        Of a general solver's tree, after which it ends.
    """

    flat: Flat
    cost: Ints
    start: Ints | None
    seconds: float
    gap: float
    seed: int
    target: int | None = None
    threads: int = 1
    ours: bool = False
    ordered: bool = False
    work: int | None = None
    guess: Guess | None = None
    below: int | None = None
    nodes: int | None = None


@dataclass(frozen=True)
class Proof:
    """Prices that prove a bound.

    Parameters
    ----------
    scale
        Prices are whole numbers over this, in steps of the cost.
    row, price
        Rows of the program and their prices.
    alternative, margin
        Columns of alternatives, and the price of a credit while each leads.
    grower, growth
        Columns of growth, and what an alternative that brings one is given for it.
    bound
        What they prove, in steps of the cost.
    group, group_price
        A column of each group, and what the group pays for having one; empty where no agent packs
        for itself.
    led, led_price
        Alternatives that are left open then, and what their blocks pay for having one.
    total
        What prices of rows prove, before it is lifted to a whole step and by prices of groups, in
        steps times ``scale``.
    """

    scale: int
    row: Ints
    price: Ints
    alternative: Ints
    margin: Ints
    grower: Ints
    growth: Ints
    bound: int
    group: Ints = field(default_factory=_none)
    group_price: Ints = field(default_factory=_none)
    led: Ints = field(default_factory=_none)
    led_price: Ints = field(default_factory=_none)
    total: int = 0


@dataclass(frozen=True)
class Answer:
    """What a solver found for a problem.

    Parameters
    ----------
    values
        Best plan, shape (columns,); None where none was found.
    bound
        No plan is cheaper than this; ``-inf`` where nothing is known.
    why
        Why the solver stopped.
    timed
        Whether the clock had a say in it, so that another run may end otherwise.
    broken
        Columns of a relaxed problem whose value was not whole before it was rounded, (columns,).
    by
        Which engine answered, where there was a choice.
    proof
        Prices that prove the bound, or a part of it.
    """

    values: Ints | None
    bound: float
    why: str
    timed: bool = False
    broken: NDArray[np.bool_] | None = None
    by: str = ""
    proof: Proof | None = None


@dataclass(frozen=True)
class LevelOutcome:
    """A level solved: what was reached, what is proven, in steps of the level.

    Parameters
    ----------
    objective, fixed, bound
        Steps, whole ones but for a mean over samples; ``fixed`` is the part that no decision
        changes.
    why
        Why the solver stopped.
    seconds
        Time spent.
    timed
        Whether the clock had a say in it.
    trace
        (seconds, best, bound) as the gap closed.
    by, proof
        As in an answer.
    hair
        How far above the objective a recount of the plan may be; nought where all is whole.
    prices
        Of a program of two stages, prices that prove a bound or a part of it.
    """

    objective: int | Fraction
    fixed: int | Fraction
    bound: int | Fraction | None
    why: str
    seconds: float
    timed: bool = False
    trace: tuple[tuple[float, float, float], ...] = ()
    by: str = ""
    proof: Proof | None = None
    hair: Fraction = Fraction(0)
    prices: PriceList | None = None


@dataclass(frozen=True)
class Outcome:
    """A program solved: the plan of the last level, and each level's proof.

    Parameters
    ----------
    values
        Shape (columns,), whole; None where there is no plan.
    levels
        One a level that was reached.
    why
        Why it stopped.
    method
        Which engine answered.
    flows
        Of a program of two stages, what each sample then comes to, (samples, columns); as a linear
        program leaves it, which is not quite exact.
    """

    values: Ints | None
    levels: tuple[LevelOutcome, ...]
    why: str
    method: str
    flows: NDArray[np.float64] | None = None


@dataclass
class Watch:
    """How an engine reports progress and hears that it should stop.

    Parameters
    ----------
    report
        Called with the level's name, best, bound (either may be None) and seconds.
    say
        Called with what is being done, where no level is being solved.
    stop
        Set to True by whoever wants the engine to stop.
    """

    report: Callable[[str, float | None, float | None, float], None] = field(
        default=lambda *_: None
    )
    say: Callable[[str], None] = field(default=lambda *_: None)
    stop: bool = False


class Listening(Watch):
    """A watch that reports nothing, and asks whether it should stop.

    Parameters
    ----------
    stopped
        Asked again and again.
    """

    def __init__(self, stopped: Callable[[], bool]) -> None:
        self._stopped = stopped
        super().__init__()

    @property
    def stop(self) -> bool:
        """Whether somebody wants the engine to stop."""
        return self._stopped()

    @stop.setter
    def stop(self, value: bool) -> None:
        """Nobody sets it here: it is asked for."""


Report = Callable[[Any, float | None, float | None], None]
Stopped = Callable[[], bool]
