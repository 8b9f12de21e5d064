"""The recipe of a generated borough, region or country: arrays from a shape and a seed.

Everything is synthetic: no row is a real person, provider or place. What is like Sefton is the
shape: the mix of visits and carers, the sizes of providers, six areas an authority, a waiting list
of one package in thirteen, and who may lead.

1. Authorities are squares of 12 km on a grid. Each has 22 places at random and six areas: three
   bands from south to north, each cut in two from west to east.
2. Providers fall in size as 1 / (rank + 4). Their homes go round the areas. The larger third
   reaches six areas, the middle third three and the smaller third one, nearest first; a provider
   that works across borders reaches half as many again, in whatever authority. The ten largest of
   an authority may lead.
3. A witness: in each area the waiting packages go to its lead, and the placed ones are cut, in
   random order, into one piece for each provider at work there, of at least 30 hours; nobody has
   a larger one than the lead. The placed stock stands in the case as the witness has it, and every
   package may move.
4. Capacity is the work of the witness and a share of what is to spare: 2% of all hours.

So a plan exists that keeps every rule, hard ones included, and there is next to no room in it.
Everything is drawn through ``Generator.random``, the plainest stream of numpy.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Draws = np.random.Generator

AREAS, PLACES, LEADERS = 6, 22, 10  # in each authority
SIDE_M = 12_000
WAITING = 130 / 1715
SPARE = 0.02
SMALLEST_PIECE = 90 * 4  # quarter-hours aimed at, so that no piece is below 30 hours
WORK_IN = ((0.5, 0.3, 0.2), (0.6, 0.4), (1.0,))  # by third of size: parts of its work by area
REACHES = (6, 3, 1)
SPEED_KMH, LEAST_TRAVEL = 20, 3

# Visits a week: share of packages, share of those with two carers; and quarter-hours of a visit.
VISITS = np.array([3, 4, 5, 7, 14, 21, 28])
VISIT_SHARES = (0.03, 0.03, 0.04, 0.27, 0.31, 0.18, 0.14)
DOUBLE = np.array([0.0, 0.0, 0.0, 0.05, 0.15, 0.35, 0.60])
QUARTERS, QUARTER_SHARES = np.array([2, 3, 4]), (0.58, 0.27, 0.15)
PRIORITY_SHARES = (0.15, 0.35, 0.50)


@dataclass(frozen=True)
class Shape:
    """How large a case is.

    Parameters
    ----------
    authorities, packages, providers
        How many in all.
    across
        Share of providers that work across the borders of authorities.
    """

    authorities: int
    packages: int
    providers: int
    across: float = 0.0


@dataclass(frozen=True)
class Made:
    """A generated case: L places, A areas, K providers, P packages, R pairs of reach.

    Parameters
    ----------
    place_at, place_area
        Easting and northing in metres, (L, 2); area, (L,).
    base_at, owner, can_lead, capacity
        Of each provider: metres, (K, 2); number of its owner; whether it may lead; quarter-hours.
    reach_provider, reach_place, travel, rate
        Where providers work: minutes a visit and pence an hour, (R,).
    place, quarters, carers, visits, waiting, priority, days
        Of each package, (P,); quarter-hours a week before they are times carers.
    witness, lead
        A plan that keeps every rule: provider of each package, (P,), lead of each area, (A,).
    """

    shape: Shape
    place_at: Ints
    place_area: Ints
    base_at: Ints
    owner: Ints
    can_lead: NDArray[np.bool_]
    capacity: Ints
    reach_provider: Ints
    reach_place: Ints
    travel: Ints
    rate: Ints
    place: Ints
    quarters: Ints
    carers: Ints
    visits: Ints
    waiting: NDArray[np.bool_]
    priority: Ints
    days: Ints
    witness: Ints
    lead: Ints

    @property
    def demand(self) -> Ints:
        """Carer quarter-hours of each package, (P,)."""
        return self.quarters * self.carers

    @property
    def largest_share(self) -> float:
        """Share of all hours that the largest owner has in the witness, up to a thousandth."""
        held = np.bincount(self.owner[self.witness], weights=self.demand)
        return float(np.ceil(1000 * held.max() / self.demand.sum()) / 1000)


def make(shape: Shape, seed: int) -> Made:
    """Draw a case.

    Parameters
    ----------
    shape
        How large.
    seed
        Of everything random: the same seed makes the same case.
    """
    rng = np.random.default_rng(seed)
    place_at, place_area = _places(rng, shape.authorities)
    rank, home = _providers(shape)
    third = np.minimum(3 * rank // _spread(shape.providers, shape.authorities)[home // AREAS], 2)
    reached = _reached(rng, shape, place_at, place_area, home, third)
    packages = _packages(rng, shape.packages)
    authority = np.repeat(np.arange(shape.authorities), _spread(shape.packages, shape.authorities))
    place = authority * PLACES + _pick(rng, len(authority), np.full(PLACES, 1 / PLACES))
    demand = packages["quarters"] * packages["carers"]
    witness, lead = _witness(
        rng, rank, home, third, reached, place_area[place], demand, packages["waiting"] == 1
    )
    held = np.bincount(witness, weights=demand, minlength=shape.providers).astype(np.int64)
    keen = rng.random(shape.providers) / (rank + 4)
    spare = apportion(round(SPARE * int(demand.sum())), keen)
    homeward = rng.random((shape.providers, 2))
    base_at = np.rint(_centres(place_at, place_area)[home] + 3000 * (homeward - 0.5))
    provider, at = _pairs(reached, place_area)
    return Made(
        shape=shape,
        place_at=place_at,
        place_area=place_area,
        base_at=base_at.astype(np.int64),
        owner=_owners(rng, shape.providers),
        can_lead=rank < LEADERS,
        capacity=held + spare,
        reach_provider=provider,
        reach_place=at,
        travel=_travel(rng, base_at[provider], place_at[at]),
        rate=_rates(rng, rank, place_area, provider, at),
        place=place,
        quarters=packages["quarters"],
        carers=packages["carers"],
        visits=packages["visits"],
        waiting=packages["waiting"] == 1,
        priority=packages["priority"],
        days=packages["days"],
        witness=witness,
        lead=lead,
    )


def apportion(total: int, weights: Floats) -> Ints:
    """Split a whole number in proportion to weights, by largest remainder."""
    exact = total * weights / weights.sum()
    parts = np.floor(exact).astype(np.int64)
    last = np.argsort(parts - exact, kind="stable")[: total - int(parts.sum())]
    parts[last] += 1
    return parts


def _spread(total: int, groups: int) -> Ints:
    """Split a whole number into groups as equal as can be."""
    return np.diff(total * np.arange(groups + 1) // groups)


def _pick(rng: Draws, size: int, shares: Floats | tuple[float, ...]) -> Ints:
    """Draw positions with the given shares."""
    edges = np.cumsum(shares)[:-1]
    return np.searchsorted(edges, rng.random(size), side="right").astype(np.int64)


def _places(rng: Draws, authorities: int) -> tuple[Ints, Ints]:
    """Where places are, and the area of each."""
    columns = int(np.ceil(np.sqrt(authorities)))
    corner = np.stack([np.arange(authorities) % columns, np.arange(authorities) // columns], 1)
    inside = rng.random((authorities, PLACES, 2))
    at = np.rint(SIDE_M * (corner[:, None, :] + inside)).astype(np.int64) + 100_000
    area = np.zeros((authorities, PLACES), dtype=np.int64)
    for one in range(authorities):
        bands = np.array_split(np.argsort(at[one, :, 1], kind="stable"), AREAS // 2)
        for band, members in enumerate(bands):
            order = members[np.argsort(at[one, members, 0], kind="stable")]
            for side, part in enumerate(np.array_split(order, 2)):
                area[one, part] = one * AREAS + 2 * band + side
    return at.reshape(-1, 2), area.ravel()


def _providers(shape: Shape) -> tuple[Ints, Ints]:
    """Rank by size within its authority, and home area, of each provider."""
    counts = _spread(shape.providers, shape.authorities)
    authority = np.repeat(np.arange(shape.authorities), counts)
    rank = np.concatenate([np.arange(count) for count in counts])
    return rank, authority * AREAS + rank % AREAS


def _centres(place_at: Ints, place_area: Ints) -> Floats:
    """Middle of the places of each area, (A, 2)."""
    count = np.bincount(place_area)
    return np.stack([np.bincount(place_area, weights=place_at[:, i]) / count for i in (0, 1)], 1)


def _reached(
    rng: Draws, shape: Shape, place_at: Ints, place_area: Ints, home: Ints, third: Ints
) -> list[Ints]:
    """Areas that each provider reaches, its home first and then the nearest."""
    centre = _centres(place_at, place_area)
    across = rng.random(shape.providers) < shape.across
    reached = []
    for k, area in enumerate(home):
        near = np.linalg.norm(centre - centre[area], axis=1)
        count = REACHES[third[k]]
        if across[k]:
            count += (count + 1) // 2
        else:
            near = np.where(np.arange(len(centre)) // AREAS == area // AREAS, near, np.inf)
        reached.append(np.argsort(near, kind="stable")[:count])
    return reached


def _packages(rng: Draws, size: int) -> dict[str, Ints]:
    """Visits, lengths, carers, status and urgency of packages."""
    kind = _pick(rng, size, VISIT_SHARES)
    visits = VISITS[kind]
    run = np.minimum(visits, 7)  # the visits of one time of day all have one length
    lengths = QUARTERS[_pick(rng, 4 * size, QUARTER_SHARES)].reshape(size, 4)
    times = np.arange(4) < (visits // run)[:, None]
    waiting = np.zeros(size, dtype=np.int64)
    waiting[np.argsort(rng.random(size), kind="stable")[: round(WAITING * size)]] = 1
    longest = rng.random(size) ** 2 * 120
    return {
        "visits": visits,
        "quarters": run * (lengths * times).sum(axis=1),
        "carers": 1 + (rng.random(size) < DOUBLE[kind]).astype(np.int64),
        "waiting": waiting,
        "priority": 1 + _pick(rng, size, PRIORITY_SHARES),
        "days": waiting * (1 + np.floor(longest).astype(np.int64)),
    }


def _witness(
    rng: Draws,
    rank: Ints,
    home: Ints,
    third: Ints,
    reached: list[Ints],
    area: Ints,
    demand: Ints,
    waiting: NDArray[np.bool_],
) -> tuple[Ints, Ints]:
    """Provider of each package and lead of each area, in a plan that keeps every rule."""
    size = int(area.max()) + 1
    lead = np.array([np.flatnonzero((home == a) & (rank < AREAS))[0] for a in range(size)])
    works: list[list[tuple[int, float]]] = [[] for _ in range(size)]
    for k, areas in enumerate(reached):
        for a, part in zip(areas, WORK_IN[third[k]], strict=False):
            works[a].append((k, part / (rank[k] + 4)))
    witness = np.full(len(area), -1, dtype=np.int64)
    witness[waiting] = lead[area[waiting]]
    shuffled = np.argsort(rng.random(len(area)), kind="stable")
    shuffled = shuffled[~waiting[shuffled]]
    by_area = shuffled[np.argsort(area[shuffled], kind="stable")]
    starts = np.searchsorted(area[by_area], np.arange(size + 1))
    for a in range(size):
        here = by_area[starts[a] : starts[a + 1]]
        _cut(here, demand, works[a], int(lead[a]), witness)
    return witness, lead


def _cut(
    here: Ints, demand: Ints, works: list[tuple[int, float]], lead: int, witness: Ints
) -> None:
    """Cut an area's packages into pieces: the lead's, no other larger; then none too small."""
    works = sorted(works, key=lambda work: (work[0] != lead, -work[1]))
    total = int(demand[here].sum())
    weights = np.array([weight for _, weight in works])
    weights[0] = weights.max()
    # The smallest are left out until the smallest that is left is large enough.
    while len(weights) > 1 and weights[-1] / weights.sum() * total < SMALLEST_PIECE:
        weights = weights[:-1]
    ends = np.floor(np.cumsum(weights) / weights.sum() * total + 0.5)
    piece = np.searchsorted(ends[:-1], np.cumsum(demand[here]), side="left")
    witness[here] = np.array([k for k, _ in works])[piece]


def _owners(rng: Draws, size: int) -> Ints:
    """Owner of each provider: one in five belongs to a group of about three."""
    owner = np.arange(size)
    grouped = np.flatnonzero(rng.random(size) < 0.2)
    order = grouped[np.argsort(rng.random(len(grouped)), kind="stable")]
    owner[order] = order[np.arange(len(order)) // 3 * 3]
    return owner


def _pairs(reached: list[Ints], place_area: Ints) -> tuple[Ints, Ints]:
    """Provider and place of each pair of reach: whole areas."""
    members = [np.flatnonzero(place_area == a) for a in range(int(place_area.max()) + 1)]
    places = [np.concatenate([members[a] for a in sorted(areas)]) for areas in reached]
    provider = np.repeat(np.arange(len(places)), [len(one) for one in places])
    return provider, np.concatenate(places)


def _travel(rng: Draws, base: Floats, place: Ints) -> Ints:
    """Whole minutes of one visit: the straight line, and a little for the road."""
    km = np.linalg.norm(base - place, axis=1) / 1000
    minutes = km / SPEED_KMH * 60 + 4 * rng.random(len(km)) - 2
    return np.maximum(LEAST_TRAVEL, np.rint(minutes)).astype(np.int64)


def _rates(rng: Draws, rank: Ints, place_area: Ints, provider: Ints, at: Ints) -> Ints:
    """Pence an hour, in steps of five: larger providers are cheaper, some areas dearer."""
    first, spread = rng.random(len(rank)), rank < LEADERS
    base = np.where(spread, 1680 + 170 * first, 1800 + 310 * first)
    premium = 130 * rng.random(int(place_area.max()) + 1) - 20
    noise = 50 * rng.random(len(provider)) - 25
    rate = base[provider] + premium[place_area[at]] + noise
    return (5 * np.rint(rate / 5)).astype(np.int64)
