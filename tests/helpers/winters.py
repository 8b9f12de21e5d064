"""Possible winters of block beds as arrays: a two-stage program of the shape that councils meet.

Synthetic: no number is of a real place. People leave hospital week by week in each zone and need
one of some types of care. They go to a block bed, to a spot bed, which is dearer and limited, out
of area, or to an alternative, or they wait; who waits, still waits the week after. A stay lasts
about five weeks. A block bed is accepted by a share of those who came up to the week. Homes close
for some weeks in some winters, and then yield nothing.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from scipy import sparse

from allocate.core.program import FREE, Program, ints
from allocate.core.two_stage import Tail, TwoStage

PER = 20  # stay shares are whole over this, and so are those who accept a bed
STAYS = ((20, 19, 17, 13, 6), (20, 18, 15, 12, 8, 3), (20, 20, 18, 15, 11, 6), (20, 17, 11, 5))
ACCEPTED = (14, 12, 10, 13)


def winters(
    samples: int,
    seed: int = 1,
    *,
    weeks: int = 20,
    zones: int = 2,
    types: int = 4,
    offers: int = 600,
    closures: bool = True,
    shared: bool = True,
    tail: Tail | None = None,
) -> TwoStage:
    """Draw a program.

    Parameters
    ----------
    samples, seed
        Number of winters, and the seed of everything random.
    weeks, zones, types, offers
        Sizes.
    closures
        Whether homes close in some winters.
    shared
        Whether alternatives are shared by all zones and types.
    tail
        Weight on the worst winters.
    """
    random = np.random.default_rng(seed)
    first, things, home = _offers(random, weeks, zones, types, offers)
    cells = zones * types * weeks
    open_ = sparse.csr_matrix(things)
    booked, of_sample = [open_], np.zeros(samples, dtype=np.int64)
    for s in range(samples if closures else 0):
        if random.random() < 0.4:
            shut = random.integers(0, home.max() + 1, 2)
            begins = random.integers(0, weeks)
            left = things.copy()
            of_home = np.flatnonzero(np.isin(home, shut))
            in_weeks = (np.arange(cells) % weeks >= begins) & (
                np.arange(cells) % weeks < begins + 3
            )
            left[np.ix_(in_weeks, of_home)] = 0
            of_sample[s] = len(booked)
            booked.append(sparse.csr_matrix(left))
    matrix, equal, price, upper, link = _recourse(weeks, zones, types, shared)
    return TwoStage(
        first=first,
        matrix=matrix,
        equal=equal,
        price=price,
        upper=upper,
        link=link,
        booked=tuple(booked),
        of_sample=of_sample,
        rhs=_demand(random, samples, weeks, zones, types, shared),
        weight=random.integers(1, 4, samples),
        tail=tail,
    )


def _offers(
    random: np.random.Generator, weeks: int, zones: int, types: int, offers: int
) -> tuple[Program, np.ndarray, np.ndarray]:
    """First stage: beds of each offer, and whether it is taken."""
    first = Program()
    homes = max(2, offers // 5)
    home, kind = random.integers(0, homes, offers), random.integers(0, types, offers)
    zone = home % zones
    begins = random.integers(0, max(1, weeks - 6), offers)
    lasts = np.minimum(weeks, begins + random.integers(min(6, weeks), weeks + 1, offers))
    least, most = random.integers(1, 4, offers), random.integers(4, 9, offers)
    beds = first.columns("beds", offers, upper=most)
    taken = first.columns("taken", offers)
    each = np.arange(offers)
    first.require("at_most", "free", [(each, beds, 1), (each, taken, -most)], high=0, rows=offers)
    first.require("at_least", "free", [(each, beds, 1), (each, taken, -least)], low=0, rows=offers)
    per_home = random.integers(5, 12, homes)
    first.require("home", "pack", [(home, beds, 1)], high=per_home, rows=homes)
    owner = home % max(2, homes // 8)
    limit = int(1.5 * per_home.sum() / (owner.max() + 1))
    first.require("owner", "pack", [(owner, beds, 1)], high=limit, rows=owner.max() + 1)
    rate = 105_000 + 10_000 * kind + random.integers(-15_000, 15_000, offers)
    cost = np.concatenate([rate * (lasts - begins), random.integers(50_000, 200_000, offers)])
    first.level("cost", cost, Fraction(1))
    things = np.zeros((zones * types * weeks, 2 * offers), dtype=np.int64)
    for j in range(offers):
        cell = (zone[j] * types + kind[j]) * weeks
        things[cell + begins[j] : cell + lasts[j], j] = 1
    return first, things, np.concatenate([home, np.full(offers, -1)])


def _recourse(
    weeks: int, zones: int, types: int, shared: bool
) -> tuple[sparse.csr_matrix, np.ndarray, np.ndarray, np.ndarray, sparse.csr_matrix]:
    """Rows: everyone counted, block beds, spot beds, choice, and shared alternatives."""
    cells = zones * types * weeks
    cell = np.arange(cells).reshape(zones, types, weeks)
    row, col, coef, price, upper = [], [], [], [], []

    def column(entries: list[tuple[int, int]], cost: float, most: int = FREE) -> None:
        for at, value in entries:
            row.append(at)
            col.append(len(price))
            coef.append(value)
        price.append(round(cost))
        upper.append(most)

    for z, g, t in np.ndindex(zones, types, weeks):
        stay, here = STAYS[g % len(STAYS)], cell[z, g, t]
        length = sum(stay) / PER
        for to in range(zones):
            there = cell[to, g]
            occupied = [(k, stay[k - t]) for k in range(t, min(weeks, t + len(stay)))]
            far = 8_000 * (to != z)
            accepts = [(3 * cells + cell[z, g, k], -PER) for k in range(t, weeks)]
            column(
                [(here, 1), *((cells + there[k], -n) for k, n in occupied), *accepts],
                far + 100 + 90_000 * max(0, t + length - weeks),
            )
            rate = 155_000 + 12_000 * g
            column(
                [(here, 1), *((2 * cells + there[k], -n) for k, n in occupied)],
                far + rate * length,
            )
        column([(here, 1)], 40_000 + (215_000 + 12_000 * g) * length, 3)  # out of area
        for service, cost in enumerate((120_000, 170_000)):
            use = [(4 * cells + service * weeks + t, -1)] if shared else []
            column([(here, 1), *use], cost * length + 9_000 * g, FREE if shared else 1)
        over = [(cell[z, g, t + 1], -1)] if t + 1 < weeks else []
        column([(here, 1), *over], 280_000 if over else 1_400_000)  # waits
        for k in range(3):  # moved on early from block or spot
            ends = [(m, stay[m - t + 2]) for m in range(t, min(weeks, t + len(stay) - 2))]
            use = [((1 + k % 2) * cells + cell[z, g, m], n) for m, n in ends]
            column(use, (260_000 + 30_000 * k) * length, 1)
    rows = 4 * cells + (2 * weeks if shared else 0)
    matrix = sparse.csr_matrix((coef, (row, col)), shape=(rows, len(price)))
    each = np.arange(cells)
    link = sparse.csr_matrix((np.full(cells, PER), (cells + each, each)), shape=(rows, cells))
    return matrix, np.arange(rows) < cells, ints(price), ints(upper), link


def _demand(
    random: np.random.Generator, samples: int, weeks: int, zones: int, types: int, shared: bool
) -> np.ndarray:
    """Right-hand sides: people who come, beds held at the start, spot beds, who accepts."""
    shape = (samples, zones, types, weeks)
    season = 1 + 0.5 * np.sin(np.pi * np.arange(weeks) / weeks)
    hard = random.lognormal(0, 0.18, (samples, 1, 1, 1))
    peak = random.lognormal(0, 0.15, (samples, zones, 1, weeks))
    people = random.poisson(random.uniform(2, 8, (1, zones, types, 1)) * season * hard * peak)
    accepted = (
        np.cumsum(people, axis=-1) * np.array([ACCEPTED[g % 4] for g in range(types)])[:, None]
    )
    spot = np.maximum(0, random.integers(4, 12, (1, zones, types, 1)) - random.poisson(2, shape))
    fade = np.maximum(0, 6 - 2 * np.arange(weeks))
    held = np.broadcast_to(PER * np.minimum(fade, spot), shape)
    nothing = np.zeros(shape, dtype=np.int64)
    parts = [people, nothing, held - PER * spot, -accepted]
    rows = np.concatenate([part.reshape(samples, -1) for part in parts], axis=1)
    if shared:
        rows = np.hstack([rows, np.full((samples, 2 * weeks), -6)])
    return rows.astype(np.int64)
