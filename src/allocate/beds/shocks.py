"""What may happen to winter bookings: homes close, an owner leaves, more people come."""

from __future__ import annotations

from collections.abc import Iterator

from allocate.asked import Asked
from allocate.beds.inputs import held
from allocate.beds.inputs import people as where_people_stand
from allocate.beds.instance import Instance
from allocate.beds.solution import Solution
from allocate.inputs import with_changes
from allocate.labels import called
from allocate.shocks import Shock
from allocate.study.scenario import Change
from allocate.units import with_unit

MORE = (1.05, 1.1, 1.2, 1.3, 1.5)
CLOSES, LEAVES, DEMAND = "home closes", "owner leaves", "more people"


def shocks(asked: Asked, solution: Solution) -> list[Shock]:
    """List what may happen to bookings.

    A home that closes takes nobody in any week, and its bookings are not paid for; with an owner
    all its homes close. Bookings elsewhere stay as they are.

    Parameters
    ----------
    asked, solution
        The question and the bookings; its scenario's changes made in the case.
    """
    return [*_homes(asked, solution), *_owners(asked, solution), *_demand(asked, solution)]


def _homes(asked: Asked, solution: Solution) -> Iterator[Shock]:
    instance: Instance = asked.instance
    homes = instance.homes
    for h in sorted(set(instance.offers.home[solution.offer].tolist())):
        beds = int(solution.beds[instance.offers.home[solution.offer] == h].sum())
        name = f"{called(homes.names, homes.ids, h)} closes ({with_unit(str(beds), 'beds')})"
        yield _shock(asked, solution, name, CLOSES, (homes.ids[h],), _closed(instance, [h]))


def _owners(asked: Asked, solution: Solution) -> Iterator[Shock]:
    """Owners of several homes that have a booking in one of them."""
    instance: Instance = asked.instance
    homes = instance.homes
    booked = set(instance.offers.home[solution.offer].tolist())
    for o, owner in enumerate(homes.owners):
        mine = [h for h in range(len(homes.ids)) if homes.owner[h] == o]
        if len(mine) > 1 and booked & set(mine):
            name = f"{owner} leaves, and its {with_unit(str(len(mine)), 'homes')} close"
            who = tuple(homes.ids[h] for h in mine)
            yield _shock(asked, solution, name, LEAVES, who, _closed(instance, mine))


def _closed(instance: Instance, homes: list[int]) -> Change:
    rows = [
        {
            "sample_id": "",
            "home_id": instance.homes.ids[h],
            "first_week": 1,
            "last_week": len(instance.axes.starts),
            "share_lost": 1,
            "still_paid": False,
        }
        for h in homes
    ]
    return Change(table="closures", add=rows)


def _demand(asked: Asked, solution: Solution) -> Iterator[Shock]:
    table, column = where_people_stand(asked)
    for factor in MORE:
        change = Change(table=table, where={column: {"minimum": 0}}, scale={column: factor})
        yield _shock(asked, solution, f"{factor - 1:.0%} more people", DEMAND, (), change)


def _shock(
    asked: Asked, solution: Solution, name: str, kind: str, who: tuple[str, ...], change: Change
) -> Shock:
    changes = [change]
    closures = asked.tables["closures"]
    if who and closures["home_id"].isin(who).any():  # they are closed for all of it instead
        there = {"home_id": [h for h in who if h in set(closures["home_id"])]}
        changes.append(Change(table="closures", where=there, drop=True))
    free = with_changes(asked.question, *changes)
    return Shock(name, kind, who, held(asked, solution, free), free)
