"""Lines become packages: one a person and provider, two lines of one call one with two carers."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from allocate.errors import Fault
from allocate.intake.line import MOST_CARERS, Line
from allocate.intake.provider import Providers

LEAST_MINUTES, MOST_MINUTES = 15, 168 * 60
MOST_VISITS = 200

# What became of a line that is kept.
ALONE = "made a package"
PART = "part of a package with other lines"
CARER = "second carer of another line's visits"
KEPT = (ALONE, PART, CARER)


@dataclass(frozen=True)
class Package:
    """One person's care with one provider, or on the waiting list.

    Parameters
    ----------
    lines
        The lines that it is made of.
    person, provider_id, place_id
        Who, with whom (empty: waiting), where.
    minutes, carers, visits
        Planned minutes a week, carers at each visit, visits a week (None: not known).
    priority, days
        Most urgent of the lines, longest wait; None where no line says.
    needs
        Of all lines.
    household
        Household number of the extract; empty where it may not bind.
    mixed
        Whether visits of one carer and of two are joined: minutes are then carer-minutes.
    """

    lines: tuple[Line, ...]
    person: str
    provider_id: str
    place_id: str
    minutes: int
    carers: int
    visits: int | None
    priority: int | None
    days: int | None
    needs: frozenset[str]
    household: str = ""
    mixed: bool = False

    @property
    def key(self) -> tuple[str, str]:
        """Person and provider: one package each."""
        return self.person, self.provider_id


@dataclass(frozen=True)
class Packing:
    """All packages, and what became of each line that is kept, by row number."""

    packages: tuple[Package, ...]
    fates: Mapping[int, str]
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def pack(lines: Sequence[Line], providers: Providers, two_lines: bool) -> Packing:
    """Make packages of the lines that are kept.

    Parameters
    ----------
    lines
        Lines that are not left out.
    providers
        Who is one provider.
    two_lines
        Whether two equal lines are one call by two carers.
    """
    groups: dict[tuple[str, str], list[Line]] = defaultdict(list)
    for line in lines:
        groups[line.person, providers.of(line)].append(line)
    fates: dict[int, str] = {}
    packages = []
    alike = more = 0
    for (person, provider_id), group in sorted(groups.items()):
        calls = _calls(group, two_lines)
        alike += sum(count - 1 for count in Counter(line.alike for line in group).values())
        more += sum(len(call) > 2 for call in calls)
        for call in calls:
            for place, line in enumerate(call):
                fates[line.row.number] = CARER if place else ALONE if len(calls) == 1 else PART
        packages.append(_package(person, provider_id, group, calls))
    joined, notes = _households(packages)
    warnings = []
    if alike and not two_lines:
        warnings.append(
            f"{alike:,} lines are like another of the same person and provider in hours and times; "
            'their hours were added. If they are second carers, set double_handed = "two lines"'
        )
    if more:
        warnings.append(f"{more:,} calls stand on more than two equal lines: so many carers")
    return Packing(tuple(joined), fates, tuple(notes), tuple(warnings))


def _calls(group: Iterable[Line], two_lines: bool) -> list[list[Line]]:
    """Lines that are one call, in a list each."""
    calls: dict[object, list[Line]] = defaultdict(list)
    for line in sorted(group, key=lambda line: line.row.number):
        calls[line.alike if two_lines else line.row.number].append(line)
    return list(calls.values())


def _package(
    person: str, provider_id: str, group: Sequence[Line], calls: Sequence[Sequence[Line]]
) -> Package:
    carers = {sum(line.carers for line in call) for call in calls}
    mixed = len(carers) > 1
    minutes = sum(
        call[0].minutes * (sum(line.carers for line in call) if mixed else 1) for call in calls
    )
    visits = [call[0].visits for call in calls]
    days = [line.days for line in group if line.days is not None]
    priorities = [line.priority for line in group if line.priority is not None]
    return Package(
        lines=tuple(group),
        person=person,
        provider_id=provider_id,
        place_id=group[0].place_id,
        minutes=minutes,
        carers=1 if mixed else carers.pop(),
        visits=None if None in visits else sum(count or 0 for count in visits),
        priority=min(priorities, default=None),
        days=max(days, default=None),
        needs=frozenset().union(*(line.needs for line in group)),
        household=min((line.household for line in group if line.household), default=""),
        mixed=mixed,
    )


SEVERAL = "a member has several packages"
PARTED = "its members have different providers now"
SINGLE = "it has one member"


def _households(packages: Sequence[Package]) -> tuple[list[Package], list[str]]:
    """Keep a household only where its members can have one provider."""
    of_person = Counter(package.person for package in packages)
    several = {person for person, count in of_person.items() if count > 1}
    members: dict[str, list[Package]] = defaultdict(list)
    for package in packages:
        if package.household:
            members[package.household].append(package)
    apart = {household: _why_apart(group, several) for household, group in members.items()}
    kept = [
        replace(package, household="") if apart.get(package.household) else package
        for package in packages
    ]
    notes = []
    if several:
        notes.append(
            f"People with more than one package: {len(several):,}, with different providers or one "
            "waiting; nothing asks that they get one provider"
        )
    for why in (SEVERAL, PARTED):
        if count := sum(reason == why for reason in apart.values()):
            noun = "household is" if count == 1 else "households are"
            notes.append(f"{count:,} {noun} not kept together, because {why}")
    return kept, notes


def _why_apart(group: Sequence[Package], several: Collection[str]) -> str:
    """Why a household does not bind; empty where it does."""
    people = {package.person for package in group}
    if not people.isdisjoint(several):
        return SEVERAL
    if len({package.provider_id for package in group if package.provider_id}) > 1:
        return PARTED
    return SINGLE if len(people) == 1 else ""


def package_faults(lines: Sequence[Line], packages: Sequence[Package]) -> list[Fault]:
    """Find people in two places, and packages that no case may hold."""
    places: dict[str, dict[str, Line]] = defaultdict(dict)
    for line in lines:
        if line.person:
            places[line.person].setdefault(line.place_id, line)
    faults = []
    for at in places.values():
        if len(at) > 1:
            first, *others = sorted(at.values(), key=lambda line: line.row.number)
            for other in others:
                problem = (
                    f"the person lives in {other.place_id} here and in {first.place_id} on "
                    f"row {first.row.number}"
                )
                remedy = "Correct the address of the line that is out of date, or end the line"
                faults.append(Fault(other.row.place, "", problem, remedy))
    for package in packages:
        faults += _amount_faults(package)
    return faults


def _amount_faults(package: Package) -> Iterable[Fault]:
    where = package.lines[0].row.place
    joined = f" with {len(package.lines) - 1} more lines" if len(package.lines) > 1 else ""
    if not LEAST_MINUTES <= package.minutes <= MOST_MINUTES:
        hours = f"{package.minutes / 60:,.2f}".rstrip("0").rstrip(".")
        problem = f"comes{joined} to {hours} hours a week, outside 0.25 to 168"
        yield Fault(where, "", problem, "Correct the hours, or hours in the map")
    if package.visits is not None and package.visits > MOST_VISITS:
        problem = f"comes{joined} to {package.visits:,} visits a week, above {MOST_VISITS}"
        yield Fault(where, "", problem, "Correct the visits")
    if package.carers > MOST_CARERS:
        problem = f"comes{joined} to {package.carers} carers a visit, above {MOST_CARERS}"
        yield Fault(where, "", problem, "Correct the lines, or double_handed in the map")
