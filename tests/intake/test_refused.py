"""What an import refuses: each with place, cell, rule and remedy, all at once, nothing written."""

from __future__ import annotations

import pytest

from allocate.errors import BadInput
from allocate.intake import extract as extract_module
from helpers.cases import CommandLine
from helpers.extracts import MAP, SALT, Council


def refusal(council: Council, *lines: dict[str, str]) -> str:
    """The message that an import of these lines ends with."""
    with pytest.raises(BadInput) as refused:
        council.import_lines(*lines or [council.line()])
    message = str(refused.value)
    for told in message.splitlines()[1:]:
        assert told.endswith("."), told
        assert ". " in told.partition(": ")[2], f"no remedy: {told}"
    return message


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            'person = "Client ID"',
            'person = "Cleint ID"',
            'columns.person = "Cleint ID": lines.csv has no such column (closest: "Client ID")',
        ),
        (
            'line = "Line ID"',
            'line = "Client ID"',
            'columns.person and columns.line: both name the column "Client ID"',
        ),
        ('hours = "Hours pw"', 'hours = ["Hours pw", "Visits pw"]', "must be one heading"),
        ('person = "Client ID"\n', "", 'key "columns.person": is missing. Add it: Number of the'),
        ('person = "Client ID"', 'person = "Surname"', "holds names, which may not go into a case"),
        ('household = "Household"', 'household = "Notes"', "holds free text"),
        ('priority = "Priority"', 'priority = "Tel"', "holds phone numbers"),
        ('times = "Call Time"', 'carers = "Call Time"', "columns.carers: is a column, and reading"),
        ('times = "Call Time"', 'time = "Call Time"', 'no such key (closest: "times")'),
        ('hours = "Hours pw"\n', "", "nothing says how much care a line is"),
        ('postcode = "Post Code"\nward = "Ward"\n', "", "nothing says where people live"),
        ('rate = "Rate"\n', "", "nothing says what an hour costs"),
        ('"two lines"', '"twice"', 'reading.double_handed = "twice": '),
        ('"two lines"', "two lines", "is not TOML"),
        ('active = ["Active"]', "active = []", "statuses.active: is missing or empty"),
        (
            'waiting = ["Waiting"]',
            'waiting = ["Waiting", "active"]',
            'statuses: "active": is listed under active and under waiting',
        ),
        ('["Home Care"]', '["Home Care"]\nhome_cares = []', 'key "services.home_cares"'),
    ],
)
def test_faults_of_the_map(council: Council, old: str, new: str, told: str) -> None:
    """A map that cannot be meant is told by key, with the nearest name where there is one."""
    assert MAP.count(old) == 1
    council.map_text = MAP.replace(old, new)
    assert told in refusal(council)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"Hours_pw": "lots"}, 'lines.csv line 2, Hours pw = "lots": is not a plain number'),
        ({"Hours_pw": "7.34"}, "is no whole number of minutes. Write 7.33 for 7 h 20 min"),
        ({"Hours_pw": "200"}, "comes to 200 hours a week, outside 0.25 to 168"),
        ({"Hours_pw": "0.1"}, "comes to 0.1 hours a week"),
        ({"Visits_pw": "some"}, 'Visits pw = "some"'),
        ({"Visits_pw": "300"}, "comes to 300 visits a week"),
        ({"Start_Date": "1/2/23"}, 'Start Date = "1/2/23": is no date as dd/mm/yyyy'),
        ({"End_Date": "open"}, 'End Date = "open"'),
        ({"Rate": "abc"}, 'Rate = "abc"'),
        ({"Rate": "2000"}, "comes to more than £200 an hour"),
        ({"Client_ID": ""}, 'Client ID = "": is missing'),
        (
            {"Provider_Name": "", "Provider_Ref": ""},
            'Provider Name = "": is missing on an active line',
        ),
        (
            {"Status": "Waiting", "Requested": "05/03/2024"},
            'Requested = "05/03/2024": is after 04/03/2024',
        ),
        ({"Status": "Actve"}, 'column Status, "Actve": is in no list of the map, on 1 line'),
        ({"Service_Type": "Sitting"}, "Add it to one of the lists under [services] in map.toml"),
        ({"Needs": "Hildegard"}, 'column Needs, "Hildegard": is in no list of the map'),
        ({"Priority": "Blue"}, 'column Priority, "Blue"'),
        ({"Suspended": "perhaps"}, 'column Suspended, "perhaps"'),
    ],
)
def test_faults_of_cells(council: Council, changes: dict[str, str], told: str) -> None:
    """A cell that cannot be read is told with its line, its column and what to do."""
    assert told in refusal(council, council.line(**changes))


