"""What becomes of a plan when providers go, fall sick, or more people come."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from allocate.answered import Answered, as_frame
from allocate.errors import BadInput, Fault
from allocate.files.csvs import read_csv
from allocate.files.target import written_whole
from allocate.findings import Findings, Section
from allocate.homecare.cover import Market, Weeks, weeks_after
from allocate.homecare.events import KINDS, Event, Terms, events
from allocate.homecare.explain import position
from allocate.homecare.instance import Instance
from allocate.homecare.labels import HANDED_BACK
from allocate.homecare.settled import settled
from allocate.homecare.solution import Solution
from allocate.returning import write_case
from allocate.study.apart import Apart, apart
from allocate.study.asking import Study
from allocate.study.case import Done
from allocate.study.change import apply
from allocate.study.market import Chances, shake
from allocate.study.meaning import answer_for
from allocate.study.scenario import Change, LevelWords, Question
from allocate.study.settling import ask
from allocate.study.shaken import withstands
from allocate.tables import Tables, read
from allocate.units import as_hours, joined, with_unit

LEVELS = ("waiting", "changes", "cash")
PLAN = "plan"
LISTED = 12  # events that the page names in each part
NAMED = 4  # providers that a line names


@dataclass(frozen=True)
class After:
    """What becomes of the plan after an event.

    Parameters
    ----------
    event
        What happened.
    done
        The answer to it.
    levels
        Its levels beside the plan's.
    weeks
        Who has no care week by week; None without a plan.
    row
        The same in figures.
    steps
        Who steps in where: provider, area, people, carer-minutes a week.
    """

    event: Event
    done: Done
    levels: tuple[Apart, ...]
    weeks: Weeks | None
    row: Mapping[str, Any]
    steps: tuple[tuple[str, str, int, int], ...] = ()


def resilience(
    folder: str | Path,
    study: Study,
    terms: Terms,
    chances: Chances,
    *,
    area: str | None = None,
    kind: str | None = None,
) -> Findings:
    """Put the plan of a result folder to the test.

    Parameters
    ----------
    folder
        A result folder of home care.
    study
        Where to keep the answers, and the time.
    terms
        On what terms providers go.
    chances
        What is drawn.
    area, kind
        Only what the lead of this area does, or only events of this kind.

    Raises
    ------
    BadInput
        Where the folder is no such result, or nothing of what is asked can happen.
    """
    answered = answer_for(folder, "resilience")
    if answered.asked.question.model != "homecare":
        if area is not None:
            problem = "is of home care, and this answer is not"
            fault = Fault("--area", f'"{area}"', problem, "Leave it out")
            raise BadInput("the command line", [fault])
        return withstands(answered, study, kind)
    instance, solution = answered.asked.instance, answered.solution
    if area is not None:
        area = instance.areas.ids[position(instance, "area", area)]
    chosen = [
        one
        for one in events(instance, solution)
        if (kind is None or one.kind == kind) and (area is None or one.areas == (area,))
    ]
    if not chosen:
        problem, remedy = "matches no event", f"Leave it out, or name one of: {', '.join(KINDS)}"
        raise BadInput("the command line", [Fault("--kind", f'"{kind or ""}"', problem, remedy)])
    base = _plan_case(answered, study.folder / PLAN)
    question = _calm(answered.asked.question, study.folder / PLAN)
    asked = {one.name: _with(question, base, one, terms) for one in chosen}
    start, done = ask(study, question, asked)
    after = [_after(one, base, start, done[one.name], terms) for one in chosen]
    whole = area is None and kind is None
    shaken = shake(_market(answered, base, question), chances) if whole else None
    return Findings(
        f"What the plan withstands: {answered.asked.question.text}",
        [*_sections(after, terms), *(shaken.sections if shaken else ())],
        {
            "events": pd.DataFrame([one.row for one in after]),
            "weeks": _weeks(after),
            "stepping_in": _stepping_in(after),
            **(shaken.tables if shaken else {}),
        },
    )


def _plan_case(answered: Answered, folder: Path) -> Tables:
    """Write the case as it stands once the plan is carried out, and read it again."""
    asked = answered.asked
    shutil.rmtree(folder, ignore_errors=True)  # an earlier run may have been of another plan
    with written_whole(folder) as unfinished:
        write_case(settled(asked.tables, asked.instance, answered.solution), unfinished)
    return read(folder, asked.question.model)


def _calm(question: Question, case: Path) -> Question:
    """Ask of the plan as it is: nobody else is moved, and the first concern is care."""
    rules = dict(question.rules)
    rules["moves_limit"] = replace(rules["moves_limit"], mode="hard", value=0)
    return replace(
        question,
        name="settled",
        text="The plan as it is carried out",
        case=case.resolve(),
        changes=(),
        rules=rules,
        levels=tuple(LevelWords(name=level, terms={level: 1.0}) for level in LEVELS),
        priced=False,
    )


def _with(question: Question, base: Tables, event: Event, terms: Terms) -> Question:
    """Ask what becomes of the plan; no pin puts anybody with a provider that goes."""
    changes = [event.change(terms)]
    pins = {"other_id": list(event.who), "must_or_never": "must"}
    found = base["pins"]
    if event.kind != "lead role" and len(
        found[found["other_id"].isin(event.who) & (found["must_or_never"] == "must")]
    ):
        because = "Nobody can be put with a provider that goes."
        changes.append(Change(table="pins", where=pins, drop=True, because=because))
    return replace(question, name="event", text=event.name, changes=tuple(changes))


def _after(event: Event, base: Tables, start: Done, done: Done, terms: Terms) -> After:
    """Work out what an event comes to."""
    row: dict[str, Any] = {
        "event": event.name,
        "kind": event.kind,
        "providers": ";".join(event.who),
        "areas": ";".join(event.areas),
        "owner_id": event.owner,
        "notice_weeks": terms.notice_weeks,
        "staff_transfer_share": terms.staff_transfer_share,
        "status": done.status,
    }
    if not done.has_plan or done.folder is None:
        return After(event, done, (), None, row | {"problem": done.problem})
    instance, solution = _read(base, done)
    levels = tuple(apart(start.record["levels"], done.record["levels"]))
    weeks = weeks_after(instance, solution, terms.notice_weeks)
    packages = instance.packages
    back = packages.status == HANDED_BACK
    waits = back & (solution.provider < 0)
    steps = tuple(_steps(instance, solution))
    waiting = done.record["levels"][0]
    return After(
        event,
        done,
        levels,
        weeks,
        row
        | {
            "people_affected": int(back.sum()),
            "hours_affected": float(packages.minutes[back].sum() / 60),
            "people_without_care_at_last": int(waits.sum()),
            "hours_without_care_at_last": float(packages.minutes[waits].sum() / 60),
            "most_people_without_care": int(weeks.people.max(initial=0)),
            "most_hours_without_care": float(weeks.minutes.max(initial=0) / 60),
            "last_week_without_care": "never covered" if waits.any() else weeks.last,
            "person_weeks_without_care": int(weeks.people.sum()),
            "waiting_weighted_hours": waiting["objective"],
            "waiting_no_less_than": waiting["bound"],
            "people_who_change_carers": float(levels[1].plans),
            "cash_pounds_a_year_more": float(levels[2].plans),
            "new_leads": ";".join(_new_leads(instance, solution)),
            "stepping_in": ";".join(f"{k} {people}" for k, people in _by_provider(steps)),
        },
        steps,
    )


def _read(base: Tables, done: Done) -> tuple[Instance, Solution]:
    """Read the plan of an answer, over the case that it answers."""
    from allocate.homecare.instance import build
    from allocate.homecare.solution import read_plan

    assert done.folder is not None
    question = done.case.question
    instance = build(apply(base, question.changes, question.name), question)
    files = {name: done.folder / f"{name}.csv" for name in ("allocation", "leads")}
    tables = {name: as_frame(read_csv(path, path.name, name)) for name, path in files.items()}
    return instance, read_plan(instance, tables, str(done.folder))


def _steps(instance: Instance, solution: Solution) -> Iterator[tuple[str, str, int, int]]:
    """List who takes over in which area."""
    packages = instance.packages
    taken = (packages.status == HANDED_BACK) & (solution.provider >= 0)
    pairs = sorted(set(zip(solution.provider[taken], packages.area[taken], strict=True)))
    for k, area in pairs:
        here = taken & (solution.provider == k) & (packages.area == area)
        minutes = int(packages.minutes[here].sum())
        yield instance.providers.ids[k], instance.areas.ids[area], int(here.sum()), minutes


def _by_provider(steps: Sequence[tuple[str, str, int, int]]) -> list[tuple[str, int]]:
    """Add up the people whom each takes over, most first."""
    total: dict[str, int] = {}
    for k, _, people, _ in steps:
        total[k] = total.get(k, 0) + people
    return sorted(total.items(), key=lambda pair: (-pair[1], pair[0]))


def _new_leads(instance: Instance, solution: Solution) -> Iterator[str]:
    for area, (now, then) in enumerate(zip(solution.leads, instance.areas.leads, strict=True)):
        for k in now:
            if k not in then:
                yield f"{instance.areas.ids[area]} {instance.providers.ids[k]}"


def _sections(after: Sequence[After], terms: Terms) -> Iterator[Section]:
    """Say what each event comes to, the worst first."""
    follow = f"{terms.staff_transfer_share:.0%} of the staff follow the work"
    yield (
        "On what terms",
        [
            f"Notice of {with_unit(str(terms.notice_weeks), 'weeks')}; {follow}; nobody else is "
            "moved. Care comes first, then that few people change carers, then money.",
            "Less cash is no saving where people are left without care.",
        ],
    )
    parts = {
        "The lead of one area": [one for one in after if len(one.event.areas) == 1],
        "The leads of two areas": [one for one in after if len(one.event.areas) == 2],
        "One owner": [one for one in after if one.event.owner],
    }
    for title, found in parts.items():
        worst = sorted(found, key=_rank)
        lines = [line for one in worst[:LISTED] for line in _said(one)]
        more = len(found) - LISTED
        lines += [f"and {more} more in events.csv"] if more > 0 else []
        if lines:
            yield title, lines


def _rank(one: After) -> tuple[float, ...]:
    if one.weeks is None:
        return (0, 0, 0)
    row = one.row
    return (
        1,
        -row["hours_without_care_at_last"],
        -row["person_weeks_without_care"],
        -row["people_who_change_carers"],
    )


def _said(one: After) -> Iterator[str]:
    """Say what an event comes to."""
    row = one.row
    yield f"{one.event.name}"
    if one.weeks is None:
        words = {"infeasible": "cannot all be met: nobody may lead, or a law is in the way"}
        yield f"  {words.get(one.done.status, one.done.problem or 'no plan in the time given')}"
        return
    hours = as_hours(row["hours_affected"] * 60)
    affected = with_unit(str(row["people_affected"]), "people")
    if row["people_affected"]:
        yield f"  {affected}, {hours} hours a week, to be taken over; {_uncovered(row)}"
    if row["stepping_in"]:
        parts = [f"{k} takes {with_unit(str(n), 'people')}" for k, n in _by_provider(one.steps)]
        more = f" and {len(parts) - NAMED} more" if len(parts) > NAMED else ""
        yield f"  {', '.join(parts[:NAMED])}{more}"
    if row["new_leads"]:
        yield f"  leads then: {joined(row['new_leads'].split(';'))}"
    apart_by = [f"{level.level} {level}" for level in one.levels if not level.same]
    yield f"  beside the plan: {'; '.join(apart_by) or 'every level stays as it is'}"


def _uncovered(row: Mapping[str, Any]) -> str:
    """Say who is without care, and until when."""
    if not row["most_people_without_care"]:
        return "all have care throughout"
    most = with_unit(f"{row['most_people_without_care']:,}", "people")
    hours = as_hours(row["most_hours_without_care"] * 60)
    text = f"up to {most} ({hours} hours a week) without care"
    if row["people_without_care_at_last"]:
        left = with_unit(f"{row['people_without_care_at_last']:,}", "people")
        return f"{text}, and {left} for good with those who are there"
    return f"{text}, until week {row['last_week_without_care']} from the day notice is given"


def _weeks(after: Sequence[After]) -> pd.DataFrame:
    """One row an event and week."""
    rows = [
        (one.event.name, week, float(minutes / 60), int(people))
        for one in after
        if one.weeks is not None
        for week, (minutes, people) in enumerate(
            zip(one.weeks.minutes, one.weeks.people, strict=True), start=1
        )
    ]
    return pd.DataFrame(rows, columns=["event", "week", "hours_uncovered", "people_uncovered"])


def _stepping_in(after: Sequence[After]) -> pd.DataFrame:
    """One row an event, provider and area."""
    rows = [
        (one.event.name, k, area, people, minutes / 60)
        for one in after
        for k, area, people, minutes in one.steps
    ]
    return pd.DataFrame(rows, columns=["event", "provider_id", "area_id", "people", "hours_a_week"])


def _market(answered: Answered, base: Tables, question: Question) -> Market:
    """All care as the plan leaves it."""
    instance = answered.asked.model.build(base, question)
    packages = instance.packages
    return Market(instance, Solution(packages.provider, instance.areas.leads))
