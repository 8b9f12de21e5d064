"""A plan through time: month by month, with who comes, who leaves, hand-backs and growth.

Each month is a question of its own over the case as the month before left it: nothing of later
months is known. So it says how a plan would fare in hands that look no further than a month.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from allocate.answered import Answered
from allocate.card import read_card
from allocate.columns import table
from allocate.core.outcome import Watch
from allocate.errors import BadInput, Fault
from allocate.findings import Findings, Section
from allocate.homecare.instance import Instance
from allocate.homecare.labels import HANDED_BACK
from allocate.homecare.months import Drawn, start, week_of
from allocate.homecare.solution import Solution, read_plan
from allocate.solving import solve
from allocate.study.meaning import answer_for
from allocate.study.scenario import LevelWords, Limits, Question
from allocate.units import with_unit, yearly_cash

# One priced sum: a person moved counts as much as ten weighted hours that wait a month, and money
# only tells equals apart. Our own engine does it in seconds with the whole stock free to move.
PRICES = {"waiting": 1.0, "changes": 10.0, "cash": 0.0001}
APRIL = 4
LEAST_SECONDS = 15.0  # for a month: most need one or two


@dataclass(frozen=True)
class Outlook:
    """How far ahead to look, and what is assumed of it.

    Parameters
    ----------
    months
        How many.
    begins
        First day of the first month.
    moves
        People who may be moved by choice in a month: one course for each.
    rest_weeks
        Weeks for which somebody who was moved is left alone.
    turnover
        Share of all hours that end in a year, and come anew, where the case does not say.
    uplift
        By how much rates rise each April, as a share.
    seed
        Of what is drawn.
    """

    months: int
    begins: date
    moves: Sequence[int]
    rest_weeks: int
    turnover: float
    uplift: float
    seed: int


def through(folder: Path, outlook: Outlook, *, seconds: float, watch: Watch) -> Findings:
    """Carry the plan of a result folder through time.

    Parameters
    ----------
    folder
        A result folder of home care: its leads are appointed on the first day.
    outlook
        How far, and what is assumed.
    seconds
        For all months together.
    watch
        Progress out, the wish to stop in.

    Raises
    ------
    BadInput
        For a folder that is no such result, or moves that are no numbers.
    """
    answered = answer_for(folder, "through")
    _check_moves(outlook.moves)
    rows: list[dict[str, Any]] = []
    each = seconds / (outlook.months * len(outlook.moves))
    for moves in outlook.moves:
        rows += _run(answered, outlook, moves, each, watch)
    frame = pd.DataFrame(rows)
    years = _years(frame)
    return Findings(
        f"Through time: {answered.asked.question.text}",
        list(_sections(frame, years, outlook)),
        {"months": frame, "years": years, "moved_and_waited": _curve(frame)},
    )


def _check_moves(moves: Sequence[int]) -> None:
    """Refuse numbers of moves that the rule may not have, all at once."""
    words = read_card("homecare").rules["moves_limit"].quantity
    faults = [
        Fault("--moves", f'"{value}"', problem, "Write whole numbers with commas between")
        for value in moves
        if (problem := words.fault(value))
    ]
    if faults:
        raise BadInput("the command line", faults)


def _run(
    answered: Answered, outlook: Outlook, moves: int, seconds: float, watch: Watch
) -> Iterator[dict[str, Any]]:
    """Carry the plan through all months with so many moves a month."""
    asked = answered.asked
    state = start(asked.tables, asked.instance, answered.solution, outlook.rest_weeks)
    drawn = Drawn(asked.tables, asked.instance, outlook.seed, outlook.turnover)
    first = {label: at for at, label in enumerate(asked.instance.packages.ids)}
    question = _monthly(asked.question, moves, seconds)
    day = outlook.begins
    for month in range(1, outlook.months + 1):
        if watch.stop:
            return
        packages = state.tables["packages"]
        placed = packages.loc[packages["status"] == "placed", "package_id"]
        flow = drawn.flow(month, {label: first.get(label, -1) for label in placed})
        tables = state.begin(month, flow)
        result = solve(question, base=tables)
        watch.say(f"month {month} of {outlook.months}, {with_unit(str(moves), 'moves')} a month")
        row: dict[str, Any] = {
            "moves_a_month": moves,
            "month": month,
            "begins": day.isoformat(),
            "status": result.status,
            "people_come": len(flow.come),
            "people_leave": len(flow.leave),
        }
        if not result.tables:
            yield row
            return
        instance = asked.model.build(tables, question)
        plan = {name: frame.fillna("").astype(str) for name, frame in result.tables.items()}
        solution = read_plan(instance, plan, f"month {month}")
        moved = state.end(month, tables, instance, solution)
        later = day + timedelta(days=7 * (week_of(month) - week_of(month - 1)))
        yield row | _figures(instance, solution, len(moved), day, later, outlook)
        day = later


def _monthly(question: Question, moves: int, seconds: float) -> Question:
    """The question of a month: care against changes, at a price, then money."""
    rules = dict(question.rules)
    rules["moves_limit"] = replace(rules["moves_limit"], mode="hard", value=moves)
    return replace(
        question,
        name="month",
        text="Who takes whom this month?",
        changes=(),
        rules=rules,
        levels=(LevelWords(name="priced sum", terms=PRICES),),
        priced=True,
        limits=Limits(seconds=round(max(seconds, LEAST_SECONDS), 3), seed=question.limits.seed),
    )


def _figures(
    instance: Instance, solution: Solution, moved: int, day: date, later: date, outlook: Outlook
) -> dict[str, Any]:
    """Count a month."""
    packages = instance.packages
    waits = solution.provider < 0
    placed = np.flatnonzero(~waits)
    rate = instance.rate[solution.provider[placed], packages.place[placed]]
    yearly = int(yearly_cash(packages.minutes[placed], rate, instance.paid_share).sum())
    back = packages.status == HANDED_BACK
    cash = [_cash(yearly, first, last, outlook) for first, last in _by_year(day, later)]
    return {
        "people_placed": len(placed),
        "hours_placed": float(packages.minutes[placed].sum() / 60),
        "people_waiting": int(waits.sum()),
        "hours_waiting": float(packages.minutes[waits].sum() / 60),
        "mean_days_waited": float(packages.days[waits].mean()) if waits.any() else 0.0,
        "person_days_waited": int(waits.sum()) * (later - day).days,
        "handed_back": int(back.sum()),
        "moved_by_choice": moved,
        "financial_year": _named(_year(day)),
        "cash_pounds": round(sum(cash), 2),
        "cash_next_year_pounds": round(sum(cash[1:]), 2),
        "cash_a_year_pounds": _cash(yearly, day, day + timedelta(days=365), outlook),
    }


def _by_year(day: date, later: date) -> Iterator[tuple[date, date]]:
    """Split days at the first of April."""
    april = date(_year(day) + 1, APRIL, 1)
    yield day, min(later, april)
    if later > april:
        yield april, later


def _cash(yearly: int, day: date, later: date, outlook: Outlook) -> float:
    """Pounds for some days, at the rates of the financial year in which they begin."""
    risen = (1 + Fraction(str(outlook.uplift))) ** (_year(day) - _year(outlook.begins))
    return round(float(Fraction(yearly * (later - day).days, 365) * risen / 100), 2)


def _year(day: date) -> int:
    """Return the year in which a day's financial year begins."""
    return day.year if day.month >= APRIL else day.year - 1


