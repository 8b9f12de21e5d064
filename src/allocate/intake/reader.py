"""Reads the lines of an extract by its map, and collects what is wrong with them."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

from allocate.cells import Unreadable
from allocate.errors import Fault
from allocate.intake import amounts
from allocate.intake import line as why
from allocate.intake.extract import Extract, Row, folded
from allocate.intake.line import MOST_CARERS, Line
from allocate.intake.lookup import Found, Lookup
from allocate.intake.mapping import LISTS, Map

T = TypeVar("T")

ALIKE = ("service", "times", "days")  # beside the amounts
KEYS = ("person", "provider", "provider_code", "household")
MOST_DAYS = 3650
NUMBERED = re.compile(r"\d")
MOST_RATE = 20_000  # pence


@dataclass
class Reader:
    """Reads lines one by one; collects what is wrong with them.

    Parameters
    ----------
    mapping
        The map, fitted to the extract.
    lookup
        Where places are looked up.
    on
        The date that lines are judged by.
    faults
        What is wrong with cells.
    strange
        Words that the map's lists do not have, with how often they stand, by column.
    """

    mapping: Map
    lookup: Lookup
    on: date
    faults: list[Fault] = field(default_factory=list)
    strange: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    headings: Mapping[str, str] = field(init=False)
    words: Mapping[str, Mapping[str, str]] = field(init=False)

    def __post_init__(self) -> None:
        self.headings = self.mapping.mapped()
        roles = ("service", "status", "suspended", "priority", "carers", "needs")
        self.words = {role: self.mapping.words(role) for role in roles}

    def read(self, extract: Extract) -> list[Line]:
        """Read every line; two lines equal in every cell count once."""
        # Without a column of line numbers the second of two equal lines may be a second carer.
        once = self.mapping.columns.line or self.mapping.reading.double_handed != "two lines"
        seen: set[tuple[str, ...]] = set()
        lines = []
        for row in extract.rows:
            cells = tuple(row.cells.values())
            if self._is_no_line(row):
                lines.append(Line(row, why.NO_LINE))
            elif once and cells in seen:
                lines.append(Line(row, why.DUPLICATE))
            else:
                lines.append(self._line(row))
            seen.add(cells)
        return lines

    def word_faults(self, extract: Extract, where: str) -> list[Fault]:
        """Words that the map does not know, each once with its count."""
        return [
            Fault(
                f"{extract.name} column {self.headings[role]}",
                f'"{word}"',
                f"is in no list of the map, on {count:,} {'line' if count == 1 else 'lines'}",
                f"Add it to one of the lists under [{LISTS.get(role, role)}] in {where}",
            )
            for role, words in self.strange.items()
            for word, count in words.most_common()
        ]

    # --------------------------------------------------------------------------- whole lines

    def _is_no_line(self, row: Row) -> bool:
        """Titles, totals and repeated headings have hardly anything where a line has its keys."""
        roles = ("person", "provider", "service", "postcode", "ward")
        keys = [self.headings[role] for role in roles if role in self.headings]
        filled = [key for key in keys if row.cells[key]]
        repeated = all(folded(row.cells[key]) == folded(key) for key in filled)
        # Somebody who waits may have a number and hours alone: then what is missing is told.
        person = NUMBERED.search(self._text(row, "person"))
        alone = person is not None and bool(self._text(row, self.mapping.amount))
        return repeated or (len(filled) < 2 and not alone)

    def _line(self, row: Row) -> Line:
        service = self._word(row, "service", "home_care")
        status = self._word(row, "status", "active" if self._provider(row) else "waiting")
        suspended = self._word(row, "suspended", "no")
        if None in (service, status, suspended):
            return Line(row, why.FAULTY)
        if service == "other":
            return Line(row, why.OTHER_SERVICE)
        start = self._cell(row, "start", self._date, date.min)
        end = self._cell(row, "end", self._date, date.max)
        if status == "ended" or (end is not None and end < self.on):
            return Line(row, why.ENDED)
        if status == "suspended" or suspended == "yes":
            return Line(row, why.SUSPENDED)
        if start is not None and start > self.on and status == "active":
            return Line(row, why.NOT_STARTED)
        amount = self._amount(row)
        if amount is not None and amount[0] == 0:
            return Line(row, why.NO_HOURS)
        found = self._place(row)
        if found == why.NO_PLACE and amount is not None:
            provider = "" if status == "waiting" else self._provider(row)
            return Line(row, why.NO_PLACE, provider=provider, minutes=amount[0])
        if amount is None or not isinstance(found, Found) or None in (start, end):
            return Line(row, why.FAULTY)
        return self._filled(row, str(status), amount, found)

    def _filled(self, row: Row, status: str, amount: tuple[int, int | None], found: Found) -> Line:
        for role in KEYS:
            if doubt := row.doubts.get(self.headings.get(role, "")):
                self._fault(row, role, f"{doubt.problem}|{doubt.remedy}")
        person = self._text(row, "person")
        if not person:
            self._fault(row, "person", "is missing|Fill it in, or delete the line")
        if status == "active" and not self._provider(row):
            remedy = "Fill it in, or give the line a status that means waiting"
            self._fault(row, "provider", f"is missing on an active line|{remedy}")
        minutes, visits = amount
        carers = self._cell(row, "carers", self._carers, 1) or 1
        waits = status == "waiting"
        return Line(
            row,
            person=person,
            provider="" if waits else self._text(row, "provider"),
            code="" if waits else self._text(row, "provider_code"),
            place_id=found.place_id,
            how=found.how,
            vintage=found.vintage,
            disagrees=found.disagrees,
            minutes=minutes,
            visits=visits,
            carers=carers,
            rate=self._rate(row, minutes * carers),
            priority=self._priority(row),
            days=self._days(row) if waits else None,
            needs=self._needs(row),
            household=self._text(row, "household"),
            alike=(minutes, visits, carers, *map(self._text, [row] * 3, ALIKE)),
        )

    # --------------------------------------------------------------------------------- cells

    def _text(self, row: Row, role: str) -> str:
        heading = self.headings.get(role)
        return row.cells[heading] if heading else ""

    def _provider(self, row: Row) -> str:
        return self._text(row, "provider") or self._text(row, "provider_code")

    def _fault(self, row: Row, role: str, words: str) -> None:
        heading = self.headings[role]
        problem, _, remedy = words.partition("|")
        self.faults.append(Fault(row.place, f'{heading} = "{row.cells[heading]}"', problem, remedy))

    def _cell(self, row: Row, role: str, read: Callable[[str], T], empty: T) -> T | None:
        """Read a cell; an unreadable one is a fault and gives None."""
        heading = self.headings.get(role)
        if heading is None or not row.cells[heading]:
            return empty
        if doubt := row.doubts.get(heading):
            self._fault(row, role, f"{doubt.problem}|{doubt.remedy}")
            return None
        try:
            return read(row.cells[heading])
        except Unreadable as error:
            self._fault(row, role, str(error))
            return None

    def _word(self, row: Row, role: str, unmapped: str) -> str | None:
        """What a word means by the map; a strange one is counted and gives None."""
        if role not in self.headings:
            return unmapped
        text = self._text(row, role)
        meaning = self.words[role].get(folded(text))
        if meaning is None:
            self.strange[role][text] += 1
        return meaning

    def _date(self, text: str) -> date:
        return amounts.day_of(text, self.mapping.reading.dates)

    def _carers(self, text: str) -> int:
        meaning = self.words["carers"].get(folded(text))
        carers = {"one": 1, "two": 2}[meaning] if meaning else amounts.whole(text, "carers", 1)
        if carers > MOST_CARERS:
            raise Unreadable(f"is more than {MOST_CARERS} carers|Correct the cell in the extract")
        return carers

    def _amount(self, row: Row) -> tuple[int, int | None] | None:
        """Planned minutes and visits a week; None where they cannot be read."""
        role, reading = self.mapping.amount, self.mapping.reading
        visits = self._visits(row)
        minutes: int | None
        if role == "frequency":
            both = self._cell(row, role, amounts.frequency, amounts.Visits(0, 0))
            return None if both is None else (both.minutes, both.count)
        if role == "hours":
            minutes = self._cell(row, role, lambda t: amounts.minutes_of(t, reading.hours), 0)
        elif role == "units":
            each = reading.unit_minutes
            minutes = self._cell(row, role, lambda t: amounts.units_of(t, each), 0)
        elif role == "visits":
            each_visit = self._cell(
                row, "visit_minutes", lambda t: amounts.minutes_of(t, "minutes"), 0
            )
            minutes = None if each_visit is None else each_visit * (visits or 0)
        else:
            minutes = self._bought(row)
        return None if minutes is None or visits == -1 else (minutes, visits)

    def _visits(self, row: Row) -> int | None:
        """Visits a week; None where the extract does not say, -1 where it cannot be read."""
        if not self._text(row, "visits"):
            return None
        visits = self._cell(row, "visits", lambda text: amounts.whole(text, "visits"), 0)
        days = self._cell(row, "days", amounts.days_a_week, 1)
        return -1 if visits is None or days is None else visits * days or None

    def _bought(self, row: Row) -> int | None:
        """Minutes that the weekly cost pays for at the line's rate, to the nearest minute."""
        cost = self._cell(row, "weekly_cost", amounts.pence_of, 0)
        rate = self._cell(row, "rate", amounts.pence_of, 0)
        if not cost or not rate:
            return None if cost is None or rate is None else 0
        carers = self._cell(row, "carers", self._carers, 1) or 1
        return round(cost * 60 / (rate * carers))

    def _rate(self, row: Row, carer_minutes: int) -> int | None:
        """Pence a carer-hour as the line has it, or from its weekly cost."""
        rate = self._cell(row, "rate", amounts.pence_of, 0) if self._text(row, "rate") else 0
        if not rate and self._text(row, "weekly_cost"):
            cost = self._cell(row, "weekly_cost", amounts.pence_of, 0) or 0
            rate = (cost * 120 + carer_minutes) // (2 * carer_minutes)
        if rate and rate > MOST_RATE:
            role = "rate" if self._text(row, "rate") else "weekly_cost"
            self._fault(row, role, "comes to more than £200 an hour|Correct the cell")
        return rate or None

    def _priority(self, row: Row) -> int | None:
        meaning = self._word(row, "priority", "")
        return {"urgent": 1, "soon": 2, "routine": 3}.get(meaning or "")

    def _days(self, row: Row) -> int | None:
        """Days waited, as stated or since care was asked for."""
        if self._text(row, "days_waiting"):
            days = self._cell(row, "days_waiting", lambda text: amounts.whole(text, "days"), 0)
            return None if days is None else min(days, MOST_DAYS)
        if not self._text(row, "requested"):
            return None
        asked = self._cell(row, "requested", self._date, self.on)
        if asked is None:
            return None
        if asked > self.on:
            self._fault(row, "requested", f"is after {self.on:%d/%m/%Y}|Correct it, or --on")
        return min((self.on - asked).days, MOST_DAYS)

    def _needs(self, row: Row) -> frozenset[str]:
        """Needs by the map's words alone, so that no other text of that column is kept."""
        if "needs" not in self.headings:
            return frozenset()
        parts = [part.strip() for part in self._text(row, "needs").replace(",", ";").split(";")]
        found = set()
        for part in filter(None, parts):
            meaning = self.words["needs"].get(folded(part))
            if meaning is None:
                self.strange["needs"][part] += 1
            elif meaning != "none":
                found.add(meaning)
        return frozenset(found)

    def _place(self, row: Row) -> Found | str | None:
        """Where the person lives, ``why.NO_PLACE``, or None where that is a fault."""
        postcode, ward = self._text(row, "postcode"), self._text(row, "ward")
        reading = self.mapping.reading
        found = self.lookup.find(postcode, ward, reading.ward_vintage)
        if isinstance(found, Found):
            return found
        if reading.unknown_places == "leave out":
            return why.NO_PLACE
        role = "postcode" if postcode or "ward" not in self.headings else "ward"
        remedy = 'Add it to lookup.csv, or set unknown_places = "leave out" in the map'
        self._fault(row, role, f"{found}|{remedy}")
        return None
