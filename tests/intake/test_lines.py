"""What becomes of each kind of line."""

from __future__ import annotations

import pytest

from allocate.errors import BadInput
from allocate.intake import line as why
from allocate.intake.package import ALONE, CARER, PART
from helpers.extracts import MAP, Council

OTHER = {"Client_ID": "2002", "Line_ID": "L9"}


def test_a_line_becomes_a_package(council: Council) -> None:
    """An active line of home care is one placed package with its hours, visits and provider."""
    case = council.import_lines(council.line())
    row = case.package
    assert row["place_id"] == "W1"
    assert row["hours_per_week"] == "7"
    assert row["visits_per_week"] == "14"
    assert row["carers"] == "1"
    assert row["status"] == "placed"
    assert row["provider_id"] == "AC1"
    assert case.fates == [ALONE]
    assert case.table("providers") == [{"provider_id": "AC1", "name": "Alder Care Ltd"}]


@pytest.mark.parametrize(
    ("changes", "fate"),
    [
        ({"Status": "Ended"}, why.ENDED),
        ({"End_Date": "03/03/2024"}, why.ENDED),
        ({"Start_Date": "05/03/2024"}, why.NOT_STARTED),
        ({"Status": "Suspended"}, why.SUSPENDED),
        ({"Suspended": "Yes"}, why.SUSPENDED),
        ({"Service_Type": "Day Care"}, why.OTHER_SERVICE),
        ({"Hours_pw": "0"}, why.NO_HOURS),
        ({"Hours_pw": ""}, why.NO_HOURS),
    ],
)
def test_a_line_that_is_no_present_home_care(
    council: Council, changes: dict[str, str], fate: str
) -> None:
    """A line that is over, to come, suspended, another service or empty is left out and counted."""
    case = council.import_lines(council.line(), council.line(**OTHER, **changes))
    assert case.fates == [ALONE, fate]
    assert len(case.table("packages")) == 1
    assert f"1 left out: {fate}" in case.summary


def test_a_person_without_a_place_is_no_title(council: Council) -> None:
    """A line with a person's number and hours and nothing else is told, and not passed over."""
    person = {"Client ID": "2002", "Hours pw": "7", "Status": "Waiting"}
    with pytest.raises(BadInput, match='Service Type, "": is in no list of the map, on 1 line'):
        council.import_lines(council.line(), {**dict.fromkeys(council.line(), ""), **person})


@pytest.mark.parametrize("changes", [{"End_Date": "04/03/2024"}, {"Start_Date": "04/03/2024"}])
def test_a_line_that_starts_or_ends_today_counts(council: Council, changes: dict[str, str]) -> None:
    """The first and the last day of a line belong to it."""
    assert council.import_lines(council.line(**changes)).fates == [ALONE]


def test_a_bad_cell_of_another_service_is_no_fault(council: Council) -> None:
    """Nobody has to correct the hours of a line that is left out anyway."""
    lines = (council.line(), council.line(**OTHER, Service_Type="Meals", Hours_pw="daily"))
    assert council.import_lines(*lines).fates == [ALONE, why.OTHER_SERVICE]


def test_totals_and_pages_are_no_lines(council: Council) -> None:
    """A row with a total, a page number or the headings once more is no line."""
    blank = dict.fromkeys(council.line(), "")
    total = {**blank, "Client ID": "Grand total", "Line ID": " ", "Hours pw": "7"}
    again = {key: key for key in blank}
    case = council.import_lines(council.line(), total, again)
    assert case.fates == [ALONE, why.NO_LINE, why.NO_LINE]


def test_a_line_exported_twice_counts_once(council: Council) -> None:
    """A line equal to another in every cell, number and all, is left out."""
    line = council.line(Line_ID="L1")
    case = council.import_lines(line, line)
    assert case.fates == [ALONE, why.DUPLICATE]
    assert case.package["carers"] == "1"


def test_two_equal_lines_are_two_carers(council: Council) -> None:
    """Two lines that differ in their number alone are one call by two carers."""
    case = council.import_lines(council.line(), council.line())
    assert case.fates == [ALONE, CARER]
    assert case.package["carers"] == "2"
    assert case.package["hours_per_week"] == "7"
    assert case.package["visits_per_week"] == "14"


def test_two_equal_lines_add_up_where_carers_are_a_number(council: Council) -> None:
    """Where the map says that carers are a number, equal lines add up, and that is told."""
    council.map_text = MAP.replace('"two lines"', '"one line with a number of carers"')
    case = council.import_lines(council.line(), council.line())
    assert case.fates == [PART, PART]
    assert case.package["hours_per_week"] == "14"
    assert 'set double_handed = "two lines"' in case.summary


def test_two_calls_add_up(council: Council) -> None:
    """Lines of one person and provider at two times of day are one package."""
    lines = (council.line(), council.line(Call_Time="Tea", Hours_pw="3.5", Visits_pw="7"))
    case = council.import_lines(*lines)
    assert case.fates == [PART, PART]
    assert case.package["hours_per_week"] == "10.5"
    assert case.package["visits_per_week"] == "21"


def test_visits_by_one_and_by_two_are_carer_hours(council: Council) -> None:
    """Calls by one and by two carers in one package keep their carer-hours."""
    lines = (council.line(), council.line(), council.line(Call_Time="Tea", Hours_pw="3.5"))
    case = council.import_lines(*lines)
    assert case.package["carers"] == "1"
    assert case.package["hours_per_week"] == "17.5"
    assert "1 package with some visits by one carer and some by two" in case.summary


