"""Data packages of others: read as they say they are written, or refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from allocate.card import read_card
from allocate.errors import BadInput
from allocate.exporting import export
from allocate.tables import read
from helpers.books import described
from helpers.cases import OK_SMALL, copy_case, edit

BASE = read(OK_SMALL)


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """ok_small as a folder of CSV files, to be described."""
    return copy_case(tmp_path / "case")


def resources(folder: Path, **changed: dict[str, Any]) -> list[dict[str, Any]]:
    """The least description of every table, with more keys for some."""
    return [
        {"name": path.stem, "path": path.name} | changed.get(path.stem, {})
        for path in sorted(folder.glob("*.csv"))
    ]


def refused(path: Path) -> str:
    """The message of a case that cannot be read."""
    with pytest.raises(BadInput) as error:
        read(path)
    return str(error.value)


def test_form_of_a_resource_is_honoured(package: Path) -> None:
    """Path, delimiter, encoding and missing values are read as the descriptor says."""
    edit(package, "providers", "Alder Care", "Café")
    text = (package / "providers.csv").read_text(encoding="utf-8").replace(",,", ",n/a,")
    (package / "p.csv").write_bytes(text.replace(",", "|").encode("cp1252"))
    (package / "providers.csv").unlink()
    listed = [item for item in resources(package) if item["name"] != "p"]
    form = {
        "encoding": "windows-1252",
        "dialect": {"delimiter": "|"},
        "schema": {"missingValues": ["", "n/a"]},
    }
    described(package, [*listed, {"name": "Providers", "path": "p.csv", **form}])
    tables = read(package)
    assert tables["providers"]["name"].iloc[0] == "Café"
    assert tables["providers"].iloc[:, 2:].equals(BASE["providers"].iloc[:, 2:])


def test_faults_name_the_file(package: Path) -> None:
    """A fault stands in the file that the descriptor names, wherever that is."""
    edit(package, "packages", "P3,W02,14,", "P3,W02,x,")
    edit(package, "reach", "H1,W01,5", "H1,W9,5")
    (package / "data").mkdir()
    (package / "packages.csv").rename(package / "data" / "people.csv")
    listed = [*resources(package), {"name": "packages", "path": "data/people.csv"}]
    told = refused(described(package, listed))
    assert 'data/people.csv line 4, hours_per_week = "x": is not a plain number' in told
    assert 'reach.csv line 2, place_id = "W9": no such id in place_areas.csv' in told


def test_files_that_are_not_named_are_listed(package: Path) -> None:
    """A CSV file that no resource names is left aside, and said to be."""
    described(package, [item for item in resources(package) if item["name"] != "referrals"])
    tables = read(package)
    assert not tables.has("referrals")
    assert tables.ignored == ("referrals.csv: datapackage.json does not name it",)


FIELD = {"name": "hours_per_week", "type": "number"}


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"path": "../packages.csv"}, 'path = "../packages.csv": lies outside the folder'),
        ({"path": "https://example.org/p.csv"}, "lies outside the folder"),
        ({"path": "none.csv"}, 'path = "none.csv": no such file'),
        ({"path": ["packages.csv", "more.csv"]}, "names no one file"),
        ({"name": 7}, "has no name"),
        ({"encoding": "klingon"}, 'encoding = "klingon": no such encoding'),
        ({"dialect": {"header": False}}, "dialect.header: is not true"),
        ({"dialect": {"delimiter": "::"}}, "dialect.delimiter: must be one character"),
        ({"dialect": "dialect.json"}, "dialect: is not read"),
        ({"schema": "schema.json"}, "schema: is not read"),
        ({"schema": {"fields": [FIELD | {"decimalChar": ","}]}}, "a decimal mark that is not a"),
        ({"schema": {"fields": [FIELD | {"groupChar": "."}]}}, "a mark between thousands"),
        (
            {"schema": {"fields": [{"name": "d", "type": "date", "format": "%m/%d/%Y"}]}},
            "field d: has dates in the form %m/%d/%Y",
        ),
    ],
)
def test_what_would_be_misread_is_refused(
    changed: dict[str, Any], told: str, package: Path
) -> None:
    """A resource that says it is written in a way that is not read is refused by its number."""
    listed = resources(package)
    at = next(n for n, item in enumerate(listed) if item["name"] == "packages")
    listed[at] = listed[at] | changed
    message = refused(described(package, listed))
    assert f"datapackage.json resource {at + 1}" in message
    assert told in message


@pytest.mark.parametrize(
    ("text", "told"),
    [("{", "is not JSON"), ("[]", "has no list of resources"), ("{}", "has no list of resources")],
)
def test_a_descriptor_that_is_none(text: str, told: str, package: Path) -> None:
    """A descriptor that cannot be understood is refused as a whole."""
    (package / "datapackage.json").write_text(text)
    assert told in refused(package)


def test_export_describes_every_column(tmp_path: Path) -> None:
    """The descriptor has type, title, unit, limits, keys and references as the card has them."""
    export(OK_SMALL, tmp_path / "Case One")
    words = json.loads((tmp_path / "Case One" / "datapackage.json").read_text(encoding="utf-8"))
    assert (words["name"], words["title"]) == ("case-one", "Case One")
    schemas = {item["name"]: item["schema"] for item in words["resources"]}
    assert set(schemas) == set(BASE.hashes)
    card = read_card("homecare")
    for name, schema in schemas.items():
        header = (tmp_path / "Case One" / f"{name}.csv").read_text().splitlines()[0].split(",")
        assert [field["name"] for field in schema["fields"]] == header
        for field in schema["fields"]:
            column = card.tables[name].column(field["name"])
            assert field["title"] == column.title
            assert field["type"] == ("string" if column.type == "list" else column.type)
    packages = {field["name"]: field for field in schemas["packages"]["fields"]}
    assert packages["hours_per_week"]["unit"] == "planned hours a week"
    assert packages["hours_per_week"]["constraints"] == {
        "required": True,
        "minimum": 0.25,
        "maximum": 168,
    }
    assert packages["status"]["constraints"]["enum"] == ["placed", "waiting", "handed_back"]
    assert packages["locked"]["trueValues"] == ["Yes"]
    assert schemas["packages"]["primaryKey"] == ["package_id"]
    assert {
        "fields": "place_id",
        "reference": {"resource": "place_areas", "fields": "place_id"},
    } in (schemas["packages"]["foreignKeys"])
    assert "primaryKey" not in schemas["rates"]  # its key may be empty
    assert "foreignKeys" not in schemas["areas"]  # several leads in one cell


def test_export_says_what_is_synthetic_and_whose(tmp_path: Path) -> None:
    """Licences, publishers and what is invented travel with the package."""
    export("sefton", tmp_path / "sefton")
    words = json.loads((tmp_path / "sefton" / "datapackage.json").read_text(encoding="utf-8"))
    assert {item["title"] for item in words["licenses"]} == {"MIT", "OGL v3.0"}
    assert "Synthetic, not a council's records: providers, packages" in words["description"]
    found = {item["name"]: item for item in words["resources"]}
    assert found["packages"]["nature"] == "synthetic"
    assert found["rates"]["sources"] == [{"title": "Sefton Council, 2021/22"}]
    assert found["rates"]["licenses"][0]["name"] == "OGL-UK-3.0"
