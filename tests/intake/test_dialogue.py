"""The dialogue that makes a map: it guesses by headings and cells, and asks what it cannot tell."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from allocate.errors import BadInput
from allocate.intake import guess
from allocate.intake.ask import NO, NONE, YES
from allocate.intake.dialogue import make_map, write_map
from allocate.intake.extract import read_extract
from allocate.intake.mapping import read_map
from helpers.cases import CommandLine
from helpers.extracts import Council


class Person:
    """Answers from a list by a part of the question, else takes what is proposed.

    Several answers to one question are given in turn, and then what is proposed is taken.
    """

    def __init__(self, **answers: str | list[str]) -> None:
        self.answers = {
            part.replace("_", " "): [answer] * 9 if isinstance(answer, str) else answer
            for part, answer in answers.items()
        }
        self.asked: list[str] = []
        self.told: list[str] = []
        self.offered: dict[str, Sequence[str]] = {}
        self.beside: dict[str, str] = {}

    def ask(
        self, question: str, choices: Sequence[str], default: str, beside: Mapping[str, str]
    ) -> str:
        """Answer a question."""
        self.asked.append(question)
        self.offered[question] = choices
        self.beside |= beside
        for part, answers in self.answers.items():
            if part in question and answers:
                answer = answers.pop(0)
                assert not choices or answer in choices, (question, choices)
                return answer
        assert default in choices or not choices, question
        return default


def made(path: Path, person: Person) -> dict[str, object]:
    """The map that a person's answers make."""
    return make_map(read_extract(path, guess.KNOWN), person.ask, person.told.append)


PAID = (
    "What share of planned hours is paid for? 1 is all, 0.95 is 95 in 100; Enter if you do not "
    "know."
)
HEADS = "Client ID,Supplier,Service Type,Post Code,Planned Hours,Status,Start Date,Hourly Rate\n"
ROWS = (
    "1,Alder,Home Care,ZZ1 1CK,7:30,Active,13/01/2023,20\n"
    "2,Birch,Day Centre,ZZ1 1CK,3:00,Closed,01/02/2023,20\n"
    "3,Birch,Home Care,ZZ1 1CK,3:00,Brokerage,,20\n"
)


@pytest.fixture
def extract(tmp_path: Path) -> Path:
    """A small extract in yet another shape."""
    path = tmp_path / "extract.csv"
    path.write_text(HEADS + ROWS, encoding="utf-8")
    return path


def test_plain_headings_and_words_are_not_asked(extract: Path) -> None:
    """Known headings and words are guessed and shown; only what is open is asked."""
    person = Person()
    written = made(extract, person)
    assert written["columns"] == {
        "person": "Client ID",
        "provider": "Supplier",
        "service": "Service Type",
        "postcode": "Post Code",
        "hours": "Planned Hours",
        "start": "Start Date",
        "status": "Status",
        "rate": "Hourly Rate",
    }
    assert written["reading"] == {
        "double_handed": "one line with a number of carers",
        "dates": "dd/mm/yyyy",
        "hours": "hh:mm",
    }
    assert written["services"] == {"home_care": ["Home Care"], "other": ["Day Centre"]}
    assert written["statuses"] == {
        "active": ["Active"],
        "ended": ["Closed"],
        "waiting": ["Brokerage"],
    }
    assert person.asked == [
        "Is that right?",
        "How does a call by two carers appear?",
        "Are the words of Service Type right?",
        "Are the words of Status right?",
        PAID,
        "Are these records real?",
    ]
    assert "  person: Client ID" in person.told
    assert "  other: Day Centre" in person.told


def test_near_headings_and_strange_words_are_asked(extract: Path) -> None:
    """A heading that is only near a known one is proposed, and a strange word is asked."""
    text = HEADS.replace("Planned Hours", "Planned hourss") + ROWS.replace("Closed", "Zzz")
    extract.write_text(text, encoding="utf-8")
    person = Person(Zzz="ended")
    written = made(extract, person)
    assert written["columns"]["hours"] == "Planned hourss"  # type: ignore[index]
    assert written["statuses"]["ended"] == ["Zzz"]  # type: ignore[index]
    assert any(question.startswith("Which column is hours?") for question in person.asked)