def test_all_faults_at_once(council: Council) -> None:
    """Words, cells, places and people are told in one go."""
    lines = (
        council.line(Hours_pw="lots"),
        council.line(Client_ID="2", Status="Actve"),
        council.line(Client_ID="3", Status="Actve"),
        council.line(Client_ID="4", Post_Code="QQ1 1CK", Ward=""),
        council.line(Client_ID="5"),
        council.line(Client_ID="5", Post_Code="ZZ2 2CK", Call_Time="Tea"),
    )
    message = refusal(council, *lines)
    assert message.startswith("4 faults in lines.csv")
    for told in ('"Actve": is in no list of the map, on 2 lines', "line 2", "line 5", "line 7"):
        assert told in message


def test_map_places_and_salt_at_once(council: Council) -> None:
    """A wrong heading, a wrong row of the look-up and another salt are told in one go."""
    council.map_text = 'salt_fingerprint = "ANOTHER1"\n' + MAP.replace('"Line ID"', '"Line Id No"')
    council.places["lookup"] += "ZZ9,sector,W1,,\n"
    message = refusal(council)
    assert message.startswith("3 faults in lines.csv")
    for told in ("no such column", "is no sector", "the map was made with salt ANOTHER1"):
        assert told in message


def test_nothing_usable(council: Council) -> None:
    """An extract of which no line is left says what became of all of them."""
    lines = (council.line(Status="Ended"), council.line(Service_Type="Meals"))
    told = "has no line that can be used: 1 ended before the date; 1 not visiting home care"
    assert told in refusal(council, *lines)


def test_nobody_placed(council: Council) -> None:
    """An extract of a waiting list alone is no case."""
    assert "has no line with a provider" in refusal(council, council.line(Status="Waiting"))


def test_no_rates_in_the_column(council: Council) -> None:
    """A rate column without a rate asks for one."""
    assert "has no line with a rate" in refusal(council, council.line(Rate=""))


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("lines.csv", b"", "holds nothing"),
        ("lines.csv", b"\n\n", "holds nothing"),
        ("lines.csv", b"PK\x03\x04rest", "is not a CSV file"),
        ("lines.xlsx", b"Client ID,Hours\n1,2\n", "is not a workbook"),
        ("lines.csv", b'Client ID,Line ID\n"1,2\n', "a quote opens here"),
        ("lines.csv", b"Client ID,Line ID\n1,2,3\n", "has 3 cells under 2 headings"),
    ],
)
def test_files_that_are_no_extract(council: Council, name: str, content: bytes, told: str) -> None:
    """A file that cannot be read as lines is refused with what to do."""
    council.lay_out([])
    (council.folder / name).write_bytes(content)
    with pytest.raises(BadInput, match=told):
        council.run(council.folder / name)


def test_headings_alone(council: Council) -> None:
    """An extract without lines says so."""
    with pytest.raises(BadInput, match="has headings and no lines"):
        council.run(council.lay_out([]))


def test_too_large_a_file(council: Council, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file over the limit is refused before it is read."""
    monkeypatch.setattr(extract_module, "MOST_BYTES", 100)
    assert "is larger than" in refusal(council)


def test_a_heading_that_stands_twice(council: Council) -> None:
    """A mapped heading has to be the only one of its name."""
    path = council.lay_out([council.line()])
    path.write_text(path.read_text(encoding="utf-8").replace("Forename", "Rate"), encoding="utf-8")
    with pytest.raises(BadInput, match="stands more than once"):
        council.run(path)


def test_another_salt(council: Council) -> None:
    """A salt that is not last month's is stopped, as no id would match; so is one that is lost."""
    case = council.import_lines(council.line())
    fingerprint = case.imported.story.salt.fingerprint
    council.map_text = f'salt_fingerprint = "{fingerprint}"\n' + MAP
    council.import_lines(council.line())
    (council.folder / "salt").write_text(SALT[::-1], encoding="utf-8")
    assert f"and the map was made with salt {fingerprint}" in refusal(council)
    path = council.lay_out([council.line()])
    (council.folder / "salt").unlink()
    with pytest.raises(BadInput, match="is not there, and the map was made with salt"):
        council.run(path)


def test_a_salt_that_can_be_guessed(council: Council) -> None:
    """A short salt is refused."""
    council.folder.mkdir()
    (council.folder / "salt").write_text("pepper", encoding="utf-8")
    assert "fewer than 16 characters" in refusal(council)


@pytest.mark.parametrize(
    ("missing", "told"),
    [("places", "no such folder"), ("places/place_areas.csv", "holds no place_areas.csv")],
)
def test_no_places(council: Council, allocate: CommandLine, missing: str, told: str) -> None:
    """Without places the command ends with 2, says what is needed, and writes nothing."""
    extract = council.lay_out([council.line()])
    gone = council.folder / missing
    gone.rename(council.folder / "elsewhere")
    out = council.folder / "case"
    map_file, salt = council.folder / "map.toml", council.folder / "salt"
    run = allocate("import", extract, "--map", map_file, "--out", out, "--salt", salt)
    assert run.code == 2
    assert told in run.err
    assert not out.exists()
