"""A Tabular Data Package: CSV files and a ``datapackage.json`` that describes them."""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from allocate.errors import BadInput, Fault
from allocate.files.csvs import read_csv
from allocate.files.sheet import Book, Sheet

DESCRIPTOR = "datapackage.json"
DATES = (None, "default", "any", "%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y")
FORMAT_REMEDY = "Write the file as this program does: see `allocate export`"


def read_datapackage(descriptor: Path) -> Book:
    """Read the CSV resources that a descriptor names; other files of the folder are left aside.

    What a resource says of its form is honoured: path, encoding, delimiter, missing values. What
    would change the meaning of a cell and is not read, such as a decimal comma, is refused.

    Raises
    ------
    BadInput
        Where the descriptor is not one.
    """
    folder, where = descriptor.parent, str(descriptor)
    words = _descriptor(descriptor)
    sheets: list[Sheet] = []
    faults: list[Fault] = []
    for number, resource in enumerate(words["resources"], start=1):
        place = f"{where} resource {number}"
        wrong = list(_resource_faults(resource, folder, place))
        if wrong:
            faults += wrong
        else:
            sheets.append(_sheet(resource, folder))
    named = {(folder / resource["path"]).resolve() for resource in _named(words["resources"])}
    ignored = tuple(
        f"{path.name}: {DESCRIPTOR} does not name it"
        for path in sorted(folder.glob("*.csv"))
        if path.resolve() not in named
    )
    return Book(folder.resolve().name, descriptor, tuple(sheets), (), ignored, tuple(faults))


def _descriptor(path: Path) -> dict[str, Any]:
    try:
        words = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        fault = Fault(str(path), "", f"cannot be read: {error.strerror}", "Close or free the file")
        raise BadInput(str(path), [fault]) from error
    except ValueError as error:
        fault = Fault(str(path), "", f"is not JSON: {error}", "Correct the line named")
        raise BadInput(str(path), [fault]) from error
    if not isinstance(words, dict) or not isinstance(words.get("resources"), list):
        problem, remedy = "has no list of resources", "Name each table's file under resources"
        raise BadInput(str(path), [Fault(str(path), "", problem, remedy)])
    return words


def _named(resources: list[Any]) -> Iterator[dict[str, Any]]:
    for resource in resources:
        if isinstance(resource, dict) and isinstance(resource.get("path"), str):
            yield resource


def _resource_faults(resource: Any, folder: Path, place: str) -> Iterator[Fault]:
    """Find what keeps a resource from being read as it is meant."""
    if not isinstance(resource, dict) or not isinstance(resource.get("name"), str):
        yield Fault(place, "", "has no name", "Give it the name of its table")
        return
    place = f"{place}, {resource['name']}"
    path = resource.get("path")
    if not isinstance(path, str):
        yield Fault(place, "", "names no one file", "Give path the name of one CSV file")
        return
    cell = f'path = "{path}"'
    inside = (folder / path).resolve().is_relative_to(folder.resolve())
    if "://" in path or Path(path).is_absolute() or not inside:
        yield Fault(place, cell, "lies outside the folder", "Put the file beside datapackage.json")
        return
    if not (folder / path).is_file():
        yield Fault(place, cell, "no such file", "Correct path, or add the file")
    yield from _form_faults(resource, place)


def _form_faults(resource: dict[str, Any], place: str) -> Iterator[Fault]:
    """Find forms that would be misread."""
    try:
        codecs.lookup(str(resource.get("encoding", "utf-8")))
    except LookupError:
        cell = f'encoding = "{resource["encoding"]}"'
        yield Fault(place, cell, "no such encoding", "Save the file as utf-8")
    dialect = resource.get("dialect", {})
    if not isinstance(dialect, dict):
        yield Fault(place, "dialect", "is not read", "Write the dialect out in datapackage.json")
        return
    if len(str(dialect.get("delimiter", ","))) != 1:
        yield Fault(place, "dialect.delimiter", "must be one character", "Use a comma")
    if dialect.get("header", True) is not True:
        yield Fault(place, "dialect.header", "is not true", "Give the file a row of headings")
    schema = resource.get("schema", {})
    if not isinstance(schema, dict):
        yield Fault(place, "schema", "is not read", "Write the schema out in datapackage.json")
        return
    for field in schema.get("fields", []):
        name = f"field {field.get('name')}"
        if field.get("decimalChar", ".") != ".":
            yield Fault(place, name, "has a decimal mark that is not a point", FORMAT_REMEDY)
        if field.get("groupChar", ",") not in (",", " "):
            yield Fault(
                place, name, "has a mark between thousands other than a comma", FORMAT_REMEDY
            )
        if field.get("type") == "date" and field.get("format") not in DATES:
            problem = f"has dates in the form {field['format']}"
            yield Fault(place, name, problem, "Write them as yyyy-mm-dd")


def _sheet(resource: dict[str, Any], folder: Path) -> Sheet:
    """Read one resource; cells that its schema calls missing are empty."""
    path = resource["path"]
    delimiter = str(resource.get("dialect", {}).get("delimiter", ","))
    encoding = str(resource.get("encoding", ""))
    sheet = read_csv(folder / path, path, resource["name"], delimiter, encoding)
    missing = set(resource.get("schema", {}).get("missingValues", [""])) - {""}
    if not missing:
        return sheet
    rows = tuple(
        (number, ["" if cell in missing else cell for cell in cells])
        for number, cells in sheet.rows
    )
    return replace(sheet, rows=rows)
