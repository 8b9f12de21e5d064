"""Random tiny home care cases, small enough to look at every plan.

A case is drawn from a seed, so that a failing one can be drawn again: ``generate(seed)``.
"""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, reject, settings

from allocate.asked import Asked, prepare
from allocate.card import read_card
from allocate.errors import BadInput

Row = dict[str, Any]

MODES = ("off", "hard", "soft", "report")
RATINGS = ("Outstanding", "Good", "Requires improvement", "Inadequate", "not yet rated", "")
BANDS = ("morning", "lunch", "tea", "bed")
TERMS = ("waiting", "shortfalls", "changes", "cash", "travel", "rounds")
PRICES = (0, 0.001, 0.05, 0.5, 1, 1, 2.25, 10, 10, 333.333, 1000)
SHARES = (0, 0.001, 0.25, 0.333, 0.4, 0.5, 0.667, 0.9, 0.999, 1)
COVERED_TERMS = ("waiting", "shortfalls", "changes", "cash", "travel")
COVERED_RULES = (
    "placed_once",
    "within_capacity",
    "leads_per_area",
    "lead_accepts_share",
    "quality_floor",
    "needs_met",
    "choice_kept",
    "household_together",
    "locked_stay",
    "moves_limit",
    "within_budget",
    "share_limit",
    "leads_limit",
    "viable_round",
)


