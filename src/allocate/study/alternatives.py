"""Plans that are nearly as good and clearly different, what they share, and where choice is free.

Each further plan is as unlike those before as can be found while every level stays within the slack
(Hop, Skip and Jump: Brill, Chang & Hopkins 1982; SPORES: Lombardi et al. 2020). That a choice is
the same in all of them proves nothing; so where it is, it is asked whether any plan within the
slack chooses otherwise.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import pandas as pd

from allocate.answered import Answered
from allocate.choices import Chosen, Kind
from allocate.columns import table
from allocate.core.outcome import Watch
from allocate.core.worker import warm
from allocate.errors import ReviewFailed
from allocate.findings import Findings, Section
from allocate.study.meaning import answer_for
from allocate.study.within import Found, Within, within
from allocate.units import joined, with_unit
from allocate.variants import METHOD

PLANS_SHARE = 0.7  # of the time, for further plans; the rest is for what cannot be otherwise
LISTED = 30  # choices of a kind that the page names
FORCED = {True: "none without it", False: "free", None: "not settled"}


@dataclass(frozen=True)
class Plan:
    """A plan, what its levels come to, and what it chooses, kind by kind."""

    solution: Any
    levels: Sequence[Fraction]
    chosen: Mapping[str, Chosen]


def alternatives(
    folder: Path, *, slack: float, count: int, seconds: float, watch: Watch
) -> Findings:
    """Find plans within a slack of an answer that are clearly different.

    Parameters
    ----------
    folder
        A result folder.
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
        For a folder that is no such result, or whose plans are not chosen from a list.
    ReviewFailed
        Where the review rejects a plan.
    """
    warm(METHOD, 1)
    answered = answer_for(folder, "alternatives")
    limits = _limits(answered, slack)
    search = within(answered, limits, seconds, watch)
    plans = [_read(answered, search, answered.solution, limits)]
    for number in range(1, count + 1):
        found = search.further(search.left * PLANS_SHARE / (count - number + 1))
        if found is None:
            break
        plans.append(_plan(answered, search, found, limits))
        watch.say(f"{number} of {count} further plans")
    forced = {
        kind: _forced(answered, search, kind, plans, limits)
        for kind, words in answered.asked.model.CHOICES.items()
        if not words.many and kind in search.kinds
    }
    return Findings(
        f"Plans nearly as good, and clearly different: {answered.asked.question.text}",
        list(_sections(answered, plans, forced, slack)),
        {"plans": _plans(answered, plans), "choices": _choices(answered, plans, forced)},
    )


def _limits(answered: Answered, slack: float) -> list[Fraction]:
    """Return the most that each level may come to."""
    levels = zip(answered.known, answered.record["levels"], strict=True)
    return [
        known.value + Fraction(str(slack)) * abs(known.value - Fraction(str(level["fixed"] or 0)))
        for known, level in levels
    ]


def _plan(answered: Answered, search: Within, found: Found, limits: Sequence[Fraction]) -> Plan:
    """Read a plan that was found."""
    solution = answered.asked.model.read_solution(search.draft, found.values, found.flows)
    return _read(answered, search, solution, limits)


def _read(answered: Answered, search: Within, solution: Any, limits: Sequence[Fraction]) -> Plan:
    """Have a plan reviewed."""
    asked = answered.asked
    review = asked.model.review(asked.instance, solution, asked.question.levels)
    faults = list(review.faults)
    for words, value, limit in zip(asked.question.levels, review.levels, limits, strict=True):
        if value > limit:
            faults.append(f"{words.name} is {float(value):,.6g}, beyond {float(limit):,.6g}")
    if faults:
        raise ReviewFailed("The review rejects a plan nearly as good: " + "; ".join(faults))
    chosen = {
        kind: asked.model.chosen(asked.instance, solution, kind) for kind in asked.model.CHOICES
    }
    return Plan(solution, review.levels, chosen)


def _forced(
    answered: Answered,
    search: Within,
    kind: str,
    plans: list[Plan],
    limits: Sequence[Fraction],
) -> dict[str, bool | None]:
    """Say of each choice that is the same in all plans whether it has to be.

    True: no plan within the slack chooses otherwise; False: one does; None: not settled. A plan
    that was found by asking is one more.
    """
    words = answered.asked.model.CHOICES[kind]
    asked = {
        label: columns
        for label, columns in search.open_columns(kind).items()
        if plans[0].chosen[kind].get(label)
    }
    found: dict[str, bool | None] = {}
    for number, (label, columns) in enumerate(asked.items()):
        if len({_choice(plan, kind, label, words) for plan in plans}) > 1:
            found[label] = False
        elif search.left <= 0:
            found[label] = None
        else:
            seconds = search.left / (len(asked) - number)
            other, settled = search.without(columns, seconds)
            if other is not None:
                plans.append(_plan(answered, search, other, limits))
            found[label] = (other is None) if settled else None
    return found


def _choice(plan: Plan, kind: str, label: str, words: Kind) -> tuple[str, ...] | bool:
    """What a plan chooses for one thing; of an amount, whether there is any."""
    chosen = plan.chosen[kind].get(label, ())
    return bool(chosen) if words.amount else chosen


def _seen(plans: Sequence[Plan], kind: str, words: Kind) -> dict[str, dict[str, int]]:
    """What is chosen for each thing of a kind, each with the number of plans that do."""
    found: dict[str, dict[str, int]] = {}
    labels = dict.fromkeys(label for plan in plans for label in plan.chosen[kind])
    for label in labels:
        for plan in plans:
            said = ", ".join(plan.chosen[kind].get(label, ())) or words.nothing
            counts = found.setdefault(label, {})
            counts[said] = counts.get(said, 0) + 1
    return found


def _plans(answered: Answered, plans: Sequence[Plan]) -> pd.DataFrame:
    """One row a plan: its levels, and how many things of each kind are chosen otherwise."""
    asked, best = answered.asked, plans[0]
    rows = []
    for number, plan in enumerate(plans):
        row: dict[str, Any] = {"plan": "the answer" if number == 0 else str(number)}
        for words, value in zip(asked.question.levels, plan.levels, strict=True):
            row[words.name] = float(value)
        for kind in asked.model.CHOICES:
            now, then = best.chosen[kind], plan.chosen[kind]
            labels = dict.fromkeys([*now, *then])
            if labels:
                row[f"{kind}_otherwise"] = sum(now.get(x) != then.get(x) for x in labels)
        rows.append(row)
    return pd.DataFrame(rows)


def _choices(
    answered: Answered, plans: Sequence[Plan], forced: Mapping[str, Mapping[str, bool | None]]
) -> pd.DataFrame:
    """One row a thing that is decided: what is seen, and whether it could be otherwise."""
    rows = [
        (kind, label, "|".join(sorted(counts)), len(counts) == 1, _free(forced, kind, label))
        for kind, words in answered.asked.model.CHOICES.items()
        for label, counts in _seen(plans, kind, words).items()
    ]
    return pd.DataFrame(rows, columns=["kind", "id", "seen", "same_in_all", "choice"])


def _free(forced: Mapping[str, Mapping[str, bool | None]], kind: str, label: str) -> str:
    """Whether another choice is possible within the slack, in words; empty where none was asked."""
    return FORCED[forced[kind][label]] if label in forced.get(kind, {}) else ""


def _sections(
    answered: Answered,
    plans: Sequence[Plan],
    forced: Mapping[str, Mapping[str, bool | None]],
    slack: float,
) -> Iterator[Section]:
    """Say what the plans share, and where the choice is free."""
    asked = answered.asked
    yield (
        "What was looked for",
        [
            f"Plans of which every level is at most {slack:.3g} of what can be decided worse than "
            "the answer, each as unlike those before as was found in the time."
        ],
    )
    frame = _plans(answered, plans)
    body = [
        [f"{cell:,.10g}" if isinstance(cell, float | int) else cell for cell in row]
        for row in frame.itertuples(index=False)
    ]
    yield (
        with_unit(str(len(plans) - 1), "further plans"),
        table([name.replace("_", " ") for name in frame.columns], body),
    )
    for kind, words in asked.model.CHOICES.items():
        seen = _seen(plans, kind, words)
        if words.many and seen:
            same = sum(len(counts) == 1 for counts in seen.values())
            yield (
                words.title,
                [f"The same in all these plans for {same:,} of {len(seen):,}; see choices.csv."],
            )
        elif seen:
            yield words.title, list(_listed(seen, len(plans), kind, forced))


def _listed(
    seen: Mapping[str, Mapping[str, int]],
    plans: int,
    kind: str,
    forced: Mapping[str, Mapping[str, bool | None]],
) -> Iterator[str]:
    """Say of each thing of a kind what is chosen in how many plans, what is free first."""
    ends = {True: "; proven, by the solver: no plan within the slack does without it",
            False: "; the choice is free", None: "; not settled in the time"}  # fmt: skip
    order = sorted(
        seen, key=lambda label: (len(seen[label]) == 1, label not in forced.get(kind, ()))
    )
    for label in order[:LISTED]:
        counts = [f"{words} ({count} of {plans})" for words, count in seen[label].items()]
        settled = forced.get(kind, {})
        end = ends[settled[label]] if label in settled else ""
        yield f"{label}: {joined(counts, 'or')}{end}"
    if len(order) > LISTED:
        yield f"and {len(order) - LISTED:,} more in choices.csv"
