"""Plans that are nearly as good and clearly different, what they share, and where choice is free.

Each further plan is as unlike those before as can be found while every level stays within the slack
(Hop, Skip and Jump: Brill, Chang & Hopkins 1982; SPORES: Lombardi et al. 2020). That a lead is the
same in all of them proves nothing; so where it is, it is asked whether any plan within the slack
has another.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from math import floor
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from allocate.answered import Answered, read_answer_of
from allocate.columns import table
from allocate.core.levels import keep, reduce
from allocate.core.outcome import IMPOSSIBLE, Answer, Problem, Watch
from allocate.core.program import Flat
from allocate.core.worker import borrowed, warm
from allocate.errors import ReviewFailed
from allocate.findings import Findings, Section
from allocate.homecare.formulation import Draft
from allocate.homecare.instance import Instance
from allocate.homecare.solution import Solution
from allocate.units import Ints, joined, with_unit
from allocate.variants import METHOD

ROUGH = 0.05  # relative gap at which a plan is unlike enough
PLANS_SHARE = 0.7  # of the time, for further plans; the rest is for what cannot be otherwise


@dataclass
class Search:
    """Looks for plans within the slack.

    Parameters
    ----------
    answered
        The answer.
    draft, flat
        The program, its rows and one more for each level.
    ends
        When the time is up.
    watch
        The wish to stop in.
    plans
        Values of the columns of each plan, the answer's first.
    """

    answered: Answered
    draft: Draft
    flat: Flat
    ends: float
    watch: Watch
    plans: list[Ints] = field(default_factory=list)

    @property
    def left(self) -> float:
        """Seconds left."""
        return 0.0 if self.watch.stop else self.ends - time.monotonic()

    def further(self, seconds: float) -> bool:
        """Find one more plan; return whether it differs from all before."""
        cost = np.zeros(self.draft.program.size, dtype=np.int64)
        used = np.sum(self.plans, axis=0)
        cost[self.draft.assign] = used[self.draft.assign]
        cost[self.draft.wait] = used[self.draft.wait]
        # One lead more that differs is worth more than all people elsewhere.
        most = len(self.draft.wait) * len(self.plans) + 1
        cost[self.draft.lead] = used[self.draft.lead] * most
        cost[self.flat.lower > 0] = 0
        answer = self._solve(self.flat, cost, self.plans[-1], seconds)
        found = answer.values
        if found is None or any(self._same(found, plan) for plan in self.plans):
            return False
        self.plans.append(found)
        return True

    def without(self, column: int, seconds: float) -> bool | None:
        """Whether a plan within the slack does without a column; None where not settled."""
        upper = self.flat.upper.copy()
        if self.flat.lower[column] > 0:
            return False
        upper[column] = 0
        cost = np.zeros(self.draft.program.size, dtype=np.int64)
        answer = self._solve(replace(self.flat, upper=upper), cost, None, seconds)
        if answer.values is not None:
            self.plans.append(answer.values)
            return True
        return False if answer.why == IMPOSSIBLE else None

    def _same(self, one: Ints, other: Ints) -> bool:
        columns = np.concatenate([self.draft.assign, self.draft.wait, self.draft.lead])
        return np.array_equal(one[columns], other[columns])

    def _solve(self, flat: Flat, cost: Ints, start: Ints | None, seconds: float) -> Answer:
        seed = int(self.answered.record["seed"])
        problem = Problem(flat, cost, start, max(seconds, 0.5), ROUGH, seed)
        with borrowed(METHOD) as worker:
            answer = worker.solve(problem, lambda *_: None, lambda: self.watch.stop)
        if answer.values is not None and not flat.holds(answer.values):
            return replace(answer, values=None)
        return answer


def alternatives(
    folder: Path, *, slack: float, count: int, seconds: float, watch: Watch
) -> Findings:
    """Find plans within a slack of an answer that are clearly different.

    Parameters
    ----------
    folder
        A result folder of home care.
    slack
        Share of what can be decided by which each level may be worse.
    count
        How many further plans, at most.
    seconds
        For all of it.
    watch
        Progress out, the wish to stop in.

    Raises
    ------
    BadInput
        For a folder that is no such result.
    ReviewFailed
        Where the review rejects a plan.
    """
    warm(METHOD, 1)
    answered = read_answer_of(folder, "homecare", "Name an answer of home care")
    limits = _limits(answered, slack)
    search = _search(answered, limits, seconds, watch)
    for number in range(1, count + 1):
        share = search.left * PLANS_SHARE / (count - number + 1)
        if search.left <= 0 or not search.further(share):
            break
        watch.say(f"{number} of {count} further plans")
    forced = _forced(search)
    plans = [_read(answered, search.draft, values, limits) for values in search.plans]
    tables = {
        "plans": _plans(answered, plans),
        "leads": _leads(answered, plans, forced),
        "people": _people(answered, plans),
    }
    sections = list(_sections(answered, plans, forced, slack))
    title = f"Plans nearly as good, and clearly different: {answered.asked.question.text}"
    return Findings(title, sections, tables)


def _limits(answered: Answered, slack: float) -> list[Fraction]:
    """Return the most that each level may come to."""
    levels = zip(answered.known, answered.record["levels"], strict=True)
    return [
        known.value + Fraction(str(slack)) * abs(known.value - Fraction(str(level["fixed"] or 0)))
        for known, level in levels
    ]


def _search(answered: Answered, limits: Sequence[Fraction], seconds: float, watch: Watch) -> Search:
    """Write the program with every level kept within its limit."""
    ends = time.monotonic() + seconds
    asked = answered.asked
    draft: Any = asked.model.formulate(asked.instance, asked.question.levels)
    program = draft.program
    flat = program.flat()
    for level, limit in zip(program.levels, limits, strict=True):
        reduced = reduce(program, level)
        flat = keep(flat, reduced.cost, floor((limit * level.per - reduced.fixed) / reduced.step))
    start = _values(draft, flat, answered.solution)
    return Search(answered, draft, flat, ends, watch, [start])


def _values(draft: Draft, flat: Flat, solution: Solution) -> Ints:
    """Write the answer as values of the columns that say who has what and who leads."""
    values = flat.lower.copy()
    given = solution.provider
    values[draft.assign] = given[draft.pairs.package] == draft.pairs.provider
    values[draft.wait] = given < 0
    led = zip(draft.lead_area, draft.lead_provider, strict=True)
    values[draft.lead] = [k in solution.leads[a] for a, k in led]
    return values


def _forced(search: Search) -> dict[int, bool | None]:
    """Say of each area whose leads are the same in all plans whether they have to be.

    True: no plan within the slack has others; False: one has; None: not settled.
    """
    draft = search.draft
    found: dict[int, bool | None] = {}
    areas = [a for a in np.unique(draft.lead_area).tolist() if _chosen(search, a)]
    for number, area in enumerate(areas):
        columns = draft.lead[draft.lead_area == area]
        seen = {tuple(plan[columns].tolist()) for plan in search.plans}
        if len(seen) > 1:
            found[area] = False
            continue
        column = int(columns[np.flatnonzero(search.plans[0][columns])[0]])
        if search.left <= 0:
            found[area] = None
            continue
        other = search.without(column, search.left / (len(areas) - number))
        found[area] = None if other is None else not other
    return found


def _chosen(search: Search, area: int) -> bool:
    """Whether the answer chose a lead of an area among several."""
    draft = search.draft
    columns = draft.lead[draft.lead_area == area]
    free = search.draft.program.bounds()
    return bool(np.any(search.plans[0][columns]) and np.any(free[0][columns] < free[1][columns]))


@dataclass(frozen=True)
class Plan:
    """A plan and what its levels come to."""

    solution: Solution
    levels: Sequence[Fraction]


def _read(answered: Answered, draft: Draft, values: Ints, limits: Sequence[Fraction]) -> Plan:
    """Read a plan and have it reviewed."""
    asked = answered.asked
    solution = asked.model.read_solution(draft, values)
    review = asked.model.review(asked.instance, solution, asked.question.levels)
    faults = list(review.faults)
    for words, value, limit in zip(asked.question.levels, review.levels, limits, strict=True):
        if value > limit:
            faults.append(f"{words.name} is {float(value):,.6g}, beyond {float(limit):,.6g}")
    if faults:
        raise ReviewFailed("The review rejects a plan nearly as good: " + "; ".join(faults))
    return Plan(solution, review.levels)


def _led(instance: Instance, plan: Plan, area: int) -> str:
    return ";".join(instance.providers.ids[k] for k in plan.solution.leads[area])


def _plans(answered: Answered, plans: Sequence[Plan]) -> pd.DataFrame:
    """One row a plan."""
    asked, best = answered.asked, plans[0]
    rows = []
    for number, plan in enumerate(plans):
        row: dict[str, Any] = {"plan": "the answer" if number == 0 else str(number)}
        for words, value in zip(asked.question.levels, plan.levels, strict=True):
            row[words.name] = float(value)
        row["people_elsewhere"] = int((plan.solution.provider != best.solution.provider).sum())
        for a, area in enumerate(asked.instance.areas.ids):
            row[f"lead_{area}"] = _led(asked.instance, plan, a)
        rows.append(row)
    return pd.DataFrame(rows)


def _leads(
    answered: Answered, plans: Sequence[Plan], forced: dict[int, bool | None]
) -> pd.DataFrame:
    """One row an area: who leads it in some plan, and whether it could be otherwise."""
    instance = answered.asked.instance
    words = {True: "no other within the slack", False: "free", None: "not settled"}
    rows = [
        (area, "|".join(sorted({_led(instance, plan, a) for plan in plans})),
         words[forced[a]] if a in forced else "given")
        for a, area in enumerate(instance.areas.ids)
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["area_id", "leads_seen", "choice"])


def _people(answered: Answered, plans: Sequence[Plan]) -> pd.DataFrame:
    """One row a referral: with whom it is in each plan."""
    instance = answered.asked.instance
    ids = (*instance.providers.ids, "")  # the last one is for those who wait
    asked = np.flatnonzero(instance.packages.referral)
    rows = []
    for p in asked.tolist():
        seen = dict.fromkeys(ids[plan.solution.provider[p]] for plan in plans)
        label, area = instance.packages.ids[p], instance.areas.ids[instance.packages.area[p]]
        rows.append((label, area, "|".join(seen), len(seen) == 1))
    columns = ["package_id", "area_id", "providers_seen", "same_in_all"]
    return pd.DataFrame(rows, columns=columns)


def _sections(
    answered: Answered, plans: Sequence[Plan], forced: dict[int, bool | None], slack: float
) -> Iterator[Section]:
    """Say what the plans share, and where the choice is free."""
    asked = answered.asked
    instance, levels = asked.instance, asked.question.levels
    yield (
        "What was looked for",
        [
            f"Plans of which every level is at most {slack:.3g} of what can be decided worse than "
            "the answer, each as unlike those before as was found in the time."
        ],
    )
    frame = _plans(answered, plans)
    shown = ["plan", *(level.name for level in levels), "people_elsewhere"]
    body = [
        [f"{cell:,.10g}" if isinstance(cell, float | int) else cell for cell in row]
        for row in frame[shown].itertuples(index=False)
    ]
    yield (
        with_unit(str(len(plans) - 1), "further plans"),
        table([name.replace("_", " ") for name in shown], body),
    )
    yield (
        "Who leads, plan by plan",
        [
            f"{instance.areas.names[a]}, {area}: {joined(_seen(instance, plans, a), 'or')}"
            f"{_firm(forced, a)}"
            for a, area in enumerate(instance.areas.ids)
        ],
    )
    people = _people(answered, plans)
    same = int(people["same_in_all"].sum())
    yield (
        "Who takes the referrals",
        [
            f"{with_unit(f'{same:,}', 'people')} of {len(people):,} are with the same provider in "
            "all these plans; of the others the choice is free between those in people.csv."
        ],
    )


def _seen(instance: Instance, plans: Sequence[Plan], area: int) -> list[str]:
    """Leads of an area, each with the plans that have it."""
    seen: dict[str, int] = {}
    for plan in plans:
        led = _led(instance, plan, area) or "nobody"
        seen[led] = seen.get(led, 0) + 1
    return [f"{led} ({count} of {len(plans)})" for led, count in seen.items()]


def _firm(forced: dict[int, bool | None], area: int) -> str:
    """Say whether another lead is possible within the slack."""
    if area not in forced:
        return "; given, not chosen"
    if forced[area]:
        return "; proven, by the solver: no plan within the slack has another"
    return "; the choice is free" if forced[area] is False else "; not settled in the time"