@dataclass
class Case:
    """A tiny case and its scenario, ready to be written.

    Parameters
    ----------
    tables
        Rows by table; a table without rows is not written.
    scenario
        Parts of the scenario: ``objective``, ``rules``, ``parameters``.
    """

    tables: dict[str, list[Row]] = field(default_factory=dict)
    scenario: dict[str, Any] = field(default_factory=dict)

    def write(self, folder: Path) -> Path:
        """Write the tables and the scenario; return the path of the scenario."""
        case = folder / "case"
        case.mkdir(parents=True, exist_ok=True)
        for name, rows in self.tables.items():
            if not rows:
                continue
            heading = list(dict.fromkeys(column for row in rows for column in row))
            with (case / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
                writer = csv.DictWriter(file, heading, restval="")
                writer.writeheader()
                writer.writerows(rows)
        path = folder / "tiny.toml"
        path.write_text(self.toml(), encoding="utf-8")
        return path

    def toml(self) -> str:
        """Return the scenario as TOML."""
        lines = ['question = "What is best in a tiny case?"', 'case = "case"', 'model = "homecare"']
        lines += ["", "[limits]", "seconds = 30.0", "gap = 0.0"]
        for section in ("objective", "parameters"):
            lines += ["", f"[{section}]"]
            lines += [f"{key} = {_toml(value)}" for key, value in self.scenario[section].items()]
        for rule, setting in self.scenario["rules"].items():
            lines += ["", f"[rules.{rule}]"]
            lines += [f"{key} = {_toml(value)}" for key, value in setting.items()]
        return "\n".join(lines) + "\n"


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        inner = ", ".join(f"{key} = {_toml(item)}" for key, item in value.items())
        return "{ " + inner + " }"
    if isinstance(value, list):
        return "[" + ", ".join(_toml(item) for item in value) + "]"
    return json.dumps(value)


def generate(seed: int, *, covered: bool = False) -> Case:
    """Draw a case.

    Parameters
    ----------
    seed
        Says which.
    covered
        Whether only rules and levels that the reference formulation covers may bind.

    Returns
    -------
    Case
        At most five packages, three providers, two areas and three places.
    """
    draw = _Draw(random.Random(f"tiny {seed}"))
    return draw.case(covered)


def examples(count: int) -> Callable[..., object]:
    """So many examples, the same in every run; a smaller seed is no simpler case."""
    return settings(
        max_examples=count,
        deadline=None,
        derandomize=True,
        database=None,
        phases=(Phase.explicit, Phase.generate),
        suppress_health_check=list(HealthCheck),
    )


def tiny_question(seed: int, folder: Path) -> Asked:
    """Write a drawn case and make its question ready; one whose pins contradict the rest is none.

    For use inside a property: a case that is refused for its pins is passed over.
    """
    try:
        return prepare(generate(seed).write(folder))
    except BadInput as refused:
        if all(fault.place.startswith("pins.csv") for fault in refused.faults):
            reject()
        raise


class _Draw:
    """Draws one case; each method draws one table or one part of the scenario."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.providers = [f"K{n}" for n in range(1, rng.choice((2, 3, 3)) + 1)]
        self.packages = [f"P{n}" for n in range(1, rng.choice((2, 3, 4, 4, 5)) + 1)]
        self.places = [f"L{n}" for n in range(1, rng.choice((2, 3)) + 1)]
        areas = [rng.choice(("A1", "A1", "A2")) for _ in self.places]
        self.area_of = dict(zip(self.places, areas, strict=True))
        self.areas = sorted(set(areas))

    def chance(self, probability: float) -> bool:
        """Toss a coin that comes up with this probability."""
        return self.rng.random() < probability

    def maybe(self, probability: float, value: Any) -> Any:
        """Return the value, or an empty cell."""
        return value if self.chance(probability) else ""

    def hours(self, low: int, high: int) -> float:
        """Draw hours in steps of three minutes: they have two decimals."""
        return self.rng.randint(low // 3, high // 3) * 3 / 60

    def case(self, covered: bool) -> Case:
        """Draw all tables, then the question."""
        leads_most = self.rng.choice((1, 1, 1, 2))
        tables = {"packages": self.package_rows()}
        tables["providers"] = self.provider_rows(tables["packages"])
        tables["place_areas"] = [{"place_id": p, "area_id": a} for p, a in self.area_of.items()]
        tables["places"] = self.place_rows()
        tables["reach"] = self.reach_rows()
        tables["rates"] = self.rate_rows()
        tables["areas"] = self.area_rows(leads_most)
        tables["handbacks"] = self.handback_rows()
        tables["pins"] = self.pin_rows(tables["packages"])
        if self.chance(0.3):
            tables["package_bands"], tables["provider_bands"] = self.band_rows()
        if tables["areas"] and self.chance(0.3):
            for name in ("starts", "ends"):
                tables[name] = self.flow_rows()
        parameters = self.parameters()
        if not tables["rates"]:
            parameters["rate_pounds_per_hour"] = 18.37
        in_case = {key for key in parameters if self.chance(0.3)}
        tables["parameters"] = [
            {"parameter_id": key, "value": parameters[key], "basis": "assumed"} for key in in_case
        ]
        tables["parameters"].sort(key=lambda row: row["parameter_id"])
        rules = self.rules(leads_most, covered)
        scenario = {
            "objective": {} if covered else self.objective(),
            "parameters": {key: v for key, v in parameters.items() if key not in in_case},
            "rules": rules,
        }
        return Case(tables, scenario)

    # ---------------------------------------------------------------------------------- tables

    def package_rows(self) -> list[Row]:
        """Packages of every status, few of them with everything that a package may have."""
        rows = []
        for name in self.packages:
            status = self.rng.choice(("placed", "placed", "waiting", "waiting", "handed_back", ""))
            named = status == "placed" or (status in ("handed_back", "") and self.chance(0.8))
            row = {
                "package_id": name,
                "place_id": self.rng.choice(self.places),
                "hours_per_week": self.hours(60, 900),
                "carers": self.rng.choice(("", 1, 1, 2)),
                "visits_per_week": self.maybe(0.7, self.rng.randint(1, 28)),
                "status": status,
                "provider_id": self.rng.choice(self.providers) if named else "",
                "priority": self.rng.choice(("", "1", "2", "3", "urgent")),
                "days_waiting": self.rng.choice(("", 0, 7, 14, 31, 100)),
                "choice_id": self.maybe(0.25, self.rng.choice(self.providers)),
                "locked": self.rng.choice(("", "", "No", "Yes")),
                "household_id": self.maybe(0.35, self.rng.choice(("H1", "H1", "H2"))),
                "needs": self.maybe(0.3, self.rng.choice(("dementia", "hoist", "dementia;hoist"))),
            }
            rows.append(row)
        return rows

    def provider_rows(self, packages: list[Row]) -> list[Row]:
        """Providers, most of them with room for what they deliver now."""
        open_to_all = self.chance(0.15)
        rows = []
        for name in self.providers:
            placed = [
                row
                for row in packages
                if row["provider_id"] == name and row["status"] in ("placed", "")
            ]
            present = sum(row["hours_per_week"] * (row["carers"] or 1) for row in placed)
            room = self.rng.choice((-2.55, 0, 0, 1.05, 4.2, 7.95, 15, 40))
            row = {
                "provider_id": name,
                "owner_id": self.rng.choice(("", "O1", "O1", "O2")),
                "cqc_rating": self.rng.choice(RATINGS),
                "suspended": self.rng.choice(("", "", "No", "No", "Yes")),
                "can_lead": "" if open_to_all else self.rng.choice(("Yes", "Yes", "Yes", "No", "")),
                "capacity_hours": self.maybe(0.9, round(max(0, present + room), 2)),
                "growth_hours": self.maybe(0.5, self.hours(60, 1200)),
                "needs": self.rng.choice(("", "dementia", "hoist", "dementia;hoist")),
                "base_easting_m": "",
                "base_northing_m": "",
            }
            if self.chance(0.5):
                row["base_easting_m"] = self.rng.randint(330_000, 334_000)
                row["base_northing_m"] = self.rng.randint(400_000, 404_000)
            rows.append(row)
        return rows

    def place_rows(self) -> list[Row]:
        """Places, some cases without any."""
        if self.chance(0.3):
            return []
        return [
            {
                "place_id": place,
                "easting_m": self.rng.randint(330_000, 334_000),
                "northing_m": self.rng.randint(400_000, 404_000),
            }
            for place in self.places
        ]

    def reach_rows(self) -> list[Row]:
        """Pairs that most providers work in; one case in eight leaves them to be derived."""
        if self.chance(0.12):
            return []
        wide = self.rng.choice((0.6, 0.85, 1))
        return [
            {
                "provider_id": provider,
                "place_id": place,
                "travel_minutes_per_visit": self.maybe(0.85, self.rng.randint(0, 20)),
            }
            for provider in self.providers
            for place in self.places
            if self.chance(wide)
        ]

    def rate_rows(self) -> list[Row]:
        """A general rate, and more specific ones at random; sometimes none at all."""
        if self.chance(0.08):
            return []
        rows = [{"provider_id": "", "place_id": "", "rate_pounds_per_hour": self.rate()}]
        for provider in ["", *self.providers]:
            for place in ["", *self.places]:
                if (provider or place) and self.chance(0.2):
                    rate = self.rate()
                    rows.append(
                        {"provider_id": provider, "place_id": place, "rate_pounds_per_hour": rate}
                    )
        self.rng.shuffle(rows)
        return rows

    def rate(self) -> float:
        """Draw pounds an hour."""
        return self.rng.randint(1600, 2600) / 100

    def area_rows(self, leads_most: int) -> list[Row]:
        """Areas with leads who stay or are to be chosen, and money that may run out."""
        if self.chance(0.15):
            return []
        rows = []
        for area in self.areas:
            leads = self.rng.sample(self.providers, self.rng.randint(0, leads_most))
            row = {"area_id": area, "lead_id": ";".join(leads)}
            row["new_work_budget_pounds"] = self.maybe(0.5, self.rng.choice((0, 900, 4000.07, 1e4)))
            row["budget_weeks"] = self.maybe(0.8, self.rng.choice((1, 5, 13, 40, 52)))
            rows.append(row)
        return rows

    def handback_rows(self) -> list[Row]:
        """Now and then somebody gives up a role, an area's packages, or everything."""
        rows: dict[tuple[str, str, str], Row] = {}
        while self.chance(0.3):
            provider = self.rng.choice(self.providers)
            kind = self.rng.choice(("lead role", "packages", "packages", "leaves"))
            area = self.rng.choice(("", *self.areas))
            rows[provider, kind, area] = {
                "provider_id": provider,
                "kind": kind,
                "area_id": area,
                "staff_transfer_share": self.maybe(0.7, self.rng.choice(SHARES)),
            }
        return list(rows.values())

    def pin_rows(self, packages: list[Row]) -> list[Row]:
        """Pins now and then."""
        rows: dict[tuple[str, str], Row] = {}
        while self.chance(0.12):
            table, known = "package-provider", [row["package_id"] for row in packages]
            if self.chance(0.4):
                table, known = "area-lead", self.areas
            one = self.rng.choice(known)
            rows[table, one] = {
                "table": table,
                "id": one,
                "other_id": self.rng.choice(self.providers),
                "must_or_never": self.rng.choice(("must", "never", "never")),
                "reason": "decided",
            }
        return list(rows.values())

    def band_rows(self) -> tuple[list[Row], list[Row]]:
        """Hours by time of day, of some packages and some providers."""
        packages = [
            {"package_id": name} | {f"{band}_hours": self.hours(0, 300) for band in BANDS}
            for name in self.packages
            if self.chance(0.8)
        ]
        providers = [
            {"provider_id": name}
            | {f"{band}_hours": self.maybe(0.8, self.hours(120, 1500)) for band in BANDS}
            for name in self.providers
            if self.chance(0.8)
        ]
        return packages, providers

    def flow_rows(self) -> list[Row]:
        """Work expected to start or end."""
        return [
            {"area_id": area, "week": week, "hours": self.hours(0, 600)}
            for area in self.areas
            for week in self.rng.sample((1, 2, 6, 30, 60), self.rng.randint(0, 2))
        ]

    # -------------------------------------------------------------------------------- question

    def parameters(self) -> dict[str, Any]:
        """Some parameters other than the card's."""
        drawn = {
            "paid_share": self.rng.choice((0.9, 0.875, 0.333)),
            "priority_weight_1": self.rng.choice((1, 7.5, 0.001)),
            "priority_weight_3": self.rng.choice((1.125, 3)),
            "growth_haircut": self.rng.choice(SHARES),
            "staff_transfer_share": self.rng.choice(SHARES),
            "surge_share": self.rng.choice(SHARES),
            "not_yet_rated_as": self.rng.choice(RATINGS[:4]),
            "assumed_headroom": self.rng.choice((0, 0.333, 1)),
            "assumed_visit_minutes": self.rng.choice((30, 37)),
            "travel_speed_kmh": self.rng.choice((12.5, 30)),
            "rate_pounds_per_hour": 19.99,
        }
        return {key: value for key, value in drawn.items() if self.chance(0.2)}

    def rules(self, leads_most: int, covered: bool) -> dict[str, Row]:
        """Modes, prices, values and options of about half the rules."""
        rules = {}
        for rule in read_card("homecare").rules:
            setting: Row = {}
            if self.chance(0.55):
                setting = self.setting(rule)
            if rule == "leads_per_area" and leads_most > 1:
                setting |= {"maximum": leads_most}
            if covered and rule not in COVERED_RULES and rule != "rate_floor":
                setting["mode"] = self.rng.choice(("off", "report"))
            elif covered and rule == "rate_floor" and setting:
                setting["mode"] = self.rng.choice(("raise", "report"))
            if setting:
                rules[rule] = setting
        return rules

    def setting(self, rule: str) -> Row:
        """How one rule stands."""
        words = read_card("homecare").rules[rule]
        modes = [*MODES, "soft"]
        setting: Row = {"mode": self.rng.choice(modes)}
        if rule in ("share_limit", "viable_round", "step_in") and setting["mode"] == "hard":
            # Hard and random these rules leave next to no plan.
            setting["mode"] = self.rng.choice(("hard", "soft", "soft"))
        if rule in ("placed_once", "within_capacity", "leads_per_area") and self.chance(0.6):
            setting["mode"] = "hard"
        if rule == "rate_floor":
            setting["mode"] = self.rng.choice((*MODES, "raise", "raise", "flag", "bar"))
        values = {
            "leads_limit": (0, 1, 1, 2),
            "share_limit": (0.3, 0.5, 0.555, 0.8, 1),
            "lead_accepts_share": SHARES,
            "quality_floor": RATINGS[:4],
            "moves_limit": (0, 0, 1, 2, 5),
            "viable_round": (0, 0.5, 4, 10.05, 30),
            "rate_floor": (17, 19.53, 21.11, 24),
            "step_in": SHARES,
        }
        if rule in values:
            setting["value"] = self.rng.choice(values[rule])
        setting["price"] = self.rng.choice(PRICES)
        if "by" in words.options:
            setting["by"] = self.rng.choice(("packages", "hours"))
        if "applies_to" in words.options:
            setting["applies_to"] = self.rng.choice(("new", "all"))
        if rule == "leads_per_area":
            setting["minimum"] = self.rng.choice((0, 1, 1))
        return setting

    def objective(self) -> Row:
        """The default levels, others, or one priced sum."""
        kind = self.rng.choice(("default", "default", "rounds", "shuffled", "mixed", "priced"))
        terms = list(TERMS)
        if kind == "default":
            return {}
        if kind == "rounds":
            terms.remove("rounds")
            terms.insert(self.rng.randint(1, 5), "rounds")
            return {"levels": terms}
        self.rng.shuffle(terms)
        if kind == "shuffled":
            return {"levels": terms[: self.rng.randint(1, 6)], "allow_waiting_to_save": True}
        weights = {term: self.rng.choice((0, 0.001, 0.5, 1, 2, 30.25)) for term in terms}
        if kind == "mixed":
            cut = self.rng.randint(1, 5)
            parts = (terms[:cut], terms[cut:])
            levels = [
                {"name": f"level {n}", "terms": {term: weights[term] or 1 for term in part}}
                for n, part in enumerate(parts, start=1)
            ]
            return {"levels": levels, "allow_waiting_to_save": True}
        return {"priced": weights | {"waiting": 30}, "allow_waiting_to_save": True}
