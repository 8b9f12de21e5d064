"""How long people stay, and where they go then."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from allocate.assume import Assumptions
from allocate.beds.axes import Axes
from allocate.errors import Fault
from allocate.tables import Tables
from allocate.units import THOUSAND, Ints


@dataclass(frozen=True)
class Stays:
    """Stays by care type.

    Parameters
    ----------
    there
        Thousandths of those admitted who are in the bed so many weeks later, (G, W).
    for_good
        Thousandths of those whose stay ends who go to live in a care home, (G,).
    """

    there: Ints
    for_good: Ints

    @property
    def weeks(self) -> int:
        """Weeks that the longest stay may have, W."""
        return int(self.there.shape[1])

    def mean(self, care: int) -> Fraction:
        """Mean stay in weeks."""
        return Fraction(int(self.there[care].sum()), THOUSAND)

    def left(self, care: int, week: int) -> Fraction:
        """Share of those found in beds one day who are there so many weeks later.

        Where people come evenly, those found are spread over their stays as the stays are.
        """
        total = int(self.there[care].sum())
        return Fraction(int(self.there[care, week:].sum()), total)


def build_stays(tables: Tables, axes: Axes, assume: Assumptions) -> tuple[Stays, list[Fault]]:
    """Read stays and exits, and find stays that grow, leave a gap or do not begin whole."""
    frame = tables["stays"].sort_values(["care_type", "weeks_since_admission"])
    faults: list[Fault] = []
    last = int(frame["weeks_since_admission"].max())
    there = np.zeros((len(axes.care), last + 1), dtype=np.int64)
    for g, care in enumerate(axes.care):
        rows = frame[frame["care_type"] == care]
        before, expected = THOUSAND, 0
        for line, row in rows.iterrows():
            week, share = (
                int(row["weeks_since_admission"]),
                round(row["share_still_there"] * THOUSAND),
            )
            place = f"stays.csv {line}"
            if week != expected:
                cell = f'weeks_since_admission = "{week}"'
                problem = f"week {expected} of {care} is missing before it"
                faults.append(Fault(place, cell, problem, "Add the week"))
            if share > before:
                cell = f'share_still_there = "{row["share_still_there"]:g}"'
                problem = f"more of {care} are there than the week before: a stay cannot grow"
                faults.append(Fault(place, cell, problem, "Correct the share"))
            if week == 0 and share < THOUSAND:
                cell = f'share_still_there = "{row["share_still_there"]:g}"'
                problem = f"in the week of admission all of {care} are there"
                faults.append(Fault(place, cell, problem, "Write 1"))
            there[g, week] = share
            before, expected = share, week + 1
    good, wrong = _exits(tables, axes, assume)
    return Stays(there, good), faults + wrong


def _exits(tables: Tables, axes: Axes, assume: Assumptions) -> tuple[Ints, list[Fault]]:
    frame = tables["exits"]
    good = np.zeros(len(axes.care), dtype=np.int64)
    faults, without = [], []
    for g, care in enumerate(axes.care):
        rows = frame[frame["care_type"] == care]
        shares = np.rint(rows["share"].to_numpy(dtype=float) * THOUSAND).astype(np.int64)
        good[g] = int(shares[(rows["exit"] == "care home").to_numpy()].sum())
        if rows.empty:
            without.append(care)
        elif shares.sum() != THOUSAND:
            problem = f"the shares of {care} add up to {shares.sum() / THOUSAND:g}"
            place = f"exits.csv {rows.index[-1]}"
            faults.append(Fault(place, f'care_type = "{care}"', problem, "Make them 1"))
    assume.note("exits", "share", without, 0, "nobody stays in a care home for good")
    return good, faults
