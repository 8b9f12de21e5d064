"""Writes the synthetic tables of the cases `sefton` and `sefton-tender`.

    python generate.py [FOLDER]

FOLDER holds one folder per case; without it, that is the folder this case stands in. The real
tables (places.csv, borders.csv, claims.csv) are read from beside this file and never changed;
SOURCES.md says what is real and what each synthetic total is calibrated to. The same seed writes
the same bytes.
"""

from __future__ import annotations

import csv
import math
import shutil
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import cycle
from pathlib import Path
from typing import TypeVar

import numpy as np

T = TypeVar("T")
Row = Sequence[object]
Draws = np.random.Generator

HERE = Path(__file__).resolve().parent
SEED = 20211202  # the day of the Cabinet meeting
REAL_TABLES = ("places.csv", "borders.csv", "claims.csv")
OURS = ("", "", "MIT")  # publisher, vintage and licence of what is invented here

# ----------------------------------------------------------------- figures of the council's paper

PLACED_PACKAGES = 1_585
PLACED_HOURS = 19_154
WAITING_HOURS = {"A1": 176.5, "A2": 163.25, "A3": 268.75, "A4": 383.5, "A5": 418.0, "A6": 148.0}
BUDGET_POUNDS = {"A3": 300_000, "A4": 900_000, "A5": 900_000}
BUDGET_WEEKS = 104
RATE = "16.68"
PAID_SHARE = "0.948"
PAID_SHARE_NOTE = (
    "The paper's £15.8m a year for 19,154 hours a week is £15.82 an hour, 94.8% of the £16.68 "
    "decided for 2021/22: read as planned hours of which 94.8% are paid"
)
SNAPSHOT = date(2021, 11, 28)  # the last Sunday before the meeting

# -------------------------------------------------------------------- areas, ours: see SOURCES.md

AREA_WARDS = {
    "A1": ("Cambridge", "Meols", "Norwood", "Kew"),
    "A2": ("Duke's", "Birkdale", "Ainsdale"),
    "A3": ("Harington", "Ravenmeols"),
    "A4": ("Blundellsands", "Manor", "Victoria", "Church"),
    "A5": ("Linacre", "Derby", "Litherland", "Ford", "Netherton and Orrell", "St Oswald"),
    "A6": ("Park", "Sudell", "Molyneux"),
}
LEADS = {"A1": "H01", "A2": "H02", "A3": "H03", "A4": "H04", "A5": "H05", "A6": "H06"}

# -------------------------------------------------------------------------------------- providers

NEEDS = {
    "d": "dementia",
    "p": "peg feeding",
    "b": "bariatric",
    "l": "learning disability",
    "s": "bsl",
}
NEED_WEIGHTS = {"d": 0.52, "p": 0.14, "b": 0.13, "l": 0.16, "s": 0.05}
RATINGS = {
    "O": "Outstanding",
    "G": "Good",
    "R": "Requires improvement",
    "I": "Inadequate",
    "N": "not yet rated",
}
SUSPENDED = "H33"

