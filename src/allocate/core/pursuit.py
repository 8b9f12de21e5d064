"""What a search for a plan of lots has reached, and when it is to end."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from math import inf

from allocate.core.partition import Partition
from allocate.units import Ints

Told = Callable[[float, float], None]


@dataclass
class Pursuit:
    """The best plan and the best bound so far.

    Parameters
    ----------
    partition
        What is parted; its cost is by centres or by cuts.
    seconds
        When to end.
    gap
        Between plan and bound, as a share of the plan, at which to end.
    told
        Called with what the best plan costs and the bound, whenever either is better.
    stopped
        Asked again and again; where it says so, the search ends.
    """

    partition: Partition
    seconds: float
    gap: float = 0.0
    told: Told = lambda *_: None
    stopped: Callable[[], bool] = lambda: False
    best: Ints | None = None
    value: float = inf
    bound: float = 0.0
    _began: float = field(default_factory=time.monotonic)

    @property
    def spent(self) -> float:
        """Share of the time that has passed."""
        return (time.monotonic() - self._began) / max(self.seconds, 1e-9)

    @property
    def left(self) -> float:
        """Seconds left."""
        return self.seconds + self._began - time.monotonic()

    @property
    def closed(self) -> bool:
        """Whether the gap is closed; where no plan can be, it is too."""
        return (
            self.value - self.bound <= self.gap * self.value
            if self.value < inf
            else (self.bound == inf)
        )

    def over(self) -> bool:
        """Whether to end."""
        return self.closed or self.left <= 0 or self.stopped()

    def met(self, lots: Ints | None) -> bool:
        """Take a plan, (n,), if it is better and breaks nothing; says whether it is."""
        value = None if lots is None else self.partition.total(lots)
        if lots is None or value is None or value >= self.value or self.partition.faults(lots):
            return False
        self.best, self.value = lots, float(value)
        self.told(self.value, self.bound)
        return True

    def proved(self, bound: float) -> bool:
        """Take a bound if it is better, of plans better than the best one; says whether it is."""
        bound = min(bound, self.value)
        if bound <= self.bound:
            return False
        self.bound = bound
        self.told(self.value, self.bound)
        return True
