"""Postcodes and ward names, old ones too, lead to the places of the case."""

from __future__ import annotations

import pytest

from allocate.errors import BadInput
from helpers.extracts import MAP, Council


@pytest.mark.parametrize(
    ("postcode", "ward", "place", "how"),
    [
        ("ZZ1 1CK", "", "W1", "by full postcode"),
        ("zz11ck", "", "W1", "by full postcode"),
        ("ZZ2 2CK", "Northend", "W2", "by full postcode"),
        ("", "Northend", "W1", "by ward"),
        ("", "St. Oswalds Ward", "W2", "by ward"),
        ("", "W2", "W2", "by ward"),
        ("", "OLD  MARKET", "W2", "by ward"),
        ("ZZ9 9CK", "Northend", "W1", "by ward"),
        ("ZZ1 1VV", "", "W1", "by postcode sector"),
        ("ZZ3 7CK", "", "W2", "by postcode district"),
        ("ZZ2 1VV", "", "W1", "by postcode sector"),
    ],
)
def test_where_a_line_is(council: Council, postcode: str, ward: str, place: str, how: str) -> None:
    """The full postcode decides, then the ward, then a sector or district all in one place."""
    case = council.import_lines(council.line(Post_Code=postcode, Ward=ward))
    assert case.package["place_id"] == place
    assert f"1 line {how}" in case.summary


@pytest.mark.parametrize(
    ("postcode", "ward", "problem"),
    [
        ("ZZ2 9CK", "", "lies in no place that lookup.csv knows"),  # its district lies in two
        ("QQ1 1CK", "", "lies in no place that lookup.csv knows"),
        ("not known", "", "is no postcode"),
        ("", "Nowhere", "is no ward that lookup.csv knows"),
        ("", "Northand", 'is no ward that lookup.csv knows (closest: "Northend")'),
        ("", "Harbour", "is another place in another vintage (EX04 W1; EX14 W2)"),
        ("", "Twinned", "was split between W1, W2: map the postcode too"),
    ],
)
def test_a_place_that_is_not_known_is_a_fault(
    council: Council, postcode: str, ward: str, problem: str
) -> None:
    """An unknown place is told with its line and what to do."""
    with pytest.raises(BadInput) as refused:
        council.import_lines(council.line(Post_Code=postcode, Ward=ward))
    assert problem in str(refused.value)
    assert "lines.csv line 2, " in str(refused.value)
    assert 'Add it to lookup.csv, or set unknown_places = "leave out"' in str(refused.value)


def test_unknown_places_may_be_left_out(council: Council) -> None:
    """Where the map says so, lines of unknown places are counted out."""
    council.map_text = MAP.replace('"two lines"', '"two lines"\nunknown_places = "leave out"')
    lines = (council.line(), council.line(Client_ID="2", Post_Code="QQ1 1CK", Ward=""))
    case = council.import_lines(*lines)
    assert len(case.table("packages")) == 1
    assert "1 left out: in no known place" in case.summary
    assert "Waiting, and left out" not in case.summary


def test_who_waits_and_is_left_out_for_want_of_a_place_is_named(council: Council) -> None:
    """Somebody who waits and is in no case is told by row and hours, to be looked after."""
    council.map_text = MAP.replace('"two lines"', '"two lines"\nunknown_places = "leave out"')
    nowhere = {"Post_Code": "QQ1 1CK", "Ward": ""}
    lines = (
        council.line(),
        council.line(Client_ID="2", Status="Waiting", Hours_pw="7.5", **nowhere),
        council.line(Client_ID="3", Status="Waiting", Hours_pw="3", **nowhere),
        council.line(Client_ID="4", Status="Waiting"),
    )
    case = council.import_lines(*lines)
    _, _, notes = case.summary.partition("\nTake note\n")
    told = "Waiting, and left out, being in no known place: row 3 (7.5 hours), row 4 (3 hours)"
    assert told in notes


def test_the_vintage_of_ward_names_may_be_said(council: Council) -> None:
    """A name that meant another place before is read by the vintage that the map names."""
    council.map_text = MAP.replace('"two lines"', '"two lines"\nward_vintage = "EX14"')
    case = council.import_lines(council.line(Post_Code="", Ward="Harbour"))
    assert case.package["place_id"] == "W2"
    assert "placed by ward names of vintage: EX14" in case.summary
    assert "have ward names of: EX04, EX14, present" in case.summary


def test_postcode_and_ward_that_disagree_are_counted(council: Council) -> None:
    """The postcode wins, and the summary says of how many lines."""
    case = council.import_lines(council.line(Post_Code="ZZ2 2CK", Ward="Northend"))
    assert "1 line with a ward that is not where its postcode is" in case.summary


def test_a_person_in_two_places_is_a_fault(council: Council) -> None:
    """Both lines are named."""
    lines = (council.line(), council.line(Post_Code="ZZ2 2CK", Ward="", Call_Time="Tea"))
    with pytest.raises(BadInput, match="lives in W2 here and in W1 on row 2") as refused:
        council.import_lines(*lines)
    assert "lines.csv line 3" in str(refused.value)


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("ZZ1 1CK,postcode,W2,,", "lies in W1 by an earlier row"),
        ("ZZ1,postcode,W1,,", "is no postcode"),
        ("ZZ11 CK,sector,W1,,", "is no sector"),
        ("ZZ1 1CI,postcode,W9,,", "no such place in place_areas.csv"),
        ("ZZ1 1CI,post code,W1,,", 'no such kind of key (closest: "postcode")'),
    ],
)
def test_faults_of_the_look_up(council: Council, row: str, problem: str) -> None:
    """A row of lookup.csv that cannot be meant is told with its line."""
    council.places["lookup"] += row + "\n"
    with pytest.raises(BadInput) as refused:
        council.import_lines(council.line())
    assert problem in str(refused.value)
    assert "lookup.csv line 12" in str(refused.value)


def test_sectors_and_districts_may_be_listed(council: Council) -> None:
    """A look-up may list a whole sector or district where it lies in one place."""
    council.places["lookup"] += "QQ1 1,sector,W1,,\nQQ2,district,W2,,\n"
    lines = (
        council.line(Post_Code="QQ1 1CK", Ward=""),
        council.line(Client_ID="2", Post_Code="QQ2 5CK", Ward=""),
    )
    rows = council.import_lines(*lines).table("packages")
    assert sorted(row["place_id"] for row in rows) == ["W1", "W2"]


def test_no_look_up_is_needed_for_present_wards(council: Council) -> None:
    """Present ward names and codes are known from places.csv alone."""
    del council.places["lookup"]
    assert council.import_lines(council.line(Post_Code="")).package["place_id"] == "W1"


def test_headings_of_the_places_as_people_write_them(council: Council) -> None:
    """Capitals and spaces in headings make no difference, as everywhere."""
    council.places["lookup"] = council.places["lookup"].replace("key_kind", "Key kind")
    council.places["place_areas"] = council.places["place_areas"].replace("place_id", "Place ID")
    assert council.import_lines(council.line(Ward="")).package["place_id"] == "W1"


def test_a_look_up_without_its_columns(council: Council) -> None:
    """A missing column is named."""
    council.places["lookup"] = "key,place\nZZ1 1CK,W1\n"
    with pytest.raises(BadInput, match="has no column key_kind and no column place_id"):
        council.import_lines(council.line())