def test_a_wrong_guess_of_words_can_be_put_right(extract: Path) -> None:
    """Whoever says no to the lists is asked about each word."""
    person = Person(words_of_Service_Type=NO, Day_Centre="home_care", Home_Care="other")
    written = made(extract, person)
    assert written["services"] == {"other": ["Home Care"], "home_care": ["Day Centre"]}


def test_invented_records_are_said_to_be(extract: Path) -> None:
    """An extract for trying things out says so in every answer."""
    assert made(extract, Person(records_real=NO))["source"] == {"nature": "synthetic"}


def test_missing_columns_are_asked_until_there_is_an_answer(extract: Path) -> None:
    """Without a person, hours or a rate there is no map, so they are asked for."""
    text = HEADS.replace("Client ID", "Ref A").replace("Planned Hours", "Amount")
    extract.write_text(text.replace("Hourly Rate", "Tariff group") + ROWS, encoding="utf-8")
    person = Person(
        is_person="Ref A", how_much_care="Amount", Amount_hold="hours", What_is_an_hour="18.50"
    )
    written = made(extract, person)
    assert written["columns"]["person"] == "Ref A"  # type: ignore[index]
    assert written["columns"]["hours"] == "Amount"  # type: ignore[index]
    assert written["parameters"] == {"rate_pounds_per_hour": 18.5}


def test_a_wrong_guess_can_be_put_right(extract: Path) -> None:
    """Whoever says no is asked which line is wrong, and about no other column."""
    person = Person(
        Is_that_right=[NO], Which_line="start: Start Date", is_start=NONE, of_other_use=[NONE]
    )
    written = made(extract, person)
    assert "start" not in written["columns"]  # type: ignore[operator]
    assert sum(question.startswith("Which column") for question in person.asked) == 1


def test_a_heading_moves_from_a_wrong_line_to_the_right_one(extract: Path) -> None:
    """A heading that another line has may be chosen; what is needed then is asked again."""
    person = Person(
        Is_that_right=[NO], Which_line="provider: Supplier", is_provider="Client ID",
        is_person="Supplier",
    )  # fmt: skip
    columns = made(extract, person)["columns"]
    assert columns["provider"] == "Client ID"  # type: ignore[index]
    assert columns["person"] == "Supplier"  # type: ignore[index]


STRANGE = HEADS.replace("Client ID", "Ref A").replace("Post Code", "Loc")


def test_the_share_that_is_paid_goes_into_the_map(extract: Path) -> None:
    """A share is a parameter of the map; what is no share is asked again."""
    person = Person(share_of_planned_hours=["5", "95", "some", "0.95"])
    assert made(extract, person)["parameters"] == {"paid_share": 0.95}
    assert person.told.count("  A share from 0.1 to 1 is needed, as in 0.95.") == 3
    assert "parameters" not in made(extract, Person())


def test_what_is_needed_cannot_be_left_out(extract: Path) -> None:
    """A person's number and a place are asked once, without none among the answers."""
    extract.write_text(STRANGE + ROWS, encoding="utf-8")
    person = Person(is_person="Ref A", where_people_live="Loc")
    columns = made(extract, person)["columns"]
    assert columns["person"] == "Ref A"  # type: ignore[index]
    assert columns["postcode"] == "Loc"  # type: ignore[index]
    needed = [question for question in person.asked if question.endswith("choose one.")]
    assert [question.split("?")[0] for question in needed] == [
        "Which column is person",
        "Which column says where people live",
    ]
    assert "A person's number is needed: choose one." in needed[0]
    assert all(NONE not in person.offered[question] for question in needed)


def test_cells_stand_beside_the_headings(extract: Path) -> None:
    """Two different cells tell what a heading of another system holds."""
    extract.write_text(STRANGE + ROWS, encoding="utf-8")
    person = Person(is_person="Ref A", where_people_live="Loc")
    made(extract, person)
    assert person.beside["Ref A"] == "1; 2"
    assert person.beside["Loc"] == "ZZ1 1CK"


