"""Nobody can be recognised in what an import writes, and the same person has the same id."""

from __future__ import annotations

import stat
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from allocate.intake.private import personal
from allocate.intake.salt import Salt, default_salt, read_salt
from helpers.extracts import PRIVATE, Council


def test_nothing_personal_is_written(council: Council) -> None:
    """Names, dates of birth, numbers, addresses and notes are in no file of the case."""
    lines = (
        council.line(Client_ID="778899", Household="600777"),
        council.line(Client_ID="778900", Household="600777", Needs="Dementia"),
    )
    case = council.import_lines(*lines)
    out = council.folder / "case"
    case.imported.write(out)
    written = "\n".join(file.read_text(encoding="utf-8") for file in out.rglob("*.*"))
    for text in (*PRIVATE, "778899", "778900", "600777"):
        assert text not in written, text
    for dropped in (
        "names: Forename, Surname",
        "dates of birth: Date of Birth",
        "free text: Notes",
    ):
        assert dropped in written


@pytest.mark.parametrize(
    ("heading", "values", "kind"),
    [
        ("Surname", [], "names"),
        ("Service User Name", [], "names"),
        ("Name", [], "names"),
        ("Main contact tel", [], "phone numbers"),
        ("Ethnicity", [], "protected characteristics"),
        ("Field 7", ["999 123 4560", "9991234560"], "NHS numbers"),
        ("Field 7", ["01632 960123"], "phone numbers"),
        ("Field 7", ["a.b@example.org"], "email addresses"),
        ("Field 7", ["17/05/1931", "1940-01-01"], "dates of birth"),
        ("Field 7", ["AB 12 34 56 C"], "National Insurance numbers"),
        ("Provider Name", ["Alder"], ""),
        ("Ward Name", ["Kew"], ""),
        ("Allocated Team", ["North"], ""),
        ("Start Date", ["01/02/2023"], ""),
        ("Planned Hours", ["7.5"], ""),
    ],
)
def test_personal_columns(heading: str, values: list[str], kind: str) -> None:
    """A personal column is known by its heading, or by what stands in it."""
    assert personal(heading, values) == kind


def test_the_same_salt_gives_the_same_ids(council: Council) -> None:
    """Next month the same people have the same ids, whoever else is in the extract."""
    first = council.import_lines(council.line(), council.line(Client_ID="2"))
    then = council.import_lines(council.line(Client_ID="3"), council.line())
    ids = [{row["package_id"] for row in case.table("packages")} for case in (first, then)]
    assert len(ids[0] & ids[1]) == 1


def test_another_salt_gives_other_ids(council: Council) -> None:
    """Without the salt nobody can tell whose id it is."""
    first = council.import_lines(council.line()).package["package_id"]
    (council.folder / "salt").write_text("another salt of some length", encoding="utf-8")
    assert council.import_lines(council.line()).package["package_id"] != first


@settings(max_examples=25, deadline=None)
@given(st.sets(st.text(min_size=1, max_size=8), max_size=60), st.integers(1, 3))
def test_ids_never_collide(keys: set[str], shortest: int) -> None:
    """Ids that would be alike are made longer."""
    salt = Salt(path=__file__, secret=b"x" * 16)  # type: ignore[arg-type]
    ids = salt.ids("P", keys, shortest)
    assert set(ids) == keys
    assert len(set(ids.values())) == len(keys)


def test_a_home_folder_is_not_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A home folder may be called after its owner, so that a summary writes ~ for it."""
    monkeypatch.setattr(Path, "home", lambda: tmp_path / "jo.bloggs")
    salt = Salt(default_salt(), b"x" * 16)
    assert salt.where == "~/.config/allocate/salt"
    assert Salt(tmp_path / "salt", b"x" * 16).where == str(tmp_path / "salt")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
def test_a_new_salt_is_for_its_owner_alone(council: Council) -> None:
    """Where there is no salt one is made with the case, readable by its owner only."""
    path = council.lay_out([council.line()])
    salt = council.folder / "salt"
    salt.unlink()
    case = council.run(path)
    assert not salt.exists()
    case.imported.write(council.folder / "case")
    assert stat.S_IMODE(salt.stat().st_mode) == 0o600
    assert read_salt(salt, case.imported.story.salt.fingerprint).secret
    assert salt.read_text(encoding="utf-8").strip() not in case.summary
    assert "can read that file" not in council.run(path).summary
    salt.chmod(0o644)
    assert "Others on this machine can read that file" in council.run(path).summary


CELLS = {
    "Client_ID": st.sampled_from(["1", "2", "3"]),
    "Line_ID": st.sampled_from(["", "", "L7"]),
    "Provider_Ref": st.sampled_from(["", "A", "B"]),
    "Provider_Name": st.sampled_from(["Alder", "ALDER LTD", "Birch"]),
    "Service_Type": st.sampled_from(["Home Care", "Home Care", "Meals"]),
    "Hours_pw": st.sampled_from(["7", "3.33", "0", "1:20"]),
    "Call_Time": st.sampled_from(["", "Tea"]),
    "Status": st.sampled_from(["Active", "Active", "Active", "Waiting", "Ended", "Suspended"]),
    "End_Date": st.sampled_from(["", "", "01/01/2024", "01/01/2025"]),
    "Household": st.sampled_from(["", "600777"]),
    "Rate": st.sampled_from(["20", "20", "21"]),
}
LINES = st.lists(st.fixed_dictionaries(CELLS), max_size=8)
SHARED_FOLDER = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@SHARED_FOLDER
@given(LINES, st.randoms(use_true_random=False))
def test_any_extract(council: Council, drawn: list[dict[str, str]], random: object) -> None:
    """Whatever the lines: counts add up, hours are kept, names are not, order makes no case."""
    lines = [council.line(Client_ID="0"), *(council.line(**cells) for cells in drawn)]
    for number, line in enumerate(lines):
        line["Line ID"] = line["Line ID"] or f"L{number}"
    case = council.import_lines(*lines)
    assert len(case.fates) == len(lines)
    assert f"{len(lines)} lines in all" in case.summary
    kept = case.imported.story.kept
    carer_minutes = sum(line.minutes * line.carers for line in kept)
    packed = sum(
        package.minutes * package.carers for package in case.imported.story.packing.packages
    )
    assert packed == carer_minutes
    written = "\n".join([*case.imported.tables.values(), case.summary])
    assert not [text for text in (*PRIVATE, "600777") if text in written]
    shuffled = list(lines)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert council.import_lines(*shuffled).imported.tables == case.imported.tables