# One line a provider: id, name, owner, ward of its base, hours of work aimed at by area (0: it
# reaches the area but has no work there), spare hours, rating, needs it meets, growth if appointed
# lead and the weeks that takes. Spare hours sum to 1,050 and are written here rather than drawn,
# because they decide what the case is about: little room where Areas 3, 4 and 5 can be reached,
# more elsewhere. Growth is on the scale of a lead's present work in an area, for the same reason.
# No base is in Ravenmeols, as the middle of that ward falls outside its outline.
ROSTER_TEXT = """
H01|Alder   |O01|Cambridge           |A1:1500 A2:150 A3:0                  |62.50|G|dpbls|700  16
H02|Ash     |O02|Birkdale            |A2:1300 A1:180 A3:90 A4:0 A5:0 A6:0  |48.00|G|dpbl |650  20
H03|Aspen   |O03|Harington           |A3:850 A2:60                         | 9.50|G|dpbl |250  26
H04|Bay     |O04|Victoria            |A4:1030 A5:100                       |14.00|G|dpbls|300  26
H05|Beech   |O05|Litherland          |A5:1100 A4:60                        |11.25|R|dpbl |350  26
H06|Birch   |O06|Sudell              |A6:1200 A5:150 A4:60 A3:0            |65.50|G|dpbls|750  16
H07|Bracken |O01|Manor               |A4:300 A3:260 A2:150 A5:100 A1:0 A6:0|46.25|G|dpbls|1100 20
H08|Briar   |O07|Netherton and Orrell|A5:380 A4:220 A6:250                 |58.75|G|dpls |1200 26
H09|Broom   |O08|Harington           |A3:300 A2:250 A4:160 A1:150 A5:0     |40.75|O|dpbs |1000 20
H10|Cedar   |O09|St Oswald           |A5:300 A6:200 A4:150 A3:0            |50.00|G|dbls |800  12
H11|Cherry  |O10|Norwood             |A1:620 A2:200                        |95.00|G|dpb  |
H12|Clover  |O11|Kew                 |A1:410 A2:260                        |66.25|G|dls  |
H13|Cypress |O12|Meols               |A1:330                               |38.50|G|dp   |
H14|Elder   |O10|Duke's              |A1:250 A2:150                        |31.00|G|db   |
H15|Elm     |O13|Cambridge           |A1:190 A2:0                          |22.75|R|d    |
H16|Fern    |O14|Ainsdale            |A2:330 A1:100                        |52.00|G|dpl  |
H17|Fir     |O15|Birkdale            |A2:240 A1:0                          |36.50|G|ds   |
H18|Gorse   |O16|Kew                 |A1:110                               |10.00|N|d    |
H19|Hawthorn|O11|Norwood             |A1:70 A2:20                          | 8.25|G|l    |
H20|Hazel   |O17|Ainsdale            |A2:180 A3:220                        |20.50|G|dp   |
H21|Heather |O18|Harington           |A3:280 A2:120                        |16.75|G|db   |
H22|Holly   |O19|Harington           |A3:160 A4:90                         | 5.50|G|dl   |
H23|Ivy     |O17|Harington           |A3:140                               | 3.75|R|d    |
H24|Juniper |O20|Harington           |A3:100 A4:25                         | 4.25|G|ds   |
H25|Larch   |O21|Blundellsands       |A4:240 A3:90                         | 7.50|G|dp   |
H26|Laurel  |O22|Church              |A4:260 A5:80                         | 8.75|G|db   |
H27|Lime    |O19|Victoria            |A4:180                               | 6.25|O|dl   |
H28|Linden  |O23|Church              |A4:110 A5:130                        | 5.50|R|d    |
H29|Maple   |O24|Manor               |A4:70 A5:15                          | 7.75|N|p    |
H30|Myrtle  |O25|Netherton and Orrell|A5:330 A6:90                         |22.00|G|dpl  |
H31|Oak     |O26|Linacre             |A5:230 A6:0                          |12.50|G|db   |
H32|Olive   |O25|St Oswald           |A5:180 A6:70                         |14.25|G|ds   |
H33|Pine    |O27|Derby               |A5:110 A6:0                          | 0.00|I|d    |
H34|Poplar  |O28|Molyneux            |A6:420 A5:60                         |33.75|G|dpb  |
H35|Rowan   |O29|Park                |A6:320                               |47.50|G|dl   |
H36|Sorrel  |O28|Sudell              |A6:240                               |40.00|R|dp   |
H37|Spruce  |O30|Molyneux            |A6:150                               |18.00|G|ds   |
H38|Willow  |O30|Park                |A6:26                                | 8.75|G|b    |
"""
BASES = ("provider said", "provider said", "recorded", "assumed")

# --------------------------------------------------------------------------------------- packages

