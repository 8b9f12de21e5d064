"""Returns that come back: what they change, what is odd, and what cannot be read."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pytest

from allocate.returning import write_forms
from allocate.solving import solve
from allocate.tables import read
from helpers.cases import OK_SMALL, CommandLine, Run, copy_case, edit
from helpers.forms import addresses, fill, stamp

SIGNED = {"role": "Registered manager", "date": "03/12/2021"}


class Round:
    """One round of forms: out, filled in, back."""

    def __init__(
        self, allocate: CommandLine, folder: Path, case: Path = OK_SMALL, forms: Path | None = None
    ) -> None:
        self.allocate, self.folder, self.case = allocate, folder, case
        self.forms, self.back, self.new = folder / "forms", folder / "back", folder / "new"
        if forms is None:
            write_forms(case, self.forms)
        else:
            self.forms = forms

    def answer(self, provider: str, **answers: object) -> None:
        """Send a form back with answers, signed."""
        name = f"{provider}.xlsx"
        fill(self.forms / name, self.back / name, **{**SIGNED, **answers})

    def read(self) -> Run:
        """Read what came back."""
        return self.allocate("returns", "read", self.back, "--case", self.case, "--out", self.new)

    def rows(self, table: str) -> list[dict[str, str]]:
        """Rows of a table of the new case."""
        with (self.new / f"{table}.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def row(self, table: str, provider: str) -> dict[str, str]:
        """The row of a provider."""
        (row,) = [row for row in self.rows(table) if row["provider_id"] == provider]
        return row


@pytest.fixture(scope="module")
def forms(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The forms of ok_small, as they go out."""
    folder = tmp_path_factory.mktemp("sent") / "forms"
    write_forms(OK_SMALL, folder)
    return folder


@pytest.fixture
def sent(allocate: CommandLine, tmp_path: Path, forms: Path) -> Round:
    """A round of forms for ok_small."""
    return Round(allocate, tmp_path, forms=forms)


def refused(run: Run, *said: str) -> None:
    """The command ends with 2, has written nothing, and says all of this."""
    assert run.code == 2, run.out
    assert run.out == ""
    assert "Traceback" not in run.err
    for words in said:
        assert words in run.err, f"{words!r} is not in:\n{run.err}"


def test_answers_stand_in_the_new_case(sent: Round) -> None:
    """Capacity, growth, lead and needs are those that the provider said, and known as said."""
    sent.answer("H3", capacity_hours=30.5, growth_hours=4, growth_ramp_weeks=6, can_lead="Yes",
                need_dementia="Yes", other_needs="tracheostomy; Dementia")  # fmt: skip
    run = sent.read()
    assert run.code == 0, run.err
    row = sent.row("providers", "H3")
    assert row["capacity_hours"] == "30.5"
    assert (row["growth_hours"], row["growth_ramp_weeks"], row["can_lead"]) == ("4", "6", "Yes")
    assert row["needs"] == "dementia;tracheostomy"
    assert row["basis"] == "provider said"
    assert row["base_easting_m"] == "332500"


def test_every_other_table_and_provider_stays(sent: Round) -> None:
    """Nothing changes but what was said: not the other providers, nor any other table."""
    sent.answer("H3", capacity_hours=30)
    sent.read()
    before, after = read(OK_SMALL), read(sent.new)
    assert {name for name, digest in before.hashes.items() if after.hashes.get(name) != digest} == {
        "providers", "reach",
    }  # fmt: skip
    rows = [before["providers"].iloc[:2], after["providers"].iloc[:2]]
    assert rows[0].equals(rows[1])
    columns = ["provider_id", "place_id", "travel_minutes_per_visit"]
    assert before["reach"][columns].to_numpy().tolist() == (
        after["reach"][columns].to_numpy().tolist()
    )


def test_places_said_replace_reach(sent: Round) -> None:
    """A provider's rows of reach are the places it said Yes to; travel that was known is kept."""
    sent.answer("H1", place_W01="No", place_W03="yes")
    run = sent.read()
    rows = [row for row in sent.rows("reach") if row["provider_id"] == "H1"]
    assert [(r["place_id"], r["travel_minutes_per_visit"], r["basis"]) for r in rows] == [
        ("W02", "9", "provider said"),
        ("W03", "", "provider said"),
    ]
    assert "+The Quay, -Elm Green" in run.out
    assert "H1 says that it does not work in Elm Green, where it has 1 of its packages" in run.out


