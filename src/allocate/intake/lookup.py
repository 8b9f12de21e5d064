"""Where people live: postcodes and ward names, old ones too, to the places of the case."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from allocate.errors import BadInput, Fault, nearest
from allocate.files.columns import plain
from allocate.intake.extract import Row, folded, read_extract

POSTCODE = re.compile(r"([A-Z]{1,2}\d[A-Z\d]?) ?(\d)([A-Z]{2})$")
SECTOR = re.compile(r"([A-Z]{1,2}\d[A-Z\d]?) ?(\d)$")
DISTRICT = re.compile(r"[A-Z]{1,2}\d[A-Z\d]?$")
KINDS = ("postcode", "sector", "district", "ward")
COLUMNS = ("key", "key_kind", "place_id")

PRESENT = "present"  # the vintage of the places' own names

# How a place was found, as the summary says it.
BY_POSTCODE, BY_WARD = "by full postcode", "by ward"
BY_SECTOR = "by postcode sector, all of it in one place as far as lookup.csv knows"
BY_DISTRICT = "by postcode district, all of it in one place as far as lookup.csv knows"


@dataclass(frozen=True)
class Found:
    """A place, how it was found, and of which vintage the row was that said so."""

    place_id: str
    how: str
    vintage: str = ""
    disagrees: bool = False


@dataclass
class Lookup:
    """What is known of where postcodes and wards lie.

    Parameters
    ----------
    places
        Ids of all places, with their names.
    postcodes
        Place of each full postcode, with the row's vintage.
    parts
        Places that any part of a sector or district lies in.
    wards
        Places of each ward name or code, by vintage; more than one where a ward was split.
    """

    places: dict[str, str]
    postcodes: dict[str, tuple[str, str]] = field(default_factory=dict)
    parts: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    wards: dict[str, dict[str, set[str]]] = field(default_factory=lambda: defaultdict(dict))

    def find(self, postcode: str, ward: str, vintage: str | None) -> Found | str:
        """Find a place by full postcode, then ward, then sector, then district.

        Parameters
        ----------
        postcode, ward
            Cells as typed; empty where the extract has none.
        vintage
            Which set of ward names the extract uses; None where the map does not say.

        Returns
        -------
        Found or str
            The place, or why there is none.
        """
        code = normal_postcode(postcode)
        by_ward = self._by_ward(ward, vintage)
        exact = self.postcodes.get(code)
        if exact:
            place, of = exact
            disagrees = isinstance(by_ward, Found) and by_ward.place_id != place
            return Found(place, BY_POSTCODE, of, disagrees)
        if isinstance(by_ward, Found):
            return by_ward
        if full := POSTCODE.match(code):
            for part, how in ((f"{full[1]} {full[2]}", BY_SECTOR), (full[1], BY_DISTRICT)):
                if len(self.parts.get(part, ())) == 1:
                    return Found(next(iter(self.parts[part])), how)
        if postcode and not full:
            return "is no postcode" if not ward else by_ward
        return by_ward if ward else "lies in no place that lookup.csv knows"

    def _by_ward(self, ward: str, vintage: str | None) -> Found | str:
        known = self.wards.get(ward_key(ward), {})
        if not known:
            return f"is no ward that lookup.csv knows{nearest(ward, self.places.values())}"
        chosen = {vintage: known[vintage]} if vintage in known else known
        places = set().union(*chosen.values())
        if len(places) == 1:
            return Found(next(iter(places)), BY_WARD, ", ".join(sorted(chosen)))
        if len(chosen) > 1:
            listed = "; ".join(f"{of} {', '.join(sorted(at))}" for of, at in sorted(chosen.items()))
            return f"is another place in another vintage ({listed}): set ward_vintage in the map"
        return f"was split between {', '.join(sorted(places))}: map the postcode too"

    @property
    def vintages(self) -> list[str]:
        """Vintages of ward names that the look-up has, the places' own apart."""
        return sorted({of for known in self.wards.values() for of in known})


def normal_postcode(text: str) -> str:
    """Write a postcode in capitals with one space before its last three characters."""
    plain = "".join(c for c in text.upper() if c.isalnum())
    return f"{plain[:-3]} {plain[-3:]}" if POSTCODE.match(plain) else plain


