"""Whose money pays for which week: council, NHS or grant."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from allocate.assume import Assumptions
from allocate.beds.axes import SOURCES, Axes
from allocate.errors import Fault
from allocate.tables import Tables
from allocate.units import THOUSAND, Ints, pence

COUNCIL, NHS = SOURCES.index("council"), SOURCES.index("NHS")
NO_LIMIT = -1
EVERY_WEEK = 1 << 20  # more weeks than any stay has


@dataclass(frozen=True)
class Payers:
    """Payers in the order of ``SOURCES``.

    Parameters
    ----------
    share
        Thousandths of the price in each week, what has ended passed to the council, (P, G, T).
    weeks_of_stay
        Weeks of a person's stay that a source pays for, (P, G).
    budget
        Pence for the winter, ``NO_LIMIT`` where there is none, (P,).
    fnc
        NHS-funded nursing care, pence a week.
    """

    share: Ints
    weeks_of_stay: Ints
    budget: Ints
    fnc: int

    def split(self, amount: int, care: int, week: int, in_stay: int | None = None) -> list[int]:
        """Share a week's price out, in thousandths of it; what others do not pay the council does.

        Parameters
        ----------
        amount
            The price.
        care, week
            Positions.
        in_stay
            Which week of a person's stay it is, from nought; None for a bed that is booked.
        """
        parts = [int(share) * amount for share in self.share[:, care, week]]
        for p in range(len(SOURCES)):
            if p != COUNCIL and in_stay is not None and in_stay >= self.weeks_of_stay[p, care]:
                parts[COUNCIL] += parts[p]
                parts[p] = 0
        return parts


def build_payers(
    tables: Tables, axes: Axes, parameters: Mapping[str, Any], assume: Assumptions
) -> tuple[Payers, list[Fault]]:
    """Read who pays; without a row the council pays all."""
    frame = tables["payers"]
    weeks, faults = len(axes.starts), []
    share = np.zeros((len(SOURCES), len(axes.care), weeks), dtype=np.int64)
    of_stay = np.full((len(SOURCES), len(axes.care)), EVERY_WEEK, dtype=np.int64)
    alone = []
    for g, care in enumerate(axes.care):
        rows = frame[frame["care_type"] == care]
        rows = frame[frame["care_type"] == ""] if rows.empty else rows
        total = 0
        for _, row in rows.iterrows():
            p, part = SOURCES.index(row["source"]), round(row["share"] * THOUSAND)
            ends = weeks if row["ends"] is None else axes.week_of(row["ends"])
            share[p, g, :ends] += part
            share[COUNCIL, g, ends:] += part
            if not np.isnan(row["weeks_of_stay"]):
                of_stay[p, g] = int(row["weeks_of_stay"])
            total += part
        if rows.empty:
            share[COUNCIL, g] = THOUSAND
            alone.append(care)
        elif total != THOUSAND:
            problem = f"the shares of {care} add up to {total / THOUSAND:g}"
            cell = f'share = "{rows["share"].iloc[-1]:g}"'
            faults.append(Fault(f"payers.csv {rows.index[-1]}", cell, problem, "Make them 1"))
    assume.note("payers", "share", alone, 1, "the council pays all of it")
    budget = np.full(len(SOURCES), NO_LIMIT, dtype=np.int64)
    budgets = tables["budgets"]
    budget[[SOURCES.index(s) for s in budgets["source"]]] = pence(budgets["budget_pounds"])
    fnc = int(pence(parameters["fnc_pounds_per_week"]))
    return Payers(share, of_stay, budget, fnc), faults