# Visits a week: share of packages, share of those that are double-handed. Heavier packages need two
# carers more often. These shares give the paper's mean of 12 carer-hours before `calibrate`.
VISIT_CLASSES = {
    3: (0.03, 0.0),
    4: (0.03, 0.0),
    5: (0.04, 0.0),
    7: (0.27, 0.05),
    14: (0.31, 0.15),
    21: (0.18, 0.35),
    28: (0.14, 0.60),
}
VISIT_QUARTERS = {2: 0.58, 3: 0.27, 4: 0.15}  # quarter-hours a visit: 30, 45 or 60 minutes
MEAN_HOURS = 12
COUPLES = (
    (("placed", "placed"),) * 18 + (("waiting", "waiting"),) * 4 + (("placed", "waiting"),) * 3
)
LOCKED_SHARE = 0.03
WAITING_CHOICES = 8
PLACED_CHOICES = 24
PRIORITIES = {"1": 0.15, "2": 0.35, "3": 0.50}
LONGEST_WAIT_DAYS = {"1": 40.0, "2": 80.0, "3": 120.0}
EASIER_AREAS_WAIT = 0.5  # of the longest wait, outside Areas 3, 4 and 5
PAYERS = {"council": 0.34, "council with client contribution": 0.58, "council and NHS": 0.08}

# ----------------------------------------------------------------------------- referrals and bids

REFERRALS = 520
REFERRAL_START, REFERRAL_DAYS = date(2021, 6, 1), 180
LEAD_ACCEPTS = {"A1": 0.95, "A2": 0.94, "A3": 0.70, "A4": 0.66, "A5": 0.62, "A6": 0.95}
DECLINE_REASONS = {
    "no carers at the times asked": 0.5,
    "no second carer for double-handed visits": 0.3,
    "too far from present rounds": 0.2,
}
LOWEST_BID, HIGHEST_BID = 16.40, 22.50
AREA_PREMIUM = {"A1": 0.0, "A2": 0.10, "A3": 1.10, "A4": 0.20, "A5": -0.15, "A6": 0.55}

SPEED_KMH = 20
MIN_TRAVEL_MINUTES = 3

HEADERS = {
    "areas": "area_id,name,lead_id,new_work_budget_pounds,budget_weeks",
    "place_areas": "place_id,area_id",
    "providers": "provider_id,name,owner_id,location_id,cqc_rating,rating_date,suspended,can_lead,"
    "capacity_hours,growth_hours,growth_ramp_weeks,needs,base_easting_m,base_northing_m,basis",
    "packages": "package_id,place_id,hours_per_week,carers,visits_per_week,status,provider_id,"
    "priority,days_waiting,choice_id,locked,household_id,needs,service,payer,start_date,end_date",
    "reach": "provider_id,place_id,travel_minutes_per_visit,basis",
    "rates": "provider_id,place_id,rate_pounds_per_hour",
    "parameters": "parameter_id,value,basis,note",
    "pins": "table,id,other_id,must_or_never,reason",
    "referrals": "date,place_id,hours,offered_to,answer,reason",
    "sources": "table,nature,publisher,vintage,licence",
}


@dataclass(frozen=True)
class Place:
    """A ward, with the area it is put in."""

    place_id: str
    name: str
    area_id: str
    easting: int
    northing: int
    people: int


@dataclass
class Provider:
    """A provider as the roster states it, with its base and the work it comes to hold."""

    provider_id: str
    name: str
    owner_id: str
    work: dict[str, float]
    spare: float
    rating: str
    needs: str
    growth: str
    ramp: str
    easting: int
    northing: int
    held: int = 0  # carer quarter-hours

    @property
    def takes_new_work(self) -> bool:
        """Whether the council places people with it."""
        return self.provider_id != SUSPENDED


@dataclass
class Package:
    """One person's package; hours are counted in quarter-hours so that totals are exact."""

    visits: int
    quarters: int
    carers: int
    place: Place | None = None
    status: str = "placed"
    package_id: str = ""
    provider: Provider | None = None
    priority: str = "3"
    days_waiting: str = ""
    choice_id: str = ""
    locked: bool = False
    household_id: str = ""
    needs: list[str] = field(default_factory=list)
    payer: str = ""
    start: str = ""

    @property
    def carer_quarters(self) -> int:
        """Quarter-hours of all carers together."""
        return self.quarters * self.carers

    @property
    def ward(self) -> Place:
        """The place, once it is known."""
        if self.place is None:
            raise ValueError(f"package {self.package_id} has no place yet")
        return self.place