def test_two_providers_are_two_packages(council: Council) -> None:
    """A person with two providers keeps a package with each, and no household binds them."""
    lines = (
        council.line(Household="H1"),
        council.line(Household="H1", Provider_Name="Birch", Provider_Ref="BC2"),
        council.line(Client_ID="1002", Household="H1"),
    )
    case = council.import_lines(*lines)
    rows = case.table("packages")
    assert sorted(row["provider_id"] for row in rows) == ["AC1", "AC1", "BC2"]
    assert {row["household_id"] for row in rows} == {""}
    assert sum(row["package_id"].endswith(("-AC1", "-BC2")) for row in rows) == 2
    assert "People with more than one package: 1" in case.summary


def test_couples_are_kept_together(council: Council) -> None:
    """Two people of one household share a household id that is not the council's number."""
    lines = (
        council.line(Household="600777"),
        council.line(Client_ID="1002", Household="600777", Status="Waiting"),
    )
    rows = council.import_lines(*lines).table("packages")
    assert len({row["household_id"] for row in rows}) == 1
    assert rows[0]["household_id"] not in ("", "600777")


def test_a_household_that_has_two_providers_does_not_bind(council: Council) -> None:
    """Members with different providers today are not forced together, and that is told."""
    lines = (
        council.line(Household="H1"),
        council.line(Client_ID="1002", Household="H1", Provider_Name="Birch", Provider_Ref="BC2"),
    )
    case = council.import_lines(*lines)
    assert {row["household_id"] for row in case.table("packages")} == {""}
    assert "its members have different providers now" in case.summary


def test_waiting_lines(council: Council) -> None:
    """A waiting person has no provider, and waits since care was asked for."""
    waiting = {"Status": "Waiting", "Provider_Name": "", "Provider_Ref": "", "Rate": ""}
    lines = (
        council.line(),
        council.line(**OTHER, **waiting, Requested="05/02/2024", Priority="Urgent"),
    )
    rows = council.import_lines(*lines).table("packages")
    row = next(row for row in rows if row["status"] == "waiting")
    assert row["provider_id"] == ""
    assert row["days_waiting"] == "28"
    assert row["priority"] == "1"


def test_without_a_status_lines_without_a_provider_wait(council: Council) -> None:
    """Where the map names no status, who has a provider is placed and who has none waits."""
    council.map_text = MAP.replace('status = "Status"\n', "")
    lines = (council.line(), council.line(**OTHER, Provider_Name="", Provider_Ref=""))
    case = council.import_lines(*lines)
    assert sorted(row["status"] for row in case.table("packages")) == ["placed", "waiting"]
    assert "names no status" in case.summary


def test_needs_are_the_words_of_the_map(council: Council) -> None:
    """Needs are written by the map's words, and those that mean none are not."""
    case = council.import_lines(council.line(Needs="Dementia; N/A"))
    assert case.package["needs"] == "dementia"


@pytest.mark.parametrize(
    ("columns", "cells", "hours", "visits"),
    [
        ('frequency = "Visits pw"', {"Visits_pw": "7 x 30 min"}, "3.5", "7"),
        ('frequency = "Visits pw"', {"Visits_pw": "2 x 45 mins daily + 1 x 1 hr"}, "11.5", "15"),
        (
            'visits = "Visits pw"\nvisit_minutes = "Hours pw"',
            {"Visits_pw": "14", "Hours_pw": "45"},
            "10.5",
            "14",
        ),
        (
            'visits = "Visits pw"\nvisit_minutes = "Hours pw"\ndays = "Call Time"',
            {"Visits_pw": "2", "Hours_pw": "30", "Call_Time": "Mon-Fri"},
            "5",
            "10",
        ),
        ('weekly_cost = "Hours pw"', {"Hours_pw": "£146.67"}, "7.333", ""),
    ],
)
def test_ways_to_say_how_much(
    council: Council, columns: str, cells: dict[str, str], hours: str, visits: str
) -> None:
    """Hours may be said as a frequency, as visits and minutes, or as what they cost."""
    amounts = 'hours = "Hours pw"\nvisits = "Visits pw"\ntimes = "Call Time"'
    council.map_text = MAP.replace(amounts, columns)
    case = council.import_lines(council.line(**cells))
    assert case.package["hours_per_week"] == hours
    assert case.package["visits_per_week"] == visits


def test_units_of_care(council: Council) -> None:
    """Units are so many minutes each."""
    council.map_text = MAP.replace('hours = "Hours', 'units = "Hours').replace(
        '"two lines"', '"two lines"\nunit_minutes = 15'
    )
    assert council.import_lines(council.line(Hours_pw="14")).package["hours_per_week"] == "3.5"


def test_carers_as_a_number_or_word(council: Council) -> None:
    """One line may say how many carers come, by number or by word."""
    council.map_text = MAP.replace('"two lines"', '"one line with a number of carers"').replace(
        'times = "Call Time"', 'carers = "Call Time"'
    )
    lines = [
        council.line(Client_ID=f"10{word}", Call_Time=word)
        for word in ("1", "2", "Double handed", "")
    ]
    case = council.import_lines(*lines)
    assert sorted(row["carers"] for row in case.table("packages")) == ["1", "1", "2", "2"]


def test_a_faulty_case_of_places_is_told(council: Council) -> None:
    """What is wrong with the places folder is told as `check` tells it, and nothing is written."""
    council.places["areas"] = "area_id,name,lead_id\nNorth,North,XX9\nSouth,South,\n"
    case = council.import_lines(council.line())
    with pytest.raises(BadInput, match=r'lead_id = "XX9": no such id in providers.csv'):
        case.imported.write(council.folder / "case")
    written = {item.name for item in council.folder.iterdir()}
    assert written == {"lines.csv", "map.toml", "places", "salt"}
