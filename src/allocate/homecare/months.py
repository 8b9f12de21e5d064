"""A case carried forward month by month: who comes, who leaves, who grows, who is left alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from allocate.files.canonical import cell
from allocate.homecare.instance import Instance
from allocate.homecare.labels import PLACED
from allocate.homecare.settled import appointed, settled
from allocate.homecare.solution import Solution
from allocate.tables import Tables
from allocate.units import Ints

WEEK_DAYS = 7
NEW_COLUMNS = ("place_id", "hours_per_week", "carers", "visits_per_week", "priority", "needs")


def week_of(month: int) -> int:
    """Return the last week of a month counted from 1: twelve months are 52 weeks."""
    return 52 * month // 12


@dataclass(frozen=True)
class Flow:
    """Who comes and who leaves in a month.

    Parameters
    ----------
    come
        Rows of ``packages`` for people who come, all waiting.
    leave
        Ids of packages that end.
    """

    come: Sequence[Mapping[str, str]]
    leave: Sequence[str]


@dataclass
class Course:
    """A case on its way.

    Parameters
    ----------
    tables
        The case as it is at the start of the month.
    leaving
        Rows of hand-backs that are still to come, with the week in which their notice ends.
    growing
        Carer-minutes a week that each newly appointed lead still has to grow by, in all, (K,).
    ramp
        Weeks over which it does, (K,).
    rest
        Weeks for which somebody who was moved is left alone.
    moved
        Week in which each package was last moved.
    always
        Packages that are locked whatever happens.
    """

    tables: Tables
    leaving: Sequence[tuple[int, Mapping[str, str]]]
    growing: Ints
    ramp: Ints
    rest: int
    moved: dict[str, int] = field(default_factory=dict)
    always: frozenset[str] = frozenset()

    def begin(self, month: int, flow: Flow) -> Tables:
        """Return the case of a month: with who came and left, growth so far, notices that end.

        Parameters
        ----------
        month
            Counted from 1.
        flow
            Who comes and who leaves.
        """
        first, last = week_of(month - 1), week_of(month)
        typed = {name: frame.copy() for name, frame in self.tables.typed.items()}
        typed["packages"] = self._packages(typed["packages"], month, flow)
        typed["providers"] = self._providers(typed["providers"], first, last)
        due = [row for week, row in self.leaving if first <= week < last]
        if due:
            frame = _full(self.tables, "handbacks")
            added = pd.DataFrame(due, index=_index(len(due), month), columns=frame.columns)
            typed["handbacks"] = pd.concat([frame, added.fillna("").astype("object")])
        return self.tables.replace(typed)

    def end(self, month: int, tables: Tables, instance: Instance, solution: Solution) -> Ints:
        """Carry a month's plan out; return the packages that were moved by choice.

        Parameters
        ----------
        month
            Counted from 1.
        tables, instance, solution
            The month's case and its plan.
        """
        packages = instance.packages
        placed = packages.status == PLACED
        moved = np.flatnonzero(
            placed & (solution.provider >= 0) & (solution.provider != packages.provider)
        )
        for p in moved.tolist():
            self.moved[packages.ids[p]] = week_of(month)
        self.tables = settled(tables, instance, solution)
        return moved

    def _packages(self, frame: pd.DataFrame, month: int, flow: Flow) -> pd.DataFrame:
        frame = frame.reindex(columns=_columns(self.tables, "packages"), fill_value="")
        frame = frame[~frame["package_id"].isin(list(flow.leave))].copy()
        days = WEEK_DAYS * (week_of(month) - week_of(month - 1))
        waits = frame["status"] == "waiting"
        so_far = pd.to_numeric(frame.loc[waits, "days_waiting"]).fillna(0).astype(int)
        frame.loc[waits, "days_waiting"] = (so_far + days).astype(str)
        recent = {p for p, week in self.moved.items() if week_of(month) - week < self.rest}
        held = frame["package_id"].isin(self.always | recent)
        frame["locked"] = np.where(held, "Yes", "")
        come = pd.DataFrame(list(flow.come), index=_index(len(flow.come), month), dtype="object")
        return pd.concat([frame, come.reindex(columns=frame.columns)]).fillna("").astype("object")

    def _providers(self, frame: pd.DataFrame, first: int, last: int) -> pd.DataFrame:
        """Let each newly appointed lead grow in equal steps."""
        frame = frame.reindex(columns=_columns(self.tables, "providers"), fill_value="")
        ramp = np.maximum(self.ramp, 1)
        now = self.growing * np.minimum(last, ramp) // ramp
        before = self.growing * np.minimum(first, ramp) // ramp
        hours = pd.to_numeric(frame["capacity_hours"]).to_numpy()
        frame["capacity_hours"] = [f"{h:.9f}" for h in hours + (now - before) / 60]
        return frame


def start(tables: Tables, instance: Instance, solution: Solution, rest: int) -> Course:
    """Begin with the case as it is now: leads are appointed today, and nothing has ended yet.

    Packages that are handed back already wait.

    Parameters
    ----------
    tables, instance, solution
        The case, the question's changes made; its arrays; and the plan whose leads are appointed.
    rest
        Weeks for which somebody who was moved is left alone.
    """
    new = appointed(instance, solution)
    growing = np.zeros_like(instance.providers.growth)
    growing[new] = instance.providers.growth[new]
    rows: list[tuple[int, Mapping[str, str]]] = []
    for row in _full(tables, "handbacks").to_dict("records"):
        if row["kind"] != "lead role":  # the plan's leads take over today
            weeks = int(float(row["notice_weeks"] or 0))
            rows.append((weeks, {str(key): str(value) for key, value in row.items()}))
    now = settled(_without_handbacks(tables), *_as_it_is(tables, instance, solution))
    now = _closing(now, [row for _, row in rows])
    locked = tables["packages"]["locked"].eq(True)
    always = frozenset(tables["packages"].loc[locked, "package_id"])
    return Course(now, rows, growing, instance.providers.ramp, rest, always=always)


def _closing(tables: Tables, rows: Sequence[Mapping[str, str]]) -> Tables:
    """Whoever is about to hand work back takes no new work there until then."""
    reach = tables.typed["reach"]
    area = dict(
        zip(tables["place_areas"]["place_id"], tables["place_areas"]["area_id"], strict=True)
    )
    for row in rows:
        here = reach["place_id"].map(area).eq(row["area_id"]) | (not row["area_id"])
        reach = reach[~((reach["provider_id"] == row["provider_id"]) & here)]
    return tables.replace({**tables.typed, "reach": reach})


def _as_it_is(tables: Tables, instance: Instance, solution: Solution) -> tuple[Instance, Solution]:
    """Return the arrays without hand-backs, and the plan that leaves everybody where they are."""
    packages = instance.packages
    providers = instance.providers
    status = tables["packages"]["status"]
    placed = status.isin(["placed", ""]).to_numpy() & (packages.provider >= 0)
    stated = replace(providers, capacity=providers.stated_capacity, growth=providers.growth * 0)
    calm = replace(
        instance,
        packages=replace(packages, status=np.where(placed, PLACED, packages.status)),
        providers=replace(stated, suspended=_suspended(tables)),
        closed=np.zeros_like(instance.closed),
    )
    return calm, Solution(np.where(placed, packages.provider, -1), solution.leads)


def _suspended(tables: Tables) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    return tables["providers"]["suspended"].eq(True).to_numpy(dtype=bool)


def _without_handbacks(tables: Tables) -> Tables:
    typed = dict(tables.typed)
    typed["handbacks"] = typed["handbacks"].iloc[:0]
    return tables.replace(typed)


class Drawn:
    """Draws who comes and who leaves, alike to those who are there and to what is expected.

    Parameters
    ----------
    tables, instance
        The case.
    seed
        Of the draws.
    turnover
        Share of all hours that end in a year where ``ends`` says nothing; as many come anew where
        ``starts`` says nothing.
    """

    def __init__(self, tables: Tables, instance: Instance, seed: int, turnover: float) -> None:
        self.rng = np.random.default_rng(seed)
        self.turnover = turnover
        self.frame = _full(tables, "packages")
        self.minutes = instance.packages.minutes
        self.area = np.array(instance.areas.ids, dtype=object)[instance.packages.area]
        self.expected = {name: tables[name] for name in ("starts", "ends")}
        self.areas = instance.areas.ids
        self.number = 0

    def flow(self, month: int, placed: Mapping[str, int]) -> Flow:
        """Draw a month.

        Parameters
        ----------
        month
            Counted from 1.
        placed
            Packages that may end: position in the first case, or -1 for one drawn since.
        """
        come: list[Mapping[str, str]] = []
        leave: list[str] = []
        there = {p: at for p, at in placed.items() if at >= 0}
        by_area = {a: [p for p, at in there.items() if self.area[at] == a] for a in self.areas}
        for area in self.areas:
            here = np.flatnonzero(self.area == area)
            starts, ends = self._wanted("starts", area, month), self._wanted("ends", area, month)
            while starts > 0 and len(here):
                at = int(self.rng.choice(here))
                come.append(self._like(at))
                starts -= int(self.minutes[at])
            mine = list(self.rng.permutation(np.array(by_area[area], dtype=object)))
            while ends > 0 and mine:
                gone = str(mine.pop())
                leave.append(gone)
                ends -= int(self.minutes[there[gone]])
        return Flow(come, leave)

    def _wanted(self, name: str, area: str, month: int) -> int:
        """Carer-minutes a week that start or end in a month."""
        frame = self.expected[name]
        if len(frame) == 0:
            stock = int(self.minutes[self.area == area].sum())
            return round(stock * self.turnover / 12)
        weeks = frame["week"].between(week_of(month - 1) + 1, week_of(month))
        return round(float(frame.loc[weeks & (frame["area_id"] == area), "hours"].sum()) * 60)

    def _like(self, at: int) -> Mapping[str, str]:
        """Return a new package like one that is there."""
        self.number += 1
        row = {name: str(self.frame.iloc[at][name]) for name in NEW_COLUMNS}
        return row | {
            "package_id": f"N{self.number:05}",
            "status": "waiting",
            "days_waiting": cell(int(self.rng.integers(0, 28))),
        }


def _columns(tables: Tables, table: str) -> list[str]:
    return list(tables.card.tables[table].names)


def _full(tables: Tables, table: str) -> pd.DataFrame:
    columns = _columns(tables, table)
    return tables.typed[table].reindex(columns=columns, fill_value="").astype("object")


def _index(size: int, month: int) -> list[str]:
    return [f"(month {month}, row {n})" for n in range(1, size + 1)]
