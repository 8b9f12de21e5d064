"""The map: which column of an extract is what, and what its words mean; made once."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from allocate.errors import BadInput, Fault, nearest
from allocate.intake.extract import Extract, folded
from allocate.intake.private import NO_ID, personal_heading
from allocate.study.toml_fault import TYPES

Parameter = float | str


class _Toml(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class Columns(_Toml):
    """Which heading of the extract holds what."""

    person: str
    """Number of the person in the council's system; hashed."""
    provider: str
    """Name of the provider."""
    line: str | None = None
    """Number of the service line, which tells a second carer from a line exported twice."""
    provider_code: str | None = None
    """Number or code of the provider, where the system has one."""
    service: str | None = None
    """Type of service; without it every line is taken as home care."""
    postcode: str | None = None
    """Postcode of the person; only the place that it lies in is kept."""
    ward: str | None = None
    """Ward of the person, by name or code."""
    hours: str | None = None
    """Planned time a week."""
    units: str | None = None
    """Units of care a week, each of `unit_minutes`."""
    frequency: str | None = None
    """Visits in words, as in 7 x 30 min."""
    visits: str | None = None
    """Visits a week, or a day where `days` is a column too."""
    visit_minutes: str | None = None
    """Minutes of one visit."""
    days: str | None = None
    """Days a week: a number, or named."""
    times: str | None = None
    """Time of day of the call, which tells two calls from two carers."""
    carers: str | None = None
    """Carers at each visit."""
    start: str | None = None
    """First day."""
    end: str | None = None
    """Last day; empty: open."""
    status: str | None = None
    """Status; without it a line with a provider is active, one without is waiting."""
    suspended: str | None = None
    """Whether the line is suspended."""
    rate: str | None = None
    """Pounds a carer-hour."""
    weekly_cost: str | None = None
    """Pounds a week for the line."""
    priority: str | None = None
    """How urgent it is."""
    days_waiting: str | None = None
    """Days waited so far."""
    requested: str | None = None
    """Day on which care was asked for."""
    needs: str | None = None
    """Special needs."""
    household: str | None = None
    """Number of the household; hashed."""


class Services(_Toml):
    """What the types of service mean."""

    home_care: list[str] = Field(default_factory=list)
    other: list[str] = Field(default_factory=list)


class Statuses(_Toml):
    """What the statuses mean."""

    active: list[str] = Field(default_factory=list)
    waiting: list[str] = Field(default_factory=list)
    suspended: list[str] = Field(default_factory=list)
    ended: list[str] = Field(default_factory=list)


class Suspended(_Toml):
    """What the column of suspensions says."""

    yes: list[str] = Field(default_factory=lambda: ["Yes", "Y", "True", "1"])
    no: list[str] = Field(default_factory=lambda: ["No", "N", "False", "0", ""])


class Priorities(_Toml):
    """What the priorities mean."""

    urgent: list[str] = Field(default_factory=lambda: ["1", "Urgent", "High"])
    soon: list[str] = Field(default_factory=lambda: ["2", "Soon", "Medium"])
    routine: list[str] = Field(default_factory=lambda: ["3", "Routine", "Low", "Standard", ""])


class Carers(_Toml):
    """Words for the number of carers, where the column holds no number."""

    one: list[str] = Field(default_factory=lambda: ["1", "Single", "No", "N", ""])
    two: list[str] = Field(default_factory=lambda: ["2", "Double", "Double handed", "Yes", "Y"])


class Reading(_Toml):
    """How cells are to be read."""

    double_handed: Literal["two lines", "one line with a number of carers"]
    """How a call by two carers appears."""
    dates: Literal[
        "dd/mm/yyyy", "dd/mm/yy", "mm/dd/yyyy", "yyyy-mm-dd", "dd-mmm-yyyy", "dd mmm yyyy"
    ] = "dd/mm/yyyy"
    hours: Literal["decimal", "hh:mm", "minutes"] = "decimal"
    """What a plain number in the hours column is."""
    unit_minutes: int = Field(default=60, ge=1, le=720)
    unknown_places: Literal["stop", "leave out"] = "stop"
    """What to do with a line of which the place is not known."""
    ward_vintage: str | None = None
    """Which set of ward names the extract uses, where the look-up has several."""


