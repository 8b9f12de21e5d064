"""What papers claim of a case, held against what the case adds up to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations

import pandas as pd

from allocate.columns import table
from allocate.errors import BadInput, Fault
from allocate.figure import Figure, written
from allocate.tables import Tables

AS_CLAIMED, LOOK = "as claimed", "LOOK AT THIS"
NOTHING = (
    "There is nothing to hold these totals against: put claims.csv into the case, "
    "or name a file with --claims."
)
HEAD = ("figure", "area", "this case", "claimed", "difference", "", "unit", "source")


@dataclass(frozen=True)
class Claim:
    """One claim beside the figure that it speaks of.

    Parameters
    ----------
    figure
        The case's own total.
    value, tolerance
        What is claimed, and how far off the case may be, in the figure's unit.
    source, note
        Where it is claimed, and what a reader should know of it.
    """

    figure: Figure
    value: Fraction
    tolerance: Fraction
    source: str
    note: str

    @property
    def difference(self) -> Fraction | None:
        """How much more the case has than is claimed."""
        return None if self.figure.amount is None else self.figure.amount - self.value

    @property
    def kept(self) -> bool:
        """Whether the case is within the tolerance."""
        return self.difference is not None and abs(self.difference) <= self.tolerance

    def contradicts(self, other: Claim) -> bool:
        """Whether no total could be within the tolerance of both."""
        same = self.figure == other.figure
        return same and abs(self.value - other.value) > self.tolerance + other.tolerance


def read_claims(tables: Tables, figures: Sequence[Figure], base: Tables) -> list[Claim]:
    """Return the claims of a case, each with its figure.

    A claim about an area that a scenario has done away with is left out: nothing stands beside it.

    Parameters
    ----------
    tables, figures
        The case and its totals.
    base
        The case before the scenario's changes.

    Raises
    ------
    BadInput
        For a figure that is not known, is not known by area, or is claimed in another unit.
    """
    known = {(figure.name, figure.area_id): figure for figure in figures}
    claims, faults = [], []
    gone = _areas(base) - _areas(tables)
    for line, row in tables["claims"].iterrows():
        if row["area_id"] in gone:
            continue
        figure = known.get((row["figure"], row["area_id"]))
        if figure is None or row["unit"].casefold() not in ("", figure.unit.casefold()):
            faults.append(_fault(str(line), row, known))
            continue
        claims.append(
            Claim(
                figure, _exact(row["value"]), _exact(row["tolerance"]), row["source"], row["note"]
            )
        )
    if faults:
        raise BadInput(tables.origin.sources.get("claims", str(tables.folder)), faults)
    return claims


def _areas(tables: Tables) -> set[str]:
    of = {"areas": "area_id", "place_areas": "area_id", "zones": "zone_id"}
    return {area for name in of if name in tables.values for area in tables[name][of[name]]}


def _exact(value: float) -> Fraction:
    """Return a number as it was typed; an empty cell is nought."""
    return Fraction(0) if value != value else Fraction(repr(float(value)))


def _fault(line: str, row: pd.Series[str], known: Mapping[tuple[str, str], Figure]) -> Fault:
    """Say what is wrong with a claim that fits no figure."""
    place, name = f"claims.csv {line}", row["figure"]
    names = list(dict.fromkeys(name for name, _ in known))
    value = f'figure = "{name}"'
    if name not in names:
        return Fault.unknown(place, value, "figure", name, names)
    figure = known.get((name, row["area_id"]))
    if figure is None:
        problem = f'is not counted for area "{row["area_id"]}"'
        return Fault(place, value, problem, "Leave area_id empty, or name an area of the case")
    problem = f"the figure is counted in {figure.unit}"
    remedy = f"Write the value in {figure.unit}, or leave the unit empty"
    return Fault(place, f'unit = "{row["unit"]}"', problem, remedy)


def beside(figures: Sequence[Figure], claims: Sequence[Claim]) -> list[str]:
    """Print each total of the whole case beside what is claimed, and each claim about an area."""
    rows = []
    for figure in figures:
        found = [claim for claim in claims if claim.figure == figure]
        rows += [_row(claim) for claim in found]
        if not found and not figure.area_id:
            rows.append([figure.name, "all", str(figure), "", "", "", figure.unit, ""])
    lines = table(HEAD, rows, left=(0, 1, 5, 6, 7))
    if not claims:
        return [*lines, "", NOTHING]
    noted = [claim for claim in claims if claim.note and not claim.kept]
    notes = [f"  {claim.figure.name}, {claim.source}: {claim.note}" for claim in noted]
    lines += ["", "Of those to look at:", *notes] if notes else []
    against = contradictions(claims)
    if against:
        lines += ["", "Claims that contradict each other:", *(f"  {line}" for line in against)]
    return [*lines, "", said(claims)]


def _row(claim: Claim) -> list[str]:
    figure, unit = claim.figure, claim.figure.unit
    return [
        figure.name,
        figure.area_id or "all",
        str(figure),
        written(claim.value, unit),
        written(claim.difference, unit),
        AS_CLAIMED if claim.kept else LOOK,
        unit,
        claim.source,
    ]


def contradictions(claims: Sequence[Claim]) -> list[str]:
    """Name each two claims of which one has to be wrong."""
    lines = []
    for one, other in combinations(claims, 2):
        if one.contradicts(other):
            unit, area = one.figure.unit, one.figure.area_id
            name = f"{one.figure.name}{f' of {area}' if area else ''}"
            first = f"{written(one.value, unit)} ({one.source})"
            lines.append(f"{name}: {first} against {written(other.value, unit)} ({other.source})")
    return lines


def said(claims: Sequence[Claim]) -> str:
    """Say in a line how many claims the case keeps to."""
    kept = sum(claim.kept for claim in claims)
    return f"Claims: {kept:,} of {len(claims):,} within their tolerance."


def to_look_at(claims: Sequence[Claim]) -> list[str]:
    """Print each claim that the case does not keep to, a line each."""
    return [_look(claim) for claim in claims if not claim.kept]


def _look(claim: Claim) -> str:
    figure, unit = claim.figure, claim.figure.unit
    name = f"{figure.name}{f' of {figure.area_id}' if figure.area_id else ''}"
    text = f"{name}: {figure} here, {written(claim.value, unit)} in {claim.source}"
    if claim.difference is not None:
        way = "less" if claim.difference < 0 else "more"
        text += f": {written(abs(claim.difference), unit)} {way}"
    return f"{text}. {LOOK}"
