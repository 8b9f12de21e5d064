"""Every plan of a tiny case, judged by the review: the best there is, or that there is none.

Only rules that bind decide which plan is best, so only those are measured on the way; what spoils a
package on its own is left out of every plan. The best plan is then reviewed whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations, product

import numpy as np

from allocate.homecare import review as judge
from allocate.homecare.instance import Instance
from allocate.homecare.labels import PLACED
from allocate.homecare.plan import Plan
from allocate.homecare.solution import Solution
from allocate.study.scenario import LevelWords

Leads = tuple[tuple[int, ...], ...]
Values = tuple[Fraction, ...]

# Short by a sum over packages, each on its own: one bad package spoils every plan it is in.
ONE_BY_ONE = ("quality_floor", "needs_met", "choice_kept", "rate_floor", "locked_stay")
# Rules whose measure hangs on who leads.
WITH_LEADS = (
    "within_capacity",
    "within_bands",
    "leads_per_area",
    "leads_limit",
    "lead_accepts_share",
    "lead_first",
    "step_in",
)


@dataclass(frozen=True)
class Best:
    """The best plan.

    Parameters
    ----------
    levels
        Value of each level.
    solution
        A plan that reaches them.
    """

    levels: Values
    solution: Solution


def best_plan(instance: Instance, levels: Sequence[LevelWords]) -> Best | None:
    """Look at every plan.

    Parameters
    ----------
    instance
        The question.
    levels
        The objective, most important first.

    Returns
    -------
    Best or None
        The lexicographic optimum; None where no plan keeps every hard rule.
    """
    search = _Search(instance, levels)
    for placement in search.placements():
        search.look_at(placement)
    if search.best is None:
        return None
    whole = judge.review(instance, search.best.solution, levels)
    assert whole.passed, whole.faults
    assert whole.levels == search.best.levels
    for proven, reached in zip(whole.least, whole.levels, strict=True):
        assert proven <= reached, "plain arithmetic promises too much"
    return search.best


class _Search:
    """What is known so far."""

    def __init__(self, instance: Instance, levels: Sequence[LevelWords]) -> None:
        self.instance = instance
        self.levels = levels
        self.best: Best | None = None
        self.size = len(instance.packages.ids)
        self.who = range(len(instance.providers.ids))
        binding = [name for name, rule in instance.rules.items() if rule.binds]
        self.alone = [name for name in binding if name in ONE_BY_ONE]
        self.without = [name for name in binding if name not in WITH_LEADS]
        self.with_leads = [name for name in binding if name in WITH_LEADS]
        self.leads = list(self._leads())

    def _impossible(self, placement: Sequence[int], leads: Leads) -> set[str]:
        """Say what the data do not allow in a plan."""
        case = Plan(self.instance, Solution(np.array(placement), leads))
        return set(judge._impossible(case))

    def _broken(self, measured: dict[str, judge.Measured]) -> bool:
        rules = self.instance.rules
        return any(rules[name].mode == "hard" and m.short_by > 0 for name, m in measured.items())

    def _leads(self) -> Iterator[Leads]:
        """Every choice of leads that the data allow."""
        areas, pins = self.instance.areas, self.instance.pins
        nobody = [-1] * self.size
        stay = [
            {*areas.leads[a], *np.flatnonzero(pins.lead_must[a]).tolist()}
            for a in range(len(areas.ids))
        ]
        already = self._impossible(nobody, _ranked(stay))
        each = []
        for a, here in enumerate(stay):
            others = [
                k
                for k in set(self.who) - here
                if self._impossible(nobody, _ranked([*stay[:a], here | {k}, *stay[a + 1 :]]))
                <= already
            ]
            each.append([here | set(added) for added in _subsets(others)])
        for chosen in product(*each):
            yield _ranked(chosen)

    def placements(self) -> Iterable[tuple[int, ...]]:
        """Every placement of which no single package is impossible."""
        return product(
            *([k for k in (-1, *self.who) if self._fine(p, k)] for p in range(self.size))
        )

    def _fine(self, package: int, provider: int) -> bool:
        """Whether a package may be with a provider, all others left alone."""
        nobody = [-1] * self.size
        placement = [provider if p == package else -1 for p in range(self.size)]
        name = f"{self.instance.packages.ids[package]} "
        faults = self._impossible(placement, self.leads[0])
        if any(fault.startswith(name) for fault in faults):
            return False
        assert faults <= self._impossible(nobody, self.leads[0])
        keep = self.instance.rules["placed_once"].mode == "hard"
        if provider == -1 and keep and self.instance.packages.status[package] == PLACED:
            return False
        case = Plan(self.instance, Solution(np.array(placement), self.leads[0]))
        return not self._broken({name: judge.MEASURES[name](case) for name in self.alone})

    def look_at(self, placement: tuple[int, ...]) -> None:
        """Judge a placement with every choice of leads."""
        solution = Solution(np.array(placement), self.leads[0])
        case = Plan(self.instance, solution)
        measured = {name: judge.MEASURES[name](case) for name in self.without}
        # Without the rules that hang on leads, shortfalls are counted too low, never too high.
        if self._broken(measured) or not self._is_better(self._values(case, measured)):
            return
        for leads in self.leads if self.with_leads else self.leads[:1]:
            solution = Solution(np.array(placement), leads)
            case = Plan(self.instance, solution)
            more = {name: judge.MEASURES[name](case) for name in self.with_leads}
            if self._broken(more):
                continue
            values = self._values(case, measured | more)
            if self._is_better(values):
                self.best = Best(values, solution)

    def _is_better(self, values: Values) -> bool:
        return self.best is None or values < self.best.levels

    def _values(self, case: Plan, measured: dict[str, judge.Measured]) -> Values:
        terms = judge._terms(case, measured)
        return tuple(
            sum((Fraction(str(w)) * terms[term] for term, w in level.terms.items()), Fraction())
            for level in self.levels
        )


def _ranked(leads: Iterable[Iterable[int]]) -> Leads:
    return tuple(tuple(sorted(here)) for here in leads)


def _subsets(items: Sequence[int]) -> Iterator[tuple[int, ...]]:
    for size in range(len(items) + 1):
        yield from combinations(items, size)