class Source(_Toml):
    """What the extract is: written into sources.csv and printed with every answer."""

    nature: Literal["real", "illustrative", "synthetic"] = "real"
    publisher: str = ""
    vintage: str = ""
    licence: str = ""


class Map(_Toml):
    """A map as written."""

    columns: Columns
    reading: Reading
    services: Services = Services()
    statuses: Statuses = Statuses()
    suspended: Suspended = Suspended()
    priorities: Priorities = Priorities()
    carers: Carers = Carers()
    needs: dict[str, list[str]] = Field(default_factory=dict)
    """Words of the needs column by the need that they mean; under "none" those that mean none."""
    providers: dict[str, str] = Field(default_factory=dict)
    """Names or codes that are one provider with another: the name or code of the one that stays."""
    parameters: dict[str, Parameter] = Field(default_factory=dict)
    """Parameters of the case, such as rate_pounds_per_hour where the extract has no rates."""
    source: Source = Source()
    salt_fingerprint: str | None = None
    """Fingerprint of the salt that ids are hashed with, so that another one is noticed."""

    def mapped(self) -> dict[str, str]:
        """Headings by what they hold, of the columns that are mapped."""
        return self.columns.model_dump(exclude_none=True)

    def words(self, role: str) -> dict[str, str]:
        """What each word of a column means, by the folded word."""
        return {folded(word): meaning for meaning, word in self._listed(role)}

    def _listed(self, role: str) -> Iterator[tuple[str, str]]:
        lists: Mapping[str, list[str]] = self.needs if role == "needs" else self._lists()[role]
        for meaning, words in lists.items():
            for word in words:
                yield meaning, word

    def _lists(self) -> dict[str, dict[str, list[str]]]:
        return {
            "service": self.services.model_dump(),
            "status": self.statuses.model_dump(),
            "suspended": self.suspended.model_dump(),
            "priority": self.priorities.model_dump(),
            "carers": self.carers.model_dump(),
            "needs": self.needs,
        }

    @property
    def amount(self) -> str:
        """Column that says how much care, the plainest that is mapped; empty where none does."""
        columns = self.columns
        for role in ("hours", "units", "frequency"):
            if getattr(columns, role):
                return role
        if columns.visits and columns.visit_minutes:
            return "visits"
        return "weekly_cost" if columns.weekly_cost and columns.rate else ""


# Section of the map that lists the words of a column.
LISTS = {"service": "services", "status": "statuses", "priority": "priorities"}


def read_map(path: Path) -> Map:
    """Read a map.

    Raises
    ------
    BadInput
        With every fault that can be seen without the extract.
    """
    try:
        written = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        problem = f"cannot be read: {error.strerror}"
        remedy = "Name the map, or run the command in a terminal to be asked what is what"
        raise BadInput(str(path), [Fault(str(path), "", problem, remedy)]) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        fault = Fault(str(path), "", f"is not TOML: {error}", "Correct the line named")
        raise BadInput(str(path), [fault]) from error
    try:
        mapping = Map.model_validate(written)
    except ValidationError as error:
        faults = [_in_words(path, dict(item)) for item in error.errors()]
        raise BadInput(str(path), faults) from error
    if faults := list(_gaps(path, mapping)):
        raise BadInput(str(path), faults)
    return mapping


def _in_words(path: Path, error: dict[str, Any]) -> Fault:
    """Put a pydantic error into words."""
    steps = [str(step) for step in error["loc"]]
    key = ".".join(steps)
    owner: Any = Map
    for step in steps[:-1]:
        field = getattr(owner, "model_fields", {}).get(step)
        owner = field.annotation if field else None
    known = getattr(owner, "model_fields", {})
    if error["type"] == "extra_forbidden":
        return Fault.unknown(str(path), f'key "{key}"', "key", steps[-1], known)
    if error["type"] == "missing":
        words = known[steps[-1]].description or "See allocate import --help"
        return Fault(str(path), f'key "{key}"', "is missing", f"Add it: {words.rstrip('.')}")
    if steps[0] == "columns":
        problem = "must be one heading of the extract"
        return Fault(str(path), f'{key} = "{error["input"]}"', problem, "Name one column")
    expected = next((text for kind, text in TYPES.items() if error["type"].startswith(kind)), "")
    message = str(error["msg"])
    problem = expected or message[0].lower() + message[1:]
    return Fault(str(path), f'{key} = "{error["input"]}"', problem, "Correct the value")


