"""What an import did, in words: every line counted once, and everything dropped or assumed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from allocate.intake import line as why
from allocate.intake.case import hours
from allocate.intake.extract import Extract
from allocate.intake.line import Line
from allocate.intake.lookup import BY_DISTRICT, BY_SECTOR, BY_WARD, Lookup
from allocate.intake.mapping import Map
from allocate.intake.package import ALONE, CARER, KEPT, PART, Packing
from allocate.intake.private import personal
from allocate.intake.provider import Providers
from allocate.intake.rate import Rates
from allocate.intake.salt import Salt

LEFT_OUT = (
    *(why.NO_LINE, why.DUPLICATE, why.OTHER_SERVICE, why.ENDED, why.SUSPENDED, why.NOT_STARTED),
    *(why.NO_HOURS, why.NO_PLACE),
)
LISTED = 12  # row numbers or names told before "and more"
AMOUNTS = {
    "hours": "planned hours",
    "units": "units",
    "frequency": "the frequency",
    "visits": "visits times minutes of a visit",
    "weekly_cost": "the weekly cost over the rate, to the nearest minute",
}

Section = tuple[str, list[str]]


@dataclass(frozen=True)
class Story:
    """All that the summary tells of."""

    map_name: str
    on: date
    mapping: Map
    extract: Extract
    lookup: Lookup
    lines: Sequence[Line]
    providers: Providers
    packing: Packing
    rates: Rates
    salt: Salt

    @property
    def fates(self) -> dict[int, str]:
        """What became of each line, by row number."""
        left_out = {line.row.number: line.left_out for line in self.lines if line.left_out}
        return {**left_out, **self.packing.fates}

    @property
    def kept(self) -> list[Line]:
        """Lines that are in the case."""
        return [line for line in self.lines if not line.left_out]


def render(story: Story, figures: Iterable[str]) -> str:
    """Write the summary.

    Parameters
    ----------
    story
        What was imported.
    figures
        Totals of the case, as ``allocate check`` counts them.
    """
    day = f"{story.on:%d/%m/%Y}"
    source = story.mapping.source
    title = f"Import of {story.extract.name} by {story.map_name}, as on {day}"
    head = (
        [] if source.nature == "real" else [f"The map says: {source.nature}, no council's record."]
    )
    sections: list[Section] = [
        ("What became of each line", _counts(story)),
        ("What the case comes to, as `allocate check` counts it", [*figures, *_people(story)]),
        ("Dropped, so that nobody is named", list(_dropped(story))),
        ("Repaired or joined", list(_repaired(story))),
        ("Take note", list(_warnings(story))),
        ("How it was read", list(_readings(story))),
        ("Ids", _ids(story.salt)),
    ]
    lines = [title, *(f"  {line}" for line in head)]
    for heading, listed in sections:
        if listed:
            lines += ["", heading, *(f"  {line}".rstrip() for line in listed)]
    return "\n".join(lines) + "\n"


def _counts(story: Story) -> list[str]:
    counts = Counter(story.fates.values())
    width = len(f"{len(story.lines):,}")
    alone = counts[ALONE]
    more = _of(len(story.packing.packages) - alone, "more package" if alone else "package")
    words = {
        ALONE: "line became a package" if alone == 1 else "lines became a package each",
        PART: f"lines made {more}",
        CARER: f"{'line is' if counts[CARER] == 1 else 'lines are'} the {CARER}",
    }
    listed = [f"{counts[fate]:>{width},} {words[fate]}" for fate in KEPT if counts[fate]]
    listed += [f"{counts[fate]:>{width},} left out: {fate}" for fate in LEFT_OUT if counts[fate]]
    return [*listed, f"{sum(counts.values()):>{width},} lines in all; import/lines.csv has each"]


def _people(story: Story) -> Iterator[str]:
    people = {line.person for line in story.kept}
    yield ""
    yield f"People: {len(people):,}, with {_of(len(story.packing.packages), 'package')}"


def _dropped(story: Story) -> Iterator[str]:
    """Say what is not in the case: personal columns by kind, then the others."""
    mapped = story.mapping.mapped()
    hashed = [mapped[role] for role in ("person", "household") if role in mapped]
    if hashed:
        yield f"hashed, and dropped as typed: {', '.join(hashed)}"
    used = [mapped[role] for role in ("postcode", "ward", "line") if role in mapped]
    if used:
        yield f"used to find places or to tell lines apart, and dropped: {', '.join(used)}"
    kept = [mapped[role] for role in ("provider", "provider_code") if role in mapped]
    yield f"kept as typed, being firms and no persons: {', '.join(kept)}"
    kinds: dict[str, list[str]] = {}
    for heading in story.extract.headings:
        if heading not in mapped.values():
            kind = personal(heading, story.extract.column(heading))
            kinds.setdefault(kind, []).append(heading)
    other = kinds.pop("", [])
    for kind, headings in kinds.items():
        yield f"{kind}: {', '.join(headings)}"
    if other:
        yield f"not named in the map: {', '.join(other)}"


def _repaired(story: Story) -> Iterator[str]:
    yield from story.extract.notes
    yield from story.providers.merged
    mixed = sum(package.mixed for package in story.packing.packages)
    if mixed:
        yield (
            f"{_of(mixed, 'package')} with some visits by one carer and some by two: counted in "
            "carer-hours, with carers 1"
        )


def _readings(story: Story) -> Iterator[str]:
    mapping, kept = story.mapping, story.kept
    yield f"Hours from {AMOUNTS[mapping.amount]}"
    yield f'Calls by two carers stand as "{mapping.reading.double_handed}"'
    columns = mapping.columns
    if not columns.service:
        yield "The map names no type of service: every line is taken as home care"
    if not columns.status:
        yield "The map names no status: lines with a provider are active, others waiting"
    if columns.status and (named := _named_waiting(story)):
        yield f"{_of(named, 'line')} of people who wait name a provider, which is not used"
    if not columns.line and mapping.reading.double_handed == "two lines":
        yield "The map names no line number: a line exported twice looks like a second carer"
    if not columns.times and mapping.reading.double_handed == "two lines":
        yield (
            "The map names no time of the call: two calls of one length look like one by two "
            "carers, with the same carer-hours"
        )
    waits = [package for package in story.packing.packages if not package.provider_id]
    undated = sum(package.days is None for package in waits)
    if undated:
        yield f"{undated:,} of {len(waits):,} waiting packages do not say since when"
    how = Counter(line.how for line in kept)
    yield "Places: " + "; ".join(
        f"{_of(count, 'line')} {words}" for words, count in how.most_common()
    )
    of_ward = Counter(line.vintage for line in kept if line.how == BY_WARD)
    for vintage, count in sorted(of_ward.items()):
        yield f"{_of(count, 'line')} placed by ward names of vintage: {vintage}"
    yield f"lookup.csv and places.csv have ward names of: {', '.join(story.lookup.vintages)}"
    yield from _rates(story)
    yield from story.packing.notes


def _named_waiting(story: Story) -> int:
    heading = story.mapping.columns.provider
    return sum(bool(line.row.cells[heading]) for line in story.kept if line.waiting)


def _rates(story: Story) -> Iterator[str]:
    rates = story.rates
    if not rates.rows:
        yield "Rates: the one in the map's parameters"
        return
    own = sum(bool(who) and not place for who, place in rates.rows)
    local = sum(bool(place) for _, place in rates.rows)
    differ = [f"{own:,} of providers"] * bool(own) + [f"{local:,} of one place"] * bool(local)
    others = f"; other rates: {', '.join(differ)}" if differ else ""
    yield f"Rates: £{rates.rows['', ''] / 100:.2f} an hour, the commonest, for everyone{others}"
    if rates.silent:
        yield f"{_of(len(rates.silent), 'line')} without a rate: the provider's is taken"


def _warnings(story: Story) -> Iterator[str]:
    yield from _placeless(story)
    yield from story.packing.warnings
    yield from story.providers.warnings
    kept = story.kept
    if odd := story.rates.odd:
        yield (
            f"{_of(len(odd), 'line')} pay another rate than the case has for its provider: "
            f"rows {_listed(odd)}"
        )
    if count := sum(line.disagrees for line in kept):
        yield f"{_of(count, 'line')} with a ward that is not where its postcode is: the postcode's"
    guessed = sum(line.how in (BY_SECTOR, BY_DISTRICT) for line in kept)
    if guessed:
        yield f"{_of(guessed, 'line')} with a postcode that lookup.csv does not have in full"


def _placeless(story: Story) -> Iterator[str]:
    """Name who waits and is left out: nobody else looks after them."""
    left_out = [line for line in story.lines if line.left_out == why.NO_PLACE and line.waiting]
    if left_out:
        told = [f"row {line.row.number} ({hours(line.minutes)} hours)" for line in left_out]
        yield f"Waiting, and left out, being {why.NO_PLACE}: {_listed(told)}"


def _ids(salt: Salt) -> list[str]:
    made = "made just now and kept" if salt.new else "kept"
    shared = ["Others on this machine can read that file: make it yours alone."]
    return [
        *(shared if salt.shared else []),
        "Ids are pseudonyms, not anonymous: import/lines.csv ties them to rows of the extract. "
        "Keep it with the extract, and take it out before the case goes to anybody else.",
        f"Hashed with salt {salt.fingerprint}, {made} in {salt.where}. Keep that file: without it "
        "next month's ids match none of these. Never send it with the case.",
        f'In the map, salt_fingerprint = "{salt.fingerprint}" stops an import with another salt.',
    ]


def _of(count: int, noun: str) -> str:
    return f"{count:,} {noun if count == 1 else noun + 's'}"


def _listed(rows: Sequence[int | str]) -> str:
    more = f" and {len(rows) - LISTED} more" if len(rows) > LISTED else ""
    return ", ".join(map(str, rows[:LISTED])) + more


def line_rows(story: Story, id_of: Mapping[int, str]) -> list[tuple[int, str, str, str]]:
    """Rows of import/lines.csv: row of the file, package, in or out, and why."""
    fates = story.fates
    return [
        (number, id_of.get(number, ""), "in the case" if number in id_of else "left out", fate)
        for number, fate in sorted(fates.items())
    ]