def _named(year: int) -> str:
    return f"{year}/{(year + 1) % 100:02}"


def _years(frame: pd.DataFrame) -> pd.DataFrame:
    """One row a course and financial year: what falls into it, and what a whole year comes to.

    Of a month that April divides, people are counted where it begins, and cash by the day.
    """
    if "financial_year" not in frame:
        return pd.DataFrame()
    frame = frame.dropna(subset=["financial_year"])
    found = frame.groupby(["moves_a_month", "financial_year"], as_index=False).agg(
        months=("month", "count"),
        cash_pounds=("cash_pounds", "sum"),
        passed_on=("cash_next_year_pounds", "sum"),
        cash_a_whole_year_pounds=("cash_a_year_pounds", "last"),
        moved_by_choice=("moved_by_choice", "sum"),
        handed_back=("handed_back", "sum"),
        person_days_waited=("person_days_waited", "sum"),
        people_waiting_at_end=("people_waiting", "last"),
    )
    taken = found.groupby("moves_a_month")["passed_on"].shift(1).fillna(0)
    found["cash_pounds"] = (found["cash_pounds"] - found["passed_on"] + taken).round(2)
    return found.drop(columns="passed_on")


def _curve(frame: pd.DataFrame) -> pd.DataFrame:
    """One row a course: people moved by choice against days waited."""
    if "moved_by_choice" not in frame:
        return pd.DataFrame()
    found = frame.dropna(subset=["moved_by_choice"]).groupby("moves_a_month")
    return found.agg(
        months=("month", "count"),
        moved_by_choice=("moved_by_choice", "sum"),
        person_days_waited=("person_days_waited", "sum"),
        people_waiting_at_end=("people_waiting", "last"),
        cash_pounds=("cash_pounds", "sum"),
    ).reset_index()


