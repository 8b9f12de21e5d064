"""Hours, visits, dates and money as social care systems write them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction

from allocate.cells import Unreadable, number

HALF = Fraction(1, 2)
DECIMALS = 9  # of an hour: further ones are a computer's rounding, nobody's typing
CLOCK = re.compile(r"(\d{1,3}):([0-5]\d)(?::00)?$")
SPOKEN = re.compile(r"(\d+) ?h(?:(?:ou)?rs?)?(?: ?(\d+) ?m(?:in(?:ute)?s?)?)?$")
TIMES = re.compile(
    r"(\d+) ?(?:x|×|\*|@|visits? of|calls? of) ?(\d+(?:\.\d+)?) ?"
    r"(m|mins?|minutes?|h|hrs?|hours?)\b ?(.*)$"
)
A_WEEK = {"", "a week", "per week", "weekly", "pw", "p w", "each week", "wk", "per wk"}
A_DAY = {"daily", "a day", "per day", "each day", "pd", "p d", "every day", "day"}
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY_WORDS = {"daily": 7, "every day": 7, "all": 7, "weekdays": 5, "weekend": 2, "weekends": 2}
DATES = {
    "dd/mm/yyyy": "%d/%m/%Y",
    "dd/mm/yy": "%d/%m/%y",
    "mm/dd/yyyy": "%m/%d/%Y",
    "yyyy-mm-dd": "%Y-%m-%d",
    "dd-mmm-yyyy": "%d-%b-%Y",
    "dd mmm yyyy": "%d %b %Y",
}


@dataclass(frozen=True)
class Visits:
    """Visits a week, and planned minutes of all of them together."""

    count: int
    minutes: int


def exact(text: str) -> Fraction:
    """Read a number without rounding it; pound signs and thousands commas are understood."""
    number(text)  # refuses what is not plain
    return Fraction(re.sub(r"[£, ]", "", text))


def whole(text: str, what: str, least: int = 0) -> int:
    """Read a whole number, as in ``7`` or ``7.00``."""
    value = exact(text)
    if value.denominator != 1 or value < least:
        raise Unreadable(f"is no whole number of {what}|Correct the cell in the extract")
    return int(value)


def minutes_of(text: str, unit: str) -> int:
    """Read planned time as whole minutes.

    Parameters
    ----------
    text
        The cell: ``7.33``, ``7:20``, ``440``, ``7h 20m``.
    unit
        ``decimal`` hours, ``hh:mm`` or ``minutes``: what a plain number means.

    Raises
    ------
    Unreadable
        Where it is no whole number of minutes, to the decimals that were typed.
    """
    words = text.casefold()
    if found := CLOCK.match(words) or SPOKEN.match(words):
        return int(found[1]) * 60 + int(found[2] or 0)
    if unit == "hh:mm":
        raise Unreadable("is no time as hours:minutes|Write 7:20, or set hours in the map")
    value = exact(text)
    if value < 0:
        raise Unreadable("is less than nothing|Correct the cell in the extract")
    if unit == "minutes":
        return whole(text, "minutes")
    return _to_the_minute(value, len(text.partition(".")[2].strip()))


def _to_the_minute(hours: Fraction, decimals: int) -> int:
    """The whole minutes that hours of so many decimals stand for: 7.33 is 7 hours 20."""
    minutes = round(hours * 60)
    if abs(Fraction(minutes, 60) - hours) > HALF / 10 ** min(decimals, DECIMALS):
        low = int(hours * 60)
        raise Unreadable(
            f"is no whole number of minutes|Write {low / 60:.2f} for {low // 60} h {low % 60} min, "
            "or set hours in the map"
        )
    return minutes


def units_of(text: str, each: int) -> int:
    """Read units of care, each of so many minutes, as whole minutes."""
    minutes = exact(text) * each
    if minutes.denominator != 1 or minutes < 0:
        raise Unreadable("is no whole number of minutes|Correct it, or unit_minutes in the map")
    return int(minutes)


def frequency(text: str) -> Visits:
    """Read ``7 x 30 min``, ``2 x 45 mins daily``, or several joined by + or ;."""
    count = minutes = 0
    for part in re.split(r"[+;&]|\band\b", text.casefold()):
        found = TIMES.match(part.strip())
        often = " ".join(found[4].replace("/", "per ").replace(".", " ").split()) if found else None
        if not found or (often not in A_WEEK and often not in A_DAY):
            raise Unreadable("is no frequency that can be read|Write it as 7 x 30 min")
        visits = int(found[1]) * (7 if often in A_DAY else 1)
        each = Fraction(found[2]) * (60 if found[3].startswith("h") else 1)
        if each.denominator != 1:
            raise Unreadable("has visits of part of a minute|Write it as 7 x 30 min")
        count, minutes = count + visits, minutes + visits * int(each)
    return Visits(count, minutes)


def days_a_week(text: str) -> int:
    """Read ``7``, ``Daily``, ``Mon-Fri`` or ``Mon, Wed, Fri`` as a number of days."""
    words = text.casefold().strip()
    if words in DAY_WORDS:
        return DAY_WORDS[words]
    if words.replace(".", "").isdigit():
        days = whole(text, "days")
    else:
        named: set[int] = set()
        for part in re.split(r"[,;/& ]+", re.sub(r" ?(-|–|\bto\b) ?", "-", words)):
            first, _, last = part.partition("-")
            start, end = _day(first), _day(last or first)
            named |= {(start + step) % 7 for step in range((end - start) % 7 + 1)}
        days = len(named)
    if not 1 <= days <= 7:
        raise Unreadable("is no number of days from 1 to 7|Write 7, or Mon-Fri")
    return days


def _day(word: str) -> int:
    if word[:3] not in DAYS:
        raise Unreadable("names no days of the week|Write 7, or Mon-Fri")
    return DAYS.index(word[:3])


def day_of(text: str, form: str) -> date:
    """Read a date in the map's form, or as yyyy-mm-dd; a time of day after it is dropped."""
    plain = re.sub(r"[T ]\d{1,2}:\d{2}(:\d{2}(\.0+)?)?( ?[AaPp][Mm])?$", "", text.strip())
    for pattern in (DATES[form], "%Y-%m-%d"):
        try:
            return datetime.strptime(plain, pattern).date()
        except ValueError:
            continue
    raise Unreadable(f"is no date as {form}|Correct the cell, or dates in the map")


def pence_of(text: str) -> int:
    """Read pounds as whole pence, half up."""
    pounds = exact(text)
    if pounds < 0:
        raise Unreadable("is less than nothing|Correct the cell in the extract")
    return int(pounds * 100 + HALF)