def _gaps(path: Path, mapping: Map) -> Iterator[Fault]:
    """Find what a map has to say and does not, or says twice."""
    place, mapped = str(path), mapping.mapped()
    if not mapping.amount:
        problem = "nothing says how much care a line is"
        remedy = (
            "Add hours, units, frequency, or visits with visit_minutes, or weekly_cost with rate"
        )
        yield Fault(place, "[columns]", problem, remedy)
    if not {"postcode", "ward"} & mapped.keys():
        yield Fault(place, "[columns]", "nothing says where people live", "Add postcode or ward")
    if not {"rate", "weekly_cost"} & mapped.keys() and (
        "rate_pounds_per_hour" not in mapping.parameters
    ):
        remedy = "Add rate or weekly_cost, or [parameters] rate_pounds_per_hour"
        yield Fault(place, "[columns]", "nothing says what an hour costs", remedy)
    if "carers" in mapped and mapping.reading.double_handed == "two lines":
        problem = "is a column, and reading.double_handed says that a second carer is a second line"
        yield Fault(place, "columns.carers", problem, "Leave out the column, or correct the other")
    holders: dict[str, list[str]] = {}
    for role, heading in mapped.items():
        holders.setdefault(folded(heading), []).append(role)
    for roles in holders.values():
        if len(roles) > 1:
            value = " and ".join(f"columns.{role}" for role in roles)
            problem = f'both name the column "{mapped[roles[0]]}"'
            yield Fault(place, value, problem, "Name each column once")
    for role in ("service", "status", "suspended", "priority", "carers", "needs"):
        yield from _words_twice(place, mapping, role)
    for role, least in (("service", "home_care"), ("status", "active")):
        section = LISTS[role]
        if role in mapped and not getattr(getattr(mapping, section), least):
            remedy = f'List the words of "{mapped[role]}" that mean it'
            yield Fault(place, f"{section}.{least}", "is missing or empty", remedy)


def _words_twice(place: str, mapping: Map, role: str) -> Iterator[Fault]:
    meaning_of: dict[str, str] = {}
    section = LISTS.get(role, role)
    for meaning, word in mapping._listed(role):
        other = meaning_of.setdefault(folded(word), meaning)
        if other != meaning:
            problem = f"is listed under {other} and under {meaning}"
            yield Fault(place, f'{section}: "{word}"', problem, "Keep it in one of the lists")


def fit(path: Path, mapping: Map, extract: Extract) -> Map:
    """Fit a map to an extract: headings as the extract types them.

    Raises
    ------
    BadInput
        For columns that are not there, stand twice, or hold what may not be kept.
    """
    heading_of = {folded(heading): heading for heading in reversed(extract.headings)}
    twice = {folded(heading) for heading in extract.twice}
    faults = []
    fitted = {}
    for role, heading in mapping.mapped().items():
        value = f'columns.{role} = "{heading}"'
        words = folded(heading)
        kind = personal_heading(heading)
        if words not in heading_of:
            close = nearest(heading, extract.headings)
            problem = f"{extract.name} has no such column{close}"
            faults.append(Fault(str(path), value, problem, "Correct the heading, or leave it out"))
        elif words in twice:
            problem = f"stands more than once in {extract.name}"
            faults.append(Fault(str(path), value, problem, "Name the columns apart"))
        elif _may_not(role, kind):
            problem = f"holds {kind}, which may not go into a case"
            faults.append(Fault(str(path), value, problem, "Name a column of numbers or codes"))
        else:
            fitted[role] = heading_of[words]
    if faults:
        raise BadInput(str(path), faults)
    return mapping.model_copy(update={"columns": Columns(**fitted)})


def _may_not(role: str, kind: str) -> bool:
    if role in ("person", "line", "household"):
        return kind in NO_ID
    return bool(kind) and role != "postcode"
