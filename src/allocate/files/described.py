"""A case as a Tabular Data Package: its CSV files, and what they hold in Frictionless terms."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from allocate.card import Column, Table
from allocate.files.canonical import text
from allocate.files.datapackage import DESCRIPTOR

if TYPE_CHECKING:
    from allocate.tables import Tables

LICENCES = {
    "OGL v3.0": (
        "OGL-UK-3.0",
        "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/",
    )
}
NOT_A_NAME = re.compile(r"[^a-z0-9._-]+")


def write_datapackage(folder: Path, tables: Tables, title: str, about: str) -> None:
    """Write a case's tables as CSV with a ``datapackage.json`` that describes them.

    Parameters
    ----------
    folder
        An empty folder.
    tables
        The case.
    title
        What the package is called.
    about
        What a reader has to know of it, in a sentence or two.
    """
    written = {
        name: text(tables[name], words)
        for name, words in tables.card.tables.items()
        if tables.has(name)
    }
    for name, lines in written.items():
        (folder / f"{name}.csv").write_text(lines, encoding="utf-8", newline="\n")
    described = _described(tables, written, title, about)
    lines = json.dumps(described, indent=1, ensure_ascii=False)
    (folder / DESCRIPTOR).write_text(lines + "\n", encoding="utf-8", newline="\n")


def _described(
    tables: Tables, written: Mapping[str, str], title: str, about: str
) -> dict[str, Any]:
    origins = {row["table"]: row for _, row in tables["sources"].iterrows()}
    licences = {origin["licence"] for origin in origins.values() if origin["licence"]}
    described: dict[str, Any] = {
        "profile": "tabular-data-package",
        "name": NOT_A_NAME.sub("-", title.casefold()).strip("-") or "case",
        "title": title,
        "description": f"{tables.card.title}. {about}",
    }
    if licences:
        described["licenses"] = [_licence(name) for name in sorted(licences)]
    described["resources"] = [
        _resource(name, tables.card.tables[name], written, origins.get(name)) for name in written
    ]
    return described


def _licence(name: str) -> dict[str, str]:
    known, path = LICENCES.get(name, (re.sub(r"[^-a-zA-Z0-9._]+", "-", name), ""))
    return {"name": known, "title": name} | ({"path": path} if path else {})


def _resource(name: str, table: Table, written: Mapping[str, str], origin: Any) -> dict[str, Any]:
    header = written[name].partition("\n")[0].split(",")
    resource: dict[str, Any] = {
        "profile": "tabular-data-resource",
        "name": name,
        "path": f"{name}.csv",
        "title": table.title,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "schema": _schema(table, header, written),
    }
    if origin is not None:
        resource["nature"] = origin["nature"]
        if origin["publisher"]:
            told = [item for item in (origin["publisher"], origin["vintage"]) if item]
            resource["sources"] = [{"title": ", ".join(told)}]
        if origin["licence"]:
            resource["licenses"] = [_licence(origin["licence"])]
    return resource


def _schema(table: Table, header: list[str], written: Mapping[str, str]) -> dict[str, Any]:
    """Return the table schema of the columns that were written."""
    schema: dict[str, Any] = {"fields": [_field(table.column(name)) for name in header]}
    key = [name for name in table.primaryKey if name in header]
    if key and all(table.column(name).constraints.required for name in table.primaryKey):
        schema["primaryKey"] = key
    elif key:
        schema["uniqueKeys"] = [key]  # a primary key may have no empty cell
    if keys := list(_foreign_keys(table, header, written)):
        schema["foreignKeys"] = keys
    return schema


def _field(column: Column) -> dict[str, Any]:
    """Describe a column; a list in a cell is text to whoever reads no semicolons."""
    field: dict[str, Any] = {
        "name": column.name,
        "type": "string" if column.type == "list" else column.type,
        "title": column.title,
    }
    if column.type == "list":
        field["description"] = "Several are separated by ;"
    if column.type == "boolean":
        field |= {"trueValues": ["Yes"], "falseValues": ["No"]}
    if column.unit:
        field["unit"] = column.unit
    limits = column.constraints.model_dump(exclude_none=True, exclude_defaults=True, mode="json")
    if limits:
        field["constraints"] = {key: _short(value) for key, value in limits.items()}
    return field


def _short(value: Any) -> Any:
    whole = isinstance(value, float) and value.is_integer()
    return int(value) if whole else value


def _foreign_keys(
    table: Table, header: list[str], written: Mapping[str, str]
) -> Iterator[dict[str, Any]]:
    """Yield the references that a reader can check: of one id, to a table that is there."""
    for reference in table.foreignKeys:
        single = table.column(reference.field).type != "list"
        if single and reference.field in header and reference.table in written:
            target = written[reference.table].partition("\n")[0].split(",")[0]
            yield {
                "fields": reference.field,
                "reference": {"resource": reference.table, "fields": target},
            }