def test_times_of_day(sent: Round) -> None:
    """Hours by time of day become rows of provider_bands; what was left empty has no limit."""
    sent.answer("H1", morning_hours=20, bed_hours=5.5)
    assert sent.read().code == 0
    assert sent.rows("provider_bands") == [
        {"provider_id": "H1", "morning_hours": "20", "bed_hours": "5.5"}
    ]


def test_base_is_the_middle_of_a_place(sent: Round) -> None:
    """A provider that chooses a place starts its rounds from the middle of it."""
    sent.answer("H2", base="Elm Green")
    sent.read()
    row = sent.row("providers", "H2")
    assert (row["base_easting_m"], row["base_northing_m"]) == ("330000", "410000")


def test_empty_answers_keep_what_there_was(sent: Round) -> None:
    """A cell that was emptied says nothing: the case keeps its value, and how it is known."""
    sent.answer("H3", capacity_hours=None, can_lead=None, place_W02=None)
    run = sent.read()
    assert run.code == 0
    row = sent.row("providers", "H3")
    assert (row["capacity_hours"], row["can_lead"], row["basis"]) == ("20", "No", "assumed")
    assert "The returns changed nothing" in run.out


def test_changes_are_printed_the_most_hours_first(sent: Round) -> None:
    """Each change is printed from old to new, the largest first, and who has not answered."""
    sent.answer("H1", capacity_hours=42.5, can_lead="No")
    sent.answer("H3", capacity_hours=28)
    run = sent.read()
    lines = [" ".join(line.split()) for line in run.out.splitlines()]
    changes = [line for line in lines if line.startswith(("H1 ", "H3 "))]
    assert changes[:3] == [
        "H3 hours a week it can staff 20 (assumed) 28 +8",
        "H1 hours a week it can staff 40 42.5 +2.5",
        "H1 may lead Yes No",
    ]
    assert "2 of 3 providers answered" in run.out
    assert lines[lines.index("Have not answered, and stay as they were:") + 1] == "H2"
    assert "H1 says that it may not lead, and leads North of the river now" in run.out


def test_form_that_nobody_filled_in_is_no_answer(sent: Round) -> None:
    """A form that came back as it went out is told as not answered."""
    sent.back.mkdir()
    shutil.copy(sent.forms / "H1.xlsx", sent.back)
    run = sent.read()
    assert run.code == 0
    assert "0 of 3 providers answered" in run.out
    assert sent.row("providers", "H1")["basis"] == "provider said"  # as it was
    assert sent.row("providers", "H3")["basis"] == "assumed"


def test_signing_confirms_what_was_assumed(sent: Round) -> None:
    """A provider that signs and changes nothing has said what we assumed."""
    sent.answer("H3")
    sent.read()
    assert sent.row("providers", "H3")["basis"] == "provider said"
    assert "stated as assumed" not in sent.allocate("check", sent.new).out


def test_what_comes_next_can_be_done_as_it_is_said(sent: Round) -> None:
    """The command that is printed passes, and so does an old question over the new case."""
    sent.answer("H3", capacity_hours=30.5)
    lines = sent.read().out.splitlines()
    start = lines.index(f"Next: allocate check {sent.new}")
    assert sent.allocate("check", sent.new).code == 0
    extends, case = (line.strip() for line in lines[start + 2 :])
    (sent.folder / "old.toml").write_text(f'question = "Old"\ncase = "{sent.case}"\n')
    (sent.folder / "again.toml").write_text(
        f"{extends}\n{case}\n".replace("the old question", "old")
    )
    run = sent.allocate("check", sent.folder / "again.toml")
    assert run.code == 0, run.err
    assert "Case new: no fault found." in run.out


def test_new_case_can_be_solved(sent: Round) -> None:
    """The new case is a case like any other; with room to spare nobody waits."""
    sent.answer("H3", capacity_hours=60, place_W02="Yes")
    sent.read()
    result = solve(sent.new, seconds=20)
    assert result.status == "optimal"
    assert result.record["terms"]["waiting"]["amount"] == 0


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ({"capacity_hours": 20}, "H1 says that it can staff 20 hours a week, and holds 24.5 now"),
        ({"morning_hours": 30, "tea_hours": 20}, "add up to 50 hours a week, far more than the 40"),
    ],
)
def test_odd_answers_are_questions(sent: Round, answers: dict[str, object], said: str) -> None:
    """A capacity below the work held, or times of day far above it, are told and taken."""
    sent.answer("H1", **answers)
    run = sent.read()
    assert run.code == 0
    assert said in run.out
    assert "H1.xlsx Form!" in run.out


