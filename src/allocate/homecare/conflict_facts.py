"""What the sentences about a conflict need to know of a question, again and again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from allocate.homecare.instance import Instance
from allocate.homecare.labels import Bools, called
from allocate.homecare.packages import by_provider
from allocate.homecare.pairs import against_pins, lead_candidates, open_pairs
from allocate.units import Ints, as_hours

Numbers = Mapping[str, float | int | str | None]
Told = tuple[Numbers, str]  # numbers by name, and a sentence or two
NAMED = 5  # labels that a sentence names before it says how many more there are


@dataclass(frozen=True)
class Facts:
    """A question, with what sentences need of it again and again."""

    instance: Instance

    def provider(self, k: int) -> str:
        """Name and id of a provider, within a sentence."""
        providers = self.instance.providers
        return called(providers.names, providers.ids, k, within=True)

    def area(self, a: int) -> str:
        """Name of an area."""
        return self.instance.areas.names[a]

    def owned(self, owner: int) -> str:
        """An owner, with its providers where it is not one of them itself."""
        providers = self.instance.providers
        theirs = [providers.ids[k] for k in np.flatnonzero(providers.owner == owner)]
        name = providers.owners[owner]
        return f"Owner {name}" if theirs == [name] else f"Owner {name} ({listed(theirs)})"

    @cached_property
    def held(self) -> Ints:
        """Carer-minutes of the people each provider has now, (K,)."""
        packages = self.instance.packages
        return by_provider(packages.present, packages.load, len(self.instance.providers.ids))

    def chosen(self, about: Iterable[str]) -> Ints:
        """Positions of packages."""
        return np.array([self.instance.packages.at[name] for name in about], dtype=np.int64)

    def possible(self, packages: Ints) -> Bools:
        """Who could have each of some packages by the data and the pins, (n, K)."""
        may = open_pairs(self.instance)[packages]
        size = may.shape[1]
        pinned = against_pins(
            self.instance.pins, np.repeat(packages, size), np.tile(np.arange(size), len(packages))
        )
        return may & ~pinned.reshape(may.shape)

    def leads(self, a: int) -> tuple[list[int], list[int]]:
        """Providers that lead an area and stay, and those that may be chosen."""
        stay = list(self.instance.areas.leads[a])
        setting = self.instance.rules["leads_per_area"]
        if setting.mode == "hard" and len(stay) >= int(setting.options["maximum"]):
            return stay, []
        may = [int(k) for k in np.flatnonzero(lead_candidates(self.instance)[a]) if k not in stay]
        return stay, may

    def may_be_appointed(self, k: int) -> bool:
        """Whether a provider may be chosen lead of any area."""
        return any(k in self.leads(a)[1] for a in range(len(self.instance.areas.ids)))

    def room(self, k: int, *, new: bool) -> int:
        """Minutes a provider has beside the people it has now, its growth counted if new."""
        providers = self.instance.providers
        grown = int(providers.growth[k]) if new else 0
        return int(providers.capacity[k]) + grown - int(self.held[k])


def listed(names: Sequence[str]) -> str:
    """Name a few, then say how many more there are."""
    more = len(names) - NAMED
    return ", ".join(names[:NAMED]) + (f" and {more} more" if more > 0 else "")


def number(count: float, noun: str) -> str:
    """Write a count with its noun, which takes an s."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def people(count: int) -> str:
    """Write a count of people."""
    return "one person" if count == 1 else f"{count:,} people"


def in_hours(minutes: int) -> str:
    """Write minutes as hours with their noun."""
    return f"{as_hours(minutes)} hour{'' if minutes == 60 else 's'}"


def hours(minutes: int) -> float:
    """Minutes as hours."""
    return int(minutes) / 60