def _sections(frame: pd.DataFrame, years: pd.DataFrame, outlook: Outlook) -> Iterator[Section]:
    """Say how each course goes."""
    yield (
        "What is assumed",
        [
            f"{with_unit(str(outlook.months), 'months')} from {outlook.begins:%d/%m/%Y}; leads are "
            "appointed on the first day and grow over their ramp; work is handed back when notice "
            "ends.",
            f"Where the case does not say who comes and leaves: {outlook.turnover:.0%} of all "
            f"hours end in a year and as many come, drawn with seed {outlook.seed}.",
            f"Rates rise by {outlook.uplift:.1%} each April. Whoever was moved is left alone for "
            f"{with_unit(str(outlook.rest_weeks), 'weeks')}. Each month is planned without "
            "knowledge of the next.",
        ],
    )
    for moves, part in frame.groupby("moves_a_month"):
        title = f"At most {moves} people moved by choice in a month"
        yield title, _table(part, MONTH)
    yield "By financial year", _table(years, YEAR)
    yield "People moved against days waited", _table(_curve(frame), CURVE)


MONTH = {
    "begins": "from",
    "people_come": "come",
    "people_leave": "leave",
    "handed_back": "handed back",
    "moved_by_choice": "moved",
    "hours_placed": "hours placed",
    "people_waiting": "waiting",
    "hours_waiting": "hours waiting",
    "mean_days_waited": "days, mean",
    "cash_pounds": "cash, £",
}
YEAR = {
    "financial_year": "year",
    "moves_a_month": "moves a month",
    "months": "months",
    "cash_pounds": "cash, £",
    "cash_a_whole_year_pounds": "a whole year at its end, £",
    "moved_by_choice": "moved",
    "handed_back": "handed back",
    "person_days_waited": "person-days waited",
}
CURVE = {
    "moves_a_month": "moves a month",
    "moved_by_choice": "moved in all",
    "person_days_waited": "person-days waited",
    "people_waiting_at_end": "waiting at the end",
    "cash_pounds": "cash, £",
}


def _table(frame: pd.DataFrame, names: Mapping[str, str]) -> list[str]:
    """Lay some columns out."""
    known = [name for name in names if name in frame]
    rows = [
        [cell if isinstance(cell, str) else f"{cell:,.0f}" for cell in row]
        for row in frame[known].fillna(0).itertuples(index=False)
    ]
    return table([names[name] for name in known], rows)