# ---------------------------------------------------------------------------------------- drawing
# Everything is drawn through Generator.random alone: it is the plainest stream numpy has, and so
# the least likely to change from one version to the next.


def pick(rng: Draws, weights: dict[T, float]) -> T:
    """Draws one key with probability in proportion to its weight."""
    point = rng.random() * sum(weights.values())
    for key, weight in weights.items():
        point -= weight
        if point < 0:
            return key
    return next(reversed(weights))


def shuffled(rng: Draws, items: Iterable[T]) -> list[T]:
    """The items in random order."""
    pool = list(items)
    return [pool[i] for i in np.argsort(rng.random(len(pool)), kind="stable")]


def apportion(total: int, weights: dict[T, float]) -> dict[T, int]:
    """Splits a whole number in proportion to the weights, by largest remainder."""
    scale = total / sum(weights.values())
    counts = {key: math.floor(weight * scale) for key, weight in weights.items()}
    by_remainder = sorted(weights, key=lambda key: counts[key] - weights[key] * scale)
    for key in by_remainder[: total - sum(counts.values())]:
        counts[key] += 1
    return counts


def hours(quarters: int) -> str:
    """Quarter-hours written as hours."""
    return f"{quarters / 4:.2f}"


# ---------------------------------------------------------------------------------------- reading


def read_places(folder: Path) -> list[Place]:
    """Reads the real wards and puts each in its area."""
    area_of = {ward: area for area, wards in AREA_WARDS.items() for ward in wards}
    with (folder / "places.csv").open(encoding="utf-8", newline="") as file:
        return [
            Place(
                row["place_id"],
                row["name"],
                area_of[row["name"]],
                int(row["easting_m"]),
                int(row["northing_m"]),
                int(row["population_75_plus"]),
            )
            for row in csv.DictReader(file)
        ]


def read_roster(rng: Draws, places: list[Place]) -> list[Provider]:
    """Reads the roster and gives each provider a base within 250 m of the middle of its ward."""
    by_name = {place.name: place for place in places}
    providers = []
    for line in ROSTER_TEXT.strip().splitlines():
        cells = [cell.strip() for cell in line.split("|")]
        provider_id, name, owner_id, ward, work, spare, rating, needs, growth = cells
        hours_by_area = {item[:2]: float(item[3:]) for item in work.split()}
        growth_hours, ramp = growth.split() if growth else ("", "")
        east, north = (round((rng.random() - 0.5) * 500) for _ in range(2))
        providers.append(
            Provider(
                provider_id,
                f"Example Care {name}",
                owner_id,
                hours_by_area,
                float(spare),
                RATINGS[rating],
                needs,
                growth_hours,
                ramp,
                by_name[ward].easting + east,
                by_name[ward].northing + north,
            )
        )
    return providers


# --------------------------------------------------------------------------------------- packages


