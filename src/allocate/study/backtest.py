"""Last year played again: the tool's plan, month by month, beside what happened."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from allocate.asked import prepare
from allocate.columns import table
from allocate.core.outcome import Watch
from allocate.errors import BadInput, Fault
from allocate.findings import Findings, Section
from allocate.homecare.history import Past, by_lead, end_of, past, travel_of
from allocate.homecare.instance import build
from allocate.homecare.solution import read_plan
from allocate.solving import solve
from allocate.study.meaning import check_meaning
from allocate.study.scenario import LevelWords, Limits, Question
from allocate.units import Ints

# Care first, then that leads take their share, then travel: as the levels, in one priced sum.
PRICES = {"waiting": 1.0, "shortfalls": 0.5, "travel": 0.0005}
LEAST_SECONDS = 10.0
PLAN, HAPPENED = "the plan", "what happened"


def backtest(where: str | Path, *, seconds: float, watch: Watch) -> Findings:
    """Play the past referrals of a case again.

    Parameters
    ----------
    where
        A case or scenario of home care with a table ``referrals``.
    seconds
        For all months together.
    watch
        Progress out, the wish to stop in.

    Raises
    ------
    BadInput
        For a case without past referrals, or one of another model.
    """
    asked = prepare(where)
    check_meaning(asked, str(where), "backtest")
    found = past(asked.tables, asked.instance)
    if found is None:
        problem = "has no past referrals that say when, where and how much"
        remedy = "Fill in date, place_id, hours, offered_to and answer of referrals"
        raise BadInput(str(where), [Fault("referrals.csv", "", problem, remedy)])
    question = _monthly(asked.question, seconds / found.months)
    given = np.full(len(found.ids), -1, dtype=np.int64)
    rows: list[dict[str, Any]] = []
    for month in range(found.months):
        if watch.stop:
            break
        watch.say(f"month {month + 1} of {found.months}")
        given = _month(found, question, month, given)
        rows += _figures(found, month, given)
    frame = pd.DataFrame(rows)
    people = _people(found, given)
    title = f"Last year played again: {asked.tables.name}"
    return Findings(title, list(_sections(found, frame)), {"months": frame, "people": people})


def _monthly(question: Question, seconds: float) -> Question:
    """The question of a month: nobody who has a provider is moved."""
    rules = dict(question.rules)
    rules["moves_limit"] = replace(rules["moves_limit"], mode="hard", value=0)
    return replace(
        question,
        name="month",
        text="Who takes the referrals of this month?",
        changes=(),
        rules=rules,
        levels=(LevelWords(name="priced sum", terms=PRICES),),
        priced=True,
        limits=Limits(seconds=round(max(seconds, LEAST_SECONDS), 3), seed=question.limits.seed),
    )


def _month(found: Past, question: Question, month: int, given: Ints) -> Ints:
    """Place the referrals of a month; return who has each one then."""
    tables = found.case(month, given)
    result = solve(question, base=tables)
    if not result.tables:
        problem = f"month {month + 1} of the past has no plan: {result.status}"
        raise BadInput(question.name, [Fault("referrals.csv", "", problem, "Allow more --seconds")])
    instance = build(tables, question)
    plan = {name: frame.fillna("").astype(str) for name, frame in result.tables.items()}
    solution = read_plan(instance, plan, f"month {month + 1}")
    then = given.copy()
    then[: len(solution.provider)] = solution.provider
    return then


def _figures(found: Past, month: int, given: Ints) -> Iterator[dict[str, Any]]:
    """Count what stands at the end of a month, as planned and as it happened."""
    here = found.month <= month
    visit = int(found.instance.parameters["assumed_visit_minutes"])
    for who, placed_with in ((PLAN, given), (HAPPENED, found.taken)):
        so_far = np.where(here, placed_with, -1)
        placed = so_far >= 0
        yield {
            "by": end_of(found.first, month).isoformat(),
            "who": who,
            "referrals": int(here.sum()),
            "people_placed": int(placed.sum()),
            "hours_placed": float(found.minutes[placed].sum() / 60),
            "people_not_placed": int((here & ~placed).sum()),
            "hours_not_placed": float(found.minutes[here & ~placed].sum() / 60),
            "with_the_lead": int(by_lead(found, so_far).sum()),
            "travel_minutes": sum(travel_of(found, so_far, visit)),
        }


def _people(found: Past, given: Ints) -> pd.DataFrame:
    """One row a referral: whom it went to, and whom the plan gives it to."""
    ids = (*found.instance.providers.ids, "")
    rows = [
        (day.isoformat(), found.instance.places[place], minutes / 60, ids[taken], ids[planned])
        for day, place, minutes, taken, planned in zip(
            found.days, found.place, found.minutes, found.taken, given, strict=True
        )
    ]
    return pd.DataFrame(rows, columns=["date", "place_id", "hours", "accepted_by", "planned_with"])


def _sections(found: Past, frame: pd.DataFrame) -> Iterator[Section]:
    """Say how the plan fared beside what happened."""
    yield (
        "What is assumed",
        [
            f"{len(found.ids):,} referrals from {found.days[0]:%d/%m/%Y} to "
            f"{found.days[-1]:%d/%m/%Y}, planned month by month without knowledge of the next.",
            "A provider has room for what it took by then, and for what it has left today. Needs,",
            "choice and what has ended since are not in the table of referrals; nor is what became",
            "of those whom nobody took: they may have been placed later.",
        ],
    )
    names = [name for name in frame.columns if name != "referrals"]
    yield "By the end of each month, all referrals so far", _table(frame, names)
    last = frame[frame["by"] == frame["by"].iloc[-1]].set_index("who")
    plan, then = last.loc[PLAN], last.loc[HAPPENED]
    yield (
        "In all",
        [
            f"Placed: {plan['people_placed']:,} people as planned, {then['people_placed']:,} as it "
            f"happened, of {plan['referrals']:,}.",
            f"With the lead of their area: {_share(plan)} as planned, {_share(then)} as it "
            "happened.",
        ],
    )


def _share(row: pd.Series[Any]) -> str:
    return f"{row['with_the_lead'] / max(row['referrals'], 1):.0%}"


def _table(frame: pd.DataFrame, names: Sequence[str]) -> list[str]:
    rows = [
        [cell if isinstance(cell, str) else f"{cell:,.10g}" for cell in row]
        for row in frame[list(names)].itertuples(index=False)
    ]
    return table([name.replace("_", " ") for name in names], rows, left=(0, 1))
