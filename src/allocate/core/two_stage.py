"""A two-stage program: what is decided now, and what it leads to in each possible sample.

This module owns the seam between a model that plans for uncertainty and an engine that takes it
apart. As in a program every number is whole, so that any engine's answer can be recounted exactly.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from math import lcm
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from allocate.core.program import FREE, Flat, Program, ints
from allocate.units import Ints


@dataclass(frozen=True)
class Tail:
    """A weight on the mean of the worst samples.

    Parameters
    ----------
    share
        Which samples are the worst: this share of all probability, above 0 and at most 1.
    weight
        What their mean counts for beside the mean of all, never negative.
    """

    share: Fraction
    weight: Fraction


@dataclass(frozen=True)
class TwoStage:
    """Decide ``x`` now; then each sample ``s`` is met at least cost, with the same prices in all.

    ``recourse(x, s) = min price . y`` over ``0 <= y <= upper`` with
    ``matrix @ y >= rhs[s] - link @ (booked[of_sample[s]] @ x)``, rows of ``equal`` with ``=``.
    Minimised is the first stage's cost, the mean of the recourse over samples, and ``tail.weight``
    times its mean over the worst ones (Rockafellar & Uryasev 2000). Every sample must be possible
    whatever is decided.

    Parameters
    ----------
    first
        Columns and rows of the first stage, all whole, and one level: its cost.
    matrix
        Rows of the recourse, sparse (rows, columns).
    equal
        Which rows hold with equality, (rows,).
    price, upper
        Of the recourse's columns, (columns,): prices are never negative, in steps of the first
        stage's cost; ``FREE`` where there is no upper bound.
    link
        What what is booked adds to each row, sparse (rows, booked things).
    booked
        Distinct ways in which the first stage's columns yield what is booked, each sparse (booked
        things, first columns): a closure changes what a booking yields.
    of_sample
        Which of them holds in each sample, (samples,).
    rhs
        Right-hand sides, (samples, rows).
    weight
        Whole weights of the samples, above nought, (samples,); probability is weight over sum.
    tail
        A weight on the worst samples; None where there is none.
    """

    first: Program
    matrix: Any
    equal: NDArray[np.bool_]
    price: Ints
    upper: Ints
    link: Any
    booked: tuple[Any, ...]
    of_sample: Ints
    rhs: Ints
    weight: Ints
    tail: Tail | None = None

    def __post_init__(self) -> None:
        for name in ("matrix", "link"):
            object.__setattr__(self, name, sparse.csr_matrix(getattr(self, name), dtype=np.int64))
        object.__setattr__(
            self, "booked", tuple(sparse.csr_matrix(b, dtype=np.int64) for b in self.booked)
        )
        faults = [words for fault, words in self._faults() if fault]
        if faults:
            raise ValueError(f"No two-stage program: {'; '.join(faults)}.")

    def _faults(self) -> list[tuple[bool, str]]:
        rows, columns = self.matrix.shape
        samples, things = len(self.of_sample), self.link.shape[1]
        shapes = (
            self.equal.shape == (rows,)
            and self.price.shape == self.upper.shape == (columns,)
            and self.link.shape[0] == rows
            and all(b.shape == (things, self.first.size) for b in self.booked)
            and self.rhs.shape == (samples, rows)
            and self.weight.shape == (samples,)
        )
        of = self.of_sample
        return [
            (not shapes, "its arrays do not fit together"),
            (samples == 0, "it has no sample"),
            (not self.first.bounds()[2].all(), "a column of its first stage is not whole"),
            (len(self.first.levels) != 1, "its first stage has not one level"),
            (bool(np.any((of < 0) | (of >= len(self.booked)))), "a sample has no bookings"),
            (bool(np.any(self.price < 0)), "a price is negative"),
            (bool(np.any(self.upper < 0)), "an upper bound is negative"),
            (bool(np.any(self.weight <= 0)), "a sample has no weight"),
            (
                self.tail is not None and not (0 < self.tail.share <= 1 and self.tail.weight >= 0),
                "its tail has no share or a negative weight",
            ),
        ]

    @property
    def samples(self) -> int:
        """Number of samples."""
        return len(self.of_sample)

    @property
    def cost(self) -> Ints:
        """Cost of the first stage's columns, (first columns,)."""
        return self.first.levels[0].coef

    def sample(self, s: int) -> TwoStage:
        """Return the program as if it were known that sample ``s`` comes."""
        only = slice(s, s + 1)
        return replace(
            self,
            booked=(self.booked[self.of_sample[s]],),
            of_sample=ints([0]),
            rhs=self.rhs[only],
            weight=ints([1]),
            tail=None,
        )

    def total(self, values: Ints, recourse: list[Fraction]) -> Fraction:
        """Add up what a plan costs, exactly.

        Parameters
        ----------
        values
            First stage, (first columns,).
        recourse
            What each sample costs.
        """
        whole = int(self.weight.sum())
        cost = Fraction(int(self.cost @ values))
        cost += Fraction(sum(int(w) * q for w, q in zip(self.weight, recourse, strict=True)), whole)
        if self.tail is None:
            return cost
        return cost + self.tail.weight * self.worst(recourse)

    def worst(self, recourse: list[Fraction]) -> Fraction:
        """Return the mean of the worst samples; one that lies across the edge counts in part."""
        assert self.tail is not None
        left = mass = self.tail.share * int(self.weight.sum())
        total = Fraction(0)
        for s in sorted(range(self.samples), key=lambda s: (-recourse[s], s)):
            part = min(left, Fraction(int(self.weight[s])))
            total += part * recourse[s]
            left -= part
        return total / mass

    def flat(self) -> tuple[Flat, Ints, int]:
        """Return the extensive form: all samples at once, for general solvers and for tests.

        Returns
        -------
        tuple
            The program, with the recourse's columns sample by sample after those of the first
            stage, and after them, where there is a tail, the edge of the worst samples and what
            each sample is beyond it; its cost, (columns,); and by how much that is multiplied.
        """
        first = self.first.flat()
        samples, columns = self.samples, self.matrix.shape[1]
        booked = [self.link @ each for each in self.booked]
        blocks: list[list[Any]] = [
            [first.matrix, None],
            [
                sparse.vstack([booked[k] for k in self.of_sample]),
                sparse.block_diag([self.matrix] * samples),
            ],
        ]
        whole = int(self.weight.sum())
        chance = [Fraction(int(w), whole) for w in self.weight]
        cost = [Fraction(1), *chance]
        if self.tail is not None:
            spend: Any = sparse.block_diag([-self.price[None]] * samples)
            beyond: Any = np.hstack([np.ones((samples, 1)), np.eye(samples)])
            blocks = [[*row, None] for row in blocks] + [[None, spend, beyond]]
            cost += [self.tail.weight, *(self.tail.weight * c / self.tail.share for c in chance)]
        matrix = sparse.block_array(blocks, format="csr", dtype=np.int64)
        per = lcm(*(each.denominator for each in cost))
        times = ints([int(each * per) for each in cost])
        extra = times[1 + samples :]
        rows = self.rhs.ravel()
        more = matrix.shape[0] - len(first.low) - len(rows)
        nothing = ints(0, more)
        flat = Flat(
            matrix=matrix,
            low=np.concatenate([first.low, rows, nothing]),
            high=np.concatenate(
                [first.high, np.where(np.tile(self.equal, samples), rows, FREE), nothing + FREE]
            ),
            lower=np.concatenate([first.lower, ints(0, samples * columns + len(extra))]),
            upper=np.concatenate(
                [first.upper, np.tile(self.upper, samples), ints(FREE, len(extra))]
            ),
            whole=np.concatenate([first.whole, np.zeros(samples * columns + len(extra), bool)]),
        )
        spent = np.outer(times[1 : 1 + samples], self.price).ravel()
        return flat, np.concatenate([self.cost * per, spent, extra]), per
