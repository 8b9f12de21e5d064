"""A plan of winter beds: what is booked, and where people go in each possible winter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from allocate.beds.formulation import Draft
from allocate.beds.winter_program import Block
from allocate.core.two_stage import TwoStage
from allocate.units import THOUSAND, Ints

UNIT = 100_000_000  # people are counted in these parts of one, so that every sum is whole
# Parts taken off each flow: none if that will do, else more and more, for a solver keeps rows only
# nearly.
NUDGES = (0, 2, 200, 20_000, 2_000_000, 200_000_000)


@dataclass(frozen=True)
class Flows:
    """Where people go in each winter, in parts of a person of which ``UNIT`` make one.

    Parameters
    ----------
    booked, bought
        Admitted to a booked bed, to a bed bought one by one, by the person's zone and the bed's,
        (S, Z, Z, G, T).
    helped
        Helped by an alternative, (S, Z, N, T).
    waiting
        Waiting at the end of a week, (S, Z, G, T).
    moved
        In a bed bought one by one because a booking ended or closed, (S, Z, G, T).
    """

    booked: Ints
    bought: Ints
    helped: Ints
    waiting: Ints
    moved: Ints


@dataclass(frozen=True)
class Solution:
    """What is booked, and what comes of it.

    Parameters
    ----------
    offer, first, last, beds
        Each booking: offer, first and last week, beds, (N,).
    flows
        Where people go; None where only bookings were looked at.
    """

    offer: Ints
    first: Ints
    last: Ints
    beds: Ints
    flows: Flows | None = None


def read_solution(draft: Draft, values: Ints, flows: NDArray[np.float64] | None = None) -> Solution:
    """Read the plan out of the values of the columns.

    Parameters
    ----------
    draft
        The program.
    values
        Of the columns of bookings.
    flows
        Of the columns of each winter, as a linear program leaves them.
    """
    chosen = np.flatnonzero(values[draft.beds] > 0)
    read = None
    if flows is not None and isinstance(draft.program, TwoStage):
        read = _laid_out(draft, rounded(draft, draft.program, values, flows))
    return Solution(
        draft.offer[chosen],
        draft.first_week[chosen],
        draft.last_week[chosen],
        values[draft.beds][chosen],
        read,
    )


def rounded(draft: Draft, program: TwoStage, values: Ints, flows: NDArray[np.float64]) -> Ints:
    """Turn flows into whole parts of a person that keep every row exactly, (S, columns).

    Admissions are rounded down by a hair, who is left over waits, and who is moved is counted anew:
    fewer admissions fit wherever more did. Where a solver was further off, more is taken off.

    Raises
    ------
    ValueError
        Where even no admission at all keeps the rows, which no such program allows.
    """
    winter = draft.winter
    assert winter is not None
    parts = np.rint(flows * UNIT).astype(np.int64)
    admitted = np.concatenate(
        [block.columns for block in (winter.booked, winter.bought, winter.helped)]
    )
    needed = [program.link @ (booked @ values) for booked in program.booked]
    need = program.rhs - np.stack([needed[k] for k in program.of_sample])
    open_ = np.arange(len(parts))
    found = np.zeros_like(parts)
    for nudge in NUDGES:
        trial = np.zeros((len(open_), parts.shape[1]), dtype=np.int64)
        trial[:, admitted] = np.maximum(parts[open_][:, admitted] - nudge, 0)
        _moved(draft, program, trial, need[open_])
        _waiting(draft, trial, open_)
        found[open_] = trial
        open_ = open_[~_kept(program, trial, need[open_])]
        if not len(open_):
            break
    if len(open_):
        raise ValueError("A winter has no flow that keeps its rows.")
    return found


def _moved(draft: Draft, program: TwoStage, trial: Ints, need: Ints) -> None:
    """Count who is in a booked bed that is not there, rounded up."""
    winter = draft.winter
    assert winter is not None
    columns = winter.moved.columns
    if not len(columns):
        return
    row = np.array(winter.room, dtype=np.int64)
    over = need[:, row] * UNIT - (program.matrix[row] @ trial.T).T
    trial[:, columns] = np.maximum(-(-over // THOUSAND), 0)


def _waiting(draft: Draft, trial: Ints, winters: Ints) -> None:
    """Count who waits: everybody who came and was not admitted."""
    instance, winter = draft.instance, draft.winter
    assert winter is not None
    placed = np.zeros((len(winters), *instance.axes.shape), dtype=np.int64)
    for block in (winter.booked, winter.bought, winter.helped):
        for column, (i, _, g, t) in zip(block.columns, block.about.tolist(), strict=True):
            placed[:, i, g, t] += trial[:, column]
    waits = instance.came[winters] * UNIT - np.cumsum(placed, axis=-1)
    i, g, t = winter.waiting.about.T
    trial[:, winter.waiting.columns] = waits[:, i, g, t]


def _kept(program: TwoStage, trial: Ints, need: Ints) -> NDArray[np.bool_]:
    """Whether whole flows keep every row, exactly, by winter."""
    activity = (program.matrix @ trial.T).T
    low = need * UNIT
    kept = (activity >= low).all(axis=1) & (trial >= 0).all(axis=1)
    return kept & (activity[:, program.equal] == low[:, program.equal]).all(axis=1)


def _laid_out(draft: Draft, parts: Ints) -> Flows:
    """Lay flows out along zones, care types and weeks."""
    instance, winter = draft.instance, draft.winter
    assert winter is not None
    samples = len(parts)
    zones, care, weeks = instance.axes.shape
    services = len(instance.market.alternatives.names)

    def table(block: Block, shape: tuple[int, ...], axes: tuple[int, ...]) -> Ints:
        full = np.zeros((samples, *shape), dtype=np.int64)
        about, columns = block.about, block.columns
        if len(about):
            where: tuple[Any, ...] = (slice(None), *(about[:, axis] for axis in axes))
            full[where] = parts[:, columns]
        return full

    return Flows(
        booked=table(winter.booked, (zones, zones, care, weeks), (0, 1, 2, 3)),
        bought=table(winter.bought, (zones, zones, care, weeks), (0, 1, 2, 3)),
        helped=table(winter.helped, (zones, services, weeks), (0, 1, 3)),
        waiting=table(winter.waiting, (zones, care, weeks), (0, 1, 2)),
        moved=table(winter.moved, (zones, care, weeks), (0, 1, 2)),
    )
