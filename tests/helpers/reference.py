"""A second formulation of home care in plain PuLP, and a second way to price a plan.

Written from the words of the card and the CSV tables alone, one variable and one row at a time, so
that it shares no line with the program it checks. It covers the ordered objective with the rules of
``COVERED``; it refuses a scenario in which another rule binds.
"""

from __future__ import annotations

import csv
import math
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import pulp

from helpers.tiny import COVERED_RULES

ROOT = Path(__file__).resolve().parents[2]
CARD = tomllib.loads((ROOT / "models" / "homecare" / "card.toml").read_text(encoding="utf-8"))

COVERED = set(COVERED_RULES)
RATING_ORDER = ["Outstanding", "Good", "Requires improvement", "Inadequate"]
PRIORITIES = {"": "3", "urgent": "1", "high": "1", "medium": "2", "low": "3", "routine": "3"}

Row = dict[str, str]


def _yes(cell: str) -> bool:
    return cell.strip().casefold() in ("yes", "y", "true", "1")


def _minutes(cell: str) -> int:
    return round(Fraction(cell) * 60)


def _pence(cell: str) -> int:
    return round(Fraction(cell) * 100)


def _half_up(amount: Fraction) -> int:
    return math.floor(amount + Fraction(1, 2))


def _split(cell: str) -> list[str]:
    return [part.strip() for part in cell.split(";") if part.strip()]


@dataclass(frozen=True)
class Priced:
    """A plan recounted: pounds a year, weighted hours, minutes a week and people."""

    cash: Fraction
    waiting: Fraction
    travel: Fraction
    changes: Fraction


@dataclass(frozen=True)
class Answer:
    """What the reference finds: None where there is no plan, else each level's value."""

    levels: tuple[Fraction, ...] | None
    plan: Mapping[str, str]


