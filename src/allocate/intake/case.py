"""The case that an import writes: its own tables, and those of the places folder as they are."""

from __future__ import annotations

import csv
import io
import shutil
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from fractions import Fraction
from pathlib import Path

from allocate.intake.extract import read_extract
from allocate.intake.mapping import Map
from allocate.intake.package import Package
from allocate.intake.provider import Providers
from allocate.intake.rate import Rates

COPIED = ("place_areas", "places", "areas", "borders", "crossings")
PACKAGES = (
    *("package_id", "place_id", "hours_per_week", "carers", "visits_per_week", "status"),
    *("provider_id", "priority", "days_waiting", "household_id", "needs"),
)
SOURCES = ("table", "nature", "publisher", "vintage", "licence")

Cell = str | int | None
Rows = Sequence[Sequence[Cell]]


def hours(minutes: int) -> str:
    """Minutes as hours, to as many decimals as say which minute is meant: 440 is 7.333."""
    exact = Fraction(minutes, 60)
    return f"{float(exact):.3f}".rstrip("0").rstrip(".")


def pounds(pence: int) -> str:
    """Pence as pounds."""
    return f"{pence // 100}.{pence % 100:02d}"


def text(heading: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    """Write a table as CSV."""
    lines = io.StringIO()
    writer = csv.writer(lines, lineterminator="\n")
    writer.writerow(heading)
    writer.writerows(["" if cell is None else cell for cell in row] for row in rows)
    return lines.getvalue()


def package_rows(
    packages: Sequence[Package], ids: Mapping[tuple[str, str], str], households: Mapping[str, str]
) -> list[Sequence[Cell]]:
    """Rows of packages.csv, in the order of their ids."""
    rows: list[Sequence[Cell]] = [
        (
            ids[package.key],
            package.place_id,
            hours(package.minutes),
            package.carers,
            package.visits,
            "placed" if package.provider_id else "waiting",
            package.provider_id,
            package.priority,
            package.days,
            households.get(package.household),
            ";".join(sorted(package.needs)),
        )
        for package in packages
    ]
    return sorted(rows, key=lambda row: str(row[0]))


def case_tables(
    packages: Rows, providers: Providers, rates: Rates, mapping: Map, on: date, places: Path
) -> dict[str, str]:
    """Text of each table that the import makes, by name."""
    tables = {
        "packages": text(PACKAGES, packages),
        "providers": text(("provider_id", "name"), providers.names.items()),
    }
    if rates.rows:
        priced = [(who, place, pounds(pence)) for (who, place), pence in rates.rows.items()]
        heading = ("provider_id", "place_id", "rate_pounds_per_hour")
        tables["rates"] = text(heading, sorted(priced))
    if mapping.parameters:
        stated = [(key, str(value), "From the map") for key, value in mapping.parameters.items()]
        tables["parameters"] = text(("parameter_id", "value", "note"), stated)
    source = mapping.source
    vintage = source.vintage or f"extract as on {on.isoformat()}"
    ours = [
        (table, source.nature, source.publisher, vintage, source.licence)
        for table in tables
        if table != "parameters"
    ]
    tables["sources"] = text(SOURCES, [*ours, *_sources(places)])
    return tables


def _sources(places: Path) -> list[Sequence[Cell]]:
    """What the places folder says of the tables that are copied from it."""
    path = places / "sources.csv"
    if not path.is_file():
        return []
    rows = [[row.cells.get(c, "") for c in SOURCES] for row in read_extract(path, SOURCES).rows]
    return [row for row in rows if row[0] in COPIED]


def write_case(folder: Path, tables: Mapping[str, str], places: Path) -> None:
    """Write the tables into a folder, and copy those of the places."""
    for name, content in tables.items():
        (folder / f"{name}.csv").write_text(content, encoding="utf-8", newline="\n")
    for name in COPIED:
        if (places / f"{name}.csv").is_file():
            shutil.copyfile(places / f"{name}.csv", folder / f"{name}.csv")
