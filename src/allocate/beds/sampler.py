"""Possible winters, drawn from a forecast by month.

The course of the winter is the forecast's. A winter as a whole is higher or lower than that, weeks
wander round it with some memory, some winters have a peak of their own, and who comes in a week is
then a matter of chance: a Poisson draw whose mean is the product of these (a doubly stochastic
Poisson process: D. R. Cox, J. Roy. Stat. Soc. B 17, 1955). On average over many winters people come
as the forecast says. The same seed draws the same winters.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from allocate.units import Floats, Ints


@dataclass(frozen=True)
class Shape:
    """How winters differ, in the words of the card's parameters."""

    year_spread: float
    week_spread: float
    week_memory: float
    peak_chance: float
    peak_lift: float
    peak_weeks: int
    outbreak_chance: float
    outbreak_weeks: int

    @classmethod
    def of(cls, parameters: Mapping[str, Any]) -> Shape:
        """Take the shape out of the parameters."""
        return cls(**{name: parameters[name] for name in cls.__dataclass_fields__})


def draw_arrivals(mean: Floats, shape: Shape, count: int, seed: int) -> Ints:
    """Draw how many people come.

    Parameters
    ----------
    mean
        People expected by zone, care type and week, (Z, G, T).
    shape
        How winters differ.
    count
        How many winters.
    seed
        Of the draw.

    Returns
    -------
    Ints
        People, (S, Z, G, T).
    """
    chance = np.random.default_rng([seed, 1])
    weeks = mean.shape[-1]
    course = _years(chance, shape, count)[:, None] * _weeks(chance, shape, count, weeks)
    course *= _peaks(chance, shape, count, weeks)
    return chance.poisson(mean * course[:, None, None, :]).astype(np.int64)


def draw_outbreaks(homes: int, weeks: int, shape: Shape, count: int, seed: int) -> Ints:
    """Draw outbreaks: winter, home, first and last week of each, (N, 4).

    A home has one in a winter, or none.
    """
    chance = np.random.default_rng([seed, 2])
    hit = chance.random((count, homes)) < shape.outbreak_chance
    begins = chance.integers(0, weeks, size=(count, homes))
    winter, home = np.nonzero(hit)
    first = begins[winter, home]
    last = np.minimum(first + shape.outbreak_weeks, weeks) - 1
    return np.column_stack([winter, home, first, last]).astype(np.int64)


def _lognormal(spread: float, normal: Floats) -> Floats:
    """Turn standard normal numbers into factors of mean one and this spread."""
    variance = np.log1p(spread**2)
    return np.exp(np.sqrt(variance) * normal - variance / 2)


def _years(chance: np.random.Generator, shape: Shape, count: int) -> Floats:
    return _lognormal(shape.year_spread, chance.standard_normal(count))


def _weeks(chance: np.random.Generator, shape: Shape, count: int, weeks: int) -> Floats:
    """Draw weeks that remember the week before: an autoregression of order one in the logarithm."""
    fresh = chance.standard_normal((count, weeks))
    wander = fresh.copy()
    for week in range(1, weeks):
        kept = shape.week_memory * wander[:, week - 1]
        wander[:, week] = kept + np.sqrt(1 - shape.week_memory**2) * fresh[:, week]
    return _lognormal(shape.week_spread, wander)


def _peaks(chance: np.random.Generator, shape: Shape, count: int, weeks: int) -> Floats:
    """Draw peaks anywhere in the winter; the level outside is lowered so that the mean is one."""
    has = chance.random(count) < shape.peak_chance
    begins = chance.integers(1 - shape.peak_weeks, weeks, size=count)
    week = np.arange(weeks)[None, :] - begins[:, None]
    within = has[:, None] & (week >= 0) & (week < shape.peak_weeks)
    # Every week is in a peak with this chance, the first and last ones too.
    often = shape.peak_chance * shape.peak_weeks / (weeks + shape.peak_weeks - 1)
    return np.where(within, 1 + shape.peak_lift, 1.0) / (1 + often * shape.peak_lift)