def test_a_column_that_is_not_there_cannot_be_asked_for(extract: Path) -> None:
    """Without a column that could say where people live there is no map, nor endless questions."""
    text = "Client ID,Supplier,Planned Hours\n1,Alder,7\n2,Birch,8\n"
    extract.write_text(text, encoding="utf-8")
    with pytest.raises(BadInput, match="no column is left to answer: Which column says where"):
        made(extract, Person())


def test_headings_in_other_words_are_guessed(tmp_path: Path) -> None:
    """Short and old-fashioned headings are known too."""
    path = tmp_path / "extract.csv"
    path.write_text("Person No,Pcode,Commenced,Ceased,Priority Band\n1,2,3,4,5\n")
    guesses = guess.guess_columns(read_extract(path, guess.KNOWN))
    assert {role: g.heading for role, g in guesses.items() if g.sure} == {
        "person": "Person No",
        "postcode": "Pcode",
        "start": "Commenced",
        "end": "Ceased",
        "priority": "Priority Band",
    }


def test_columns_not_used_are_told_and_may_be_used(extract: Path) -> None:
    """What no guess uses is told; a column of another name can be put to use, a name never."""
    head, *rows = (HEADS + ROWS).splitlines()
    lines = [f"{head},Client Name,Went live,Team"]
    lines += [f"{row},Somebody,13/01/2023,North" for row in rows]
    text = "\n".join(lines).replace("Start Date", "Old start ref")
    extract.write_text(text, encoding="utf-8")
    person = Person(of_other_use=["Went live"], Went_live_hold="start", is_start=NONE)
    columns = made(extract, person)["columns"]
    assert columns["start"] == "Went live"  # type: ignore[index]
    assert "Not used: Old start ref, Client Name, Went live, Team." in person.told
    assert "Not used: Old start ref, Client Name, Team." in person.told
    offers = [question for question in person.asked if question.endswith("of other use?")]
    assert offers == [
        "Is one of these a start, an end, a priority, a date asked for or of other use?",
        "Is one of these an end, a priority, a date asked for or of other use?",
    ]
    assert person.offered[offers[0]] == ("Old start ref", "Went live", "Team", NONE)


@pytest.mark.parametrize(
    ("words", "lists"),
    [
        (["Urgent", "High", ""], {"urgent": ["Urgent"], "soon": ["High"], "routine": [""]}),
        (["High", "Medium"], {"urgent": ["High"], "soon": ["Medium"]}),
    ],
)
def test_high_is_soon_where_another_word_is_urgent(
    words: list[str], lists: dict[str, list[str]]
) -> None:
    """High is the most urgent word of some systems and the second of others."""
    assert guess.guess_words("priority", words) == (lists, [])


def test_pairs_of_lines_propose_two_lines(extract: Path) -> None:
    """Equal lines propose that a second carer is a second line; a column of carers settles it."""
    extract.write_text(HEADS + ROWS + ROWS.splitlines()[0] + "\n", encoding="utf-8")
    assert made(extract, Person())["reading"]["double_handed"] == "two lines"  # type: ignore[index]
    rows = [f"{row},{n}\n" for n, row in enumerate(ROWS.splitlines(), start=1)]
    extract.write_text(HEADS.strip() + ",No of Carers\n" + "".join(rows), encoding="utf-8")
    person = Person()
    assert made(extract, person)["reading"]["double_handed"].startswith("one line")  # type: ignore[index]
    assert not any("two carers" in question for question in person.asked)


@pytest.mark.parametrize("keep", [YES, NO])
def test_needs_are_kept_if_they_are_words(extract: Path, keep: str) -> None:
    """The words of the needs column are shown before any of them may be in a case."""
    rows = [f"{row},Dementia; PEG\n" for row in ROWS.splitlines()]
    extract.write_text(HEADS.strip() + ",Needs\n" + "".join(rows), encoding="utf-8")
    written = made(extract, Person(Keep_these_words=keep))
    needs = {"dementia": ["Dementia"], "peg": ["PEG"]} if keep == YES else {}
    assert written["needs"] == needs
    assert ("needs" in written["columns"]) == (keep == YES)  # type: ignore[operator]