def ward_key(text: str) -> str:
    """Fold a ward's name: "St. Oswald Ward" is "st oswald", and & is and."""
    return folded(text.replace("&", " and ")).removesuffix(" ward")


def read_lookup(folder: Path) -> Lookup:
    """Read ``places.csv``, ``place_areas.csv`` and ``lookup.csv`` of a folder.

    Raises
    ------
    BadInput
        With all that is wrong with the look-up. The other tables are checked with the case.
    """
    if not folder.is_dir():
        remedy = "Name a folder with --places that holds place_areas.csv and lookup.csv"
        raise BadInput("--places", [Fault(str(folder), "", "no such folder", remedy)])
    if not (folder / "place_areas.csv").is_file():
        problem, remedy = "holds no place_areas.csv", "Add it: place_id and area_id of each place"
        raise BadInput("--places", [Fault(str(folder), "", problem, remedy)])
    places = {row.cells.get("place_id", ""): "" for row in _rows(folder, "place_areas")}
    lookup = Lookup(places)
    for row in _rows(folder, "places"):
        key, name = row.cells.get("place_id", ""), row.cells.get("name", "")
        if key in places and name:
            places[key] = name
            lookup.wards[ward_key(name)].setdefault(PRESENT, set()).add(key)
    for key in places:
        lookup.wards[ward_key(key)][PRESENT] = {key}
    if faults := list(_fill(lookup, _rows(folder, "lookup"))):
        raise BadInput(str(folder), faults)
    return lookup


def _rows(folder: Path, table: str) -> Iterable[Row]:
    path = folder / f"{table}.csv"
    if not path.is_file():
        return []
    extract = read_extract(path, ("place_id", *COLUMNS))
    headings = [plain(heading) for heading in extract.headings]
    if table == "lookup" and (missing := [c for c in COLUMNS if c not in headings]):
        problem = f"has no column {' and no column '.join(missing)}"
        fault = Fault(path.name, "", problem, f"Add it: lookup.csv has {', '.join(COLUMNS)}")
        raise BadInput(str(folder), [fault])
    return [
        replace(row, cells={plain(heading): cell for heading, cell in row.cells.items()})
        for row in extract.rows
    ]


def _fill(lookup: Lookup, rows: Iterable[Row]) -> Iterable[Fault]:
    """Take in the rows of lookup.csv."""
    for row in rows:
        key, kind, place = (row.cells[column] for column in COLUMNS)
        vintage = row.cells.get("vintage", "") or "no vintage stated"
        if place not in lookup.places:
            problem = f"no such place in place_areas.csv{nearest(place, lookup.places)}"
            yield Fault(row.place, f'place_id = "{place}"', problem, "Add it there or correct it")
        elif kind not in KINDS:
            problem = f"no such kind of key{nearest(kind, KINDS)}"
            yield Fault(row.place, f'key_kind = "{kind}"', problem, f"Use {', '.join(KINDS)}")
        elif kind == "ward":
            lookup.wards[ward_key(key)].setdefault(vintage, set()).add(place)
        elif problem := _take_code(lookup, key, kind, place, vintage):
            yield Fault(row.place, f'key = "{key}"', problem, "Correct the row or remove it")


def _take_code(lookup: Lookup, key: str, kind: str, place: str, vintage: str) -> str:
    """Take in a postcode, or a part of one, and return what is wrong with it."""
    code = normal_postcode(key) if kind == "postcode" else " ".join(key.upper().split())
    found = {"postcode": POSTCODE, "sector": SECTOR, "district": DISTRICT}[kind].match(code)
    if not found:
        return f"is no {kind}"
    if kind == "postcode":
        if lookup.postcodes.get(code, (place,))[0] != place:
            return f"lies in {lookup.postcodes[code][0]} by an earlier row"
        lookup.postcodes[code] = (place, vintage)
    if kind != "district":
        lookup.parts[f"{found[1]} {found[2]}"].add(place)
    lookup.parts[code if kind == "district" else found[1]].add(place)
    return ""
