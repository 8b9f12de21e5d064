"""What may happen to a plan: owners and leads that go, alone and in pairs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from allocate.homecare.instance import Instance
from allocate.homecare.solution import Solution
from allocate.study.scenario import Change

KINDS = ("lead role", "packages", "leaves")
WORDS = {
    "lead role": "give up the lead role",
    "packages": "hand back their packages",
    "leaves": "leave",
}


@dataclass(frozen=True)
class Terms:
    """On what terms somebody goes.

    Parameters
    ----------
    notice_weeks
        Weeks until the work ends.
    staff_transfer_share
        Share of the staff that follows the work.
    """

    notice_weeks: int
    staff_transfer_share: float


@dataclass(frozen=True)
class Event:
    """Somebody goes.

    Parameters
    ----------
    name
        No other event has it.
    kind
        ``lead role``, ``packages`` or ``leaves``.
    who
        Ids of the providers.
    areas
        Ids of the areas concerned; empty: wherever they are.
    owner
        Owner where all its providers go; else empty.
    """

    name: str
    kind: str
    who: tuple[str, ...]
    areas: tuple[str, ...] = ()
    owner: str = ""

    def change(self, terms: Terms) -> Change:
        """Return the rows of hand-backs that say it."""
        everywhere = self.areas if self.kind != "leaves" else ("",) * len(self.who)
        share = {} if self.kind == "lead role" else {"staff_transfer_share": _share(terms)}
        rows: list[dict[str, Any]] = [
            {"provider_id": k, "kind": self.kind, "area_id": a, "notice_weeks": terms.notice_weeks}
            | share
            for k, a in dict.fromkeys(zip(self.who, everywhere, strict=True))
        ]
        return Change(table="handbacks", add=rows, because=self.name)


def _share(terms: Terms) -> float:
    return round(terms.staff_transfer_share, 3)


def events(instance: Instance, solution: Solution) -> list[Event]:
    """List what may happen: each lead and each pair of leads in each way, and each owner leaving.

    Parameters
    ----------
    instance, solution
        The question, and the plan whose leads these are.
    """
    ids, areas = instance.providers.ids, instance.areas.ids
    leads = [(a, k) for a, found in enumerate(solution.leads) for k in found]
    listed: dict[str, Event] = {}
    for kind in KINDS:
        for group in [*combinations(leads, 1), *combinations(leads, 2)]:
            if kind == "leaves" and len({k for _, k in group}) < len(group):
                continue  # one provider leads both areas, and leaves once
            who = tuple(ids[k] for _, k in group)
            where = tuple(areas[a] for a, _ in group)
            named = " and ".join(f"{k} ({a})" for k, a in zip(who, where, strict=True))
            event = Event(f"{named}: {WORDS[kind]}", kind, who, where)
            listed[event.name] = event
    for event in _owners(instance, solution):
        listed[event.name] = event
    return list(listed.values())


def _owners(instance: Instance, solution: Solution) -> Iterator[Event]:
    """Each owner that has any work leaves with all its providers."""
    providers = instance.providers
    busy = np.unique(solution.provider[solution.provider >= 0])
    for owner in np.unique(providers.owner[busy]).tolist():
        who = tuple(providers.ids[k] for k in np.flatnonzero(providers.owner == owner))
        label = providers.owners[owner]
        yield Event(f"owner {label} ({', '.join(who)}): leave", "leaves", who, (), label)
