"""The solver-free review of a home care plan: the rules once more, in words a person can check.

It sees the question and the plan, never the program, and works through packages and providers in
plain loops and sums. It is the specification: where it and the formulation disagree, no answer is
returned.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from typing import Any

import networkx as nx
import numpy as np

from allocate.errors import ReviewFailed
from allocate.homecare.instance import Instance
from allocate.homecare.labels import BANDS, HANDED_BACK, PLACED, RATINGS, WAITING
from allocate.homecare.least import least
from allocate.homecare.solution import Solution
from allocate.study.scenario import LevelWords
from allocate.units import THOUSAND
from allocate.verdict import Measured, Review


def review(instance: Instance, solution: Solution, levels: Sequence[LevelWords]) -> Review:
    """Measure every rule, recount every term, and say what does not hold.

    Parameters
    ----------
    instance
        The question.
    solution
        The plan.
    levels
        The objective, to be recounted.

    Returns
    -------
    Review
        Faults are broken hard rules and placements that the data do not allow.
    """
    case = _Case(instance, solution)
    measured = {rule: MEASURES[rule](case) for rule in instance.rules}
    faults = list(_impossible(case))
    for rule, setting in instance.rules.items():
        if setting.mode == "hard" and measured[rule].short_by > 0:
            faults.append(f"{rule} is hard and short by {float(measured[rule].short_by):g}")
    terms = _terms(case, measured)
    totals = tuple(
        sum(
            (Fraction(str(weight)) * terms[term] for term, weight in level.terms.items()),
            Fraction(),
        )
        for level in levels
    )
    return Review(measured, terms, totals, least(instance, levels), tuple(faults))


def broken(instance: Instance, solution: Solution) -> dict[tuple[str, str], Fraction]:
    """Name the hard rules and pins that a plan does not keep, and what each is short by.

    Parameters
    ----------
    instance
        The question as asked.
    solution
        The plan, which may break any of them.

    Returns
    -------
    dict
        By rule, ``pins`` for a pin, and whom or what it is about.

    Raises
    ------
    ReviewFailed
        Where the plan does what the data do not allow.
    """
    case = _Case(instance, solution)
    if faults := list(_against_data(case)):
        raise ReviewFailed("\n  ".join(["The review rejects a plan:", *faults]))
    short = {
        (rule, name): amount
        for rule, setting in instance.rules.items()
        if setting.mode == "hard"
        for name, amount in MEASURES[rule](case).where
    }
    return short | {("pins", name): Fraction(1) for name, _ in _against_pins(case)}


class _Case:
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
        return int(self.packages.area[p])

    def minutes(self, p: int) -> int:
        return int(self.packages.minutes[p])

    def takes(self, p: int) -> int:
        """Minutes of the provider's own capacity: staff that follows brings its own."""
        own = self.minutes(p) * (THOUSAND - int(self.packages.transfer[p]))
        return -(-own // THOUSAND)

    def status(self, p: int) -> int:
        return int(self.packages.status[p])

    def here(self, p: int) -> bool:
        """Whether the package is with its present or last provider."""
        return bool(self.given[p] >= 0 and self.given[p] == self.packages.provider[p])

    def is_new(self, p: int) -> bool:
        """Whether a package that has a provider is newly placed there, or moved."""
        return not (self.here(p) and self.status(p) == PLACED)

    def moved(self, p: int) -> bool:
        return self.status(p) == PLACED and self.given[p] >= 0 and not self.here(p)

    def appointed(self, k: int) -> bool:
        """Whether the provider leads an area that it did not lead before."""
        before = self.instance.areas.leads
        return any(k in now and k not in then for now, then in zip(self.leads, before, strict=True))

    def capacity(self, k: int) -> int:
        grown = int(self.providers.growth[k]) if self.appointed(k) else 0
        return int(self.providers.capacity[k]) + grown

    def value(self, rule: str) -> Fraction:
        return Fraction(str(self.instance.rules[rule].value))

    def cash(self, p: int) -> int:
        """Pence a year, rounded half up once."""
        rate = int(self.instance.rate[self.given[p], self.packages.place[p]])
        paid = Fraction(self.instance.paid_share, THOUSAND)
        exact = Fraction(self.minutes(p), 60) * rate * paid * Fraction(365, 7)
        return int(exact + Fraction(1, 2))


def _impossible(case: _Case) -> Iterable[str]:
    """Find placements that data or pins do not allow, whatever the rules say."""
    yield from _against_data(case)
    for _, text in _against_pins(case):
        yield text


def _against_data(case: _Case) -> Iterable[str]:
    """Find placements that the data do not allow."""
    instance, packages = case.instance, case.packages
    for p in case.held:
        k, name = case.given[p], packages.ids[p]
        if case.is_new(p):
            if not instance.reach[k, packages.place[p]]:
                yield f"{name} is placed where {case.providers.ids[k]} does not work"
            if case.providers.suspended[k]:
                yield f"{name} is placed with {case.providers.ids[k]}, which takes no new work"
            if instance.closed[k, case.area(p)]:
                yield f"{name} is placed with {case.providers.ids[k]}, which handed the area back"
    for a, leads in enumerate(case.leads):
        for k in leads:
            stays = k in instance.areas.leads[a] or instance.pins.lead_must[a, k]
            reaches = bool(instance.reach[k, instance.area_of_place == a].any())
            may = case.providers.can_lead[k] and not case.providers.suspended[k] and reaches
            barred = instance.areas.ended[a, k] or instance.closed[k, a]
            if not stays and (not may or barred):
                yield f"{case.providers.ids[k]} may not lead {instance.areas.ids[a]}"
        for k in instance.areas.leads[a]:
            if k not in leads:
                yield f"{case.providers.ids[k]} no longer leads {instance.areas.ids[a]}"


def _against_pins(case: _Case) -> Iterable[tuple[str, str]]:
    """Name the pins that a plan does not keep, and say what is wrong."""
    pins, packages, areas = case.instance.pins, case.packages.ids, case.instance.areas.ids
    providers = case.providers.ids
    for p, k in np.argwhere(pins.never).tolist():
        if case.given[p] == k:
            yield f"{packages[p]} never {providers[k]}", f"{packages[p]} is placed against a pin"
    for p, k in np.argwhere(pins.must).tolist():
        if case.given[p] != k:
            yield (
                f"{packages[p]} must have {providers[k]}",
                f"{packages[p]} is not where a pin puts it",
            )
    for a, k in np.argwhere(pins.lead_never).tolist():
        if k in case.leads[a] and k not in case.instance.areas.leads[a]:
            yield f"{areas[a]} never {providers[k]}", f"{providers[k]} may not lead {areas[a]}"
    for a, k in np.argwhere(pins.lead_must).tolist():
        if k not in case.leads[a]:
            yield (
                f"{areas[a]} must have {providers[k]}",
                f"{providers[k]} no longer leads {areas[a]}",
            )


def _listed(parts: Iterable[tuple[str, int]], per: int = 1) -> Measured:
    """Add up what each part is short by; the largest come first."""
    short = [(name, Fraction(steps, per)) for name, steps in parts if steps > 0]
    short.sort(key=lambda part: (-part[1], part[0]))
    return Measured(sum((amount for _, amount in short), Fraction()), None, tuple(short))


def _with_slack(parts: Iterable[tuple[str, int]], per: int = 1) -> Measured:
    """The same for rules of which each part also has room: negative parts are room."""
    parts = list(parts)
    measured = _listed(parts, per)
    slack = Fraction(max(0, min(-steps for _, steps in parts)), per) if parts else None
    return Measured(measured.short_by, slack, measured.where)


def _placed_once(case: _Case) -> Measured:
    left = [p for p in range(case.size) if case.status(p) == PLACED and case.given[p] < 0]
    return _listed((case.packages.ids[p], 1) for p in left)


def _within_capacity(case: _Case) -> Measured:
    names = case.providers.ids
    return _with_slack(((names[k], case.load[k] - case.capacity(k)) for k in sorted(case.load)), 60)


def _within_bands(case: _Case) -> Measured:
    packages, providers = case.packages, case.providers
    load: dict[tuple[int, int], int] = defaultdict(int)
    for p in case.held:
        keep = THOUSAND - int(packages.transfer[p])
        for band in range(len(BANDS)):
            load[case.given[p], band] += -(-int(packages.bands[p, band]) * keep // THOUSAND)
    parts = []
    for (k, band), minutes in sorted(load.items()):
        if providers.bands[k, band] >= 0:
            grown = int(providers.band_growth[k, band]) if case.appointed(k) else 0
            over = minutes - int(providers.bands[k, band]) - grown
            parts.append((f"{providers.ids[k]} {BANDS[band]}", over))
    return _with_slack(parts, 60)


def _leads_per_area(case: _Case) -> Measured:
    options = case.instance.rules["leads_per_area"].options
    least, most = int(options["minimum"]), int(options["maximum"])
    return _listed(
        (case.instance.areas.ids[a], max(0, least - len(leads)) + max(0, len(leads) - most))
        for a, leads in enumerate(case.leads)
    )


def _leads_limit(case: _Case) -> Measured:
    led: dict[int, set[int]] = defaultdict(set)
    for a, leads in enumerate(case.leads):
        for k in leads:
            led[int(case.providers.owner[k])].add(a)
    limit = int(case.value("leads_limit"))
    owners = case.providers.owners
    return _with_slack((owners[owner], len(areas) - limit) for owner, areas in sorted(led.items()))


def _share_limit(case: _Case) -> Measured:
    held: dict[int, int] = defaultdict(int)
    for p in case.held:
        held[int(case.providers.owner[case.given[p]])] += case.minutes(p)
    total = sum(case.minutes(p) for p in range(case.size))
    limit = int(case.value("share_limit") * total)
    owners = case.providers.owners
    return _with_slack(((owners[g], minutes - limit) for g, minutes in sorted(held.items())), 60)


def _lead_accepts_share(case: _Case) -> Measured:
    hours = case.instance.rules["lead_accepts_share"].options["by"] == "hours"
    referrals: dict[int, int] = defaultdict(int)
    accepted: dict[int, int] = defaultdict(int)
    for p in range(case.size):
        if case.status(p) == PLACED:
            continue
        counts = case.minutes(p) if hours else 1
        referrals[case.area(p)] += counts
        if case.given[p] in case.leads[case.area(p)]:
            accepted[case.area(p)] += counts
    share = case.value("lead_accepts_share")
    parts = []
    for a, total in sorted(referrals.items()):
        exact = share * total
        target = -(-exact.numerator // exact.denominator)
        parts.append((case.instance.areas.ids[a], target - accepted[a]))
    return _with_slack(parts, 60 if hours else 1)


def _may_take(case: _Case, k: int, p: int) -> bool:
    """Whether data and hard pair rules let a provider take a referral."""
    instance, packages, rules = case.instance, case.packages, case.instance.rules
    if not instance.reach[k, packages.place[p]] or case.providers.suspended[k]:
        return False
    if instance.closed[k, case.area(p)] or instance.pins.never[p, k]:
        return False
    if instance.pins.must[p].any() and not instance.pins.must[p, k]:
        return False
    broken = {
        "quality_floor": _below_floor(case, k),
        "needs_met": bool((packages.needs[p] & ~case.providers.needs[k]).any()),
        "choice_kept": packages.choice[p] >= 0 and packages.choice[p] != k,
        "rate_floor": _below_rate(case, k, p),
    }
    return not any(rules[rule].mode == "hard" and is_so for rule, is_so in broken.items())


def _lead_first(case: _Case) -> Measured:
    elsewhere: dict[int, list[int]] = defaultdict(list)
    for p in case.held:
        if case.status(p) != PLACED and case.given[p] not in case.leads[case.area(p)]:
            elsewhere[case.area(p)].append(p)
    parts = []
    for a, leads in enumerate(case.leads):
        for k in leads:
            passed = sum(case.minutes(p) for p in elsewhere[a] if _may_take(case, k, p))
            room = case.capacity(k) - case.load[k]
            parts.append(
                (f"{case.providers.ids[k]} in {case.instance.areas.ids[a]}", min(passed, room))
            )
    return _listed(parts, 60)


def _below_floor(case: _Case, k: int) -> bool:
    worst = RATINGS.index(str(case.instance.rules["quality_floor"].value))
    return bool(case.providers.rating[k] > worst)


def _in_scope(case: _Case, rule: str) -> list[int]:
    every = case.instance.rules[rule].options["applies_to"] == "all"
    return [p for p in case.held if every or case.is_new(p)]


def _quality_floor(case: _Case) -> Measured:
    scope = _in_scope(case, "quality_floor")
    return _listed((case.packages.ids[p], 1) for p in scope if _below_floor(case, case.given[p]))


def _needs_met(case: _Case) -> Measured:
    needs, meets = case.packages.needs, case.providers.needs
    scope = _in_scope(case, "needs_met")
    unmet = [p for p in scope if (needs[p] & ~meets[case.given[p]]).any()]
    return _listed((case.packages.ids[p], 1) for p in unmet)


def _choice_kept(case: _Case) -> Measured:
    asked = case.packages.choice
    other = [p for p in case.held if asked[p] >= 0 and asked[p] != case.given[p]]
    return _listed((case.packages.ids[p], 1) for p in other if case.is_new(p))


def _household_together(case: _Case) -> Measured:
    homes: dict[int, set[int]] = defaultdict(set)
    for p in case.held:
        if case.packages.household[p] >= 0:
            homes[int(case.packages.household[p])].add(case.given[p])
    first = {int(home): p for p, home in reversed(list(enumerate(case.packages.household)))}
    return _listed(
        (f"household of {case.packages.ids[first[home]]}", len(providers) - 1)
        for home, providers in homes.items()
    )


def _locked_stay(case: _Case) -> Measured:
    moved = [p for p in range(case.size) if case.moved(p) and case.packages.locked[p]]
    return _listed((case.packages.ids[p], 1) for p in moved)


def _moves_limit(case: _Case) -> Measured:
    moves = sum(case.moved(p) for p in range(case.size))
    return _with_slack([("people moved", moves - int(case.value("moves_limit")))])


def _viable_round(case: _Case) -> Measured:
    least = int(case.value("viable_round") * 60)
    ids, areas = case.providers.ids, case.instance.areas.ids
    return _with_slack(
        ((f"{ids[k]} in {areas[a]}", least - minutes) for (k, a), minutes in case.round.items()), 60
    )


def budget_use(case: _Case) -> dict[int, tuple[int, int]]:
    """For each area with a budget, pence that new work draws from it, and the budget."""
    areas = case.instance.areas
    use = {}
    for a in range(len(areas.ids)):
        if areas.budget[a] < 0:
            continue
        new = [p for p in case.held if case.area(p) == a and case.status(p) == WAITING]
        spent = Fraction(sum(case.cash(p) for p in new) * 7 * int(areas.weeks[a]), 365)
        paid = Fraction(case.instance.paid_share, THOUSAND)
        flow = Fraction(int(areas.flow[a]), 60) * case.instance.flow_rate * paid
        drawn = spent + flow
        use[a] = (-(-drawn.numerator // drawn.denominator), int(areas.budget[a]))
    return use


def _within_budget(case: _Case) -> Measured:
    names = case.instance.areas.ids
    return _with_slack(
        ((names[a], spent - money) for a, (spent, money) in budget_use(case).items()), 100
    )


def _below_rate(case: _Case, k: int, p: int) -> bool:
    setting = case.instance.rules["rate_floor"]
    if setting.value is None or setting.mode == "raise":
        return False
    rate = int(case.instance.rate[k, case.packages.place[p]])
    return rate < Fraction(str(setting.value)) * 100


def _rate_floor(case: _Case) -> Measured:
    low = [p for p in case.held if case.is_new(p) and _below_rate(case, case.given[p], p)]
    return _listed(((case.packages.ids[p], case.minutes(p)) for p in low), 60)


def _step_in(case: _Case) -> Measured:
    providers, instance = case.providers, case.instance
    share = case.value("step_in")
    room = {
        k: max(0, case.capacity(k) - case.load[k] + int(providers.surge[k]))
        for k in range(len(providers.ids))
    }
    helpers: dict[int, list[int]] = defaultdict(list)
    for k, place in np.argwhere(instance.reach).tolist():
        a = int(instance.area_of_place[place])
        if room[k] and k not in helpers[a][-1:]:
            helpers[a].append(k)
    hours: dict[int, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for (k, a), minutes in case.round.items():
        hours[int(providers.owner[k])][a] += minutes
    parts = []
    for owner, areas in sorted(hours.items()):
        graph: nx.DiGraph[Any] = nx.DiGraph()
        needed = 0
        for a, minutes in areas.items():
            exact = share * minutes
            demand = -(-exact.numerator // exact.denominator)
            needed += demand
            graph.add_edge("source", ("area", a), capacity=demand)
            for k in helpers[a]:
                if providers.owner[k] != owner:
                    graph.add_edge(("area", a), ("provider", k), capacity=demand)
                    graph.add_edge(("provider", k), "sink", capacity=room[k])
        found = nx.maximum_flow_value(graph, "source", "sink") if "sink" in graph else 0
        parts.append((providers.owners[owner], needed - int(found)))
    return _listed(parts, 60)


MEASURES: dict[str, Callable[[_Case], Measured]] = {
    "placed_once": _placed_once,
    "within_capacity": _within_capacity,
    "within_bands": _within_bands,
    "leads_per_area": _leads_per_area,
    "leads_limit": _leads_limit,
    "share_limit": _share_limit,
    "lead_accepts_share": _lead_accepts_share,
    "lead_first": _lead_first,
    "quality_floor": _quality_floor,
    "needs_met": _needs_met,
    "choice_kept": _choice_kept,
    "household_together": _household_together,
    "locked_stay": _locked_stay,
    "moves_limit": _moves_limit,
    "viable_round": _viable_round,
    "within_budget": _within_budget,
    "rate_floor": _rate_floor,
    "step_in": _step_in,
}


def _terms(case: _Case, measured: dict[str, Measured]) -> dict[str, Fraction]:
    """Recount every term in its unit."""
    packages = case.packages
    waiting = Fraction()
    changes = Fraction()
    cash = travel = 0
    for p in range(case.size):
        k = case.given[p]
        followed = Fraction(int(packages.transfer[p]), THOUSAND)
        if k < 0:
            weight = Fraction(int(packages.weight[p]), THOUSAND)
            hours = Fraction(case.minutes(p), 60)
            waiting += hours * weight * (1 + Fraction(int(packages.days[p]), 28))
        else:
            cash += case.cash(p)
            travel += int(case.instance.travel[k, packages.place[p]]) * int(packages.visits[p])
        if case.moved(p):
            changes += 1
        if case.status(p) == HANDED_BACK and not case.here(p):
            changes += 1 - followed
    rules = case.instance.rules
    short = sum(
        (
            Fraction(str(rules[rule].price)) * found.short_by
            for rule, found in measured.items()
            if rules[rule].mode == "soft"
        ),
        Fraction(),
    )
    return {
        "waiting": waiting,
        "shortfalls": short,
        "changes": changes,
        "cash": Fraction(cash, 100),
        "travel": Fraction(travel),
        "rounds": Fraction(len(case.round)),
    }


def laid_out(instance: Instance, solution: Solution) -> Any:
    """Lay a plan out for counting, for the words of a report."""
    return _Case(instance, solution)