class Reference:
    """A home care question read from its files.

    Parameters
    ----------
    path
        The scenario, a TOML file.
    case
        Folder of the case, where the scenario does not name it relative to itself.
    """

    def __init__(self, path: Path, case: Path | None = None) -> None:
        self.scenario = tomllib.loads(path.read_text(encoding="utf-8"))
        self.folder = case if case is not None else path.parent / self.scenario["case"]
        self.tables: dict[str, list[Row]] = defaultdict(list)
        for file in sorted(self.folder.glob("*.csv")):
            with file.open(newline="", encoding="utf-8-sig") as stream:
                self.tables[file.stem] = list(csv.DictReader(stream))
        for change in self.scenario.get("change", []):
            unknown = set(change) - {"because", "table", "add"}
            if unknown:
                raise NotImplementedError(f"changes other than add: {unknown}")
            for row in change["add"]:
                added = {key: str(value) for key, value in row.items()}
                self.tables[change["table"]].append(added)
        self._read_parameters()
        self._read_places()
        self._read_packages()
        self._read_providers()
        self._read_leads()
        self._hand_back()
        self._read_reach()
        self._read_rates()
        self._read_pins()

    # ------------------------------------------------------------------------------- the words

    def rule(self, name: str) -> dict[str, Any]:
        """Mode, value, price and options of a rule, the card's where the scenario is silent."""
        words = CARD["rules"][name]
        options = {key: option["default"] for key, option in words.get("options", {}).items()}
        kept = {key: words.get(key) for key in ("mode", "value", "price")}
        setting = kept | options | self.scenario.get("rules", {}).get(name, {})
        setting["mode"] = words.get("aliases", {}).get(setting["mode"], setting["mode"])
        return setting

    def share(self, name: str) -> Fraction:
        """Value of a parameter as an exact number."""
        return Fraction(str(self.parameters[name]))

    def _read_parameters(self) -> None:
        self.parameters = {key: words.get("default") for key, words in CARD["parameters"].items()}
        for row in self.tables["parameters"]:
            self.parameters[row["parameter_id"]] = row["value"]
        self.parameters |= self.scenario.get("parameters", {})

    # ------------------------------------------------------------------------------ the tables

    def _cell(self, row: Row, column: str) -> str:
        return (row.get(column) or "").strip()

    def _read_places(self) -> None:
        self.area_of = {row["place_id"]: row["area_id"] for row in self.tables["place_areas"]}
        listed = [row["area_id"] for row in self.tables["areas"]]
        self.areas = listed or sorted(set(self.area_of.values()))
        self.at: dict[str, tuple[int, int]] = {}
        for row in self.tables["places"]:
            if self._cell(row, "easting_m") and self._cell(row, "northing_m"):
                self.at[row["place_id"]] = (int(row["easting_m"]), int(row["northing_m"]))

    def _read_packages(self) -> None:
        self.packages = [row["package_id"] for row in self.tables["packages"]]
        self.row = {row["package_id"]: row for row in self.tables["packages"]}
        self.status: dict[str, str] = {}
        self.present: dict[str, str] = {}
        self.minutes: dict[str, int] = {}
        self.visits: dict[str, int] = {}
        self.weight: dict[str, Fraction] = {}
        self.days: dict[str, int] = {}
        self.follows: dict[str, Fraction] = {}
        self.given_back: set[str] = set()
        for p, row in self.row.items():
            named = self._cell(row, "provider_id")
            self.status[p] = self._cell(row, "status") or ("placed" if named else "waiting")
            self.present[p] = "" if self.status[p] == "waiting" else named
            planned = _minutes(row["hours_per_week"])
            self.minutes[p] = planned * int(self._cell(row, "carers") or 1)
            length = self.share("assumed_visit_minutes")
            visits = self._cell(row, "visits_per_week")
            self.visits[p] = int(visits) if visits else math.ceil(planned / length)
            priority = self._cell(row, "priority").casefold()
            priority = PRIORITIES.get(priority, priority)
            self.weight[p] = self.share(f"priority_weight_{priority}")
            self.days[p] = int(self._cell(row, "days_waiting") or 0)
            back = self.status[p] == "handed_back"
            self.follows[p] = self.share("staff_transfer_share") if back else Fraction(0)

    def place(self, p: str) -> str:
        """Place of a package."""
        return self.row[p]["place_id"]

    def area(self, p: str) -> str:
        """Area of a package."""
        return self.area_of[self.place(p)]

    def _read_providers(self) -> None:
        rows = {row["provider_id"]: row for row in self.tables["providers"]}
        self.providers = list(rows)
        nobody_said = not any(self._cell(row, "can_lead") for row in rows.values())
        no_needs_said = not any(self._cell(row, "needs") for row in rows.values())
        self.owner: dict[str, str] = {}
        self.rating: dict[str, int] = {}
        self.suspended: dict[str, bool] = {}
        self.can_lead: dict[str, bool] = {}
        self.capacity: dict[str, int] = {}
        self.growth: dict[str, int] = {}
        self.unmet: dict[tuple[str, str], bool] = {}
        for k, row in rows.items():
            self.owner[k] = self._cell(row, "owner_id") or k
            rating = self._cell(row, "cqc_rating")
            if rating in ("", "not yet rated"):
                rating = str(self.parameters["not_yet_rated_as"])
            self.rating[k] = RATING_ORDER.index(rating)
            self.suspended[k] = _yes(self._cell(row, "suspended"))
            self.can_lead[k] = nobody_said or _yes(self._cell(row, "can_lead"))
            # What it delivers, or did before it was handed back: capacity falls for that below.
            work = sum(self.minutes[p] for p in self.packages if self.present[p] == k)
            stated = self._cell(row, "capacity_hours")
            headroom = 1 + self.share("assumed_headroom")
            self.capacity[k] = _minutes(stated) if stated else math.floor(work * headroom)
            promised = _minutes(self._cell(row, "growth_hours") or "0")
            self.growth[k] = math.floor(promised * self.share("growth_haircut"))
            meets = {need.casefold() for need in _split(self._cell(row, "needs"))}
            for p in self.packages:
                wanted = {n.casefold() for n in _split(self._cell(self.row[p], "needs"))}
                self.unmet[p, k] = bool(wanted - meets) and not no_needs_said

    def _read_leads(self) -> None:
        self.leads: dict[str, list[str]] = {area: [] for area in self.areas}
        self.money: dict[str, tuple[int, int]] = {}
        for row in self.tables["areas"]:
            self.leads[row["area_id"]] = _split(self._cell(row, "lead_id"))
            pounds = self._cell(row, "new_work_budget_pounds")
            weeks = self._cell(row, "budget_weeks")
            if pounds and weeks:
                self.money[row["area_id"]] = (_pence(pounds), int(weeks))

    def _hand_back(self) -> None:
        self.closed: set[tuple[str, str]] = set()
        self.ended: set[tuple[str, str]] = set()
        gone: set[str] = set()
        placed = {p for p in self.packages if self.status[p] == "placed"}
        for row in self.tables["handbacks"]:
            k, kind, named = row["provider_id"], row["kind"], self._cell(row, "area_id")
            for area in [named] if named else self.areas:
                if kind in ("lead role", "leaves"):
                    self.ended.add((k, area))
                    self.leads[area] = [lead for lead in self.leads[area] if lead != k]
                if kind in ("packages", "leaves"):
                    self.closed.add((k, area))
                    for p in placed:
                        if self.present[p] == k and self.area(p) == area:
                            self.status[p] = "handed_back"
                            self.given_back.add(p)
                            share = self._cell(row, "staff_transfer_share")
                            self.follows[p] = Fraction(share or "0")
            if kind == "leaves" and not named:
                gone.add(k)
        for k in self.providers:
            for p in self.packages:
                if self.present[p] == k and self.status[p] == "handed_back":
                    lost = self.minutes[p] - (0 if p in self.given_back else self.takes(p))
                    self.capacity[k] -= lost
            self.capacity[k] = max(0, self.capacity[k])
            if k in gone:
                self.capacity[k] = self.growth[k] = 0
                self.suspended[k] = True

    def takes(self, p: str) -> int:
        """Minutes of a provider's own capacity, rounded up."""
        return math.ceil(self.minutes[p] * (1 - self.follows[p]))

    def _read_reach(self) -> None:
        self.travel: dict[tuple[str, str], int] = {}
        base = {}
        for row in self.tables["providers"]:
            k = row["provider_id"]
            if self._cell(row, "base_easting_m") and self._cell(row, "base_northing_m"):
                base[k] = (float(row["base_easting_m"]), float(row["base_northing_m"]))
            else:
                work = [p for p in self.packages if self.present[p] == k]
                work = [p for p in work if self.place(p) in self.at]
                total = sum(self.minutes[p] for p in work)
                if total:
                    base[k] = tuple(
                        sum(self.minutes[p] * self.at[self.place(p)][i] for p in work) / total
                        for i in (0, 1)
                    )
        speed = float(self.share("travel_speed_kmh")) * 1000 / 60
        for k in self.providers:
            for place in self.area_of:
                self.travel[k, place] = 0
                if k in base and place in self.at:
                    metres = math.dist(base[k], self.at[place])
                    self.travel[k, place] = math.floor(metres / speed + 0.5)
        self.reach: set[tuple[str, str]] = set()
        for row in self.tables["reach"]:
            pair = (row["provider_id"], row["place_id"])
            self.reach.add(pair)
            if self._cell(row, "travel_minutes_per_visit"):
                self.travel[pair] = int(Fraction(row["travel_minutes_per_visit"]))
        if not self.tables["reach"]:
            for k in self.providers:
                works = {self.area(p) for p in self.packages if self.present[p] == k}
                self.reach |= {(k, place) for place, a in self.area_of.items() if a in works}

    def _read_rates(self) -> None:
        self.rates: dict[tuple[str, str], int] = {}
        for row in self.tables["rates"]:
            pair = (self._cell(row, "provider_id"), self._cell(row, "place_id"))
            self.rates[pair] = _pence(row["rate_pounds_per_hour"])
        if ("", "") not in self.rates and self.parameters["rate_pounds_per_hour"] is not None:
            self.rates["", ""] = _pence(str(self.parameters["rate_pounds_per_hour"]))

    def rate(self, k: str, place: str) -> int:
        """Pence an hour: the most specific row, never below a floor that is paid."""
        pairs = [(k, place), (k, ""), ("", place), ("", "")]
        return self.raised(next(self.rates[pair] for pair in pairs if pair in self.rates))

    def raised(self, rate: int) -> int:
        """Pence an hour, the floor where the rate is below one that is paid."""
        floor = self.rule("rate_floor")
        if floor["mode"] == "raise" and floor["value"] is not None:
            rate = max(rate, _pence(str(floor["value"])))
        return rate

    def _read_pins(self) -> None:
        self.pins: dict[str, set[tuple[str, str]]] = defaultdict(set)
        for row in self.tables["pins"]:
            self.pins[f"{row['table']} {row['must_or_never']}"].add((row["id"], row["other_id"]))

    # ------------------------------------------------------------------------------- one price

    def cash(self, p: str, k: str) -> int:
        """Pence a year of a package at a provider."""
        hours = Fraction(self.minutes[p], 60)
        exact = hours * self.rate(k, self.place(p)) * self.share("paid_share") * Fraction(365, 7)
        return _half_up(exact)

    def waits(self, p: str) -> Fraction:
        """Weighted hours of a package that waits."""
        return Fraction(self.minutes[p], 60) * self.weight[p] * (1 + Fraction(self.days[p], 28))

    def change(self, p: str, k: str) -> Fraction:
        """How much of a change of carers it is for a person to be with a provider, or with none."""
        if self.status[p] == "placed":
            return Fraction(k not in ("", self.present[p]))
        if self.status[p] == "handed_back" and (k == "" or k != self.present[p]):
            return 1 - self.follows[p]
        return Fraction(0)

    def price(self, plan: Mapping[str, str]) -> Priced:
        """Recount a fixed plan.

        Parameters
        ----------
        plan
            Provider of each package, empty where it waits.
        """
        placed = [(p, plan[p]) for p in self.packages if plan[p]]
        return Priced(
            cash=Fraction(sum(self.cash(p, k) for p, k in placed), 100),
            waiting=sum((self.waits(p) for p in self.packages if not plan[p]), Fraction(0)),
            travel=Fraction(sum(self.travel[k, self.place(p)] * self.visits[p] for p, k in placed)),
            changes=sum((self.change(p, plan[p]) for p in self.packages), Fraction(0)),
        )

    # --------------------------------------------------------------------------- the programme

    def solve(self) -> Answer:
        """Minimise the levels one by one with CBC."""
        return _Model(self).solve()


