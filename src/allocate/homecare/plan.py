"""A plan laid out for counting: who has what, hour by hour, in plain sums."""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction

from allocate.homecare.instance import Instance
from allocate.homecare.labels import PLACED
from allocate.homecare.solution import Solution
from allocate.units import THOUSAND


class Plan:
    """A plan laid out for counting: who has what, hour by hour."""

    def __init__(self, instance: Instance, solution: Solution) -> None:
        self.instance = instance
        self.packages, self.providers = instance.packages, instance.providers
        self.given = solution.provider.tolist()
        self.leads = solution.leads
        self.size = len(self.given)
        self.held = [p for p in range(self.size) if self.given[p] >= 0]
        self.load: dict[int, int] = defaultdict(int)
        self.round: dict[tuple[int, int], int] = defaultdict(int)
        for p in self.held:
            self.load[self.given[p]] += self.takes(p)
            self.round[self.given[p], self.area(p)] += self.minutes(p)

    def area(self, p: int) -> int:
        """Area of a package."""
        return int(self.packages.area[p])

    def minutes(self, p: int) -> int:
        """Minutes a week of a package."""
        return int(self.packages.minutes[p])

    def takes(self, p: int) -> int:
        """Minutes of the provider's own capacity: staff that follows brings its own."""
        own = self.minutes(p) * (THOUSAND - int(self.packages.transfer[p]))
        return -(-own // THOUSAND)

    def status(self, p: int) -> int:
        """Whether a package waits, is placed or was handed back."""
        return int(self.packages.status[p])

    def here(self, p: int) -> bool:
        """Whether the package is with its present or last provider."""
        return bool(self.given[p] >= 0 and self.given[p] == self.packages.provider[p])

    def is_new(self, p: int) -> bool:
        """Whether a package that has a provider is newly placed there, or moved."""
        return not (self.here(p) and self.status(p) == PLACED)

    def moved(self, p: int) -> bool:
        """Whether a placed package has another provider than now."""
        return self.status(p) == PLACED and self.given[p] >= 0 and not self.here(p)

    def appointed(self, k: int) -> bool:
        """Whether the provider leads an area that it did not lead before."""
        before = self.instance.areas.leads
        return any(k in now and k not in then for now, then in zip(self.leads, before, strict=True))

    def capacity(self, k: int) -> int:
        """Minutes that a provider can staff, its growth counted where it is newly appointed."""
        grown = int(self.providers.growth[k]) if self.appointed(k) else 0
        return int(self.providers.capacity[k]) + grown

    def value(self, rule: str) -> Fraction:
        """Threshold of a rule, exactly as written."""
        return Fraction(str(self.instance.rules[rule].value))

    def cash(self, p: int) -> int:
        """Pence a year, rounded half up once."""
        rate = int(self.instance.rate[self.given[p], self.packages.place[p]])
        paid = Fraction(self.instance.paid_share, THOUSAND)
        exact = Fraction(self.minutes(p), 60) * rate * paid * Fraction(365, 7)
        return int(exact + Fraction(1, 2))