def test_personal_columns_are_never_proposed(extract: Path) -> None:
    """A name is no person's number, though its heading is near one."""
    extract.write_text(HEADS.replace("Client ID", "Client name") + ROWS, encoding="utf-8")
    assert "person" not in guess.guess_columns(read_extract(extract, guess.KNOWN))


@pytest.mark.parametrize(
    ("values", "form"),
    [
        (["01/02/2023", "13/02/2023"], "dd/mm/yyyy"),
        (["01/02/2023"], "dd/mm/yyyy"),
        (["02/13/2023"], "mm/dd/yyyy"),
        (["2023-02-13"], "yyyy-mm-dd"),
        (["13-Feb-2023"], "dd-mmm-yyyy"),
        (["13/02/23"], "dd/mm/yy"),
        ([], "dd/mm/yyyy"),
    ],
)
def test_dates_are_guessed(values: list[str], form: str) -> None:
    """Day before month, unless a cell says that it cannot be."""
    assert guess.guess_dates(values) == form


@pytest.mark.parametrize(
    ("values", "unit"),
    [(["7.5", "14"], "decimal"), (["7:30"], "hh:mm"), (["210", "630", "420"], "minutes")],
)
def test_hours_are_guessed(values: list[str], unit: str) -> None:
    """A colon means hours and minutes; large whole numbers are minutes."""
    assert guess.guess_hours(values) == unit


def test_the_map_is_read_again_next_month(extract: Path, tmp_path: Path) -> None:
    """What the dialogue writes is a map, and carries the salt's fingerprint."""
    path = tmp_path / "map.toml"
    write_map(path, made(extract, Person()), "ABCDEFGH")
    assert read_map(path).salt_fingerprint == "ABCDEFGH"
    assert tomllib.loads(path.read_text(encoding="utf-8"))["columns"]["person"] == "Client ID"


def test_nobody_to_ask(council: Council, allocate: CommandLine) -> None:
    """Without a map and a terminal the command ends with 2 and says what it would guess."""
    extract = council.lay_out([council.line()])
    run = allocate("import", extract, "--map", council.folder / "no.toml", "--out", "never")
    assert run.code == 2
    assert "nobody to ask. A guess by headings: " in run.err
    assert "person: Client ID" in run.err


def test_from_extract_to_case_in_a_terminal(
    council: Council, allocate: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a terminal the questions make the map and the case in one go; numbers are answers too."""
    extract = council.lay_out([council.line(), council.line(Client_ID="2", Household="9")])
    answers = iter(["", "2", "nonsense", "1"])

    def prompt(*_: object, default: str = "", **__: object) -> str:
        answer = next(answers, "")
        return answer or default

    monkeypatch.setattr("typer.prompt", prompt)
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    map_file, salt = council.folder / "new.toml", council.folder / "new_salt"
    out = council.folder / "case"
    words = ("import", extract, "--map", map_file, "--salt", salt, "--out", out)
    run = allocate(*words, "--on", "04/03/2024")
    assert run.code == 0, run.err
    assert (out / "packages.csv").exists()
    assert read_map(map_file).salt_fingerprint in run.out
    again = allocate(*words[:-1], council.folder / "again", "--on", "04/03/2024")
    assert again.code == 0, again.err


def test_an_empty_line_is_no_answer_where_one_is_needed(
    extract: Path, allocate: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Enter where an answer is needed is told so, and the next answer counts."""
    extract.write_text(STRANGE + ROWS, encoding="utf-8")
    answers = iter(["", "Ref A", "", "Loc"])
    monkeypatch.setattr(
        "typer.prompt", lambda *_, default="", **__: next(answers, "") or str(default)
    )
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    folder = extract.parent
    words = ("--map", folder / "map.toml", "--salt", folder / "salt", "--out", folder / "case")
    run = allocate("import", extract, *words)
    assert read_map(folder / "map.toml").columns.person == "Ref A"
    assert run.out.count("An answer is needed: write one of the above, or its number.") == 2
    assert re.search(r"1\. Ref A +1; 2$", run.out, re.MULTILINE)
