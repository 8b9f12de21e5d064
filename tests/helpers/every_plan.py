"""Every plan of a tiny case, and what each breaks of some rules, by the review alone.

The second witness of a conflict: a set of rules is impossible if every plan breaks one of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from itertools import combinations, product

import numpy as np

from allocate.homecare import review as judge
from allocate.homecare.instance import Instance
from allocate.homecare.plan import Plan
from allocate.homecare.solution import Solution

Name = tuple[str, str]
Broken = dict[Name, Fraction]

# Rules whose measure hangs on who leads, or on a pin of a lead.
WITH_LEADS = {
    *("within_capacity", "within_bands", "leads_per_area", "leads_limit", "lead_accepts_share"),
    *("lead_first", "step_in", "pins"),
}


def every_plan(instance: Instance, rules: Iterable[str]) -> Iterator[Broken]:
    """Yield what each plan that the data allow breaks of some rules, and by how much."""
    asked = set(rules)
    nobody = np.full(len(instance.packages.ids), -1, dtype=np.int64)
    stay = [set(leads) for leads in instance.areas.leads]
    leads = list(_leads(instance, nobody, stay)) if asked & WITH_LEADS else [_ranked(stay)]
    for placement in _placements(instance, nobody, leads[0]):
        before = _measured(instance, placement, leads[0], asked - WITH_LEADS)
        for chosen in leads:
            yield before | _measured(instance, placement, chosen, asked & WITH_LEADS)


def _measured(instance: Instance, placement: np.ndarray, leads: tuple, rules: set[str]) -> Broken:
    case = Plan(instance, Solution(placement, leads))
    broken = {
        (rule, name): amount
        for rule in rules - {"pins"}
        for name, amount in judge.MEASURES[rule](case).where
    }
    if "pins" in rules:
        broken |= {("pins", name): Fraction(1) for name, _ in judge._against_pins(case)}
    return broken


def _allowed(instance: Instance, placement: np.ndarray, leads: tuple) -> bool:
    case = Plan(instance, Solution(placement, leads))
    return not list(judge._against_data(case))


def _leads(instance: Instance, nobody: np.ndarray, stay: list[set[int]]) -> Iterator[tuple]:
    each = []
    for a, here in enumerate(stay):
        others = [
            k
            for k in range(len(instance.providers.ids))
            if k not in here
            and _allowed(instance, nobody, _ranked([*stay[:a], here | {k}, *stay[a + 1 :]]))
        ]
        more = [set(c) for n in range(len(others) + 1) for c in combinations(others, n)]
        each.append([here | added for added in more])
    for chosen in product(*each):
        yield _ranked(chosen)


def _placements(instance: Instance, nobody: np.ndarray, leads: tuple) -> Iterator[np.ndarray]:
    options = []
    for p in range(len(nobody)):
        alone = [np.where(np.arange(len(nobody)) == p, k, -1) for k in range(-1, 3)]
        fits = [
            k
            for k, placement in zip(range(-1, 3), alone, strict=True)
            if k < len(instance.providers.ids) and _allowed(instance, placement, leads)
        ]
        options.append(fits)
    for chosen in product(*options):
        yield np.array(chosen, dtype=np.int64)


def _ranked(leads: Iterable[Iterable[int]]) -> tuple[tuple[int, ...], ...]:
    return tuple(tuple(sorted(here)) for here in leads)