def draw_packages(rng: Draws, count: int) -> list[Package]:
    """Draws packages with the stated mix of visits and carers, each visit 30 to 60 minutes."""
    shares: dict[int, float] = {visits: share for visits, (share, _) in VISIT_CLASSES.items()}
    packages = []
    for visits, number in apportion(count, shares).items():
        doubles = round(number * VISIT_CLASSES[visits][1])
        run = min(visits, 7)  # the visits of one time of day all have one length
        for i in range(number):
            quarters = sum(run * pick(rng, VISIT_QUARTERS) for _ in range(visits // run))
            packages.append(Package(visits, quarters, 2 if i < doubles else 1))
    return shuffled(rng, packages)


def calibrate(rng: Draws, packages: list[Package], target: int) -> None:
    """Lengthens or shortens visits until the carer quarter-hours come to the target exactly."""
    gap = target - sum(package.carer_quarters for package in packages)
    for package in cycle(shuffled(rng, packages)):
        if gap == 0:
            return
        # A quarter of an hour on each day of the week; single visits only for the last remainder.
        step = 7 if abs(gap) >= 7 * package.carers else 1
        longer = package.quarters + int(math.copysign(step, gap))
        within = 2 * package.visits <= longer <= 4 * package.visits
        if within and abs(gap) >= step * package.carers:
            gap -= (longer - package.quarters) * package.carers
            package.quarters = longer


def settle(rng: Draws, packages: list[Package], places: list[Place], status: str) -> None:
    """Spreads packages over places by residents aged 75 and over."""
    counts = apportion(len(packages), {place: float(place.people) for place in places})
    homes = [place for place, count in counts.items() for _ in range(count)]
    for package, place in zip(packages, shuffled(rng, homes), strict=True):
        package.place, package.status = place, status


def all_packages(rng: Draws, places: list[Place]) -> list[Package]:
    """Draws the placed stock and the waiting list, area by area, to their totals of hours."""
    people = {
        area: float(sum(place.people for place in places if place.area_id == area))
        for area in AREA_WARDS
    }
    placed_count = apportion(PLACED_PACKAGES, people)
    placed_quarters = apportion(PLACED_HOURS * 4, people)
    packages = []
    for area_id, waiting_hours in WAITING_HOURS.items():
        wards = [place for place in places if place.area_id == area_id]
        for status, count, target in (
            ("placed", placed_count[area_id], placed_quarters[area_id]),
            ("waiting", round(waiting_hours / MEAN_HOURS), round(waiting_hours * 4)),
        ):
            drawn = draw_packages(rng, count)
            calibrate(rng, drawn, target)
            settle(rng, drawn, wards, status)
            packages += drawn
    return packages


def form_couples(rng: Draws, packages: list[Package]) -> None:
    """Joins pairs of people of one ward in a household."""
    for number, (first, second) in enumerate(COUPLES, start=1):
        free = [p for p in shuffled(rng, packages) if not p.household_id]
        pairs = (
            (p, q)
            for p in free
            for q in free
            if p is not q and p.ward == q.ward and (p.status, q.status) == (first, second)
        )
        for member in next(pairs):
            member.household_id = f"HH{number:02d}"


def kilometres(provider: Provider, place: Place) -> float:
    """Straight line from a provider's base to the middle of a place."""
    east, north = provider.easting - place.easting, provider.northing - place.northing
    return math.sqrt(east * east + north * north) / 1000


def placed_units(packages: list[Package], area_id: str) -> list[list[Package]]:
    """The placed packages of an area, those of one household together."""
    units: dict[str, list[Package]] = {}
    for i, package in enumerate(packages):
        if package.status == "placed" and package.ward.area_id == area_id:
            units.setdefault(package.household_id or str(i), []).append(package)
    return list(units.values())


def give_area(rng: Draws, units: list[list[Package]], providers: list[Provider], area: str) -> None:
    """Gives an area's packages to providers, mostly near ones, up to the work each aims at."""
    workers = [p for p in providers if p.work.get(area)]
    total = sum(package.carer_quarters for unit in units for package in unit)
    scale = total / sum(p.work[area] for p in workers)
    left = {p.provider_id: p.work[area] * scale for p in workers}
    for unit in shuffled(rng, units):
        ward = unit[0].ward
        chosen = workers[
            pick(
                rng,
                {
                    i: max(left[p.provider_id], 0.01) / (1 + kilometres(p, ward) / 3)
                    for i, p in enumerate(workers)
                },
            )
        ]
        for package in unit:
            package.provider = chosen
            left[chosen.provider_id] -= package.carer_quarters
            chosen.held += package.carer_quarters


def give_work(rng: Draws, packages: list[Package], providers: list[Provider]) -> None:
    """Gives every placed package a provider."""
    for area_id in AREA_WARDS:
        give_area(rng, placed_units(packages, area_id), providers, area_id)


def household_provider(package: Package, packages: list[Package]) -> Provider | None:
    """The present provider of the package's household, if it has one."""
    if package.provider or not package.household_id:
        return package.provider
    partners = [p for p in packages if p.household_id == package.household_id]
    return next((p.provider for p in partners if p.provider), None)


def draw_needs(rng: Draws, packages: list[Package]) -> None:
    """Gives about one person in five a special need that the household's provider can meet."""
    for package in packages:
        provider = household_provider(package, packages)
        able = {k: w for k, w in NEED_WEIGHTS.items() if provider is None or k in provider.needs}
        number = pick(rng, {0: 0.80, 1: 0.18, 2: 0.02})
        for _ in range(min(number, len(able))):
            need = pick(rng, able)
            del able[need]
            package.needs.append(NEEDS[need])
        package.needs.sort()


def draw_urgency(rng: Draws, packages: list[Package]) -> None:
    """Draws priorities, end-of-life locks and days waited; urgent people wait less long."""
    for status in ("placed", "waiting"):
        group = shuffled(rng, [p for p in packages if p.status == status])
        counts = apportion(len(group), PRIORITIES)
        labels = [priority for priority, count in counts.items() for _ in range(count)]
        for package, priority in zip(group, labels, strict=True):
            package.priority = priority
    for package in packages:
        if package.status == "waiting":
            longest = LONGEST_WAIT_DAYS[package.priority]
            if package.ward.area_id not in BUDGET_POUNDS:
                longest *= EASIER_AREAS_WAIT
            # The square makes short waits common and long ones rare.
            package.days_waiting = str(1 + math.floor(rng.random() ** 2 * longest))
    single = [p for p in packages if p.status == "placed" and not p.household_id]
    for package in shuffled(rng, single)[: round(PLACED_PACKAGES * LOCKED_SHARE)]:
        package.locked, package.priority = True, "1"


def may_take(provider: Provider, package: Package) -> bool:
    """Whether a provider takes new work, reaches the person and meets all needs."""
    able = {NEEDS[key] for key in provider.needs}
    return (
        provider.takes_new_work
        and package.ward.area_id in provider.work
        and able.issuperset(package.needs)
    )


def draw_choices(rng: Draws, packages: list[Package], providers: list[Provider]) -> None:
    """Some waiting people asked for a provider that can take them, some placed ones for theirs."""
    single = [p for p in shuffled(rng, packages) if not p.household_id]
    for package in [p for p in single if p.status == "waiting"][:WAITING_CHOICES]:
        able = [p for p in providers if may_take(p, package)]
        package.choice_id = shuffled(rng, able)[0].provider_id
    for package in [p for p in single if p.provider][:PLACED_CHOICES]:
        if package.provider:
            package.choice_id = package.provider.provider_id


def draw_records(rng: Draws, packages: list[Package]) -> None:
    """Draws payer and start date; most packages are recent, a few go back years."""
    for package in packages:
        package.payer = pick(rng, PAYERS)
        age = timedelta(days=7 + math.floor(rng.random() ** 2 * 1400))
        if package.status == "placed":
            package.start = (SNAPSHOT - age).isoformat()


def number_packages(rng: Draws, packages: list[Package]) -> list[Package]:
    """Numbers packages in random order, so that an id says nothing about the person."""
    mixed = shuffled(rng, packages)
    for number, package in enumerate(mixed, start=1):
        package.package_id = f"P{number:04d}"
    return mixed


# --------------------------------------------------------------------------------- rows of tables


def area_rows() -> list[Row]:
    """Rows of areas.csv; an area without a budget has no limit of weeks either."""
    return [
        (
            area_id,
            f"Illustrative Area {area_id[1]}",
            LEADS[area_id],
            BUDGET_POUNDS.get(area_id, ""),
            BUDGET_WEEKS if area_id in BUDGET_POUNDS else "",
        )
        for area_id in AREA_WARDS
    ]


def provider_rows(rng: Draws, providers: list[Provider]) -> list[Row]:
    """Rows of providers.csv; capacity is present work plus the roster's spare hours."""
    rows: list[Row] = []
    for i, provider in enumerate(providers):
        rated_on = date(2018, 1, 8) + timedelta(days=math.floor(rng.random() * 1350))
        rows.append(
            (
                provider.provider_id,
                provider.name,
                provider.owner_id,
                "",
                provider.rating,
                "" if provider.rating == RATINGS["N"] else rated_on.isoformat(),
                "No" if provider.takes_new_work else "Yes",
                "Yes" if provider.growth else "No",
                hours(provider.held + round(provider.spare * 4)),
                provider.growth,
                provider.ramp,
                ";".join(NEEDS[key] for key in provider.needs),
                provider.easting,
                provider.northing,
                BASES[i % len(BASES)],
            )
        )
    return rows


def package_rows(packages: list[Package]) -> list[Row]:
    """Rows of packages.csv."""
    return [
        (
            p.package_id,
            p.ward.place_id,
            hours(p.quarters),
            p.carers,
            p.visits,
            p.status,
            p.provider.provider_id if p.provider else "",
            p.priority,
            p.days_waiting,
            p.choice_id,
            "Yes" if p.locked else "",
            p.household_id,
            ";".join(p.needs),
            "home care",
            p.payer,
            p.start,
            "",
        )
        for p in packages
    ]


def reach_rows(rng: Draws, providers: list[Provider], places: list[Place]) -> list[Row]:
    """Rows of reach.csv: whole areas; travel varies a little, as roads are not straight lines."""
    rows: list[Row] = []
    for provider in providers:
        for place in places:
            if place.area_id in provider.work:
                minutes = kilometres(provider, place) / SPEED_KMH * 60 + rng.random() * 4 - 2
                travel = max(MIN_TRAVEL_MINUTES, round(minutes))
                rows.append((provider.provider_id, place.place_id, travel, ""))
    return rows


def referral_rows(rng: Draws, providers: list[Provider], places: list[Place]) -> list[Row]:
    """Rows of referrals.csv: each is offered to the area's lead, then, if refused, to one other."""
    packages = draw_packages(rng, REFERRALS)
    settle(rng, packages, places, "placed")
    rows: list[tuple[str, ...]] = []
    for package in packages:
        day = REFERRAL_START + timedelta(days=math.floor(rng.random() * REFERRAL_DAYS))
        ward = package.ward
        lead = LEADS[ward.area_id]
        others = [p.provider_id for p in providers if may_take(p, package)]
        others.remove(lead)
        size = hours(package.carer_quarters)
        answer, reason = draw_answer(rng, LEAD_ACCEPTS[ward.area_id])
        rows.append((day.isoformat(), ward.place_id, size, lead, answer, reason))
        if answer != "accepted":
            second = shuffled(rng, others)[0]
            later = (day + timedelta(days=2)).isoformat()
            rows.append((later, ward.place_id, size, second, *draw_answer(rng, 0.7)))
    rows.sort()
    return [*rows]


def draw_answer(rng: Draws, accepts: float) -> tuple[str, str]:
    """Draws an answer to a referral, and the reason where it was declined."""
    rest = 1 - accepts
    answer = pick(rng, {"accepted": accepts, "declined": 0.8 * rest, "no answer": 0.2 * rest})
    return answer, pick(rng, DECLINE_REASONS) if answer == "declined" else ""


def pin_rows(packages: list[Package], providers: list[Provider]) -> list[Row]:
    """Rows of pins.csv: three decisions of people that no plan may change."""

    def first(status: str, area_id: str) -> Package:
        """The first plain package of an area that its lead does not hold."""
        return next(
            p
            for p in packages
            if p.status == status
            and p.ward.area_id == area_id
            and not (p.household_id or p.choice_id or p.locked or p.needs)
            and (p.provider is None or p.provider.provider_id != LEADS[area_id])
        )

    stays, waits, moved_once = first("placed", "A1"), first("waiting", "A4"), first("placed", "A6")
    refused = next(p for p in providers if may_take(p, waits) and p.work["A4"] and not p.growth)
    present = stays.provider.provider_id if stays.provider else ""
    return [
        ("package-provider", stays.package_id, present, "must", "Agreed at the yearly review"),
        ("package-provider", waits.package_id, refused.provider_id, "never", "Complaint upheld"),
        ("package-provider", moved_once.package_id, LEADS["A6"], "never", "Asked not to go back"),
    ]


def bid_rows(rng: Draws, providers: list[Provider], places: list[Place]) -> list[Row]:
    """Rows of the tender's rates.csv: one bid per provider and area, larger providers cheaper."""
    rows: list[Row] = []
    for provider in providers:
        base = 16.8 + 1.7 * rng.random() if provider.growth else 18.0 + 3.1 * rng.random()
        bids = {
            area: round((base + premium + 0.5 * rng.random() - 0.25) / 0.05) * 0.05
            for area, premium in AREA_PREMIUM.items()
        }
        for place in places:
            if place.area_id in provider.work:
                bid = min(max(bids[place.area_id], LOWEST_BID), HIGHEST_BID)
                rows.append((provider.provider_id, place.place_id, f"{bid:.2f}"))
    return rows


# ---------------------------------------------------------------------------------------- writing


def source_rows(rates: Row) -> list[Row]:
    """Says of each table what it is; SOURCES.md has it in full."""
    ons = ("real", "Office for National Statistics", "May 2021; population mid-2020", "OGL v3.0")
    return [
        *((table, *ons) for table in ("places", "borders")),
        ("rates", *rates),
        ("claims", "real", "Sefton Council", "2 December 2021", "MIT"),
        *((table, "illustrative", *OURS) for table in ("areas", "place_areas", "parameters")),
        *(
            (table, "synthetic", *OURS)
            for table in ("providers", "packages", "reach", "referrals", "pins")
        ),
    ]


def write_table(folder: Path, table: str, rows: Iterable[Row]) -> None:
    """Writes one table as UTF-8 with LF line ends."""
    with (folder / f"{table}.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(HEADERS[table].split(","))
        writer.writerows(rows)


def build() -> tuple[dict[str, list[Row]], list[Row]]:
    """Draws all synthetic tables of `sefton`, and the bids that are the tender's rates."""
    rng = np.random.default_rng(SEED)
    places = read_places(HERE)
    providers = read_roster(rng, places)
    packages = all_packages(rng, places)
    form_couples(rng, packages)
    give_work(rng, packages, providers)
    draw_needs(rng, packages)
    draw_urgency(rng, packages)
    draw_choices(rng, packages, providers)
    draw_records(rng, packages)
    packages = number_packages(rng, packages)
    tables: dict[str, list[Row]] = {
        "areas": area_rows(),
        "place_areas": [(place.place_id, place.area_id) for place in places],
        "providers": provider_rows(rng, providers),
        "packages": package_rows(packages),
        "reach": reach_rows(rng, providers, places),
        "rates": [("", "", RATE)],
        "parameters": [("paid_share", PAID_SHARE, "assumed", PAID_SHARE_NOTE)],
        "pins": pin_rows(packages, providers),
        "referrals": referral_rows(rng, providers, places),
    }
    return tables, bid_rows(rng, providers, places)


def main(folder: Path) -> None:
    """Writes both cases under the folder; the tender takes its own copy of the real tables."""
    tables, bids = build()
    case, tender = folder / "sefton", folder / "sefton-tender"
    case.mkdir(parents=True, exist_ok=True)
    tender.mkdir(parents=True, exist_ok=True)
    one_rate = ("real", "Sefton Council", "2021/22", "OGL v3.0")
    for table, rows in (tables | {"sources": source_rows(one_rate)}).items():
        write_table(case, table, rows)
    bid_rates = {"rates": bids, "sources": source_rows(("synthetic", *OURS))}
    for table, rows in (tables | bid_rates).items():
        write_table(tender, table, rows)
    for name in REAL_TABLES:
        shutil.copyfile(HERE / name, tender / name)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE.parent)
