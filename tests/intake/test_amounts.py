"""Hours, visits and dates as social care systems write them."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allocate.cells import Unreadable
from allocate.intake.amounts import day_of, days_a_week, frequency, minutes_of, pence_of, units_of


@pytest.mark.parametrize(
    ("text", "unit", "minutes"),
    [
        ("7.33", "decimal", 440),
        ("7.333333333333333", "decimal", 440),
        ("7.3", "decimal", 438),
        ("0.92", "decimal", 55),
        ("1,234.5", "decimal", 74070),
        ("7:20", "decimal", 440),
        ("7:20:00", "hh:mm", 440),
        ("7h 20m", "decimal", 440),
        ("7 hrs 20 mins", "hh:mm", 440),
        ("440", "minutes", 440),
        ("440.00", "minutes", 440),
    ],
)
def test_hours_are_whole_minutes(text: str, unit: str, minutes: int) -> None:
    """Hours as typed are the minutes that they stand for."""
    assert minutes_of(text, unit) == minutes


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("7.34", "decimal"),  # between 7 h 20 and 7 h 21
        ("-1", "decimal"),
        ("daily", "decimal"),
        ("1,5", "decimal"),
        ("7.5", "hh:mm"),
        ("7:75", "hh:mm"),
        ("30.5", "minutes"),
    ],
)
def test_what_is_no_time_is_refused(text: str, unit: str) -> None:
    """What could mean two things, or part of a minute, is refused with a remedy."""
    with pytest.raises(Unreadable, match=r"\|"):
        minutes_of(text, unit)


@given(st.integers(0, 168 * 60), st.integers(2, 15))
def test_hours_to_two_decimals_name_their_minute(minutes: int, decimals: int) -> None:
    """Every whole minute survives being written as hours with two decimals or more."""
    assert minutes_of(f"{minutes / 60:.{decimals}f}", "decimal") == minutes


@pytest.mark.parametrize(
    ("text", "visits", "minutes"),
    [
        ("7 x 30 min", 7, 210),
        ("14x45 mins", 14, 630),
        ("2 × 30 minutes per day", 14, 420),
        ("1 x 1.5 hrs weekly", 1, 90),
        ("4 visits of 30 min daily", 28, 840),
        ("7 x 30 min + 7 x 45 min", 14, 525),
    ],
)
def test_frequency(text: str, visits: int, minutes: int) -> None:
    """A frequency gives visits a week and their minutes."""
    read = frequency(text)
    assert (read.count, read.minutes) == (visits, minutes)


@pytest.mark.parametrize("text", ["30 min", "7 x 30", "7 x 30 min fortnightly", "x", "3 x 7.5 min"])
def test_no_frequency(text: str) -> None:
    """A frequency without its length, or of another period, is refused."""
    with pytest.raises(Unreadable):
        frequency(text)


@pytest.mark.parametrize(
    ("text", "days"),
    [("7", 7), ("Daily", 7), ("Mon-Fri", 5), ("Mon, Wed & Fri", 3), ("Sat to Mon", 3), ("Sun", 1)],
)
def test_days(text: str, days: int) -> None:
    """Days may be a number, names or a range over the end of the week."""
    assert days_a_week(text) == days


@pytest.mark.parametrize("text", ["8", "0", "often", "1.5"])
def test_no_days(text: str) -> None:
    """What is no number of days from 1 to 7 is refused."""
    with pytest.raises(Unreadable):
        days_a_week(text)


@pytest.mark.parametrize(
    ("text", "form", "day"),
    [
        ("03/04/2024", "dd/mm/yyyy", date(2024, 4, 3)),
        ("03/04/2024", "mm/dd/yyyy", date(2024, 3, 4)),
        ("03/04/2024 00:00:00", "dd/mm/yyyy", date(2024, 4, 3)),
        ("2024-04-03", "dd/mm/yyyy", date(2024, 4, 3)),
        ("03-Apr-2024", "dd-mmm-yyyy", date(2024, 4, 3)),
        ("03/04/24", "dd/mm/yy", date(2024, 4, 3)),
    ],
)
def test_dates(text: str, form: str, day: date) -> None:
    """Dates are read as the map says, or as a workbook writes them."""
    assert day_of(text, form) == day


@pytest.mark.parametrize("text", ["31/02/2024", "03/04/24", "soon", "13.13.2024"])
def test_no_dates(text: str) -> None:
    """A date in another form is refused, not guessed."""
    with pytest.raises(Unreadable):
        day_of(text, "dd/mm/yyyy")


def test_units_and_money() -> None:
    """Units are minutes exactly, money is whole pence half up, and neither is below nothing."""
    assert units_of("3.5", 30) == 105
    assert pence_of("£1,016.685") == 101669
    for read in (lambda: units_of("0.5", 15), lambda: pence_of("-1")):
        with pytest.raises(Unreadable):
            read()
