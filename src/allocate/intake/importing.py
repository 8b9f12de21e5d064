"""From an extract and a map to a case folder, whole or not at all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from allocate.errors import BadInput, Fault
from allocate.files.target import written_whole
from allocate.intake.case import case_tables, package_rows, text, write_case
from allocate.intake.extract import Extract, read_extract
from allocate.intake.line import Line
from allocate.intake.lookup import Lookup, read_lookup
from allocate.intake.mapping import Map, fit, read_map
from allocate.intake.package import Package, Packing, pack, package_faults
from allocate.intake.provider import join_providers
from allocate.intake.rate import find_rates
from allocate.intake.reader import Reader
from allocate.intake.salt import Salt, read_salt
from allocate.intake.summary import Story, line_rows, render

WAITING = "waiting"  # stands after the id of a package that waits beside one with a provider


@dataclass(frozen=True)
class Imported:
    """A case ready to be written.

    Parameters
    ----------
    story
        What was read and made of it.
    tables
        Text of the case's tables, by name.
    id_of
        Package of each line that is kept, by row number.
    places
        Folder that the other tables are copied from.
    """

    story: Story
    tables: Mapping[str, str]
    id_of: Mapping[int, str]
    places: Path

    def write(self, folder: Path) -> str:
        """Write the case folder, checked as ``allocate check`` does; return the summary.

        Raises
        ------
        BadInput
            Where the folder exists or cannot be written, or the places folder has faults.
        """
        from allocate.asked import prepare

        lines = text(("line", "package_id", "what", "why"), line_rows(self.story, self.id_of))
        with written_whole(folder) as unfinished:
            write_case(unfinished, self.tables, self.places)
            try:
                asked = prepare(unfinished)
            except BadInput as error:
                raise BadInput(f"the case from {self.places}", error.faults) from error
            found = asked.model.figures(asked.instance)
            totals = asked.model.overview(asked.instance, asked.tables, found)
            summary = render(self.story, totals)
            # In a folder of their own: no table of the case, and not to go with it to others.
            record = unfinished / "import"
            record.mkdir()
            (record / "lines.csv").write_text(lines, encoding="utf-8", newline="\n")
            (record / "summary.txt").write_text(summary, encoding="utf-8", newline="\n")
            self.story.salt.save()
        return summary


def import_extract(
    extract: Path, map_file: Path, *, places: Path, salt: Path, on: date
) -> Imported:
    """Turn an extract into a case, not written yet.

    Parameters
    ----------
    extract
        CSV file or workbook, a row a service line.
    map_file
        Which column is what.
    places
        Folder with place_areas.csv, and lookup.csv, places.csv, areas.csv, borders.csv and
        crossings.csv where there are any.
    salt
        File with the salt that ids are hashed with; made when the case is written, where there is
        none.
    on
        The date that starts, ends and waits are judged by.

    Returns
    -------
    Imported
        The case, and what became of every line.

    Raises
    ------
    BadInput
        With every fault found.
    """
    mapping = read_map(map_file)
    read = read_extract(extract, mapping.mapped().values())
    faults: list[Fault] = []
    with _gathering(faults):
        mapping = fit(map_file, mapping, read)
    with _gathering(faults):
        lookup = read_lookup(places)
    with _gathering(faults):
        secret = read_salt(salt, mapping.salt_fingerprint)
    if faults:
        raise BadInput(extract.name, faults)
    return _understood(read, mapping, map_file, lookup, places, secret, on)


@contextmanager
def _gathering(faults: list[Fault]) -> Iterator[None]:
    """Keep what is wrong and go on, so that all of it is told at once."""
    try:
        yield
    except BadInput as error:
        faults += error.faults


def _understood(
    extract: Extract,
    mapping: Map,
    map_file: Path,
    lookup: Lookup,
    places: Path,
    salt: Salt,
    on: date,
) -> Imported:
    """Make a case of an extract that was read."""
    reader = Reader(mapping, lookup, on)
    lines = reader.read(extract)
    kept = [line for line in lines if not line.left_out]
    providers = join_providers(kept, mapping.providers, map_file.name)
    packing = pack(kept, providers, mapping.reading.double_handed == "two lines")
    faults = [*reader.word_faults(extract, map_file.name), *reader.faults, *providers.faults]
    faults += package_faults(kept, packing.packages)
    rates = find_rates(kept, providers)
    if not faults:
        faults = _whole_faults(extract, lines, packing, bool(rates.rows), mapping)
    if faults:
        raise BadInput(extract.name, list(dict.fromkeys(faults)))
    ids = _package_ids(packing.packages, salt)
    together = {package.household for package in packing.packages if package.household}
    story = Story(
        map_file.name, on, mapping, extract, lookup, lines, providers, packing, rates, salt
    )
    rows = package_rows(packing.packages, ids, salt.ids("T", together))
    return Imported(
        story,
        case_tables(rows, providers, rates, mapping, on, places),
        {
            line.row.number: ids[package.key]
            for package in packing.packages
            for line in package.lines
        },
        places,
    )


def _package_ids(packages: Sequence[Package], salt: Salt) -> dict[tuple[str, str], str]:
    """A person's id, and after it the provider of whoever has several packages."""
    people = salt.ids("P", (package.person for package in packages))
    count = Counter(package.person for package in packages)
    return {
        package.key: people[package.person]
        if count[package.person] == 1
        else f"{people[package.person]}-{package.provider_id or WAITING}"
        for package in packages
    }


def _whole_faults(
    extract: Extract, lines: Sequence[Line], packing: Packing, priced: bool, mapping: Map
) -> list[Fault]:
    """Find what is wrong with the extract as a whole."""
    if not extract.rows:
        return [Fault(extract.name, "", "has headings and no lines", "Export it again")]
    if not packing.packages:
        counts = Counter(line.left_out for line in lines).most_common()
        told = "; ".join(f"{count:,} {why}" for why, count in counts)
        remedy = "Check the lists of words in the map, and --on"
        return [Fault(extract.name, "", f"has no line that can be used: {told}", remedy)]
    if not any(package.provider_id for package in packing.packages):
        problem, remedy = "has no line with a provider", "Check the lists under [statuses]"
        return [Fault(extract.name, "", problem, remedy)]
    if not priced and "rate_pounds_per_hour" not in mapping.parameters:
        remedy = "Add [parameters] rate_pounds_per_hour to the map"
        return [Fault(extract.name, "", "has no line with a rate", remedy)]
    return []