def _steps(rule: str, setting: Mapping[str, Any]) -> int:
    """How many of the steps that a rule is counted in make one of its units."""
    if rule == "within_budget":
        return 100
    hours = rule in ("within_capacity", "share_limit", "viable_round")
    return 60 if hours or setting.get("by") == "hours" else 1


class _Model:
    """Variables and rows, and what each rule is short by in whole steps."""

    def __init__(self, data: Reference) -> None:
        self.data = data
        self.problem = pulp.LpProblem("reference", pulp.LpMinimize)
        self.number = 0
        self.shortfalls: list[tuple[Fraction, Any]] = []
        self.nought = self._binary()
        for name in CARD["rules"]:
            binds = data.rule(name)["mode"] in ("hard", "soft")
            if binds and name not in COVERED:
                raise NotImplementedError(f"the reference does not cover {name}")
        self._assign()
        self._lead()
        for name in sorted(COVERED):
            setting = data.rule(name)
            if setting["mode"] in ("hard", "soft"):
                for short in getattr(self, f"_{name}")(setting):
                    if setting["mode"] == "hard":
                        self._at_most(short, 0)
                    else:
                        price = Fraction(str(setting["price"])) / _steps(name, setting)
                        self.shortfalls.append((price, short))

    def _binary(self) -> pulp.LpVariable:
        self.number += 1
        return pulp.LpVariable(f"b{self.number}", cat="Binary")

    def _at_most(self, amount: Any, limit: Any) -> None:
        """Keep an amount within a limit; one without variables may be plainly too large."""
        row = pulp.LpAffineExpression(amount) - limit
        if len(row):
            self.problem += row <= 0
        elif row.constant > 1e-9:
            self.problem += self.nought >= 2

    def _above(self, amount: Any, *, whole: bool = False) -> pulp.LpVariable:
        """Return a variable that is at least an amount and at least nought."""
        self.number += 1
        kind = "Integer" if whole else "Continuous"
        short = pulp.LpVariable(f"s{self.number}", lowBound=0, cat=kind)
        self._at_most(amount, short)
        return short

    def _assign(self) -> None:
        """One provider at most for each package, where the data allow it."""
        data = self.data
        must, never = data.pins["package-provider must"], data.pins["package-provider never"]
        self.x: dict[tuple[str, str], pulp.LpVariable] = {}
        self.left: dict[str, pulp.LpVariable] = {}
        for p in data.packages:
            self.left[p] = self._binary()
            for k in data.providers:
                here = data.status[p] == "placed" and data.present[p] == k
                may = (
                    (k, data.place(p)) in data.reach
                    and not data.suspended[k]
                    and (k, data.area(p)) not in data.closed
                )
                if (here or may) and (p, k) not in never:
                    self.x[p, k] = self._binary()
            self.problem += pulp.lpSum(self.options(p).values()) + self.left[p] == 1
            for k in [other for one, other in must if one == p]:
                self._at_most(1, self.options(p).get(k, 0))

    def options(self, p: str) -> dict[str, pulp.LpVariable]:
        """Providers that a package may be with."""
        return {k: var for (one, k), var in self.x.items() if one == p}

    def held(self, k: str) -> dict[str, pulp.LpVariable]:
        """Packages that a provider may have."""
        return {p: var for (p, one), var in self.x.items() if one == k}

    def _lead(self) -> None:
        """Leads of each area: those who stay, and those who may be chosen."""
        data = self.data
        must, never = data.pins["area-lead must"], data.pins["area-lead never"]
        self.z: dict[tuple[str, str], Any] = {}
        appointments: dict[str, list[Any]] = defaultdict(list)
        for a in data.areas:
            for k in data.providers:
                reaches = any(
                    (k, place) in data.reach for place, b in data.area_of.items() if a == b
                )
                may = data.can_lead[k] and not data.suspended[k] and reaches
                may = may and (k, a) not in data.ended and (a, k) not in never
                if k in data.leads[a]:
                    self.z[a, k] = 1
                elif (a, k) in must:
                    self.z[a, k] = 1
                    appointments[k].append(1)
                elif may:
                    self.z[a, k] = self._binary()
                    appointments[k].append(self.z[a, k])
        self.grows: dict[str, pulp.LpVariable] = {}
        for k in data.providers:
            self.grows[k] = self._binary()
            self._at_most(self.grows[k], pulp.lpSum(appointments[k]))

    def here(self, a: str) -> dict[str, Any]:
        """Possible leads of an area."""
        return {k: var for (one, k), var in self.z.items() if one == a}

    def new(self, p: str, k: str) -> bool:
        """Whether a package at a provider is a new placement."""
        return not (self.data.status[p] == "placed" and self.data.present[p] == k)

    # ------------------------------------------------------------------------------- the rules

    def _placed_once(self, _: Mapping[str, Any]) -> Iterable[Any]:
        return [self.left[p] for p in self.data.packages if self.data.status[p] == "placed"]

    def _within_capacity(self, _: Mapping[str, Any]) -> Iterable[Any]:
        for k in self.data.providers:
            load = pulp.lpSum(self.data.takes(p) * var for p, var in self.held(k).items())
            room = self.data.capacity[k] + self.data.growth[k] * self.grows[k]
            yield self._above(load - room)

    def _leads_per_area(self, setting: Mapping[str, Any]) -> Iterable[Any]:
        for a in self.data.areas:
            leads = pulp.lpSum(self.here(a).values())
            yield self._above(setting["minimum"] - leads)
            yield self._above(leads - setting["maximum"])

    def _leads_limit(self, setting: Mapping[str, Any]) -> Iterable[Any]:
        for owner in set(self.data.owner.values()):
            led = []
            for a in self.data.areas:
                leads = self._binary()
                for k, var in self.here(a).items():
                    if self.data.owner[k] == owner:
                        self._at_most(var, leads)
                led.append(leads)
            yield self._above(pulp.lpSum(led) - setting["value"])

    def _share_limit(self, setting: Mapping[str, Any]) -> Iterable[Any]:
        total = sum(self.data.minutes.values())
        limit = math.floor(Fraction(str(setting["value"])) * total)
        for owner in set(self.data.owner.values()):
            held = pulp.lpSum(
                self.data.minutes[p] * var
                for (p, k), var in self.x.items()
                if self.data.owner[k] == owner
            )
            yield self._above(held - limit)

    def _lead_accepts_share(self, setting: Mapping[str, Any]) -> Iterable[Any]:
        hours = setting["by"] == "hours"
        for a in self.data.areas:
            accepted, total = [], 0
            for p in self.data.packages:
                if self.data.area(p) != a or self.data.status[p] == "placed":
                    continue
                counts = self.data.minutes[p] if hours else 1
                total += counts
                for k, var in self.options(p).items():
                    if k in self.here(a):
                        both = self._binary()
                        self._at_most(both, var)
                        self._at_most(both, self.here(a)[k])
                        accepted.append(counts * both)
            target = math.ceil(Fraction(str(setting["value"])) * total)
            yield self._above(target - pulp.lpSum(accepted))

    def _pairs(self, setting: Mapping[str, Any], broken: Any) -> Iterable[Any]:
        """Short by one for each placement in scope that a rule speaks against."""
        for (p, k), var in self.x.items():
            scope = self.new(p, k) or setting.get("applies_to") == "all"
            if scope and broken(p, k):
                yield var

    def _quality_floor(self, setting: Mapping[str, Any]) -> Iterable[Any]:
        worst = RATING_ORDER.index(setting["value"])
        return self._pairs(setting, lambda p, k: self.data.rating[k] > worst)

    def _needs_met(self, setting: Mapping[str, Any]) -> Iterable[Any]:
        return self._pairs(setting, lambda p, k: self.data.unmet[p, k])

    def _choice_kept(self, setting: Mapping[str, Any]) -> Iterable[Any]:
        def another(p: str, k: str) -> bool:
            return (self.data.row[p].get("choice_id") or k) != k

        return self._pairs(setting, another)

    def _moves(self) -> dict[str, list[Any]]:
        moves = defaultdict(list)
        for (p, k), var in self.x.items():
            if self.data.status[p] == "placed" and k != self.data.present[p]:
                moves[p].append(var)
        return moves

    def _locked_stay(self, _: Mapping[str, Any]) -> Iterable[Any]:
        for p, moves in self._moves().items():
            if _yes(self.data.row[p].get("locked") or ""):
                yield from moves

    def _moves_limit(self, setting: Mapping[str, Any]) -> Iterable[Any]:
        moves = [var for some in self._moves().values() for var in some]
        yield self._above(pulp.lpSum(moves) - setting["value"])

    def _household_together(self, _: Mapping[str, Any]) -> Iterable[Any]:
        homes = {self.data.row[p].get("household_id") or "" for p in self.data.packages}
        for home in homes - {""}:
            used = []
            for k in self.data.providers:
                serves = self._binary()
                for p, var in self.held(k).items():
                    if self.data.row[p].get("household_id") == home:
                        self._at_most(var, serves)
                used.append(serves)
            yield self._above(pulp.lpSum(used) - 1)

    def _active(self) -> Iterable[tuple[pulp.LpVariable, Any]]:
        """For each provider and area, whether it works there, and its minutes."""
        for k in self.data.providers:
            for a in self.data.areas:
                held = {p: var for p, var in self.held(k).items() if self.data.area(p) == a}
                works = self._binary()
                for var in held.values():
                    self._at_most(var, works)
                yield works, pulp.lpSum(self.data.minutes[p] * var for p, var in held.items())

    def _viable_round(self, setting: Mapping[str, Any]) -> Iterable[Any]:
        least = int(Fraction(str(setting["value"])) * 60)
        for works, minutes in self._active():
            yield self._above(least * works - minutes)

    def flow(self, a: str, weeks: int) -> Fraction:
        """Pence of expected starts less ends at the general rate, or the mean of all rows."""
        rate = self.data.rates.get(("", ""))
        if rate is None:
            rate = round(Fraction(sum(self.data.rates.values()), len(self.data.rates)))
        rate = self.data.raised(rate)
        minute_weeks = 0
        for table, sign in (("starts", 1), ("ends", -1)):
            for row in self.data.tables[table]:
                if row["area_id"] == a:
                    paid = max(0, weeks - int(row["week"]) + 1)
                    minute_weeks += sign * _minutes(row["hours"]) * paid
        return Fraction(minute_weeks, 60) * rate * self.data.share("paid_share")

    def _within_budget(self, _: Mapping[str, Any]) -> Iterable[Any]:
        for a, (budget, weeks) in self.data.money.items():
            cash = pulp.lpSum(
                self.data.cash(p, k) * var
                for (p, k), var in self.x.items()
                if self.data.area(p) == a and self.data.status[p] == "waiting"
            )
            # In whole pence rounded up: what is left of a penny counts as one.
            part = Fraction(7 * weeks, 365)
            flow = self.flow(a, weeks)
            scale = part.denominator * flow.denominator
            spent = cash * int(part * scale) + int(flow * scale) - budget * scale
            short = self._above(0, whole=True)
            self._at_most(spent, scale * short)
            yield short

    # ------------------------------------------------------------------------------- the terms

    def term(self, name: str) -> list[tuple[Fraction, Any]]:
        """A term in its unit: what each variable counts."""
        data, x = self.data, self.x.items()
        if name == "shortfalls":
            return self.shortfalls
        if name == "waiting":
            return [(data.waits(p), self.left[p]) for p in data.packages]
        if name == "changes":
            left = [(data.change(p, ""), self.left[p]) for p in data.packages]
            return left + [(data.change(p, k), var) for (p, k), var in x]
        if name == "cash":
            return [(Fraction(data.cash(p, k), 100), var) for (p, k), var in x]
        if name == "travel":
            return [
                (Fraction(data.travel[k, data.place(p)] * data.visits[p]), var) for (p, k), var in x
            ]
        raise NotImplementedError(f"the reference does not cover the term {name}")

    def solve(self) -> Answer:
        """Minimise each level, then keep it."""
        values = []
        for name in self.data.scenario.get("objective", {}).get("levels") or CARD["levels"]:
            term = self.term(name)
            total = pulp.lpSum(float(counts) * var for counts, var in term)
            self.problem.setObjective(total + self.nought)
            self.problem.solve(pulp.PULP_CBC_CMD(msg=False, gapRel=0, threads=1))
            if pulp.LpStatus[self.problem.status] != "Optimal":
                return Answer(None, {})
            # Each variable counts whole steps; what CBC prints of it is rounded.
            value = sum((counts * round(pulp.value(var)) for counts, var in term), Fraction(0))
            values.append(value)
            self._at_most(total, float(value) + 1e-7 * max(1, float(value)))
        plan = {
            p: next((k for k, var in self.options(p).items() if round(var.value()) == 1), "")
            for p in self.data.packages
        }
        return Answer(tuple(values), plan)