def test_times_of_day_near_the_capacity_are_no_question(sent: Round) -> None:
    """Times of day that add up to the capacity are as they should be."""
    sent.answer("H1", morning_hours=24, tea_hours=20)
    assert "far more" not in sent.read().out


# ------------------------------------------------------------------- what held for all providers


def bare(folder: Path) -> Path:
    """A case that says of no provider whether it may lead, what it can meet, or where it works."""
    case = copy_case(folder / "case")
    edit(case, "providers", "No,Yes,40,5,8,dementia;peg feeding,", "No,,40,5,8,,")
    edit(case, "providers", "No,Yes,45,10,12,dementia,", "No,,45,10,12,,")
    edit(case, "providers", "No,No,20,,,,", "No,,20,,,,")
    (case / "reach.csv").unlink()
    (case / "pins.csv").unlink()
    return case


def test_silent_providers_lose_nothing_by_an_answer(allocate: CommandLine, tmp_path: Path) -> None:
    """What was assumed of all is written out for those who have not answered, as assumed."""
    sent = Round(allocate, tmp_path, bare(tmp_path))
    sent.answer("H1", can_lead="No", need_dementia="No", place_W03="No")
    run = sent.read()
    assert run.code == 0, run.err
    assert sent.row("providers", "H1")["can_lead"] == "No"
    assert sent.row("providers", "H1")["needs"] == ""
    assert sent.row("providers", "H2")["can_lead"] == "Yes"
    assert sent.row("providers", "H2")["needs"] == "dementia"
    assert sent.row("providers", "H2")["basis"] == "provider said"
    places = [(r["provider_id"], r["place_id"], r["basis"]) for r in sent.rows("reach")]
    assert places == [
        *(("H1", place, "provider said") for place in ("W01", "W02")),
        *(("H2", place, "assumed") for place in ("W01", "W02", "W03")),
    ]
    assert "places it works in, as assumed, for 2 that have not answered" in run.out
    assert "may lead, as assumed, for 2 that have not answered" in run.out


# ------------------------------------------------------------------------------------- faults


UNREADABLE: tuple[tuple[str, str, object, str], ...] = (
    ("H1", "capacity_hours", "about 40", '"about 40": is not a plain number. Write digits only'),
    ("H1", "growth_ramp_weeks", 1.5, '"1.5": is not a whole number'),
    ("H1", "can_lead", "perhaps", '"perhaps": is neither Yes nor No'),
    ("H1", "place_W02", "some of it", '"some of it": is neither Yes nor No'),
    ("H2", "capacity_hours", -3, '"-3": must be from 0 to 100,000 carer-hours a week'),
    ("H2", "need_dementia", "mostly", '"mostly": is neither Yes nor No'),
    ("H2", "morning_hours", "all", '"all": is not a plain number'),
    ("H2", "base", "Elm Gren", 'no such place on the map (closest: "Elm Green")'),
    ("H3", "capacity_hours", 40.501, '"40.501": must be a whole number of minutes'),
    ("H3", "growth_hours", "=1/0", "is a formula whose value was not saved"),
)


def test_answers_that_cannot_be_read(sent: Round) -> None:
    """Answers that cannot be read are refused at once, each with file, cell and remedy."""
    for provider in ("H1", "H2", "H3"):
        sent.answer(provider, **{key: v for who, key, v, _ in UNREADABLE if who == provider})
    run = sent.read()
    refused(run)
    where = {
        provider: addresses(sent.forms / f"{provider}.xlsx") for provider in ("H1", "H2", "H3")
    }
    for provider, key, _, said in UNREADABLE:
        cell = where[provider].get(key) or where[provider][key.replace("_", " ", 1)]
        (line,) = [line for line in run.err.splitlines() if f"{provider}.xlsx Form!{cell}," in line]
        assert said in line
    assert run.err.startswith(f"{len(UNREADABLE)} faults in ")
    assert not sent.new.exists()


def test_numbers_as_people_write_them(sent: Round) -> None:
    """Thousands may be set off, and a number may be typed as text."""
    sent.answer("H1", capacity_hours="1,040.5")
    assert sent.read().code == 0
    assert sent.row("providers", "H1")["capacity_hours"] == "1040.5"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            {"provider_id": "H11"},
            '"H11": no such provider in the case (closest: "H1")',
        ),
        ({"case": "other"}, 'case = "other": is a return for another case than ok_small'),
        ({"version": "0"}, 'version = "0": is not a capacity return of version 1'),
        ({"form": "survey"}, 'form = "survey"'),
    ],
)
def test_return_that_does_not_belong(sent: Round, words: dict[str, str], said: str) -> None:
    """A return of a stranger, for another case or on another form is refused."""
    stamp(sent.forms / "H1.xlsx", sent.back / "H1.xlsx", **words)
    refused(sent.read(), said)


