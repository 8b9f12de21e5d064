"""Switches: columns without which others are nought, such as a provider's round in an area.

What a switch costs is lost in a linear program that may turn it on a little: 6% of a round where 6%
of each package is served. Three facts make up for it. Options of a switch take no more of a
resource than there is of it, times the switch (as in capacitated facility location, Aardal, Pochet
& Wolsey 1995); credits are no more than option and alternative allow (``sifting.tightened``); and
few switches are in doubt after that. So switches and alternatives are settled first, by branch and
bound with all options split as need be, whose bound holds for the whole; then options, with these
fixed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from allocate.core import highs
from allocate.core.highs import linear
from allocate.core.outcome import Problem, Stopped
from allocate.core.program import FREE, Flat
from allocate.core.sifting import tightened
from allocate.core.structure import LINK, SHARE, Structure, kinds_of
from allocate.units import Ints

ENOUGH = 3e-3  # gap at which switches are settled
SURE = 1e-6  # switches this near to on or off are not in doubt


@dataclass(frozen=True)
class Switched:
    """Options that have a switch: positions, and the column of the switch of each."""

    option: Ints
    switch: Ints


def find_switches(s: Structure) -> Switched:
    """Find options whose switch has a least amount.

    Parameters
    ----------
    s
        Of a program in which switches are not fixed yet.
    """
    flat = s.flat
    at = np.full(flat.matrix.shape[1], -1)
    at[s.option] = np.arange(len(s.option))
    kind = kinds_of(flat)
    links = flat.matrix[np.flatnonzero(kind == LINK)].tocoo()
    size = np.bincount(links.row, minlength=links.shape[0])
    pair = size[links.row] == 2
    on = pair & (at[links.col] >= 0) & (links.data == 1)
    off = pair & (at[links.col] < 0) & (links.data == -1)
    switch_of = np.full(links.shape[0], -1)
    switch_of[links.row[off]] = links.col[off]
    option, switch = at[links.col[on]], switch_of[links.row[on]]
    least = flat.matrix[np.flatnonzero(kind == SHARE)].tocoo()
    needs = np.zeros(flat.matrix.shape[1], dtype=bool)
    needs[least.col[least.data < 0]] = True
    open_ = flat.lower < flat.upper
    kept = (switch >= 0) & needs[switch] & open_[switch]
    return Switched(option[kept], switch[kept])


@dataclass(frozen=True)
class Settling:
    """The relaxation in which switches and alternatives are whole and options may be split.

    Parameters
    ----------
    problem
        Rows that hold for the whole, and more; columns of credits come last.
    fixed
        Switches and alternatives.
    """

    problem: Problem
    fixed: Ints


def settling(problem: Problem, s: Structure, switched: Switched) -> Settling:
    """Build the relaxation."""
    tight = _strengthened(tightened(s, problem), s, switched)
    whole = np.zeros(len(tight.flat.whole), dtype=bool)
    whole[switched.switch] = True
    whole[s.alternative] = True
    return Settling(
        replace(tight, flat=replace(tight.flat, whole=whole), gap=max(problem.gap, ENOUGH)),
        np.flatnonzero(whole),
    )


def dive(settled: Settling, seconds: float, stopped: Stopped) -> tuple[Ints | None, float]:
    """Find whole switches and alternatives: those that the linear program leaves in doubt.

    Returns
    -------
    tuple
        All columns, None where nothing was found; and a bound on the whole.
    """
    flat = settled.problem.flat
    split = replace(flat, whole=np.zeros_like(flat.whole))
    relaxed = linear(replace(settled.problem, flat=split, seconds=seconds), stopped)
    if relaxed is None:
        return None, 0.0
    lower, upper = flat.lower.copy(), flat.upper.copy()
    value = relaxed.values[settled.fixed]
    off, on = settled.fixed[value < SURE], settled.fixed[value > 1 - SURE]
    upper[off] = lower[off]
    lower[on] = upper[on]
    near = replace(flat, lower=lower, upper=upper)
    answer = highs.solve(
        replace(settled.problem, flat=near, seconds=seconds), lambda *_: None, stopped
    )
    return answer.values, relaxed.value


def fix(problem: Problem, s: Structure, switched: Switched, values: Ints) -> Problem:
    """Fix switches and alternatives as they are in some values, and close options without one."""
    lower, upper = problem.flat.lower.copy(), problem.flat.upper.copy()
    fixed = np.concatenate([switched.switch, s.alternative])
    lower[fixed] = upper[fixed] = values[fixed]
    upper[s.option[switched.option[upper[switched.switch] == 0]]] = 0
    flat = replace(problem.flat, lower=np.minimum(lower, upper), upper=upper)
    return replace(problem, flat=_settled(flat, switched.switch), start=None)


def _strengthened(problem: Problem, s: Structure, switched: Switched) -> Problem:
    """Add the rows that limit what the options of a switch take of each resource."""
    option, switch = switched.option, switched.switch
    use = s.use[s.option[option]].tocoo()
    counted = use.data > 0
    resource, amount = use.col[counted], use.data[counted]
    column, own = s.option[option][use.row[counted]], switch[use.row[counted]]
    key, row = np.unique(own * len(s.resource) + resource, return_inverse=True)
    limit = _most(s)[key % len(s.resource)]
    new = len(key)
    entries = (
        np.concatenate([amount, -limit]),
        (
            np.concatenate([row, np.arange(new)]),
            np.concatenate([column, key // len(s.resource)]),
        ),
    )
    flat = problem.flat
    more = sparse.csr_matrix(entries, shape=(new, flat.matrix.shape[1]))
    return replace(
        problem,
        flat=replace(
            flat,
            matrix=sparse.vstack([flat.matrix, more], format="csr"),
            low=np.append(flat.low, np.full(new, -FREE)),
            high=np.append(flat.high, np.zeros(new, dtype=np.int64)),
        ),
    )


def _most(s: Structure) -> Ints:
    """The most that there can be of each resource: its limit with all that gives of it."""
    gives = (-s.use).maximum(0)
    return s.limit + np.asarray(gives.T @ s.flat.upper, dtype=np.int64).ravel()


def _settled(flat: Flat, switches: Ints) -> Flat:
    """Take fixed switches out of their rows: a link holds then, and a least amount is a limit."""
    entries = flat.matrix.tocoo()
    kind = kinds_of(flat)
    fixed = np.zeros(flat.matrix.shape[1], dtype=bool)
    fixed[switches] = True
    of_switch = np.zeros(flat.matrix.shape[0], dtype=bool)
    of_switch[entries.row[fixed[entries.col]]] = True
    link, least = of_switch & (kind == LINK), of_switch & (kind == SHARE)
    taken = np.zeros(len(flat.low), dtype=np.int64)
    out = fixed[entries.col] & least[entries.row]
    np.add.at(taken, entries.row[out], (entries.data * flat.lower[entries.col])[out])
    stay = ~out & ~link[entries.row]
    sign = np.where(least, -1, 1)
    matrix = sparse.csr_matrix(
        ((entries.data * sign[entries.row])[stay], (entries.row[stay], entries.col[stay])),
        shape=flat.matrix.shape,
    )
    families = np.unique(flat.family[least[: len(flat.family)]])
    return replace(
        flat,
        matrix=matrix,
        low=np.where(least | link, -FREE, flat.low),
        high=np.where(least, taken - flat.low, np.where(link, FREE, flat.high)),
        kinds=tuple("pack" if i in families else one for i, one in enumerate(flat.kinds)),
    )