def test_two_returns_of_one_provider(sent: Round) -> None:
    """Of two returns of one provider neither is taken, and both are named."""
    sent.answer("H1")
    shutil.copy(sent.back / "H1.xlsx", sent.back / "H1 (2).xlsx")
    refused(sent.read(), "the provider has another return", "H1.xlsx", "H1 (2).xlsx")


def test_answers_without_a_name_to_them(sent: Round) -> None:
    """Answers that were changed on a form that nobody signed are refused."""
    sent.answer("H1", capacity_hours=41, role=None, date=None)
    refused(sent.read(), '"41"', "nobody says who filled the form in", "H1.xlsx Form!")


def test_unsigned_return_tells_its_unreadable_answers_too(sent: Round) -> None:
    """That nobody signed hides nothing: what cannot be read is told in the same go."""
    sent.answer("H1", capacity_hours="about 40", place_W01="maybe", role=None, date=None)
    run = sent.read()
    refused(run, "nobody says who filled the form in", '"about 40": is not a plain number')
    refused(run, '"maybe": is neither Yes nor No')


@pytest.mark.parametrize("content", [b"", b"provider_id\nH1\n", b"PK\x03\x04 torn"])
def test_file_that_is_no_workbook(sent: Round, content: bytes) -> None:
    """A file that only calls itself a workbook is refused by its name."""
    sent.back.mkdir()
    (sent.back / "H1.xlsx").write_bytes(content)
    refused(sent.read(), "H1.xlsx")


def test_workbook_that_is_no_form(sent: Round) -> None:
    """Another workbook, or a form without its second sheet, is refused."""
    from openpyxl import load_workbook

    sent.back.mkdir()
    book = load_workbook(sent.forms / "H1.xlsx")
    del book["For the council"]
    book.save(sent.back / "H1.xlsx")
    refused(sent.read(), "H1.xlsx", "as they were sent")


def test_all_faults_at_once(sent: Round) -> None:
    """Faults of several returns and of files that cannot be read are told in one go."""
    sent.answer("H1", capacity_hours="lots", place_W01="maybe")
    sent.answer("H2", growth_hours="-")
    (sent.back / "notes.xlsx").write_bytes(b"x")
    stamp(sent.forms / "H3.xlsx", sent.back / "H3.xlsx", case="other")
    run = sent.read()
    refused(run, '"lots"', '"maybe"', "H2.xlsx Form!", "notes.xlsx", "another case")
    assert run.err.startswith("5 faults in ")


def test_new_place_without_a_rate(allocate: CommandLine, tmp_path: Path) -> None:
    """A place that a provider adds and no rate covers is refused before anything is written."""
    case = copy_case(tmp_path / "case")
    (case / "rates.csv").write_text(
        "provider_id,place_id,rate_pounds_per_hour\nH1,W01,20\nH1,W02,20\nH2,,20\nH3,,21.5\n"
    )
    sent = Round(allocate, tmp_path, case)
    sent.answer("H1", place_W03="Yes")
    refused(sent.read(), "no rate covers H1 in W03")
    assert not sent.new.exists()


def test_folders_that_cannot_be_used(sent: Round) -> None:
    """A missing or empty folder of returns, or a new case that exists, is refused."""
    refused(sent.read(), "no such folder")
    sent.back.mkdir()
    (sent.back / "scan.pdf").write_bytes(b"%PDF")
    refused(sent.read(), "holds no returns")
    sent.answer("H1")
    sent.new.mkdir()
    refused(sent.read(), "exists already")
    assert not list(sent.new.iterdir())


def test_other_files_are_named(sent: Round) -> None:
    """A scan among the returns is not read, and said to be."""
    sent.answer("H1")
    (sent.back / "scan.pdf").write_bytes(b"%PDF")
    run = sent.read()
    assert run.code == 0
    assert "Not read, because they are no workbooks:\n  scan.pdf" in run.out


def test_scenario_is_no_case(sent: Round) -> None:
    """Forms ask about what is: a scenario that changes its case is refused."""
    refused(
        sent.allocate("returns", "write", "winter_surge", "--out", sent.folder / "f"),
        "is a scenario that changes its case",
    )
